package slackio

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"watchbell/bot/chat"
)

// inputAction is the action_id of every input.
const inputAction = "value"

var userID = regexp.MustCompile(`^[UW][A-Z0-9]+$`)

// view puts a form into Slack's form, within the limits on modals.
func view(f chat.Form) slack.ModalViewRequest {
	var blocks []*block
	if strings.TrimSpace(f.Intro) != "" {
		blocks = append(blocks, &block{Type: "section", Text: mrkdwn(f.Intro, maxSection)})
	}
	seen := map[string]bool{}
	for _, field := range f.Fields {
		if field.Name == "" || len(field.Name) > maxID || seen[field.Name] {
			continue
		}
		seen[field.Name] = true
		if b := input(field); b != nil {
			blocks = append(blocks, b)
		}
	}
	if strings.TrimSpace(f.Outro) != "" {
		blocks = append(blocks, &block{Type: "section", Text: mrkdwn(f.Outro, maxSection)})
	}
	if len(blocks) == 0 {
		blocks = []*block{{Type: "section", Text: mrkdwn("There is nothing to fill in.", maxSection)}}
	}
	if len(blocks) > maxViewBlocks {
		blocks = blocks[:maxViewBlocks]
	}
	v := slack.ModalViewRequest{
		Type: slack.VTModal, Title: modalText(f.Title, "Watchbell"), Close: modalText("Cancel", ""),
		CallbackID: shortenPlain(f.Verb, maxID),
	}
	if len(f.Fields) > 0 {
		v.Submit = modalText(f.Submit, "Save")
	}
	if metadata, err := json.Marshal(f.Context); err == nil && len(metadata) <= maxMetadata {
		v.PrivateMetadata = string(metadata)
	}
	for _, b := range blocks {
		v.Blocks.BlockSet = append(v.Blocks.BlockSet, b)
	}
	return v
}

func modalText(s, otherwise string) *slack.TextBlockObject {
	if strings.TrimSpace(s) == "" {
		s = otherwise
	}
	return slack.NewTextBlockObject(slack.PlainTextType, shortenPlain(s, maxModalTitle), true, false)
}

// input is one field. A text that is too long for an input becomes a note instead: cut and sent back, it would replace
// the whole by its beginning.
func input(f chat.Field) *block {
	label := f.Label
	if strings.TrimSpace(label) == "" {
		label = f.Name
	}
	b := &block{Type: "input", BlockID: f.Name, Label: plain(label, maxLabel), Optional: f.Optional, Dispatch: f.Live}
	if strings.TrimSpace(f.Hint) != "" {
		b.Hint = plain(f.Hint, maxLabel)
	}
	e := &element{ActionID: inputAction}
	if strings.TrimSpace(f.Placeholder) != "" {
		e.Placeholder = plain(f.Placeholder, maxPlaceholder)
	}
	b.Element = e
	switch f.Kind {
	case chat.ChoiceField, chat.PickField:
		e.Type, e.Options = "static_select", options(f.Options)
		if f.Kind == chat.PickField { // which know no placeholder
			e.Type, e.Placeholder, e.Options = "radio_buttons", nil, e.Options[:min(len(e.Options), maxBoxes)]
		}
		for _, o := range e.Options {
			if f.Value != "" && o.Value == f.Value {
				e.InitialOption = o
			}
		}
		if len(e.Options) == 0 {
			return nil
		}
	case chat.CheckField:
		tick := chat.Option{Value: "true", Label: label}
		if len(f.Options) > 0 && strings.TrimSpace(f.Options[0].Label) != "" {
			tick.Label = f.Options[0].Label
		}
		// A box that must be ticked would be no choice, and checkboxes know no placeholder.
		e.Type, e.Options, e.Placeholder, b.Optional = "checkboxes", options([]chat.Option{tick}), nil, true
		if f.Value == "true" {
			e.InitialOptions = e.Options
		}
	case chat.ListField:
		e.Type, e.Options, e.Placeholder, b.Optional = "checkboxes", options(f.Options[:min(len(f.Options), maxBoxes)]), nil, true
		for _, o := range e.Options {
			if slices.Contains(strings.Split(f.Value, ","), o.Value) {
				e.InitialOptions = append(e.InitialOptions, o)
			}
		}
		if len(e.Options) == 0 {
			return nil
		}
	case chat.PersonField:
		e.Type = "users_select"
		if userID.MatchString(f.Value) {
			e.InitialUser = f.Value
		}
	case chat.PeopleField:
		e.Type = "multi_users_select"
		for _, id := range strings.Split(f.Value, ",") {
			if userID.MatchString(id) {
				e.InitialUsers = append(e.InitialUsers, id)
			}
		}
	case chat.DateField:
		e.Type = "datepicker"
		if _, err := time.Parse(time.DateOnly, f.Value); err == nil {
			e.InitialDate = f.Value
		}
	default:
		if n := size(f.Value); n > maxInput {
			return &block{Type: "section", BlockID: f.Name, Text: mrkdwn(fmt.Sprintf(
				"*%s* has %d characters, more than a form can hold, and stays as it is. Change it by command instead.",
				escape(shortenPlain(label, maxHeader)), n), maxSection)}
		}
		e.Type, e.Multiline, e.InitialValue = "plain_text_input", f.Kind == chat.LongField, f.Value
		if f.Live {
			e.Dispatch = &dispatch{On: []string{"on_character_entered"}}
		}
	}
	return b
}

func options(list []chat.Option) []*option {
	var out []*option
	for _, o := range list {
		label := o.Label
		if strings.TrimSpace(label) == "" {
			label = o.Value
		}
		// A value cannot be shortened: it would come back as another one.
		if strings.TrimSpace(o.Value) == "" || size(o.Value) > maxOption || len(out) == maxOptions {
			continue
		}
		made := &option{Text: plain(label, maxOption), Value: o.Value}
		if strings.TrimSpace(o.More) != "" {
			made.More = plain(o.More, maxOption)
		}
		out = append(out, made)
	}
	return out
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// escape makes a text harmless in mrkdwn. See https://docs.slack.dev/messaging/formatting-message-text.
func escape(s string) string { return escaper.Replace(s) }

// openForm opens a form in front of the person whose trigger it is. A trigger lives for three seconds and opens one form.
// It
// returns the open form's id.
func (c *Client) openForm(ctx context.Context, trigger string, f chat.Form) (viewID string, err error) {
	err = c.call(ctx, methodViewsOpen, "", func(ctx context.Context) error {
		opened, err := c.api.OpenViewContext(ctx, trigger, view(f))
		if err == nil {
			viewID = opened.View.ID
		}
		return err
	})
	return viewID, err
}

// fillForm gives an open form its fields. Somebody may have closed it meanwhile.
func (c *Client) fillForm(ctx context.Context, viewID string, f chat.Form) error {
	err := c.call(ctx, methodViewsUpdate, "", func(ctx context.Context) error {
		_, err := c.api.UpdateViewContext(ctx, view(f), "", "", viewID)
		return err
	})
	if isCode(err, "not_found", "view_not_found") {
		return nil
	}
	return err
}
