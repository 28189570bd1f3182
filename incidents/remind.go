package incidents

import "time"

// Reminder is the step that somebody should be reminded of at the given instant; false for none. There is at most one:
// the first that is due, in the order in which the protocol asks, and that nobody wants to hear no more of. A question about
// silence comes before it: where nobody says anything, what is overdue is not what to ask about. One that was given as often
// as it may be makes room for those after it, once its time is over, and stands again when there is none of them.
func (i Incident) Reminder(now time.Time) (Step, bool) {
	if i.Protocol == nil || i.resting(now).After(now) {
		return Step{}, false
	}
	var first, next Step
	after := time.Time{} // when what was given often enough has had its time
	for _, s := range i.OpenSteps(now) {
		switch {
		case !s.late(now) || s.Mark.Reminded >= muted || i.most(s) == 0:
		case s.Questions():
			return s, true
		case s.Mark.Reminded >= i.most(s):
			after = later(after, i.turn(s))
			if first.ID == "" {
				first = s
			}
		case next.ID == "":
			next = s
		}
	}
	if next.ID == "" || first.ID != "" && now.Before(after) {
		return first, first.ID != ""
	}
	return next, true
}

// reminderAt is when the reminder has to be looked at next; zero for never. That is when the one that stands there is
// given once more or makes room, or when another step falls due.
func (i Incident) reminderAt(now time.Time) time.Time {
	var first time.Time
	sooner := func(at time.Time) {
		if at = i.resting(at); first.IsZero() || at.Before(first) {
			first = at
		}
	}
	shown, stands := i.Reminder(now)
	if stands && shown.Mark.Reminded < i.most(shown) {
		sooner(later(i.turn(shown), now))
	} else if stands && shown.Questions() { // it goes when somebody says something after all
		sooner(now.Add(shown.Due.After))
	}
	for _, s := range i.steps() {
		switch {
		case s.DueAt.IsZero() || i.most(s) == 0 || s.Mark.Reminded >= muted:
		case s.DueAt.After(now):
			sooner(s.DueAt)
		case !stands: // it waits for the working hours
			sooner(now)
		case s.Mark.Reminded >= i.most(s) && i.turn(s).After(now): // then it makes room
			sooner(i.turn(s))
		}
	}
	return first
}

// turn is when the next reminder of a step is due, or would be.
func (i Incident) turn(s Step) time.Time {
	if s.Mark.Reminded == 0 {
		return s.DueAt
	}
	return s.Mark.RemindedAt.Add(i.Protocol.Reminders.Every)
}

// most is how often somebody is reminded of a step.
func (i Incident) most(s Step) int {
	most := i.Protocol.Reminders.Most
	if severity, _ := i.Protocol.Severity(i.Severity); severity.Reminders > 0 && i.Status.Open() {
		most = severity.Reminders
	}
	return most
}

// resting moves a moment into the working hours, where what is due comes after the incident.
func (i Incident) resting(at time.Time) time.Time {
	rule := i.Protocol.Reminders
	if i.Status.Open() || rule.From == rule.To {
		return at
	}
	return rule.working(at)
}

// remind wishes for the next reminder, and that the one which stands there follows what has changed.
func (d *decision) remind() {
	if d.Incident.Channel.ID == "" {
		return
	}
	at := d.Incident.reminderAt(d.now)
	shown, stands := d.before.Reminder(d.now)
	now, still := d.Incident.Reminder(d.now)
	switch {
	case stands && (!still || now.ID != shown.ID):
		at = d.now // the one that stands there has to go
	case d.before.Channel.ID != "" && at.Equal(d.before.reminderAt(d.now)):
		return
	}
	d.remindAt(at)
}

// reminded counts a reminder that was given. One that was only brought up to date before its time does not count, nor one
// that stands there again.
func (d *decision) reminded(step string) {
	for _, s := range d.Incident.steps() {
		if s.ID != step || d.now.Before(d.Incident.turn(s)) || s.Mark.Reminded >= d.Incident.most(s) {
			continue
		}
		m := s.Mark
		m.Step = s.ID
		if m.State == "" {
			m.State = StepOpen
		}
		m.Reminded++
		m.RemindedAt = d.now
		d.Incident.set(m)
	}
}

func (d *decision) remindAt(at time.Time) {
	if at.IsZero() {
		return
	}
	w := d.Incident.wish(KindReminder, "")
	w.At = at
	d.Wishes = append(d.Wishes, w)
}
