package practice

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// placed is an interactive element with the block in which it stands.
type placed struct {
	block             object
	element           object
	blockID, actionID string
}

// interactive lists what can be pressed or filled in, in the order in which people see it.
func interactive(blocks json.RawMessage) []placed {
	var list []any
	if json.Unmarshal(blocks, &list) != nil {
		return nil
	}
	var out []placed
	for _, v := range list {
		block, _ := v.(object)
		elements, _ := block["elements"].([]any)
		elements = append([]any{block["element"], block["accessory"]}, elements...)
		for _, v := range elements {
			e, _ := v.(object)
			action, _ := e["action_id"].(string)
			if action != "" {
				id, _ := block["block_id"].(string)
				out = append(out, placed{block: block, element: e, blockID: id, actionID: action})
			}
		}
	}
	return out
}

// valueField is the name under which Slack sends what an input of a kind holds, "" for what holds nothing (buttons).
func valueField(kind string) string {
	switch kind {
	case "plain_text_input", "email_text_input", "url_text_input", "number_input":
		return "value"
	case "static_select", "external_select", "radio_buttons":
		return "selected_option"
	case "checkboxes", "multi_static_select", "multi_external_select":
		return "selected_options"
	case "users_select":
		return "selected_user"
	case "multi_users_select":
		return "selected_users"
	case "channels_select":
		return "selected_channel"
	case "conversations_select":
		return "selected_conversation"
	case "datepicker":
		return "selected_date"
	case "timepicker":
		return "selected_time"
	case "datetimepicker":
		return "selected_date_time"
	}
	return ""
}

// emptyValue is what an input holds before anybody touches it: what the bot put in, else null or an empty list.
func emptyValue(e object) map[string]any {
	kind, _ := e["type"].(string)
	field := valueField(kind)
	if field == "" {
		return nil
	}
	value := map[string]any{"type": kind, field: nil}
	initial := "initial_" + strings.TrimPrefix(field, "selected_")
	if v, ok := e[initial]; ok {
		value[field] = v
	} else if strings.HasSuffix(field, "s") {
		value[field] = []any{}
	}
	return value
}

func isEmpty(value map[string]any) bool {
	kind, _ := value["type"].(string)
	switch v := value[valueField(kind)].(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	}
	return false
}

// filled is what an input of this kind holds after somebody entered text.
func (s *Slack) filled(e object, text string) (map[string]any, error) {
	kind, _ := e["type"].(string)
	field := valueField(kind)
	if field == "" {
		return nil, fmt.Errorf("practice: nothing can be entered into a %s", kind)
	}
	value := map[string]any{"type": kind, field: nil}
	if text == "" {
		if strings.HasSuffix(field, "s") {
			value[field] = []any{}
		}
		return value, nil
	}
	var err error
	value[field], err = s.entered(e, kind, text)
	return value, err
}

func (s *Slack) entered(e object, kind, text string) (any, error) {
	switch kind {
	case "plain_text_input":
		most, ok := e["max_length"].(float64)
		if !ok {
			most = 3000
		}
		if n := utf8.RuneCountInString(text); n > int(most) {
			return nil, fmt.Errorf("practice: the input takes %d characters, not %d", int(most), n)
		}
		return text, nil
	case "static_select", "radio_buttons":
		return chooseOption(e, text)
	case "checkboxes", "multi_static_select":
		var chosen []any
		for _, word := range strings.Split(text, ",") {
			o, err := chooseOption(e, strings.TrimSpace(word))
			if err != nil {
				return nil, err
			}
			chosen = append(chosen, o)
		}
		return chosen, nil
	case "external_select":
		return object{"text": object{"type": "plain_text", "text": text}, "value": text}, nil
	case "users_select":
		return s.personID(text)
	case "multi_users_select":
		var ids []any
		for _, name := range strings.Split(text, ",") {
			id, err := s.personID(strings.TrimSpace(name))
			if err != nil {
				return nil, err
			}
			ids = append(ids, id)
		}
		return ids, nil
	case "channels_select", "conversations_select":
		c, err := s.place(text)
		if err != nil {
			return nil, err
		}
		return c.ID, nil
	case "datepicker":
		return text, wellFormed(dateForm.MatchString(text), text, "YYYY-MM-DD")
	case "timepicker":
		return text, wellFormed(timeForm.MatchString(text), text, "HH:MM")
	case "datetimepicker":
		return enteredInstant(text)
	}
	return text, nil
}

func (s *Slack) personID(who string) (any, error) {
	u, err := s.person(who)
	if err != nil {
		return nil, err
	}
	return u.ID, nil
}

func wellFormed(ok bool, text, form string) error {
	if ok {
		return nil
	}
	return fmt.Errorf("practice: %q is not of the form %s", text, form)
}

// enteredInstant takes RFC 3339, "YYYY-MM-DD HH:MM" in UTC, or UNIX seconds.
func enteredInstant(text string) (any, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04", "2006-01-02T15:04"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.Unix(), nil
		}
	}
	return nil, wellFormed(false, text, "2006-01-02T15:04:05Z")
}

// chooseOption finds an option by its value or by the words on it.
func chooseOption(e object, text string) (any, error) {
	var names []string
	for _, o := range allOptions(e) {
		label, _ := o["text"].(object)
		words, _ := label["text"].(string)
		if o["value"] == text || strings.EqualFold(words, text) {
			return o, nil
		}
		names = append(names, words)
	}
	return nil, fmt.Errorf("practice: %q is not among the options (%s)", text, strings.Join(names, ", "))
}

func allOptions(e object) []object {
	var out []object
	add := func(v any) {
		list, _ := v.([]any)
		for _, one := range list {
			if o, ok := one.(object); ok {
				out = append(out, o)
			}
		}
	}
	add(e["options"])
	groups, _ := e["option_groups"].([]any)
	for _, g := range groups {
		if g, ok := g.(object); ok {
			add(g["options"])
		}
	}
	return out
}
