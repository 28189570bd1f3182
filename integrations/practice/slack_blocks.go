package practice

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// blockCheck reads blocks as strictly as Slack does and collects what is wrong. The limits are those of
// https://docs.slack.dev/reference/block-kit and its pages.
type blockCheck struct {
	where   string // "message", "modal" or "home"
	path    string // JSON pointer of the blocks, for the messages
	errs    []string
	ids     map[string]bool
	focus   int
	inputs  int
	chars   int // of all texts
	md      int // of all markdown blocks
	fill    func() string
	actions map[string]bool // action ids of the block at hand
}

type object = map[string]any

func (b *blockCheck) fail(at, format string, args ...any) {
	b.errs = append(b.errs, fmt.Sprintf("%s [json-pointer:%s]", fmt.Sprintf(format, args...), at))
}

// checkMessageBlocks returns the blocks of a message with the ids filled in that Slack would give.
func checkMessageBlocks(raw json.RawMessage) (json.RawMessage, error) {
	if len(bytes.TrimSpace(raw)) == 0 || string(raw) == "null" {
		return nil, nil
	}
	var list []any
	if json.Unmarshal(raw, &list) != nil {
		return nil, refuseInvalid("invalid_blocks_format", "blocks are no array")
	}
	b := &blockCheck{where: "message", path: "/blocks"}
	out := b.run(raw, 50)
	switch {
	case len(b.errs) > 0:
		return nil, &slackError{code: "invalid_blocks", messages: b.errs, invalid: true}
	case b.chars > maxBlocksText:
		return nil, refuseInvalid("msg_blocks_too_long", "%d characters in all blocks, at most %d", b.chars, maxBlocksText)
	}
	return out, nil
}

func (b *blockCheck) run(raw json.RawMessage, most int) json.RawMessage {
	b.ids = map[string]bool{}
	n := 0
	b.fill = func() string { n++; return fmt.Sprintf("auto%d", n) }
	var list []any
	if err := json.Unmarshal(raw, &list); err != nil || list == nil {
		b.fail(b.path, "must be an array of blocks")
		return nil
	}
	if len(list) > most {
		b.fail(b.path, "no more than %d items allowed, %d given", most, len(list))
	}
	for i, v := range list {
		at := fmt.Sprintf("%s/%d", b.path, i)
		block, ok := v.(object)
		if !ok {
			b.fail(at, "must be an object")
			continue
		}
		b.block(at, block)
	}
	if b.focus > 1 {
		b.fail(b.path, "only one element may have focus_on_load")
	}
	if b.md > 12_000 {
		b.fail(b.path, "markdown blocks of %d characters, at most 12000", b.md)
	}
	out, err := json.Marshal(list)
	if err != nil {
		b.fail(b.path, "%v", err)
	}
	return out
}

// blockKind says where a block may stand and which fields it may have besides type and block_id.
type blockKind struct {
	where  string
	fields string
	check  func(*blockCheck, string, object)
}

func blockKinds() map[string]blockKind {
	return map[string]blockKind{
		"section":         {"message modal home", "text fields accessory expand", (*blockCheck).section},
		"header":          {"message modal home", "text level", (*blockCheck).header},
		"divider":         {"message modal home", "", func(*blockCheck, string, object) {}},
		"context":         {"message modal home", "elements", (*blockCheck).context},
		"actions":         {"message modal home", "elements", (*blockCheck).actionRow},
		"context_actions": {"message", "elements", (*blockCheck).contextActions},
		"image":           {"message modal home", "image_url slack_file alt_text title", (*blockCheck).image},
		"input":           {"message modal home", "label element hint optional dispatch_action", (*blockCheck).input},
		"rich_text":       {"message modal home", "elements", (*blockCheck).richText},
		"markdown":        {"message", "text", (*blockCheck).markdown},
		"table":           {"message", "rows column_settings", (*blockCheck).table},
		"alert":           {"modal", "text level", (*blockCheck).alert},
	}
}

var blockKindTable = blockKinds()

func (b *blockCheck) block(at string, o object) {
	name, _ := o["type"].(string)
	kind, known := blockKindTable[name]
	if !known {
		b.fail(at, "unsupported type: %q", name)
		return
	}
	if !slices.Contains(strings.Fields(kind.where), b.where) {
		b.fail(at, "block %q is not allowed in a %s", name, b.where)
	}
	b.only(at, o, "type block_id "+kind.fields)
	id, _ := o["block_id"].(string)
	if id == "" {
		id = b.fill()
		o["block_id"] = id
	}
	if n := utf8.RuneCountInString(id); n > 255 {
		b.fail(at+"/block_id", "%d characters, at most 255", n)
	}
	if b.ids[id] {
		b.fail(at+"/block_id", "block_id %q already exists", id)
	}
	b.ids[id] = true
	b.actions = map[string]bool{}
	kind.check(b, at, o)
}

// only complains about fields that do not belong to an object.
func (b *blockCheck) only(at string, o object, fields string) {
	allowed := strings.Fields(fields)
	for key := range o {
		if !slices.Contains(allowed, key) {
			b.fail(at, "invalid additional property: %s", key)
		}
	}
}

// text checks a text object; kinds is "plain_text", "mrkdwn" or both.
func (b *blockCheck) text(at string, v any, kinds string, most int) {
	o, ok := v.(object)
	if !ok {
		b.fail(at, "missing or no text object")
		return
	}
	kind, _ := o["type"].(string)
	if !slices.Contains(strings.Fields(kinds), kind) {
		b.fail(at+"/type", "must be %s, not %q", strings.ReplaceAll(kinds, " ", " or "), kind)
		return
	}
	if kind == "plain_text" {
		b.only(at, o, "type text emoji")
	} else {
		b.only(at, o, "type text verbatim")
	}
	b.str(at+"/text", o["text"], 1, most)
	if text, ok := o["text"].(string); ok {
		b.chars += utf8.RuneCountInString(text)
	}
}

// str checks a string's presence and its length in characters.
func (b *blockCheck) str(at string, v any, least, most int) {
	text, ok := v.(string)
	if !ok && (v != nil || least > 0) {
		b.fail(at, "must be a string")
		return
	}
	if n := utf8.RuneCountInString(text); n < least {
		b.fail(at, "must be more than %d characters", least-1)
	} else if n > most {
		b.fail(at, "must be less than %d characters, is %d", most+1, n)
	}
}

func (b *blockCheck) list(at string, v any, least, most int) []any {
	list, ok := v.([]any)
	if !ok {
		b.fail(at, "must be an array")
		return nil
	}
	if len(list) < least || len(list) > most {
		b.fail(at, "must have %d to %d items, has %d", least, most, len(list))
	}
	return list
}

func (b *blockCheck) section(at string, o object) {
	text, fields := o["text"], o["fields"]
	if text == nil && fields == nil {
		b.fail(at, "a section needs text or fields")
	}
	if text != nil {
		b.text(at+"/text", text, "plain_text mrkdwn", 3000)
	}
	if fields != nil {
		for i, f := range b.list(at+"/fields", fields, 1, 10) {
			b.text(fmt.Sprintf("%s/fields/%d", at, i), f, "plain_text mrkdwn", 2000)
		}
	}
	if o["accessory"] != nil {
		b.element(at+"/accessory", o["accessory"], "accessory")
	}
}

func (b *blockCheck) header(at string, o object) {
	b.text(at+"/text", o["text"], "plain_text", 150)
	if level, ok := o["level"].(float64); o["level"] != nil && (!ok || level < 1 || level > 4) {
		b.fail(at+"/level", "must be 1 to 4")
	}
}

func (b *blockCheck) context(at string, o object) {
	for i, v := range b.list(at+"/elements", o["elements"], 1, 10) {
		at := fmt.Sprintf("%s/elements/%d", at, i)
		if e, ok := v.(object); ok && e["type"] == "image" {
			b.element(at, v, "context")
			continue
		}
		b.text(at, v, "plain_text mrkdwn", 3000)
	}
}

func (b *blockCheck) actionRow(at string, o object) {
	for i, v := range b.list(at+"/elements", o["elements"], 1, 25) {
		b.element(fmt.Sprintf("%s/elements/%d", at, i), v, "actions")
	}
}

func (b *blockCheck) contextActions(at string, o object) {
	for i, v := range b.list(at+"/elements", o["elements"], 1, 5) {
		b.element(fmt.Sprintf("%s/elements/%d", at, i), v, "context_actions")
	}
}

func (b *blockCheck) image(at string, o object) {
	if o["slack_file"] == nil {
		b.str(at+"/image_url", o["image_url"], 1, 3000)
	}
	b.str(at+"/alt_text", o["alt_text"], 1, 2000)
	if o["title"] != nil {
		b.text(at+"/title", o["title"], "plain_text", 2000)
	}
}

func (b *blockCheck) input(at string, o object) {
	b.inputs++
	b.text(at+"/label", o["label"], "plain_text", 2000)
	if o["hint"] != nil {
		b.text(at+"/hint", o["hint"], "plain_text", 2000)
	}
	b.element(at+"/element", o["element"], "input")
}

func (b *blockCheck) markdown(at string, o object) {
	b.str(at+"/text", o["text"], 1, 12_000)
	if text, ok := o["text"].(string); ok {
		b.md += utf8.RuneCountInString(text)
	}
}

func (b *blockCheck) table(at string, o object) {
	for i, row := range b.list(at+"/rows", o["rows"], 1, 100) {
		b.list(fmt.Sprintf("%s/rows/%d", at, i), row, 1, 20)
	}
}

func (b *blockCheck) alert(at string, o object) {
	b.text(at+"/text", o["text"], "plain_text mrkdwn", 3000)
}

func (b *blockCheck) richText(at string, o object) {
	for i, v := range b.list(at+"/elements", o["elements"], 1, 1000) {
		at := fmt.Sprintf("%s/elements/%d", at, i)
		e, _ := v.(object)
		kind, _ := e["type"].(string)
		if !slices.Contains([]string{"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"}, kind) {
			b.fail(at, "unsupported type: %q", kind)
			continue
		}
		if _, ok := e["elements"].([]any); !ok {
			b.fail(at+"/elements", "must be an array")
		}
		b.chars += utf8.RuneCountInString(richPlain(e))
	}
}
