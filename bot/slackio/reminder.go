package slackio

import (
	"context"
	"strings"

	"watchbell/incidents"
)

// reminder keeps the one reminder in an incident's channel in line with what is due: there is none when nothing is, it is
// edited while the same step is due, and a new one takes its place for another step, for an edit tells nobody.
func (o *Outgoing) reminder(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) (incidents.Outcome, error) {
	step, due := s.Reminder(s.Taken)
	shown, says, stands := strings.Cut(d.Receipt.Note, "/")
	if at, posted := placeOf(d.Receipt.ID); stands && posted && (!due || shown != step.ID) {
		if err := o.remove(ctx, at); err != nil {
			return incidents.Outcome{}, err
		}
		// What comes in its place is a step of its own, so that a message is deleted once.
		return incidents.Outcome{Verdict: incidents.Delivered, Receipt: incidents.Receipt{ID: d.Receipt.ID}, More: due}, nil
	}
	if !due {
		return o.noReminder(ctx, d, s)
	}
	if shown != step.ID || !stands {
		d.Receipt = incidents.Receipt{}
	}
	d.Receipt.Note = says
	out, err := o.show(ctx, d, s, s.Channel.ID, fit(o.o.Render.Reminder(s, step)))
	out.Receipt.Note, out.Step = step.ID+"/"+out.Receipt.Note, step.ID
	return out, err
}

// noReminder makes sure that none stands there: an attempt whose answer was lost may have posted one.
func (o *Outgoing) noReminder(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) (incidents.Outcome, error) {
	if d.Tried > 1 {
		found, err := o.look(ctx, s.Channel.ID, "", d, s)
		if err != nil {
			return incidents.Outcome{}, err
		}
		if found.ts != "" {
			if err := o.remove(ctx, found); err != nil {
				return incidents.Outcome{}, err
			}
		}
	}
	d.Receipt.Note = ""
	return incidents.DeliveredAs(d.Receipt), nil
}

// remove deletes a message of ours. One that is gone already is fine.
func (o *Outgoing) remove(ctx context.Context, at place) error {
	err := o.c.call(ctx, methodDelete, "", func(ctx context.Context) error {
		_, _, err := o.c.api.DeleteMessageContext(ctx, at.channel, at.ts)
		return err
	})
	if isCode(err, "message_not_found") {
		return nil
	}
	return err
}
