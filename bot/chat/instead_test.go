package chat

import "testing"

func TestInsteadOf(t *testing.T) {
	for text, want := range map[string][2]string{
		`“all shops” → “all shops but one”`:                {"all shops", "all shops but one"},
		`"all shops" -> "some"`:                            {"all shops", "some"},
		`"all shops" should read "some".`:                  {"all shops", "some"},
		`Instead of “30 minutes”, please write “an hour”!`: {"30 minutes", "an hour"},
		`instead of "30 minutes": "an hour"`:               {"30 minutes", "an hour"},
		`Better: “an hour” instead of “30 minutes”`:        {"30 minutes", "an hour"},
		`"an hour" instead of "30 minutes"`:                {"30 minutes", "an hour"},
		"> All shops.\nAll shops but one.":                 {"All shops.", "All shops but one."},
		"> All shops.\n> For long.\n\nOne.\nTwo.":          {"All shops.\nFor long.", "One.\nTwo."},
		"> only a quotation":                               {},
		"It took 20 minutes instead of 30.":                {},
		"see -> there":                                     {},
		`"a" -> b`:                                         {},
		"":                                                 {},
		"an answer\n> with a quotation":                    {},
	} {
		if old, now := insteadOf(text); old != want[0] || now != want[1] {
			t.Errorf("%q: %q by %q, want %q", text, old, now, want)
		}
	}
}
