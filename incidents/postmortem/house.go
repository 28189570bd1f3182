package postmortem

import "slices"

// Learn is the house style of a team, from its posts with the newest first: the newest one's, with the sections that it
// happens to lack but most others have, and with the front matter's values that all of them share. Slips of the one post,
// such as a missing newline at its end, are left out. It is the zero Style without posts.
func Learn(posts []Post) Style {
	if len(posts) == 0 {
		return Style{}
	}
	s := posts[0].Style
	s.Sections = slices.Clone(s.Sections)
	s.FinalNewlines = 1
	if s.FrontMatter.Open != "" {
		s.FrontMatter.Open, s.FrontMatter.Close = "---", "---"
	}
	if s.FrontMatter.Gap == 0 {
		s.FrontMatter.Gap = 1
	}
	s.Blank = map[string]Blank{}
	for _, p := range posts {
		for key, blank := range p.Style.Blank {
			if _, known := s.Blank[key]; !known {
				s.Blank[key] = blank
			}
		}
		s.adopt(p.Style, posts)
	}
	for _, p := range posts {
		if len(p.ActionItems) > 0 {
			s.ActionItems = p.Style.ActionItems
			break
		}
	}
	s.FrontMatter.Fields = shared(posts)
	return s
}

// adopt takes over the sections that most posts have, each behind the one that it stands behind there.
func (s *Style) adopt(other Style, posts []Post) {
	for i, section := range other.Sections {
		if _, known := s.section(section.Kind); known {
			continue
		}
		n := 0
		for _, p := range posts {
			if _, has := p.Style.section(section.Kind); has {
				n++
			}
		}
		if 2*n <= len(posts) {
			continue
		}
		at := len(s.Sections)
		for j := i - 1; j >= 0; j-- {
			if k := slices.IndexFunc(s.Sections, func(c SectionStyle) bool { return c.Kind == other.Sections[j].Kind }); k >= 0 {
				at = k + 1
				break
			}
		}
		s.Sections = slices.Insert(s.Sections, at, section)
	}
}

// shared are the newest post's keys without comments. A value counts as the team's habit when all posts agree on it; that
// of the layout always does.
func shared(posts []Post) []FieldStyle {
	var fields []FieldStyle
	for _, f := range posts[0].Style.FrontMatter.Fields {
		if f.Key[0] == '#' {
			continue
		}
		value := posts[0].FrontMatter.Get(f.Key)
		same := len(posts) > 1 || f.Key == "layout" || f.Key == "category"
		for _, p := range posts {
			same = same && (p.FrontMatter.Get(f.Key) == value || f.Key == "layout")
		}
		if f.Value = value; !same || f.Key == "title" || f.Key == "date" {
			f.Value = ""
		}
		if f.Quotes == "yaml" && f.Value == "" {
			f.Quotes = ""
		}
		fields = append(fields, f)
	}
	return fields
}
