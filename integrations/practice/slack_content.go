package practice

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Limits of messages, in characters (see the page of chat.postMessage and of chat.update).
const (
	maxPostedText  = 40_000 // longer texts are cut
	maxUpdatedText = 4_000  // longer texts are refused
	maxMarkdown    = 12_000 // longer ones are refused
	maxBlocksText  = 13_200 // the texts of all blocks together; measured by others, not published
)

// content is what a message says.
type content struct {
	text           string
	hasText        bool
	blocks         json.RawMessage // nil when none were given, "[]" to remove them
	metadata       json.RawMessage
	hasMetadata    bool
	attachments    json.RawMessage // nil when there are none
	hasAttachments bool
}

// content reads and checks text, blocks, attachments and metadata.
func (c *slackCall) content() (content, error) {
	in := content{text: c.args.str("text"), hasText: c.args.has("text")}
	if len(c.args.form["text"]) > 1 {
		return in, refuseInvalid("invalid_arguments", "text was sent %d times", len(c.args.form["text"]))
	}
	if c.args.str("markdown_text") != "" {
		return in, c.markdown(&in)
	}
	if c.args.has("blocks") {
		checked, err := checkMessageBlocks(c.args.raw("blocks"))
		if err != nil {
			return in, err
		}
		in.blocks = checked
	}
	if c.args.has("attachments") {
		var err error
		if in.attachments, err = checkAttachments(c.args.raw("attachments")); err != nil {
			return in, err
		}
		in.hasAttachments = true
	}
	if err := c.metadata(&in); err != nil {
		return in, err
	}
	if n := utf8.RuneCountInString(in.text); n > maxPostedText {
		c.s.invalid = append(c.s.invalid, fmt.Sprintf("%s: text of %d characters cut to %d", c.method, n, maxPostedText))
		in.text = string([]rune(in.text)[:maxPostedText])
	}
	return in, nil
}

func (c *slackCall) metadata(in *content) error {
	if !c.args.has("metadata") {
		return nil
	}
	var err error
	in.metadata, err = checkMetadata(c.args.raw("metadata"))
	in.hasMetadata = true
	return err
}

// markdown reads a message given as standard Markdown. It is kept as one block, with the source as its text.
func (c *slackCall) markdown(in *content) error {
	text := c.args.str("markdown_text")
	switch n := utf8.RuneCountInString(text); {
	case in.text != "" || c.args.has("blocks"):
		return refuseInvalid("markdown_text_conflict", "markdown_text goes with neither text nor blocks")
	case n > maxMarkdown:
		return refuseInvalid("msg_too_long", "markdown_text of %d characters, at most %d", n, maxMarkdown)
	}
	in.text, in.hasText = text, true
	var err error
	in.blocks, err = json.Marshal([]any{object{"type": "markdown", "block_id": "markdown", "text": text}})
	if err != nil {
		return err
	}
	return c.metadata(in)
}

// checkAttachments numbers attachments as Slack does. Blocks inside them are as strictly read as others.
func checkAttachments(raw json.RawMessage) (json.RawMessage, error) {
	var list []object
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, refuseInvalid("invalid_attachments", "attachments are no array of objects")
	}
	if len(list) > 100 {
		return nil, refuseInvalid("too_many_attachments", "%d attachments, at most 100", len(list))
	}
	if len(list) == 0 {
		return nil, nil
	}
	for i, a := range list {
		a["id"] = i + 1
		if _, ok := a["fallback"].(string); !ok {
			a["fallback"] = "[no preview available]"
		}
		if a["blocks"] == nil {
			continue
		}
		blocks, err := json.Marshal(a["blocks"])
		if err != nil {
			return nil, err
		}
		if a["blocks"], err = checkMessageBlocks(blocks); err != nil {
			return nil, err
		}
	}
	return json.Marshal(list)
}

func (in content) empty() bool {
	return strings.TrimSpace(in.text) == "" && (len(in.blocks) == 0 || string(in.blocks) == "[]") && len(in.attachments) == 0
}
