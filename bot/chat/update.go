package chat

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"watchbell/incidents"
)

// UpdateMessage is what stakeholders are told, in a channel of theirs.
func UpdateMessage(s incidents.Snapshot, u incidents.Update) Message {
	all := words(s.Incident)
	all["text"], all["since"] = Slack(u.Text), clock(since(s))
	if !u.NextAt.IsZero() {
		all["next"] = clock(u.NextAt)
	}
	above, middle, below := around(s.Protocol.Words(incidents.TextUpdate))
	title := incidents.Fill(above, all)
	if s.Drill {
		title = strings.TrimSpace(drillMark + title)
	}
	var m Message
	for _, b := range []Block{{Kind: Section, Text: title}, {Kind: Section, Text: incidents.Fill(middle, all)}, {Kind: Context, Text: incidents.Fill(below, all)}} {
		if b.Text != "" {
			m.Text, m.Blocks = m.Text+"\n"+b.Text, append(m.Blocks, b)
		}
	}
	m.Text = strings.TrimPrefix(m.Text, "\n")
	return m
}

// promises are the choices for when stakeholders hear more.
var promises = []Option{
	{Value: "15m", Label: "15 minutes"}, {Value: "30m", Label: "30 minutes"}, {Value: "1h", Label: "an hour"}, {Value: "2h", Label: "two hours"}, {Value: "none", Label: "This was the last one"},
}

// updateForm is filled in with what the last update said, or with a draft of the first.
func updateForm(c FormContext, in incidents.Incident, now time.Time) Form {
	f := Form{Verb: "update", Title: "Tell the users", Submit: "Send", Context: c, Fields: []Field{
		{Name: "text", Label: "What do they have to know?", Kind: LongField, Value: updateDraft(in), Live: true,
			Hint: "What users see, what we do. No news is news, too."},
		{Name: "next", Label: "They hear more in", Kind: ChoiceField, Options: promises, Value: "30m", Live: true},
	}}
	severity, _ := in.Protocol.Severity(in.Severity)
	for _, p := range promises {
		if wait, err := time.ParseDuration(p.Value); err == nil && wait == severity.UpdateEvery {
			f.set("next", p.Value)
		}
	}
	if !in.Status.Open() {
		f.set("next", "none")
	}
	if in.Update.Number > 0 {
		f.Intro = "The last update was " + lasted(now.Sub(in.Update.At)) + " ago."
	}
	return f
}

// Filled is an open form once something was filled in: it shows what will come of it. Nil when it stays as it is.
func (d *Desk) Filled(ctx context.Context, s Submitted) (*Form, error) {
	if s.Verb != "update" {
		return nil, nil
	}
	t := d.turn(ctx, Said{User: s.User, Channel: s.Context.Channel, Thread: s.Context.Thread})
	err := t.mean(s.Context.Incident)
	if incidents.AsRefusal(err) != nil {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	f := updateForm(s.Context, *t.incident, d.o.Now())
	f.set("text", s.Values["text"])
	f.set("next", s.Values["next"])
	return t.previewed(f), nil
}

// previewed shows below the form of an update how it will look, and where.
func (t *turn) previewed(f Form) *Form {
	s := Submitted{Values: map[string]string{}}
	for _, field := range f.Fields {
		s.Values[field.Name] = field.Value
	}
	cmd := t.sendUpdate(s)
	u := incidents.Update{Number: t.incident.Update.Number + 1, Text: cmd.Text, NextAt: cmd.NextAt}
	f.Outro = "*This is how it looks:*\n" + UpdateMessage(incidents.Snapshot{Incident: *t.incident}, u).Text + "\n_" + t.goesTo() + "_"
	return &f
}

// goesTo says where an update is posted.
func (t *turn) goesTo() string {
	if len(t.o.Tell) == 0 {
		return "It is posted nowhere yet: no channel is set up for it."
	}
	if t.incident.Drill {
		return "It goes to this drill's channel alone."
	}
	text := "It goes to #" + strings.Join(t.o.Tell, ", #")
	if n := len(t.incident.Followers); n > 0 {
		text += fmt.Sprintf(", and to %s", count(n, "person who follows", "people who follow"))
	}
	return text + "."
}

// updateDraft is what the form proposes: sentences are hard to find in the middle of an incident.
func updateDraft(in incidents.Incident) string {
	t := incidents.TextFirstUpdate
	switch {
	case !in.Status.Open():
		t = incidents.TextLastUpdate
	case in.Status == incidents.Monitoring:
		t = incidents.TextMitigatedUpdate
	case in.Update.Number > 0:
		return in.Update.Text
	}
	return incidents.Fill(in.Protocol.Words(t), map[string]string{
		"title": in.Title, "summary": in.Summary, "severity": cmp.Or(string(in.Severity), "problem"),
	})
}

func runUpdate(t *turn) (Reply, error) {
	if t.args == "" && t.canForm {
		if refused := t.incident.Untold(); refused != nil { // before somebody finds the words
			return Reply{}, refused
		}
		return Reply{Form: t.previewed(updateForm(t.context(), *t.incident, t.o.Now()))}, nil
	}
	result, err := t.handle(incidents.SendUpdate{Text: t.text(t.args)})
	if err != nil {
		return Reply{}, err
	}
	return Reply{Message: t.toldUsers(result)}, nil
}

// sendUpdate makes a command of the form.
func (t *turn) sendUpdate(s Submitted) incidents.SendUpdate {
	cmd := incidents.SendUpdate{Text: t.form(s, "text"), Last: s.Values["next"] == "none"}
	if wait, err := time.ParseDuration(s.Values["next"]); err == nil && wait > 0 {
		cmd.NextAt = t.o.Now().Add(wait)
	}
	return cmd
}

func (t *turn) toldUsers(r incidents.Result) *Message {
	where := "nowhere yet: no channel is set up for it"
	if len(t.o.Tell) > 0 {
		where = "in #" + strings.Join(t.o.Tell, ", #")
	}
	text := fmt.Sprintf("The users are told about #%d, %s.", r.Incident, where)
	if t.incident.Drill && len(t.o.Tell) > 0 {
		text = fmt.Sprintf("In real life the users would be told about #%d; in a drill this channel alone is.", r.Incident)
	}
	if !r.NextAt.IsZero() {
		text += " They were promised more by " + clock(r.NextAt) + "."
	}
	return say(text)
}
