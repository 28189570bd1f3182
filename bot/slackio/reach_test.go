package slackio

import (
	"context"
	"slices"
	"strings"
	"testing"

	"watchbell/incidents"
	"watchbell/integrations/practice"
)

// A message that Slack does not let us edit any more makes room for one that says how things are.
func TestWhatCannotBeEditedIsPostedAnew(t *testing.T) {
	for _, code := range []string{"edit_window_closed", "cant_update_message"} {
		w := newWorld(t)
		w.deliver(w.wish(incidents.KindPin, ""), w.s)
		w.w.Faults.Add(practice.Fault{Service: "slack", Call: "chat.update", Status: 200, Body: `{"ok":false,"error":"` + code + `"}`, Times: 1})
		w.s.Title = "search"
		w.deliver(w.done["inc-1/summary"], w.s)
		if pins := w.rig.s.Pins(w.s.Channel.ID); len(pins) != 1 || pins[0].Text != "Card: search" {
			t.Errorf("%s: pins %+v", code, pins)
		}
		cards := 0
		for _, m := range w.rig.s.Messages(w.s.Channel.ID) {
			if m.User == practice.BotUser && !m.System() {
				cards++
			}
		}
		if cards != 1 {
			t.Errorf("%s: %d cards", code, cards)
		}
		w.valid()
	}
}

// The channel of an incident that is over may be archived: what is missing there is no failure, and is shown when the channel
// comes back. While the incident goes on, it is one.
func TestAnArchivedChannelOfAnIncidentThatIsOver(t *testing.T) {
	w := newWorld(t)
	w.must(w.rig.s.ArchiveChannel("ana", w.s.Channel.ID))
	w.s.Title = "search"
	d := w.done["inc-1/summary"]
	if out := w.out.Deliver(context.Background(), d, w.s); out.Verdict != incidents.Impossible {
		t.Errorf("while it goes on: %+v", out)
	}
	w.s.Status = incidents.Closed
	d, out := w.deliver(d, w.s)
	if out.Verdict != incidents.Delivered {
		t.Errorf("when it is over: %+v", out)
	}
	w.must(w.rig.s.UnarchiveChannel("ana", w.s.Channel.ID))
	d, _ = w.deliver(d, w.s)
	at, _ := placeOf(d.Receipt.ID)
	if m := w.rig.s.Message(at.channel, at.ts); m == nil || m.Text != "Card: search" {
		t.Errorf("back again, the card is %+v", m)
	}
	if out := w.out.Deliver(context.Background(), incidents.Delivery{Key: "inc-1/announcement", Kind: incidents.KindAnnouncement, Tried: 1}, w.s); out.Verdict != incidents.Delivered {
		t.Errorf("the team channel: %+v", out)
	}
}

// Taken out of the channel, the bot cannot write its canvas; invited again it can, and the canvas says how things are.
func TestTheCanvasIsOursAgainAfterAnInvitation(t *testing.T) {
	w := newWorld(t)
	d, _ := w.deliver(w.wish(incidents.KindCanvas, ""), w.s)
	w.must(w.rig.s.Kick("ana", w.s.Channel.ID, practice.BotUser))
	w.s.Title = "search"
	if out := w.out.Deliver(context.Background(), d, w.s); out.Verdict != incidents.Impossible || !strings.Contains(out.Say, "/invite") {
		t.Errorf("outside: %+v", out)
	}
	w.must(w.rig.s.Invite("ana", w.s.Channel.ID, practice.BotUser))
	w.deliver(d, w.s)
	if text := w.rig.s.Canvas(w.s.Channel.ID).Markdown; !strings.Contains(text, "search") {
		t.Errorf("the canvas says %q", text)
	}
}

// A channel that comes back is looked after; that of an event which names none would be every conversation.
func TestOnlyAChannelComesBack(t *testing.T) {
	c := newCounter(t)
	var back []string
	c.o.Back = func(_ context.Context, channel string) error {
		back = append(back, channel)
		return nil
	}
	c.event(`{"type":"channel_unarchive","channel":"C1","user":"U1"}`)
	c.event(`{"type":"channel_unarchive","user":"U1"}`)
	c.event(`{"type":"member_joined_channel","channel":"C2","user":"UBOT","inviter":"U1"}`)
	if want := []string{"C1", "C2"}; !slices.Equal(back, want) {
		t.Errorf("came back: %q, want %q", back, want)
	}
}

// The lead is told once for each reason that the card is refused for good; of a channel out of reach they hear otherwise.
func TestTheLeadIsToldOfARefusedCard(t *testing.T) {
	w := newWorld(t)
	d := w.wish(incidents.KindStale, "")
	lead := map[incidents.Role][]string{incidents.Lead: {w.id("ana")}}
	for _, step := range []struct {
		why   string
		state incidents.State
		holds map[incidents.Role][]string
		told  []string
	}{
		{"too long", incidents.Failed, nil, nil},
		{"too long", incidents.Pending, lead, nil},
		{sentences["not_in_channel"], incidents.Failed, lead, nil},
		{sentences["is_archived"], incidents.Failed, lead, nil},
		{"too long", incidents.Failed, lead, []string{"Stale: too long"}},
		{"too long", incidents.Failed, lead, []string{"Stale: too long"}},
		{"", incidents.Done, lead, []string{"Stale: too long"}},
		{"no", incidents.Failed, lead, []string{"Stale: too long", "Stale: no"}},
	} {
		w.s.Holders, w.s.Deliveries = step.holds, []incidents.Delivery{{Kind: incidents.KindSummary, State: step.state, LastError: step.why}}
		d, _ = w.deliver(d, w.s)
		var told []string
		for _, m := range w.rig.s.Messages("@ana") {
			told = append(told, m.Text)
		}
		if !slices.Equal(told, step.told) {
			t.Errorf("%+v: ana was told %q", step, told)
		}
	}
	w.valid()
}

// Where a setting keeps the bot from saying something to one person in a channel, it says it to them directly.
func TestAnswersInAChannelThatOnlySomeMayWriteTo(t *testing.T) {
	w := newWorld(t)
	w.w.Faults.Add(practice.Fault{Service: "slack", Call: "chat.postEphemeral", Status: 200, Body: `{"ok":false,"error":"restricted_action_read_only_channel"}`})
	w.deliver(w.answer(w.s.Channel.ID, "", w.id("ana")), w.s)
	if n := w.texts("@ana", "Recorded."); n != 1 {
		t.Errorf("ana was told %d times", n)
	}
}
