package storagetest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"watchbell/incidents"
)

var wishTests = map[string]func(*testing.T, Harness){
	"a new one is pending and due":          wishNew,
	"a pending one stays as it is":          wishPending,
	"a done one comes back after a while":   wishDone,
	"a failed one comes back":               wishFailed,
	"one that is done changes its lane":     wishMoved,
	"a skipped one stays skipped":           wishSkipped,
	"one under way is carried out again":    wishLeased,
	"one that comes back is last in line":   wishLast,
	"an incident lists what is not settled": wishListed,
	"an unknown key is not found":           wishUnknown,
	"one that is wished for once":           wishOnce,
}

// wish is for a delivery of incident 1 in its lane that the key begins with, up to the slash.
func wish(key string) incidents.Wish { return wishOf(1, key) }

// wishOf is likewise for any incident.
func wishOf(number int, key string) incidents.Wish {
	name, _, _ := strings.Cut(key, "/")
	from, _ := incidents.Lanes(number)
	return incidents.Wish{Debounce: 3 * time.Second, Delivery: incidents.Delivery{
		Key: key, Incident: number, Target: incidents.Slack, Lane: from + name, Kind: incidents.KindSummary,
	}}
}

// lane is the part of a key that its lane was named by.
func lane(d incidents.Delivery) string {
	name, _, _ := strings.Cut(d.Key, "/")
	return name
}

// enqueue makes wishes at an instant.
func enqueue(t *testing.T, s incidents.Store, now time.Time, keys ...string) {
	t.Helper()
	var wishes []incidents.Wish
	for _, key := range keys {
		wishes = append(wishes, wish(key))
	}
	update(t, s, func(tx incidents.Tx) error { return tx.Enqueue(wishes, now) })
}

// lease takes what is due, for 30 seconds.
func lease(t *testing.T, s incidents.Store, now time.Time, limit int) (leased []incidents.Delivery) {
	t.Helper()
	update(t, s, func(tx incidents.Tx) (err error) {
		leased, err = tx.Lease(now, now.Add(30*time.Second), limit)
		return err
	})
	return leased
}

// leaseOne takes the only thing that is due, and fails when it is not the one named.
func leaseOne(t *testing.T, s incidents.Store, now time.Time, key string) incidents.Delivery {
	t.Helper()
	leased := lease(t, s, now, 10)
	if len(leased) != 1 || leased[0].Key != key {
		t.Fatalf("leased %q, want %s alone", keys(leased), key)
	}
	return leased[0]
}

// leaseNone fails when anything can be leased.
func leaseNone(t *testing.T, s incidents.Store, now time.Time) {
	t.Helper()
	if leased := lease(t, s, now, 10); len(leased) > 0 {
		t.Fatalf("leased %q, want nothing", keys(leased))
	}
}

func keys(all []incidents.Delivery) (names []string) {
	for _, d := range all {
		names = append(names, d.Key)
	}
	return names
}

// settle ends an attempt in a state, due at an instant.
func settle(t *testing.T, s incidents.Store, d incidents.Delivery, state incidents.State, due time.Time) {
	t.Helper()
	d.State, d.DueAt = state, due
	update(t, s, func(tx incidents.Tx) error { return tx.Settle(d) })
}

// get returns a delivery.
func get(t *testing.T, s incidents.Store, key string) (d incidents.Delivery) {
	t.Helper()
	update(t, s, func(tx incidents.Tx) (err error) {
		d, err = tx.Delivery(key)
		return err
	})
	return d
}

// stands fails when a delivery is not in a state, due at an instant.
func stands(t *testing.T, s incidents.Store, key string, state incidents.State, due time.Time) {
	t.Helper()
	if d := get(t, s, key); d.State != state || !d.DueAt.Equal(due) {
		t.Fatalf("%s is %s, due %s; want %s, %s", key, d.State, d.DueAt.Format(time.TimeOnly), state, due.Format(time.TimeOnly))
	}
}

func wishNew(t *testing.T, h Harness) {
	s := h.Open(t)
	w := incidents.Wish{Delivery: incidents.Delivery{
		Key: "inc-1/message-C-1/tick", Incident: 1, Target: incidents.Slack, Lane: "inc-1/slack", Kind: incidents.KindTick,
		Subject: `{"Channel":"C-1"}`,
	}}
	answer := incidents.Wish{Debounce: time.Hour, Delivery: incidents.Delivery{
		Key: "answer/1", Target: incidents.Slack, Lane: "answer/C-1/U-ANA", Kind: incidents.KindAnswer, Payload: []byte{'{', 0, 0xff},
	}}
	update(t, s, func(tx incidents.Tx) error { return tx.Enqueue([]incidents.Wish{w, answer}, after(1)) })
	for _, w := range []incidents.Wish{w, answer} {
		want := w.Delivery
		want.State, want.DueAt = incidents.Pending, after(1)
		same(t, get(t, s, want.Key), want)
	}
}

func wishOnce(t *testing.T, h Harness) {
	s := h.Open(t)
	first, second := wish("a/1"), wish("a/2")
	first.Once, second.Once = true, true
	update(t, s, func(tx incidents.Tx) error { return tx.Enqueue([]incidents.Wish{first, second}, after(0)) })
	d := leaseOne(t, s, after(1), "a/1") // the second waits for its turn
	update(t, s, func(tx incidents.Tx) error { return tx.Enqueue([]incidents.Wish{first}, after(2)) })
	settle(t, s, d, incidents.Done, after(3))
	stands(t, s, "a/1", incidents.Done, after(3))
	update(t, s, func(tx incidents.Tx) error { return tx.Enqueue([]incidents.Wish{first}, after(4)) })
	stands(t, s, "a/1", incidents.Done, after(3))
	settle(t, s, leaseOne(t, s, after(5), "a/2"), incidents.Done, after(5))
	leaseNone(t, s, after(6))
}

func wishPending(t *testing.T, h Harness) {
	s := h.Open(t)
	enqueue(t, s, after(0), "a/1", "a/2")
	enqueue(t, s, after(5), "a/1")
	stands(t, s, "a/1", incidents.Pending, after(0))
	d := leaseOne(t, s, after(6), "a/1") // it has kept its place
	d.Failures, d.FailingSince, d.LastError = 1, after(6), "Slack did not answer"
	settle(t, s, d, incidents.Pending, after(60))
	enqueue(t, s, after(7), "a/1")
	stands(t, s, "a/1", incidents.Pending, after(60)) // and its pace
	if d := get(t, s, "a/1"); d.Failures != 1 || d.LastError == "" {
		t.Errorf("a wish made its failures forgotten: %+v", d)
	}
}

func wishDone(t *testing.T, h Harness) {
	s := h.Open(t)
	enqueue(t, s, after(0), "a/1")
	d := leaseOne(t, s, after(0), "a/1")
	d.Receipt = incidents.Receipt{ID: "17.1", URL: "https://chat.example/17", Note: "n"}
	settle(t, s, d, incidents.Done, after(0))
	leaseNone(t, s, after(60))
	enqueue(t, s, after(100), "a/1")
	stands(t, s, "a/1", incidents.Pending, after(103))
	leaseNone(t, s, after(102))
	again := leaseOne(t, s, after(103), "a/1")
	if again.Receipt != d.Receipt || again.Attempt != 2 {
		t.Errorf("it came back without what is known of it: %+v", again)
	}
}

func wishFailed(t *testing.T, h Harness) {
	s := h.Open(t)
	enqueue(t, s, after(0), "a/1", "b/1")
	for _, d := range lease(t, s, after(0), 10) {
		if d.Key == "b/1" {
			settle(t, s, d, incidents.Done, after(0))
			enqueue(t, s, after(0), "b/1")
			d = leaseOne(t, s, after(3), "b/1")
		}
		d.Failures, d.FailingSince, d.LastError = 4, after(3), "The channel is archived"
		settle(t, s, d, incidents.Failed, after(3))
	}
	leaseNone(t, s, after(90))
	enqueue(t, s, after(100), "a/1", "b/1")
	stands(t, s, "a/1", incidents.Pending, after(100)) // it was never done
	stands(t, s, "b/1", incidents.Pending, after(103))
	if d := get(t, s, "a/1"); d.Failures != 0 || !d.FailingSince.IsZero() {
		t.Errorf("it comes back with the pace of its failures: %+v", d)
	}
}

// wishMoved has the lane of a thing be another one since a newer version runs: it takes its turn there, and not beside
// whatever has the old lane's.
func wishMoved(t *testing.T, h Harness) {
	s := h.Open(t)
	enqueue(t, s, after(0), "a/1")
	settle(t, s, leaseOne(t, s, after(0), "a/1"), incidents.Done, after(0))
	enqueue(t, s, after(10), "a/2", "b/1")
	moved := wish("a/1")
	moved.Lane = wish("b/1").Lane
	update(t, s, func(tx incidents.Tx) error { return tx.Enqueue([]incidents.Wish{moved}, after(10)) })
	same(t, keys(lease(t, s, after(20), 10)), []string{"a/2", "b/1"})
	settle(t, s, get(t, s, "b/1"), incidents.Done, after(20))
	if d := leaseOne(t, s, after(21), "a/1"); d.Lane != moved.Lane {
		t.Errorf("it is in the lane %s", d.Lane)
	}
}

func wishSkipped(t *testing.T, h Harness) {
	s := h.Open(t)
	enqueue(t, s, after(0), "a/1")
	settle(t, s, get(t, s, "a/1"), incidents.Skipped, after(0))
	enqueue(t, s, after(1), "a/1")
	stands(t, s, "a/1", incidents.Skipped, after(0))
	leaseNone(t, s, after(60))
}

func wishLeased(t *testing.T, h Harness) {
	for name, outcome := range map[string]incidents.State{"done": incidents.Done, "failed": incidents.Failed, "to be tried again": incidents.Pending} {
		t.Run(name, func(t *testing.T) {
			s := h.Open(t)
			enqueue(t, s, after(0), "a/1")
			d := leaseOne(t, s, after(0), "a/1")
			enqueue(t, s, after(1), "a/1")
			enqueue(t, s, after(2), "a/1")
			if d := get(t, s, "a/1"); d.State != incidents.Leased {
				t.Fatalf("a wish took it from its worker: %s", d.State)
			}
			leaseNone(t, s, after(3))
			settle(t, s, d, outcome, after(5))
			stands(t, s, "a/1", incidents.Pending, after(5))
			leaseNone(t, s, after(4))
			settle(t, s, leaseOne(t, s, after(5), "a/1"), incidents.Done, after(6))
			stands(t, s, "a/1", incidents.Done, after(6)) // two wishes while it was under way are one
		})
	}
}

func wishLast(t *testing.T, h Harness) {
	s := h.Open(t)
	enqueue(t, s, after(0), "a/1", "a/2")
	d := leaseOne(t, s, after(0), "a/1")
	enqueue(t, s, after(0), "a/3")
	settle(t, s, d, incidents.Done, after(0))
	enqueue(t, s, after(1), "a/1")
	for _, key := range []string{"a/2", "a/3"} {
		settle(t, s, leaseOne(t, s, after(10), key), incidents.Done, after(10))
	}
	d = leaseOne(t, s, after(10), "a/1")
	enqueue(t, s, after(11), "a/4", "a/1")
	settle(t, s, d, incidents.Done, after(12))
	settle(t, s, leaseOne(t, s, after(13), "a/4"), incidents.Done, after(13))
	leaseOne(t, s, after(13), "a/1")
}

func wishListed(t *testing.T, h Harness) {
	s := h.Open(t)
	enqueue(t, s, after(0), "done/1", "failed/1", "skipped/1", "leased/1", "pending/1", "pending/2")
	others := []incidents.Wish{wishOf(2, "other/1"), wishOf(10, "ten/2"), wishOf(0, "none/1"), wishOf(11, "eleven/1"), wishOf(10, "ten/1")}
	others[2].Kind, others[2].Lane = incidents.KindAnswer, "answer/C-1/U-ANA"
	update(t, s, func(tx incidents.Tx) error { return tx.Enqueue(others, after(0)) })
	for _, d := range lease(t, s, after(0), 20) {
		switch lane(d) {
		case "done":
			settle(t, s, d, incidents.Done, after(0))
		case "failed", "eleven":
			settle(t, s, d, incidents.Failed, after(0))
		case "skipped":
			settle(t, s, d, incidents.Skipped, after(0))
		case "pending":
			settle(t, s, d, incidents.Pending, after(0))
		}
	}
	view(t, s, func(r incidents.Reader) error {
		for number, want := range map[int][]string{1: {"failed/1", "leased/1", "pending/1", "pending/2"}, 2: {"other/1"}, 3: nil,
			10: {"ten/2", "ten/1"}, 11: {"eleven/1"}, 100: nil, 0: {"none/1"}} {
			all, err := r.Deliveries(number)
			if err != nil {
				return err
			}
			same(t, keys(all), want)
		}
		return nil
	})
	same(t, get(t, s, "leased/1").State, incidents.Leased)
}

func wishUnknown(t *testing.T, h Harness) {
	s := h.Open(t)
	err := s.Update(t.Context(), func(tx incidents.Tx) error {
		_, err := tx.Delivery("inc-9/channel")
		return err
	})
	if !errors.Is(err, incidents.ErrNotFound) {
		t.Errorf("Delivery of an unknown key: %v", err)
	}
}
