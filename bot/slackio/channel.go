package slackio

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"watchbell/incidents"
)

const (
	// pageSize is how many channels or messages are asked for at once; Slack gives at most 999.
	pageSize = 200
	// manyPages bounds a walk through a list.
	manyPages = 50
	// clockSlack is how far Slack's clock and ours may differ.
	clockSlack = time.Minute
	// manyNames is how many suffixes are tried when a channel's name is taken.
	manyNames = 20
)

// channel makes the incident's channel. The name decides whether it exists already: when it is taken, and an earlier
// attempt may have been the one that took it, the channel is adopted if we created it for this incident.
func (o *Outgoing) channel(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) (incidents.Outcome, error) {
	if d.Subject == incidents.Here {
		return o.inPlace(ctx, s)
	}
	base := channelName(o.o.Render.ChannelName(s), s.Number)
	var own []slack.Channel
	looked := false
	for n := 1; n <= manyNames; n++ {
		name := base
		if n > 1 {
			suffix := fmt.Sprintf("-%d", n)
			name = base[:min(len(base), maxChannelName-len(suffix))] + suffix
		}
		var made *slack.Channel
		err := o.c.call(ctx, methodCreate, "", func(ctx context.Context) (err error) {
			made, err = o.c.api.CreateConversationContext(ctx, slack.CreateConversationParams{
				ChannelName: name, IsPrivate: s.Private, TeamID: o.gridTeam(),
			})
			if err != nil {
				return err
			}
			return lacking("channel", made.ID)
		})
		if err == nil {
			return channelOutcome(made), nil
		}
		if !isCode(err, "name_taken") || n == manyNames {
			return incidents.Outcome{}, err
		}
		if !d.MustLook() {
			continue
		}
		if !looked {
			if own, err = o.ownChannels(ctx); err != nil {
				return incidents.Outcome{}, err
			}
			looked = true
		}
		if found := o.ours(own, name, s); found != nil {
			return channelOutcome(found), nil
		}
	}
	return incidents.Outcome{}, errNoChannel // not reached: the last name returns
}

// inPlace takes the conversation where the incident was declared for its channel.
func (o *Outgoing) inPlace(ctx context.Context, s incidents.Snapshot) (incidents.Outcome, error) {
	var found *slack.Channel
	err := o.c.call(ctx, methodInfo, "", func(ctx context.Context) (err error) {
		found, err = o.c.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: s.DeclaredIn})
		if err != nil {
			return err
		}
		return lacking("channel", found.ID)
	})
	switch {
	case isCode(err, "channel_not_found"), err == nil && !found.IsMember:
		return incidents.Failing(incidents.Impossible,
			"The bot is not in the channel where the incident was declared. Invite it there with /invite, and try again.",
			fmt.Errorf("not a member of %s", s.DeclaredIn)), nil
	case err != nil:
		return incidents.Outcome{}, err
	}
	return channelOutcome(found), nil
}

// Public reports whether everybody of the workspace can find and read a conversation. One that the bot does not see is none.
// See https://docs.slack.dev/reference/objects/conversation-object.
func (c *Client) Public(ctx context.Context, channel string) (public bool, err error) {
	err = c.call(ctx, methodInfo, "", func(ctx context.Context) error {
		found, err := c.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: channel})
		if err != nil {
			return err
		}
		public = !found.IsPrivate && !found.IsIM && !found.IsMpIM
		return lacking("channel", found.ID)
	})
	if isCode(err, "channel_not_found") {
		return false, nil
	}
	return public, err
}

func channelOutcome(c *slack.Channel) incidents.Outcome {
	out := incidents.DeliveredAs(incidents.Receipt{ID: c.ID})
	out.Channel = incidents.Channel{ID: c.ID, Name: c.Name}
	return out
}

// ours finds the channel that an earlier attempt made for this incident.
func (o *Outgoing) ours(own []slack.Channel, name string, s incidents.Snapshot) *slack.Channel {
	self, _ := o.c.Identity()
	for i := range own {
		c := &own[i]
		if c.Name == name && c.Creator == self.User && !c.Created.Time().Before(s.DeclaredAt.Add(-clockSlack)) {
			return c
		}
	}
	return nil
}

// ownChannels lists the channels that the bot is in. It never lists the workspace's: there may be thousands.
func (o *Outgoing) ownChannels(ctx context.Context) ([]slack.Channel, error) {
	if _, known := o.c.Identity(); !known {
		if _, err := o.c.Check(ctx); err != nil {
			return nil, err
		}
	}
	var all []slack.Channel
	err := pages(func(cursor string) (next string, err error) {
		var page []slack.Channel
		err = o.c.call(ctx, methodOwn, "", func(ctx context.Context) (err error) {
			page, next, err = o.c.api.GetConversationsForUserContext(ctx, &slack.GetConversationsForUserParameters{
				Cursor: cursor, Types: []string{"public_channel", "private_channel"}, Limit: pageSize,
				ExcludeArchived: true, TeamID: o.gridTeam(),
			})
			return err
		})
		all = append(all, page...)
		return next, err
	})
	return all, err
}

// pages walks a list by its cursors.
func pages(page func(cursor string) (next string, err error)) error {
	cursor := ""
	for range manyPages {
		next, err := page(cursor)
		if err != nil || next == "" {
			return err
		}
		cursor = next
	}
	return nil
}

// gridTeam is the workspace to name in calls, which an app that is installed for a whole organisation must do.
func (o *Outgoing) gridTeam() string {
	if self, known := o.c.Identity(); known && self.Enterprise != "" {
		return self.Team
	}
	return ""
}

var notInName = regexp.MustCompile(`[^a-z0-9_-]+`)

// channelName makes a name as Slack takes it: lower-case letters, digits, "-" and "_", at most 80 of them. See
// https://docs.slack.dev/reference/methods/conversations.create.
func channelName(name string, number int) string {
	name = notInName.ReplaceAllString(strings.ToLower(name), "-")
	name = strings.Trim(name[:min(len(name), maxChannelName)], "-_")
	if name == "" {
		name = fmt.Sprintf("inc-%d", number)
	}
	return name
}

var channelID = regexp.MustCompile(`^[CGD][A-Z0-9]{7,}$`)

// ChannelName tidies the id or the name of a channel as somebody typed it, and says whether it can be one: names have no
// blanks and no capitals, and of ASCII's other signs only - and _. See https://docs.slack.dev/reference/methods/conversations.create.
func ChannelName(typed string) (name string, ok bool) {
	name = strings.TrimPrefix(strings.TrimSpace(typed), "#")
	if channelID.MatchString(name) {
		return name, true
	}
	name = strings.ToLower(name)
	odd := func(r rune) bool {
		return unicode.IsSpace(r) || r <= unicode.MaxASCII && !unicode.IsLower(r) && !unicode.IsDigit(r) && r != '-' && r != '_'
	}
	return name, name != "" && utf8.RuneCountInString(name) <= maxChannelName && !strings.ContainsFunc(name, odd)
}

// errNoSuchChannel is a channel of the configuration that is nowhere to be found.
func errNoSuchChannel(name string) *trouble {
	return &trouble{
		Method: methodList.name, Verdict: incidents.Impossible,
		Say: fmt.Sprintf("There is no channel #%s that the bot can see. Create it, unarchive it or invite the bot, or set slack.team_channel or slack.update_channels to another one.", name),
		Err: fmt.Errorf("no channel named %q", name),
	}
}

// channelNamed is the id of a channel that is given by its id or its name. A name is looked up among the bot's own channels first, and among all public
// ones only when it is not there. Where no channel has it, the only one of the bot's own that once had it is meant: somebody has
// renamed it. See https://docs.slack.dev/reference/objects/conversation-object.
func (o *Outgoing) channelNamed(ctx context.Context, name string) (string, error) {
	name, _ = ChannelName(name)
	if channelID.MatchString(name) {
		return name, nil
	}
	o.mu.Lock()
	known := o.channels[name]
	o.mu.Unlock()
	if known != "" {
		return known, nil
	}
	own, err := o.ownChannels(ctx)
	if err != nil {
		return "", err
	}
	for _, c := range own {
		if c.Name == name || c.NameNormalized == name {
			return o.keep(name, c.ID), nil
		}
	}
	id := ""
	err = pages(func(cursor string) (next string, err error) {
		var page []slack.Channel
		err = o.c.call(ctx, methodList, "", func(ctx context.Context) (err error) {
			page, next, err = o.c.api.GetConversationsContext(ctx, &slack.GetConversationsParameters{
				Cursor: cursor, Types: []string{"public_channel"}, Limit: 999, ExcludeArchived: true, TeamID: o.gridTeam(),
			})
			return err
		})
		for _, c := range page {
			if c.Name == name || c.NameNormalized == name {
				id = c.ID
				return "", err
			}
		}
		return next, err
	})
	if err != nil {
		return "", err
	}
	if id == "" {
		if id = renamed(own, name); id != "" {
			o.log.Warn("the channel of this name has another one by now; it is used all the same", "name", name, "channel", id)
		}
	}
	if id == "" {
		return "", errNoSuchChannel(name)
	}
	return o.keep(name, id), nil
}

// renamed is the id of the only channel that once had a name; empty for none.
func renamed(own []slack.Channel, name string) (id string) {
	for _, c := range own {
		if !slices.Contains(c.PreviousNames, name) {
			continue
		}
		if id != "" {
			return ""
		}
		id = c.ID
	}
	return id
}

func (o *Outgoing) keep(name, id string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.channels == nil {
		o.channels = map[string]string{}
	}
	o.channels[name] = id
	return id
}

// forget makes the next delivery look a channel up again: it may have been made anew under its name.
func (o *Outgoing) forget(name string) {
	o.keep(strings.TrimPrefix(strings.TrimSpace(name), "#"), "")
}
