package github

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits in characters. GitHub documents none; it refuses longer ones.
const (
	maxTitle = 256
	maxBody  = 65_000 // GitHub: 65,536
)

// zwsp is a space without width. It is how text is kept from having an effect without looking different.
const zwsp = '\u200b'

// Harmless returns text from people as one line that has no effect on GitHub: it mentions nobody, refers to and closes
// no issue, holds no link, picture, markup or directive for a build. It looks the same, but for characters that cannot
// be seen, which are dropped. Applying it twice changes nothing more.
// See https://docs.github.com/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls.
func Harmless(text string) string {
	var out strings.Builder
	line := []rune(visible(text))
	for i, r := range line {
		out.WriteRune(r)
		if i+1 < len(line) && separates(line, i) {
			out.WriteRune(zwsp)
		}
	}
	return out.String()
}

// separates reports whether the i-th character would have an effect together with the next.
func separates(line []rune, i int) bool {
	next := line[i+1]
	if next == zwsp {
		return false
	}
	switch line[i] {
	case '@', '#', '[', '<': // mentions, references and headings, [skip ci], HTML
		return true
	case '!': // a picture
		return next == '['
	case ']': // a link
		return next == '(' || next == '[' || next == ':'
	case '&': // an entity, which could stand for any of these
		return next == '#' || unicode.IsLetter(next)
	case ':': // an address
		return next == '/'
	case '.': // www.example.org is one as well
		return i >= 3 && strings.EqualFold(string(line[i-3:i]), "www")
	case '`', '~': // a fence
		return next == line[i]
	case '-': // GH-12
		return i >= 2 && strings.EqualFold(string(line[i-2:i]), "gh") && unicode.IsDigit(next)
	}
	return false
}

// visible makes one line of a text and drops what cannot be seen, except for our own separators.
func visible(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == zwsp:
			return r
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError, unicode.IsControl(r),
			r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069', r == '\u200e', r == '\u200f', r == '\ufeff':
			// Direction marks can make a text look like another one.
			return -1
		}
		return r
	}, text)
	return strings.Join(strings.Fields(text), " ")
}

// harmlessLines does the same for a text of several lines.
func harmlessLines(text string) string {
	lines := strings.Split(strings.ReplaceAll(strings.TrimSpace(text), "\r\n", "\n"), "\n")
	for i, line := range lines {
		lines[i] = Harmless(line)
	}
	return strings.Join(lines, "\n")
}

// shortened cuts a text to a number of characters.
func shortened(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most-1]) + "…"
}

// oneLine is somebody else's text inside a sentence of ours.
func oneLine(text string, most int) string { return shortened(visible(text), most) }

// fenced puts a text into a code block that nothing in it can end.
func fenced(text, language string) string {
	longest, length := 2, 0
	for _, r := range text {
		if length++; r != '`' {
			length = 0
		}
		longest = max(longest, length)
	}
	fence := strings.Repeat("`", longest+1)
	return fence + language + "\n" + strings.TrimSuffix(text, "\n") + "\n" + fence
}

// cutLines keeps whole lines from the start of a text, at most so many bytes.
func cutLines(text string, most int) (kept string, whole bool) {
	if len(text) <= most {
		return text, true
	}
	kept = text[:most]
	if end := strings.LastIndexByte(kept, '\n'); end > 0 {
		return kept[:end+1], false
	}
	return strings.ToValidUTF8(kept, ""), false
}
