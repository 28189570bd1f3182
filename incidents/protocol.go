package incidents

import (
	"slices"
	"strings"
	"time"
)

// Protocol is how a team runs its incidents. Package protocol reads it from a file. It never changes: an incident keeps
// the one that it was declared under. The zero Protocol knows the usual severities and roles, and asks for nothing.
type Protocol struct {
	// Version names the text that it was read from; the same text has the same version. Text is that text.
	Version, Text string
	Roles         []RoleRule
	Severities    []SeverityRule // mildest first
	Steps         []StepRule     // in the order in which they are usually done
	Reminders     ReminderRule
	// Talk is what is listened for in what people say. What counts is that of the protocol now, not of older ones.
	Talk Talk
	// Texts are the team's words, Sentences those of the entries that the bot writes into timelines; what is not there is
	// said as usual, and an empty sentence is left out.
	Texts     map[Text]string
	Sentences map[Sentence]string
}

// RoleRule says what a role is for and who may hold it.
type RoleRule struct {
	Role   Role
	Title  string
	Duties []string // sentences
	// Holders are the Slack user ids and user group ids (S…) of those who may hold it; empty for everybody.
	Holders []string
	// Several says that more than one person at a time may hold it.
	Several bool
	// Quiet is after how long others are asked to take it when nothing is heard of who holds it; 0 for never.
	Quiet time.Duration
}

// title is the role's name for people.
func (r RoleRule) title() string {
	if r.Title != "" {
		return r.Title
	}
	return r.Role.Title()
}

// SeverityRule says what a severity means.
type SeverityRule struct {
	Severity Severity
	Word     string // one word to type for it
	Means    string // for people
	// UpdateEvery is how often the stakeholders hear something; 0 for no rhythm.
	UpdateEvery time.Duration
	// Reminders is how often somebody is reminded of one step; 0 for the protocol's usual number.
	Reminders int
	// Silence is after how long without a word somebody is asked whether it still goes on; 0 for what the step says.
	Silence time.Duration
}

// ReminderRule says how people are reminded of a step that is due.
type ReminderRule struct {
	Most  int           // reminders of one step; 0 for none at all
	Every time.Duration // between two of them
	// From and To bound the hours of the day in which what comes after the incident is asked for, on the Days of the week
	// (by time.Weekday): both 0 for any time.
	From, To time.Duration
	Days     [7]bool
	Zone     string // IANA name of the zone of those hours; empty for Options.Zone
}

// StepRule is one step of the protocol.
type StepRule struct {
	ID     string
	Say    string   // what to do, as the end of "Next: "
	Why    string   // a sentence for whoever asks; may be empty
	Role   Role     // who owes it
	Phases []Status // when it is asked for
	// Gate is the status, Resolved or Closed, by which it should be done: whoever brings the incident there is asked about
	// it. Empty for none. Nothing is held up.
	Gate Status
	// From is the mildest severity that it is asked for at; empty for any, also while nobody has said how bad it is.
	From Severity
	Due  Due
	// Rhythm says that it comes back for as long as the phase lasts, as often as the severity asks for updates.
	Rhythm bool
	// Nudge says that nobody sees it before it is due.
	Nudge bool
	Verb  string // what to type or press; empty where a person can only say that it is done
	Done  Condition
}

// Due says when a step should be done.
type Due struct {
	After time.Duration
	Since Anchor // empty: it is never late
	// Hours and Days come on top: of them only what lies in the working hours counts, and a day has as many hours as those.
	Hours time.Duration
	Days  int
}

// Anchor is a moment that due times count from.
type Anchor string

// The anchors.
const (
	SinceDeclared Anchor = "declared"
	SinceStatus   Anchor = "status"   // when the incident came to where it stands now
	SinceResolved Anchor = "resolved" // when it was resolved
	SinceUpdate   Anchor = "update"   // when stakeholders last heard something, else when it was declared
	SinceDraft    Anchor = "draft"    // when somebody last wrote a section of the post
	SincePost     Anchor = "post"     // when the post's pull request was opened
	// SinceSilence is when somebody last wrote or did something in the incident's channel. What is due after it is a question
	// that comes back for as long as the phase lasts.
	SinceSilence Anchor = "silence"
)

// Condition is how the bot can tell that a step is done.
type Condition struct {
	What string // one of the Conditions; empty: only when somebody says so
	Of   string // which role, status or section
}

// The conditions.
const (
	WhenSeverity = "severity" // somebody said how bad it is
	WhenRole     = "role"     // the role was given to somebody
	WhenStatus   = "status"   // the status was reached or passed
	WhenUpdate   = "update"   // the stakeholders were told
	WhenSection  = "section"  // the section was written
	WhenSections = "sections" // every section was written
	WhenPost     = "post"     // the pull request is there
	WhenActions  = "actions"  // every action item that is not done has an owner
	WhenWell     = "well"     // somebody said since when users are well
	WhenTold     = "told"     // the stakeholders were told since then
	WhenClosed   = "closed"   // the incident is closed
	// WhenPublished: the pull request waits for nobody any more: it was merged, or closed
	WhenPublished = "published"
)

// Conditions lists the conditions, with what they are of: "" for nothing.
var Conditions = map[string]string{
	WhenSeverity: "", WhenRole: "role", WhenStatus: "status", WhenUpdate: "",
	WhenSection: "section", WhenSections: "", WhenPost: "", WhenActions: "", WhenClosed: "",
	WhenWell: "", WhenTold: "", WhenPublished: "",
}

// Mark says what became of a step.
type Mark struct {
	Step  string    `json:"step"`
	State MarkState `json:"state"`
	By    string    `json:"by,omitempty"` // Slack user id; empty when the bot could tell by itself
	At    time.Time `json:"at,omitzero"`  // UTC
	// Until is when a step that was put off is asked for again.
	Until  time.Time `json:"until,omitzero"`
	Reason string    `json:"reason,omitempty"` // why it was skipped
	// Late is how long after its due time it was done; for a step that comes back, the sum.
	Late time.Duration `json:"late,omitempty"`
	// Reminded counts the reminders since it fell due; the last was at RemindedAt, UTC.
	Reminded   int       `json:"reminded,omitempty"`
	RemindedAt time.Time `json:"reminded_at,omitzero"`
}

// MarkState says where a step stands.
type MarkState string

// The states of a step that is not simply open.
const (
	StepDone    MarkState = "done"
	StepSkipped MarkState = "skipped"
	StepLater   MarkState = "later"
	StepOpen    MarkState = "open" // it only counts reminders
)

// Role finds the rule of a role.
func (p *Protocol) Role(r Role) (RoleRule, bool) {
	for _, rule := range p.RoleRules() {
		if rule.Role == r {
			return rule, true
		}
	}
	return RoleRule{}, false
}

// Severity finds the rule of a severity.
func (p *Protocol) Severity(s Severity) (SeverityRule, bool) {
	for _, rule := range p.SeverityRules() {
		if rule.Severity == s {
			return rule, true
		}
	}
	return SeverityRule{}, false
}

// RoleRules lists the roles, in the order in which people read them. Nobody writes to the list.
func (p *Protocol) RoleRules() []RoleRule {
	if p != nil && len(p.Roles) > 0 {
		return p.Roles
	}
	return usualRoles
}

// SeverityRules lists the severities, mildest first. Nobody writes to the list.
func (p *Protocol) SeverityRules() []SeverityRule {
	if p != nil && len(p.Severities) > 0 {
		return p.Severities
	}
	return usualSeverities
}

// usualRoles and usualSeverities count where the protocol names none.
var usualRoles, usualSeverities = usualRules()

func usualRules() (roles []RoleRule, severities []SeverityRule) {
	for _, r := range Roles {
		roles = append(roles, RoleRule{Role: r, Title: r.Title(), Several: r == Ops})
	}
	for _, s := range Severities {
		severities = append(severities, SeverityRule{Severity: s, Word: strings.Fields(string(s))[0]})
	}
	return slices.Clip(roles), slices.Clip(severities)
}

// Words are the team's words for a message; empty when there are none.
func (p *Protocol) Words(t Text) string {
	if p == nil {
		return ""
	}
	return p.Texts[t]
}

// step finds a step.
func (p *Protocol) step(id string) (StepRule, bool) {
	if p == nil {
		return StepRule{}, false
	}
	i := slices.IndexFunc(p.Steps, func(r StepRule) bool { return r.ID == id })
	if i < 0 {
		return StepRule{}, false
	}
	return p.Steps[i], true
}
