package incidents

import (
	"regexp"
	"slices"
	"strings"
)

// links are the ways in which people write one: Markdown's, Slack's, and a bare address. The groups are address and words.
var links = []*regexp.Regexp{
	regexp.MustCompile(`!?\[([^\[\]\n]*)\]\(\s*<?(https?://[^\s<>()]*(?:\([^\s<>()]*\)[^\s<>()]*)*)>?(?:\s+"[^"\n]*")?\s*\)`),
	regexp.MustCompile(`<(https?://[^|<>\n]*)(?:\|([^<>\n]*))?>`),
	regexp.MustCompile(`https?://[^\s<>"'` + "`" + `()\[\]|]*`),
}

// linkAt is where a link stands in a text, its address and its words: all in bytes. Without words, said is empty.
type linkAt struct{ all, address, said Span }

// linksIn finds the links of a text, line by line, those of each form after the other.
func linksIn(text string) (found []linkAt) {
	start := 0
	for line := range strings.SplitAfterSeq(text, "\n") {
		if strings.Contains(line, "://") {
			for form, pattern := range links {
				for _, m := range pattern.FindAllStringSubmatchIndex(line, -1) {
					at := func(n int) Span { return Span{From: start + m[2*n], To: start + m[2*n+1]} }
					l := linkAt{all: at(0), address: at(0)}
					switch form {
					case 0:
						l.address, l.said = at(2), at(1)
					case 1:
						if l.address = at(1); m[4] >= 0 {
							l.said = at(2)
						}
					}
					found = append(found, l)
				}
			}
		}
		start += len(line)
	}
	return found
}

// linkAround finds the link whose address holds something, and its words: what is left of an address without its secret
// leads nowhere. ok is false where there is no such link, and in code, where an address is only text.
func linkAround(text string, found []linkAt, at Span) (from, to int, words string, ok bool) {
	i := slices.IndexFunc(found, func(l linkAt) bool { return at.From >= l.address.From && at.From < l.address.To })
	line := strings.LastIndexByte(text[:at.From], '\n') + 1
	if i < 0 || strings.Count(text[line:at.From], "`")%2 != 0 {
		return 0, 0, "", false
	}
	l := found[i]
	words = text[l.said.From:l.said.To]
	if strings.Contains(words, "://") || strings.Contains(words, text[at.From:min(at.To, l.address.To)]) {
		words = "" // it says the address again
	}
	if to = l.all.To; at.To > to && strings.ContainsFunc(text[to:at.To], isWordRune) {
		to = at.To // it goes on behind
	}
	return l.all.From, to, words, true
}

func isWordRune(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r >= 0x80
}
