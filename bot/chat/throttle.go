package chat

import (
	"sync"
	"time"

	"watchbell/incidents"
)

// Throttle bounds what one person, or one address, may ask for: as much as fits into a minute at once, and then as fast
// as minutes pass. It is safe for concurrent use.
type Throttle struct {
	perMinute float64
	mu        sync.Mutex
	used      map[string]*usage
}

type usage struct {
	left float64
	at   time.Time
	told time.Time // when somebody was told last that it was too much
}

// manyUsers bounds what a Throttle remembers. Whoever has been quiet for a minute need not be remembered.
const manyUsers = 10_000

// NewThrottle returns a Throttle; with 0 there is no bound.
func NewThrottle(perMinute int) *Throttle {
	return &Throttle{perMinute: float64(perMinute), used: map[string]*usage{}}
}

// Take asks for one thing at the instant now. Where it may not be had, first says whether that is news: what costs
// something to say is said once a minute.
func (t *Throttle) Take(who string, now time.Time) (ok, first bool) {
	if t == nil || t.perMinute <= 0 || who == "" {
		return true, false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	u := t.used[who]
	if u == nil {
		if len(t.used) >= manyUsers {
			t.forget(now)
		}
		u = &usage{left: t.perMinute}
		t.used[who] = u
	} else if passed := now.Sub(u.at); passed > 0 {
		u.left = min(t.perMinute, u.left+t.perMinute*passed.Minutes())
	}
	u.at = now
	if u.left >= 1 {
		u.left--
		return true, false
	}
	first = now.Sub(u.told) >= time.Minute
	if first {
		u.told = now
	}
	return false, first
}

// forget forgets who has been quiet; when nobody has, everybody, which costs no more than a minute's worth.
func (t *Throttle) forget(now time.Time) {
	for who, u := range t.used {
		if now.Sub(u.at) >= time.Minute {
			delete(t.used, who)
		}
	}
	if len(t.used) >= manyUsers {
		clear(t.used)
	}
}

// tooMuch refuses what is beyond the bound; nil when it is within. For what is answered through the outbox, later, an empty
// reply may be all there is: the person was told a moment ago.
func (d *Desk) tooMuch(user string) (refused *incidents.Refusal, first bool) {
	ok, first := d.pace.Take(user, d.o.Now())
	if ok {
		return nil, false
	}
	return incidents.Refuse(incidents.TooMany, "That is more than %d things within a minute, so this one was left out; nothing was recorded.", d.o.PerMinute).
		Next("Send it again in a minute."), first
}
