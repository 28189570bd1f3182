package chat

import (
	"fmt"
	"slices"
	"time"
)

// longestNight is how far a range without dates may reach into the next day;
// beyond it the two times are more likely in the wrong order.
const longestNight = 12 * time.Hour

// rangeEnd reads the second time of a range: 12:22-13:00, 12:22 to 13:00, or
// 12:22 - 13:00. With blanks around it the dash may as well part the time from
// a text that begins with another time, so then the second time must be later
// on the same day.
func (s *timeScan) rangeEnd(from *clockTime, between bool) (to clockTime, found bool, err error) {
	apart := s.blanks()
	dash := s.skip('-')
	switch {
	case dash:
		if s.blanks() != apart {
			return to, false, nil
		}
	case !apart || !s.word("to") && !s.word("until") && !s.word("till") && !(between && s.word("and")) || !s.blanks():
		return to, false, nil
	}
	if s.closing == 0 {
		s.open() // **12:22** to **13:00**
	}
	to, found, err = s.moment()
	if !found || err != nil {
		return to, false, err
	}
	if from.half == 0 && to.half == 'p' && from.hour < 12 && (from.hour+12)*60+from.minute <= to.hour*60+to.minute {
		from.hour += 12 // 2:05-3:10 pm
	}
	if dash && apart && !to.day.given && to.hour*60+to.minute <= from.hour*60+from.minute {
		return to, false, nil
	}
	return to, true, nil
}

// resolve turns what was typed into instants.
func (s *timeScan) resolve(from, to clockTime, ranged bool) (TypedTime, error) {
	zone := firstZone(from.zone, to.zone, s.tc.Zone)
	day := s.dayOf(from, zone)
	all, err := from.instants(day, zone)
	if err != nil {
		return TypedTime{}, err
	}
	t := TypedTime{At: all[0], HasDate: from.day.given, HasZone: from.zone != nil || to.zone != nil, Zone: zone}
	if len(all) > 1 {
		t.Choices = all
	}
	if !t.HasDate && s.tc.Day.IsZero() && t.At.After(s.tc.Now) {
		t.Choices = all
		if before, err := from.instants(day.add(-1), zone); err == nil {
			t.Choices = append(t.Choices, before...)
		}
	}
	if ranged {
		t.Until, err = s.until(t.At, day, from, to)
	}
	return t, err
}

// until resolves the end of a range that begins at the instant from, on day.
func (s *timeScan) until(at time.Time, day calendarDay, from, to clockTime) (time.Time, error) {
	zone := firstZone(to.zone, from.zone, s.tc.Zone)
	if to.day.given {
		day = s.dayOf(to, zone)
	}
	for range 2 {
		all, err := to.instants(day, zone)
		if err != nil {
			return time.Time{}, err
		}
		for _, until := range all {
			if until.Equal(at) {
				return time.Time{}, nil // 12:22-12:22 is a point in time
			}
			if until.After(at) && (until.Sub(at) <= longestNight || to.day.given || onSameDay(at.In(zone), until.In(zone))) {
				return until, nil
			}
		}
		if to.day.given {
			break
		}
		day = day.add(1)
	}
	return time.Time{}, &TimeError{
		Problem: "The time ends before it begins: " + to.clock + " is earlier than " + from.clock + ".",
		Next:    "Write the earlier time first, or give both of them a date.",
	}
}

func firstZone(zones ...*time.Location) *time.Location {
	return zones[slices.IndexFunc(zones, func(z *time.Location) bool { return z != nil })]
}

// dayOf returns the day of a moment: the one typed, else the day handed in,
// else today where the zone is.
func (s *timeScan) dayOf(m clockTime, zone *time.Location) calendarDay {
	today := dateOf(s.tc.Now.In(zone))
	switch {
	case m.day.night && m.hour >= 12:
		return today.add(-1)
	case m.day.relative:
		return today.add(-m.day.ago)
	case m.day.weekday:
		now := s.tc.Now.In(zone)
		ago := (int(now.Weekday()) - int(m.day.named) + 7) % 7
		if ago == 0 && (m.day.before || m.hour*60+m.minute > now.Hour()*60+now.Minute()) {
			ago = 7
		}
		if m.day.next {
			return today.add(7 - (int(now.Weekday())-int(m.day.named)+7)%7)
		}
		return today.add(-ago)
	case m.day.given && m.day.date.year == 0:
		return s.lastYear(m.day.date, today)
	case m.day.given:
		return m.day.date
	case !s.tc.Day.IsZero():
		return dateOf(s.tc.Day.In(s.tc.Zone))
	}
	return dateOf(s.tc.Now.In(zone))
}

// lastYear gives a day without a year the one in which it was last: for an incident
// of the past the year that brings it nearest to the day that was spoken of.
func (s *timeScan) lastYear(d, today calendarDay) calendarDay {
	d.year = today.year
	if !s.tc.Day.IsZero() {
		about := dateOf(s.tc.Day.In(s.tc.Zone))
		d.year = about.year + 1
		for d.noon().Sub(about.noon()) > 183*24*time.Hour || !d.exists() {
			d.year--
		}
		return d
	}
	for d.noon().After(today.noon()) || !d.exists() {
		d.year--
	}
	return d
}

// noon is an instant of the day, to compare it with others.
func (d calendarDay) noon() time.Time {
	return time.Date(d.year, time.Month(d.month), d.day, 12, 0, 0, 0, time.UTC)
}

// instants returns the instants, in UTC and in order, at which the clocks of a
// zone show the moment on a day: one, two in an hour that they repeat, and an
// error in an hour that they skip.
func (m clockTime) instants(day calendarDay, zone *time.Location) ([]time.Time, error) {
	wall := time.Date(day.year, time.Month(day.month), day.day, m.hour, m.minute, m.second, m.nano, time.UTC)
	// time.Date picks one of the offsets around a change of the clocks, so both
	// of them are tried.
	guess := time.Date(day.year, time.Month(day.month), day.day, m.hour, m.minute, m.second, m.nano, zone)
	from, to := guess.ZoneBounds()
	change := from // the change of the clocks that is nearest
	if from.IsZero() || !to.IsZero() && to.Sub(guess) < guess.Sub(from) {
		change = to
	}
	offsets := []int{offsetAt(guess, zone)}
	if !change.IsZero() {
		offsets = []int{offsetAt(change.Add(-time.Second), zone), offsetAt(change, zone)}
	}
	var at []time.Time
	for _, offset := range offsets {
		t := wall.Add(-time.Duration(offset) * time.Second)
		if offsetAt(t, zone) == offset && !slices.ContainsFunc(at, t.Equal) {
			at = append(at, t)
		}
	}
	if len(at) == 0 {
		return nil, skippedError(wall, offsets, zone)
	}
	slices.SortFunc(at, time.Time.Compare)
	return at, nil
}

func offsetAt(t time.Time, zone *time.Location) int {
	_, offset := t.In(zone).Zone()
	return offset
}

// skippedError explains a time that the clocks skip in spring: it names the
// times an offset earlier and later, which do exist.
func skippedError(wall time.Time, offsets []int, zone *time.Location) error {
	earlier := wall.Add(-time.Duration(slices.Max(offsets)) * time.Second)
	later := wall.Add(-time.Duration(slices.Min(offsets)) * time.Second)
	const clock = "15:04"
	form := clock
	if !onSameDay(earlier.In(zone), later.In(zone)) {
		form = "02/01/2006 15:04"
	}
	return &TimeError{
		Problem: fmt.Sprintf("The clocks skip %s on %s in %s.", wall.Format(clock), wall.Format("02/01/2006"), zone),
		Next:    fmt.Sprintf("Write %s or %s, or give the time in UTC.", earlier.In(zone).Format(form), later.In(zone).Format(form)),
		Choices: []time.Time{earlier, later},
	}
}
