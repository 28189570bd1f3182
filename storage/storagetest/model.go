package storagetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"watchbell/incidents"
)

var modelTests = map[string]func(*testing.T, Harness){
	"deliveries behave as a plain list does": modelDeliveries,
	"timelines behave as a plain list does":  modelTimeline,
}

// modelDelivery is a delivery with what a store has to know besides.
type modelDelivery struct {
	incidents.Delivery
	again, made bool
	until       time.Time
}

// queue is the plainest store of deliveries there can be: a list, oldest first.
type queue struct{ all []modelDelivery }

func (q *queue) find(key string) int {
	return slices.IndexFunc(q.all, func(d modelDelivery) bool { return d.Key == key })
}

func (q *queue) enqueue(w incidents.Wish, now time.Time) {
	i := q.find(w.Key)
	if i < 0 {
		d := modelDelivery{Delivery: w.Delivery, again: true}
		d.State, d.DueAt = incidents.Pending, now
		if !w.At.IsZero() {
			d.DueAt = w.At
		}
		q.all = append(q.all, d)
		return
	}
	switch d := &q.all[i]; d.State {
	case incidents.Pending, incidents.Leased:
		d.again = true
		if d.State == incidents.Pending && !w.At.IsZero() {
			d.DueAt = w.At
		}
	case incidents.Done, incidents.Failed:
		due := now
		if d.made {
			due = now.Add(w.Debounce)
		}
		if !w.At.IsZero() {
			due = w.At
		}
		q.back(i, due)
	}
}

// back makes a delivery pending again, at the end.
func (q *queue) back(i int, due time.Time) {
	d := q.all[i]
	if d.State == incidents.Failed {
		d.Failures, d.FailingSince = 0, time.Time{}
	}
	d.State, d.DueAt, d.again = incidents.Pending, due, true
	q.all = append(slices.Delete(q.all, i, i+1), d)
}

func (q *queue) expire(now time.Time) {
	for i := range q.all {
		if d := &q.all[i]; d.State == incidents.Leased && !d.until.After(now) {
			d.State = incidents.Pending
		}
	}
}

// heads are the deliveries that are next in their lanes.
func (q *queue) heads() (indexes []int) {
	taken := map[string]bool{}
	for _, d := range q.all {
		taken[d.Lane] = taken[d.Lane] || d.State == incidents.Leased
	}
	for i, d := range q.all {
		if d.State == incidents.Pending && !taken[d.Lane] {
			taken[d.Lane] = true
			indexes = append(indexes, i)
		}
	}
	return indexes
}

func (q *queue) nextDue() (next time.Time) {
	sooner := func(t time.Time) {
		if next.IsZero() || t.Before(next) {
			next = t
		}
	}
	for _, i := range q.heads() {
		sooner(q.all[i].DueAt)
	}
	for _, d := range q.all {
		if d.State == incidents.Leased {
			sooner(d.until)
		}
	}
	return next
}

// settle returns whether the report counts.
func (q *queue) settle(d incidents.Delivery) bool {
	i := q.find(d.Key)
	if i < 0 {
		return false
	}
	was := &q.all[i]
	if d.Attempt != was.Attempt || was.State == incidents.Done || was.State == incidents.Skipped {
		return false
	}
	under := was.State == incidents.Leased || was.State == incidents.Pending
	was.State, was.Tried, was.Failures, was.FailingSince = d.State, d.Tried, d.Failures, d.FailingSince
	was.LastError, was.DueAt, was.Receipt = d.LastError, d.DueAt, d.Receipt
	was.made = was.made || d.State == incidents.Done
	if under && was.again && (d.State == incidents.Done || d.State == incidents.Failed) {
		q.back(i, d.DueAt)
	}
	return true
}

// leased takes over what the store has leased, and says what is wrong with it.
func (q *queue) leased(got []incidents.Delivery, now, until time.Time, limit int) error {
	due := 0
	for _, i := range q.heads() {
		if !q.all[i].DueAt.After(now) {
			due++
		}
	}
	if want := min(due, limit); len(got) != want {
		return fmt.Errorf("leased %q, want %d", keys(got), want)
	}
	for _, d := range got {
		i := q.find(d.Key)
		if i < 0 || !slices.Contains(q.heads(), i) || q.all[i].DueAt.After(now) {
			return fmt.Errorf("leased %s, whose turn it is not", d.Key)
		}
		m := &q.all[i]
		m.State, m.again, m.until = incidents.Leased, false, until
		m.Attempt++
		m.Tried++
		if diff := cmp.Diff(m.Delivery, d, cmpopts.EquateEmpty()); diff != "" {
			return fmt.Errorf("leased %s (-want +got):\n%s", d.Key, diff)
		}
	}
	return nil
}

// step is one call in a generated program. What it does depends on where the model stands when its turn comes.
type step struct {
	Do    string
	Lane  int
	Key   int
	Pass  int // seconds that pass before it
	Limit int
	Old   bool // settle with what was leased before the latest lease; enqueue for a certain time
	State incidents.State
}

var deliverySteps = rapid.Custom(func(t *rapid.T) step {
	return step{
		Do:    rapid.SampledFrom([]string{"enqueue", "enqueue", "enqueue", "lease", "lease", "settle", "settle", "settle", "change", "all due", "reclaim"}).Draw(t, "do"),
		Lane:  rapid.IntRange(0, 2).Draw(t, "lane"),
		Key:   rapid.IntRange(0, 2).Draw(t, "key"),
		Pass:  rapid.SampledFrom([]int{0, 0, 1, 4, 31}).Draw(t, "pass"),
		Limit: rapid.SampledFrom([]int{10, 10, 2, 1, 0}).Draw(t, "limit"),
		Old:   rapid.IntRange(0, 4).Draw(t, "old") == 0,
		State: rapid.SampledFrom([]incidents.State{incidents.Done, incidents.Done, incidents.Pending, incidents.Failed, incidents.Skipped}).Draw(t, "state"),
	}
})

// program is steps in several transactions, some of which are taken back.
type program struct {
	Steps []step
	Fail  bool
}

var programs = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) program {
	return program{
		Steps: rapid.SliceOfN(deliverySteps, 1, 8).Draw(t, "steps"),
		Fail:  rapid.IntRange(0, 5).Draw(t, "fail") == 0,
	}
}), 1, 8)

// modelDeliveries plays generated programs on the store and on the plain list: each lease and each report has to come out
// the same, and everything after each transaction.
func modelDeliveries(t *testing.T, h Harness) {
	s := h.Open(t)
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++ // every program has its own lanes; what it leaves is skipped at the end
		m := &machine{prefix: fmt.Sprintf("r%d-", round), now: after(round * 10_000), old: map[string]incidents.Delivery{}}
		defer func() {
			update(t, s, func(tx incidents.Tx) error { return m.cleanUp(tx) })
		}()
		for _, p := range programs.Draw(rt, "programs") {
			before := m.clone()
			err := s.Update(t.Context(), func(tx incidents.Tx) error {
				*m = *before.clone() // the function may be run more than once
				for _, st := range p.Steps {
					if err := m.step(tx, st); err != nil {
						return fmt.Errorf("%+v: %w", st, err)
					}
				}
				if err := m.compare(tx); err != nil {
					return err
				}
				if p.Fail {
					return errStop
				}
				return nil
			})
			if p.Fail && errors.Is(err, errStop) {
				m = before
			} else if err != nil {
				rt.Fatal(err)
			}
		}
		if err := s.Update(t.Context(), m.compare); err != nil {
			rt.Fatal(err)
		}
	})
}

// machine is the model with what the program remembers.
type machine struct {
	queue
	prefix string
	now    time.Time
	old    map[string]incidents.Delivery // what was leased before
	latest map[string]incidents.Delivery
}

func (m *machine) clone() *machine {
	c := *m
	c.all = slices.Clone(m.all)
	c.old, c.latest = map[string]incidents.Delivery{}, map[string]incidents.Delivery{}
	for k, d := range m.old {
		c.old[k] = d
	}
	for k, d := range m.latest {
		c.latest[k] = d
	}
	return &c
}

func (m *machine) step(tx incidents.Tx, st step) error {
	m.now = m.now.Add(time.Duration(st.Pass) * time.Second)
	key := fmt.Sprintf("%slane%d/%d", m.prefix, st.Lane, st.Key)
	switch st.Do {
	case "enqueue":
		w := wish(key)
		if st.Old {
			w.At = m.now.Add(time.Duration(st.Limit) * time.Second)
		}
		m.enqueue(w, m.now)
		if err := tx.Enqueue([]incidents.Wish{w}, m.now); err != nil {
			return err
		}
	case "lease":
		until := m.now.Add(30 * time.Second)
		got, err := tx.Lease(m.now, until, st.Limit)
		if err != nil {
			return err
		}
		m.expire(m.now)
		if err := m.leased(got, m.now, until, st.Limit); err != nil {
			return err
		}
		for _, d := range got {
			m.old[d.Key] = m.latest[d.Key]
			m.latest[d.Key] = d
		}
	case "settle", "change":
		return m.report(tx, st, key)
	case "all due", "reclaim":
		if st.Do == "reclaim" {
			due := m.now.Add(3 * time.Second)
			for i := range m.all {
				if d := &m.all[i]; d.State == incidents.Leased {
					d.DueAt = due
				}
			}
			m.expire(m.now.Add(time.Hour))
			return tx.Reclaim(due)
		}
		for i := range m.all {
			if d := &m.all[i]; d.State == incidents.Pending && d.Failures > 0 && d.DueAt.After(m.now) {
				d.DueAt = m.now
			}
		}
		return tx.MakeAllDue(m.now)
	}
	return nil
}

// report settles an attempt, as a worker does, or changes a delivery as it stands, as a person does.
func (m *machine) report(tx incidents.Tx, st step, key string) error {
	d, ok := m.latest[key]
	if st.Old {
		d, ok = m.old[key]
	}
	if st.Do == "change" {
		i := m.find(key)
		if ok = i >= 0 && m.all[i].State != incidents.Leased; ok {
			d = m.all[i].Delivery
		}
	}
	if !ok || d.Key == "" {
		return nil
	}
	d.State, d.DueAt = st.State, m.now.Add(time.Duration(st.Limit)*time.Second)
	if d.State == incidents.Done {
		d.Failures, d.FailingSince, d.Receipt.ID = 0, time.Time{}, "made"
	} else {
		d.Failures, d.FailingSince, d.LastError = d.Failures+1, m.now, "No answer"
	}
	err := tx.Settle(d)
	if counts := m.settle(d); counts != (err == nil) || (err != nil && !errors.Is(err, incidents.ErrStale)) {
		return fmt.Errorf("settle: %w; it counts: %v", err, counts)
	}
	return nil
}

// compare holds the store against the list.
func (m *machine) compare(tx incidents.Tx) error {
	for _, want := range m.all {
		got, err := tx.Delivery(want.Key)
		if err != nil {
			return err
		}
		if diff := cmp.Diff(want.Delivery, got, cmpopts.EquateEmpty()); diff != "" {
			return fmt.Errorf("%s (-want +got):\n%s", want.Key, diff)
		}
	}
	next, err := tx.NextDue()
	if want := m.nextDue(); err == nil && !next.Equal(want) {
		return fmt.Errorf("the next is due %v, want %v", next, want)
	}
	return err
}

// cleanUp settles everything, so that the next program finds nothing to lease.
func (m *machine) cleanUp(tx incidents.Tx) error {
	if err := tx.Reclaim(m.now); err != nil {
		return err
	}
	for _, d := range m.all {
		got, err := tx.Delivery(d.Key)
		if errors.Is(err, incidents.ErrNotFound) || got.State == incidents.Done || got.State == incidents.Skipped {
			continue
		}
		got.State = incidents.Skipped
		if err := errors.Join(err, tx.Settle(got)); err != nil {
			return err
		}
	}
	return nil
}
