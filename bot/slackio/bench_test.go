package slackio

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"watchbell/bot/chat"
)

// quickDesk answers at once, so that what is measured is the way to it.
type quickDesk struct{ reply chat.Reply }

func (d quickDesk) Said(context.Context, chat.Said) (chat.Reply, error)       { return d.reply, nil }
func (d quickDesk) Pressed(context.Context, chat.Pressed) (chat.Reply, error) { return d.reply, nil }
func (d quickDesk) Submitted(context.Context, chat.Submitted) (chat.Reply, error) {
	return d.reply, nil
}
func (d quickDesk) Filled(context.Context, chat.Submitted) (*chat.Form, error) { return nil, nil }
func (d quickDesk) Shortcut(context.Context, chat.UsedShortcut) (chat.Reply, error) {
	return d.reply, nil
}
func (d quickDesk) Marked(context.Context, chat.Marked) (chat.Reply, error) { return d.reply, nil }
func (d quickDesk) Changed(context.Context, chat.MessageChanged) error      { return nil }
func (d quickDesk) Replied(context.Context, chat.Replied) error             { return nil }
func (d quickDesk) Heard(context.Context, chat.Heard) (chat.Reply, error)   { return chat.Reply{}, nil }

// sink is a ResponseWriter that keeps nothing.
type sink struct{ header http.Header }

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) Write(p []byte) (int, error) { return len(p), nil }
func (s *sink) WriteHeader(int)             {}

func benchmarkIntake(b *testing.B, path, body string, reply chat.Reply) {
	c := newCounter(b)
	c.Intake.desk = quickDesk{reply}
	h := c.Handler()
	proto := signed(path, []byte(body))
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		w := &sink{http.Header{}}
		reader := strings.NewReader(body)
		r := httptest.NewRequest(http.MethodPost, path, nil)
		r.Header, r.ContentLength = proto.Header, int64(len(body))
		for pb.Next() {
			reader.Reset(body)
			r.Body = nopCloser{reader}
			h.ServeHTTP(w, r)
		}
	})
}

type nopCloser struct{ *strings.Reader }

func (nopCloser) Close() error { return nil }

// BenchmarkCommand is a signed slash command, from the HTTP handler to the answer, without the Desk.
func BenchmarkCommand(b *testing.B) {
	benchmarkIntake(b, "/slack/commands", commandOf("declare checkout is down")+"&token=xyzz0WbapA4vBCDEFasx0q6G&team_domain=example&channel_name=team&user_name=ana&api_app_id=A1&response_url="+
		"https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN", chat.Reply{Message: &chat.Message{
		Text:   "Declared incident #1: checkout is down.",
		Blocks: []chat.Block{{Kind: chat.Section, Text: "Declared incident #1: checkout is down."}},
	}})
}

// message2k is a message event of about 2 kB, with the blocks that Slack sends beside its text.
func message2k(event map[string]any) string {
	words := strings.Repeat("the queue is full again ", 28)
	event["text"] = words
	event["blocks"] = []any{map[string]any{"type": "rich_text", "block_id": "b", "elements": []any{
		map[string]any{"type": "rich_text_section", "elements": []any{map[string]any{"type": "text", "text": words}}},
	}}}
	raw, _ := json.Marshal(event)
	return envelopeOf("Ev1", string(raw))
}

// BenchmarkMessageEvent is a plain message in a channel, which is nobody's business.
func BenchmarkMessageEvent(b *testing.B) {
	benchmarkIntake(b, "/slack/events", message2k(map[string]any{
		"type": "message", "channel": "C1", "channel_type": "channel", "user": "U1", "ts": "1700000000.000100", "client_msg_id": "9b1f", "team": "T1",
	}), chat.Reply{})
}

// BenchmarkMentionEvent is a message to the bot.
func BenchmarkMentionEvent(b *testing.B) {
	benchmarkIntake(b, "/slack/events", message2k(map[string]any{
		"type": "app_mention", "channel": "C1", "user": "U1", "ts": "1700000000.000100", "client_msg_id": "9b1f", "team": "T1",
	}), chat.Reply{})
}

// BenchmarkPress is a press of a button.
func BenchmarkPress(b *testing.B) {
	benchmarkIntake(b, "/slack/interactions", interactionOf(press("resolve", "42")), chat.Reply{})
}

// BenchmarkSignature is the check of a signature alone, for a body of 2 kB.
func BenchmarkSignature(b *testing.B) {
	body := []byte(strings.Repeat("x", 2000))
	v := newVerifier([]string{testSecret})
	now := time.Unix(1700000000, 0)
	sig := signature(testSecret, stamp(now), body)
	b.ReportAllocs()
	for b.Loop() {
		if !v.check(stamp(now), sig, body, now) {
			b.Fatal("refused")
		}
	}
}
