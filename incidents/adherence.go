package incidents

import (
	"slices"
	"time"
)

// Adherence is what became of the protocol's steps until the incident was resolved.
type Adherence struct {
	Done    int    // in time
	Late    []Step // done, Mark.Late too late
	Skipped []Step // with Mark.Reason
	Left    []Step // neither
	// Silence is how long after the first sign of trouble the incident was declared; 0 for at once.
	Silence time.Duration
	// Well are the moments of the timeline at which users may have been well again, where nobody has said since when; the
	// latest first, at most three.
	Well []time.Time
}

// Adherence says how the protocol was followed.
func (s Snapshot) Adherence() (a Adherence) {
	if s.Protocol == nil || s.Backfill {
		return a
	}
	for _, rule := range s.Protocol.Steps {
		if !duringIncident(rule) || rule.Nudge || !s.badEnough(rule) {
			continue
		}
		step := Step{StepRule: rule, Holder: s.Holder(rule.Role), Mark: s.Mark(rule.ID)}
		switch {
		case step.Mark.State == StepSkipped:
			a.Skipped = append(a.Skipped, step)
		case step.Mark.State == StepDone && step.Mark.Late >= time.Minute:
			a.Late = append(a.Late, step)
		case step.Mark.State == StepDone || s.meets(rule.Done):
			a.Done++
		default:
			a.Left = append(a.Left, step)
		}
	}
	if silence := s.DeclaredAt.Sub(s.BeganAt()); silence >= time.Minute {
		a.Silence = silence
	}
	a.Well = s.MaybeWell()
	return a
}

// duringIncident reports whether a step is asked for while the incident is open.
func duringIncident(rule StepRule) bool {
	return len(rule.Phases) == 0 || slices.ContainsFunc(rule.Phases, Status.Open)
}

// MaybeWell are the moments of what people wrote before the end, when nobody said that users were well again: the latest
// first, at most three.
func (s Snapshot) MaybeWell() (moments []time.Time) {
	if !s.WellAt.IsZero() || slices.ContainsFunc(s.Entries, func(e Entry) bool { return e.Event == EventMitigated }) {
		return nil
	}
	for _, e := range slices.Backward(s.Entries) {
		at := e.At.Truncate(time.Minute)
		after := at.After(s.ResolvedAt) || at.Before(s.BeganAt().Truncate(time.Minute))
		if (e.Event == "" || e.Event == EventResolved) && !after && !slices.ContainsFunc(moments, at.Equal) && len(moments) < 3 {
			moments = append(moments, at)
		}
	}
	return moments
}
