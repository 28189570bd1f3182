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
	"sync/atomic"
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
	// patience is how long a leased delivery waits for a worker of its service before it is handed back. Together with
	// Timeout it stays within the lease. busy is about how long it then stays away when its service hangs, soon when
	// only its own lane was taken.
	patience = 2 * time.Second
	busy     = 5 * time.Second
	soon     = time.Second
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
	next    atomic.Int64 // when the next look is due, in Unix nanoseconds; 0 while one is made
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

// WakeFor says that something was queued which is due then. It costs nothing when that is no sooner than the next look.
func (r *Relay) WakeFor(due time.Time) {
	if next := r.next.Load(); next == 0 || due.UnixNano() < next {
		r.Wake()
	}
}

// Run drains the outbox until ctx ends. Then it leases nothing more, lets attempts that are under way finish within
// Grace, cuts off the rest, and returns when every outcome is settled or its worker was given up on; what was given up
// on is leased again when its lease runs out. It is called once.
func (r *Relay) Run(ctx context.Context, outbox Outbox) {
	work, cutOff := context.WithCancel(context.WithoutCancel(ctx))
	defer cutOff()
	s := &shift{
		Relay: r, outbox: outbox, work: work, done: make(chan ending, r.o.Workers),
		running: map[incidents.Target]int{}, lanes: map[string]bool{}, stuck: map[incidents.Target]bool{},
	}
	for ctx.Err() == nil {
		s.next.Store(0)
		wait := s.fill(ctx)
		s.next.Store(s.o.Now().Add(wait).UnixNano())
		s.pause(ctx, wait)
	}
	s.stop(cutOff)
}
