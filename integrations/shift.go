package integrations

import (
	"context"
	"fmt"
	"hash/fnv"
	"log/slog"
	"time"

	"watchbell/incidents"
)

// shift is one run of a Relay. Its fields belong to the goroutine of Run; workers see only what they are given.
type shift struct {
	*Relay
	outbox  Outbox
	work    context.Context // of the attempts; it outlives Run's by Grace
	done    chan ending
	total   int
	running map[incidents.Target]int
	lanes   map[string]bool // lanes that somebody here is working on
	held    []held
	stuck   map[incidents.Target]bool // services that keep others waiting; until one of their attempts is quick
	failed  int                       // attempts in a row to read the outbox
}

// ending is what a worker says when it is free again.
type ending struct {
	incidents.Delivery
	slow bool // it took longer than others can wait
}

// held is a delivery that is leased and waits for a worker of its service.
type held struct {
	incidents.Delivery
	enough <-chan time.Time // fires when it has waited long enough, whatever the clock was set to
}

// pause waits until there may be something to do.
func (s *shift) pause(ctx context.Context, atMost time.Duration) {
	timer := time.NewTimer(max(atMost, 0))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
			return
		case <-timer.C:
			return
		case e := <-s.done:
			s.ended(e)
			if s.failed == 0 {
				return
			}
		}
	}
}

// fill gives work to whoever is free and returns how long to wait before the next look.
func (s *shift) fill(ctx context.Context) time.Duration {
	s.placeHeld()
	room := s.o.Workers - s.total - len(s.held)
	if room <= 0 {
		return s.o.Poll
	}
	before := s.o.Now()
	leased, next, err := s.lease(room)
	if err != nil {
		return s.backOff(err)
	}
	if s.failed > 0 {
		s.o.Log.Info("the outbox can be read again; deliveries go on", "after_failures", s.failed)
		s.failed = 0
	}
	for _, d := range leased {
		if ctx.Err() != nil {
			s.hold(d)
			continue
		}
		s.take(d)
	}
	if len(leased) == room {
		return 0 // there may be more; without room the next look waits anyway
	}
	wait := s.o.Poll
	// What is due already and was not given out waits for its lane, and a worker's end brings the next look.
	if next.After(before) {
		wait = min(wait, next.Sub(s.o.Now()))
	}
	return wait
}

func (s *shift) lease(room int) ([]incidents.Delivery, time.Time, error) {
	ctx, cancel := context.WithTimeout(s.work, bookkeeping)
	defer cancel()
	return s.outbox.Lease(ctx, room)
}

// backOff is the wait after the outbox could not be read. It says so once.
func (s *shift) backOff(err error) time.Duration {
	s.failed++
	if s.failed == 1 {
		s.o.Log.Error("the outbox cannot be read; deliveries wait until it can", "error", err)
	}
	return min(firstRetry<<min(s.failed-1, 10), lastRetry)
}

// take starts a delivery, or holds it, or hands it back when its service hangs: a hanging service must not fill the
// room that others need.
func (s *shift) take(d incidents.Delivery) {
	switch {
	case s.canStart(d):
		s.start(d)
	case s.stuck[d.Target]:
		s.handBack(d, spread(busy, d))
	default:
		s.hold(d)
	}
}

func (s *shift) hold(d incidents.Delivery) { s.held = append(s.held, held{d, time.After(patience)}) }

// canStart reports whether the service has a worker free. A lane that is still being worked on here was leased twice,
// because the clock was set or a worker took too long; two at once could make a thing twice.
func (s *shift) canStart(d incidents.Delivery) bool {
	return s.total < s.o.Workers && s.running[d.Target] < s.o.PerTarget && !s.lanes[d.Lane]
}

func (s *shift) start(d incidents.Delivery) {
	s.total++
	s.running[d.Target]++
	s.lanes[d.Lane] = true
	go func() {
		long := time.After(patience)
		defer func() {
			end := ending{Delivery: d}
			select {
			case <-long:
				end.slow = true
			default:
			}
			s.done <- end // has room for every worker
		}()
		s.carryOut(d)
	}()
}

func (s *shift) ended(e ending) {
	s.total--
	s.running[e.Target]--
	delete(s.lanes, e.Lane)
	s.stuck[e.Target] = s.stuck[e.Target] && e.slow
}

// placeHeld starts what can be started by now, and hands back what has waited too long.
func (s *shift) placeHeld() {
	waiting := s.held
	s.held = nil
	for _, h := range waiting {
		if s.canStart(h.Delivery) {
			s.start(h.Delivery)
			continue
		}
		select {
		case <-h.enough:
			after := soon
			if s.running[h.Target] >= s.o.PerTarget {
				s.stuck[h.Target], after = true, spread(busy, h.Delivery)
			}
			s.handBack(h.Delivery, after)
		default:
			s.held = append(s.held, h)
		}
	}
}

// spread gives each delivery, each time, another wait between half and one and a half of the usual. Otherwise those that
// come back in step would find the same others ahead of them again and again.
func spread(usual time.Duration, d incidents.Delivery) time.Duration {
	hash := fnv.New32a()
	fmt.Fprint(hash, d.Key, d.Attempt)
	return usual/2 + time.Duration(hash.Sum32()%1000)*usual/1000
}

// handBack ends a lease unused.
func (s *shift) handBack(d incidents.Delivery, after time.Duration) {
	err := s.settle(d, incidents.Outcome{Verdict: incidents.Deferred, After: after})
	s.o.Log.LogAttrs(s.work, slog.LevelDebug, "delivery handed back unused", append(about(d), slog.Any("error", err))...)
}

// stop ends the shift in order.
func (s *shift) stop(cutOff context.CancelFunc) {
	for _, h := range s.held {
		s.handBack(h.Delivery, 0)
	}
	if !s.drain(s.o.Grace) {
		cutOff()
		s.drain(bookkeeping)
	}
	if s.total > 0 {
		s.o.Log.Warn("stopped while deliveries were under way; their leases run out by themselves", "deliveries", s.total)
	}
}

// drain waits for the workers, and reports whether all came back in time.
func (s *shift) drain(atMost time.Duration) bool {
	timer := time.NewTimer(atMost)
	defer timer.Stop()
	for s.total > 0 {
		select {
		case e := <-s.done:
			s.ended(e)
		case <-timer.C:
			return false
		}
	}
	return true
}
