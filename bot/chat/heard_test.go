package chat_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"watchbell/bot/chat"
	"watchbell/incidents"
)

// listening is a room whose bot listens for a few words, and offers to declare in CSUPPORT.
func listening(t *testing.T) *room {
	t.Helper()
	r := newGuidedRoom(t, &incidents.Protocol{
		Version: "v", Talk: incidents.NewTalk([]string{"back online"}, []string{"is … down"}, []string{"not"}),
	})
	r.desk = chat.NewDesk(r.service, chat.DeskOptions{
		Command: "/incident", Now: func() time.Time { return r.now },
		Zone:    func(context.Context, string) *time.Location { return berlin },
		Listens: func(_ context.Context, channel string) bool { return channel == "CSUPPORT" },
	})
	return r
}

// hears has a person write something and returns what they are offered.
func (r *room) hears(user, channel, text string) chat.Reply {
	r.Helper()
	r.events++
	reply, err := r.desk.Heard(r.Context(), chat.Heard{
		Event: fmt.Sprint("heard/", r.events), User: user, Channel: channel, Text: text,
		TS: fmt.Sprintf("%d.%06d", r.now.Unix(), r.events),
	})
	if err != nil {
		r.Fatal(err)
	}
	return reply
}

func (r *room) silent(reply chat.Reply) {
	r.Helper()
	if reply.Message != nil {
		r.Errorf("it says %q", reply.Message.Text)
	}
}

func TestRecoveredIsOffered(t *testing.T) {
	r := listening(t)
	r.open("checkout is down", "CINC")
	r.now = r.now.Add(25 * time.Minute)
	r.silent(r.hears("UBEN", "CINC", "it is not back online"))
	r.silent(r.hears("UBEN", "CTEAM", "it is back online"))
	offer := r.reads(r.hears("UBEN", "CINC", "it is back online"), "Are users well since 12:25 UTC = 13:25 CET")
	if !offer.Told {
		t.Error("the offer is not queued with what was noted")
	}
	r.silent(r.hears("UANA", "CINC", "yes, back online"))
	r.now = r.now.Add(30 * time.Minute)
	r.press("UBEN", "CINC", offer, "Not yet")
	r.now = r.now.Add(59 * time.Minute)
	r.silent(r.hears("UBEN", "CINC", "it is back online"))
	r.now = r.now.Add(2 * time.Minute)
	offer = r.reads(r.hears("UBEN", "CINC", "it is back online"), "Are users well since")
	well := r.now
	r.now = r.now.Add(10 * time.Minute)
	r.reads(r.press("UBEN", "CINC", offer, "Mitigated since 14:56"), "is now in the state *monitoring*", "In the timeline at")
	in, err := r.service.Incident(r.Context(), 1)
	if err != nil || in.Status != incidents.Monitoring || !in.WellAt.Equal(well) {
		t.Errorf("it is %s, well at %s (%v), want since %s", in.Status, in.WellAt, err, well)
	}
	r.now = r.now.Add(3 * time.Hour)
	r.silent(r.hears("UBEN", "CINC", "still back online"))
	r.said("UANA", "CINC", "status investigating it came back")
	r.reads(r.hears("UBEN", "CINC", "back online again"), "Are users well since")
}

// Slack sends what it believes to be lost once more.
func TestAnOfferIsMadeOnce(t *testing.T) {
	r := listening(t)
	r.open("checkout is down", "CINC")
	h := chat.Heard{Event: "heard/x", User: "UBEN", Channel: "CINC", TS: "1773748800.000100", Text: "back online"}
	if _, err := r.desk.Heard(r.Context(), h); err != nil {
		t.Fatal(err)
	}
	again, err := r.desk.Heard(r.Context(), h)
	if err != nil {
		t.Fatal(err)
	}
	r.silent(again)

	first := chat.Heard{Event: "heard/y", User: "UBEN", Channel: "CSUPPORT", TS: "1773748800.000100", Text: "shop is down"}
	if reply, err := r.desk.Heard(r.Context(), first); err != nil || reply.Message == nil {
		t.Fatalf("%+v, %v", reply, err)
	}
	other := chat.NewDesk(r.service, chat.DeskOptions{ // another process, or this one after a restart
		Command: "/incident", Now: func() time.Time { return r.now }, Listens: func(context.Context, string) bool { return true },
	})
	again, err = other.Heard(r.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	r.silent(again)
}

func TestDeclaringIsOffered(t *testing.T) {
	r := listening(t)
	r.open("search is down", "CINC")
	r.silent(r.hears("UBEN", "CINC", "the shop is down"))
	r.silent(r.hears("UBEN", "CTEAM", "the shop is down"))
	r.silent(r.hears("UBEN", "CSUPPORT", "the shop is not down"))
	offer := r.reads(r.hears("UBEN", "CSUPPORT", "the shop is down <for> \"everybody\""), "sounds like an incident")
	if !offer.Unkept {
		t.Error("the offer, which holds the message, goes through the database")
	}
	r.silent(r.hears("UANA", "CSUPPORT", "yes, it is down"))
	r.now = r.now.Add(9 * time.Minute)
	r.silent(r.hears("UANA", "CSUPPORT", "still, it is down"))
	r.now = r.now.Add(2 * time.Minute)
	again := r.reads(r.hears("UANA", "CSUPPORT", "still, it is down"), "sounds like an incident")
	r.reads(r.press("UANA", "CSUPPORT", again, "No"), "All right")
	r.now = r.now.Add(59 * time.Minute)
	r.silent(r.hears("UBEN", "CSUPPORT", "the shop is down"))
	r.now = r.now.Add(2 * time.Minute)
	long := "the shop is down " + strings.Repeat("<&\"", 3000)
	for _, button := range r.hears("UBEN", "CSUPPORT", long).Message.Blocks[1].Buttons {
		if len(button.Value) > 2000 {
			t.Errorf("%q has a value of %d bytes", button.Label, len(button.Value))
		}
	}
}

func TestTheOfferOpensTheForm(t *testing.T) {
	r := listening(t)
	said := r.now
	offer := r.hears("UBEN", "CSUPPORT", "the shop is down for *everybody*")
	r.now = r.now.Add(3 * time.Minute)
	var form *chat.Form
	for _, button := range offer.Message.Blocks[1].Buttons {
		if button.Style == "primary" {
			reply, err := r.desk.Pressed(r.Context(), chat.Pressed{
				Event: "press/x", User: "UBEN", Channel: "CSUPPORT", Action: button.Action, Value: button.Value, CanOpenForm: true,
			})
			if err != nil {
				t.Fatal(err)
			}
			form = reply.Form
		}
	}
	if form == nil {
		t.Fatal("no form opens")
	}
	values := map[string]string{}
	for _, f := range form.Fields {
		values[f.Name] = f.Value
	}
	if values["title"] != "the shop is down for **everybody**" && values["title"] != "the shop is down for everybody" {
		t.Errorf("the title is %q", values["title"])
	}
	reply, err := r.desk.Submitted(r.Context(), chat.Submitted{Event: "form/x", User: "UBEN", Verb: form.Verb, Context: form.Context, Values: values})
	if err != nil {
		t.Fatal(err)
	}
	r.reads(reply, "is declared", "Added to the timeline")
	snap, err := r.service.Snapshot(r.Context(), 1)
	if err != nil || snap.DeclaredBy != "UBEN" || len(snap.Entries) != 2 {
		t.Fatalf("%+v, %v", snap, err)
	}
	if e := snap.Entries[0]; !e.At.Truncate(time.Minute).Equal(said) || !strings.Contains(e.Text, "the shop is down") {
		t.Errorf("the first entry is %+v, want the message at %s", e, said)
	}
}
