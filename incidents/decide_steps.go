package incidents

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// shortest and longest are how long a step can be put off.
const (
	shortest = time.Minute
	longest  = 7 * 24 * time.Hour
)

// step decides the commands about the protocol's steps. An empty id means the next one.
func (d *decision) step(cmd Command) error {
	switch c := cmd.(type) {
	case DoneStep:
		return d.mark(c.Step, Mark{State: StepDone})
	case SkipStep:
		reason := strings.TrimSpace(c.Reason)
		if blank(reason) {
			return Refuse(Invalid, "Skipping a step needs a reason, so that it can be understood later.").
				Next("Say why in a few words: `skip nobody uses it at night`.").In("reason")
		}
		if n := len([]rune(reason)); n > MaxAction {
			return Refuse(Invalid, "That reason has %d characters and %d is the most.", n, MaxAction).In("reason")
		}
		return d.mark(c.Step, Mark{State: StepSkipped, Reason: reason})
	case PutOffStep:
		if c.For != 0 && (c.For < shortest || c.For > longest) {
			return Refuse(Invalid, "A step can be put off for a minute at least and a week at most.").
				Next("Write `snooze 30m`, or `snooze off` to hear no more of it.")
		}
		return d.putOff(c)
	}
	return nil
}

// StepNamed finds the step that is meant: the one with that id, or the next one when it is empty. It may be asked for now, put
// off, or should have been done on the way. It returns a *Refusal for any other.
func (i Incident) StepNamed(id string, now time.Time) (Step, error) {
	if id == "" {
		open := i.OpenSteps(now)
		if len(open) == 0 {
			return Step{}, Refuse(NotFound, "The protocol asks for nothing right now.").Next("`show` says how things stand.")
		}
		return open[0], nil
	}
	for _, s := range i.steps() {
		if s.ID == id {
			return s, nil
		}
	}
	if rule, ok := i.Protocol.step(id); ok {
		if m := i.Mark(id); m.settled() || i.meets(rule.Done) {
			return Step{}, Refuse(TooLate, "That is settled already: %s.", rule.Say)
		}
		if i.passed(rule) {
			return Step{StepRule: rule, Mark: i.Mark(id)}, nil
		}
		return Step{}, Refuse(TooLate, "That is not asked for now: %s.", rule.Say).Next("`next` says what is.")
	}
	return Step{}, Refuse(NotFound, "The protocol of incident #%d has no step %q.", i.Number, id).Next("`next` says what it asks for.")
}

func (d *decision) mark(id string, m Mark) error {
	s, err := d.before.StepNamed(id, d.now)
	if err != nil {
		return err
	}
	m.Step, m.By, m.At = s.ID, d.by.User, d.now
	d.Incident.keep(m, s)
	d.Result.Step = s.Say
	d.show(false, false)
	return nil
}

func (d *decision) putOff(c PutOffStep) error {
	s, err := d.before.StepNamed(c.Step, d.now)
	if err != nil {
		return err
	}
	m := s.Mark
	m.Step, m.By, m.At, m.Reminded = s.ID, d.by.User, d.now, 0
	m.State, m.Until = StepLater, d.now.Add(c.For)
	if c.For == 0 { // for good: it stays asked for, and nobody is reminded of it
		m.State, m.Until, m.Reminded = StepOpen, time.Time{}, muted
	}
	d.Incident.set(m)
	d.Result.Step, d.Result.Until = s.Say, m.Until
	d.show(false, false)
	return nil
}

// muted is more reminders than anybody gets.
const muted = 1 << 20

// asksTheSame reports whether the protocol asks for the same as it did, because nothing of what its steps depend on has
// changed. Entries are nothing of that, and they change most.
func (i Incident) asksTheSame(before Incident) bool {
	return i.Status == before.Status && i.Severity == before.Severity && i.Channel == before.Channel && i.Post == before.Post &&
		i.Update == before.Update && i.StatusAt == before.StatusAt && i.DeclaredAt == before.DeclaredAt && i.ResolvedAt == before.ResolvedAt && i.WellAt == before.WellAt &&
		slices.Equal(i.Marks, before.Marks) && slices.Equal(i.Actions, before.Actions) &&
		maps.EqualFunc(i.Holders, before.Holders, slices.Equal) && maps.Equal(i.Sections, before.Sections)
}

// tick marks the steps that were done by other means than saying so, and has the reminder follow. It is called once the
// rest is decided.
func (d *decision) tick() {
	in := &d.Incident
	if in.Protocol == nil || in.Backfill {
		return
	}
	before := d.before.Incident
	if in.asksTheSame(before) && !in.questioned() {
		return
	}
	if d.by.User != "" {
		in.hear(d.now)
	}
	if in.Status != before.Status {
		in.StatusAt = d.now
		in.Marks = slices.DeleteFunc(slices.Clone(in.Marks), func(m Mark) bool { return m.Step == offered })
	}
	for _, rule := range in.Protocol.Steps {
		again := rule.Rhythm && rule.Done.What == WhenUpdate && in.Update.At.After(before.Update.At)
		done := !rule.Rhythm && !before.meets(rule.Done) && in.meets(rule.Done) && !in.Mark(rule.ID).settled()
		if !again && !done {
			continue
		}
		s := Step{StepRule: rule, Mark: before.Mark(rule.ID)}
		if before.asksFor(rule) {
			s.DueAt = before.dueAt(rule, s.Mark)
		}
		in.keep(Mark{Step: rule.ID, State: StepDone, At: d.now}, s)
	}
	d.remind()
}

// keep notes that a step was done or skipped, and how late that was.
func (i *Incident) keep(m Mark, s Step) {
	if s.Rhythm {
		m.Late = s.Mark.Late
	}
	if s.late(m.At) && m.State == StepDone {
		m.Late += m.At.Sub(s.DueAt)
	}
	i.set(m)
}

// set puts a mark in the place of the one before.
func (i *Incident) set(m Mark) {
	i.Marks = slices.Clone(i.Marks)
	if at := slices.IndexFunc(i.Marks, func(o Mark) bool { return o.Step == m.Step }); at >= 0 {
		i.Marks[at] = m
		return
	}
	i.Marks = append(i.Marks, m)
}
