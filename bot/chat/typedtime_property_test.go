package chat

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// typedForms write an instant in every form with a date that people may type.
var typedForms = map[string]func(local time.Time) string{
	"iso":          func(l time.Time) string { return l.Format("2006-01-02 15:04") },
	"iso joined":   func(l time.Time) string { return l.Format("2006-01-02T15:04") },
	"slashes":      func(l time.Time) string { return l.Format("02/01/2006 15:04") },
	"dots":         func(l time.Time) string { return l.Format("2.1.2006 15:04") },
	"comma":        func(l time.Time) string { return l.Format("02/01/2006, 15:04") },
	"at":           func(l time.Time) string { return l.Format("02/01/2006 at 15:04") },
	"half day":     func(l time.Time) string { return l.Format("02/01/2006 3:04 pm") },
	"bullet":       func(l time.Time) string { return l.Format("- 02/01/2006 15:04") },
	"rfc 3339":     func(l time.Time) string { return l.Format(time.RFC3339) },
	"utc":          func(l time.Time) string { return l.UTC().Format("2006-01-02 15:04 UTC") },
	"offset":       func(l time.Time) string { return l.Format("2006-01-02 15:04 -07:00") },
	"named offset": func(l time.Time) string { return l.Format("2006-01-02 15:04 UTC-07:00") },
	"named zone":   func(l time.Time) string { return l.Format("02/01/2006 15:04 ") + l.Location().String() },
	"dots at":      func(l time.Time) string { return l.Format("2.1.2006 15.04") },
	"hour mark":    func(l time.Time) string { return l.Format("02/01/2006 15:04h") },
	"french":       func(l time.Time) string { return l.Format("02/01/2006 15h04") },
	"brackets":     func(l time.Time) string { return l.Format("[2006-01-02 15:04]") },
	"round":        func(l time.Time) string { return l.Format("(02/01/2006 15:04)") },
	"emphasis":     func(l time.Time) string { return l.Format("**2006-01-02 15:04**") },
	"colon in it":  func(l time.Time) string { return l.Format("- **2006-01-02 15:04:**") },
	"code":         func(l time.Time) string { return l.Format("`02/01/2006 15:04`") },
	"month":        func(l time.Time) string { return l.Format("2 Jan 2006 15:04") },
	"month first":  func(l time.Time) string { return l.Format("January 2, 2006 at 3:04pm") },
	"weekday":      func(l time.Time) string { return l.Format("Mon, 02 Jan 2006 15:04") },
	"roughly":      func(l time.Time) string { return l.Format("~02/01/2006 15:04") },
	"time first":   func(l time.Time) string { return l.Format("15:04 on 02/01/2006") },
	"full width":   func(l time.Time) string { return widened(l.Format("02/01/2006 15:04")) },
}

// widened writes ASCII in the full-width forms of East Asian keyboards.
func widened(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' {
			return '\u3000'
		}
		return r + 0xFEE0
	}, s)
}

var propertyZones = []string{
	"UTC", "Europe/Berlin", "Asia/Kolkata", "America/St_Johns", "Australia/Lord_Howe",
	"America/New_York", "Pacific/Apia", "Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Chatham", "America/Sao_Paulo",
}

func drawMinute(rt *rapid.T) time.Time {
	from := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Unix() / 60
	to := time.Date(2037, 12, 31, 0, 0, 0, 0, time.UTC).Unix() / 60
	return time.Unix(rapid.Int64Range(from, to).Draw(rt, "minute")*60, 0)
}

func TestEveryFormReadsBack(t *testing.T) {
	for name, form := range typedForms {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				loc := testZone(t, rapid.SampledFrom(propertyZones).Draw(rt, "zone"))
				at := drawMinute(rt)
				typed := form(at.In(loc))
				got, rest, found, err := ReadTime(typed+" - the disk", TimeContext{Now: drawMinute(rt), Zone: loc})
				if err != nil || !found || rest != "the disk" {
					rt.Fatalf("%q: found %v, rest %q, error %v", typed, found, rest, err)
				}
				for _, candidate := range append(got.Choices, got.At) {
					if candidate.Equal(at) {
						return
					}
				}
				rt.Fatalf("%q in %s was %v, read as %v or %v", typed, loc, at.UTC(), got.At, got.Choices)
			})
		})
	}
}

// What has no date is read as the last such moment.
var recentForms = map[string]struct {
	form func(local time.Time) string
	days int // how far back it can be meant
}{
	"today":     {func(l time.Time) string { return l.Format("today 15:04") }, 0},
	"clock":     {func(l time.Time) string { return l.Format("15:04") }, 0},
	"at":        {func(l time.Time) string { return l.Format("at 15.04") }, 0},
	"half day":  {func(l time.Time) string { return l.Format("3:04pm") }, 0},
	"hour mark": {func(l time.Time) string { return l.Format("15h04") }, 0},
	"brackets":  {func(l time.Time) string { return l.Format("[15:04]") }, 0},
	"weekday":   {func(l time.Time) string { return l.Format("Monday 15:04") }, 6},
	"no year":   {func(l time.Time) string { return l.Format("2 Jan 15:04") }, 300},
	"yesterday": {func(l time.Time) string { return l.Format("yesterday at 15:04") }, 1},
}

func TestEveryFormWithoutADateReadsBack(t *testing.T) {
	for name, c := range recentForms {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				loc := testZone(t, rapid.SampledFrom(propertyZones).Draw(rt, "zone"))
				now := drawMinute(rt).In(loc)
				back := c.days
				if back > 0 && name != "yesterday" {
					back = rapid.IntRange(0, back).Draw(rt, "days back")
				}
				minute := rapid.IntRange(0, 22*60).Draw(rt, "minute of the day")
				at := time.Date(now.Year(), now.Month(), now.Day()-back, 0, minute, 0, 0, loc)
				if at.Hour() == 23 { // of the day before: where the clocks are set forward at midnight, that day has no such minute
					at = at.Add(time.Hour)
				}
				if at.After(now) {
					at = now
				}
				typed := c.form(at)
				got, rest, found, err := ReadTime(typed+" - the disk", TimeContext{Now: now, Zone: loc})
				if err != nil || !found || rest != "the disk" {
					rt.Fatalf("%q: found %v, rest %q, error %v", typed, found, rest, err)
				}
				for _, candidate := range append(got.Choices, got.At) {
					if candidate.Equal(at) {
						return
					}
				}
				rt.Fatalf("%q in %s at %s was %v, read as %v or %v", typed, loc, now, at.UTC(), got.At, got.Choices)
			})
		})
	}
}

// A distance is read back, whatever the zone.
func TestEveryDistanceReadsBack(t *testing.T) {
	for name, form := range map[string]func(d time.Duration) string{
		"short": func(d time.Duration) string { return fmt.Sprintf("-%dm", int(d.Minutes())) },
		"word":  func(d time.Duration) string { return fmt.Sprintf("-%d min", int(d.Minutes())) },
		"hours": func(d time.Duration) string { return fmt.Sprintf("-%dh%dm", int(d.Hours()), int(d.Minutes())%60) },
		"clock": func(d time.Duration) string { return fmt.Sprintf("-%dh%02d", int(d.Hours()), int(d.Minutes())%60) },
		"ago":   func(d time.Duration) string { return fmt.Sprintf("%d minutes ago", int(d.Minutes())) },
		"m ago": func(d time.Duration) string { return fmt.Sprintf("%dm ago", int(d.Minutes())) },
		"and ago": func(d time.Duration) string {
			return fmt.Sprintf("%d hours and %d minutes ago", int(d.Hours()), int(d.Minutes())%60)
		},
	} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				back := time.Duration(rapid.IntRange(0, 5000).Draw(rt, "minutes")) * time.Minute
				now := drawMinute(rt)
				typed := form(back)
				got, rest, found, err := ReadTime(typed+" the disk", TimeContext{Now: now, Zone: time.UTC})
				if err != nil || !found || rest != "the disk" || !got.At.Equal(now.Add(-back)) {
					rt.Fatalf("%q: %v before, found %v, rest %q, error %v", typed, now.Sub(got.At), found, rest, err)
				}
			})
		})
	}
}

// A time that EchoTime writes is read back to the same minute, whatever the
// reader's zone.
func TestEchoReadsBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		loc := testZone(t, rapid.SampledFrom(propertyZones).Draw(rt, "zone"))
		reader := testZone(t, rapid.SampledFrom(propertyZones).Draw(rt, "reader's zone"))
		at := drawMinute(rt)
		echo, _, _ := strings.Cut(EchoTime(at, at.AddDate(-1, 0, 0), loc), " = ")
		got, rest, found, err := ReadTime(echo, TimeContext{Now: at, Zone: reader})
		if err != nil || !found || rest != "" || !got.At.Equal(at) {
			rt.Fatalf("%q: %v, rest %q, error %v", echo, got.At, rest, err)
		}
	})
}

// The end of a range never lies before its begin, and both are inside a day
// of each other when there are no dates.
func TestRangesAreInOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		loc := testZone(t, rapid.SampledFrom(propertyZones).Draw(rt, "zone"))
		clock := func(label string) string {
			n := rapid.IntRange(0, 24*60-1).Draw(rt, label)
			return fmt.Sprintf("%02d:%02d", n/60, n%60)
		}
		mark := rapid.SampledFrom([]string{"-", "–", " to ", " - "}).Draw(rt, "mark")
		typed := clock("from") + mark + clock("to")
		got, _, found, err := ReadTime(typed, TimeContext{Now: drawMinute(rt), Zone: loc})
		if err == nil && (!found || !got.Until.IsZero() && (!got.Until.After(got.At) || got.Until.Sub(got.At) > 25*time.Hour)) {
			rt.Fatalf("%q: %v to %v", typed, got.At, got.Until)
		}
	})
}

func FuzzReadTime(f *testing.F) {
	for _, seed := range []string{
		"14:05 x", "-1h30m x", "20/06/2023 12:32 - text", "12:22–13:00 UTC x", "2026-07-08T01:46:30.25+02:00", "yesterday at 23:50",
		"１４：０５　x", "29/03/2026 02:30", "14:05 america/new_york: x", "\u200f14:05\nx", "10.0.0.1 is down",
		"10 minutes ago x", "3am backup", "[14:05]: x", "**12:22** to **13:00** x", "monday at 9am x", "20th of June 12:32", "14.05 Uhr x", "-1 h 30 x", "\xff14:05\xfe",
	} {
		f.Add(seed, int64(1_780_000_000), uint8(1))
	}
	f.Fuzz(func(t *testing.T, text string, now int64, where uint8) {
		now = now % 4_000_000_000
		loc := testZone(t, propertyZones[int(where)%len(propertyZones)])
		got, rest, found, err := ReadTime(text, TimeContext{Now: time.Unix(now, 0), Zone: loc})
		switch {
		case !found && rest != text:
			t.Errorf("%q: no time was found, but the rest is %q", text, rest)
		case found && err != nil:
			t.Errorf("%q: found, with the error %v", text, err)
		case found && (!strings.HasSuffix(text, rest) && rest != "" || len(rest) >= len(text)):
			t.Errorf("%q: rest %q is not its end", text, rest)
		case found && !got.Until.IsZero() && !got.Until.After(got.At):
			t.Errorf("%q: ends %v, before %v", text, got.Until, got.At)
		case err != nil && (len(err.Error()) > 600 || utf8.ValidString(text) && !utf8.ValidString(err.Error())):
			t.Errorf("%q: bad sentence %q", text, err)
		}
		if _, left, guessed := guessTime(text, TimeContext{Now: time.Unix(now, 0), Zone: loc}); guessed && (found || err != nil || !strings.HasSuffix(text, left)) || !guessed && left != text {
			t.Errorf("%q: guessed %v, rest %q", text, guessed, left)
		}
	})
}
