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
	return o.inThread(ctx, d, s, place{what.Place, what.Thread}, fit(o.o.Render.Suggestion(s, d.Subject, what)))
}

// remark tells what somebody said about the pull request, in the thread of the message about it, and how it was answered.
func (o *Outgoing) remark(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) (incidents.Outcome, error) {
	said, err := d.Remark()
	if err != nil {
		return incidents.Failing(incidents.Impossible, "The comment cannot be read.", err), nil
	}
	parent, err := o.o.Delivery(ctx, fmt.Sprintf("inc-%d/%s", s.Number, incidents.KindOffer))
	if err != nil {
		return incidents.Outcome{}, err
	}
	in, ok := placeOf(parent.Receipt.ID)
	if !ok {
		return incidents.Failing(incidents.Refused, "The message about the pull request comes first.", nil), nil
	}
	return o.inThread(ctx, d, s, in, fit(o.o.Render.Remark(s, said)))
}

// inThread keeps a message in a thread up to date. One that somebody deleted stays away, and so does one whose thread is gone.
func (o *Outgoing) inThread(ctx context.Context, d incidents.Delivery, s incidents.Snapshot, parent place, m fitted) (incidents.Outcome, error) {
	at, posted := placeOf(d.Receipt.ID)
	says := digest(m)
	if posted && d.Stands() && d.Receipt.Note == says {
		return incidents.DeliveredAs(d.Receipt), nil
	}
	var err error
	if !posted && d.MustLook() {
		if at, err = o.look(ctx, parent.channel, parent.ts, d, s); err != nil {
			return incidents.Outcome{}, err
		}
		posted = at.ts != ""
	}
	if posted {
		err = o.update(ctx, at, m)
	} else {
		at, err = o.post(ctx, parent.channel, parent.ts, d.Key, m)
	}
	if isCode(err, "message_not_found", "thread_not_found", "cannot_reply_to_message") {
		if !posted {
			at = parent
		}
		err = nil
	}
	if err != nil {
		return incidents.Outcome{}, err
	}
	return incidents.DeliveredAs(incidents.Receipt{ID: at.String(), Note: says}), nil
}
