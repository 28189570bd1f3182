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
	// InSentence says that the words for the time may belong to the sentence that
	// they begin: "10 minutes ago we restarted it".
	InSentence bool
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
// It understands 14:05, 14:05:30, 14:05h, 22h05, 2:05 pm; after them UTC, CEST
// (upper case), Europe/Berlin, Z, +02:00, UTC+2; before them 2026-07-08,
// 08/07/2026 and 08.07.2026 (day first), 20 Jun, June 20 2026, today, yesterday,
// last night, a weekday (the last one); RFC 3339; -10m, -10 min, -1h30m, -1d;
// 10 minutes ago, an hour ago; now, when nothing but a separator follows; and
// ranges of two times with a dash or "to" between them. Brackets, emphasis, a
// tilde and "at" around a time count for nothing. A dash right after a time
// begins a range, so an offset west of UTC is written after a space (14:05
// -03:00), after UTC (UTC-3) or in the RFC 3339 form. Full-width digits and the
// dashes of phone keyboards count as their plain forms.
//
// 10pm and 14.05 may be text as well ("3am backup", "14.05 percent"). They are
// read when something says that a time is meant: a date, a zone, "at", brackets,
// a separator or nothing behind them, or how the sentence goes on. guessTime
// reads them where nothing does.
//
// Text that begins with no time gives found false and rest equal to text: a
// number or a word is never guessed to be a time. Something that can only be
// meant as a time but names none (25:10, 31/02/2026, an hour that the clocks
// skip) gives a *TimeError, again with rest equal to text.
func ReadTime(text string, tc TimeContext) (t TypedTime, rest string, found bool, err error) {
	return readTime(text, tc, false)
}

// guessTime reads a text that begins with what may be a time or may be words, and
// for which ReadTime finds none: 10pm, 14.05, 5:30h. Its answer is to be asked
// about, never to be taken. See ReadTime for the results.
func guessTime(text string, tc TimeContext) (t TypedTime, rest string, found bool) {
	t, rest, found, err := readTime(text, tc, true)
	if err != nil || !found {
		return TypedTime{}, text, false // that is nearly every text
	}
	if _, _, sure, err := readTime(text, tc, false); sure || err != nil {
		return TypedTime{}, text, false
	}
	return t, rest, true
}

func readTime(text string, tc TimeContext, guess bool) (t TypedTime, rest string, found bool, err error) {
	if tc.Zone == nil {
		tc.Zone = time.UTC
	}
	s := timeScan{text: text, tc: tc, guess: guess}
	s.fill(scanFirst)
	t, found, err = s.read()
	if s.cut && (found || err != nil || s.far+longestWord >= s.size) {
		s = timeScan{text: text, tc: tc, guess: guess}
		s.fill(scanLimit)
		t, found, err = s.read()
	}
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
	s.roughly()
	start = s.pos
	if t, found, err := s.ago(); found || err != nil {
		return t, found, err
	}
	s.pos = start
	return s.absolute()
}

// bullet skips the mark of a list item, as in a line pasted from a timeline.
func (s *timeScan) bullet() {
	if strings.ContainsRune("-*•", s.at(0)) && s.at(1) == ' ' {
		s.pos++
		s.blanks()
	}
}

// roughly skips what says that a time is not exact: a timeline takes the time as
// it is.
func (s *timeScan) roughly() {
	start := s.pos
	switch {
	case s.skip('~') || s.skip('≈'):
		s.blanks()
		return
	case s.word("about") || s.word("around") || s.word("roughly") || s.word("circa") || s.word("approximately"):
	case s.word("approx") || s.word("ca"):
		s.skip('.')
	default:
		return
	}
	if !s.blanks() {
		s.pos = start
	}
}

// absolute reads a time of day with what stands around it, and a range.
func (s *timeScan) absolute() (TypedTime, bool, error) {
	plain := s.pos
	between := s.word("between") && s.blanks()
	opened := s.pos > plain || s.word("from") && s.blanks()
	at := s.at(0) == '@' && asciiDigit(s.at(1)) && s.skip('@')
	s.open()
	from, ok, err := s.moment()
	if err != nil || !ok {
		return TypedTime{}, false, err
	}
	from.sure = from.sure || at || s.closing != 0
	closed := s.close()
	end := s.pos
	to, ranged, err := s.rangeEnd(&from, between)
	if err != nil {
		return TypedTime{}, false, err
	}
	switch {
	case ranged:
		closed = s.close() || closed
	case opened:
		return TypedTime{}, false, nil // "from 14:05 on": it goes on in the sentence
	default:
		s.pos = end
	}
	if s.closing != 0 || !closed && !s.ends() || s.duration() || !s.certain(from, to, ranged) {
		return TypedTime{}, false, nil
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
		if m.day.date.year > 0 {
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
