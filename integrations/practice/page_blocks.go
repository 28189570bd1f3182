package practice

import (
	"encoding/json"
	"regexp"
)

// blockView is one block of a message or a form as the page draws it. Kind is header, text, fields, context, actions,
// divider, rich or input.
type blockView struct {
	Kind     string
	Text     []stretch
	Fields   [][]stretch
	Parts    []partView
	Elements []elementView
	// Of an input: what it asks for, a hint, whether it may stay empty, and what was wrong with it.
	Label, Hint, Error string
	Optional           bool
}

// partView is a part of typed text: Kind is p, quote, pre, ul or ol.
type partView struct {
	Kind  string
	Items [][]stretch
}

// blocks reads the blocks of a message; none when there are none, or none that show anything.
func (r reader) blocks(raw json.RawMessage) []blockView {
	var list []object
	if len(raw) == 0 || json.Unmarshal(raw, &list) != nil {
		return nil
	}
	var out []blockView
	for _, b := range list {
		out = append(out, r.block(b)...)
	}
	return out
}

func (r reader) block(b object) []blockView {
	switch word(b, "type") {
	case "header", "alert":
		return []blockView{{Kind: "header", Text: r.object(b["text"])}}
	case "markdown":
		return []blockView{{Kind: "text", Text: r.linked(word(b, "text"))}}
	case "divider":
		return []blockView{{Kind: "divider"}}
	case "image":
		return []blockView{{Kind: "context", Fields: [][]stretch{{{Text: "[image: " + word(b, "alt_text") + "]"}}}}}
	case "section":
		return r.section(b)
	case "context":
		var fields [][]stretch
		for _, e := range objects(b["elements"]) {
			if word(e, "type") == "image" {
				fields = append(fields, []stretch{{Text: "[image: " + word(e, "alt_text") + "]"}})
				continue
			}
			fields = append(fields, r.object(e))
		}
		return []blockView{{Kind: "context", Fields: fields}}
	case "actions":
		return []blockView{{Kind: "actions", Elements: r.elements(b, objects(b["elements"]))}}
	case "input":
		e, _ := b["element"].(object)
		optional, _ := b["optional"].(bool)
		v := blockView{Kind: "input", Label: textIn(b, "label"), Hint: textIn(b, "hint"), Optional: optional}
		v.Elements = r.elements(b, []object{e})
		if r.form != nil {
			v.Error = r.form.Errors[word(b, "block_id")]
		}
		return []blockView{v}
	case "rich_text":
		return []blockView{{Kind: "rich", Parts: r.rich(b)}}
	}
	return nil
}

func (r reader) section(b object) []blockView {
	var out []blockView
	if text := r.object(b["text"]); len(text) > 0 {
		out = append(out, blockView{Kind: "text", Text: text})
	}
	if list := objects(b["fields"]); len(list) > 0 {
		v := blockView{Kind: "fields"}
		for _, f := range list {
			v.Fields = append(v.Fields, r.object(f))
		}
		out = append(out, v)
	}
	if e, is := b["accessory"].(object); is {
		if len(out) == 0 {
			return []blockView{{Kind: "actions", Elements: r.elements(b, []object{e})}}
		}
		out[0].Elements = r.elements(b, []object{e})
	}
	return out
}

// object reads a text object. Plain text may hold emoji.
func (r reader) object(v any) []stretch {
	o, _ := v.(object)
	if word(o, "type") == "mrkdwn" {
		return r.mrkdwn(word(o, "text"))
	}
	return pictures(word(o, "text"))
}

var emojiForm = regexp.MustCompile(`:[a-z0-9_+'-]{1,60}:`)

// pictures is plain text with the emoji drawn.
func pictures(text string) []stretch {
	var out []stretch
	done := 0
	for _, at := range emojiForm.FindAllStringIndex(text, -1) {
		picture := emoji(text[at[0]+1 : at[1]-1])
		if picture.Label == "" {
			continue
		}
		if at[0] > done {
			out = append(out, stretch{Text: text[done:at[0]]})
		}
		out = append(out, picture)
		done = at[1]
	}
	if done < len(text) {
		out = append(out, stretch{Text: text[done:]})
	}
	return out
}

// rich reads what somebody typed.
func (r reader) rich(block object) []partView {
	var out []partView
	for _, e := range objects(block["elements"]) {
		switch word(e, "type") {
		case "rich_text_list":
			part := partView{Kind: "ul"}
			if word(e, "style") == "ordered" {
				part.Kind = "ol"
			}
			for _, item := range objects(e["elements"]) {
				part.Items = append(part.Items, r.leaves(item))
			}
			out = append(out, part)
		case "rich_text_quote":
			out = append(out, partView{Kind: "quote", Items: [][]stretch{r.leaves(e)}})
		case "rich_text_preformatted":
			out = append(out, partView{Kind: "pre", Items: [][]stretch{r.leaves(e)}})
		default:
			out = append(out, partView{Kind: "p", Items: [][]stretch{r.leaves(e)}})
		}
	}
	return out
}

func (r reader) leaves(e object) []stretch {
	var out []stretch
	for _, o := range objects(e["elements"]) {
		style, _ := o["style"].(object)
		on := func(name string) bool { set, _ := style[name].(bool); return set }
		s := stretch{Text: r.s.richLeaf(o), Bold: on("bold"), Italic: on("italic"), Strike: on("strike"), Code: on("code")}
		switch word(o, "type") {
		case "link":
			if s.URL = r.link(word(o, "url")); s.URL != "" && word(o, "text") != "" {
				s.Text = word(o, "text")
			}
		case "user", "broadcast":
			s.Mention = true
		case "channel":
			s.Mention = true
			if c := r.s.channelByID(word(o, "channel_id")); c != nil {
				s.URL = channelLink(c)
			}
		case "emoji":
			s = emoji(word(o, "name"))
		}
		out = append(out, s)
	}
	return out
}

func objects(v any) []object {
	list, _ := v.([]any)
	var out []object
	for _, one := range list {
		if o, is := one.(object); is {
			out = append(out, o)
		}
	}
	return out
}
