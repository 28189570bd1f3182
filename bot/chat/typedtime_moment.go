package chat

import (
	"fmt"
	"strings"
	"time"
)

// clockTime is a time of day as typed, with the date and zone around it.
type clockTime struct {
	day                  typedDay
	hour, minute, second int
	nano                 int
	half                 byte           // 'a' or 'p' for am and pm, else 0
	clock                string         // the time of day as typed
	zone                 *time.Location // nil: none was named
}

// typedDay is the date before a time of day.
type typedDay struct {
	given    bool
	date     calendarDay
	relative bool // today or yesterday: ago days back, in the zone of the time
	ago      int
	joined   bool  // a T and the time of day follow, as in RFC 3339
	problem  error // the calendar has no such day, or the year is missing
	sure     bool  // this can be meant as nothing but a date
}

// moment reads one time of day with its date and zone. Text that is no time
// gives false and no error.
func (s *timeScan) moment() (m clockTime, ok bool, err error) {
	m.day = s.day()
	dayEnds := s.ends()
	if m.day.given && !m.day.joined && !s.dayGap() || !s.clock(&m) {
		if m.day.problem != nil && m.day.sure && dayEnds {
			return m, false, m.day.problem
		}
		return m, false, nil
	}
	m.zone = s.zone(m.day.joined)
	if !s.ends() && !(s.at(0) == '-' && asciiDigit(s.at(1))) {
		return m, false, nil
	}
	switch {
	case m.day.problem != nil:
		return m, false, m.day.problem
	case m.second > 59 && !m.day.given:
		return m, false, nil // 14:05:99 can be anything
	case m.hour > 23 || m.minute > 59 || m.second > 59:
		return m, false, m.notInDay()
	}
	return m, true, nil
}

// day reads a date, or a word for one. Where there is none nothing is skipped.
func (s *timeScan) day() typedDay {
	start := s.pos
	switch {
	case s.word("today"):
		return typedDay{given: true, relative: true}
	case s.word("yesterday"):
		return typedDay{given: true, relative: true, ago: 1}
	}
	first, digits := s.number(1, 4)
	mark := s.at(0)
	if digits != 3 && digits != 0 && strings.ContainsRune("-/.", mark) {
		s.pos++
		var d typedDay
		if digits == 4 {
			d = s.yearFirst(start, first, mark)
		} else if mark != '-' {
			d = s.dayFirst(start, first, mark)
		}
		if d.given {
			return d
		}
	}
	s.pos = start
	return typedDay{}
}

// yearFirst reads the rest of 2026-07-08.
func (s *timeScan) yearFirst(start, year int, mark rune) typedDay {
	month, n := s.number(1, 2)
	if n == 0 || !s.skip(mark) {
		return typedDay{}
	}
	day, n := s.number(1, 2)
	if n == 0 {
		return typedDay{}
	}
	d := typedDay{given: true, sure: true, date: calendarDay{year, month, day}}
	d.problem = d.date.check(s.typed(start), true)
	if (s.at(0) == 'T' || s.at(0) == 't') && asciiDigit(s.at(1)) {
		s.pos++
		d.joined = true
	}
	return d
}

// dayFirst reads the rest of 08/07/2026. A date without a year, or with two
// digits of it, is taken as one only if a time of day follows, and then the
// writer is asked for the year.
func (s *timeScan) dayFirst(start, day int, mark rune) typedDay {
	month, n := s.number(1, 2)
	if n == 0 {
		return typedDay{}
	}
	plausible := 1 <= day && day <= 31 && 1 <= month && month <= 31
	if !s.skip(mark) {
		return typedDay{given: plausible && mark == '/', problem: s.yearMissing(start)}
	}
	if year, n := s.number(4, 4); n > 0 {
		d := typedDay{given: true, sure: true, date: calendarDay{year, month, day}}
		d.problem = d.date.check(s.typed(start), false)
		return d
	}
	if _, n := s.number(2, 2); n > 0 {
		return typedDay{given: plausible, problem: s.yearMissing(start)}
	}
	return typedDay{}
}

func (s *timeScan) yearMissing(start int) error {
	return &TimeError{
		Problem: "The date " + s.typed(start) + " lacks its year.",
		Next:    "Write the day, the month and four digits of the year, like " + exampleMoment(s.tc) + ".",
	}
}

// check says what is wrong with a day that the calendar does not have.
func (d calendarDay) check(typed string, yearFirst bool) error {
	const form = "Write the day first, like 20/06/2023 12:32, or the year first, like 2023-06-20 12:32."
	switch {
	case d.year < 1970:
		return &TimeError{Problem: typed + " is before 1970, where times begin here.", Next: form}
	case d.exists():
		return nil
	case !yearFirst && d.month > 12 && calendarDay.exists(calendarDay{d.year, d.day, d.month}):
		return &TimeError{
			Problem: fmt.Sprintf("%s names month %d: dates are read with the day first.", typed, d.month),
			Next:    fmt.Sprintf("Write %02d/%02d/%04d.", d.month, d.day, d.year),
		}
	}
	return &TimeError{Problem: "The calendar has no day " + typed + ".", Next: form}
}

// dayGap skips what stands between a date and a time of day: white space, a
// comma, "at".
func (s *timeScan) dayGap() bool {
	s.skip(',')
	if !s.blanks() {
		return false
	}
	if start := s.pos; s.word("at") && !s.blanks() {
		s.pos = start
	}
	return true
}

// clock reads 14:05, 14:05:30, 2:05 pm. Whether there is such an hour is
// judged later, when it is sure that a time is meant.
func (s *timeScan) clock(m *clockTime) bool {
	start := s.pos
	var digits int
	if m.hour, digits = s.number(1, 2); digits == 0 || !s.skip(':') {
		return false
	}
	if m.minute, digits = s.number(2, 2); digits == 0 {
		return false
	}
	if s.at(0) == ':' && asciiDigit(s.at(1)) {
		s.pos++
		if m.second, digits = s.number(2, 2); digits == 0 {
			return false
		}
		s.fraction(m)
	}
	s.halfDay(m)
	m.clock = s.typed(start)
	return true
}

// fraction reads the decimals of a second, of which nine count.
func (s *timeScan) fraction(m *clockTime) {
	if s.at(0) != '.' || !asciiDigit(s.at(1)) {
		return
	}
	s.pos++
	for unit := 100_000_000; asciiDigit(s.at(0)); unit /= 10 {
		m.nano += int(s.at(0)-'0') * unit
		s.pos++
	}
}

// halfDay reads am or pm where it fits the hour; read as text it would put the
// time twelve hours off.
func (s *timeScan) halfDay(m *clockTime) {
	start := s.pos
	s.blanks()
	if s.anyOf([]string{"pm", "p.m."}) && s.ends() && m.hour >= 1 && m.hour <= 23 {
		m.half = 'p'
		if m.hour < 12 {
			m.hour += 12
		}
		return
	}
	s.pos = start
	s.blanks()
	if s.anyOf([]string{"am", "a.m."}) && s.ends() && m.hour <= 12 {
		m.half = 'a'
		m.hour %= 12
		return
	}
	s.pos = start
}

// zone reads a zone behind a time of day, and returns nil, skipping nothing,
// if there is none. West of UTC an offset must stand apart from the time, or
// in an RFC 3339 form, because a dash right after a time begins a range.
func (s *timeScan) zone(rfc bool) *time.Location {
	start := s.pos
	sign := s.at(0)
	if (sign == '+' || sign == '-' && rfc) && asciiDigit(s.at(1)) {
		if loc := s.offset(false); loc != nil && s.zoneEnds() {
			return loc
		}
		s.pos = start
		return nil
	}
	apart := s.blanks()
	if sign = s.at(0); apart && (sign == '+' || sign == '-') && asciiDigit(s.at(1)) {
		if loc := s.offset(true); loc != nil && s.ends() {
			return loc
		}
	} else if loc := s.zoneWord(apart); loc != nil {
		return loc
	}
	s.pos = start
	return nil
}

// zoneWord reads UTC, CEST, Europe/Berlin, UTC+2, or a Z.
func (s *timeScan) zoneWord(apart bool) *time.Location {
	start := s.pos
	for s.pos < len(s.plain) && asciiLetter(s.plain[s.pos]) {
		s.pos++
	}
	word := s.typed(start)
	switch {
	case word == "":
		return nil
	case word == "Z" || word == "z" && !apart:
		// "14:05 Z" is a time in UTC; in "14:05 Z axis stuck" it is text.
		if s.zoneEnds() && (!apart || s.alone()) {
			return time.UTC
		}
		return nil
	case s.at(0) == '/':
		for s.pos < len(s.plain) && (asciiLetter(s.plain[s.pos]) || asciiDigit(s.plain[s.pos]) || strings.ContainsRune("/_+-", s.plain[s.pos])) {
			s.pos++
		}
		if loc := namedZone(s.typed(start)); loc != nil && s.zoneEnds() {
			return loc
		}
		return nil
	}
	loc := abbreviation(word, s.tc.Zone, s.tc.Now)
	if loc == nil {
		return nil
	}
	if after := s.pos; word == "UTC" || word == "GMT" {
		if sum := s.offset(false); sum != nil && s.ends() {
			return sum
		}
		s.pos = after
	}
	if !s.zoneEnds() {
		return nil
	}
	return loc
}

// zoneEnds says whether a zone may end here: where a time may, or at the dash
// of a range.
func (s *timeScan) zoneEnds() bool {
	return s.ends() || s.at(0) == '-' && asciiDigit(s.at(1))
}

// offset reads +02:00, +0200, +02 or +2; only the first when strict, because
// "14:05 +20 servers" is no offset.
func (s *timeScan) offset(strict bool) *time.Location {
	sign := 1
	if s.skip('-') {
		sign = -1
	} else if !s.skip('+') {
		return nil
	}
	hours, digits := s.number(1, 4)
	minutes := 0
	switch {
	case digits == 4:
		hours, minutes = hours/100, hours%100
	case digits == 0 || digits == 3:
		return nil
	case s.skip(':'):
		var n int
		if minutes, n = s.number(2, 2); n == 0 {
			return nil
		}
		strict = false
	}
	east := sign * (hours*60 + minutes)
	if strict || minutes > 59 || east > maxOffset || east < minOffset {
		return nil
	}
	return offsetZone(east)
}
