package postmortem

import "strings"

// writeActions writes the items as a list or a table.
func (w *writer) writeActions(items []ActionItem) {
	style := w.style.ActionItems
	if len(style.Columns) > 0 {
		w.b.WriteString(style.header())
		for i := range items {
			w.b.WriteString(style.row(&items[i]) + "\n")
		}
		return
	}
	for i := range items {
		a := &items[i]
		if i > 0 {
			w.blankLines(a.Except.blank(style.Between))
		}
		form := style.ItemForm
		if a.Except != nil {
			change(form.parts(), a.Except.Form)
		}
		w.b.WriteString(form.Bullet + form.box(a.Done))
		w.itemText(a.text(form), a.Except.indent(style.Indent))
	}
}

// box is the box of a task.
func (f *ItemForm) box(done bool) string {
	if !done || f.Check == "" {
		return f.Box
	}
	return strings.Replace(f.Box, "[ ]", "["+f.Check+"]", 1)
}

// text is what stands behind the item's bullet.
func (a *ActionItem) text(form ItemForm) string {
	text := a.Text
	if a.Except == nil || !a.Except.AsIs {
		text = a.linked()
	}
	end := ""
	if a.Owner != "" {
		end = " (owner: " + safeInline(oneLine(a.Owner), inProse) + ")"
	}
	if a.Done && form.Box == "" {
		end += form.Done
	}
	if first, rest, more := strings.Cut(text, "\n"); more && (strings.Contains(rest, "```") || strings.Contains(rest, "~~~")) {
		return first + end + "\n" + rest // behind code it would be taken for code
	}
	return text + end
}

// linked is the safe text with its link.
func (a *ActionItem) linked() string {
	text, url := safeItem(a.Text, true), safeURL(a.Link)
	switch {
	case !isFence(text):
		if url != "" {
			text = linkSentence(text, url)
		}
		return text
	case url != "":
		return "[Card](" + url + ")\n\n" + text
	}
	return "&#160;\n\n" + text // an item must begin with some text to hold code
}

// linkSentence puts the link to the card into a safe sentence: on the words in its first pair of brackets, else on the
// whole first line but for a closing full stop. A sentence that holds a link of its own stays as it is: a link cannot
// hold another.
func linkSentence(text, url string) string {
	first, rest, more := strings.Cut(text, "\n")
	paragraph, _, _ := strings.Cut(text, "\n\n") // a fence comes after a blank line
	m := findMarks(paragraph)
	if m.link {
		return text
	}
	if m.open >= 0 {
		return text[:m.close+1] + "(" + url + ")" + text[m.close+1:]
	}
	if m.autolink {
		return text
	}
	box, label := "", first
	if len(label) > 4 && isTaskBox(label) {
		box, label = label[:4], label[4:]
	}
	label = strings.TrimRight(label, " ")
	stop := ""
	if strings.HasSuffix(label, ".") && !strings.HasSuffix(label, "..") {
		label, stop = label[:len(label)-1], "."
	}
	// A lone bracket would upset the pairing inside the label.
	sentence := box + linked(escapeBrackets(label), url) + stop
	if more {
		return sentence + "\n" + rest
	}
	return sentence
}

func isTaskBox(s string) bool {
	return strings.HasPrefix(s, "[ ] ") || strings.HasPrefix(s, "[x] ") || strings.HasPrefix(s, "[X] ")
}

// marks are what linkSentence wants to know about a sentence.
type marks struct {
	open, close    int // the first pair of brackets that can carry a link; open is -1 when there is none
	link, autolink bool
}

// findMarks reads safe Markdown once, past escaped characters, code and nested brackets.
func findMarks(s string) marks {
	m := marks{open: -1}
	depth, start := 0, 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '`':
			if end, _ := codeSpan(s, i); end > i {
				i = end - 1
			}
		case '<':
			if n := autolink(s[i:]); n > 0 {
				m.autolink = true
				i += n - 1
			}
		case '\n':
			depth = 0
		case '[':
			if depth == 0 {
				start = i
			}
			depth++
		case ']':
			if depth == 0 {
				continue
			}
			depth--
			if i+1 < len(s) && (s[i+1] == '(' || s[i+1] == '[') {
				m.link = true
			}
			inner := s[start+1 : i]
			if depth == 0 && m.open < 0 && strings.TrimSpace(inner) != "" && inner[0] != '^' && !(start == 0 && isTaskBox(s)) {
				m.open, m.close = start, i
			}
		}
	}
	if m.open >= 0 {
		if label := findMarks(s[m.open+1 : m.close]); label.autolink {
			m.link = true
		}
	}
	return m
}

// escapeBrackets escapes the brackets of a label that has no pair in it that could carry a link.
func escapeBrackets(s string) string {
	if !strings.ContainsAny(s, "[]") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			if i+1 < len(s) {
				b.WriteByte(s[i])
				i++
			}
		case '`':
			if end, _ := codeSpan(s, i); end > i {
				b.WriteString(s[i:end])
				i = end - 1
				continue
			}
		case '[', ']':
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
