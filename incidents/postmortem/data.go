package postmortem

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// The keys of an item that say which incident it is; the others are those of the front matter.
const (
	KeyNumber = "number"
	KeyPost   = "post"
)

// DataItem is what a site's data file says of an incident.
type DataItem struct {
	Number int
	Title  string
	Post   string      // the post's path in the repository
	URL    string      // where the post is read; empty while nobody knows
	Facts  FrontMatter // as of TimesFront
}

// DataPut is a data file with an item put into it.
type DataPut struct {
	File string // as it should be
	Item string // the item as it is there, without line ends of Windows; empty where it was left alone
	Left string // why it was left alone, as a sentence's end: "is no YAML list …"; empty where it was not
}

// mostData bounds a data file, in bytes.
const mostData = 1 << 20

// Put puts the item into a data file, a YAML list with an item for each incident: in the place of the one that says the same
// post or number, else behind all others. Everything else stays byte for byte. ours reports whether an item is as we wrote it
// last, so that nobody's words are lost; nil when none was written yet.
func (d DataItem) Put(file string, ours func(item string) bool) DataPut {
	list, ok := readData(file)
	if !ok {
		return DataPut{File: file, Left: "is no YAML list with a dash for each incident, so it is left alone"}
	}
	eol := "\n"
	if line, _, more := strings.Cut(file, "\n"); more && strings.HasSuffix(line, "\r") {
		eol = "\r\n"
	}
	item := d.text(list.indent)
	written := strings.ReplaceAll(item, "\n", eol)
	n := list.find(d)
	var out string
	switch {
	case n < 0 && ours != nil:
		return DataPut{File: file, Left: "has no item of this incident any more, since somebody took it out, and it stays so"}
	case n < 0 && list.empty != nil: // where the list says that there is nothing
		out = file[:list.empty[0]] + strings.TrimSuffix(written, eol) + file[list.empty[1]:]
	case n < 0:
		if out = file; out != "" && !strings.HasSuffix(out, "\n") {
			out += eol
		}
		out += written
	default:
		from, to := list.span(n)
		there := strings.ReplaceAll(file[from:to], "\r\n", "\n")
		if !strings.HasSuffix(there, "\n") {
			there += "\n"
		}
		if there == item {
			return DataPut{File: file, Item: item}
		}
		if ours == nil || !ours(there) {
			return DataPut{File: file, Left: "has an item of this incident that somebody else wrote or changed, and it stays as it is"}
		}
		out = file[:from] + written + file[to:]
	}
	if !list.onlyChanges(out, n, d) {
		return DataPut{File: file, Left: "is written in a way in which an item cannot be put into it without changing others, so it is left alone"}
	}
	return DataPut{File: out, Item: item}
}

// DataDate says when a post came out, for its item.
type DataDate struct {
	Number int
	Post   string // the post's path in the repository
	At     time.Time
}

// PutDates adds to items of posts that have come out when they did, where they do not say so yet: nobody knew while the item
// was written. Everything else stays byte for byte.
func PutDates(file string, dates []DataDate) string {
	for _, d := range dates {
		list, ok := readData(file)
		if !ok {
			return file
		}
		n := slices.IndexFunc(list.items, func(item *yaml.Node) bool {
			return scalarOf(item, KeyPost) == d.Post && scalarOf(item, KeyNumber) == strconv.Itoa(d.Number)
		})
		if n < 0 || list.items[n].Style&yaml.FlowStyle != 0 || scalarOf(list.items[n], KeyPublished) != "" {
			continue
		}
		_, to := list.span(n)
		eol := "\n"
		if strings.HasSuffix(file[:to], "\r\n") {
			eol = "\r\n"
		}
		said := strings.Repeat(" ", list.items[n].Column-1) + frontLine(timeField(KeyPublished, d.At), "") + eol
		if !strings.HasSuffix(file[:to], "\n") {
			said = eol + said
		}
		out := file[:to] + said + file[to:]
		if then, ok := readData(out); ok && len(then.items) == len(list.items) && scalarOf(then.items[n], KeyPublished) != "" &&
			len(then.items[n].Content) == len(list.items[n].Content)+2 && list.othersStay(then, n) {
			file = out
		}
	}
	return file
}

// othersStay reports whether all items but the n-th are the same in both lists.
func (l dataList) othersStay(then dataList, n int) bool {
	for i, item := range then.items {
		if i != n && !sameNode(item, l.items[i]) {
			return false
		}
	}
	return true
}

// text is the item as YAML, below a list's indent.
func (d DataItem) text(indent string) string {
	fields := FrontMatter{{KeyNumber, strconv.Itoa(d.Number)}, {"title", d.Title}, {KeyPost, d.Post}}
	if d.URL != "" {
		fields = append(fields, Field{"url", d.URL})
	}
	var b strings.Builder
	lead := "- "
	for _, f := range fields {
		b.WriteString(indent + lead + frontLine(f, "plain") + "\n")
		lead = "  "
	}
	for _, f := range d.Facts {
		b.WriteString(indent + lead + frontLine(f, "") + "\n") // as in a post
	}
	return b.String()
}

// dataList is a data file as it is read.
type dataList struct {
	items  []*yaml.Node
	indent string
	lines  []string
	starts []int // where each line begins
	dashes []int // the line, from 0, on which each item's dash is
	empty  []int // from where to where the file says that the list is empty
}

// readData reads a list of the form with dashes; one that is empty in any form, too.
func readData(file string) (l dataList, ok bool) {
	if len(file) > mostData {
		return l, false
	}
	at := 0
	for line := range strings.Lines(file) {
		l.lines, l.starts = append(l.lines, line), append(l.starts, at)
		at += len(line)
	}
	var node yaml.Node
	if err := yaml.Load([]byte(file), &node); err != nil {
		return l, strings.Contains(err.Error(), "no documents")
	}
	if node.Kind != yaml.DocumentNode || len(node.Content) != 1 {
		return l, false
	}
	list := node.Content[0]
	switch {
	case list.Kind == yaml.ScalarNode && list.Tag == "!!null" && list.Value == "":
		return l, true
	case list.Kind != yaml.SequenceNode || list.Column < 1:
		return l, false
	case list.Style&yaml.FlowStyle != 0:
		for n, line := range l.lines {
			if strings.TrimSpace(line) == "[]" && len(list.Content) == 0 && list.Line == n+1 {
				l.empty = []int{l.starts[n] + strings.Index(line, "["), l.starts[n] + strings.Index(line, "]") + 1}
				return l, l.empty[0] == l.starts[n]
			}
		}
		return l, false
	}
	l.items, l.indent = list.Content, strings.Repeat(" ", list.Column-1)
	for _, item := range l.items {
		n := min(item.Line, len(l.lines)) - 1
		for n >= 0 && !l.dash(n) {
			n--
		}
		if n < 0 || len(l.dashes) > 0 && n <= l.dashes[len(l.dashes)-1] {
			return l, false
		}
		l.dashes = append(l.dashes, n)
	}
	return l, true
}

// dash reports whether an item may begin on a line.
func (l dataList) dash(n int) bool {
	rest, ok := strings.CutPrefix(strings.TrimPrefix(l.lines[n], "\ufeff"), l.indent+"-")
	return ok && (rest == "" || strings.TrimLeft(rest, " \t\r\n") != rest)
}

// find is the item of the same post, else of the same number; -1 for none.
func (l dataList) find(d DataItem) int {
	n := slices.IndexFunc(l.items, func(item *yaml.Node) bool { return scalarOf(item, KeyPost) == d.Post })
	if n < 0 {
		n = slices.IndexFunc(l.items, func(item *yaml.Node) bool { return scalarOf(item, KeyNumber) == strconv.Itoa(d.Number) })
	}
	return n
}

// scalarOf is the value of a mapping's key; empty when there is none.
func scalarOf(node *yaml.Node, key string) string {
	if node.Kind != yaml.MappingNode {
		return ""
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key && node.Content[i+1].Kind == yaml.ScalarNode {
			return node.Content[i+1].Value
		}
	}
	return ""
}

// span is where an item is in the file. Empty lines and comments behind it are not its own.
func (l dataList) span(n int) (from, to int) {
	end := len(l.lines)
	if n+1 < len(l.dashes) {
		end = l.dashes[n+1]
	}
	for end > l.dashes[n]+1 {
		if line := strings.TrimSpace(l.lines[end-1]); line != "" && line[0] != '#' {
			break
		}
		end--
	}
	return l.starts[l.dashes[n]], l.starts[end-1] + len(l.lines[end-1])
}

// onlyChanges reports whether out is the list with that item for its n-th, or at its end, and all others as they were.
func (l dataList) onlyChanges(out string, n int, d DataItem) bool {
	then, ok := readData(out)
	if n < 0 {
		n = len(l.items)
	}
	if !ok || len(then.items) != max(len(l.items), n+1) {
		return false
	}
	for i, item := range then.items {
		if i == n {
			if scalarOf(item, KeyPost) != d.Post || scalarOf(item, KeyNumber) != strconv.Itoa(d.Number) {
				return false
			}
		} else if !sameNode(item, l.items[i]) {
			return false
		}
	}
	return true
}

// sameNode reports whether two nodes say the same in the same way.
func sameNode(a, b *yaml.Node) bool {
	return a.Kind == b.Kind && a.Tag == b.Tag && a.Value == b.Value && a.Anchor == b.Anchor && a.Style == b.Style &&
		slices.EqualFunc(a.Content, b.Content, sameNode)
}
