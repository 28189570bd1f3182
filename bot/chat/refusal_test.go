package chat_test

import (
	"context"
	"errors"
	"html"
	"strings"
	"testing"
	"time"

	"watchbell/bot/chat"
	"watchbell/incidents"
)

// Whatever is refused, typed or in a form, offers back what was typed, or leaves it where it stands.
func TestEveryRefusalOffersTheTextBack(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	const words = "the queue <b> & what we *did* about it"
	typed := html.EscapeString(words)
	refused := 0
	for _, verb := range strings.Fields("declare backfill log timeline edit move delete restore internal public alt undo take keep status mitigated severity lead roles accept " +
		"decline role action actions update next done skip snooze resolve calloff reopen close draft postmortem lint check fine show list drill join help nonsense ack 42") {
		for _, args := range []string{"", "25:99 ", "tomorrow 10:00 ", "7 ", "#77 ", strings.Repeat("very ", 2500)} {
			for _, channel := range []string{"C1", "CELSEWHERE"} {
				if channel != "C1" && args != "7 " && args != "25:99 " {
					continue
				}
				reply := r.said("UBEN", channel, verb+" "+args+typed)
				if reply.Message == nil || !strings.HasPrefix(reply.Message.Text, ":x:") {
					continue
				}
				refused++
				if text := html.UnescapeString(reply.Message.Text); !strings.Contains(text, "You typed:") || len(args) < 100 && !strings.Contains(text, verb+" "+args+words) {
					t.Errorf("%s %s%s in %s is refused without what was typed:\n%s", verb, args, words, channel, text)
				}
			}
		}
	}
	if refused < 100 {
		t.Errorf("only %d were refused", refused)
	}
	for _, in := range []int{1, 77} { // one that takes the words, and one that is not there
		for _, form := range []string{"declare", "log", "action", "update", "resolve", "calloff", "skip", "draft", chat.ShortcutAddToTimeline, "edit_entry", "file_alt"} {
			s := chat.Submitted{Event: "form/" + form, User: "UBEN", Verb: form, Context: chat.FormContext{Incident: in, Channel: "C1", Entry: 1}, Values: map[string]string{
				"title": strings.Repeat("x", 300), "text": strings.Repeat(words, 400), "summary": words, "time": "25:99", "until": "nowhere", "link": "x", "reason": "", "impact": strings.Repeat(words, 2000),
			}}
			reply, err := r.desk.Submitted(t.Context(), s)
			switch {
			case err != nil:
				t.Errorf("%s: %v", form, err)
			case len(reply.Errors) > 0, reply.Form != nil: // it stays open, with what is in it
			case reply.Message == nil || strings.HasPrefix(reply.Message.Text, ":x:") && !strings.Contains(reply.Message.Text, "what we *did*") && !strings.Contains(reply.Message.Text, "xxxx"):
				t.Errorf("%s of #%d is refused without what was typed: %+v", form, in, reply.Message)
			}
		}
	}
}

// away is a store that takes nothing.
type away struct{ incidents.Store }

func (away) Update(context.Context, func(incidents.Tx) error) error { return errors.New("disk full") }
func (away) View(context.Context, func(incidents.Reader) error) error {
	return errors.New("disk full")
}

// So does an answer that nothing was recorded.
func TestNotRecordedOffersTheTextBack(t *testing.T) {
	r := newRoom(t)
	desk := chat.NewDesk(incidents.NewService(away{}, incidents.Options{Now: func() time.Time { return r.now }}), chat.DeskOptions{
		Command: "/incident", Now: func() time.Time { return r.now }, Zone: func(context.Context, string) *time.Location { return time.UTC },
	})
	reply, err := desk.Said(t.Context(), chat.Said{Event: "command/1", User: "UANA", Channel: "C1", Text: "log 14:05 restarted the queue"})
	if err == nil || !strings.Contains(reply.Message.Text, "Not recorded") || !strings.Contains(reply.Message.Text, "log 14:05 restarted the queue") {
		t.Errorf("typed: %+v, %v", reply.Message, err)
	}
	reply, err = desk.Submitted(t.Context(), chat.Submitted{
		Event: "form/1", User: "UANA", Verb: "log", Context: chat.FormContext{Incident: 1}, Values: map[string]string{"text": "restarted the queue"},
	})
	if err == nil || !strings.Contains(reply.Message.Text, "Not recorded") || !strings.Contains(reply.Message.Text, "restarted the queue") {
		t.Errorf("in a form: %+v, %v", reply.Message, err)
	}
}
