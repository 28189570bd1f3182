package practice

import (
	"fmt"
	"strings"
)

// scene is somebody in a channel, while the workspace is locked.
func (s *Slack) scene(who, where string) (*User, *slackChannel, error) {
	u, err := s.person(who)
	if err != nil {
		return nil, nil, err
	}
	if where == "@"+BotName || where == BotUser {
		return u, s.directWith(u.ID), nil
	}
	c, err := s.place(where)
	if err != nil {
		return nil, nil, err
	}
	if !c.has(u.ID) {
		return nil, nil, fmt.Errorf("practice: %s is not in #%s", u.Name, c.Name)
	}
	return u, c, nil
}

// lively is a scene in a channel that is not archived.
func (s *Slack) lively(who, where string) (*User, *slackChannel, error) {
	u, c, err := s.scene(who, where)
	if err == nil && c.Archived {
		err = fmt.Errorf("practice: #%s is archived", c.Name)
	}
	return u, c, err
}

func (s *Slack) message(who, where, ts string) (*User, *slackChannel, *Message, error) {
	u, c, err := s.lively(who, where)
	if err != nil {
		return nil, nil, nil, err
	}
	m := c.message(ts)
	if m == nil {
		return nil, nil, nil, fmt.Errorf("practice: there is no message %s in #%s", ts, c.Name)
	}
	return u, c, m, nil
}

// Say types a message and returns its ts. The person has to be in the channel; "@watchbell" is the direct
// conversation with the bot.
func (s *Slack) Say(who, channel, text string) (string, error) {
	return s.Reply(who, channel, "", text)
}

// Reply types a message into a thread.
func (s *Slack) Reply(who, channel, threadTS, text string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, c, err := s.lively(who, channel)
	if err != nil {
		return "", err
	}
	if strings.TrimSpace(text) == "" {
		return "", fmt.Errorf("practice: %s typed nothing", u.Name)
	}
	if strings.HasPrefix(text, "/") {
		return "", fmt.Errorf("practice: %q is a command, not a message", text)
	}
	var parent *Message
	if threadTS != "" {
		if parent = c.threadParent(threadTS); parent == nil {
			return "", fmt.Errorf("practice: there is no message %s in #%s", threadTS, c.Name)
		}
	}
	m := &Message{User: u.ID}
	m.Text, m.Blocks = s.encodeTyped(text)
	s.counters["client_msg_id"]++
	m.clientMsgID = fmt.Sprintf("00000000-0000-4000-8000-%012x", s.counters["client_msg_id"])
	s.post(c, m, parent)
	return m.TS, nil
}

// EditMessage changes what one has typed.
func (s *Slack) EditMessage(who, channel, ts, text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, c, m, err := s.message(who, channel, ts)
	if err != nil {
		return err
	}
	if m.User != u.ID {
		return fmt.Errorf("practice: the message is not %s's", u.Name)
	}
	before := m.copy()
	m.Text, m.Blocks = s.encodeTyped(text)
	m.EditedTS, m.EditedBy = formatTS(s.now().UnixMicro()), u.ID
	s.emitChanged(c, m, &before)
	s.bump()
	return nil
}

// DeleteMessage takes back what one has typed.
func (s *Slack) DeleteMessage(who, channel, ts string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, c, m, err := s.message(who, channel, ts)
	if err != nil {
		return err
	}
	if m.User != u.ID {
		return fmt.Errorf("practice: the message is not %s's", u.Name)
	}
	s.remove(c, m)
	return nil
}

// React gives an emoji ("pushpin" or ":pushpin:") to a message; giving it twice changes nothing.
func (s *Slack) React(who, channel, ts, emoji string) error {
	return s.mark(who, channel, ts, func(c *slackChannel, m *Message, user string) {
		s.react(c, m, user, strings.Trim(emoji, ":"))
	})
}

// Unreact takes an emoji back.
func (s *Slack) Unreact(who, channel, ts, emoji string) error {
	return s.mark(who, channel, ts, func(c *slackChannel, m *Message, user string) {
		s.unreact(c, m, user, strings.Trim(emoji, ":"))
	})
}

// Pin pins a message to its channel.
func (s *Slack) Pin(who, channel, ts string) error {
	return s.mark(who, channel, ts, func(c *slackChannel, m *Message, user string) { s.pin(c, m, user) })
}

// Unpin removes a pin.
func (s *Slack) Unpin(who, channel, ts string) error {
	return s.mark(who, channel, ts, func(c *slackChannel, m *Message, user string) { s.unpin(c, m, user) })
}

func (s *Slack) mark(who, channel, ts string, change func(*slackChannel, *Message, string)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, c, m, err := s.message(who, channel, ts)
	if err != nil {
		return err
	}
	change(c, m, u.ID)
	return nil
}

// AddChannel makes a channel with people in it, the first of whom has created it. The bot is not in it unless it is
// named ("watchbell"). A name that is taken gives the channel that has it.
func (s *Slack) AddChannel(name string, private bool, who ...string) (Channel, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.channelByName(name); c != nil {
		return c.copy(), nil
	}
	var members []string
	for _, w := range who {
		u, err := s.person(w)
		if err != nil {
			return Channel{}, err
		}
		members = append(members, u.ID)
	}
	creator := ""
	if len(members) > 0 {
		creator = members[0]
	}
	c := s.addChannel(name, private, creator, members...)
	s.bump()
	return c.copy(), nil
}

// Join makes a person a member of a public channel; a member stays one.
func (s *Slack) Join(who, channel string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.person(who)
	if err != nil {
		return err
	}
	c, err := s.place(channel)
	if err != nil {
		return err
	}
	switch {
	case c.has(u.ID):
		return nil
	case c.kind() != "channel" || c.Archived:
		return fmt.Errorf("practice: %s cannot join #%s", u.Name, c.Name)
	}
	s.join(c, u.ID, "")
	return nil
}

// Leave ends a membership.
func (s *Slack) Leave(who, channel string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, c, err := s.scene(who, channel)
	if err != nil {
		return err
	}
	s.leave(c, u.ID)
	return nil
}

// Invite brings people, or the bot, into a channel; members stay members.
func (s *Slack) Invite(by, channel string, who ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	inviter, c, err := s.lively(by, channel)
	if err != nil {
		return err
	}
	for _, w := range who {
		u, err := s.person(w)
		if err != nil {
			return err
		}
		if !c.has(u.ID) {
			s.join(c, u.ID, inviter.ID)
		}
	}
	return nil
}

// ArchiveChannel archives a channel as a person does.
func (s *Slack) ArchiveChannel(who, channel string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, c, err := s.lively(who, channel)
	if err != nil {
		return err
	}
	s.system(c, u.ID, "channel_archive", "archived the channel")
	c.Archived = true
	s.emitChannel(c, "archive", u.ID)
	s.bump()
	return nil
}
