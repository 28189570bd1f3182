package chat

import "time"

// clockTime is a time of day as typed, with the date and zone around it.
type clockTime struct {
	day                  typedDay
	hour, minute, second int
	nano                 int
	half                 byte           // 'a' or 'p' for am and pm, else 0
	clock                string         // the time of day as typed
	zone                 *time.Location // nil: none was named
	// vague says that the form may be text as well: 10pm, 14.05. sure says that
	// something beside it makes it a time all the same. dotted is 14.05.
	vague, sure, dotted bool
}

// moment reads one time of day with its date and zone. Text that is no time
// gives false and no error.
func (s *timeScan) moment() (m clockTime, ok bool, err error) {
	m.day = s.day()
	dayEnds := s.ends()
	if !m.day.given && s.word("at") {
		m.sure = s.blanks()
	}
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
	if !m.day.given {
		s.dayBehind(&m)
	}
	m.sure = m.sure || m.day.given || m.zone != nil
	switch {
	case m.day.problem != nil:
		return m, false, m.day.problem
	case m.second > 59 && !m.day.given, m.vague && !m.sure && (m.hour > 23 || m.minute > 59):
		return m, false, nil // 14:05:99 and 99.95 can be anything
	case m.hour > 23 || m.minute > 59 || m.second > 59:
		return m, false, m.notInDay()
	}
	return m, true, nil
}

// clock reads 14:05, 14:05:30, 2:05 pm, 22h05, and what may be text as well: 10pm,
// 14.05. Whether there is such an hour is judged later, when it is sure that a
// time is meant.
func (s *timeScan) clock(m *clockTime) bool {
	start := s.pos
	var digits int
	if m.hour, digits = s.number(1, 2); digits == 0 {
		return false
	}
	switch mark := s.at(0); {
	case mark == ':':
		s.pos++
		if !s.minutes(m) {
			return false
		}
		s.hourMark(m, digits)
	case (mark == '.' || mark == 'h' || mark == 'H') && asciiDigit(s.at(1)):
		s.pos++
		if !s.minutes(m) {
			return false
		}
		m.dotted = mark == '.'
		m.vague = m.dotted || digits == 1
	default:
		m.vague = true
	}
	bare := m.vague && s.pos == start+digits
	s.halfDay(m)
	if bare && (m.half == 0 || m.hour > 23) && !s.uhr(m) {
		return false
	}
	if !bare {
		s.uhr(m)
	}
	m.clock = s.typed(start)
	return true
}

// minutes reads what follows the hour: 05, 05:30, 05:30.25.
func (s *timeScan) minutes(m *clockTime) bool {
	var digits int
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
	return true
}

// hourMark skips the h of 14:05h. With one digit it is more likely a length:
// 5:30h.
func (s *timeScan) hourMark(m *clockTime, digits int) {
	start := s.pos
	s.blanks()
	if (s.skip('h') || s.skip('H')) && s.zoneEnds() {
		m.vague = digits == 1
		return
	}
	s.pos = start
}

// uhr skips the German word for a time of day, which says that one is meant.
func (s *timeScan) uhr(m *clockTime) bool {
	start := s.pos
	if s.blanks(); s.word("uhr") && m.half == 0 {
		m.sure = true
		return true
	}
	s.pos = start
	return false
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
	if s.anyOf([]string{"pm", "p.m."}) && s.zoneEnds() && m.hour >= 1 && m.hour <= 23 {
		m.half = 'p'
		if m.hour < 12 {
			m.hour += 12
		}
		return
	}
	s.pos = start
	s.blanks()
	if s.anyOf([]string{"am", "a.m."}) && s.zoneEnds() && m.hour <= 12 {
		m.half = 'a'
		m.hour %= 12
		return
	}
	s.pos = start
}
