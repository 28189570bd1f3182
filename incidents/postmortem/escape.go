package postmortem

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Escape turns plain text captured from chat into Markdown that shows it as it is: a leaf of the converted message. It
// escapes only what kramdown or Liquid would act on, so that the source stays readable; bare URLs become links that show
// the same text, @mentions and :emoji: are left. Its result is safe: Safe(Escape(x)) == Escape(x).
func Escape(plain string) string { return escapeText(plain, true) }

func escapeText(plain string, links bool) string {
	var b strings.Builder
	plain = clean(plain)
	b.Grow(len(plain) + 16)
	for n, line := range strings.Split(plain, "\n") {
		if n > 0 {
			b.WriteByte('\n')
			line = strings.TrimLeft(line, " \t")
		} else if t := strings.TrimLeft(line, " \t"); t != line {
			b.WriteByte(' ') // the leaf may follow another
			line = t
		}
		if strings.Contains(plain, "\n") {
			line = strings.TrimRight(line, " \t")
		}
		escapeLine(&b, line, links)
	}
	return b.String()
}

func escapeLine(b *strings.Builder, s string, links bool) {
	i := escapeFirst(b, s)
	links = links && strings.Contains(s, "://")
	for i < len(s) {
		if links && s[i]|0x20 == 'h' {
			if n := bareURL(s, i); n > 0 {
				b.WriteString("<" + encodeURL(s[i:i+n]) + ">")
				i += n
				continue
			}
		}
		escapeByte(b, s, i)
		i++
	}
}

// escapeFirst escapes what matters at the beginning of a line alone and returns how many bytes it has dealt with.
func escapeFirst(b *strings.Builder, s string) int {
	t := escapeLineStart(s)
	switch {
	case t == s:
		return 0
	case t == "&#94;":
		b.WriteString(t)
		return len(s)
	case t[0] == '\\' && s[0] != '[' && s[0] != '~':
		b.WriteString(t[:2])
		return 1
	case s[0] == '[' || s[0] == '~':
		return 0 // escaped anyway
	}
	i := strings.IndexByte(t, '\\') // the number of a list
	b.WriteString(t[:i+2])
	return i + 1
}

// escapeByte writes s[i], escaped where its neighbours give it a meaning.
func escapeByte(b *strings.Builder, s string, i int) {
	c := s[i]
	at := func(j int) byte {
		if j < 0 || j >= len(s) {
			return 0
		}
		return s[j]
	}
	prev, next := at(i-1), at(i+1)
	escape := false
	switch c {
	case '`':
		b.WriteString("&#96;")
		return
	case '{':
		if next == '{' || next == '%' || next == ':' || next == 0 {
			b.WriteString("&#123;")
			return
		}
	case '<':
		if !plainLess(s[i+1:]) || next == 0 {
			b.WriteString("&lt;")
			return
		}
	case '>':
		if prev == '>' || next == '>' {
			b.WriteString("&gt;")
			return
		}
	case '&':
		if entityAhead(s[i+1:]) {
			b.WriteString("&amp;")
			return
		}
	case '\\':
		if next == 0 {
			b.WriteString("&#92;") // two backslashes at the end of a line break it
			return
		}
		escape = next < 0x80 && unicode.IsPunct(rune(next)) || unicode.IsSymbol(rune(next)) && next < 0x80
	case '|', '[', ']', '"':
		escape = true
	case '*':
		escape = !(prev == ' ' && next == ' ')
	case '_':
		escape = !betweenLetters(s, i)
	case '\'':
		escape = !betweenLetters(s, i)
	case '-':
		escape = next == '-'
	case '.':
		escape = next == '.' && at(i+2) == '.'
	case '$':
		escape = next == '$' || prev == '$'
	case '~':
		escape = prev != 0 && prev != ' ' || next == '~'
	}
	if escape {
		b.WriteByte('\\')
	}
	b.WriteByte(c)
}

func betweenLetters(s string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:i])
	after, _ := utf8.DecodeRuneInString(s[i+1:])
	return unicode.IsLetter(before) && unicode.IsLetter(after)
}

// entityAhead reports whether "&" with this text behind it reads as an entity, or could when more text follows the leaf.
func entityAhead(after string) bool {
	for i := 0; i < len(after); i++ {
		if after[i] == ';' {
			return i > 0
		}
		if !isWord(after[i]) && !strings.ContainsRune("#:._-", rune(after[i])) {
			return false
		}
	}
	return true
}

// Code is an inline code span that shows the text as it is, on one line; empty for blank text.
func Code(plain string) string {
	text := strings.TrimSpace(strings.ReplaceAll(clean(plain), "\n", " "))
	if text == "" {
		return ""
	}
	marks, pad := "`", ""
	if strings.Contains(text, "`") {
		marks, pad = "``", " "
	}
	if strings.Contains(text, "``") || strings.Contains(text, "<code") {
		return Escape(text) // no span on which all parsers agree
	}
	return marks + pad + hidePlainLiquid.Replace(text) + pad + marks
}

// Fence is a fenced code block that shows the text as it is, without a newline at its end.
func Fence(plain string) string {
	text := strings.Trim(clean(plain), "\n")
	longest := 2
	for i := 0; i < len(text); i++ {
		if n := run(text[i:], '`'); n > 0 {
			longest = max(longest, n)
			i += n
		}
	}
	lines := strings.Split(hidePlainLiquid.Replace(text), "\n")
	for i, line := range lines {
		if strings.TrimSpace(line) == "" {
			lines[i] = ""
		}
	}
	marks := strings.Repeat("`", longest+1)
	return marks + "\n" + strings.Join(lines, "\n") + "\n" + marks
}
