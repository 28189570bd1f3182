package chat

import (
	"fmt"
	"strings"
	"time"
)

// TimeContext is what a typed time is read against.
type TimeContext struct {
	Now  time.Time      // the moment of writing
	Zone *time.Location // the writer's zone; nil means UTC
	// Day is any instant of the day, in Zone, to which a time without a date
	// belongs, for an incident of the past. Zero means today.
	Day time.Time
}

// TypedTime is a time as it was read.
type TypedTime struct {
	At    time.Time // UTC
	Until time.Time // UTC, the end of a range; zero when there is none
	// HasDate says that the writer fixed the day: by a date, by a word for it,
	// or by a distance from now.
	HasDate bool
	// HasZone says that the writer named the zone.
	HasZone bool
	// Zone is the zone in which the time was read: the one named, else the
	// writer's.
	Zone *time.Location
	// Choices are the candidates, in UTC, when the time can mean several
	// instants, with At first: an hour that the clocks repeat in autumn, or a
	// time without a date that is still ahead today and may mean yesterday.
	// A range keeps its length whichever is chosen.
	Choices []time.Time
}

// TimeError says why something that looks like a time is none. Its text is
// meant for the person who typed it.
type TimeError struct {
	Problem string // one sentence
	Next    string // what to write instead
	// Choices are the nearest times that exist, in UTC, when the clocks skip
	// the one that was typed.
	Choices []time.Time
}

// Error returns the sentence and the next step.
func (e *TimeError) Error() string { return e.Problem + " " + e.Next }

// ReadTime reads the time at the start of text, if there is one, and returns
// what follows it as rest. White space around the time is taken away, and one
// separator (" - ", ":" or ","), so that a line of a timeline can be pasted as
// it is; the white space inside rest stays.
//
// It understands 14:05, 14:05:30, 2:05 pm; after them UTC, CEST (upper case),
// Europe/Berlin, Z, +02:00, UTC+2; before them 2026-07-08, 08/07/2026 and
// 08.07.2026 (day first), today, yesterday; RFC 3339; -10m, -1h30m, -1d; now,
// when nothing but a separator follows; and ranges of two times with a dash or
// "to" between them. A dash right after a time begins a range, so an offset
// west of UTC is written after a space (14:05 -03:00), after UTC (UTC-3) or in
// the RFC 3339 form. Full-width digits and the dashes of phone keyboards count
// as their plain forms.
//
// Text that begins with no time gives found false and rest equal to text: a
// number or a word is never guessed to be a time. Something that can only be
// meant as a time but names none (25:10, 31/02/2026, an hour that the clocks
// skip) gives a *TimeError, again with rest equal to text.
func ReadTime(text string, tc TimeContext) (t TypedTime, rest string, found bool, err error) {
	if tc.Zone == nil {
		tc.Zone = time.UTC
	}
	s := newTimeScan(text, tc)
	t, found, err = s.read()
	if err != nil || !found {
		return TypedTime{}, text, false, err
	}
	return t, s.rest(), true, nil
}

// EchoTime writes an instant for a person in another zone: "12:05 UTC = 14:05
// CEST", or only "12:05 UTC" where the zone agrees with UTC or is nil. The date
// is there when it is not that of ref, the moment of reading.
func EchoTime(at, ref time.Time, zone *time.Location) string {
	const clock, full = "15:04", "02/01/2006 15:04"
	if zone == nil {
		zone = time.UTC
	}
	utc, local := at.UTC(), at.In(zone)
	utcForm, localForm := clock, clock
	switch {
	case !onSameDay(utc, local):
		utcForm, localForm = full, full
	case !onSameDay(utc, ref.UTC()) || !onSameDay(local, ref.In(zone)):
		utcForm = full
	}
	echo := utc.Format(utcForm) + " UTC"
	if _, offset := local.Zone(); offset == 0 {
		return echo
	}
	return echo + " = " + local.Format(localForm) + " " + zoneLabel(local)
}

func onSameDay(a, b time.Time) bool {
	ay, am, ad := a.Date()
	by, bm, bd := b.Date()
	return ay == by && am == bm && ad == bd
}

// read tries the forms in turn.
func (s *timeScan) read() (TypedTime, bool, error) {
	s.blanks()
	start := s.pos
	if s.word("now") && s.ends() && s.alone() {
		return TypedTime{At: s.tc.Now.UTC(), HasDate: true, Zone: s.tc.Zone}, true, nil
	}
	s.pos = start
	if t, found, err := s.distance(); found || err != nil {
		return t, found, err
	}
	s.pos = start
	s.bullet()
	return s.absolute()
}

// bullet skips the mark of a list item, as in a line pasted from a timeline.
func (s *timeScan) bullet() {
	if strings.ContainsRune("-*•", s.at(0)) && s.at(1) == ' ' {
		s.pos++
		s.blanks()
	}
}

// distance reads -10m, -1h30m, -2h, -1d: so long before now.
func (s *timeScan) distance() (TypedTime, bool, error) {
	const farthest = 3660 * 24 * time.Hour
	start := s.pos
	if !s.skip('-') {
		return TypedTime{}, false, nil
	}
	var back time.Duration
	units := []struct {
		names []string
		size  time.Duration
	}{
		{[]string{"d"}, 24 * time.Hour}, {[]string{"h"}, time.Hour},
		{[]string{"min", "m"}, time.Minute}, {[]string{"s"}, time.Second},
	}
	parts, tooFar := 0, false
	for _, unit := range units {
		before := s.pos
		n, digits := s.number(1, 9)
		if digits == 0 || !s.anyOf(unit.names) {
			s.pos = before
			continue
		}
		parts++
		if time.Duration(n) > farthest/unit.size {
			tooFar = true
			continue
		}
		back += time.Duration(n) * unit.size
	}
	if parts == 0 || !s.ends() {
		return TypedTime{}, false, nil
	}
	if tooFar || back > farthest {
		return TypedTime{}, false, &TimeError{
			Problem: s.typed(start) + " is more than ten years back.",
			Next:    "Write the date and the time instead, like " + exampleMoment(s.tc) + ".",
		}
	}
	return TypedTime{At: s.tc.Now.Add(-back).UTC(), HasDate: true, Zone: s.tc.Zone}, true, nil
}

// absolute reads a time of day with what stands around it, and a range.
func (s *timeScan) absolute() (TypedTime, bool, error) {
	from, ok, err := s.moment()
	if err != nil || !ok {
		return TypedTime{}, false, err
	}
	end := s.pos
	to, ranged, err := s.rangeEnd(&from)
	if err != nil {
		return TypedTime{}, false, err
	}
	if !ranged {
		s.pos = end
		if !s.ends() {
			return TypedTime{}, false, nil
		}
	}
	t, err := s.resolve(from, to, ranged)
	return t, err == nil, err
}

// exampleMoment is a date and time for the sentences that explain the form.
func exampleMoment(tc TimeContext) string {
	return tc.Now.In(tc.Zone).Format("02/01/2006 15:04")
}

// notInDay explains a time of day that does not exist.
func (m clockTime) notInDay() error {
	if m.hour == 24 && m.minute == 0 {
		next := "Write 00:00 with the date of the next day, like 21/06/2023 00:00."
		if m.day.given && !m.day.relative {
			d := m.day.date.add(1)
			next = fmt.Sprintf("Write %02d/%02d/%04d 00:00, the start of the next day.", d.day, d.month, d.year)
		}
		return &TimeError{Problem: m.clock + " is not a time of day here.", Next: next}
	}
	return &TimeError{
		Problem: "There is no " + m.clock + " in a day.",
		Next:    "Write hours from 00 to 23 and minutes from 00 to 59, like 14:05; if no time is meant, begin with a word.",
	}
}
