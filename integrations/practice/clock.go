package practice

import (
	"math"
	"sync"
	"time"
)

// Clock is the time of a story. It runs as fast as the real one unless it is told another pace, and it can be set
// forward, so that an hour of an incident passes in a moment while every part of the bot and of the services agrees on
// the time.
type Clock struct {
	mu     sync.Mutex
	story  time.Time // what the clock showed at the real time since
	since  time.Time
	pace   float64
	onJump func()
}

// NewClock returns a clock that shows start now; a zero start is the real time.
func NewClock(start time.Time) *Clock {
	now := time.Now().Round(0) // the wall's time: a machine that slept has not stopped it
	if start.IsZero() {
		start = now
	}
	return &Clock{story: start, since: now, pace: 1}
}

// OnJump sets what is called after the clock was set or its pace was changed, so that whoever sleeps until some time can
// look again.
func (c *Clock) OnJump(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.onJump = f
}

// Now is the story's time, UTC.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now().UTC()
}

// now is the story's time. The lock is held.
func (c *Clock) now() time.Time {
	passed := time.Now().Round(0).Sub(c.since)
	if c.pace != 1 {
		passed = time.Duration(float64(passed) * c.pace)
	}
	return c.story.Add(passed)
}

// JumpTo sets the clock forward. It never goes back.
func (c *Clock) JumpTo(t time.Time) {
	c.mu.Lock()
	ahead := t.After(c.now())
	if ahead {
		c.story, c.since = t, time.Now().Round(0)
	}
	c.mu.Unlock()
	if ahead {
		c.Nudge()
	}
}

// SetPace says how many minutes of the story pass in a real minute from now on: 1 as in life, 0 for a clock that stands
// still until it is set forward or gets another pace. A negative pace counts as 0.
func (c *Clock) SetPace(pace float64) {
	c.mu.Lock()
	c.story, c.since, c.pace = c.now(), time.Now().Round(0), max(pace, 0)
	c.mu.Unlock()
	c.Nudge()
}

// Nudge calls what OnJump set, without changing the time. A clock that runs faster than life is nudged now and then, for
// those who sleep by the real time oversleep.
func (c *Clock) Nudge() {
	c.mu.Lock()
	f := c.onJump
	c.mu.Unlock()
	if f != nil {
		f()
	}
}

// never is longer than any drill.
const never = time.Duration(math.MaxInt64)

// left is the real time until the clock shows t at its present pace: 0 when it does already, never when it stands still.
func (c *Clock) left(t time.Time) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	story := t.Sub(c.now())
	if story <= 0 {
		return 0
	}
	if real := float64(story) / c.pace; real < float64(never) { // dividing by zero gives infinity
		return time.Duration(real)
	}
	return never
}
