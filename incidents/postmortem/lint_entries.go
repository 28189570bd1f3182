package postmortem

import (
	"strings"
	"time"
)

// timed is an entry of the timeline and its line.
type timed struct {
	line int
	read line // as it was read
	Entry
}

// findEntries finds the lines of the timeline's entries. Where they cannot be told for sure there are none.
func (s *source) findEntries() {
	if len(s.post.Timeline) == 0 {
		return
	}
	for _, p := range s.parts {
		if p.Kind != Timeline && p.Kind != Other {
			continue
		}
		var found []timed
		bullet := ""
		for i := p.first(); i < p.to; i++ {
			if s.kind[i] != proseLine {
				continue
			}
			l, ok := scanLine(s.lines[i], true)
			if !ok || len(found) > 0 && l.form.indent() != bullet || l.form.Bullet == "" && l.form.Open == "" && l.form.Date == "" {
				continue
			}
			bullet = l.form.indent()
			found = append(found, timed{line: i, read: l})
		}
		if len(found) != len(s.post.Timeline) {
			continue
		}
		for i := range found {
			found[i].Entry = s.post.Timeline[i]
		}
		s.entries = found
		return
	}
}

// span is when the timeline begins and ends.
func (s *source) span() (from, to time.Time, ok bool) {
	for i, e := range s.entries {
		if i == 0 || e.At.Before(from) {
			from = e.At
		}
		for _, t := range []time.Time{e.At, e.Until} {
			if t.After(to) {
				to = t
			}
		}
	}
	return from, to, len(s.entries) > 0
}

// shortText is the beginning of the entry's text, to point at it.
func (e timed) shortText() string {
	text, _, _ := strings.Cut(e.Text, "\n")
	words := strings.Fields(text)
	if len(words) > 6 {
		return strings.Join(words[:6], " ") + " …"
	}
	return strings.Join(words, " ")
}
