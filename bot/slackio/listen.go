package slackio

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"watchbell/incidents"
)

const (
	nameTimeout = time.Second // of the three seconds that an event has
	nameLasts   = time.Hour
	manyNamed   = 10_000
)

// OneOf reports whether a channel, by its id, is among some that are given by id or by name, with or without "#". Slack is
// asked for its name where one of them is a name, and then not for a while. Where Slack does not answer quickly, it is not.
func (c *Client) OneOf(ctx context.Context, channel string, named []string) bool {
	if slices.Contains(named, channel) {
		return true
	}
	if !slices.ContainsFunc(named, func(n string) bool { return !channelID.MatchString(n) }) {
		return false
	}
	name := c.channelName(ctx, channel)
	return name != "" && slices.ContainsFunc(named, func(n string) bool { return strings.EqualFold(strings.TrimPrefix(n, "#"), name) })
}

func (c *Client) channelName(ctx context.Context, id string) string {
	now := c.now()
	name, _, good := c.names.get(id, now) // empty: Slack did not say
	if good {
		return name
	}
	ctx, cancel := context.WithTimeout(ctx, nameTimeout)
	defer cancel()
	err := c.call(ctx, methodInfo, "", func(ctx context.Context) error {
		found, err := c.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: id})
		if err != nil {
			return err
		}
		name = found.Name
		return nil
	})
	until := now.Add(nameLasts)
	if err != nil {
		until = now.Add(personRetry)
		c.log.Info("Slack does not say what a channel is called; what it was called before counts", "channel", id, "error", err)
	}
	c.names.put(id, name, until, manyNamed)
	return name
}

// listensProof finds out whether the bot is in the channels where talk is listened to.
func (o *Outgoing) listensProof(ctx context.Context, named []string) incidents.Proof {
	p := incidents.Proof{What: "the channels of slack.offer_declare"}
	own, err := o.ownChannels(ctx)
	if err != nil {
		p.Wrong = inWords(err).Error()
		return p
	}
	var missing []string
	for _, name := range named {
		if !slices.ContainsFunc(own, func(c slack.Channel) bool { return c.ID == name || strings.EqualFold(c.Name, name) }) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		p.Wrong = "The bot is not in " + strings.Join(missing, ", ") + ", so it hears nothing there."
		p.Mend = "in Slack, in that channel: /invite @watchbell; or take it out of slack.offer_declare in watchbell.yml"
	}
	return p
}
