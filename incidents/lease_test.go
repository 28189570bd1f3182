package incidents

import (
	"errors"
	"testing"
	"time"
)

// Work may begin until the lease ends, by whatever clock it is given; without a lease always.
func TestStillLeased(t *testing.T) {
	now := time.Date(2026, 3, 17, 9, 0, 0, 0, time.UTC)
	ctx := UnderLease(t.Context(), now.Add(20*time.Second), func() time.Time { return now })
	for _, one := range []struct {
		after time.Duration
		over  bool
	}{{0, false}, {19 * time.Second, false}, {time.Second, true}, {time.Hour, true}, {-2 * time.Hour, false}} {
		now = now.Add(one.after)
		if err := StillLeased(ctx); errors.Is(err, ErrStale) != one.over {
			t.Errorf("at %v: %v", now, err)
		}
	}
	if err := StillLeased(t.Context()); err != nil {
		t.Error(err)
	}
}
