package practice

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// elementKind says in which places an element may stand, which fields it may have and what else is checked.
type elementKind struct {
	where  string
	fields string
	check  func(*blockCheck, string, object)
}

const anyMenu = "placeholder confirm focus_on_load "

// elementKinds are the interactive elements and the image, see https://docs.slack.dev/reference/block-kit/block-elements.
func elementKinds() map[string]elementKind {
	menu, multi := "accessory actions input", "accessory input"
	nothing := func(*blockCheck, string, object) {}
	kinds := map[string]elementKind{
		"image":         {"accessory context", "image_url slack_file alt_text", (*blockCheck).image},
		"button":        {"accessory actions", "text url value style confirm accessibility_label", (*blockCheck).button},
		"overflow":      {"accessory actions", "options confirm", (*blockCheck).overflow},
		"static_select": {menu, anyMenu + "options option_groups initial_option", (*blockCheck).staticSelect},
		"multi_static_select": {multi, anyMenu + "options option_groups initial_options max_selected_items",
			(*blockCheck).staticSelect},
		"external_select":       {menu, anyMenu + "initial_option min_query_length", nothing},
		"multi_external_select": {multi, anyMenu + "initial_options min_query_length max_selected_items", nothing},
		"radio_buttons":         {menu, "options initial_option confirm focus_on_load", (*blockCheck).boxes},
		"checkboxes":            {menu, "options initial_options confirm focus_on_load", (*blockCheck).boxes},
		"datepicker":            {menu, anyMenu + "initial_date", (*blockCheck).datepicker},
		"timepicker":            {menu, anyMenu + "initial_time timezone", (*blockCheck).timepicker},
		"datetimepicker":        {"actions input", "initial_date_time confirm focus_on_load", (*blockCheck).datetimepicker},
		"plain_text_input": {"input", "placeholder initial_value multiline min_length max_length dispatch_action_config " +
			"focus_on_load", (*blockCheck).textInput},
		"email_text_input": {"input", "placeholder initial_value dispatch_action_config focus_on_load", nothing},
		"url_text_input":   {"input", "placeholder initial_value dispatch_action_config focus_on_load", nothing},
		"number_input": {"input", "placeholder is_decimal_allowed initial_value min_value max_value " +
			"dispatch_action_config focus_on_load", nothing},
	}
	for _, what := range []string{"user", "conversation", "channel"} {
		kinds[what+"s_select"] = elementKind{menu, anyMenu + "response_url_enabled default_to_current_conversation filter initial_" +
			what, nothing}
		kinds["multi_"+what+"s_select"] = elementKind{multi, anyMenu + "max_selected_items default_to_current_conversation filter initial_" +
			what + "s", nothing}
	}
	return kinds
}

var elementKindTable = elementKinds()

func (b *blockCheck) element(at string, v any, place string) {
	o, ok := v.(object)
	if !ok {
		b.fail(at, "must be an element")
		return
	}
	name, _ := o["type"].(string)
	kind, known := elementKindTable[name]
	if !known {
		b.fail(at, "unsupported type: %q", name)
		return
	}
	if !slices.Contains(strings.Fields(kind.where), place) {
		b.fail(at, "element %q is not allowed in %s", name, place)
	}
	if name == "image" {
		b.only(at, o, "type "+kind.fields)
		kind.check(b, at, o)
		return
	}
	b.only(at, o, "type action_id "+kind.fields)
	b.actionID(at, o)
	if o["placeholder"] != nil {
		b.text(at+"/placeholder", o["placeholder"], "plain_text", 150)
	}
	if o["confirm"] != nil {
		b.confirm(at+"/confirm", o["confirm"])
	}
	if o["focus_on_load"] == true {
		b.focus++
	}
	kind.check(b, at, o)
}

func (b *blockCheck) actionID(at string, o object) {
	id, _ := o["action_id"].(string)
	if id == "" {
		id = b.fill()
		o["action_id"] = id
	}
	if n := utf8.RuneCountInString(id); n > 255 {
		b.fail(at+"/action_id", "%d characters, at most 255", n)
	}
	if b.actions[id] {
		b.fail(at+"/action_id", "action_id %q already exists in this block", id)
	}
	b.actions[id] = true
}

func (b *blockCheck) confirm(at string, v any) {
	o, ok := v.(object)
	if !ok {
		b.fail(at, "must be an object")
		return
	}
	b.only(at, o, "title text confirm deny style")
	b.text(at+"/title", o["title"], "plain_text", 100)
	b.text(at+"/text", o["text"], "plain_text mrkdwn", 300)
	b.text(at+"/confirm", o["confirm"], "plain_text", 30)
	if o["deny"] != nil {
		b.text(at+"/deny", o["deny"], "plain_text", 30)
	}
	b.style(at, o)
}

func (b *blockCheck) style(at string, o object) {
	if s := o["style"]; s != nil && s != "primary" && s != "danger" {
		b.fail(at+"/style", "must be primary or danger")
	}
}

func (b *blockCheck) button(at string, o object) {
	b.text(at+"/text", o["text"], "plain_text", 75)
	b.str(at+"/value", o["value"], 0, 2000)
	b.str(at+"/url", o["url"], 0, 3000)
	if u, _ := o["url"].(string); u != "" && !strings.Contains(u, "://") && !strings.HasPrefix(u, "mailto:") {
		b.fail(at+"/url", "invalid url: %q", u)
	}
	b.str(at+"/accessibility_label", o["accessibility_label"], 0, 75)
	b.style(at, o)
}

func (b *blockCheck) option(at string, v any, textKinds string, url bool) {
	o, ok := v.(object)
	if !ok {
		b.fail(at, "must be an option")
		return
	}
	fields := "text value description"
	if url {
		fields += " url"
	}
	b.only(at, o, fields)
	b.text(at+"/text", o["text"], textKinds, 75)
	b.str(at+"/value", o["value"], 1, 75)
	if o["description"] != nil {
		b.text(at+"/description", o["description"], textKinds, 75)
	}
}

// options checks a list of options and that what is chosen at first is one of them, exactly.
func (b *blockCheck) options(at string, o object, most int, textKinds string) {
	list := b.list(at+"/options", o["options"], 1, most)
	for i, v := range list {
		b.option(fmt.Sprintf("%s/options/%d", at, i), v, textKinds, o["type"] == "overflow")
	}
	b.initial(at, o, list)
}

func (b *blockCheck) initial(at string, o object, list []any) {
	chosen, _ := o["initial_options"].([]any)
	if o["initial_option"] != nil {
		chosen = append(chosen, o["initial_option"])
	}
	for _, c := range chosen {
		if !slices.ContainsFunc(list, func(v any) bool { return reflect.DeepEqual(v, c) }) {
			b.fail(at, "the initial option is not one of the options")
		}
	}
}

func (b *blockCheck) overflow(at string, o object) { b.options(at, o, 5, "plain_text") }

func (b *blockCheck) boxes(at string, o object) { b.options(at, o, 10, "plain_text mrkdwn") }

func (b *blockCheck) staticSelect(at string, o object) {
	if o["option_groups"] == nil {
		b.options(at, o, 100, "plain_text")
		return
	}
	if o["options"] != nil {
		b.fail(at, "options and option_groups exclude each other")
	}
	var all []any
	for i, v := range b.list(at+"/option_groups", o["option_groups"], 1, 100) {
		at := fmt.Sprintf("%s/option_groups/%d", at, i)
		g, _ := v.(object)
		b.only(at, g, "label options")
		b.text(at+"/label", g["label"], "plain_text", 75)
		b.options(at, g, 100, "plain_text")
		list, _ := g["options"].([]any)
		all = append(all, list...)
	}
	b.initial(at, o, all)
}

var (
	dateForm = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)
	timeForm = regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d$`)
)

func (b *blockCheck) datepicker(at string, o object) {
	if v, ok := o["initial_date"].(string); o["initial_date"] != nil && (!ok || !dateForm.MatchString(v)) {
		b.fail(at+"/initial_date", "must be YYYY-MM-DD")
	}
}

func (b *blockCheck) timepicker(at string, o object) {
	if v, ok := o["initial_time"].(string); o["initial_time"] != nil && (!ok || !timeForm.MatchString(v)) {
		b.fail(at+"/initial_time", "must be HH:mm")
	}
}

func (b *blockCheck) datetimepicker(at string, o object) {
	if v, ok := o["initial_date_time"].(float64); o["initial_date_time"] != nil && (!ok || v < 1e9 || v >= 1e10) {
		b.fail(at+"/initial_date_time", "must be a UNIX time of 10 digits")
	}
}

func (b *blockCheck) textInput(at string, o object) {
	least, most := 0.0, 3000.0
	for key, limit := range map[string]*float64{"min_length": &least, "max_length": &most} {
		if o[key] == nil {
			continue
		}
		n, ok := o[key].(float64)
		if !ok || n < 0 || n > 3000 || (key == "max_length" && n < 1) {
			b.fail(at+"/"+key, "must be at most 3000")
			continue
		}
		*limit = n
	}
	if least > most {
		b.fail(at, "min_length is greater than max_length")
	}
	b.str(at+"/initial_value", o["initial_value"], 0, int(most))
}

// checkView returns a view's definition with ids filled in. Slack answers invalid_arguments to what is wrong with it.
func checkView(raw json.RawMessage, where string) (*View, error) {
	if len(raw) > 250_000 {
		return nil, refuseInvalid("view_too_large", "%d bytes, at most 250000", len(raw))
	}
	var o object
	if err := json.Unmarshal(raw, &o); err != nil || o == nil {
		return nil, refuseInvalid("invalid_arguments", "[ERROR] view is no object [json-pointer:/view]")
	}
	b := &blockCheck{where: where, path: "/view/blocks"}
	fields := "type blocks private_metadata callback_id external_id"
	if where == "modal" {
		fields += " title close submit clear_on_close notify_on_close submit_disabled"
	}
	b.only("/view", o, fields)
	if o["type"] != where {
		b.fail("/view/type", "must be %s", where)
	}
	b.str("/view/private_metadata", o["private_metadata"], 0, 3000)
	b.str("/view/callback_id", o["callback_id"], 0, 255)
	b.str("/view/external_id", o["external_id"], 0, 255)
	blocks, _ := json.Marshal(o["blocks"])
	blocks = b.run(blocks, 100)
	if where == "modal" {
		b.text("/view/title", o["title"], "plain_text", 24)
		for _, key := range []string{"submit", "close"} {
			if o[key] != nil {
				b.text("/view/"+key, o[key], "plain_text", 24)
			}
		}
		if b.inputs > 0 && o["submit"] == nil {
			b.fail("/view/submit", "required because the view has inputs")
		}
	}
	if len(b.errs) > 0 {
		return nil, &slackError{code: "invalid_arguments", messages: b.errs, invalid: true}
	}
	return newView(o, blocks), nil
}
