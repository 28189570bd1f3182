package practice

import "fmt"

// What people do to a channel by hand, besides ArchiveChannel.

// UnarchiveChannel brings an archived channel back, with whoever was in it.
func (s *Slack) UnarchiveChannel(who, channel string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, c, err := s.scene(who, channel)
	if err != nil {
		return err
	}
	if !c.Archived {
		return fmt.Errorf("practice: #%s is not archived", c.Name)
	}
	c.Archived, c.changed = false, s.now()
	s.system(c, u.ID, "channel_unarchive", "un-archived the channel")
	s.emitChannel(c, "unarchive", u.ID)
	s.bump()
	return nil
}

// RenameChannel gives a channel another name.
func (s *Slack) RenameChannel(who, channel, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, c, err := s.lively(who, channel)
	if err != nil {
		return err
	}
	if s.channelByName(name) != nil {
		return fmt.Errorf("practice: there is a #%s", name)
	}
	old := c.Name
	c.Name, c.changed = name, s.now()
	c.previousNames = append([]string{old}, c.previousNames...)
	s.system(c, u.ID, memberSubtype(c, "name"), "renamed the channel from "+old+" to "+name)
	s.emitChannel(c, "rename", u.ID)
	return nil
}

// HideChannel makes a public channel private. It keeps its id and its members, the bot too.
func (s *Slack) HideChannel(who, channel string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, c, err := s.lively(who, channel)
	if err != nil {
		return err
	}
	c.IsPrivate, c.changed = true, s.now()
	s.system(c, u.ID, "channel_convert_to_private", "made this channel private")
	return nil
}

// Kick takes somebody out of a channel. When it is the bot, Slack sends no member_left_channel, for it is not in the channel
// any more, but channel_left (or group_left), and Slackbot writes to it.
// See https://docs.slack.dev/reference/events/channel_left, https://github.com/slackapi/bolt-js/issues/1847 and
// https://github.com/slackapi/node-slack-sdk/issues/211.
func (s *Slack) Kick(by, channel, who string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, c, err := s.lively(by, channel)
	if err != nil {
		return err
	}
	out, err := s.person(who)
	if err != nil {
		return err
	}
	if !c.has(out.ID) {
		return fmt.Errorf("practice: %s is not in #%s", out.Name, c.Name)
	}
	if out.ID != BotUser {
		s.leave(c, out.ID)
		return nil
	}
	var rest []string
	for _, id := range c.Members {
		if id != BotUser {
			rest = append(rest, id)
		}
	}
	c.Members = rest
	s.system(c, BotUser, memberSubtype(c, "leave"), "was removed from the channel by <@"+u.ID+">")
	s.emit(slackAnswer{"type": memberSubtype(c, "left"), "channel": c.ID, "actor_id": u.ID, "event_ts": s.eventTS()})
	direct := "D0SLACKBOT"
	ts := s.eventTS()
	s.emit(slackAnswer{
		"type": "message", "user": "USLACKBOT", "channel": direct, "channel_type": "im", "ts": ts, "event_ts": ts, "team": slackTeam,
		"text": "You have been removed from #" + c.Name + " by <@" + u.ID + ">",
	})
	s.bump()
	return nil
}

// SetTopic sets a channel's topic as a person does.
func (s *Slack) SetTopic(who, channel, topic string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, c, err := s.lively(who, channel)
	if err != nil {
		return err
	}
	c.Topic, c.topicSet, c.changed = topic, described{by: u.ID, at: s.now()}, s.now()
	s.system(c, u.ID, memberSubtype(c, "topic"), "set the channel topic: "+topic)
	return nil
}

// Resettle changes a person's name and time zone; what is empty stays.
func (s *Slack) Resettle(who, name, tz string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.person(who)
	if err != nil {
		return err
	}
	if name != "" {
		u.Name = name
	}
	if tz != "" {
		u.TZ = tz
	}
	s.bump()
	return nil
}
