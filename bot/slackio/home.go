package slackio

import (
	"context"

	"github.com/slack-go/slack"

	"watchbell/bot/chat"
	"watchbell/incidents"
)

// homeOpened shows a person their Home tab as it is now. That is said outside the outbox: whoever opens the tab looks at
// it now, and opening it again asks again.
func (in *Intake) homeOpened(ctx context.Context, env *envelope) answer {
	e := &env.Event
	if in.o.Host == nil || e.Tab != "home" {
		return ack(outcomeIgnored)
	}
	if e.User == "" {
		return in.oddEvent(env)
	}
	ctx, user := context.WithoutCancel(ctx), e.User
	in.speaking.Go(func() {
		m, err := in.o.Host.Home(ctx, user)
		if err == nil {
			err = in.c.publish(ctx, user, fit(m))
		}
		if err != nil {
			in.log.Warn("a Home tab could not be shown", "user", user, "error", err)
		}
	})
	return ack(outcomeHandled)
}

// publish replaces a person's Home tab. See https://docs.slack.dev/reference/methods/views.publish.
func (c *Client) publish(ctx context.Context, user string, m fitted) error {
	view := slack.HomeTabViewRequest{Type: slack.VTHomeTab}
	for _, b := range m.Blocks {
		view.Blocks.BlockSet = append(view.Blocks.BlockSet, b)
	}
	return c.call(ctx, methodViewsPublish, "", func(ctx context.Context) error {
		_, err := c.api.PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: user, View: view})
		return err
	})
}

// joined welcomes whoever comes into an incident's channel.
func (in *Intake) joined(ctx context.Context, env *envelope) answer {
	e := &env.Event
	if e.User == in.botUser(env) && e.Inviter != "" { // not into a channel that it makes
		return in.found(ctx, env)
	}
	if in.o.Host == nil || e.User == in.botUser(env) {
		return ack(outcomeIgnored)
	}
	if e.User == "" || e.Channel == "" {
		return in.oddEvent(env)
	}
	n, m, err := in.o.Host.Welcome(ctx, chat.Joined{User: e.User, Channel: e.Channel})
	if err == nil && n != nil {
		err = in.queue(ctx, *n, m)
	}
	if err != nil {
		return in.notRecorded("event/"+env.EventID, err)
	}
	return ack(outcomeHandled)
}

// Host shows people what they did not ask for in words; *chat.Desk is one.
type Host interface {
	// Home is a person's Home tab.
	Home(ctx context.Context, user string) (chat.Message, error)
	// Welcome is what whoever comes into a channel is told; nil for nothing.
	Welcome(ctx context.Context, j chat.Joined) (*incidents.Notice, *chat.Message, error)
	// Lost is what somebody is told of a channel that is out of reach; nil for nothing.
	Lost(ctx context.Context, l chat.Lost) (*incidents.Notice, *chat.Message, error)
	// Departed follows that somebody has left a channel; an error means that it was not recorded.
	Departed(ctx context.Context, event string, left chat.Joined) error
}
