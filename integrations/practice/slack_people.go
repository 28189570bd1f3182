package practice

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
)

// apiTest gives back what it was sent, or the error asked for.
func (c *slackCall) apiTest() (slackAnswer, error) {
	given := slackAnswer{}
	for key := range c.args.form {
		given[key] = c.args.str(key)
	}
	for key, value := range c.args.json {
		given[key] = value
	}
	delete(given, "token")
	if code := c.args.str("error"); code != "" {
		return nil, &slackError{code: code, extra: slackAnswer{"args": given}}
	}
	return slackAnswer{"args": given}, nil
}

func (c *slackCall) emojiList() (slackAnswer, error) {
	return slackAnswer{"emoji": slackAnswer{}, "cache_ts": formatTS(c.s.now().UnixMicro())}, nil
}

func (c *slackCall) authTest() (slackAnswer, error) {
	return slackAnswer{
		"url": slackURL, "team": "Practice", "team_id": slackTeam,
		"user": BotName, "user_id": BotUser, "bot_id": slackBot, "is_enterprise_install": false,
	}, nil
}

func (c *slackCall) teamInfo() (slackAnswer, error) {
	return slackAnswer{"team": slackAnswer{
		"id": slackTeam, "name": "Practice", "domain": slackDomain, "url": slackURL, "email_domain": "", "is_verified": false,
		"icon": slackAnswer{"image_default": true, "image_34": slackPicture(34), "image_68": slackPicture(68), "image_132": slackPicture(132)},
	}}, nil
}

func (c *slackCall) botsInfo() (slackAnswer, error) {
	if id := c.args.str("bot"); id != slackBot && id != "" {
		return nil, refuse("bot_not_found", id)
	}
	return slackAnswer{"bot": slackAnswer{
		"id": slackBot, "deleted": false, "name": "Watchbell", "app_id": slackApp, "user_id": BotUser, "updated": slackSince,
		"icons": botIcons(),
	}}, nil
}

func (c *slackCall) usersInfo() (slackAnswer, error) {
	u := c.s.userByID(c.args.str("user"))
	if u == nil {
		return nil, refuse("user_not_found", c.args.str("user"))
	}
	answer := c.s.userJSON(u)
	if c.args.flag("include_locale") {
		answer["locale"] = "en-US"
	}
	return slackAnswer{"user": answer}, nil
}

func (c *slackCall) usersLookupByEmail() (slackAnswer, error) {
	for _, u := range c.s.users {
		if !u.IsBot && strings.EqualFold(u.email(), c.args.str("email")) {
			return slackAnswer{"user": c.s.userJSON(u)}, nil
		}
	}
	return nil, refuse("users_not_found", c.args.str("email"))
}

func (c *slackCall) usersProfileGet() (slackAnswer, error) {
	id := c.args.str("user")
	if id == "" {
		id = BotUser
	}
	u := c.s.userByID(id)
	if u == nil {
		return nil, refuse("user_not_found", id)
	}
	return slackAnswer{"profile": profileJSON(u)}, nil
}

// usersGetPresence: everybody is always there.
func (c *slackCall) usersGetPresence() (slackAnswer, error) {
	if id := c.args.str("user"); id != "" && c.s.userByID(id) == nil {
		return nil, refuse("user_not_found", id)
	}
	return slackAnswer{"presence": "active"}, nil
}

func (c *slackCall) usersList() (slackAnswer, error) {
	page, next, err := paged(c.args, c.s.users, 200)
	if err != nil {
		return nil, err
	}
	list := []slackAnswer{}
	for _, u := range page {
		list = append(list, c.s.userJSON(u))
	}
	return slackAnswer{"members": list, "cache_ts": c.s.now().Unix(), "response_metadata": nextCursor(next)}, nil
}

func (c *slackCall) usergroupsList() (slackAnswer, error) {
	list := []slackAnswer{}
	for _, g := range c.s.groups {
		one := slackAnswer{
			"id": g.ID, "team_id": slackTeam, "is_usergroup": true, "is_subteam": true, "name": g.Name, "handle": g.Handle,
			"description": "", "is_external": false, "date_create": slackSince, "date_update": slackSince, "date_delete": 0,
			"auto_type": nil, "auto_provision": false, "enterprise_subteam_id": "", "created_by": BotUser, "updated_by": BotUser,
			"deleted_by": nil, "prefs": slackAnswer{"channels": []string{}, "groups": []string{}}, "user_count": len(g.Users),
			"channel_count": 0,
		}
		if c.args.flag("include_users") {
			one["users"] = slices.Clone(g.Users)
		}
		list = append(list, one)
	}
	return slackAnswer{"usergroups": list}, nil
}

func (c *slackCall) usergroupsUsersList() (slackAnswer, error) {
	for _, g := range c.s.groups {
		if g.ID == c.args.str("usergroup") {
			return slackAnswer{"users": slices.Clone(g.Users)}, nil
		}
	}
	return nil, refuse("no_such_subteam", c.args.str("usergroup"))
}

// AddUser adds a person, who joins the team channel. Name is the handle, tz an IANA zone such as "Europe/Berlin".
// It returns a copy; somebody of that name who is there already is returned as they are.
func (s *Slack) AddUser(name, realName, tz string) *User {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u, err := s.person(name); err == nil {
		out := *u
		return &out
	}
	u := &User{ID: s.nextID("U"), Name: name, RealName: realName, TZ: tz}
	s.users = append(s.users, u)
	if team := s.channelByName(TeamChannel); team != nil {
		team.Members = append(team.Members, u.ID)
	}
	s.bump()
	out := *u
	return &out
}

// SetStanding makes somebody a guest of the workspace, a person of another organisation, or neither.
func (s *Slack) SetStanding(who string, guest, stranger bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.person(who)
	if err == nil {
		u.Guest, u.Stranger = guest, stranger
		s.bump()
	}
	return err
}

// Deactivate takes a person's account out of service.
func (s *Slack) Deactivate(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.person(name)
	if err == nil {
		u.Deleted = true
	}
	return err
}

// AddUsergroup adds a group of people and returns its id.
func (s *Slack) AddUsergroup(handle string, who ...string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := usergroup{ID: s.nextID("S"), Handle: handle, Name: handle}
	for _, name := range who {
		u, err := s.person(name)
		if err != nil {
			return "", err
		}
		g.Users = append(g.Users, u.ID)
	}
	s.groups = append(s.groups, g)
	s.bump()
	return g.ID, nil
}

// JoinUsergroup puts somebody into a group and tells the bot.
// See https://docs.slack.dev/reference/events/subteam_members_changed.
func (s *Slack) JoinUsergroup(id, who string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.person(who)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(s.groups, func(g usergroup) bool { return g.ID == id })
	if at < 0 {
		return refuse("no_such_subteam", id)
	}
	g := &s.groups[at]
	g.Users = append(g.Users, u.ID)
	s.emit(slackAnswer{
		"type": "subteam_members_changed", "subteam_id": id, "team_id": slackTeam, "added_users": []string{u.ID}, "added_users_count": "1",
		"removed_users": []string{}, "removed_users_count": "0", "event_ts": s.eventTS(),
	})
	s.bump()
	return nil
}

// User is a copy of the person with that name or id, nil when there is none.
func (s *Slack) User(who string) *User {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.person(who)
	if err != nil {
		return nil
	}
	out := *u
	return &out
}

// Users is everybody, the bot first.
func (s *Slack) Users() []User {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []User
	for _, u := range s.users {
		out = append(out, *u)
	}
	return out
}

// paged cuts one page out of a list by "limit" and "cursor".
func paged[T any](args slackArgs, list []T, def int) ([]T, string, error) {
	limit, err := args.limit(def, 1000)
	if err != nil {
		return nil, "", err
	}
	start, err := readCursor(args.str("cursor"))
	if err != nil {
		return nil, "", err
	}
	start = min(start, len(list))
	end := min(start+limit, len(list))
	next := ""
	if end < len(list) {
		next = writeCursor(end)
	}
	return list[start:end], next, nil
}

func writeCursor(n int) string {
	return base64.StdEncoding.EncodeToString([]byte("next:" + strconv.Itoa(n)))
}

func readCursor(cursor string) (int, error) {
	if cursor == "" {
		return 0, nil
	}
	raw, err := base64.StdEncoding.DecodeString(cursor)
	digits, ok := strings.CutPrefix(string(raw), "next:")
	n, convErr := strconv.Atoi(digits)
	if err != nil || !ok || convErr != nil || n < 0 {
		return 0, refuseInvalid("invalid_cursor", "%q", cursor)
	}
	return n, nil
}

func nextCursor(next string) slackAnswer { return slackAnswer{"next_cursor": next} }
