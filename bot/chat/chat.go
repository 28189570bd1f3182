// Package chat is what Watchbell understands and says in chat: the table of verbs, the reading of what people type,
// press, fill in and react with, and the wording of every reply, as plain values.
//
// It knows nothing of Slack's wire. Package slackio turns payloads into Said, Pressed, Submitted and the other values
// here, hands them to a Desk, and carries its Reply back. A Desk works out which incident is meant, makes a command of
// the words, has incidents.Service carry it out, and words the result.
package chat

import (
	"context"
	"time"

	"watchbell/incidents"
)

// Said is a verb with its arguments, typed after the slash command or after a mention of the bot.
type Said struct {
	// Event identifies the delivery that brought it; the same delivery, coming again, has the same one.
	Event   string
	User    string // Slack user id
	Channel string // Slack conversation id
	Thread  string // ts of the thread's parent; empty outside threads
	// Text is what follows the command or the mention, as Slack escaped it: "log 14:05 see <https://x.io>".
	Text string
	// CanOpenForm says that a form can be opened in answer: there is a trigger.
	CanOpenForm bool
	// Later says that the reply is queued for the person. Where it can, the Desk does that itself, in one transaction with
	// what the reply tells of; see Reply.Told.
	Later bool
	// pressed says that a button said this, so that nobody typed it.
	pressed bool
}

// Pressed is a press of one of our buttons.
type Pressed struct {
	Event, User, Channel string
	// Action and Value are the button's action_id and value.
	Action, Value string
	CanOpenForm   bool
	// Ephemeral says that only this person sees the message with the button, and that it can be replaced.
	Ephemeral bool
}

// Submitted is a form that was sent.
type Submitted struct {
	// Event is derived from the view's id: a form takes effect once.
	Event, User string
	Verb        string // the form's callback_id
	Context     FormContext
	// Values holds what was filled in, by field: text as typed, the chosen option's value, a Slack user id, a date as
	// YYYY-MM-DD, "true" for a ticked box.
	Values map[string]string
}

// Marked is a reaction that was added to a message or removed from it, or a pin.
type Marked struct {
	Event, User, Channel string
	TS                   string // the message's ts
	Emoji                string // without colons; empty for a pin
	Pin                  bool
	At                   time.Time
	Removed              bool
}

// UsedShortcut is the use of a global or message shortcut.
type UsedShortcut struct {
	Event, User, Callback string
	// Channel, TS, Author and Text describe the message of a message shortcut; Text is mrkdwn.
	Channel, TS, Author, Text string
	// Thread is the ts of the parent of the message's thread; empty outside threads.
	Thread   string
	EditedAt time.Time // of the message; zero for never
	Files    bool      // the message has files
}

// MessageChanged is an edit or the deletion of a message.
type MessageChanged struct {
	Channel, TS string
	Text        string // the new text, mrkdwn
	Files       []incidents.File
	EditedAt    time.Time
	Deleted     bool
}

// Reply is what comes of what a person did.
type Reply struct {
	// Message is for that person alone. It is nil when there is nothing to say.
	Message *Message
	// Replace says that Message takes the place of the ephemeral one whose button was pressed.
	Replace bool
	// Told says that Message is queued already.
	Told bool
	// Picture goes into their own conversation with the bot, after Message: nobody else sees a file there. Nil for none.
	Picture *Picture
	// Unkept says that Message is sent at once and kept nowhere, for it holds what is not to be stored. Where it does not
	// arrive, nobody misses it.
	Unkept bool
	// Form is to be opened for them. In answer to a form, it takes that one's place.
	Form *Form
	// Errors names the fields of a submitted form that cannot be used, with a sentence each; the form stays open.
	Errors map[string]string
}

// Picture is a file for one person, with the words around it.
type Picture struct {
	Name string // of the file
	Text string // mrkdwn, what it says in numbers
	// Draw makes it: its bytes, and what it shows for who cannot see it. Nil bytes: there is nothing to draw.
	Draw func() (data []byte, words string, err error)
}

// Shortcut callback ids.
const (
	ShortcutDeclare       = "declare"
	ShortcutAddToTimeline = "add_to_timeline"
	ShortcutAddThread     = "add_thread"
)

// Desk answers what people do. It is safe for concurrent use.
type Desk struct {
	verbs   []verb
	service *incidents.Service
	o       DeskOptions
	recent  recent
	pace    *Throttle
	offers  offers
}

// DeskOptions configures a Desk.
type DeskOptions struct {
	// Command is the slash command, with its slash, as help prints it.
	Command string
	// Reaction is the emoji that captures a message, without colons.
	Reaction string
	// Zone returns the time zone of a person (a Slack user id), nil when it is not known.
	Zone func(ctx context.Context, user string) *time.Location
	Now  func() time.Time
	// Escapes write captured text as Markdown for people to edit; as it stands when not set.
	Escapes Escapes
	// InternalHosts are the endings of host names that should stay inside.
	InternalHosts []string
	// Remarks are what a reviewer would say of the post as it would be now, worst first; nil where nobody reads it.
	Remarks func(incidents.Snapshot) []Remark
	// Preview writes the post as it would be now, Markdown with front matter; nil where nobody can.
	Preview func(incidents.Snapshot) string
	// Conversation returns what people said in a part of a conversation, at most so many messages, the newest, in the order
	// in which they were said.
	Conversation func(ctx context.Context, of Stretch, most int) ([]Spoken, error)
	// Public reports whether everybody of the workspace can read a conversation; nil where nobody can tell.
	Public func(ctx context.Context, channel string) (bool, error)
	// Members returns who is in a Slack user group, by id.
	Members func(ctx context.Context, group string) ([]string, error)
	// Listens reports whether talk in a channel that looks like an incident is offered to be declared; nil for nowhere.
	Listens func(ctx context.Context, channel string) bool
	// Drills are the drills that can be run, the default first.
	Drills []Drill
	// PerMinute is how much one person may ask for within a minute; 0: there is no bound.
	PerMinute int
	// StatsPage is the address of the page that draws the incidents of a period; nil, or empty, for nowhere.
	StatsPage func(from, to time.Time) string
	// StatsPicture draws the incidents of a period as Picture.Draw does; nil: nobody does.
	StatsPicture func(incidents.Statistics) (data []byte, words string, err error)
	// Tell names the channels in which stakeholders are told, for people.
	Tell []string
}

// Drill is an incident to practise in Slack.
type Drill struct {
	Name, Title string
	Lines       []incidents.DrillLine
}

// NewDesk returns a Desk in front of a service.
func NewDesk(service *incidents.Service, o DeskOptions) *Desk {
	if o.Escapes.Text == nil {
		same := func(s string) string { return s }
		o.Escapes = Escapes{Text: same, Code: func(s string) string { return "`" + s + "`" }, Fence: func(s string) string { return "```\n" + s + "\n```" },
			Link: func(label, url string) string { return "[" + label + "](" + url + ")" }}
	}
	return &Desk{verbs: verbs(), service: service, o: o, pace: NewThrottle(o.PerMinute)}
}
