package slackio

import (
	"context"

	"watchbell/incidents"
)

// handover asks a person whether they take the roles that they were given; nobody when they have answered.
func (o *Outgoing) handover(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) (incidents.Outcome, error) {
	m, asked := o.o.Render.Handover(s, d.Subject)
	if _, outside := incidents.OutsiderName(d.Subject); !asked || outside {
		return incidents.DeliveredAs(incidents.Receipt{}), nil
	}
	return o.tell(ctx, d, incidents.Notice{Key: d.Key, Channel: s.Channel.ID, User: d.Subject}, fit(m))
}

// returned tells whoever gave a role away that it was declined.
func (o *Outgoing) returned(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) (incidents.Outcome, error) {
	returned := s.Returned(d)
	if len(returned) == 0 {
		return incidents.DeliveredAs(incidents.Receipt{}), nil
	}
	by := returned[0].By
	if _, outside := incidents.OutsiderName(by); by == "" || outside {
		return incidents.DeliveredAs(incidents.Receipt{}), nil
	}
	return o.tell(ctx, d, incidents.Notice{Key: d.Key, Channel: s.Channel.ID, User: by}, fit(o.o.Render.Returned(s.Incident, returned)))
}

// relieved tells somebody what others did with their roles.
func (o *Outgoing) relieved(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) (incidents.Outcome, error) {
	user, shifts := s.Relieved(d)
	if len(shifts) == 0 {
		return incidents.DeliveredAs(incidents.Receipt{}), nil
	}
	return o.tell(ctx, d, incidents.Notice{Key: d.Key, Channel: s.Channel.ID, User: user}, fit(o.o.Render.Relieved(s.Incident, shifts)))
}

// lookBack tells the lead how the protocol was followed, unless the incident is open again.
func (o *Outgoing) lookBack(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) (incidents.Outcome, error) {
	lead := s.Holder(incidents.Lead)
	if _, outside := incidents.OutsiderName(lead); lead == "" || outside || s.Status.Open() {
		return incidents.DeliveredAs(incidents.Receipt{}), nil
	}
	return o.tell(ctx, d, incidents.Notice{Key: d.Key, Channel: s.Channel.ID, User: lead}, fit(o.o.Render.LookBack(s)))
}

// Members returns who is in a user group, by id.
// See https://docs.slack.dev/reference/methods/usergroups.users.list.
func (c *Client) Members(ctx context.Context, group string) (members []string, err error) {
	err = c.call(ctx, methodGroup, "", func(ctx context.Context) error {
		members, err = c.api.GetUserGroupMembersContext(ctx, group)
		return err
	})
	return members, err
}
