package slackio

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"watchbell/bot/chat"
	"watchbell/incidents"
)

func (in *Intake) eventBody(ctx context.Context, r request) answer { return in.event(ctx, r.body) }

// event handles what comes through the Events API.
func (in *Intake) event(ctx context.Context, body []byte) answer {
	env, ok := parseEnvelope(body)
	if !ok || env.Type == "" {
		return malformed()
	}
	switch env.Type {
	case "url_verification":
		return answer{status: http.StatusOK, outcome: outcomeHandled, plain: true, body: []byte(env.Challenge)}
	case "event_callback":
		return in.inner(ctx, env)
	case "app_rate_limited":
		in.log.Warn("Slack holds events back, because there are too many; the channels are read back")
		if err := in.gap(ctx, incidents.Flooded); err != nil {
			return in.notRecorded("app_rate_limited", err)
		}
		return ack(outcomeHandled)
	}
	in.log.Info("Slack sent something unknown", "type", env.Type)
	return ack(outcomeUnknown)
}

// gap has read back what events that are lost would have told.
func (in *Intake) gap(ctx context.Context, after time.Duration) error {
	if in.o.Gap == nil {
		return nil
	}
	return in.o.Gap(ctx, after)
}

func (in *Intake) inner(ctx context.Context, env *envelope) answer {
	if in.foreign(env.EnterpriseID, append(env.Teams, env.TeamID, env.ContextTeamID)...) {
		in.log.Info("an event of another workspace is ignored", "event", env.EventID, "team", env.TeamID)
		return ack(outcomeForeign)
	}
	if env.EventID == "" {
		return in.oddEvent(env)
	}
	switch env.Event.Type {
	case "message":
		return in.message(ctx, env)
	case "app_mention":
		return in.mention(ctx, env)
	case "reaction_added", "reaction_removed":
		return in.reaction(ctx, env)
	case "pin_added", "pin_removed":
		return in.pin(ctx, env)
	case "app_home_opened":
		return in.homeOpened(ctx, env)
	case "member_joined_channel":
		return in.joined(ctx, env)
	case "member_left_channel":
		return in.departed(ctx, env)
	case "channel_archive", "group_archive", "channel_deleted", "group_deleted", "channel_left", "group_left":
		return in.lost(ctx, env)
	case "channel_unarchive", "group_unarchive":
		return in.found(ctx, env)
	case "subteam_members_changed":
		return in.groupChanged(ctx, env)
	}
	in.log.Debug("an event of this type is not used", "event", env.EventID, "type", env.Event.Type)
	return ack(outcomeUnknown)
}

func (in *Intake) oddEvent(env *envelope) answer {
	in.log.Warn("an event lacks what it needs and is ignored", "event", env.EventID, "type", env.Event.Type)
	return ack(outcomeMalformed)
}

// botUser is the bot's user id. The envelope names it too, which helps before Slack has told us who we are.
func (in *Intake) botUser(env *envelope) string {
	if self, known := in.c.Identity(); known {
		return self.User
	}
	return env.BotUser
}

// our reports whether a message is the bot's own.
func (in *Intake) our(env *envelope, user, bot, app string) bool {
	if app != "" && app == env.AppID {
		return true
	}
	self, _ := in.c.Identity()
	if bot != "" && bot == self.Bot {
		return true
	}
	return user != "" && user == in.botUser(env)
}

// message handles messages in channels. A plain one is none of our business: only what is asked for is captured.
func (in *Intake) message(ctx context.Context, env *envelope) answer {
	e := &env.Event
	switch e.Subtype {
	case "message_changed":
		return in.changed(ctx, env)
	case "message_deleted":
		return in.deleted(ctx, env)
	}
	if said[e.Subtype] {
		if e.User == slackbot || e.BotID != "" || in.our(env, e.User, e.BotID, e.AppID) {
			return ack(outcomeIgnored)
		}
		if e.ChannelType != "im" {
			return in.answered(ctx, env)
		}
		return in.said(ctx, env, withoutMention(e.Text, in.botUser(env)))
	}
	return ack(outcomeIgnored)
}

// slackbot is Slack's own voice. It writes to the bot when somebody takes it out of a channel, and nobody reads an answer.
const slackbot = "USLACKBOT"

// said are the subtypes of what people say themselves.
var said = map[string]bool{"": true, "file_share": true, "thread_broadcast": true, "me_message": true}

// answered tells the Desk of an answer in a thread, which may be a suggestion, and has it listen to what is said. What
// mentions the bot comes as an event of its own.
func (in *Intake) answered(ctx context.Context, env *envelope) answer {
	e := &env.Event
	bot := in.botUser(env)
	if e.User == "" || bot != "" && strings.Contains(e.Text, "<@"+bot) {
		return ack(outcomeIgnored)
	}
	event, thread := "event/"+env.EventID, e.ThreadTS
	if thread == e.TS {
		thread = ""
	}
	if thread != "" {
		err := in.desk.Replied(ctx, chat.Replied{
			Event: event, User: e.User, Channel: e.Channel, Thread: thread, TS: e.TS, Text: e.Text,
		})
		if err != nil {
			return in.notRecorded(event, err)
		}
	}
	n := incidents.Notice{Key: event + "/heard", Channel: e.Channel, Thread: thread, User: e.User}
	reply, err := in.desk.Heard(ctx, chat.Heard{
		Event: n.Key, User: e.User, Channel: e.Channel, Thread: thread, TS: e.TS, Text: e.Text,
	})
	switch {
	case err != nil: // nobody asked for anything, so nobody has to send it again
		in.log.Info("it could not be found out whether a message calls for something", "event", event, "error", err)
	case reply.Unkept:
		in.offer(ctx, n, reply.Message)
		return ack(outcomeHandled)
	case reply.Message != nil || thread != "":
		return in.replied(ctx, n, reply, nil)
	}
	return ack(outcomeIgnored)
}

// offer shows somebody what nobody asked for and nobody keeps.
func (in *Intake) offer(ctx context.Context, n incidents.Notice, m *chat.Message) {
	ctx = context.WithoutCancel(ctx)
	in.speaking.Go(func() {
		if err := in.c.sayTo(ctx, n, fit(*m)); err != nil {
			in.log.Info("an offer could not be shown", "event", n.Key, "user", n.User, "error", err)
		}
	})
}

// mention handles a message that mentions the bot.
func (in *Intake) mention(ctx context.Context, env *envelope) answer {
	e := &env.Event
	if e.BotID != "" || e.Subtype == "bot_message" || in.our(env, e.User, e.BotID, e.AppID) {
		return ack(outcomeIgnored)
	}
	return in.said(ctx, env, withoutMention(e.Text, in.botUser(env)))
}

func (in *Intake) said(ctx context.Context, env *envelope, text string) answer {
	e := &env.Event
	if e.User == "" || e.Channel == "" || e.TS == "" {
		return in.oddEvent(env)
	}
	event := "event/" + env.EventID
	reply, err := in.desk.Said(ctx, chat.Said{
		Event: event, User: e.User, Channel: e.Channel, Thread: e.ThreadTS, Text: text, Later: true,
	})
	return in.replied(ctx, incidents.Notice{Key: event, Channel: e.Channel, Thread: e.ThreadTS, User: e.User}, reply, err)
}

// replied queues the reply to an event and acknowledges it. When one of the two could not be recorded, nothing is
// acknowledged and Slack sends the event again.
func (in *Intake) replied(ctx context.Context, n incidents.Notice, reply chat.Reply, err error) answer {
	if err == nil && !reply.Told {
		err = in.queue(ctx, n, reply.Message)
	}
	if err != nil {
		return in.notRecorded(n.Key, err)
	}
	in.picture(ctx, n, reply.Picture)
	return ack(outcomeHandled)
}

func (in *Intake) notRecorded(event string, err error) answer {
	in.log.Error("an event could not be recorded; Slack will send it again", "event", event, "error", err)
	return answer{status: http.StatusServiceUnavailable, outcome: outcomeNotRecorded}
}

// withoutMention is what a message says to the bot: what follows the first mention of it, or, when nothing does, what
// precedes it. Without a mention it is the whole text.
func withoutMention(text, bot string) string {
	rest := text
	for at := 0; bot != ""; {
		start := strings.Index(rest[at:], "<@"+bot)
		if start < 0 {
			break
		}
		start += at
		after := rest[start+len("<@"+bot):]
		end := strings.IndexByte(after, '>')
		if end < 0 || (end > 0 && after[0] != '|') {
			at = start + 2
			continue
		}
		if said := strings.TrimSpace(after[end+1:]); said != "" {
			return said
		}
		return strings.TrimSpace(rest[:start])
	}
	return strings.TrimSpace(text)
}

func (in *Intake) changed(ctx context.Context, env *envelope) answer {
	e := &env.Event
	m := e.Message
	if e.Channel == "" || m == nil || m.TS == "" {
		return in.oddEvent(env)
	}
	if in.our(env, m.User, m.BotID, m.AppID) {
		return ack(outcomeIgnored)
	}
	if m.Subtype == subtypeTombstone {
		return in.tellDesk(ctx, env, chat.MessageChanged{Channel: e.Channel, TS: m.TS, Deleted: true})
	}
	if p := e.Previous; p != nil && p.TS != "" && m.words() == p.words() && slices.Equal(m.files(), p.files()) {
		return ack(outcomeIgnored) // a link was unfolded, or a reply counted
	}
	// The edit's own time counts whole seconds, and a message may be edited twice in one.
	edited := instant(m.Edited.TS)
	if at := instant(e.EventTS); at.After(edited) {
		edited = at
	}
	return in.tellDesk(ctx, env, chat.MessageChanged{Channel: e.Channel, TS: m.TS, Text: m.words(), Files: m.files(), EditedAt: edited})
}

func (in *Intake) deleted(ctx context.Context, env *envelope) answer {
	e := &env.Event
	if e.Channel == "" || e.DeletedTS == "" {
		return in.oddEvent(env)
	}
	if p := e.Previous; p != nil && in.our(env, p.User, p.BotID, p.AppID) {
		return ack(outcomeIgnored)
	}
	return in.tellDesk(ctx, env, chat.MessageChanged{Channel: e.Channel, TS: e.DeletedTS, Deleted: true})
}

func (in *Intake) tellDesk(ctx context.Context, env *envelope, change chat.MessageChanged) answer {
	if err := in.desk.Changed(ctx, change); err != nil {
		return in.notRecorded("event/"+env.EventID, err)
	}
	return ack(outcomeHandled)
}

func (in *Intake) reaction(ctx context.Context, env *envelope) answer {
	e := &env.Event
	if e.User != "" && e.User == in.botUser(env) {
		return ack(outcomeIgnored) // our own ticks
	}
	if e.ItemType != "message" && e.ItemType != "" {
		return ack(outcomeIgnored) // a file, a comment on one
	}
	if e.Reaction == "" {
		return in.oddEvent(env)
	}
	return in.marked(ctx, env, chat.Marked{
		Channel: e.ItemChannel, TS: e.ItemTS, Emoji: e.Reaction, Removed: e.Type == "reaction_removed",
	})
}

// pin handles Slack's own pin. The bot's pins never count, nor does a pin on one of its messages: the card is no entry.
func (in *Intake) pin(ctx context.Context, env *envelope) answer {
	e := &env.Event
	m := cmp.Or(e.Pinned, &message{}) // a file can be pinned as well
	if e.User != "" && e.User == in.botUser(env) || in.our(env, m.User, m.BotID, m.AppID) {
		return ack(outcomeIgnored)
	}
	if e.ItemType != "message" && e.ItemType != "" {
		return ack(outcomeIgnored)
	}
	channel := e.ChannelID
	if channel == "" {
		channel = e.ItemChannel
	}
	return in.marked(ctx, env, chat.Marked{Channel: channel, TS: m.TS, Pin: true, Removed: e.Type == "pin_removed"})
}

// marked tells the Desk of a mark on a message, as far as it is known by now, and completes it.
func (in *Intake) marked(ctx context.Context, env *envelope, m chat.Marked) answer {
	e := &env.Event
	m.Event, m.User, m.At = "event/"+env.EventID, e.User, instant(e.EventTS)
	if m.At.IsZero() && env.EventTime > 0 {
		m.At = instant(itoa(env.EventTime))
	}
	if m.User == "" || m.Channel == "" || m.TS == "" || m.At.IsZero() {
		return in.oddEvent(env)
	}
	reply, err := in.desk.Marked(ctx, m)
	return in.replied(ctx, incidents.Notice{Key: m.Event, Channel: m.Channel, User: m.User}, reply, err)
}
