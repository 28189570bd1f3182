package postmortem

import (
	"errors"
	"strings"
	"time"
	"unicode/utf8"
)

// Parse takes a post apart. What has a structure that is known (front matter, headings, the lists of the timeline and of the
// action items) becomes structure; everything else stays Markdown. Rendered in its own style the post comes out byte for
// byte. Only a file that is no text is an error.
func Parse(text []byte) (Post, error) { return ParseFile("", text) }

// ParseFile is Parse for a file whose name may hold the day, as YYYY-MM-DD-name.md does. The incident is taken to have been
// on the day that the post speaks of, else on that one.
func ParseFile(name string, text []byte) (Post, error) {
	p, _, err := parse(name, text)
	return p, err
}

// parse also says how much structure it found.
func parse(name string, text []byte) (Post, depth, error) {
	switch {
	case !utf8.Valid(text):
		return Post{}, nothing, errors.New("this is not text in UTF-8")
	case strings.IndexByte(string(text), 0) >= 0:
		return Post{}, nothing, errors.New("this is no text file: it holds a zero byte")
	case strings.TrimSpace(string(text)) == "":
		return Post{}, nothing, errors.New("this file is empty")
	}
	source := string(text)
	// What comes out otherwise is taken for less structure, until it does not.
	for _, depth := range []depth{everything, noLists, noBody, nothing} {
		if p := parseAs(name, source, depth); Render(p, p.Style) == source {
			return p, depth, nil
		}
	}
	return Post{}, nothing, errors.New("this file cannot be written as it was read")
}

// depth is how much structure is looked for.
type depth int

const (
	everything depth = iota
	noLists
	noBody
	nothing // not even front matter
)

func parseAs(name, source string, depth depth) Post {
	var p Post
	s := &p.Style
	s.LineEnding = "lf"
	if source, s.ByteOrderMark = strings.CutPrefix(source, "\uFEFF"); strings.Contains(source, "\r\n") && strings.Count(source, "\r\n") == strings.Count(source, "\n") {
		s.LineEnding, source = "crlf", strings.ReplaceAll(source, "\r\n", "\n")
	}
	body := strings.TrimRight(source, "\n")
	s.FinalNewlines = len(source) - len(body)
	lines := strings.Split(body, "\n")
	if depth < nothing {
		lines = p.readFront(lines)
	}
	for len(lines) > 0 && lines[0] == "" {
		lines = lines[1:]
		s.FrontMatter.Gap++
	}
	sections := []raw{{PostSection: PostSection{Kind: Lead}, lines: lines}}
	if depth < noBody {
		sections = splitSections(lines)
	}
	p.Zone = "UTC"
	p.lay(sections)
	published := p.publishedOn(name)
	day, known := p.dayInText(published)
	if depth == everything {
		p.findZone()
		p.readTimeline(day)
		p.readActions()
	}
	p.learn()
	if known {
		p.Date = day.Format(time.DateOnly)
	} else if len(p.Timeline) > 0 {
		p.Date = p.Timeline[0].At.In(p.location()).Format(time.DateOnly)
	}
	return p
}

// readFront reads the front matter and returns the lines below it.
func (p *Post) readFront(lines []string) []string {
	p.FrontMatter = FrontMatter{}
	if !isFrontFence(lines[0]) {
		return lines
	}
	for i := 1; i < len(lines); i++ {
		if !frontEnd.MatchString(lines[i]) {
			continue
		}
		f := &p.Style.FrontMatter
		f.Open, f.Close = lines[0], lines[i]
		p.FrontMatter, f.Fields = readFront(lines[1:i])
		p.Title = p.FrontMatter.Get("title")
		if p.Style.field("title").Quotes == "yaml" {
			p.Title = yamlValue("title", p.Title)
		}
		p.Style.TitlePrefix = fullPrefix.FindString(p.Title)
		return lines[i+1:]
	}
	return lines
}

// lay makes sections of what was found, with the blank lines around each as exceptions; learn keeps those that are any.
func (p *Post) lay(sections []raw) {
	before := -1
	for i, r := range sections {
		s := r.PostSection
		lines := r.lines
		if i == 0 && len(lines) == 0 && len(sections) > 1 {
			continue
		}
		after := 0
		if r.inline {
			after = -1
		}
		for len(lines) > 0 && lines[0] == "" && !r.inline {
			lines = lines[1:]
			after++
		}
		end := len(lines)
		for end > 0 && lines[end-1] == "" {
			end--
		}
		x := &SectionExcept{}
		if before >= 0 {
			x.Before = number(before)
		}
		before = len(lines) - end
		if end == 0 {
			before += max(0, after)
		} else if s.Heading != "" {
			x.After = number(after)
		}
		s.Markdown = strings.Join(lines[:end], "\n")
		s.Except = x
		p.Sections = append(p.Sections, s)
	}
	if len(p.Sections) > 0 && p.Sections[0].Kind == Other && p.section(Lead) < 0 {
		p.Sections[0].Kind = Lead // a headline
	}
}

func number(n int) *int { return &n }

// findZone finds the zone of the printed times: in the timeline's heading, in what stands before its list, or anywhere
// before. It returns the label.
func (p *Post) findZone() string {
	i := p.section(Timeline)
	var texts []string
	if i >= 0 {
		intro, _, _ := strings.Cut(p.Sections[i].Markdown, "\n")
		texts = append(texts, p.Sections[i].Heading, intro)
	}
	for _, text := range texts {
		if label, ok := findZone(text); ok {
			loc, _ := zoneNamed(label)
			p.Zone = loc.String()
			return label
		}
	}
	return ""
}
