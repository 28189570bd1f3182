package practice

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
)

// maxPace is the fastest that a story can pass: a day in a minute.
const maxPace = 1440

// SessionState says how far a session is.
type SessionState string

// The states of a session.
const (
	SessionReady   SessionState = "ready"   // not begun
	SessionRunning SessionState = "running" // the story goes on
	SessionPaused  SessionState = "paused"  // the clock stands still
	SessionTold    SessionState = "told"    // the story has been told, the incident is not resolved
	SessionOver    SessionState = "over"    // the debrief is there
)

// SessionStatus is a session as it is now.
type SessionStatus struct {
	State SessionState
	// Now is the story's time, Next when something happens again; Next is zero when the story has been told.
	Now, Next time.Time
	// Pace is how many minutes of the story pass in a minute.
	Pace float64
	// Lines are what was told so far, Steps how many of the script's steps are behind, of All.
	Lines      []Line
	Steps, All int
	// Advice is what the person could do now, in the order in which it was told.
	Advice []Line
	// Debrief is nil until the session is over.
	Debrief *Debrief
}

// Session plays a drill for a person who trains, at human speed: the others do and say what the script has them do when
// it is time, and what the script has that person do is left to them. What others cannot do yet (join the incident's
// channel before there is one) waits until they can. The story goes on by the clock whatever the person does.
//
// A session is safe for concurrent use; all methods but Run return at once.
type Session struct {
	w     *Workspace
	play  *play
	drill Drill
	clock *Clock
	poke  chan struct{}

	mu       sync.Mutex
	state    SessionState
	paused   bool
	ended    bool
	pace     float64
	next     int
	waiting  []Step
	lines    []Line
	advices  []advice
	watchers map[chan struct{}]bool
	debrief  *Debrief
}

// SessionOptions says how a session is played.
type SessionOptions struct {
	// Clock is the clock of the workspace and of the bot. The session sets its pace.
	Clock *Clock
	// Pace is how many minutes of the story pass in a minute; 0 for what the drill says.
	Pace float64
	// Shift plays a drill whose start has passed on a later day, see Drill.On.
	Shift bool
}

// NewSession brings the cast into the workspace and gets ready. Run begins the story.
func (w *Workspace) NewSession(d Drill, o SessionOptions) *Session {
	if o.Shift {
		d = d.On(o.Clock.Now())
	}
	begun := w.before()
	d = begun.renumbered(d)
	s := &Session{
		w: w, drill: d, clock: o.Clock, poke: make(chan struct{}, 1),
		state: SessionReady, watchers: map[chan struct{}]bool{},
	}
	for _, pace := range []float64{o.Pace, d.Pace, 1} {
		if s.pace == 0 {
			s.pace = pace
		}
	}
	// A step is tried at once or not at all; what cannot be done yet waits in the session.
	s.play = &play{
		Workspace: w, drill: d, heard: map[string]string{}, before: begun,
		o: PlayOptions{Clock: o.Clock, Out: io.Discard, Tell: s.tell, Within: atOnce},
	}
	w.addCast(d.Cast)
	return s
}

// Drill is what is being played, on the day on which it is played.
func (s *Session) Drill() Drill { return s.drill }

// Run plays the story to its end and returns the debrief: when the story has been told and the incident is resolved or
// called off, when End was called, or when the context ends. It must be called once.
func (s *Session) Run(ctx context.Context) Debrief {
	changed, cancel := s.w.Slack.Subscribe()
	defer cancel()
	s.begin()
	for ctx.Err() == nil {
		s.tryWaiting(ctx)
		s.follow()
		step, more := s.due()
		if more {
			s.do(ctx, step)
			continue
		}
		if s.finished() {
			break
		}
		s.rest(ctx, changed)
	}
	return s.finish()
}

func (s *Session) begin() {
	s.mu.Lock()
	s.state = SessionRunning
	if s.paused {
		s.state = SessionPaused
	}
	s.mu.Unlock()
	s.setPace()
	s.clock.JumpTo(s.drill.Start)
	s.changed()
}

// due takes the next step of the script when it is time for it.
func (s *Session) due() (Step, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended || s.next >= len(s.drill.Steps) {
		return Step{}, false
	}
	step := s.drill.Steps[s.next]
	if s.clock.left(step.At) > 0 {
		return Step{}, false
	}
	s.next++
	return step, true
}

// oversleep is the longest time between two looks at the clock while the story passes faster than life: those who wait
// for a time of the story, as the bot does before it tries again, wait by the real time.
const oversleep = time.Second

// rest waits until there is something to do.
func (s *Session) rest(ctx context.Context, changed <-chan struct{}) {
	s.mu.Lock()
	left, fast := never, s.pace > 1 && !s.paused
	if s.next < len(s.drill.Steps) {
		left = s.clock.left(s.drill.Steps[s.next].At)
	}
	s.mu.Unlock()
	if fast {
		left = min(left, oversleep)
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
		if fast {
			s.clock.Nudge()
		}
	case <-s.poke:
	case <-changed:
	case <-ctx.Done():
	}
}

// do has a step happen, or leaves it to the person who trains.
func (s *Session) do(ctx context.Context, step Step) {
	switch {
	case step.Do == "expect": // for an unattended play
	case step.Do == "hint" && step.What != "" && !s.w.Debrief(s.drill).at(step.What).IsZero(): // no longer needed
	case step.Do == "hint":
		s.advise(step, Line{At: step.At, Kind: LineHint, Who: step.Who, Text: step.Text})
	case s.drill.yours(step):
		if s.drill.Examples && (step.Do == "types" || step.Do == "says") {
			s.advise(step, s.turnLine(step))
		}
	case slices.ContainsFunc(s.waiters(), func(w Step) bool { return w.Who == step.Who }) || !s.try(ctx, step):
		s.mu.Lock()
		s.waiting = append(s.waiting, step)
		s.mu.Unlock()
	}
	s.changed()
}

func (s *Session) waiters() []Step {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.waiting)
}

// tryWaiting lets those who had to wait try again, each in their own order.
func (s *Session) tryWaiting(ctx context.Context) {
	stuck := map[string]bool{}
	var left []Step
	waiting := s.waiters()
	for _, step := range waiting {
		if stuck[step.Who] || !s.try(ctx, step) {
			stuck[step.Who] = true
			left = append(left, step)
		}
	}
	if len(left) < len(waiting) {
		s.mu.Lock()
		s.waiting = left
		s.mu.Unlock()
		s.changed()
	}
}

// try does a step if it can be done now. What can be done and fails is not tried again: it may have had its effect.
func (s *Session) try(ctx context.Context, step Step) bool {
	if !s.play.possible(ctx, step) {
		return false
	}
	if err := s.play.step(ctx, step); err != nil && ctx.Err() == nil {
		s.tell(Line{At: step.At, Kind: LineNote, Who: step.Who, Text: "That did not work: " + err.Error()})
	}
	return true
}

// possible reports whether a step can be done now.
func (p *play) possible(ctx context.Context, s Step) bool {
	if s.Where == "" || s.Do == "opens" {
		return true
	}
	where, err := p.channel(ctx, s.Where)
	if err != nil {
		return false
	}
	if s.Do != "joins" && p.member(ctx, s.Who, where) != nil {
		return false
	}
	switch {
	case s.Do == "presses":
		return p.button(s.Who, where, s.Text) != ""
	case s.What != "":
		_, err = p.find(ctx, where, s.What)
	}
	return err == nil
}

// button is what a button that a person sees in a channel says, "" when there is none with these words. After words that
// end in "…" anything may follow: what an incident is called is up to whoever declares it.
func (p *play) button(who, where, label string) string {
	seen := p.Slack.Messages(where)
	if c := p.Slack.Channel(where); c != nil {
		for _, m := range p.Slack.Ephemerals(who) {
			if m.Channel == c.ID {
				seen = append(seen, m)
			}
		}
	}
	begin, more := strings.CutSuffix(label, "…")
	for _, m := range slices.Backward(seen) {
		for _, b := range m.Buttons() {
			if b.Label == label || more && strings.HasPrefix(b.Label, begin) {
				return b.Label
			}
		}
	}
	return ""
}

// finished reports whether the session is at its end, and says so when only the incident is not.
func (s *Session) finished() bool {
	s.mu.Lock()
	ended, told, state := s.ended, s.next >= len(s.drill.Steps), s.state
	s.mu.Unlock()
	if ended || !told {
		return ended
	}
	if !s.w.Debrief(s.drill).at(StepResolved).IsZero() {
		return true
	}
	if state != SessionTold {
		s.mu.Lock()
		s.state = SessionTold
		s.mu.Unlock()
		s.tell(Line{At: s.clock.Now(), Kind: LineNote, Text: "The story has been told. The drill ends when the incident is resolved or called off, or when you end it."})
	}
	return false
}

// finish makes the debrief. The clock goes on as in life.
func (s *Session) finish() Debrief {
	s.clock.SetPace(1)
	b := s.w.Debrief(s.drill)
	for _, step := range s.waiters() {
		b.Missed = append(b.Missed, fmt.Sprintf("%s %s %s %s %s", step.At.Format("15:04"), step.Who, step.Do, step.Where, shortened(step.Text, 120)))
	}
	s.mu.Lock()
	s.debrief, s.state = &b, SessionOver
	s.mu.Unlock()
	s.changed()
	return b
}
