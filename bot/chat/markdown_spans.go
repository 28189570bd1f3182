package chat

import (
	"unicode"
	"unicode/utf8"
)

// span is a part of a line: text, or something with a form of its own.
type span struct {
	kind  spanKind
	text  string // plain, nothing in it is escaped
	url   string
	inner []span // of emphasis
}

type spanKind int

const (
	textSpan spanKind = iota
	codeSpan
	linkSpan // text is the label, "" for a bare address
	boldSpan
	italicSpan
	strikeSpan
)

// line is a line taken apart: its runes, among which what must stay whole is
// a negative number that leads to atoms.
type line struct {
	runes []rune
	atoms []span
}

func (l *line) write(s string) {
	for _, r := range s {
		l.runes = append(l.runes, r)
	}
}

func (l *line) atom(s span) {
	l.atoms = append(l.atoms, s)
	l.runes = append(l.runes, -rune(len(l.atoms)))
}

// emphasis is how one language marks bold, italics and strikes.
type emphasis struct {
	// kind tells what n marks in a row mean, and how many of them count; 0 for
	// nothing.
	kind func(mark rune, n int) (kind spanKind, used int)
	// opens and closes say whether marks may do so between two runes, which
	// are 0 at the ends of the line.
	opens, closes func(mark, before, behind rune) bool
}

// maxNesting is how deep emphasis may stand in emphasis; deeper marks are
// text.
const maxNesting = 5

// spans finds the emphasis in runes of the line. Marks without a partner are
// text.
func (l *line) spans(runes []rune, e emphasis, depth int) []span {
	var out []span
	var plain []byte // text on its way to out
	flush := func() {
		if len(plain) > 0 {
			out = append(out, span{text: string(plain)})
			plain = plain[:0]
		}
	}
	unclosed := map[[2]rune]bool{} // marks that nothing closes from here on
	for i := 0; i < len(runes); {
		r := runes[i]
		if r < 0 {
			if a := l.atoms[-r-1]; a.kind == textSpan {
				plain = append(plain, a.text...)
			} else {
				flush()
				out = append(out, a)
			}
			i++
			continue
		}
		if r != '*' && r != '_' && r != '~' {
			plain = utf8.AppendRune(plain, r)
			i++
			continue
		}
		n := repeats(runes[i:])
		kind, used := e.kind(r, n)
		key := [2]rune{r, rune(used)}
		if used > 0 && depth < maxNesting && !unclosed[key] && e.opens(r, before(runes, i), at(runes, i+n)) {
			if end := e.end(runes, i+used, r, used); end > 0 {
				flush()
				out = append(out, span{kind: kind, inner: l.spans(runes[i+used:end], e, depth+1)})
				i = end + used
				continue
			}
			unclosed[key] = true
		}
		for range n {
			plain = utf8.AppendRune(plain, r)
		}
		i += n
	}
	flush()
	return out
}

// end returns where the marks stand that close those before from, or 0.
func (e emphasis) end(runes []rune, from int, mark rune, used int) int {
	for j := from; j < len(runes); {
		if runes[j] != mark {
			j++
			continue
		}
		n := repeats(runes[j:])
		_, closing := e.kind(mark, n)
		fits := closing == used || n > 2 && used <= n
		if fits && j > from && e.closes(mark, before(runes, j), at(runes, j+n)) {
			return j + n - used
		}
		j += n
	}
	return 0
}

// repeats counts how often the first rune stands at the start of runes.
func repeats(runes []rune) int {
	n := 1
	for n < len(runes) && runes[n] == runes[0] {
		n++
	}
	return n
}

func before(runes []rune, i int) rune { return at(runes, i-1) }

func at(runes []rune, i int) rune {
	if i < 0 || i >= len(runes) {
		return 0
	}
	return runes[i]
}

func blankRune(r rune) bool { return r == 0 || unicode.IsSpace(r) }

func wordRune(r rune) bool {
	return r > 0 && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r))
}

// mrkdwnEmphasis: *bold*, _italics_, ~strike~, with single marks at the
// borders of words.
var mrkdwnEmphasis = emphasis{
	kind: func(mark rune, n int) (spanKind, int) {
		switch {
		case n != 1:
			return textSpan, 0
		case mark == '*':
			return boldSpan, 1
		case mark == '_':
			return italicSpan, 1
		}
		return strikeSpan, 1
	},
	opens: func(_, before, behind rune) bool {
		return !wordRune(before) && before != joinerRune && !blankRune(behind)
	},
	closes: func(_, before, behind rune) bool {
		return !blankRune(before) && before != joinerRune && !wordRune(behind)
	},
}

// markdownEmphasis: **bold** and __bold__, *italics* and _italics_, ~~strike~~.
// Underscores count at the borders of words alone.
var markdownEmphasis = emphasis{
	kind: func(mark rune, n int) (spanKind, int) {
		switch {
		case mark == '~' && n == 2:
			return strikeSpan, 2
		case mark == '~' || n > 3:
			return textSpan, 0
		case n == 1:
			return italicSpan, 1
		}
		return boldSpan, 2
	},
	opens: func(mark, before, behind rune) bool {
		return !blankRune(behind) && (mark != '_' || !wordRune(before)) && (wordRune(behind) || behind < 0 || !wordRune(before))
	},
	closes: func(mark, before, behind rune) bool {
		return !blankRune(before) && (mark != '_' || !wordRune(behind)) && (wordRune(before) || before < 0 || !wordRune(behind))
	},
}
