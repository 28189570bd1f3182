package chat

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"watchbell/incidents"
)

var todoLine = regexp.MustCompile(`(?im)^[ \t]*(?:[-*•][ \t]+)?todo:[ \t]*(\S.*?)[ \t]*$`)

// todos are the action items that an entry's text proposes: its lines that begin with TODO:, as Markdown.
func todos(in incidents.Incident, e incidents.Entry) []string {
	text := e.Text
	if e.Format == incidents.Mrkdwn {
		text = editable(text, in)
	}
	if !proposesTodo(text) {
		return nil
	}
	var found []string
	for _, m := range todoLine.FindAllStringSubmatch(text, -1) {
		found = append(found, m[1])
	}
	return found
}

// proposesTodo reports whether a text may hold a TODO: at all, without reading it line by line.
func proposesTodo(text string) bool {
	const word = "todo"
	for at := 0; ; at++ {
		next := strings.IndexByte(text[at:], ':')
		if next < 0 {
			return false
		}
		if at += next; at >= len(word) && strings.EqualFold(text[at-len(word):at], word) {
			return true
		}
	}
}

// todo names a proposed action item: the line-th (from 0) of an entry.
type todo struct {
	Incident int `json:"n"`
	Entry    int `json:"e"`
	Line     int `json:"i"`
}

// Proposals asks about the action items that an entry proposes. There is nothing to ask when it has no text.
func Proposals(s incidents.Snapshot, e incidents.Entry) Message {
	var m Message
	for i, line := range todos(s.Incident, e) {
		text := fmt.Sprintf("Is this an action item of #%d? “%s”", s.Number, inline(Shorten(line, 500)))
		value, err := json.Marshal(todo{s.Number, e.Number, i})
		if err != nil {
			continue // three numbers: it cannot fail
		}
		m.Text = strings.TrimSpace(m.Text + "\n" + text)
		m.Blocks = append(m.Blocks, Block{Kind: Section, Text: text}, Block{Kind: Actions, Buttons: []Button{
			{Label: "Add it", Action: fmt.Sprintf("todo:%d", i), Value: string(value)},
			{Label: "No", Action: fmt.Sprintf("no:%d", i), Value: string(value)},
		}})
	}
	return m
}

// proposing adds to a reply what the entry that was written proposes.
func (t *turn) proposing(r Reply, number, entry int) (Reply, error) {
	if r.Message == nil || entry == 0 {
		return r, nil
	}
	snap, err := t.service.Snapshot(t.ctx, number)
	if err != nil {
		return r, nil // the entry is written; the proposals can be typed as well
	}
	for _, e := range snap.Entries {
		if e.Number != entry {
			continue
		}
		if asked := Proposals(snap, e); asked.Text != "" {
			r.Message.Text += "\n" + asked.Text
			r.Message.Blocks = append(r.Message.Blocks, asked.Blocks...)
		}
	}
	return r, nil
}

// proposed answers a press below a proposal: once, whichever of its buttons is pressed and however often.
func (d *Desk) proposed(ctx context.Context, p Pressed, add bool) (Reply, error) {
	var of todo
	if err := json.Unmarshal([]byte(p.Value), &of); err != nil {
		return Reply{Message: say(":x: That button is not from this version. Type `" + d.o.Command + " action …`.")}, nil
	}
	t := d.turn(ctx, Said{Event: fmt.Sprintf("todo/%d/%d/%d", of.Incident, of.Entry, of.Line), User: p.User, Channel: p.Channel})
	if _, err := d.service.See(ctx, t.actor(), of.Incident); err != nil {
		return t.refusal(err)
	}
	before, known, err := d.service.Answered(ctx, t.event)
	switch {
	case err != nil:
		return t.refusal(err)
	case known && before.Result.Action == 0:
		return Reply{Message: say("That was left out before. `" + d.o.Command + " action …` adds it.")}, nil
	case known:
		return Reply{Message: say("That is action item " + strconv.Itoa(before.Result.Action) + " already.")}, nil
	case !add:
		if err := d.service.Remember(ctx, t.event, incidents.Answer{}); err != nil {
			return t.refusal(err)
		}
		return Reply{Message: say("Left out.")}, nil
	}
	snap, err := d.service.Snapshot(ctx, of.Incident)
	if err != nil {
		return t.refusal(err)
	}
	t.is(&snap.Incident)
	for _, e := range snap.Entries {
		lines := todos(snap.Incident, e)
		if e.Number != of.Entry || of.Line >= len(lines) {
			continue
		}
		cmd, err := t.action(lines[of.Line])
		if err != nil {
			return t.refusal(err)
		}
		for _, a := range snap.Actions {
			if a.Text == cmd.Text {
				return Reply{Message: say("That is action item " + strconv.Itoa(a.Number) + " already.")}, nil
			}
		}
		result, err := t.handle(cmd)
		if err != nil {
			return t.refusal(err)
		}
		return Reply{Message: actionAdded(*t.incident, cmd, result)}, nil
	}
	return Reply{Message: say(":x: That line is not in the timeline any more. Type `" + d.o.Command + " action …` to add it all the same.")}, nil
}
