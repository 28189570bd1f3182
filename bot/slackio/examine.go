package slackio

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"watchbell/incidents"
)

// Wanted is what Examine asks for.
type Wanted struct {
	Scopes   []string // of the bot's token
	AppToken bool     // Socket Mode is used
	// Listens are the channels, names or ids, in which talk is listened to.
	Listens []string
}

const (
	appsPage  = "https://api.slack.com/apps → your app → "
	tokenMend = appsPage + "OAuth & Permissions → Bot User OAuth Token; set it as SLACK_BOT_TOKEN"
)

// Examine tries whether Slack lets the bot do what it will have to: it asks, and leaves nothing behind.
func (o *Outgoing) Examine(ctx context.Context, w Wanted) []incidents.Proof {
	token := incidents.Proof{What: "the bot's token"}
	answered, err := o.c.whoAmI(ctx)
	if err != nil {
		verdict := incidents.Refused
		var t *trouble
		if errors.As(err, &t) {
			verdict = t.Verdict
		}
		token.Wrong, token.Mend = inWords(err).Error(), incidents.MendBy(verdict, tokenMend, o.c.base, "SLACK_API_URL")
		return []incidents.Proof{token}
	}
	token.Note = fmt.Sprintf("%s in the workspace %s", answered.User, answered.Team)
	all := []incidents.Proof{token, incidents.ClockProof("Slack", answered.at, o.c.now()), scopesProof(answered.scopes, w.Scopes)}
	if w.AppToken {
		p := incidents.Proof{What: "the app-level token for Socket Mode"}
		err := o.c.call(ctx, methodSocket, "", func(ctx context.Context) error {
			_, _, err := o.c.api.StartSocketModeContext(ctx) // an address to connect to, which is not used
			return err
		})
		if err != nil {
			p.Wrong = "Slack opens no Socket Mode connection: " + inWords(err).Error()
			p.Mend = appsPage + "Basic Information → App-Level Tokens, with the scope connections:write; set it as SLACK_APP_TOKEN, and turn on Socket Mode"
		}
		all = append(all, p)
	}
	all = append(all, o.teamChannelProof(ctx, answered.scopes))
	if len(w.Listens) > 0 {
		all = append(all, o.listensProof(ctx, w.Listens))
	}
	return all
}

func scopesProof(granted, wanted []string) incidents.Proof {
	p := incidents.Proof{What: "the scopes of the bot's token"}
	if len(granted) == 0 {
		p.Note = "Slack did not say which it has"
		return p
	}
	var missing []string
	for _, scope := range wanted {
		if !slices.Contains(granted, scope) {
			missing = append(missing, scope)
		}
	}
	if len(missing) > 0 {
		p.Wrong = "The bot's token lacks the scope " + strings.Join(missing, ", ") + "."
		p.Mend = appsPage + "OAuth & Permissions → Bot Token Scopes: add it, then Reinstall to Workspace; `watchbell manifest` prints what it should be"
	}
	return p
}

// teamChannelProof finds the team channel and the bot in it.
func (o *Outgoing) teamChannelProof(ctx context.Context, scopes []string) incidents.Proof {
	p := incidents.Proof{What: "the team channel " + o.o.TeamChannel}
	id, err := o.channelNamed(ctx, o.o.TeamChannel)
	if err != nil {
		p.Wrong, p.Mend = inWords(err).Error(), "slack.team_channel in watchbell.yml, or /invite the bot there"
		return p
	}
	var found *slack.Channel
	err = o.c.call(ctx, methodInfo, "", func(ctx context.Context) (err error) {
		found, err = o.c.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: id})
		return err
	})
	var t *trouble
	switch {
	case errors.As(err, &t) && t.Code == "channel_not_found":
		p.Wrong, p.Mend = "The bot does not see the team channel.", "in Slack, in that channel: /invite @watchbell"
	case err != nil:
		p.Wrong = inWords(err).Error()
	case found.IsArchived:
		p.Wrong, p.Mend = "The team channel is archived.", "unarchive it in Slack, or set slack.team_channel to another one"
	case found.IsMember:
	case slices.Contains(scopes, "chat:write.public") && !found.IsPrivate:
		p.Note = "the bot is not in it, and may write there all the same; to capture messages there, /invite it"
	default:
		p.Wrong, p.Mend = "The bot is not in the team channel, so it cannot announce anything.", "in Slack, in that channel: /invite @watchbell"
	}
	return p
}
