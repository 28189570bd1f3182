package incidents

import "time"

// Command is something that a person, or a message of theirs, wants to happen to an incident.
type Command interface {
	// about names the timeline entry that the command concerns; zero for none.
	about() Source
}

// plain is embedded by commands that concern no entry.
type plain struct{}

func (plain) about() Source { return Source{} }

// The commands. Fields that hold text are Markdown as typed, unless said otherwise; times are UTC.
type (
	// Declare declares a new incident.
	Declare struct {
		plain
		Title     string
		Summary   string
		Severity  Severity
		StartedAt time.Time // zero: not said
		Private   bool
		// Here makes the conversation where it is declared the incident's channel, instead of opening one.
		Here bool
	}
	// Backfill records an incident that is already over.
	Backfill struct {
		plain
		Title string
	}
	// StartDrill declares an incident for practice, in which others say what they say in the drill's story.
	StartDrill struct {
		plain
		Title string
		Lines []DrillLine
	}
	// Join asks for an invitation to the incident's channel.
	Join struct{ plain }
	// Log adds an entry to the timeline.
	Log struct {
		At, Until time.Time // zero At: now; zero Until: a moment
		Text      string
		// Confirmed says that a time ahead of now is meant.
		Confirmed bool
		// Outside names what an Outside actor writes, such as a form or a line of a file: the same name, coming again,
		// adds nothing, however much later. Empty for what is written in Slack.
		Outside string
	}
	// CaptureMessage puts a Slack message into the timeline.
	CaptureMessage struct {
		Source Source
		Author string // Slack user id of the message's author; may be empty when Text is
		// Text is the message in Slack's mrkdwn. Empty means that it must still be read from Slack.
		Text string
		How  string    // see Capture and ByImport
		At   time.Time // when it was asked for
		// EditedAt is when the message was last edited; zero for never, or where nobody knows.
		EditedAt time.Time
		// Files are those of the message, as far as it was read. Look says that it has files that are still to be read.
		Files []File
		Look  bool
		// Said is what the message says, as Markdown, as somebody saw it: the bot may not be where it was said. It stands until
		// the bot has read the message, and follows its edits. Text counts more.
		Said string
		// Rewrite is what a person wants it to say instead, as Markdown; When and Until when it happened instead of at
		// the time of the message. Zero: as the message has it.
		Rewrite     string
		When, Until time.Time
		// Confirmed says that a time ahead of now is meant.
		Confirmed bool
	}
	// WithdrawCapture takes back one person's reason for a message to be in the timeline.
	WithdrawCapture struct {
		Source Source
		How    string
		At     time.Time
	}
	// EditMessage follows an edit of a message. A message that is not in the timeline is left alone.
	EditMessage struct {
		Source   Source
		Author   string // Slack user id of the message's author; empty where it is not known
		Text     string // mrkdwn
		Files    []File
		EditedAt time.Time
	}
	// DeleteMessage follows the deletion of a message.
	DeleteMessage struct {
		Source Source
	}
	// EditEntry writes an entry anew.
	EditEntry struct {
		plain
		Number int
		// Version is the one that the person saw: nobody's later change is overwritten unseen. 0: the person saw none; then
		// what someone else changed a moment ago is not overwritten.
		Version   int
		Text      string    // empty: as it is
		At, Until time.Time // zero At: both as they are; else zero Until: a moment
		Internal  *bool     // nil: as it is
		// Confirmed says that a time ahead of now is meant, Overwrite that the change of somebody else may go.
		Confirmed, Overwrite bool
	}
	// MoveEntry exchanges an entry with its neighbour of the same minute.
	MoveEntry struct {
		plain
		Number int
		Up     bool // else down
	}
	// RemoveEntry takes an entry out of the timeline. It stays in its history.
	RemoveEntry struct {
		plain
		Number int
	}
	// RestoreEntry brings text and times of an earlier version back, and the entry into the timeline.
	RestoreEntry struct {
		plain
		Number  int
		Version int // 0: the latest in which it was shown
	}
	// SetInternal keeps an entry out of the post, or lets it in again.
	SetInternal struct {
		plain
		Number   int
		Internal bool
	}
	// AnswerProposal says what becomes of an edit of a message whose entry a person had rewritten.
	AnswerProposal struct {
		plain
		Number int
		Take   bool // take the message's text; else the person's stays
	}
	// DescribeFile says what an image of an entry shows, for people who cannot see it.
	DescribeFile struct {
		plain
		Number int
		Image  int    // which of the entry's images, from 1; 0: the first that nobody has described
		Text   string // plain text, one line
	}
	// ClearFindings says that findings are fine to be published. See Snapshot.Findings.
	ClearFindings struct {
		plain
		IDs []string
	}
	// Undo takes back the latest change to the timeline of the person who asks that is not taken back yet: an entry that
	// was typed, an edit, a move, a deletion, a restoration, a change between internal and public.
	Undo struct{ plain }
	// SetStatus says where the incident stands: Investigating, Identified or Monitoring.
	SetStatus struct {
		plain
		Status    Status
		At        time.Time // zero: now
		Sentence  string    // what to put in the timeline; empty: the usual sentence
		Confirmed bool      // a time ahead of now is meant
	}
	// SetSeverity says how bad it is.
	SetSeverity struct {
		plain
		Severity Severity
		Reason   string // Markdown for the timeline; empty for none
	}
	// AssignRole gives a role to a person, instead of those who have it.
	AssignRole struct {
		plain
		Role Role
		User string // Slack user id
		// Member says that the person is in a user group that may hold the role, as far as Slack can tell.
		Member bool
		// Also gives it beside those who have it, where several may.
		Also bool
	}
	// AssignRoles gives roles at once: each that is named to all of these people and nobody else; to none, and it lies with
	// the lead.
	AssignRoles struct {
		plain
		To      map[Role][]string // Slack user ids
		Members map[Role][]string // those of them who are in a user group that may hold the role
	}
	// LeaveRole says that the person does a role no more.
	LeaveRole struct {
		plain
		Role Role
	}
	// AnswerRole says of the roles that the person was given whether they take them.
	AnswerRole struct {
		plain
		Accept bool
		Role   Role // empty: all of them
	}
	// AddAction adds an action item.
	AddAction struct {
		plain
		Text  string
		Owner string
		Due   time.Time
		Link  string
		// Confirmed says that a day which is over is meant, or the same item once more.
		Confirmed bool
		// Card asks for a card even where none would be made.
		Card bool
	}
	// Follow has the person told of updates and of where the incident stands, by direct message; or no more of it.
	Follow struct {
		plain
		Stop bool
	}
	// AskForUpdate asks whoever owes the stakeholders an update for it.
	AskForUpdate struct{ plain }
	// FinishAction says that an action item is done, or open after all.
	FinishAction struct {
		plain
		Number int
		Open   bool
	}
	// GiveAction gives an action item an owner.
	GiveAction struct {
		plain
		Number int
		Owner  string // Slack user id
		// Saw is who had it as far as the person knows, who is told when it is somebody else by now, unless AnyWay.
		Saw    string
		AnyWay bool
	}
	// CardAction asks for a card for an action item that has none, as in a private incident.
	CardAction struct {
		plain
		Number int
	}
	// LookAtCards asks which cards are where the done ones are.
	LookAtCards struct{ plain }
	// Resolve ends the incident and asks for the post-mortem.
	Resolve struct {
		plain
		At        time.Time // zero: now
		Confirmed bool
	}
	// CallOff ends an incident that turned out not to be one.
	CallOff struct {
		plain
		Reason string
	}
	// Reopen takes back that it is over.
	Reopen struct{ plain }
	// Close says that everything is back to normal and nothing more is to be recorded.
	Close struct{ plain }
	// Draft writes a section of the post.
	Draft struct {
		plain
		Section Section
		Text    string // Markdown; empty clears the section
		// Add puts the text behind what is there, once. Overwrite says that what somebody else wrote a moment ago may go.
		Add, Overwrite bool
	}
	// DraftAll writes several sections at once, as the form does. Sections that are not named stay.
	DraftAll struct {
		plain
		Sections map[Section]string
		// Seen are the versions that the person saw; see Writing.Version.
		Seen map[Section]int
	}
	// SendUpdate tells the stakeholders how things stand.
	SendUpdate struct {
		plain
		Text   string
		NextAt time.Time // when they hear more; zero for the severity's rhythm
		Last   bool      // there is nothing more to come
	}
	// FollowPost takes over what people changed in the post where it is offered. It is decided on the very version of the
	// incident that they were compared with, else refused as Changed: nothing newer is overwritten.
	FollowPost struct {
		plain
		Version  int
		Sections map[Section]string
		Entries  []PostedEntry
		Actions  []PostedAction
	}
	// DoneStep says that a step of the protocol is done; an empty Step is the next one.
	DoneStep struct {
		plain
		Step string
	}
	// SkipStep says that a step is left out, and why.
	SkipStep struct {
		plain
		Step, Reason string
	}
	// PutOffStep asks for a step later: after so long, or, for 0, without reminding anybody.
	PutOffStep struct {
		plain
		Step string
		For  time.Duration
	}
	// OfferMitigated asks whoever said that users are well again whether to record it. It is refused where there is nothing to
	// ask, or somebody was asked not long ago. No says that it is not so.
	OfferMitigated struct {
		plain
		No bool
	}
	// AskForPost opens the post-mortem's pull request, or brings it up to date.
	AskForPost struct{ plain }
)

// AnswerPull says what becomes of a pull request that was closed unmerged.
type AnswerPull struct {
	plain
	Reopen bool // else it stays closed
}

// PostedEntry is an entry as people changed it in the post.
type PostedEntry struct {
	Number    int       // 0 for a new one
	Gone      bool      // they took it out
	Text      string    // Markdown; empty: as it is
	At, Until time.Time // zero At: both as they are
	// Alts are what the images are said to show, by the file's id.
	Alts map[string]string
}

// PostedAction is an action item as people changed it in the post.
type PostedAction struct {
	Number int // 0 for a new one
	Text   string
	Link   string
}

// DrillLine is something that somebody in a drill's story says.
type DrillLine struct {
	After time.Duration // how long after the beginning
	Who   string        // a name of the story, of nobody who exists
	Text  string
}

func (c Log) about() Source {
	if c.Outside == "" {
		return Source{}
	}
	return Source{TS: outsideMark + c.Outside}
}
func (c CaptureMessage) about() Source  { return c.Source }
func (c WithdrawCapture) about() Source { return c.Source }
func (c EditMessage) about() Source     { return c.Source }
func (c DeleteMessage) about() Source   { return c.Source }

// byNumber is a command that concerns an entry by its number.
type byNumber interface {
	Command
	entry() int
}

func (c EditEntry) entry() int      { return c.Number }
func (c MoveEntry) entry() int      { return c.Number }
func (c RemoveEntry) entry() int    { return c.Number }
func (c RestoreEntry) entry() int   { return c.Number }
func (c SetInternal) entry() int    { return c.Number }
func (c AnswerProposal) entry() int { return c.Number }
func (c DescribeFile) entry() int   { return c.Number }
