package practice

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// User is somebody in the workspace.
type User struct {
	ID, Name, RealName string
	// TZ is an IANA zone such as "Europe/Berlin".
	TZ    string
	IsBot bool
	// Guest is invited to some channels of the workspace alone; Stranger is of another organisation.
	Guest, Stranger bool
	// Deleted is somebody whose account is deactivated.
	Deleted bool
}

// Channel is a channel or a direct conversation, without its messages.
type Channel struct {
	ID, Name                string
	IsPrivate, IsIM, IsMpim bool
	Archived                bool
	Topic, Purpose, Creator string
	Created                 time.Time
	// Members are user ids in the order in which they came.
	Members []string
}

// Reaction is one emoji on a message with the ids of those who gave it.
type Reaction struct {
	Name  string
	Users []string
}

// Message is one message as the workspace keeps it.
type Message struct {
	// Channel is an id. TS is unique in the channel and sorts as text.
	Channel, TS, ThreadTS string
	User, BotID           string
	Subtype, Text         string
	// Blocks is a JSON array or empty; Metadata a JSON object or empty.
	Blocks, Metadata json.RawMessage
	// EditedTS and EditedBy are empty for what was never edited by a person.
	EditedTS, EditedBy string
	Reactions          []Reaction
	// Files are those on the message; they must not be changed.
	Files []*File
	// To is the id of the only person who sees an ephemeral message; empty for all others.
	To          string
	clientMsgID string
	attachments json.RawMessage // a JSON array or empty
}

// Ephemeral reports whether one person alone sees the message.
func (m Message) Ephemeral() bool { return m.To != "" }

// System reports whether Slack itself wrote the message ("ana joined the channel").
func (m Message) System() bool {
	return m.Subtype != "" && m.Subtype != "thread_broadcast" && m.Subtype != "me_message" && m.Subtype != fileShare
}

// Bookmark is a link at the top of a channel.
type Bookmark struct {
	ID, Title, Link, Emoji string
	Created, Updated       time.Time
}

type slackPin struct {
	ts, by  string
	created time.Time
}

type usergroup struct {
	ID, Handle, Name string
	Users            []string
}

type slackChannel struct {
	Channel
	messages  []*Message            // by ts
	threads   map[string][]*Message // replies by their parent's ts, in the order of theirs
	lastTS    int64                 // microseconds
	pins      []slackPin
	bookmarks []Bookmark
	canvas    Canvas

	changed              time.Time
	previousNames        []string
	topicSet, purposeSet described
}

// described is who has set a topic or a purpose, and when.
type described struct {
	by string
	at time.Time
}

// nextTS is the clock's instant in Slack's form, moved on where needed to be unique and increasing in the channel.
func (s *Slack) nextTS(c *slackChannel) string {
	c.lastTS = max(s.now().UnixMicro(), c.lastTS+1)
	return formatTS(c.lastTS)
}

func formatTS(micro int64) string { return fmt.Sprintf("%d.%06d", micro/1e6, micro%1e6) }

func (s *Slack) userByID(id string) *User {
	for _, u := range s.users {
		if u.ID == id {
			return u
		}
	}
	return nil
}

// person finds a user by id or name, with or without "@".
func (s *Slack) person(who string) (*User, error) {
	name := strings.TrimPrefix(who, "@")
	for _, u := range s.users {
		if u.ID == who || strings.EqualFold(u.Name, name) {
			return u, nil
		}
	}
	return nil, fmt.Errorf("practice: there is nobody called %q", who)
}

func (s *Slack) channelByID(id string) *slackChannel {
	for _, c := range s.channels {
		if c.ID == id {
			return c
		}
	}
	return nil
}

func (s *Slack) channelByName(name string) *slackChannel {
	for _, c := range s.channels {
		if c.Name == name && !c.IsIM && !c.IsMpim {
			return c
		}
	}
	return nil
}

// place finds a channel by id or name, with or without "#"; "@name" is that person's conversation with the bot.
func (s *Slack) place(where string) (*slackChannel, error) {
	if c := s.channelByID(where); c != nil {
		return c, nil
	}
	if strings.HasPrefix(where, "@") {
		u, err := s.person(where)
		if err != nil {
			return nil, err
		}
		return s.directWith(u.ID), nil
	}
	if c := s.channelByName(strings.TrimPrefix(where, "#")); c != nil {
		return c, nil
	}
	return nil, fmt.Errorf("practice: there is no channel called %q", where)
}

// directWith is the conversation between the bot and one person; it is made when it is needed.
func (s *Slack) directWith(user string) *slackChannel {
	for _, c := range s.channels {
		if c.IsIM && c.has(user) {
			return c
		}
	}
	c := &slackChannel{Channel: Channel{ID: s.nextID("D"), IsIM: true, Created: s.now(), Members: []string{BotUser, user}}}
	s.channels = append(s.channels, c)
	return c
}

func (s *Slack) addChannel(name string, private bool, creator string, members ...string) *slackChannel {
	c := &slackChannel{Channel: Channel{
		ID: s.nextID("C"), Name: name, IsPrivate: private, Creator: creator, Created: s.now(), Members: members,
	}}
	s.channels = append(s.channels, c)
	return c
}

func (c *slackChannel) has(user string) bool { return slices.Contains(c.Members, user) }

func (c *slackChannel) message(ts string) *Message {
	i, ok := slices.BinarySearchFunc(c.messages, ts, func(m *Message, ts string) int { return strings.Compare(m.TS, ts) })
	if !ok {
		return nil
	}
	return c.messages[i]
}

// add appends a message; its ts is given by the channel and so is always the greatest.
func (c *slackChannel) add(m *Message) *Message {
	m.Channel = c.ID
	c.messages = append(c.messages, m)
	if m.ThreadTS != "" && m.ThreadTS != m.TS {
		if c.threads == nil {
			c.threads = map[string][]*Message{}
		}
		c.threads[m.ThreadTS] = append(c.threads[m.ThreadTS], m)
	}
	return m
}

// drop takes a message out of the channel and its thread.
func (c *slackChannel) drop(m *Message) {
	without := func(list []*Message) []*Message {
		i := slices.Index(list, m)
		if i < 0 {
			return list
		}
		return append(list[:i:i], list[i+1:]...)
	}
	c.messages = without(c.messages)
	if replies, is := c.threads[m.ThreadTS]; is {
		c.threads[m.ThreadTS] = without(replies)
	}
}

// replies are the messages of a thread without its parent.
func (c *slackChannel) replies(ts string) []*Message { return c.threads[ts] }

// upTo is the number of messages that are older than ts.
func (c *slackChannel) upTo(ts string) int {
	i, _ := slices.BinarySearchFunc(c.messages, ts, func(m *Message, ts string) int { return strings.Compare(m.TS, ts) })
	return i
}

func (c *slackChannel) kind() string {
	switch {
	case c.IsIM:
		return "im"
	case c.IsMpim:
		return "mpim"
	case c.IsPrivate:
		return "group"
	}
	return "channel"
}

func (m *Message) copy() Message {
	out := *m
	out.Reactions = make([]Reaction, len(m.Reactions))
	for i, r := range m.Reactions {
		out.Reactions[i] = Reaction{Name: r.Name, Users: slices.Clone(r.Users)}
	}
	return out
}

func (c *slackChannel) copy() Channel {
	out := c.Channel
	out.Members = slices.Clone(c.Members)
	return out
}

func copies(list []*Message, keep func(*Message) bool) []Message {
	var out []Message
	for _, m := range list {
		if keep == nil || keep(m) {
			out = append(out, m.copy())
		}
	}
	return out
}
