package postmortem

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"
)

// Merged is what became of a post that changed on two sides.
type Merged struct {
	// Text is the merged post. Whatever theirs has and the base has not is in it.
	Text string
	// Base is what both sides are known to have seen: the base of the next merge, together with what is ours and theirs
	// then. Where they conflict it stays as it was, so that the conflict lasts until they agree.
	Base string
	// Conflicts are the places that both sides changed, in the order of the text. There Text has theirs.
	Conflicts []Conflict

	merger    *merger
	units     []placed
	read      []unit // of Text
	post, had Post   // Text and ours as they are read
	shapeless bool   // Text cannot be told apart: all of it would be taken for the first section
}

// Conflict is a place that both sides changed differently.
type Conflict struct {
	// Key names the place and stays the same while the conflict lasts.
	Key string
	// Section is where it stands, Heading what the post calls that; both may be empty.
	Section Section
	Heading string
	// Line is its first line in the merged text, from 1, and Lines how many there are. When theirs has nothing there, Lines
	// is 0 and Line is the line before.
	Line, Lines int
	// Proposal names the place and what ours has there: an answer to the question counts for that alone.
	Proposal string
	// Theirs and Ours are what the sides have there, without the last line end; empty for nothing.
	Theirs, Ours string

	place string // the Key before it was made unlike that of another conflict
}

// placed is a unit of the merged post with where it came from.
type placed struct {
	unit
	base, ours, theirs int // numbers of the units there; none
	conflict           int // 1 for the first; 0 for none
}

// merger is a merge under way.
type merger struct {
	base, ours, theirs []unit
	o, t               matching // of the base with each
	same               matching // of what is new in ours with what is new in theirs
	moved              []bool   // of ours
	out                []placed
	conflicts          []Conflict
	disputed           map[int]bool // units of the base
	waits              map[int]bool // new units of ours that are in conflict
	gone               map[int]int  // units of the base that ours has not, in conflict
	kept               map[string]bool
}

// Merge brings together what two sides made of a post. Theirs is what people wrote: nothing of it is given up. What only
// one side changed is taken; what both changed differently stays theirs and is a conflict. Sections, paragraphs, list items
// and lines of tables are taken as a whole, but for entries, of which one side may change the time and the other the text.
// Entries are known wherever they stand. kept are the Proposals of conflicts that somebody has decided for theirs: there
// theirs counts as the newer change.
func Merge(base, ours, theirs string, kept ...string) Merged {
	result := merge(base, ours, theirs, nil)
	keys := map[string]bool{}
	for _, c := range result.Conflicts {
		if slices.Contains(kept, c.Proposal) {
			keys[c.place] = true
		}
	}
	for _, c := range result.Conflicts {
		if !slices.Contains(kept, c.Proposal) {
			delete(keys, c.place) // of two in one place both are to be decided
		}
	}
	if len(keys) > 0 {
		return merge(base, ours, theirs, keys)
	}
	return result
}

func merge(base, ours, theirs string, kept map[string]bool) Merged {
	if strings.Contains(theirs, "\r\n") && !strings.Contains(strings.ReplaceAll(theirs, "\r\n", ""), "\n") {
		base, ours = crlf(base), crlf(ours)
	}
	m := &merger{disputed: map[int]bool{}, waits: map[int]bool{}, gone: map[int]int{}, kept: kept}
	result := Merged{merger: m}
	var post Post
	m.theirs, post = readUnits(theirs)
	written := spellingOf(m.theirs, post)
	base, ours = written.in(base), written.in(ours)
	m.base, post = readUnits(base)
	written = spellingOf(m.base, post)
	ours = written.in(ours)
	m.ours, result.had = readUnits(ours)
	m.o, m.t = match(m.base, m.ours), match(m.base, m.theirs)
	m.partEmptied()
	m.moved = m.o.outOfOrder(m.ours)
	m.pairChanged()
	m.pairNew()
	m.takeTheirs()
	m.takeOurs()
	m.joinTails()
	result.Text, result.Base = m.text(), m.agreed()
	switch {
	case ours == theirs:
		result.Text, result.Base, m.conflicts = theirs, theirs, nil
	case base == theirs:
		result.Text, result.Base = ours, ours
	case base == ours:
		result.Text, result.Base = theirs, ours
	}
	result.Conflicts = m.conflicts
	result.units = m.out
	if result.Text == theirs || result.Text == ours {
		result.units = m.numbered(result.Text == theirs, ours == theirs)
	}
	var depth depth
	result.read, result.post, depth = unitsOf(result.Text)
	result.shapeless = depth >= noBody || len(result.had.FrontMatter) > 0 && len(result.post.FrontMatter) == 0
	return result
}

func crlf(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
}

// partEmptied keeps apart what people took out of a section, by a heading above it, and the prompt that ours has there now.
func (m *merger) partEmptied() {
	for b := range m.base {
		i, j := m.o.to[b], m.t.to[b]
		if i == none || j == none || m.theirs[j].section == m.base[b].section || !IsPrompt(m.ours[i].body) || IsPrompt(m.base[b].body) {
			continue
		}
		m.o.to[b], m.o.from[i], m.t.to[b], m.t.from[j] = none, none, none, none
	}
}

// pairNew finds what both sides added alike.
func (m *merger) pairNew() {
	m.same = newMatching(len(m.ours), len(m.theirs))
	theirs := sayingsOf(m.theirs, m.t.from)
	free := func(j int) bool { return m.t.from[j] == none && m.same.from[j] == none }
	for i := range m.ours {
		u := &m.ours[i]
		if m.o.from[i] != none {
			continue
		}
		j := theirs.first(u.saying(), free)
		if u.entry > 0 {
			if k := theirs.first(u.told(), free); j == none || k != none && k < j {
				j = k
			}
		}
		if j != none {
			m.same.pair(i, j)
		}
	}
}

// pairChanged finds where one side rewrote what the other replaced by the same words.
func (m *merger) pairChanged() {
	ours, theirs := sayingsOf(m.ours, m.o.from), sayingsOf(m.theirs, m.t.from)
	for b := 1; b < len(m.base); b++ {
		i, j := m.o.to[b], m.t.to[b]
		switch {
		case i != none && j == none && m.ours[i].body != m.base[b].body:
			if j = theirs.first(m.ours[i].saying(), func(j int) bool { return m.t.from[j] == none }); j != none {
				m.t.pair(b, j)
			}
		case i == none && j != none && m.theirs[j].body != m.base[b].body:
			if i = ours.first(m.theirs[j].saying(), func(i int) bool { return m.o.from[i] == none }); i != none {
				m.o.pair(b, i)
			}
		}
	}
}

// takeTheirs lays out what theirs has, with what ours changed in it.
func (m *merger) takeTheirs() {
	for j := range m.theirs {
		p := placed{unit: m.theirs[j], base: m.t.from[j], ours: none, theirs: j}
		if p.base == none {
			p.ours = m.same.from[j]
			m.out = append(m.out, p)
			continue
		}
		b := &m.base[p.base]
		if p.ours = m.o.to[p.base]; p.ours == none {
			if p.body != b.body {
				if n := m.dispute(&p, "", p.body); n > 0 {
					m.gone[p.base] = n
				}
				m.out = append(m.out, p)
			} else if p.section != b.section && p.kind != frontUnit {
				p.base = none // it left its section under a heading of theirs, and that is why ours has it no more
				m.out = append(m.out, p)
			}
			continue
		}
		o := &m.ours[p.ours]
		body, clear := m.both(b, o, &m.theirs[j])
		elsewhere := m.moved[p.ours] || !o.at.Equal(b.at) && m.theirs[j].at.Equal(b.at)
		if p.body = body; !clear {
			m.dispute(&p, o.body, m.theirs[j].body)
		} else if elsewhere && m.theirs[j].at.Equal(b.at) {
			continue // takeOurs puts it where it stands now
		}
		p.at = m.instant(b, o, &m.theirs[j])
		m.out = append(m.out, p)
	}
}

// instant is when the merged entry happened, which says where it stands.
func (m *merger) instant(b, o, t *unit) time.Time {
	if t.at.Equal(b.at) {
		return o.at
	}
	return t.at
}

// both merges a unit that all three have. clear is false when both changed it; then the body is theirs.
func (m *merger) both(b, o, t *unit) (body string, clear bool) {
	if body, clear = pick(b.body, o.body, t.body); clear {
		return body, true
	}
	if sameWords(o.body, t.body) {
		return t.body, true
	}
	bh, ok1 := b.head()
	oh, ok2 := o.head()
	th, ok3 := t.head()
	if !ok1 || !ok2 || !ok3 {
		return t.body, false
	}
	head, clear1 := pick(bh, oh, th)
	text, clear2 := pick(b.text, o.text, t.text)
	if !clear1 || !clear2 {
		return t.body, false
	}
	return head + text, true
}

// pick is what became of one thing; ok is false when both sides changed it differently.
func pick(base, ours, theirs string) (text string, ok bool) {
	switch {
	case ours == theirs, ours == base:
		return theirs, true
	case theirs == base:
		return ours, true
	}
	return theirs, false
}

// dispute notes a conflict about a unit that is in the text, and returns its number: 0 where it was decided for theirs.
func (m *merger) dispute(p *placed, ours, theirs string) int {
	key := ""
	if p.base != none {
		key = m.base[p.base].body
	}
	key = keyOf(string(p.section), key)
	if m.kept[key] {
		return 0
	}
	if p.base != none {
		m.disputed[p.base] = true
	}
	m.conflicts = append(m.conflicts, Conflict{
		Key: key, place: key, Section: p.section, Heading: p.label, Ours: ours, Theirs: theirs,
	})
	p.conflict = len(m.conflicts)
	return p.conflict
}

func keyOf(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:6])
}

// takeOurs puts what ours added or moved where it belongs.
func (m *merger) takeOurs() {
	there := make([]bool, len(m.ours))
	for i := range m.out {
		if ours := m.out[i].ours; ours != none {
			there[ours] = true
		}
	}
	before := 0
	for i := 1; i < len(m.ours); i++ {
		if there[i] {
			before = i
			continue
		}
		u := m.ours[i]
		p := placed{unit: u, base: m.o.from[i], ours: i, theirs: none}
		if prompt := p.base != none && m.t.to[p.base] == none && IsPrompt(m.base[p.base].body); prompt && IsPrompt(u.body) {
			continue // nobody wrote it
		} else if prompt {
			p.base = none // nor did anybody take out what is written now
		} else if p.base == none && IsPrompt(u.body) && m.emptied(u.section) {
			continue
		}
		if p.base == none {
			at := m.behind(before, &u)
			if m.crowded(at, &u) {
				key := keyOf(string(u.section), "new", m.ours[before].body)
				if m.waits[i] = true; !m.kept[key] {
					m.absent(at, key, &u)
				}
				continue
			}
			m.out = slices.Insert(m.out, at, p)
			before = i
			continue
		}
		b := &m.base[p.base]
		if p.theirs = m.t.to[p.base]; p.theirs == none {
			if key := keyOf(string(u.section), b.body); u.body != b.body && !IsPrompt(u.body) && !m.kept[key] { // theirs took it out
				m.disputed[p.base] = true
				m.absent(m.behind(before, &u), key, &u)
			}
			continue
		}
		p.body, _ = m.both(b, &u, &m.theirs[p.theirs])
		m.out = slices.Insert(m.out, m.behind(before, &u), p)
		before = i
	}
}

// emptied reports whether people left nothing of a section but its heading.
func (m *merger) emptied(section Section) bool {
	headed := false
	for i := range m.theirs {
		if u := &m.theirs[i]; u.section == section && u.kind != headingUnit {
			return false
		} else if u.section == section {
			headed = true
		}
	}
	return headed
}

// indexOf is where a unit of ours is in the merged post; none when it is not there.
func (m *merger) indexOf(ours int) int {
	for i := range m.out {
		if m.out[i].ours == ours {
			return i
		}
	}
	return none
}

// behind is where a unit goes that stands behind another one of ours: after what theirs added there, and, in the timeline,
// after what happened earlier.
func (m *merger) behind(before int, u *unit) int {
	at := m.indexOf(before) + 1
	for at < len(m.out) {
		next := &m.out[at]
		switch {
		case u.entry > 0 && next.entry > 0 && !next.at.After(u.at):
		case u.entry == 0 && next.base == none && next.ours == none && (u.kind == headingUnit || next.kind == u.kind):
		default:
			return at
		}
		at++
	}
	return at
}

// crowded reports whether theirs wrote something new in the very place where ours did, so that the two may say the same.
func (m *merger) crowded(at int, u *unit) bool {
	if u.kind != proseUnit && u.kind != fenceUnit && u.kind != frontUnit {
		return false
	}
	last := &m.out[at-1]
	return last.base == none && last.ours == none && last.kind == u.kind
}

// absent notes a conflict about something of ours that is not in the text.
func (m *merger) absent(at int, key string, u *unit) {
	for i := range m.conflicts {
		if m.conflicts[i].Key == key {
			m.conflicts[i].Ours += "\n\n" + u.body
			return
		}
	}
	c := Conflict{Key: key, place: key, Section: u.section, Heading: u.label, Ours: u.body}
	p := &m.out[at-1]
	if p.base == none && p.ours == none {
		c.Theirs = p.body
	}
	m.conflicts = append(m.conflicts, c)
	if p.conflict == 0 && c.Theirs != "" {
		p.conflict = len(m.conflicts)
		return
	}
	m.conflicts[len(m.conflicts)-1].Line = -at // of the unit before; text makes a line of it
}
