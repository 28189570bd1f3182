package slackio

import (
	"context"

	"watchbell/incidents"
)

// quiet looks when anything was last heard of those who have roles, and whether they are in Slack at all. That is looked at
// when it may matter, and not with every message.
func (o *Outgoing) quiet(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) (incidents.Outcome, error) {
	out := incidents.DeliveredAs(incidents.Receipt{})
	if len(s.Watched(incidents.Role(d.Subject))) == 0 {
		return out, nil
	}
	heard, err := o.heard(ctx, s)
	if err != nil {
		return incidents.Outcome{}, err
	}
	has := map[string]bool{}
	for _, rule := range s.Protocol.RoleRules() {
		for _, user := range s.Holders[rule.Role] {
			if _, outside := incidents.OutsiderName(user); outside || has[user] {
				continue
			}
			has[user] = true
			sign := incidents.Sign{User: user, At: s.LastDid(user), Gone: o.c.gone(ctx, user)}
			if at := heard[user]; at.After(sign.At) {
				sign.At = at
			}
			out.Signs = append(out.Signs, sign)
		}
	}
	for user, at := range heard {
		if !has[user] && at.After(out.Heard) {
			out.Heard = at
		}
	}
	return out, nil
}

// gone reports whether somebody is in Slack no more. Where Slack does not say, they are. See
// https://docs.slack.dev/reference/objects/user-object.
func (c *Client) gone(ctx context.Context, user string) (gone bool) {
	err := c.call(ctx, methodUsersInfo, "", func(ctx context.Context) error {
		found, err := c.api.GetUserInfoContext(ctx, user)
		gone = err == nil && found != nil && found.Deleted
		return err
	})
	if err != nil {
		c.log.Warn("Slack does not say whether somebody is still there", "user", user, "error", err)
	}
	return gone
}

// takeOver asks somebody to take a role of which nothing is heard any more; nobody when that is settled.
func (o *Outgoing) takeOver(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) (incidents.Outcome, error) {
	silence, who, asked := s.TakeOver(d)
	if !asked {
		return incidents.DeliveredAs(incidents.Receipt{}), nil
	}
	return o.tell(ctx, d, incidents.Notice{Key: d.Key, Channel: s.Channel.ID, User: who}, fit(o.o.Render.TakeOver(s.Incident, silence)))
}
