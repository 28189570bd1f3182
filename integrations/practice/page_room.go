package practice

import (
	"hash/fnv"
	"net/url"
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
	// ID is what a deed calls it. Last is the ts of the newest thing that somebody else has said there.
	ID, Name, Link, Sign, Last string
	Current, Archived, IM      bool
}

// personView is somebody in the workspace, with the time that they see on their wall.
type personView struct {
	ID, Name, RealName, Zone, City, Clock, Initial, Hue, Link string
	Me                                                        bool
}

// roomView is the channel that is being looked at.
type roomView struct {
	placeView
	Topic     []stretch
	Members   int
	Bookmarks []stretch
	Pinned    []messageView
	Messages  []messageView
	Earlier   int // messages that are not shown
	// Member: the person is in it; Writes: they can say something; CanJoin: they could come in.
	Member, Writes, CanJoin bool
}

// messageView is one message. Replies stand below the message that began the thread.
type messageView struct {
	ID, Author, Initial, Hue string
	Bot                      bool
	At                       time.Time
	Day                      string // set when the message begins a new day
	System                   bool
	Mine                     bool
	OnlyFor                  string // the one person who sees it
	Source                   string // what the person typed, where they may edit it
	Reply, Pinned, Edited    bool
	Copy                     bool // stands at the top as well: it can be read and pressed, but has no menu
	Writes                   bool
	Text                     []stretch
	Blocks                   []blockView
	Reactions                []reactionView
	Replies                  []messageView
}

type reactionView struct {
	Name  string
	Emoji stretch
	Count int
	Who   string
	Mine  bool
}

// viewer is who looks: the person asked for, else the first who is there. The workspace is locked here and below.
func (s *Slack) viewer(as string) *User {
	if u, err := s.person(as); err == nil && !u.IsBot {
		return u
	}
	for _, u := range s.users {
		if !u.IsBot {
			return u
		}
	}
	return nil
}

// sees reports whether a channel exists for a person: a public one always, others for their members.
func (s *Slack) sees(me *User, c *slackChannel) bool {
	return c.kind() == "channel" || (me != nil && c.has(me.ID))
}

// places lists the channels and conversations that the person sees, the archived ones last.
func (v *lookView) places(r reader, current *slackChannel, keepPerson bool) {
	talks := false
	for _, c := range r.s.channels {
		if !r.s.sees(r.me, c) {
			continue
		}
		one := r.s.placeView(c, r.me)
		one.Current, one.Last = c == current, r.s.lastHeard(c, r.me)
		if keepPerson {
			one.Link += "&as=" + url.QueryEscape(r.me.Name)
		}
		switch {
		case c.IsIM:
			talks = true
			v.Direct = append(v.Direct, one)
		case r.me != nil && c.has(r.me.ID):
			v.Joined = append(v.Joined, one)
		default:
			v.Others = append(v.Others, one)
		}
	}
	if r.me != nil && !talks {
		one := r.s.placeView(r.s.untalked(r.me), r.me)
		one.Current = current.ID == ""
		v.Direct = append(v.Direct, one)
	}
	archivedLast := func(a, b placeView) int {
		switch {
		case a.Archived == b.Archived:
			return 0
		case a.Archived:
			return 1
		}
		return -1
	}
	slices.SortStableFunc(v.Joined, archivedLast)
	slices.SortStableFunc(v.Others, archivedLast)
}

// lastHeard is the ts of the newest message of somebody else, "" when there is none. What Slack itself tells does not count.
func (s *Slack) lastHeard(c *slackChannel, me *User) string {
	if me == nil {
		return ""
	}
	last := ""
	for _, m := range slices.Backward(c.messages) {
		if m.User != me.ID && !m.System() {
			last = m.TS
			break
		}
	}
	for _, m := range slices.Backward(s.ephemerals) {
		if m.Channel == c.ID && m.To == me.ID {
			return max(last, m.TS)
		}
	}
	return last
}

// untalked is the conversation with the bot before anything was said in it: looking does not begin it.
func (s *Slack) untalked(me *User) *slackChannel {
	return &slackChannel{Channel: Channel{IsIM: true, Members: []string{BotUser, me.ID}}}
}

func (s *Slack) placeView(c *slackChannel, me *User) placeView {
	v := placeView{ID: c.ID, Name: c.Name, Link: channelLink(c), Sign: "#", Archived: c.Archived, IM: c.IsIM}
	switch {
	case c.IsIM && c.ID == "":
		v.ID, v.Name, v.Sign, v.Link = "@"+BotName, "Watchbell", "", "/?channel=%40"+BotName
	case c.IsIM && me != nil && c.has(me.ID):
		v.Name, v.Sign = "Watchbell", ""
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

// room finds the channel that is asked for by name or id among those that the person sees; without one, the newest that
// the bot opened, or the team's.
func (s *Slack) room(me *User, where string) (c *slackChannel, found bool) {
	if me != nil && where == "@"+BotName {
		for _, c := range s.channels {
			if c.IsIM && c.has(me.ID) {
				return c, true
			}
		}
		return s.untalked(me), true
	}
	if where != "" {
		if c = s.channelByName(where); c == nil {
			c = s.channelByID(where)
		}
		if c != nil && s.sees(me, c) {
			return c, true
		}
	}
	c = s.channelByName(TeamChannel)
	for _, other := range s.channels {
		if other.Creator == BotUser && other.Name != TeamChannel && !other.Archived && s.sees(me, other) {
			c = other
		}
	}
	return c, where == ""
}

func (s *Slack) people(now time.Time, me *User, room *slackChannel) []personView {
	var out []personView
	for _, u := range s.users {
		if u.IsBot {
			continue
		}
		city := strings.ReplaceAll(u.TZ[strings.LastIndexByte(u.TZ, '/')+1:], "_", " ")
		v := personView{
			ID: u.ID, Name: u.Name, RealName: u.RealName, Zone: u.TZ, City: city, Initial: initial(u.RealName), Hue: hue(u.ID),
			Me: u == me, Link: "/?as=" + url.QueryEscape(u.Name),
		}
		if room.Name != "" {
			v.Link += "&channel=" + url.QueryEscape(room.Name)
		}
		if zone, err := time.LoadLocation(u.TZ); err == nil {
			v.Clock = now.In(zone).Format("15:04")
		}
		out = append(out, v)
	}
	return out
}

func (s *Slack) roomView(c *slackChannel, r reader) roomView {
	v := roomView{placeView: s.placeView(c, r.me), Topic: r.mrkdwn(c.Topic), Members: len(c.Members)}
	v.Member = r.me != nil && c.has(r.me.ID)
	v.Writes = v.Member && !c.Archived
	v.CanJoin = r.me != nil && !v.Member && !c.Archived && c.kind() == "channel"
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
			r.scope = "pin-" + m.TS
			top := s.messageView(m, r)
			top.Copy, top.Writes = true, v.Writes
			v.Pinned = append(v.Pinned, top)
		}
	}
	list := s.newest(c, r)
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
		r.scope = m.TS
		one := s.messageView(m, r)
		one.Pinned, one.Writes = pinned[m.TS], v.Writes
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

// newest are the newest messages of a channel, those for the person alone among them, oldest first.
func (s *Slack) newest(c *slackChannel, r reader) []*Message {
	list := slices.Clone(c.messages[max(0, len(c.messages)-pageNewest):])
	private := 0
	for _, m := range slices.Backward(s.ephemerals) {
		if m.Channel != c.ID || r.me == nil || m.To != r.me.ID || r.away[c.ID+" "+m.TS] {
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
		v.OnlyFor = "you"
	}
	if r.me != nil && m.User == r.me.ID && !v.System {
		v.Mine, v.Source = true, s.mrkdwn(m.Text)
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
		v.Reactions = append(v.Reactions, reactionView{
			Name: re.Name, Emoji: emoji(re.Name), Count: len(re.Users), Who: strings.Join(who, ", "),
			Mine: r.me != nil && slices.Contains(re.Users, r.me.ID),
		})
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
