package practice

import (
	"fmt"
	"strings"
	"time"
)

func (s *Slack) channelJSON(c *slackChannel) slackAnswer {
	out := slackAnswer{
		"id": c.ID, "created": c.Created.Unix(), "updated": max(c.Created.UnixMilli(), c.changed.UnixMilli()),
		"is_archived": c.Archived, "is_channel": !c.IsPrivate && !c.IsIM && !c.IsMpim, "is_group": c.IsPrivate && !c.IsMpim,
		"is_im": c.IsIM, "is_mpim": c.IsMpim, "is_private": c.IsPrivate || c.IsIM || c.IsMpim, "is_org_shared": false,
		"context_team_id": slackTeam,
	}
	if c.IsIM {
		out["is_user_deleted"], out["is_open"], out["priority"] = false, true, 0
		for _, id := range c.Members {
			if id != BotUser {
				out["user"] = id
			}
		}
		return out
	}
	for key, value := range (slackAnswer{
		"name": c.Name, "name_normalized": c.Name, "creator": c.Creator, "num_members": len(c.Members),
		"is_member": c.has(BotUser), "is_general": c.Name == TeamChannel && !c.IsMpim, "is_shared": false, "is_ext_shared": false,
		"is_pending_ext_shared": false, "pending_shared": []string{}, "pending_connected_team_ids": []string{},
		"parent_conversation": nil, "unlinked": 0, "shared_team_ids": []string{slackTeam},
		"previous_names": append([]string{}, c.previousNames...),
		"topic":          c.topicSet.json(c.Topic), "purpose": c.purposeSet.json(c.Purpose),
	}) {
		out[key] = value
	}
	if c.canvas.ID != "" {
		out["properties"] = slackAnswer{"canvas": slackAnswer{"file_id": c.canvas.ID, "is_empty": c.canvas.Markdown == "", "quip_thread_id": ""}}
	}
	return out
}

// json is a topic or a purpose with who has set it.
func (d described) json(value string) slackAnswer {
	last := int64(0)
	if d.by != "" {
		last = d.at.Unix()
	}
	return slackAnswer{"value": value, "creator": d.by, "last_set": last}
}

// email is the address of a person, at a name that is reserved for examples.
func (u *User) email() string { return u.Name + "@practice.example" }

func (s *Slack) userJSON(u *User) slackAnswer {
	out := slackAnswer{
		"id": u.ID, "team_id": slackTeam, "name": u.Name, "real_name": u.RealName, "deleted": u.Deleted, "color": "9f69e7",
		"is_bot": u.IsBot, "is_app_user": false, "is_admin": false, "is_owner": false, "is_primary_owner": false,
		"is_restricted": u.Guest, "is_stranger": u.Stranger, "is_ultra_restricted": false, "is_email_confirmed": !u.IsBot,
		"who_can_share_contact_card": "EVERYONE", "updated": slackSince, "tz": u.TZ, "tz_label": u.TZ, "tz_offset": 0,
		"profile": profileJSON(u),
	}
	if loc, err := time.LoadLocation(u.TZ); err == nil {
		_, offset := s.now().In(loc).Zone()
		out["tz_offset"] = offset
	}
	return out
}

func profileJSON(u *User) slackAnswer {
	first, last, _ := strings.Cut(u.RealName, " ")
	out := slackAnswer{
		"real_name": u.RealName, "real_name_normalized": u.RealName, "display_name": u.Name,
		"display_name_normalized": u.Name, "first_name": first, "last_name": last, "title": "", "phone": "", "skype": "",
		"fields": slackAnswer{}, "status_text": "", "status_text_canonical": "", "status_emoji": "",
		"status_emoji_display_info": []string{}, "status_expiration": 0, "avatar_hash": "practice", "team": slackTeam,
	}
	for _, size := range []int{24, 32, 48, 72, 192, 512} {
		out[fmt.Sprintf("image_%d", size)] = slackPicture(size)
	}
	if u.IsBot {
		out["bot_id"], out["api_app_id"], out["always_active"] = slackBot, slackApp, true
	} else {
		out["email"] = u.email()
	}
	return out
}

// slackPicture is the address of a picture of nobody in particular; it leads nowhere.
func slackPicture(size int) string {
	return fmt.Sprintf("https://avatars.practice.example/%d.png", size)
}

func botIcons() slackAnswer {
	return slackAnswer{"image_36": slackPicture(36), "image_48": slackPicture(48), "image_72": slackPicture(72)}
}
