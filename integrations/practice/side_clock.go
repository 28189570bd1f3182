package practice

import (
	"errors"
	"time"
)

// leap is how much time people can let pass at once at the page.
type leap struct {
	Words string
	d     time.Duration
}

var leaps = []leap{
	{"10 minutes", 10 * time.Minute}, {"an hour", time.Hour}, {"a day", 24 * time.Hour}, {"three days", 72 * time.Hour},
}

// clockView is the clock as the page shows it.
type clockView struct {
	Now   time.Time
	Leaps []leap
}

// clock is the clock that people can set forward; nil where there is none. A drill that is going on has it for itself.
func (p *page) clock() (c *Clock, busy bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.offer == nil {
		return nil, false
	}
	return p.offer.options.Clock, p.offer.state == "playing" || p.training != nil && p.training.Status().State != SessionOver
}

func (p *page) clockView() *clockView {
	c, busy := p.clock()
	if c == nil || busy {
		return nil
	}
	return &clockView{Now: c.Now(), Leaps: leaps}
}

// onClock lets time pass: everything that falls due meanwhile happens now.
func (p *page) onClock(in sideCall) error {
	c, busy := p.clock()
	switch {
	case c == nil:
		return errors.New("the clock here is that of this machine and cannot be set")
	case busy:
		return errors.New("the drill that is going on has the clock: let it go faster, or skip ahead")
	}
	for _, s := range leaps {
		if s.Words == in.field("pass") {
			c.JumpTo(c.Now().Add(s.d))
			p.changed()
			return nil
		}
	}
	return errors.New("that is no time that could pass; press one of the buttons")
}
