package incidents

import (
	"testing"

	"pgregory.net/rapid"
)

func TestFill(t *testing.T) {
	words := map[string]string{"title": "checkout [is] {down}", "channel": "", "next": "14:20"}
	for text, want := range map[string]string{
		"It is over[: {channel}]":                 "It is over",
		"{title}[, more by {next}]":               "checkout [is] {down}, more by 14:20",
		"[{channel} and {next}]x":                 "x",
		"[INC] {title}":                           "[INC] checkout [is] {down}",
		"one\n[{channel}]\n\nthree":               "one\n\nthree",
		"see [the page](https://example.org) now": "see [the page](https://example.org) now",
		"a { b } c {":                             "a  c {",
	} {
		if got := Fill(text, words); got != want {
			t.Errorf("%q gives %q, want %q", text, got, want)
		}
	}
}

// What is filled in is never read as a part of the text.
func TestFillLeavesValuesAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.StringMatching(`[a-z\[\]{}: ]{1,20}x`).Draw(t, "value")
		if got := Fill("a[ {title}] b {other}", map[string]string{"title": value, "other": value}); got != "a "+value+" b "+value {
			t.Fatalf("%q", got)
		}
	})
}
