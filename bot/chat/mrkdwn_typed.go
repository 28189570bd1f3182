package chat

import (
	"regexp"
	"strings"
)

// Typed returns what somebody typed after a slash command, or after a mention
// of the bot, as the Markdown that they meant. It undoes what Slack did to the
// text: entities, links in angle brackets, mentions. A mention of a person
// becomes a role, and one of a channel its name, as n says; nothing calls a
// channel. White space and line breaks stay as they were typed; only code of
// several lines gets lines of its own. Whether a site can print the result is
// another question, which it leaves open.
func Typed(text string, n Names) string {
	text = apartFences(text)
	if strings.IndexByte(text, '<') < 0 && strings.IndexByte(text, '&') < 0 {
		return text // Slack did nothing to it
	}
	var room [48]part // nearly every text has room in it, and then its parts cost no memory
	parts := typedParts(room[:0], text, n)
	for i := range parts {
		parts.unwrap(i)
		parts.destination(i)
	}
	var out typedOut
	out.b.Grow(len(text) + len(parts)) // a link with words takes a byte more than it had
	for i := range parts {
		parts[i].write(&out)
	}
	out.release()
	return out.b.String()
}

// typedOut is the Markdown that parts are written to.
type typedOut struct {
	b strings.Builder
	// held is the end of the words before, if these and the words behind it may
	// make a controlStart together.
	held string
}

// controlStart is how a text begins that Slack would read as a mention, and
// the reason to write &lt; there, which reads the same in Markdown.
var controlStart = regexp.MustCompile(`\\?<([!@#])`)

// words writes text that is no code.
func (t *typedOut) words(s string) {
	s = t.held + s
	kept := strings.TrimSuffix(strings.TrimSuffix(s, "<"), `\`)
	t.held = s[len(kept):]
	if strings.IndexByte(kept, '<') >= 0 { // nearly no text holds one, and the expression looks at every byte
		kept = controlStart.ReplaceAllString(kept, "&lt;$1")
	}
	t.b.WriteString(kept)
}

// plain writes code, or what neither holds a controlStart nor ends one.
func (t *typedOut) plain(pieces ...string) {
	t.release()
	for _, s := range pieces {
		t.b.WriteString(s)
	}
}

// release writes what was held.
func (t *typedOut) release() {
	t.b.WriteString(t.held)
	t.held = ""
}

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

// typedParts takes the text apart and appends what it finds to parts.
func typedParts(parts partList, text string, n Names) partList {
	for s, code := range codeParts(text) {
		if code {
			parts = append(parts, part{kind: codePart, text: n.code(s)})
			continue
		}
		for s != "" {
			from, end := nextControl(s)
			if from > 0 {
				parts = append(parts, part{text: s[:from]})
			}
			if end > from {
				parts = append(parts, part{kind: controlPart, control: n.control(s[from:end])})
			}
			s = s[end:]
		}
	}
	return parts
}

// code returns code as it was typed: bare addresses and words.
func (n Names) code(s string) string {
	if strings.IndexByte(s, '<') >= 0 {
		s = n.bare(s)
	}
	return decoded(s)
}

// bare writes the words of control sequences, or their addresses, in their
// place.
func (n Names) bare(s string) string {
	var b strings.Builder
	for s != "" {
		from, end := nextControl(s)
		b.WriteString(s[:from])
		if end > from {
			c := n.control(s[from:end])
			words := c.words
			if words == "" {
				words = c.url
			}
			b.WriteString(escaped(strings.ReplaceAll(words, "`", "ˋ"))) // it must not end the code
		}
		s = s[end:]
	}
	return b.String()
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

// write writes the Markdown of one part.
func (p *part) write(out *typedOut) {
	switch {
	case p.kind == textPart:
		out.words(decoded(p.text))
	case p.kind == codePart:
		out.plain(p.text)
	case p.kind == targetPart:
		out.plain(balanced(p.url), p.text)
	case p.url == "":
		out.words(escapedTicks(p.words))
	case strings.HasPrefix(p.url, "mailto:") && !p.label():
		out.words(withoutScheme(p.url)) // an address in a sentence, as typed
	case p.kind == wordsPart && p.words != "":
		out.words(escapedTicks(p.words))
	case p.kind == wordsPart:
		out.plain(p.url)
	case looksLikeFile(p.control):
		out.words(escapedTicks(p.words))
	case p.label():
		out.plain("[")
		out.words(labelMarks.Replace(p.words))
		out.plain("](", balanced(p.url), ")")
	default:
		out.plain("<", p.url, ">")
	}
}

// escapedTicks writes the marks of code so that they are text.
func escapedTicks(words string) string {
	if strings.IndexByte(words, '`') < 0 {
		return words
	}
	return ticks.ReplaceAllString(words, "$1$1\\`")
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
	name, found := strings.CutPrefix(c.url, "http://")
	if !found || name != c.words || strings.Contains(name, "/") {
		return false
	}
	for _, ending := range fileEndings {
		if strings.HasSuffix(c.words, ending) {
			return true
		}
	}
	return false
}
