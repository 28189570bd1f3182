package chat

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"watchbell/incidents"
)

// ownerVerb is the callback id of the form that gives an action item an owner.
const ownerVerb = "action_owner"

// maxRows bounds the rows of buttons below action items, and maxItems the items and rows together: a message has room for 50
// blocks, and where there are more its rows stay and would stand below other items.
const (
	maxRows  = 15
	maxItems = 47
)

// actionBlocks are action items with what can be done about each: it is done, or it is given to somebody who has it from now on.
func actionBlocks(s incidents.Snapshot, actions []incidents.Action) (blocks []Block) {
	rows := min(maxRows, maxItems-len(actions))
	for _, a := range actions {
		done := Button{Label: "Done", Action: "action:done " + strconv.Itoa(a.Number), Value: number(s.Incident)}
		b := Block{Kind: Section, Text: actionLine(s, a)}
		switch {
		case a.Done():
		case a.Owner == "" && rows > 0:
			rows--
			blocks = append(blocks, b, Block{Kind: Actions, Buttons: append(ownerButtons(s.Incident, a.Number), done)})
			continue
		default:
			b.Buttons = []Button{done}
		}
		blocks = append(blocks, b)
	}
	return blocks
}

// ownerButtons give an action item that nobody has to somebody.
func ownerButtons(in incidents.Incident, action int) []Button {
	return []Button{
		{Label: "I take it", Action: fmt.Sprintf("action:mine %d", action), Value: number(in)},
		{Label: "Give it to …", Action: fmt.Sprintf("action:owner %d", action), Value: number(in)},
	}
}

var (
	ownedBy = regexp.MustCompile(`(?i)^owner\s+#?([0-9]{1,4})(?:\s+(?:to\s+)?(\S+))?$`)
	givenTo = regexp.MustCompile(`(?i)^(?:(?:give|assign)\s+)?#?([0-9]{1,4})\s+(?:to\s+)?(<@[UW][A-Z0-9]+(?:\|[^>]*)?>|me)$`)
	isMine  = regexp.MustCompile(`(?i)^mine\s+#?([0-9]{1,4})$`)
)

// giveAction is "action owner 2 @ana", and what the buttons say; about is false when it is about something else.
func (t *turn) giveAction() (reply Reply, about bool, err error) {
	args := strings.TrimSpace(t.args)
	var cmd incidents.GiveAction
	for _, form := range []*regexp.Regexp{ownedBy, givenTo} {
		if m := form.FindStringSubmatch(args); m != nil {
			cmd.Number, _ = strconv.Atoi(m[1]) // at most four digits
			cmd.AnyWay = true
			if cmd.Owner, err = t.person(m[2]); err != nil {
				return Reply{}, true, err
			}
			break
		}
	}
	if m := isMine.FindStringSubmatch(args); m != nil {
		cmd.Number, _ = strconv.Atoi(m[1]) // likewise
		cmd.Owner = t.user
	}
	if cmd.Number == 0 {
		return Reply{}, false, nil
	}
	if a, known := t.incident.Action(cmd.Number); known && cmd.Owner == "" && t.canForm {
		form := ownerForm(t.context(), *t.incident, a)
		return Reply{Form: &form}, true, nil
	}
	reply, err = t.reply(cmd, func(r incidents.Result) *Message { return t.actionGiven(cmd, r) })
	return reply, true, err
}

func ownerForm(c FormContext, in incidents.Incident, a incidents.Action) Form {
	c.Action, c.Owner = a.Number, a.Owner
	return Form{Verb: ownerVerb, Title: "Who does it?", Submit: "Set", Context: c,
		Intro:  fmt.Sprintf("Action item %d of #%d: “%s”.", a.Number, in.Number, Shorten(Slack(oneLine(a.Text)), 300)),
		Fields: []Field{{Name: "owner", Label: "Who?", Kind: PersonField, Value: a.Owner}},
	}
}

// actionGiven says who has an action item now, and which of the others nobody has.
func (t *turn) actionGiven(c incidents.GiveAction, r incidents.Result) *Message {
	a, _ := t.incident.Action(c.Number)
	is := "is with"
	if r.Unchanged {
		is = "is already with"
	}
	m := say(fmt.Sprintf("Action item %d of #%d %s <@%s>: “%s”.", c.Number, r.Incident, is, c.Owner, Shorten(Slack(oneLine(a.Text)), 200)))
	left := slices.DeleteFunc(t.incident.OpenActions(), func(a incidents.Action) bool { return a.Owner != "" || a.Number == c.Number })
	if len(left) > 0 {
		m.add(Block{Kind: Section, Text: "Nobody has these yet:"})
		m.add(actionBlocks(incidents.Snapshot{Incident: *t.incident}, left[:min(len(left), 5)])...)
	}
	return m
}
