package incidents

import "time"

// Status is where an incident stands.
type Status string

// The statuses, in the order in which an incident usually passes them.
const (
	Declared      Status = "declared"
	Investigating Status = "investigating"
	Identified    Status = "identified"
	Monitoring    Status = "monitoring" // mitigated: users are well, the team watches
	Resolved      Status = "resolved"
	Closed        Status = "closed"
	CalledOff     Status = "called off"
)

// Open reports whether the incident still needs people: it is neither resolved, closed nor called off.
func (s Status) Open() bool {
	switch s {
	case Declared, Investigating, Identified, Monitoring:
		return true
	}
	return false
}

// Severity is how bad it is for the people who use the service. Empty means that nobody has said yet.
type Severity string

// The severities of the protocol, mildest first.
const (
	Degradation Severity = "service degradation"        // few are affected
	Severe      Severity = "severe service degradation" // nearly everybody is affected
	Downtime    Severity = "downtime"                   // every visit ends in an error
)

// Severities lists the known severities, mildest first.
var Severities = []Severity{Degradation, Severe, Downtime}

// Role is a part that somebody plays in an incident.
type Role string

// The three roles of the protocol. Whoever leads holds every role that is not given to someone else.
const (
	Lead           Role = "lead" // the incident manager
	Ops            Role = "ops"
	Communications Role = "communications"
)

// Roles lists the roles in the order in which people read them.
var Roles = []Role{Lead, Ops, Communications}

// Title is the role's name for people.
func (r Role) Title() string {
	switch r {
	case Lead:
		return "Incident manager"
	case Ops:
		return "Ops"
	case Communications:
		return "Communications"
	}
	return string(r)
}

// Section is a part of the post-mortem that people write.
type Section string

// The sections. Timeline and action items are not among them: they are kept as structure.
const (
	SectionLead       Section = "lead"
	SectionImpact     Section = "impact"
	SectionRootCauses Section = "root_causes"
	SectionTrigger    Section = "trigger"
	SectionDetection  Section = "detection"
	SectionResolution Section = "resolution"
	SectionLessons    Section = "lessons"
	SectionWentWell   Section = "went_well"
	SectionWentWrong  Section = "went_wrong"
	SectionGotLucky   Section = "got_lucky"
)

// Sections lists the sections in the order in which the default post shows them.
var Sections = []Section{
	SectionLead, SectionImpact, SectionRootCauses, SectionTrigger, SectionDetection, SectionResolution,
	SectionLessons, SectionWentWell, SectionWentWrong, SectionGotLucky,
}

// Channel is a Slack conversation.
type Channel struct {
	ID   string // Slack's id; empty while there is none
	Name string // without "#"
}

// PullState is where a pull request stands.
type PullState string

// The states.
const (
	PullOpen      PullState = ""          // or there is none
	PullMerged    PullState = "merged"    // the post is published
	PullClosed    PullState = "closed"    // somebody closed it unmerged, and is asked why
	PullLeft      PullState = "left"      // closed unmerged, and that is right
	PullReopening PullState = "reopening" // somebody wants it open again
)

// PullRequest is where the post-mortem is offered.
type PullRequest struct {
	Number int    // 0 while there is none
	URL    string // for people
	Path   string // the post's file in the repository
	State  PullState
	Live   string // where the published post is read; empty while it is not, or nobody knows
	// MergedAt is when it was merged; zero while it is not, or nobody knows.
	MergedAt time.Time
}

// Incident is an incident without its timeline: the head that every decision needs. All instants are UTC.
type Incident struct {
	Number   int // from 1, never used twice
	Title    string
	Summary  string
	Severity Severity
	Status   Status
	// Backfill says that the incident was over before it was recorded: it has no channel, announces nothing and adds
	// no entries of its own.
	Backfill bool
	// Private keeps the incident out of every list, announcement and post that was not asked for.
	Private bool
	// Drill says that it is practice: nothing is announced, no card or post is made, nobody is invited who did not ask,
	// and it is left out of lists and numbers.
	Drill      bool
	DeclaredAt time.Time
	DeclaredBy string    // Slack user id
	DeclaredIn string    // id of the Slack conversation where it was declared
	StartedAt  time.Time // zero unless somebody said when it began
	ResolvedAt time.Time // zero unless resolved
	Channel    Channel
	// PostWanted says that the post-mortem has been asked for: from then on changes reach the pull request.
	PostWanted bool
	Post       PullRequest
	// Holders maps a role to the Slack user ids of those who were given it, in that order; a role that nobody was given is
	// not there. See Holder.
	Holders map[Role][]string
	// Sections holds what was written for the post, as Markdown.
	Sections map[Section]string
	// Written says who wrote which section last. Suggestions are what was proposed for them in their threads, oldest first.
	Written     []Writing
	Suggestions []Suggestion
	// Answered are the answers that people gave from Slack to what was said about the pull request, oldest first.
	Answered []Answered
	// Listed says that the list of sections is in the channel.
	Listed bool
	// Actions are the action items, in order of their numbers.
	Actions []Action
	// ProtocolVersion names the protocol that it was declared under. Protocol is that protocol; a Store knows only its
	// version.
	ProtocolVersion string
	Protocol        *Protocol
	// Marks say what became of the protocol's steps.
	Marks []Mark
	// StatusAt is when it came to where it stands.
	StatusAt time.Time
	// Relations are to other incidents, in the order in which they were said.
	Relations []Relation
	// Wanted is the update that somebody asked for; zero for none. Followers are the Slack user ids of those who hear of
	// updates and of where it stands without being in its channel.
	Wanted    UpdateRequest
	Followers []string
	// HeardAt is when somebody was last known to have written or done something in its channel, as far as that had to be known;
	// see QuietSince. PostAt is when the post's pull request was opened; zero while there is none.
	HeardAt, PostAt time.Time
	// WellAt is since when users are well again, UTC; zero while nobody has said so.
	WellAt time.Time
	// Update is what the stakeholders were told last.
	Update Update
	// Handovers say who was given which role, oldest first. That the declarer leads at first is not among them.
	Handovers []Handover
	// Absences are of people who have a role and are not there; Silences those that others were asked about, oldest first.
	Absences []Absence
	Silences []Silence
	// Cleared are the ids of findings that somebody has said may be published. See Snapshot.Findings.
	Cleared []string
	// LastEntry is the highest entry number given so far.
	LastEntry int
	// Version counts the changes; a Store refuses a change that was decided on an older one.
	Version int
}

// InPlace reports whether the incident lives in a channel that was there before it. Its topic is the people's own.
func (i Incident) InPlace() bool { return i.Channel.ID != "" && i.Channel.ID == i.DeclaredIn }

// announced reports whether the team is told of it.
func (i Incident) announced() bool { return !i.Private && !i.Drill }

// Knows reports whether a person may know of the incident without standing in its channel, as far as the incident has a
// say: everybody may of an ordinary one; of a private one only whoever has a part in it. Rights may say less.
func (i Incident) Knows(user string) bool { return !i.Private || i.part(user) }

// Action finds an action item by its number.
func (i Incident) Action(number int) (Action, bool) {
	for _, a := range i.Actions {
		if a.Number == number {
			return a, true
		}
	}
	return Action{}, false
}

// Action is something that must be done so that the incident does not come back.
type Action struct {
	Number int // from 1 within the incident
	Text   string
	Owner  string    // Slack user id; empty for nobody yet
	Due    time.Time // a day, at 00:00 UTC; zero for none
	Link   string    // where the work is tracked, when somebody said so; then it needs no card
	// WantsCard says that a card belongs on the board. CardURL is empty until it is there.
	WantsCard bool
	CardURL   string
	// DoneAt is when it was done, UTC; zero while it is open. DoneBy is the Slack user id of who said so, empty for a card
	// that was put where the done ones are.
	DoneAt time.Time
	DoneBy string
	// NotedAt is when it was noted, UTC; zero where that is not known.
	NotedAt time.Time
}

// Done reports whether nothing more is to be done about it.
func (a Action) Done() bool { return !a.DoneAt.IsZero() }

// URL is where the action item is tracked: its own link or its card; empty for neither.
func (a Action) URL() string {
	if a.Link != "" {
		return a.Link
	}
	return a.CardURL
}

// Format says in which language an entry's text is written.
type Format string

const (
	// Markdown is text that people wrote for the post.
	Markdown Format = "markdown"
	// Mrkdwn is text captured from a Slack message, in Slack's own markup.
	Mrkdwn Format = "mrkdwn"
)

// Source names a Slack message: a message's timestamp is unique within its channel.
// See https://docs.slack.dev/reference/events/message.
type Source struct {
	Channel string
	TS      string // as Slack wrote it, never a number
}

// Capture is one person's reason for a message to be in the timeline. The entry stays while one reason is left.
type Capture struct {
	Source Source
	By     string // Slack user id; empty for a pin
	How    string // ByPin, ByShortcut, ByImport, or ByReaction of an emoji
	// At orders the capture and its withdrawal, which may arrive in any order: the later one counts.
	At      time.Time
	Present bool
}

// Ways in which a message is captured, as Capture.How and the commands name them.
const (
	ByPin      = "pin"      // Slack's own pin
	ByShortcut = "shortcut" // chosen by a person, by shortcut or from a list; nothing in Slack shows it
	byReaction = "reaction:"
)

// ByReaction is the way in by an emoji, named without colons. Each emoji is a reason of its own, so that the one that
// captures can be changed without taking anything out.
func ByReaction(emoji string) string { return byReaction + emoji }

// Snapshot is an incident with everything that belongs to it, as it was at one moment.
type Snapshot struct {
	Incident
	// Entries are the timeline, in its order; entries that are gone or waiting are left out.
	Entries []Entry
	// Taken is when the snapshot was made, UTC.
	Taken time.Time
	// Deliveries are those that are not done: pending, leased or failed.
	Deliveries []Delivery
}

// BeganAt is when the incident began, as far as anyone has said: the time given, else the first entry, else the
// declaration.
func (s Snapshot) BeganAt() time.Time {
	began := s.StartedAt
	if began.IsZero() && len(s.Entries) > 0 {
		began = s.Entries[0].At
	}
	if began.IsZero() || (!s.Backfill && s.DeclaredAt.Before(began)) {
		began = s.DeclaredAt
	}
	return began
}
