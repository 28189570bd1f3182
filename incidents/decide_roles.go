package incidents

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// assign gives a role to one person: instead of those who have it, or beside them.
func (d *decision) assign(c AssignRole) error {
	who := []string{c.User}
	if c.User == "" {
		who = nil
	}
	if c.Also {
		rule, _ := d.before.Protocol.Role(c.Role)
		if has := d.Incident.Holders[c.Role]; len(has) > 0 && !rule.Several && !d.Incident.Has(c.Role, c.User) {
			return Refuse(TooLate, "Only one person at a time is %s, and it is %s.", rule.title(), mention(has[0])).
				Next("`role %s me` takes it over.", c.Role).In(string(c.Role))
		}
		if !d.Incident.Has(c.Role, c.User) {
			who = slices.Concat(d.Incident.Holders[c.Role], who)
		}
	}
	if d.Incident.Has(c.Role, c.User) && c.User == d.by.User && d.Incident.Asked(c.Role, c.User) {
		return d.answerRole(AnswerRole{Accept: true})
	}
	if c.Also && d.Incident.Has(c.Role, c.User) {
		d.Result.Unchanged = true
		return nil
	}
	var members []string
	if c.Member {
		members = who
	}
	return d.seat(c.Role, who, members)
}

func (d *decision) assignAll(c AssignRoles) error {
	unchanged := true
	for _, rule := range d.before.Protocol.RoleRules() { // in their order, so that the same wish gives the same change
		who, wanted := c.To[rule.Role]
		if !wanted {
			continue
		}
		d.Result.Unchanged = false
		if len(who) == 0 && rule.Role != Lead {
			if len(d.Incident.Holders[rule.Role]) > 0 {
				d.vacate(rule.Role, d.Incident.Holders[rule.Role])
				unchanged = false
			}
			continue
		}
		if err := d.seat(rule.Role, who, c.Members[rule.Role]); err != nil {
			return err
		}
		unchanged = unchanged && d.Result.Unchanged
	}
	d.Result.Unchanged = unchanged
	return nil
}

// seat gives a role to these people and nobody else. Members are those of them whom a user group lets hold it.
func (d *decision) seat(r Role, who, members []string) error {
	rule, known := d.before.Protocol.Role(r)
	switch {
	case !known && !slices.Contains(Roles, r):
		return Refuse(Invalid, "%q is not a role.", r).
			Next("The roles are lead (incident manager), ops and communications.").In("role")
	case len(who) == 0:
		return Refuse(Invalid, "Nobody is named for %s.", rule.title()).
			Next("Write `role %s @name`, or `role %s me` to take it yourself.", r, r).In("who")
	case len(who) > 1 && !rule.Several:
		return Refuse(Invalid, "Only one person at a time is %s, and %d are named.", rule.title(), len(who)).
			Next("Name one of them: `role %s @name`.", r).In(string(r))
	}
	had := d.Incident.Holders[r]
	var come, stay []string
	for _, user := range who {
		switch {
		case slices.Contains(stay, user) || slices.Contains(come, user):
		case slices.Contains(had, user):
			stay = append(stay, user)
		case len(rule.Holders) > 0 && !slices.Contains(rule.Holders, user) && !slices.Contains(members, user):
			return Refuse(Invalid, "The protocol lets only some people hold the role %s, and <@%s> is not among them.", rule.title(), user).
				Next("`roles` shows who may; the team's protocol file says so.").In(string(r))
		default:
			come = append(come, user)
		}
	}
	gone := slices.DeleteFunc(slices.Clone(had), func(user string) bool { return slices.Contains(stay, user) })
	if len(come) == 0 && len(gone) == 0 {
		d.Result.Unchanged = true
		return nil
	}
	d.end(r, gone)
	for _, user := range come {
		d.give(r, user, gone)
	}
	said := SaidRoleHanded
	switch {
	case len(had) == 0:
		said = SaidRoleGiven
	case len(gone) == 0:
		said = SaidRoleJoined
	case len(come) == 0:
		said = SaidRoleLeft
	}
	d.roleChanged(r, said)
	return nil
}

// give gives the role to somebody, beside who has it, and has them asked.
func (d *decision) give(r Role, user string, from []string) {
	in := &d.Incident
	h := Handover{Role: r, From: from, To: user, By: d.by.User, At: d.now}
	if h.To == h.By || !in.Status.Open() || in.Backfill { // nobody needs to be asked
		h.Answer, h.AnsweredAt = RoleAccepted, d.now
	}
	in.Handovers = append(slices.Clone(in.Handovers), h)
	d.Result.Given = append(d.Result.Given, h)
	if in.Holders = maps.Clone(in.Holders); in.Holders == nil {
		in.Holders = map[Role][]string{}
	}
	in.Holders[r] = append(slices.Clone(in.Holders[r]), user)
	if in.Channel.ID != "" {
		d.want(KindInvite, user)
		if h.Answer == "" {
			d.want(KindHandover, user)
		}
	}
}

// end keeps on record that people have a role no more.
func (d *decision) end(r Role, gone []string) {
	in := &d.Incident
	if len(gone) == 0 {
		return
	}
	in.Handovers = slices.Clone(in.Handovers)
	for _, user := range gone {
		if n := in.handover(r, user); n >= 0 {
			in.Handovers[n].Until, in.Handovers[n].EndedBy = d.now, d.by.User
		}
		d.relieve(user)
	}
	in.Holders = maps.Clone(in.Holders)
	left := slices.DeleteFunc(slices.Clone(in.Holders[r]), func(user string) bool { return slices.Contains(gone, user) })
	if in.Holders[r] = left; len(left) == 0 {
		delete(in.Holders, r)
	}
}

// vacate takes a role from people. Where nobody has it any more it lies with the lead.
func (d *decision) vacate(r Role, gone []string) {
	d.end(r, gone)
	said := SaidRoleLeft
	if len(d.Incident.Holders[r]) == 0 {
		said = SaidRoleReturned
	}
	d.askAgain(r)
	d.roleChanged(r, said)
}

// roleChanged says so in the timeline and wherever roles are shown.
func (d *decision) roleChanged(r Role, said Sentence) {
	if d.Incident.Status.Open() { // afterwards it is no part of what happened
		d.say(EventRole, d.now, d.sentence(said, "{role}", strings.ToLower(r.Title())))
	}
	d.show(true, true)
}

// leaveRole is somebody's word that they are off a role.
func (d *decision) leaveRole(c LeaveRole) error {
	in := d.Incident
	rule, _ := in.Protocol.Role(c.Role)
	switch {
	case !in.Has(c.Role, d.by.User):
		return Refuse(TooLate, "You do not have the role %s in incident #%d.", rule.title(), in.Number).
			Next("`roles` shows who does what.")
	case c.Role == Lead:
		return Refuse(Invalid, "Somebody has to lead, so you lead until somebody else does.").
			Next("Hand it over: `lead @name`.").In("who")
	case in.Asked(c.Role, d.by.User):
		return d.answerRole(AnswerRole{Role: c.Role})
	}
	d.vacate(c.Role, []string{d.by.User})
	return nil
}

// answerRole takes the answer of whoever was given roles: to all that were asked, for people answer a message. What is
// declined goes back to whoever had it before, unless others have it as well.
func (d *decision) answerRole(c AnswerRole) error {
	in := &d.Incident
	asked := in.AskedOf(d.by.User)
	if c.Role != "" {
		asked = slices.DeleteFunc(asked, func(r Role) bool { return r != c.Role })
	}
	if len(asked) == 0 {
		if len(in.RolesOf(d.by.User)) > 0 && c.Accept {
			d.Result.Unchanged = true
			return nil
		}
		return Refuse(TooLate, "Nobody waits for your answer about a role in incident #%d.", in.Number).
			Next("`roles` shows who does what; `role ops @name` hands one over.")
	}
	in.Handovers = slices.Clone(in.Handovers)
	for _, role := range asked {
		n := in.handover(role, d.by.User)
		in.Handovers[n].Answer, in.Handovers[n].AnsweredAt = RoleAccepted, d.now
		if !c.Accept {
			in.Handovers[n].Answer = RoleDeclined
			d.giveBack(in.Handovers[n])
			if in.Handovers[n].By != "" && !slices.ContainsFunc(d.Wishes, func(w Wish) bool { return w.Kind == KindReturned }) {
				d.want(KindReturned, strconv.Itoa(n+1))
			}
		}
		d.Result.Roles = append(d.Result.Roles, role)
	}
	d.Result.Unchanged = false
	d.show(true, !c.Accept)
	return nil
}

// giveBack gives a role that was declined back to those who had given it up, when it would lie with nobody.
func (d *decision) giveBack(h Handover) {
	d.end(h.Role, []string{h.To})
	in := &d.Incident
	said := SaidRoleReturned
	switch {
	case len(in.Holders[h.Role]) > 0:
		said = SaidRoleLeft
	case len(h.From) > 0:
		in.Holders[h.Role] = slices.Clone(h.From)
		for _, user := range h.From {
			in.Handovers = append(in.Handovers, Handover{Role: h.Role, To: user, At: d.now, Answer: RoleAccepted, AnsweredAt: d.now})
			if user != h.By { // who gave it is told that it was declined
				d.relieve(user)
			}
		}
	}
	d.askAgain(h.Role)
	if in.Status.Open() {
		d.say(EventRole, d.now, d.sentence(said, "{role}", strings.ToLower(h.Role.Title())))
	}
}

// askAgain takes back the ticks of steps that were done because a role was given which nobody has any more.
func (d *decision) askAgain(r Role) {
	in := &d.Incident
	in.Marks = slices.DeleteFunc(slices.Clone(in.Marks), func(m Mark) bool {
		rule, _ := in.Protocol.step(m.Step)
		return rule.Done == Condition{What: WhenRole, Of: string(r)} && m.By == "" && !in.meets(rule.Done)
	})
}
