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

// owner is who has an action item of incident 1.
func (r *room) owner(number int) string {
	r.Helper()
	in, err := r.service.Incident(r.Context(), 1)
	if err != nil {
		r.Fatal(err)
	}
	a, _ := in.Action(number)
	return a.Owner
}

// What asks for owners leads to buttons that give them, and the next that nobody has follows.
func TestActionItemsGetOwnersByPresses(t *testing.T) {
	r := newGuidedRoom(t, protocol.Default())
	r.open("checkout is down", "C1")
	added := r.reads(r.said("UANA", "C1", "action rotate the keys"), "for nobody yet")
	r.said("UANA", "C1", "action write it down")
	r.said("UANA", "C1", "action tell the users <@UBEN>")
	list := r.said("UANA", "C1", "actions")
	r.reads(r.press("UBEN", "C1", list, "I take it"), "Action item 1 of #1 is with <@UBEN>: “rotate the keys”", "Nobody has these yet", "2. write it down")
	r.reads(r.press("UCHLOE", "C1", list, "I take it"), ":x:", "is with <@UBEN> by now", "action owner 1 @name")
	r.reads(r.press("UBEN", "C1", added, "I take it"), "is already with <@UBEN>")
	if got := r.owner(1); got != "UBEN" {
		t.Errorf("it is with %q", got)
	}
	form := r.opensBy("UANA", "action:owner 2", "1")
	if len(form.Fields) != 1 || form.Fields[0].Kind != chat.PersonField {
		t.Fatalf("the form is %+v", form)
	}
	r.said("UDAN", "C1", "action owner 2 me")
	if reply := r.sends("UANA", form, "owner", "UCHLOE"); reply.Errors["owner"] == "" || r.owner(2) != "UDAN" {
		t.Errorf("%+v; it is with %q", reply, r.owner(2))
	}
	r.reads(r.said("UANA", "C1", "action 2 <@UCHLOE>"), "Action item 2 of #1 is with <@UCHLOE>")
	in, err := r.service.Incident(t.Context(), 1)
	if err != nil || len(in.Actions) != 3 || in.Mark("owners").State != incidents.StepDone {
		t.Errorf("%+v, %+v, %v", in.Actions, in.Mark("owners"), err)
	}
	r.said("UANA", "C1", "resolve")
	r.said("UANA", "C1", "close")
	r.reads(r.said("UANA", "C1", "action owner 3 <@UDAN>"), "is with <@UDAN>")
	r.reads(r.said("UANA", "C1", "action owner 7 me"), ":x:", "no action item 7")
	r.reads(r.said("UANA", "C1", "action owner 3 dan"), ":x:", "cannot tell who")
	r.reads(r.said("UANA", "C1", "action owner 3"), ":x:", "Nobody is named")
}

// Of a private incident no card is made by itself; a press makes it, once, and says who reads it.
func TestPrivateActionItemGetsItsCardByAPress(t *testing.T) {
	r := newRoom(t)
	r.said("UANA", "CTEAM", "declare --private keys leaked")
	r.channelOpens("C1")
	added := r.reads(r.said("UANA", "C1", "action rotate the keys <@UANA>"), "is private, so no card is made unless you ask")
	if row := added.Message.Blocks[len(added.Message.Blocks)-1].Buttons; len(row) != 1 || row[0].Confirm == "" {
		t.Errorf("the buttons are %+v", row)
	}
	r.reads(r.press("UANA", "C1", added, "Make a card"), "The Trello card for action item 1 of #1 follows")
	r.reads(r.press("UANA", "C1", added, "Make a card"), "has a card already")
	r.reads(r.said("UANA", "C1", "action card 7"), ":x:", "no action item 7")
	if in, err := r.service.Incident(t.Context(), 1); err != nil || !in.Actions[0].WantsCard || len(in.Actions) != 1 {
		t.Errorf("%+v, %v", in.Actions, err)
	}
	if delivery, err := r.service.Delivery(t.Context(), "inc-1/action-1/card"); err != nil || delivery.State != incidents.Pending {
		t.Errorf("%+v, %v", delivery, err)
	}
	r.reads(r.said("UANA", "C1", "help action"), "--card", "action card 2")
}

// Of two who note the same thing to do at once the second is told of the first, and a press adds it all the same, with
// everything that was written.
func TestActionItemIsNotedOnce(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	forms := []chat.Form{r.opensBy("UBEN", "action", "1"), r.opensBy("UCHLOE", "action", "1")}
	r.reads(r.said("UANA", "C1", "action rotate the keys <@UDAN>"), "is noted")
	asked := r.reads(r.sends("UBEN", forms[0], "text", "Rotate  the keys", "due", "2026-12-31", "link", "https://x.example/?a=1&b=2"),
		":x:", "Action item 1 of #1, for <@UDAN>, says the same", "You typed:", "Rotate  the keys")
	r.reads(r.said("UCHLOE", "C1", "action rotate the keys"), ":x:", "says the same")
	r.reads(r.sends("UCHLOE", forms[1], "text", "rotate the keys", "owner", "UEVE"), "is noted") // a thing for each of two
	r.reads(r.press("UBEN", "C1", asked, "Add it all the same"), "Action item 3 of #1 is noted")
	r.reads(r.press("UBEN", "C1", asked, "Add it all the same"), "Action item 3 of #1")
	in, err := r.service.Incident(t.Context(), 1)
	if err != nil || len(in.Actions) != 3 {
		t.Fatalf("%+v, %v", in.Actions, err)
	}
	if a := in.Actions[2]; a.Text != "Rotate  the keys" || a.Owner != "" || a.Due.Format("2006-01-02") != "2026-12-31" || a.Link != "https://x.example/?a=1&b=2" {
		t.Errorf("it is %+v", a)
	}
	for n := range 3 {
		r.said("UANA", "C1", fmt.Sprintf("action done %d", n+1))
	}
	r.reads(r.said("UANA", "C1", "action rotate the keys"), "Action item 4 of #1 is noted")
	r.now = r.now.Add(2 * time.Minute)
	r.reads(r.said("UBEN", "C1", "action rotate the keys"), "Action item 5 of #1 is noted")
}

// However many there are, a row of buttons stands below the item that it is about, and Slack takes the message.
func TestManyActionItems(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	for n := 1; n <= 45; n++ {
		r.now = r.now.Add(time.Minute)
		owner := ""
		if n <= 20 {
			owner = " <@UANA>"
		}
		r.said("UANA", "C1", fmt.Sprintf("action thing %d%s", n, owner))
		if n != 30 && n != 45 {
			continue
		}
		list := r.said("UBEN", "C1", "actions").Message
		if len(list.Blocks) > 49 {
			t.Errorf("of %d items there are %d blocks", n, len(list.Blocks))
		}
		for i, b := range list.Blocks[:len(list.Blocks)-1] {
			if b.Kind == chat.Actions && !strings.HasPrefix(list.Blocks[i-1].Text, strings.TrimPrefix(b.Buttons[0].Action, "action:mine ")+". ") {
				t.Errorf("%q stands below %q", b.Buttons[0].Action, list.Blocks[i-1].Text)
			}
		}
	}
}

func TestOtherActionItemsAreText(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	for _, text := range []string{"2 of the servers need disks <@UBEN>", "give 2 servers more memory", "owner of the queue is to be named", "assign 3 people to the rota"} {
		r.reads(r.said("UANA", "C1", "action "+text), "is noted")
	}
}
