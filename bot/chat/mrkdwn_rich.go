package chat

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// richElement is an element of a rich_text block, with the fields of all kinds.
// Source: docs.slack.dev/reference/block-kit/blocks/rich-text-block.
type richElement struct {
	Type     string        `json:"type"`
	Elements []richElement `json:"elements"`
	// of a list
	Style  json.RawMessage `json:"style"` // a word for a list, marks for what stands in a line
	Indent int             `json:"indent"`
	Offset int             `json:"offset"`
	// of what stands in a line
	Text      string `json:"text"`
	URL       string `json:"url"`
	User      string `json:"user_id"`
	Channel   string `json:"channel_id"`
	Group     string `json:"usergroup_id"`
	Range     string `json:"range"`
	Name      string `json:"name"`
	SkinTone  int    `json:"skin_tone"`
	Timestamp int64  `json:"timestamp"`
	Format    string `json:"format"`
	Fallback  string `json:"fallback"`
	Value     string `json:"value"`
}

// RichText returns the blocks of a message, as Slack sends them, as mrkdwn that
// Captured reads with the structure that the blocks have. The text that Slack
// sends beside them loses where emphasis stands inside of a word or beside other
// emphasis, and which marks are just text. ok is false when there is more in the
// blocks than rich text, or nothing; then the text beside them counts.
func RichText(blocks []byte) (mrkdwn string, ok bool) {
	var all []richElement
	if len(blocks) == 0 {
		return "", false
	}
	if json.Unmarshal(blocks, &all) != nil {
		return "", false
	}
	var w richWriter
	for _, b := range all {
		if b.Type != "rich_text" {
			return "", false
		}
		for _, e := range b.Elements {
			w.block(e)
		}
	}
	mrkdwn = strings.TrimRight(w.out.String(), "\n")
	return mrkdwn, strings.TrimSpace(mrkdwn) != ""
}

// richWriter writes mrkdwn.
type richWriter struct {
	out  strings.Builder
	last rune // written
	// mark says that an emphasis was just closed: a gap must part it from a letter or a mark that follows.
	mark bool
}

func (w *richWriter) raw(s string) {
	if s == "" {
		return
	}
	if first := firstRune(s); w.mark && (wordRune(first) || strings.ContainsRune("*_~`", first)) {
		w.out.WriteString(gap)
	}
	w.mark = false
	w.out.WriteString(s)
	w.last = lastRune(s)
}

// line begins a new line unless one begins already.
func (w *richWriter) line() {
	if w.out.Len() > 0 && w.last != '\n' {
		w.raw("\n")
	}
}

// block writes one part of a rich_text block.
func (w *richWriter) block(e richElement) {
	w.line()
	switch e.Type {
	case "rich_text_preformatted":
		w.raw("```\n" + strings.ReplaceAll(strings.Trim(plainRich(e.Elements), "\n"), "```", "ˋˋˋ") + "\n```")
	case "rich_text_quote":
		for i, line := range strings.Split(strings.TrimRight(inlineRich(e.Elements), "\n"), "\n") {
			if i > 0 {
				w.raw("\n")
			}
			w.raw("&gt; " + line)
		}
	case "rich_text_list":
		var style string
		_ = json.Unmarshal(e.Style, &style) // else it has bullets
		for i, item := range e.Elements {
			w.line()
			mark := "• "
			if style == "ordered" {
				mark = fmt.Sprintf("%d. ", e.Offset+i+1)
			}
			text := strings.Join(strings.Fields(inlineRich(item.Elements)), " ")
			w.raw(strings.Repeat("    ", min(max(e.Indent, 0), maxNesting)) + mark + text)
		}
	default:
		w.raw(notQuote(inlineRich(e.Elements)))
	}
}

// notQuote keeps text that begins with > from being read as a quote.
func notQuote(s string) string {
	if strings.HasPrefix(s, "&gt;") {
		s = gap + s
	}
	return strings.ReplaceAll(s, "\n&gt;", "\n"+gap+"&gt;")
}

func inlineRich(elements []richElement) string {
	var w richWriter
	for _, e := range elements {
		w.inline(e)
	}
	return w.out.String()
}

// plainRich is the text of elements without their styles, as it stands in code.
func plainRich(elements []richElement) string {
	var b strings.Builder
	for _, e := range elements {
		if e.Type == "link" {
			b.WriteString(escaped(e.URL))
			continue
		}
		b.WriteString(escaped(e.Text))
	}
	return b.String()
}

// inline writes an element that stands in a line, in the marks of its style.
func (w *richWriter) inline(e richElement) {
	var style struct{ Bold, Italic, Strike, Code bool }
	if len(e.Style) > 0 {
		_ = json.Unmarshal(e.Style, &style) // else it has none
	}
	if e.Type != "text" || strings.TrimSpace(e.Text) == "" {
		w.styled(w.words(e), style.Bold && e.Type != "text", style.Italic && e.Type != "text", style.Strike && e.Type != "text")
		return
	}
	for i, line := range strings.Split(e.Text, "\n") {
		if i > 0 {
			w.raw("\n")
		}
		core := strings.TrimSpace(line)
		if core == "" {
			w.raw(line)
			continue
		}
		at := strings.Index(line, core)
		w.raw(line[:at]) // marks do not stand beside blanks
		text := literal(core)
		if style.Code {
			text = "`" + escaped(strings.ReplaceAll(core, "`", "ˋ")) + "`"
		}
		w.styled(text, style.Bold, style.Italic, style.Strike)
		w.raw(line[at+len(core):])
	}
}

// words is an element as mrkdwn, without its style.
func (w *richWriter) words(e richElement) string {
	switch e.Type {
	case "text":
		return literal(e.Text)
	case "link":
		label := strings.Join(strings.Fields(strings.NewReplacer("|", "¦").Replace(e.Text)), " ")
		if label == "" {
			return "<" + escaped(cleanURL(e.URL)) + ">"
		}
		return "<" + escaped(cleanURL(e.URL)) + "|" + escaped(label) + ">"
	case "user":
		return "<@" + e.User + ">"
	case "channel":
		return "<#" + e.Channel + ">"
	case "usergroup":
		return "<!subteam^" + e.Group + ">"
	case "broadcast":
		return "<!" + e.Range + ">"
	case "date":
		return fmt.Sprintf("<!date^%d^%s|%s>", e.Timestamp, inAngles.Replace(e.Format), escaped(inAngles.Replace(e.Fallback)))
	case "emoji":
		if e.SkinTone > 0 {
			return fmt.Sprintf(":%s::skin-tone-%d:", e.Name, e.SkinTone)
		}
		return ":" + e.Name + ":"
	case "color":
		return literal(e.Value)
	}
	return literal(e.Text)
}

// inAngles keeps the parts of a control sequence apart.
var inAngles = strings.NewReplacer("<", "", ">", "", "|", "", "^", "", "\n", " ")

// styled writes text in its marks.
func (w *richWriter) styled(text string, bold, italic, strike bool) {
	if text == "" {
		return
	}
	marks := ""
	for _, m := range []struct {
		on   bool
		mark string
	}{{bold, "*"}, {italic, "_"}, {strike, "~"}} {
		if m.on {
			marks += m.mark
		}
	}
	if marks == "" {
		w.raw(text)
		return
	}
	if wordRune(w.last) || strings.ContainsRune("*_~`", w.last) {
		w.out.WriteString(gap)
		w.mark = false
	}
	closing := []byte(marks)
	for i, j := 0, len(closing)-1; i < j; i, j = i+1, j-1 {
		closing[i], closing[j] = closing[j], closing[i]
	}
	w.raw(marks + text + string(closing))
	w.mark = true
}

// literal writes plain text so that nothing in it is read as a mark, neither here nor by Slack.
func literal(s string) string {
	s = escaped(strings.ReplaceAll(s, "`", "ˋ"))
	var b strings.Builder
	for i, r := range s {
		switch {
		case strings.ContainsRune("*_~", r):
			b.WriteString(joiner + string(r) + gap)
			continue
		case r == ':':
			before, _ := utf8.DecodeLastRuneInString(s[:i])
			if _, n := emojiAt(s[i:], before); n > 0 {
				b.WriteString(":" + gap)
				continue
			}
		}
		b.WriteRune(r)
	}
	return b.String()
}
