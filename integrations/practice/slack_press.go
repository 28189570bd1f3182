package practice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// interaction puts a payload into a parcel for the bot.
func (s *Slack) interaction(kind string, u *User, fields slackAnswer) (parcel, error) {
	payload := slackAnswer{
		"type": kind, "token": "deprecated", "api_app_id": slackApp, "is_enterprise_install": false, "enterprise": nil,
		"team": slackAnswer{"id": slackTeam, "domain": slackDomain},
		"user": slackAnswer{"id": u.ID, "username": u.Name, "name": u.Name, "team_id": slackTeam},
	}
	for k, v := range fields {
		payload[k] = v
	}
	if kind != "view_closed" {
		payload["trigger_id"] = s.newTrigger(u.ID)
	}
	raw, err := json.Marshal(payload)
	if err != nil {
		return parcel{}, err
	}
	path := "/slack/interactions"
	if kind == "block_suggestion" {
		path = "/slack/options"
	}
	return parcel{
		kind: kind, envelope: "interactive", path: path, contentType: "application/x-www-form-urlencoded",
		body: []byte(url.Values{"payload": {string(raw)}}.Encode()), payload: raw,
	}, nil
}

// interact builds an interaction while the workspace is locked and delivers it afterwards.
func (s *Slack) interact(ctx context.Context, what string, build func() (parcel, error)) (reply, error) {
	s.mu.Lock()
	p, err := build()
	s.mu.Unlock()
	if err != nil {
		return reply{}, err
	}
	r, err := s.send(ctx, p)
	if err != nil {
		return r, unanswered(what, err)
	}
	return r, nil
}

// Press presses the button with an action id on a message, ephemeral or not. An empty ts means the newest message
// there that has it.
func (s *Slack) Press(ctx context.Context, who, channel, ts, actionID string) error {
	return s.act(ctx, who, channel, ts, "", func(e placed) bool { return e.actionID == actionID })
}

// PressLabel presses the button that has these words on it, or chooses what has them behind three dots.
func (s *Slack) PressLabel(ctx context.Context, who, channel, ts, label string) error {
	err := s.act(ctx, who, channel, ts, "", func(e placed) bool { return labelOf(e.element) == label })
	if !errors.Is(err, errNoButton) {
		return err
	}
	chosen := s.act(ctx, who, channel, ts, label, func(e placed) bool {
		_, wrong := chooseOption(e.element, label)
		return e.element["type"] == "overflow" && wrong == nil
	})
	if errors.Is(chosen, errNoButton) {
		return err
	}
	return chosen
}

// Choose chooses from a menu of a message: an option by value or label, a person by name, a date.
func (s *Slack) Choose(ctx context.Context, who, channel, ts, actionID, value string) error {
	return s.act(ctx, who, channel, ts, value, func(e placed) bool { return e.actionID == actionID })
}

var errNoButton = errors.New("practice: no such button")

func labelOf(e object) string {
	t, _ := e["text"].(object)
	text, _ := t["text"].(string)
	return text
}

func (s *Slack) act(ctx context.Context, who, channel, ts, value string, wanted func(placed) bool) error {
	_, err := s.interact(ctx, "a button", func() (parcel, error) {
		u, c, err := s.lively(who, channel)
		if err != nil {
			return parcel{}, err
		}
		m, e, err := s.findElement(u, c, ts, wanted)
		if err != nil {
			return parcel{}, err
		}
		action, err := s.action(e, value)
		if err != nil {
			return parcel{}, err
		}
		return s.interaction("block_actions", u, s.messageAction(u, c, m, action))
	})
	return err
}

// findElement looks through what the person sees in a channel, the newest message first.
func (s *Slack) findElement(u *User, c *slackChannel, ts string, wanted func(placed) bool) (*Message, placed, error) {
	visible := slices.Clone(c.messages)
	for _, m := range s.ephemerals {
		if m.Channel == c.ID && m.To == u.ID {
			visible = append(visible, m)
		}
	}
	slices.SortStableFunc(visible, func(a, b *Message) int { return strings.Compare(a.TS, b.TS) })
	var labels []string
	for _, m := range slices.Backward(visible) {
		if ts != "" && m.TS != ts {
			continue
		}
		for _, e := range interactive(m.Blocks) {
			if wanted(e) {
				return m, e, nil
			}
			labels = append(labels, e.actionID)
		}
	}
	return nil, placed{}, fmt.Errorf("%w in #%s %s; there are: %s", errNoButton, c.Name, ts, strings.Join(labels, ", "))
}

// action is the entry of "actions" for a press or a choice.
func (s *Slack) action(e placed, value string) (slackAnswer, error) {
	out := slackAnswer{"action_id": e.actionID, "block_id": e.blockID, "type": e.element["type"], "action_ts": s.eventTS()}
	for _, key := range []string{"text", "value", "style", "placeholder", "url", "confirm", "initial_option", "initial_date", "initial_time", "initial_user"} {
		if v, ok := e.element[key]; ok && (key != "value" || e.element["type"] == "button") {
			out[key] = v
		}
	}
	switch e.element["type"] {
	case "button":
		return out, nil
	case "overflow":
		o, err := chooseOption(e.element, value)
		out["selected_option"] = o
		return out, err
	}
	chosen, err := s.filled(e.element, value)
	for k, v := range chosen {
		out[k] = v
	}
	return out, err
}

func (s *Slack) messageAction(u *User, c *slackChannel, m *Message, action slackAnswer) slackAnswer {
	container := slackAnswer{"type": "message", "message_ts": m.TS, "channel_id": c.ID, "is_ephemeral": m.Ephemeral()}
	values := map[string]map[string]any{}
	for _, e := range interactive(m.Blocks) {
		value := emptyValue(e.element)
		if value == nil {
			continue
		}
		if e.actionID == action["action_id"] && e.blockID == action["block_id"] {
			field := valueField(value["type"].(string))
			value[field] = action[field]
		}
		if values[e.blockID] == nil {
			values[e.blockID] = map[string]any{}
		}
		values[e.blockID][e.actionID] = value
	}
	fields := slackAnswer{
		"channel": slackAnswer{"id": c.ID, "name": c.Name}, "actions": []slackAnswer{action},
		"state":        slackAnswer{"values": values},
		"response_url": s.newHook("actions", hook{user: u.ID, channel: c.ID, ts: m.TS, ephemeral: m.Ephemeral()}),
		"container":    container,
	}
	if m.ThreadTS != "" {
		container["thread_ts"] = m.ThreadTS
	}
	if !m.Ephemeral() {
		fields["message"] = s.messageJSON(c, m, metadataAll)
	}
	return fields
}

// Shortcut starts a global shortcut.
func (s *Slack) Shortcut(ctx context.Context, who, callbackID string) error {
	_, err := s.interact(ctx, "the shortcut", func() (parcel, error) {
		u, err := s.person(who)
		if err != nil {
			return parcel{}, err
		}
		return s.interaction("shortcut", u, slackAnswer{"callback_id": callbackID, "action_ts": s.eventTS()})
	})
	return err
}

// MessageShortcut starts a shortcut on a message.
func (s *Slack) MessageShortcut(ctx context.Context, who, channel, ts, callbackID string) error {
	_, err := s.interact(ctx, "the shortcut", func() (parcel, error) {
		u, c, m, err := s.message(who, channel, ts)
		if err != nil {
			return parcel{}, err
		}
		return s.interaction("message_action", u, slackAnswer{
			"callback_id": callbackID, "action_ts": s.eventTS(), "message_ts": m.TS,
			"channel": slackAnswer{"id": c.ID, "name": c.Name}, "message": s.messageJSON(c, m, metadataAll),
			"response_url": s.newHook("app", hook{user: u.ID, channel: c.ID, ts: m.TS}),
		})
	})
	return err
}
