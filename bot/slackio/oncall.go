package slackio

import (
	"context"
	"time"

	"watchbell/bot/chat"
	"watchbell/incidents"
)

// channelWait is how long the question who is on call waits for the channel that they are invited to.
const channelWait = time.Second

// onCall asks who is on call. Inviting them follows.
func (o *Outgoing) onCall(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) (incidents.Outcome, error) {
	if !s.Status.Open() || s.Private {
		return incidents.DeliveredAs(incidents.Receipt{}), nil
	}
	if s.Channel.ID == "" {
		return incidents.Outcome{Verdict: incidents.Deferred, After: channelWait, Say: "The incident has no channel yet."}, nil
	}
	people, err := o.c.Members(ctx, d.Subject)
	if err != nil {
		return incidents.Outcome{}, err
	}
	out := incidents.DeliveredAs(incidents.Receipt{ID: d.Subject})
	out.People = people
	return out, nil
}

// vacant tells the lead that somebody has left with a role; the channel, when it is the lead who left.
func (o *Outgoing) vacant(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) (incidents.Outcome, error) {
	user, roles := s.Vacant(d)
	if len(roles) == 0 {
		return incidents.DeliveredAs(incidents.Receipt{}), nil
	}
	n := incidents.Notice{Key: d.Key, Channel: s.Channel.ID, User: s.Holder(incidents.Lead)}
	if _, outside := incidents.OutsiderName(n.User); outside || n.User == user {
		n.User = ""
	}
	return o.tell(ctx, d, n, fit(o.o.Render.Vacant(s.Incident, user, roles)))
}

// departed follows that somebody has left an incident's channel.
func (in *Intake) departed(ctx context.Context, env *envelope) answer {
	e := &env.Event
	if in.o.Host == nil || e.User == in.botUser(env) {
		return ack(outcomeIgnored)
	}
	if e.User == "" || e.Channel == "" {
		return in.oddEvent(env)
	}
	if err := in.o.Host.Departed(ctx, "event/"+env.EventID, chat.Joined{User: e.User, Channel: e.Channel}); err != nil {
		return in.notRecorded("event/"+env.EventID, err)
	}
	return ack(outcomeHandled)
}

// groupChanged follows that somebody has come into a user group.
// See https://docs.slack.dev/reference/events/subteam_members_changed.
func (in *Intake) groupChanged(ctx context.Context, env *envelope) answer {
	if in.o.OnCallChanged == nil {
		return ack(outcomeIgnored)
	}
	if env.Event.Subteam == "" {
		return in.oddEvent(env)
	}
	if err := in.o.OnCallChanged(ctx, "event/"+env.EventID, env.Event.Subteam); err != nil {
		return in.notRecorded("event/"+env.EventID, err)
	}
	return ack(outcomeHandled)
}
