package storagetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"watchbell/incidents"
)

var backlogTests = map[string]func(*testing.T, Harness){
	"the next one that is due":            backlogNext,
	"after a restart everything is due":   backlogAllDue,
	"after a restart leases are nobody's": backlogReclaim,
	"what is for later waits":             backlogDelay,
	"a backlog drains in order":           backlogDrains,
	"what waits is counted by target":     backlogCounts,
}

// next fails when the next delivery is not due at an instant; zero for never.
func next(t *testing.T, s incidents.Store, want time.Time) {
	t.Helper()
	update(t, s, func(tx incidents.Tx) error {
		got, err := tx.NextDue()
		if !got.Equal(want) {
			t.Errorf("the next is due %v, want %v", got, want)
		}
		return err
	})
}

func backlogNext(t *testing.T, h Harness) {
	s := h.Open(t)
	next(t, s, time.Time{})
	enqueue(t, s, after(10), "a/1", "a/2")
	enqueue(t, s, after(5), "b/1")
	next(t, s, after(5))
	b := leaseOne(t, s, after(5), "b/1")
	next(t, s, after(10))
	a := leaseOne(t, s, after(10), "a/1")
	next(t, s, after(35)) // when b's lease runs out; a/2 has to wait for a/1
	settle(t, s, b, incidents.Pending, after(60))
	next(t, s, after(40)) // a's lease
	settle(t, s, a, incidents.Done, after(11))
	next(t, s, after(10)) // a/2
	settle(t, s, leaseOne(t, s, after(11), "a/2"), incidents.Failed, after(11))
	next(t, s, after(60))
	settle(t, s, leaseOne(t, s, after(60), "b/1"), incidents.Done, after(60))
	next(t, s, time.Time{})
}

func backlogAllDue(t *testing.T, h Harness) {
	s := h.Open(t)
	enqueue(t, s, after(0), "a/1", "a/2", "b/1", "c/1", "d/1")
	for _, d := range lease(t, s, after(0), 10) {
		switch lane(d) {
		case "a":
			d.Failures = 1
			settle(t, s, d, incidents.Pending, after(600))
		case "b":
			settle(t, s, d, incidents.Done, after(700))
		case "c":
			settle(t, s, d, incidents.Failed, after(700))
		}
	}
	update(t, s, func(tx incidents.Tx) error { return tx.MakeAllDue(after(2)) })
	stands(t, s, "a/1", incidents.Pending, after(2))
	stands(t, s, "b/1", incidents.Done, after(700))
	stands(t, s, "c/1", incidents.Failed, after(700))
	if d := get(t, s, "d/1"); d.State != incidents.Leased {
		t.Errorf("a lease was taken away: %s", d.State)
	}
	leaseOne(t, s, after(2), "a/1")
}

func backlogReclaim(t *testing.T, h Harness) {
	s := h.Open(t)
	enqueue(t, s, after(0), "a/1", "a/2")
	first := leaseOne(t, s, after(0), "a/1")
	enqueue(t, s, after(1), "a/1")
	update(t, s, func(tx incidents.Tx) error { return tx.Reclaim(after(2)) })
	leaseNone(t, s, after(1))
	d := leaseOne(t, s, after(2), "a/1")
	if d.Attempt != 2 || d.Tried != 2 {
		t.Errorf("attempt %d, tried %d; want 2 and 2", d.Attempt, d.Tried)
	}
	stale(t, s, first)
	settle(t, s, d, incidents.Done, after(3)) // it began after the wish, so it is all that was wished for
	leaseOne(t, s, after(3), "a/2")
}

// backlogDrains has workers take what they get, a third of it failing at first, until nothing is left.
func backlogDrains(t *testing.T, h Harness) {
	s := h.Open(t)
	const lanes, each = 7, 30
	var wishes []incidents.Wish
	for n := range each {
		for lane := range lanes {
			wishes = append(wishes, wish(fmt.Sprintf("%c/%02d", 'a'+lane, n)))
		}
	}
	update(t, s, func(tx incidents.Tx) error { return tx.Enqueue(wishes, after(0)) })
	done := map[string]int{}
	for now, turns := after(0), 0; ; turns++ {
		leased := lease(t, s, now, 5)
		if len(leased) == 0 {
			var due time.Time
			update(t, s, func(tx incidents.Tx) (err error) {
				due, err = tx.NextDue()
				return err
			})
			if due.IsZero() {
				break
			}
			now = due
			continue
		}
		update(t, s, func(tx incidents.Tx) error {
			for i, d := range leased {
				d.State, d.DueAt = incidents.Done, now
				if d.Attempt == 1 && (turns+i)%3 == 0 {
					d.State, d.DueAt = incidents.Pending, now.Add(time.Duration(i+1)*time.Second)
				} else {
					if want := fmt.Sprintf("%s/%02d", lane(d), done[d.Lane]); d.Key != want {
						t.Errorf("%s went out when it was the turn of %s", d.Key, want)
					}
					done[d.Lane]++
				}
				if err := tx.Settle(d); err != nil {
					return err
				}
			}
			return nil
		})
		if turns > 10*lanes*each {
			t.Fatal("the backlog does not drain")
		}
	}
	for lane := range lanes {
		if name := string(rune('a' + lane)); done[wish(name).Lane] != each {
			t.Errorf("lane %s: %d of %d went out", name, done[name], each)
		}
	}
}

// backlogDelay keeps back what is wished for later, also over a restart.
func backlogDelay(t *testing.T, h Harness) {
	s := h.Open(t)
	later := wish("a/1")
	later.Delay = time.Minute
	update(t, s, func(tx incidents.Tx) error { return tx.Enqueue([]incidents.Wish{later, wish("b/1")}, after(0)) })
	leaseOne(t, s, after(1), "b/1")
	update(t, s, func(tx incidents.Tx) error { return tx.MakeAllDue(after(2)) })
	leaseNone(t, s, after(29))
	stands(t, s, "a/1", incidents.Pending, after(60))
}

// backlogCounts counts what is due or failing, not what is for later or done.
func backlogCounts(t *testing.T, h Harness) {
	s := h.Open(t)
	counts := func(now time.Time, want ...incidents.Backlog) {
		t.Helper()
		view(t, s, func(r incidents.Reader) error {
			got, err := r.Backlog(now)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("the backlog (-want +got)\n%s", diff)
			}
			return err
		})
	}
	counts(after(0))
	later := wish("l/1")
	later.Delay = time.Hour
	card := wish("c/1")
	card.Target = incidents.Trello
	enqueue(t, s, after(0), "a/1", "b/1")
	update(t, s, func(tx incidents.Tx) error { return tx.Enqueue([]incidents.Wish{later, card}, after(5)) })
	usual := wish("a/1").Target
	counts(after(10), incidents.Backlog{Target: usual, Waiting: 2, Since: after(0)}, incidents.Backlog{Target: incidents.Trello, Waiting: 1, Since: after(5)})
	for _, d := range lease(t, s, after(10), 10) {
		switch lane(d) {
		case "a":
			settle(t, s, d, incidents.Done, after(10))
		case "b":
			d.Failures, d.FailingSince = 1, after(10)
			settle(t, s, d, incidents.Pending, after(600))
		case "c":
			settle(t, s, d, incidents.Failed, after(10))
		}
	}
	counts(after(20), incidents.Backlog{Target: usual, Waiting: 1, Since: after(10)}, incidents.Backlog{Target: incidents.Trello, Failed: 1})
}
