package slackio

import (
	"testing"

	"watchbell/bot/chat"
)

// Of what is filled in while a form is brought up to date only the last counts, and it does count.
func TestOnlyTheLastOfWhatIsFilledInCounts(t *testing.T) {
	var l liveForms
	typed := func(text string) chat.Submitted {
		return chat.Submitted{Values: map[string]string{"text": text}}
	}
	if !l.put("V1", typed("a")) || !l.put("V2", typed("x")) {
		t.Fatal("nobody begins")
	}
	if s := l.take("V1"); s == nil || s.Values["text"] != "a" {
		t.Fatalf("the first is %+v", s)
	}
	for _, text := range []string{"ab", "abc", "abcd"} {
		if l.put("V1", typed(text)) {
			t.Errorf("%q is begun with a second time", text)
		}
	}
	if s := l.take("V1"); s == nil || s.Values["text"] != "abcd" {
		t.Errorf("the next is %+v", s)
	}
	if s := l.take("V1"); s != nil {
		t.Errorf("there is more: %+v", s)
	}
	if s := l.take("V2"); s == nil || s.Values["text"] != "x" {
		t.Errorf("another form holds %+v", s)
	}
	if l.take("V2"); len(l.forms) != 0 {
		t.Errorf("%d forms are kept", len(l.forms))
	}
	if !l.put("V1", typed("e")) {
		t.Error("nobody begins anew")
	}
}

// What is filled in while a form is open is no press of a button.
func TestAnOpenFormIsFollowed(t *testing.T) {
	c := newCounter(t)
	c.send("/slack/interactions", interactionOf(`{"type":"block_actions","trigger_id":"T1","user":{"id":"U1"},"container":{"type":"view","view_id":"V1"},
		"view":{"id":"V1","callback_id":"update","private_metadata":"{\"incident\":7}","state":{"values":{"text":{"value":{"type":"plain_text_input","value":"We are at it"}}}}},
		"actions":[{"type":"plain_text_input","block_id":"text","action_id":"value","value":"We are at it"}]}`))
	c.speaking.Wait()
	got := c.desk.all()
	if len(got) != 1 {
		t.Fatalf("the desk got %+v", got)
	}
	if s, is := got[0].(chat.Submitted); !is || s.Verb != "update" || s.Context.Incident != 7 || s.Values["text"] != "We are at it" || s.User != "U1" {
		t.Errorf("the desk got %+v", got[0])
	}
}
