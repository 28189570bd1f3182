package practice

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
)

// busyMinute is how many messages come in a minute at 200 a second.
const busyMinute = 12_000

// busyWorkspace is a workspace whose team channel has seen a busy minute: messages of 2 kB, every fourth one a reply.
func busyWorkspace(b *testing.B) *Workspace {
	b.Helper()
	w := New(Options{Log: slog.New(slog.DiscardHandler)})
	b.Cleanup(w.Slack.Close)
	w.Slack.AddUser("ana", "Ana Example", "Europe/Berlin")
	sayBusyMinute(b, w)
	return w
}

func sayBusyMinute(b *testing.B, w *Workspace) {
	b.Helper()
	text, parent := strings.Repeat("checkout is slow ", 120), ""
	for i := range busyMinute {
		ts, err := w.Slack.Reply("ana", TeamChannel, parent, fmt.Sprintf("%d %s", i, text))
		if err != nil {
			b.Fatal(err)
		}
		if parent = ""; i%4 == 2 {
			parent = ts
		}
	}
}

// BenchmarkSlackBusyMinute is a minute of 200 messages a second, each delivered to a bot over HTTP. The memory that stays
// is reported for each message of 2 kB: it holds the text and its rich_text block.
func BenchmarkSlackBusyMinute(b *testing.B) {
	var before, after runtime.MemStats
	for b.Loop() {
		w := New(Options{Log: slog.New(slog.DiscardHandler)})
		bot := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		w.Slack.Connect(bot.URL)
		w.Slack.AddUser("ana", "Ana Example", "Europe/Berlin")
		runtime.GC()
		runtime.ReadMemStats(&before)
		sayBusyMinute(b, w)
		if err := w.Slack.Delivered(context.Background()); err != nil {
			b.Fatal(err)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		if lost := w.Slack.Undelivered(); len(lost) > 0 {
			b.Fatalf("%d events were lost, the first is %s", len(lost), lost[0])
		}
		w.Slack.Close()
		bot.Close()
	}
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/busyMinute, "B-kept/message")
	b.ReportMetric(float64(busyMinute)*float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}

func benchmarkSlackRead(b *testing.B, method string, args map[string][]string) {
	w := busyWorkspace(b)
	args["channel"] = []string{w.Slack.Channel(TeamChannel).ID}
	if method == "conversations.replies" {
		for _, m := range w.Slack.Messages(TeamChannel) {
			if m.ThreadTS == m.TS {
				args["ts"] = []string{m.TS}
			}
		}
	}
	for b.Loop() {
		answer, _ := w.Slack.answerMethod(method, w.Slack.BotToken(), slackArgs{form: args}, nil)
		if !strings.HasSuffix(string(answer[:min(len(answer), 1<<20)]), "}") || strings.Contains(string(answer[:20]), `"error"`) {
			b.Fatalf("%.200s", answer)
		}
	}
}

// BenchmarkSlackHistoryAfterBusyMinute reads the newest fifteen messages after such a minute; it takes no longer than in
// a quiet channel.
func BenchmarkSlackHistoryAfterBusyMinute(b *testing.B) {
	benchmarkSlackRead(b, "conversations.history", map[string][]string{"limit": {"15"}})
}

// BenchmarkSlackThreadAfterBusyMinute reads one thread after such a minute.
func BenchmarkSlackThreadAfterBusyMinute(b *testing.B) {
	benchmarkSlackRead(b, "conversations.replies", map[string][]string{})
}
