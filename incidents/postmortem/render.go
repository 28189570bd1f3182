package postmortem

import (
	"strings"
	"time"
)

// Render writes the post in a style. In the style that it was read in, it comes out as it was; in another one, headings,
// their order, the lists and the front matter follow that style, and what the style has no place for keeps one of its own.
// The zero Style stands for the post's own, or for the default template when it has none.
//
// Whatever the model holds, the parts stay apart: no text can end its section, its list item or the front matter, unless
// it is marked as read from a post.
func Render(p Post, s Style) string {
	if s.zero() {
		s = p.Style
	}
	if s.zero() {
		s = Flat()
	}
	switch {
	case p.Style.zero() && p.bare():
		p = p.restyled(s, true)
	case !p.Style.zero() && !p.Style.equal(s):
		p = p.restyled(s, false)
	}
	p.complete(s)
	return p.write(s)
}

// bare reports whether sections lack the headings that a style would give them.
func (p *Post) bare() bool {
	for _, s := range p.Sections {
		if s.Heading == "" && s.Kind != Lead && s.Kind != Text {
			return true
		}
	}
	return len(p.Sections) == 0
}

// writer writes one post.
type writer struct {
	b     strings.Builder
	style *Style
	loc   *time.Location
	day   time.Time // the day that the timeline begins with, as far as a reader knows it
}

func (p *Post) write(s Style) string {
	w := &writer{style: &s, loc: p.location()}
	w.b.Grow(4096 + 128*len(p.Timeline))
	w.day, _ = time.Parse(time.DateOnly, p.Date)
	if s.ByteOrderMark {
		w.b.WriteString("\uFEFF")
	}
	w.frontMatter(p)
	if s.Headline && oneLine(p.Title) != "" {
		w.b.WriteString("# " + safeHeading(p.Title) + "\n\n")
	}
	listed := map[Section]bool{}
	for i := range p.Sections {
		section := &p.Sections[i]
		first := !listed[section.Kind]
		listed[section.Kind] = true
		w.section(p, section, i == 0, first)
	}
	text := w.b.String()
	if end := strings.Repeat("\n", max(0, s.FinalNewlines)); !strings.HasSuffix(text, end) || strings.HasSuffix(text, "\n"+end) {
		text = strings.TrimRight(text, "\n") + end
	}
	if s.LineEnding == "crlf" {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	return text
}

func (w *writer) blankLines(n int) {
	for range n {
		w.b.WriteByte('\n')
	}
}

// section writes a heading with what is below it. Only the first section of a kind holds its list.
func (w *writer) section(p *Post, s *PostSection, first, lists bool) {
	blank := w.style.blank(s.blankKey())
	x := SectionExcept{}
	if s.Except != nil {
		x = *s.Except
	}
	before, after := or(x.Before, blank.Before), or(x.After, blank.After)
	if first {
		before = w.style.FrontMatter.Gap
	}
	w.blankLines(before)
	text := s.Markdown
	if !x.AsIs {
		text = trimBlankLines(Safe(text))
	}
	if after == -1 && !x.AsIs && startsBlock(text) {
		after = 1
	}
	lists = lists && (s.Kind == Timeline && len(p.Timeline) > 0 || s.Kind == ActionItems && len(p.ActionItems) > 0)
	if w.heading(s, x.AsIs) && (text != "" || lists) {
		switch {
		case after >= 0:
			w.b.WriteByte('\n')
			w.blankLines(after)
		case text == "":
			w.b.WriteString("\n\n")
		}
	}
	w.b.WriteString(text)
	if text != "" || !lists {
		w.b.WriteByte('\n')
	}
	if !lists {
		return
	}
	if text != "" {
		w.blankLines(or(x.List, 1))
	}
	if s.Kind == Timeline {
		w.writeTimeline(p.Timeline)
	} else {
		w.writeActions(p.ActionItems)
	}
}

func or(n *int, other int) int {
	if n != nil {
		return max(-1, *n)
	}
	return other
}

// heading writes the line above a section, and reports whether there is one.
func (w *writer) heading(s *PostSection, asIs bool) bool {
	text := s.Heading
	if text == "" {
		return false
	}
	if !asIs {
		text = safeHeading(text)
	}
	if s.Level > 0 {
		w.b.WriteString("######"[:min(s.Level, 6)] + " " + text)
		return true
	}
	form := s.Form
	if strings.Count(form, "{}") != 1 || strings.Trim(strings.Replace(form, "{}", "", 1), "*_: -.") != "" {
		form = "**{}**: "
	}
	w.b.WriteString(strings.Replace(form, "{}", text, 1))
	return true
}

func safeHeading(text string) string { return safeInline(oneLine(text), inProse) }

func trimBlankLines(s string) string {
	for {
		line, rest, more := strings.Cut(s, "\n")
		if !more || strings.TrimSpace(line) != "" {
			return strings.TrimRight(s, " \t\n")
		}
		s = rest
	}
}
