package practice

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Past is what a published post-mortem tells of an incident.
type Past struct {
	Title string
	// Impact is what users saw, in the post's first words about it; it may be empty.
	Impact string
	// Entries are the timeline, in the order of time. They are never empty.
	Entries []PastEntry
	// FromProse says that the post has no timeline, and that its entries are the sentences that name a time.
	FromProse bool
}

// PastEntry is an entry of the timeline: text without marks of emphasis, on one line. Until is zero unless the entry is a
// range. Both instants are UTC; a time without a zone is taken as UTC.
type PastEntry struct {
	At, Until time.Time
	Text      string
}

// Start is when the first entry happened.
func (p *Past) Start() time.Time { return p.Entries[0].At }

// ReadPast reads a post-mortem in Markdown with its front matter, in any of the shapes that such posts have: an entry of
// the timeline is a list item with or without emphasis and date, of one time or a range. A line that is no list item
// belongs to the entry above it. The file's name gives the day when the post names none. It fails when the text names
// no time at all.
func ReadPast(file string, text []byte) (*Past, error) {
	body := strings.ReplaceAll(string(text), "\r\n", "\n")
	front, body := frontMatter(body)
	body = regexp.MustCompile(`(?s)<!--.*?-->`).ReplaceAllString(body, "")
	p := &Past{Title: titleOf(front, file), Impact: impactOf(body)}
	r := pastReader{past: p, day: dayOf(p.Title, body, file)}
	zone, lines := timelineOf(body)
	r.zone = zone
	for _, line := range lines {
		r.line(line)
	}
	if len(p.Entries) == 0 {
		p.FromProse = true
		r.prose(body)
	}
	if len(p.Entries) == 0 {
		return nil, errors.New("the post has no timeline, and no sentence of it names a time such as 14:05")
	}
	slices.SortStableFunc(p.Entries, func(a, b PastEntry) int { return a.At.Compare(b.At) })
	return p, nil
}

var frontForm = regexp.MustCompile(`(?s)\A---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\z)`)

func frontMatter(text string) (front, body string) {
	m := frontForm.FindStringSubmatch(text)
	if m == nil {
		return "", text
	}
	return m[1], text[len(m[0]):]
}

var postMortem = regexp.MustCompile(`(?i)^post-?mortem: *`)

var titleLine = regexp.MustCompile(`(?m)^title:[ \t]*["']?(.*?)["']?[ \t]*$`)

func titleOf(front, file string) string {
	if m := titleLine.FindStringSubmatch(front); m != nil && m[1] != "" {
		if title := postMortem.ReplaceAllString(strings.ReplaceAll(m[1], `\"`, `"`), ""); title != "" {
			return title
		}
	}
	return strings.TrimSuffix(path.Base(file), ".md")
}

var (
	headingForm  = regexp.MustCompile(`^#{1,6}[ \t]+(.*?)[ \t#]*$`)
	impactLabel  = regexp.MustCompile(`^(?:[-*] )?\*\*Impact:?\*\*:?[ \t]*(.*)$`)
	emphasis     = regexp.MustCompile(`\*\*|__`)
	linkForm     = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	sentenceEnd  = regexp.MustCompile(`[.!?](?:\s+|$)`)
	timelineWord = regexp.MustCompile(`(?i)\btimeline\b`)
)

// impactOf is the first thing said under the heading Impact or after the bold word; else the first paragraph.
func impactOf(body string) string {
	var lead []string
	under := false
	for line := range strings.SplitSeq(body, "\n") {
		line = strings.TrimSpace(line)
		if m := headingForm.FindStringSubmatch(line); m != nil {
			under = strings.EqualFold(strings.TrimSpace(m[1]), "impact")
			continue
		}
		if m := impactLabel.FindStringSubmatch(line); m != nil && m[1] != "" {
			return bareText(m[1])
		}
		if under && line != "" {
			return bareText(strings.TrimLeft(line, "-* "))
		}
		if len(lead) == 0 || (line != "" && len(lead) < 2) {
			if line != "" {
				lead = append(lead, line)
			}
		}
	}
	return bareText(strings.Join(lead, " "))
}

// bareText takes links, emphasis and line breaks out of Markdown.
func bareText(text string) string {
	text = linkForm.ReplaceAllString(text, "$1")
	return strings.Join(strings.Fields(emphasis.ReplaceAllString(text, "")), " ")
}

// timelineOf finds the timeline's lines, and the zone that its heading names.
func timelineOf(body string) (zone *time.Location, lines []string) {
	inside := false
	for line := range strings.SplitSeq(body, "\n") {
		if m := headingForm.FindStringSubmatch(line); m != nil {
			if inside = timelineWord.MatchString(m[1]); inside {
				zone = zoneIn(m[1])
			}
			continue
		}
		if inside {
			lines = append(lines, line)
		}
	}
	return zone, lines
}

var offsets = map[string]int{"UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "EDT": -4, "EST": -5, "PDT": -7, "PST": -8}

var zoneWord = regexp.MustCompile(`\b(UTC|GMT|WES?T|BST|CES?T|EES?T|E[SD]T|P[SD]T)\b([+-]\d{1,2}\b)?`)

// zoneIn is the zone that a text names, by its label alone: what the label says counts, even in the wrong season. It is
// nil when the text names none.
func zoneIn(text string) *time.Location {
	m := zoneWord.FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	more, _ := strconv.Atoi(m[2])
	return time.FixedZone(m[0], (offsets[m[1]]+more)*3600)
}

const (
	datePart = `(\d{4}-\d{2}-\d{2}|\d{2}/\d{2}/\d{4}|\d{2}\.\d{2}\.\d{4})`
	timePart = `(\d{1,2}:\d{2})(?::\d{2})?`
)

var (
	entryForm = regexp.MustCompile(`^[ \t]{0,3}[-*][ \t]+(?:\*{1,2})?(?:` + datePart + `[ \tT]+)?` + timePart +
		`(?:[ \t]*(UTC|CES?T))?(?:\*{1,2})?(?:[ \t]*(?:to|[-–—])[ \t]*(?:\*{1,2})?` + timePart + `(?:[ \t]*(?:UTC|CES?T))?(?:\*{1,2})?)?` +
		`(?:[ \t]*[-–—:][ \t]+|[ \t]+|:|$)(.*)$`)
	bulletForm = regexp.MustCompile(`^[-*][ \t]+`)
	clockTime  = regexp.MustCompile(`\b(\d{1,2}:\d{2})\b`)
)

// pastReader puts the lines of a timeline together.
type pastReader struct {
	past *Past
	day  time.Time
	last time.Time
	zone *time.Location
}

// line reads one line. What is no entry belongs to the one before; what stands before all of them is no entry.
func (r *pastReader) line(line string) {
	m := entryForm.FindStringSubmatch(line)
	if m == nil {
		text := bareText(bulletForm.ReplaceAllString(strings.TrimSpace(line), ""))
		if n := len(r.past.Entries); n > 0 && text != "" {
			r.past.Entries[n-1].Text += " " + text
		}
		return
	}
	zone := r.zone
	if m[3] != "" {
		zone = zoneIn(m[3])
	}
	if m[1] != "" {
		if day, ok := readDate(m[1]); ok {
			r.day, r.last = day, time.Time{}
		}
	}
	at, ok := r.instant(m[2], zone)
	if !ok {
		return
	}
	e := PastEntry{At: at, Text: bareText(m[5])}
	if until, ok := r.instant(m[4], zone); ok && until.After(at) {
		e.Until = until
	}
	r.last = at
	r.past.Entries = append(r.past.Entries, e)
}

// instant reads a time of the reader's day. One that is much earlier than the entry before is on the next day.
func (r *pastReader) instant(clock string, zone *time.Location) (time.Time, bool) {
	hour, minute, ok := strings.Cut(clock, ":")
	h, err1 := strconv.Atoi(hour)
	m, err2 := strconv.Atoi(minute)
	if !ok || err1 != nil || err2 != nil || h > 24 || m > 59 {
		return time.Time{}, false
	}
	if zone == nil {
		zone = time.UTC
	}
	at := time.Date(r.day.Year(), r.day.Month(), r.day.Day(), h, m, 0, 0, zone).UTC()
	for !r.last.IsZero() && r.last.Sub(at) > 12*time.Hour {
		at, r.day = at.AddDate(0, 0, 1), r.day.AddDate(0, 0, 1)
	}
	return at, true
}

// prose makes an entry of each sentence that names a time, in a post that has no timeline.
func (r *pastReader) prose(body string) {
	r.zone = nil
	var text []string
	for line := range strings.SplitSeq(body, "\n") {
		if headingForm.MatchString(line) {
			line = ""
		}
		text = append(text, line)
	}
	for paragraph := range strings.SplitSeq(strings.Join(text, "\n"), "\n\n") {
		paragraph = bareText(paragraph)
		for paragraph != "" {
			sentence := paragraph
			if end := sentenceEnd.FindStringIndex(paragraph); end != nil {
				sentence = paragraph[:end[1]]
			}
			paragraph = paragraph[len(sentence):]
			m := clockTime.FindStringSubmatch(sentence)
			if m == nil {
				continue
			}
			if zone := zoneIn(sentence); zone != nil {
				r.zone = zone // and for what follows
			}
			if at, ok := r.instant(m[1], r.zone); ok {
				r.last = at
				r.past.Entries = append(r.past.Entries, PastEntry{At: at, Text: strings.TrimSpace(sentence)})
			}
		}
	}
}

var (
	anyDate   = regexp.MustCompile(datePart + `|(\d{2}-\d{2}-\d{4})`)
	wordyDate = regexp.MustCompile(`\b(January|February|March|April|May|June|July|August|September|October|November|December) (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})\b`)
	fileDate  = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}`)
)

// readDate reads a day; where day and month could be taken for each other, the day is first.
func readDate(text string) (time.Time, bool) {
	for _, form := range []string{"2006-01-02", "02/01/2006", "02.01.2006", "02-01-2006"} {
		if day, err := time.Parse(form, text); err == nil {
			return day, true
		}
	}
	return time.Time{}, false
}

// dayOf is the day of the incident: the first that the title or the text names, else that of the file's name.
func dayOf(title, body, file string) time.Time {
	for _, text := range []string{title, body} {
		if m := wordyDate.FindStringSubmatch(text); m != nil {
			if day, err := time.Parse("January 2 2006", fmt.Sprintf("%s %s %s", m[1], m[2], m[3])); err == nil {
				return day
			}
		}
		if day, ok := readDate(anyDate.FindString(text)); ok {
			return day
		}
	}
	if day, ok := readDate(fileDate.FindString(path.Base(file))); ok {
		return day
	}
	return time.Unix(0, 0).UTC()
}
