package storagetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"watchbell/incidents"
)

var leaseTests = map[string]func(*testing.T, Harness){
	"only what is due":                     leaseDue,
	"of each lane the oldest":              leaseOldest,
	"no more than asked for":               leaseLimit,
	"a lane waits for the one under way":   leaseOneAtATime,
	"a lane waits for the one that fails":  leaseBlocked,
	"one that is given up frees its lane":  leaseFreed,
	"a lease runs out":                     leaseExpiry,
	"attempts are counted":                 leaseCounts,
	"a lane's order outlasts a lost lease": leaseExpiryOrder,
}

var settleTests = map[string]func(*testing.T, Harness){
	"what is reported is kept":            settleFields,
	"a worker that was given up on":       settleStale,
	"a late worker whom nobody replaced":  settleLate,
	"a report counts once":                settleOnce,
	"a person's skip stands":              settleSkipped,
	"a person tries again what failed":    settleRetried,
	"a report on something unknown fails": settleUnknown,
}

func leaseDue(t *testing.T, h Harness) {
	s := h.Open(t)
	enqueue(t, s, after(10), "a/1")
	leaseNone(t, s, after(9))
	d := leaseOne(t, s, after(10), "a/1")
	if d.State != incidents.Leased || d.Attempt != 1 || d.Tried != 1 {
		t.Errorf("leased as %+v", d)
	}
	same(t, get(t, s, "a/1"), d)
}

func leaseOldest(t *testing.T, h Harness) {
	s := h.Open(t)
	enqueue(t, s, after(0), "a/2", "b/7", "a/1", "b/6", "c/1")
	got := keys(lease(t, s, after(0), 10))
	slices.Sort(got)
	same(t, got, []string{"a/2", "b/7", "c/1"})
}

func leaseLimit(t *testing.T, h Harness) {
	s := h.Open(t)
	enqueue(t, s, after(0), "a/1", "b/1", "c/1", "d/1")
	first := keys(lease(t, s, after(0), 3))
	rest := keys(lease(t, s, after(0), 3))
	if len(first) != 3 || len(rest) != 1 {
		t.Fatalf("leased %q, then %q", first, rest)
	}
	all := append(first, rest...)
	slices.Sort(all)
	same(t, all, []string{"a/1", "b/1", "c/1", "d/1"})
	if more := lease(t, s, after(0), 0); len(more) > 0 {
		t.Errorf("asked for none, leased %q", keys(more))
	}
}

func leaseOneAtATime(t *testing.T, h Harness) {
	s := h.Open(t)
	enqueue(t, s, after(0), "a/1", "a/2", "a/3")
	for _, key := range []string{"a/1", "a/2", "a/3"} {
		d := leaseOne(t, s, after(0), key)
		leaseNone(t, s, after(1))
		settle(t, s, d, incidents.Done, after(1))
	}
	leaseNone(t, s, after(1))
}

func leaseBlocked(t *testing.T, h Harness) {
	s := h.Open(t)
	enqueue(t, s, after(0), "a/1", "a/2")
	settle(t, s, leaseOne(t, s, after(0), "a/1"), incidents.Pending, after(20))
	leaseNone(t, s, after(19))
	leaseOne(t, s, after(20), "a/1")
}

func leaseFreed(t *testing.T, h Harness) {
	s := h.Open(t)
	enqueue(t, s, after(0), "a/1", "a/2", "a/3", "a/4")
	settle(t, s, leaseOne(t, s, after(0), "a/1"), incidents.Failed, after(0))
	d := leaseOne(t, s, after(0), "a/2")
	settle(t, s, d, incidents.Pending, after(90))
	leaseNone(t, s, after(1))
	settle(t, s, get(t, s, "a/3"), incidents.Skipped, after(0)) // in the middle of the lane
	leaseNone(t, s, after(1))
	settle(t, s, get(t, s, "a/2"), incidents.Skipped, after(0)) // at its head
	leaseOne(t, s, after(1), "a/4")
}

func leaseExpiry(t *testing.T, h Harness) {
	s := h.Open(t)
	enqueue(t, s, after(0), "a/1", "a/2")
	leaseOne(t, s, after(0), "a/1")
	leaseNone(t, s, after(29))
	d := leaseOne(t, s, after(30), "a/1")
	if d.Attempt != 2 || d.Tried != 2 || !d.MustLook() {
		t.Errorf("the second worker is told %+v", d)
	}
	leaseNone(t, s, after(59))
	settle(t, s, d, incidents.Done, after(59))
	leaseOne(t, s, after(59), "a/2")
}

func leaseCounts(t *testing.T, h Harness) {
	s := h.Open(t)
	enqueue(t, s, after(0), "a/1")
	d := leaseOne(t, s, after(0), "a/1")
	d.Tried-- // nothing was sent
	settle(t, s, d, incidents.Pending, after(1))
	d = leaseOne(t, s, after(1), "a/1")
	if d.Attempt != 2 || d.Tried != 1 {
		t.Errorf("attempt %d, tried %d; want 2 and 1", d.Attempt, d.Tried)
	}
}

func leaseExpiryOrder(t *testing.T, h Harness) {
	s := h.Open(t)
	enqueue(t, s, after(0), "a/1", "a/2", "b/1")
	lease(t, s, after(0), 10)
	enqueue(t, s, after(1), "a/3", "b/2")
	for _, want := range [][]string{{"a/1", "b/1"}, {"a/2", "b/2"}, {"a/3"}} {
		leased := lease(t, s, after(40), 10)
		got := keys(leased)
		slices.Sort(got)
		same(t, got, want)
		for _, d := range leased {
			settle(t, s, d, incidents.Done, after(40))
		}
	}
}

func settleFields(t *testing.T, h Harness) {
	s := h.Open(t)
	enqueue(t, s, after(0), "a/1")
	d := leaseOne(t, s, after(0), "a/1")
	d.State, d.Tried, d.Failures, d.FailingSince, d.LastError = incidents.Failed, 7, 3, after(-5), "The list is gone"
	d.DueAt, d.Receipt = after(8), incidents.Receipt{ID: "card", URL: "https://board.example", Note: "v2"}
	update(t, s, func(tx incidents.Tx) error { return tx.Settle(d) })
	same(t, get(t, s, "a/1"), d)
	d.State, d.Failures, d.FailingSince, d.LastError = incidents.Pending, 0, time.Time{}, ""
	update(t, s, func(tx incidents.Tx) error { return tx.Settle(d) })
	same(t, get(t, s, "a/1"), d)
}

// stale fails when a report is not refused as one from a worker that was given up on, or leaves a trace.
func stale(t *testing.T, s incidents.Store, d incidents.Delivery) {
	t.Helper()
	before := get(t, s, d.Key)
	d.State, d.LastError = incidents.Done, "late"
	err := s.Update(t.Context(), func(tx incidents.Tx) error { return tx.Settle(d) })
	if !errors.Is(err, incidents.ErrStale) {
		t.Fatalf("a report on attempt %d of %d: %v, want ErrStale", d.Attempt, before.Attempt, err)
	}
	same(t, get(t, s, d.Key), before)
}

func settleStale(t *testing.T, h Harness) {
	s := h.Open(t)
	enqueue(t, s, after(0), "a/1")
	first := leaseOne(t, s, after(0), "a/1")
	second := leaseOne(t, s, after(30), "a/1")
	stale(t, s, first)
	settle(t, s, second, incidents.Pending, after(31))
	stale(t, s, first)
	third := leaseOne(t, s, after(31), "a/1")
	stale(t, s, first)
	stale(t, s, second)
	settle(t, s, third, incidents.Done, after(32))
	stale(t, s, second)
}

func settleLate(t *testing.T, h Harness) {
	s := h.Open(t)
	enqueue(t, s, after(0), "a/1", "b/1", "b/2")
	late := lease(t, s, after(0), 10)
	lease(t, s, after(40), 0) // the leases have run out by now
	for _, d := range late {
		stands(t, s, d.Key, incidents.Pending, after(0))
		settle(t, s, d, incidents.Done, after(41))
		stands(t, s, d.Key, incidents.Done, after(41))
	}
	leaseOne(t, s, after(41), "b/2")
}

func settleOnce(t *testing.T, h Harness) {
	s := h.Open(t)
	enqueue(t, s, after(0), "a/1")
	d := leaseOne(t, s, after(0), "a/1")
	settle(t, s, d, incidents.Done, after(1))
	stale(t, s, d)
	enqueue(t, s, after(2), "a/1")
	d.State = incidents.Done
	_ = s.Update(t.Context(), func(tx incidents.Tx) error { return tx.Settle(d) })
	if d := get(t, s, "a/1"); d.State != incidents.Pending {
		t.Errorf("a repeated report took away a new wish: it is %s", d.State)
	}
}

func settleSkipped(t *testing.T, h Harness) {
	s := h.Open(t)
	enqueue(t, s, after(0), "a/1")
	d := leaseOne(t, s, after(0), "a/1")
	lease(t, s, after(40), 0)
	settle(t, s, get(t, s, "a/1"), incidents.Skipped, after(40))
	stale(t, s, d)
}

func settleRetried(t *testing.T, h Harness) {
	s := h.Open(t)
	enqueue(t, s, after(0), "a/1", "a/2", "a/3")
	settle(t, s, leaseOne(t, s, after(0), "a/1"), incidents.Failed, after(0))
	settle(t, s, get(t, s, "a/1"), incidents.Pending, after(5))
	leaseNone(t, s, after(4)) // it is the oldest again, and not due
	settle(t, s, leaseOne(t, s, after(5), "a/1"), incidents.Failed, after(5))
	two := leaseOne(t, s, after(5), "a/2")
	settle(t, s, get(t, s, "a/1"), incidents.Pending, after(6))
	leaseNone(t, s, after(6)) // the lane is busy
	settle(t, s, two, incidents.Done, after(6))
	leaseOne(t, s, after(6), "a/1")
}

func settleUnknown(t *testing.T, h Harness) {
	s := h.Open(t)
	d := wish("a/1").Delivery
	d.State = incidents.Done
	if err := s.Update(t.Context(), func(tx incidents.Tx) error { return tx.Settle(d) }); err == nil {
		t.Error("a report on an unknown delivery was accepted")
	}
}
