package storagetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"watchbell/incidents"
)

// replicaTests are for stores that several processes may use at once.
var replicaTests = map[string]func(*testing.T, Harness){
	"numbers have no gap and no double":      replicaNumbers,
	"an event that comes to all of them":     replicaEvents,
	"a lane has one worker among all":        replicaLanes,
	"everybody changes one incident":         replicaConflicts,
	"what one commits the others see":        replicaSees,
	"a late worker of another is fenced off": replicaStale,
}

// replicas opens a store three times, or skips.
func replicas(t *testing.T, h Harness) []incidents.Store {
	t.Helper()
	if h.Another == nil {
		t.Skip("one process at a time has this store")
	}
	first := h.Open(t)
	return []incidents.Store{first, h.Another(t, first), h.Another(t, first)}
}

// everywhere runs fn n times on each store, all at the same time.
func everywhere(stores []incidents.Store, n int, fn func(replica, i int, s incidents.Store)) {
	var callers sync.WaitGroup
	for replica, s := range stores {
		for i := range n {
			callers.Go(func() { fn(replica, i, s) })
		}
	}
	callers.Wait()
}

func replicaNumbers(t *testing.T, h Harness) {
	stores := replicas(t, h)
	const each = 20
	var mu sync.Mutex
	var given []int
	everywhere(stores, each, func(replica, i int, s incidents.Store) {
		result, err := serviceOn(s).Handle(t.Context(), incidents.Request{
			Event: fmt.Sprintf("Ev-%d-%d", replica, i), By: incidents.Actor{User: "U-ANA", In: "C-TEAM"},
			Command: incidents.Declare{Title: "Checkout is down"},
		})
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		given = append(given, result.Incident)
	})
	slices.Sort(given)
	for i, n := range given {
		if n != i+1 {
			t.Fatalf("the numbers given are %v", given)
		}
	}
}

func replicaEvents(t *testing.T, h Harness) {
	stores := replicas(t, h)
	var results sync.Map
	const events = 5
	everywhere(stores, 4*events, func(_, i int, s incidents.Store) {
		event := fmt.Sprintf("Ev-%d", i%events)
		result, err := serviceOn(s).Handle(t.Context(), incidents.Request{
			Event: event, By: incidents.Actor{User: "U-ANA", In: "C-TEAM"}, Command: incidents.Declare{Title: event},
		})
		if err != nil {
			t.Error(err)
			return
		}
		if before, known := results.LoadOrStore(event, result); known && !cmp.Equal(before, result) {
			t.Errorf("%s is answered %+v by one and %+v by another", event, before, result)
		}
	})
	found, err := serviceOn(stores[0]).Find(t.Context(), incidents.Query{})
	if err != nil || len(found) != events {
		t.Errorf("%d events made %d incidents: %v", events, len(found), err)
	}
}

func replicaLanes(t *testing.T, h Harness) {
	stores := replicas(t, h)
	const lanes, each = 6, 5
	for n := range each {
		for lane := range lanes {
			enqueue(t, stores[n%len(stores)], after(0), fmt.Sprintf("lane%d/%d", lane, n))
		}
	}
	var mu sync.Mutex
	busy, done := map[string]string{}, map[string][]string{}
	everywhere(stores, 2, func(_, _ int, s incidents.Store) {
		for range 10 * lanes * each {
			var leased []incidents.Delivery
			err := s.Update(t.Context(), func(tx incidents.Tx) (err error) {
				leased, err = tx.Lease(after(0), after(30), 3)
				return err
			})
			if err != nil {
				t.Error(err)
				return
			}
			for _, d := range leased {
				mu.Lock()
				if other := busy[d.Lane]; other != "" {
					t.Errorf("%s is leased while %s of its lane is", d.Key, other)
				}
				busy[d.Lane] = d.Key
				done[d.Lane] = append(done[d.Lane], d.Key)
				mu.Unlock()
			}
			for _, d := range leased {
				mu.Lock()
				delete(busy, d.Lane) // from here on anybody may have the next
				mu.Unlock()
				d.State, d.DueAt = incidents.Done, after(1)
				if err := s.Update(t.Context(), func(tx incidents.Tx) error { return tx.Settle(d) }); err != nil {
					t.Error(err)
				}
			}
			mu.Lock()
			all := 0
			for _, lane := range done {
				all += len(lane)
			}
			mu.Unlock()
			if all == lanes*each {
				return
			}
		}
	})
	for lane := range lanes {
		var want []string
		for n := range each {
			want = append(want, fmt.Sprintf("lane%d/%d", lane, n))
		}
		same(t, done[wish(fmt.Sprintf("lane%d", lane)).Lane], want)
	}
}

func replicaConflicts(t *testing.T, h Harness) {
	stores := replicas(t, h)
	declare(t, stores[0], declared(1))
	const each = 10
	everywhere(stores, each, func(replica, i int, s incidents.Store) {
		_, err := serviceOn(s).Handle(t.Context(), incidents.Request{
			Event: fmt.Sprintf("Ev-%d-%d", replica, i), Incident: 1, By: incidents.Actor{User: "U-BEN"},
			Command: incidents.Log{Text: fmt.Sprintf("from %d, %d", replica, i)},
		})
		if err != nil {
			t.Error(err)
		}
	})
	texts := map[string]int{}
	for _, e := range timeline(t, stores[1], 1) {
		texts[e.Text]++
	}
	for replica := range stores {
		for i := range each {
			if n := texts[fmt.Sprintf("from %d, %d", replica, i)]; n != 1 {
				t.Errorf("what %d logged as its %dth is there %d times", replica, i, n)
			}
		}
	}
}

func replicaSees(t *testing.T, h Harness) {
	stores := replicas(t, h)
	for n := 1; n <= 9; n++ {
		declare(t, stores[n%len(stores)], declared(n))
		for _, s := range stores {
			load(t, s, n)
		}
	}
}

func replicaStale(t *testing.T, h Harness) {
	stores := replicas(t, h)
	enqueue(t, stores[0], after(0), "a/1")
	late := leaseOne(t, stores[0], after(0), "a/1")
	current := leaseOne(t, stores[1], after(30), "a/1")
	stale(t, stores[0], late)
	settle(t, stores[1], current, incidents.Done, after(31))
	stale(t, stores[0], late)
	if err := stores[2].Update(t.Context(), func(tx incidents.Tx) error { return tx.Settle(current) }); !errors.Is(err, incidents.ErrStale) {
		t.Errorf("a report that was made already: %v", err)
	}
}
