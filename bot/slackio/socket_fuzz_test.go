package slackio

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"watchbell/bot/chat"
)

// FuzzFrame has Slack send any frame over the socket. Whatever it holds, what comes back are acknowledgements.
func FuzzFrame(f *testing.F) {
	for _, seed := range []string{
		`{"type":"hello"}`, `{"type":"disconnect","reason":"refresh_requested"}`, `{"type":"disconnect","reason":[]}`, `null`, `[]`, ``, `{`,
		`{"type":"events_api","envelope_id":"E1","payload":` + envelopeOf("Ev1", mentionEvent("<@UBOT> log x")) + `}`,
		`{"type":"interactive","envelope_id":"E1","payload":` + press("resolve", "1") + `}`,
		`{"type":"slash_commands","envelope_id":"E1","payload":{"command":"/incident","text":"log x","user_id":"U1","channel_id":"C1"}}`,
		`{"type":"slash_commands","envelope_id":"E1","payload":"x"}`, `{"type":"events_api","envelope_id":7,"payload":{}}`,
		`{"type":"events_api","envelope_id":"E1"}`, `{"type":"new","envelope_id":"` + strings.Repeat("E", 5000) + `"}`,
	} {
		f.Add([]byte(seed))
	}
	const end = "end"
	acks := make(chan []byte, 100)
	upgrade := websocket.Upgrader{}
	slack := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := upgrade.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		for {
			_, data, err := conn.ReadMessage()
			if err != nil {
				return
			}
			acks <- data
		}
	}))
	f.Cleanup(slack.Close)
	conn, answer, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(slack.URL, "http"), nil)
	if err != nil {
		f.Fatal(err)
	}
	_ = answer.Body.Close()
	f.Cleanup(func() { _ = conn.Close() })
	f.Fuzz(func(t *testing.T, data []byte) {
		c := newCounter(t)
		c.desk.reply = chat.Reply{Message: &chat.Message{Text: strings.Repeat("ok ", len(data)%9000)}, Errors: map[string]string{"": "no"}}
		l := newLine(&Socket{c: c.c, in: c.Intake, log: slog.New(slog.DiscardHandler)}, conn)
		l.take(t.Context(), data)
		l.inHand.Wait()
		c.Close(t.Context())
		// What comes behind it says that nothing else comes.
		if err := conn.WriteMessage(websocket.TextMessage, []byte(end)); err != nil {
			t.Fatal(err)
		}
		var got [][]byte
		for ack := range acks {
			if string(ack) == end {
				break
			}
			got = append(got, ack)
		}
		var sent frame
		if _, err := decode(data, &sent); err != nil || sent.EnvelopeID == "" || sent.Type == "hello" || sent.Type == "disconnect" {
			return
		}
		var ack receipt
		if len(got) != 1 || json.Unmarshal(got[0], &ack) != nil || ack.EnvelopeID != sent.EnvelopeID {
			t.Errorf("%q is acknowledged by %q", data, got)
		}
	})
}
