package postmortem

import "strings"

// place tells what the surroundings of a line allow.
type place int

const (
	inProse place = iota
	inTable       // pipes are meant
)

// special marks the bytes that safeInline must look at, of which a colon may be an address's; all others are copied.
var special = func() (t [256]bool) {
	for _, c := range []byte("\\`{<|[]$-:") {
		t[c] = true
	}
	return t
}()

// easy marks the bytes that neither clean nor safeInline alters, whatever stands beside them.
var easy = func() (t [256]bool) {
	for c := range t {
		t[c] = plainByte[c] && !special[c] && c != '\n'
	}
	return t
}()

// easyStart is how much of the beginning of s has easy bytes alone.
func easyStart(s string) int {
	for i := 0; i < len(s); i++ {
		if !easy[s[i]] {
			return i
		}
	}
	return len(s)
}

// safeInline makes one line of prose safe.
func safeInline(s string, where place) string {
	var b strings.Builder
	writeInline(&b, s, where)
	return b.String()
}

func writeInline(b *strings.Builder, s string, where place) {
	label, start, i := 0, 0, 0 // up to label the text is the label of a link; up to start everything is written
	for {
		for i < len(s) && !special[s[i]] {
			i++
		}
		if i < len(s) && s[i] == ':' {
			url := schemeBefore(s, start, i)
			i++
			if url >= label {
				if n := bareURL(s, url); n > 0 {
					b.WriteString(s[start:url])
					b.WriteByte('<')
					b.WriteString(s[url : url+n])
					b.WriteByte('>')
					i = url + n
					start = i
				}
			}
			continue
		}
		b.WriteString(s[start:i])
		if i == len(s) {
			return
		}
		if s[i] == '[' && i >= label {
			label = max(label, linkLabel(s, i))
		}
		i += safeSpecial(b, s, i, where)
		start = i
	}
}

// schemeBefore is the index at which the scheme of an http or https address begins whose colon is s[colon], at the earliest
// from; -1 when there is none.
func schemeBefore(s string, from, colon int) int {
	if !strings.HasPrefix(s[colon:], "://") {
		return -1
	}
	for _, n := range []int{len("https"), len("http")} {
		if i := colon - n; i >= from && schemeLen(s[i:]) > 0 {
			return i
		}
	}
	return -1
}

// safeSpecial writes what begins with the special byte s[i] and returns how many bytes it has dealt with.
func safeSpecial(b *strings.Builder, s string, i int, where place) int {
	next := byte(0)
	if i+1 < len(s) {
		next = s[i+1]
	}
	switch s[i] {
	case '\\':
		return safeBackslash(b, s, i, next)
	case '`':
		if end, text := codeSpan(s, i); end > i {
			b.WriteString(text)
			return end - i
		}
		n := run(s[i:], '`')
		b.WriteString(strings.Repeat("&#96;", n))
		return n
	case '{':
		if next == '{' || next == '%' || next == ':' {
			b.WriteString("&#123;")
			return 1
		}
	case '<':
		if n := max(autolink(s[i:]), lineBreak(s[i:])); n > 0 {
			b.WriteString(s[i : i+n])
			return n
		}
		if !plainLess(s[i+1:]) {
			b.WriteString("&lt;")
			return 1
		}
	case '|':
		if where != inTable {
			b.WriteString(`\|`)
			return 1
		}
	case '$':
		if next == '$' {
			b.WriteString(strings.Repeat(`\$`, run(s[i:], '$')))
			return run(s[i:], '$')
		}
	case ']':
		if next == '(' {
			return safeTarget(b, s, i)
		}
	case '-':
		if option(s, i) {
			b.WriteString(`\--`)
			return 2
		}
	}
	b.WriteByte(s[i])
	return 1
}

// option reports whether an option of a command, such as --force, begins at s[i]: kramdown would make a dash of its two.
func option(s string, i int) bool {
	if i > 0 && strings.IndexByte(" \t('\"", s[i-1]) < 0 || len(s) < i+3 || s[i+1] != '-' {
		return false
	}
	c := s[i+2] | 0x20
	return 'a' <= c && c <= 'z'
}

// safeBackslash keeps an escape as it is, unless what it escapes would still mean something to Liquid or to kramdown's
// search for tables, which knows no escaped backtick.
func safeBackslash(b *strings.Builder, s string, i int, next byte) int {
	switch {
	case next == '`':
		b.WriteString("&#96;")
	case next == '{' && i+2 < len(s) && strings.IndexByte("{%:", s[i+2]) >= 0:
		b.WriteString("&#123;")
	case next == '\\' || strings.IndexByte(escapable, next) >= 0 && next != 0:
		b.WriteString(s[i : i+2])
	default:
		b.WriteByte('\\')
		return 1
	}
	return 2
}

// escapable is what a backslash escapes in kramdown, GFM flavour.
const escapable = `\.*_+<>()[]{}#!:|"'$=-~`

// plainLess reports whether a "<" with this text behind it is just a sign: no parser takes it for a tag.
func plainLess(after string) bool {
	return after == "" || strings.IndexByte(" \t=0123456789", after[0]) >= 0
}

// lineBreak is the length of a <br> at the beginning of s, or 0.
func lineBreak(s string) int {
	for _, br := range []string{"<br>", "<br/>", "<br />"} {
		if strings.HasPrefix(s, br) {
			return len(br)
		}
	}
	return 0
}

// codeSpan reads the code span that opens at s[i]. It returns the index after it and the span as it should be written,
// or i when these backticks open none. kramdown closes a span at the first run that is long enough, CommonMark at the
// first that is exactly as long, so only spans on which both agree count. Three and more backticks become fewer: at
// the beginning of a line kramdown could take them for a fence.
func codeSpan(s string, i int) (int, string) {
	n := run(s[i:], '`')
	for j := i + n; j < len(s); {
		k := strings.IndexByte(s[j:], '`')
		if k < 0 {
			return i, ""
		}
		j += k
		m := run(s[j:], '`')
		if m < n {
			j += m
			continue
		}
		content := s[i+n : j]
		trimmed := strings.TrimSpace(content)
		if m != n || trimmed == "" || strings.Contains(content, "<code") || n == 1 && (content[0] == ' ' || content[0] == '\t') {
			return i, ""
		}
		switch {
		case n < 3 && !hasLiquid(content):
			return j + m, s[i : j+m]
		case n < 3:
			marks := s[i : i+n]
			return j + m, marks + liquidInCode(content) + marks
		case !strings.Contains(content, "`"):
			return j + m, "`" + liquidInCode(trimmed) + "`"
		case !strings.Contains(content, "``"):
			return j + m, "`` " + liquidInCode(trimmed) + " ``"
		}
		return i, ""
	}
	return i, ""
}

// liquidInCode hides what Liquid would act on inside code, where an entity would be shown: Liquid itself prints it. What
// is written that way already stays.
func liquidInCode(s string) string {
	if !hasLiquid(s) {
		return s
	}
	return hideLiquid.Replace(s)
}

func hasLiquid(s string) bool {
	i := strings.IndexByte(s, '{')
	return i >= 0 && (strings.Contains(s[i:], "{{") || strings.Contains(s[i:], "{%"))
}

// hideLiquid tries its pairs in this order at each place.
var hideLiquid = strings.NewReplacer(
	liquidBraces, liquidBraces, liquidPercent, liquidPercent, "{{", liquidBraces, "{%", liquidPercent)

// hidePlainLiquid is for plain text, in which nothing is written in any way yet.
var hidePlainLiquid = strings.NewReplacer("{{", liquidBraces, "{%", liquidPercent)

const (
	liquidBraces  = `{{ "{{" }}`
	liquidPercent = `{{ "{%" }}`
)
