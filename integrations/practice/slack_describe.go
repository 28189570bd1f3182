package practice

import "unicode/utf8"

func (c *slackCall) conversationsSetTopic() (slackAnswer, error) {
	return c.describe("topic", "channel_topic", func(ch *slackChannel) *string { return &ch.Topic })
}

func (c *slackCall) conversationsSetPurpose() (slackAnswer, error) {
	return c.describe("purpose", "channel_purpose", func(ch *slackChannel) *string { return &ch.Purpose })
}

func (c *slackCall) describe(key, subtype string, field func(*slackChannel) *string) (slackAnswer, error) {
	ch, err := c.writable("channel")
	if err != nil {
		return nil, err
	}
	text := c.args.str(key)
	if n := utf8.RuneCountInString(text); n > 250 {
		return nil, refuseInvalid("too_long", "%s of %d characters, at most 250", key, n)
	}
	if f := field(ch); *f != text {
		*f = text
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
	ch.Name = name
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
	ch.Archived = true
	c.s.emitChannel(ch, "archive", BotUser)
	return nil, nil
}
