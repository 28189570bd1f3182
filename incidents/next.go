package incidents

import (
	"cmp"
	"slices"
	"time"
)

// Step is a step of the protocol as it stands in an incident.
type Step struct {
	StepRule
	DueAt  time.Time // UTC; zero when it is never late
	Holder string    // Slack user id of whoever owes it; empty for nobody
	Mark   Mark      // zero when nothing became of it yet
}

// soon is how long before it is due a step that comes back is shown ahead of the others.
const soon = 5 * time.Minute

// Next says what the protocol asks for next, at the given instant. There is always at most one step: what is overdue
// comes first, the longest overdue before the others, then the protocol's own order.
func (i Incident) Next(now time.Time) (Step, bool) {
	open := i.OpenSteps(now)
	if len(open) == 0 {
		return Step{}, false
	}
	return open[0], true
}

// OpenSteps lists what the protocol asks for at the given instant, the next step first. What was put off is left out
// until then.
func (i Incident) OpenSteps(now time.Time) []Step {
	var open []Step
	for _, s := range i.steps() {
		if (s.Mark.State != StepLater || !now.Before(s.Mark.Until)) && (!s.Nudge || s.late(now)) {
			open = append(open, s)
		}
	}
	turn := func(s Step) int {
		switch {
		case s.late(now):
			return 0
		case s.Rhythm && s.Mark.State == StepDone && now.Before(s.DueAt.Add(-soon)):
			return 2
		}
		return 1
	}
	slices.SortStableFunc(open, func(a, b Step) int {
		if by := cmp.Compare(turn(a), turn(b)); by != 0 || turn(a) != 0 {
			return by
		}
		return a.DueAt.Compare(b.DueAt)
	})
	return open
}

// PutOff lists what the protocol asks for and somebody put off until after the given instant.
func (i Incident) PutOff(now time.Time) []Step {
	return slices.DeleteFunc(i.steps(), func(s Step) bool { return s.Mark.State != StepLater || !now.Before(s.Mark.Until) })
}

func (s Step) late(now time.Time) bool { return !s.DueAt.IsZero() && !now.Before(s.DueAt) }

// steps lists what the protocol asks for in this phase and is neither done nor skipped, in the protocol's order.
func (i Incident) steps() []Step {
	if i.Protocol == nil || i.Backfill {
		return nil
	}
	var steps []Step
	for _, rule := range i.Protocol.Steps {
		s := Step{StepRule: rule, Holder: i.Holder(rule.Role), Mark: i.Mark(rule.ID)}
		settled := s.Mark.settled() || i.meets(rule.Done)
		if s.Questions() {
			settled = s.Mark.State == StepSkipped
		}
		if !i.asksFor(rule) || (!rule.Rhythm && settled) {
			continue
		}
		s.DueAt = i.dueAt(rule, s.Mark)
		steps = append(steps, s)
	}
	return steps
}

// settled reports whether nothing more is to be done about it, unless it comes back.
func (m Mark) settled() bool { return m.State == StepDone || m.State == StepSkipped }

// Mark says what became of a step; zero for nothing yet.
func (i Incident) Mark(step string) Mark {
	at := slices.IndexFunc(i.Marks, func(m Mark) bool { return m.Step == step })
	if at < 0 {
		return Mark{}
	}
	return i.Marks[at]
}

// asksFor reports whether a step belongs to the phase and the severity.
func (i Incident) asksFor(rule StepRule) bool {
	if len(rule.Phases) > 0 && !slices.Contains(rule.Phases, i.Status) {
		return false
	}
	return i.badEnough(rule)
}

// badEnough reports whether the incident is as bad as a step is asked for at.
func (i Incident) badEnough(rule StepRule) bool {
	return rule.From == "" || (i.Severity != "" && !i.worse(rule.From, i.Severity))
}

// worse reports whether a is worse than b.
func (i Incident) worse(a, b Severity) bool {
	place := func(s Severity) int {
		return slices.IndexFunc(i.Protocol.SeverityRules(), func(r SeverityRule) bool { return r.Severity == s })
	}
	return place(a) > place(b)
}

// dueAt is when a step should be done.
func (i Incident) dueAt(rule StepRule, m Mark) time.Time {
	if m.State == StepLater {
		return m.Until
	}
	if rule.Rhythm && m.settled() {
		severity, _ := i.Protocol.Severity(i.Severity)
		if severity.UpdateEvery == 0 {
			return time.Time{}
		}
		return m.At.Add(severity.UpdateEvery)
	}
	since := i.since(rule.Due.Since)
	if since.IsZero() {
		return time.Time{}
	}
	if rule.Questions() {
		return i.questionAt(rule, m)
	}
	return i.Protocol.Reminders.after(since.Add(rule.Due.After), rule.Due)
}

// since is the moment that an anchor names; zero when it has not come.
func (i Incident) since(a Anchor) time.Time {
	switch a {
	case SinceDeclared:
		return i.DeclaredAt
	case SinceStatus:
		return i.StatusAt
	case SinceResolved:
		return i.ResolvedAt
	case SinceUpdate:
		if i.Update.At.IsZero() {
			return i.DeclaredAt
		}
		return i.Update.At
	case SinceDraft:
		return i.draftedAt()
	case SincePost:
		return i.PostAt
	case SinceSilence:
		return i.QuietSince()
	}
	return time.Time{}
}

// order is the order in which an incident usually passes the statuses.
var order = []Status{Declared, Investigating, Identified, Monitoring, Resolved, Closed}

// meets reports whether a condition holds.
func (i Incident) meets(c Condition) bool {
	switch c.What {
	case WhenSeverity:
		return i.Severity != ""
	case WhenRole:
		return len(i.Holders[Role(c.Of)]) > 0
	case WhenStatus:
		at := slices.Index(order, i.Status)
		return at >= 0 && at >= slices.Index(order, Status(c.Of))
	case WhenUpdate:
		return !i.Update.At.IsZero()
	case WhenSection:
		return i.Sections[Section(c.Of)] != ""
	case WhenSections:
		return !slices.ContainsFunc(Sections, func(s Section) bool { return i.Sections[s] == "" })
	case WhenPost:
		return i.Post.Number != 0
	case WhenActions:
		return !slices.ContainsFunc(i.Actions, func(a Action) bool { return a.Owner == "" && !a.Done() })
	case WhenWell:
		return !i.WellAt.IsZero()
	case WhenTold:
		return i.Private || slices.Index(order, i.Update.Status) >= slices.Index(order, Monitoring)
	case WhenClosed:
		return i.Status == Closed
	case WhenPublished:
		return i.Post.Number != 0 && i.Post.State != PullOpen && i.Post.State != PullReopening
	}
	return false
}
