package postmortem

import (
	"regexp"
	"strings"
	"time"
)

// unitKind is what a unit is in a post.
type unitKind int

const (
	proseUnit unitKind = iota
	frontUnit          // one line of the front matter
	headingUnit
	itemUnit  // a list item with what is indented below it
	rowUnit   // of a table
	fenceUnit // fenced code
)

// unit is the least part of a post that a merge takes from one side: a paragraph, a heading, a list item, a row, a block of
// code. body and tail together are its bytes; the tail is line ends and blank lines.
type unit struct {
	kind       unitKind
	body, tail string
	section    Section // in which it stands; empty in the front matter
	label      string  // the section's heading
	part       int     // the section's number in the post, from 1; 0 for none

	entry     int // 1 for the timeline's first entry; 0 for none
	at, until time.Time
	text      string // the entry's; head is what stands before it
	action    int    // 1 for the first action item; 0 for none

	words map[string]bool // of the body, for similarity; made when needed
}

// head is what stands before an entry's text; ok is false when the text cannot be told from it.
func (u *unit) head() (head string, ok bool) {
	if u.entry == 0 || strings.Contains(u.text, "\n") {
		return "", false
	}
	return strings.CutSuffix(u.body, u.text)
}

// cutUnits takes a text apart. The bodies and tails of all units, one after the other, are the text.
func cutUnits(text string) []unit {
	units := []unit{{kind: frontUnit}} // holds what comes before the first line that says something
	raws := strings.SplitAfter(text, "\n")
	lines := make([]string, len(raws))
	for n, raw := range raws {
		lines[n] = strings.TrimRight(raw, "\r\n")
	}
	code, in := hidden(lines), frontUnit
	if !isFrontFence(strings.TrimPrefix(lines[0], "\uFEFF")) {
		in = proseUnit
	}
	joins := false     // the next line may go on with the last unit
	from, next := 0, 0 // where in the text the last unit and the next line begin
	for n, line := range lines {
		start, end := next, raws[n][len(line):]
		next += len(raws[n])
		last := &units[len(units)-1]
		if strings.TrimSpace(line) == "" && !code[n] {
			last.tail += raws[n]
			joins = joins && in == itemUnit && indentedNext(lines[n+1:])
			continue
		}
		kind := kindOfLine(line, in)
		indented := line[:min(1, len(line))] == " " || line[:min(1, len(line))] == "\t"
		inCode := code[n] && n > 0 && (code[n-1] || !strings.HasPrefix(strings.TrimLeft(line, " \t"), "<!--"))
		switch {
		case inCode && len(units) > 1, joins && in == itemUnit && (indented || kind == proseUnit), joins && in == proseUnit && kind == proseUnit:
			last.body, last.tail = text[from:start+len(line)], end
		default:
			units = append(units, unit{kind: kind, body: line, tail: end})
			from, in = start, kind
			if in == frontUnit && n > 0 && frontEnd.MatchString(line) {
				in = headingUnit // nothing goes on with it
			}
		}
		joins = in == itemUnit || in == proseUnit
	}
	return units
}

func indentedNext(lines []string) bool {
	for _, line := range lines {
		if strings.TrimSpace(line) != "" {
			return line[0] == ' ' || line[0] == '\t'
		}
	}
	return false
}

func kindOfLine(line string, in unitKind) unitKind {
	_, timed := scanLine(line, true)
	switch {
	case in == frontUnit:
		return frontUnit
	case isFence(strings.TrimLeft(line, " \t")):
		return fenceUnit
	case level(line) > 0:
		return headingUnit
	case listMarker(strings.TrimLeft(line, " \t")) > 0, timed:
		return itemUnit
	case strings.HasPrefix(line, "|"):
		return rowUnit
	}
	return proseUnit
}

// readUnits takes a text apart and says which units are entries and action items, as Parse reads them.
func readUnits(text string) ([]unit, Post) {
	units, p, _ := unitsOf(text)
	return units, p
}

// unitsOf is readUnits that says how much structure was found as well.
func unitsOf(text string) ([]unit, Post, depth) {
	units := cutUnits(text)
	p, depth, err := parse("", []byte(text))
	if err != nil {
		return units, Post{}, depth
	}
	next, owners := 0, p.owners()
	var in PostSection
	for i := range units {
		u := &units[i]
		if u.kind == frontUnit {
			continue
		}
		if in.Kind == "" && len(p.Sections) > 0 && p.Sections[0].Heading == "" {
			in, next = p.Sections[0], 1
		}
		first, _, _ := strings.Cut(u.body, "\n")
		for n := next; n < len(p.Sections); n++ {
			if s := p.Sections[n]; s.Heading != "" {
				if strings.Contains(first, s.Heading) && (u.kind == headingUnit) == (s.Level > 0) {
					in, next = s, n+1
				}
				break
			}
		}
		u.section, u.label = in.Kind, strings.Trim(in.Heading, " \t*_`#:?!.")
		if next > 0 {
			u.part = owners[next-1] + 1
			u.section = p.Sections[u.part-1].Kind
		}
	}
	markEntries(units, p.Timeline)
	markActions(units, p.ActionItems)
	return units, p, depth
}

// markEntries finds the units of the timeline's entries: all of them, or none.
func markEntries(units []unit, timeline []Entry) {
	at := make([]int, 0, len(timeline))
	i := 0
	for _, e := range timeline {
		first, _, _ := strings.Cut(e.Text, "\n")
		for ; i < len(units); i++ {
			if units[i].section == Timeline && units[i].kind == itemUnit && strings.Contains(units[i].body, first) {
				break
			}
		}
		if i == len(units) {
			return
		}
		at = append(at, i)
		i++
	}
	for n, i := range at {
		u := &units[i]
		u.entry, u.at, u.until, u.text = n+1, timeline[n].At, timeline[n].Until, timeline[n].Text
	}
}

// markActions finds the units of the action items when they are a list: all of them, or none.
func markActions(units []unit, items []ActionItem) {
	var at []int
	for i, u := range units {
		if u.section == ActionItems && u.kind == itemUnit {
			at = append(at, i)
		}
	}
	if len(at) != len(items) {
		return
	}
	for n, i := range at {
		units[i].action = n + 1
	}
}

var wordPattern = regexp.MustCompile(`[\pL\pN]+`)

// wordsOf are the words of a unit, in lower case.
func (u *unit) wordsOf() map[string]bool {
	if u.words == nil {
		u.words = map[string]bool{}
		for _, w := range wordPattern.FindAllString(u.body, -1) {
			u.words[strings.ToLower(w)] = true
		}
	}
	return u.words
}

// alike is how many of the words of two units are in both, from 0 to 1.
func alike(a, b *unit) float64 {
	x, y := a.wordsOf(), b.wordsOf()
	both := 0
	for w := range x {
		if y[w] {
			both++
		}
	}
	if all := len(x) + len(y) - both; all > 0 {
		return float64(both) / float64(all)
	}
	return 0
}

// sameWords reports whether two texts differ in nothing but spaces.
func sameWords(a, b string) bool { return spaced(a) == spaced(b) }

// spaced is a text with single spaces alone.
func spaced(text string) string { return strings.Join(strings.Fields(text), " ") }
