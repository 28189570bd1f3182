package storagetest

import (
	"testing"

	"watchbell/incidents"
)

var durabilityTests = map[string]func(*testing.T, Harness){
	"what was written is there after a restart": durable,
}

func durable(t *testing.T, h Harness) {
	if h.Reopen == nil {
		t.Skip("this store cannot be opened again")
	}
	s := h.Open(t)
	update(t, s, func(tx incidents.Tx) error { return everything(tx, 1) })
	enqueue(t, s, after(0), "a/1", "a/2", "b/1")
	for _, d := range lease(t, s, after(0), 10) {
		if d.Key == "a/1" {
			d.Failures, d.LastError = 2, "No answer"
			settle(t, s, d, incidents.Pending, after(500))
		}
	}
	enqueue(t, s, after(1), "b/1")
	head, entries, deliveries := load(t, s, 1), timeline(t, s, 1), []incidents.Delivery{}
	list := func(r incidents.Reader) (err error) {
		deliveries, err = r.Deliveries(1)
		return err
	}
	view(t, s, list)
	before := deliveries

	s = h.Reopen(t, s)
	same(t, load(t, s, 1), head)
	same(t, timeline(t, s, 1), entries)
	view(t, s, list)
	same(t, deliveries, before)
	same(t, left(t, s, 1), allTraces)
	update(t, s, func(tx incidents.Tx) error {
		last, err := tx.LastNumber()
		if last != 1 {
			t.Errorf("LastNumber is %d after a restart", last)
		}
		return err
	})
	leaseNone(t, s, after(20))
	enqueue(t, s, after(600), "c/1")
	if got := len(lease(t, s, after(600), 10)); got != 4 {
		t.Errorf("%d lanes go on after a restart, want 4", got)
	}
}
