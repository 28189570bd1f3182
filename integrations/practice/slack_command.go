package practice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/url"
	"strings"
)

// CommandAnswer is what a person sees at once after a slash command. Later answers come as ephemeral messages,
// messages or forms.
type CommandAnswer struct {
	// Message is the answer, nil when the bot answered nothing yet.
	Message *Message
	// Text is the answer as plain text.
	Text string
	// InChannel: everybody in the channel sees it.
	InChannel bool
}

// Command types a slash command, such as "/incident declare checkout is down", and waits for the bot's answer.
// Names of people and channels and links reach the bot as references. Without an answer in time the error says
// operation_timeout, as Slack does.
func (s *Slack) Command(ctx context.Context, who, channel, line string) (CommandAnswer, error) {
	command, text, _ := strings.Cut(strings.TrimSpace(line), " ")
	if !strings.HasPrefix(command, "/") {
		return CommandAnswer{}, fmt.Errorf("practice: %q is no slash command", line)
	}
	s.mu.Lock()
	u, c, err := s.lively(who, channel)
	if err != nil {
		s.mu.Unlock()
		return CommandAnswer{}, err
	}
	p := s.commandParcel(u, c, command, strings.TrimSpace(text))
	s.mu.Unlock()
	answer, err := s.send(ctx, p)
	if err != nil {
		return CommandAnswer{}, unanswered(command, err)
	}
	shown, err := s.showAnswer(u, c, answer)
	if err == nil && !strings.HasPrefix(shown.Text, ":x:") {
		s.remember(u.Name, line)
	}
	return shown, err
}

func (s *Slack) commandParcel(u *User, c *slackChannel, command, text string) parcel {
	name := c.Name
	switch c.kind() {
	case "im", "mpim":
		name = "directmessage"
	case "group":
		name = "privategroup"
	}
	fields := map[string]string{
		"token": "deprecated", "team_id": slackTeam, "team_domain": slackDomain, "channel_id": c.ID, "channel_name": name,
		"user_id": u.ID, "user_name": u.Name, "command": command, "text": s.encodeCommand(text),
		"api_app_id": slackApp, "is_enterprise_install": "false", "trigger_id": s.newTrigger(u.ID),
		"response_url": s.newHook("commands", hook{user: u.ID, channel: c.ID}),
	}
	form := url.Values{}
	for k, v := range fields {
		form.Set(k, v)
	}
	payload, err := json.Marshal(fields)
	if err != nil {
		s.log.Error("practice: a command could not be written", "error", err)
	}
	return parcel{
		id: fields["trigger_id"], kind: "command", envelope: "slash_commands", path: "/slack/commands",
		contentType: "application/x-www-form-urlencoded", body: []byte(form.Encode()), payload: payload,
	}
}

// unanswered words a failed delivery as Slack words it to the person.
func unanswered(what string, err error) error {
	word := "dispatch_failed"
	var d *deliveryError
	if errors.As(err, &d) && (d.reason == "http_timeout" || d.reason == "timeout") {
		word = "operation_timeout"
	}
	return fmt.Errorf("practice: %s failed with the error %q: %w", what, word, err)
}

// showAnswer shows the body of the bot's answer to a command.
func (s *Slack) showAnswer(u *User, c *slackChannel, r reply) (CommandAnswer, error) {
	if len(strings.TrimSpace(string(r.body))) == 0 {
		return CommandAnswer{}, nil
	}
	args := slackArgs{json: map[string]json.RawMessage{}}
	if kind, _, _ := mime.ParseMediaType(r.contentType); kind == "application/json" {
		if err := json.Unmarshal(r.body, &args.json); err != nil {
			return CommandAnswer{}, fmt.Errorf("practice: the bot's answer is no JSON object: %w", err)
		}
	} else {
		text, err := json.Marshal(string(r.body))
		if err != nil {
			return CommandAnswer{}, err
		}
		args.json["text"] = text
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	call := &slackCall{s: s, method: "command answer", args: args}
	in, err := call.content()
	if err != nil {
		s.refusal(call.method, err)
		return CommandAnswer{}, fmt.Errorf("practice: the bot's answer is not valid: %w", err)
	}
	if in.empty() {
		return CommandAnswer{}, nil
	}
	var m *Message
	public := args.str("response_type") == "in_channel"
	if public {
		m = &Message{User: BotUser, BotID: slackBot, Text: in.text, Blocks: in.blocks}
		s.post(c, m, nil)
	} else {
		m = s.whisper(c, u.ID, in)
	}
	out := m.copy()
	return CommandAnswer{Message: &out, Text: s.plain(m), InChannel: public}, nil
}
