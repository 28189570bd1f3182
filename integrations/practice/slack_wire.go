package practice

import (
	"encoding/json"
	"slices"
)

// How much of a message's metadata a reader gets.
const (
	metadataType = iota // the event type alone, as Slack does unless asked for all
	metadataAll
	metadataNone
)

// messageJSON is a message in the form of the Web API and of events.
func (s *Slack) messageJSON(c *slackChannel, m *Message, metadata int) slackAnswer {
	out := slackAnswer{"type": "message", "user": m.User, "text": m.Text, "ts": m.TS, "team": slackTeam}
	put := func(key, value string) {
		if value != "" {
			out[key] = value
		}
	}
	put("subtype", m.Subtype)
	put("client_msg_id", m.clientMsgID)
	put("thread_ts", m.ThreadTS)
	if m.ThreadTS != "" && m.ThreadTS != m.TS {
		if parent := c.message(m.ThreadTS); parent != nil {
			put("parent_user_id", parent.User)
		}
	}
	if m.BotID != "" {
		out["bot_id"], out["app_id"] = m.BotID, slackApp
		out["bot_profile"] = slackAnswer{
			"id": m.BotID, "app_id": slackApp, "user_id": BotUser, "name": "Watchbell", "team_id": slackTeam, "deleted": false,
			"updated": slackSince, "icons": botIcons(),
		}
	}
	if len(m.Blocks) > 0 {
		out["blocks"] = m.Blocks
	}
	if len(m.attachments) > 0 {
		out["attachments"] = m.attachments
	}
	if len(m.Files) > 0 {
		out["files"] = listOf(m.Files, func(f *File) jsonObject { return jsonObject(s.fileJSON(f)) })
		out["upload"] = true
	}
	if m.EditedTS != "" {
		out["edited"] = slackAnswer{"user": m.EditedBy, "ts": m.EditedTS}
	}
	if len(m.Reactions) > 0 {
		out["reactions"] = reactionsJSON(m)
	}
	if len(m.Metadata) > 0 && metadata != metadataNone {
		out["metadata"] = metadataJSON(m.Metadata, metadata)
	}
	if c != nil && m.ThreadTS == m.TS && m.TS != "" {
		s.threadJSON(c, m, out)
	}
	return out
}

// storedJSON is a message as a reader of the channel gets it: what an event does not carry is added.
func (s *Slack) storedJSON(c *slackChannel, m *Message, metadata int) slackAnswer {
	out := s.messageJSON(c, m, metadata)
	if m.Subtype == "thread_broadcast" {
		if parent := c.message(m.ThreadTS); parent != nil {
			out["root"] = s.messageJSON(c, parent, metadata)
		}
	}
	for _, p := range c.pins {
		if p.ts == m.TS {
			out["pinned_to"] = []string{c.ID}
			out["pinned_info"] = slackAnswer{"channel": c.ID, "pinned_by": p.by, "pinned_ts": p.created.Unix()}
		}
	}
	return out
}

func (s *Slack) threadJSON(c *slackChannel, m *Message, out slackAnswer) {
	replies := c.replies(m.TS)
	if len(replies) == 0 {
		return
	}
	var users []string
	for _, r := range replies {
		if !slices.Contains(users, r.User) {
			users = append(users, r.User)
		}
	}
	out["reply_count"], out["reply_users"], out["reply_users_count"] = len(replies), users, len(users)
	out["latest_reply"], out["is_locked"] = replies[len(replies)-1].TS, false
	out["subscribed"] = m.User == BotUser || slices.Contains(users, BotUser)
}

func metadataJSON(raw json.RawMessage, how int) any {
	if how == metadataAll {
		return raw
	}
	var m struct {
		EventType string `json:"event_type"`
	}
	_ = json.Unmarshal(raw, &m) // was checked when it came
	return slackAnswer{"event_type": m.EventType}
}

func reactionsJSON(m *Message) []slackAnswer {
	var list []slackAnswer
	for _, r := range m.Reactions {
		list = append(list, slackAnswer{"name": r.Name, "users": slices.Clone(r.Users), "count": len(r.Users)})
	}
	return list
}
