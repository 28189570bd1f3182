package incidents

import (
	"slices"
	"time"
)

// Questions reports whether a step is the question that silence raises: is it still going on?
func (r StepRule) Questions() bool { return r.Due.Since == SinceSilence }

// QuietSince is when somebody last wrote or did something in the incident's channel, as far as it is known. That is looked at
// in Slack when a question falls due, and not with every message: who is silent costs nothing, and nor does who talks.
func (i Incident) QuietSince() time.Time { return later(i.DeclaredAt, i.HeardAt) }

// questionAt is when a question falls due.
func (i Incident) questionAt(rule StepRule, m Mark) time.Time {
	after := rule.Due.After
	if severity, _ := i.Protocol.Severity(i.Severity); severity.Silence > 0 {
		after = severity.Silence
	}
	since := i.QuietSince()
	if m.State == StepDone {
		since = later(since, m.At)
	}
	return since.Add(after)
}

// Heard is the incident once it is known that somebody wrote or did something in its channel at an instant.
func (i Incident) Heard(at time.Time) Incident {
	i.hear(at)
	return i
}

// hear has what waits for silence wait anew. What was put off or asked before it is forgotten, but not that somebody wants to
// hear no more of it.
func (i *Incident) hear(at time.Time) {
	if i.Protocol == nil || !at.After(i.QuietSince()) || !slices.ContainsFunc(i.Protocol.Steps, StepRule.Questions) {
		return
	}
	i.HeardAt = at
	i.Marks = slices.DeleteFunc(slices.Clone(i.Marks), func(m Mark) bool {
		rule, ok := i.Protocol.step(m.Step)
		asked := m.State == StepLater || m.State == StepOpen && m.Reminded < muted
		return ok && rule.Questions() && asked && at.After(m.At)
	})
}

// questioned reports whether a question was asked and nobody has said anything since.
func (i Incident) questioned() bool {
	return slices.ContainsFunc(i.Marks, func(m Mark) bool {
		if m.State != StepOpen || m.Reminded == 0 || m.Reminded >= muted {
			return false
		}
		rule, ok := i.Protocol.step(m.Step)
		return ok && rule.Questions()
	})
}

// draftedAt is when somebody last wrote a section of the post; zero when nobody has.
func (i Incident) draftedAt() (at time.Time) {
	for _, w := range i.Written {
		at = later(at, w.At)
	}
	return at
}

const (
	// offered is the mark of the offer to record that users are well again; no step can have its name.
	offered = "?mitigated"
	// offerAgain is how long nobody is asked anew, after the offer and after a no.
	offerAgain = time.Hour
)

// offerMitigated notes that somebody is asked whether users are well again, or that they are not.
func (d *decision) offerMitigated(c OfferMitigated) error {
	in := d.before.Incident
	if in.Backfill || !in.Status.Open() || in.Status == Monitoring {
		return Refuse(TooLate, "Incident #%d is %s.", in.Number, in.Status)
	}
	if m := in.Mark(offered); !c.No && d.now.Before(m.Until) {
		return Refuse(TooLate, "Somebody was asked already.")
	}
	d.Incident.set(Mark{Step: offered, State: StepLater, By: d.by.User, At: d.now, Until: d.now.Add(offerAgain)})
	return nil
}
