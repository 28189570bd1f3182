package chat

import (
	"slices"
	"strings"
	"time"
)

// farthest is how far back a distance may reach.
const farthest = 3660 * 24 * time.Hour

// timeUnit is a unit of a distance with the words for it. The longer words come
// first: whichever stands there first counts.
type timeUnit struct {
	words, letters []string
	size           time.Duration
}

var timeUnits = []timeUnit{
	{[]string{"days", "day"}, []string{"d"}, 24 * time.Hour},
	{[]string{"hours", "hour", "hrs", "hr"}, []string{"h"}, time.Hour},
	{[]string{"minutes", "minute", "mins", "min"}, []string{"m"}, time.Minute},
	{[]string{"seconds", "second", "secs", "sec"}, []string{"s"}, time.Second},
}

// distance reads -10m, -1h30m, -1h30, -10 min, -2 hours, -1d: so long before now.
func (s *timeScan) distance() (TypedTime, bool, error) {
	start := s.pos
	if !s.skip('-') {
		return TypedTime{}, false, nil
	}
	back, parts, tooFar := s.length()
	if parts == 0 || !s.ends() {
		return TypedTime{}, false, nil
	}
	if end := s.pos; !s.blanks() || !s.word("ago") || !s.ends() { // -10m ago says it twice
		s.pos = end
	}
	return s.back(back, tooFar, s.typed(start))
}

// ago reads 10 minutes ago, 1h30m ago, an hour ago, half an hour ago.
func (s *timeScan) ago() (TypedTime, bool, error) {
	start := s.pos
	var back time.Duration
	tooFar := false
	switch {
	case s.word("half") && s.blanks() && s.word("an") && s.blanks() && s.word("hour"):
		back = 30 * time.Minute
	default:
		s.pos = start
		var parts int
		if back, parts, tooFar = s.length(); parts == 0 {
			return TypedTime{}, false, nil
		}
	}
	if !s.blanks() || !s.word("ago") || !s.ends() {
		return TypedTime{}, false, nil
	}
	t, found, err := s.back(back, tooFar, s.typed(start))
	t.InSentence = !s.alone() && s.sentence()
	return t, found, err
}

// length reads a length of time: 10m, 1h30m, 1h30, 10 minutes, an hour, 1 hour and
// 20 minutes. parts is how many units it has.
func (s *timeScan) length() (total time.Duration, parts int, tooFar bool) {
	end := s.pos
	for i := 0; i < len(timeUnits); i++ {
		s.pos = end
		if parts > 0 {
			if s.blanks(); s.word("and") && !s.blanks() {
				break
			}
		}
		n, known := s.amount()
		if !known {
			break
		}
		unit := slices.IndexFunc(timeUnits[i:], s.unit)
		if unit < 0 {
			if parts > 0 && timeUnits[i-1].size == time.Hour && s.pos-end == 2 && n < 60 && s.ends() { // 1h30
				total, end = total+time.Duration(n)*time.Minute, s.pos
			}
			break
		}
		i += unit
		parts++
		end = s.pos
		size := timeUnits[i].size
		if tooFar = tooFar || time.Duration(n) > farthest/size; !tooFar {
			total += time.Duration(n) * size
		}
	}
	s.pos = end
	return total, parts, tooFar
}

// amount reads a number: digits, or a word for a small one.
func (s *timeScan) amount() (n int, known bool) {
	if n, digits := s.number(1, 9); digits > 0 {
		return n, true
	}
	if s.word("an") || s.word("a") {
		return 1, true
	}
	for n, word := range []string{"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"} {
		if s.word(word) {
			return n + 1, true
		}
	}
	return 0, false
}

// unit reads a unit behind an amount. A letter may stand apart from the amount
// ("-10 m"), and a digit may follow it ("1h30m").
func (s *timeScan) unit(u timeUnit) bool {
	start := s.pos
	apart := s.blanks()
	if slices.ContainsFunc(u.words, s.word) {
		return true
	}
	for _, words := range [...][]string{u.words, u.letters} {
		for _, w := range words {
			if !strings.EqualFold(string(s.plain[s.pos:min(s.pos+len(w), s.size)]), w) {
				continue
			}
			if next := s.at(len(w)); asciiDigit(next) && !apart || !wordRune(next) {
				s.pos += len(w)
				return true
			}
		}
	}
	s.pos = start
	return false
}

// back is the instant so long before now.
func (s *timeScan) back(back time.Duration, tooFar bool, typed string) (TypedTime, bool, error) {
	if tooFar || back > farthest {
		return TypedTime{}, false, &TimeError{
			Problem: typed + " is more than ten years back.",
			Next:    "Write the date and the time instead, like " + exampleMoment(s.tc) + ".",
		}
	}
	return TypedTime{At: s.tc.Now.Add(-back).UTC(), HasDate: true, Zone: s.tc.Zone}, true, nil
}
