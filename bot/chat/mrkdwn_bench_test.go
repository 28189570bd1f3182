package chat_test

import (
	"strings"
	"testing"

	"watchbell/bot/chat"
)

// BenchmarkTyped undoes what Slack did to 2 kB of what people type: nothing at all, and links beside code.
func BenchmarkTyped(b *testing.B) {
	const plain = "The checkout service answers with 502 since the last deployment; we rolled it back and are watching the queue. "
	for _, text := range []struct{ name, words string }{
		{"plain", plain},
		{"links", plain + "See <https://status.example.org/42|the status page> and `systemctl status checkout`. "},
		{"entities", plain + "Latency &gt; 2 s &amp; errors, says <@U0000001>. "},
	} {
		b.Run(text.name, func(b *testing.B) {
			typed := strings.Repeat(text.words, 2000/len(text.words)+1)[:2000]
			b.ReportAllocs()
			for b.Loop() {
				if len(chat.Typed(typed, chat.Names{})) < 1_000 {
					b.Fatal("something is missing")
				}
			}
		})
	}
}
