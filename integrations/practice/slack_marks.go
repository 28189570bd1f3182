package practice

import (
	"regexp"
	"slices"
	"strings"
)

var emojiName = regexp.MustCompile(`^[a-z0-9_+'\-]+(::skin-tone-[2-6])?$`)

// target is the message that a call names by channel and timestamp.
func (c *slackCall) target() (*slackChannel, *Message, error) {
	ch, err := c.writable("channel")
	if err != nil {
		return nil, nil, err
	}
	m := ch.message(c.args.str("timestamp"))
	if m == nil {
		return nil, nil, refuse("message_not_found", c.args.str("timestamp"))
	}
	return ch, m, nil
}

func (c *slackCall) reactionsAdd() (slackAnswer, error) {
	ch, m, err := c.target()
	if err != nil {
		return nil, err
	}
	name := strings.Trim(c.args.str("name"), ":")
	if !emojiName.MatchString(name) {
		return nil, refuseInvalid("invalid_name", "%q", name)
	}
	if !c.s.react(ch, m, BotUser, name) {
		return nil, refuse("already_reacted", name)
	}
	return nil, nil
}

func (c *slackCall) reactionsRemove() (slackAnswer, error) {
	ch, m, err := c.target()
	if err != nil {
		return nil, err
	}
	if !c.s.unreact(ch, m, BotUser, strings.Trim(c.args.str("name"), ":")) {
		return nil, refuse("no_reaction", c.args.str("name"))
	}
	return nil, nil
}

func (c *slackCall) reactionsGet() (slackAnswer, error) {
	ch, err := c.joined("channel")
	if err != nil {
		return nil, err
	}
	m := ch.message(c.args.str("timestamp"))
	if m == nil {
		return nil, refuse("message_not_found", c.args.str("timestamp"))
	}
	return slackAnswer{"type": "message", "channel": ch.ID, "message": withLink(ch, m, c.s.storedJSON(ch, m, metadataType))}, nil
}

// reactionsList is what somebody has reacted to, the newest first; the bot itself unless a user is named.
func (c *slackCall) reactionsList() (slackAnswer, error) {
	user := c.args.str("user")
	if user == "" {
		user = BotUser
	}
	items := []slackAnswer{}
	for _, ch := range c.s.channels {
		if !ch.has(BotUser) {
			continue
		}
		for _, m := range slices.Backward(ch.messages) {
			if slices.ContainsFunc(m.Reactions, func(r Reaction) bool { return slices.Contains(r.Users, user) }) {
				items = append(items, slackAnswer{
					"type": "message", "channel": ch.ID, "message": withLink(ch, m, c.s.storedJSON(ch, m, metadataType)),
				})
			}
		}
	}
	page, next, err := paged(c.args, items, 100)
	if err != nil {
		return nil, err
	}
	return slackAnswer{"items": page, "response_metadata": nextCursor(next)}, nil
}

// withLink adds a message's permanent link.
func withLink(ch *slackChannel, m *Message, out slackAnswer) slackAnswer {
	out["permalink"] = permalink(ch, m)
	return out
}

// react adds a reaction and tells the bot; false when it was there.
func (s *Slack) react(ch *slackChannel, m *Message, user, name string) bool {
	i := slices.IndexFunc(m.Reactions, func(r Reaction) bool { return r.Name == name })
	if i < 0 {
		m.Reactions = append(m.Reactions, Reaction{Name: name})
		i = len(m.Reactions) - 1
	}
	if slices.Contains(m.Reactions[i].Users, user) {
		return false
	}
	m.Reactions[i].Users = append(m.Reactions[i].Users, user)
	s.emitReaction("reaction_added", ch, m, user, name)
	s.bump()
	return true
}

func (s *Slack) unreact(ch *slackChannel, m *Message, user, name string) bool {
	i := slices.IndexFunc(m.Reactions, func(r Reaction) bool { return r.Name == name })
	if i < 0 || !slices.Contains(m.Reactions[i].Users, user) {
		return false
	}
	r := &m.Reactions[i]
	r.Users = slices.DeleteFunc(slices.Clone(r.Users), func(id string) bool { return id == user })
	if len(r.Users) == 0 {
		m.Reactions = slices.Delete(slices.Clone(m.Reactions), i, i+1)
	}
	s.emitReaction("reaction_removed", ch, m, user, name)
	s.bump()
	return true
}

func (c *slackCall) pinsAdd() (slackAnswer, error) {
	ch, m, err := c.target()
	if err != nil {
		return nil, err
	}
	if len(ch.pins) >= 100 {
		return nil, refuse("too_many_pins", ch.Name)
	}
	if !c.s.pin(ch, m, BotUser) {
		return nil, refuse("already_pinned", m.TS)
	}
	return nil, nil
}

func (c *slackCall) pinsRemove() (slackAnswer, error) {
	ch, m, err := c.target()
	if err != nil {
		return nil, err
	}
	if !c.s.unpin(ch, m, BotUser) {
		return nil, refuse("no_pin", m.TS)
	}
	return nil, nil
}

func (c *slackCall) pinsList() (slackAnswer, error) {
	ch, err := c.joined("channel")
	if err != nil {
		return nil, err
	}
	items := []slackAnswer{}
	for _, p := range slices.Backward(ch.pins) {
		if m := ch.message(p.ts); m != nil {
			items = append(items, slackAnswer{
				"type": "message", "channel": ch.ID, "created": p.created.Unix(), "created_by": p.by,
				"message": withLink(ch, m, c.s.storedJSON(ch, m, metadataType)),
			})
		}
	}
	return slackAnswer{"items": items}, nil
}

func (s *Slack) pin(ch *slackChannel, m *Message, user string) bool {
	if slices.ContainsFunc(ch.pins, func(p slackPin) bool { return p.ts == m.TS }) {
		return false
	}
	p := slackPin{ts: m.TS, by: user, created: s.now()}
	ch.pins = append(ch.pins, p)
	s.emitPin("pin_added", ch, m, p, user)
	s.bump()
	return true
}

func (s *Slack) unpin(ch *slackChannel, m *Message, user string) bool {
	i := slices.IndexFunc(ch.pins, func(p slackPin) bool { return p.ts == m.TS })
	if i < 0 {
		return false
	}
	p := ch.pins[i]
	ch.pins = slices.Delete(ch.pins, i, i+1)
	s.emitPin("pin_removed", ch, m, p, user)
	s.bump()
	return true
}

func checkBookmark(title, link, emoji string) error {
	switch {
	case title == "":
		return refuseInvalid("invalid_bookmark_title", "the title is empty")
	case !strings.HasPrefix(link, "http://") && !strings.HasPrefix(link, "https://"):
		return refuseInvalid("invalid_link", "%q", link)
	case emoji != "" && !emojiName.MatchString(strings.Trim(emoji, ":")):
		return refuseInvalid("invalid_emoji", "%q", emoji)
	}
	return nil
}

// bookmarksAdd adds a link; as with Slack a second call adds a second one.
func (c *slackCall) bookmarksAdd() (slackAnswer, error) {
	ch, err := c.writable("channel_id")
	if err != nil {
		return nil, err
	}
	if kind := c.args.str("type"); kind != "link" {
		return nil, refuseInvalid("invalid_bookmark_type", "%q", kind)
	}
	b := Bookmark{
		Title: c.args.str("title"), Link: c.args.str("link"), Emoji: c.args.str("emoji"),
		Created: c.s.now(), Updated: c.s.now(),
	}
	if err := checkBookmark(b.Title, b.Link, b.Emoji); err != nil {
		return nil, err
	}
	if len(ch.bookmarks) >= 100 {
		return nil, refuse("too_many_bookmarks", ch.Name)
	}
	b.ID = c.s.nextID("Bk")
	ch.bookmarks = append(ch.bookmarks, b)
	return slackAnswer{"bookmark": bookmarkJSON(ch, b)}, nil
}

func (c *slackCall) bookmark() (*slackChannel, int, error) {
	ch, err := c.writable("channel_id")
	if err != nil {
		return nil, 0, err
	}
	id := c.args.str("bookmark_id")
	i := slices.IndexFunc(ch.bookmarks, func(b Bookmark) bool { return b.ID == id })
	if i < 0 {
		return nil, 0, refuse("not_found", id)
	}
	return ch, i, nil
}

func (c *slackCall) bookmarksEdit() (slackAnswer, error) {
	ch, i, err := c.bookmark()
	if err != nil {
		return nil, err
	}
	b := ch.bookmarks[i]
	for key, field := range map[string]*string{"title": &b.Title, "link": &b.Link, "emoji": &b.Emoji} {
		if c.args.has(key) {
			*field = c.args.str(key)
		}
	}
	if err := checkBookmark(b.Title, b.Link, b.Emoji); err != nil {
		return nil, err
	}
	b.Updated = c.s.now()
	ch.bookmarks[i] = b
	return slackAnswer{"bookmark": bookmarkJSON(ch, b)}, nil
}

func (c *slackCall) bookmarksRemove() (slackAnswer, error) {
	ch, i, err := c.bookmark()
	if err != nil {
		return nil, err
	}
	ch.bookmarks = slices.Delete(ch.bookmarks, i, i+1)
	return nil, nil
}

func (c *slackCall) bookmarksList() (slackAnswer, error) {
	ch, err := c.joined("channel_id")
	if err != nil {
		return nil, err
	}
	list := []slackAnswer{}
	for _, b := range ch.bookmarks {
		list = append(list, bookmarkJSON(ch, b))
	}
	return slackAnswer{"bookmarks": list}, nil
}

func bookmarkJSON(ch *slackChannel, b Bookmark) slackAnswer {
	return slackAnswer{
		"id": b.ID, "channel_id": ch.ID, "title": b.Title, "link": b.Link, "emoji": b.Emoji, "type": "link",
		"date_created": b.Created.Unix(), "date_updated": b.Updated.Unix(), "app_id": slackApp, "rank": "i",
	}
}
