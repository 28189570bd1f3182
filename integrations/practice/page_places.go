package practice

import (
	"net/url"
	"slices"
	"strings"
	"time"
)

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
