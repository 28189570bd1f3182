package chat

import (
	"context"

	"watchbell/incidents"
)

// Message is something to say in Slack.
type Message struct {
	// Text is the whole message in mrkdwn for notifications, search and screen readers; it is shown where there are no
	// blocks.
	Text   string  `json:"text"`
	Blocks []Block `json:"blocks,omitempty"`
}

// BlockKind says how a block looks.
type BlockKind string

// The kinds of blocks.
const (
	Header  BlockKind = "header"  // Text, plain
	Section BlockKind = "section" // Text, mrkdwn; at most one button beside it
	Fields  BlockKind = "fields"  // Fields, mrkdwn, in two columns
	Context BlockKind = "context" // Text, mrkdwn, small
	Actions BlockKind = "actions" // Buttons
	Divider BlockKind = "divider"
)

// Block is one part of a message. Whoever sends it shortens what is beyond Slack's limits.
type Block struct {
	Kind    BlockKind `json:"kind"`
	Text    string    `json:"text,omitempty"`
	Fields  []string  `json:"fields,omitempty"`
	Buttons []Button  `json:"buttons,omitempty"`
	// Menu is beside a section, instead of a button, or after the buttons of a row.
	Menu *Menu `json:"menu,omitempty"`
}

// Menu is a list of at most five choices behind three dots. Its Action is a button's.
type Menu struct {
	Action  string   `json:"action"`
	Options []Option `json:"options"`
}

// Button is a button. Action is "verb" or "verb:argument".
type Button struct {
	Label  string `json:"label"`
	Action string `json:"action"`
	Value  string `json:"value,omitempty"`
	// Style is "primary", "danger" or empty.
	Style string `json:"style,omitempty"`
	URL   string `json:"url,omitempty"`
	// Confirm asks this question before the press counts; empty for no question.
	Confirm string `json:"confirm,omitempty"`
}

// FieldKind says what can be filled into a field.
type FieldKind string

// The kinds of fields.
const (
	TextField   FieldKind = "text"   // one line
	LongField   FieldKind = "long"   // several lines
	ChoiceField FieldKind = "choice" // one of Options
	PersonField FieldKind = "person" // a Slack user
	PeopleField FieldKind = "people" // Slack users; Value: their ids with commas between
	DateField   FieldKind = "date"   // a day
	PickField   FieldKind = "pick"   // one of a few Options, all in view
	ListField   FieldKind = "list"   // boxes to tick, at most ten Options; Value: the ticked ones' values with commas between
	CheckField  FieldKind = "check"  // a box to tick; Label of its one option is Options[0].Label
)

// Field is one input of a form. Its Name is its block_id; its action_id is always "value".
type Field struct {
	Name, Label, Hint, Placeholder string
	Kind                           FieldKind
	Options                        []Option
	// Value is what is filled in already, in the form of Submitted.Values.
	Value    string
	Optional bool
	// Live has what is filled in told at once, so that the form can follow it; see Desk.Filled.
	Live bool
}

// Option is a choice. More goes on below the label, in a list.
type Option struct {
	Value string `json:"value"`
	Label string `json:"label"`
	More  string `json:"more,omitempty"`
}

// Form is a form to fill in. Its Verb is its callback_id.
type Form struct {
	Verb, Title, Submit string
	// Intro is shown above the fields, Outro below them, mrkdwn; empty for nothing.
	Intro   string
	Outro   string
	Fields  []Field
	Context FormContext
	// Fill gives the form its fields once it is open, where that needs to ask Slack; nil where they are there already.
	Fill func(context.Context) Form
}

// FormContext travels with a form and comes back with it: what it is about and where it was opened.
type FormContext struct {
	Incident int    `json:"incident,omitempty"`
	Channel  string `json:"channel,omitempty"`
	Thread   string `json:"thread,omitempty"`
	// Entry is the timeline's entry that it is about, Version the one that the person sees; 0 for none.
	Entry   int `json:"entry,omitempty"`
	Version int `json:"version,omitempty"`
	// Action is the action item that it is about, Owner who had it when the form was opened.
	Action int    `json:"action,omitempty"`
	Owner  string `json:"owner,omitempty"`
	Image  int    `json:"image,omitempty"`  // which of the entry's images, from 1
	Remark string `json:"remark,omitempty"` // the comment on the pull request that it is about
	// Seen is what a form for the post showed of its sections.
	Seen map[incidents.Section]seenText `json:"seen,omitempty"`
	Step string                         `json:"step,omitempty"` // of the protocol
	// Held is who had the roles when the form was opened.
	Held map[incidents.Role][]string `json:"held,omitempty"`
	// Message is the message that the form is about; nil for none.
	Message *MessageContext `json:"message,omitempty"`
}

// say makes a message of one section.
func say(text string, buttons ...Button) *Message {
	m := &Message{Text: text, Blocks: []Block{{Kind: Section, Text: text}}}
	if len(buttons) > 0 {
		m.Blocks = append(m.Blocks, Block{Kind: Actions, Buttons: buttons})
	}
	return m
}
