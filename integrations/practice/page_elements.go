package practice

import (
	"slices"
	"strconv"
	"time"
)

// elementView is something to press, choose from or fill in. Kind is how the page draws it: button, link, menu (an
// overflow menu), select, many (a select of several), text, area, date, time, instant, boxes, radios or suggest.
type elementView struct {
	Kind          string
	ID            string // of the element on the page
	Block, Action string
	Label, Style  string
	URL, Value    string
	Type          string // of a text input: text, email, url or number
	Placeholder   string
	Max           int  // characters, 0 for no limit
	Live          bool // the bot is told while the form is open
	Options       []optionView
	Confirm       *confirmView
}

type optionView struct {
	Label, Value, Description string
	Chosen                    bool
}

// confirmView is the question before a press counts.
type confirmView struct{ Title, Text, Yes, No, Style string }

// drawnAs is how the page draws Slack's elements.
// See https://docs.slack.dev/reference/block-kit/block-elements.
var drawnAs = map[string]string{
	"button": "button", "workflow_button": "button", "overflow": "menu", "static_select": "select", "external_select": "suggest",
	"users_select": "select", "channels_select": "select", "conversations_select": "select", "multi_static_select": "many",
	"multi_users_select": "many", "datepicker": "date", "timepicker": "time", "datetimepicker": "instant", "checkboxes": "boxes",
	"radio_buttons": "radios", "plain_text_input": "text", "email_text_input": "text", "url_text_input": "text",
	"number_input": "text",
}

var inputTypes = map[string]string{"email_text_input": "email", "url_text_input": "url", "number_input": "number"}

func (r reader) elements(block object, list []object) []elementView {
	var out []elementView
	for _, e := range list {
		if drawnAs[word(e, "type")] != "" {
			out = append(out, r.element(block, e))
		}
	}
	return out
}

func (r reader) element(block, e object) elementView {
	kind := word(e, "type")
	v := elementView{
		Kind: drawnAs[kind], Block: word(block, "block_id"), Action: word(e, "action_id"), Label: labelOf(e),
		URL: r.link(word(e, "url")), Placeholder: textIn(e, "placeholder"), Type: inputTypes[kind],
		Live: block["dispatch_action"] == true,
	}
	v.ID = "e-" + r.scope + "-" + v.Block + "-" + v.Action
	if style := word(e, "style"); style == "primary" || style == "danger" {
		v.Style = style
	}
	if c, is := e["confirm"].(object); is {
		v.Confirm = &confirmView{textIn(c, "title"), r.s.objectText(c["text"]), textIn(c, "confirm"), textIn(c, "deny"), word(c, "style")}
	}
	switch v.Kind {
	case "button":
		if v.URL != "" {
			v.Kind = "link"
		}
		return v
	case "text":
		if e["multiline"] == true {
			v.Kind = "area"
		}
		v.Max = 3000
		if n, is := e["max_length"].(float64); is {
			v.Max = int(n)
		}
	}
	value := emptyValue(e)
	if r.form != nil && value != nil {
		if held := r.form.Values[v.Block][v.Action]; held != nil {
			value = held
		}
	}
	chosen := heldValues(value)
	if len(chosen) > 0 {
		v.Value = chosen[0]
	}
	if n, err := strconv.ParseInt(v.Value, 10, 64); err == nil && v.Kind == "instant" {
		v.Value = time.Unix(n, 0).UTC().Format("2006-01-02T15:04")
	}
	v.Options = r.options(kind, e)
	for i := range v.Options {
		v.Options[i].Chosen = slices.Contains(chosen, v.Options[i].Value)
	}
	return v
}

// options are what can be chosen: given by the bot, or the people and channels of the workspace.
func (r reader) options(kind string, e object) []optionView {
	var out []optionView
	switch kind {
	case "users_select", "multi_users_select":
		for _, u := range r.s.users {
			out = append(out, optionView{Label: u.RealName, Value: u.ID})
		}
	case "channels_select", "conversations_select":
		for _, c := range r.s.channels {
			if !c.IsIM && !c.Archived && r.s.sees(r.me, c) {
				out = append(out, optionView{Label: "#" + c.Name, Value: c.ID})
			}
		}
	default:
		for _, o := range choices(e) {
			out = append(out, optionView{Label: o.Label, Value: o.Value, Description: o.Description})
		}
	}
	return out
}

// heldValues are what an input holds, as the values of a form on the page.
func heldValues(value map[string]any) []string {
	kind, _ := value["type"].(string)
	one := func(v any) []string {
		switch v := v.(type) {
		case string:
			return []string{v}
		case int64:
			return []string{strconv.FormatInt(v, 10)}
		case float64:
			return []string{strconv.FormatInt(int64(v), 10)}
		case object:
			return []string{word(v, "value")}
		}
		return nil
	}
	list, is := value[valueField(kind)].([]any)
	if !is {
		return one(value[valueField(kind)])
	}
	var out []string
	for _, v := range list {
		out = append(out, one(v)...)
	}
	return out
}

// formView is a form in front of the person.
type formView struct {
	ID, Title, Submit, Close string
	Stacked                  bool // another form lies below it
	Blocks                   []blockView
}

func (s *Slack) formView(v *View, r reader) formView {
	r.scope, r.form = v.ID, v
	out := formView{ID: v.ID, Title: v.Title, Submit: v.SubmitLabel, Close: v.CloseLabel, Stacked: v.PreviousID != ""}
	if out.Close == "" {
		out.Close = "Close"
	}
	out.Blocks = r.blocks(v.Blocks)
	return out
}

// homeView is what the bot has put on a person's Home tab.
type homeView struct {
	ID     string // of the view, "" before the bot has published one
	Blocks []blockView
}

func (s *Slack) homeView(r reader) *homeView {
	v := s.homes[r.me.ID]
	if v == nil {
		return &homeView{}
	}
	r.scope, r.form = v.ID, v
	return &homeView{ID: v.ID, Blocks: r.blocks(v.Blocks)}
}
