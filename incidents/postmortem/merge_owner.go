package postmortem

// owners says of each section of a post to which one it belongs: to itself, or to the one above where its heading is a
// smaller one in that section's text. Such a heading is no section of the house's, or has the name of one that stands
// elsewhere under a larger heading.
func (p *Post) owners() []int {
	owners := make([]int, len(p.Sections))
	largest := 7 // the rank of the house's headings
	for i := range p.Sections {
		if s := &p.Sections[i]; s.Kind != Other && s.Kind != Lead && s.Heading != "" {
			largest = min(largest, s.rank())
		}
	}
	main := 0
	for i := range p.Sections {
		s, above := &p.Sections[i], &p.Sections[main]
		rank := above.rank()
		if above.Heading == "" {
			rank = largest
		}
		lists := above.Kind == Timeline || above.Kind == ActionItems || above.Kind == Text
		if i == 0 || s.Heading == "" || lists || s.rank() <= rank || s.Kind != Other && !p.larger(s) {
			main = i
		}
		owners[i] = main
	}
	return owners
}

// rank orders headings: 1 for the largest, 7 for a label in front of a paragraph.
func (s *PostSection) rank() int {
	if s.Level > 0 {
		return s.Level
	}
	return 7
}

// larger reports whether the same section stands under a larger heading elsewhere.
func (p *Post) larger(than *PostSection) bool {
	for i := range p.Sections {
		if s := &p.Sections[i]; s.Kind == than.Kind && s.Heading != "" && s.rank() < than.rank() {
			return true
		}
	}
	return false
}

// owned finds the first section of a kind that belongs to itself; -1 when there is none.
func (p *Post) owned(kind Section) int {
	for i, owner := range p.owners() {
		if owner == i && p.Sections[i].Kind == kind {
			return i
		}
	}
	return -1
}

// textOf is what a section says, with what stands below smaller headings in it. there is false where the post has no such
// section.
func textOf(units []unit, p *Post, kind Section) (text string, there bool) {
	i := p.owned(kind)
	if i < 0 {
		return "", false
	}
	if next := i + 1; next >= len(p.Sections) || p.owners()[next] != i {
		return p.Sections[i].Markdown, true
	}
	from, to := bodyOf(units, i+1, p.Sections[i].Level > 0)
	return trimBlankLines(lf(joined(units[from:to]))), true
}
