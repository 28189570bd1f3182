package slackio

import (
	"context"

	"watchbell/incidents"
)

// stakeholders posts an update to stakeholders in one of their channels. What it says stays as it was sent.
func (o *Outgoing) stakeholders(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) (incidents.Outcome, error) {
	u, name, err := d.Update()
	if err != nil {
		return incidents.Failing(incidents.Impossible, "The update cannot be read.", err), nil
	}
	if s.Private {
		return incidents.DeliveredAs(d.Receipt), nil
	}
	channel := s.Channel.ID // a drill is said nowhere else
	if !s.Drill {
		if channel, err = o.channelNamed(ctx, name); err != nil {
			return incidents.Outcome{}, err
		}
	}
	out, err := o.show(ctx, d, s, channel, fit(o.o.Render.Update(s, u)))
	if isCode(err, "channel_not_found") {
		o.forget(name)
	}
	return out, err
}

// asked tells whoever owes an update that somebody asks for it; nobody when it has come.
func (o *Outgoing) asked(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) (incidents.Outcome, error) {
	m, asked := o.o.Render.Asked(s)
	owes := s.Holder(incidents.Communications)
	if _, outside := incidents.OutsiderName(owes); !asked || owes == "" || outside {
		return incidents.DeliveredAs(incidents.Receipt{}), nil
	}
	return o.tell(ctx, d, incidents.Notice{Key: d.Key, Channel: s.Channel.ID, User: owes}, fit(m))
}

// news tells somebody who follows an incident what is new in it. Of one that has become private they hear no more unless
// they have a part in it.
func (o *Outgoing) news(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) (incidents.Outcome, error) {
	n, user, err := d.News()
	if err != nil {
		return incidents.Failing(incidents.Impossible, "The news cannot be read.", err), nil
	}
	if !s.Knows(user) || !s.Follows(user) {
		return incidents.DeliveredAs(d.Receipt), nil
	}
	return o.tellDirectly(ctx, d, incidents.Notice{Key: d.Key, User: user}, fit(o.o.Render.News(s, n)))
}
