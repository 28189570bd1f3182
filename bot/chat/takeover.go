package chat

import (
	"context"
	"fmt"
	"strings"

	"watchbell/incidents"
)

// actionTakeOver is the action of the buttons below the question who takes over. Their value is the incident's number and who
// is silent.
const actionTakeOver = "takeover"

// TakeOver asks whether somebody takes a role, because nothing is heard of who has it.
func TakeOver(in incidents.Incident, s incidents.Silence) Message {
	take, value := "Take "+roleTitle(in, s.Role)+"?", number(in)+" "+s.User
	if s.Role == incidents.Lead {
		take = "Take the lead?"
	}
	text := fmt.Sprintf(":hourglass: <@%s>, who has *%s* in #%d *%s*, has been quiet since %s. %s",
		s.User, roleTitles(in, []incidents.Role{s.Role}), in.Number, inline(in.Title), clock(s.Since), take)
	return drilled(in.Drill, *say(text,
		Button{Label: "Take it", Action: actionTakeOver + ":" + string(s.Role), Value: value, Style: "primary"},
		Button{Label: "Not now", Action: actionTakeOver + ":", Value: value}))
}

// takeOver follows the press of one of them. Nobody takes a role from somebody else than the question was about.
func (d *Desk) takeOver(ctx context.Context, p Pressed, s Said) (Reply, error) {
	_, role, _ := strings.Cut(p.Action, ":")
	number, silent, _ := strings.Cut(p.Value, " ")
	n, ok, err := incidentNumber("#" + number)
	if err != nil || !ok || silent == "" {
		return Reply{Message: say(":x: That button is not from this version. `" + d.o.Command + " lead me` takes the lead.")}, nil
	}
	if role == "" {
		return Reply{Message: say(fmt.Sprintf("All right: it stays with <@%s>. `%s role #%d lead me` takes it at any time.", silent, d.o.Command, n)), Replace: p.Ephemeral}, nil
	}
	in, err := d.service.See(ctx, incidents.Actor{User: p.User, In: p.Channel}, n)
	if incidents.AsRefusal(err) == nil && err != nil {
		return Reply{Message: say(notRecorded(err))}, err
	}
	if err == nil && !in.Has(incidents.Role(role), silent) && !in.Has(incidents.Role(role), p.User) {
		text := fmt.Sprintf(":x: *%s* in #%d is with %s by now.", inline(roleTitle(in, incidents.Role(role))), n, inSlack.held(in, incidents.Role(role)))
		return Reply{Message: say(text), Replace: p.Ephemeral}, nil
	}
	s.Text = fmt.Sprintf("role #%d %s me", n, role)
	reply, err := d.said(ctx, s, again{})
	reply.Replace = p.Ephemeral && err == nil
	return reply, err
}
