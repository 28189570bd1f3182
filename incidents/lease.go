package incidents

import (
	"context"
	"fmt"
	"time"
)

// leaseOf is where a context keeps the lease that its work is done under.
type leaseOf struct{}

type lease struct {
	ends time.Time
	now  func() time.Time
}

// UnderLease returns a context for work that nobody may begin once now shows ends. A time-out of ctx is not enough: a process
// that is suspended, or whose machine sleeps, wakes up in the middle of an attempt, its timers have not run, and another
// worker has long had the delivery. What it knew by having looked is worth nothing then.
func UnderLease(ctx context.Context, ends time.Time, now func() time.Time) context.Context {
	return context.WithValue(ctx, leaseOf{}, lease{ends, now})
}

// StillLeased returns ErrStale when the lease that ctx stands under is over. An adapter asks before each of its calls; work under no
// lease may go on.
func StillLeased(ctx context.Context) error {
	l, ok := ctx.Value(leaseOf{}).(lease)
	if !ok {
		return nil
	}
	if late := l.now().Sub(l.ends); late >= 0 {
		return fmt.Errorf("%w: its time was over %v ago", ErrStale, late.Round(time.Millisecond))
	}
	return nil
}
