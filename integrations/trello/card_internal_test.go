package trello

import (
	"strings"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"
)

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"Improve [alerting] for server errors.":            "Improve alerting for server errors.",
		"Read [the docs](https://example.org/a_(b)) first": "Read the docs first",
		"Read [the docs](<https://example.org/a b>)":       "Read the docs",
		`See [it](https://example.org "a title") now`:      "See it now",
		"See <https://example.org/x>":                      "See https://example.org/x",
		"**Never** again":                                  "Never again",
		"Set `items[0]` and `a*b`":                         "Set items[0] and a*b",
		`Keep \[these\] and snake_case_names * 2`:          "Keep [these] and snake_case_names * 2",
		"Two\nlines\t and  spaces ":                        "Two lines and spaces",
		"[outer [inner] words](https://example.org)":       "outer inner words",
		"![a picture](https://example.org/p.png) of it":    "a picture of it",
		"An [open bracket":                                 "An [open bracket",
		"[]()":                                             "",
	} {
		if got := plain(in); got != want {
			t.Errorf("plain(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestPlainIsOneLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.OneOf(rapid.String(), rapid.StringOfN(rapid.SampledFrom([]rune("[]()<>`*\\ \nab")), 0, 40, -1)).Draw(t, "text")
		got := plain(in)
		if strings.ContainsAny(got, "\n\r\t") || got != strings.TrimSpace(got) {
			t.Errorf("plain(%q) = %q", in, got)
		}
	})
}

func TestClip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.String().Draw(t, "text")
		n := rapid.IntRange(1, 50).Draw(t, "n")
		got := clip(in, n)
		if units := len(utf16.Encode([]rune(got))); units > n {
			t.Errorf("clip(%q, %d) has %d units", in, n, units)
		}
		if cut, whole := strings.CutSuffix(got, "…"); got != in && (!whole || !strings.HasPrefix(in, cut)) {
			t.Errorf("clip(%q, %d) = %q", in, n, got)
		}
	})
}

func TestNoLineOfATextIsAMarker(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOf(rapid.SampledFrom([]string{"watchbell:x", " watchbell:x ", "words", "", "\twatchbell:x\r"})).Draw(t, "lines")
		if text := strings.Join(lines, "\n"); marked(unmarked(text), "watchbell:x") {
			t.Errorf("%q has the marker", unmarked(text))
		}
	})
}
