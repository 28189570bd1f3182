package slackio

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"watchbell/bot/chat"
	"watchbell/incidents"
	"watchbell/integrations/practice"
)

func TestWhatIsListenedTo(t *testing.T) {
	for name, row := range map[string]struct {
		event string
		want  []chat.Heard
	}{
		"a message": {`{"type":"message","channel":"C1","channel_type":"channel","user":"U1","text":"it is down","ts":"1700000000.000100"}`,
			[]chat.Heard{{Event: "event/Ev1/heard", User: "U1", Channel: "C1", TS: "1700000000.000100", Text: "it is down"}}},
		"one that began a thread": {`{"type":"message","channel":"C1","user":"U1","text":"down","ts":"1.2","thread_ts":"1.2"}`,
			[]chat.Heard{{Event: "event/Ev1/heard", User: "U1", Channel: "C1", TS: "1.2", Text: "down"}}},
		"an answer in a thread": {`{"type":"message","channel":"C1","user":"U1","text":"up","ts":"1.3","thread_ts":"1.2"}`,
			[]chat.Heard{{Event: "event/Ev1/heard", User: "U1", Channel: "C1", Thread: "1.2", TS: "1.3", Text: "up"}}},
		"to the bot alone":  {`{"type":"message","channel":"D1","channel_type":"im","user":"U1","text":"down","ts":"1.2"}`, nil},
		"to the bot":        {`{"type":"message","channel":"C1","user":"U1","text":"<@UBOT> it is down","ts":"1.2"}`, nil},
		"of another bot":    {`{"type":"message","channel":"C1","user":"U3","bot_id":"B3","text":"down","ts":"1.2"}`, nil},
		"of our own":        {`{"type":"message","channel":"C1","user":"UBOT","text":"down","ts":"1.2"}`, nil},
		"an edit":           {`{"type":"message","subtype":"message_changed","channel":"C1","event_ts":"1.9","message":{"user":"U1","text":"down","ts":"1.2"}}`, nil},
		"a line of Slack's": {`{"type":"message","subtype":"channel_join","channel":"C1","user":"U1","text":"down","ts":"1.2"}`, nil},
	} {
		c := newCounter(t)
		if w := c.event(row.event); w.Code != 200 {
			t.Errorf("%s: answer %d", name, w.Code)
		}
		if !reflect.DeepEqual(c.desk.heard, row.want) {
			t.Errorf("%s: it hears %+v, want %+v", name, c.desk.heard, row.want)
		}
	}
}

// What nobody asked for is no reason to have Slack send an event again.
func TestListeningThatFailsIsLetBe(t *testing.T) {
	c := newCounter(t)
	c.desk.answer(chat.Reply{}, errors.New("database is gone"))
	if w := c.event(`{"type":"message","channel":"C1","user":"U1","text":"it is down","ts":"1.2"}`); w.Code != 200 {
		t.Errorf("answer %d", w.Code)
	}
}

func TestAnOfferIsKeptNowhere(t *testing.T) {
	c := newCounter(t)
	c.desk.answer(chat.Reply{Message: &chat.Message{Text: "Declare?"}, Unkept: true}, nil)
	c.event(`{"type":"message","channel":"C1","user":"U1","text":"it is down","ts":"1.2"}`)
	c.Close(t.Context())
	if len(c.told) != 0 {
		t.Errorf("it went through the outbox: %+v", c.told)
	}
}

func TestChannelsByNameOrId(t *testing.T) {
	r := newRig(t)
	team := r.s.Channel(practice.TeamChannel).ID
	is := func(named ...string) bool { return r.c.OneOf(t.Context(), team, named) }
	if !is(team) || is("C0NOTTHIS") || r.calls("conversations.info") != 0 {
		t.Error("a channel is not found by its id, or Slack was asked for it")
	}
	if !is("support", "#"+practice.TeamChannel) || is("support") || r.calls("conversations.info") != 1 {
		t.Errorf("a channel is not found by its name, or Slack was asked %d times", r.calls("conversations.info"))
	}
	r.w.Faults.Add(practice.Fault{Service: "slack", Call: "conversations.info", Status: 500, Times: 1})
	r.clock.add(2 * time.Hour)
	if !is(practice.TeamChannel) {
		t.Error("while Slack does not answer, what a channel was called does not count")
	}
}

// Before somebody is asked about a silence, Slack is asked whether there is one.
func TestTheLastWordIsHeard(t *testing.T) {
	r := newRig(t)
	team := r.s.Channel(practice.TeamChannel).ID
	r.must(r.s.Join("ana", practice.TeamChannel))
	s := incidents.Snapshot{Taken: epoch.Add(3 * time.Hour), Incident: incidents.Incident{Channel: incidents.Channel{ID: team}, DeclaredAt: epoch.Add(time.Minute)}}
	heard := func(want time.Time) {
		t.Helper()
		if got, err := r.out.lastHeard(t.Context(), s); err != nil || got.Sub(want).Abs() > time.Second {
			t.Errorf("the last word was at %s (%v), want %s", got, err, want)
		}
	}
	ts, err := r.s.Say("ana", practice.TeamChannel, "before it began")
	r.must(err)
	r.clock.add(time.Hour)
	heard(time.Time{})
	_, err = r.out.post(t.Context(), team, "", "key", fit(chat.Message{Text: "of our own"}))
	r.must(err)
	heard(time.Time{})
	_, err = r.s.Reply("ana", practice.TeamChannel, ts, "in a thread")
	r.must(err)
	heard(epoch.Add(time.Hour))
	s.Entries = []incidents.Entry{{Last: incidents.Touch{By: "U1", At: epoch.Add(90 * time.Minute)}}, {Last: incidents.Touch{At: epoch.Add(100 * time.Minute)}}}
	heard(epoch.Add(90 * time.Minute))
	r.w.Faults.Add(practice.Fault{Service: "slack", Call: "conversations.history", Status: 500, Times: 1})
	if _, err := r.out.lastHeard(t.Context(), s); err == nil {
		t.Error("somebody is asked although nobody knows whether there is a silence")
	}
}
