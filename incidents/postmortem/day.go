package postmortem

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Days in prose: "2022-05-10", "20/06/2023", "03.08.2023", "(29-01-2026)", "May 31, 2022", "6th February, 2023", "27th of
// November", "3. August".
var (
	ordinal   = `(?:st|nd|rd|th|\.)?`
	daysText  = regexp.MustCompile(`\b(?:(\d{4})[-/](\d\d)[-/](\d\d)|(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})|(` + month + `)\.? (\d{1,2})` + ordinal + `(?:,? (\d{4})\b)?|(\d{1,2})` + ordinal + ` (?:of )?(` + month + `)(?:,? (\d{4})\b)?)`)
	yearText  = regexp.MustCompile(`\b20\d\d\b`)
	fileDay   = regexp.MustCompile(`(?:^|/)(\d{4}-\d\d-\d\d)-[^/]*$`)
	dayLabel  = regexp.MustCompile(`(?im)^[-*+ ]*(?:\*\*|__)?(?:incident )?date:?(?:\*\*|__)?:? (.*)$`)
	yesterday = regexp.MustCompile(`(?i)\byesterday`)
)

// nearby is how long before its publication an incident may be that the first sentences of a post speak of.
const nearby = 90 * 24 * time.Hour

// firstDay is the first day that a text names. Where it names no year, the given one counts; 0 means none.
func firstDay(text string, year int) (time.Time, bool) {
	for _, m := range daysText.FindAllStringSubmatch(text, -1) {
		var y, mo, d string
		switch {
		case m[1] != "":
			y, mo, d = m[1], m[2], m[3]
		case m[4] != "":
			y, mo, d = m[6], m[5], m[4]
		case m[7] != "":
			y, mo, d = m[9], monthNumber(m[7]), m[8]
		default:
			y, mo, d = m[12], monthNumber(m[11]), m[10]
		}
		if y == "" {
			if year == 0 {
				continue
			}
			y = strconv.Itoa(year)
		}
		if t, err := time.Parse("2006-1-2", y+"-"+strings.TrimPrefix(mo, "0")+"-"+strings.TrimPrefix(d, "0")); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

func monthNumber(name string) string {
	t, _ := time.Parse("Jan", name[:3])
	return strconv.Itoa(int(t.Month()))
}

// dayInText finds the day of the incident in what the post says: a date with a label, the title, the first sentences, the
// headings. Years that it leaves out are taken from published, the day of publication, or from the rest of the text.
func (p *Post) dayInText(published time.Time) (time.Time, bool) {
	year := 0
	lead := ""
	texts := []string{p.Title}
	for i, s := range p.Sections {
		if s.Kind == Day {
			texts = append([]string{s.Markdown}, texts...)
		}
		if i < 2 && (s.Kind == Lead || s.Kind == Summary) {
			lead += s.Heading + "\n" + s.Markdown + "\n"
		}
	}
	if m := dayLabel.FindStringSubmatch(lead); m != nil {
		texts = append([]string{m[1]}, texts...)
	}
	texts = append(texts, lead)
	switch found := yearText.FindString(strings.Join(texts, "\n")); {
	case !published.IsZero():
		year = published.Year()
	case found != "":
		year, _ = strconv.Atoi(found)
	}
	for _, text := range texts {
		day, ok := firstDay(text, year)
		if ok && !published.IsZero() && day.After(published) && day.Year() == year {
			if earlier := day.AddDate(-1, 0, 0); published.Sub(earlier) < nearby {
				day = earlier // December's incident, told in January
			}
		}
		if ok && (published.IsZero() || published.Sub(day) < nearby && day.Sub(published) < nearby) {
			return day, true
		}
	}
	if !published.IsZero() {
		if yesterday.MatchString(lead) {
			return published.AddDate(0, 0, -1), true
		}
		return published, true
	}
	return time.Time{}, false
}

// publishedOn is the day in the name of a post's file, or in its front matter.
func (p *Post) publishedOn(file string) time.Time {
	text := p.FrontMatter.Get("date")
	if m := fileDay.FindStringSubmatch(strings.ReplaceAll(file, `\`, "/")); m != nil {
		text = m[1]
	}
	if len(text) > len(time.DateOnly) {
		text = text[:len(time.DateOnly)]
	}
	day, _ := time.Parse(time.DateOnly, text)
	return day
}
