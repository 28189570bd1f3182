package chat

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestThrottleTellsOnceAMinute(t *testing.T) {
	now := time.Date(2026, 3, 17, 9, 0, 0, 0, time.UTC)
	th := NewThrottle(60)
	for range 60 {
		if ok, _ := th.Take("U1", now); !ok {
			t.Fatal("a minute's worth is not to be had at once")
		}
	}
	for i, want := range []bool{true, false, false} {
		if ok, first := th.Take("U1", now); ok || first != want {
			t.Errorf("beyond it, number %d: %v, news %v", i+1, ok, first)
		}
	}
	if ok, _ := th.Take("U2", now); !ok {
		t.Error("somebody else has to wait as well")
	}
	if ok, _ := th.Take("U1", now.Add(time.Second)); !ok {
		t.Error("a second later there is nothing again")
	}
	for range 1000 {
		if ok, _ := NewThrottle(0).Take("U1", now); !ok {
			t.Fatal("without a bound something is refused")
		}
	}
}

// However requests come, nobody gets more than a minute's worth and what the time since brought.
func TestThrottleBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := time.Date(2026, 3, 17, 9, 0, 0, 0, time.UTC)
		most := rapid.IntRange(1, 50).Draw(t, "per minute")
		th, now, got, passed := NewThrottle(most), start, 0, time.Duration(0)
		for _, wait := range rapid.SliceOfN(rapid.IntRange(-1000, 20_000), 0, 200).Draw(t, "waits in ms") {
			if wait > 0 || rapid.Bool().Draw(t, "the clock jumps back") {
				now = now.Add(time.Duration(wait) * time.Millisecond)
				passed += max(0, time.Duration(wait)*time.Millisecond)
			}
			if ok, _ := th.Take("U1", now); ok {
				got++
			}
		}
		if bound := float64(most)*(1+passed.Minutes()) + 0.001; float64(got) > bound {
			t.Fatalf("%d were to be had, %.0f are the most", got, bound)
		}
	})
}
