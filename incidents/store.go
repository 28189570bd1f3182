package incidents

import (
	"context"
	"time"
)

// Store keeps everything. Both databases pass one contract suite, package storage/storagetest.
type Store interface {
	// Update runs fn in one transaction and returns nil only when everything that fn wrote is on disk. When fn returns
	// an error, nothing is written and that error is returned. The store may run fn more than once, and may commit
	// several updates together; fn must not do anything but read and write through its Tx, and is not run any more once Update
	// has returned. It returns ErrNotDurable, wrapped, when the transaction could not be committed.
	Update(ctx context.Context, fn func(Tx) error) error
	// View runs fn on a consistent state of the database. fn only reads.
	View(ctx context.Context, fn func(Reader) error) error
	// Ping returns nil when the database answers.
	Ping(ctx context.Context) error
}

// Reader reads. All of its methods see the state at the beginning of their transaction plus its own writes.
type Reader interface {
	// Incident returns the head of an incident, or ErrNotFound.
	Incident(number int) (Incident, error)
	// Entries returns the timeline of an incident in its order, without entries that are gone or waiting.
	Entries(number int) ([]Entry, error)
	// Signs returns those of them by which an incident is measured: what stands until an instant, and after it whatever says
	// that users were well.
	Signs(number int, until time.Time) ([]Entry, error)
	// History returns the versions of an entry in their order, the one that counts last, whether it is shown or not; of
	// entry 0, those of all entries of the incident, entry by entry.
	History(number, entry int) ([]Entry, error)
	// Captured returns the messages of an incident that were ever captured, by channel and ts.
	Captured(number int) ([]Captured, error)
	// Deliveries returns the deliveries in the lanes of an incident (see Lanes) that are pending, leased or failed, oldest first;
	// of incident 0 those of answers.
	Deliveries(number int) ([]Delivery, error)
	// Failed returns the deliveries that have failed and were failing since that instant or later, lane by lane.
	Failed(since time.Time) ([]Delivery, error)
	// Backlog counts, for each target that has any, the deliveries that are due at the instant now or have failed.
	Backlog(now time.Time) ([]Backlog, error)
	// Find returns the numbers and heads of the incidents that fit, newest first. Heads that it returns have no
	// sections and no action items.
	Find(q Query) ([]Incident, error)
	// ProtocolText returns the text of the protocol that was kept under that name last, or ErrNotFound.
	ProtocolText(version string) (string, error)
	// Mentions returns where a word of Words stands on a shelf, at most limit of them, those with the highest numbers, as far
	// as Tx.KeepWords has come.
	Mentions(shelf Shelf, word string, limit int) ([]Mention, error)
	// MentionsIn returns which of some words stand in which of some incidents or posts.
	MentionsIn(shelf Shelf, words []string, numbers []int) ([]Mention, error)
	// Posts returns the published posts with those numbers, of none all of them, by their day and path.
	Posts(numbers ...int) ([]PastPost, error)
	// Answer returns what was answered to the event with that id, and whether there was one.
	Answer(event string) (Answer, bool, error)
}

// Tx reads and writes.
type Tx interface {
	Reader
	// LastNumber is the highest incident number in use, 0 for none.
	LastNumber() (int, error)
	// EntryOf returns the entry captured from a message of the incident, and every reason for it to be there; the
	// entry is nil when there is none.
	EntryOf(number int, s Source) (*Entry, []Capture, error)
	// Rank returns the place of an entry in the timeline, from 1, and the length of the timeline.
	Rank(number, entry int) (place, of int, err error)
	// KeepWords keeps where the words stand of what was written lately, about as many as are given, and says whether there
	// may be more. Apply leaves out what is new; what it takes away or alters is not found by its old words any more.
	KeepWords(about int) (more bool, err error)
	// Apply writes a change. An entry of a higher version than the one there leaves that one in its
	// history. It returns ErrConflict when the incident's version in the database is not the one before
	// the change's.
	Apply(c Change, now time.Time) error
	// KeepPost keeps a published post in the place of the one with the same Path, and names the incident that it is of.
	KeepPost(p PastPost) (Kept, error)
	// Leave writes down who did what; it stays.
	Leave(t Trace) error
	// KeepProtocol keeps the text of a protocol under its version, or under the name of the place that it was taken from;
	// one that is there already is replaced.
	KeepProtocol(version, text string) error
	// Remember keeps the answer to an event. One that is there already stays, and known says so.
	Remember(event string, a Answer, now time.Time) (known bool, err error)
	Queue
}

// Queue is the part of a transaction that deals with deliveries.
type Queue interface {
	// Enqueue makes the wishes pending, at the end of their lanes: due now, after Delay when new, after Debounce when
	// done before; or at At, which moves one that is pending, too. See Wish.
	Enqueue(wishes []Wish, now time.Time) error
	// Lease gives out at most limit deliveries that are due, until the given instant: of each lane only the oldest one
	// that is pending, and none while another of that lane is leased. A lease that has run out is pending again.
	Lease(now, until time.Time, limit int) ([]Delivery, error)
	// Settle ends an attempt: it writes State, Tried, Failures, FailingSince, LastError, DueAt and Receipt of d. One
	// that was wished for again meanwhile becomes pending instead of done or failed, due at d.DueAt. It returns ErrStale when
	// d.Attempt is not the latest.
	Settle(d Delivery) error
	// Delivery returns a delivery by its key, or ErrNotFound.
	Delivery(key string) (Delivery, error)
	// NextDue returns when the next delivery that could be leased is due, or a lease runs out; zero for never.
	NextDue() (time.Time, error)
	// MakeAllDue makes everything that is pending after a failure due now.
	MakeAllDue(now time.Time) error
	// Rewind makes everything that is pending or leased due sooner by that much, and has no lease last beyond until: the clock
	// was set back.
	Rewind(by time.Duration, until time.Time) error
	// LastEvent is when the event was remembered that was remembered last; zero when there is none.
	LastEvent() (time.Time, error)
	// Reclaim makes everything that is leased pending, due at the given instant: nobody works on it any more.
	Reclaim(due time.Time) error
	// Forget removes answers from before the given instant, and answer deliveries that were done before it. An answer that is
	// older than one that was remembered before it, because a clock was set, may stay as long as that one.
	Forget(before time.Time) error
}

// Backlog is what one target has not been given yet.
type Backlog struct {
	Target  Target
	Waiting int // pending or leased, and due
	Failed  int // not tried again soon, unless a person says so
	// Since is since when the oldest of those that wait has been due, or failing; zero when none waits.
	Since time.Time
}

// Query says which incidents to find. Zero fields do not restrict.
type Query struct {
	// Channel finds the incident whose Slack channel it is.
	Channel string
	// BackfilledBy and BackfilledIn find past incidents that a person records in a conversation and has not closed.
	BackfilledBy, BackfilledIn string
	// Captured finds the incidents that a message was ever captured for, in whichever channel it was said.
	Captured Source
	// Open leaves out what is resolved, closed or called off; Real leaves out drills.
	Open, Real bool
	// For leaves out private incidents that this person (a Slack user id) has no part in; empty leaves out nothing.
	For string
	// Part leaves out, with For, every incident that this person has no part in.
	Part  bool
	Limit int // at most so many; 0: 100
}

// Answer is what came of an event, kept so that the same event, coming again, is answered the same and does nothing.
type Answer struct {
	Result  Result   `json:"result,omitzero"`
	Refusal *Refusal `json:"refusal,omitempty"`
	// Typed is what the person had typed, kept with a refusal so that it can be offered back.
	Typed string `json:"typed,omitempty"`
}

// Result says what a command did.
type Result struct {
	Incident int       `json:"incident,omitempty"`
	Title    string    `json:"title,omitempty"`
	Drill    bool      `json:"drill,omitempty"`
	Entry    int       `json:"entry,omitempty"` // the entry's number; 0 when the command made none
	At       time.Time `json:"at,omitzero"`     // when the entry happened, UTC
	Until    time.Time `json:"until,omitzero"`
	Place    int       `json:"place,omitempty"` // the entry's place in the timeline, from 1
	Of       int       `json:"of,omitempty"`    // the timeline's length
	Action   int       `json:"action,omitempty"`
	Card     bool      `json:"card,omitempty"` // the action item gets a card
	// MayHave says that it gets none unless somebody asks for it.
	MayHave bool `json:"may_have,omitempty"`
	Undid   Deed `json:"undid,omitempty"` // what was taken back
	// NextAt is when the stakeholders hear more.
	NextAt time.Time `json:"next_at,omitzero"`
	// Step is what the step says that was done, skipped or put off.
	Step string `json:"step,omitempty"`
	// Post says that the post-mortem's pull request follows.
	Post bool `json:"post,omitempty"`
	// Over is the post's pull request when it was merged or closed, after which the post does not follow any more; else nil.
	Over *PullRequest `json:"over,omitempty"`
	// Roles are those that were accepted or declined.
	Roles []Role `json:"roles,omitempty"`
	// Given are the roles that somebody got who had them not, as it was then.
	Given []Handover `json:"given,omitempty"`
	// Late says that it was noted of an incident that was resolved already, and changed nothing about where it stands.
	Late bool `json:"late,omitempty"`
	// Unchanged says that things were already as wished.
	Unchanged bool `json:"unchanged,omitempty"`
	// Told says that the notice of Request.Say is queued. It is false for an event that was answered before.
	Told bool `json:"-"`
}

// Change is what a command does: the facts as they will be, and the wishes that follow.
type Change struct {
	// Incident is the head after the change. Its Version is one above that before it.
	Incident Incident
	// Entries are new or changed entries.
	Entries  []Entry
	Captures []Capture
	Wishes   []Wish
	// Trace says who did it, where nothing else in the change does; nil elsewhere.
	Trace  *Trace
	Result Result
}
