package postmortem

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// Style is a house style: everything about a post but its facts.
type Style struct {
	// Name is the template's; empty for a style that was learned from a post.
	Name        string     `json:"name,omitempty"`
	FrontMatter FrontStyle `json:"front_matter"`
	// TitlePrefix begins the titles: "Post-mortem: ".
	TitlePrefix string `json:"title_prefix"`
	// Date is how a section of the kind Day writes its day, such as "DD.MM.YYYY".
	Date string `json:"date,omitempty"`
	// Sections are in the order of the post. Of a timeline's heading, {zone} stands for the zone's label.
	Sections []SectionStyle `json:"sections"`
	// Blank holds the blank lines around headings: by level ("2"), around labels with their text behind them ("field") or
	// below ("label"), and around other text ("text").
	Blank       map[string]Blank `json:"blank_lines"`
	Timeline    TimelineStyle    `json:"timeline"`
	ActionItems ActionStyle      `json:"action_items"`
	// LineEnding is "lf" or "crlf".
	LineEnding    string `json:"line_ending"`
	FinalNewlines int    `json:"final_newlines"`
	// Headline says that the title is a heading above the post, where there is no front matter for it.
	Headline bool `json:"headline,omitempty"`
	// ByteOrderMark says that the file begins with one.
	ByteOrderMark bool `json:"byte_order_mark,omitempty"`
}

// FrontStyle is how the front matter is written.
type FrontStyle struct {
	// Open and Close are the lines around it; empty when the post has none.
	Open   string       `json:"open"`
	Close  string       `json:"close"`
	Fields []FieldStyle `json:"fields"`
	// Gap is the number of blank lines after it.
	Gap int `json:"gap"`
}

// FieldStyle is how one key is written.
type FieldStyle struct {
	Key string `json:"key"`
	// Quotes are "plain", "double", "single", or "yaml" for a value that is printed as it is; empty where they depend on
	// the value.
	Quotes string `json:"quotes,omitempty"`
	// Value is what the team's posts always say there; empty for what differs from post to post.
	Value string `json:"value,omitempty"`
}

// SectionStyle is how the heading of one kind of section is written.
type SectionStyle struct {
	Kind    Section `json:"kind"`
	Level   int     `json:"level,omitempty"`
	Heading string  `json:"heading,omitempty"`
	Form    string  `json:"form,omitempty"`
}

// Blank counts blank lines before and after a heading. After is -1 where the text follows on the same line.
type Blank struct {
	Before int `json:"before"`
	After  int `json:"after"`
}

// TimelineStyle is how the timeline is written.
type TimelineStyle struct {
	EntryForm
	// Indent begins the further lines of an entry. Between is the number of blank lines between two.
	Indent  string `json:"indent"`
	Between int    `json:"blank_between"`
}

// ActionStyle is how the action items are written.
type ActionStyle struct {
	ItemForm
	Indent  string `json:"indent"`
	Between int    `json:"blank_between"`
	// Columns make the list a table. Pad stands on both sides of a cell.
	Columns []Column `json:"columns,omitempty"`
	Pad     string   `json:"pad,omitempty"`
}

// ItemForm is the form of one action item.
type ItemForm struct {
	// Bullet is the mark with the spaces around it. Box is a task's box with the spaces after it, Check the letter in it
	// when the task is done; without a box, Done is put after an item that is done.
	Bullet string `json:"bullet"`
	Box    string `json:"box,omitempty"`
	Check  string `json:"check,omitempty"`
	Done   string `json:"done"`
}

// Column is a column of a table of action items.
type Column struct {
	Name string `json:"name"`
	// Kind is "text", "owner", "link" or "other". Rule is what stands below the name. Width is the least number of characters.
	Kind  string `json:"kind"`
	Rule  string `json:"rule"`
	Width int    `json:"width,omitempty"`
}

// zero reports a style that says nothing.
func (s Style) zero() bool {
	return len(s.Sections) == 0 && s.FinalNewlines == 0 && s.Blank == nil && s.FrontMatter.Open == "" && s.Timeline.Bullet == ""
}

func (s Style) equal(t Style) bool {
	a, _ := json.Marshal(s) // texts and numbers: it cannot fail
	b, _ := json.Marshal(t)
	return bytes.Equal(a, b)
}

// blank counts the lines around a section's heading.
func (s Style) blank(key string) Blank {
	if b, ok := s.Blank[key]; ok {
		return b
	}
	switch key {
	case "field":
		return Blank{1, -1}
	case "text":
		return Blank{1, 0}
	}
	return Blank{1, 1}
}

// blankKey says which rule for blank lines a section follows.
func (s PostSection) blankKey() string {
	switch {
	case s.Level > 0:
		return strconv.Itoa(s.Level)
	case s.Heading == "":
		return "text"
	case strings.HasSuffix(s.Form, " "):
		return "field"
	}
	return "label"
}

func (s Style) section(kind Section) (SectionStyle, bool) {
	i := slices.IndexFunc(s.Sections, func(c SectionStyle) bool { return c.Kind == kind })
	if i < 0 {
		return SectionStyle{}, false
	}
	return s.Sections[i], true
}

func (s Style) field(key string) FieldStyle {
	for _, f := range s.FrontMatter.Fields {
		if f.Key == key {
			return f
		}
	}
	return FieldStyle{Key: key}
}

// Templates are the names that [Template] knows.
func Templates() []string { return []string{"flat", "sections", "fields", "report"} }

// Template returns a style by its name: "flat" has a heading of level 2 for every part, "sections" puts what went well, wrong
// and lucky below the lessons, "fields" writes short parts as bold labels and action items as a table, "report" opens with
// the impact and keeps few headings. ok is false for a name that is none of [Templates].
func Template(name string) (s Style, ok bool) {
	for i, known := range Templates() {
		if name == known {
			return templates[i](), true
		}
	}
	return Style{}, false
}

// Flat is the default template.
func Flat() Style { return templates[0]() }

var templates = []func() Style{flat, sectioned, fields, report}

// base is what all templates have in common.
func base(name string, entry EntryForm, sections ...SectionStyle) Style {
	return Style{
		Name: name, TitlePrefix: titlePrefix, Date: "YYYY-MM-DD", Sections: sections, LineEnding: "lf", FinalNewlines: 1,
		FrontMatter: FrontStyle{Open: "---", Close: "---", Gap: 1, Fields: []FieldStyle{
			{Key: "layout", Value: "post"}, {Key: "title", Quotes: "double"}, {Key: "category"}, {Key: "author"},
		}},
		Blank:       map[string]Blank{"2": {1, 1}, "3": {1, 1}, "field": {1, -1}, "label": {1, 1}, "text": {1, 0}},
		Timeline:    TimelineStyle{EntryForm: entry, Indent: "  "},
		ActionItems: ActionStyle{ItemForm: ItemForm{Bullet: "- ", Done: " ✔️"}, Indent: "  "},
	}
}

func h2(kind Section, heading string) SectionStyle {
	return SectionStyle{Kind: kind, Level: 2, Heading: heading}
}

func h3(kind Section, heading string) SectionStyle {
	return SectionStyle{Kind: kind, Level: 3, Heading: heading}
}

func label(kind Section, heading, form string) SectionStyle {
	return SectionStyle{Kind: kind, Heading: heading, Form: form}
}

func flat() Style {
	entry := EntryForm{Bullet: "- ", Date: "DD/MM/YYYY", Gap: " ", Clock: "HH:MM", Separator: " - "}
	all := []SectionStyle{{Kind: Lead}}
	for _, p := range parts[1:] {
		all = append(all, h2(p.section, p.heading))
	}
	all[len(all)-1].Heading += " (times in {zone})"
	return base("flat", entry, all...)
}

func sectioned() Style {
	entry := EntryForm{Bullet: "- ", Open: "**", Date: "YYYY-MM-DD", Gap: " ", Clock: "HH:MM", Close: "**", Separator: " "}
	return base("sections", entry, SectionStyle{Kind: Lead}, h2(Impact, "Impact"), h2(RootCauses, "Root Causes"), h2(Trigger, "Trigger"),
		h2(Detection, "Detection"), h2(Resolution, "Resolution"), h2(ActionItems, "Action Items"), h2(Lessons, "Lessons Learned"),
		h3(WentWell, "What Went Well?"), h3(WentWrong, "What Went Wrong?"), h3(GotLucky, "Where We Got Lucky"), h2(Timeline, "Timeline (times in {zone})"))
}

func fields() Style {
	entry := EntryForm{Bullet: "* ", Open: "*", Gap: " ", Clock: "HH:MM", Close: "*", Separator: " "}
	const field, bold = "**{}**: ", "**{}**"
	s := base("fields", entry, SectionStyle{Kind: Lead, Level: 2, Heading: "{title}"}, label(Day, "Date", field), label(Impact, "Impact", field), label(RootCauses, "Root Causes", field),
		label(Trigger, "Trigger", field), label(Resolution, "Resolution", field), label(Detection, "Detection", field), h2(ActionItems, "Action Items"), h2(Lessons, "Lessons Learned"),
		label(WentWell, "What went well?", bold), label(WentWrong, "What went wrong?", bold), label(GotLucky, "Where we got lucky?", bold), h2(Timeline, "Timeline ({zone})"))
	s.Date, s.ActionItems.Pad = "DD.MM.YYYY", " "
	s.ActionItems.Columns = []Column{{Name: "Action Item", Kind: "text", Rule: "---"}, {Name: "Owner", Kind: "owner", Rule: "---"}}
	return s
}

func report() Style {
	entry := EntryForm{Bullet: "- ", Date: "YYYY-MM-DD", Gap: " ", Clock: "HH:MM", Separator: ": "}
	return base("report", entry, SectionStyle{Kind: Lead}, label(Impact, "Impact", "**{}:** "), h2(Detection, "Detection"), h2(RootCauses, "Root Cause"),
		h2(Resolution, "Resolution"), h3(ActionItems, "Action Items"), h2(Lessons, "Lessons Learned"), h2(Timeline, "Timeline (All Time in {zone})"))
}
