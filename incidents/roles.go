package incidents

import (
	"slices"
	"time"
)

// Handover is a person's time with a role: from whoever gave it to them until they had it no more.
type Handover struct {
	Role Role `json:"role"`
	// From are the Slack user ids of those who gave the role up for it; empty: it lay with the lead, or they go on having it
	// beside To.
	From []string `json:"from,omitempty"`
	To   string   `json:"to"`
	// By is who gave it; To for who took it or came to help; empty for the bot, when it fell back to who had it before.
	By string    `json:"by,omitempty"`
	At time.Time `json:"at"` // UTC
	// Answer is what the person said, at AnsweredAt (UTC). Who takes a role has accepted it.
	Answer     HandoverAnswer `json:"answer,omitempty"`
	AnsweredAt time.Time      `json:"answered,omitzero"`
	// Until is when they had it no more, UTC; zero while they do.
	Until time.Time `json:"until,omitzero"`
	// EndedBy is who saw to that: To when they left it, declined it or gave it away.
	EndedBy string `json:"ended_by,omitempty"`
}

// HandoverAnswer is what a person said who was given a role.
type HandoverAnswer string

// The answers; empty while there is none.
const (
	RoleAccepted HandoverAnswer = "accepted"
	RoleDeclined HandoverAnswer = "declined"
)

// Holder returns the Slack user id of whoever plays the role now: the first of those who were given it, else the lead.
func (i Incident) Holder(r Role) string {
	for _, held := range []Role{r, Lead} {
		if who := i.Holders[held]; len(who) > 0 {
			return who[0]
		}
	}
	return ""
}

// Has reports whether a person was given a role.
func (i Incident) Has(r Role, user string) bool {
	return user != "" && slices.Contains(i.Holders[r], user)
}

// RolesOf lists the roles that a person was given.
func (i Incident) RolesOf(user string) (roles []Role) {
	for _, rule := range i.Protocol.RoleRules() {
		if i.Has(rule.Role, user) {
			roles = append(roles, rule.Role)
		}
	}
	return roles
}

// Asked reports whether a person was given a role and has not said yet that they have it.
func (i Incident) Asked(r Role, user string) bool {
	n := i.handover(r, user)
	return n >= 0 && i.Handovers[n].Answer == "" && i.Has(r, user)
}

// AskedOf lists the roles that a person was given and has not answered for.
func (i Incident) AskedOf(user string) (asked []Role) {
	for _, r := range i.RolesOf(user) {
		if i.Asked(r, user) {
			asked = append(asked, r)
		}
	}
	return asked
}

// handover is the place of the handover by which a person has a role; -1 when there is none, as for who declared.
func (i Incident) handover(r Role, user string) int {
	for n, h := range slices.Backward(i.Handovers) {
		if h.Role == r && h.To == user && h.Until.IsZero() {
			return n
		}
	}
	return -1
}

// Vacated reports since when nobody has a role that somebody had. It lies with the lead until it is given anew.
func (i Incident) Vacated(r Role) (since time.Time, vacated bool) {
	if len(i.Holders[r]) > 0 || !i.Status.Open() {
		return time.Time{}, false
	}
	for _, h := range i.Handovers {
		if h.Role == r && h.Until.After(since) {
			since = h.Until
		}
	}
	return since, !since.IsZero()
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
