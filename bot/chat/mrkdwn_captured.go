package chat

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// Escapes write the leaves of a captured message as Markdown that a site shows
// as they are. All four are needed.
type Escapes struct {
	Text  func(plain string) string // a piece of a line
	Code  func(plain string) string // a code span, with its marks
	Fence func(plain string) string // a block of code, with its marks
	// Link writes a link; the label is empty for a bare address.
	Link func(label, url string) string
}

// Captured returns the text of a message, in Slack's mrkdwn, as Markdown for
// the post: several lines stay several lines, lists and quotes and code stay
// what they are, emoji become characters. Nobody is named, as n says, and
// nothing calls a channel. Every piece of text goes through esc.
func Captured(mrkdwn string, n Names, esc Escapes) string {
	c := capture{names: n, esc: esc}
	var text strings.Builder // up to the next fence
	for {
		before, rest, opened := strings.Cut(mrkdwn, "```")
		code, behind, closed := strings.Cut(rest, "```")
		if !opened || !closed {
			break
		}
		if text.WriteString(before); strings.TrimSpace(code) == "" {
			text.WriteString("```" + code + "```") // no fence for Slack either
		} else {
			c.lines(text.String())
			c.put(fenceBlock, esc.Fence(n.code(strings.Trim(code, "\r\n"))))
			text.Reset()
		}
		mrkdwn = behind
	}
	c.lines(text.String() + mrkdwn)
	return c.out.String()
}

type blockKind int

const (
	noBlock blockKind = iota
	paragraphBlock
	listBlock
	quoteBlock
	fenceBlock
)

// capture is the state of Captured.
type capture struct {
	names    Names
	esc      Escapes
	out      strings.Builder
	last     blockKind           // of the last line in out; noBlock after an empty one
	quoted   bool                // >>> was read: all that follows is a quote
	level    int                 // of the last list item
	counts   [maxNesting + 1]int // of the last item of the numbered list, by level
	numbered bool                // the list has numbers
}

// put writes a line, or a block, below what is there already. Markdown needs
// an empty line between blocks, and two blanks to break a line inside of one.
func (c *capture) put(kind blockKind, s string) {
	switch {
	case c.out.Len() == 0:
	case kind == c.last && (kind == listBlock || s == ">" || strings.HasSuffix(c.out.String(), "\n>")):
		c.out.WriteString("\n")
	case kind == c.last && kind != fenceBlock:
		c.out.WriteString("  \n")
	default:
		c.out.WriteString("\n\n")
	}
	if kind != listBlock {
		c.level, c.counts = -1, [maxNesting + 1]int{}
	}
	c.out.WriteString(s)
	c.last = kind
}

var (
	quoteMark  = regexp.MustCompile(`^(?:&gt;|>)[ \t]?`)
	bulletMark = regexp.MustCompile(`^([ \t]*)(?:[•◦▪▫‣●○■]|[-*][ \t])[ \t]*`)
	numberMark = regexp.MustCompile(`^([ \t]*)([0-9]{1,3})[.)][ \t]+`)
)

// quotation is the mark at the start of a line that is a quote.
func quotation(l string) string {
	if l == "" || l[0] != '&' && l[0] != '>' {
		return ""
	}
	return quoteMark.FindString(l)
}

// lines writes text without fences.
func (c *capture) lines(text string) {
	for _, l := range strings.Split(text, "\n") {
		c.line(strings.TrimRight(l, " \t\r"))
	}
}

// line writes one line of a message.
func (c *capture) line(l string) {
	if !c.quoted && (strings.HasPrefix(l, "&gt;&gt;&gt;") || strings.HasPrefix(l, ">>>")) {
		c.quoted = true
		l = strings.TrimPrefix(strings.TrimPrefix(l, "&gt;&gt;&gt;"), ">>>")
	} else if mark := quotation(l); mark != "" {
		c.put(quoteBlock, strings.TrimRight("> "+c.inline(strings.TrimSpace(l[len(mark):])), " "))
		return
	}
	switch {
	case strings.TrimLeft(l, " \t") == "":
		c.last = noBlock
	case c.quoted:
		c.put(quoteBlock, "> "+c.inline(strings.TrimSpace(l)))
	case !c.item(l):
		c.put(paragraphBlock, c.inline(strings.TrimLeft(l, " \t")))
	}
}

// item writes a line that looks like one of a list, and says whether it does.
// A number counts only where it continues from 1, because Markdown counts for
// itself: "2. attempt failed" alone is a sentence.
func (c *capture) item(l string) bool {
	if start := strings.TrimLeft(l, " \t"); start != "" && (start[0] >= 'a' && start[0] <= 'z' || start[0] >= 'A' && start[0] <= 'Z') {
		return false // as nearly every line
	}
	mark, count := "- ", 0
	var indent, text string
	if m := bulletMark.FindStringSubmatch(l); m != nil {
		indent, text = m[1], l[len(m[0]):]
	} else if m := numberMark.FindStringSubmatch(l); m != nil && atoi(m[2]) > 0 {
		mark, count, indent, text = m[2]+". ", atoi(m[2]), m[1], l[len(m[0]):]
	} else {
		return false
	}
	level := min((len(strings.ReplaceAll(indent, "\t", "    "))+2)/4, c.level+1, maxNesting)
	if c.last != listBlock {
		level = 0
	}
	if count > 1 && count != c.counts[level]+1 {
		return false
	}
	if text = strings.TrimSpace(text); text == "" {
		return false
	}
	if numbered := count > 0; level == 0 {
		if c.last == listBlock && numbered != c.numbered {
			c.last = noBlock // another list begins
		}
		c.numbered = numbered
	}
	c.put(listBlock, strings.Repeat("    ", level)+mark+c.inline(text))
	c.level, c.counts[level] = level, count
	clear(c.counts[level+1:])
	return true
}

func atoi(digits string) int {
	n := 0
	for _, r := range digits {
		n = n*10 + int(r-'0')
	}
	return n
}

// inline converts what stands on one line.
func (c *capture) inline(s string) string {
	l := line{runes: make([]rune, 0, utf8.RuneCountInString(s))}
	for s != "" {
		i := strings.IndexAny(s, "`<:&")
		if i < 0 {
			i = len(s)
		}
		l.write(s[:i])
		if s = s[i:]; s != "" {
			s = s[c.piece(&l, s):]
		}
	}
	return c.markdown(l.spans(l.runes, mrkdwnEmphasis, 0))
}

// piece reads what begins with a mark at the start of s, and returns its
// length.
func (c *capture) piece(l *line, s string) int {
	switch s[0] {
	case '`':
		if end := strings.IndexByte(s[1:], '`'); end > 0 && strings.TrimSpace(s[1:1+end]) != "" {
			l.atom(span{kind: codeSpan, text: c.names.code(s[1 : 1+end])})
			return end + 2
		}
	case '<':
		if end := strings.IndexAny(s[1:], "<>"); end >= 0 && s[1+end] == '>' {
			c.control(l, c.names.control(s[:end+2]))
			return end + 2
		}
	case ':':
		if char, n := emojiAt(s, at(l.runes, len(l.runes)-1)); n > 0 {
			l.atom(span{text: char})
			return n
		}
	case '&':
		for _, entity := range []string{"&lt;", "&gt;", "&amp;"} {
			if strings.HasPrefix(s, entity) {
				l.atom(span{text: decoded(entity)})
				return len(entity)
			}
		}
	}
	l.write(s[:1])
	return 1
}

// control adds a link, or words. A file at Slack is named without its address,
// which only members could open.
func (c *capture) control(l *line, found control) {
	switch {
	case found.url == "":
		l.atom(span{text: found.words})
	case strings.Contains(strings.ToLower(found.url), "slack") && slackFile.MatchString(found.url):
		name := found.words
		if !found.label() {
			name = found.url[strings.LastIndexByte(found.url, '/')+1:]
			name, _, _ = strings.Cut(name, "?")
		}
		l.atom(span{text: "[file: " + name + "]"})
	case strings.HasPrefix(found.url, "mailto:") && !found.label():
		l.atom(span{text: withoutScheme(found.url)})
	case looksLikeFile(found):
		l.atom(span{text: found.words})
	case found.label():
		l.atom(span{kind: linkSpan, text: emojiIn(found.words), url: found.url})
	default:
		l.atom(span{kind: linkSpan, url: found.url})
	}
}

var slackFile = regexp.MustCompile(`(?i)^https?://(?:files\.slack\.com|[^/]*slack-files\.com|[^/]+\.slack\.com/files)/`)

var emphasisMarks = [...]string{boldSpan: "**", italicSpan: "*", strikeSpan: "~~"}

// withoutCalls takes the mark off words that call a whole channel.
func withoutCalls(s string) string {
	if strings.IndexByte(s, '@') < 0 {
		return s
	}
	return calls.ReplaceAllString(s, "$1")
}

// markdown writes spans through the escapes. Gaps go, but for one that parts two
// emphases: Markdown needs it as well.
func (c *capture) markdown(spans []span) string {
	var b strings.Builder
	for i, s := range spans {
		switch s.kind {
		case textSpan:
			text := withoutGaps(s.text)
			switch {
			case text != "":
				b.WriteString(c.esc.Text(withoutCalls(text)))
			case s.text != "" && i > 0 && i < len(spans)-1:
				b.WriteString(gap)
			}
		case codeSpan:
			b.WriteString(c.esc.Code(s.text))
		case linkSpan:
			b.WriteString(c.esc.Link(withoutCalls(s.text), s.url))
		default:
			mark := emphasisMarks[s.kind]
			b.WriteString(mark + c.markdown(s.inner) + mark)
		}
	}
	return b.String()
}

// withoutGaps leaves out what only tells marks apart.
func withoutGaps(s string) string {
	if !strings.Contains(s, gap) && !strings.Contains(s, joiner) {
		return s
	}
	return strings.NewReplacer(gap, "", joiner, "").Replace(s)
}
