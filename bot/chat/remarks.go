package chat

import (
	"fmt"

	"watchbell/incidents"
)

// Remark is something that a reviewer of the post would say.
type Remark struct {
	Where string // the section's heading
	Text  string // what is wrong and why, plain, without its full stop
	Fix   string // what to do, in the same form
}

const (
	fewRemarks  = 3
	mostRemarks = 20
)

// line is the remark as mrkdwn.
func (r Remark) line() string {
	return fmt.Sprintf("• *%s*: %s. _%s._", escaped(r.Where), escaped(r.Text), escaped(r.Fix))
}

// WithRemarks adds what a reviewer would say to a message: the count, the worst three, and a button for all.
func WithRemarks(m Message, in incidents.Incident, all []Remark) Message {
	if len(all) == 0 {
		return m
	}
	text := fmt.Sprintf("*A reviewer of the post of #%d would say* %s:", in.Number, count(len(all), "thing", "things"))
	for _, r := range all[:min(len(all), fewRemarks)] {
		text += "\n" + r.line()
	}
	if m.Text == "" {
		m.Text = text
	} else {
		m.Text += "\n" + text
	}
	m.Blocks = append(m.Blocks, Block{Kind: Section, Text: text})
	if len(all) > fewRemarks {
		m.Blocks = append(m.Blocks, Block{Kind: Actions, Buttons: []Button{{Label: fmt.Sprintf("Show all %d", len(all)), Action: "lint", Value: number(in)}}})
	}
	return m
}

// runLint shows all that a reviewer would say.
func runLint(t *turn) (Reply, error) {
	snap, err := t.snapshot()
	if err != nil {
		return Reply{}, err
	}
	var all []Remark
	if t.o.Remarks != nil {
		all = t.o.Remarks(snap)
	}
	if len(all) == 0 {
		return Reply{Message: say(fmt.Sprintf("A reviewer would have nothing to say about the post of #%d so far. `%s check` looks for what should stay inside.", snap.Number, t.o.Command))}, nil
	}
	text := fmt.Sprintf("*A reviewer of the post of #%d would say* %s:", snap.Number, count(len(all), "thing", "things"))
	for _, r := range all[:min(len(all), mostRemarks)] {
		text += "\n" + r.line()
	}
	if more := len(all) - mostRemarks; more > 0 {
		text += fmt.Sprintf("\n… and %d more: `watchbell post lint` shows them for the file.", more)
	}
	return Reply{Message: say(text, Button{Label: "Write the post", Action: "draft", Value: number(snap.Incident)})}, nil
}
