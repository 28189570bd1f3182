package postmortem_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"watchbell/incidents/postmortem"
)

// TestJoinData: what either branch did is there, in an order that depends on nothing else; the same lines are for people.
func TestJoinData(t *testing.T) {
	const one, two, three = "- number: 1\n", "- number: 2\n", "- number: 3\n"
	for name, c := range map[string]struct{ base, ours, theirs, want string }{
		"both at the end":                  {one, one + two, one + three, one + three + two},
		"both from nothing":                {"", two, three, three + two},
		"from an empty list":               {"# x\n[]\n", "# x\n" + two, "# x\n" + three, "# x\n" + three + two},
		"without a line end":               {"- number: 1", "- number: 1\n" + two, "- number: 1\n" + three, one + three + two},
		"both say it":                      {one, one + "  k: 1\n" + two, one + "  k: 1\n" + three, one + "  k: 1\n" + three + two},
		"an edit and an item":              {one + two, one + "  k: 1\n" + two, one + two + three, one + "  k: 1\n" + two + three},
		"an edit of the last, and an item": {one, one + "  k: 1\n" + two, one + three, one + "  k: 1\n" + three + two},
		"an item before":                   {one + two, one + "- k: 4\n" + two, one + two + three, one + "- k: 4\n" + two + three},
		"words before and behind":          {"# a\n" + one, "# b\n" + one + "# c\n", "# a\n" + one + two, "# b\n" + one + "# c\n" + two},
		"taken out and changed":            {one + two, one, one + two + "  k: 1\n", ""},
		"an edit of the last":              {one + "  k: 1\n", one + "  k: 1\n" + two, one + "  k: 2\n" + three, one + "  k: 2\n" + three + two},
		"one took out":                     {one + two + three, one + three, one + two + three, one + three},
		"the same line":                    {one + "  k: 1\n", one + "  k: 2\n", one + "  k: 3\n", ""},
		"no list comes of it":              {"", "a: 1\n", one, ""},
		"nothing is new":                   {one, one, one, one},
		"theirs alone":                     {one, one, two, two},
		"the same key, twice":              {one, one + "  k: 1\n", one + "  k: 2\n", ""},
		"a list became nothing":            {one, one + two, "[]\n", two},
	} {
		got, ok := postmortem.JoinData(c.base, c.ours, c.theirs)
		if ok != (c.want != "") || ok && got != c.want {
			t.Errorf("%s: %v\n%q\nwant\n%q", name, ok, got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(rapid.SampledFrom([]string{one, two, three, "- a word\n", "# x\n", "\n"}), 0, 8)
		base := strings.Join(lines.Draw(t, "base"), "")
		side := strings.Join(lines.Draw(t, "side"), "")
		for _, got := range []func() (string, bool){
			func() (string, bool) { return postmortem.JoinData(base, side, base) },
			func() (string, bool) { return postmortem.JoinData(base, base, side) },
			func() (string, bool) { return postmortem.JoinData(base, side, side) },
		} {
			if joined, ok := got(); !ok || joined != side {
				t.Fatalf("%v %q from %q and %q", ok, joined, base, side)
			}
		}
	})
}
