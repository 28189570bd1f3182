package slackio

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"pgregory.net/rapid"

	"watchbell/bot/chat"
	"watchbell/incidents"
)

// checker holds what we send against Slack's limits as they are published, without a look at how it was made. It counts in
// UTF-16 units, the longer of the two ways to count.
type checker struct {
	errs    []string
	sum     int
	ids     map[string]bool
	actions map[string]bool
}

type tree = map[string]any

func (c *checker) fail(format string, args ...any) {
	c.errs = append(c.errs, fmt.Sprintf(format, args...))
}

func units(s string) int { return len(utf16.Encode([]rune(s))) }

func (c *checker) string(where string, v any, least, most int) {
	s, ok := v.(string)
	if n := units(s); (!ok && (least > 0 || v != nil)) || n < least || n > most || !utf8.ValidString(s) {
		c.fail("%s: %T of %d characters, want %d to %d", where, v, n, least, most)
	}
}

func (c *checker) text(where string, v any, kind string, most int) {
	t, _ := v.(tree)
	if t["type"] != kind && kind != "" {
		c.fail("%s: type %v", where, t["type"])
	}
	c.string(where, t["text"], 1, most)
	s, _ := t["text"].(string)
	c.sum += units(s)
	if strings.TrimSpace(s) == "" {
		c.fail("%s is blank", where)
	}
}

func (c *checker) element(where string, v any) {
	e, _ := v.(tree)
	id, _ := e["action_id"].(string)
	c.string(where+" id", id, 1, 255)
	if c.actions[id] {
		c.fail("%s: id %q twice", where, id)
	}
	c.actions[id] = true
	switch e["type"] {
	case "button":
		c.text(where, e["text"], "plain_text", 75)
		c.string(where+" value", e["value"], 0, 2000)
		c.string(where+" url", e["url"], 0, 3000)
		if q, ok := e["confirm"].(tree); ok {
			c.text(where, q["title"], "plain_text", 100)
			c.text(where, q["text"], "", 300)
			c.text(where, q["confirm"], "plain_text", 30)
			c.text(where, q["deny"], "plain_text", 30)
		}
	case "plain_text_input":
		c.string(where, e["initial_value"], 0, 3000)
	case "static_select", "checkboxes":
		list, _ := e["options"].([]any)
		if len(list) < 1 || len(list) > 100 {
			c.fail("%s: %d options", where, len(list))
		}
		for _, o := range list {
			c.text(where, o.(tree)["text"], "plain_text", 75)
			c.string(where, o.(tree)["value"], 1, 75)
		}
	case "users_select", "datepicker":
	default:
		c.fail("%s: element %v", where, e["type"])
	}
	if e["placeholder"] != nil {
		c.text(where, e["placeholder"], "plain_text", 150)
	}
}

func (c *checker) blocks(v any, most int) {
	list, _ := v.([]any)
	if len(list) > most {
		c.fail("%d blocks", len(list))
	}
	c.ids, c.actions = map[string]bool{}, map[string]bool{}
	for i, v := range list {
		b, _ := v.(tree)
		where := fmt.Sprintf("block %d (%v)", i, b["type"])
		if id, _ := b["block_id"].(string); id != "" {
			c.string(where, id, 1, 255)
			if c.ids[id] {
				c.fail("%s: id twice", where)
			}
			c.ids[id] = true
		}
		elements, _ := b["elements"].([]any)
		fields, _ := b["fields"].([]any)
		switch b["type"] {
		case "divider":
		case "header":
			c.text(where, b["text"], "plain_text", 150)
		case "section":
			if b["text"] == nil && len(fields) == 0 || len(fields) > 10 {
				c.fail("%s: no text, %d fields", where, len(fields))
			}
			if b["text"] != nil {
				c.text(where, b["text"], "mrkdwn", 3000)
			}
			for _, f := range fields {
				c.text(where, f, "mrkdwn", 2000)
			}
			if b["accessory"] != nil {
				c.element(where, b["accessory"])
			}
		case "context":
			if len(elements) < 1 || len(elements) > 10 {
				c.fail("%s: %d elements", where, len(elements))
			}
			for _, e := range elements {
				c.text(where, e, "mrkdwn", 2000)
			}
		case "actions":
			if len(elements) < 1 || len(elements) > 25 {
				c.fail("%s: %d elements", where, len(elements))
			}
			for _, e := range elements {
				c.element(where, e)
			}
		case "input":
			c.text(where, b["label"], "plain_text", 2000)
			if b["hint"] != nil {
				c.text(where, b["hint"], "plain_text", 2000)
			}
			c.actions = map[string]bool{} // unique within a block
			c.element(where, b["element"])
		default:
			c.fail("%s is of no known type", where)
		}
	}
}

// someText draws texts of all lengths and of awkward letters.
func someText() *rapid.Generator[string] {
	piece := rapid.SampledFrom([]string{
		"", " ", "\n", "x", "word ", "&amp;", "<https://example.org/a|words>", "<!channel>", "<@U1>", "```", "*b*", "é", "e\u0301", "👍🏽", "👨‍👩‍👧", "🇩🇪",
		"\u202e", "\x00", "\xff", "界", "<", "&", strings.Repeat("long ", 100), strings.Repeat("𝔘", 500), strings.Repeat("a\u0301", 300),
	})
	return rapid.Custom(func(t *rapid.T) string {
		s := strings.Join(rapid.SliceOfN(piece, 0, 12).Draw(t, "pieces"), "")
		return strings.Repeat(s, rapid.SampledFrom([]int{1, 1, 1, 3, 40}).Draw(t, "times"))
	})
}

func someButton() *rapid.Generator[chat.Button] {
	return rapid.Custom(func(t *rapid.T) chat.Button {
		return chat.Button{
			Label: someText().Draw(t, "label"), Action: rapid.SampledFrom([]string{"", "resolve", "pick:1", strings.Repeat("é", 300)}).Draw(t, "action"),
			Value: someText().Draw(t, "value"), Style: rapid.SampledFrom([]string{"", "primary", "danger", "fancy"}).Draw(t, "style"),
			URL:     rapid.SampledFrom([]string{"", "https://example.org", "javascript:x", "https://" + strings.Repeat("x", 3000)}).Draw(t, "url"),
			Confirm: rapid.OneOf(rapid.Just(""), someText()).Draw(t, "confirm"),
		}
	})
}

func someMessage() *rapid.Generator[chat.Message] {
	kinds := []chat.BlockKind{chat.Header, chat.Section, chat.Fields, chat.Context, chat.Actions, chat.Divider}
	block := rapid.Custom(func(t *rapid.T) chat.Block {
		return chat.Block{
			Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), Text: someText().Draw(t, "text"),
			Fields:  rapid.SliceOfN(someText(), 0, 13).Draw(t, "fields"),
			Buttons: rapid.SliceOfN(someButton(), 0, 30).Draw(t, "buttons"),
		}
	})
	return rapid.Custom(func(t *rapid.T) chat.Message {
		blocks := rapid.SliceOfN(block, 0, 8).Draw(t, "blocks")
		for times := rapid.SampledFrom([]int{0, 0, 0, 1, 3}).Draw(t, "times"); times > 0; times-- {
			blocks = append(blocks, blocks...)
		}
		return chat.Message{Text: someText().Draw(t, "message"), Blocks: blocks}
	})
}

func TestEveryMessageIsWithinSlacksLimits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := someMessage().Draw(t, "m")
		raw := encode(fit(m))
		var got tree
		if err := json.Unmarshal(raw, &got); err != nil {
			t.Fatalf("no JSON: %v", err)
		}
		c := &checker{}
		c.string("text", got["text"], 1, 4000)
		c.blocks(got["blocks"], 50)
		if c.sum > 13_000 {
			c.fail("all texts together have %d characters", c.sum)
		}
		if len(c.errs) > 0 {
			t.Fatalf("%s\n%s", strings.Join(c.errs, "\n"), raw)
		}
	})
}

func TestEveryFormIsWithinSlacksLimits(t *testing.T) {
	kinds := []chat.FieldKind{chat.TextField, chat.LongField, chat.ChoiceField, chat.PersonField, chat.DateField, chat.CheckField, "odd"}
	field := rapid.Custom(func(t *rapid.T) chat.Field {
		option := rapid.Custom(func(t *rapid.T) chat.Option {
			return chat.Option{Value: someText().Draw(t, "value"), Label: someText().Draw(t, "label")}
		})
		return chat.Field{
			Name:  rapid.SampledFrom([]string{"", "title", "text", "owner", "due", strings.Repeat("n", 300)}).Draw(t, "name"),
			Label: someText().Draw(t, "label"), Hint: someText().Draw(t, "hint"), Placeholder: someText().Draw(t, "placeholder"),
			Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), Options: rapid.SliceOfN(option, 0, 4).Draw(t, "options"),
			Value: rapid.OneOf(someText(), rapid.Just("2026-11-08"), rapid.Just("true")).Draw(t, "value"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		f := chat.Form{
			Verb: someText().Draw(t, "verb"), Title: someText().Draw(t, "title"), Submit: someText().Draw(t, "submit"),
			Intro: someText().Draw(t, "intro"), Fields: rapid.SliceOfN(field, 0, 8).Draw(t, "fields"),
			Context: chat.FormContext{Incident: 1, Channel: someText().Draw(t, "channel")},
		}
		raw, err := json.Marshal(view(f))
		if err != nil {
			t.Fatal(err)
		}
		var got tree
		if err := json.Unmarshal(raw, &got); err != nil {
			t.Fatal(err)
		}
		c := &checker{}
		for _, what := range []string{"title", "submit", "close"} {
			if what == "submit" && len(f.Fields) == 0 {
				continue // nothing to send
			}
			c.text(what, got[what], "plain_text", 24)
		}
		c.string("callback_id", got["callback_id"], 0, 255)
		c.string("private_metadata", got["private_metadata"], 0, 3000)
		if list, _ := got["blocks"].([]any); len(list) == 0 {
			c.fail("no blocks")
		}
		c.blocks(got["blocks"], 100)
		if len(c.errs) > 0 {
			t.Fatalf("%s\n%s", strings.Join(c.errs, "\n"), raw)
		}
	})
}

func TestEveryChannelNameIsOneForSlack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := channelName(someText().Draw(t, "name"), 42)
		if len(name) == 0 || len(name) > 80 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" ||
			strings.Trim(name, "-_") == "" {
			t.Fatalf("%q", name)
		}
	})
}

func TestShortening(t *testing.T) {
	for name, row := range map[string]struct {
		got, want string
	}{
		"fits":                   {shortenMrkdwn("a &amp; b", 9), "a &amp; b"},
		"an escaped character":   {shortenMrkdwn("ab &amp; c", 7), "ab…"},
		"a link":                 {shortenMrkdwn("see <https://example.org|words> and more", 20), "see…"},
		"a code block":           {shortenMrkdwn("```\n"+strings.Repeat("x", 40)+"\n```", 30), "```\n" + strings.Repeat("x", 21) + "…\n```"},
		"behind a code block":    {shortenMrkdwn("```x```"+strings.Repeat("y", 40), 30), "```x```" + strings.Repeat("y", 22) + "…"},
		"letters of two units":   {shortenPlain(strings.Repeat("𝔘", 10), 7), "𝔘𝔘𝔘…"},
		"plain text keeps its <": {shortenPlain("a < b and more", 6), "a < b…"},
	} {
		if row.got != row.want {
			t.Errorf("%s: %q, want %q", name, row.got, row.want)
		}
	}
}

func TestTooManyBlocksKeepTheirButtonsAndSaySo(t *testing.T) {
	m := chat.Message{Text: "x"}
	for i := range 70 {
		m.Blocks = append(m.Blocks, chat.Block{Kind: chat.Section, Text: fmt.Sprintf("line %d", i)})
	}
	m.Blocks = append(m.Blocks, chat.Block{Kind: chat.Actions, Buttons: []chat.Button{{Label: "Resolve", Action: "resolve"}}})
	got := fit(m).Blocks
	if len(got) != 50 || got[49].Type != "actions" || got[48].Type != "context" || got[47].Text.Text != "line 47" {
		t.Errorf("%d blocks, the last ones %+v %+v %+v", len(got), got[47], got[48], got[49])
	}
}

func TestLikeButtonsKeepTheirActions(t *testing.T) {
	m := fit(chat.Message{Blocks: []chat.Block{{Kind: chat.Actions, Buttons: []chat.Button{
		{Label: "1", Action: "pick", Value: "1"}, {Label: "2", Action: "pick", Value: "2"}, {Label: "3", URL: "https://example.org"},
	}}}})
	var got []string
	for _, e := range m.Blocks[0].Elements {
		got = append(got, e.(*element).ActionID+"="+actionOf(e.(*element).ActionID))
	}
	if s := strings.Join(got, " "); s != "pick=pick pick~2=pick link=link" {
		t.Error(s)
	}
}

func TestTheTopicIsShortEnough(t *testing.T) {
	w := newWorld(t)
	w.s.Title = strings.Repeat("very ", 100)
	w.deliver(w.wish(incidents.KindTopic, ""), w.s)
	if got := w.rig.s.Topic(w.s.Channel.ID); units(got) > 250 || !strings.HasSuffix(got, "…") {
		t.Errorf("topic %q", got)
	}
	w.valid()
}
