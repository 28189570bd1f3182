package chat

import (
	"context"
	"sync"
	"time"

	"watchbell/incidents"
)

// recent remembers the titles that were declared last, so that a declaration which resembles none of them need not ask the
// database. It says only who may be alike: what counts is what the database holds.
type recent struct {
	mu     sync.Mutex
	loaded bool
	last   [32]recentTitle // a ring
	next   int
}

type recentTitle struct {
	number int
	at     time.Time
	words  []string
}

// add remembers an incident that was declared.
func (r *recent) add(number int, title string, at time.Time) {
	words := titleWords(title)
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.last {
		if r.last[i].number == number { // the same event again
			return
		}
	}
	r.last[r.next] = recentTitle{number, at, words}
	r.next = (r.next + 1) % len(r.last)
}

// near reports whether a title like this one may have been declared just before.
func (r *recent) near(title string, now time.Time) bool {
	words := titleWords(title)
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.last {
		if t := &r.last[i]; t.number != 0 && now.Sub(t.at) < twinAge && nearWords(t.words, words) {
			return true
		}
	}
	return false
}

// mayBeTwin reports whether the database has to be asked for a twin of a title.
func (d *Desk) mayBeTwin(ctx context.Context, title string) (bool, error) {
	if !d.service.OnlyProcess() { // others declare as well
		return true, nil
	}
	r := &d.recent
	r.mu.Lock()
	loaded := r.loaded
	r.loaded = true
	r.mu.Unlock()
	if !loaded { // what was declared before this process began
		found, err := d.service.Find(ctx, incidents.Query{Open: true, Real: true, Limit: len(r.last)})
		if err != nil {
			r.mu.Lock()
			r.loaded = false
			r.mu.Unlock()
			return false, err
		}
		for _, in := range found {
			r.add(in.Number, in.Title, in.DeclaredAt)
		}
	}
	return r.near(title, d.o.Now()), nil
}
