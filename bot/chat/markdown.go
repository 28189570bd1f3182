package chat

import (
	"regexp"
	"strings"
)

// Slack returns Markdown that people wrote as Slack's mrkdwn, for showing it
// back to them: bold, italics, links, code, headings as bold lines, lists with
// bullets. Nothing in it can call a person or a channel, whatever was written:
// what looks like a control sequence comes out as text. It does not shorten.
func Slack(markdown string) string {
	return render(markdown, style{
		line: slackSpans,
		heading: func(spans []span) string {
			if inner := slackSpans(flat(spans, boldSpan)); strings.TrimSpace(inner) != "" {
				return "*" + inner + "*"
			}
			return ""
		},
		quote: "> ",
		fence: func(code string) string {
			return "```\n" + uncalled(escaped(strings.ReplaceAll(code, "```", "ˋˋˋ"))) + "\n```"
		},
	})
}

// Readable returns Markdown that people wrote as text without any marks, for
// pages, where nothing in it can call anybody.
func Readable(markdown string) string {
	return render(markdown, style{line: plainSpans, heading: plainSpans, fence: func(code string) string { return code }})
}

// style is how the blocks of a text are written.
type style struct {
	line    func([]span) string
	heading func([]span) string
	fence   func(code string) string
	quote   string // before each line of a quote
}

var (
	headingMark = regexp.MustCompile(`^ {0,3}#{1,6}(?:[ \t]+|$)`)
	headingEnd  = regexp.MustCompile(`(?:^|[ \t])#+[ \t]*$`)
	listMark    = regexp.MustCompile(`^([ \t]*)(?:[-*+]|([0-9]{1,9})[.)])[ \t]+`)
	quotedMark  = regexp.MustCompile(`^ {0,3}(?:>[ \t]?)+`)
	taskMark    = regexp.MustCompile(`^\[([ xX])\][ \t]+`)
)

// render writes a text block by block. Its lines stay lines.
func render(markdown string, s style) string {
	var out []string
	lines := strings.Split(strings.ReplaceAll(markdown, "\r\n", "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		mark, n, ok := fenceStart(lines[i])
		if !ok {
			out = append(out, s.block(lines[i]))
			continue
		}
		var code []string
		for i++; i < len(lines) && !fenceCloses(lines[i], mark, n); i++ {
			code = append(code, lines[i])
		}
		out = append(out, s.fence(strings.Join(code, "\n")))
	}
	return strings.Join(out, "\n")
}

// block writes one line outside code.
func (s style) block(text string) string {
	text = strings.TrimRight(text, " \t") // two blanks break a line, and every line is one here
	if n := len(text) - len(strings.TrimRight(text, `\`)); n%2 == 1 {
		text = text[:len(text)-1] // and so does a backslash
	}
	if mark := quotedMark.FindString(text); mark != "" {
		return s.quote + s.line(markdownSpans(text[len(mark):]))
	}
	if mark := headingMark.FindString(text); mark != "" {
		return s.heading(markdownSpans(headingEnd.ReplaceAllString(text[len(mark):], "")))
	}
	m := listMark.FindStringSubmatch(text)
	if m == nil {
		return s.line(markdownSpans(text))
	}
	text, mark := text[len(m[0]):], m[1]+"• "
	if m[2] != "" {
		mark = m[1] + m[2] + ". "
	}
	if task := taskMark.FindStringSubmatch(text); task != nil {
		text = text[len(task[0]):]
		mark += map[bool]string{true: "☐ ", false: "☑ "}[task[1] == " "]
	}
	return mark + s.line(markdownSpans(text))
}

var slackMarks = [...]string{boldSpan: "*", italicSpan: "_", strikeSpan: "~"}

// slackSpans writes the spans of a line as mrkdwn.
func slackSpans(spans []span) string {
	if len(spans) == 1 && spans[0].kind == textSpan {
		return slackText(spans[0].text)
	}
	var b strings.Builder
	for i, s := range spans {
		switch s.kind {
		case textSpan:
			b.WriteString(slackText(s.text))
		case codeSpan:
			b.WriteString("`" + uncalled(escaped(strings.ReplaceAll(s.text, "`", "ˋ"))) + "`")
		case linkSpan:
			b.WriteString(slackLink(s))
		default:
			inner := slackSpans(flat(s.inner, s.kind))
			if strings.TrimSpace(inner) == "" {
				b.WriteString(inner)
				continue
			}
			// Slack knows marks at the borders of words alone.
			if i > 0 && spans[i-1].kind == textSpan && wordRune(lastRune(spans[i-1].text)) {
				b.WriteString(gap)
			}
			b.WriteString(slackMarks[s.kind] + inner + slackMarks[s.kind])
			if i+1 < len(spans) && spans[i+1].kind == textSpan && wordRune(firstRune(spans[i+1].text)) {
				b.WriteString(gap)
			}
		}
	}
	return b.String()
}

// slackText writes text in which Slack finds nothing to act on. A mark that
// could begin emphasis is parted from what follows; one inside a word
// (snake_case) cannot, and stays as it is to be copied.
func slackText(s string) string {
	s = uncalled(escaped(s))
	if !strings.ContainsAny(s, "*_~`") {
		return s
	}
	var b strings.Builder
	last := rune(0)
	for _, r := range s {
		switch {
		case r == '`':
			r = 'ˋ'
			b.WriteRune(r)
		case (r == '*' || r == '_' || r == '~') && !wordRune(last):
			b.WriteRune(r)
			b.WriteString(gap)
		default:
			b.WriteRune(r)
		}
		last = r
	}
	return b.String()
}

// slackLink writes a link, or its words with the address behind them if it is
// none that may be followed.
func slackLink(s span) string {
	label := strings.TrimSpace(s.text)
	if !allowedURL(s.url) {
		if label == "" {
			return slackText(s.url)
		}
		return slackText(label + " (" + s.url + ")")
	}
	address := escaped(cleanURL(s.url))
	if !(control{words: label, url: s.url}).label() && !strings.HasPrefix(s.url, "mailto:") {
		return "<" + address + ">"
	}
	if label == "" {
		label = withoutScheme(s.url)
	}
	return "<" + address + "|" + strings.ReplaceAll(slackText(label), "|", "¦") + ">"
}

// plainSpans writes the words of the spans.
func plainSpans(spans []span) string {
	var b strings.Builder
	for _, s := range spans {
		switch {
		case s.kind == linkSpan && s.text == "":
			b.WriteString(strings.TrimPrefix(s.url, "mailto:"))
		case s.inner != nil:
			b.WriteString(plainSpans(s.inner))
		default:
			b.WriteString(s.text)
		}
	}
	return b.String()
}

// flat takes away emphasis of one kind, where its marks stand already.
func flat(spans []span, kind spanKind) []span {
	var out []span
	for _, s := range spans {
		if s.kind == kind {
			out = append(out, flat(s.inner, kind)...)
			continue
		}
		if s.inner != nil {
			s.inner = flat(s.inner, kind)
		}
		out = append(out, s)
	}
	return out
}
