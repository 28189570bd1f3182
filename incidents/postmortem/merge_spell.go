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
	same     map[string]bool  // the bodies of the units as they are, within their sections
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
		s.same[u.within(u.body)] = true
		if key := u.safeKey(post.ActionItems); key != "" && key != u.key() {
			s.safe[u.within(key)] = u
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
	a, there := passageOf(units, post, kind)
	b, _ := passageOf(s.units, &s.post, kind)
	if !there || a.text == b.text || lf(a.text) != trimBlankLines(Safe(b.text)) || a.label != b.label || a.from == a.to || b.from == b.to {
		return units, false
	}
	body := slices.DeleteFunc(slices.Clone(s.units[b.from:b.to]), func(u unit) bool { return u.noted() })
	if len(body) == 0 {
		return units, false
	}
	for i := range body {
		body[i].part = units[a.from].part
	}
	body[len(body)-1].tail = units[a.to-1].tail
	return slices.Replace(units, a.from, a.to, body...), true
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
		v := s.safe[u.within(u.key())]
		if v == nil || s.same[u.within(u.body)] {
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

// within names something in the unit's section: the same words may be written otherwise elsewhere.
func (u *unit) within(what string) string { return string(u.section) + "\x00" + what }

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
