package incidents

import (
	"context"
	"slices"
	"strconv"
)

// maxOnCall is how many people of the group on call are invited at a time.
const maxOnCall = 30

type (
	// CallOut invites who is on call, as far as they were not invited before.
	CallOut struct{ plain }
	// Left says that a person has left the incident's channel.
	Left struct {
		plain
		User string // Slack user id
	}
)

// callOut wishes that who is on call is invited, where that is configured. A private incident and a drill are nobody's who
// was not asked.
func (d *decision) callOut() {
	if d.before.OnCall == "" || !d.Incident.announced() || d.Incident.Backfill {
		return
	}
	w := d.Incident.wish(KindOnCall, d.before.OnCall)
	w.Lane = d.Incident.lane("on-call") // Slack being slow to say who it is holds nothing else up
	d.Wishes = append(d.Wishes, w)
}

// calledOut wishes for the invitations of who is on call. Whoever was invited before, and has left, is left in peace.
func (d *decision) calledOut(people []string) {
	for _, who := range people[:min(len(people), maxOnCall)] {
		w := d.Incident.wish(KindInvite, who)
		w.Once = true
		d.Wishes = append(d.Wishes, w)
	}
}

// Vacant are the roles that a KindVacant is about, and the Slack user id of who left with them: none when the incident is
// over, or they have been given to somebody else.
func (i Incident) Vacant(d Delivery) (user string, roles []Role) {
	if !i.Status.Open() {
		return d.Subject, nil
	}
	return d.Subject, i.RolesOf(d.Subject)
}

// OnCallChanged invites who has come on call to the incidents that are open. The same event, coming again, does nothing.
func (s *Service) OnCallChanged(ctx context.Context, event, group string) error {
	if group == "" || group != s.onCall {
		return nil
	}
	open, err := s.Find(ctx, Query{Open: true, Real: true, Limit: maxOnCall})
	if err != nil {
		return err
	}
	for _, in := range slices.Backward(open) {
		if _, err := s.Handle(ctx, Request{Event: event + "/" + strconv.Itoa(in.Number), Incident: in.Number, Command: CallOut{}}); AsRefusal(err) == nil && err != nil {
			return err
		}
	}
	return nil
}
