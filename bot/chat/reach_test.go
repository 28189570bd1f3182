package chat_test

import (
	"strings"
	"testing"

	"watchbell/bot/chat"
)

// Whoever leads is told that the channel is lost, and in a drill that it is one.
func TestALostChannelIsTold(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	r.now = r.now.Add(1)
	r.said("UBEN", "CTEAM", "drill")
	r.channelOpens("C2")
	for channel, marked := range map[string]bool{"C1": false, "C2": true} {
		for _, l := range []chat.Lost{{Archived: true}, {Deleted: true}, {}} {
			l.Event, l.Channel, l.By = "event/"+channel, channel, "UEVE"
			n, m, err := r.desk.Lost(t.Context(), l)
			if err != nil || n == nil {
				t.Fatalf("%+v: %+v, %v", l, n, err)
			}
			if strings.HasPrefix(m.Text, "DRILL · ") != marked || !strings.Contains(m.Text, "<@UEVE> has") {
				t.Errorf("%+v: %q", l, m.Text)
			}
		}
	}
	if n, _, err := r.desk.Lost(t.Context(), chat.Lost{Event: "event/1", Channel: "C7", Archived: true}); n != nil || err != nil {
		t.Errorf("somebody is told of another channel: %+v, %v", n, err)
	}
}

// The lead reads why the card stands still, and can have it tried again.
func TestARefusedCardIsTold(t *testing.T) {
	r := newRoom(t)
	r.open("a *bad* night", "C1")
	snap, err := r.service.Snapshot(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	m := chat.Stale(snap, "Slack refuses this.")
	told := r.reads(chat.Reply{Message: &m}, "The card of #1", "in <#C1>", "any more: Slack refuses this.")
	r.reads(r.press("UANA", "D1", told, "Show how things are"), "#1")
	r.reads(r.press("UANA", "D1", told, "Try again"), "the card at the top of the channel")
	snap.Drill = true
	if m := chat.Stale(snap, "No."); !strings.HasPrefix(m.Text, "DRILL · ") {
		t.Errorf("in a drill it says %q", m.Text)
	}
}
