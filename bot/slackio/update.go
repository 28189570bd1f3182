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
