package practice

import (
	"strings"
	"unicode/utf8"
)

// destination is where a message is to go: a channel's id or name, or a user's id for the direct conversation.
func (c *slackCall) destination() (*slackChannel, error) {
	to := c.args.str("channel")
	ch := c.s.channelByID(to)
	if ch == nil && c.s.userByID(to) != nil && to != BotUser {
		ch = c.s.directWith(to)
	}
	if ch == nil {
		ch = c.s.channelByName(strings.TrimPrefix(to, "#"))
	}
	if ch == nil || (ch.kind() != "channel" && !ch.has(BotUser)) {
		return nil, refuse("channel_not_found", to)
	}
	if ch.Archived {
		return nil, refuse("is_archived", ch.Name)
	}
	return ch, nil
}

// thread is the parent of a reply. A reply to what is gone is posted outside of any thread, as Slack does.
func (c *slackCall) thread(ch *slackChannel) (*Message, error) {
	ts := c.args.str("thread_ts")
	if ts == "" {
		return nil, nil
	}
	if !tsForm.MatchString(ts) {
		return nil, refuseInvalid("invalid_thread_ts", "%q", ts)
	}
	return ch.threadParent(ts), nil
}

func (c *slackChannel) threadParent(ts string) *Message {
	parent := c.message(ts)
	if parent != nil && parent.ThreadTS != "" && parent.ThreadTS != parent.TS {
		parent = c.message(parent.ThreadTS)
	}
	return parent
}

func (c *slackCall) chatPostMessage() (slackAnswer, error) {
	ch, err := c.destination()
	if err != nil {
		return nil, err
	}
	in, err := c.content()
	if err != nil {
		return nil, err
	}
	if in.empty() {
		return nil, refuseInvalid("no_text", "neither text nor blocks")
	}
	parent, err := c.thread(ch)
	if err != nil {
		return nil, err
	}
	m := &Message{User: BotUser, BotID: slackBot, Text: in.text, Blocks: in.blocks, Metadata: in.metadata, attachments: in.attachments}
	if parent != nil && c.args.flag("reply_broadcast") {
		m.Subtype = "thread_broadcast"
	}
	c.s.post(ch, m, parent)
	return slackAnswer{"channel": ch.ID, "ts": m.TS, "message": c.s.messageJSON(ch, m, metadataAll)}, nil
}

// post puts a message into a channel, below its parent if there is one, and tells the bot.
func (s *Slack) post(ch *slackChannel, m, parent *Message) {
	m.TS = s.nextTS(ch)
	if parent != nil {
		parent.ThreadTS = parent.TS
		m.ThreadTS = parent.TS
	}
	ch.add(m)
	s.emitMessage(ch, m)
	s.bump()
}

// system is a line that Slack itself writes into a channel.
func (s *Slack) system(ch *slackChannel, user, subtype, text string) {
	s.post(ch, &Message{User: user, Subtype: subtype, Text: "<@" + user + "> " + text}, nil)
}

func (c *slackCall) chatPostEphemeral() (slackAnswer, error) {
	ch, err := c.destination()
	if err != nil {
		return nil, err
	}
	user := c.args.str("user")
	if c.s.userByID(user) == nil {
		return nil, refuse("user_not_found", user)
	}
	if !ch.has(user) {
		return nil, refuse("user_not_in_channel", user)
	}
	in, err := c.content()
	if err != nil {
		return nil, err
	}
	if in.empty() {
		return nil, refuseInvalid("no_text", "neither text nor blocks")
	}
	m := c.s.whisper(ch, user, in)
	m.ThreadTS = c.args.str("thread_ts")
	return slackAnswer{"message_ts": m.TS}, nil
}

// whisper shows a message to one person alone.
func (s *Slack) whisper(ch *slackChannel, user string, in content) *Message {
	m := &Message{Channel: ch.ID, TS: s.nextTS(ch), User: BotUser, BotID: slackBot, Text: in.text, Blocks: in.blocks, attachments: in.attachments, To: user}
	s.ephemerals = append(s.ephemerals, m)
	s.bump()
	return m
}

// own is the bot's own message that a call names.
func (c *slackCall) own(refusal string) (*slackChannel, *Message, error) {
	ch, err := c.channel("channel")
	if err != nil {
		return nil, nil, err
	}
	if ch.Archived {
		return nil, nil, refuse("is_inactive", ch.Name)
	}
	m := ch.message(c.args.str("ts"))
	if m == nil || m.Subtype == "tombstone" {
		return nil, nil, refuse("message_not_found", c.args.str("ts"))
	}
	if m.BotID != slackBot {
		return nil, nil, refuse(refusal, m.TS)
	}
	return ch, m, nil
}

func (c *slackCall) chatUpdate() (slackAnswer, error) {
	ch, m, err := c.own("cant_update_message")
	if err != nil {
		return nil, err
	}
	if n := utf8.RuneCountInString(c.args.str("text")); n > maxUpdatedText {
		return nil, refuseInvalid("msg_too_long", "text of %d characters, at most %d", n, maxUpdatedText)
	}
	in, err := c.content()
	if err != nil {
		return nil, err
	}
	if in.empty() {
		return nil, refuseInvalid("no_text", "neither text nor blocks")
	}
	before := m.copy()
	m.change(in)
	if in.blocks == nil {
		m.EditedTS, m.EditedBy = formatTS(c.s.now().UnixMicro()), BotUser
	}
	c.s.emitChanged(ch, m, &before)
	return slackAnswer{"channel": ch.ID, "ts": m.TS, "text": m.Text, "message": c.s.messageJSON(ch, m, metadataAll)}, nil
}

// change replaces what a message says. Text without blocks removes the blocks, metadata stays unless it is given.
func (m *Message) change(in content) {
	if in.hasText {
		m.Text = in.text
	}
	m.Blocks = in.blocks
	if string(m.Blocks) == "[]" {
		m.Blocks = nil
	}
	if in.hasAttachments {
		m.attachments = in.attachments
	}
	if in.hasMetadata {
		m.Metadata = in.metadata
	}
}

func (c *slackCall) chatDelete() (slackAnswer, error) {
	ch, m, err := c.own("cant_delete_message")
	if err != nil {
		return nil, err
	}
	c.s.remove(ch, m)
	return slackAnswer{"channel": ch.ID, "ts": m.TS}, nil
}

// remove deletes a message. One with replies leaves a tombstone, so that the thread keeps its head.
func (s *Slack) remove(ch *slackChannel, m *Message) {
	before := m.copy()
	if len(ch.replies(m.TS)) > 0 {
		*m = Message{Channel: ch.ID, TS: m.TS, ThreadTS: m.TS, User: "USLACKBOT", Subtype: "tombstone", Text: "This message was deleted."}
	} else {
		ch.drop(m)
	}
	for i, p := range ch.pins {
		if p.ts == before.TS {
			ch.pins = append(ch.pins[:i:i], ch.pins[i+1:]...)
			break
		}
	}
	s.emitDeleted(ch, &before)
	s.bump()
}

func (c *slackCall) chatGetPermalink() (slackAnswer, error) {
	ch, err := c.channel("channel")
	if err != nil {
		return nil, err
	}
	m := ch.message(c.args.str("message_ts"))
	if m == nil {
		return nil, refuse("message_not_found", c.args.str("message_ts"))
	}
	return slackAnswer{"channel": ch.ID, "permalink": permalink(ch, m)}, nil
}

func permalink(ch *slackChannel, m *Message) string {
	link := slackURL + "archives/" + ch.ID + "/p" + strings.ReplaceAll(m.TS, ".", "")
	if m.ThreadTS != "" && m.ThreadTS != m.TS {
		link += "?thread_ts=" + m.ThreadTS + "&cid=" + ch.ID
	}
	return link
}

func (c *slackCall) chatMeMessage() (slackAnswer, error) {
	ch, err := c.destination()
	if err != nil {
		return nil, err
	}
	text := c.args.str("text")
	if strings.TrimSpace(text) == "" {
		return nil, refuseInvalid("no_text", "there is no text")
	}
	m := &Message{User: BotUser, BotID: slackBot, Subtype: "me_message", Text: text}
	c.s.post(ch, m, nil)
	return slackAnswer{"channel": ch.ID, "ts": m.TS}, nil
}
