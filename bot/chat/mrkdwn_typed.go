package chat

import (
	"regexp"
	"strings"
)

// Typed returns what somebody typed after a slash command, or after a mention
// of the bot, as the Markdown that they meant. It undoes what Slack did to the
// text: entities, links in angle brackets, mentions. A mention of a person
// becomes a role, and one of a channel its name, as n says; nothing calls a
// channel. White space and line breaks stay as they were typed. Whether a
// site can print the result is another question, which it leaves open.
func Typed(text string, n Names) string {
	parts := typedParts(text, n)
	for i := range parts {
		parts.unwrap(i)
		parts.destination(i)
	}
	var out, words strings.Builder
	flush := func() {
		text := words.String()
		if strings.IndexByte(text, '<') >= 0 { // nearly no text holds one, and the expression looks at every byte
			text = controlStart.ReplaceAllString(text, "&lt;$1")
		}
		out.WriteString(text)
		words.Reset()
	}
	for _, p := range parts {
		if p.kind == codePart {
			flush()
			out.WriteString(p.text)
			continue
		}
		words.WriteString(p.markdown())
	}
	flush()
	return out.String()
}

// controlStart is how a text begins that Slack would read as a mention, and
// the reason to write &lt; there, which reads the same in Markdown.
var controlStart = regexp.MustCompile(`\\?<([!@#])`)

type partKind int

const (
	textPart    partKind = iota // text as Slack sent it
	codePart                    // code, decoded, with its marks
	controlPart                 // a link or a mention
	targetPart                  // a link that is the target of a typed [words](…)
	wordsPart                   // a link inside the words of a typed [words](…)
)

type part struct {
	kind partKind
	text string
	control
}

type partList []part

// typedParts takes the text apart.
func typedParts(text string, n Names) partList {
	var parts partList
	for _, s := range splitCode(text) {
		if s.code {
			parts = append(parts, part{kind: codePart, text: n.code(s.text)})
			continue
		}
		from := 0
		for _, at := range controls.FindAllStringIndex(s.text, -1) {
			if at[0] > from {
				parts = append(parts, part{text: s.text[from:at[0]]})
			}
			parts = append(parts, part{kind: controlPart, control: n.control(s.text[at[0]:at[1]])})
			from = at[1]
		}
		if from < len(s.text) {
			parts = append(parts, part{text: s.text[from:]})
		}
	}
	return parts
}

// code returns code as it was typed: bare addresses and words.
func (n Names) code(s string) string {
	s = controls.ReplaceAllStringFunc(s, func(sequence string) string {
		c := n.control(sequence)
		words := c.words
		if words == "" {
			words = c.url
		}
		return escaped(strings.ReplaceAll(words, "`", "ˋ")) // it must not end the code
	})
	return decoded(s)
}

// around returns the texts before and behind part i.
func (l partList) around(i int) (before, behind *part) {
	before, behind = &part{}, &part{}
	if i > 0 && l[i-1].kind == textPart {
		before = &l[i-1]
	}
	if i+1 < len(l) && l[i+1].kind == textPart {
		behind = &l[i+1]
	}
	return before, behind
}

// unwrap takes away the angle brackets that people typed around an address
// themselves, because it gets its own.
func (l partList) unwrap(i int) {
	before, behind := l.around(i)
	if l[i].kind == controlPart && l[i].url != "" && strings.HasSuffix(before.text, "&lt;") && strings.HasPrefix(behind.text, "&gt;") {
		before.text = strings.TrimSuffix(before.text, "&lt;")
		behind.text = strings.TrimPrefix(behind.text, "&gt;")
	}
}

// destination finds out whether the link at i is the target of a typed
// [words](https://…), and then marks the links inside the words: a link cannot
// hold links.
func (l partList) destination(i int) {
	before, behind := l.around(i)
	if l[i].kind != controlPart || l[i].url == "" || !strings.HasSuffix(before.text, "](") {
		return
	}
	url := l[i].url
	switch {
	case strings.HasPrefix(behind.text, ")") || strings.HasPrefix(behind.text, ` "`):
	case strings.HasSuffix(url, ")") && strings.Count(url, ")") > strings.Count(url, "("):
		l[i].url = strings.TrimSuffix(url, ")") // Slack took the bracket for a part of the address
		if behind.text == "" {
			l[i].text = ")"
		} else {
			behind.text = ")" + behind.text
		}
	default:
		return
	}
	const longest = 2000 // bytes of the words of a link
	depth, walked := 0, 0
	for j := i - 1; j >= 0 && walked < longest; j-- {
		if l[j].kind == controlPart {
			continue
		}
		if l[j].kind == textPart {
			if depth = bracketDepth(l[j].text, depth); depth == 0 {
				for k := j + 1; k < i; k++ {
					if l[k].kind == controlPart {
						l[k].kind = wordsPart
					}
				}
				break
			}
		}
		walked += len(l[j].text) + 1
	}
	l[i].kind = targetPart
}

// bracketDepth walks back over text and counts the brackets that are still to
// be opened; it stops at 0, where the one that is looked for opens.
func bracketDepth(text string, depth int) int {
	for k := len(text) - 1; k >= 0; k-- {
		switch {
		case k > 0 && text[k-1] == '\\':
		case text[k] == ']':
			depth++
		case text[k] == '[':
			if depth--; depth == 0 {
				return 0
			}
		}
	}
	return depth
}

// ticks are the marks of code with the backslashes before them, which would undo another one.
var ticks = regexp.MustCompile("(\\\\*)`")

// markdown writes one part.
func (p part) markdown() string {
	words := ticks.ReplaceAllString(p.words, "$1$1\\`")
	switch {
	case p.kind == textPart:
		return decoded(p.text)
	case p.kind == targetPart:
		return balanced(p.url) + p.text
	case p.url == "":
		return words
	case strings.HasPrefix(p.url, "mailto:") && !p.label():
		return withoutScheme(p.url) // an address in a sentence, as typed
	case p.kind == wordsPart && p.words != "":
		return words
	case p.kind == wordsPart:
		return p.url
	case looksLikeFile(p.control):
		return words
	case p.label():
		return "[" + labelMarks.Replace(p.words) + "](" + balanced(p.url) + ")"
	}
	return "<" + p.url + ">"
}

var labelMarks = strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`, "`", "\\`", "\n", " ")

// balanced writes an address so that it fits between round brackets.
func balanced(url string) string {
	depth := 0
	for _, r := range url {
		if r == '(' {
			depth++
		} else if r == ')' {
			if depth--; depth < 0 {
				break
			}
		}
	}
	if depth == 0 {
		return url
	}
	return strings.NewReplacer("(", "%28", ")", "%29").Replace(url)
}

// fileEndings are top-level domains that are far more often the end of a file
// name in what is said about an incident.
var fileEndings = []string{".sh", ".py", ".pl", ".pm", ".rs", ".md", ".cc", ".mk", ".zip"}

// looksLikeFile says whether Slack made a link of a word such as deploy.sh.
func looksLikeFile(c control) bool {
	if c.url != "http://"+c.words || strings.Contains(c.words, "/") {
		return false
	}
	for _, ending := range fileEndings {
		if strings.HasSuffix(c.words, ending) {
			return true
		}
	}
	return false
}
