package chat

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ellipsis shows that a text goes on.
const ellipsis = "…"

// Shorten cuts a text to at most limit characters (runes), with "…" at the
// end where something is missing. It never cuts an entity (&amp;), a link or
// mention (<https://…|words>), a flag, or a letter with its marks.
func Shorten(s string, limit int) string {
	if limit <= 0 {
		return ""
	}
	if len(s) <= limit || utf8.RuneCountInString(s) <= limit {
		return s
	}
	cut, runes := 0, 0 // what is kept, in bytes and in runes
	for cut < len(s) {
		n := unitLength(s[cut:])
		runes += utf8.RuneCountInString(s[cut : cut+n])
		if runes > limit-1 {
			break
		}
		cut += n
	}
	return strings.TrimRightFunc(s[:cut], unicode.IsSpace) + ellipsis
}

var wholeUnit = regexp.MustCompile(`^(?:<[^<>\n]+>|&(?:[A-Za-z]{1,8}|#[0-9]{1,7});)`)

// unitLength is the length in bytes of what must stay whole at the start of s.
// It follows the rules for grapheme clusters where they matter for chat:
// combining marks, joiners, variation and skin-tone selectors, flags, Hangul.
// Source: unicode.org/reports/tr29.
func unitLength(s string) int {
	if s[0] == '<' || s[0] == '&' {
		if n := len(wholeUnit.FindString(s)); n > 0 {
			return n
		}
	}
	last, n := utf8.DecodeRuneInString(s)
	flags := 0
	if regional(last) {
		flags = 1
	}
	const tallest = 128 // bytes of one letter; marks heaped on it without end may be cut
	for n < len(s) && n < tallest {
		r, size := utf8.DecodeRuneInString(s[n:])
		switch {
		case last == '\r' && r == '\n':
		case last == '\n' || last == '\r':
			return n
		case extends(r), last == '\u200d' && !unicode.IsSpace(r) && r > 0x7F:
		case regional(r) && flags == 1:
			flags = 2
		case hangulJoins(last, r):
		default:
			return n
		}
		last = r
		n += size
	}
	return n
}

// extends says whether r belongs to the character before it.
func extends(r rune) bool {
	return r == '\u200d' || unicode.Is(unicode.M, r) || 0x1F3FB <= r && r <= 0x1F3FF || 0xE0020 <= r && r <= 0xE007F
}

// regional says whether r is one of the two letters of a flag.
func regional(r rune) bool { return 0x1F1E6 <= r && r <= 0x1F1FF }

// hangulJoins says whether two letters are of one syllable.
func hangulJoins(a, b rune) bool {
	leading := 0x1100 <= a && a <= 0x115F
	vowel, trailing := 0x1160 <= b && b <= 0x11A7, 0x11A8 <= b && b <= 0x11FF
	return leading && (vowel || 0x1100 <= b && b <= 0x115F || 0xAC00 <= b && b <= 0xD7A3) ||
		(0x1160 <= a && a <= 0x11A7 || 0xAC00 <= a && a <= 0xD7A3) && (vowel || trailing) ||
		0x11A8 <= a && a <= 0x11FF && trailing
}
