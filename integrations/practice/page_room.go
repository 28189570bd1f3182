package practice

import (
	"hash/fnv"
	"html/template"
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
	Canvas    template.HTML // empty when there is none
	Pinned    []messageView
	Messages  []messageView
	Earlier   int  // messages that are not shown
	Tabs      bool // it is the person's conversation with the bot, which has a Home tab
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
	Files                    []fileView
	Reactions                []reactionView
	Replies                  []messageView
}

// fileView is a file on a message. Of a picture URL is where the page has it.
type fileView struct{ Name, URL, Alt string }

type reactionView struct {
	Name  string
	Emoji stretch
	Count int
	Who   string
	Mine  bool
}

func (s *Slack) roomView(c *slackChannel, r reader) roomView {
	v := roomView{placeView: s.placeView(c, r.me), Topic: r.topic(c.Topic), Members: len(c.Members)}
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
	v.Canvas = localized(s.drawCanvas(c), r.local)
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
	switch {
	case m.Subtype == "channel_topic" || m.Subtype == "channel_purpose":
		v.Text = r.topic(m.Text)
	case len(v.Blocks) == 0:
		v.Text = r.mrkdwn(m.Text)
	}
	for _, f := range m.Files {
		file := fileView{Name: f.Name, Alt: f.Alt}
		if shownTypes[f.Type] && len(f.Data) > 0 {
			file.URL = "/practice/page/picture/" + f.ID
		}
		v.Files = append(v.Files, file)
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
