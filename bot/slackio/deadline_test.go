package slackio

import (
	"testing"
	"testing/synctest"
	"time"
)

// Whoever asks has the Desk's time before them, but for a moment, whether they share it or not.
func TestDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var d deadline
		first := d.context()
		if d.context() != first {
			t.Error("two of one moment do not share their time")
		}
		for range 20 {
			time.Sleep(deskMoment / 3)
			ends, ok := d.context().Deadline()
			if left := time.Until(ends); !ok || left > deskTime || left < deskTime-deskMoment {
				t.Errorf("%v are left", left)
			}
		}
		time.Sleep(deskTime)
		if first.Err() == nil || d.context().Err() != nil {
			t.Errorf("the first ends with %v, the next with %v", first.Err(), d.context().Err())
		}
	})
}
