package slackio

import (
	"context"
	"fmt"

	"watchbell/incidents"
)

// remark tells once what somebody said about the pull request, in the thread of the message about it.
func (o *Outgoing) remark(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) (incidents.Outcome, error) {
	said, err := d.Remark()
	if err != nil {
		return incidents.Failing(incidents.Impossible, "The comment cannot be read.", err), nil
	}
	if d.Receipt.ID != "" {
		return incidents.DeliveredAs(d.Receipt), nil
	}
	parent, err := o.o.Delivery(ctx, fmt.Sprintf("inc-%d/%s", s.Number, incidents.KindOffer))
	if err != nil {
		return incidents.Outcome{}, err
	}
	in, ok := placeOf(parent.Receipt.ID)
	if !ok {
		return incidents.Failing(incidents.Refused, "The message about the pull request comes first.", nil), nil
	}
	if d.MustLook() {
		found, err := o.look(ctx, in.channel, in.ts, d, s)
		if err != nil || found.ts != "" {
			return incidents.DeliveredAs(incidents.Receipt{ID: found.String()}), err
		}
	}
	at, err := o.post(ctx, in.channel, in.ts, d.Key, fit(o.o.Render.Remark(said)))
	if err != nil {
		return incidents.Outcome{}, err
	}
	return incidents.DeliveredAs(incidents.Receipt{ID: at.String()}), nil
}
