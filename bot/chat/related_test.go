package chat_test

import (
	"slices"
	"testing"

	"watchbell/bot/chat"
	"watchbell/incidents"
)

func TestRelatedIncidentsKnowOfEachOther(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	r.open("paying fails", "C2")
	r.reads(r.said("UANA", "C2", "relate #1"), "#2 and #1 are linked")
	r.reads(r.said("UANA", "C2", "relate #1"), "linked already")
	r.reads(r.said("UANA", "C2", "relate #2"), ":x:", "itself")
	r.reads(r.said("UANA", "C2", "relate #9"), ":x:", "no incident #9")
	r.reads(r.said("UANA", "C2", "relate"), ":x:", "Which other incident")
	for number, want := range map[int]string{1: "related #2", 2: "related #1"} {
		snap, err := r.service.Snapshot(t.Context(), number)
		if err != nil {
			t.Fatal(err)
		}
		m := chat.Summary(snap)
		r.reads(chat.Reply{Message: &m}, want)
	}
}

func TestADuplicateIsCalledOffAndItsEntriesAreCopied(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	r.open("paying fails", "C2")
	r.said("UANA", "C2", "log 11:50 UTC the queue is full")
	r.reads(r.said("UBEN", "CTEAM", "#2 duplicate #1"), "#2 is called off: it is the same as #1")
	r.reads(r.said("UBEN", "C2", "duplicate #1"), "linked already")
	one, err := r.service.Snapshot(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	two, err := r.service.Snapshot(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	if two.Status != incidents.CalledOff || !slices.Equal(two.Relations, []incidents.Relation{{Number: 1, Kind: incidents.DuplicateOf}}) {
		t.Errorf("the duplicate is %s, %+v", two.Status, two.Relations)
	}
	copied := slices.DeleteFunc(slices.Clone(one.Entries), func(e incidents.Entry) bool { return !e.Source.Copied() })
	if len(copied) != 1 || copied[0].Text != "the queue is full" || copied[0].Author != "UANA" || copied[0].Captured() {
		t.Errorf("copied are %+v", copied)
	}
	if !slices.Equal(one.Relations, []incidents.Relation{{Number: 2, Kind: incidents.DuplicateBy}}) {
		t.Errorf("the other one has %+v", one.Relations)
	}
	r.reads(r.said("UANA", "CTEAM", "declare --private a leak"), "private")
	r.reads(r.said("UANA", "C1", "relate #3"), ":x:", "private")
	r.reads(r.said("UBEN", "C1", "relate #3"), ":x:", "no incident #3")
}
