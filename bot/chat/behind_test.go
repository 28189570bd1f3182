package chat_test

import (
	"fmt"
	"strings"
	"testing"

	"watchbell/bot/chat"
	"watchbell/incidents"
)

// While Trello is down the card says how much waits for it, not only what was tried.
func TestCardCountsWhatWaitsBehind(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	in, err := r.service.Incident(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	card := func(n, failures int, target incidents.Target) incidents.Delivery {
		return incidents.Delivery{
			Key: fmt.Sprintf("inc-1/action-%d/card", n), Incident: 1, Kind: incidents.KindCard, Target: target,
			State: incidents.Pending, Failures: failures, LastError: "Trello answered 503.",
		}
	}
	snap := incidents.Snapshot{Incident: in, Deliveries: []incidents.Delivery{
		card(1, 3, incidents.Trello), card(2, 0, incidents.Trello), card(3, 0, incidents.Trello), card(4, 0, incidents.Slack),
	}}
	if got := fmt.Sprint(chat.Summary(snap).Blocks); !strings.Contains(got, "(Trello answered 503.), and 2 more behind it") {
		t.Error(got)
	}
	snap.Deliveries = snap.Deliveries[:1]
	if got := fmt.Sprint(chat.Summary(snap).Blocks); strings.Contains(got, "behind it") {
		t.Error(got)
	}
}
