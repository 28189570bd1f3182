package postmortem

import (
	"regexp"
	"strings"
	"time"
)

// Some write each day of a timeline once, on a line of its own above the day's entries: "### Tuesday, 4 March 2025", "**June
// 10**". Such a line stays with the entry below it, as it is.

var (
	weekday  = `(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?\.?,? )?`
	headDay  = regexp.MustCompile(`^` + weekday + daysText.String() + `:?$`)
	headMark = regexp.MustCompile(`^(#{1,6} +|\*\*|__|)(.+?)(\*\*|__|)(:?)$`)
)

// dayHead is the day that a line of its own names; year is that of a day without one.
func dayHead(line string, year int) (day time.Time, ok bool) {
	m := headMark.FindStringSubmatch(strings.TrimRight(line, " "))
	if m == nil || m[1] == "" || strings.HasPrefix(m[1], "#") != (m[3] == "") {
		return day, false
	}
	words := strings.TrimSpace(m[2])
	if !headDay.MatchString(words) {
		return day, false
	}
	return firstDay(words, year)
}

// takeHead cuts the line that names a day, with all below it, off the lines before an entry. blank is how many blank lines
// follow them.
func takeHead(lines []string, blank, year int) (before []string, beforeBlank int, head string, day time.Time) {
	for n, line := range lines {
		if d, ok := dayHead(line, year); ok {
			before, beforeBlank = cutBlank(lines[:n])
			return before, beforeBlank, strings.Join(lines[n:], "\n") + strings.Repeat("\n", blank+1), d
		}
	}
	return lines, blank, "", day
}

// takeHeads gives each item of a list the line above it that names its day.
func (l *list) takeHeads(year int) (heads []string, days []time.Time) {
	heads, days = make([]string, len(l.items)), make([]time.Time, len(l.items))
	l.intro, l.introBlank, heads[0], days[0] = takeHead(l.intro, l.introBlank, year)
	for n := 1; n < len(l.items); n++ {
		it, next := &l.items[n-1], &l.items[n]
		if it.indent != "" {
			continue // what is indented belongs to the item
		}
		it.more, next.blank, heads[n], days[n] = takeHead(it.more, next.blank, year)
		if heads[n] != "" {
			it.indent = commonIndent(it.more)
			for i, line := range it.more {
				it.more[i] = strings.TrimPrefix(line, it.indent)
			}
		}
	}
	return heads, days
}

// under begins the day that the line above an entry names.
func (c *calendar) under(e *Entry) {
	if e.Except == nil || e.Except.Head == "" {
		return
	}
	for line := range strings.Lines(e.Except.Head) {
		if day, ok := dayHead(strings.TrimRight(line, "\n"), e.At.In(c.loc).Year()); ok {
			c.day, c.last = day, -1
			return
		}
	}
}

// headed moves the line that names a day up to the first entry of that day, when one was put before it.
func headed(timeline []Entry, loc *time.Location) []Entry {
	copied := false
	for i := len(timeline) - 1; i > 0; i-- {
		e, before := &timeline[i], &timeline[i-1]
		if e.Except == nil || e.Except.Head == "" || before.Except != nil && before.Except.Head != "" {
			continue
		}
		var c calendar
		c.loc = loc
		if c.under(e); !sameDay(c.day, before.At.In(loc)) {
			continue
		}
		if !copied {
			timeline, copied = append([]Entry(nil), timeline...), true
			e, before = &timeline[i], &timeline[i-1]
		}
		lower, upper := *e.Except, Except{}
		if before.Except != nil {
			upper = *before.Except
		}
		upper.Head, lower.Head = lower.Head, ""
		upper.Blank, lower.Blank = lower.Blank, upper.Blank
		e.Except, before.Except = &lower, &upper
	}
	return timeline
}

func sameDay(a, b time.Time) bool {
	return a.Year() == b.Year() && a.YearDay() == b.YearDay()
}
