package practice

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// channel is the conversation that an argument names by id. A private one without the bot does not exist for it.
func (c *slackCall) channel(key string) (*slackChannel, error) {
	id := c.args.str(key)
	ch := c.s.channelByID(id)
	if ch == nil || (ch.kind() != "channel" && !ch.has(BotUser)) {
		return nil, refuse("channel_not_found", id)
	}
	return ch, nil
}

// joined is a channel in which the bot is.
func (c *slackCall) joined(key string) (*slackChannel, error) {
	ch, err := c.channel(key)
	if err != nil {
		return nil, err
	}
	if !ch.has(BotUser) {
		return nil, refuse("not_in_channel", ch.Name)
	}
	return ch, nil
}

// writable is a channel in which the bot is and which is not archived.
func (c *slackCall) writable(key string) (*slackChannel, error) {
	ch, err := c.joined(key)
	if err != nil {
		return nil, err
	}
	if ch.Archived {
		return nil, refuse("is_archived", ch.Name)
	}
	return ch, nil
}

// checkChannelName holds the rules for names: lower-case letters, digits, "-" and "_", at most 80 characters.
func (c *slackCall) checkChannelName(name string) error {
	if strings.TrimSpace(name) == "" {
		return refuseInvalid("invalid_name_required", "the name is empty")
	}
	if n := utf8.RuneCountInString(name); n > 80 {
		return refuseInvalid("invalid_name_maxlength", "%d characters, at most 80", n)
	}
	letters := false
	for _, r := range name {
		switch {
		case r == '-' || r == '_':
		case unicode.IsDigit(r) || (unicode.IsLetter(r) && !unicode.IsUpper(r)):
			letters = true
		default:
			return refuseInvalid("invalid_name_specials", "%q in %q", r, name)
		}
	}
	if !letters {
		return refuseInvalid("invalid_name_punctuation", "%q", name)
	}
	if c.s.channelByName(name) != nil {
		return refuse("name_taken", name)
	}
	return nil
}

func (c *slackCall) conversationsCreate() (slackAnswer, error) {
	name := c.args.str("name")
	if err := c.checkChannelName(name); err != nil {
		return nil, err
	}
	ch := c.s.addChannel(name, c.args.flag("is_private"), BotUser)
	c.s.join(ch, BotUser, "")
	return slackAnswer{"channel": c.s.channelJSON(ch)}, nil
}

func (c *slackCall) conversationsInfo() (slackAnswer, error) {
	ch, err := c.channel("channel")
	if err != nil {
		return nil, err
	}
	return slackAnswer{"channel": c.s.channelJSON(ch)}, nil
}

func (c *slackCall) conversationsList() (slackAnswer, error) {
	return c.listChannels(func(ch *slackChannel) bool { return ch.kind() == "channel" || ch.has(BotUser) })
}

func (c *slackCall) usersConversations() (slackAnswer, error) {
	user := c.args.str("user")
	if user == "" {
		user = BotUser
	}
	if c.s.userByID(user) == nil {
		return nil, refuse("user_not_found", user)
	}
	return c.listChannels(func(ch *slackChannel) bool {
		return ch.has(user) && (ch.kind() == "channel" || ch.has(BotUser))
	})
}

func (c *slackCall) listChannels(visible func(*slackChannel) bool) (slackAnswer, error) {
	names := map[string]string{"public_channel": "channel", "private_channel": "group", "mpim": "mpim", "im": "im"}
	kinds := []string{"channel"}
	if types := c.args.str("types"); types != "" {
		kinds = nil
		for _, t := range strings.Split(types, ",") {
			kind, ok := names[strings.TrimSpace(t)]
			if !ok {
				return nil, refuseInvalid("invalid_types", "%q", t)
			}
			kinds = append(kinds, kind)
		}
	}
	var found []*slackChannel
	for _, ch := range c.s.channels {
		if slices.Contains(kinds, ch.kind()) && visible(ch) && !(ch.Archived && c.args.flag("exclude_archived")) {
			found = append(found, ch)
		}
	}
	page, next, err := paged(c.args, found, 100)
	if err != nil {
		return nil, err
	}
	list := []slackAnswer{}
	for _, ch := range page {
		list = append(list, c.s.channelJSON(ch))
	}
	return slackAnswer{"channels": list, "response_metadata": nextCursor(next)}, nil
}

func (c *slackCall) conversationsMembers() (slackAnswer, error) {
	ch, err := c.channel("channel")
	if err != nil {
		return nil, err
	}
	page, next, err := paged(c.args, ch.Members, 100)
	if err != nil {
		return nil, err
	}
	return slackAnswer{"members": append([]string{}, page...), "response_metadata": nextCursor(next)}, nil
}

// conversationsInvite invites up to 100 people. One who cannot be invited stops all, unless "force" is set: then the
// others are invited and the failures are listed.
func (c *slackCall) conversationsInvite() (slackAnswer, error) {
	ch, err := c.writable("channel")
	if err != nil {
		return nil, err
	}
	users := strings.Split(c.args.str("users"), ",")
	if len(users) > 100 {
		return nil, refuseInvalid("too_many_users", "%d users, at most 100", len(users))
	}
	var good []string
	var errs []slackAnswer
	first := ""
	for _, id := range users {
		id = strings.TrimSpace(id)
		var code string
		switch {
		case id == BotUser:
			code = "cant_invite_self"
		case c.s.userByID(id) == nil:
			code = "user_not_found"
		case ch.has(id):
			code = "already_in_channel"
		default:
			good = append(good, id)
			continue
		}
		errs = append(errs, slackAnswer{"ok": false, "error": code, "user": id})
		if first == "" {
			first = code
		}
	}
	if len(errs) > 0 && (!c.args.flag("force") || len(good) == 0) {
		return nil, &slackError{code: first, extra: slackAnswer{"errors": errs}}
	}
	for _, id := range good {
		c.s.join(ch, id, BotUser)
	}
	answer := slackAnswer{"channel": c.s.channelJSON(ch)}
	if len(errs) > 0 {
		answer["errors"] = errs
	}
	return answer, nil
}

func (c *slackCall) conversationsJoin() (slackAnswer, error) {
	ch, err := c.channel("channel")
	if err != nil {
		return nil, err
	}
	if ch.kind() != "channel" {
		return nil, refuse("method_not_supported_for_channel_type", ch.ID)
	}
	if ch.Archived {
		return nil, refuse("is_archived", ch.Name)
	}
	if ch.has(BotUser) {
		return slackAnswer{"channel": c.s.channelJSON(ch), "warning": "already_in_channel",
			"response_metadata": slackAnswer{"warnings": []string{"already_in_channel"}}}, nil
	}
	c.s.join(ch, BotUser, "")
	return slackAnswer{"channel": c.s.channelJSON(ch)}, nil
}

func (c *slackCall) conversationsLeave() (slackAnswer, error) {
	ch, err := c.channel("channel")
	if err != nil {
		return nil, err
	}
	if !ch.has(BotUser) {
		return slackAnswer{"ok": false, "not_in_channel": true}, nil
	}
	c.s.leave(ch, BotUser)
	return nil, nil
}

// conversationsOpen opens the direct conversation with one person, or one among up to eight.
func (c *slackCall) conversationsOpen() (slackAnswer, error) {
	if c.args.str("channel") != "" {
		ch, err := c.channel("channel")
		if err != nil {
			return nil, err
		}
		return slackAnswer{"channel": slackAnswer{"id": ch.ID}, "no_op": true, "already_open": true}, nil
	}
	users := strings.Split(c.args.str("users"), ",")
	if c.args.str("users") == "" {
		return nil, refuseInvalid("users_list_not_supplied", "neither users nor channel")
	}
	if len(users) > 8 {
		return nil, refuseInvalid("too_many_users", "%d users, at most 8", len(users))
	}
	for _, id := range users {
		if c.s.userByID(id) == nil {
			return nil, refuse("user_not_found", id)
		}
	}
	var ch *slackChannel
	before := len(c.s.channels)
	if len(users) == 1 {
		ch = c.s.directWith(users[0])
	} else {
		ch = c.s.directAmong(users)
	}
	answer := slackAnswer{"channel": slackAnswer{"id": ch.ID}}
	if c.args.flag("return_im") {
		answer["channel"] = c.s.channelJSON(ch)
	}
	if len(c.s.channels) == before {
		answer["no_op"], answer["already_open"] = true, true
	}
	return answer, nil
}

func (s *Slack) directAmong(users []string) *slackChannel {
	members := append([]string{BotUser}, users...)
	slices.Sort(members)
	for _, c := range s.channels {
		if c.IsMpim && slices.Equal(c.Members, members) {
			return c
		}
	}
	c := s.addChannel("mpdm-"+strings.ToLower(strings.Join(members, "--")), true, BotUser, members...)
	c.IsMpim = true
	return c
}
