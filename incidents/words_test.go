package incidents

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestWords(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"small words are left out", "The checkout is down for all of us", "checkout down"},
		{"endings", "crash crashes crashed crashing", "crash"},
		{"more endings", "rotate rotated rotation rotating", "rotat"},
		{"double letters", "stopped stopping stop", "stop"},
		{"plurals", "queries query, services service", "query servic"},
		{"deploys", "deployment deployed deploys", "deploy"},
		{"words that only look like it", "string need bus status", "string need bus status"},
		{"numbers that say something", "14:05 HTTP 502 from node-17 in 2026", "502 2026 nod"},
		{"codes", "5xx on db01", "5xx db01"},
		{"mentions", "<@U0123ABC> pinged <!here> in <#C123|private-room> about redis", "ping redis"},
		{"links", "see <https://status.example.org/checkout|the page>", "see status exampl checkout pag"},
		{"secrets", "password=hunter2hunter2 leaked, xoxb-1234567890-abcdefghij too", "password leak"},
		{"umlauts", "Größer als Zürich", "größer als zürich"},
		{"no spaces between words", "決済が失敗", "決済 済が が失 失敗"},
		{"one sign", "水", "水"},
		{"mixed scripts", "checkout決済", "checkout 決済"},
		{"checksums", strings.Repeat("deadbeef", 5), ""},
		{"nothing", " … — !", ""},
	} {
		got := Words(c.text)
		want := strings.Fields(c.want)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q has the words %q, want %q", c.name, c.text, got, want)
		}
	}
}

// TestWordsAreFound: whoever types what was written, in any spelling of letters, looks for the same words.
func TestWordsAreFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		words := Words(text)
		for _, w := range words {
			if w == "" || len([]rune(w)) > longestLookup || strings.ContainsAny(w, " \n\x00") {
				t.Fatalf("%q gives the word %q", text, w)
			}
		}
		twice := Words(text + " " + text)
		if !slices.Equal(twice, words) {
			t.Fatalf("%q gives %q, twice %q", text, words, twice)
		}
	})
}

// BenchmarkWords reads a message of 2 kB, as is done for each that is captured.
func BenchmarkWords(b *testing.B) {
	text := strings.Repeat("The checkout service answers with 502 since the last deployment; we rolled it back and are watching the queue. ", 18)
	b.ReportAllocs()
	for b.Loop() {
		if len(Words(text)) == 0 {
			b.Fatal("no words")
		}
	}
}
