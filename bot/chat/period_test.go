package chat

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestReadPeriod(t *testing.T) {
	now := time.Date(2026, 3, 18, 12, 30, 0, 0, time.UTC) // a Wednesday
	for text, want := range map[string]string{
		"":               "2025-03-19 2026-03-19 in the last twelve months",
		"2026":           "2026-01-01 2027-01-01 in 2026",
		"in 2025":        "2025-01-01 2026-01-01 in 2025",
		"2026-02":        "2026-02-01 2026-03-01 in February 2026",
		"February 2026":  "2026-02-01 2026-03-01 in February 2026",
		"feb":            "2026-02-01 2026-03-01 in February 2026",
		"december":       "2025-12-01 2026-01-01 in December 2025",
		"q1 2026":        "2026-01-01 2026-04-01 in the quarter 1 of 2026",
		"2025-Q4":        "2025-10-01 2026-01-01 in the quarter 4 of 2025",
		"q2":             "2026-04-01 2026-07-01 in the quarter 2 of 2026",
		"90d":            "2025-12-19 2026-03-19 in the last 90 days",
		"last 2 weeks":   "2026-03-05 2026-03-19 in the last 2 weeks",
		"6 months":       "2025-09-19 2026-03-19 in the last 6 months",
		"the past 1y":    "2025-03-19 2026-03-19 in the last 1 year",
		"this week":      "2026-03-16 2026-03-23 in the week of 16 March 2026",
		"last week":      "2026-03-09 2026-03-16 in the week of 9 March 2026",
		"this month":     "2026-03-01 2026-04-01 in March 2026",
		"last month":     "2026-02-01 2026-03-01 in February 2026",
		"this quarter":   "2026-01-01 2026-04-01 in the quarter 1 of 2026",
		"last quarter":   "2025-10-01 2026-01-01 in the quarter 4 of 2025",
		"LAST  YEAR":     "2025-01-01 2026-01-01 in 2025",
		"all":            "1970-01-01 2026-03-19 so far",
		"2026-13":        "",
		"0d":             "",
		"yesterday noon": "",
		"q5":             "",
		"2025 q1 2026":   "",
		"everything":     "",
	} {
		p, ok := readPeriod(text, now)
		got := ""
		if ok {
			got = p.from.UTC().Format(time.DateOnly) + " " + p.to.Format(time.DateOnly) + " " + p.name
		}
		if got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

// TestPeriodsEnd: whatever is typed, a period that is read begins before it ends.
func TestPeriodsEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "now"), 0).UTC()
		text := rapid.OneOf(
			rapid.StringMatching(`(last |past |this )?[0-9]{0,4} ?(d|weeks?|month|years?|q[1-4]|quarter)( 20[0-9]{2})?`),
			rapid.StringMatching(`(jan|february|mar|may|september)( 20[0-9]{2})?`), rapid.String(),
		).Draw(t, "text")
		if p, ok := readPeriod(text, now); ok && (!p.from.Before(p.to) || p.name == "") {
			t.Fatalf("%q is read as %+v", text, p)
		}
	})
}
