package chat

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"watchbell/incidents"
)

// Handover asks a person whether they take the roles that they were given, with what they have to know; false when
// nothing is asked of them any more.
func Handover(s incidents.Snapshot, user string) (Message, bool) {
	asked := s.AskedOf(user)
	if len(asked) == 0 {
		return Message{}, false
	}
	who := "Somebody"
	if by := giver(s.Incident, user); by != "" {
		who = "<@" + by + ">"
	}
	first := said(s.Incident, incidents.TextHandover, map[string]string{"role": roleTitles(s.Incident, asked), "who": who})
	if s.Drill {
		first = drillMark + first
	}
	m := briefing(first, s, user, asked)
	m.Blocks = append(m.Blocks, Block{Kind: Actions, Buttons: []Button{
		{Label: "I have it", Action: "accept", Value: number(s.Incident), Style: "primary"},
		{Label: "I cannot", Action: "decline", Value: number(s.Incident)},
	}})
	return m, true
}

func giver(in incidents.Incident, user string) string {
	for n := len(in.Handovers) - 1; n >= 0; n-- {
		if h := in.Handovers[n]; h.To == user && h.Answer == "" {
			if _, outside := incidents.OutsiderName(h.By); !outside {
				return h.By
			}
			return ""
		}
	}
	return ""
}

// Returned tells whoever gave a role away that it is back.
func Returned(in incidents.Incident, returned []incidents.Handover) Message {
	var roles []incidents.Role
	for _, h := range returned {
		roles = append(roles, h.Role)
	}
	text := fmt.Sprintf("<@%s> cannot take *%s* in #%d.", returned[0].To, roleTitles(in, roles), in.Number)
	if who := in.Holder(roles[0]); who != "" {
		text += " It is with <@" + who + "> again."
	}
	return drilled(in.Drill, *say(text, Button{Label: "Give it to someone else", Action: "role", Value: number(in), Style: "primary"}))
}

// Relieved tells somebody what others did with their roles.
func Relieved(in incidents.Incident, shifts []incidents.Shift) Message {
	text := fmt.Sprintf("In #%d *%s*:", in.Number, inline(in.Title))
	for _, s := range shifts {
		by := "somebody"
		if _, outside := incidents.OutsiderName(s.By); s.By != "" && !outside {
			by = "<@" + s.By + ">"
		}
		role, is := inline(roleTitle(in, s.Role)), " It is with "+inSlack.held(in, s.Role)+"."
		switch {
		case s.Back:
			text += fmt.Sprintf(" *%s* is with you again, because %s cannot take it.", role, by)
			continue
		case s.To == "":
			text += fmt.Sprintf(" %s took you off *%s*.", by, role)
		case s.To == s.By:
			text += fmt.Sprintf(" %s took *%s* over from you.", by, role)
		default:
			text += fmt.Sprintf(" *%s* is not with you any more; %s gave it to somebody else.", role, by)
		}
		text += is
	}
	return drilled(in.Drill, *say(text, Button{Label: "Who does what", Action: "roles", Value: number(in)}))
}

// Vacant tells that somebody has left with roles.
func Vacant(in incidents.Incident, user string, roles []incidents.Role) Message {
	left := "has left its channel"
	if a, _ := in.Absent(user); a.Gone {
		left = "is in Slack no more"
	}
	text := fmt.Sprintf(":wave: <@%s>, who has *%s* in #%d *%s*, %s.", user, roleTitles(in, roles), in.Number, inline(in.Title), left)
	m := say(text, Button{Label: "Give it to someone else", Action: "role", Value: number(in), Style: "primary"})
	if roles[0] == incidents.Lead {
		m = say(text+" Who takes command?", Button{Label: "I take command", Action: "lead", Value: number(in), Style: "primary"})
	}
	return drilled(in.Drill, *m)
}

// briefing is what somebody has to know who takes roles: what they are for, and the five facts of now.
func briefing(first string, s incidents.Snapshot, user string, roles []incidents.Role) Message {
	var duties []string
	for _, r := range roles {
		rule, _ := s.Protocol.Role(r)
		for _, duty := range rule.Duties {
			duties = append(duties, "• "+inline(duty))
		}
		if others := beside(s.Incident, r, user); others != "" {
			duties = append(duties, fmt.Sprintf("*With you on %s:* %s", inline(roleTitle(s.Incident, r)), others))
		}
	}
	m := Message{Text: first, Blocks: []Block{{Kind: Section, Text: strings.Join(append([]string{first}, duties...), "\n")}}}
	m.Blocks = append(m.Blocks, Block{Kind: Section, Text: strings.Join(facts(s, 2), "\n")})
	for _, b := range m.Blocks {
		m.Text += "\n" + b.Text
	}
	m.Text = strings.TrimPrefix(m.Text, first+"\n")
	return m
}

// facts are what whoever is asked has to be able to say: what users see, how bad it is, where it stands, what was done
// last, what comes next.
func facts(s incidents.Snapshot, last int) []string {
	lines := []string{
		"*Users see:* " + usersSee(s.Incident),
		"*How bad:* " + cmp.Or(string(s.Severity), "nobody has said yet"),
		"*Status:* " + string(s.Status) + ", " + howLong(s),
	}
	if entries, _ := lastEntries(s.Entries, last); len(entries) > 0 {
		lines = append(lines, "*Last:*")
		lines = append(lines, entryLines(s.Incident, entries)...)
	}
	if step, ok := s.Next(s.Taken); ok {
		lines = append(lines, "*Next:* "+inline(step.Say)+owed(s.Incident, step))
	}
	return lines
}

// usersSee is the newest that anybody has said about it.
func usersSee(in incidents.Incident) string {
	for _, text := range []string{in.Sections[incidents.SectionImpact], in.Update.Text, in.Summary} {
		if strings.TrimSpace(text) != "" {
			return Shorten(Slack(oneLine(text)), 400)
		}
	}
	return "nobody has said yet"
}

// answered are the answers to being given a role.
func runAccept(t *turn) (Reply, error)  { return t.answerRole(true) }
func runDecline(t *turn) (Reply, error) { return t.answerRole(false) }

func (t *turn) answerRole(accept bool) (Reply, error) {
	result, err := t.handle(incidents.AnswerRole{Accept: accept})
	if err != nil {
		return Reply{}, err
	}
	switch {
	case result.Unchanged:
		return Reply{Message: say(fmt.Sprintf("You have it already, in #%d.", result.Incident))}, nil
	case !accept:
		return Reply{Message: say(fmt.Sprintf("*%s* in #%d went back; whoever asked you is told.", roleTitles(*t.incident, result.Roles), result.Incident))}, nil
	}
	snap, err := t.snapshot()
	if err != nil {
		return Reply{}, err
	}
	m := briefing(fmt.Sprintf(":white_check_mark: You have *%s* in #%d.", roleTitles(snap.Incident, result.Roles), snap.Number), snap, t.user, result.Roles)
	return Reply{Message: withRow(&m, leaveButtons(snap.Incident, t.user))}, nil
}

// runRoles says who does what, what for, and who did before.
func runRoles(t *turn) (Reply, error) {
	in := *t.incident
	title := fmt.Sprintf("*Who does what in #%d*", in.Number)
	m := &Message{Text: title, Blocks: []Block{{Kind: Section, Text: title}}}
	for _, rule := range in.Protocol.RoleRules() {
		text := strings.Replace(roleField(in, rule), "\n", ": ", 1)
		for _, duty := range rule.Duties {
			text += "\n• " + inline(duty)
		}
		if len(rule.Holders) > 0 {
			text += "\n_Held by:_ " + mentions(rule.Holders)
		}
		m.Text += "\n" + text
		m.Blocks = append(m.Blocks, Block{Kind: Section, Text: text})
	}
	if past := history(in); past != "" {
		m.Text += "\n" + past
		m.Blocks = append(m.Blocks, Block{Kind: Context, Text: past})
	}
	row := []Button{{Label: "Give roles", Action: "role", Value: number(in)}}
	return Reply{Message: withRow(m, slices.Concat(row, joinButtons(in, t.user), leaveButtons(in, t.user)))}, nil
}

func mentions(ids []string) string {
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = "<@" + id + ">"
		if strings.HasPrefix(id, "S") {
			all[i] = "<!subteam^" + id + ">"
		}
	}
	return strings.Join(all, ", ")
}

// history says who was given which role and when, the latest last.
func history(in incidents.Incident) string {
	var lines []string
	if who := in.DeclaredBy; who != "" && !in.Backfill {
		lines = append(lines, fmt.Sprintf("%s <@%s> led from the declaration on", clock(in.DeclaredAt), who))
	}
	for _, h := range in.Handovers[max(0, len(in.Handovers)-10):] {
		role := roleTitles(in, []incidents.Role{h.Role})
		line := fmt.Sprintf("%s %s: <@%s>", clock(h.At), role, h.To)
		if h.To == h.By {
			line += " took it"
		} else if h.By == "" {
			line += " has it again"
		} else if _, outside := incidents.OutsiderName(h.By); !outside && h.By != "" {
			line += ", from <@" + h.By + ">"
		}
		switch h.Answer {
		case incidents.RoleDeclined:
			line += " (declined)"
		case "":
			line += " (asked)"
		}
		if !h.Until.IsZero() && h.Answer != incidents.RoleDeclined {
			line += ", until " + clock(h.Until)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// groupPatience bounds the question who is in a user group: giving a role must not wait for Slack.
const groupPatience = time.Second

// members are those of the people whom a user group lets hold a role. Where Slack does not say, nobody is refused.
func (t *turn) members(role incidents.Role, who []string) (members []string) {
	rule, _ := t.incident.Protocol.Role(role)
	named := !slices.ContainsFunc(who, func(user string) bool { return !slices.Contains(rule.Holders, user) })
	if t.o.Members == nil || named {
		return nil
	}
	ctx, cancel := context.WithTimeout(t.ctx, groupPatience)
	defer cancel()
	for _, group := range rule.Holders {
		if !strings.HasPrefix(group, "S") {
			continue
		}
		of, err := t.o.Members(ctx, group)
		if err != nil {
			return who
		}
		members = append(members, of...)
	}
	return slices.DeleteFunc(slices.Clone(who), func(user string) bool { return !slices.Contains(members, user) })
}
