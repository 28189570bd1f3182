package incidents

import (
	"regexp"
	"strings"
)

// links are the ways in which people write one: Markdown's, Slack's, and a bare address. The groups are address and words.
var links = []*regexp.Regexp{
	regexp.MustCompile(`!?\[([^\[\]\n]*)\]\(\s*<?(https?://[^\s<>()]*(?:\([^\s<>()]*\)[^\s<>()]*)*)>?(?:\s+"[^"\n]*")?\s*\)`),
	regexp.MustCompile(`<(https?://[^|<>\n]*)(?:\|([^<>\n]*))?>`),
	regexp.MustCompile(`https?://[^\s<>"'` + "`" + `()\[\]|]*`),
}

// linkAround finds the link whose address holds something, and its words: what is left of an address without its secret
// leads nowhere. ok is false where there is no such link, and in code, where an address is only text.
func linkAround(text string, at Span) (from, to int, words string, ok bool) {
	line := strings.LastIndexByte(text[:at.From], '\n') + 1
	end := len(text)
	if n := strings.IndexByte(text[at.From:], '\n'); n >= 0 {
		end = at.From + n
	}
	if strings.Count(text[line:at.From], "`")%2 != 0 {
		return 0, 0, "", false
	}
	for form, pattern := range links {
		for _, m := range pattern.FindAllStringSubmatchIndex(text[line:end], -1) {
			address, label := m[0:2], []int{-1, -1}
			switch form {
			case 0:
				address, label = m[4:6], m[2:4]
			case 1:
				address, label = m[2:4], m[4:6]
			}
			if at.From < line+address[0] || at.From >= line+address[1] {
				continue
			}
			from, to = line+m[0], line+m[1]
			if label[0] >= 0 {
				words = text[line+label[0] : line+label[1]]
			}
			if strings.Contains(words, "://") || strings.Contains(words, text[at.From:min(at.To, line+address[1])]) {
				words = "" // it says the address again
			}
			if rest := at.To - to; rest > 0 && strings.ContainsFunc(text[to:at.To], isWordRune) {
				to = at.To // it goes on behind
			}
			return from, to, words, true
		}
	}
	return 0, 0, "", false
}

func isWordRune(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r >= 0x80
}
