package chat

import (
	"slices"
	"unicode"
)

// open skips brackets, emphasis or code marks before a time, as in [14:05] and
// **14:05**.
func (s *timeScan) open() {
	mark := s.at(0)
	switch mark {
	case '[':
		s.closing, s.closings = ']', 1
	case '(':
		s.closing, s.closings = ')', 1
	case '*', '_', '`':
		s.closing, s.closings = mark, 1
		if s.at(1) == mark {
			s.closings = 2
		}
	default:
		return
	}
	if next := s.at(s.closings); !asciiDigit(next) && !asciiLetter(next) {
		s.closing = 0
		return
	}
	s.pos += s.closings
}

// close skips what closes the brackets that were opened, and says whether they
// stood here. A colon may stand inside of them: **14:05:** text.
func (s *timeScan) close() bool {
	if s.closing == 0 {
		return false
	}
	start := s.pos
	if s.at(0) != s.closing {
		s.skip(':')
	}
	for range s.closings {
		if !s.skip(s.closing) {
			s.pos = start
			return false
		}
	}
	bracket := s.closing == ']' || s.closing == ')'
	mark := s.closing
	s.closing = 0
	// [14:05](address) is a link, **14:05**th is text.
	if bracket && s.at(0) != '(' || s.ends() || s.at(0) == '-' && (asciiDigit(s.at(1)) || s.at(1) == mark) {
		return true
	}
	s.pos, s.closing = start, mark
	return false
}

// duration says whether what was read is a length of time: 5:30 hours.
func (s *timeScan) duration() bool {
	start := s.pos
	defer func() { s.pos = start }()
	return s.blanks() && slices.ContainsFunc([]string{"hours", "hrs", "minutes", "mins"}, s.word)
}

// certain says whether what was read is a time and no text. Something beside a
// vague form has to say so.
func (s *timeScan) certain(from, to clockTime, ranged bool) bool {
	vague := from.vague && !from.sure
	switch {
	case !vague || s.guess:
		return true
	case ranged && (to.sure || !to.vague || from.half != 0 || to.half != 0):
		return true
	case s.alone():
		return true
	}
	return s.sentence() && !(from.dotted && from.hour < 10)
}

// sentence says whether a sentence of its own begins behind the time, which is no
// part of it then: "10pm we restarted it", but "3am backup failed".
func (s *timeScan) sentence() bool {
	start := s.pos
	defer func() { s.pos = start }()
	s.blanks()
	return slices.ContainsFunc([]string{
		"the", "a", "an", "we", "i", "it", "they", "he", "she", "our", "my", "all", "no", "some", "someone", "somebody",
		"nobody", "everyone", "everything", "there", "this", "these", "those", "users", "customers", "people", "first",
	}, func(w string) bool { return s.word(w) && !unicode.IsDigit(s.at(0)) && breakRune(s.at(0)) })
}
