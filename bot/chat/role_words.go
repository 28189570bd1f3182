package chat

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"watchbell/incidents"
)

// naming is how a place names people and moments.
type naming struct {
	person func(id string) string
	at     func(time.Time) string
}

// inSlack is how messages do.
var inSlack = naming{func(id string) string { return "<@" + id + ">" }, clock}

// held says who has a role, wherever people are named.
func (n naming) held(in incidents.Incident, r incidents.Role) string {
	lead := in.Holder(incidents.Lead)
	if len(in.Holders[r]) == 0 {
		since, vacated := in.Vacated(r)
		switch {
		case lead == "":
			return "nobody"
		case vacated:
			return fmt.Sprintf("nobody since %s (with the lead, %s)", n.at(since), n.person(lead))
		}
		return n.person(lead) + " (with the lead)"
	}
	var who []string
	for _, id := range in.Holders[r] {
		name := n.person(id)
		if _, absent := in.Absent(id); absent {
			name += " (has left)"
		} else if in.Asked(r, id) {
			name += " (asked)"
		}
		who = append(who, name)
	}
	return strings.Join(who, ", ")
}

// HeldBySomebody says whether and by how many a role is held, where nobody is named.
func HeldBySomebody(in incidents.Incident, r incidents.Role) string {
	asked := 0
	for _, id := range in.Holders[r] {
		if in.Asked(r, id) {
			asked++
		}
	}
	switch n := len(in.Holders[r]); {
	case in.Holder(r) == "", r == incidents.Lead && in.Deserted(r):
		return "open"
	case in.Deserted(r):
		return "open, with whoever leads"
	case n == 0:
		return "with whoever leads"
	case n == 1 && asked == 1:
		return "asked"
	case n == 1:
		return "taken"
	case asked == n:
		return fmt.Sprintf("%d are asked", n)
	case asked > 0:
		return fmt.Sprintf("taken by %d, %d more asked", n-asked, asked)
	default:
		return fmt.Sprintf("taken by %d", n)
	}
}

func roleFields(in incidents.Incident) []string {
	var fields []string
	for _, r := range in.Protocol.RoleRules() {
		fields = append(fields, roleField(in, r))
	}
	return fields
}

// roleField says who holds a role.
func roleField(in incidents.Incident, r incidents.RoleRule) string {
	return "*" + inline(r.Title) + "*\n" + inSlack.held(in, r.Role)
}

func roleTitles(in incidents.Incident, roles []incidents.Role) string {
	titles := make([]string, len(roles))
	for i, r := range roles {
		titles[i] = inline(roleTitle(in, r))
	}
	return strings.Join(titles, " and ")
}

func roleTitle(in incidents.Incident, r incidents.Role) string {
	if rule, ok := in.Protocol.Role(r); ok && rule.Title != "" {
		return rule.Title
	}
	return r.Title()
}

// beside are the others who have a role, as a list for people; empty for nobody.
func beside(in incidents.Incident, r incidents.Role, user string) string {
	return mentions(slices.DeleteFunc(slices.Clone(in.Holders[r]), func(id string) bool { return id == user }))
}

// deserted are the roles that somebody had and nobody does any more.
func deserted(in incidents.Incident) (roles []incidents.Role) {
	for _, rule := range in.Protocol.RoleRules() {
		if in.Deserted(rule.Role) {
			roles = append(roles, rule.Role)
		}
	}
	return roles
}
