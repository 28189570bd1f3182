package postmortem

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// told is a time of day in a sentence, outside the timeline's list.
type told struct {
	line    int
	text    string
	seconds int
	label   string // the zone behind it, or ""
}

var (
	toldTime   = regexp.MustCompile(`\b(\d{1,2}):(\d{2})(?::\d{2})?(?: ?([AaPp][Mm])\b)?`)
	toldLabel  = regexp.MustCompile(`^(?:[*_]*)? ?\(?(` + abbreviations + `)\b`)
	toldBefore = regexp.MustCompile(`[\w.:/#+-]$`)
)

// toldTimes finds the times in prose.
func (c *check) toldTimes() []told {
	entry := map[int]bool{}
	for _, e := range c.entries {
		entry[e.line] = true
	}
	var all []told
	for i := c.body; i < len(c.lines); i++ {
		if entry[i] || c.kind[i] != proseLine {
			continue
		}
		line := c.words[i]
		for _, m := range toldTime.FindAllStringSubmatchIndex(line, -1) {
			rest := line[m[1]:]
			if toldBefore.MatchString(line[:m[0]]) || rest != "" && (rest[0] >= '0' && rest[0] <= '9' || rest[0] == ':') {
				continue
			}
			t := told{line: i, text: line[m[0]:m[1]]}
			hour, minute := atoi(line[m[2]:m[3]]), atoi(line[m[4]:m[5]])
			half := ""
			if m[6] >= 0 {
				half = strings.ToLower(line[m[6]:m[7]])
			}
			if hour > 23 && !(hour == 24 && minute == 0) || minute > 59 || half != "" && (hour > 12 || hour == 0) {
				if minute <= 59 || hour <= 23 {
					c.report(i, "time-impossible", fmt.Sprintf("There is no time %s", t.text), "Correct the hour, or leave am and pm out")
				}
				continue
			}
			if half != "" {
				if hour %= 12; half == "pm" {
					hour += 12
				}
			}
			t.seconds = hour*3600 + minute*60
			if l := toldLabel.FindStringSubmatch(rest); l != nil {
				t.label = l[1]
			}
			all = append(all, t)
		}
	}
	return all
}

func atoi(s string) (n int) {
	for _, r := range s {
		n = n*10 + int(r-'0')
	}
	return n
}

// zoneName is a zone's name in the post, and where it stands.
type zoneName struct {
	line int
	name string
	at   time.Time // when it should count; zero when that is not known
}

// timelineLabel is what the timeline's heading, or the lines before its list, say about the zone.
func (c *check) timelineLabel() (zoneName, bool) {
	p := c.timelinePart()
	if p == nil {
		return zoneName{}, false
	}
	last := p.to
	if len(c.entries) > 0 {
		last = c.entries[0].line
	}
	for i := p.from; i < last; i++ {
		if name, ok := findZone(c.lines[i]); ok && (i == p.from || c.kind[i] == proseLine) {
			l := zoneName{line: i, name: name}
			if len(c.entries) > 0 {
				l.at = c.entries[0].At
			}
			return l, true
		}
	}
	return zoneName{}, false
}

func (c *check) timelinePart() *stretch {
	if len(c.entries) > 0 {
		return c.partOf(c.entries[0].line)
	}
	return c.has(Timeline)
}

// zones looks at the names of zones: whether there is one, only one, and the right one.
func (c *check) zones() {
	told := c.toldTimes()
	head, labelled := c.timelineLabel()
	var all []zoneName
	if labelled {
		all = append(all, head)
	}
	for _, e := range c.entries {
		for _, m := range []moment{e.read.at, e.read.until} {
			if m.zone != "" {
				all = append(all, zoneName{e.line, m.zone, e.At})
			}
		}
	}
	timeline := len(all)
	if len(c.entries) > 0 && timeline == 0 {
		line := c.entries[0].line
		if p := c.timelinePart(); p != nil {
			line = p.from
		}
		c.report(line, "zone-missing", "The timeline does not say in which zone its times are", "Write it into the heading: Timeline (times in UTC)")
	}
	for _, t := range told {
		if t.label != "" {
			all = append(all, zoneName{line: t.line, name: t.label, at: c.onDay(t.seconds)})
		}
	}
	if len(all) == 0 && len(c.entries) == 0 && len(told) > 0 {
		c.report(told[0].line, "zone-missing", fmt.Sprintf("No word says in which zone %s is", told[0].text), "Write the zone behind the time: 14:05 UTC")
	}
	c.mixed(all)
	c.possible(all)
	c.shifted(told, labelled || timeline > 0)
}

// onDay is that time on the day of the incident, near enough to know the season.
func (c *check) onDay(seconds int) time.Time {
	day, err := time.Parse(time.DateOnly, c.post.Date)
	if err != nil {
		return time.Time{}
	}
	return day.Add(time.Duration(seconds) * time.Second)
}

// mixed reports labels that do not mean the same clock as the first.
func (c *check) mixed(all []zoneName) {
	if len(all) == 0 {
		return
	}
	first, ok := zoneNamed(all[0].name)
	if !ok {
		return
	}
	for _, l := range all[1:] {
		loc, ok := zoneNamed(l.name)
		at := l.at
		if at.IsZero() {
			at = c.onDay(0)
		}
		if !ok || loc.String() == first.String() || at.IsZero() {
			continue
		}
		_, here := at.In(loc).Zone()
		if _, there := at.In(first).Zone(); here != there {
			c.report(l.line, "zone-mixed", fmt.Sprintf("This time is in %s, those before are in %s", l.name, all[0].name), fmt.Sprintf("Write all times in %s", all[0].name))
			return
		}
	}
}

// seasonal are the names that a zone's clock has during one half of the year alone, and the name of the other half.
// Names that some places have the whole year are left out.
var seasonal = map[string]string{
	"CET": "CEST", "CEST": "CET", "MEZ": "MESZ", "MESZ": "MEZ", "BST": "GMT", "WET": "WEST", "WEST": "WET",
	"EET": "EEST", "EEST": "EET", "EDT": "EST", "CDT": "CST", "MDT": "MST", "PST": "PDT", "PDT": "PST", "AEDT": "AEST",
}

// possible reports names that the zone does not have at that time.
func (c *check) possible(all []zoneName) {
	for _, l := range all {
		other, known := seasonal[l.name]
		loc, ok := zoneNamed(l.name)
		if !known || !ok || l.at.IsZero() {
			continue
		}
		usual := map[string]string{"MEZ": "CET", "MESZ": "CEST"}[l.name]
		if usual == "" {
			usual = l.name
		}
		if name := nameOf(l.at.In(loc)); name == usual {
			continue
		}
		c.report(l.line, "zone-impossible", fmt.Sprintf("On %s the clocks were on %s, not on %s", l.at.In(loc).Format(time.DateOnly), other, l.name), fmt.Sprintf("Write %s, or correct the times by an hour", other))
		return
	}
}

// shifted reports a time without a zone that is no time of the timeline, but would be one some whole hours away.
func (c *check) shifted(all []told, labelled bool) {
	if !labelled || len(c.entries) == 0 {
		return
	}
	loc := c.post.location()
	clocks := map[int]int{}
	for _, e := range c.entries {
		clocks[secondsOf(e.At.In(loc))/60] = e.line
	}
	for _, t := range all {
		minute := t.seconds / 60
		if _, there := clocks[minute]; there || t.label != "" || minute%60 == 0 {
			continue
		}
		for _, hours := range []int{1, 2} {
			if line, there := clocks[(minute-60*hours+1440)%1440]; there {
				c.report(t.line, "zone-mixed", fmt.Sprintf("%s has no zone, and the timeline has the same minute %d hour(s) earlier (line %d)", t.text, hours, line+1), "Write the time of the timeline, or the zone behind it")
				break
			}
		}
	}
}

var entryLike = regexp.MustCompile(`^\s{0,3}[-*+]\s+[*_` + "`" + `]*((?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[/.]\d{1,2}[/.]\d{4})[ T,]+)?(\d{1,2}:\d{2})\b`)

// times looks at the order of the timeline, and at times that cannot be.
func (c *check) times() {
	if p := c.timelinePart(); p != nil {
		for i := p.first(); i < p.to; i++ {
			if m := entryLike.FindStringSubmatch(c.lines[i]); c.kind[i] == proseLine && m != nil {
				if _, ok := scanLine(c.lines[i], false); !ok && impossible(m[1], m[2]) {
					c.report(i, "time-impossible", fmt.Sprintf("There is no time %s", strings.TrimSpace(m[1]+m[2])), "Correct the day or the hour")
				}
			}
		}
	}
	c.outside()
	var latest time.Time
	for _, e := range c.entries {
		switch {
		case c.reported(e.line, "time-outside"), e.At.Before(latest) && c.anywhere("zone-mixed"): // that is why
			continue
		case e.At.Before(latest):
			c.report(e.line, "time-order", fmt.Sprintf("%s is earlier than the entry before", e.At.In(c.post.location()).Format("15:04")), "Move the entry, or correct its time")
			continue
		}
		latest = e.At
	}
}

func impossible(date, clock string) bool {
	if _, n := scanClock(clock); n == 0 {
		return true
	}
	if date = strings.Trim(date, " T,"); date == "" {
		return false
	}
	_, _, n := scanDate(date)
	return n == 0
}

// far is how far from all other entries one may be. Follow-ups take days, seldom weeks.
const far = 14 * 24 * time.Hour

// outside finds entries far from the others, or after the post was published, and times in prose outside the timeline.
func (c *check) outside() {
	if len(c.entries) < 2 {
		return
	}
	times := make([]time.Time, 0, len(c.entries))
	for _, e := range c.entries {
		times = append(times, e.At)
	}
	slices.SortFunc(times, time.Time.Compare)
	middle := times[len(times)/2]
	published := c.day()
	for _, e := range c.entries {
		day := e.At.In(c.post.location()).Format(time.DateOnly)
		switch {
		case e.At.Sub(middle).Abs() > far:
			c.report(e.line, "time-outside", fmt.Sprintf("%s is far from the other entries", day), "Correct the day")
		case !c.now.IsZero() && e.At.After(c.now.Add(time.Hour)):
			c.report(e.line, "time-outside", fmt.Sprintf("%s is still ahead", e.At.Format("2006-01-02 15:04 UTC")), "Correct the time")
		case !published.IsZero() && e.At.After(published.AddDate(0, 0, 2)) && !middle.After(published.AddDate(0, 0, 2)):
			c.report(e.line, "time-outside", fmt.Sprintf("%s is after the day of the post", day), "Correct the day")
		}
	}
	c.toldOutside()
}

// toldOutside finds times in prose that are not within the timeline, when that is within one day.
func (c *check) toldOutside() {
	from, to, _ := c.span()
	loc := c.post.location()
	first, last := secondsOf(from.In(loc))/60, secondsOf(to.In(loc))/60
	if to.Sub(from) > 20*time.Hour || last <= first {
		return
	}
	before := len(c.found)
	told := c.toldTimes()
	c.found = c.found[:before] // it has been said which are no times
	for _, t := range told {
		p := c.partOf(t.line)
		if p == nil || !slices.Contains([]Section{Lead, Summary, Impact, Detection, Resolution}, p.Kind) {
			continue
		}
		if zone, ok := zoneNamed(t.label); t.label != "" && (!ok || zone.String() != loc.String()) {
			continue
		}
		if minute := t.seconds / 60; (minute < first-1 || minute > last+1) && !c.reported(t.line, "zone-mixed") {
			c.report(t.line, "time-outside", fmt.Sprintf("%s is not within the timeline, which goes from %s to %s", t.text, from.In(loc).Format("15:04"), to.In(loc).Format("15:04")), "Correct the time, or add the entry that is missing")
		}
	}
}

func (c *check) anywhere(rule string) bool {
	return slices.ContainsFunc(c.found, func(f Finding) bool { return f.Rule == rule })
}

func (c *check) reported(line int, rule string) bool {
	return slices.ContainsFunc(c.found, func(f Finding) bool { return f.Line == line+1 && f.Rule == rule })
}
