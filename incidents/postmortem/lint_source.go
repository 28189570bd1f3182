package postmortem

import (
	"strings"
	"unicode/utf8"
)

// lineKind is what a line is to a renderer.
type lineKind int

const (
	proseLine lineKind = iota
	blankLine
	frontLineKind // front matter and its fences
	fenceLine     // fenced code and its marks
	codeLine      // indented code
	commentLine
)

// source is a post by lines.
type source struct {
	name  string
	text  string
	lines []string // without their ends
	at    []int    // where each begins in text
	body  int      // the first line below the front matter
	kind  []lineKind
	list  []bool // the line belongs to a list
	// plain are the lines with code spans and comments blanked out, words those with targets of links, addresses and tags
	// blanked out as well. Both are as long as the lines.
	plain, words []string
	openFence    int // the line of a fence that nothing closes; -1 when there is none
	parts        []stretch
	post         Post
	entries      []timed
}

// stretch is a section and the lines that it lies on: the heading on from, if it has one, the rest up to to.
type stretch struct {
	PostSection
	from, to int
	inline   bool
}

// first is the first line of the section's text.
func (p stretch) first() int {
	if p.Heading == "" || p.inline {
		return p.from
	}
	return p.from + 1
}

func readSource(name, text string) *source {
	s := &source{name: name, text: text, openFence: -1}
	for at := 0; ; {
		end := strings.IndexByte(text[at:], '\n')
		s.at = append(s.at, at)
		if end < 0 {
			s.lines = append(s.lines, text[at:])
			break
		}
		s.lines = append(s.lines, strings.TrimSuffix(text[at:at+end], "\r"))
		at += end + 1
	}
	if !utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0 {
		return s
	}
	if first := strings.TrimPrefix(s.lines[0], "\uFEFF"); isFrontFence(first) {
		for i := 1; i < len(s.lines) && s.body == 0; i++ {
			if frontEnd.MatchString(s.lines[i]) {
				s.body = i + 1
			}
		}
	}
	s.classify()
	s.mask()
	s.place()
	if s.post, _ = ParseFile(name, []byte(text)); len(s.post.Timeline) == 0 && s.body > 0 && s.body < len(s.lines) {
		// Front matter that is wrong hides the rest.
		if p, err := ParseFile(name, []byte(text[s.at[s.body]:])); err == nil && len(p.Timeline) > 0 {
			p.FrontMatter, s.post = s.post.FrontMatter, p
		}
	}
	s.findEntries()
	return s
}

// classify says what each line is.
func (s *source) classify() {
	s.kind, s.list = make([]lineKind, len(s.lines)), make([]bool, len(s.lines))
	for i := range min(s.body, len(s.lines)) {
		s.kind[i] = frontLineKind
	}
	inList := false
	for i := s.body; i < len(s.lines); i++ {
		line := s.lines[i]
		t := strings.TrimLeft(line, " \t")
		item := listMarker(t)
		switch {
		case item > 0:
			inList = true
		case t == "":
		case len(t) == len(line) && (i == s.body || s.kind[i-1] == blankLine || level(t) > 0):
			inList = false
		}
		s.list[i] = inList
		after := t[item:]
		switch {
		case t == "":
			s.kind[i] = blankLine
		case strings.HasPrefix(t, "<!--"):
			i = s.fill(i, commentLine, s.commentEnd(i))
		case isFence(after):
			end := s.fenceEnd(i, after[:run(after, after[0])])
			if end < 0 && s.openFence < 0 {
				s.openFence = i
			}
			if i = s.fill(i, fenceLine, end); item > 0 && end > 0 {
				inList = true
			}
		case !inList && len(expandIndent(line))-len(strings.TrimLeft(expandIndent(line), " ")) >= 4 &&
			(i == s.body || s.kind[i-1] == blankLine || s.kind[i-1] == codeLine):
			s.kind[i] = codeLine
		}
	}
}

// fill gives the lines up to end a kind; to the file's end when there is no end. It returns the last one.
func (s *source) fill(from int, kind lineKind, end int) int {
	if end < 0 {
		if kind == commentLine {
			return from // shown as it is
		}
		end = len(s.lines) - 1
	}
	for i := from; i <= end; i++ {
		s.kind[i], s.list[i] = kind, s.list[from]
	}
	return end
}

func (s *source) commentEnd(i int) int {
	for j := i; j < len(s.lines); j++ {
		if strings.Contains(s.lines[j], "-->") {
			return j
		}
	}
	return -1
}

func (s *source) fenceEnd(i int, marks string) int {
	for j := i + 1; j < len(s.lines); j++ {
		if c := strings.TrimSpace(s.lines[j]); strings.HasPrefix(c, marks) && strings.Trim(c, marks[:1]) == "" {
			return j
		}
	}
	return -1
}

// mask fills plain and words.
func (s *source) mask() {
	s.plain, s.words = make([]string, len(s.lines)), make([]string, len(s.lines))
	for i, line := range s.lines {
		if s.kind[i] != proseLine {
			s.plain[i] = strings.Repeat(" ", len(line))
			s.words[i] = s.plain[i]
			continue
		}
		plain := []byte(line)
		for j := 0; j < len(line); {
			n := 1
			switch {
			case line[j] == '\\' && j+1 < len(line):
				n = 2
			case line[j] == '`':
				n = run(line[j:], '`')
				if end, _ := codeSpan(line, j); end > j {
					n = end - j
					blankOut(plain, j, end)
				}
			case strings.HasPrefix(line[j:], "<!--"):
				if end := strings.Index(line[j:], "-->"); end > 0 {
					n = end + len("-->")
					blankOut(plain, j, j+n)
				}
			}
			j += n
		}
		s.plain[i] = string(plain)
		s.words[i] = maskTargets(s.plain[i])
	}
}

func blankOut(b []byte, from, to int) {
	for i := from; i < to; i++ {
		b[i] = ' '
	}
}

// maskTargets blanks out where links lead, addresses and tags.
func maskTargets(line string) string {
	b := []byte(line)
	for _, m := range inlineTarget.FindAllStringIndex(line, -1) {
		blankOut(b, m[0]+1, m[1])
	}
	for _, m := range anyAddress.FindAllStringIndex(line, -1) {
		blankOut(b, m[0], m[1])
	}
	for _, m := range anyTag.FindAllStringIndex(line, -1) {
		blankOut(b, m[0], m[1])
	}
	return string(b)
}

// place finds the sections and their lines.
func (s *source) place() {
	if s.body > len(s.lines) {
		return
	}
	at := s.body
	for i, r := range splitSections(s.lines[s.body:]) {
		p := stretch{PostSection: r.PostSection, from: at, inline: r.inline}
		if at += len(r.lines); i > 0 && !r.inline {
			at++
		}
		p.to = at
		s.parts = append(s.parts, p)
	}
	if len(s.parts) > 1 && s.parts[1].Kind == Other && strings.TrimSpace(s.prose(s.parts[0].from, s.parts[0].to)) == "" {
		s.parts[1].Kind = Lead // a headline
	}
}

// partOf is the section that a line belongs to; nil above the body.
func (s *source) partOf(line int) *stretch {
	for i := range s.parts {
		if p := &s.parts[i]; line >= p.from && line < p.to {
			return p
		}
	}
	return nil
}

// has returns the first section of a kind.
func (s *source) has(kind Section) *stretch {
	for i := range s.parts {
		if s.parts[i].Kind == kind {
			return &s.parts[i]
		}
	}
	return nil
}

// prose are the lines from from to to that people read as text.
func (s *source) prose(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		b.WriteString(s.words[i] + "\n")
	}
	return b.String()
}

// cut is the edit of a part of a line.
func (s *source) cut(line, from, to int, text string) edit {
	return edit{s.at[line] + from, s.at[line] + to, text}
}
