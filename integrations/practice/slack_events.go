package practice

import (
	"encoding/json"
	"strings"
)

// emit queues an event for the bot. Nothing is queued while nobody listens. The lock is held.
func (s *Slack) emit(event slackAnswer) string {
	id := s.nextID("Ev")
	body, err := json.Marshal(slackAnswer{
		"token": "deprecated", "team_id": slackTeam, "context_team_id": slackTeam, "context_enterprise_id": nil,
		"api_app_id": slackApp, "type": "event_callback", "event_id": id, "event_time": s.now().Unix(),
		"event_context": "4-" + id, "is_ext_shared_channel": false,
		"authorizations": []slackAnswer{{
			"enterprise_id": nil, "team_id": slackTeam, "user_id": BotUser, "is_bot": true, "is_enterprise_install": false,
		}},
		"event": event,
	})
	if err != nil {
		s.log.Error("practice: an event could not be written", "error", err)
		return ""
	}
	kind, _ := event["type"].(string)
	s.enqueue(parcel{id: id, kind: kind, envelope: "events_api", path: "/slack/events", contentType: "application/json", body: body})
	return id
}

// Emit sends any inner event to the bot, however odd, and returns the event's id.
func (s *Slack) Emit(event json.RawMessage) (string, error) {
	var e slackAnswer
	if err := json.Unmarshal(event, &e); err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.emit(e), nil
}

// eventTS is the instant of an event, unique in the workspace.
func (s *Slack) eventTS() string {
	micro := max(s.now().UnixMicro(), int64(s.counters["event_ts"])+1)
	s.counters["event_ts"] = int(micro)
	return formatTS(micro)
}

// emitMessage tells the bot about a message where the bot is a member, and again when it is mentioned there.
func (s *Slack) emitMessage(c *slackChannel, m *Message) {
	if !c.has(BotUser) {
		return
	}
	event := s.messageJSON(c, m, metadataNone)
	event["channel"], event["channel_type"], event["event_ts"] = c.ID, c.kind(), m.TS
	if m.Subtype == "thread_broadcast" {
		if parent := c.message(m.ThreadTS); parent != nil {
			event["root"] = s.messageJSON(c, parent, metadataNone)
		}
	}
	s.emit(event)
	if m.BotID == "" && (m.Subtype == "" || m.Subtype == fileShare) && !c.IsIM && strings.Contains(m.Text, "<@"+BotUser+">") {
		mention := s.messageJSON(c, m, metadataNone)
		mention["type"], mention["channel"], mention["event_ts"] = "app_mention", c.ID, m.TS
		s.emit(mention)
	}
}

func (s *Slack) emitChanged(c *slackChannel, m, before *Message) {
	if !c.has(BotUser) {
		return
	}
	ts := s.nextTS(c)
	s.emit(slackAnswer{
		"type": "message", "subtype": "message_changed", "hidden": true, "channel": c.ID, "channel_type": c.kind(),
		"ts": ts, "event_ts": ts, "message": s.messageJSON(c, m, metadataNone),
		"previous_message": s.messageJSON(c, before, metadataNone),
	})
}

func (s *Slack) emitDeleted(c *slackChannel, before *Message) {
	if !c.has(BotUser) {
		return
	}
	ts := s.nextTS(c)
	s.emit(slackAnswer{
		"type": "message", "subtype": "message_deleted", "hidden": true, "channel": c.ID, "channel_type": c.kind(),
		"ts": ts, "deleted_ts": before.TS, "event_ts": ts, "previous_message": s.messageJSON(c, before, metadataNone),
	})
}

func (s *Slack) emitReaction(kind string, c *slackChannel, m *Message, user, name string) {
	if !c.has(BotUser) {
		return
	}
	s.emit(slackAnswer{
		"type": kind, "user": user, "reaction": name, "item_user": m.User, "event_ts": s.eventTS(),
		"item": slackAnswer{"type": "message", "channel": c.ID, "ts": m.TS},
	})
}

func (s *Slack) emitPin(kind string, c *slackChannel, m *Message, p slackPin, user string) {
	if !c.has(BotUser) {
		return
	}
	s.emit(slackAnswer{
		"type": kind, "user": user, "channel_id": c.ID, "event_ts": s.eventTS(),
		"item": slackAnswer{
			"type": "message", "channel": c.ID, "created": p.created.Unix(), "created_by": p.by,
			"message": s.messageJSON(c, m, metadataNone),
		},
	})
}

// emitChannel tells about a change of the channel itself: "archive" or "rename".
func (s *Slack) emitChannel(c *slackChannel, what, user string) {
	if !c.has(BotUser) {
		return
	}
	prefix := "channel_"
	if c.IsPrivate {
		prefix = "group_"
	}
	event := slackAnswer{"type": prefix + what, "channel": c.ID, "user": user, "event_ts": s.eventTS()}
	if what == "rename" {
		event["channel"] = slackAnswer{"id": c.ID, "name": c.Name, "created": c.Created.Unix()}
		delete(event, "user")
	}
	s.emit(event)
}

// join makes somebody a member, says so in the channel and tells the bot.
func (s *Slack) join(c *slackChannel, user, inviter string) {
	c.Members = append(c.Members, user)
	s.system(c, user, memberSubtype(c, "join"), "has joined the channel")
	s.emitMember("member_joined_channel", c, user, inviter)
}

func (s *Slack) leave(c *slackChannel, user string) {
	s.system(c, user, memberSubtype(c, "leave"), "has left the channel")
	s.emitMember("member_left_channel", c, user, "")
	var rest []string
	for _, id := range c.Members {
		if id != user {
			rest = append(rest, id)
		}
	}
	c.Members = rest
	s.bump()
}

func memberSubtype(c *slackChannel, what string) string {
	if c.IsPrivate {
		return "group_" + what
	}
	return "channel_" + what
}

func (s *Slack) emitMember(kind string, c *slackChannel, user, inviter string) {
	if !c.has(BotUser) {
		return
	}
	event := slackAnswer{
		"type": kind, "user": user, "channel": c.ID, "channel_type": "C", "team": slackTeam, "event_ts": s.eventTS(),
	}
	if inviter != "" {
		event["inviter"] = inviter
	}
	s.emit(event)
}
