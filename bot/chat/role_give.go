package chat

import (
	"fmt"
	"slices"
	"strings"

	"watchbell/incidents"
)

func runLead(t *turn) (Reply, error) {
	who := t.args
	if who == "" {
		who = "me"
	}
	return t.give(incidents.Lead, who)
}

// What `role ops …` may say instead of a name.
const (
	joinWord  = "join"
	leaveWord = "leave"
)

func runRole(t *turn) (Reply, error) {
	word, who := firstWord(t.args)
	if word == "" && t.canForm {
		form := roleForm(t.context(), *t.incident)
		return Reply{Form: &form}, nil
	}
	role, ok := t.roleWord(word)
	if !ok {
		return Reply{}, incidents.Refuse(incidents.Invalid, "“%s” is not a role.", inline(Shorten(decoded(word), 40))).
			Next("The roles are lead (incident manager), ops and communications: `%s role communications @ben`.", t.o.Command).In("role")
	}
	switch strings.ToLower(strings.TrimSpace(who)) {
	case joinWord, "also", "help":
		return t.takeRole(role, true)
	case leaveWord, "off":
		return t.leaveRole(role)
	}
	return t.give(role, who)
}

// roleWord reads which role is meant: by a word that people use for it, or as the team's protocol calls it.
func (t *turn) roleWord(word string) (incidents.Role, bool) {
	word = strings.ToLower(word)
	for _, rule := range t.incident.Protocol.RoleRules() {
		if word == string(rule.Role) {
			return rule.Role, true
		}
	}
	switch word {
	case "lead", "manager", "im", "commander", "ic":
		return incidents.Lead, true
	case "ops", "operations":
		return incidents.Ops, true
	case "communications", "comms", "communication", "comm":
		return incidents.Communications, true
	}
	return "", false
}

// people reads whom an argument names, as person does: one or several.
func (t *turn) people(arg string) (who []string, err error) {
	for _, word := range strings.FieldsFunc(arg, func(r rune) bool { return r == ' ' || r == ',' || r == '\n' || r == '\t' }) {
		if strings.EqualFold(word, "and") || word == "&amp;" {
			continue
		}
		user, err := t.person(word)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(who, user) {
			who = append(who, user)
		}
	}
	return who, nil
}

// give gives a role to whom the argument names, instead of those who have it.
func (t *turn) give(role incidents.Role, arg string) (Reply, error) {
	who, err := t.people(arg)
	switch {
	case len(who) == 0:
		refused := incidents.Refuse(incidents.Invalid, "Nobody is named for %s.", roleTitle(*t.incident, role)).
			Next("Write `%s role %s @name`, or take it yourself.", t.o.Command, role).In("who")
		if err != nil {
			refused = incidents.AsRefusal(err)
		}
		return Reply{}, &question{Refusal: refused, choices: []choice{{
			label: "I take it", again: again{Event: t.event, Incident: t.number, Text: "role " + string(role) + " me"},
		}}}
	case len(who) == 1 && who[0] == t.user:
		return t.takeRole(role, false)
	}
	cmd := incidents.AssignRoles{To: map[incidents.Role][]string{role: who}, Members: map[incidents.Role][]string{role: t.members(role, who)}}
	return t.reply(cmd, func(r incidents.Result) *Message { return say(t.rolesGiven(r, role, who)) })
}

// takeRole gives a role to the person themselves, instead of those who have it or beside them, with what they have to know.
func (t *turn) takeRole(role incidents.Role, also bool) (Reply, error) {
	result, err := t.handle(incidents.AssignRole{Role: role, User: t.user, Member: len(t.members(role, []string{t.user})) > 0, Also: also})
	if err != nil {
		return Reply{}, err
	}
	given := t.roleGiven(result, role, t.user)
	for _, h := range result.Given {
		if len(h.From) > 0 {
			given += " It was with " + mentions(h.From) + "."
		}
	}
	if result.Unchanged || !t.incident.Status.Open() {
		return Reply{Message: say(given)}, nil
	}
	snap, err := t.snapshot()
	if err != nil {
		return Reply{Message: say(given)}, nil //nolint:nilerr // it is recorded; the facts are on the card as well
	}
	m := briefing(given, snap, t.user, []incidents.Role{role})
	return Reply{Message: withRow(&m, leaveButtons(snap.Incident, t.user))}, nil
}

// leaveRole says that the person is off a role.
func (t *turn) leaveRole(role incidents.Role) (Reply, error) {
	result, err := t.handle(incidents.LeaveRole{Role: role})
	if err != nil {
		return Reply{}, err
	}
	text := fmt.Sprintf("You are off *%s* in #%d.", inline(roleTitle(*t.incident, role)), result.Incident)
	if in, err := t.service.Incident(t.ctx, result.Incident); err == nil {
		text += " It is with " + inSlack.held(in, role) + "."
	}
	return Reply{Message: say(text)}, nil
}

// rolesGiven says of each person what became of their role.
func (t *turn) rolesGiven(r incidents.Result, role incidents.Role, who []string) string {
	var lines []string
	for _, user := range who {
		lines = append(lines, t.roleGiven(r, role, user))
	}
	return strings.Join(lines, "\n")
}

// roleGiven says what became of one person's role. It tells the result and not how things are by now: whoever repeats a
// request is answered as before.
func (t *turn) roleGiven(r incidents.Result, role incidents.Role, user string) string {
	verb, asked := "already had", ""
	for _, h := range r.Given {
		if h.Role != role || h.To != user {
			continue
		}
		verb = "has"
		if h.Answer == "" {
			asked = " and is asked to confirm it"
		}
	}
	return fmt.Sprintf("<@%s> %s the role *%s* in #%d%s.", user, verb, inline(roleTitle(*t.incident, role)), r.Incident, asked)
}

// joinButtons let somebody help with what others do; an empty user is anybody.
func joinButtons(in incidents.Incident, user string) (row []Button) {
	for _, rule := range in.Protocol.RoleRules() {
		if rule.Several && in.Status.Open() && !in.Has(rule.Role, user) {
			row = append(row, Button{Label: "Join " + rule.Title, Action: "role:" + string(rule.Role) + " " + joinWord, Value: number(in)})
		}
	}
	return row
}

// leaveButtons let somebody say that they are off a role. Somebody has to lead.
func leaveButtons(in incidents.Incident, user string) (row []Button) {
	for _, r := range in.RolesOf(user) {
		if r != incidents.Lead && in.Status.Open() {
			row = append(row, Button{Label: Shorten("I am off "+roleTitle(in, r), maxLabel), Action: "role:" + string(r) + " " + leaveWord, Value: number(in)})
		}
	}
	return row
}

// withRow adds a row of buttons, if there are any.
func withRow(m *Message, row []Button) *Message {
	if len(row) > 0 {
		m.Blocks = append(m.Blocks, Block{Kind: Actions, Buttons: row})
	}
	return m
}

// roles gives the roles that the form changes, all or none of them. What others changed since it was opened stays.
func (t *turn) roles(s Submitted) (incidents.Command, func(incidents.Result) *Message, error) {
	cmd := incidents.AssignRoles{To: map[incidents.Role][]string{}, Members: map[incidents.Role][]string{}}
	before := t.incident.Holders
	var kept []string
	for _, rule := range t.incident.Protocol.RoleRules() {
		value, has := s.Values[string(rule.Role)], t.incident.Holders[rule.Role]
		if value == "" && !rule.Several {
			continue
		}
		saw, known := s.Context.Held[rule.Role]
		if !rule.Several && known && value == strings.Join(saw, ",") {
			if !slices.Equal(saw, has) { // somebody else gave it away while the form was open
				kept = append(kept, fmt.Sprintf("*%s* is with %s by now, which stays so.", inline(rule.Title), inSlack.held(*t.incident, rule.Role)))
			}
			continue
		}
		who := strings.FieldsFunc(value, func(r rune) bool { return r == ',' })
		if rule.Several {
			who = merged(has, saw, who)
		}
		if slices.Equal(who, has) {
			continue
		}
		cmd.To[rule.Role], cmd.Members[rule.Role] = who, t.members(rule.Role, who)
	}
	return cmd, func(r incidents.Result) *Message {
		var lines []string
		for _, rule := range t.incident.Protocol.RoleRules() {
			who, changed := cmd.To[rule.Role]
			switch {
			case changed && len(who) == 0:
				lines = append(lines, fmt.Sprintf("*%s* in #%d is with the lead again.", inline(rule.Title), r.Incident))
			case changed:
				lines = append(lines, t.rolesGiven(r, rule.Role, who))
				if off := merged(before[rule.Role], who, nil); len(off) > 0 {
					lines = append(lines, fmt.Sprintf("*%s* is no more with %s.", inline(rule.Title), mentions(off)))
				}
			}
		}
		if lines = append(lines, kept...); len(lines) == 0 {
			return say("The roles stay as they are.")
		}
		return say(strings.Join(lines, "\n"))
	}, nil
}

// merged is who is there now, with what somebody changed who saw a list and sent another.
func merged(now, saw, sent []string) (who []string) {
	for _, user := range now {
		if slices.Contains(sent, user) || !slices.Contains(saw, user) {
			who = append(who, user)
		}
	}
	for _, user := range sent {
		if !slices.Contains(saw, user) && !slices.Contains(who, user) {
			who = append(who, user)
		}
	}
	return who
}
