package postmortem

import "strings"

// Safe makes Markdown that people wrote for the post harmless on a Jekyll site and leaves it alone otherwise. What it
// changes, because the site would lose text, break its build or run it:
//
//   - Liquid ({{ and {%), everywhere, and kramdown's {: attribute lists outside code
//   - raw HTML outside code; <https://…>, <mailto:…> and <br> stay
//   - HTML comments outside code, which are notes for those who write: they go
//   - pipes outside code that would make a table, unless the line itself begins with one; a table that GitHub knows by the
//     dashes below its first line gets them
//   - options of commands, such as --force, of which kramdown makes a dash and a word
//   - $$ math, abbreviations, definition lists and other marks that kramdown alone knows
//   - links to anything but http, https, mailto or a place on the site
//   - bare URLs, which kramdown does not link: they become <https://…>
//   - headings of level 1 and 2, which would break the post's structure: they become level 3; so do underlined ones
//   - "---", which might be taken for front matter: it becomes ***
//   - fences: closed, set apart by blank lines, opened with one word at most
//   - invalid UTF-8, control characters, byte order marks, bidirectional overrides, CR LF
//
// Safe(Safe(x)) == Safe(x).
func Safe(markdown string) string {
	return strings.Join(safeBlocks(strings.Split(clean(markdown), "\n"), 0), "\n")
}

// safeItem does the same for a text that becomes one list item. Nothing in it can begin a list, heading, table or
// indented code; fenced code stays. atStart tells whether the text begins its item or follows a time on the line.
func safeItem(text string, atStart bool) string {
	text = strings.Trim(clean(text), " \t\n")
	var out []string
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); {
		line := strings.TrimLeft(lines[i], " \t")
		if isFence(line) {
			var code []string
			code, i = fence(lines, i, 0, true)
			if len(out) > 0 {
				out = withBlank(out)
			}
			out = append(append(out, code...), "")
			continue
		}
		i++
		if line == "" {
			if len(out) > 0 {
				out = withBlank(out)
			}
			continue
		}
		if line = uncommented(line); line == "" {
			continue
		}
		if atStart || len(out) > 0 {
			line = escapeLineStart(line)
		}
		out = append(out, safeInline(line, inProse))
	}
	return strings.TrimRight(strings.Join(out, "\n"), " \n")
}

func withBlank(out []string) []string {
	if n := len(out); n == 0 || strings.TrimSpace(out[n-1]) == "" {
		return out
	}
	return append(out, "")
}

// maxQuotes bounds how deep quotes in quotes are followed; further marks are shown as typed.
const maxQuotes = 6

// previous is what the line before was, as far as the next line cares.
type previous int

const (
	blank     previous = iota // an empty line, or the beginning
	paragraph                 // the first line of a paragraph outside lists and quotes
	other                     // anything else
	code                      // a fence, or indented code: a blank line must follow
)

// blocks walks over lines. kramdown and CommonMark differ in what they take for code inside lists; where the two could
// disagree the text is treated as prose, so that at worst an entity is shown and never a tag let through.
type blocks struct {
	out   []string
	prev  previous
	lists []int // content columns of the open list items, outermost first
	depth int   // quotes around
	last  int   // the last line that ends a comment
}

func safeBlocks(lines []string, depth int) []string {
	s := blocks{depth: depth, last: lastComment(lines)}
	for i := 0; i < len(lines); {
		if end := s.uncomment(lines, i); end > i {
			i = end
			continue
		}
		line := expandIndent(lines[i])
		rest := strings.TrimLeft(line, " ")
		indent := len(line) - len(rest)
		switch {
		case strings.TrimSpace(line) == "":
			s.out = append(s.out, lines[i])
			s.prev = blank
			i++
		case isFence(rest) && (indent < 4 || s.column(indent) > 0 && indent-s.column(indent) < 4):
			s.separate()
			k := s.column(indent)
			var fenced []string
			fenced, i = fence(lines, i, k, k > 0)
			s.out = append(s.out, fenced...)
			s.prev = code
		case s.coded(indent):
			// Indented code. s.prev == code only after more of the same: a fence's closing line sets a blank line apart below.
			s.out = append(s.out, liquidInCode(line))
			i++
			if i < len(lines) && !strings.HasPrefix(expandIndent(lines[i]), "    ") {
				s.prev = code
			} else {
				s.prev = blank
			}
		case rest[0] == '>' && indent < 4 && depth < maxQuotes:
			i = s.quote(lines, i, line[:indent])
		case s.prev == blank && len(s.lists) == 0 && indent < 4 && rest[0] != '|' && pipeTable(lines[i:]):
		default:
			s.text(line, indent)
			i++
		}
	}
	return s.out
}

// column is the content column of the innermost open list item that a line with this indentation belongs to, or 0.
func (s *blocks) column(indent int) int {
	k := 0
	for _, c := range s.lists {
		if c <= indent {
			k = c
		}
	}
	return k
}

// coded reports whether a line with this indentation is indented code.
func (s *blocks) coded(indent int) bool {
	return indent >= 4 && len(s.lists) == 0 && (s.prev == blank || s.prev == code)
}

// separate makes sure that a blank line stands before what comes next.
func (s *blocks) separate() {
	if s.prev != blank {
		s.out = withBlank(s.out)
		s.prev = blank
	}
}

func (s *blocks) quote(lines []string, i int, indent string) int {
	if s.prev == code {
		s.separate()
	}
	var inner []string
	for ; i < len(lines); i++ {
		rest := strings.TrimLeft(lines[i], " ")
		if !strings.HasPrefix(rest, ">") || len(lines[i])-len(rest) > 3 {
			break
		}
		inner = append(inner, strings.TrimPrefix(rest[1:], " "))
	}
	for _, l := range safeBlocks(inner, s.depth+1) {
		s.out = append(s.out, strings.TrimRight(indent+"> "+l, " ")+trailingSpaces(l))
	}
	s.prev = other
	return i
}

// trailingSpaces keeps the two spaces of a hard line break.
func trailingSpaces(l string) string {
	if t := strings.TrimRight(l, " "); t != "" {
		return l[len(t):]
	}
	return ""
}

// text handles a line that is not code: its list markers, then what begins it, then its words.
func (s *blocks) text(line string, indent int) {
	if s.prev == code {
		s.separate()
	}
	if indent == 0 && s.prev == blank && listMarker(line) == 0 {
		s.lists = nil
	}
	free := indent < 4 && s.column(indent) == 0 // neither in a list item nor indented away
	if s.underline(line[:indent], line[indent:], free) {
		return
	}
	at := indent
	for {
		n := listMarker(line[at:])
		if strings.HasPrefix(line[at:], ">") {
			at += 1 + run(line[at+1:], ' ')
			continue
		}
		if n == 0 {
			break
		}
		for len(s.lists) > 0 && s.lists[len(s.lists)-1] > at {
			s.lists = s.lists[:len(s.lists)-1]
		}
		at += n
		s.lists = append(s.lists, at)
	}
	prefix, rest := line[:at], line[at:]
	free = free && at == indent
	kind := other
	switch {
	case at > indent && rest != "" && strings.Trim(rest, "-= \t") == "":
		rest = `\` + rest
	case level(rest) > 0:
		if free {
			s.separate()
		}
		if n := level(rest); n < 3 {
			rest = "###" + rest[n:]
		}
		rest = rest[:level(rest)] + safeInline(rest[level(rest):], inProse)
	case strings.HasPrefix(rest, "|") && free && len(s.lists) == 0:
		rest = safeInline(rest, inTable)
	case definition(rest) > 0:
		rest = safeDefinition(rest)
		s.lists = []int{4} // what is indented below a footnote belongs to it
	default:
		if free && s.prev == blank {
			kind = paragraph
		}
		rest = safeInline(escapeOddStart(rest), inProse)
	}
	s.out = append(s.out, prefix+rest)
	s.prev = kind
}

// underline handles a line of dashes or equals signs: under a line of text it makes a heading, alone a rule.
func (s *blocks) underline(prefix, rest string, free bool) bool {
	t := strings.TrimRight(rest, " \t")
	if strings.Trim(t, "-=") != "" {
		return false
	}
	dashes, equals := strings.Trim(t, "-") == "", strings.Trim(t, "=") == ""
	last := len(s.out) - 1
	switch {
	case free && s.prev == paragraph && (dashes || equals) && len(t) > 1:
		s.out[last] = "### " + strings.TrimSpace(s.out[last])
	case free && dashes && len(t) > 2:
		s.separate()
		s.out = append(s.out, prefix+"***")
	case s.prev != blank || dashes && len(t) > 1:
		s.out = append(s.out, prefix+`\`+t)
	default:
		return false
	}
	s.prev = other
	return true
}
