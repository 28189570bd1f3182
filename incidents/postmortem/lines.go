package postmortem

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean removes what no text needs: invalid UTF-8 becomes U+FFFD, CR LF becomes LF, other line separators become
// spaces, control characters, byte order marks and bidirectional overrides go.
func clean(s string) string {
	if isClean(s) {
		return s
	}
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r':
			return '\n'
		case r == '\u2028' || r == '\u2029' || r == '\u0085' || r == '\v' || r == '\f':
			return ' '
		case unicode.IsControl(r) || r == '\uFEFF' || r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, s)
}

// isClean is the quick answer for text that needs no change; it may say no to text that clean then leaves alone.
func isClean(s string) bool {
	i := 0
	for i < len(s) && plainByte[s[i]] {
		i++
	}
	if i == len(s) {
		return true
	}
	for ; i < len(s); i++ {
		if plainByte[s[i]] {
			continue
		}
		// U+0080 and on, U+2000 to U+206F, U+F000 to U+FFFF: among these are all that clean removes.
		switch c := s[i]; {
		case c < 0x80, c == 0xC2 && i+1 < len(s) && s[i+1] < 0xA0, c == 0xE2 && i+1 < len(s) && s[i+1] <= 0x81, c == 0xEF:
			return false
		}
	}
	return utf8.ValidString(s)
}

// plainByte marks the ASCII that is text.
var plainByte = func() (t [256]bool) {
	for c := ' '; c < 0x7F; c++ {
		t[c] = true
	}
	t['\n'], t['\t'] = true, true
	return t
}()

// trimBlanks takes the blanks at both ends away.
func trimBlanks(s string) string {
	if s != "" && s[0] > ' ' && s[len(s)-1] > ' ' {
		return s
	}
	return strings.Trim(s, " \t")
}

// expandIndent replaces the tabs at the beginning of a line by spaces, to the next multiple of four as Markdown counts.
func expandIndent(line string) string {
	n := 0
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case ' ':
			n++
		case '\t':
			n += 4 - n%4
		default:
			if n == i {
				return line
			}
			return strings.Repeat(" ", n) + line[i:]
		}
	}
	return strings.Repeat(" ", n)
}

// listMarker is the length of the list marker at the beginning of s with the spaces after it, or 0. Only what kramdown
// takes for one counts.
func listMarker(s string) int {
	i := 0
	switch {
	case s == "" || isRule(s):
		return 0
	case strings.IndexByte("-*+", s[0]) >= 0:
		i = 1
	default:
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		if i == 0 || i == len(s) || s[i] != '.' {
			return 0
		}
		i++
	}
	n := i
	for n < len(s) && (s[n] == ' ' || s[n] == '\t') {
		n++
	}
	if n == i {
		return 0
	}
	return n
}

// isRule reports a line that is a thematic break: three or more of one mark, with spaces or without.
func isRule(s string) bool {
	n := 0
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == ' ' || s[i] == '\t':
		case s[i] == s[0] && strings.IndexByte("-*_", s[0]) >= 0:
			n++
		default:
			return false
		}
	}
	return n >= 3
}

// level is the level of the heading that the line is, or 0.
func level(s string) int {
	n := run(s, '#')
	if n > 6 || n == 0 || n == len(s) || s[n] != ' ' && s[n] != '\t' {
		return 0
	}
	return n
}

// run counts how often c is repeated at the beginning of s.
func run(s string, c byte) int {
	n := 0
	for n < len(s) && s[n] == c {
		n++
	}
	return n
}

// definition is the length of a link or footnote definition's label with its colon at the beginning of s, or 0.
func definition(s string) int {
	if !strings.HasPrefix(s, "[") {
		return 0
	}
	if i := strings.Index(s, "]:"); i > 1 && !strings.ContainsAny(s[1:i], "[]`\\") {
		return i + 2
	}
	return 0
}

// safeDefinition keeps a definition whose target is allowed, and shows any other as it was typed.
func safeDefinition(s string) string {
	n := definition(s)
	target := strings.TrimLeft(s[n:], " \t")
	gap := s[n : len(s)-len(target)]
	if s[1] == '^' || target == "" {
		return safeInline(s[:n], inProse) + gap + safeInline(target, inProse)
	}
	end := strings.IndexAny(target, " \t")
	if end < 0 {
		end = len(target)
	}
	url, title := target[:end], strings.TrimLeft(target[end:], " \t")
	if autolink(url) != len(url) {
		if !allowedTarget(url) || strings.ContainsAny(url, "[]()") || title != "" && title[0] != '"' && title[0] != '\'' {
			return safeInline(`\`+s, inProse)
		}
		url = encodeURL(url)
	}
	return safeInline(s[:n], inProse) + gap + url + safeInline(target[end:], inProse)
}

// escapeOddStart escapes the marks at the beginning of a line that kramdown alone knows, or that would open a fence
// where none is allowed.
func escapeOddStart(s string) string {
	switch {
	case s == "":
	case s[0] == ':' && (len(s) == 1 || strings.IndexByte(" \t|", s[1]) >= 0),
		s[0] == '*' && len(s) > 1 && definition(s[1:]) > 0,
		s[0] == '#' && strings.Trim(s, "# \t") == "",
		strings.Trim(s, ":- \t") == "" && strings.Contains(s, "-") && strings.Contains(s, ":"), // GitHub's table of one column
		strings.HasPrefix(s, "~~~"):
		return `\` + s
	case s[0] == '^' && strings.TrimSpace(s) == "^":
		return "&#94;"
	}
	return s
}

// escapeLineStart escapes whatever could make more of a line than a line of text.
func escapeLineStart(s string) string {
	if s == "" {
		return s
	}
	switch c := s[0]; {
	case c == '#' || c == '>' || isRule(s) || definition(s) > 0,
		strings.Trim(s, "-= \t") == "",
		strings.IndexByte("-+*", c) >= 0 && (len(s) == 1 || strings.IndexByte(" \t|", s[1]) >= 0):
		return `\` + s
	case c >= '0' && c <= '9':
		i := 1
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		if i < len(s) && (s[i] == '.' || s[i] == ')') && (i+1 == len(s) || s[i+1] == ' ' || s[i+1] == '\t') {
			return s[:i] + `\` + s[i:]
		}
	}
	return escapeOddStart(s)
}

// isFence reports whether text opens a fenced code block on its first line, which comes without its indentation.
func isFence(s string) bool {
	if strings.HasPrefix(s, "~~~") {
		return true
	}
	n := run(s, '`')
	if n < 3 {
		return false
	}
	line, _, _ := strings.Cut(s[n:], "\n")
	return strings.IndexByte(line, '`') < 0
}

// fence reads the fenced code that opens on lines[i] and writes it so that kramdown and CommonMark see the same: the fence
// indented by column, one word of language at most, closed with the same marks. People in a hurry leave out the closing
// line, or put the marks at the end of the last line of code. It returns the index of the first line after it.
func fence(lines []string, i, column int, list bool) ([]string, int) {
	opening := expandIndent(lines[i])
	rest := strings.TrimLeft(opening, " ")
	indent := len(opening) - len(rest)
	n := run(rest, rest[0])
	marks, info := rest[:n], strings.TrimSpace(rest[n:])
	var content []string
	if !isLanguage(info) {
		content, info = append(content, info), ""
	}
	for i++; i < len(lines); i++ {
		line := lines[i]
		t := strings.TrimSpace(line)
		if m := run(t, marks[0]); m >= n && m == len(t) {
			i++
			break
		}
		if marks[0] == '`' && strings.HasSuffix(t, marks) && strings.Count(t, marks) == 1 && t[len(t)-n-1] != '`' {
			if info != "" {
				content, info = append([]string{info}, content...), ""
			}
			content = append(content, unindent(strings.TrimSuffix(strings.TrimRight(line, " \t"), marks), indent))
			i++
			break
		}
		content = append(content, unindent(line, indent))
	}
	pad := strings.Repeat(" ", column)
	out := []string{pad + marks + info}
	for j, line := range content {
		switch {
		case strings.TrimSpace(line) != "":
			line = pad + liquidInCode(line)
		case list && j+1 < len(content) && isRule(strings.TrimSpace(content[j+1])):
			line = pad + "\u00A0" // kramdown ends a list at a rule after a blank line, even inside code
		default:
			line = ""
		}
		out = append(out, line)
	}
	return append(out, pad+marks), i
}

func unindent(line string, indent int) string {
	for indent > 0 && strings.HasPrefix(line, " ") {
		line, indent = line[1:], indent-1
	}
	return line
}

func isLanguage(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i] | 0x20
		if (c < 'a' || c > 'z') && (s[i] < '0' || s[i] > '9') && strings.IndexByte("+-#._", s[i]) < 0 {
			return false
		}
	}
	return true
}
