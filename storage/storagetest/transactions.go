package storagetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"watchbell/incidents"
)

var transactionTests = map[string]func(*testing.T, Harness){
	"an error leaves nothing behind":      txRollback,
	"an update sees what it writes":       txOwnWrites,
	"a view sees one moment":              txView,
	"nobody's failure concerns the rest":  txNeighbours,
	"a caller who has gone is left out":   txCancelled,
	"the database says that it is there":  txPing,
	"an update can be tried again":        txRetry,
	"an error among others leaves no gap": txNoGap,
}

// everything writes a row of every kind for an incident.
func everything(tx incidents.Tx, number int) error {
	in := full(number)
	in.Channel.ID = fmt.Sprint("C-", number)
	source := incidents.Source{Channel: in.Channel.ID, TS: "1.000001"}
	err := tx.Apply(incidents.Change{
		Incident: in,
		Entries:  []incidents.Entry{{Number: 1, At: noon, Text: "Seen", Format: incidents.Mrkdwn, Source: source}},
		Captures: []incidents.Capture{{Source: source, By: "U-ANA", How: "reaction", At: noon, Present: true}},
		Wishes: []incidents.Wish{{Delivery: incidents.Delivery{
			Key: fmt.Sprintf("inc-%d/channel", number), Incident: number, Target: incidents.Slack,
			Lane: fmt.Sprintf("inc-%d/slack", number), Kind: incidents.KindChannel,
		}}},
	}, noon)
	if err != nil {
		return err
	}
	_, err = tx.Remember(fmt.Sprint("Ev", number), incidents.Answer{Result: incidents.Result{Incident: number}}, noon)
	return err
}

// traces says what there is of an incident that everything has written.
func traces(r incidents.Tx, number int) (found []string, err error) {
	if _, err := r.Incident(number); err == nil {
		found = append(found, "incident")
	} else if !errors.Is(err, incidents.ErrNotFound) {
		return nil, err
	}
	entry, captures, err := r.EntryOf(number, incidents.Source{Channel: fmt.Sprint("C-", number), TS: "1.000001"})
	if err != nil {
		return nil, err
	}
	if entry != nil {
		found = append(found, "entry")
	}
	if len(captures) > 0 {
		found = append(found, "capture")
	}
	if _, err := r.Delivery(fmt.Sprintf("inc-%d/channel", number)); err == nil {
		found = append(found, "delivery")
	} else if !errors.Is(err, incidents.ErrNotFound) {
		return nil, err
	}
	if _, known, err := r.Answer(fmt.Sprint("Ev", number)); err != nil {
		return nil, err
	} else if known {
		found = append(found, "answer")
	}
	return found, nil
}

var allTraces = []string{"incident", "entry", "capture", "delivery", "answer"}

// left returns the traces of an incident in the database.
func left(t *testing.T, s incidents.Store, number int) (found []string) {
	t.Helper()
	update(t, s, func(tx incidents.Tx) (err error) {
		found, err = traces(tx, number)
		return err
	})
	return found
}

var errStop = errors.New("stop here")

func txRollback(t *testing.T, h Harness) {
	s := h.Open(t)
	enqueue(t, s, after(0), "a/1")
	err := s.Update(t.Context(), func(tx incidents.Tx) error {
		if err := everything(tx, 1); err != nil {
			return err
		}
		if _, err := tx.Lease(after(0), after(30), 10); err != nil {
			return err
		}
		return fmt.Errorf("on the way: %w", errStop)
	})
	if !errors.Is(err, errStop) || errors.Is(err, incidents.ErrNotDurable) {
		t.Errorf("Update returned %v, want what its function did", err)
	}
	same(t, left(t, s, 1), nil)
	leaseOne(t, s, after(0), "a/1")
}

func txOwnWrites(t *testing.T, h Harness) {
	s := h.Open(t)
	update(t, s, func(tx incidents.Tx) error {
		if err := everything(tx, 1); err != nil {
			return err
		}
		found, err := traces(tx, 1)
		same(t, found, allTraces)
		return err
	})
}

func txView(t *testing.T, h Harness) {
	s := h.Open(t)
	declare(t, s, declared(1))
	view(t, s, func(r incidents.Reader) error {
		before, err := r.Incident(1)
		if err != nil {
			return err
		}
		in := declared(1)
		in.Version, in.Title = 2, "Changed meanwhile"
		apply(t, s, incidents.Change{Incident: in, Entries: []incidents.Entry{{Number: 2, At: after(1), Text: "New"}}})
		now, err := r.Incident(1)
		if err != nil {
			return err
		}
		same(t, now, before)
		entries, err := r.Entries(1)
		if len(entries) != 1 {
			t.Errorf("a view of before sees %d entries", len(entries))
		}
		return err
	})
	if got := load(t, s, 1).Title; got != "Changed meanwhile" {
		t.Errorf("a later view sees %q", got)
	}
	if err := s.View(t.Context(), func(incidents.Reader) error { return errStop }); !errors.Is(err, errStop) {
		t.Errorf("View returned %v, want what its function did", err)
	}
}

// txNeighbours runs updates side by side of which every third fails after it has written. A store that commits them
// together must take back exactly those.
func txNeighbours(t *testing.T, h Harness) {
	s := h.Open(t)
	const n = 60
	var callers sync.WaitGroup
	for number := 1; number <= n; number++ {
		callers.Go(func() {
			err := s.Update(t.Context(), func(tx incidents.Tx) error {
				if err := everything(tx, number); err != nil {
					return err
				}
				if number%3 == 0 {
					return errStop
				}
				return nil
			})
			if (number%3 == 0) != errors.Is(err, errStop) || (number%3 != 0 && err != nil) {
				t.Errorf("update %d: %v", number, err)
			}
		})
	}
	callers.Wait()
	for number := 1; number <= n; number++ {
		want := allTraces
		if number%3 == 0 {
			want = nil
		}
		same(t, left(t, s, number), want)
	}
}

func txNoGap(t *testing.T, h Harness) {
	s := h.Open(t)
	const n = 60
	var callers sync.WaitGroup
	for i := range n {
		callers.Go(func() {
			_ = s.Update(t.Context(), func(tx incidents.Tx) error {
				last, err := tx.LastNumber()
				if err != nil {
					return err
				}
				if err := tx.Apply(incidents.Change{Incident: declared(last + 1)}, noon); err != nil {
					return err
				}
				if i%4 == 0 {
					return errStop
				}
				return nil
			})
		})
	}
	callers.Wait()
	view(t, s, func(r incidents.Reader) error {
		all, err := r.Find(incidents.Query{Limit: 1000})
		for i, in := range all {
			if in.Number != len(all)-i {
				t.Fatalf("the numbers have a gap at %d", in.Number)
			}
		}
		if len(all) != n-n/4 {
			t.Errorf("%d incidents, want %d", len(all), n-n/4)
		}
		return err
	})
}

func txCancelled(t *testing.T, h Harness) {
	s := h.Open(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := s.Update(ctx, func(tx incidents.Tx) error { return everything(tx, 1) })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Update for a caller who has gone: %v", err)
	}
	same(t, left(t, s, 1), nil)
}

func txPing(t *testing.T, h Harness) {
	if err := h.Open(t).Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

// txRetry decides on an old version, and again: the second time has to see what the first did not.
func txRetry(t *testing.T, h Harness) {
	s := h.Open(t)
	declare(t, s, declared(1))
	const n = 20
	var callers sync.WaitGroup
	for range n {
		callers.Go(func() {
			for {
				in := incidents.Incident{}
				if err := s.View(t.Context(), func(r incidents.Reader) (err error) {
					in, err = r.Incident(1)
					return err
				}); err != nil {
					t.Error(err)
					return
				}
				in.Version++
				in.LastEntry++
				err := s.Update(t.Context(), func(tx incidents.Tx) error { return tx.Apply(incidents.Change{Incident: in}, noon) })
				if err == nil {
					return
				}
				if !errors.Is(err, incidents.ErrConflict) {
					t.Error(err)
					return
				}
			}
		})
	}
	callers.Wait()
	if in := load(t, s, 1); in.LastEntry != 1+n || in.Version != 1+n {
		t.Errorf("of %d changes, %d were kept", n, in.LastEntry-1)
	}
}
