package postmortem

import (
	"slices"
	"strings"
)

// spelling is how people wrote what we write in another way, so that it is safe for the site. What differs in nothing else
// was changed by nobody, and nobody is asked about it.
type spelling struct {
	units    []unit
	post     Post
	sections []Section        // those that would come out otherwise
	same     map[string]bool  // the bodies of the units as they are
	safe     map[string]*unit // the units that would come out otherwise, by what we would write
}

func spellingOf(units []unit, post Post) spelling {
	s := spelling{units: units, post: post, same: map[string]bool{}, safe: map[string]*unit{}}
	for _, kind := range Sections() {
		if text, there := textOf(units, &s.post, kind); there && trimBlankLines(Safe(text)) != lf(text) {
			s.sections = append(s.sections, kind)
		}
	}
	for i := range units {
		u := &units[i]
		s.same[u.body] = true
		if key := u.safeKey(post.ActionItems); key != u.key() {
			s.safe[key] = u
		}
	}
	return s
}

// in is a text of ours in which whatever says the same is written as people did.
func (s *spelling) in(text string) string {
	if len(s.sections)+len(s.safe) == 0 {
		return text
	}
	units, post := readUnits(text)
	done := false
	for _, kind := range s.sections {
		var respelt bool
		units, respelt = s.section(units, &post, kind)
		done = done || respelt
	}
	if s.single(units) || done {
		return joined(units)
	}
	return text
}

// section writes a whole section as it is there, for what is safe may be other paragraphs than what was typed.
func (s *spelling) section(units []unit, post *Post, kind Section) ([]unit, bool) {
	i, j := post.owned(kind), s.post.owned(kind)
	if i < 0 {
		return units, false
	}
	ours, _ := textOf(units, post, kind)
	written, _ := textOf(s.units, &s.post, kind)
	a, b := &post.Sections[i], &s.post.Sections[j]
	if ours == written || lf(ours) != trimBlankLines(Safe(written)) || (a.Level > 0) != (b.Level > 0) || a.Level == 0 && a.Heading != b.Heading {
		return units, false
	}
	from, to := bodyOf(units, i+1, a.Level > 0)
	first, end := bodyOf(s.units, j+1, b.Level > 0)
	if from == to || first == end {
		return units, false
	}
	tail := units[to-1].tail
	units = slices.Replace(units, from, to, s.units[first:end]...)
	units[from+end-first-1].tail = tail
	return units, true
}

// bodyOf is where the units of a part of the post are, without the heading that has a line of its own.
func bodyOf(units []unit, part int, headed bool) (from, to int) {
	is := func(u unit) bool { return u.part == part && u.kind != frontUnit }
	if from = slices.IndexFunc(units, is); from < 0 {
		return 0, 0
	}
	for to = from; to < len(units) && is(units[to]); to++ {
	}
	if headed {
		from++
	}
	return from, to
}

// single does the same for paragraphs, list items, rows and entries, and reports whether there were any.
func (s *spelling) single(units []unit) (done bool) {
	for i := range units {
		u := &units[i]
		v := s.safe[u.key()]
		if v == nil || s.same[u.body] || u.section != v.section {
			continue
		}
		body := v.body
		if head, ok := u.head(); ok && !strings.Contains(v.text, "\n") {
			body = head + v.text
		} else if !u.at.Equal(v.at) || !u.until.Equal(v.until) {
			continue
		}
		u.body, done = body, true
	}
	return done
}

// key is what a unit says: an entry without its time, an item without its mark.
func (u *unit) key() string {
	switch {
	case u.kind == frontUnit || u.kind == headingUnit:
		return ""
	case u.entry > 0:
		return "entry " + unindented(u.text)
	case u.action > 0:
		return "action " + unindented(u.body[listMarker(u.body):])
	}
	return lf(u.body)
}

// safeKey is the key of what we would write for the unit.
func (u *unit) safeKey(actions []ActionItem) string {
	switch {
	case u.kind == frontUnit || u.kind == headingUnit:
		return ""
	case u.entry > 0:
		return "entry " + unindented(safeEntry(u.text))
	case u.action > 0 && u.action <= len(actions):
		a := ActionItem{Text: actions[u.action-1].Text, Link: actions[u.action-1].Link}
		return "action " + unindented(a.linked())
	}
	indent := u.body[:len(u.body)-len(strings.TrimLeft(u.body, " "))]
	return indent + trimBlankLines(Safe(u.body[len(indent):]))
}

// unindented is a text without what its lines are indented by.
func unindented(text string) string {
	lines := strings.Split(lf(text), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

func lf(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }

func joined(units []unit) string {
	var b strings.Builder
	for i := range units {
		b.WriteString(units[i].body + units[i].tail)
	}
	return b.String()
}
