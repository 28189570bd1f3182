package chat

import (
	"errors"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"
)

func testZone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// testInstant reads the short form of an instant in UTC that the tables use.
func testInstant(t testing.TB, text string) time.Time {
	t.Helper()
	if text == "" {
		return time.Time{}
	}
	for _, form := range []string{"2006-01-02 15:04", "2006-01-02 15:04:05.999"} {
		if at, err := time.Parse(form, text); err == nil {
			return at
		}
	}
	t.Fatalf("bad instant %q in the table", text)
	return time.Time{}
}

// readCase is one line of a table. Times are in UTC; a range is "a|b".
type readCase struct {
	text, want, rest string
	choices          string // joined by |
}

func checkReads(t *testing.T, now, zoneName string, cases []readCase) {
	t.Helper()
	tc := TimeContext{Now: testInstant(t, now), Zone: testZone(t, zoneName)}
	for _, c := range cases {
		got, rest, found, err := ReadTime(c.text, tc)
		if err != nil || !found {
			t.Errorf("%q: found %v, error %v; want the time %s", c.text, found, err, c.want)
			continue
		}
		at, until, _ := strings.Cut(c.want, "|")
		if !got.At.Equal(testInstant(t, at)) || !got.Until.Equal(testInstant(t, until)) {
			t.Errorf("%q: got %v to %v, want %s", c.text, got.At, got.Until, c.want)
		}
		if rest != c.rest {
			t.Errorf("%q: rest %q, want %q", c.text, rest, c.rest)
		}
		var choices []string
		for _, choice := range got.Choices {
			choices = append(choices, choice.Format("2006-01-02 15:04"))
		}
		if joined := strings.Join(choices, "|"); joined != c.choices {
			t.Errorf("%q: choices %q, want %q", c.text, joined, c.choices)
		}
		if got.At.Location() != time.UTC || got.Zone == nil {
			t.Errorf("%q: the time is in %v, read in zone %v", c.text, got.At.Location(), got.Zone)
		}
	}
}

func TestReadTimeInSummer(t *testing.T) {
	checkReads(t, "2026-07-08 16:30", "Europe/Berlin", []readCase{
		{text: "14:05", want: "2026-07-08 12:05"},
		{text: "14:05 the disk is full", want: "2026-07-08 12:05", rest: "the disk is full"},
		{text: "9:05 x", want: "2026-07-08 07:05", rest: "x"},
		{text: "00:00 x", want: "2026-07-07 22:00", rest: "x"},
		{text: "  14:05   x", want: "2026-07-08 12:05", rest: "x"},
		{text: "14:05:30 x", want: "2026-07-08 12:05:30", rest: "x"},
		{text: "14:05 UTC", want: "2026-07-08 14:05"},
		{text: "14:05 utc x", want: "2026-07-08 14:05", rest: "x"},
		{text: "14:05 GMT x", want: "2026-07-08 14:05", rest: "x"},
		{text: "14:05Z x", want: "2026-07-08 14:05", rest: "x"},
		{text: "14:05 Z", want: "2026-07-08 14:05"},
		{text: "14:05UTC x", want: "2026-07-08 14:05", rest: "x"},
		{text: "14:05 CEST x", want: "2026-07-08 12:05", rest: "x"},
		{text: "14:05 CET x", want: "2026-07-08 13:05", rest: "x"},
		{text: "14:05 EDT x", want: "2026-07-08 18:05", rest: "x", choices: "2026-07-08 18:05|2026-07-07 18:05"},
		{text: "08:05 EDT x", want: "2026-07-08 12:05", rest: "x"},
		{text: "14:05 IST x", want: "2026-07-08 08:35", rest: "x"},
		{text: "14:05 JST x", want: "2026-07-09 05:05", rest: "x", choices: "2026-07-09 05:05|2026-07-08 05:05"},
		{text: "14:05 Europe/Berlin x", want: "2026-07-08 12:05", rest: "x"},
		{text: "14:05 europe/london: x", want: "2026-07-08 13:05", rest: "x"},
		{text: "14:05 America/Argentina/Buenos_Aires x", want: "2026-07-08 17:05", rest: "x", choices: "2026-07-08 17:05|2026-07-07 17:05"},
		{text: "14:05+02:00 x", want: "2026-07-08 12:05", rest: "x"},
		{text: "14:05+0530 x", want: "2026-07-08 08:35", rest: "x"},
		{text: "14:05+02 x", want: "2026-07-08 12:05", rest: "x"},
		{text: "14:05 +02:00 x", want: "2026-07-08 12:05", rest: "x"},
		{text: "08:05 -03:00 x", want: "2026-07-08 11:05", rest: "x"},
		{text: "14:05 UTC+2 x", want: "2026-07-08 12:05", rest: "x"},
		{text: "08:05 UTC-3 x", want: "2026-07-08 11:05", rest: "x"},
		{text: "08:05 GMT-03:30 x", want: "2026-07-08 11:35", rest: "x"},
		{text: "2:05 pm x", want: "2026-07-08 12:05", rest: "x"},
		{text: "2:05pm x", want: "2026-07-08 12:05", rest: "x"},
		{text: "12:05 AM x", want: "2026-07-07 22:05", rest: "x"},
		{text: "12:05 PM UTC x", want: "2026-07-08 12:05", rest: "x"},
		{text: "14:05 pm x", want: "2026-07-08 12:05", rest: "x"},
		{text: "14:05 am Mittwoch", want: "2026-07-08 12:05", rest: "am Mittwoch"},
		// now and distances
		{text: "now", want: "2026-07-08 16:30"},
		{text: " Now ", want: "2026-07-08 16:30"},
		{text: "now - x", want: "2026-07-08 16:30", rest: "x"},
		{text: "now: x", want: "2026-07-08 16:30", rest: "x"},
		{text: "-10m x", want: "2026-07-08 16:20", rest: "x"},
		{text: "-10min x", want: "2026-07-08 16:20", rest: "x"},
		{text: "-1h30m: x", want: "2026-07-08 15:00", rest: "x"},
		{text: "-2h", want: "2026-07-08 14:30"},
		{text: "-1d x", want: "2026-07-07 16:30", rest: "x"},
		{text: "-1d2h x", want: "2026-07-07 14:30", rest: "x"},
		{text: "-90s x", want: "2026-07-08 16:28:30", rest: "x"},
		{text: "-0m x", want: "2026-07-08 16:30", rest: "x"},
		{text: "–10m x", want: "2026-07-08 16:20", rest: "x"},
		{text: "—10m x", want: "2026-07-08 16:20", rest: "x"},
		{text: "−10m x", want: "2026-07-08 16:20", rest: "x"},
		{text: "-１０ｍ x", want: "2026-07-08 16:20", rest: "x"},
		// days
		{text: "yesterday 23:50 x", want: "2026-07-07 21:50", rest: "x"},
		{text: "Yesterday at 23:50, x", want: "2026-07-07 21:50", rest: "x"},
		{text: "yesterday 23:50 UTC x", want: "2026-07-07 23:50", rest: "x"},
		{text: "today 09:00 x", want: "2026-07-08 07:00", rest: "x"},
		{text: "today 23:00 x", want: "2026-07-08 21:00", rest: "x"},
		{text: "2026-07-08 01:46", want: "2026-07-07 23:46"},
		{text: "2026-07-08 01:46 UTC", want: "2026-07-08 01:46"},
		{text: "2026-07-08 01:46: x", want: "2026-07-07 23:46", rest: "x"},
		{text: "2026-7-8 1:46 x", want: "2026-07-07 23:46", rest: "x"},
		{text: "2026/07/08 01:46 x", want: "2026-07-07 23:46", rest: "x"},
		{text: "2026-07-08T01:46Z", want: "2026-07-08 01:46"},
		{text: "2026-07-08t01:46z x", want: "2026-07-08 01:46", rest: "x"},
		{text: "2026-07-08T01:46 x", want: "2026-07-07 23:46", rest: "x"},
		{text: "2026-07-08T01:46:30.25Z x", want: "2026-07-08 01:46:30.25", rest: "x"},
		{text: "2026-07-08T01:46:30+02:00 x", want: "2026-07-07 23:46:30", rest: "x"},
		{text: "2026-07-08T01:46-03:00 x", want: "2026-07-08 04:46", rest: "x"},
		{text: "20/06/2023 12:32", want: "2023-06-20 10:32"},
		{text: "20/06/2023 12:32 - text", want: "2023-06-20 10:32", rest: "text"},
		{text: "20/06/2023 12:32 UTC - text", want: "2023-06-20 12:32", rest: "text"},
		{text: "- 20/06/2023 12:32 - text", want: "2023-06-20 10:32", rest: "text"},
		{text: "* 2023-06-20 12:32: text", want: "2023-06-20 10:32", rest: "text"},
		{text: "• 12:32 text", want: "2026-07-08 10:32", rest: "text"},
		{text: "20.06.2023 12:32 x", want: "2023-06-20 10:32", rest: "x"},
		{text: "20.6.2023, 12:32 x", want: "2023-06-20 10:32", rest: "x"},
		{text: "6/5/2023 12:32 x", want: "2023-05-06 10:32", rest: "x"},
		{text: "31/12/2025 23:59 x", want: "2025-12-31 22:59", rest: "x"},
		{text: "01/01/2026 00:30 x", want: "2025-12-31 23:30", rest: "x"},
		{text: "29/02/2024 10:00 x", want: "2024-02-29 09:00", rest: "x"},
	})
}

func TestReadTimeRangesAndText(t *testing.T) {
	checkReads(t, "2026-07-08 16:30", "Europe/Berlin", []readCase{
		{text: "12:22-13:00", want: "2026-07-08 10:22|2026-07-08 11:00"},
		{text: "12:22-13:00: slow", want: "2026-07-08 10:22|2026-07-08 11:00", rest: "slow"},
		{text: "12:22 to 13:00 slow", want: "2026-07-08 10:22|2026-07-08 11:00", rest: "slow"},
		{text: "12:22 until 13:00 slow", want: "2026-07-08 10:22|2026-07-08 11:00", rest: "slow"},
		{text: "12:22 - 13:00 slow", want: "2026-07-08 10:22|2026-07-08 11:00", rest: "slow"},
		{text: "12:22–13:00 UTC slow", want: "2026-07-08 12:22|2026-07-08 13:00", rest: "slow"},
		{text: "12:22 UTC-13:00 UTC slow", want: "2026-07-08 12:22|2026-07-08 13:00", rest: "slow"},
		{text: "12:22 UTC to 13:00 slow", want: "2026-07-08 12:22|2026-07-08 13:00", rest: "slow"},
		{text: "12:22 UTC to 15:00 CEST slow", want: "2026-07-08 12:22|2026-07-08 13:00", rest: "slow"},
		{text: "20/06/2023 12:22-13:00 - slow", want: "2023-06-20 10:22|2023-06-20 11:00", rest: "slow"},
		{text: "20/06/2023 23:50-00:10 slow", want: "2023-06-20 21:50|2023-06-20 22:10", rest: "slow"},
		{text: "20/06/2023 23:50 to 21/06/2023 16:10 slow", want: "2023-06-20 21:50|2023-06-21 14:10", rest: "slow"},
		{text: "2026-07-08 01:46-03:00 slow", want: "2026-07-07 23:46|2026-07-08 01:00", rest: "slow"},
		{text: "2:05-3:10 pm slow", want: "2026-07-08 12:05|2026-07-08 13:10", rest: "slow"},
		{text: "12:22-12:22 x", want: "2026-07-08 10:22", rest: "x"},
		{text: "14:05 - 13:00 reports are missing", want: "2026-07-08 12:05", rest: "13:00 reports are missing"},
		// separators and white space
		{text: "14:05 - text", want: "2026-07-08 12:05", rest: "text"},
		{text: "14:05 – text", want: "2026-07-08 12:05", rest: "text"},
		{text: "14:05, text", want: "2026-07-08 12:05", rest: "text"},
		{text: "14:05 -v is needed", want: "2026-07-08 12:05", rest: "-v is needed"},
		{text: "14:05 - - text", want: "2026-07-08 12:05", rest: "- text"},
		{text: "14:05.", want: "2026-07-08 12:05"},
		{text: "14:05 two  spaces\n\nand  lines ", want: "2026-07-08 12:05", rest: "two  spaces\n\nand  lines "},
		{text: "14:05\n\n    code\n", want: "2026-07-08 12:05", rest: "    code\n"},
		{text: "14:05\u00a0x\u00a0y", want: "2026-07-08 12:05", rest: "x\u00a0y"},
		{text: "１４：０５　ディスク　満杯", want: "2026-07-08 12:05", rest: "ディスク　満杯"},
		{text: "\u200f14:05 \u200fالخادم لا يستجيب", want: "2026-07-08 12:05", rest: "\u200fالخادم لا يستجيب"},
		// what looks like a zone and is text
		{text: "14:05 XYZ rest", want: "2026-07-08 12:05", rest: "XYZ rest"},
		{text: "14:05 cest la vie", want: "2026-07-08 12:05", rest: "cest la vie"},
		{text: "14:05 and/or", want: "2026-07-08 12:05", rest: "and/or"},
		{text: "14:05 Europe/Atlantis x", want: "2026-07-08 12:05", rest: "Europe/Atlantis x"},
		{text: "14:05 Z axis stuck", want: "2026-07-08 12:05", rest: "Z axis stuck"},
		{text: "14:05 +20 servers", want: "2026-07-08 12:05", rest: "+20 servers"},
		{text: "14:05 +1000 requests", want: "2026-07-08 12:05", rest: "+1000 requests"},
		{text: "14:05 ESTABLISHED connections", want: "2026-07-08 12:05", rest: "ESTABLISHED connections"},
		{text: "14:05 MST-based x", want: "2026-07-08 12:05", rest: "MST-based x"},
		// ahead of now
		{text: "23:50 x", want: "2026-07-08 21:50", rest: "x", choices: "2026-07-08 21:50|2026-07-07 21:50"},
		{text: "18:30 x", want: "2026-07-08 16:30", rest: "x"},
		{text: "18:31 x", want: "2026-07-08 16:31", rest: "x", choices: "2026-07-08 16:31|2026-07-07 16:31"},
		{text: "09/07/2026 01:00 x", want: "2026-07-08 23:00", rest: "x"},
	})
}

func TestReadTimeInOtherZones(t *testing.T) {
	checkReads(t, "2026-07-08 22:30", "Asia/Kolkata", []readCase{ // 04:00 on the 9th
		{text: "03:15 x", want: "2026-07-08 21:45", rest: "x"},
		{text: "22:10 UTC x", want: "2026-07-08 22:10", rest: "x"},
		{text: "yesterday 23:50 x", want: "2026-07-08 18:20", rest: "x"},
		{text: "03:15 IST x", want: "2026-07-08 21:45", rest: "x"},
	})
	checkReads(t, "2026-07-08 12:00", "America/St_Johns", []readCase{
		{text: "08:05 x", want: "2026-07-08 10:35", rest: "x"},
		{text: "08:05 NDT x", want: "2026-07-08 10:35", rest: "x"},
	})
	checkReads(t, "2026-07-08 12:00", "Australia/Lord_Howe", []readCase{
		{text: "20:05 x", want: "2026-07-08 09:35", rest: "x"},
	})
	checkReads(t, "2026-07-08 12:00", "Europe/Dublin", []readCase{
		{text: "12:05 IST x", want: "2026-07-08 11:05", rest: "x"},
	})
	checkReads(t, "2026-07-08 12:00", "Asia/Jerusalem", []readCase{
		{text: "12:05 IST x", want: "2026-07-08 10:05", rest: "x"},
	})
	checkReads(t, "2026-07-08 12:00", "Asia/Shanghai", []readCase{
		{text: "12:05 CST x", want: "2026-07-08 04:05", rest: "x"},
	})
	checkReads(t, "2026-01-01 00:10", "UTC", []readCase{
		{text: "-30m x", want: "2025-12-31 23:40", rest: "x"},
		{text: "yesterday 23:50 x", want: "2025-12-31 23:50", rest: "x"},
		{text: "23:50 x", want: "2026-01-01 23:50", rest: "x", choices: "2026-01-01 23:50|2025-12-31 23:50"},
		{text: "31/12/2025 23:50-00:05 x", want: "2025-12-31 23:50|2026-01-01 00:05", rest: "x"},
	})
}

func TestReadTimeWhenTheClocksChange(t *testing.T) {
	checkReads(t, "2026-11-30 12:00", "Europe/Berlin", []readCase{
		{text: "29/03/2026 01:59 x", want: "2026-03-29 00:59", rest: "x"},
		{text: "29/03/2026 03:00 x", want: "2026-03-29 01:00", rest: "x"},
		{text: "29/03/2026 02:30 UTC x", want: "2026-03-29 02:30", rest: "x"},
		{text: "29/03/2026 02:30 CET x", want: "2026-03-29 01:30", rest: "x"},
		{text: "25/10/2026 01:59 x", want: "2026-10-24 23:59", rest: "x"},
		{text: "25/10/2026 02:30 x", want: "2026-10-25 00:30", rest: "x", choices: "2026-10-25 00:30|2026-10-25 01:30"},
		{text: "25/10/2026 02:30 CET x", want: "2026-10-25 01:30", rest: "x"},
		{text: "25/10/2026 03:00 x", want: "2026-10-25 02:00", rest: "x"},
		{text: "25/10/2026 01:50-02:10 x", want: "2026-10-24 23:50|2026-10-25 00:10", rest: "x"},
		{text: "10:00 CEST x", want: "2026-11-30 08:00", rest: "x"}, // summer time in November, as written
	})
	checkReads(t, "2026-11-30 12:00", "Australia/Lord_Howe", []readCase{ // half an hour
		{text: "05/04/2026 01:45 x", want: "2026-04-04 14:45", rest: "x", choices: "2026-04-04 14:45|2026-04-04 15:15"},
		{text: "04/10/2026 02:30 x", want: "2026-10-03 15:30", rest: "x"},
	})
	checkReads(t, "2026-11-30 12:00", "America/St_Johns", []readCase{
		{text: "01/11/2026 01:30 x", want: "2026-11-01 04:00", rest: "x", choices: "2026-11-01 04:00|2026-11-01 05:00"},
	})

	for _, c := range []struct{ zone, text, says, choices string }{
		{"Europe/Berlin", "29/03/2026 02:30 x", "The clocks skip 02:30 on 29/03/2026 in Europe/Berlin. Write 01:30 or 03:30, or give the time in UTC.", "2026-03-29 00:30|2026-03-29 01:30"},
		{"Europe/Berlin", "29/03/2026 01:50-02:10", "The clocks skip 02:10 on 29/03/2026 in Europe/Berlin. Write 01:10 or 03:10, or give the time in UTC.", "2026-03-29 00:10|2026-03-29 01:10"},
		{"America/St_Johns", "08/03/2026 02:15 x", "The clocks skip 02:15 on 08/03/2026 in America/St_Johns. Write 01:15 or 03:15, or give the time in UTC.", "2026-03-08 04:45|2026-03-08 05:45"},
		{"Australia/Lord_Howe", "04/10/2026 02:15 x", "The clocks skip 02:15 on 04/10/2026 in Australia/Lord_Howe. Write 01:45 or 02:45, or give the time in UTC.", "2026-10-03 15:15|2026-10-03 15:45"},
		{"Pacific/Apia", "30/12/2011 12:00 x", "The clocks skip 12:00 on 30/12/2011 in Pacific/Apia. Write 29/12/2011 12:00 or 31/12/2011 12:00, or give the time in UTC.", "2011-12-29 22:00|2011-12-30 22:00"},
	} {
		_, rest, found, err := ReadTime(c.text, TimeContext{Now: testInstant(t, "2026-11-30 12:00"), Zone: testZone(t, c.zone)})
		var wrong *TimeError
		if found || rest != c.text || !errors.As(err, &wrong) || err.Error() != c.says {
			t.Errorf("%q in %s: found %v, error %v\nwant %s", c.text, c.zone, found, err, c.says)
			continue
		}
		var choices []string
		for _, choice := range wrong.Choices {
			choices = append(choices, choice.Format("2006-01-02 15:04"))
		}
		if joined := strings.Join(choices, "|"); joined != c.choices {
			t.Errorf("%q in %s: offers %s, want %s", c.text, c.zone, joined, c.choices)
		}
	}
}

func TestReadTimeLeavesOtherTextAlone(t *testing.T) {
	tc := TimeContext{Now: testInstant(t, "2026-07-08 16:30"), Zone: testZone(t, "Europe/Berlin")}
	for _, text := range []string{
		"", " ", "\n", "the disk is full", "5 nodes are down", "12 errors", "10.0.0.1 is down", "10.1.12.1 is down",
		"-v flag", "-10 servers", "-10mm", "- 10m users", "-m", "--", "-", "—", "+10m",
		"14:05:99 x", "14:5 x", "14:055 x", "114:05 x", "14.05 x", "1405 x", "14:05x", "14:05:text", "14:05-ish",
		"14:05/15", "14:05)", "16:9 screens", "2:1 ratio", "5:30h of outage", "12:34:56:78:9a:bc", "10:20::1",
		"2026", "2026-07-08", "2026-07-08 the backup", "20/06/2023", "20/06/2023 we saw", "2026-07", "24/7 support", "1/2 of the nodes",
		"1.2.3 was released", "1.2.2024-rc1 was released", "now we see errors", "nowhere", "nowT", "today", "today we saw", "yesterday", "yesterday we deployed",
		"tomorrow we roll it out", "todays 09:00", "٣:٠٥ x", "<@U1> 14:05", "UTC 14:05", "14 05", "x14:05", "2026-07-08T", "2026-07-08Tx",
		"- the disk", "* 5 nodes", strings.Repeat(" ", 300) + "14:05", strings.Repeat("9", 50000),
	} {
		got, rest, found, err := ReadTime(text, tc)
		if found || err != nil || rest != text {
			t.Errorf("%.40q was read as %v, rest %q, error %v; it is no time", text, got.At, rest, err)
		}
	}
}

func TestReadTimeExplainsWhatIsWrong(t *testing.T) {
	const form = " Write the day first, like 20/06/2023 12:32, or the year first, like 2023-06-20 12:32."
	const hours = " Write hours from 00 to 23 and minutes from 00 to 59, like 14:05; if no time is meant, begin with a word."
	tc := TimeContext{Now: testInstant(t, "2026-07-08 16:30"), Zone: testZone(t, "Europe/Berlin")}
	for text, want := range map[string]string{
		"24:00 x":                              "24:00 is not a time of day here. Write 00:00 with the date of the next day, like 21/06/2023 00:00.",
		"30/06/2026 24:00 x":                   "24:00 is not a time of day here. Write 01/07/2026 00:00, the start of the next day.",
		"25:10 x":                              "There is no 25:10 in a day." + hours,
		"14:75":                                "There is no 14:75 in a day." + hours,
		"24:01 x":                              "There is no 24:01 in a day." + hours,
		"yesterday 25:10":                      "There is no 25:10 in a day." + hours,
		"2026-07-08 14:05:99":                  "There is no 14:05:99 in a day." + hours,
		"12:22-25:00 slow":                     "There is no 25:00 in a day." + hours,
		"31/02/2026 10:00 x":                   "The calendar has no day 31/02/2026." + form,
		"31/02/2026":                           "The calendar has no day 31/02/2026." + form,
		"13/13/2026 10:00":                     "The calendar has no day 13/13/2026." + form,
		"2026-02-30 10:00":                     "The calendar has no day 2026-02-30." + form,
		"2026-13-01T10:00Z":                    "The calendar has no day 2026-13-01." + form,
		"29/02/2026 10:00":                     "The calendar has no day 29/02/2026." + form,
		"00/01/2026 10:00":                     "The calendar has no day 00/01/2026." + form,
		"06/20/2023 12:32 x":                   "06/20/2023 names month 20: dates are read with the day first. Write 20/06/2023.",
		"0206-07-08 01:46":                     "0206-07-08 is before 1970, where times begin here." + form,
		"20/06 12:32 x":                        "The date 20/06 lacks its year. Write the day, the month and four digits of the year, like 08/07/2026 18:30.",
		"20/06/23 12:32 x":                     "The date 20/06/23 lacks its year. Write the day, the month and four digits of the year, like 08/07/2026 18:30.",
		"-99999d x":                            "-99999d is more than ten years back. Write the date and the time instead, like 08/07/2026 18:30.",
		"—999999999h x":                        "-999999999h is more than ten years back. Write the date and the time instead, like 08/07/2026 18:30.",
		"15:00-12:22 slow":                     "The time ends before it begins: 12:22 is earlier than 15:00. Write the earlier time first, or give both of them a date.",
		"20/06/2023 12:22 to 19/06/2023 13:00": "The time ends before it begins: 13:00 is earlier than 12:22. Write the earlier time first, or give both of them a date.",
	} {
		_, rest, found, err := ReadTime(text, tc)
		if found || rest != text || err == nil || err.Error() != want {
			t.Errorf("%q: found %v, rest %q, error %v\nwant %s", text, found, rest, err, want)
		}
	}
}

func TestReadTimeOnAGivenDay(t *testing.T) {
	berlin := testZone(t, "Europe/Berlin")
	tc := TimeContext{Now: testInstant(t, "2026-07-08 16:30"), Zone: berlin, Day: testInstant(t, "2023-06-19 23:30")} // the 20th in Berlin
	for text, want := range map[string]string{
		"12:32 x":            "2023-06-20 10:32",
		"23:59 x":            "2023-06-20 21:59",
		"12:32 UTC x":        "2023-06-20 12:32",
		"21/06/2023 00:10 x": "2023-06-20 22:10",
		"yesterday 10:00 x":  "2026-07-07 08:00",
		"-10m x":             "2026-07-08 16:20",
	} {
		got, _, found, err := ReadTime(text, tc)
		if err != nil || !found || !got.At.Equal(testInstant(t, want)) || len(got.Choices) > 0 {
			t.Errorf("%q: got %v, choices %v, error %v; want %s", text, got.At, got.Choices, err, want)
		}
	}
}

func TestReadTimeTellsWhatWasNamed(t *testing.T) {
	tc := TimeContext{Now: testInstant(t, "2026-07-08 16:30"), Zone: testZone(t, "Europe/Berlin")}
	for _, c := range []struct {
		text             string
		hasDate, hasZone bool
		zone             string
	}{
		{"14:05", false, false, "Europe/Berlin"},
		{"14:05 UTC", false, true, "UTC"},
		{"14:05 CEST", false, true, "CEST"},
		{"14:05+05:30", false, true, "UTC+05:30"},
		{"14:05 Asia/Tokyo", false, true, "Asia/Tokyo"},
		{"12:22-13:00 UTC", false, true, "UTC"},
		{"yesterday 14:05", true, false, "Europe/Berlin"},
		{"08/07/2026 14:05 UTC", true, true, "UTC"},
		{"-10m", true, false, "Europe/Berlin"},
		{"now", true, false, "Europe/Berlin"},
	} {
		got, _, _, err := ReadTime(c.text, tc)
		if err != nil || got.HasDate != c.hasDate || got.HasZone != c.hasZone || got.Zone.String() != c.zone {
			t.Errorf("%q: date %v, zone %v %v, error %v", c.text, got.HasDate, got.HasZone, got.Zone, err)
		}
	}
	if got, _, _, _ := ReadTime("14:05", TimeContext{Now: tc.Now}); got.Zone != time.UTC || got.At.Hour() != 14 {
		t.Errorf("without a zone a time is read in UTC, got %v in %v", got.At, got.Zone)
	}
}

func TestEchoTime(t *testing.T) {
	for _, c := range []struct{ at, ref, zone, want string }{
		{"2026-07-08 12:05", "2026-07-08 16:30", "Europe/Berlin", "12:05 UTC = 14:05 CEST"},
		{"2026-07-08 12:05", "2026-07-08 16:30", "UTC", "12:05 UTC"},
		{"2026-01-08 12:05", "2026-01-08 16:30", "Europe/London", "12:05 UTC"},
		{"2026-07-07 12:05", "2026-07-08 16:30", "Europe/Berlin", "07/07/2026 12:05 UTC = 14:05 CEST"},
		{"2026-07-07 22:30", "2026-07-08 16:30", "Europe/Berlin", "07/07/2026 22:30 UTC = 08/07/2026 00:30 CEST"},
		{"2026-07-07 12:05", "2026-07-08 16:30", "UTC", "07/07/2026 12:05 UTC"},
		{"2026-07-08 12:05", "2026-07-08 16:30", "Asia/Kolkata", "12:05 UTC = 17:35 IST"},
		{"2026-07-08 12:05", "2026-07-08 16:30", "America/Sao_Paulo", "12:05 UTC = 09:05 UTC-03:00"},
		{"2026-07-08 12:05", "2026-07-08 16:30", "America/St_Johns", "12:05 UTC = 09:35 NDT"},
		{"2026-11-08 12:05", "2026-11-08 16:30", "Europe/Berlin", "12:05 UTC = 13:05 CET"},
	} {
		if got := EchoTime(testInstant(t, c.at), testInstant(t, c.ref), testZone(t, c.zone)); got != c.want {
			t.Errorf("%s in %s: %q, want %q", c.at, c.zone, got, c.want)
		}
	}
	if got := EchoTime(testInstant(t, "2026-07-08 12:05"), testInstant(t, "2026-07-08 12:06"), nil); got != "12:05 UTC" {
		t.Errorf("no zone: %q", got)
	}
}
