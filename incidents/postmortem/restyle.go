package postmortem

import (
	"slices"
	"strings"
	"time"
)

// usual is the order of a post, for what a style has no place for: it goes behind what stands before it here.
var usual = []Section{
	Lead, Day, Summary, Impact, RootCauses, Trigger, Detection, Resolution, ActionItems, Lessons, WentWell, WentWrong, GotLucky, Timeline,
}

// restyled is the post as that style would have it. Facts and texts stay; exceptions stay when keep says so, else they
// were exceptions from another style. What follows a section in the post (text after a list, headings of its own) goes
// with it.
func (p Post) restyled(s Style, keep bool) Post {
	out := p
	out.Style = s
	out.Sections = nil
	groups := p.groups()
	if _, ok := s.section(Day); ok && p.section(Day) < 0 && p.Date != "" {
		groups = append(groups, []PostSection{{Kind: Day}})
	}
	taken := make([]bool, len(groups))
	take := func(kind Section, style SectionStyle) {
		for i, g := range groups {
			if taken[i] || g[0].Kind != kind {
				continue
			}
			taken[i] = true
			g = slices.Clone(g)
			g[0] = p.dressed(g[0], style, s)
			out.Sections = append(out.Sections, g...)
		}
	}
	for _, style := range s.Sections {
		if style.Kind != Other && style.Kind != Text {
			take(style.Kind, style)
		}
	}
	for i, g := range groups {
		if day := g[0]; day.Kind == Day && len(g) == 1 && s.Timeline.Date != "" && dayIs(day.Markdown, p.Date) && len(p.Timeline) > 0 {
			continue // each line of the timeline says so
		}
		if !taken[i] {
			g = slices.Clone(g)
			g[0] = p.homeless(g[0])
			at := out.placeOf(g[0].Kind)
			out.Sections = slices.Insert(out.Sections, at, g...)
		}
	}
	if !keep {
		out.forget()
	}
	out.FrontMatter = s.fields(p)
	if keep {
		out.FrontMatter = p.FrontMatter
		if len(p.FrontMatter) == 0 {
			out.FrontMatter = s.fields(p)
		}
	}
	out.complete(s)
	if !out.tellsDay() {
		out.Date = ""
	}
	return out
}

// groups are the sections, each with those that go on behind it.
func (p *Post) groups() [][]PostSection {
	var groups [][]PostSection
	for i, s := range p.Sections {
		if i > 0 && (s.Kind == Text || s.Kind == Other) {
			groups[len(groups)-1] = append(groups[len(groups)-1], s)
			continue
		}
		groups = append(groups, []PostSection{s})
	}
	return groups
}

// dressed is a section under the heading that the style has for it.
func (p *Post) dressed(s PostSection, style SectionStyle, in Style) PostSection {
	if s.Kind == Day && s.Markdown == "" || s.Kind == Day && s.Markdown != "" && dayIs(s.Markdown, p.Date) {
		if day, err := time.Parse(time.DateOnly, p.Date); err == nil {
			s.Markdown = string(appendDate(nil, in.Date, day))
		}
	}
	if s.Kind == Lead && style.Heading == "" && s.Heading != "" && s.Heading != p.headline() {
		s.Markdown = "**" + s.Heading + "**\n\n" + s.Markdown // nothing gets lost
	}
	s.Level, s.Heading, s.Form = style.Level, style.Heading, style.Form
	if s.Heading == "{title}" {
		s.Heading = p.headline()
	}
	if s.Kind == Timeline {
		s.Heading = strings.Replace(s.Heading, "{zone}", labelFor(p.location(), sorted(p.Timeline)), 1)
	}
	return s.labelled()
}

// headline is the title as a heading in the post.
func (p *Post) headline() string { return oneLine(fullPrefix.ReplaceAllString(p.Title, "")) }

// homeless is a section that the style does not have: a bold label, so that it is still found.
func (p *Post) homeless(s PostSection) PostSection {
	switch s.Kind {
	case Lead, Other, Text:
		return s
	case Timeline:
		s.Level, s.Heading = 2, "Timeline (times in "+labelFor(p.location(), sorted(p.Timeline))+")"
		return s
	case ActionItems:
		s.Level, s.Heading = 2, actionsPart.heading
		return s
	case Day:
		s.Heading = "Date"
	case Summary:
		s.Heading = "Summary"
	default:
		s.Heading = strings.TrimSuffix(s.Kind.Heading(), "?")
	}
	s.Level, s.Form = 0, "**{}:** "
	return s.labelled()
}

// labelled brings the form of a bold label in line with its text: one that begins with a list or code cannot go on behind
// the label.
func (s PostSection) labelled() PostSection {
	s.Except = s.Except.asIsOnly()
	if s.Level > 0 || s.Heading == "" {
		return s
	}
	if s.Form == "" {
		s.Form = "**{}**: "
	}
	if startsBlock(s.Markdown) {
		s.Form = strings.TrimRight(s.Form, " ")
	}
	return s
}

func (x *SectionExcept) asIsOnly() *SectionExcept {
	if x == nil || !x.AsIs {
		return nil
	}
	return &SectionExcept{AsIs: true}
}

// startsBlock reports text that is no paragraph at its beginning.
func startsBlock(text string) bool {
	text = strings.TrimLeft(trimBlankLines(text), " \t")
	return text == "" || listMarker(text) > 0 || isFence(text) || level(text) > 0 || strings.IndexByte("|>", text[0]) >= 0 ||
		strings.HasPrefix(text, "<!--") || isRule(text)
}

// placeOf is where a section of that kind goes among those that are there.
func (p *Post) placeOf(kind Section) int {
	rank := slices.Index(usual, kind)
	if rank < 0 {
		return len(p.Sections)
	}
	best, at := -1, 0
	for i, s := range p.Sections {
		r := slices.Index(usual, s.Kind)
		if s.Kind == Text || s.Kind == Other {
			if at == i && i > 0 {
				at = i + 1
			}
			continue
		}
		if r <= rank && r >= best && (kind == Timeline || s.Kind != Timeline) {
			best, at = r, i+1
		}
	}
	return at
}

// forget drops what is an exception from another style.
func (p *Post) forget() {
	only := func(x *Except) *Except {
		if x == nil || !x.AsIs && !x.Follows {
			return nil
		}
		return &Except{AsIs: x.AsIs, Follows: x.Follows}
	}
	if slices.ContainsFunc(p.Timeline, func(e Entry) bool { return e.Except != nil }) {
		p.Timeline = slices.Clone(p.Timeline)
		for i := range p.Timeline {
			p.Timeline[i].Except = only(p.Timeline[i].Except)
		}
	}
	p.ActionItems = slices.Clone(p.ActionItems)
	for i := range p.ActionItems {
		p.ActionItems[i].Except = only(p.ActionItems[i].Except)
	}
}

// complete gives lists that no section holds a section, and the front matter a title.
func (p *Post) complete(s Style) {
	for kind, n := range map[Section]int{Timeline: len(p.Timeline), ActionItems: len(p.ActionItems)} {
		if n == 0 || p.section(kind) >= 0 {
			continue
		}
		section := PostSection{Kind: kind}
		if style, ok := s.section(kind); ok {
			section = p.dressed(section, style, s)
		} else {
			section = p.homeless(section)
		}
		p.Sections = slices.Insert(slices.Clone(p.Sections), p.placeOf(kind), section)
	}
	if p.Title != "" && s.FrontMatter.Open != "" && !slices.ContainsFunc(p.FrontMatter, func(f Field) bool { return f.Key == "title" || f.Key == "" }) {
		p.FrontMatter = slices.Insert(slices.Clone(p.FrontMatter), min(1, len(p.FrontMatter)), Field{Key: "title"})
	}
}

// fields is the front matter of a post in that style: the style's keys in their order, with the post's values or else what
// the team always writes there, then the post's other keys.
func (s Style) fields(p Post) FrontMatter {
	var all FrontMatter
	for _, f := range s.FrontMatter.Fields {
		value := p.FrontMatter.Get(f.Key)
		if value == "" {
			value = f.Value
		}
		if value != "" || f.Key == "title" {
			all = append(all, Field{f.Key, value})
		}
	}
	for _, f := range p.FrontMatter {
		if all.Get(f.Key) == "" && f.Value != "" && f.Key != "title" && !strings.HasPrefix(f.Key, "#") && f.Key != "" {
			all = append(all, f)
		}
	}
	return all
}

// tellsDay reports whether a reader of the post learns its day from the text.
func (p *Post) tellsDay() bool {
	day, ok := p.dayInText(time.Time{})
	return ok && day.Format(time.DateOnly) == p.Date
}

func dayIs(text, date string) bool {
	day, ok := firstDay(text, 0)
	return ok && day.Format(time.DateOnly) == date
}
