package slackio

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"watchbell/incidents"
)

// channelNames remembers what channels are called.
type channelNames struct {
	mu    sync.Mutex
	known map[string]channelCalled
}

type channelCalled struct {
	name  string // empty: Slack did not say
	until time.Time
}

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
	c.names.mu.Lock()
	called, there := c.names.known[id]
	c.names.mu.Unlock()
	if there && now.Before(called.until) {
		return called.name
	}
	ctx, cancel := context.WithTimeout(ctx, nameTimeout)
	defer cancel()
	err := c.call(ctx, methodInfo, "", func(ctx context.Context) error {
		found, err := c.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: id})
		if err != nil {
			return err
		}
		called.name = found.Name
		return nil
	})
	called.until = now.Add(nameLasts)
	if err != nil {
		called.until = now.Add(personRetry)
		c.log.Info("Slack does not say what a channel is called; what it was called before counts", "channel", id, "error", err)
	}
	c.names.mu.Lock()
	defer c.names.mu.Unlock()
	if c.names.known == nil || len(c.names.known) >= manyNamed {
		c.names.known = map[string]channelCalled{}
	}
	c.names.known[id] = called
	return called.name
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
