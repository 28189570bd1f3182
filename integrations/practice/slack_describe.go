package practice

import "unicode/utf8"

func (c *slackCall) conversationsSetTopic() (slackAnswer, error) {
	return c.describe("topic", "channel_topic", func(ch *slackChannel) (*string, *described) { return &ch.Topic, &ch.topicSet })
}

func (c *slackCall) conversationsSetPurpose() (slackAnswer, error) {
	return c.describe("purpose", "channel_purpose", func(ch *slackChannel) (*string, *described) { return &ch.Purpose, &ch.purposeSet })
}

func (c *slackCall) describe(key, subtype string, field func(*slackChannel) (*string, *described)) (slackAnswer, error) {
	ch, err := c.writable("channel")
	if err != nil {
		return nil, err
	}
	text := c.args.str(key)
	if n := utf8.RuneCountInString(text); n > 250 {
		return nil, refuseInvalid("too_long", "%s of %d characters, at most 250", key, n)
	}
	if value, set := field(ch); *value != text {
		*value, *set, ch.changed = text, described{by: BotUser, at: c.s.now()}, c.s.now()
		c.s.system(ch, BotUser, subtype, "set the channel "+key+": "+text)
	}
	return slackAnswer{"channel": c.s.channelJSON(ch), key: text}, nil
}

func (c *slackCall) conversationsRename() (slackAnswer, error) {
	ch, err := c.writable("channel")
	if err != nil {
		return nil, err
	}
	if ch.Creator != BotUser {
		return nil, refuse("not_authorized", "only who created the channel may rename it")
	}
	name := c.args.str("name")
	if name == ch.Name {
		return slackAnswer{"channel": c.s.channelJSON(ch)}, nil
	}
	if err := c.checkChannelName(name); err != nil {
		return nil, err
	}
	old := ch.Name
	ch.Name, ch.changed = name, c.s.now()
	ch.previousNames = append([]string{old}, ch.previousNames...)
	c.s.system(ch, BotUser, "channel_name", "renamed the channel from "+old+" to "+name)
	c.s.emitChannel(ch, "rename", BotUser)
	return slackAnswer{"channel": c.s.channelJSON(ch)}, nil
}

func (c *slackCall) conversationsArchive() (slackAnswer, error) {
	ch, err := c.joined("channel")
	if err != nil {
		return nil, err
	}
	if ch.Archived {
		return nil, refuse("already_archived", ch.Name)
	}
	if ch.Name == TeamChannel {
		return nil, refuse("cant_archive_general", ch.Name)
	}
	c.s.system(ch, BotUser, "channel_archive", "archived the channel")
	ch.Archived, ch.changed = true, c.s.now()
	c.s.emitChannel(ch, "archive", BotUser)
	return nil, nil
}

func (c *slackCall) conversationsUnarchive() (slackAnswer, error) {
	ch, err := c.channel("channel")
	if err != nil {
		return nil, err
	}
	if !ch.Archived {
		return nil, refuse("not_archived", ch.Name)
	}
	ch.Archived, ch.changed = false, c.s.now()
	if !ch.has(BotUser) {
		c.s.join(ch, BotUser, "")
	}
	c.s.system(ch, BotUser, "channel_unarchive", "un-archived the channel")
	c.s.emitChannel(ch, "unarchive", BotUser)
	return nil, nil
}

func (c *slackCall) conversationsKick() (slackAnswer, error) {
	ch, err := c.writable("channel")
	if err != nil {
		return nil, err
	}
	user := c.args.str("user")
	switch {
	case user == BotUser:
		return nil, refuse("cant_kick_self", ch.Name)
	case c.s.userByID(user) == nil:
		return nil, refuse("user_not_found", user)
	case !ch.has(user):
		return nil, refuse("not_in_channel", user)
	case ch.Name == TeamChannel:
		return nil, refuse("cant_kick_from_general", user)
	}
	c.s.leave(ch, user)
	return slackAnswer{"errors": slackAnswer{}}, nil
}

// conversationsClose closes a direct conversation, which changes nothing but a person's list of them.
func (c *slackCall) conversationsClose() (slackAnswer, error) {
	ch, err := c.channel("channel")
	if err != nil {
		return nil, err
	}
	if !ch.IsIM && !ch.IsMpim {
		return nil, refuse("method_not_supported_for_channel_type", ch.ID)
	}
	return nil, nil
}

// conversationsMark takes note of nothing: how far the bot has read is shown to nobody.
func (c *slackCall) conversationsMark() (slackAnswer, error) {
	if _, err := c.joined("channel"); err != nil {
		return nil, err
	}
	if ts := c.args.str("ts"); !tsForm.MatchString(ts) {
		return nil, refuseInvalid("invalid_timestamp", "%q", ts)
	}
	return nil, nil
}
