package slackio

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"watchbell/bot/chat"
	"watchbell/incidents"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func (in *Intake) commandBody(ctx context.Context, r request) answer {
	c, err := parseCommand(string(r.body))
	if err != nil {
		return malformed()
	}
	return in.command(ctx, c, func() string { return fingerprint(r.timestamp, r.body) })
}

// fingerprint stands for the trigger id of a command without one: a repeated request has the same.
func fingerprint(timestamp string, body []byte) string {
	h := sha256.New()
	h.Write([]byte(timestamp))
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}

// command answers a slash command. otherwise names a command that has no trigger.
func (in *Intake) command(ctx context.Context, c command, otherwise func() string) answer {
	if c.SSLCheck == "1" {
		return ack(outcomeHandled)
	}
	if c.Command == "" || c.UserID == "" || c.ChannelID == "" {
		return malformed()
	}
	if in.foreign(c.EnterpriseID, c.TeamID) {
		in.log.Info("a command of another workspace is ignored", "team", c.TeamID)
		return ack(outcomeForeign)
	}
	id := c.TriggerID
	if id == "" {
		id = otherwise()
	}
	event := "command/" + id
	n := incidents.Notice{Key: event, Channel: c.ChannelID, User: c.UserID}
	reply, err := in.desk.Said(ctx, chat.Said{
		Event: event, User: c.UserID, Channel: c.ChannelID, Text: c.Text, CanOpenForm: c.TriggerID != "",
	})
	if err != nil {
		in.log.Error("a command could not be recorded", "event", event, "user", c.UserID, "error", err)
		a := say(n, orNotRecorded(reply.Message))
		a.outcome = outcomeNotRecorded
		return a
	}
	if sorry := in.open(ctx, c.TriggerID, reply.Form); sorry != nil {
		return say(n, sorry)
	}
	in.picture(ctx, n, reply.Picture)
	return say(n, reply.Message)
}

// open opens a form, if there is one to open. When that fails it returns what to tell the person.
func (in *Intake) open(ctx context.Context, trigger string, f *chat.Form) *chat.Message {
	if f == nil {
		return nil
	}
	opened, err := in.c.openForm(ctx, trigger, *f)
	if err == nil && f.Fill != nil {
		in.fill(ctx, opened, *f)
	}
	// The trigger was used before: a repeated request, whose form is open already.
	if err == nil || isCode(err, "exchanged_trigger_id") {
		return nil
	}
	in.log.Warn("a form could not be opened", "form", f.Verb, "error", err)
	return &chat.Message{Text: fmt.Sprintf(
		":x: The form could not be opened, because Slack did not answer in time or refused. Nothing was recorded. "+
			"Try again, or type it instead: `%[1]s %[2]s …` (`%[1]s help %[2]s` shows how).", in.o.Command, escape(f.Verb))}
}

// fill gives an open form its fields, beside the answer to Slack, which must not wait for it.
func (in *Intake) fill(ctx context.Context, opened string, f chat.Form) {
	ctx = context.WithoutCancel(ctx)
	in.speaking.Go(func() {
		if err := in.c.fillForm(ctx, opened, f.Fill(ctx)); err != nil {
			in.log.Warn("a form could not be filled in", "form", f.Verb, "error", err)
		}
	})
}

func (in *Intake) interactionBody(ctx context.Context, r request) answer {
	payload, err := payloadField(string(r.body))
	if err != nil || payload == "" {
		return malformed()
	}
	return in.interaction(ctx, []byte(payload))
}

// noOptions is the answer to a menu that asks for its choices: all of ours bring their own.
var noOptions = []byte(`{"options":[]}`)

// interaction answers a press, a submitted form or a shortcut.
func (in *Intake) interaction(ctx context.Context, payload []byte) answer {
	var i interaction
	odd, err := decode(payload, &i)
	if err != nil || i.Type == "" {
		return malformed()
	}
	if odd != nil {
		in.log.Debug("a field of an interaction is not as expected", "type", i.Type, "error", odd)
	}
	if in.foreign(i.Enterprise.ID, i.Team.ID) {
		in.log.Info("an interaction of another workspace is ignored", "team", i.Team.ID)
		return ack(outcomeForeign)
	}
	if i.Type == "block_suggestion" {
		return answer{status: http.StatusOK, body: noOptions, outcome: outcomeHandled}
	}
	if i.User.ID == "" {
		in.log.Warn("an interaction of nobody is ignored", "type", i.Type)
		return ack(outcomeMalformed)
	}
	switch i.Type {
	case "block_actions":
		return in.pressed(ctx, &i)
	case "view_submission":
		return in.submitted(ctx, &i)
	case "message_action", "shortcut":
		return in.shortcut(ctx, &i)
	case "view_closed":
		return ack(outcomeIgnored)
	}
	in.log.Info("Slack sent an interaction of an unknown type", "type", i.Type)
	return ack(outcomeUnknown)
}

// pressed handles presses of buttons. The answer itself must be empty; what there is to say goes through the outbox.
func (in *Intake) pressed(ctx context.Context, i *interaction) answer {
	if len(i.Actions) == 0 || i.Actions[0].ActionID == "" {
		return in.misread(ctx, i, "a press of nothing is ignored")
	}
	if i.View.ID != "" && i.Actions[0].ActionID == inputAction {
		return in.follows(ctx, in.filled(i))
	}
	channel := i.Container.ChannelID
	if channel == "" {
		channel = i.Channel.ID
	}
	thread := i.Container.ThreadTS
	if thread == "" {
		thread = i.Message.ThreadTS
	}
	outcome := outcomeIgnored
	for n := range i.Actions {
		a := &i.Actions[n]
		verb := actionOf(a.ActionID)
		if verb == "" || verb == plainAction {
			continue // a link, which the browser has opened
		}
		event := "press/" + i.TriggerID + a.ActionTS
		value := a.Value
		if a.Type != "button" {
			value = a.filled()
		}
		reply, err := in.desk.Pressed(ctx, chat.Pressed{
			Event: event, User: i.User.ID, Channel: channel, Action: verb, Value: value, CanOpenForm: i.TriggerID != "",
			Ephemeral: i.Container.Ephemeral && in.c.mayRespond(i.ResponseURL),
		})
		outcome = in.finish(ctx, i, incidents.Notice{Key: event, Channel: channel, Thread: thread, User: i.User.ID}, reply, err)
	}
	return ack(outcome)
}

// finish opens the form and queues the message of a reply to a press or a shortcut.
func (in *Intake) finish(ctx context.Context, i *interaction, n incidents.Notice, reply chat.Reply, err error) (outcome string) {
	if err == nil {
		if sorry := in.open(ctx, i.TriggerID, reply.Form); sorry != nil {
			reply.Message, reply.Replace = sorry, false
		}
		if reply.Replace && reply.Message != nil {
			in.replace(ctx, i.ResponseURL, n, reply.Message)
			return outcomeHandled
		}
		if err = in.queue(ctx, n, reply.Message); err == nil {
			in.picture(ctx, n, reply.Picture)
			return outcomeHandled
		}
	}
	in.log.Error("a press could not be recorded", "event", n.Key, "user", n.User, "error", err)
	in.sayNow(ctx, n, orNotRecorded(reply.Message))
	return outcomeNotRecorded
}

func orNotRecorded(m *chat.Message) *chat.Message {
	if m != nil {
		return m
	}
	return &chat.Message{Text: ":x: Not recorded: the bot cannot write to its database. Try again in a moment."}
}

// misread tells whoever did something in Slack that nothing came of it, for what Slack sent lacks what says what it was.
func (in *Intake) misread(ctx context.Context, i *interaction, what string) answer {
	in.log.Warn(what, "type", i.Type, "user", i.User.ID)
	n := incidents.Notice{Key: "misread/" + i.TriggerID, Channel: i.Container.ChannelID, User: i.User.ID}
	if n.Channel == "" {
		n.Channel = i.Channel.ID
	}
	if i.TriggerID == "" { // nothing else tells one from another
		return ack(outcomeMalformed)
	}
	said := &chat.Message{Text: fmt.Sprintf(":x: Nothing was done: the bot does not understand what Slack sent about your press. Try again, or type it instead: `%s help`.", in.o.Command)}
	if err := in.queue(ctx, n, said); err != nil {
		in.log.Error("a person could not be told that nothing was done", "error", err)
		in.sayNow(ctx, n, said)
	}
	return ack(outcomeMalformed)
}

func (in *Intake) shortcut(ctx context.Context, i *interaction) answer {
	id := i.TriggerID
	if id == "" {
		id = i.ActionTS
	}
	if i.CallbackID == "" || id == "" {
		return in.misread(ctx, i, "a shortcut without a name is ignored")
	}
	used := chat.UsedShortcut{Event: "shortcut/" + id, User: i.User.ID, Callback: i.CallbackID}
	if i.Type == "message_action" {
		used.Channel, used.TS, used.Author, used.Text = i.Channel.ID, i.Message.TS, i.Message.User, i.Message.words()
		used.Thread, used.EditedAt = i.Message.ThreadTS, instant(i.Message.Edited.TS)
		used.Files = len(i.Message.files()) > 0
		if used.TS == "" {
			used.TS = i.MessageTS
		}
		if used.Channel == "" || used.TS == "" {
			return in.misread(ctx, i, "a shortcut on no message is ignored")
		}
	}
	reply, err := in.desk.Shortcut(ctx, used)
	return ack(in.finish(ctx, i, incidents.Notice{
		Key: used.Event, Channel: used.Channel, Thread: i.Message.ThreadTS, User: i.User.ID,
	}, reply, err))
}

// submitted handles a form. What cannot be used is shown beside its field and the form stays open, so that nothing that
// was typed is lost; so it is when nothing could be recorded.
func (in *Intake) submitted(ctx context.Context, i *interaction) answer {
	v := &i.View
	if v.ID == "" || v.CallbackID == "" || v.State.odd != nil {
		if len(v.inputs()) == 0 { // nowhere to say it, so it closes
			return in.misread(ctx, i, "a form that cannot be read is closed")
		}
		in.log.Warn("a form that cannot be read is left open", "form", v.CallbackID, "user", i.User.ID, "error", v.State.odd)
		return v.errors(map[string]string{"": ":x: Not recorded: the bot does not understand what Slack sent of this form. Try again; or copy what you typed, and type it as a command."}, outcomeMalformed)
	}
	s := in.filled(i)
	n := incidents.Notice{Key: s.Event, Channel: s.Context.Channel, Thread: s.Context.Thread, User: i.User.ID}
	reply, err := in.desk.Submitted(ctx, s)
	if err == nil && len(reply.Errors) > 0 {
		return v.errors(reply.Errors, outcomeHandled)
	}
	if err == nil && reply.Form != nil {
		return answer{status: http.StatusOK, outcome: outcomeHandled, body: encode(map[string]any{
			"response_action": "update", "view": view(*reply.Form),
		})}
	}
	if err == nil {
		if unsaid := in.queue(ctx, n, reply.Message); unsaid != nil {
			// It is recorded; only the words about it were not. Said in the form, they would look as if it were not.
			in.log.Warn("what came of a form could not be queued", "event", s.Event, "error", unsaid)
			in.sayNow(ctx, n, reply.Message)
		}
		return ack(outcomeHandled)
	}
	in.log.Error("a form could not be recorded", "event", s.Event, "user", s.User, "error", err)
	sorry := orNotRecorded(reply.Message)
	if a := v.errors(map[string]string{"": sorry.Text}, outcomeNotRecorded); a.body != nil {
		return a
	}
	in.sayNow(ctx, n, sorry)
	return ack(outcomeNotRecorded)
}

// values is what was filled in, by field.
func (v *formView) values() map[string]string {
	values := make(map[string]string, len(v.State.Values))
	for field, actions := range v.State.Values {
		for id, a := range actions {
			if id == inputAction || len(actions) == 1 {
				values[field] = a.filled()
			}
		}
	}
	return values
}

// inputs are the fields that can show an error, in their order.
func (v *formView) inputs() []string {
	var names []string
	for _, b := range v.Blocks {
		if b.Type == "input" && b.BlockID != "" {
			names = append(names, b.BlockID)
		}
	}
	if names == nil {
		for name := range v.State.Values {
			names = append(names, name)
		}
		slices.Sort(names)
	}
	return names
}

// maxError keeps the answer to a form with many mistakes within what the socket takes.
const maxError = 300

// errors shows errors in the form. Slack takes them for inputs alone, so one for anything else goes to the first input.
// Without any input the answer is empty, which closes the form.
func (v *formView) errors(errs map[string]string, outcome string) answer {
	inputs := v.inputs()
	if len(inputs) == 0 {
		return ack(outcome)
	}
	shown := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(errs)) {
		at := name
		if !slices.Contains(inputs, name) {
			at = inputs[0]
		}
		shown[at] = shortenPlain(strings.TrimSpace(shown[at]+" "+errs[name]), maxError)
	}
	return answer{status: http.StatusOK, outcome: outcome, body: encode(map[string]any{
		"response_action": "errors", "errors": shown,
	})}
}
