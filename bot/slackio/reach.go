package slackio

import (
	"context"
	"strings"

	"watchbell/bot/chat"
)

// lost tells that a channel is out of reach: it was archived or deleted, or the bot was taken out of it. Of the bot's own leaving Slack
// tells by channel_left and group_left alone. See https://docs.slack.dev/reference/events/channel_left and
// https://docs.slack.dev/reference/events/channel_archive.
func (in *Intake) lost(ctx context.Context, env *envelope) answer {
	e := &env.Event
	l := chat.Lost{Event: "event/" + env.EventID, Channel: e.Channel, By: e.User, Archived: strings.HasSuffix(e.Type, "_archive"), Deleted: strings.HasSuffix(e.Type, "_deleted")}
	if strings.HasSuffix(e.Type, "_left") {
		l.By = e.Actor
	}
	if in.o.Host == nil || l.By != "" && l.By == in.botUser(env) {
		return ack(outcomeIgnored)
	}
	if l.Channel == "" {
		return in.oddEvent(env)
	}
	n, m, err := in.o.Host.Lost(ctx, l)
	if err == nil && n != nil {
		err = in.queue(ctx, *n, m)
	}
	if err != nil {
		return in.notRecorded(l.Event, err)
	}
	return ack(outcomeHandled)
}

// found has what could not be shown in a channel shown, and what happened there meanwhile read back, now that the bot can
// act there again.
func (in *Intake) found(ctx context.Context, env *envelope) answer {
	if in.o.Back == nil {
		return ack(outcomeIgnored)
	}
	if env.Event.Channel == "" {
		return in.oddEvent(env)
	}
	if err := in.o.Back(ctx, env.Event.Channel); err != nil {
		return in.notRecorded("event/"+env.EventID, err)
	}
	return ack(outcomeHandled)
}
