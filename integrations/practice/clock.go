package practice

import (
	"sync"
	"time"
)

// Clock is the time of a story. It runs as fast as the real one and can be set forward, so that an hour of an incident
// passes in a moment while every part of the bot and of the services agrees on the time.
type Clock struct {
	mu     sync.Mutex
	ahead  time.Duration // how far the story's time is from the real one
	onJump func()
}

// NewClock returns a clock that shows start now; a zero start is the real time.
func NewClock(start time.Time) *Clock {
	c := &Clock{}
	if !start.IsZero() {
		c.ahead = time.Until(start)
	}
	return c
}

// OnJump sets what is called after the clock was set, so that whoever sleeps until some time can look again.
func (c *Clock) OnJump(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.onJump = f
}

// Now is the story's time, UTC.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead).UTC()
}

// JumpTo sets the clock forward. It never goes back.
func (c *Clock) JumpTo(t time.Time) {
	c.mu.Lock()
	by := t.Sub(time.Now().Add(c.ahead))
	if by > 0 {
		c.ahead += by
	}
	jumped := c.onJump
	c.mu.Unlock()
	if by > 0 && jumped != nil {
		jumped()
	}
}
