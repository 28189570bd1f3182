package chat_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"watchbell/bot/chat"
	"watchbell/incidents"
	"watchbell/incidents/protocol"
)

// pressed presses a button of an incident's card, also one that others have pressed by now.
func (r *room) pressed(user, action, value string) chat.Reply {
	r.Helper()
	r.events++
	reply, err := r.desk.Pressed(r.Context(), chat.Pressed{
		Event: fmt.Sprint("press/", r.events), User: user, Channel: "C1", Action: action, Value: value, CanOpenForm: true,
	})
	if err != nil {
		r.Fatalf("%s %s: %v", action, value, err)
	}
	return reply
}

// opensBy is the form that a button opens.
func (r *room) opensBy(user, action, value string) chat.Form {
	r.Helper()
	reply := r.pressed(user, action, value)
	if reply.Form == nil {
		r.Fatalf("%s opens no form: %+v", action, reply.Message)
	}
	return *reply.Form
}

// What somebody gave away while a form was open is not taken back by whoever sends it, who changed something else.
func TestRoleFormTakesNothingBack(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	r.sends("UANA", r.opensBy("UANA", "role", "1"), "communications", "UCLEO")
	form := r.opensBy("UBEN", "role", "1")
	r.sends("UANA", r.opensBy("UANA", "role", "1"), "lead", "UCLEO", "communications", "UDAN")
	r.reads(r.sends("UBEN", form, "ops", "UBEN"),
		"<@UBEN> has the role *Ops*", "*Incident manager* is with <@UCLEO>", "*Communications* is with <@UDAN>")
	r.reads(r.sends("UBEN", r.opensBy("UBEN", "role", "1"), "lead", "UANA", "ops", "UDAN"),
		"<@UANA> has the role *Incident manager*", "*Incident manager* is no more with <@UCLEO>", "*Ops* is no more with <@UBEN>")
	r.sends("UBEN", r.opensBy("UBEN", "role", "1"), "lead", "UCLEO", "ops", "UBEN")
	in, err := r.service.Incident(t.Context(), 1)
	if err != nil || in.Holder(incidents.Lead) != "UCLEO" || in.Holder(incidents.Communications) != "UDAN" || in.Holder(incidents.Ops) != "UBEN" {
		t.Errorf("the roles are with %v, %v", in.Holders, err)
	}
}

// Who pressed a button has typed nothing, and who filled in a form is told nothing to type.
func TestPressesAreNotCalledTyped(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	for field, empty := range map[string]chat.Form{"text": r.opensBy("UBEN", "log", "1"), "title": r.opensBy("UBEN", "declare", "")} {
		says := r.sends("UBEN", empty, field, "\u200b").Errors[field]
		if says == "" || strings.Contains(says, "`") {
			t.Errorf("a form without its %s says %q", field, says)
		}
	}
	if says := r.sends("UBEN", r.opensBy("UBEN", "log", "1"), "text", "x", "time", "25:61").Errors["time"]; !strings.Contains(says, "no 25:61") || strings.Contains(says, "begin with a word") {
		t.Errorf("a time that is none is told %q", says)
	}
	r.pressed("UANA", "resolve", "1")
	twice := r.reads(r.pressed("UBEN", "resolve", "1"), ":x:", "already resolved")
	if strings.Contains(twice.Message.Text, "You typed") {
		t.Errorf("a button is said to be typed: %s", twice.Message.Text)
	}
	late := chat.Form{Verb: "skip", Context: chat.FormContext{Incident: 77, Channel: "C1"}}
	r.reads(r.sends("UBEN", late, "reason", "nobody uses it at night"), ":x:", "`/incident list all`", "nobody uses it at night")
}

// Two who press Declare at once find each other, as two who type it do.
func TestFormsFindTheTwin(t *testing.T) {
	r := newRoom(t)
	r.sends("UANA", r.opensBy("UANA", "declare", ""), "title", "checkout is down")
	r.reads(r.sends("UBEN", r.opensBy("UBEN", "declare", ""), "title", "Checkout is down!"), "Is it the same as #1", "checkout is down")
}

// Of two who write the same about the status at once the second is told that it is there, and nothing is doubled.
func TestStatusIsSaidOnce(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	forms := []chat.Form{r.opensBy("UANA", "status", "1"), r.opensBy("UBEN", "status", "1")}
	r.reads(r.sends("UANA", forms[0], "status", "identified", "text", "The disk is full."), "is now in the state *identified*")
	r.reads(r.sends("UBEN", forms[1], "status", "identified", "text", "the disk  is full."), "is already in the state *identified*", "it is entry 2")
	r.reads(r.said("UBEN", "C1", "status identified The disk is full."), "is already")
	if got := r.timeline(1); len(got) != 2 {
		t.Errorf("the timeline says %q", got)
	}
	r.reads(r.said("UBEN", "C1", "status identified It is the disk of the queue"), "is now")
	r.now = r.now.Add(5 * time.Minute)
	r.said("UBEN", "C1", "status identified The disk is full.")
	r.said("UBEN", "C1", "status monitoring The disk is full.")
	if got := r.timeline(1); len(got) != 5 {
		t.Errorf("the timeline says %q", got)
	}
	r.said("UBEN", "C1", "delete 5")
	r.reads(r.said("UBEN", "C1", "status monitoring The disk is full."), "is now")
}

// Whoever says by a form since when users are well, after somebody else did, puts that right.
func TestSinceWhenIsPutRightByAForm(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	r.said("UANA", "C1", "log -3h paying began to fail")
	r.said("UANA", "C1", "resolve")
	forms := []chat.Form{r.opensBy("UANA", "mitigated", "1"), r.opensBy("UBEN", "mitigated", "1")}
	r.reads(r.sends("UANA", forms[0], "time", "-20m"), "Noted since when users are well")
	r.reads(r.sends("UBEN", forms[1], "time", "-10m"), "its entry 4 says 11:50 UTC")
	in, err := r.service.Incident(t.Context(), 1)
	if err != nil || in.WellAt.Format("15:04") != "11:50" || len(r.timeline(1)) != 4 {
		t.Errorf("well at %s, %v; the timeline is %q", in.WellAt, err, r.timeline(1))
	}
}

// Nobody finds words for stakeholders who are not told.
func TestNoFormForTheUsersOfWhatIsPrivate(t *testing.T) {
	r := newRoom(t)
	r.sends("UANA", r.opensBy("UANA", "declare", ""), "title", "somebody reads our mail", "private", "true")
	if reply := r.reads(r.pressed("UANA", "update", "1"), ":x:", "is private"); reply.Form != nil {
		t.Errorf("a form opens: %+v", reply.Form)
	}
}

// In a drill nothing looks real, no button leads to a post that nobody publishes, and nobody is said to be told who is not.
func TestDrillSaysSoEverywhere(t *testing.T) {
	r := newGuidedRoom(t, protocol.Default())
	r.desk = chat.NewDesk(r.service, chat.DeskOptions{
		Command: "/incident", Now: func() time.Time { return r.now }, Tell: []string{"team"}, Drills: []chat.Drill{{Name: "first-night", Title: "The queue"}},
	})
	r.said("UANA", "CTEAM", "drill")
	snap, err := r.service.Snapshot(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	step, _ := snap.Next(r.now)
	for name, m := range map[string]chat.Message{
		"reminder": chat.Reminder(snap, step), "debrief": chat.LookBack(snap), "sections": chat.SectionList(snap),
		"section":    chat.SectionMessage(snap, incidents.SectionImpact),
		"suggestion": chat.Suggestion(snap, "1.2", incidents.Suggested{Section: incidents.SectionImpact, Text: "x"}),
		"vacant":     chat.Vacant(snap.Incident, "UANA", []incidents.Role{incidents.Lead}),
		"takeover":   chat.TakeOver(snap.Incident, incidents.Silence{Role: incidents.Lead, User: "UANA", Since: r.now}),
		"returned":   chat.Returned(snap.Incident, []incidents.Handover{{Role: incidents.Ops, To: "UBEN"}}),
		"stale":      chat.Stale(snap, "No."),
		"relieved":   chat.Relieved(snap.Incident, []incidents.Shift{{Role: incidents.Ops, By: "UBEN", To: "UBEN"}}),
	} {
		if !strings.HasPrefix(m.Text, "DRILL · ") || !strings.HasPrefix(m.Blocks[0].Text, "DRILL · ") {
			t.Errorf("the %s is not marked: %s", name, m.Text)
		}
	}
	r.channelOpens("C1")
	for _, l := range []chat.Lost{{Archived: true}, {Deleted: true}, {By: "UBEN"}} {
		l.Event, l.Channel = "e", "C1"
		if _, m, err := r.desk.Lost(t.Context(), l); err != nil || m == nil || !strings.HasPrefix(m.Text, "DRILL · ") {
			t.Errorf("a lost channel is told by %+v, %v", m, err)
		}
	}
	form := r.opensBy("UANA", "update", "1")
	for _, says := range []string{form.Outro, r.reads(r.sends("UANA", form, "text", "Paying fails."), "in a drill this channel alone").Message.Text} {
		if strings.Contains(says, "#team") || strings.Contains(says, "are told") {
			t.Errorf("somebody is said to be told: %s", says)
		}
	}
	over := r.reads(r.pressed("UANA", "resolve", "1"), "DRILL · ", "is resolved", "nothing is published")
	if snap, err = r.service.Snapshot(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	for _, m := range []chat.Message{*over.Message, chat.Summary(snap), chat.SectionList(snap)} {
		for _, b := range m.Blocks {
			for _, button := range b.Buttons {
				if button.Action == "postmortem" {
					t.Errorf("there is a button for the pull request: %s", m.Text)
				}
			}
		}
	}
}

// Whoever added an entry by a form changes it without typing.
func TestEntryOfAFormHasAButtonToChangeIt(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	added := r.reads(r.sends("UBEN", r.opensBy("UBEN", "log", "1"), "text", "restarted the quue"), "Logged at")
	row := added.Message.Blocks[len(added.Message.Blocks)-1].Buttons
	if len(row) != 2 || row[0].Label != "Edit" {
		t.Fatalf("there is no button to change it: %+v", added.Message.Blocks)
	}
	edit := r.opensBy("UBEN", row[0].Action, row[0].Value)
	if value(edit, "text") != "restarted the quue" {
		t.Errorf("the form holds %+v", edit.Fields)
	}
	r.reads(r.sends("UBEN", edit, "text", "restarted the queue"), "Entry 2 is written anew")
}
