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
	t := &turn{Desk: d, ctx: ctx, event: u.Event, user: u.User, channel: u.Channel, thread: u.Thread}
	here, err := d.service.InChannel(ctx, u.Channel)
	if err == nil && here != 0 {
		t.incident, err = d.service.See(ctx, t.actor(), here)
	}
	if err != nil {
		return t.refusal(err)
	}
	at, err := incidents.ParseTS(u.TS)
	if err != nil {
		return t.refusal(err)
	}
	text := editable(u.Text, t.incident)
	c := t.context()
	when := "15:04 UTC"
	if !onSameDay(at, d.o.Now().UTC()) {
		when = "2006-01-02 15:04 UTC"
	}
	c.Message = &MessageContext{TS: u.TS, Author: u.Author, EditedAt: u.EditedAt, Files: u.Files, Text: digest(text), Time: at.Format(when)}
	f := Form{Verb: ShortcutAddToTimeline, Title: "Add to the timeline", Submit: "Add", Context: c}
	if t.incident.Number == 0 {
		if err := t.elsewhere(&f, u); err != nil {
			return t.refusal(err)
		}
	}
	f.Fields = append(f.Fields,
		Field{Name: "text", Label: "What happened?", Kind: LongField, Value: text,
			Hint: "Left as it is, it follows the message when that is edited."},
		Field{Name: "time", Label: "When?", Kind: TextField, Value: c.Message.Time, Optional: true,
			Hint: "As a time is typed elsewhere. Empty for the time of the message."})
	return Reply{Form: &f}, nil
}

// elsewhere lets the person choose the incident that a message of another conversation belongs to.
func (t *turn) elsewhere(f *Form, u UsedShortcut) error {
	open, err := t.service.FindFor(t.ctx, t.user, incidents.Query{Open: true, Real: true, Limit: 20})
	if err != nil {
		return err
	}
	f.Submit = "Go"
	choose := Field{Name: "incident", Label: "What about it?", Kind: ChoiceField, Value: newIncident,
		Options: []Option{{Value: newIncident, Label: "Declare an incident from this message"}}}
	for _, in := range open {
		choose.Options = append(choose.Options, Option{
			Value: number(in), Label: Shorten(fmt.Sprintf("Add to #%d %s", in.Number, in.Title), maxLabel),
		})
	}
	f.Fields = []Field{choose, {
		Name: "title", Label: "Title, for a new incident", Kind: TextField, Optional: true,
		Value: Shorten(oneLine(editable(u.Text, incidents.Incident{})), incidents.MaxTitle/2),
	}}
	return nil
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

// captured makes a command of the form about a message in an incident's channel.
func (t *turn) captured(s Submitted) (incidents.Command, error) {
	m := s.Context.Message
	cmd := incidents.CaptureMessage{
		Source: incidents.Source{Channel: s.Context.Channel, TS: m.TS}, Author: m.Author, EditedAt: m.EditedAt,
		How: incidents.ByShortcut, At: t.o.Now(), Look: m.Files,
	}
	if text, there := s.Values["text"]; there && digest(text) != m.Text {
		if cmd.Rewrite = t.form(s, "text"); cmd.Rewrite == "" {
			return nil, incidents.Refuse(incidents.Invalid, "An entry needs words.").
				Next("Say what happened, or cancel.").In("text")
		}
	}
	var err error
	cmd.When, cmd.Until, err = t.otherTime(s)
	return cmd, err
}

// otherTime is the time that a person wrote into the form about a message in place of the message's own; zero for none.
func (t *turn) otherTime(s Submitted) (at, until time.Time, err error) {
	if when := strings.TrimSpace(s.Values["time"]); when == "" || when == s.Context.Message.Time {
		return time.Time{}, time.Time{}, nil
	}
	return t.field(s, "time")
}

// broughtIn adds a message of another conversation: it is written down, and does not follow the message.
func (t *turn) broughtIn(s Submitted) (Reply, error) {
	own, err := incidents.ParseTS(s.Context.Message.TS)
	if err != nil {
		return Reply{}, err
	}
	entry := incidents.Log{Text: t.form(s, "text")}
	if entry.At, entry.Until, err = t.otherTime(s); err != nil {
		return Reply{}, err
	}
	if entry.At.IsZero() {
		entry.At = own
	}
	var number int
	var text string
	if chosen := s.Values["incident"]; chosen == newIncident {
		result, err := t.service.Handle(t.ctx, incidents.Request{
			Event: t.event + "/declare", By: t.actor(),
			Command: incidents.Declare{Title: t.form(s, "title")},
		})
		if err != nil {
			return Reply{}, err
		}
		number, text = result.Incident, declared(result, incidents.Declare{}).Text+" The message is in its timeline."
	} else if number, err = strconv.Atoi(chosen); err != nil {
		return Reply{}, incidents.Refuse(incidents.Invalid, "No incident is chosen.").Next("Choose one.").In("incident")
	}
	if t.incident, err = t.service.See(t.ctx, t.actor(), number); err != nil {
		return Reply{}, err
	}
	result, err := t.service.Handle(t.ctx, incidents.Request{
		Event: t.event, By: t.actor(), Incident: number, Command: entry,
	})
	if err != nil {
		return Reply{}, err
	}
	if text == "" {
		text = t.logged(result).Text
	}
	return t.proposing(Reply{Message: say(text)}, number, result.Entry)
}

// added says that a message was captured.
func (t *turn) added(r incidents.Result) *Message {
	if r.Unchanged {
		return say("That message is in the timeline already.")
	}
	return say("Added to the timeline at " + t.echo(r.At) + ".")
}
