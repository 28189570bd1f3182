package chat

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// notesIn prints what was read, one line an entry, for comparison.
func notesIn(text string, tc TimeContext) string {
	notes, problems := ReadNotes(text, tc)
	var b strings.Builder
	for _, n := range notes {
		fmt.Fprintf(&b, "%d %s", n.Line, n.At.Format("2006-01-02 15:04"))
		if !n.Until.IsZero() {
			b.WriteString(n.Until.Format("-15:04"))
		}
		fmt.Fprintf(&b, " %q\n", n.Text)
	}
	for _, p := range problems {
		fmt.Fprintf(&b, "%d ?? %s\n", p.Line, p.Why)
	}
	return b.String()
}

func TestNotes(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	tc := TimeContext{
		Now: time.Date(2026, 3, 20, 9, 0, 0, 0, time.UTC), Zone: berlin, Day: time.Date(2026, 3, 17, 9, 0, 0, 0, time.UTC),
	}
	for name, c := range map[string]struct{ text, want string }{
		"as people write": {
			"\uFEFF# Notes of the night\r\n14:05 restarted the queue\r\n- 14:10: errors fall\n* [14:12] *all* well\n**14:15** users confirm\n| 14:20 | closed the line |\n",
			`2 2026-03-17 13:05 "restarted the queue"
3 2026-03-17 13:10 "errors fall"
4 2026-03-17 13:12 "*all* well"
5 2026-03-17 13:15 "users confirm"
6 2026-03-17 13:20 "closed the line"
`},
		"zones and ranges": {
			"13:05 UTC restarted\n14:10-14:30 nobody could pay\n2026-03-16 23:50 UTC the release\n23:55 more\n",
			`1 2026-03-17 13:05 "restarted"
2 2026-03-17 13:10-13:30 "nobody could pay"
3 2026-03-16 23:50 "the release"
4 2026-03-17 22:55 "more"
`},
		"past midnight": {
			"23:50 first alarm\n00:10 second alarm\n00:05 out of order\n12:30 over\n",
			`1 2026-03-17 22:50 "first alarm"
2 2026-03-17 23:10 "second alarm"
3 2026-03-17 23:05 "out of order"
4 2026-03-18 11:30 "over"
`},
		"days as headings": {
			"## 2026-03-15\n09:00 alarm\n15/03/2026:\n10:00 quiet\n2026-03-14\n08:00 the release\n",
			`2 2026-03-15 08:00 "alarm"
4 2026-03-15 09:00 "quiet"
6 2026-03-14 07:00 "the release"
`},
		"continued": {
			"14:05 restarted\n  twice\n\n  lonely\n",
			"1 2026-03-17 13:05 \"restarted\\ntwice\"\n4 ?? It begins with no time. Write one before it, such as 14:05; indent a line that belongs to the one above.\n"},
		"not to be read": {
			"25:10 what\nsomebody called\n14:05\n25/10/2026 02:30 twice\n",
			`1 ?? There is no 25:10 in a day. Write hours from 00 to 23 and minutes from 00 to 59, like 14:05; if no time is meant, begin with a word.
2 ?? It begins with no time. Write one before it, such as 14:05; indent a line that belongs to the one above.
3 ?? There is a time and no text. Write what happened behind it.
4 ?? The clocks showed that time twice. Write 2026-10-25 00:30 UTC or 2026-10-25 01:30 UTC instead.
`},
		"empty": {"\n \n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := notesIn(c.text, tc); got != c.want {
				t.Errorf("read as\n%s\nwanted\n%s", got, c.want)
			}
		})
	}
}

func FuzzNotes(f *testing.F) {
	f.Add("14:05 restarted\n- [14:10] errors fall\n| 15:00 | x |\n2026-03-15\n")
	tc := TimeContext{Now: time.Date(2026, 3, 20, 9, 0, 0, 0, time.UTC)}
	f.Fuzz(func(t *testing.T, text string) {
		notes, problems := ReadNotes(text, tc)
		lines := strings.Count(text, "\n") + 1
		if len(notes)+len(problems) > lines {
			t.Errorf("%d notes and %d problems in %d lines", len(notes), len(problems), lines)
		}
		for _, n := range notes {
			if n.Text == "" || n.At.IsZero() {
				t.Errorf("an empty note: %+v", n)
			}
		}
	})
}
