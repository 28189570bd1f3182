package trello_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"watchbell/incidents"
)

// deliverAgain brings a card up to date that an earlier delivery made.
func (b *bench) deliverAgain(action int, r incidents.Receipt, s incidents.Snapshot) incidents.Receipt {
	b.t.Helper()
	d := delivery(action)
	d.Receipt, d.Attempt, d.Tried = r, 2, 2
	o := b.deliver(d, s)
	if o.Verdict != incidents.Delivered || o.Receipt.ID != r.ID || o.Receipt.URL != r.URL {
		b.t.Fatalf("outcome %+v, want the same card", o)
	}
	return o.Receipt
}

func TestUpdateWritesWhatChanged(t *testing.T) {
	b := newBench(t)
	receipt := b.made(delivery(2), incident())
	s := incident()
	s.Post.URL = "https://example.org/pull/7"
	s.Actions[1].Text, s.Actions[1].Due = "Alert on every error", friday.AddDate(0, 0, 3)
	s.Actions[1].Owner = "UBEN"
	b.config.Members["UBEN"] = "@Ben"
	receipt = b.deliverAgain(2, receipt, s)
	card := b.onlyCard()
	if card.Name != "Alert on every error" || card.Due.Day() != 13 {
		t.Errorf("name %q, due %s", card.Name, card.Due)
	}
	if ben := b.Trello.AddPerson("ben", ""); !slices.Equal(card.IDMembers, []string{ben.ID}) {
		t.Errorf("members %v, want only %s", card.IDMembers, ben.ID)
	}
	for _, want := range []string{"Alert on every error\n", "https://example.org/pull/7"} {
		if !strings.Contains(card.Desc, want) {
			t.Errorf("the description lacks %q:\n%s", want, card.Desc)
		}
	}
	if !strings.HasSuffix(card.Desc, "\nwatchbell:inc-42/action-2/card") {
		t.Errorf("the marker is not the last line:\n%s", card.Desc)
	}
	s.Actions[1].Due = incidents.Action{}.Due
	calls := b.writes()
	b.deliverAgain(2, receipt, s)
	if card := b.onlyCard(); !card.Due.IsZero() {
		t.Errorf("the date was taken away, but the card is due %s", card.Due)
	}
	if got := b.writes() - calls; got != 1 {
		t.Errorf("%d writes for one change", got)
	}
}

// writes counts the calls that may have changed something.
func (b *bench) writes() (n int) {
	for _, c := range b.Wire.Calls() {
		if c.Service == "trello" && !strings.HasPrefix(c.Name, "GET") {
			n++
		}
	}
	return n
}

func TestPeoplesEditsSurvive(t *testing.T) {
	b := newBench(t)
	receipt := b.made(delivery(2), incident())
	written := b.onlyCard()
	edit := func(fields map[string]string) {
		t.Helper()
		if err := b.Trello.EditCard("chi", written.ID, fields); err != nil {
			t.Fatal(err)
		}
	}
	around := "Chi looks at this.\n\n" + strings.Replace(written.Desc, "\n\nwatchbell", "\n\nSee also the wiki.\n\nwatchbell", 1) + "\nand below"
	edit(map[string]string{"desc": around, "name": "Alerting!"})
	s := incident()
	s.Post.URL = "https://example.org/pull/7"
	s.Actions[1].Text = "Improve alerting a lot"
	receipt = b.deliverAgain(2, receipt, s)
	card := b.onlyCard()
	for _, want := range []string{"Chi looks at this.", "See also the wiki.", "and below", "Improve alerting a lot", "pull/7"} {
		if !strings.Contains(card.Desc, want) {
			t.Errorf("the description lacks %q:\n%s", want, card.Desc)
		}
	}
	if card.Name != "Alerting!" {
		t.Errorf("a person's name for the card became %q", card.Name)
	}
	// Inside our own text as well.
	edit(map[string]string{"desc": "I wrote this anew."})
	s.Post.URL = "https://example.org/pull/8"
	before := b.writes()
	b.deliverAgain(2, receipt, s)
	if card := b.onlyCard(); card.Desc != "I wrote this anew." || b.writes() != before {
		t.Errorf("the description became %q", card.Desc)
	}
}

func TestNothingToDo(t *testing.T) {
	b := newBench(t)
	receipt := b.made(delivery(2), incident())
	before := b.writes()
	b.deliverAgain(2, receipt, incident())
	if b.writes() != before {
		t.Error("a card that is as wanted was written again")
	}
}

func TestDeletedCardStaysDeleted(t *testing.T) {
	b := newBench(t)
	receipt := b.made(delivery(2), incident())
	if err := b.Trello.DeleteCard("chi", receipt.ID); err != nil {
		t.Fatal(err)
	}
	if again := b.deliverAgain(2, receipt, incident()); again != receipt {
		t.Errorf("receipt %+v, want the old one", again)
	}
	if n := len(b.cards()); n != 0 {
		t.Errorf("%d cards", n)
	}
}

func TestFoundWhereverItIs(t *testing.T) {
	moved := func(b *bench, id string) error { return b.Trello.MoveCard("chi", id, "Done") }
	archived := func(b *bench, id string) error { return b.Trello.ArchiveCard("chi", id) }
	for name, where := range map[string]func(*bench, string) error{
		"on its list": func(*bench, string) error { return nil }, "moved": moved, "archived": archived,
		"moved and archived": func(b *bench, id string) error { return errors.Join(moved(b, id), archived(b, id)) },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			made := b.made(delivery(2), incident())
			if err := where(b, made.ID); err != nil {
				t.Fatal(err)
			}
			if err := b.Trello.EditCard("chi", made.ID, map[string]string{"idLabels": "", "idMembers": ""}); err != nil {
				t.Fatal(err)
			}
			again := delivery(2)
			again.Tried = 2
			if found := b.made(again, incident()); found.ID != made.ID {
				t.Errorf("found %s, made %s", found.ID, made.ID)
			}
			card := b.onlyCard()
			if len(card.IDLabels) != 1 || len(card.IDMembers) != 1 {
				t.Errorf("label and owner are missing: %+v", card)
			}
		})
	}
}

func TestFoundBehindAThousandOthers(t *testing.T) {
	b := newBench(t)
	made := b.made(delivery(2), incident())
	if err := b.Trello.MoveCard("chi", made.ID, "Done"); err != nil {
		t.Fatal(err)
	}
	s := incident()
	for n := range 1100 {
		b.passed.Add(1e9)
		d := delivery(1)
		d.Key = "inc-42/other-" + strings.Repeat("x", n)
		b.made(d, s)
	}
	again := delivery(2)
	again.Tried = 2
	if found := b.made(again, s); found.ID != made.ID {
		t.Errorf("found %s, made %s", found.ID, made.ID)
	}
}

// TestListThatWentAway is about what is remembered between deliveries.
func TestListThatWentAway(t *testing.T) {
	b := newBench(t)
	b.made(delivery(1), incident())
	label := b.Trello.Labels(b.Trello.Board().ID)[0]
	b.Faults.Add(faultOnce("POST /cards", 404))
	o := b.deliver(delivery(2), incident())
	if o.Verdict != incidents.Delivered {
		t.Fatalf("%+v", o)
	}
	for _, card := range b.cards() {
		if !slices.Equal(card.IDLabels, []string{label.ID}) {
			t.Errorf("labels %v", card.IDLabels)
		}
	}
}
