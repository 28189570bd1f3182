package incidents

import "time"

// Measure is a length of time that the timeline tells, by its name.
type Measure struct {
	Name     string // detect, declare, mitigate, resolve, impact
	From, To time.Time
	// FromWhat and ToWhat say what happened then: "it began", "the first sign".
	FromWhat, ToWhat string
	Section          Section // where a sentence about it belongs
}

// Took is the length, in whole minutes as the post prints its times.
func (m Measure) Took() time.Duration {
	return m.To.Truncate(time.Minute).Sub(m.From.Truncate(time.Minute))
}

// Measures are the lengths of time that the timeline tells, as far as it does. An internal entry tells nothing: its time is
// not for the post.
func (s Snapshot) Measures() (all []Measure) {
	began := s.BeganAt()
	if !s.StartedAt.IsZero() {
		began = s.StartedAt // what happened before, such as the release that did the harm, does not count
	}
	add := func(name, from, to string, at, until time.Time, section Section) {
		m := Measure{Name: name, FromWhat: from, ToWhat: to, From: at.UTC(), To: until.UTC(), Section: section}
		if !at.IsZero() && !until.IsZero() && m.Took() >= time.Minute {
			all = append(all, m)
		}
	}
	noticed, mitigated := s.noticedAt(began), s.wellAt()
	add("detect", "it began", "it was noticed", began, noticed, SectionDetection)
	if !s.Backfill {
		add("declare", "it was noticed", "it was declared", noticed, s.DeclaredAt, SectionDetection)
	}
	add("mitigate", "it began", "users were well again", began, mitigated, SectionResolution)
	add("resolve", "it began", "it was resolved", began, s.ResolvedAt, SectionResolution)
	end := mitigated
	if end.IsZero() {
		end = s.ResolvedAt
	}
	add("impact", "it began", "users were well again", began, end, SectionImpact)
	return all
}

// Measure finds a measure by its name.
func (s Snapshot) Measure(name string) (Measure, bool) {
	for _, m := range s.Measures() {
		if m.Name == name {
			return m, true
		}
	}
	return Measure{}, false
}

// noticedAt is the first public entry that somebody made from the beginning on; the declaration at the latest.
func (s Snapshot) noticedAt(began time.Time) time.Time {
	for _, e := range s.Entries {
		if !e.Internal && (e.Event == "" || e.Event == EventDeclared) && !e.At.Before(began.Truncate(time.Minute)) {
			if !s.Backfill && s.DeclaredAt.Before(e.At) {
				break
			}
			return e.At
		}
	}
	if s.Backfill {
		return time.Time{}
	}
	return s.DeclaredAt
}

// wellAt is when users were well again: what was said last counts, for it may have begun anew.
func (s Snapshot) wellAt() (at time.Time) {
	for _, e := range s.Entries {
		if e.Event == EventMitigated && !e.Internal {
			at = e.At
		}
	}
	return at
}

// DetectedBy is the entry that tells how it was noticed: the first that is not the bot's own.
func (s Snapshot) DetectedBy() (Entry, bool) {
	for _, e := range s.Entries {
		if !e.Internal && e.Event == "" {
			return e, true
		}
	}
	return Entry{}, false
}

// Told are the public entries of one kind of event, in their order.
func (s Snapshot) Told(event Event) (all []Entry) {
	for _, e := range s.Entries {
		if e.Event == event && !e.Internal {
			all = append(all, e)
		}
	}
	return all
}

// Tried are the public entries that people wrote from the declaration until users were well, in their order.
func (s Snapshot) Tried() (all []Entry) {
	end := s.wellAt()
	if end.IsZero() {
		end = s.ResolvedAt
	}
	for _, e := range s.Entries {
		early := !s.Backfill && e.At.Before(s.DeclaredAt)
		if e.Event == "" && !e.Internal && !early && (end.IsZero() || !e.At.After(end)) {
			all = append(all, e)
		}
	}
	return all
}
