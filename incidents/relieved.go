package incidents

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// gatherRoles is how long changes of somebody's roles are gathered before they are told, so that several are one message.
const gatherRoles = 15 * time.Second

// Shift is that a person lost a role, or has it again, by what somebody else did.
type Shift struct {
	Role Role
	By   string // Slack user id of whoever did it; of whoever declined the role when it is back
	To   string // who was given it instead; empty for nobody, and when it is back
	Back bool
}

// relieve has somebody told of what others did with their roles.
func (d *decision) relieve(user string) {
	_, outside := OutsiderName(user)
	if absent, _ := d.Incident.Absent(user); user == d.by.User || outside || absent.Gone || d.Incident.Backfill {
		return
	}
	from := d.now.Truncate(gatherRoles)
	w := d.Incident.wish(KindRelieved, user+"/"+strconv.FormatInt(from.Unix(), 10))
	w.Lane, w.At = d.Incident.lane("relieved"), from.Add(gatherRoles) // it waits, and must not hold anything up
	if !slices.ContainsFunc(d.Wishes, func(o Wish) bool { return o.Key == w.Key }) {
		d.Wishes = append(d.Wishes, w)
	}
}

// Relieved returns whom a KindRelieved tells of what others did with their roles, and that; nothing where it was undone
// meanwhile.
func (i Incident) Relieved(d Delivery) (user string, shifts []Shift) {
	user, from, _ := strings.Cut(d.Subject, "/")
	seconds, err := strconv.ParseInt(from, 10, 64)
	if err != nil {
		return user, nil
	}
	start := time.Unix(seconds, 0)
	within := func(at time.Time) bool { return !at.Before(start) && at.Before(start.Add(gatherRoles)) }
	for _, rule := range i.Protocol.RoleRules() {
		has := i.Has(rule.Role, user)
		var lost, back *Shift
		for n, h := range i.Handovers {
			switch {
			case h.Role != rule.Role:
			case slices.Contains(h.From, user) && within(h.At) && h.By != user:
				lost = &Shift{Role: h.Role, By: h.By, To: h.To}
			case h.To == user && h.By == "" && within(h.At):
				back = &Shift{Role: h.Role, By: i.declined(h.Role, n), Back: true}
			case h.To == user && !h.Until.IsZero() && within(h.Until) && h.EndedBy != "" && h.EndedBy != user && lost == nil:
				lost = &Shift{Role: h.Role, By: h.EndedBy}
			}
		}
		switch {
		case !has && lost != nil:
			shifts = append(shifts, *lost)
		case has && lost == nil && back != nil:
			shifts = append(shifts, *back)
		}
	}
	return user, shifts
}

// declined is who declined a role last, before the handover of that place.
func (i Incident) declined(r Role, before int) string {
	for _, h := range slices.Backward(i.Handovers[:before]) {
		if h.Role == r && h.Answer == RoleDeclined {
			return h.To
		}
	}
	return ""
}
