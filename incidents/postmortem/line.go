package postmortem

import (
	"regexp"
	"strings"
	"time"
)

// line is a line of a timeline, taken apart.
type line struct {
	form   EntryForm
	at     moment
	until  moment
	ranged bool
	text   string
}

// moment is a time as a line tells it.
type moment struct {
	day    time.Time // midnight UTC of the day; zero when the line names none
	aside  bool      // the day counts for this line alone
	clock  int       // seconds of the day
	zone   string    // the label behind it, or ""
	clocks string
}

var (
	rangeWords = regexp.MustCompile("^([*_`]*)( ?(?:-|–|—|to|until|till) ?)([*_`]*)")
	separators = regexp.MustCompile(`^(?:[ \t]*[-–—:,][ \t]+|[ \t]*[-–—:]$|[ \t]+|:|$)`)
	gaps       = regexp.MustCompile(`^(?:,? at |,? +|T)`)
	bullets    = regexp.MustCompile(`^ {0,3}[-*+][ \t]+`)
)

// scanLine reads an entry's first line. Without ranges, what follows the first time is text.
func scanLine(s string, ranges bool) (l line, ok bool) {
	rest := s
	take := func(n int) (taken string) { taken, rest = rest[:n], rest[n:]; return taken }
	l.form.Bullet = take(len(bullets.FindString(rest)))
	l.form.Open = take(len(rest) - len(strings.TrimLeft(rest, "*_`[")))
	if !l.at.scan(&l.form, take, &rest) {
		return l, false
	}
	if l.form.Range, l.ranged = scanRange(&l, rest); l.ranged && ranges {
		take(len(l.form.Range))
		if l.at.zone != "" {
			l.form.Range = strings.Replace(l.form.Zone, "{}", l.at.zone, 1) + l.form.Range
		}
		var second EntryForm
		if !l.until.scan(&second, take, &rest) || l.until.clocks != l.at.clocks {
			return l, false
		}
		l.form.Zone = second.Zone
		if l.at.zone == "" {
			l.at.zone = l.until.zone
		}
	} else {
		l.form.Range, l.ranged = "", false
	}
	l.form.Close = closing(l.form.Open, rest)
	if l.form.Open != "" && l.form.Close == "" {
		return l, false
	}
	take(len(l.form.Close))
	if l.at.day.IsZero() {
		l.scanAside(take, &rest)
	}
	if m := separators.FindString(rest); m != "" || rest == "" {
		l.form.Separator = take(len(m))
	} else if l.form.Close == "" {
		return l, false
	}
	l.text = rest
	return l, true
}

func (m *moment) scan(f *EntryForm, take func(int) string, rest *string) bool {
	if day, form, n := scanDate(*rest); n > 0 {
		gap := gaps.FindString((*rest)[n:])
		if gap == "" {
			return false
		}
		take(n + len(gap))
		m.day, f.Date, f.Gap = day, form, gap
	}
	c, n := scanClock(*rest)
	if n == 0 {
		return false
	}
	take(n)
	m.clock, m.clocks, f.Clock = c.seconds, c.form, c.form
	if z := zoneSuffix.FindStringSubmatch(*rest); z != nil && (strings.HasSuffix(z[1], "(") == (z[3] == ")")) {
		if _, ok := zoneNamed(z[2]); ok {
			m.zone, f.Zone = z[2], z[1]+"{}"+z[3]
			take(len(z[1]) + len(z[2]) + len(z[3]))
		}
	}
	return true
}

// scanRange is what stands between two times, if there are two. A zone behind the first belongs to it.
func scanRange(l *line, rest string) (between string, ok bool) {
	m := rangeWords.FindStringSubmatch(rest)
	if m == nil || (m[1] != "" || m[3] != "") && (m[1] != reversed(l.form.Open) || m[3] != l.form.Open) {
		return "", false
	}
	after := rest[len(m[0]):]
	var until moment
	ok = until.scan(&EntryForm{}, func(n int) string { after = after[n:]; return "" }, &after)
	return m[0], ok && (l.at.zone == "" || until.zone == l.at.zone)
}

func reversed(marks string) string {
	b := []byte(strings.ReplaceAll(marks, "[", "]"))
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}

// closing is the end of the emphasis at the beginning of rest, with a mark inside it.
func closing(open, rest string) string {
	if open == "" {
		return ""
	}
	for _, mark := range []string{"", ":", ".", " -", ","} {
		if end := mark + reversed(open); strings.HasPrefix(rest, end) {
			return end
		}
	}
	return ""
}

// scanAside reads a day in parentheses behind the time.
func (l *line) scanAside(take func(int) string, rest *string) {
	if !strings.HasPrefix(*rest, " (") {
		return
	}
	day, form, n := scanDate((*rest)[2:])
	if n == 0 || !strings.HasPrefix((*rest)[2+n:], ")") {
		return
	}
	l.at.day, l.at.aside, l.form.Date = day, true, "("+form+")"
	take(n + 3)
}

// appendLine writes what stands before the text.
func appendLine(b []byte, f *EntryForm, e *Entry, loc *time.Location) []byte {
	at := e.At.In(loc)
	b = append(append(b, f.Bullet...), f.Open...)
	aside := strings.HasPrefix(f.Date, "(")
	if f.Date != "" && !aside {
		b = append(appendDate(b, f.Date, at), f.Gap...)
	}
	b = appendClock(b, f.Clock, at)
	last := at
	if e.Until.After(e.At) {
		last = e.Until.In(loc)
		if f.Zone != "" && nameOf(at) != nameOf(last) && !zoneLabel.MatchString(f.Range) {
			b = append(b, strings.Replace(f.Zone, "{}", nameOf(at), 1)...)
		}
		if f.Range == "" {
			b = append(append(append(b, f.Close...), " to "...), f.Open...)
		} else {
			b = append(b, f.Range...)
		}
		if f.datesUntil(at, last) {
			date, gap := strings.Trim(f.Date, "()"), f.Gap
			if date == "" || gap == "" {
				date, gap = "YYYY-MM-DD", " "
			}
			b = append(appendDate(b, date, last), gap...)
		}
		b = appendClock(b, f.Clock, last)
	}
	if f.Zone != "" {
		b = append(b, strings.Replace(f.Zone, "{}", nameOf(last), 1)...)
	}
	b = append(b, f.Close...)
	if aside {
		b = append(appendDate(append(b, " ("...), strings.Trim(f.Date, "()"), at), ')')
	}
	return append(b, f.Separator...)
}

// datesUntil reports whether the end of a range needs its day: not where it is the same, or where no line holds one and
// the clock tells that midnight has passed.
func (f *EntryForm) datesUntil(at, last time.Time) bool {
	if at.YearDay() == last.YearDay() && at.Year() == last.Year() {
		return false
	}
	return f.Date != "" || last.Sub(at) >= 24*time.Hour || secondsOf(last) >= secondsOf(at)
}

func secondsOf(t time.Time) int {
	hour, minute, second := t.Clock()
	return hour*3600 + minute*60 + second
}

// tell is the line as scanLine would see it: what a reader learns from it about the time.
func tell(f *EntryForm, e *Entry, loc *time.Location) (l line) {
	l.form = *f
	one := func(t time.Time, dated bool) (m moment) {
		t = t.In(loc)
		m.clock = secondsOf(t)
		if !strings.Contains(f.Clock, "SS") {
			m.clock -= m.clock % 60
		}
		if dated {
			m.day = time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
		}
		if f.Zone != "" {
			m.zone = zoneLabel.FindString(strings.Replace(f.Zone, "{}", nameOf(t), 1))
		}
		return m
	}
	l.at = one(e.At, f.Date != "")
	l.at.aside = strings.HasPrefix(f.Date, "(")
	if e.Until.After(e.At) {
		l.ranged = true
		l.until = one(e.Until, f.datesUntil(e.At.In(loc), e.Until.In(loc)))
	}
	return l
}

// calendar follows a timeline as a reader does: a line without a day has the day of the line before, or the next one when
// its time goes back by more than a slip.
type calendar struct {
	loc  *time.Location
	day  time.Time // midnight UTC of the day that counts; zero when none is known
	last int       // the time of day of the line before, in seconds; -1 at first
}

// slip is by how much lines may be out of order within a day.
const slip = 3 * 3600

// read is when the line says that it was. ok is false while no day is known.
func (c *calendar) read(l *line) (at, until time.Time, ok bool) {
	day := l.at.day
	if day.IsZero() {
		if c.day.IsZero() {
			return at, until, false
		}
		day = c.day
		if c.last-l.at.clock > slip {
			day = day.AddDate(0, 0, 1)
		}
	}
	if !l.at.aside {
		c.day, c.last = day, l.at.clock
	}
	at = c.instant(day, l.at)
	if l.ranged {
		end := l.until.day
		if end.IsZero() {
			end = day
			if l.until.clock < l.at.clock {
				end = day.AddDate(0, 0, 1)
			}
		}
		until = c.instant(end, l.until)
	}
	return at, until, true
}

// instant is a wall clock's time as an instant. Of the two that a change of clocks can mean, a label chooses.
func (c *calendar) instant(day time.Time, m moment) time.Time {
	loc := c.loc
	if m.zone != "" {
		if named, ok := zoneNamed(m.zone); ok && (named.String() != loc.String()) {
			loc = named
		}
	}
	y, mo, d := day.Date()
	t := time.Date(y, mo, d, m.clock/3600, m.clock/60%60, m.clock%60, 0, loc)
	if m.zone != "" && nameOf(t) != m.zone {
		for _, other := range []time.Time{t.Add(time.Hour), t.Add(-time.Hour)} {
			if h, mi, _ := other.Clock(); nameOf(other) == m.zone && h*60+mi == m.clock/60 {
				return other.UTC()
			}
		}
	}
	return t.UTC()
}
