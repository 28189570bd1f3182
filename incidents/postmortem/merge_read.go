package postmortem

import (
	"slices"
	"time"
)

// Changes is what a merged post says that ours does not: what people wrote there and the draft can take over. What is in
// conflict is not among it.
type Changes struct {
	// Sections are those whose text is another one, with the whole text; empty where it was taken out.
	Sections map[Section]string
	Entries  []EntryChange
	Actions  []ActionChange
	// Reshaped says that the timeline is not what it was and was left alone: most entries are gone, or none can be read.
	Reshaped bool
}

// EntryChange is one entry that is new, different or gone.
type EntryChange struct {
	Of   int  // its number in the printed order of ours, from 1; 0 for a new one
	Gone bool // then nothing below is set
	// Text is its text as it stands there; empty when it is as it was.
	Text string
	// At and Until are its times; a zero At when they are as they were.
	At, Until time.Time
}

// ActionChange is one action item that is new, different or gone.
type ActionChange struct {
	Of   int // its number in the printed order of ours, from 1; 0 for a new one
	Gone bool
	Text string // the words in the first [brackets] carry the link, as in ActionItem
	Link string
}

// Changes returns what the draft can take over from the merged post.
func (m Merged) Changes() Changes {
	if m.shapeless {
		return Changes{Reshaped: true}
	}
	c := Changes{Sections: m.sectionChanges()}
	c.Entries, c.Reshaped = m.entryChanges()
	c.Actions = m.actionChanges()
	return c
}

func (m Merged) sectionChanges() map[Section]string {
	changes := map[Section]string{}
	text := func(units []unit, p *Post, kind Section) (string, bool) {
		md, there := textOf(units, p, kind)
		if IsPrompt(md) {
			return "", there
		}
		return md, there
	}
	for _, kind := range Sections() {
		now, there := text(m.read, &m.post, kind)
		before, _ := text(m.merger.ours, &m.had, kind)
		differs := now != before && trimBlankLines(Safe(now)) != trimBlankLines(Safe(before))
		if there && differs && !slices.ContainsFunc(m.Conflicts, func(c Conflict) bool { return c.Section == kind }) {
			changes[kind] = now
		}
	}
	return changes
}

// numbersOf are the places of the merged units that a test accepts.
func (m Merged) numbersOf(is func(*unit) bool) (at []int) {
	for i := range m.units {
		if is(&m.units[i].unit) {
			at = append(at, i)
		}
	}
	return at
}

// lost are the numbers of ours that the merged post has not, because people took them out.
func (m Merged) lost(number func(*unit) int) (gone []int) {
	there := map[int]bool{}
	for _, p := range m.units {
		if p.ours != none {
			there[p.ours] = true
		}
	}
	for i := range m.merger.ours {
		base := m.merger.o.from[i]
		if n := number(&m.merger.ours[i]); n > 0 && !there[i] && base != none && !m.merger.disputed[base] {
			gone = append(gone, n)
		}
	}
	return gone
}

func (m Merged) entryChanges() (changes []EntryChange, reshaped bool) {
	at := m.numbersOf(func(u *unit) bool { return u.entry > 0 })
	number := func(u *unit) int { return u.entry }
	had := len(m.had.Timeline)
	if len(at) != len(m.post.Timeline) || slices.ContainsFunc(m.merger.ours, func(u unit) bool { return u.entry > had }) {
		return nil, true
	}
	gone := m.lost(number)
	if len(gone) > 2 && 2*len(gone) > had {
		return nil, true
	}
	for n, i := range at {
		p, e := m.units[i], m.post.Timeline[n]
		if p.conflict > 0 {
			continue
		}
		c := EntryChange{Text: e.Text, At: e.At, Until: e.Until}
		if p.ours != none {
			if c.Of = m.merger.ours[p.ours].entry; c.Of == 0 {
				continue
			}
			before := m.had.Timeline[c.Of-1]
			if before.Text == e.Text {
				c.Text = ""
			}
			if before.At.Equal(e.At) && before.Until.Equal(e.Until) {
				c.At, c.Until = time.Time{}, time.Time{}
			}
			if c.Text == "" && c.At.IsZero() {
				continue
			}
		}
		changes = append(changes, c)
	}
	for _, n := range gone {
		changes = append(changes, EntryChange{Of: n, Gone: true})
	}
	return changes, false
}

func (m Merged) actionChanges() (changes []ActionChange) {
	at := m.numbersOf(func(u *unit) bool { return u.section == ActionItems && u.kind == itemUnit })
	if len(at) != len(m.post.ActionItems) {
		return nil
	}
	for n, i := range at {
		p, a := m.units[i], m.post.ActionItems[n]
		c := ActionChange{Text: a.Text, Link: a.Link}
		if p.ours != none {
			c.Of = m.merger.ours[p.ours].action
			if c.Of == 0 || c.Of > len(m.had.ActionItems) {
				continue
			}
			if before := m.had.ActionItems[c.Of-1]; before.Text == a.Text && before.Link == a.Link {
				continue
			}
		}
		if p.conflict == 0 && written(a.Text) {
			changes = append(changes, c)
		}
	}
	for _, n := range m.lost(func(u *unit) int { return u.action }) {
		changes = append(changes, ActionChange{Of: n, Gone: true})
	}
	return changes
}

// Apart names the parts of a post that hold what the rendered draft does not, by their headings: what stays in the file
// alone. Places in conflict are left out.
func Apart(post, rendered string, conflicts []Conflict) (headings []string) {
	known := map[string]bool{}
	there, read := readUnits(post)
	written := spellingOf(there, read)
	units, _ := readUnits(written.in(rendered))
	for i := range units {
		known[units[i].body] = true
	}
	for _, c := range conflicts {
		known[c.Theirs] = true
	}
	for i := range there {
		u := &there[i]
		label := u.label
		switch {
		case known[u.body], u.noted():
			continue
		case u.kind == frontUnit:
			label = "Front matter"
		case label == "":
			label = "Opening sentence"
		}
		if !slices.Contains(headings, label) {
			headings = append(headings, label)
		}
	}
	return headings
}
