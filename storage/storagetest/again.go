package storagetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
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
		Event: "Ev1", By: incidents.Actor{User: "U-ANA", In: "C-TEAM"}, Command: incidents.Declare{Title: "Checkout is down", Private: true},
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
				same(t, slices.Compact(got), want)
				return
			}
			got = append(got, keys(leased)...)
			for _, d := range leased {
				ok(t, service.Settle(t.Context(), d, incidents.Failing(incidents.Impossible, "The token was withdrawn.", nil)))
			}
		}
	}
	tried("inc-1/channel", "answer/Ev2")
	ok(t, service.Again(t.Context(), false))
	tried("inc-1/channel") // not the answer: whoever asked has asked again since
	now = now.Add(30 * time.Minute)
	ok(t, service.Again(t.Context(), false))
	tried("inc-1/channel")
	now = now.Add(29 * time.Minute)
	ok(t, service.Again(t.Context(), false)) // it has been failing for 30 minutes by then
	tried()
	now = now.Add(time.Minute)
	ok(t, service.Again(t.Context(), false))
	tried("inc-1/channel")
	now = now.Add(time.Second)
	ok(t, service.Recover(t.Context())) // somebody has seen to it, perhaps
	tried("inc-1/channel")
	now = now.Add(8 * 24 * time.Hour)
	ok(t, service.Recover(t.Context()))
	tried() // nobody waits for it any more
	_, err = service.Retry(t.Context(), incidents.Actor{User: "U-ANA"}, "inc-1/channel")
	ok(t, err)
	tried("inc-1/channel")
	_, err = service.Handle(t.Context(), incidents.Request{
		Event: "Ev3", By: incidents.Actor{User: "U-ANA", In: "C-TEAM"}, Command: incidents.Declare{Title: "Mail is late"},
	})
	ok(t, err)
	tried("inc-2/channel", "inc-2/announcement")
	for _, severity := range []incidents.Severity{incidents.Severe, incidents.Downtime} {
		_, err = service.Handle(t.Context(), incidents.Request{
			Incident: 2, By: incidents.Actor{User: "U-ANA", In: "C-TEAM"}, Command: incidents.SetSeverity{Severity: severity},
		})
		ok(t, err)
		tried("inc-2/announcement") // for as long as there is no channel it is all that shows how things are
	}
}

// serviceSetBack sets the clock back by an hour: what was to come in a moment comes in a moment.
func serviceSetBack(t *testing.T, h Harness) {
	s := h.Open(t)
	now := noon
	service := incidents.NewService(s, incidents.Options{Now: func() time.Time { return now }})
	do := func(c incidents.Command) {
		t.Helper()
		if _, err := service.Handle(t.Context(), incidents.Request{Incident: 1, By: incidents.Actor{User: "U-ANA", In: "C-1"}, Command: c}); err != nil {
			t.Fatal(err)
		}
	}
	leased := func(settle func(incidents.Delivery) incidents.Outcome) (all []string) {
		t.Helper()
		for {
			found, _, err := service.Lease(t.Context(), 10)
			if err != nil {
				t.Fatal(err)
			}
			if len(found) == 0 {
				return all
			}
			for _, d := range found {
				all = append(all, d.Key)
				if err := service.Settle(t.Context(), d, settle(d)); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	fine := func(d incidents.Delivery) incidents.Outcome {
		o := incidents.DeliveredAs(incidents.Receipt{ID: d.Key})
		o.Channel = incidents.Channel{ID: "C-1", Name: "inc-1"}
		return o
	}
	do(incidents.Declare{Title: "Checkout is down"})
	leased(fine)
	now = now.Add(10 * time.Minute)
	leased(fine)
	do(incidents.AddAction{Text: "Rotate the keys"})
	leased(func(d incidents.Delivery) incidents.Outcome {
		if d.Kind == incidents.KindCard {
			return incidents.Failing(incidents.Refused, "Trello is away.", nil)
		}
		return fine(d)
	})
	do(incidents.SetSeverity{Severity: incidents.Downtime}) // shown in a moment
	now = now.Add(-time.Hour)
	leased(fine)
	now = now.Add(5 * time.Second)
	got := strings.Join(leased(fine), " ")
	for _, want := range []string{"inc-1/summary", "inc-1/announcement", "inc-1/action-1/card"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s does not come while the clock catches up; what comes is %s", want, got)
		}
	}
}

// serviceStoppedSetBack sets the clock back by an hour while nothing runs, with one delivery under way and others due in a
// moment: they come as soon as if nothing had happened.
func serviceStoppedSetBack(t *testing.T, h Harness) {
	s := h.Open(t)
	now := noon
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	start := func() *incidents.Service {
		service := incidents.NewService(s, incidents.Options{Now: func() time.Time { return now }})
		ok(service.Recover(t.Context()))
		return service
	}
	service := start()
	_, err := service.Handle(t.Context(), incidents.Request{
		Event: "Ev1", By: incidents.Actor{User: "U-ANA", In: "C-TEAM"}, Command: incidents.Declare{Title: "Checkout is down"},
	})
	ok(err)
	lease := func() []string {
		t.Helper()
		leased, _, err := service.Lease(t.Context(), 10)
		ok(err)
		return keys(leased)
	}
	same(t, lease(), []string{"inc-1/channel"}) // and then it dies
	ok(service.Tell(t.Context(), incidents.Notice{Key: "Ev1", Channel: "C-TEAM", User: "U-ANA", Body: []byte(`"declared"`)}))
	update(t, s, func(tx incidents.Tx) error {
		w := wish("inc-1/slow/1")
		w.At = now.Add(20 * time.Second)
		return tx.Enqueue([]incidents.Wish{w}, now)
	})
	now = now.Add(-time.Hour)
	service = start()
	same(t, lease(), []string{"answer/Ev1"})
	now = now.Add(20 * time.Second)
	same(t, lease(), []string{"inc-1/slow/1"})
	now = now.Add(10 * time.Second)
	if got := lease(); !slices.Contains(got, "inc-1/channel") {
		t.Errorf("what was under way does not come when its lease could have run out, only %q does", got)
	}
}

// counted counts what is settled in each transaction, and has something happen before the first.
type counted struct {
	incidents.Store
	first func()
	most  int
}

type countedTx struct {
	incidents.Tx
	settled int
}

func (c *countedTx) Settle(d incidents.Delivery) error { c.settled++; return c.Tx.Settle(d) }

func (c *counted) Update(ctx context.Context, fn func(incidents.Tx) error) error {
	if first := c.first; first != nil {
		c.first = nil
		first()
	}
	return c.Store.Update(ctx, func(tx incidents.Tx) error {
		counting := &countedTx{Tx: tx}
		err := fn(counting)
		c.most = max(c.most, counting.settled)
		return err
	})
}

// serviceManyAgain has many deliveries fail, as in a week without a token: no transaction takes long to have them tried again,
// and what somebody skips at that moment stays skipped.
func serviceManyAgain(t *testing.T, h Harness) {
	const many = 120
	s := h.Open(t)
	update(t, s, func(tx incidents.Tx) error {
		var wishes []incidents.Wish
		for n := range many {
			wishes = append(wishes, wish(fmt.Sprintf("lane%d/1", n)))
		}
		if err := tx.Enqueue(wishes, noon); err != nil {
			return err
		}
		leased, err := tx.Lease(noon, after(30), 2*many)
		for _, d := range leased {
			if d.State, d.FailingSince = incidents.Failed, noon; err == nil {
				err = tx.Settle(d)
			}
		}
		return err
	})
	c := &counted{Store: s, first: func() {
		update(t, s, func(tx incidents.Tx) error {
			d, err := tx.Delivery("lane7/1")
			if err != nil {
				return err
			}
			d.State = incidents.Skipped
			return tx.Settle(d)
		})
	}}
	service := incidents.NewService(c, incidents.Options{Now: func() time.Time { return after(60) }})
	if err := service.Again(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	leased, _, err := service.Lease(t.Context(), 2*many)
	if err != nil {
		t.Fatal(err)
	}
	if got := keys(leased); len(got) != many-1 || slices.Contains(got, "lane7/1") {
		t.Errorf("%d are tried again: %q", len(got), got)
	}
	if c.most == 0 || c.most > many/2 {
		t.Errorf("%d in one transaction", c.most)
	}
}
