package slackio

import (
	"context"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"watchbell/incidents"
)

// known is what Slack said of a person.
type known struct {
	loc      *time.Location     // nil: nobody has said
	standing incidents.Standing // empty: nobody has said
}

const (
	personTimeout = 1500 * time.Millisecond // of the three seconds that a command has
	personLasts   = time.Hour
	// personRetry is how long somebody who could not be found out about is not asked for again, so that an outage of
	// Slack's API does not slow every command down.
	personRetry = time.Minute
	manyPeople  = 10_000
)

// person returns what is known of somebody (a Slack user id): by now, or from before when Slack does not answer quickly.
func (c *Client) person(ctx context.Context, user string) known {
	now := c.now()
	p, _, good := c.people.get(user, now)
	if good {
		return p
	}
	ctx, cancel := context.WithTimeout(ctx, personTimeout)
	defer cancel()
	err := c.call(ctx, methodUsersInfo, "", func(ctx context.Context) error {
		u, err := c.api.GetUserInfoContext(ctx, user)
		if err != nil {
			return err
		}
		loc, err := time.LoadLocation(u.TZ)
		if err != nil {
			loc = time.FixedZone(u.TZLabel, u.TZOffset)
		}
		p.loc, p.standing = loc, c.standing(u)
		return nil
	})
	until := now.Add(personLasts)
	if err != nil {
		until = now.Add(personRetry)
		c.log.Warn("Slack does not tell about a person; what was known before counts, if anything was", "user", user, "error", err)
	}
	c.people.put(user, p, until, manyPeople)
	return p
}

// standing reads what somebody is to our workspace. See https://docs.slack.dev/reference/objects/user-object.
func (c *Client) standing(u *slack.User) incidents.Standing {
	self, known := c.Identity()
	ours := !known || u.TeamID == "" || u.TeamID == self.Team ||
		self.Enterprise != "" && u.Enterprise.EnterpriseID == self.Enterprise
	switch {
	case u.IsStranger || !ours:
		return incidents.Stranger
	case u.IsRestricted || u.IsUltraRestricted:
		return incidents.Guest
	}
	return incidents.Member
}

// Zone returns the time zone that a person (a Slack user id) has set, nil when it cannot be found out quickly.
func (c *Client) Zone(ctx context.Context, user string) *time.Location {
	return c.person(ctx, user).loc
}

// Person says what somebody (a Slack user id) is to our workspace, and in which of the user groups. It comes back quickly,
// whether Slack answers or not.
func (c *Client) Person(ctx context.Context, user string, groups []string) incidents.Person {
	p := incidents.Person{Standing: c.person(ctx, user).standing}
	if len(groups) == 0 {
		return p
	}
	ctx, cancel := context.WithTimeout(ctx, personTimeout/3)
	defer cancel()
	for _, id := range groups {
		members, err := c.knownMembers(ctx, id)
		if err != nil {
			p.Unsure = true
			c.log.Warn("Slack does not say who is in a user group that rights name", "group", id, "error", err)
		}
		if slices.Contains(members, user) {
			p.Groups = append(p.Groups, id)
		}
	}
	return p
}

// groupLasts is how long a user group counts as it was.
const groupLasts = 5 * time.Minute

// knownMembers returns who is in a user group. While Slack does not answer that is who was in it; the error says that
// nobody knows.
func (c *Client) knownMembers(ctx context.Context, id string) ([]string, error) {
	now := c.now()
	were, there, good := c.groups.get(id, now)
	if good {
		return were, nil
	}
	members, err := c.Members(ctx, id)
	switch {
	case err == nil:
		c.groups.put(id, members, now.Add(groupLasts), 0)
		return members, nil
	case there:
		c.groups.put(id, were, now.Add(personRetry), 0)
		return were, nil
	}
	return nil, err
}
