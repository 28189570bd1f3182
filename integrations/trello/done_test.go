package trello_test

import (
	"slices"
	"testing"

	"watchbell/incidents"
	"watchbell/integrations/practice"
	"watchbell/integrations/trello"
)

// list is the name of the list where a card is.
func (b *bench) list(card practice.Card) string {
	b.t.Helper()
	for _, l := range b.Trello.Lists(card.IDBoard) {
		if l.ID == card.IDList {
			return l.Name
		}
	}
	return ""
}

func TestACardGoesWhereTheDoneOnesAre(t *testing.T) {
	b := newBench(t, func(c *trello.Config) { c.DoneList = "done" })
	receipt := b.made(delivery(1), incident())
	s := incident()
	s.Actions[0].CardURL, s.Actions[0].DoneAt = receipt.URL, friday
	receipt = b.deliverAgain(1, receipt, s)
	if got := b.list(b.onlyCard()); got != "Done" {
		t.Fatalf("the card of what is done is in %q", got)
	}
	s.Actions[0].DoneAt = incidents.Action{}.DoneAt
	receipt = b.deliverAgain(1, receipt, s)
	if got := b.list(b.onlyCard()); got != "Action items" {
		t.Errorf("what is open after all is in %q", got)
	}

	look := incidents.Delivery{Key: "inc-42/cards", Incident: 42, Target: incidents.Trello, Kind: incidents.KindCards, Attempt: 1, Tried: 1}
	if o := b.deliver(look, s); o.Verdict != incidents.Delivered || len(o.Actions) != 0 {
		t.Errorf("nothing is done, and the look says %+v", o)
	}
	b.Trello.AddPerson("ben", "")
	if err := b.Trello.MoveCard("ben", b.onlyCard().ID, "Done"); err != nil {
		t.Fatal(err)
	}
	if o := b.deliver(look, s); !slices.Equal(o.Actions, []int{1}) {
		t.Errorf("ben has put it where the done ones are, and the look says %+v", o)
	}
	if err := b.Trello.DeleteCard("ben", b.onlyCard().ID); err != nil {
		t.Fatal(err)
	}
	if o := b.deliver(look, s); o.Verdict != incidents.Delivered || len(o.Actions) != 0 {
		t.Errorf("the card is gone, and the look says %+v", o)
	}
	_ = receipt
}

func TestWhatPeopleMovedStays(t *testing.T) {
	b := newBench(t, func(c *trello.Config) { c.DoneList = "Shipped" })
	receipt := b.made(delivery(1), incident())
	s := incident()
	s.Actions[0].DoneAt = friday
	b.deliverAgain(1, receipt, s)
	if got := b.list(b.onlyCard()); got != "Action items" {
		t.Errorf("there is no such list, and the card is in %q", got)
	}
}
