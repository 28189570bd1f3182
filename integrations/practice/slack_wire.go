package practice

import (
	"encoding/json"
	"slices"
	"time"
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
		out["bot_profile"] = slackAnswer{"id": m.BotID, "app_id": slackApp, "name": "Watchbell", "team_id": slackTeam}
	}
	if len(m.Blocks) > 0 {
		out["blocks"] = m.Blocks
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
	if c != nil && m.ThreadTS == m.TS {
		s.threadJSON(c, m, out)
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
	out["latest_reply"] = replies[len(replies)-1].TS
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

func (s *Slack) channelJSON(c *slackChannel) slackAnswer {
	out := slackAnswer{
		"id": c.ID, "created": c.Created.Unix(), "updated": c.Created.UnixMilli(), "is_archived": c.Archived,
		"is_channel": !c.IsPrivate && !c.IsIM && !c.IsMpim, "is_group": c.IsPrivate && !c.IsMpim, "is_im": c.IsIM,
		"is_mpim": c.IsMpim, "is_private": c.IsPrivate || c.IsIM || c.IsMpim, "is_member": c.has(BotUser),
		"is_general": c.Name == TeamChannel, "is_shared": false, "is_ext_shared": false, "context_team_id": slackTeam,
		"topic":   slackAnswer{"value": c.Topic, "creator": "", "last_set": 0},
		"purpose": slackAnswer{"value": c.Purpose, "creator": "", "last_set": 0},
	}
	if c.IsIM {
		for _, id := range c.Members {
			if id != BotUser {
				out["user"] = id
			}
		}
		return out
	}
	out["name"], out["name_normalized"], out["creator"] = c.Name, c.Name, c.Creator
	out["num_members"] = len(c.Members)
	return out
}

func (s *Slack) userJSON(u *User) slackAnswer {
	out := slackAnswer{
		"id": u.ID, "team_id": slackTeam, "name": u.Name, "real_name": u.RealName, "deleted": false,
		"is_bot": u.IsBot, "is_app_user": false, "tz": u.TZ, "tz_label": u.TZ,
		"profile": slackAnswer{
			"real_name": u.RealName, "real_name_normalized": u.RealName,
			"display_name": u.Name, "display_name_normalized": u.Name, "team": slackTeam,
		},
	}
	if loc, err := time.LoadLocation(u.TZ); err == nil {
		_, offset := s.now().In(loc).Zone()
		out["tz_offset"] = offset
	}
	return out
}
