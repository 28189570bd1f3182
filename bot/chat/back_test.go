package chat

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// However much was written, and whatever it is made of, the whole of it is offered back while a message has room for it,
// in blocks that Slack takes as they are.
func TestSayBackOffersAllOfIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		piece := rapid.StringMatching("[a-z &<>🔥é`\n]{1,30}").Draw(t, "piece")
		written := "log " + strings.TrimSpace(strings.Repeat(piece, rapid.IntRange(1, 600).Draw(t, "times")))
		m := sayBack(":x: That is too long.", "You typed:", written, Button{Label: "Shorten it"})
		sum, back := 0, ""
		for i, b := range m.Blocks {
			n := cost(decoded(b.Text)) + strings.Count(b.Text, gap)
			if sum += n; n > 3000 {
				t.Fatalf("block %d has %d characters", i, n)
			}
			if _, code, is := strings.Cut(b.Text, "```\n"); is {
				code, _, _ = strings.Cut(code, "\n```")
				back += code
			} else if i != len(m.Blocks)-1 || len(b.Buttons) != 1 {
				t.Fatalf("block %d is neither text nor the buttons below it: %+v", i, b)
			}
		}
		if sum > 12_000 {
			t.Fatalf("%d characters in all", sum)
		}
		plain := func(s string) string {
			return strings.NewReplacer("\n", "", " ", "", "```", "", "ˋˋˋ", "", "`", "", "ˋ", "").Replace(s)
		}
		got, want := plain(decoded(back)), plain(written)
		if cut, is := strings.CutSuffix(got, "…"); got != want && (!is || !strings.HasPrefix(want, cut) || cost(back) < 9_000) {
			t.Fatalf("%d of %d bytes come back", len(got), len(want))
		}
	})
}

func TestAsTyped(t *testing.T) {
	for text, want := range map[string]string{
		"role king <@U2|ben> &amp; co":                     "role king @ben & co",
		"lead <@U2>":                                       "lead <@U2>",
		"log in <#C1|deploys> &lt;b&gt;":                   "log in #deploys <b>",
		"log <http://shop.example.org|shop.example.org> x": "log shop.example.org x",
		"log <https://example.org/a?b&amp;c>":              "log https://example.org/a?b&c",
		"log <https://example.org/a|the graph>":            "log https://example.org/a",
		"log <mailto:ana@example.org|ana@example.org>":     "log ana@example.org",
		"log 1 &lt; 2 <!here>":                             "log 1 < 2 <!here>",
	} {
		if got := asTyped(text); got != want {
			t.Errorf("%q is offered back as %q, want %q", text, got, want)
		}
	}
}
