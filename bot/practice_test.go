package main

import (
	"testing"
	"time"

	"watchbell/incidents"
)

// A play is over when everything is delivered, though there is always a reminder or a look that comes later.
func TestIdle(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 17, 9, 40, 0, 0, time.UTC)
	d := func(state incidents.State, lane string, in time.Duration) incidents.Delivery {
		return incidents.Delivery{State: state, Lane: lane, DueAt: now.Add(in)}
	}
	for name, test := range map[string]struct {
		open []incidents.Delivery
		want bool
	}{
		"nothing":               {nil, true},
		"a reminder in an hour": {[]incidents.Delivery{d(incidents.Pending, "inc-1/reminder", time.Hour)}, true},
		"an edit in a second":   {[]incidents.Delivery{d(incidents.Pending, "inc-1/slack", time.Second)}, false},
		"something under way":   {[]incidents.Delivery{d(incidents.Leased, "inc-1/github", -time.Second)}, false},
		"something given up":    {[]incidents.Delivery{d(incidents.Failed, "inc-1/trello", -time.Hour)}, true},
		"behind one that waits": {[]incidents.Delivery{d(incidents.Pending, "inc-1/slack", time.Hour), d(incidents.Pending, "inc-1/slack", 0)}, true},
		"beside one that waits": {[]incidents.Delivery{d(incidents.Pending, "inc-1/quiet", time.Hour), d(incidents.Pending, "inc-1/slack", 0)}, false},
	} {
		if got := idle(test.open, now.Add(soon)); got != test.want {
			t.Errorf("%s: idle is %t", name, got)
		}
	}
}
