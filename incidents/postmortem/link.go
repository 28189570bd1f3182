package postmortem

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Link is a Markdown link with a label that is shown as it is. Only http, https and mailto addresses become links; of any
// other the label alone is left.
func Link(label, address string) string {
	to := safeURL(address)
	if to == "" {
		return Escape(label)
	}
	if label = strings.TrimSpace(strings.ReplaceAll(clean(label), "\n", " ")); label == "" {
		return "<" + to + ">"
	}
	return linked(escapeText(label, false), to)
}

// Image is a line that shows an image of the site, with what it shows for people who cannot see it. The address is a place
// on the site, in characters that need no escaping.
func Image(alt, address string) string {
	alt = strings.Join(strings.Fields(clean(alt)), " ")
	return "!" + linked(escapeText(alt, false), address)
}

// linked is the link itself. A label that begins with "^" would make a footnote.
func linked(label, to string) string {
	if strings.HasPrefix(label, "^") {
		label = "&#94;" + label[1:]
	}
	return "[" + label + "](" + to + ")"
}

// safeURL is the address as it can stand in a link, or "" when it must not become one.
func safeURL(address string) string {
	address = strings.TrimSpace(clean(address))
	n := schemeLen(address)
	if n == 0 || n == len(address) || strings.ContainsAny(address, " \t\n") || strings.IndexByte("/?#:", address[n]) >= 0 {
		return ""
	}
	return parentheses.Replace(encodeURL(address))
}

// parentheses in an address could end the link.
var parentheses = strings.NewReplacer("(", "%28", ")", "%29")

// schemeLen is the length of the scheme at the beginning of s, with its slashes, when links may use it; else 0.
func schemeLen(s string) int {
	if s == "" || s[0]|0x20 != 'h' && s[0]|0x20 != 'm' {
		return 0
	}
	for _, scheme := range []string{"https://", "http://", "mailto:"} {
		if len(s) >= len(scheme) && strings.EqualFold(s[:len(scheme)], scheme) {
			return len(scheme)
		}
	}
	return 0
}

// encodeURL percent-encodes what has a meaning to Markdown, Liquid or HTML and none in an address.
func encodeURL(s string) string {
	if unencoded(s) == len(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if !encoded(r) {
			b.WriteRune(r)
			continue
		}
		var buf [utf8.UTFMax]byte
		for _, c := range buf[:utf8.EncodeRune(buf[:], r)] {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// unencoded is how much of the beginning of s encodeURL would leave as it is.
func unencoded(s string) int {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= 0x80:
			if n := strings.IndexFunc(s[i:], encoded); n >= 0 {
				return i + n
			}
			return len(s)
		case encodedByte[c]:
			return i
		}
	}
	return len(s)
}

func hasBracket(s string) bool {
	return strings.IndexByte(s, '[') >= 0 || strings.IndexByte(s, ']') >= 0
}

func encoded(r rune) bool {
	if r < 0x80 {
		return encodedByte[r]
	}
	return unicode.IsSpace(r)
}

var encodedByte = func() (t [0x80]bool) {
	for c := range t {
		t[c] = c <= ' ' || c == 0x7F || strings.IndexByte("<>\"\\^`{}|", byte(c)) >= 0
	}
	return t
}()

// autolink is the length of the <https://…>, <http://…> or <mailto:…> at the beginning of s, or 0.
func autolink(s string) int {
	end := strings.IndexByte(s, '>')
	if end < 2 || s[0] != '<' {
		return 0
	}
	inner := s[1:end]
	if unencoded(inner) < len(inner) {
		return 0
	}
	if n := schemeLen(inner); n > 0 && len(inner) > n {
		return end + 1
	}
	return 0
}

// bareURL is the length of the URL at s[i], or 0. It ends where a reader would end it: before closing punctuation.
func bareURL(s string, i int) int {
	rest := s[i:]
	scheme := schemeLen(rest)
	if scheme == 0 || rest[scheme-1] != '/' || i > 0 && (isWord(s[i-1]) || s[i-1] == '\\') {
		return 0
	}
	n := unencoded(rest)
	if hasBracket(rest[:n]) {
		n = strings.IndexAny(rest, "[]")
	}
	for j := scheme; j < n; j++ {
		if rest[j] == '&' && strings.IndexByte(rest[j:n], ';') > 0 && entityAhead(rest[j+1:n]) {
			n = j // an entity would be shown as its character
		}
	}
	for n > scheme {
		switch c := rest[n-1]; {
		case strings.IndexByte(".,:;!?'*_~", c) >= 0:
		case c == ')' && strings.Count(rest[:n], "(") < strings.Count(rest[:n], ")"):
		default:
			return n
		}
		n--
	}
	return 0
}

func isWord(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80
}

// linkLabel is the index of the bracket that closes the label which opens at s[i], when a target follows it; else 0.
func linkLabel(s string, i int) int {
	depth := 0
	for ; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '`':
			if end, _ := codeSpan(s, i); end > i {
				i = end - 1
			}
		case '[':
			depth++
		case ']':
			if depth--; depth > 0 {
				continue
			}
			if i+1 < len(s) && (s[i+1] == '(' || s[i+1] == '[') {
				return i
			}
			return 0
		}
	}
	return 0
}

// safeTarget writes "](target" when the target is allowed and escapes the bracket otherwise, so that no link comes of it.
// It returns how many bytes it has dealt with. Blanks before the target go: kramdown skips them, and would find behind
// them what was not looked at here.
func safeTarget(b *strings.Builder, s string, i int) int {
	start := i + 2
	for start < len(s) && (s[start] == ' ' || s[start] == '\t') {
		start++
	}
	end, depth := start, 0
	for end < len(s) && s[end] != ' ' && s[end] != '\t' {
		if s[end] == '(' {
			depth++
		} else if s[end] == ')' {
			if depth--; depth < 0 {
				break
			}
		}
		end++
	}
	target := s[start:end]
	if n := autolink(target); n > 0 && n == len(target) {
		b.WriteString("](" + target)
		return end - i
	}
	if !allowedTarget(target) || !endsThere(target, s[end:]) {
		b.WriteString(`\]`)
		return 1
	}
	if hasBracket(target) {
		target = brackets.Replace(target)
	}
	b.WriteString("](")
	b.WriteString(encodeURL(target))
	return end - i
}

// endsThere reports whether a browser, too, sees the target end where the rest of the line begins. kramdown's targets go
// on behind blanks and line ends, and browsers drop tabs and line ends from an address: "java" on one line and
// "script:x" on the next would be one word. Spaces they keep, and after a scheme nothing can change it any more.
func endsThere(target, rest string) bool {
	if strings.HasPrefix(rest, ")") {
		return true
	}
	after := strings.TrimLeft(rest, " \t")
	switch {
	case schemeLen(target) > 0 || after != "" && strings.IndexByte(`)"'`, after[0]) >= 0:
		return target != "" || after[0] == ')'
	case target == "" || after == "":
		return false
	}
	return strings.IndexByte(rest[:len(rest)-len(after)], '\t') < 0
}

// brackets in an address could begin another link.
var brackets = strings.NewReplacer("[", "%5B", "]", "%5D")

// allowedTarget reports whether a link may lead there: http, https, mailto, or a place on the site itself.
// Two slashes at the beginning lead to another host, and an entity behind the first may be the second.
func allowedTarget(target string) bool {
	if schemeLen(target) > 0 {
		return true
	}
	place, _, _ := strings.Cut(target, "#")
	place, _, _ = strings.Cut(place, "?")
	place, _, _ = strings.Cut(place, "/")
	return !strings.ContainsAny(place, ":&<\\") && !strings.ContainsAny(target, "[]") &&
		!strings.HasPrefix(target, "//") && !strings.HasPrefix(target, "/&")
}
