package incidents

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Handover is a role on its way from one person to another.
type Handover struct {
	Role Role      `json:"role"`
	From string    `json:"from,omitempty"` // Slack user id of whoever had been given it before; empty: it lay with the lead
	To   string    `json:"to"`
	By   string    `json:"by,omitempty"` // who gave it; To for who took it
	At   time.Time `json:"at"`           // UTC
	// Answer is what the person said, at AnsweredAt (UTC). Who takes a role has accepted it.
	Answer     HandoverAnswer `json:"answer,omitempty"`
	AnsweredAt time.Time      `json:"answered,omitzero"`
}

// HandoverAnswer is what a person said who was given a role.
type HandoverAnswer string

// The answers; empty while there is none.
const (
	RoleAccepted HandoverAnswer = "accepted"
	RoleDeclined HandoverAnswer = "declined"
)

// Asked reports whether whoever was given the role has not said yet that they have it.
func (i Incident) Asked(r Role) bool {
	n := i.latest(r)
	return n >= 0 && i.Handovers[n].Answer == "" && i.Handovers[n].To == i.Holders[r]
}

// latest is the place of the latest handover of a role; -1 when there was none.
func (i Incident) latest(r Role) int {
	for n := len(i.Handovers) - 1; n >= 0; n-- {
		if i.Handovers[n].Role == r {
			return n
		}
	}
	return -1
}

// AskedOf lists the roles that a person was given and has not answered for.
func (i Incident) AskedOf(user string) (asked []Role) {
	for _, rule := range i.Protocol.RoleRules() {
		if i.Holders[rule.Role] == user && user != "" && i.Asked(rule.Role) {
			asked = append(asked, rule.Role)
		}
	}
	return asked
}

// Returned lists the roles that a KindReturned tells the giver of: those that the person gave back in one go.
func (i Incident) Returned(d Delivery) (returned []Handover) {
	n := d.SubjectNumber() - 1
	if n < 0 || n >= len(i.Handovers) {
		return nil
	}
	for _, h := range i.Handovers[n:] {
		if first := i.Handovers[n]; h.Answer == RoleDeclined && h.To == first.To && h.AnsweredAt.Equal(first.AnsweredAt) {
			returned = append(returned, h)
		}
	}
	return returned
}

func (d *decision) assign(c AssignRole) error {
	if c.User == "" {
		return Refuse(Invalid, "Nobody is named for %s.", c.Role.Title()).
			Next("Write `role %s @name`, or `role %s me` to take it yourself.", c.Role, c.Role).In("who")
	}
	if !slices.Contains(Roles, c.Role) {
		return Refuse(Invalid, "%q is not a role.", c.Role).
			Next("The roles are lead (incident manager), ops and communications.").In("role")
	}
	if d.Incident.Holders[c.Role] == c.User {
		d.Result.Unchanged = true
		if c.User == d.by.User && d.Incident.Asked(c.Role) {
			return d.answerRole(AnswerRole{Accept: true})
		}
		return nil
	}
	rule, _ := d.before.Protocol.Role(c.Role)
	if len(rule.Holders) > 0 && !slices.Contains(rule.Holders, c.User) && !c.Member {
		return Refuse(Invalid, "The protocol lets only some people hold the role %s, and <@%s> is not among them.", rule.Title, c.User).
			Next("`roles` shows who may; the team's protocol file says so.").In(string(c.Role))
	}
	said := SaidRoleHanded
	if d.Incident.Holders[c.Role] == "" {
		said = SaidRoleGiven
	}
	d.handOver(c)
	if d.Incident.Channel.ID != "" {
		d.want(KindInvite, c.User)
	}
	if d.Incident.Asked(c.Role) && d.Incident.Channel.ID != "" {
		d.want(KindHandover, c.User)
	}
	if d.Incident.Status.Open() { // afterwards it is no part of what happened
		d.say(EventRole, d.now, d.sentence(said, "{role}", strings.ToLower(c.Role.Title())))
	}
	d.show(true, true)
	return nil
}

// handOver gives the role and keeps on record who had it.
func (d *decision) handOver(c AssignRole) {
	in := &d.Incident
	h := Handover{Role: c.Role, From: in.Holders[c.Role], To: c.User, By: d.by.User, At: d.now}
	if h.To == h.By || !in.Status.Open() || in.Backfill { // nobody needs to be asked
		h.Answer, h.AnsweredAt = RoleAccepted, d.now
	}
	in.Handovers = append(slices.Clone(in.Handovers), h)
	if in.Holders == nil {
		in.Holders = map[Role]string{}
	}
	in.Holders[c.Role] = c.User
}

func (d *decision) assignAll(c AssignRoles) error {
	unchanged := true
	for _, role := range Roles { // in their order, so that the same wish gives the same change
		if c.To[role] == "" {
			continue
		}
		if err := d.assign(AssignRole{Role: role, User: c.To[role], Member: c.Members[role]}); err != nil {
			return err
		}
		unchanged = unchanged && d.Result.Unchanged
		d.Result.Unchanged = false
	}
	d.Result.Unchanged = unchanged
	return nil
}

// answerRole takes the answer of whoever was given roles: to all that were asked, for people answer a message. What is
// declined goes back to whoever had it before.
func (d *decision) answerRole(c AnswerRole) error {
	in := &d.Incident
	asked := in.AskedOf(d.by.User)
	if len(asked) == 0 {
		for _, holder := range in.Holders {
			if holder == d.by.User && c.Accept {
				d.Result.Unchanged = true
				return nil
			}
		}
		return Refuse(TooLate, "Nobody waits for your answer about a role in incident #%d.", in.Number).
			Next("`roles` shows who does what; `role ops @name` hands one over.")
	}
	in.Handovers = slices.Clone(in.Handovers)
	for _, role := range asked {
		n := in.latest(role)
		h := &in.Handovers[n]
		h.Answer, h.AnsweredAt = RoleAccepted, d.now
		if !c.Accept {
			d.giveBack(h)
			if h.By != "" && !slices.ContainsFunc(d.Wishes, func(w Wish) bool { return w.Kind == KindReturned }) {
				d.want(KindReturned, strconv.Itoa(n+1))
			}
		}
		d.Result.Roles = append(d.Result.Roles, role)
	}
	d.Result.Unchanged = false
	d.show(true, !c.Accept)
	return nil
}

func (d *decision) giveBack(h *Handover) {
	in := &d.Incident
	h.Answer = RoleDeclined
	if h.From == "" {
		delete(in.Holders, h.Role)
	} else {
		in.Holders[h.Role] = h.From
	}
	// A step that was ticked because the role was given is asked for again.
	in.Marks = slices.DeleteFunc(slices.Clone(in.Marks), func(m Mark) bool {
		rule, _ := in.Protocol.step(m.Step)
		return rule.Done == Condition{What: WhenRole, Of: string(h.Role)} && m.By == "" && !in.meets(rule.Done)
	})
	if in.Status.Open() {
		d.say(EventRole, d.now, d.sentence(SaidRoleReturned, "{role}", strings.ToLower(h.Role.Title())))
	}
}
