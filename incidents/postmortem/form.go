package postmortem

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// EntryForm is the form of a timeline's line: what stands around date, time and text.
type EntryForm struct {
	// Bullet is the mark with the spaces around it; Open and Close are the emphasis around the time, with a colon inside it.
	Bullet string `json:"bullet"`
	Open   string `json:"open"`
	// Date is one of the dateForms, empty for none. In parentheses it follows the time and counts for that line alone.
	Date string `json:"date"`
	// Gap stands between date and time.
	Gap string `json:"gap"`
	// Clock is "HH:MM", "H:MM", "HH:MM:SS" or one with "PM".
	Clock string `json:"clock"`
	// Range stands between the two times of something that took a while; empty for the usual " to ".
	Range string `json:"range"`
	// Zone follows the time, with {} for the zone: " {}". Empty when the heading alone names it.
	Zone string `json:"zone"`
	// Place is the IANA zone of a line that is not in the post's.
	Place string `json:"place,omitempty"`
	Close string `json:"close"`
	// Separator stands before the text.
	Separator string `json:"separator"`
}

// parts names the fields as they are in JSON.
func (f *EntryForm) parts() map[string]*string {
	return map[string]*string{
		"bullet": &f.Bullet, "open": &f.Open, "date": &f.Date, "gap": &f.Gap, "clock": &f.Clock, "range": &f.Range,
		"zone": &f.Zone, "place": &f.Place, "close": &f.Close, "separator": &f.Separator,
	}
}

func (f *ItemForm) parts() map[string]*string {
	return map[string]*string{"bullet": &f.Bullet, "box": &f.Box, "check": &f.Check, "done": &f.Done}
}

// change puts those parts into the form.
func change(form map[string]*string, diff map[string]string) {
	for name, value := range diff {
		if p := form[name]; p != nil && !strings.ContainsAny(value, "\r\n") {
			*p = value
		}
	}
}

const month = `(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:t(?:ember)?)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)`

// dateForm is a way to write a day.
type dateForm struct {
	name, layout string
	re           *regexp.Regexp
}

var dateForms = []dateForm{
	{"YYYY-MM-DD", "2006-01-02", regexp.MustCompile(`^\d{4}-\d\d-\d\d`)},
	{"DD/MM/YYYY", "02/01/2006", regexp.MustCompile(`^\d\d/\d\d/\d{4}`)},
	{"DD.MM.YYYY", "02.01.2006", regexp.MustCompile(`^\d\d\.\d\d\.\d{4}`)},
	{"DD-MM-YYYY", "02-01-2006", regexp.MustCompile(`^\d\d-\d\d-\d{4}`)},
	{"YYYY/MM/DD", "2006/01/02", regexp.MustCompile(`^\d{4}/\d\d/\d\d`)},
	{"D.M.YYYY", "2.1.2006", regexp.MustCompile(`^\d{1,2}\.\d{1,2}\.\d{4}`)},
	{"D/M/YYYY", "2/1/2006", regexp.MustCompile(`^\d{1,2}/\d{1,2}/\d{4}`)},
	{"D Month YYYY", "2 January 2006", regexp.MustCompile(`^\d{1,2} ` + month + ` \d{4}`)},
	{"D Mon YYYY", "2 Jan 2006", regexp.MustCompile(`^\d{1,2} ` + month + ` \d{4}`)},
	{"Month D, YYYY", "January 2, 2006", regexp.MustCompile(`^` + month + ` \d{1,2}, \d{4}`)},
	{"Mon D, YYYY", "Jan 2, 2006", regexp.MustCompile(`^` + month + ` \d{1,2}, \d{4}`)},
}

func layoutOf(name string) string {
	for _, f := range dateForms {
		if f.name == name {
			return f.layout
		}
	}
	return time.DateOnly
}

// scanDate reads the day at the beginning of s.
func scanDate(s string) (day time.Time, form string, length int) {
	if s == "" || (s[0] < '0' || s[0] > '9') && strings.IndexByte("JFMASOND", s[0]) < 0 {
		return day, "", 0
	}
	for _, f := range dateForms {
		literal := f.re.FindString(s)
		if literal == "" {
			continue
		}
		if t, err := time.Parse(f.layout, literal); err == nil && t.Format(f.layout) == literal {
			return t, f.name, len(literal)
		}
	}
	return day, "", 0
}

// appendDate writes a day. There may be thousands of lines: the usual forms are written without a layout.
func appendDate(b []byte, form string, t time.Time) []byte {
	year, month, day := t.Date()
	if year < 0 || year > 9999 {
		return strconv.AppendInt(b, int64(year), 10)
	}
	switch form {
	case "YYYY-MM-DD":
		b = appendTwo(appendTwo(b, year/100), year%100)
		return appendTwo(append(appendTwo(append(b, '-'), int(month)), '-'), day)
	case "DD/MM/YYYY":
		b = append(appendTwo(append(appendTwo(b, day), '/'), int(month)), '/')
		return appendTwo(appendTwo(b, year/100), year%100)
	}
	return t.AppendFormat(b, layoutOf(form))
}

// clock is a time of day, in seconds, as it was read from a line.
type clock struct {
	seconds int
	form    string
}

var clockAt = regexp.MustCompile(`^(\d{1,2}):(\d\d)(:\d\d)?( ?[AaPp][Mm]\b)?`)

func scanClock(s string) (c clock, length int) {
	if len(s) < 4 || s[0] < '0' || s[0] > '9' || s[1] != ':' && s[2] != ':' {
		return c, 0
	}
	m := clockAt.FindStringSubmatch(s)
	if m == nil || len(s) > len(m[0]) && s[len(m[0])] >= '0' && s[len(m[0])] <= '9' {
		return c, 0
	}
	hour, _ := strconv.Atoi(m[1])
	minute, _ := strconv.Atoi(m[2])
	c.form = "HH:MM"
	if len(m[1]) == 1 {
		c.form = "H:MM"
	}
	if m[3] != "" {
		second, _ := strconv.Atoi(m[3][1:])
		if second > 59 {
			return c, 0
		}
		c.seconds, c.form = second, c.form+":SS"
	}
	if half := m[4]; half != "" {
		if hour < 1 || hour > 12 {
			return c, 0
		}
		hour %= 12
		if strings.EqualFold(strings.TrimSpace(half), "pm") {
			hour += 12
		}
		pm := map[byte]string{'P': "P", 'A': "P", 'p': "p", 'a': "p"}[half[len(half)-2]]
		pm += map[byte]string{'M': "M", 'm': "m"}[half[len(half)-1]]
		c.form += strings.Repeat(" ", len(half)-2) + pm
	}
	if hour > 23 || minute > 59 {
		return c, 0
	}
	c.seconds += hour*3600 + minute*60
	return c, len(m[0])
}

// appendClock writes a time of day.
func appendClock(b []byte, form string, t time.Time) []byte {
	hour, minute, second := t.Clock()
	if form == "HH:MM" {
		return appendTwo(append(appendTwo(b, hour), ':'), minute)
	}
	shown, pm, half := hour, "", strings.ContainsAny(form, "Pp")
	if half {
		shown = (hour+11)%12 + 1
		if i := strings.IndexAny(form, "Pp"); i >= 0 {
			pm = form[i:]
			if i > 0 && form[i-1] == ' ' {
				pm = " " + pm
			}
		}
		if hour < 12 {
			pm = strings.NewReplacer("P", "A", "p", "a").Replace(pm)
		}
	}
	if shown < 10 && strings.HasPrefix(form, "H:") {
		b = append(b, byte('0'+shown))
	} else {
		b = appendTwo(b, shown)
	}
	b = appendTwo(append(b, ':'), minute)
	if strings.Contains(form, "SS") {
		b = appendTwo(append(b, ':'), second)
	}
	return append(b, pm...)
}

func appendTwo(b []byte, n int) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) }
