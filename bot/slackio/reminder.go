package slackio

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"watchbell/incidents"
)

// reminder keeps the one reminder in an incident's channel in line with what is due: there is none when nothing is, it is
// edited while the same step is due, and a new one takes its place for another step, for an edit tells nobody. Before
// anybody is asked about a silence, it looks whether there is one.
func (o *Outgoing) reminder(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) (incidents.Outcome, error) {
	var heard time.Time
	if step, due := s.Reminder(s.Taken); due && step.Questions() {
		var err error
		if heard, err = o.lastHeard(ctx, s); err != nil {
			return incidents.Outcome{}, err
		}
		s.Incident = s.Heard(heard)
	}
	out, err := o.remindOf(ctx, d, s)
	out.Heard = heard
	return out, err
}

func (o *Outgoing) remindOf(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) (incidents.Outcome, error) {
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

// heardWithin is how many of the newest messages are looked through for the last word of a person.
const heardWithin = 100

// lastHeard is when a person last wrote in an incident's channel, a thread there, or its timeline; zero for not since it was
// declared. Where Slack does not let us look, only the timeline tells.
func (o *Outgoing) lastHeard(ctx context.Context, s incidents.Snapshot) (last time.Time, err error) {
	by, err := o.heard(ctx, s)
	for _, at := range by {
		if at.After(last) {
			last = at
		}
	}
	return last, err
}

// heard is when each person, by Slack user id, last did. Slack does not say who answered last in a thread, so it counts for all
// whom it names, and for "".
func (o *Outgoing) heard(ctx context.Context, s incidents.Snapshot) (by map[string]time.Time, err error) {
	by = map[string]time.Time{}
	hear := func(user string, at time.Time) {
		if at.After(by[user]) && at.After(s.DeclaredAt) && !at.After(s.Taken) {
			by[user] = at
		}
	}
	for _, e := range s.Entries {
		if e.Last.By != "" {
			hear(e.Last.By, e.Last.At)
		}
	}
	var page history
	err = o.c.read(ctx, methodHistory, url.Values{"channel": {s.Channel.ID}, "limit": {strconv.Itoa(heardWithin)}}, &page)
	if t := (*trouble)(nil); errors.As(err, &t) && t.Verdict == incidents.Impossible {
		return by, nil
	}
	for i := range page.Messages {
		m := &page.Messages[i]
		if m.User != "" && m.BotID == "" && !o.c.own(m) && said[m.Subtype] {
			hear(m.User, instant(m.TS))
		}
		for _, user := range append(m.ReplyUsers, "") {
			hear(user, instant(m.LatestReply))
		}
	}
	return by, err
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
