package practice

import (
	"slices"
	"time"
)

// Pause stops the story and its clock.
func (s *Session) Pause() { s.pausing(true) }

// Resume lets the story go on.
func (s *Session) Resume() { s.pausing(false) }

func (s *Session) pausing(paused bool) {
	s.mu.Lock()
	s.paused = paused
	switch {
	case paused && s.state == SessionRunning:
		s.state = SessionPaused
	case !paused && s.state == SessionPaused:
		s.state = SessionRunning
	}
	s.mu.Unlock()
	s.setPace()
}

// Faster doubles the pace of the story, up to a day in a minute.
func (s *Session) Faster() { s.change(2) }

// Slower halves it, down to a quarter of life's.
func (s *Session) Slower() { s.change(0.5) }

func (s *Session) change(by float64) {
	s.mu.Lock()
	s.pace = min(max(s.pace*by, 0.25), maxPace)
	s.mu.Unlock()
	s.setPace()
}

// setPace tells the clock how fast it goes.
func (s *Session) setPace() {
	s.mu.Lock()
	pace, over := s.pace, s.state == SessionOver || s.state == SessionReady
	if s.paused {
		pace = 0
	}
	s.mu.Unlock()
	if !over {
		s.clock.SetPace(pace)
	}
	s.changed()
}

// Skip sets the clock forward to the next step of the story. A paused story stays paused, so that it can be gone
// through step by step. When the story has been told, Skip does nothing.
func (s *Session) Skip() {
	s.mu.Lock()
	at := time.Time{}
	if s.next < len(s.drill.Steps) && s.state != SessionOver && s.state != SessionReady {
		at = s.drill.Steps[s.next].At
	}
	s.mu.Unlock()
	if !at.IsZero() {
		s.clock.JumpTo(at)
		s.changed()
	}
}

// End ends the session wherever it is; Run returns the debrief.
func (s *Session) End() {
	s.mu.Lock()
	s.ended = true
	s.mu.Unlock()
	s.changed()
}

// Status is the session as it is now. What it holds is the caller's.
func (s *Session) Status() SessionStatus {
	advice := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	st := SessionStatus{
		State: s.state, Now: s.clock.Now(), Pace: s.pace, Lines: slices.Clone(s.lines),
		Steps: s.next, All: len(s.drill.Steps), Debrief: s.debrief, Advice: advice,
	}
	if s.next < len(s.drill.Steps) {
		st.Next = s.drill.Steps[s.next].At
	}
	return st
}

// Subscribe returns a channel that gets a value after changes of the status (several changes may share one), and the
// function that ends the subscription.
func (s *Session) Subscribe() (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watchers[c] = true
	return c, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.watchers, c)
	}
}

// tell keeps a line for those who watch.
func (s *Session) tell(l Line) {
	s.mu.Lock()
	s.lines = append(s.lines, l)
	s.mu.Unlock()
	s.changed()
}

// changed wakes Run and those who watch.
func (s *Session) changed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case s.poke <- struct{}{}:
	default: // it is awake already
	}
	for c := range s.watchers {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}
