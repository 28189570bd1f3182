package chat

import (
	"strings"
	"time"
	"unicode"
)

// timeScan walks over the start of a text in which a time is looked for.
// Phones type full-width digits, no-break spaces and long dashes, so it walks
// over a plain form of the text.
type timeScan struct {
	text  string
	plain [scanLimit]rune
	size  int  // how many runes there are in plain
	cut   bool // text goes on behind them
	pos   int
	far   int // the furthest rune of plain that was asked for
	tc    TimeContext
	// closing is the mark that ends the brackets or the emphasis around the time;
	// 0 outside of them, or when they were closed. closings is how often it stands
	// there.
	closing  rune
	closings int
	// guess reads what may be text as well.
	guess bool
}

// scanLimit is longer, in runes, than the longest time that can be typed.
const scanLimit = 240

// A text that begins with no time nearly always shows it in its first runes; the others are read only when these do not
// decide. No word that is looked for is longer than longestWord.
const (
	scanFirst   = 48
	longestWord = 16
)

// fill puts the first runes of the text into plain, at most so many.
func (s *timeScan) fill(most int) {
	for _, r := range s.text {
		if s.size == most {
			s.cut = true
			return
		}
		if r = plainRune(r); r != 0 {
			s.plain[s.size] = r
			s.size++
		}
	}
}

// passed is how much of the text was passed over, in bytes.
func (s *timeScan) passed() int {
	n := 0
	for i, r := range s.text {
		seen := plainRune(r) != 0
		if n == s.pos && (seen || n == s.size && s.cut) {
			return i
		}
		if seen {
			n++
		}
	}
	return len(s.text)
}

// plainRune returns the ASCII form of what keyboards type in its place, and 0
// for marks that nobody sees.
func plainRune(r rune) rune {
	switch {
	case ' ' <= r && r <= '~':
		return r
	case 0xFF01 <= r && r <= 0xFF5E: // full-width forms of ASCII
		return r - 0xFEE0
	case r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029' || r == '\u0085':
		return '\n'
	case unicode.IsSpace(r):
		return ' '
	case r == '\u2212' || 0x2010 <= r && r <= 0x2015 || r == '\uFE58' || r == '\uFE63':
		return '-'
	case r == '\u2236' || r == '\uFE55':
		return ':'
	case r == '\uFEFF' || 0x200B <= r && r <= 0x200F || 0x202A <= r && r <= 0x202E || 0x2060 <= r && r <= 0x2069:
		return 0
	}
	return r
}

// at returns the rune n places ahead: '\n' behind the end of the text, and a
// letter where the text goes on unseen, so that nothing ends there.
func (s *timeScan) at(n int) rune {
	i := s.pos + n
	s.far = max(s.far, i)
	if i < s.size {
		return s.plain[i]
	}
	if s.cut {
		return 'x'
	}
	return '\n'
}

func (s *timeScan) skip(r rune) bool {
	if s.at(0) != r {
		return false
	}
	s.pos++
	return true
}

// blanks skips white space inside a line and says whether there was any.
func (s *timeScan) blanks() bool {
	n := s.pos
	for s.at(0) == ' ' {
		s.pos++
	}
	return s.pos > n
}

// number reads min to max digits that no further digit follows. It returns how
// many there were, 0 if there is no such number; then nothing is skipped.
func (s *timeScan) number(minDigits, maxDigits int) (n, digits int) {
	for asciiDigit(s.at(digits)) && digits <= maxDigits {
		n = n*10 + int(s.at(digits)-'0')
		digits++
	}
	if digits < minDigits || digits > maxDigits {
		return 0, 0
	}
	s.pos += digits
	return n, digits
}

// word skips w, in any case, if no letter or digit follows it.
func (s *timeScan) word(w string) bool {
	n := 0
	for _, r := range w {
		if unicode.ToLower(s.at(n)) != r {
			return false
		}
		n++
	}
	if next := s.at(n); unicode.IsLetter(next) || unicode.IsDigit(next) {
		return false
	}
	s.pos += n
	return true
}

// anyOf skips the first of the words that stands here, whatever follows it.
func (s *timeScan) anyOf(words []string) bool {
	for _, w := range words {
		if s.size-s.pos >= len(w) && strings.EqualFold(string(s.plain[s.pos:s.pos+len(w)]), w) {
			s.pos += len(w)
			return true
		}
	}
	return false
}

// ends says whether a time may end here: before white space, at the end, before
// a mark that white space follows ("14:05: text"), or where its brackets close.
func (s *timeScan) ends() bool {
	if s.breaks(0) {
		return true
	}
	return strings.ContainsRune(":,;.-", s.at(0)) && s.breaks(1)
}

func (s *timeScan) breaks(n int) bool {
	return breakRune(s.at(n)) || s.closing != 0 && s.at(n) == s.closing
}

// alone says whether nothing follows, or a separator does.
func (s *timeScan) alone() bool {
	n := 0
	for s.at(n) == ' ' {
		n++
	}
	return s.at(n) == '\n' || strings.ContainsRune(":,;.-", s.at(n)) && breakRune(s.at(n+1))
}

func breakRune(r rune) bool { return r == ' ' || r == '\n' }

// typed is the plain form of what was read since start, for a sentence.
func (s *timeScan) typed(start int) string { return string(s.plain[start:s.pos]) }

// rest is the text behind the time, without the separator between them.
// Empty lines go as well, but the indentation of a later line stays: it may be
// code.
func (s *timeScan) rest() string {
	here := s.pos
	s.blanks()
	if strings.ContainsRune(":,;.-", s.at(0)) && breakRune(s.at(1)) {
		s.pos++
	} else {
		s.pos = here
	}
	rest := s.text[s.passed():]
	for laterLine := false; ; laterLine = true {
		line := strings.IndexFunc(rest, func(r rune) bool { return plainRune(r) != ' ' })
		if line < 0 {
			return ""
		}
		if rest[line] != '\n' && rest[line] != '\r' {
			if laterLine {
				return rest
			}
			return rest[line:]
		}
		rest = rest[line+1:]
	}
}

// calendarDay is a day of the calendar, not yet checked.
type calendarDay struct{ year, month, day int }

// exists says whether the calendar has the day.
func (d calendarDay) exists() bool {
	t := time.Date(d.year, time.Month(d.month), d.day, 0, 0, 0, 0, time.UTC)
	return t.Year() == d.year && int(t.Month()) == d.month && t.Day() == d.day
}

// add returns the day that lies n days later.
func (d calendarDay) add(n int) calendarDay {
	return dateOf(time.Date(d.year, time.Month(d.month), d.day+n, 0, 0, 0, 0, time.UTC))
}

func dateOf(t time.Time) calendarDay { return calendarDay{t.Year(), int(t.Month()), t.Day()} }
