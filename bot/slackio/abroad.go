package slackio

import (
	"context"
	"slices"
	"strings"

	"watchbell/incidents"
)

// What was said in other conversations and brought into an incident is followed where the bot is.

// hidden reports whether an error says that the bot may not be where a message was said. The incident's own channel is
// another matter: there that is trouble.
func hidden(of incidents.Source, s incidents.Snapshot, err error) bool {
	return of.Channel != s.Channel.ID && isCode(err, "not_in_channel", "channel_not_found", "method_not_supported_for_channel_type",
		"channel_type_not_supported", "is_archived", "no_permission", "access_denied", "missing_scope")
}

// entryFrom is an entry in the timeline from a message that fits.
func entryFrom(s incidents.Snapshot, fits func(incidents.Source) bool) (incidents.Entry, bool) {
	for _, e := range slices.Backward(s.Entries) {
		if e.Captured() && fits(e.Source) {
			return e, true
		}
	}
	return incidents.Entry{}, false
}

// unfollowed tells whoever brought a message in, once for each conversation, that the bot is not where it was said.
func (o *Outgoing) unfollowed(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) (incidents.Outcome, error) {
	e, there := entryFrom(s, func(from incidents.Source) bool { return from.Channel == d.Subject })
	if !there {
		return incidents.DeliveredAs(incidents.Receipt{}), nil
	}
	return o.askWhoCaptured(ctx, d, s, e, o.o.Render.Unfollowed(s, e))
}

// others are the messages of other conversations whose entries follow them: "channel/ts". What was read from an export is
// as old as that.
func (r *reread) others() (all []string) {
	for src, c := range r.abroad {
		follows := slices.ContainsFunc(c.Reasons, func(reason incidents.Capture) bool {
			return reason.Present && reason.How != incidents.ByImport
		})
		if follows && c.Entry != nil && !c.Entry.Gone && !c.Deleted() {
			all = append(all, src.Channel+"/"+src.TS)
		}
	}
	slices.Sort(all)
	return all
}

// other reads one message of another conversation.
func (r *reread) other(ctx context.Context) error {
	channel, ts, _ := strings.Cut(r.at.Others[0], "/")
	src := incidents.Source{Channel: channel, TS: ts}
	known := r.abroad[src]
	if known.Entry == nil || known.Deleted() {
		r.at.Others = r.at.Others[1:]
		return nil
	}
	m, err := r.o.messageAt(ctx, methodRepliesBack, src)
	switch {
	case hidden(src, incidents.Snapshot{Incident: r.incident}, err):
		r.at.Others = slices.DeleteFunc(r.at.Others, func(o string) bool { return strings.HasPrefix(o, channel+"/") })
		return nil
	case isCode(err, "thread_not_found", "message_not_found"), err == nil && (m == nil || m.Subtype == subtypeTombstone):
		err = r.handle(ctx, incidents.DeleteMessage{Source: src})
	case err == nil && r.edited(m, known):
		err = r.handle(ctx, incidents.ReadBack{
			Source: src, Author: m.User, Text: m.words(), Files: m.files(), EditedAt: m.editedBy(r.o.c.now()), Was: known.Entry.EditedAt,
		})
	}
	if err == nil {
		r.at.Others = r.at.Others[1:]
	}
	return err
}
