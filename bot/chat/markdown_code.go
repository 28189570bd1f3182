package chat

import "strings"

// segment is a part of a Markdown text: code with its marks, or anything else.
type segment struct {
	text string
	code bool
}

// splitCode parts the code spans and fences of a Markdown text from the rest.
// The segments joined are the text.
func splitCode(s string) []segment {
	c := codeScan{s: s, open: map[int]int{}}
	lineStart := true
	for i := 0; i < len(s); {
		end := i
		if lineStart {
			end = c.fenceEnd(i)
		}
		switch {
		case end > i:
		case s[i] == '\\':
			lineStart = false
			i += 2
			continue
		case s[i] == '`':
			n := runLength(s[i:], '`')
			if end = c.spanEnd(i, n); end == 0 {
				lineStart = false
				i += n
				continue
			}
		default:
			lineStart = s[i] == '\n'
			i++
			continue
		}
		c.add(i, end)
		lineStart = false
		i = end
	}
	c.add(len(s), len(s))
	return c.out
}

// codeScan is the state of splitCode.
type codeScan struct {
	s    string
	from int // what lies before is in out
	out  []segment
	// open remembers, for a number of backticks, up to where none closes them,
	// so that a text full of lone marks is walked over once.
	open map[int]int
}

// add puts the text before i, and the code from i to end, into out.
func (c *codeScan) add(i, end int) {
	if i > c.from {
		c.out = append(c.out, segment{text: c.s[c.from:i]})
	}
	if end > i {
		c.out = append(c.out, segment{text: c.s[i:end], code: true})
	}
	c.from = end
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
			c.open[n] = j
			return 0
		default:
			j++
		}
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
