// Package postmortem reads and writes posts that tell the story of an incident: one Markdown file for a Jekyll or Hugo
// site, or a folder. It is pure: nothing is read from a clock, a file or a network.
//
// A [Post] is such a file taken apart. [Parse] makes one from any post: front matter, sections, timeline and action items
// where they can be told apart, and the text as it is where they cannot. With it comes its [Style], the house style that it
// was written in. [Render] writes a post, in its own style (then Parse's input comes out byte for byte) or in another one.
// A [Draft] is what is known about an incident; [Draft.In] makes a post of it in a style.
//
// Everything printed is Markdown. What people wrote for the post stays as they wrote it, and [Safe] only takes the sting
// out of what Jekyll, Liquid and kramdown would do to the rest of the page; what was captured from chat went through
// [Escape], [Code], [Fence] and [Link] leaf by leaf. Render passes all of it through Safe once more, which leaves safe text
// unchanged; only text that was read from a post already, and is marked so, is printed as it is.
package postmortem

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Post is a post-mortem post. As JSON it is what "watchbell post" prints and reads.
type Post struct {
	// FrontMatter holds the keys in their order; those that the style knows are printed in its order. Title is printed in
	// the place of "title".
	FrontMatter FrontMatter `json:"front_matter"`
	Title       string      `json:"title"`
	// Date is the day of the incident, YYYY-MM-DD in Zone: lines of the timeline that hold no date begin with it.
	Date string `json:"date,omitempty"`
	// Zone is the IANA name of the zone of the printed times.
	Zone        string        `json:"zone"`
	Sections    []PostSection `json:"sections"`
	Timeline    []Entry       `json:"timeline"`
	ActionItems []ActionItem  `json:"action_items"`
	// Style is the house style that the post was read in; the zero Style for one made by hand.
	Style Style `json:"style,omitzero"`
}

// PostSection is a part of the post. Those of the kinds ActionItems and Timeline print the list after their Markdown.
type PostSection struct {
	Kind Section `json:"kind"`
	// Level of the heading, 1 to 6; 0 where a bold label or nothing stands in its place.
	Level   int    `json:"level,omitempty"`
	Heading string `json:"heading,omitempty"`
	// Form is how a label that is no heading is written, with {} for Heading: "**{}**: ".
	Form     string `json:"form,omitempty"`
	Markdown string `json:"markdown"`
	// Except is in what the section differs from the post's style.
	Except *SectionExcept `json:"except,omitempty"`
}

// SectionExcept is what one section does otherwise than the others of its level.
type SectionExcept struct {
	// AsIs marks text that was read from a post and is printed as it is, although Safe would change it.
	AsIs bool `json:"as_is,omitempty"`
	// Before and After are the blank lines around the heading, List those between the section's Markdown and its list.
	Before *int `json:"before,omitempty"`
	After  *int `json:"after,omitempty"`
	List   *int `json:"list,omitempty"`
}

// Entry is one line of the timeline.
type Entry struct {
	At    time.Time `json:"at"`             // when it happened, an instant
	Until time.Time `json:"until,omitzero"` // the end of something that took a while; zero for a moment
	Text  string    `json:"text"`           // Markdown; several lines stay one list item
	// Except is in what the line differs from the post's style.
	Except *Except `json:"except,omitempty"`
}

// Except is what one item of a list does otherwise than the others.
type Except struct {
	// AsIs marks text that was read from a post and is printed as it is, although Safe would change it.
	AsIs bool `json:"as_is,omitempty"`
	// Follows keeps an entry right behind the one before, although its time is earlier.
	Follows bool `json:"follows,omitempty"`
	// Blank is the number of blank lines before the item.
	Blank *int `json:"blank,omitempty"`
	// Indent is what the item's further lines begin with.
	Indent *string `json:"indent,omitempty"`
	// Head is the line above an entry that names its day, with its line ends, where each day is written once.
	Head string `json:"head,omitempty"`
	// Form holds the parts of the line's form, by their names in the style, that differ.
	Form map[string]string `json:"form,omitempty"`
}

// ActionItem is one thing that is going to be done because of the incident.
type ActionItem struct {
	// Text is one sentence of Markdown. The words in the first pair of [brackets] carry the link.
	Text string `json:"text"`
	// Link is the http or https address that follows the item up, such as a card's; empty when there is none. A Text with
	// a link of its own keeps that one.
	Link  string `json:"link,omitempty"`
	Owner string `json:"owner,omitempty"`
	Done  bool   `json:"done"`
	// Fields are the cells of a table's other columns, by their headings.
	Fields map[string]string `json:"fields,omitempty"`
	// Except is in what the item differs from the post's style.
	Except *Except `json:"except,omitempty"`
}

// FrontMatter is the post's front matter in order. As JSON it is an object that keeps it.
type FrontMatter []Field

// Field is one key. Keys that begin with "#" are comments and blank lines, whose Value is the line.
type Field struct{ Key, Value string }

// Get returns the value of a key, or "".
func (f FrontMatter) Get(key string) string {
	for _, field := range f {
		if field.Key == key {
			return field.Value
		}
	}
	return ""
}

// MarshalJSON writes an object with the keys in order.
func (f FrontMatter) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, field := range f {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(quoteJSON(field.Key))
		b.WriteByte(':')
		b.Write(quoteJSON(field.Value))
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func quoteJSON(s string) []byte {
	text, _ := json.Marshal(s) // a string: it cannot fail
	return text
}

// UnmarshalJSON reads an object in the order in which it is written. Numbers, true and false are taken as they are written.
func (f *FrontMatter) UnmarshalJSON(text []byte) error {
	*f = nil
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if t, err := dec.Token(); err != nil || t == nil {
		return err
	} else if t != json.Delim('{') {
		return errors.New("front_matter is no object")
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		var value any
		if err := dec.Decode(&value); err != nil {
			return err
		}
		field := Field{Key: key.(string)}
		switch v := value.(type) {
		case string:
			field.Value = v
		case nil:
		case json.Number, bool:
			field.Value = fmt.Sprint(v)
		default:
			return fmt.Errorf("front_matter.%s is neither text nor a number; write lists and maps as YAML in a string", field.Key)
		}
		*f = append(*f, field)
	}
	_, err := dec.Token()
	return err
}

// Check says what makes a model unusable, in words for whoever wrote it.
func (p Post) Check() error {
	if p.Zone != "" {
		if _, ok := zoneNamed(p.Zone); !ok {
			return fmt.Errorf("zone is %q; write UTC or a name such as Europe/Berlin", p.Zone)
		}
	}
	if _, err := time.Parse(time.DateOnly, p.Date); err != nil && p.Date != "" {
		return fmt.Errorf("date is %q; write the day as YYYY-MM-DD", p.Date)
	}
	for i, e := range p.Timeline {
		if e.At.IsZero() {
			return fmt.Errorf("the entry %d of the timeline has no time; write \"at\" as 2026-07-08T01:46:00Z", i+1)
		}
		if !e.Until.IsZero() && e.Until.Before(e.At) {
			return fmt.Errorf("the entry %d of the timeline ends before it begins", i+1)
		}
	}
	return nil
}

// section finds the first section of a kind; -1 when there is none.
func (p *Post) section(kind Section) int {
	for i := range p.Sections {
		if p.Sections[i].Kind == kind {
			return i
		}
	}
	return -1
}

// location is the zone of the post's times; UTC when it is not known.
func (p *Post) location() *time.Location { return locationOf(p.Zone) }
