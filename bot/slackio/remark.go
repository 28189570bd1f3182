package slackio

import (
	"context"
	"fmt"

	"watchbell/incidents"
)

// suggestion asks in its thread about what was suggested, and says there what became of it.
func (o *Outgoing) suggestion(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) (incidents.Outcome, error) {
	what, err := d.Suggested()
	if err != nil {
		return incidents.Failing(incidents.Impossible, "The suggestion cannot be read.", err), nil
	}
	m := fit(o.o.Render.Suggestion(s, d.Subject, what))
	at, posted := placeOf(d.Receipt.ID)
	if !posted && d.MustLook() {
		if at, err = o.look(ctx, what.Place, what.Thread, d, s); err != nil {
			return incidents.Outcome{}, err
		}
		posted = at.ts != ""
	}
	if posted {
		err = o.update(ctx, at, m)
		if isCode(err, "message_not_found") {
			err = nil // somebody deleted the question
		}
	} else {
		at, err = o.post(ctx, what.Place, what.Thread, d.Key, m)
		if isCode(err, "thread_not_found", "message_not_found", "cannot_reply_to_message") {
			return incidents.DeliveredAs(incidents.Receipt{ID: what.Place + "/" + d.Subject}), nil // the thread is gone
		}
	}
	if err != nil {
		return incidents.Outcome{}, err
	}
	return incidents.DeliveredAs(incidents.Receipt{ID: at.String()}), nil
}

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
