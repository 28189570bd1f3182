package chat_test

import (
	"strings"
	"testing"
	"time"

	"watchbell/bot/chat"
	"watchbell/incidents"
	"watchbell/incidents/protocol"
)

func TestWhoeverResolvesIsAskedWhatIsMissing(t *testing.T) {
	r := newGuidedRoom(t, protocol.Default())
	r.open("checkout is down", "C1")
	r.now = r.now.Add(30 * time.Minute)
	r.said("UANA", "C1", "log 12:20 UTC we restarted the queue")
	asked := r.reads(r.said("UANA", "C1", "resolve"), "is resolved", "It holds nothing up", "since when users are well", "tell the users that it is over")
	r.reads(r.press("UANA", "C1", asked, "Since 12:20 UTC"), "since when users are well", "12:20")
	in, err := r.service.Incident(t.Context(), 1)
	if err != nil || in.WellAt.Format("15:04") != "12:20" {
		t.Errorf("well at %s, %v", in.WellAt, err)
	}
	r.reads(r.said("UANA", "C1", "mitigated 12:15 UTC"), "says", "12:15")
	if in, err = r.service.Incident(t.Context(), 1); err != nil || in.WellAt.Format("15:04") != "12:15" {
		t.Errorf("put right it is well at %s, %v", in.WellAt, err)
	}
}

func TestCloseNamesOpenActionItems(t *testing.T) {
	r := newGuidedRoom(t, protocol.Default())
	r.open("checkout is down", "C1")
	r.said("UANA", "C1", "action rotate the keys")
	r.said("UANA", "C1", "action write it down <@UBEN>")
	r.said("UANA", "C1", "resolve")
	closed := r.reads(r.said("UANA", "C1", "close"), "is closed", "rotate the keys", "write it down", "every action item an owner")
	r.reads(r.said("UANA", "C1", "skip owners nobody is left"), "Skipped")
	r.reads(r.press("UANA", "C1", closed, "Done"), "Action item 1 of #1 is done")
	r.reads(r.said("UANA", "C1", "action done 1"), "is done already")
	r.reads(r.said("UANA", "C1", "actions"), "1. :white_check_mark: rotate the keys · done", "2. write it down")
	r.reads(r.said("UANA", "C1", "action reopen 1"), "is open again")
	r.reads(r.said("UANA", "C1", "action done 7"), ":x:", "no action item 7")
}

// What is not needed is left out with a reason, which a form asks for.
func TestWhatIsMissingCanBeLeftOut(t *testing.T) {
	r := newGuidedRoom(t, protocol.Default())
	r.open("checkout is down", "C1")
	r.said("UANA", "C1", "action rotate the keys")
	for _, gate := range []struct {
		said string
		want int
	}{{"resolve", 2}, {"close", 1}} {
		asked, pressed := r.said("UANA", "C1", gate.said), 0
		for _, block := range asked.Message.Blocks {
			for _, b := range block.Buttons {
				if b.Label != "Not needed …" {
					continue
				}
				pressed++
				reply, err := r.desk.Pressed(t.Context(), chat.Pressed{
					Event: gate.said + b.Action, User: "UANA", Channel: "C1", Action: b.Action, Value: b.Value, CanOpenForm: true,
				})
				if err != nil || reply.Form == nil || !strings.Contains(reply.Form.Title, "Skip") {
					t.Errorf("%s after %s: %+v, %v", b.Action, gate.said, reply, err)
				}
			}
		}
		if pressed < gate.want {
			t.Errorf("%d steps can be left out after %s", pressed, gate.said)
		}
	}
}

func TestANumberIsNoActionItem(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	r.reads(r.said("UANA", "C1", "action 1"), ":x:", "action done 1")
	question := r.reads(r.said("UANA", "C1", "action rotate the keys by 2026-03-01"), ":x:", "is over")
	in, err := r.service.Incident(t.Context(), 1)
	if err != nil || len(in.Actions) != 0 {
		t.Fatalf("there are action items %+v, %v", in.Actions, err)
	}
	r.reads(r.press("UANA", "C1", question, "I do mean that day"), "is noted", "1 March 2026")
	r.reads(r.said("UANA", "C1", "action done with the old keys, rotate them"), "is noted", "done with the old keys")
	snap, err := r.service.Snapshot(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if waits := len(snap.OpenActions()); waits != 2 || strings.Contains(snap.Actions[1].Text, "1") {
		t.Errorf("%+v", snap.Actions)
	}
	if _, known := snap.Action(incidents.Action{Number: 2}.Number); !known {
		t.Error("the second one is missing")
	}
}
