// Package integrations carries deliveries out of the outbox to the services outside.
//
// The Relay leases what is due, hands each delivery with the incident as it is at that moment to the adapter of its
// service, and reports what came of it. It knows no service itself: the adapters are handed in. Nothing is kept in
// memory that matters: whatever the process was doing when it died is leased again and, because the adapters look
// before they create, done once.
package integrations

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"watchbell/incidents"
)

// Outbox is where deliveries come from and where their outcomes go; *incidents.Service is one.
type Outbox interface {
	// Lease gives out at most limit deliveries that are due, at most one of each lane, and says when the next one
	// will be (zero for never).
	Lease(ctx context.Context, limit int) (leased []incidents.Delivery, next time.Time, err error)
	// Snapshot returns an incident as it is now.
	Snapshot(ctx context.Context, number int) (incidents.Snapshot, error)
	// Settle records an outcome; incidents.ErrStale when the delivery was given to another worker meanwhile.
	Settle(ctx context.Context, d incidents.Delivery, o incidents.Outcome) error
}

// Deliver carries out deliveries to one service. now is the incident as it was just before the call; it is zero for an
// answer that belongs to no incident. A Deliver must return soon after its context ends.
type Deliver func(ctx context.Context, d incidents.Delivery, now incidents.Snapshot) incidents.Outcome

// Options configures a Relay. Only Deliverers must be set.
type Options struct {
	// Deliverers holds the adapter of each service that is set up.
	Deliverers map[incidents.Target]Deliver
	// Missing says, for a service that is not set up, what a person has to do; a general sentence when empty.
	Missing map[incidents.Target]string
	// Now is the clock of the outbox; time.Now when nil.
	Now func() time.Time
	// Log gets one line per delivery; slog.Default when nil.
	Log *slog.Logger
	// Metrics is where the Relay's metrics are registered; nil for nowhere.
	Metrics prometheus.Registerer
	// Workers is the most deliveries under way at a time (8 when zero), PerTarget the most to one service (3), so
	// that a service which hangs leaves room for the others.
	Workers, PerTarget int
	// Timeout bounds an attempt (20 s when zero); it must be well below incidents.LeaseFor.
	Timeout time.Duration
	// Poll is the longest time between two looks at the outbox (1 s when zero). Waking and the time that the outbox
	// names do the work; this catches a clock that was set and a delivery that another process queued.
	Poll time.Duration
	// Grace is how long attempts may go on after the Relay was told to stop (5 s when zero).
	Grace time.Duration
}

const (
	// patience is how long a leased delivery waits for a worker of its service before it is handed back, and busy is
	// how long it then stays away. Together with Timeout they stay within the lease.
	patience = 2 * time.Second
	busy     = 10 * time.Second
	// bookkeeping bounds a call to the outbox. It is not cut short by a stop: an outcome must not be lost, and a
	// lease that was given must be known.
	bookkeeping = 3 * time.Second
	// A database that is away is asked again after firstRetry, then after ever longer, at most lastRetry.
	firstRetry = time.Second
	lastRetry  = 30 * time.Second
)

// Relay drains the outbox.
type Relay struct {
	o       Options
	wake    chan struct{}
	metrics metrics
}

// NewRelay returns a Relay. It registers the metrics, so it is called once per registry.
func NewRelay(o Options) *Relay {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	for _, d := range []struct {
		field *int
		usual int
	}{{&o.Workers, 8}, {&o.PerTarget, 3}} {
		if *d.field <= 0 {
			*d.field = d.usual
		}
	}
	for _, d := range []struct {
		field *time.Duration
		usual time.Duration
	}{{&o.Timeout, 20 * time.Second}, {&o.Poll, time.Second}, {&o.Grace, 5 * time.Second}} {
		if *d.field <= 0 {
			*d.field = d.usual
		}
	}
	return &Relay{o: o, wake: make(chan struct{}, 1), metrics: newMetrics(o.Metrics)}
}

// Wake says that something was queued. It never blocks, and any number of calls cost one look at the outbox. It may be
// called before Run.
func (r *Relay) Wake() {
	select {
	case r.wake <- struct{}{}:
	default: // a look is already due
	}
}

// Run drains the outbox until ctx ends. Then it leases nothing more, lets attempts that are under way finish within
// Grace, cuts off the rest, and returns when every outcome is settled or its worker was given up on; what was given up
// on is leased again when its lease runs out. It is called once.
func (r *Relay) Run(ctx context.Context, outbox Outbox) {
	work, cutOff := context.WithCancel(context.WithoutCancel(ctx))
	defer cutOff()
	s := &shift{
		Relay: r, outbox: outbox, work: work, done: make(chan incidents.Delivery, r.o.Workers),
		running: map[incidents.Target]int{}, lanes: map[string]bool{}, stuck: map[incidents.Target]bool{},
	}
	for ctx.Err() == nil {
		s.pause(ctx, s.fill(ctx))
	}
	s.stop(cutOff)
}

// shift is one run of a Relay. Its fields belong to the goroutine of Run; workers see only what they are given.
type shift struct {
	*Relay
	outbox  Outbox
	work    context.Context // of the attempts; it outlives Run's by Grace
	done    chan incidents.Delivery
	total   int
	running map[incidents.Target]int
	lanes   map[string]bool // lanes that somebody here is working on
	held    []held
	stuck   map[incidents.Target]bool // services whose workers are all busy, and have been for a while
	failed  int                       // attempts in a row to read the outbox
}

// held is a delivery that is leased and waits for a worker of its service.
type held struct {
	incidents.Delivery
	since time.Time
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
		case d := <-s.done:
			s.ended(d)
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
			s.held = append(s.held, held{d, before})
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
		s.handBack(d, busy)
	default:
		s.held = append(s.held, held{d, s.o.Now()})
	}
}

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
		defer func() { s.done <- d }() // has room for every worker
		s.carryOut(d)
	}()
}

func (s *shift) ended(d incidents.Delivery) {
	s.total--
	s.running[d.Target]--
	delete(s.lanes, d.Lane)
	s.stuck[d.Target] = false
}

// placeHeld starts what can be started by now, and hands back what has waited too long.
func (s *shift) placeHeld() {
	waiting := s.held
	s.held = nil
	for _, h := range waiting {
		switch {
		case s.canStart(h.Delivery):
			s.start(h.Delivery)
		case s.o.Now().Sub(h.since) >= patience:
			s.stuck[h.Target] = s.running[h.Target] >= s.o.PerTarget
			s.handBack(h.Delivery, busy)
		default:
			s.held = append(s.held, h)
		}
	}
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
		case d := <-s.done:
			s.ended(d)
		case <-timer.C:
			return false
		}
	}
	return true
}
