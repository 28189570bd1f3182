package slackio

import (
	"net/http/httptest"
	"strings"
	"testing"

	"watchbell/bot/chat"
)

// FuzzIntake sends whatever there may be, properly signed, and expects an answer that is not a failure of ours.
func FuzzIntake(f *testing.F) {
	paths := []string{"/slack/events", "/slack/commands", "/slack/interactions", "/slack/options"}
	for _, seed := range []string{
		envelopeOf("Ev1", mentionEvent("<@UBOT> log x")), envelopeOf("Ev1", `null`), envelopeOf("", `{"type":"message"}`),
		envelopeOf("Ev1", `{"type":"reaction_added","user":"U1","reaction":"pushpin","item":{"type":"message","channel":"C1","ts":"1.2"},"event_ts":"1.2"}`),
		commandOf("declare x"), "ssl_check=1", "", "payload=", "payload=%7B%7D", interactionOf(press("resolve", "1")), interactionOf(twoInputs),
		interactionOf(`{"type":"view_submission","user":{"id":"U1"},"view":{"id":"V","callback_id":"x","state":{"values":{"a":{"b":null}}}}}`),
		interactionOf(`{"type":"message_action","callback_id":"x","trigger_id":"1","user":{"id":"U1"},"channel":{"id":"C1"},"message_ts":"1.2"}`),
		`{"type":"url_verification","challenge":["x"]}`, `{"type":"event_callback","authorizations":{},"event":{"type":"message","subtype":"message_changed","message":[]}}`,
	} {
		for i := range paths {
			f.Add(i, seed)
		}
	}
	f.Fuzz(func(t *testing.T, path int, body string) {
		c := newCounter(t)
		c.desk.reply = chat.Reply{Message: &chat.Message{Text: "ok"}, Form: &chat.Form{Verb: "log"}, Errors: map[string]string{"": "no"}}
		w := httptest.NewRecorder()
		c.Handler().ServeHTTP(w, signed(paths[uint(path)%uint(len(paths))], []byte(body)))
		if w.Code >= 500 {
			t.Errorf("status %d", w.Code)
		}
		c.Close(t.Context())
	})
}

// FuzzMention reads what people type behind a mention.
func FuzzMention(f *testing.F) {
	for _, seed := range []string{"<@UBOT> log x", "<@UBOT", "<@UBOT|x> y", "<@UBOTTLE> <@UBOT>", "a <@UBOT> b", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got := withoutMention(text, "UBOT"); !strings.Contains(text, got) {
			t.Errorf("%q became %q", text, got)
		}
	})
}
