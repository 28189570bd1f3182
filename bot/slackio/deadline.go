package slackio

import (
	"context"
	"sync"
	"time"
)

const (
	// deskTime is how long the Desk may take, of the three seconds until Slack gives up; deskMoment is by how much that may be
	// shorter.
	deskTime   = 2500 * time.Millisecond
	deskMoment = 50 * time.Millisecond
)

// deadline hands out the contexts in which the Desk answers. Whoever comes within the same moment shares one: a context of
// their own is a timer and half a kilobyte. Nothing cancels it early, so nothing that a request began may outlive its answer in
// it.
type deadline struct {
	mu   sync.Mutex
	last context.Context
	at   time.Time // when last ends
}

func (d *deadline) context() context.Context {
	d.mu.Lock()
	defer d.mu.Unlock()
	if time.Until(d.at) < deskTime-deskMoment {
		d.at = time.Now().Add(deskTime)
		ctx, cancel := context.WithDeadline(context.Background(), d.at)
		context.AfterFunc(ctx, cancel) // it ends by itself
		d.last = ctx
	}
	return d.last
}
