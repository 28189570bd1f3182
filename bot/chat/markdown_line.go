package chat

import (
	"html"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// markdownLine reads one line of Markdown.
type markdownLine struct {
	line
	codeScan // over the same line
	pos      int
}

// markdownSpans takes one line of Markdown apart.
func markdownSpans(s string) []span {
	if s != "" && markless(s) {
		return []span{{text: s}}
	}
	m := markdownLine{line: line{runes: make([]rune, 0, utf8.RuneCountInString(s))}, codeScan: codeScan{s: s}}
	for m.pos < len(s) {
		plain := strings.IndexAny(s[m.pos:], "\\`<&![hH")
		if plain < 0 {
			plain = len(s) - m.pos
		}
		m.write(s[m.pos : m.pos+plain])
		m.pos += plain
		if m.pos == len(s) {
			break
		}
		if piece, n := m.piece(); n > 0 {
			m.atom(piece)
			m.pos += n
			continue
		}
		n := 1
		if s[m.pos] == '`' {
			n = runLength(s[m.pos:], '`')
		}
		m.write(s[m.pos : m.pos+n])
		m.pos += n
	}
	return m.spans(m.runes, markdownEmphasis, 0)
}

// markless says that nothing in a line has a meaning of its own, as in most.
func markless(s string) bool {
	return !strings.ContainsAny(s, "\\`<&[*_~") && !strings.Contains(s, "://") && utf8.ValidString(s)
}

var (
	autolink  = regexp.MustCompile(`^<([A-Za-z]{4,6}:[^\s<>]+)>`)
	autoMail  = regexp.MustCompile(`^<([^\s<>@:]+@[^\s<>@]+\.[^\s<>@]+)>`)
	bareLink  = regexp.MustCompile(`^(?i:https?)://[^\s<>]+`)
	reference = regexp.MustCompile(`^&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});`)
	linkTitle = regexp.MustCompile(`^[ \t]+(?:"[^"]*"|'[^']*')`)
)

// piece reads what begins with a mark where the line stands, and its length;
// 0 for a mark that is text.
func (m *markdownLine) piece() (span, int) {
	rest := m.s[m.pos:]
	switch rest[0] {
	case '\\':
		if len(rest) > 1 && rest[1] > ' ' && rest[1] < 0x7F && !asciiLetter(rune(rest[1])) && !asciiDigit(rune(rest[1])) {
			return span{text: rest[1:2]}, 2
		}
	case '`':
		return m.code()
	case '<':
		if len(rest) < 5 || !asciiLetter(rune(rest[1])) && !asciiDigit(rune(rest[1])) {
			break
		}
		if found := autolink.FindStringSubmatch(rest); found != nil && allowedURL(found[1]) {
			return span{kind: linkSpan, url: found[1]}, len(found[0])
		}
		if found := autoMail.FindStringSubmatch(rest); found != nil {
			return span{kind: linkSpan, url: "mailto:" + found[1]}, len(found[0])
		}
	case '&':
		if found := reference.FindString(rest); found != "" {
			return span{text: blanked(html.UnescapeString(found))}, len(found)
		}
	case '!':
		if strings.HasPrefix(rest, "![") {
			if s, n := m.link(m.pos + 1); n > 0 {
				return s, n + 1
			}
		}
	case '[':
		return m.link(m.pos)
	case 'h', 'H':
		if url := bareLink.FindString(rest); url != "" && !wordRune(at(m.runes, len(m.runes)-1)) {
			url = trimmedURL(url)
			return span{kind: linkSpan, url: url}, len(url)
		}
	}
	return span{}, 0
}

// blanked writes white space and control characters as plain blanks.
func blanked(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}

// code reads a code span.
func (m *markdownLine) code() (span, int) {
	n := runLength(m.s[m.pos:], '`')
	end := m.spanEnd(m.pos, n)
	if end == 0 {
		return span{}, 0
	}
	text := m.s[m.pos+n : end-n]
	if strings.TrimSpace(text) == "" {
		return span{}, 0
	}
	if strings.HasPrefix(text, " ") && strings.HasSuffix(text, " ") {
		text = text[1 : len(text)-1] // they part the marks from backticks
	}
	return span{kind: codeSpan, text: text}, end - m.pos
}

// The longest label and address of a link, in bytes; beyond them a bracket is
// text, so that a line full of brackets takes no time.
const maxLinkLabel, maxLinkURL = 1000, 3000

// link reads [label](address) at i, and its length.
func (m *markdownLine) link(i int) (span, int) {
	end := m.labelEnd(i)
	if end == 0 || !strings.HasPrefix(m.s[end:], "](") {
		return span{}, 0
	}
	from := end + 2
	rest := m.s[from:min(len(m.s), from+maxLinkURL)]
	if strings.IndexByte(rest, ')') < 0 {
		return span{}, 0
	}
	url, n := linkAddress(strings.TrimLeft(rest, " \t"))
	n += len(rest) - len(strings.TrimLeft(rest, " \t"))
	if url == "" {
		return span{}, 0
	}
	n += len(linkTitle.FindString(rest[n:]))
	n += len(rest[n:]) - len(strings.TrimLeft(rest[n:], " \t"))
	if !strings.HasPrefix(rest[n:], ")") {
		return span{}, 0
	}
	label := plainSpans(markdownSpans(m.s[i+1 : end]))
	return span{kind: linkSpan, text: label, url: html.UnescapeString(url)}, from + n + 1 - i
}

// labelEnd returns where the bracket stands that closes the one at i, or 0.
func (m *markdownLine) labelEnd(i int) int {
	depth, limit := 0, min(len(m.s), i+maxLinkLabel)
	if strings.IndexByte(m.s[i:limit], ']') < 0 {
		return 0
	}
	for j := i; j < limit; j++ {
		switch m.s[j] {
		case '\\':
			j++
		case '`':
			n := runLength(m.s[j:], '`')
			if end := m.spanEnd(j, n); end > 0 {
				n = end - j
			}
			j += n - 1
		case '[':
			depth++
		case ']':
			if depth--; depth == 0 {
				return j
			}
		}
	}
	return 0
}

// linkAddress reads the address at the start of s, in angle brackets or with
// its round brackets in pairs.
func linkAddress(s string) (url string, length int) {
	if strings.HasPrefix(s, "<") {
		if end := strings.IndexAny(s[1:], "<>"); end > 0 && s[1+end] == '>' {
			return s[1 : 1+end], end + 2
		}
		return "", 0
	}
	depth, j := 0, 0
loop:
	for ; j < len(s); j++ {
		switch s[j] {
		case '\\':
			j++
		case ' ', '\t':
			break loop
		case '(':
			depth++
		case ')':
			if depth--; depth < 0 {
				break loop
			}
		}
	}
	j = min(j, len(s))
	return plainBrackets.Replace(s[:j]), j
}

var plainBrackets = strings.NewReplacer(`\(`, "(", `\)`, ")")

// trimmedURL leaves out the marks behind an address that belong to the
// sentence around it.
func trimmedURL(url string) string {
	for {
		last, size := utf8.DecodeLastRuneInString(url)
		switch {
		case strings.ContainsRune(".,;:!?'\"*_~`”’»", last):
		case last == ')' && strings.Count(url, ")") > strings.Count(url, "("):
		case last == ']' && !strings.Contains(url, "["):
		default:
			return url
		}
		url = url[:len(url)-size]
	}
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

func lastRune(s string) rune {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}
