package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"watchbell/bot/campaign"
)

// words are the severities as a form has them.
var words = map[string]string{"degradation": "service degradation", "severe": "severe service degradation", "downtime": "downtime"}

// form is the request of a form that does what a step says; nil where the person would have to read first what is there.
func (a *arena) form(op *campaign.Op, trigger string) []byte {
	about := map[string]any{"channel": a.Slack.Channel("team").ID}
	if op.Number != 0 {
		about["incident"] = op.Number
	}
	verb, fields := string(op.Deed), map[string]any{}
	text := func(name, value string) { fields[name] = map[string]any{"type": "plain_text_input", "value": value} }
	choice := func(name, value string) {
		fields[name] = map[string]any{"type": "static_select", "selected_option": map[string]any{"value": value}}
	}
	switch op.Deed {
	case campaign.Declare:
		text("title", op.Text)
		text("summary", "")
	case campaign.Log:
		text("text", op.Text)
		text("time", "")
	case campaign.ActionItem:
		text("text", op.Text)
	case campaign.Update:
		text("text", op.Text)
	case campaign.Severity:
		choice("severity", words[op.Text])
	case campaign.Status:
		choice("status", op.Text)
		text("text", "")
	case campaign.Resolve:
		text("time", "")
	case campaign.Section:
		if a.wrote(op) {
			return nil
		}
		verb = "draft"
		empty := sha256.Sum256(nil)
		about["seen"] = map[string]any{campaign.SectionOf(op.Who): map[string]any{"d": hex.EncodeToString(empty[:6])}}
		text(campaign.SectionOf(op.Who), op.Text)
	}
	values, blocks := map[string]any{}, []any{}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		values[name] = map[string]any{"value": fields[name]}
		blocks = append(blocks, map[string]any{"type": "input", "block_id": name})
	}
	context, err := json.Marshal(about)
	a.must(err)
	return a.interaction(op.Who, map[string]any{"type": "view_submission", "trigger_id": trigger, "view": map[string]any{
		"id": "V" + trigger, "callback_id": verb, "private_metadata": string(context), "blocks": blocks, "state": map[string]any{"values": values},
	}})
}

// wrote reports whether the person may have written the section before.
func (a *arena) wrote(op *campaign.Op) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.ContainsFunc(a.history, func(earlier campaign.Op) bool {
		return earlier.Deed == campaign.Section && earlier.Who == op.Who && earlier.Number == op.Number
	})
}

// press is the request of a button on the incident's card.
func (a *arena) press(op *campaign.Op, trigger string) []byte {
	action := string(op.Deed)
	if op.Text != "" {
		action += ":" + op.Text
	}
	channel := map[string]any{"id": a.Slack.Channel("team").ID}
	return a.interaction(op.Who, map[string]any{
		"type": "block_actions", "trigger_id": trigger, "channel": channel, "container": map[string]any{"channel_id": channel["id"]},
		"actions": []any{map[string]any{"type": "button", "action_id": action, "value": strconv.Itoa(op.Number), "action_ts": "1.1"}},
	})
}

func (a *arena) interaction(who string, payload map[string]any) []byte {
	payload["user"], payload["team"] = map[string]any{"id": a.Slack.User(who).ID}, map[string]any{"id": "T0PRACTICE"}
	text, err := json.Marshal(payload)
	a.must(err)
	return []byte(url.Values{"payload": {string(text)}}.Encode())
}

// submitsOnce sends a form, or a press, once and returns what the person learns of it.
func (a *arena) submitsOnce(body []byte) (string, error) {
	ctx, cancel := context.WithTimeout(a.alive, patience)
	defer cancel()
	header := a.Slack.Sign(a.clock.Now(), body)
	header.Set("Content-Type", "application/x-www-form-urlencoded")
	status, _, answer, err := a.Slack.Post(ctx, "/slack/interactions", header, body)
	if err != nil {
		return "", err
	}
	if status != http.StatusOK {
		return "", fmt.Errorf("status %d", status)
	}
	if len(answer) == 0 {
		return "it closed", nil
	}
	var said struct {
		Action string `json:"response_action"`
		Errors map[string]string
	}
	if err := json.Unmarshal(answer, &said); err != nil || said.Action == "" {
		return "", fmt.Errorf("the answer %q is none to a form", answer)
	}
	text := strings.Join(slices.Collect(maps.Values(said.Errors)), " ")
	if strings.HasPrefix(text, ":x:") {
		return text, nil
	}
	return ":x: it stays open: " + text, nil
}

// looksUp finds the number of the incident that a form declared, as a person does who looks at the list.
func (a *arena) looksUp(op *campaign.Op) {
	for n := 0; op.Outcome != campaign.Refused && op.Number == 0 && n < attempts; n++ {
		look := campaign.Op{Step: campaign.Step{Who: op.Who, Repeat: campaign.Once}}
		a.asks(&look, "list")
		if look.Outcome != campaign.Acknowledged {
			continue
		}
		if found := regexp.MustCompile(`#(\d+)\D+` + regexp.QuoteMeta(op.Text)).FindStringSubmatch(look.Answer); found != nil {
			op.Number, _ = strconv.Atoi(found[1])
		} else if op.Outcome == campaign.Acknowledged {
			a.complain("%s declared %q by a form, and does not find it in the list: %s", op.Who, op.Text, look.Answer)
			return
		}
	}
}
