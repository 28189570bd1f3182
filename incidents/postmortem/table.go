package postmortem

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// header is the table's first two lines.
func (s *ActionStyle) header() string {
	names, rules := make([]string, len(s.Columns)), make([]string, len(s.Columns))
	for i, c := range s.Columns {
		names[i], rules[i] = safeCell(c.Name), "---"
		if c.Rule != "" && strings.Trim(c.Rule, "-: ") == "" && strings.Contains(c.Rule, "-") {
			rules[i] = c.Rule
		}
	}
	return s.cells(names) + "\n|" + strings.Join(rules, "|") + "|\n"
}

func (s *ActionStyle) cells(texts []string) string {
	var b strings.Builder
	b.WriteByte('|')
	for i, text := range texts {
		b.WriteString(s.Pad + text)
		b.WriteString(strings.Repeat(" ", max(0, s.Columns[i].Width-utf8.RuneCountInString(text))) + s.Pad + "|")
	}
	return b.String()
}

// row is the item's line. What no column holds goes into the one with the text.
func (s *ActionStyle) row(a *ActionItem) string {
	texts := make([]string, len(s.Columns))
	asIs := a.Except != nil && a.Except.AsIs
	has := func(kind string) bool {
		return slices.ContainsFunc(s.Columns, func(c Column) bool { return c.Kind == kind })
	}
	for i, c := range s.Columns {
		text, ok := a.Fields[c.Name]
		if !asIs {
			text = safeCell(text)
		}
		switch {
		case ok:
		case c.Kind == "text":
			text = a.Text
			if !asIs {
				item := *a
				if has("link") {
					item.Link = ""
				}
				text = inCell(item.linked())
			}
			if a.Owner != "" && !has("owner") {
				text += " (owner: " + safeCell(a.Owner) + ")"
			}
			if a.Done {
				text += s.Done
			}
		case c.Kind == "owner":
			if text = a.Owner; !asIs {
				text = safeCell(text)
			}
		case c.Kind == "link" && safeURL(a.Link) != "":
			text = "<" + safeURL(a.Link) + ">"
		}
		texts[i] = text
	}
	return s.cells(texts)
}

// safeCell makes text fit for a cell.
func safeCell(text string) string { return inCell(safeInline(oneLine(text), inProse)) }

// inCell brings safe Markdown onto one line, without a pipe that would begin the next cell.
func inCell(text string) string {
	var lines []string
	fence := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case line == "":
		case fence != "" && strings.Trim(line, fence[:1]) == "" && len(line) >= len(fence):
			fence = ""
		case fence != "" && strings.Contains(line, "`"):
			lines = append(lines, Escape(line))
		case fence != "":
			lines = append(lines, "`"+line+"`")
		case isFence(line):
			fence = line[:run(line, line[0])]
		default:
			lines = append(lines, line)
		}
	}
	text = strings.Join(lines, "<br>")
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '|' && (i == 0 || text[i-1] != '\\') {
			b.WriteByte('\\')
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// splitRow takes a line of a table apart; nil when it is none.
func splitRow(line string) []string {
	line = strings.TrimRight(line, " ")
	if len(line) < 2 || line[0] != '|' || line[len(line)-1] != '|' {
		return nil
	}
	var cells []string
	start := 1
	for i := 1; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
		case '`':
			if end, _ := codeSpan(line, i); end > i {
				i = end - 1
			}
		case '|':
			cells = append(cells, line[start:i])
			start = i + 1
		}
	}
	return cells
}

// pipeTable gives the lines of a table their outer pipes where it has none, and reports whether one begins on the first line:
// GitHub knows it by the dashes below, and kramdown by its pipes.
func pipeTable(lines []string) bool {
	if len(lines) < 2 || !pipeRule.MatchString(lines[1]) || len(piped(lines[0])) == 0 || len(splitRow(piped(lines[0]))) != len(splitRow(piped(lines[1]))) {
		return false
	}
	for i, line := range lines {
		row := piped(line)
		if row == "" {
			break
		}
		lines[i] = row
	}
	return true
}

var pipeRule = regexp.MustCompile(`^ {0,3}:?-+:?(?: *\| *:?-+:?)+ *\|? *$`)

// piped is a row of a table with its outer pipes; empty for a line that is no row.
func piped(line string) string {
	t := strings.Trim(line, " \t")
	if !strings.Contains(t, "|") || strings.HasPrefix(line, "    ") || isFence(t) || level(t) > 0 || listMarker(t) > 0 || t[0] == '>' {
		return ""
	}
	if t[0] != '|' {
		t = "| " + t
	}
	if row := t + " |"; t[len(t)-1] != '|' || len(t) < 2 {
		t = row
	}
	return t
}

// columnKinds are the words in a heading that say what its column holds, the first that fits.
var columnKinds = []struct{ kind, words string }{
	{"owner", "owner who assignee assigned responsible"},
	{"link", "link issue card ticket url reference tracking"},
	{"text", "action item task what todo description"},
}

// readTable reads the table that begins on the first line, and how many lines it has. ok is false when it would not come
// out again as it is.
func readTable(lines []string) (style ActionStyle, items []ActionItem, n int, ok bool) {
	if len(lines) < 3 || splitRow(lines[0]) == nil || strings.Trim(lines[1], "|-: ") != "" || !strings.Contains(lines[1], "-") {
		return style, nil, 0, false
	}
	for n < len(lines) && splitRow(lines[n]) != nil {
		n++
	}
	names, rules := splitRow(lines[0]), splitRow(lines[1])
	if n < 3 || len(rules) != len(names) {
		return style, nil, 0, false
	}
	for _, pad := range []string{" ", ""} {
		for _, aligned := range []bool{false, true} {
			style = ActionStyle{ItemForm: ItemForm{Bullet: "- ", Done: " ✔️"}, Indent: "  ", Pad: pad}
			for i, name := range names {
				c := Column{Name: strings.TrimSpace(name), Rule: rules[i], Kind: "other"}
				if aligned {
					c.Width = utf8.RuneCountInString(name) - 2*len(pad)
				}
				style.Columns = append(style.Columns, c)
			}
			style.nameColumns()
			if items = style.readRows(lines[:n]); items != nil {
				return style, items, n, true
			}
		}
	}
	return style, nil, 0, false
}

func (s *ActionStyle) nameColumns() {
	taken := map[string]bool{}
	for i := range s.Columns {
		for word := range strings.FieldsSeq(strings.ToLower(s.Columns[i].Name)) {
			for _, k := range columnKinds {
				if s.Columns[i].Kind == "other" && !taken[k.kind] && slices.Contains(strings.Fields(k.words), strings.TrimSuffix(word, "s")) {
					s.Columns[i].Kind, taken[k.kind] = k.kind, true
				}
			}
		}
	}
	if !taken["text"] {
		i := slices.IndexFunc(s.Columns, func(c Column) bool { return c.Kind == "other" })
		s.Columns[max(0, i)].Kind = "text"
	}
}

// readRows reads the items; nil when a line would come out otherwise.
func (s *ActionStyle) readRows(lines []string) []ActionItem {
	if s.header() != lines[0]+"\n"+lines[1]+"\n" {
		return nil
	}
	var items []ActionItem
	for _, line := range lines[2:] {
		cells := splitRow(line)
		if len(cells) != len(s.Columns) {
			return nil
		}
		var a ActionItem
		for i, c := range s.Columns {
			text := strings.TrimSpace(cells[i])
			switch c.Kind {
			case "text":
				a.Text, a.Done = cutDone(text, s.Done)
				a.Text, a.Link = splitLink(a.Text)
			case "owner":
				a.Owner = text
			default:
				if a.Fields == nil {
					a.Fields = map[string]string{}
				}
				a.Fields[c.Name] = text
				if link := firstLink(text); c.Kind == "link" && a.Link == "" {
					a.Link = link
				}
			}
		}
		if s.row(&a) != line {
			a.Except = &Except{AsIs: true}
			for i, c := range s.Columns {
				if c.Kind == "text" {
					a.Text, a.Done = cutDone(strings.TrimSpace(cells[i]), s.Done)
				}
			}
		}
		if s.row(&a) != line {
			return nil
		}
		items = append(items, a)
	}
	return items
}

func cutDone(text, mark string) (string, bool) {
	if mark == "" {
		return text, false
	}
	return strings.CutSuffix(text, mark)
}
