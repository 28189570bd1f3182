package practice

import (
	"cmp"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// pageNewest is how many messages of a channel the page shows.
const pageNewest = 200

// placeView is a channel or a conversation in the list at the side.
type placeView struct {
	ID, Name, Link, Sign  string
	Current, Archived, IM bool
}

// personView is somebody in the workspace, with the time that they see on their wall.
type personView struct{ RealName, Zone, City, Clock, Initial, Hue string }

// roomView is the channel that is being looked at.
type roomView struct {
	placeView
	Topic     []stretch
	Members   int
	Bookmarks []stretch
	Pinned    []messageView
	Messages  []messageView
	Earlier   int // messages that are not shown
}

// messageView is one message. Replies stand below the message that began the thread.
type messageView struct {
	ID, Author, Initial, Hue string
	Bot                      bool
	At                       time.Time
	Day                      string // set when the message begins a new day
	System                   bool
	OnlyFor                  string // the one person who sees it
	Reply, Pinned, Edited    bool
	Text                     []stretch
	Blocks                   []blockView
	Reactions                []reactionView
	Replies                  []messageView
}

type reactionView struct {
	Emoji stretch
	Count int
	Who   string
}

// places lists the channels and conversations. The workspace is locked here and below.
func (s *Slack) places(current *slackChannel) []placeView {
	var out []placeView
	for _, c := range s.channels {
		out = append(out, s.placeView(c, current))
	}
	slices.SortStableFunc(out, func(a, b placeView) int {
		rank := func(p placeView) int {
			switch {
			case p.Archived:
				return 2
			case p.IM:
				return 1
			}
			return 0
		}
		return cmp.Compare(rank(a), rank(b))
	})
	return out
}

func (s *Slack) placeView(c, current *slackChannel) placeView {
	v := placeView{ID: c.ID, Name: c.Name, Link: channelLink(c), Sign: "#", Current: c == current, Archived: c.Archived, IM: c.IsIM}
	switch {
	case c.IsIM:
		v.Name, v.Sign = s.partner(c)+" and Watchbell", ""
	case c.IsPrivate:
		v.Sign = "🔒"
	}
	return v
}

// partner is who talks with the bot in a direct conversation.
func (s *Slack) partner(c *slackChannel) string {
	for _, id := range c.Members {
		if u := s.userByID(id); u != nil && !u.IsBot {
			return u.RealName
		}
	}
	return c.ID
}

// room finds the channel that is asked for by name or id; without one, the newest that the bot opened, or the team's.
func (s *Slack) room(where string) (c *slackChannel, found bool) {
	if where != "" {
		if c = s.channelByName(where); c == nil {
			c = s.channelByID(where)
		}
		if c != nil {
			return c, true
		}
	}
	c = s.channelByName(TeamChannel)
	for _, other := range s.channels {
		if other.Creator == BotUser && other.Name != TeamChannel && !other.Archived {
			c = other
		}
	}
	return c, where == ""
}

func (s *Slack) people(now time.Time) []personView {
	var out []personView
	for _, u := range s.users {
		if u.IsBot {
			continue
		}
		city := strings.ReplaceAll(u.TZ[strings.LastIndexByte(u.TZ, '/')+1:], "_", " ")
		v := personView{RealName: u.RealName, Zone: u.TZ, City: city, Initial: initial(u.RealName), Hue: hue(u.ID)}
		if zone, err := time.LoadLocation(u.TZ); err == nil {
			v.Clock = now.In(zone).Format("15:04")
		}
		out = append(out, v)
	}
	return out
}

func (s *Slack) roomView(c *slackChannel, r reader) roomView {
	v := roomView{placeView: s.placeView(c, c), Topic: r.mrkdwn(c.Topic), Members: len(c.Members)}
	for _, b := range c.bookmarks {
		picture := ""
		if e := emoji(strings.Trim(b.Emoji, ":")); e.Label != "" {
			picture = e.Text + " "
		}
		v.Bookmarks = append(v.Bookmarks, stretch{Text: picture + b.Title, URL: r.link(b.Link)})
	}
	pinned := make(map[string]bool)
	for _, p := range c.pins {
		if m := c.message(p.ts); m != nil {
			pinned[p.ts] = true
			v.Pinned = append(v.Pinned, s.messageView(m, r))
		}
	}
	list := s.newest(c)
	shown := 0
	for _, m := range list {
		if m.To == "" {
			shown++
		}
	}
	v.Earlier = len(c.messages) - shown
	at := make(map[string]int) // where the messages that may have replies are in v.Messages
	day := ""
	for _, m := range list {
		one := s.messageView(m, r)
		one.Pinned = pinned[m.TS]
		if parent, there := at[m.ThreadTS]; there && m.ThreadTS != m.TS {
			v.Messages[parent].Replies = append(v.Messages[parent].Replies, one)
			continue
		}
		one.Reply = m.ThreadTS != "" && m.ThreadTS != m.TS
		if d := one.At.Format("Monday, 2 January 2006"); d != day {
			day, one.Day = d, d
		}
		at[m.TS] = len(v.Messages)
		v.Messages = append(v.Messages, one)
	}
	return v
}

// newest are the newest messages of a channel, those for one person among them, oldest first.
func (s *Slack) newest(c *slackChannel) []*Message {
	list := slices.Clone(c.messages[max(0, len(c.messages)-pageNewest):])
	private := 0
	for _, m := range slices.Backward(s.ephemerals) {
		if m.Channel != c.ID {
			continue
		}
		if private++; private > pageNewest {
			break
		}
		list = append(list, m)
	}
	slices.SortStableFunc(list, func(a, b *Message) int { return strings.Compare(a.TS, b.TS) })
	return list[max(0, len(list)-pageNewest):]
}

func (s *Slack) messageView(m *Message, r reader) messageView {
	v := messageView{
		ID: m.TS, Author: "Slack", At: timeOf(m.TS), System: m.System(), Edited: m.EditedTS != "",
		Hue: hue(m.User), Blocks: r.blocks(m.Blocks),
	}
	if u := s.userByID(m.User); u != nil {
		v.Author, v.Bot = u.RealName, u.IsBot
	}
	v.Initial = initial(v.Author)
	if m.To != "" {
		v.OnlyFor = m.To
		if u := s.userByID(m.To); u != nil {
			v.OnlyFor = u.RealName
		}
	}
	if len(v.Blocks) == 0 {
		v.Text = r.mrkdwn(m.Text)
	}
	for _, re := range m.Reactions {
		var who []string
		for _, id := range re.Users {
			if u := s.userByID(id); u != nil {
				who = append(who, u.RealName)
			}
		}
		v.Reactions = append(v.Reactions, reactionView{Emoji: emoji(re.Name), Count: len(re.Users), Who: strings.Join(who, ", ")})
	}
	return v
}

// timeOf reads the time out of a message's ts.
func timeOf(ts string) time.Time {
	seconds, _, _ := strings.Cut(ts, ".")
	n, _ := strconv.ParseInt(seconds, 10, 64)
	return time.Unix(n, 0).UTC()
}

func initial(name string) string {
	first, _ := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(first))
}

// hue is one of six colours, the same for the same person in each run.
func hue(id string) string {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(id))
	return "hue-" + strconv.Itoa(int(sum.Sum32()%6))
}
