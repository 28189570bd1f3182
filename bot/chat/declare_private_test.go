package chat_test

import (
	"strings"
	"testing"

	"watchbell/bot/chat"
)

// What was announced cannot be taken back, so nobody may be announced who wrote that it is private, however they did.
func TestPrivateIsHeardWhereverItStands(t *testing.T) {
	for _, text := range []string{
		"declare --private keys leaked", "declare keys leaked --private", "declare keys —Private leaked", "declare keys leaked –private",
	} {
		r := newRoom(t)
		r.reads(r.said("UANA", "CTEAM", text), "Incident #1 is declared: *keys leaked*", "It is private: nothing is announced")
	}
	for _, text := range []string{
		"declare -private keys leaked", "declare --privat keys leaked", "declare keys leaked (private)", "declare [PRIVATE] keys leaked", "declare keys leaked --priv",
	} {
		r := newRoom(t)
		asked := r.reads(r.said("UANA", "CTEAM", text), ":x: Is “", "Nothing was declared yet", "You typed:")
		r.reads(r.said("UANA", "CTEAM", "show #1"), "There is no incident #1")
		r.reads(r.press("UANA", "CTEAM", asked, "Private"), "Incident #1 is declared: *keys leaked*", "It is private")
		asked = r.said("UANA", "CTEAM", text)
		if got := r.press("UANA", "CTEAM", asked, "Announce it").Message.Text; !strings.Contains(got, "Incident #2 is declared") || strings.Contains(got, "It is private") {
			t.Errorf("%s: %s", text, got)
		}
	}
	r := newRoom(t)
	for _, title := range []string{"keys leaked --private", "(private) keys leaked"} {
		form := chat.Submitted{Event: "form/" + title, User: "UANA", Verb: "declare", Values: map[string]string{"title": title}, Context: chat.FormContext{Channel: "CTEAM"}}
		if reply, err := r.desk.Submitted(t.Context(), form); err != nil || !strings.Contains(reply.Errors["title"], "tick that below") {
			t.Errorf("the form takes %q: %+v, %v", title, reply, err)
		}
	}
	r.reads(r.said("UANA", "CTEAM", "backfill keys leaked --private"), ":x: A past incident cannot be private", "`/incident declare --private …`", "You typed:")
	r.reads(r.said("UANA", "CTEAM", "show #1"), "There is no incident #1")
	for _, text := range []string{"declare private registry is down", "declare the registry is private", "declare - it is down", "declare -5 degrees in the server room"} {
		if got := r.said("UANA", "CTEAM", text).Message.Text; strings.Contains(got, ":x:") || strings.Contains(got, "It is private") {
			t.Errorf("%s: %s", text, got)
		}
	}
}
