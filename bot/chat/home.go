package chat

import (
	"context"
	"fmt"
	"strings"

	"watchbell/incidents"
)

// Joined is a person who came into a channel.
type Joined struct{ User, Channel string }

// Welcome is what whoever comes into an incident's channel is told, once and in private; nil for nothing, because it is no
// incident's channel, it is over, or they are in it already.
func (d *Desk) Welcome(ctx context.Context, j Joined) (*incidents.Notice, *Message, error) {
	number, err := d.service.InChannel(ctx, j.Channel)
	if err != nil || number == 0 || j.Channel == "" || d.service.May(ctx, incidents.Actor{User: j.User, In: j.Channel}, incidents.ToSee) != nil {
		return nil, nil, err
	}
	s, err := d.service.Snapshot(ctx, number)
	if err != nil {
		return nil, nil, err
	}
	if _, absent := s.Absent(j.User); absent {
		_, err := d.service.Handle(ctx, incidents.Request{By: incidents.Actor{User: j.User, In: j.Channel}, Incident: number, Command: incidents.Came{User: j.User}})
		if err != nil && incidents.AsRefusal(err) == nil {
			return nil, nil, err
		}
	}
	part := j.User == s.DeclaredBy || len(s.RolesOf(j.User)) > 0 // they are asked about their role
	if part || !s.Status.Open() {
		return nil, nil, nil
	}
	m := welcome(s, d.o.Command, d.o.Reaction)
	return &incidents.Notice{Key: fmt.Sprintf("joined/inc-%d/%s", number, j.User), Channel: j.Channel, User: j.User}, &m, nil
}

// Departed follows that somebody has left a channel: a role of theirs is not left with nobody unseen.
func (d *Desk) Departed(ctx context.Context, event string, j Joined) error {
	_, _, err := d.follow(ctx, event, "", j.Channel, incidents.Left{User: j.User})
	return err
}

func welcome(s incidents.Snapshot, command, reaction string) Message {
	first := said(s.Incident, incidents.TextWelcome, nil)
	if s.Drill {
		first = drillMark + first
	}
	more := map[string]string{"reaction": ":" + reaction + ":", "command": command}
	if lead := s.Holder(incidents.Lead); lead != "" {
		more["lead"] = "<@" + lead + ">"
	}
	help := said(s.Incident, incidents.TextHelp, more)
	who := "*Who does what:* " + strings.ReplaceAll(strings.Join(roleFields(s.Incident), " · "), "\n", " ")
	text := strings.Join(append([]string{first}, facts(s, cardEntries)...), "\n")
	return Message{Text: text + "\n" + who + "\n" + help, Blocks: []Block{
		{Kind: Section, Text: text}, {Kind: Section, Text: who}, {Kind: Section, Text: help},
		{Kind: Actions, Buttons: append([]Button{
			{Label: "Add entry", Action: "log", Value: number(s.Incident)}, {Label: "Take a role", Action: "role", Value: number(s.Incident)},
		}, joinButtons(s.Incident, "")...)},
	}}
}

// What the Home tab shows at most.
const (
	homeLooks   = 30 // incidents looked through
	homeOthers  = 10
	homeActions = 10
	homeDrills  = 10
)

// Home is a person's Home tab: what concerns them, and how the team runs incidents. It holds nothing of a private incident
// that they have no part in.
func (d *Desk) Home(ctx context.Context, user string) (Message, error) {
	by := incidents.Actor{User: user}
	if refused := d.service.May(ctx, by, incidents.ToSee); refused != nil {
		return *say(":x: " + refused.Error()), nil
	}
	found, err := d.service.FindFor(ctx, user, incidents.Query{Real: true, Limit: homeLooks})
	if err != nil {
		return Message{}, err
	}
	m := Message{Text: "Incidents", Blocks: []Block{{Kind: Header, Text: "Incidents"}}}
	if refused := d.service.May(ctx, by, incidents.ToDeclare); refused == nil {
		m.Blocks = append(m.Blocks, Block{Kind: Actions, Buttons: []Button{{Label: "Declare an incident", Action: "declare", Style: "primary"}}})
	}
	var mine, others []Block
	var actions []string
	for _, in := range found {
		if in, err = d.service.Incident(ctx, in.Number); err != nil {
			return Message{}, err
		}
		for _, a := range in.Actions {
			if a.Owner == user && !a.Done() && len(actions) < homeActions {
				actions = append(actions, homeAction(in, a))
			}
		}
		live := in.Status.Open() || in.Status == incidents.Resolved
		roles := in.RolesOf(user)
		switch {
		case live && (len(roles) > 0 || in.DeclaredBy == user):
			mine = append(mine, d.homeLine(in, roles))
		case in.Status.Open() && len(others) < homeOthers:
			others = append(others, d.homeLine(in, nil))
		}
	}
	part := func(title string, blocks []Block, none string) {
		if len(blocks) == 0 {
			if none == "" {
				return
			}
			blocks = []Block{{Kind: Context, Text: none}}
		}
		m.Blocks = append(append(m.Blocks, Block{Kind: Section, Text: "*" + title + "*"}), blocks...)
	}
	part("Yours", mine[:min(len(mine), homeOthers)], "No incident needs you.")
	part("Open now", others, "")
	if len(actions) > 0 {
		part("Your action items", []Block{{Kind: Section, Text: strings.Join(actions, "\n")}}, "")
	}
	m.Blocks = append(m.Blocks, Block{Kind: Divider})
	part("How this team runs an incident", howWeRun(d.service.CurrentProtocol()), "")
	if len(d.o.Drills) > 0 {
		part("Practise", d.homeDrills(d.service.May(ctx, by, incidents.ToDeclare) == nil), "")
	}
	return m, nil
}

func (d *Desk) homeLine(in incidents.Incident, roles []incidents.Role) Block {
	line := fmt.Sprintf("*#%d* %s · %s", in.Number, inline(in.Title), in.Status)
	if in.Severity != "" {
		line += " · " + string(in.Severity)
	}
	if in.Channel.ID != "" {
		line += " · <#" + in.Channel.ID + ">"
	}
	if len(roles) > 0 {
		line += "\nYou are " + roleTitles(in, roles) + "."
		if step, ok := in.Next(d.o.Now()); ok {
			line += " Next: " + inline(step.Say) + owed(in, step)
		}
	}
	return Block{Kind: Section, Text: line, Buttons: []Button{{Label: "Show", Action: "show", Value: number(in)}}}
}

func homeAction(in incidents.Incident, a incidents.Action) string {
	line := fmt.Sprintf("• %s (#%d)", Shorten(Slack(oneLine(a.Text)), 200), in.Number)
	if !a.Due.IsZero() {
		line += " · by " + a.Due.Format("2 Jan 2006")
	}
	if a.URL() != "" {
		line += " · <" + linkTarget(a.URL()) + "|card>"
	}
	return line
}

// howWeRun is the protocol in short.
func howWeRun(p *incidents.Protocol) []Block {
	var roles []string
	for _, rule := range p.RoleRules() {
		roles = append(roles, "*"+inline(rule.Title)+"* "+inline(strings.Join(rule.Duties, " ")))
	}
	blocks := []Block{{Kind: Section, Text: strings.Join(roles, "\n")}}
	if p == nil || len(p.Steps) == 0 {
		return blocks
	}
	var steps []string
	for i, s := range p.Steps {
		rule, _ := p.Role(s.Role)
		steps = append(steps, fmt.Sprintf("%d. %s (%s)", i+1, inline(s.Say), inline(rule.Title)))
	}
	return append(blocks, Block{Kind: Section, Text: strings.Join(steps, "\n")})
}

// homeDrills are the drills, with a button for who may begin one.
func (d *Desk) homeDrills(may bool) []Block {
	blocks := []Block{{Kind: Section, Text: "A drill has a channel of its own; nothing real is announced or made. Typed in a channel, it asks there who wants to join."}}
	for _, drill := range d.o.Drills[:min(len(d.o.Drills), homeDrills)] {
		b := Block{Kind: Section, Text: "`" + d.o.Command + " drill " + drill.Name + "` " + inline(drill.Title)}
		if may {
			b.Buttons = []Button{{Label: "Begin", Action: "drill:" + drill.Name, Confirm: "Begin the drill “" + Shorten(drill.Title, 100) + "” now?"}}
		}
		blocks = append(blocks, b)
	}
	if more := len(d.o.Drills) - homeDrills; more > 0 {
		blocks = append(blocks, Block{Kind: Context, Text: fmt.Sprintf("… and %d more, which `%s drill` names.", more, d.o.Command)})
	}
	return blocks
}
