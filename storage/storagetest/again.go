package storagetest

import (
	"testing"
	"time"

	"watchbell/incidents"
)

// serviceAgain has deliveries fail for good, as when a token was withdrawn, and looks when they are tried again.
func serviceAgain(t *testing.T, h Harness) {
	s := h.Open(t)
	ok := func(t *testing.T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	now := noon
	service := incidents.NewService(s, incidents.Options{Now: func() time.Time { return now }})
	_, err := service.Handle(t.Context(), incidents.Request{
		Event: "Ev1", By: incidents.Actor{User: "U-ANA", In: "C-TEAM"}, Command: incidents.Declare{Title: "Checkout is down"},
	})
	ok(t, err)
	err = service.Tell(t.Context(), incidents.Notice{Key: "Ev2", Channel: "C-TEAM", User: "U-ANA", Body: []byte(`"declared"`)})
	ok(t, err)
	tried := func(want ...string) {
		t.Helper()
		var got []string
		for {
			leased, _, err := service.Lease(t.Context(), 10)
			ok(t, err)
			if len(leased) == 0 {
				same(t, got, want)
				return
			}
			got = append(got, keys(leased)...)
			for _, d := range leased {
				ok(t, service.Settle(t.Context(), d, incidents.Failing(incidents.Impossible, "The token was withdrawn.", nil)))
			}
		}
	}
	tried("inc-1/channel", "answer/Ev2", "inc-1/announcement")
	ok(t, service.Again(t.Context(), false))
	tried("inc-1/channel", "inc-1/announcement") // not the answer: whoever asked has asked again since
	now = now.Add(30 * time.Minute)
	ok(t, service.Again(t.Context(), false))
	tried("inc-1/channel", "inc-1/announcement")
	now = now.Add(29 * time.Minute)
	ok(t, service.Again(t.Context(), false)) // it has been failing for 30 minutes by then
	tried()
	now = now.Add(time.Minute)
	ok(t, service.Again(t.Context(), false))
	tried("inc-1/channel", "inc-1/announcement")
	now = now.Add(time.Second)
	ok(t, service.Recover(t.Context())) // somebody has seen to it, perhaps
	tried("inc-1/channel", "inc-1/announcement")
	now = now.Add(8 * 24 * time.Hour)
	ok(t, service.Recover(t.Context()))
	tried() // nobody waits for it any more
	_, err = service.Retry(t.Context(), incidents.Actor{User: "U-ANA"}, "inc-1/channel")
	ok(t, err)
	tried("inc-1/channel", "inc-1/announcement")
}
