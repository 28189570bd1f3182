package incidents

import "time"

// Working hours: those of the protocol's reminders. Due times are reckoned in them, and what comes after the incident waits
// for them.

// always reports whether any time will do.
func (r ReminderRule) always() bool { return r.From == r.To || r.Days == [7]bool{} }

func (r ReminderRule) zone() *time.Location {
	zone, err := time.LoadLocation(r.Zone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// next is the first stretch of working hours that ends after an instant.
func (r ReminderRule) next(at time.Time, zone *time.Location) (from, to time.Time) {
	local := at.In(zone)
	for ahead := 0; ; ahead++ {
		day := time.Date(local.Year(), local.Month(), local.Day()+ahead, 0, 0, 0, 0, zone)
		from, to = onDay(day, r.From), onDay(day, r.To)
		if r.Days[day.Weekday()] && at.Before(to) {
			return from, to
		}
	}
}

// working moves an instant into the working hours, if it is not in them.
func (r ReminderRule) working(at time.Time) time.Time {
	if r.always() {
		return at
	}
	from, _ := r.next(at, r.zone())
	return later(at, from).UTC()
}

// after is an instant once the working hours and days of a due time have passed from another one on.
func (r ReminderRule) after(at time.Time, due Due) time.Time {
	left := due.Hours + time.Duration(due.Days)*(r.To-r.From)
	if left <= 0 && due.Days == 0 {
		return at
	}
	if r.always() {
		return at.Add(due.Hours + time.Duration(due.Days)*24*time.Hour)
	}
	for zone := r.zone(); left > 0; {
		from, to := r.next(at, zone)
		from = later(at, from)
		if there := to.Sub(from); there < left { // else it is in this stretch
			at, left = to, left-there
			continue
		}
		return from.Add(left).UTC()
	}
	return at
}

// onDay is a time of day, as the clock on the wall shows it.
func onDay(day time.Time, at time.Duration) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), int(at/time.Hour), int(at%time.Hour/time.Minute), 0, 0, day.Location())
}
