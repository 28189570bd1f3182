package postmortem

import "strings"

// owners says of each section of a post to which one it belongs: to itself, or to the one above where its heading is a
// smaller one in that section's text. Such a heading is no section of the house's, or has the name of one that stands
// elsewhere under a larger heading.
func (p *Post) owners() []int {
	owners := make([]int, len(p.Sections))
	least := map[Section]int{} // the rank of a kind's largest heading
	for i := range p.Sections {
		s := &p.Sections[i]
		if rank, known := least[s.Kind]; s.Heading != "" && (!known || s.rank() < rank) {
			least[s.Kind] = s.rank()
		}
	}
	largest := p.largest()
	main := 0
	for i := range p.Sections {
		s, above := &p.Sections[i], &p.Sections[main]
		rank := largest
		if p.headed(main, largest) {
			rank = above.rank()
		}
		lists := above.Kind == Timeline || above.Kind == ActionItems || above.Kind == Text
		labels := s.Level == 0 && above.Level == 0 && above.Heading != ""
		if i == 0 || s.Heading == "" || lists || labels || s.rank() <= rank || s.Kind != Other && least[s.Kind] >= s.rank() {
			main = i
		}
		owners[i] = main
	}
	return owners
}

// largest is the rank of the house's headings; where it has labels alone, one that no text of ours has a heading of.
func (p *Post) largest() int {
	largest := labelRank
	for i := range p.Sections {
		if s := &p.Sections[i]; s.Kind != Other && s.Kind != Lead && s.Heading != "" {
			largest = min(largest, s.rank())
		}
	}
	if largest == labelRank {
		return 2
	}
	return largest
}

// headed reports whether a section has a heading of its own, on a line of its own. The post's first one is part of the text
// where it is smaller than the house's.
func (p *Post) headed(i, largest int) bool {
	s := &p.Sections[i]
	return s.Level > 0 && (i > 0 || s.Kind != Lead || s.Level <= largest)
}

// labelRank is the rank of a label in front of a paragraph.
const labelRank = 7

// rank orders headings: 1 for the largest.
func (s *PostSection) rank() int {
	if s.Level > 0 {
		return s.Level
	}
	return labelRank
}

// label is what stands before the text on its first line.
func (s *PostSection) label() string {
	if s.Level > 0 || s.Heading == "" {
		return ""
	}
	return strings.Replace(s.Form, "{}", s.Heading, 1)
}

// passage is what a section says, with what stands below smaller headings in it.
type passage struct {
	text     string
	label    string // before the text on its first line
	from, to int    // its units, without a heading of its own
}

// passageOf finds the first section of a kind that belongs to itself. there is false where the post has none.
func passageOf(units []unit, p *Post, kind Section) (found passage, there bool) {
	owners := p.owners()
	for i, owner := range owners {
		s := &p.Sections[i]
		if owner != i || s.Kind != kind {
			continue
		}
		headed := p.headed(i, p.largest())
		found.label = s.label()
		found.from, found.to = bodyOf(units, i+1, headed)
		if found.text = s.Markdown; i+1 < len(owners) && owners[i+1] == i || s.Level > 0 && !headed {
			found.text = trimBlankLines(strings.TrimPrefix(lf(joined(units[found.from:found.to])), found.label))
		}
		return found, true
	}
	return found, false
}

// textOf is what a section says.
func textOf(units []unit, p *Post, kind Section) (text string, there bool) {
	found, there := passageOf(units, p, kind)
	return found.text, there
}
