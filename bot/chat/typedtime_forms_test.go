package chat

import (
	"testing"
	"time"
)

// What people type when nobody told them a form. It is a Wednesday, 18:30 in Berlin.
func TestReadTimeAsPeopleTypeIt(t *testing.T) {
	checkReads(t, "2026-07-08 16:30", "Europe/Berlin", []readCase{
		// so long ago
		{text: "-10 min x", want: "2026-07-08 16:20", rest: "x"},
		{text: "-10 minutes: x", want: "2026-07-08 16:20", rest: "x"},
		{text: "-10 m x", want: "2026-07-08 16:20", rest: "x"},
		{text: "-2 hours x", want: "2026-07-08 14:30", rest: "x"},
		{text: "-1 h 30 m x", want: "2026-07-08 15:00", rest: "x"},
		{text: "-1h30 x", want: "2026-07-08 15:00", rest: "x"},
		{text: "-10m ago x", want: "2026-07-08 16:20", rest: "x"},
		{text: "10 minutes ago", want: "2026-07-08 16:20"},
		{text: "10 minutes ago restarted it", want: "2026-07-08 16:20", rest: "restarted it"},
		{text: "10 minutes ago, restarted it", want: "2026-07-08 16:20", rest: "restarted it"},
		{text: "10m ago x", want: "2026-07-08 16:20", rest: "x"},
		{text: "10min ago x", want: "2026-07-08 16:20", rest: "x"},
		{text: "10 mins ago - x", want: "2026-07-08 16:20", rest: "x"},
		{text: "about 10 minutes ago x", want: "2026-07-08 16:20", rest: "x"},
		{text: "~10m ago x", want: "2026-07-08 16:20", rest: "x"},
		{text: "a minute ago x", want: "2026-07-08 16:29", rest: "x"},
		{text: "an hour ago x", want: "2026-07-08 15:30", rest: "x"},
		{text: "An hour ago: x", want: "2026-07-08 15:30", rest: "x"},
		{text: "half an hour ago x", want: "2026-07-08 16:00", rest: "x"},
		{text: "two hours ago x", want: "2026-07-08 14:30", rest: "x"},
		{text: "1 hour and 20 minutes ago x", want: "2026-07-08 15:10", rest: "x"},
		{text: "1 hour 20 minutes ago x", want: "2026-07-08 15:10", rest: "x"},
		{text: "1h30m ago x", want: "2026-07-08 15:00", rest: "x"},
		{text: "1h30 ago x", want: "2026-07-08 15:00", rest: "x"},
		{text: "90s ago x", want: "2026-07-08 16:28:30", rest: "x"},
		{text: "2 days ago x", want: "2026-07-06 16:30", rest: "x"},
		// halves of the day
		{text: "10 am", want: "2026-07-08 08:00"},
		{text: "3am: the backup", want: "2026-07-08 01:00", rest: "the backup"},
		{text: "3am - backup failed", want: "2026-07-08 01:00", rest: "backup failed"},
		{text: "3am the backup failed", want: "2026-07-08 01:00", rest: "the backup failed"},
		{text: "12pm we noticed", want: "2026-07-08 10:00", rest: "we noticed"},
		{text: "at 3am backup failed", want: "2026-07-08 01:00", rest: "backup failed"},
		{text: "3am UTC backup failed", want: "2026-07-08 03:00", rest: "backup failed"},
		{text: "3pm-4pm slow", want: "2026-07-08 13:00|2026-07-08 14:00", rest: "slow"},
		{text: "3 p.m. - 4 p.m. slow", want: "2026-07-08 13:00|2026-07-08 14:00", rest: "slow"},
		{text: "10pm", want: "2026-07-08 20:00", choices: "2026-07-08 20:00|2026-07-07 20:00"},
		{text: "10:05 pm x", want: "2026-07-08 20:05", rest: "x", choices: "2026-07-08 20:05|2026-07-07 20:05"},
		{text: "yesterday 10pm x", want: "2026-07-07 20:00", rest: "x"},
		// marks around it
		{text: "at 14:05 x", want: "2026-07-08 12:05", rest: "x"},
		{text: "At 14:05: x", want: "2026-07-08 12:05", rest: "x"},
		{text: "@14:05 x", want: "2026-07-08 12:05", rest: "x"},
		{text: "14:05h x", want: "2026-07-08 12:05", rest: "x"},
		{text: "14:05 h x", want: "2026-07-08 12:05", rest: "x"},
		{text: "14h05 x", want: "2026-07-08 12:05", rest: "x"},
		{text: "14H05: x", want: "2026-07-08 12:05", rest: "x"},
		{text: "14:05 Uhr x", want: "2026-07-08 12:05", rest: "x"},
		{text: "14.05 Uhr x", want: "2026-07-08 12:05", rest: "x"},
		{text: "14 Uhr x", want: "2026-07-08 12:00", rest: "x"},
		{text: "[14:05] x", want: "2026-07-08 12:05", rest: "x"},
		{text: "[14:05]: x", want: "2026-07-08 12:05", rest: "x"},
		{text: "[14:05]x", want: "2026-07-08 12:05", rest: "x"},
		{text: "[14:05 UTC] x", want: "2026-07-08 14:05", rest: "x"},
		{text: "(14:05) x", want: "2026-07-08 12:05", rest: "x"},
		{text: "(14:05) - x", want: "2026-07-08 12:05", rest: "x"},
		{text: "[12:22-13:00] x", want: "2026-07-08 10:22|2026-07-08 11:00", rest: "x"},
		{text: "[12:22] - [13:00] x", want: "2026-07-08 10:22|2026-07-08 11:00", rest: "x"},
		{text: "[2026-07-08 01:46] x", want: "2026-07-07 23:46", rest: "x"},
		{text: "`14:05` x", want: "2026-07-08 12:05", rest: "x"},
		{text: "*14:05* x", want: "2026-07-08 12:05", rest: "x"},
		{text: "**14:05** x", want: "2026-07-08 12:05", rest: "x"},
		{text: "**14:05:** x", want: "2026-07-08 12:05", rest: "x"},
		{text: "- **14:05** x", want: "2026-07-08 12:05", rest: "x"},
		{text: "**12:22** to **13:00** x", want: "2026-07-08 10:22|2026-07-08 11:00", rest: "x"},
		{text: "*12:22*-*13:00* x", want: "2026-07-08 10:22|2026-07-08 11:00", rest: "x"},
		{text: "* *14:05* x", want: "2026-07-08 12:05", rest: "x"},
		{text: "~14:05 x", want: "2026-07-08 12:05", rest: "x"},
		{text: "ca. 14:05 x", want: "2026-07-08 12:05", rest: "x"},
		{text: "around 14:05 we noticed", want: "2026-07-08 12:05", rest: "we noticed"},
		{text: "14:05 -", want: "2026-07-08 12:05"},
		{text: "14:05 - - x", want: "2026-07-08 12:05", rest: "- x"},
		{text: "14:05:", want: "2026-07-08 12:05"},
		{text: "14:05 CEST: x", want: "2026-07-08 12:05", rest: "x"},
		// a point between hours and minutes
		{text: "14.05", want: "2026-07-08 12:05"},
		{text: "14.05: x", want: "2026-07-08 12:05", rest: "x"},
		{text: "14.05 - x", want: "2026-07-08 12:05", rest: "x"},
		{text: "14.05 UTC x", want: "2026-07-08 14:05", rest: "x"},
		{text: "14.05 the disk is full", want: "2026-07-08 12:05", rest: "the disk is full"},
		{text: "at 14.05 x", want: "2026-07-08 12:05", rest: "x"},
		{text: "[14.05] x", want: "2026-07-08 12:05", rest: "x"},
		{text: "yesterday 14.05 x", want: "2026-07-07 12:05", rest: "x"},
		// ranges
		{text: "from 12:22 to 13:00 x", want: "2026-07-08 10:22|2026-07-08 11:00", rest: "x"},
		{text: "between 12:22 and 13:00 x", want: "2026-07-08 10:22|2026-07-08 11:00", rest: "x"},
		{text: "12:22 till 13:00 x", want: "2026-07-08 10:22|2026-07-08 11:00", rest: "x"},
		{text: "12:22 – 13:00", want: "2026-07-08 10:22|2026-07-08 11:00"},
		{text: "14:05 UTC - 14:20 UTC: x", want: "2026-07-08 14:05|2026-07-08 14:20", rest: "x"},
		{text: "12:22h-13:00h x", want: "2026-07-08 10:22|2026-07-08 11:00", rest: "x"},
		{text: "20 Jun 2023 23:50 to 21 Jun 2023 16:10 x", want: "2023-06-20 21:50|2023-06-21 14:10", rest: "x"},
		{text: "20.06.2023, 14.05 - 15.10 slow", want: "2023-06-20 12:05|2023-06-20 13:10", rest: "slow"},
		{text: "yesterday 23:50 to today 00:10 x", want: "2026-07-07 21:50|2026-07-07 22:10", rest: "x"},
	})
}

func TestReadTimeWithDaysAsPeopleSayThem(t *testing.T) {
	checkReads(t, "2026-07-08 16:30", "Europe/Berlin", []readCase{
		{text: "yesterday at 23:50 x", want: "2026-07-07 21:50", rest: "x"},
		{text: "yesterday evening 23:50 x", want: "2026-07-07 21:50", rest: "x"},
		{text: "last night 23:50 x", want: "2026-07-07 21:50", rest: "x"},
		{text: "last night at 01:30 x", want: "2026-07-07 23:30", rest: "x"},
		{text: "last night at 11pm x", want: "2026-07-07 21:00", rest: "x"},
		{text: "this morning 9:05 x", want: "2026-07-08 07:05", rest: "x"},
		{text: "today 9:00 x", want: "2026-07-08 07:00", rest: "x"},
		{text: "today at 9am: x", want: "2026-07-08 07:00", rest: "x"},
		{text: "14:05 yesterday x", want: "2026-07-07 12:05", rest: "x"},
		{text: "14:05 yesterday's backup ran", want: "2026-07-08 12:05", rest: "yesterday's backup ran"},
		{text: "14:05 on 20/06/2023: x", want: "2023-06-20 12:05", rest: "x"},
		{text: "14:05, 2023-06-20 - x", want: "2023-06-20 12:05", rest: "x"},
		{text: "14:05 UTC 20 Jun 2023 x", want: "2023-06-20 14:05", rest: "x"},
		{text: "monday 14:00 x", want: "2026-07-06 12:00", rest: "x"},
		{text: "Monday at 14:00, x", want: "2026-07-06 12:00", rest: "x"},
		{text: "on monday 14:00 x", want: "2026-07-06 12:00", rest: "x"},
		{text: "last monday 14:00 x", want: "2026-07-06 12:00", rest: "x"},
		{text: "thu 14:00 x", want: "2026-07-02 12:00", rest: "x"},
		{text: "Thurs. 14:00 x", want: "2026-07-02 12:00", rest: "x"},
		{text: "wednesday 14:00 x", want: "2026-07-08 12:00", rest: "x"},
		{text: "wednesday 19:00 x", want: "2026-07-01 17:00", rest: "x"},
		{text: "last wednesday 14:00 x", want: "2026-07-01 12:00", rest: "x"},
		{text: "sunday 3am backup failed", want: "2026-07-05 01:00", rest: "backup failed"},
		{text: "Tue 20/06/2023 12:32 x", want: "2023-06-20 10:32", rest: "x"},
		{text: "Tuesday, 20 June 2023 12:32 x", want: "2023-06-20 10:32", rest: "x"},
		{text: "June 20 12:32 x", want: "2026-06-20 10:32", rest: "x"},
		{text: "June 20, 12:32 x", want: "2026-06-20 10:32", rest: "x"},
		{text: "June 20th at 12:32 x", want: "2026-06-20 10:32", rest: "x"},
		{text: "20 Jun 12:32 x", want: "2026-06-20 10:32", rest: "x"},
		{text: "20. Jun. 12:32 x", want: "2026-06-20 10:32", rest: "x"},
		{text: "20th of June 12:32 x", want: "2026-06-20 10:32", rest: "x"},
		{text: "Dec 24 12:32 x", want: "2025-12-24 11:32", rest: "x"},
		{text: "29 Feb 12:32 x", want: "2024-02-29 11:32", rest: "x"},
		{text: "20 Jun 2023 12:32 UTC x", want: "2023-06-20 12:32", rest: "x"},
		{text: "June 20, 2023 12:32 x", want: "2023-06-20 10:32", rest: "x"},
		{text: "June 20 2023 at 12:32 pm x", want: "2023-06-20 10:32", rest: "x"},
		{text: "20.06.2023 12:32 x", want: "2023-06-20 10:32", rest: "x"},
		{text: "20.06.2023 12.32 x", want: "2023-06-20 10:32", rest: "x"},
		{text: "2026-07-08T01:46Z", want: "2026-07-08 01:46"},
		{text: "2026-07-08 at 01:46 x", want: "2026-07-07 23:46", rest: "x"},
	})
	checkReads(t, "2026-07-07 22:40", "Europe/Berlin", []readCase{ // 00:40 on the 8th
		{text: "last night 23:50 x", want: "2026-07-07 21:50", rest: "x"},
		{text: "last night 00:10 x", want: "2026-07-07 22:10", rest: "x"},
		{text: "yesterday 23:50 x", want: "2026-07-07 21:50", rest: "x"},
		{text: "tuesday 23:50 x", want: "2026-07-07 21:50", rest: "x"},
	})
}

// The same words mean another instant in each zone, and on each side of a change of
// the clocks.
func TestReadTimeInManyZones(t *testing.T) {
	checkReads(t, "2026-11-02 03:30", "America/New_York", []readCase{ // Sunday 22:30, the day after the clocks went back
		{text: "22:05h x", want: "2026-11-02 03:05", rest: "x"},
		{text: "10pm we saw it", want: "2026-11-02 03:00", rest: "we saw it"},
		{text: "saturday 22:05 x", want: "2026-11-01 02:05", rest: "x"},
		{text: "Oct 31 22:05 x", want: "2026-11-01 02:05", rest: "x"},
		{text: "today 01:30 x", want: "2026-11-01 05:30", rest: "x", choices: "2026-11-01 05:30|2026-11-01 06:30"},
		{text: "01:30 EST x", want: "2026-11-01 06:30", rest: "x"},
		{text: "last night 23:50 x", want: "2026-11-01 03:50", rest: "x"},
		{text: "an hour ago x", want: "2026-11-02 02:30", rest: "x"},
	})
	checkReads(t, "2026-07-08 22:30", "Asia/Kolkata", []readCase{ // Thursday 04:00
		{text: "3am: x", want: "2026-07-08 21:30", rest: "x"},
		{text: "[03:15] x", want: "2026-07-08 21:45", rest: "x"},
		{text: "last night 23:50 x", want: "2026-07-08 18:20", rest: "x"},
		{text: "wednesday 23:50 x", want: "2026-07-08 18:20", rest: "x"},
		{text: "8 Jul 23:50 x", want: "2026-07-08 18:20", rest: "x"},
		{text: "9 July 00:10 x", want: "2026-07-08 18:40", rest: "x"},
	})
	checkReads(t, "2026-04-04 16:00", "Australia/Lord_Howe", []readCase{ // Sunday 02:30, the clocks went back half an hour
		{text: "at 01:15 x", want: "2026-04-04 14:15", rest: "x"},
		{text: "01h45 x", want: "2026-04-04 14:45", rest: "x", choices: "2026-04-04 14:45|2026-04-04 15:15"},
		{text: "2am - x", want: "2026-04-04 15:30", rest: "x"},
		{text: "01:00-02:00 x", want: "2026-04-04 14:00|2026-04-04 15:30", rest: "x"},
	})
	checkReads(t, "2026-07-08 10:30", "Pacific/Apia", []readCase{ // Wednesday 23:30
		{text: "22:05: x", want: "2026-07-08 09:05", rest: "x"},
		{text: "yesterday at 23:50 x", want: "2026-07-07 10:50", rest: "x"},
		{text: "tue 23:50 x", want: "2026-07-07 10:50", rest: "x"},
		{text: "30 minutes ago x", want: "2026-07-08 10:00", rest: "x"},
		{text: "31 Dec 2011 00:10 x", want: "2011-12-30 10:10", rest: "x"},
	})
}

// A time without a year, in what is recorded of the past, belongs near to the entry
// before.
func TestReadTimeWithoutAYearInThePast(t *testing.T) {
	tc := TimeContext{Now: testInstant(t, "2026-07-08 16:30"), Zone: time.UTC, Day: testInstant(t, "2023-12-30 10:00")}
	for text, want := range map[string]string{
		"29 Dec 12:32 x": "2023-12-29 12:32", "2 Jan 12:32 x": "2024-01-02 12:32", "1 Jul 12:32 x": "2023-07-01 12:32",
	} {
		if got, _, found, err := ReadTime(text, tc); !found || err != nil || !got.At.Equal(testInstant(t, want)) {
			t.Errorf("%s: %v, found %v, error %v; want %s", text, got.At, found, err, want)
		}
	}
}

// What may be a time and may be text is left to be asked about.
func TestGuessTime(t *testing.T) {
	tc := TimeContext{Now: testInstant(t, "2026-07-08 20:30"), Zone: testZone(t, "Europe/Berlin")}
	for _, c := range []readCase{
		{text: "14.05 percent of requests fail", want: "2026-07-08 12:05", rest: "percent of requests fail"},
		{text: "14.05 restarted it", want: "2026-07-08 12:05", rest: "restarted it"},
		{text: "3.12 the release", want: "2026-07-08 01:12", rest: "the release"},
		{text: "3am backup job failed", want: "2026-07-08 01:00", rest: "backup job failed"},
		{text: "10pm restarted it", want: "2026-07-08 20:00", rest: "restarted it"},
		{text: "5:30h of outage", want: "2026-07-08 03:30", rest: "of outage"},
		{text: "1h30 of outage", want: "2026-07-07 23:30", rest: "of outage"},
		{text: "~3am backup failed", want: "2026-07-08 01:00", rest: "backup failed"},
	} {
		if got, _, found, err := ReadTime(c.text, tc); found || err != nil {
			t.Errorf("%q was read as %v, error %v; it may be text", c.text, got.At, err)
		}
		if got, rest, found := guessTime(c.text, tc); !found || !got.At.Equal(testInstant(t, c.want)) || rest != c.rest {
			t.Errorf("%q: guessed %v, %q, rest %q; want %s", c.text, found, got.At, rest, c.want)
		}
	}
	for _, text := range []string{
		"", "the disk is full", "99.95 percent", "14.5 percent", "14.055 x", "14:05 x", "3 nodes", "13am x", "1.2.3 was released", "10.0.0.1 is down",
		"24.75 x", "14.05% of it", "10 minutes of it", "5:30 hours of outage", "0pm x", "25:10 x", "may 5 nodes", "10am", "2h x", "h", "[14.05](x)",
	} {
		if got, rest, found := guessTime(text, tc); found || rest != text {
			t.Errorf("%q was guessed to be %v, rest %q", text, got.At, rest)
		}
	}
}

func TestReadTimeTellsWhenTheWordsMayBeText(t *testing.T) {
	tc := TimeContext{Now: testInstant(t, "2026-07-08 20:30"), Zone: time.UTC}
	for text, want := range map[string]bool{
		"10 minutes ago we restarted it": true, "10 minutes ago: we restarted it": false, "10m ago restarted it": false, "-10m we restarted it": false,
		"an hour ago the queue stopped": true,
	} {
		if got, _, found, err := ReadTime(text, tc); !found || err != nil || got.InSentence != want {
			t.Errorf("%q: in the sentence %v, found %v, error %v", text, got.InSentence, found, err)
		}
	}
}

func TestReadTimeLeavesSentencesAlone(t *testing.T) {
	tc := TimeContext{Now: testInstant(t, "2026-07-08 16:30"), Zone: time.UTC}
	for _, text := range []string{
		"10 minutes of outage", "an hour of outage", "half an hour later", "a minute passed", "10 min read", "-10 C outside",
		"may 5 nodes join?", "march 20 we deployed", "sun is up", "mon is down", "monday we deployed", "last night we deployed", "last seen 14:05",
		"this morning we saw", "on 14:05", "on call was paged", "at the office", "at 14 nodes", "about the disk", "around 5 nodes", "~/bin is full",
		"from 14:05 on it was slow", "between two nodes", "[the graph](https://e.org)", "[x] done", "(see above)", "*important* text", "`ls` hangs",
		"[14:05](https://e.org)", "**14:05", "(14:05", "[14:05 x", "*14:05*th", "@ana 14:05", "14 percent", "3 amps", "3 pms", "12h of outage", "5:30 hours",
		"second 14:05", "sat14:05", "june 14:05", "june 20", "20 june", "1 of 12:32", "decent 20 12:32",
	} {
		if got, rest, found, err := ReadTime(text, tc); found || err != nil || rest != text {
			t.Errorf("%q was read as %v, rest %q, error %v; it is no time", text, got.At, rest, err)
		}
	}
}

func TestReadTimeExplainsDays(t *testing.T) {
	tc := TimeContext{Now: testInstant(t, "2026-07-08 16:30"), Zone: time.UTC}
	const form = " Write the day first, like 20/06/2023 12:32, or the year first, like 2023-06-20 12:32."
	for text, want := range map[string]string{
		"31 Jun 12:32 x":       "The calendar has no day 31 Jun." + form,
		"Feb 30, 2026 12:32 x": "The calendar has no day Feb 30, 2026." + form,
		"20.06. 12:32 x":       "The date 20.06. lacks its year. Write the day, the month and four digits of the year, like 08/07/2026 16:30.",
		"20.06 12:32 x":        "The date 20.06 lacks its year. Write the day, the month and four digits of the year, like 08/07/2026 16:30.",
		"[25:10] x":            "There is no 25:10 in a day. Write hours from 00 to 23 and minutes from 00 to 59, like 14:05; if no time is meant, begin with a word.",
		"at 25.10 x":           "There is no 25.10 in a day. Write hours from 00 to 23 and minutes from 00 to 59, like 14:05; if no time is meant, begin with a word.",
		"monday 24:00 x":       "24:00 is not a time of day here. Write 00:00 with the date of the next day, like 21/06/2023 00:00.",
		"99999 days ago x":     "99999 days ago is more than ten years back. Write the date and the time instead, like 08/07/2026 16:30.",
	} {
		if _, rest, found, err := ReadTime(text, tc); found || rest != text || err == nil || err.Error() != want {
			t.Errorf("%q: found %v, rest %q, error %v\nwant %s", text, found, rest, err, want)
		}
	}
}
