package chat

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// typedDay is the date before a time of day.
type typedDay struct {
	given    bool
	date     calendarDay // as typed; the year is 0 where none was
	relative bool        // ago days back, in the zone of the time
	ago      int
	night    bool // last night: it began yesterday and ended today
	weekday  bool // the last day of that name: named, and before today if it was "last monday"
	named    time.Weekday
	before   bool
	next     bool  // "next monday"
	joined   bool  // a T and the time of day follow, as in RFC 3339
	problem  error // the calendar has no such day, or the year is missing
	sure     bool  // this can be meant as nothing but a date
}

// day reads a date, or words for one. Where there is none nothing is skipped.
func (s *timeScan) day() typedDay {
	start := s.pos
	if s.word("on") && !s.blanks() {
		s.pos = start
	}
	here := s.pos
	d := s.dayWord()
	if !d.given {
		s.pos = here
		d = s.weekday()
	}
	if !d.given {
		s.pos = here
		d = s.date()
	}
	if !d.given {
		s.pos = start
		return typedDay{}
	}
	return d
}

// date reads a day of the calendar.
func (s *timeScan) date() typedDay {
	start := s.pos
	d := s.numericDay()
	if !d.given {
		s.pos = start
		d = s.monthDay()
	}
	return d
}

// dayWord reads today, yesterday, last night, this morning, and tomorrow, which is asked about as every time ahead.
func (s *timeScan) dayWord() typedDay {
	parts := []string{"morning", "afternoon", "evening", "night"}
	switch {
	case s.word("today"), s.word("tonight"):
		return typedDay{given: true, relative: true}
	case s.word("yesterday"):
		end := s.pos
		if !s.blanks() || !slices.ContainsFunc(parts, s.word) {
			s.pos = end
		}
		return typedDay{given: true, relative: true, ago: 1}
	case s.word("tomorrow"):
		end := s.pos
		if !s.blanks() || !slices.ContainsFunc(parts, s.word) {
			s.pos = end
		}
		return typedDay{given: true, relative: true, ago: -1}
	case s.word("last") && s.blanks() && s.word("night"):
		return typedDay{given: true, relative: true, night: true}
	case s.word("this") && s.blanks() && slices.ContainsFunc(parts[:3], s.word):
		return typedDay{given: true, relative: true}
	}
	return typedDay{}
}

// weekday reads monday, mon, last monday: the last day of that name; next monday
// the next one. A date may follow, and counts.
func (s *timeScan) weekday() typedDay {
	d := typedDay{given: true, weekday: true}
	start := s.pos
	if d.before = s.word("last") && s.blanks(); !d.before {
		s.pos = start
		if d.next = s.word("next") && s.blanks(); !d.next {
			s.pos = start
		}
	}
	var found bool
	if d.named, found = weekdays[s.letters()]; !found {
		return typedDay{}
	}
	s.skip('.')
	end := s.pos
	s.skip(',')
	if s.blanks() {
		if date := s.date(); date.given {
			return date
		}
	}
	s.pos = end
	return d
}

// name is a word of ASCII letters, in lower case and with zeros behind it.
type name [longestWord]byte

// weekdays are the names of the days of the week, and three to five letters of them.
var weekdays = func() map[name]time.Weekday {
	all := map[name]time.Weekday{}
	for d := time.Sunday; d <= time.Saturday; d++ {
		full := strings.ToLower(d.String())
		for _, word := range []string{full, full[:3], full[:4], full[:5]} {
			all[nameOf(word)] = d
		}
	}
	return all
}()

// months are the names of the months, and three letters of them.
var months = func() map[name]time.Month {
	all := map[name]time.Month{nameOf("sept"): time.September}
	for m := time.January; m <= time.December; m++ {
		full := strings.ToLower(m.String())
		all[nameOf(full)], all[nameOf(full[:3])] = m, m
	}
	return all
}()

func nameOf(word string) (n name) {
	copy(n[:], word)
	return n
}

// letters skips a word of ASCII letters and returns it as far as a name may be long.
func (s *timeScan) letters() (word name) {
	start := s.pos
	for asciiLetter(s.at(0)) && s.pos < s.size {
		if n := s.pos - start; n < len(word) {
			word[n] = byte(s.at(0)) | 0x20 // in lower case
		}
		s.pos++
	}
	if asciiDigit(s.at(0)) || unicode.IsLetter(s.at(0)) {
		return name{}
	}
	return word
}

// month reads the name of a month, or three letters of it; 0 for none.
func (s *timeScan) month() int {
	m := months[s.letters()]
	if m != 0 {
		s.skip('.')
	}
	return int(m)
}

// monthDay reads 20 Jun, 20th of June 2023, June 20, Jun 20th, 2023.
func (s *timeScan) monthDay() typedDay {
	start := s.pos
	var d typedDay
	if d.date.month = s.month(); d.date.month > 0 {
		if !s.blanks() || !s.dayNumber(&d) {
			return typedDay{}
		}
	} else {
		s.pos = start
		if !s.dayNumber(&d) || !s.blanks() {
			return typedDay{}
		}
		if end := s.pos; !s.word("of") || !s.blanks() {
			s.pos = end
		}
		if d.date.month = s.month(); d.date.month == 0 {
			return typedDay{}
		}
	}
	d.given = true
	end := s.pos
	s.skip(',')
	s.blanks()
	year, n := s.number(4, 4)
	if n == 0 || s.at(0) == ':' {
		s.pos = end
		if d.date.day < 1 || d.date.day > 31 {
			return typedDay{}
		}
		leap := calendarDay{2024, d.date.month, d.date.day} // has every day that some year has
		if !leap.exists() {
			d.problem = leap.check(s.typed(start), true)
		}
		return d
	}
	d.date.year, d.sure = year, true
	d.problem = d.date.check(s.typed(start), true)
	return d
}

// dayNumber reads 20, 20., 20th.
func (s *timeScan) dayNumber(d *typedDay) bool {
	var n int
	if d.date.day, n = s.number(1, 2); n == 0 {
		return false
	}
	if !s.anyOf([]string{"st", "nd", "rd", "th"}) {
		s.skip('.')
	}
	return true
}

// numericDay reads 2026-07-08, 08/07/2026, 08.07.2026.
func (s *timeScan) numericDay() typedDay {
	start := s.pos
	first, digits := s.number(1, 4)
	mark := s.at(0)
	if digits == 3 || digits == 0 || !strings.ContainsRune("-/.", mark) {
		return typedDay{}
	}
	s.pos++
	if digits == 4 {
		return s.yearFirst(start, first, mark)
	}
	if mark != '-' {
		return s.dayFirst(start, first, mark)
	}
	return typedDay{}
}

// yearless says whether a time of day follows a day and a month, and ends before
// the gap between them.
func (s *timeScan) yearless() bool {
	s.skip('.')
	end := s.pos
	var m clockTime
	follows := s.dayGap() && s.clock(&m) && !m.vague
	s.pos = end
	return follows
}

// dayBehind reads a day behind a time of day: 14:05 yesterday, 14:05 on
// 20/06/2023.
func (s *timeScan) dayBehind(m *clockTime) {
	start := s.pos
	s.skip(',')
	if s.blanks() {
		d := s.day()
		words := d.relative && !d.night
		if d.given && (words || d.sure) && d.problem == nil && !d.joined && s.ends() && (!words || !s.possessed()) {
			m.day = d
			return
		}
	}
	s.pos = start
}

// possessed says whether the word before is one that owns what follows, as in
// "yesterday’s backup".
func (s *timeScan) possessed() bool { return s.at(0) == '\'' || s.at(0) == '’' }

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
	if mark == '.' && plausible && month <= 12 {
		if end := s.pos; s.yearless() {
			return typedDay{given: true, problem: s.yearMissing(start)} // 20.06. 12:32
		} else {
			s.pos = end
		}
	}
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
