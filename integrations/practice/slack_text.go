package practice

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// MessageText is what a person reads of a message, as plain text: the blocks, or the text when there are none.
// References are shown by name, links as their words with the address behind, buttons in brackets.
func (s *Slack) MessageText(m Message) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.plain(&m)
}

// ViewText is what a person reads of a form, without the contents of its inputs.
func (s *Slack) ViewText(v *View) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.TrimSpace(v.Title + "\n" + s.blocksText(v.Blocks))
}

func (s *Slack) plain(m *Message) string {
	if len(m.Blocks) > 0 {
		if text := s.blocksText(m.Blocks); text != "" {
			return text
		}
	}
	return s.mrkdwn(m.Text)
}

func (s *Slack) blocksText(raw json.RawMessage) string {
	var blocks []any
	if json.Unmarshal(raw, &blocks) != nil {
		return ""
	}
	var lines []string
	for _, v := range blocks {
		b, _ := v.(object)
		if line := s.blockText(b); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

func (s *Slack) blockText(b object) string {
	switch word(b, "type") {
	case "header", "alert":
		return s.objectText(b["text"])
	case "markdown":
		return word(b, "text")
	case "divider":
		return "---"
	case "section":
		parts := []string{s.objectText(b["text"])}
		fields, _ := b["fields"].([]any)
		for _, f := range fields {
			parts = append(parts, s.objectText(f))
		}
		parts = append(parts, s.elementText(b["accessory"]))
		return joined(parts, "\n")
	case "context", "actions":
		elements, _ := b["elements"].([]any)
		var parts []string
		for _, e := range elements {
			parts = append(parts, s.elementText(e))
		}
		return joined(parts, " ")
	case "image":
		return "[image: " + word(b, "alt_text") + "]"
	case "input":
		return joined([]string{textIn(b, "label"), textIn(b, "hint")}, "\n")
	case "rich_text":
		elements, _ := b["elements"].([]any)
		var parts []string
		for _, e := range elements {
			e, _ := e.(object)
			parts = append(parts, s.richText(e))
		}
		return joined(parts, "\n")
	}
	return ""
}

func joined(parts []string, with string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, with)
}

// objectText reads a text object.
func (s *Slack) objectText(v any) string {
	o, _ := v.(object)
	if word(o, "type") == "mrkdwn" {
		return s.mrkdwn(word(o, "text"))
	}
	return word(o, "text")
}

func (s *Slack) elementText(v any) string {
	o, _ := v.(object)
	switch kind := word(o, "type"); kind {
	case "", "overflow":
		return ""
	case "plain_text", "mrkdwn":
		return s.objectText(o)
	case "image":
		return "[image: " + word(o, "alt_text") + "]"
	case "button":
		return "[" + labelOf(o) + "]"
	default:
		return "[" + textIn(o, "placeholder") + "…]"
	}
}

var references = regexp.MustCompile(`<([^<>]*)>`)

var slackUnescapes = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// mrkdwn resolves references and escapes; the marks for bold and so on stay.
func (s *Slack) mrkdwn(text string) string {
	text = references.ReplaceAllStringFunc(text, func(ref string) string {
		target, label, _ := strings.Cut(ref[1:len(ref)-1], "|")
		switch {
		case strings.HasPrefix(target, "@"):
			return "@" + s.userName(target[1:])
		case strings.HasPrefix(target, "#"):
			return "#" + s.channelName(target[1:])
		case strings.HasPrefix(target, "!date^"):
			return label
		case strings.HasPrefix(target, "!"):
			if label == "" {
				label, _, _ = strings.Cut(target[1:], "^")
			}
			return "@" + strings.TrimPrefix(label, "@")
		case label != "" && label != target:
			return label + " (" + target + ")"
		}
		return target
	})
	return slackUnescapes.Replace(text)
}

func (s *Slack) userName(id string) string {
	if u := s.userByID(id); u != nil {
		return u.Name
	}
	return id
}

func (s *Slack) channelName(id string) string {
	if c := s.channelByID(id); c != nil {
		return c.Name
	}
	return id
}

// richText reads one element of a rich_text block, names included.
func (s *Slack) richText(e object) string {
	elements, _ := e["elements"].([]any)
	var out []string
	for _, v := range elements {
		o, _ := v.(object)
		out = append(out, s.richLeaf(o))
	}
	if word(e, "type") == "rich_text_list" {
		return "• " + strings.Join(out, "\n• ")
	}
	return strings.Join(out, "")
}

func (s *Slack) richLeaf(o object) string {
	switch word(o, "type") {
	case "user":
		return "@" + s.userName(word(o, "user_id"))
	case "channel":
		return "#" + s.channelName(word(o, "channel_id"))
	case "link":
		if label := word(o, "text"); label != "" && label != word(o, "url") {
			return label + " (" + word(o, "url") + ")"
		}
		return word(o, "url")
	case "emoji":
		return ":" + word(o, "name") + ":"
	case "broadcast":
		return "@" + word(o, "range")
	case "date":
		return word(o, "fallback")
	case "rich_text_section":
		return s.richText(o)
	}
	return word(o, "text")
}

// richPlain is the text of a rich_text element without names, for counting.
func richPlain(e object) string {
	var none Slack
	return none.richText(e)
}

// shownValue is what an input holds, as text.
func shownValue(value map[string]any) string {
	switch v := value[valueField(word(value, "type"))].(type) {
	case string:
		return v
	case object:
		return word(v, "value")
	case []any:
		var parts []string
		for _, one := range v {
			if o, ok := one.(object); ok {
				parts = append(parts, word(o, "value"))
			} else {
				parts = append(parts, fmt.Sprint(one))
			}
		}
		return strings.Join(parts, ",")
	case int64:
		return fmt.Sprint(v)
	case float64:
		return fmt.Sprintf("%.0f", v)
	}
	return ""
}
