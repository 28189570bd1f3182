package slackio

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/slack-go/slack"

	"watchbell/bot/chat"
	"watchbell/incidents"
)

// announcement keeps the team channel's message about an incident up to date.
func (o *Outgoing) announcement(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) (incidents.Outcome, error) {
	if o.o.TeamChannel == "" || s.Private {
		return incidents.DeliveredAs(d.Receipt), nil
	}
	m := fit(o.o.Render.Announcement(s))
	if _, posted := placeOf(d.Receipt.ID); posted {
		return o.show(ctx, d, s, "", m)
	}
	channel, err := o.channelNamed(ctx, o.o.TeamChannel)
	if err != nil {
		return incidents.Outcome{}, err
	}
	out, err := o.show(ctx, d, s, channel, m)
	if isCode(err, "channel_not_found") {
		o.forget(o.o.TeamChannel)
	}
	return out, err
}

// summary keeps the card in the incident's channel up to date.
func (o *Outgoing) summary(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) (incidents.Outcome, error) {
	had := d.Receipt.ID
	out, err := o.show(ctx, d, s, s.Channel.ID, fit(o.o.Render.Summary(s)))
	if at, ok := placeOf(out.Receipt.ID); err == nil && ok && had != "" && out.Receipt.ID != had {
		// Somebody deleted the card and it was posted anew: the pin went with the old one.
		if err := o.addPin(ctx, at); err != nil {
			o.log.Warn("the new card is not pinned", "delivery", d.Key, "error", err)
		}
	}
	out.Canvas = o.wantsCanvas(s)
	return out, err
}

// stale tells the lead, once for each reason, that Slack refuses the card for good. That a channel is out of reach they are
// told when it happens.
func (o *Outgoing) stale(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) (incidents.Outcome, error) {
	told, lead, why := incidents.DeliveredAs(d.Receipt), s.Holder(incidents.Lead), ""
	for _, card := range s.Deliveries {
		if card.Kind == incidents.KindSummary && card.State == incidents.Failed {
			why = card.LastError
		}
	}
	switch why {
	case "", d.Receipt.Note, sentences["not_in_channel"], sentences["channel_not_found"], sentences["is_archived"]:
		return told, nil
	}
	if _, outside := incidents.OutsiderName(lead); outside || lead == "" {
		return told, nil
	}
	out, err := o.tellDirectly(ctx, d, incidents.Notice{Key: d.Key, User: lead}, fit(o.o.Render.Stale(s, why)))
	out.Receipt.Note = why
	return out, err
}

// line says what somebody in a drill's story says, unless the drill is over.
func (o *Outgoing) line(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) (incidents.Outcome, error) {
	said, err := d.Line()
	if err != nil {
		return incidents.Failing(incidents.Impossible, "The line cannot be read.", err), nil
	}
	if !s.Status.Open() {
		return incidents.DeliveredAs(d.Receipt), nil
	}
	return o.show(ctx, d, s, s.Channel.ID, fit(o.o.Render.Line(said)))
}

// catchUp tells the channel once what was written outside while Slack was away. Each gap has its own message, with a key
// of its own.
func (o *Outgoing) catchUp(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) (incidents.Outcome, error) {
	entries, key := s.CatchUp(d, o.c.now())
	if len(entries) == 0 {
		return incidents.DeliveredAs(s.CaughtUp(s.Channel.ID)), nil
	}
	m := fit(o.o.Render.CatchUp(s.Incident, entries))
	gap := incidents.Delivery{Key: key}
	if d.Tried > 1 {
		found, err := o.look(ctx, s.Channel.ID, "", gap, s)
		if err != nil {
			return incidents.Outcome{}, err
		}
		if found.ts != "" {
			return incidents.DeliveredAs(s.CaughtUp(found.String())), o.update(ctx, found, m)
		}
	}
	at, err := o.post(ctx, s.Channel.ID, "", key, m)
	if err != nil {
		return incidents.Outcome{}, err
	}
	return incidents.DeliveredAs(s.CaughtUp(at.String())), nil
}

// show posts a message that is edited in place from then on. Its receipt holds the message's place and a digest of what
// it says, so that an edit without a difference costs no call.
func (o *Outgoing) show(
	ctx context.Context, d incidents.Delivery, s incidents.Snapshot, channel string, m fitted,
) (incidents.Outcome, error) {
	says := digest(m)
	at, posted := placeOf(d.Receipt.ID)
	if posted {
		if d.Stands() && d.Receipt.Note == says {
			return incidents.DeliveredAs(d.Receipt), nil
		}
		err := o.update(ctx, at, m)
		if err == nil {
			return incidents.DeliveredAs(incidents.Receipt{ID: d.Receipt.ID, URL: d.Receipt.URL, Note: says}), nil
		}
		switch {
		case isCode(err, "message_not_found"): // deleted by somebody: it is posted anew
		case isCode(err, "edit_window_closed", "cant_update_message"):
			// Too old to be edited here, or of an app that this one took the place of. What stays must not mislead.
			if err := o.remove(ctx, at); err != nil {
				o.log.Warn("what cannot be edited any more cannot be deleted either; it goes on showing what was", "message", at.String(), "error", err)
			}
		default:
			return incidents.Outcome{}, err
		}
		channel = at.channel
	}
	if d.MustLook() || posted {
		found, err := o.look(ctx, channel, "", d, s)
		if err != nil {
			return incidents.Outcome{}, err
		}
		if found.ts != "" && found != at {
			if err := o.update(ctx, found, m); err != nil {
				return incidents.Outcome{}, err
			}
			return incidents.DeliveredAs(incidents.Receipt{ID: found.String(), Note: says}), nil
		}
	}
	at, err := o.post(ctx, channel, "", d.Key, m)
	if err != nil {
		return incidents.Outcome{}, err
	}
	return incidents.DeliveredAs(incidents.Receipt{ID: at.String(), Note: says}), nil
}

func digest(m fitted) string {
	sum := sha256.Sum256(encode(m))
	return hex.EncodeToString(sum[:12])
}

// history is what we read of conversations.history and conversations.replies.
type history struct {
	OK       bool      `json:"ok"`
	Code     string    `json:"error"`
	Needed   string    `json:"needed"`
	Messages []message `json:"messages"`
	HasMore  bool      `json:"has_more"`
	// Limited says that the workspace's plan hides older messages.
	Limited  bool `json:"is_limited"`
	Metadata struct {
		Next string `json:"next_cursor"`
	} `json:"response_metadata"`
}

func (h *history) trouble() error {
	if h.OK {
		return nil
	}
	if h.Code == "" {
		return fmt.Errorf("the answer says neither ok nor why not")
	}
	return slack.SlackErrorResponse{Err: h.Code, Needed: h.Needed}
}

// lookPages bounds the search for a message of ours. The search begins with the newest.
const lookPages = 3

// look searches a channel, or a thread, for the message that an earlier attempt posted. The place is zero when there is
// none.
func (o *Outgoing) look(
	ctx context.Context, channel, thread string, d incidents.Delivery, s incidents.Snapshot,
) (place, error) {
	var found place
	err := o.eachOurs(ctx, channel, thread, lookSince(s), lookPages, func(key, ts string) (more bool) {
		if key == d.Key {
			found = place{channel, ts}
		}
		return key != d.Key
	})
	return found, err
}

// eachOurs calls do for every message in a channel, or a thread, that has our metadata, the newest first, until it wants no
// more: from a time on, and at most so many pages.
func (o *Outgoing) eachOurs(
	ctx context.Context, channel, thread string, since time.Time, pages int, do func(key, ts string) (more bool),
) error {
	args := url.Values{"channel": {channel}, "limit": {strconv.Itoa(pageSize)}, "include_all_metadata": {"true"}}
	if !since.IsZero() {
		args.Set("oldest", strconv.FormatInt(since.Unix(), 10)+".000000")
	}
	m := methodHistory
	if thread != "" {
		m = methodReplies
		args.Set("ts", thread)
	}
	for range pages {
		var page history
		if err := o.c.read(ctx, m, args, &page); err != nil {
			return err
		}
		for _, msg := range page.Messages {
			if key := msg.Meta.Payload.Key; msg.Meta.EventType == metadataEvent && key != "" && !do(key, msg.TS) {
				return nil
			}
		}
		if page.Metadata.Next == "" {
			return nil
		}
		args.Set("cursor", page.Metadata.Next)
	}
	return nil
}

// lookSince is when a message may have been posted at the earliest; zero when that is not known.
func lookSince(s incidents.Snapshot) time.Time {
	if !s.DeclaredAt.IsZero() {
		return s.DeclaredAt.Add(-clockSlack)
	}
	return time.Time{}
}

// answer tells a person something. It is shown to them alone, in the conversation where they asked; where that cannot
// be, it goes to their conversation with the bot. What only one person sees cannot be looked for, so after a lost
// response it may be said twice.
func (o *Outgoing) answer(ctx context.Context, d incidents.Delivery) (incidents.Outcome, error) {
	n, err := d.Notice()
	if err != nil {
		return incidents.Failing(incidents.Impossible, "The answer cannot be read.", err), nil
	}
	var said chat.Message
	if err := json.Unmarshal(n.Body, &said); err != nil {
		return incidents.Failing(incidents.Impossible, "The answer cannot be read.", fmt.Errorf("%s: %w", d.Key, err)), nil
	}
	if n.User == "" { // the team's channel, which may be given by its name
		if n.Channel, err = o.channelNamed(ctx, n.Channel); err != nil {
			return incidents.Outcome{}, err
		}
	}
	return o.tell(ctx, d, n, fit(said))
}

// question asks whoever has rewritten an entry about the edit of its message, else the lead; nobody when it is answered
// already.
func (o *Outgoing) question(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) (incidents.Outcome, error) {
	for _, e := range s.Entries {
		if e.Number == d.SubjectNumber() && e.Proposed != "" {
			n := incidents.Notice{Key: d.Key, Channel: s.Channel.ID, User: e.RewrittenBy}
			if _, outside := incidents.OutsiderName(n.User); outside || n.User == "" {
				n.User = s.Holder(incidents.Lead)
			}
			return o.tell(ctx, d, n, fit(o.o.Render.Question(s, e)))
		}
	}
	return incidents.DeliveredAs(incidents.Receipt{}), nil
}

// review shows the lead what should perhaps not be published; nobody when there is nothing.
func (o *Outgoing) review(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) (incidents.Outcome, error) {
	m, any := o.o.Render.Review(s)
	lead := s.Holder(incidents.Lead)
	if _, outside := incidents.OutsiderName(lead); !any || lead == "" || outside {
		return incidents.DeliveredAs(incidents.Receipt{}), nil
	}
	return o.tell(ctx, d, incidents.Notice{Key: d.Key, Channel: s.Channel.ID, User: lead}, fit(m))
}

// before shows whoever declared the incident what was before.
func (o *Outgoing) before(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) (incidents.Outcome, error) {
	found, err := o.o.Alike(ctx, s.Incident)
	if err != nil {
		return incidents.Outcome{}, err
	}
	m, any := o.o.Render.Before(s, found)
	if !any {
		return incidents.DeliveredAs(incidents.Receipt{}), nil
	}
	return o.tell(ctx, d, incidents.Notice{Key: d.Key, Channel: s.Channel.ID, User: s.DeclaredBy}, fit(m))
}

// tell shows a message to whom it is for: one person alone, or everybody.
func (o *Outgoing) tell(ctx context.Context, d incidents.Delivery, n incidents.Notice, m fitted) (incidents.Outcome, error) {
	if n.User == "" {
		return o.tellAll(ctx, d, n.Channel, n.Thread, m)
	}
	if n.Channel != "" && n.Channel[0] != 'D' {
		err := o.c.sayTo(ctx, n, m)
		if err == nil {
			return incidents.DeliveredAs(incidents.Receipt{ID: n.Channel + "/" + n.User}), nil
		}
		if !isCode(err, "user_not_in_channel", "not_in_channel", "channel_not_found", "is_archived",
			"channel_type_not_supported", "restricted_action") {
			return incidents.Outcome{}, err
		}
	}
	return o.tellDirectly(ctx, d, n, m)
}

// sayTo shows a message to one person alone.
func (c *Client) sayTo(ctx context.Context, n incidents.Notice, m fitted) error {
	opts := m.options()
	if n.Thread != "" {
		opts = append(opts, slack.MsgOptionTS(n.Thread))
	}
	return c.call(ctx, methodEphemeral, "", func(ctx context.Context) error {
		_, err := c.api.PostEphemeralContext(ctx, n.Channel, n.User, opts...)
		return err
	})
}

// tellDirectly writes to a person's conversation with the bot.
func (o *Outgoing) tellDirectly(ctx context.Context, d incidents.Delivery, n incidents.Notice, m fitted) (incidents.Outcome, error) {
	direct, err := o.c.direct(ctx, n.User)
	if err != nil {
		return incidents.Outcome{}, err
	}
	thread := ""
	if direct == n.Channel {
		thread = n.Thread
	}
	return o.tellAll(ctx, d, direct, thread, m)
}

func (o *Outgoing) tellAll(ctx context.Context, d incidents.Delivery, channel, thread string, m fitted) (incidents.Outcome, error) {
	if d.MustLook() {
		found, err := o.look(ctx, channel, thread, d, incidents.Snapshot{})
		if err != nil {
			return incidents.Outcome{}, err
		}
		if found.ts != "" {
			return incidents.DeliveredAs(incidents.Receipt{ID: found.String()}), nil
		}
	}
	at, err := o.post(ctx, channel, thread, d.Key, m)
	if err != nil {
		return incidents.Outcome{}, err
	}
	return incidents.DeliveredAs(incidents.Receipt{ID: at.String()}), nil
}
