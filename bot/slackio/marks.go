package slackio

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"watchbell/bot/chat"
	"watchbell/incidents"
)

// pin pins the card. Which message that is, its own delivery knows.
func (o *Outgoing) pin(ctx context.Context, d incidents.Delivery) (incidents.Outcome, error) {
	key := strings.TrimSuffix(d.Key, string(incidents.KindPin)) + string(incidents.KindSummary)
	card, err := o.o.Delivery(ctx, key)
	if err != nil {
		return incidents.Outcome{}, fmt.Errorf("find the card: %w", err)
	}
	at, ok := placeOf(card.Receipt.ID)
	if !ok {
		return incidents.Outcome{}, errors.New("the card is not posted yet")
	}
	if err := o.addPin(ctx, at); err != nil {
		return incidents.Outcome{}, err
	}
	return incidents.DeliveredAs(incidents.Receipt{ID: at.String()}), nil
}

func (o *Outgoing) addPin(ctx context.Context, at place) error {
	err := o.c.call(ctx, methodPin, "", func(ctx context.Context) error {
		return o.c.api.AddPinContext(ctx, at.channel, slack.NewRefToMessage(at.channel, at.ts))
	})
	if isCode(err, "already_pinned", "message_not_found") {
		return nil // pinned, or deleted by somebody: then the next card is pinned
	}
	return err
}

// topic sets the channel's topic when it is not what we set last.
func (o *Outgoing) topic(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) (incidents.Outcome, error) {
	topic := shortenPlain(strings.Join(strings.Fields(o.o.Render.Topic(s)), " "), maxTopic)
	if d.Stands() && d.Receipt.Note == topic {
		return incidents.DeliveredAs(d.Receipt), nil
	}
	err := o.c.call(ctx, methodTopic, "", func(ctx context.Context) error {
		_, err := o.c.api.SetTopicOfConversationContext(ctx, s.Channel.ID, topic)
		return err
	})
	if err != nil {
		return incidents.Outcome{}, err
	}
	return incidents.DeliveredAs(incidents.Receipt{ID: s.Channel.ID, Note: topic}), nil
}

// invite brings a person into the channel.
func (o *Outgoing) invite(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) (incidents.Outcome, error) {
	err := o.c.call(ctx, methodInvite, "", func(ctx context.Context) error {
		_, err := o.c.api.InviteUsersToConversationContext(ctx, s.Channel.ID, d.Subject)
		return err
	})
	if err != nil && !isCode(err, "already_in_channel", "cant_invite_self") {
		return incidents.Outcome{}, err
	}
	return incidents.DeliveredAs(incidents.Receipt{ID: d.Subject}), nil
}

// bookmarkTitle is by what our bookmark is known: Slack would add the same one twice.
const bookmarkTitle = "Post-mortem pull request"

// bookmark makes the channel link to the pull request.
func (o *Outgoing) bookmark(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) (incidents.Outcome, error) {
	if !isWebURL(s.Post.URL) {
		return incidents.Outcome{}, fmt.Errorf("the pull request's address %q is none", s.Post.URL)
	}
	var list []slack.Bookmark
	err := o.c.call(ctx, methodBookmarks, "", func(ctx context.Context) (err error) {
		list, err = o.c.api.ListBookmarksContext(ctx, s.Channel.ID)
		return err
	})
	if err != nil {
		return incidents.Outcome{}, err
	}
	for _, b := range list {
		if b.Title != bookmarkTitle && b.ID != d.Receipt.ID {
			continue
		}
		done := incidents.DeliveredAs(incidents.Receipt{ID: b.ID, URL: s.Post.URL})
		if b.Link == s.Post.URL {
			return done, nil
		}
		title := bookmarkTitle
		err := o.c.call(ctx, methodBookmarkEdit, "", func(ctx context.Context) error {
			_, err := o.c.api.EditBookmarkContext(ctx, s.Channel.ID, b.ID, slack.EditBookmarkParameters{Title: &title, Link: s.Post.URL})
			return err
		})
		return done, err
	}
	var made slack.Bookmark
	err = o.c.call(ctx, methodBookmarkAdd, "", func(ctx context.Context) (err error) {
		made, err = o.c.api.AddBookmarkContext(ctx, s.Channel.ID, slack.AddBookmarkParameters{
			Title: bookmarkTitle, Type: "link", Link: s.Post.URL,
		})
		if err != nil {
			return err
		}
		return lacking("bookmark", made.ID)
	})
	if err != nil {
		return incidents.Outcome{}, err
	}
	return incidents.DeliveredAs(incidents.Receipt{ID: made.ID, URL: s.Post.URL}), nil
}

// tickEmoji is worn by messages that are in the timeline.
const tickEmoji = "white_check_mark"

// tick puts the tick on a message that is in the timeline, and takes it off one that is not.
func (o *Outgoing) tick(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) (incidents.Outcome, error) {
	src := d.SubjectSource()
	shown := false
	for _, e := range s.Entries {
		shown = shown || (e.Source == src && e.Shown())
	}
	ref := slack.NewRefToMessage(src.Channel, src.TS)
	m, change := methodReactionUndo, o.c.api.RemoveReactionContext
	if shown {
		m, change = methodReactionAdd, o.c.api.AddReactionContext
	}
	err := o.c.call(ctx, m, "", func(ctx context.Context) error { return change(ctx, tickEmoji, ref) })
	if hidden(src, s, err) {
		err = nil
	}
	if err != nil && !isCode(err, "already_reacted", "no_reaction", "message_not_found") {
		return incidents.Outcome{}, err
	}
	return incidents.DeliveredAs(incidents.Receipt{ID: src.Channel + "/" + src.TS}), nil
}

// fetch reads a captured message, in one call: Slack finds one by its ts as a thread's beginning, a reply, or a message
// without any thread. See https://docs.slack.dev/reference/methods/conversations.replies.
func (o *Outgoing) fetch(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) (incidents.Outcome, error) {
	src := d.SubjectSource()
	found, err := o.messageAt(ctx, methodReplies, src)
	if isCode(err, "thread_not_found", "message_not_found") {
		err = nil
	}
	if _, there := entryFrom(s, func(from incidents.Source) bool { return from == src }); there && hidden(src, s, err) {
		out := incidents.DeliveredAs(incidents.Receipt{ID: src.Channel + "/" + src.TS})
		out.Message = &incidents.FetchedMessage{Hidden: true}
		return out, nil
	}
	if err != nil {
		return incidents.Outcome{}, err
	}
	out := incidents.DeliveredAs(incidents.Receipt{ID: src.Channel + "/" + src.TS})
	out.Message = &incidents.FetchedMessage{}
	if found != nil && found.Subtype != subtypeTombstone {
		out.Message = &incidents.FetchedMessage{
			Found: true, Author: found.User, Text: found.words(), Files: found.files(), EditedAt: found.editedBy(o.c.now()),
		}
	}
	return out, nil
}

// editedBy is when a message was last edited, as far as reading it at some time tells; zero for never. Slack tells the
// second alone, in which it may have been edited twice: what was edited until it was read is in what was read.
func (m *message) editedBy(read time.Time) time.Time {
	at := instant(m.Edited.TS)
	switch last := at.Truncate(time.Second).Add(time.Second - time.Microsecond); {
	case at.IsZero() || read.Before(at):
		return at
	case read.Before(last):
		return read
	default:
		return last
	}
}

func (o *Outgoing) messageAt(ctx context.Context, m method, src incidents.Source) (*message, error) {
	args := url.Values{
		"channel": {src.Channel}, "ts": {src.TS}, "latest": {src.TS}, "oldest": {src.TS}, "inclusive": {"true"},
		"limit": {"2"}, // the thread's parent comes first
	}
	var page history
	if err := o.c.read(ctx, m, args, &page); err != nil {
		return nil, err
	}
	for i := range page.Messages {
		if page.Messages[i].TS == src.TS {
			return &page.Messages[i], nil
		}
	}
	return nil, nil
}

// propose asks whoever captured a message about the action items in it; where nobody in particular did, its author.
func (o *Outgoing) propose(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) (incidents.Outcome, error) {
	for _, e := range s.Entries {
		if e.Number != d.SubjectNumber() {
			continue
		}
		asked := o.o.Render.Proposals(s, e)
		if asked.Text == "" {
			break
		}
		return o.askWhoCaptured(ctx, d, s, e, asked)
	}
	return incidents.DeliveredAs(incidents.Receipt{}), nil
}

// describe asks whoever captured an image what it shows.
func (o *Outgoing) describe(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) (incidents.Outcome, error) {
	for _, e := range s.Entries {
		if asked := o.o.Render.Describe(s, e); e.Number == d.SubjectNumber() && asked.Text != "" {
			return o.askWhoCaptured(ctx, d, s, e, asked)
		}
	}
	return incidents.DeliveredAs(incidents.Receipt{}), nil
}

// askWhoCaptured asks one person something about an entry: whoever captured it, else its author, else the lead.
func (o *Outgoing) askWhoCaptured(ctx context.Context, d incidents.Delivery, s incidents.Snapshot, e incidents.Entry, asked chat.Message) (incidents.Outcome, error) {
	n := incidents.Notice{Key: d.Key, Channel: s.Channel.ID, User: cmp.Or(e.Author, s.Holder(incidents.Lead))}
	all, err := o.o.Captured(ctx, s.Number)
	if err != nil {
		return incidents.Outcome{}, err
	}
	for _, c := range all {
		for _, r := range c.Reasons {
			if c.Source == e.Source && r.Present && r.By != "" {
				n.User = r.By
			}
		}
	}
	return o.tell(ctx, d, n, fit(asked))
}
