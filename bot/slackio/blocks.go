package slackio

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"watchbell/bot/chat"
)

// fitted is a message in Slack's form, within all of Slack's limits.
type fitted struct {
	Text   string   `json:"text"`
	Blocks []*block `json:"blocks,omitempty"`
}

// block is a block of a message or a form. See https://docs.slack.dev/reference/block-kit/blocks.
type block struct {
	Type      string   `json:"type"`
	BlockID   string   `json:"block_id,omitempty"`
	Text      *text    `json:"text,omitempty"`
	Fields    []*text  `json:"fields,omitempty"`
	Accessory *element `json:"accessory,omitempty"`
	Elements  []any    `json:"elements,omitempty"`
	Label     *text    `json:"label,omitempty"`
	Hint      *text    `json:"hint,omitempty"`
	Element   *element `json:"element,omitempty"`
	Optional  bool     `json:"optional,omitempty"`
	// Dispatch has an input send what is filled in while the form is open.
	Dispatch bool `json:"dispatch_action,omitempty"`
}

// BlockType and ID let slack-go carry the block.
func (b *block) BlockType() slack.MessageBlockType { return slack.MessageBlockType(b.Type) }

// ID is the block's id; empty where Slack may choose one.
func (b *block) ID() string { return b.BlockID }

// text is a text object. Verbatim keeps Slack from making mentions and links of words that only look like them.
type text struct {
	Type     string `json:"type"`
	Text     string `json:"text"`
	Emoji    bool   `json:"emoji,omitempty"`
	Verbatim bool   `json:"verbatim,omitempty"`
}

// element is a button or an input.
type element struct {
	Type           string    `json:"type"`
	ActionID       string    `json:"action_id,omitempty"`
	Text           *text     `json:"text,omitempty"`
	Value          string    `json:"value,omitempty"`
	URL            string    `json:"url,omitempty"`
	Style          string    `json:"style,omitempty"`
	Confirm        *confirm  `json:"confirm,omitempty"`
	Multiline      bool      `json:"multiline,omitempty"`
	Placeholder    *text     `json:"placeholder,omitempty"`
	InitialValue   string    `json:"initial_value,omitempty"`
	InitialUser    string    `json:"initial_user,omitempty"`
	InitialUsers   []string  `json:"initial_users,omitempty"`
	InitialDate    string    `json:"initial_date,omitempty"`
	InitialOption  *option   `json:"initial_option,omitempty"`
	InitialOptions []*option `json:"initial_options,omitempty"`
	Options        []*option `json:"options,omitempty"`
	Dispatch       *dispatch `json:"dispatch_action_config,omitempty"`
}

// dispatch says when a text input sends what it holds.
// See https://docs.slack.dev/reference/block-kit/composition-objects/dispatch-action-configuration-object.
type dispatch struct {
	On []string `json:"trigger_actions_on"`
}

type option struct {
	Text  *text  `json:"text"`
	Value string `json:"value"`
	More  *text  `json:"description,omitempty"`
}

type confirm struct {
	Title   *text `json:"title"`
	Text    *text `json:"text"`
	Confirm *text `json:"confirm"`
	Deny    *text `json:"deny"`
}

func plain(s string, limit int) *text {
	return &text{Type: "plain_text", Text: shortenPlain(s, limit), Emoji: true}
}

func mrkdwn(s string, limit int) *text {
	return &text{Type: "mrkdwn", Text: shortenMrkdwn(s, limit), Verbatim: true}
}

// fit puts a message into Slack's form. It is the one place where the limits on messages are kept: what is too long is
// shortened, what is too much is left out and said to be.
func fit(m chat.Message) fitted {
	var out fitted
	ids := actionIDs{}
	for _, b := range m.Blocks {
		out.Blocks = append(out.Blocks, ids.blocks(b)...)
	}
	out.Blocks = atMost(out.Blocks, maxBlocks)
	level(out.Blocks)
	out.Text = m.Text
	if strings.TrimSpace(out.Text) == "" {
		out.Text = firstText(out.Blocks)
	}
	out.Text = shortenMrkdwn(out.Text, maxText)
	return out
}

// firstText finds words for notifications where a message has none of its own; Slack refuses a message without any.
func firstText(blocks []*block) string {
	for _, b := range blocks {
		for _, t := range b.texts() {
			if strings.TrimSpace(t.Text) != "" {
				return t.Text
			}
		}
	}
	return "(no text)"
}

// plainAction marks the buttons that only open a link: Slack reports a press of those as well.
const plainAction = "link"

// actionIDs makes the ids of buttons unique within a message, as Slack demands. A second button for the same action gets
// a number that actionOf takes off again.
type actionIDs map[string]int

const repeatMark = "~"

func (ids actionIDs) unique(action string) string {
	if action == "" {
		action = plainAction
	}
	if len(action) > maxID-5 {
		action = prefixBytes(action, maxID-5)
	}
	ids[action]++
	if n := ids[action]; n > 1 {
		return action + repeatMark + strconv.Itoa(n)
	}
	return action
}

func prefixBytes(s string, limit int) string {
	return strings.ToValidUTF8(s[:limit], "")
}

// actionOf is the action that a button's id stands for.
func actionOf(id string) string {
	if i := strings.LastIndex(id, repeatMark); i > 0 {
		if _, err := strconv.Atoi(id[i+1:]); err == nil {
			return id[:i]
		}
	}
	return id
}

// blocks turns one block of a message into Slack's, into several where Slack would not take it as one, and into none
// when there is nothing in it.
func (ids actionIDs) blocks(b chat.Block) []*block {
	blank := strings.TrimSpace(b.Text) == ""
	switch b.Kind {
	case chat.Divider:
		return []*block{{Type: "divider"}}
	case chat.Header:
		if blank {
			return nil
		}
		return []*block{{Type: "header", Text: plain(b.Text, maxHeader)}}
	case chat.Context:
		if blank {
			return nil
		}
		return []*block{{Type: "context", Elements: []any{mrkdwn(b.Text, maxField)}}}
	case chat.Fields:
		return fields(b.Fields)
	case chat.Actions:
		row := ids.actions(b.Buttons)
		if b.Menu != nil && len(row) > 0 && len(row[len(row)-1].Elements) < maxButtons {
			if menu := ids.menu(*b.Menu); menu != nil {
				row[len(row)-1].Elements = append(row[len(row)-1].Elements, menu)
			}
		}
		return row
	}
	if blank {
		return ids.actions(b.Buttons)
	}
	section := &block{Type: "section", Text: mrkdwn(b.Text, maxSection)}
	if b.Menu != nil {
		section.Accessory = ids.menu(*b.Menu)
		return append([]*block{section}, ids.actions(b.Buttons)...)
	}
	if len(b.Buttons) == 0 {
		return []*block{section}
	}
	section.Accessory = ids.button(b.Buttons[0])
	return append([]*block{section}, ids.actions(b.Buttons[1:])...)
}

func fields(list []string) []*block {
	var blocks []*block
	for chunk := range slices.Chunk(list, maxFields) {
		b := &block{Type: "section"}
		for _, f := range chunk {
			if strings.TrimSpace(f) != "" {
				b.Fields = append(b.Fields, mrkdwn(f, maxField))
			}
		}
		if len(b.Fields) > 0 {
			blocks = append(blocks, b)
		}
	}
	return blocks
}

func (ids actionIDs) actions(buttons []chat.Button) []*block {
	var blocks []*block
	for chunk := range slices.Chunk(buttons, maxButtons) {
		b := &block{Type: "actions"}
		for _, button := range chunk {
			b.Elements = append(b.Elements, ids.button(button))
		}
		blocks = append(blocks, b)
	}
	return blocks
}

func (ids actionIDs) button(b chat.Button) *element {
	label := b.Label
	if strings.TrimSpace(label) == "" {
		label = "Open"
	}
	e := &element{
		Type: "button", ActionID: ids.unique(b.Action), Text: plain(label, maxButtonLabel),
		Value: shortenPlain(b.Value, maxButtonValue),
	}
	if isWebURL(b.URL) {
		e.URL = b.URL
	}
	if b.Style == "primary" || b.Style == "danger" {
		e.Style = b.Style
	}
	if strings.TrimSpace(b.Confirm) != "" {
		e.Confirm = &confirm{
			Title: plain("Are you sure?", 100), Text: plain(b.Confirm, maxConfirm),
			Confirm: plain(label, 30), Deny: plain("Cancel", 30),
		}
	}
	return e
}

// menu is an overflow menu; nil when there is nothing to choose.
func (ids actionIDs) menu(m chat.Menu) *element {
	list := options(m.Options)
	if len(list) == 0 {
		return nil
	}
	return &element{Type: "overflow", ActionID: ids.unique(m.Action), Options: list[:min(len(list), maxMenu)]}
}

func isWebURL(s string) bool {
	return len(s) <= maxURL && (strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://"))
}

// atMost leaves out the last blocks that hold no buttons, until a line that says so fits as well.
func atMost(blocks []*block, most int) []*block {
	if len(blocks) <= most {
		return blocks
	}
	surplus := len(blocks) - most + 1
	kept := slices.Clone(blocks)
	at := most
	for i := len(kept) - 1; i >= 0 && surplus > 0; i-- {
		if kept[i].Type != "actions" {
			kept = slices.Delete(kept, i, i+1)
			surplus--
			at = i
		}
	}
	if surplus > 0 {
		kept = kept[:most-1]
	}
	note := &block{Type: "context", Elements: []any{mrkdwn("… and more that does not fit here", maxField)}}
	return slices.Insert(kept, min(at, len(kept)), note)
}

// texts are all texts that people see in a block.
func (b *block) texts() []*text {
	var list []*text
	if b.Text != nil {
		list = append(list, b.Text)
	}
	list = append(list, b.Fields...)
	if b.Accessory != nil {
		list = append(list, b.Accessory.texts()...)
	}
	for _, e := range b.Elements {
		switch e := e.(type) {
		case *text:
			list = append(list, e)
		case *element:
			list = append(list, e.texts()...)
		}
	}
	return list
}

func (e *element) texts() []*text {
	if e.Text == nil {
		var list []*text
		for _, o := range e.Options {
			list = append(list, o.Text)
		}
		return list
	}
	if e.Confirm == nil {
		return []*text{e.Text}
	}
	return []*text{e.Text, e.Confirm.Text, e.Confirm.Title, e.Confirm.Confirm, e.Confirm.Deny}
}

// level shortens the longest texts of a message so far that all of them together are within the limit; short ones stay
// as they are.
func level(blocks []*block) {
	var texts []*text
	for _, b := range blocks {
		texts = append(texts, b.texts()...)
	}
	sum := func(cap int) int {
		total := 0
		for _, t := range texts {
			total += min(size(t.Text), cap)
		}
		return total
	}
	if sum(maxSection) <= maxSum {
		return
	}
	low, high := 1, maxSection // the largest cap that fits
	for low < high {
		if mid := (low + high + 1) / 2; sum(mid) <= maxSum {
			low = mid
		} else {
			high = mid - 1
		}
	}
	for _, t := range texts {
		if t.Type == "mrkdwn" {
			t.Text = shortenMrkdwn(t.Text, low)
		} else {
			t.Text = shortenPlain(t.Text, low)
		}
	}
}

// encode is JSON without the escaping of "<", ">" and "&", which would make Slack's markup six times as long.
func encode(v any) []byte {
	var buf bytes.Buffer
	_ = encodeTo(&buf, v) // own structs of strings: it cannot fail
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
}

// encodeTo writes the same, and a line's end, in one piece.
func encodeTo(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
