package practice

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
)

func (c *slackCall) authTest() (slackAnswer, error) {
	return slackAnswer{
		"url": "https://" + slackDomain + ".slack.com/", "team": "Practice", "team_id": slackTeam,
		"user": BotName, "user_id": BotUser, "bot_id": slackBot, "is_enterprise_install": false,
	}, nil
}

func (c *slackCall) teamInfo() (slackAnswer, error) {
	return slackAnswer{"team": slackAnswer{"id": slackTeam, "name": "Practice", "domain": slackDomain}}, nil
}

func (c *slackCall) botsInfo() (slackAnswer, error) {
	if id := c.args.str("bot"); id != slackBot && id != "" {
		return nil, refuse("bot_not_found", id)
	}
	return slackAnswer{"bot": slackAnswer{
		"id": slackBot, "deleted": false, "name": "Watchbell", "app_id": slackApp, "user_id": BotUser,
	}}, nil
}

func (c *slackCall) usersInfo() (slackAnswer, error) {
	u := c.s.userByID(c.args.str("user"))
	if u == nil {
		return nil, refuse("user_not_found", c.args.str("user"))
	}
	return slackAnswer{"user": c.s.userJSON(u)}, nil
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
			"id": g.ID, "team_id": slackTeam, "is_usergroup": true, "name": g.Name, "handle": g.Handle,
			"user_count": len(g.Users),
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
