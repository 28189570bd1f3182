package postmortem

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const (
	countWord = `(?:\d+(?:[.,]\d+)?|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|twenty|thirty|forty|forty-five|fifty|sixty|ninety|half an)`
	unitWord  = `(?:hours?|hrs?|h|minutes?|mins?|min|days?)`
)

var (
	lengths = regexp.MustCompile(`(?i)\b(` + countWord + `)[ -]?(` + unitWord + `)\b(?:,? (?:and )?(` + countWord + `)[ -]?(minutes?|mins?|min)\b)?`)
	// claims is what stands around a length that is said to be that of the incident.
	claimBefore = regexp.MustCompile(`(?i)(?:\b(?:for|during|lasted|lasting|lasts|period of|total of|downtime of|outage of|interruption of|unavailability of|duration:?|duration of|duration was|caused an?|an?|took|within)\s+(?:(?:only|just|almost|nearly|about|around|approximately|approx\.?|roughly|some|circa|ca\.|at least|more than|over|up to|less than|under|the|a|an|total|period|of)\s+)*|[~≈>]\s?)$`)
	claimAfter  = regexp.MustCompile(`(?i)^\s*(?:\w+ ){0,2}(?:downtime|outage|disruption|interruption|degradation|unavailability|error|window without)\b`)
	claimWord   = regexp.MustCompile(`(?i)\b(?:down(?:time)?|offline|outage|unavailab\w*|not (?:available|accessible|reachable|able|receive|possible|work\w*)|unreachable|inaccessible|inoperative|degrad\w*|disrupt\w*|interrupt\w*|affect\w*|impact\w*|slow\w*|fail\w*|broken|error\w*|incident|could not|couldn.t|did not|didn.t|no one|nobody|unable|lasted|last(?:s|ing)|duration|wrong|outdated|stuck|lost|waited|told everybody|no boat|without)\b`)
	noClaim     = regexp.MustCompile(`(?i)\b(?:would|could take|should|every|each|until|ago|later|after|before|earlier|prior|usually|normally|longer than|additional|up to|within|some of them|maximum|in the (?:next|last))\b[^.;,]{0,25}$`)
	laterWord   = regexp.MustCompile(`(?i)^\s*(?:ago|later|after|before|earlier|prior|per|each|of (?:logs|data|history|backups?))\b`)
	aboutWord   = regexp.MustCompile(`(?i)(?:\b(?:about|around|approximately|approx\.?|roughly|some|circa|ca\.|almost|nearly|close to|just (?:over|under))\s+(?:a\s+|an\s+)?|[~≈]\s?)$`)
	moreWord    = regexp.MustCompile(`(?i)(?:\b(?:more than|over|at least|upwards of|longer than|no less than)\s+|>\s?)$`)
	lessWord    = regexp.MustCompile(`(?i)(?:\b(?:less than|under|below|at most|up to)\s+|<\s?)$`)

	troubleWord = regexp.MustCompile(`(?i)\b(?:down(?:time)?|offline|outage|crash\w*|unavailab\w*|unreachable|inaccessible|fail(?:s|ed|ing|ure|ures)?|slow(?:s|ly|ed)? ?|maintenance (?:page|mode)|stops?|stopped|went dark|closed|full|first (?:\w+ )?(?:error|failure)|goes wrong|went wrong|broke\w*|not start\w*)\b`)
	betterWord  = regexp.MustCompile(`(?i)\b(?:back|restored|recover(?:ed|s|y)|resolved?|normal|available again|up again|online|fixed|mitigated|closed|over|works? again|working again|running again|restarted|stopped|rolled back|deployed|re-?created|patched|opened|gone|healthy|started going down|went away|finished|done|reverted|verified|final)\b`)
	detectWord  = regexp.MustCompile(`(?i)\b(?:alert(?:s|ed)?|detect(?:s|ed)?|notic(?:e|es|ed|ing)|reported|report(?:s|ing)?|notified|discover(?:ed|s)?|informed|monitoring|phoned|called|saw|learn(?:ed)?|realized)\b`)
	declareWord = regexp.MustCompile(`(?i)\b(?:declar(?:e|ed|es|ing)|incident (?:was )?(?:announced|opened|started)|announced (?:the|an) incident|opened an incident)\b`)
	milderWord  = regexp.MustCompile(`(?i)\b(?:mitigat\w*|workaround|rolled back|reverted|restarted?|monkey[- ]?patch\w*|re-?created|blocked|deployed|patched|switched|failed over)\b`)
	endWord     = regexp.MustCompile(`(?i)\b(?:resolved?s?|restored|back (?:online|to normal|up)|is back|closed|recovered|over|available again|normal)\b`)
)

// claim is a length of time that the post gives the incident.
type claim struct {
	line       int
	text       string
	length     time.Duration
	about      bool
	more, less bool
}

// durations compares the lengths that the post tells with its timeline.
func (c *check) durations() {
	// Where the times are wrong, what they make is.
	if len(c.entries) < 2 || c.anywhere("time-outside") || c.anywhere("time-order") {
		return
	}
	for _, p := range c.parts {
		if p.Kind != Lead && p.Kind != Impact && p.Kind != Summary {
			continue
		}
		for _, cl := range c.claims(p) {
			if !c.plausible(cl) {
				c.contradicted(cl)
			}
		}
	}
}

// claims finds them in a section. Sentences may go over lines.
func (c *check) claims(p stretch) []claim {
	text := c.prose(p.from, p.to)
	var all []claim
	for _, m := range lengths.FindAllStringSubmatchIndex(text, -1) {
		from := 1 + max(strings.LastIndex(text[:m[0]], ". "), strings.LastIndex(text[:m[0]], ".\n"), strings.LastIndex(text[:m[0]], "\n\n"))
		to := len(text)
		for _, end := range []string{". ", ".\n", "\n\n"} {
			if n := strings.Index(text[m[1]:], end); n >= 0 {
				to = min(to, m[1]+n)
			}
		}
		before := strings.ReplaceAll(text[from:m[0]], "\n", " ")
		after, sentence := strings.ReplaceAll(text[m[1]:to], "\n", " "), text[from:to]
		said := claimBefore.MatchString(before) && claimWord.MatchString(sentence) || claimAfter.MatchString(after)
		if !said || noClaim.MatchString(before) || laterWord.MatchString(after) || strings.Count(before, "*")%2 == 1 && !strings.Contains(before, "**") {
			continue
		}
		cl := claim{line: p.from + strings.Count(text[:m[0]], "\n"), text: strings.Join(strings.Fields(text[m[0]:m[1]]), " ")}
		cl.length = lengthOf(text[m[2]:m[3]], text[m[4]:m[5]])
		if m[6] >= 0 {
			cl.length += lengthOf(text[m[6]:m[7]], text[m[8]:m[9]])
		}
		cl.about, cl.more, cl.less = aboutWord.MatchString(before), moreWord.MatchString(before), lessWord.MatchString(before)
		if cl.length >= 2*time.Minute {
			all = append(all, cl)
		}
	}
	return all
}

var countWords = map[string]float64{
	"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
	"eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40,
	"forty-five": 45, "fifty": 50, "sixty": 60, "ninety": 90, "half an": 0.5,
}

func lengthOf(count, unit string) time.Duration {
	n, known := countWords[strings.ToLower(count)]
	if !known {
		n, _ = strconv.ParseFloat(strings.Replace(count, ",", ".", 1), 64)
	}
	each := time.Minute
	switch unit[0] | 0x20 {
	case 'h':
		each = time.Hour
	case 'd':
		each = 24 * time.Hour
	}
	return time.Duration(min(n, 10_000) * float64(each))
}

// fits reports whether the claim may be told of that interval. Round numbers are rounded ones.
func (cl claim) fits(interval time.Duration) bool {
	off := interval - cl.length
	slack := time.Minute
	minutes := int(cl.length / time.Minute)
	switch {
	case cl.length%time.Minute == 0 && minutes%5 == 0 && minutes >= 10:
		slack = 150 * time.Second
	}
	if minutes >= 60 && minutes%30 == 0 || cl.length >= 24*time.Hour {
		slack = max(slack, cl.length/20)
	}
	if strings.ContainsAny(cl.text, ".,") {
		slack = max(slack, cl.length/20)
	}
	if cl.about {
		slack = max(slack, 3*time.Minute, cl.length/8)
	}
	switch {
	case cl.more:
		return off >= -slack && interval < 2*cl.length+time.Hour
	case cl.less:
		return off <= slack
	}
	return off.Abs() <= slack
}

// plausible reports whether an interval from where trouble began to where it ended fits.
func (c *check) plausible(cl claim) bool {
	better := make([]bool, len(c.entries))
	for i, e := range c.entries {
		better[i] = i == len(c.entries)-1 || betterWord.MatchString(e.Text)
	}
	for i, from := range c.entries {
		if i > 0 && !troubleWord.MatchString(from.Text) {
			continue
		}
		for j := i; j < len(c.entries); j++ {
			to := c.entries[j]
			for _, end := range []time.Time{to.At, to.Until} {
				if better[j] && end.After(from.At) && cl.fits(end.Sub(from.At)) {
					return true
				}
			}
		}
	}
	return false
}

// point is a moment of the incident that has a name.
type point struct {
	name string
	at   time.Time
	line int
}

// points are those that the timeline tells: when it began, was detected, declared, mitigated and resolved.
func (c *check) points() []point {
	all := []point{{"the beginning", c.entries[0].At, c.entries[0].line}}
	first := func(name string, word *regexp.Regexp) {
		for _, e := range c.entries[1:] {
			if word.MatchString(e.Text) {
				all = append(all, point{name, e.At, e.line})
				return
			}
		}
	}
	first("detection", detectWord)
	first("the declaration", declareWord)
	first("mitigation", milderWord)
	end := c.entries[len(c.entries)-1]
	for i := len(c.entries) - 1; i > 0; i-- {
		if endWord.MatchString(c.entries[i].Text) {
			end = c.entries[i]
			break
		}
	}
	all = append(all, point{"the resolution", end.At, end.line})
	return all
}

// contradicted reports a claim, with what the timeline has instead.
func (c *check) contradicted(cl claim) {
	points := c.points()
	began, ended := points[0], points[len(points)-1]
	whole := ended.at.Sub(began.at)
	by := cl.length - whole
	more := "more"
	if by < 0 {
		by, more = -by, "less"
	}
	reason := fmt.Sprintf("The post says %s; from %s to %s the timeline has %s, so it is %s %s", cl.text, began.name, ended.name, minutesText(whole), minutesText(by), more)
	fix := fmt.Sprintf("Write %s, or correct the timeline", minutesText(whole))
	if which := c.fitting(cl, points); which != "" {
		fix = fmt.Sprintf("%s fits %s: say so, or write %s", cl.text, which, minutesText(whole))
	}
	c.report(cl.line, "duration", reason, fix)
}

// fitting names the interval of the timeline that the claim fits: between named points, else between two entries.
func (c *check) fitting(cl claim, points []point) string {
	entries := make([]point, 0, len(c.entries))
	for _, e := range c.entries {
		entries = append(entries, point{"«" + e.shortText() + "»", e.At, e.line})
	}
	for _, all := range [][]point{points, entries} {
		best, found := time.Duration(0), ""
		for i, a := range all {
			for _, b := range all[i+1:] {
				off := (b.at.Sub(a.at) - cl.length).Abs()
				if b.at.After(a.at) && cl.fits(b.at.Sub(a.at)) && (found == "" || off < best) {
					best, found = off, fmt.Sprintf("the time from %s (line %d) to %s (line %d)", a.name, a.line+1, b.name, b.line+1)
				}
			}
		}
		if found != "" {
			return found
		}
	}
	return ""
}

// minutesText is a length for people: "34 minutes", "1 hour 43 minutes", "2 days 3 hours".
func minutesText(d time.Duration) string {
	m := int(d.Round(time.Minute) / time.Minute)
	var parts []string
	for _, u := range []struct {
		size int
		name string
	}{{24 * 60, "day"}, {60, "hour"}, {1, "minute"}} {
		if n := m / u.size; n > 0 && len(parts) < 2 {
			s := ""
			if n > 1 {
				s = "s"
			}
			parts = append(parts, fmt.Sprintf("%d %s%s", n, u.name, s))
		}
		m %= u.size
	}
	if len(parts) == 0 {
		return "0 minutes"
	}
	return strings.Join(parts, " ")
}
