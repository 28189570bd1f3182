// Package campaign judges the bot under faults. It plans what people do and what goes wrong meanwhile (New), says what is
// wrong with what came of it (Check), and finds a shorter plan that still goes wrong (Shrink).
//
// The package is pure. The tests of package bot carry plans out on real processes, which they kill, and on services that
// fail; they hand back a History and the State that was left.
package campaign

// Outcome is what a person learned of what they asked.
type Outcome string

// The outcomes.
const (
	Acknowledged Outcome = "acknowledged" // it must be there
	Refused      Outcome = "refused"      // it must not be there
	Unknown      Outcome = "unknown"      // no answer came, or one that leaves it open: it may be there, once
	Left         Outcome = "left"         // it was not asked, for what it is about is not there
)

// Op is one thing that somebody did.
type Op struct {
	Step
	// Number is the incident that it is about, 0 where nobody knows. For a Declare it is the one that the answer names.
	Number int `json:"number,omitempty"`
	// Began and Ended are readings of one counter for the whole run, which says what came before what. Ended is when the
	// answer was there; where none came it is when the person gave up.
	Began   int     `json:"began"`
	Ended   int     `json:"ended"`
	Outcome Outcome `json:"outcome"`
	Answer  string  `json:"answer,omitempty"`
	// Seen are the words of a Look.
	Seen []string `json:"seen,omitempty"`
}

// LeavesOpen makes what was acknowledged unknown: a request was taken, and the answer to it does not say what came of it.
func (op *Op) LeavesOpen() {
	if op.Outcome == Acknowledged {
		op.Outcome = Unknown
	}
}

// History is everything that was asked and what goes wrong, in the order in which it began.
type History []Op

// State is what a run left behind, once everything had come to rest.
type State struct {
	Incidents []Incident
	Things    []Thing
	Messages  []Message
	// Wrong is what the store's own check, the services or the harness complain of.
	Wrong []string
	// Seconds are how long, by the clock of the bot, it took to come to rest once nothing went wrong any more.
	Seconds int
}

// Incident is an incident as the database has it, and what shows it elsewhere.
type Incident struct {
	Number                  int
	Title, Status, Severity string
	Ops                     string            // the name of whoever was given that role
	Sections                map[string]string // what was written for the post
	Actions                 []Action          // in the order of their numbers
	Entries                 []Entry           // in the order of the timeline; those that are not in it at the end
	Open                    []string          // deliveries that are not done
	Topic, TopicDue         string            // as it is, and as it must be
	Summary                 string            // the text of the card in its channel
	Post                    string            // the file in the pull request; empty for none
}

// Action is an action item.
type Action struct {
	Number int
	Text   string
}

// Entry is a line of the timeline with the words of all its versions, the last of which counts.
type Entry struct {
	Number   int
	Versions []string
	Shown    bool
	Event    string // which of the bot's own doings it tells; empty for what people wrote
	Source   string // the message that it comes from; empty for none
}

func (e Entry) text() string { return e.Versions[len(e.Versions)-1] }

// Thing is something that the bot made at a service, by its key: inc-1/channel, inc-1/action-2/card.
type Thing struct{ Key, Text string }

// Message is what a person said in an incident's channel, as Slack has it at the end.
type Message struct {
	Number int    // of the incident
	Source string // as in Entry
	Text   string
	// Wanted says that it is there and wears the reaction that captures, Ticked that it wears the bot's tick.
	Wanted, Ticked bool
}
