package incidents

import (
	"cmp"
	"slices"
	"time"
)

// Entry is one line of the timeline, as one of its versions.
type Entry struct {
	// Number is from 1 within the incident, in the order of recording. It is the number that people see and name: it never
	// changes and is never used again, wherever in the timeline the entry stands.
	Number int
	At     time.Time // when it happened
	Until  time.Time // when it ended; zero for a moment
	Text   string
	Format Format
	// Author is the Slack user id of whoever wrote it, or what Outsider made of a name; never printed in the post.
	Author string
	// Source is the Slack message that it was captured from, or what was written outside Slack (see Source.Outside);
	// zero for an entry typed in Slack.
	Source Source
	// Gone says that it was taken out again. Waiting says that the text of its message is still to be read.
	// Neither is part of the timeline.
	Gone, Waiting bool
	// EditedAt is when the source message was last edited, as far as we know; zero for never.
	EditedAt time.Time

	// Event says which of the bot's own doings it tells; empty for what people wrote.
	Event Event
	// Internal keeps it out of the post.
	Internal bool
	// Rewritten says that a person, RewrittenBy (a Slack user id, if known), has written text or time of a captured entry
	// anew: from then on an edit of the message is no more than a proposal, which Proposed holds in mrkdwn until somebody
	// has answered; empty for none.
	Rewritten   bool
	RewrittenBy string
	Proposed    string
	// Place is what the timeline is sorted by; zero for its own moment and number. See MoveEntry.
	Place Place
	// Files are the files of its message, in its order. See Words.
	Files []File

	// Version counts the changes of this entry from 1; every earlier one is in its history. Last says what made this one.
	Version int
	Last    Touch
}

// Event is something that happened to the incident and tells itself in the timeline.
type Event string

// The events.
const (
	EventDeclared  Event = "declared"
	EventRole      Event = "role"
	EventSeverity  Event = "severity"
	EventStatus    Event = "status"
	EventMitigated Event = "mitigated"
	EventUpdate    Event = "update" // stakeholders were told
	EventResolved  Event = "resolved"
	EventReopened  Event = "reopened"
	EventCalledOff Event = "called off"
)

// Place is a place in the timeline: the moment and number of the entry whose place it was first. Entries that change
// places exchange them, so that whatever comes later still falls into its own place.
type Place struct {
	At     time.Time
	Number int
}

// File is a file that came with a message. It stays with the service that holds it until somebody takes it from there.
type File struct {
	ID   string `json:"id"` // Slack's id
	Name string `json:"name,omitempty"`
	Type string `json:"type,omitempty"` // its MIME type
	Alt  string `json:"alt,omitempty"`  // what it shows, for people who cannot see it
}

// Touch is what made an entry what it is.
type Touch struct {
	By   string // Slack user id; empty for the bot, and for an edit or deletion of the message
	At   time.Time
	Deed Deed
	// Change is the incident's version that came of it: what was changed together has the same.
	Change int
	// Undoes is the Change that was taken back; 0 where none was.
	Undoes int
}

// Deed is a kind of change of an entry.
type Deed string

// The deeds.
const (
	DeedLogged    Deed = "logged"    // typed, or told by the bot
	DeedCaptured  Deed = "captured"  // from a message
	DeedFollowed  Deed = "followed"  // the message was edited
	DeedProposed  Deed = "proposed"  // the message was edited after a person had rewritten the entry
	DeedEdited    Deed = "edited"    // by a person
	DeedMoved     Deed = "moved"     // within its minute
	DeedDeleted   Deed = "deleted"   // by a person, from the timeline
	DeedWithdrawn Deed = "withdrawn" // its message was deleted, or the last reason to capture it taken back
	DeedRestored  Deed = "restored"  // from its history
	DeedHidden    Deed = "hidden"    // made internal
	DeedPublished Deed = "published" // made public
	DeedUndone    Deed = "undone"
	DeedDescribed Deed = "described" // somebody said what an image shows
)

// Shown reports whether the entry is part of the timeline.
func (e Entry) Shown() bool { return !e.Gone && !e.Waiting }

// Captured reports whether the entry comes from a message.
func (e Entry) Captured() bool {
	return e.Source != Source{} && !e.Source.Outside() && !e.Source.Copied()
}

// place is where the entry stands.
func (e Entry) place() Place {
	if e.Place == (Place{}) {
		return Place{e.At, e.Number}
	}
	return e.Place
}

// happened gives the entry its times. A place among the entries of another moment is not its own any more.
func (e *Entry) happened(at, until time.Time) {
	if !at.Equal(e.At) {
		e.Place = Place{}
	}
	e.At, e.Until = at.UTC(), utc(until)
}

// stand puts the entry at a place.
func (e *Entry) stand(p Place) {
	e.Place = p
	if p.At.Equal(e.At) && p.Number == e.Number {
		e.Place = Place{}
	}
}

func (p Place) compare(q Place) int {
	return cmp.Or(p.At.Compare(q.At), cmp.Compare(p.Number, q.Number))
}

// Same reports whether two versions of an entry say the same: its words, times, place, and whether it is shown and public.
func (e Entry) Same(o Entry) bool {
	return e.sameWords(o) && e.sameTimes(o) && e.place().compare(o.place()) == 0 && e.Internal == o.Internal && e.Shown() == o.Shown()
}

// rewritten marks what a person has written.
func (e *Entry) rewritten(by string) {
	if e.Captured() {
		e.Rewritten, e.RewrittenBy = true, by
	}
}

func (e Entry) sameWords(o Entry) bool { return e.Text == o.Text && e.Format == o.Format }

func (e Entry) sameTimes(o Entry) bool { return e.At.Equal(o.At) && e.Until.Equal(o.Until) }

// SortEntries puts entries in the timeline's order: by the moment, then in the order of recording, but for those that
// people have moved within their minute.
func SortEntries(entries []Entry) {
	slices.SortFunc(entries, func(a, b Entry) int {
		return cmp.Or(a.place().compare(b.place()), cmp.Compare(a.Number, b.Number))
	})
}
