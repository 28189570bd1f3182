package chat

import (
	"errors"
	"regexp"
	"strings"
	"time"

	"watchbell/incidents"
)

// lastDue are “by” and the one, two or three words at the end of a text that may be a day.
var lastDue = [3]*regexp.Regexp{
	regexp.MustCompile(`(?i)\s+by\s+(\S+)$`),
	regexp.MustCompile(`(?i)\s+by\s+(\S+\s+\S+)$`),
	regexp.MustCompile(`(?i)\s+by\s+(\S+\s+\S+\s+\S+)$`),
}

// cutDue takes the day off the end of an action item. It is the zero time when there is none; one that is written as a
// day, but that no calendar has, is refused.
func cutDue(text string, now time.Time) (due time.Time, rest string, err error) {
	for _, form := range lastDue {
		m := form.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		due, ok := readDay(m[1], now)
		if ok && due.IsZero() {
			return due, text, incidents.Refuse(incidents.Invalid, "The calendar has no day %s, so the action item was not noted yet.", inline(decoded(m[1]))).
				Next("Write `action rotate the keys by 1 December`, or `by friday`.").In("due")
		}
		if ok {
			return due, strings.TrimSuffix(text, m[0]), nil
		}
	}
	return time.Time{}, text, nil
}

var (
	dayLayouts  = []string{"2006-01-02", "02/01/2006", "02.01.2006", "2/1/2006", "2 Jan 2006", "2 January 2006", "Jan 2 2006", "January 2 2006"}
	yearless    = []string{"2 Jan", "2 January", "Jan 2", "January 2"}
	ordinalMark = regexp.MustCompile(`\b([0-9]{1,2})(?:st|nd|rd|th)\b`)
)

// readDay reads a day: 2026-12-01, 01/12/2026, 01.12.2026, 1 December, Dec 1st 2026, today, tomorrow, or the name of a
// weekday, which means the next one, counted in the zone of now. Without a year it is the next such day, or one that is
// over for less than two months. The result is that day at 00:00 UTC; the zero time where the calendar has no such day.
func readDay(words string, now time.Time) (day time.Time, is bool) {
	words = strings.Join(strings.Fields(strings.ToLower(strings.TrimRight(words, ".,"))), " ")
	words = ordinalMark.ReplaceAllString(strings.ReplaceAll(words, ", ", " "), "$1")
	y, m, d := now.Date()
	today := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	for _, layout := range dayLayouts {
		if day, err := time.Parse(layout, words); outOfRange(err) || err == nil && day.Year() > 2000 {
			return day, true
		}
	}
	for _, layout := range yearless {
		day, err := time.Parse(layout, words)
		if outOfRange(err) {
			return time.Time{}, true
		}
		if err != nil {
			continue
		}
		for year := y; year <= y+8; year++ { // a 29 February may be that far ahead
			next := time.Date(year, day.Month(), day.Day(), 0, 0, 0, 0, time.UTC)
			if next.Day() == day.Day() && next.After(today.AddDate(0, -2, 0)) {
				return next, true
			}
		}
	}
	switch words {
	case "today":
		return today, true
	case "tomorrow":
		return today.AddDate(0, 0, 1), true
	}
	for ahead := 1; ahead <= 7; ahead++ {
		day := today.AddDate(0, 0, ahead)
		if name := strings.ToLower(day.Weekday().String()); words == name || (len(words) == 3 && strings.HasPrefix(name, words)) {
			return day, true
		}
	}
	return time.Time{}, false
}

// outOfRange reports whether a text has the form of a day, but no calendar has that day.
func outOfRange(err error) bool {
	var wrong *time.ParseError
	return errors.As(err, &wrong) && strings.HasSuffix(wrong.Message, "out of range")
}
