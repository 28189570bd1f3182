package chat

import (
	"testing"
	"time"
)

func TestCutDue(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC) // a Monday
	for text, want := range map[string][2]string{
		"rotate the keys by friday":             {"rotate the keys", "2026-11-27"},
		"rotate the keys by hand by friday":     {"rotate the keys by hand", "2026-11-27"},
		"rotate by 1 December":                  {"rotate", "2026-12-01"},
		"rotate by 1 dec.":                      {"rotate", "2026-12-01"},
		"rotate by Dec 1st, 2027":               {"rotate", "2027-12-01"},
		"rotate by 3rd January":                 {"rotate", "2027-01-03"},
		"rotate by 20 Nov":                      {"rotate", "2026-11-20"}, // over, which is refused elsewhere
		"rotate by 29 feb":                      {"rotate", "2028-02-29"},
		"rotate by 2026-12-01":                  {"rotate", "2026-12-01"},
		"rotate by 31 Feb":                      {"rotate by 31 Feb", "refused"},
		"rotate by 2026-02-31":                  {"rotate by 2026-02-31", "refused"},
		"rotate by 29 Feb 2027":                 {"rotate by 29 Feb 2027", "refused"},
		"rotate the keys by hand":               {"rotate the keys by hand", ""},
		"make it faster by 20 %":                {"make it faster by 20 %", ""},
		"make it faster by 2 may be much":       {"make it faster by 2 may be much", ""},
		"stand by":                              {"stand by", ""},
		"step by step":                          {"step by step", ""},
		"by friday":                             {"by friday", ""},
		"have it read by the people of March 1": {"have it read by the people of March 1", ""},
	} {
		due, rest, err := cutDue(text, now)
		got := ""
		if err != nil {
			got = "refused"
		} else if !due.IsZero() {
			got = due.Format(time.DateOnly)
		}
		if rest != want[0] || got != want[1] {
			t.Errorf("%q is %q, due %q (%v), want %q", text, rest, got, err, want)
		}
	}
}
