package chat

import (
	"strings"
	"time"
)

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
	for s.pos < s.size && asciiLetter(s.at(0)) {
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
		for s.pos < s.size && (asciiLetter(s.at(0)) || asciiDigit(s.at(0)) || strings.ContainsRune("/_+-", s.at(0))) {
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
