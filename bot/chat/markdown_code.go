package chat

import (
	"iter"
	"regexp"
	"strings"
)

// codeParts yields a Markdown text in parts, each of them code with its marks or anything else. The parts joined are the
// text.
func codeParts(s string) iter.Seq2[string, bool] {
	return func(yield func(part string, code bool) bool) {
		c := codeScan{s: s}
		for at := 0; at < len(s); {
			from, end := c.next(at)
			if from > at && !yield(s[at:from], false) || end > from && !yield(s[from:end], true) {
				return
			}
			at = end
		}
	}
}

// codeScan looks for code in s.
type codeScan struct {
	s string
	// open remembers, for a number of backticks, up to where none closes them,
	// so that a text full of lone marks is walked over once.
	open map[int]int
}

// next returns where the first code behind i begins and ends, both the end of the text if there is none. i is the start of
// the text or the end of other code.
func (c *codeScan) next(i int) (from, end int) {
	s, lineStart := c.s, i == 0
	for i < len(s) {
		if lineStart {
			if end := c.fenceEnd(i); end > i {
				return i, end
			}
		}
		mark := strings.IndexAny(s[i:], "\\`\n")
		if mark < 0 {
			break
		}
		i += mark
		lineStart = s[i] == '\n'
		switch s[i] {
		case '\\':
			i += 2
		case '`':
			n := runLength(s[i:], '`')
			if end := c.spanEnd(i, n); end > 0 {
				return i, end
			}
			i += n
		default:
			i++
		}
	}
	return len(s), len(s)
}

// spanEnd returns where the code span that n backticks open at i ends, or 0. A
// span ends in its paragraph.
func (c *codeScan) spanEnd(i, n int) int {
	if c.open[n] > i {
		return 0
	}
	j := i + n
	for j < len(c.s) {
		switch {
		case c.s[j] == '`':
			m := runLength(c.s[j:], '`')
			if j += m; m == n {
				return j
			}
		case c.s[j] == '\n' && blankLine(c.s[j+1:]):
			return c.unclosed(n, j)
		default:
			j++
		}
	}
	return c.unclosed(n, j)
}

// unclosed notes that nothing closes n backticks up to j, and returns 0.
func (c *codeScan) unclosed(n, j int) int {
	if c.open == nil {
		c.open = map[int]int{}
	}
	c.open[n] = j
	return 0
}

// fenceEnd returns where the fence that begins in the line at i ends, the end
// of the text if nothing closes it, or i where no fence begins.
func (c *codeScan) fenceEnd(i int) int {
	mark, n, ok := fenceStart(lineAt(c.s, i))
	if !ok {
		return i
	}
	for j := i; ; {
		line := lineAt(c.s, j)
		if j += len(line); j == len(c.s) {
			return j
		}
		j++
		if next := lineAt(c.s, j); fenceCloses(next, mark, n) {
			return j + len(next)
		}
	}
}

// fenceStart reads the first line of a fence: its mark, and how often.
func fenceStart(line string) (mark byte, n int, ok bool) {
	line = strings.TrimLeft(line, " \t")
	if line == "" || line[0] != '`' && line[0] != '~' {
		return 0, 0, false
	}
	mark, n = line[0], runLength(line, line[0])
	return mark, n, n >= 3 && (mark == '~' || strings.IndexByte(line[n:], '`') < 0)
}

// fenceCloses says whether a line ends the fence that n marks opened.
func fenceCloses(line string, mark byte, n int) bool {
	line = strings.Trim(line, " \t\r")
	m := runLength(line, mark)
	return m >= n && m == len(line)
}

// lineAt returns the line that begins at i, without its end.
func lineAt(s string, i int) string {
	line, _, _ := strings.Cut(s[i:], "\n")
	return line
}

func blankLine(s string) bool { return strings.Trim(lineAt(s, 0), " \t\r") == "" && s != "" }

func runLength(s string, mark byte) int {
	n := 0
	for n < len(s) && s[n] == mark {
		n++
	}
	return n
}

// apartFences sets code of several lines, which Slack shows as a block wherever in a line its marks stand, on lines of
// its own, as Markdown wants it. What Markdown takes for a block already stays as it is, and so does all other text.
func apartFences(s string) string {
	if !strings.Contains(s, fenceMarks) || strings.Contains(s, "`"+fenceMarks) || strings.Contains(s, "~~~") {
		return s
	}
	var b strings.Builder
	line := "" // what stands before s in its line
	for {
		before, rest, opened := strings.Cut(s, fenceMarks)
		code, behind, closed := strings.Cut(rest, fenceMarks)
		if !opened || !closed {
			b.WriteString(s)
			return b.String()
		}
		line += before
		line = line[strings.LastIndexByte(line, '\n')+1:]
		opens, closes := fenceMayOpen.MatchString(line), strings.TrimSpace(lineAt(behind, 0)) == ""
		if s = behind; !strings.Contains(code, "\n") || opens && closes {
			b.WriteString(before + fenceMarks + code + fenceMarks)
			line = fenceMarks
			continue
		}
		if !opens {
			before, code = strings.TrimRight(before, " \t")+"\n", "\n"+strings.TrimLeft(code, "\n")
		}
		b.WriteString(before + fenceMarks + strings.TrimRight(code, " \t\n") + "\n" + fenceMarks)
		if line = fenceMarks; !closes {
			b.WriteString("\n")
			line, s = "", strings.TrimLeft(behind, " \t")
		}
	}
}

const fenceMarks = "```"

// fenceMayOpen matches what may stand in a line in front of a block of code: nothing, or the marks of lists and quotes.
var fenceMayOpen = regexp.MustCompile(`^[ \t>]*(?:(?:[-*+]|[0-9]{1,9}[.)])[ \t]+)*$`)
