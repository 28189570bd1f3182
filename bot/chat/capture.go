package chat

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"watchbell/incidents"
)

// MessageContext travels with a form about a message.
type MessageContext struct {
	TS       string    `json:"ts"`
	Author   string    `json:"author,omitempty"` // Slack user id
	EditedAt time.Time `json:"edited,omitzero"`
	Files    bool      `json:"files,omitempty"` // it has some
	// Text stands for the text, and Time for the time, that the form was opened with: what stays as it was is the
	// message's own and follows its edits.
	Text string `json:"text,omitempty"`
	Time string `json:"time,omitempty"`
}

// newIncident is the choice to declare an incident for a message.
const newIncident = "new"

// addToTimeline opens a form with a message in it. Nothing is asked of Slack before: a trigger lives for three seconds.
func (d *Desk) addToTimeline(ctx context.Context, u UsedShortcut) (Reply, error) {
	t := d.turn(ctx, Said{Event: u.Event, User: u.User, Channel: u.Channel, Thread: u.Thread})
	here, err := d.service.InChannel(ctx, u.Channel)
	if err == nil && here != 0 {
		err = t.mean(here)
	}
	if err != nil {
		return t.refusal(err)
	}
	at, err := incidents.ParseTS(u.TS)
	if err != nil {
		return t.refusal(err)
	}
	text := editable(u.Text, *t.incident)
	c := t.context()
	when := "15:04 UTC"
	if !onSameDay(at, d.o.Now().UTC()) {
		when = "2006-01-02 15:04 UTC"
	}
	c.Message = &MessageContext{TS: u.TS, Author: u.Author, EditedAt: u.EditedAt, Files: u.Files, Text: digest(text), Time: at.Format(when)}
	f, err := t.addForm(c, Shorten(oneLine(text), incidents.MaxTitle/2))
	if err != nil {
		return t.refusal(err)
	}
	f.set("text", text)
	f.set("time", c.Message.Time)
	return Reply{Form: &f}, nil
}

// addForm is the form about a message. Where that was said in no incident's channel, it asks for the incident.
func (t *turn) addForm(c FormContext, title string) (f Form, err error) {
	f = Form{Verb: ShortcutAddToTimeline, Title: "Add to the timeline", Submit: "Add", Context: c}
	if c.Incident == 0 {
		f.Submit = "Go"
		if f.Fields, err = t.chooser("Declare an incident from this message", title); err != nil {
			return f, err
		}
	}
	f.Fields = append(f.Fields,
		Field{Name: "text", Label: "What happened?", Kind: LongField,
			Hint: "Left as it is, it follows the message when that is edited."},
		Field{Name: "time", Label: "When?", Kind: TextField, Optional: true,
			Hint: "Empty for the time of the message. Else " + TimeExamples() + "."})
	return f, nil
}

// chooser lets the person choose the incident that something from another conversation belongs to, or declare one.
func (t *turn) chooser(declare, title string) ([]Field, error) {
	open, err := t.service.FindFor(t.ctx, t.user, incidents.Query{Open: true, Real: true, Limit: 20})
	if err != nil {
		return nil, err
	}
	choose := Field{Name: "incident", Label: "What about it?", Kind: ChoiceField, Value: newIncident,
		Options: []Option{{Value: newIncident, Label: declare}}}
	for _, in := range open {
		choose.Options = append(choose.Options, Option{
			Value: number(in), Label: Shorten(fmt.Sprintf("Add to #%d %s", in.Number, in.Title), maxLabel),
		})
	}
	return []Field{choose, {
		Name: "title", Label: "Title, for a new incident", Kind: TextField, Optional: true, Value: title,
	}}, nil
}

// chosen makes the incident that was chosen that of the turn, and says what there is to say about it.
func (t *turn) chosen(s Submitted) (said string, err error) {
	chosen := s.Values["incident"]
	n, err := strconv.Atoi(chosen)
	switch {
	case chosen == newIncident:
		declare := incidents.Declare{Title: t.form(s, "title")}
		if err := t.noSecret(declare.Title); err != nil {
			return "", err
		}
		result, err := t.service.Handle(t.ctx, incidents.Request{
			Event: t.event + "/declare", By: t.actor(), Command: declare,
		})
		if err != nil {
			return "", err
		}
		t.remember(declare, result)
		n, said = result.Incident, declared(result, declare).Text+" "
	case err != nil:
		return "", incidents.Refuse(incidents.Invalid, "No incident is chosen.").Next("Choose one.").In("incident")
	}
	return said, t.which(n)
}

// editable is a message's text as Markdown, to be edited in a form.
func editable(mrkdwn string, in incidents.Incident) string {
	return strings.TrimSpace(Captured(mrkdwn, NamesIn(in), Escapes{
		Text:  func(s string) string { return s },
		Code:  func(s string) string { return "`" + s + "`" },
		Fence: func(s string) string { return "```\n" + s + "\n```" },
		Link: func(label, url string) string {
			if label == "" {
				return "<" + url + ">"
			}
			return "[" + label + "](" + url + ")"
		},
	}))
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(oneLine(text)))
	return hex.EncodeToString(sum[:8])
}

// captured makes a command of the form about a message.
func (t *turn) captured(s Submitted) (incidents.Command, error) {
	m := s.Context.Message
	cmd := incidents.CaptureMessage{
		Source: incidents.Source{Channel: s.Context.Channel, TS: m.TS}, Author: m.Author, EditedAt: m.EditedAt,
		How: incidents.ByShortcut, At: t.o.Now(), Look: m.Files, Confirmed: t.again.Mean,
	}
	text, there := s.Values["text"]
	switch {
	case there && digest(text) != m.Text:
		if cmd.Rewrite = t.form(s, "text"); cmd.Rewrite == "" {
			return nil, incidents.Refuse(incidents.Invalid, "An entry needs words.").
				Next("Say what happened, or cancel.").In("text")
		}
	case cmd.Source.Channel != t.incident.Channel.ID:
		cmd.Said = t.form(s, "text")
	}
	// In another conversation the bot may not be, which reading the message finds out.
	cmd.Look = cmd.Look || cmd.Source.Channel != t.incident.Channel.ID
	if when := strings.TrimSpace(s.Values["time"]); when == "" || when == m.Time {
		return cmd, nil
	}
	var err error
	if cmd.When, cmd.Until, err = t.field(s, "time"); err != nil {
		return nil, err
	}
	return cmd, t.notFar(cmd.When, cmd.Until)
}

// broughtIn adds a message of another conversation.
func (t *turn) broughtIn(s Submitted) (Reply, error) {
	if s.Values["incident"] == newIncident { // before anything is declared, the rest has to be right
		if _, err := t.captured(s); err != nil {
			return Reply{}, err
		}
	}
	said, err := t.chosen(s)
	if err != nil {
		return Reply{}, err
	}
	cmd, err := t.captured(s)
	if err != nil {
		return Reply{}, err
	}
	result, err := t.service.Handle(t.ctx, incidents.Request{
		Event: t.event, By: t.actor(), Incident: t.number, Command: cmd,
	})
	if err != nil {
		return Reply{}, err
	}
	return t.proposing(Reply{Message: say(said + t.added(result).Text)}, t.number, result.Entry)
}

// changeable adds buttons for those who typed no command, and change what they have written without one.
func (t *turn) changeable(word func(incidents.Result) *Message) func(incidents.Result) *Message {
	return func(r incidents.Result) *Message {
		m := word(r)
		if r.Entry == 0 || r.Unchanged {
			return m
		}
		value := strconv.Itoa(r.Incident)
		return withRow(m, []Button{
			{Label: "Edit", Action: fmt.Sprintf("edit:%d", r.Entry), Value: value}, {Label: "Timeline", Action: "timeline", Value: value},
		})
	}
}

// added says that a message was captured.
func (t *turn) added(r incidents.Result) *Message {
	if r.Unchanged {
		return say(fmt.Sprintf("That message is in the timeline of #%d already.", r.Incident))
	}
	return say(fmt.Sprintf("Added to the timeline of #%d at %s.", r.Incident, t.echoed(r)) + stays(r))
}
