package postmortem

import (
	"regexp"
	"strings"
	"time"
)

// list is a list found among the lines of a section.
type list struct {
	intro, outro []string // the lines before and after
	introBlank   int      // blank lines between intro and list
	outroBlank   int
	items        []item
}

// item is one item of a list.
type item struct {
	first  string   // its first line
	more   []string // its further lines, without their common indentation
	indent string
	blank  int // blank lines before it
}

// gather finds the items that begin on the lines that starts accepts. Every line between two items belongs to the first;
// the last one ends where, after a blank line, text begins that is not indented.
func gather(lines []string, starts func(string) bool) (l list, ok bool) {
	code := hidden(lines)
	var at []int
	for i, line := range lines {
		if !code[i] && starts(line) {
			at = append(at, i)
		}
	}
	if len(at) == 0 {
		return l, false
	}
	end := len(lines)
	for i := at[len(at)-1] + 1; i < len(lines); i++ {
		if lines[i-1] == "" && lines[i] != "" && lines[i][0] != ' ' && lines[i][0] != '\t' {
			end = i
			break
		}
	}
	l.intro, l.introBlank = cutBlank(lines[:at[0]])
	blank := 0
	for n, i := range at {
		next := end
		if n+1 < len(at) {
			next = at[n+1]
		}
		it := item{first: lines[i], blank: blank}
		it.more, blank = cutBlank(lines[i+1 : next])
		it.indent = commonIndent(it.more)
		for j, line := range it.more {
			it.more[j] = strings.TrimPrefix(line, it.indent)
		}
		l.items = append(l.items, it)
	}
	l.outro, l.outroBlank = lines[end:], blank
	return l, true
}

// cutBlank cuts the empty lines at the end off and counts them. The rest is a copy.
func cutBlank(lines []string) ([]string, int) {
	end := len(lines)
	for end > 0 && lines[end-1] == "" {
		end--
	}
	return append([]string(nil), lines[:end]...), len(lines) - end
}

func commonIndent(lines []string) string {
	least := -1
	for _, line := range lines {
		if line == "" {
			continue
		}
		if n := run(line, ' '); least < 0 || n < least {
			least = n
		}
	}
	return strings.Repeat(" ", max(0, least))
}

// join puts the item's text together, whose first line is given.
func (it item) join(first string) string {
	return strings.Join(append([]string{first}, it.more...), "\n")
}

// readTimeline reads the list of the timeline's section, or of another one that holds such a list.
func (p *Post) readTimeline(day time.Time) {
	for i := range p.Sections {
		kind := p.Sections[i].Kind
		if kind == Timeline && p.readEntries(i, day, 1) {
			return
		}
	}
	for i := range p.Sections {
		if kind := p.Sections[i].Kind; kind == Other && p.readEntries(i, day, 3) {
			p.Sections[i].Kind = Timeline
			return
		}
	}
}

// readEntries takes the list out of a section when it holds at least as many entries.
func (p *Post) readEntries(i int, day time.Time, least int) bool {
	s := &p.Sections[i]
	bullet, found := "", false
	l, ok := gather(strings.Split(s.Markdown, "\n"), func(text string) bool {
		e, ok := scanLine(text, true)
		if !ok || found && e.form.indent() != bullet {
			return false
		}
		if !found {
			bullet, found = e.form.indent(), true
		}
		return e.form.Bullet != "" || e.form.Open != "" || e.form.Date != ""
	})
	if !ok || len(l.items) < least {
		return false
	}
	if zone, ok := p.entryZone(l); ok {
		p.Zone = zone
	}
	year := day.Year()
	if day.IsZero() {
		year = 0
	}
	heads, days := l.takeHeads(year)
	c := calendar{loc: p.location(), day: day, last: -1}
	var entries []Entry
	latest := time.Time{}
	for n, it := range l.items {
		if heads[n] != "" {
			c.day, c.last = days[n], -1
		}
		e, ok := readEntry(&c, it)
		if !ok {
			return false
		}
		e.Except.Head = heads[n]
		if n > 0 {
			e.Except.Blank = number(it.blank)
		}
		if e.At.Before(latest) {
			e.Except.Follows = true
		} else {
			latest = e.At
		}
		entries = append(entries, e)
	}
	p.Timeline = entries
	p.takeList(i, l)
	return true
}

// indent tells lists of different depth apart, and lines with a bullet from those without.
func (f *EntryForm) indent() string {
	if f.Bullet == "" {
		return "none"
	}
	return strings.Repeat(" ", run(f.Bullet, ' '))
}

// entryZone is the zone that the entries name when the heading names none.
func (p *Post) entryZone(l list) (string, bool) {
	if label := p.findZone(); label != "" {
		return "", false
	}
	for _, it := range l.items {
		e, _ := scanLine(it.first, true)
		if loc, ok := zoneNamed(e.at.zone); ok && e.at.zone != "" {
			return loc.String(), true
		}
	}
	return "", false
}

// readEntry reads one item. Its form is kept as an exception; learn keeps what differs from the others.
func readEntry(c *calendar, it item) (Entry, bool) {
	l, ok := scanLine(it.first, true)
	if !ok {
		return Entry{}, false
	}
	before := *c
	e, same := l.entry(c, it)
	if !same && l.ranged {
		// Not a range that would be written so.
		*c = before
		if l, ok = scanLine(it.first, false); ok {
			e, same = l.entry(c, it)
		}
	}
	return e, same
}

// entry makes the entry, and reports whether it would be written as the line that it was read from.
func (l line) entry(c *calendar, it item) (e Entry, same bool) {
	at, until, ok := c.read(&l)
	if !ok {
		return e, false
	}
	e = Entry{At: at, Until: until, Text: it.join(l.text), Except: &Except{}}
	if l.text == "" && len(it.more) > 1 && it.more[0] == "" && isFence(it.more[1]) {
		e.Text = strings.Join(it.more[1:], "\n") // code begins on a line of its own
	}
	loc := c.loc
	if named, ok := zoneNamed(l.at.zone); ok && named.String() != loc.String() {
		loc, l.form.Place = named, named.String()
	}
	if l.form.Zone != "" && nameOf(at.In(loc)) != l.at.zone {
		l.form.Zone = strings.Replace(l.form.Zone, "{}", l.at.zone, 1) // a name that is wrong for the day stays
	}
	e.Except.Form = map[string]string{}
	for name, value := range l.form.parts() {
		e.Except.Form[name] = *value
	}
	e.Except.AsIs = safeEntry(e.Text) != e.Text
	if len(it.more) > 0 {
		indent := it.indent
		e.Except.Indent = &indent
	}
	return e, string(appendLine(nil, &l.form, &e, loc))+l.text == it.first
}

// takeList leaves in the section what stood before the list, and puts what stood after it into a section behind.
func (p *Post) takeList(i int, l list) {
	s := &p.Sections[i]
	s.Markdown = strings.Join(l.intro, "\n")
	if len(l.intro) > 0 {
		s.Except.List = number(l.introBlank)
	}
	if len(l.outro) == 0 {
		return
	}
	text := PostSection{Kind: Text, Markdown: strings.Join(l.outro, "\n"), Except: &SectionExcept{Before: number(l.outroBlank)}}
	p.Sections = append(p.Sections[:i+1], append([]PostSection{text}, p.Sections[i+1:]...)...)
}

var (
	taskBullet = regexp.MustCompile(`^([-*+][ \t]+)(?:(\[[ xX]\])([ \t]+))?`)
	doneMark   = regexp.MustCompile(`[ \t]*(?:✔️|✔|✅|☑️|☑|✓)$`)
	ownerMark  = regexp.MustCompile(`^(?s)(.+) \(owner: ([^()\n]+)\)$`)
)

// readActions reads the list or table of the section of action items.
func (p *Post) readActions() {
	i := p.section(ActionItems)
	if i < 0 || p.Sections[i].Markdown == "" {
		return
	}
	lines := strings.Split(p.Sections[i].Markdown, "\n")
	code := hidden(lines)
	for n, line := range lines {
		if code[n] || !strings.HasPrefix(line, "|") {
			continue
		}
		if style, items, length, ok := readTable(lines[n:]); ok {
			l := list{outro: lines[n+length:]}
			l.intro, l.introBlank = cutBlank(lines[:n])
			for len(l.outro) > 0 && l.outro[0] == "" {
				l.outro, l.outroBlank = l.outro[1:], l.outroBlank+1
			}
			p.ActionItems, p.Style.ActionItems = items, style
			p.takeList(i, l)
		}
		return
	}
	l, ok := gather(lines, taskBullet.MatchString)
	if !ok {
		return
	}
	for n, it := range l.items {
		a := readAction(it)
		if n > 0 {
			a.Except.Blank = number(it.blank)
		}
		p.ActionItems = append(p.ActionItems, a)
	}
	p.takeList(i, l)
}

// readAction reads one item. Its form is kept as an exception; learn keeps what differs from the others.
func readAction(it item) ActionItem {
	m := taskBullet.FindStringSubmatch(it.first)
	form := ItemForm{Bullet: m[1], Box: m[3]}
	text := it.join(it.first[len(m[0]):])
	a := ActionItem{Except: &Except{}}
	if m[2] != "" {
		form.Box = "[ ]" + m[3]
		if a.Done = m[2] != "[ ]"; a.Done {
			form.Check = m[2][1:2]
		}
	} else if mark := doneMark.FindString(text); mark != "" {
		a.Done, form.Done = true, mark
		text = strings.TrimSuffix(text, mark)
	}
	if m := ownerMark.FindStringSubmatch(text); m != nil && safeInline(oneLine(m[2]), inProse) == m[2] {
		text, a.Owner = m[1], m[2]
	}
	a.Text, a.Link = splitLink(text)
	if a.linked() != text {
		a.Text, a.Except.AsIs = text, true
	}
	if len(it.more) > 0 {
		indent := it.indent
		a.Except.Indent = &indent
	}
	a.Except.Form = map[string]string{}
	for name, value := range form.parts() {
		a.Except.Form[name] = *value
	}
	return a
}

var (
	inlineLink = regexp.MustCompile(`\[([^\[\]]+)\]\((https?://[^\s()<>]+)\)`)
	anyLink    = regexp.MustCompile(`https?://[^\s()<>\]]+`)
)

func firstLink(text string) string { return strings.TrimRight(anyLink.FindString(text), ".,;:!?") }

// splitLink takes the link out of a sentence when it can be put back in the same place; else the sentence keeps it.
func splitLink(text string) (rest, link string) {
	m := inlineLink.FindStringSubmatchIndex(text)
	if m == nil || m[0] > 0 && text[m[0]-1] == '!' {
		return text, firstLink(text)
	}
	label, url := text[m[2]:m[3]], text[m[4]:m[5]]
	before, after := text[:m[0]], text[m[1]:]
	for _, rest := range []string{before + label + after, before + "[" + label + "]" + after} {
		if a := (ActionItem{Text: rest, Link: url}); (before == "" && (after == "" || after == ".") || rest != before+label+after) && a.linked() == text {
			return rest, url
		}
	}
	return text, firstLink(text)
}
