package incidents

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Target is a service outside that deliveries go to.
type Target string

// The services.
const (
	Slack  Target = "slack"
	Trello Target = "trello"
	GitHub Target = "github"
	Web    Target = "web"  // addresses that updates are posted to
	Mail   Target = "mail" // mailboxes
)

// Kind says what a delivery brings about.
type Kind string

// The kinds. All but those with a Payload describe a state to reach and are rendered from the incident as it is when their turn
// comes.
const (
	KindChannel      Kind = "channel"      // the incident's Slack channel is there
	KindAnnouncement Kind = "announcement" // the team channel's message says how things are
	KindSummary      Kind = "summary"      // the incident channel's card says how things are
	KindPin          Kind = "pin"          // that card is pinned
	KindStale        Kind = "stale"        // the lead is told that the card cannot be brought up to date
	KindWebhook      Kind = "webhook"      // stakeholders are told on the web; Subject: the update's number and the address's name, Payload: what
	KindMail         Kind = "mail"         // stakeholders are told by e-mail; Subject and Payload likewise
	KindOnCall       Kind = "on-call"      // it is known who is on call; Subject: the user group's id
	KindVacant       Kind = "vacant"       // somebody is told that a role's holder has left; Subject: their user id
	KindQuiet        Kind = "quiet"        // it is known when anything was last heard of who has a role; Subject: the role
	KindTakeOver     Kind = "take-over"    // somebody is asked to take a role; Subject: the silence's number/user id
	KindAsked        Kind = "asked"        // whoever owes an update is told that somebody asks for it
	KindNews         Kind = "news"         // a follower is told what is new; Subject: version.number/user id, Payload: what
	KindCards        Kind = "cards"        // it is known which cards are where the done ones are
	KindCanvas       Kind = "canvas"       // the channel's canvas is the incident's state document
	KindTopic        Kind = "topic"        // the channel's topic says how things are
	KindInvite       Kind = "invite"       // a person is in the channel; Subject: user id
	KindBookmark     Kind = "bookmark"     // the channel links to the pull request
	KindTick         Kind = "tick"         // a message wears a tick while it is in the timeline; Subject: its source
	KindFetch        Kind = "fetch"        // the text of a captured message is read; Subject: its source
	KindPropose      Kind = "propose"      // whoever captured a message is asked about its TODO lines; Subject: the entry
	KindDescribe     Kind = "describe"     // whoever captured an image is asked what it shows; Subject: the entry
	KindUnfollowed   Kind = "unfollowed"   // whoever brought a message in is told that it cannot be followed; Subject: its channel
	KindReadBack     Kind = "read-back"    // the timeline holds what the channel shows; see Service.ReadBack
	KindAnswer       Kind = "answer"       // a person gets an answer; Payload: what and where
	KindInvitation   Kind = "invitation"   // the conversation where a drill was begun offers to join it
	KindLine         Kind = "line"         // somebody in a drill's story says something; Subject: its number, Payload: what
	KindCatchUp      Kind = "catchup"      // the channel is told what was written outside while Slack was away
	KindQuestion     Kind = "question"     // whoever rewrote an entry is asked about an edit of its message; Subject: its number
	KindUpdate       Kind = "update"       // stakeholders are told; Subject: its number and the channel, Payload: what
	KindReminder     Kind = "reminder"     // the reminder in the channel says what is due
	KindHandover     Kind = "handover"     // a person is asked to take the roles that they were given; Subject: user id
	KindReturned     Kind = "returned"     // whoever gave a role is told that it was declined; Subject: the handover's number
	KindRelieved     Kind = "relieved"     // a person is told what others did with their roles; Subject: user id/when, see relieve
	KindLookBack     Kind = "look-back"    // the lead is told how the protocol was followed
	KindBefore       Kind = "before"       // whoever declared is shown what was before and may be alike
	KindReview       Kind = "review"       // the lead is shown what should perhaps not be published
	KindCard         Kind = "card"         // an action item's Trello card; Subject: the action's number
	KindPull         Kind = "pull"         // how the pull request stands is known, and what people said about it
	KindOffer        Kind = "offer"        // the channel's message about the pull request, parent of what people said there
	KindRemark       Kind = "remark"       // what somebody said about the pull request is in the channel; Subject: its id
	KindSections     Kind = "sections"     // the channel's list of the post's sections says how they stand
	KindSection      Kind = "section"      // a section has a message in the channel; Subject: its name
	KindSuggestion   Kind = "suggestion"   // what is suggested for a section is asked about in its thread; Subject: the answer's ts, Payload: what
	KindReply        Kind = "reply"        // what somebody said about the pull request is answered; Subject: its id and how, Payload: what
	KindPost         Kind = "post"         // the post-mortem's branch and pull request
)

// Here is the Subject of a KindChannel that wants no new channel, but the conversation where the incident was declared.
const Here = "here"

// State is where a delivery stands.
type State string

// The states. A done delivery becomes pending again when what it shows has changed.
const (
	Pending State = "pending"
	Leased  State = "leased"
	Done    State = "done"
	Failed  State = "failed"  // not tried again soon, unless a person says so; see Service.Again
	Skipped State = "skipped" // given up by a person
)

// Receipt is what a service gave back for a thing that we made there.
type Receipt struct {
	ID  string `json:"id,omitempty"`  // the service's id: a channel, a message's ts, a card, a pull request's number
	URL string `json:"url,omitempty"` // for people, where there is one
	// Note is what the adapter wants to remember for the next time, such as the file that it wrote last.
	Note string `json:"note,omitempty"`
}

// Delivery is the wish to bring something outside in line with an incident.
type Delivery struct {
	// Key names the thing outside, so that it can be found again: "inc-42/action-3/card".
	Key      string
	Incident int // 0 for an answer that belongs to none
	Target   Target
	// Lane orders deliveries: within a lane they go out one at a time, oldest first. An incident has its own ones, see Lanes.
	Lane    string
	Kind    Kind
	Subject string
	Payload []byte // for the kinds that say so

	State State
	// Attempt numbers the leases. Settling names the attempt it belongs to, which fences off a worker that was given
	// up on.
	Attempt int
	// Tried counts the attempts since the receipt that may have reached the service. Above 1, there was one whose end nobody
	// heard of: without a receipt, the worker must look for the thing before it makes it.
	Tried int
	// Failures counts the failed attempts since the last success, the first of them at FailingSince (UTC; zero for
	// none). LastError is the sentence for people about the latest.
	Failures     int
	FailingSince time.Time
	LastError    string
	DueAt        time.Time // UTC
	Receipt      Receipt
	// LeasedUntil is when another process may take over what was leased; zero where there is no other.
	LeasedUntil time.Time
}

// MustLook reports whether the thing may already exist without our knowing.
func (d Delivery) MustLook() bool { return d.Tried > 1 && d.Receipt.ID == "" }

// Stands reports whether the thing outside is surely as the receipt says, unless people changed it. After an attempt whose
// end nobody heard of it may show what was wanted in between.
func (d Delivery) Stands() bool { return d.Tried <= 1 && d.Receipt.ID != "" }

// Explained reports whether the delivery has the key of what it is about, and a lane of its incident.
func (d Delivery) Explained() bool {
	if d.Kind == KindAnswer {
		return strings.HasPrefix(d.Key, "answer/")
	}
	from, before := Lanes(d.Incident)
	return d.Key == Incident{Number: d.Incident}.key(d.Kind, d.Subject) && d.Target == targetOf(d.Kind) &&
		from <= d.Lane && d.Lane < before
}

// Lanes returns the bounds of the names of an incident's lanes, byte by byte: all of them, and no other lane's, are at least
// from and less than before. Those of incident 0 are the lanes of answers, which belong to none.
func Lanes(number int) (from, before string) {
	name := "inc-" + strconv.Itoa(number)
	if number == 0 {
		name = "answer"
	}
	return name + "/", name + "0" // the byte after "/"
}

// lane is the name of one of the incident's lanes.
func (i Incident) lane(name string) string { return "inc-" + strconv.Itoa(i.Number) + "/" + name }

// SubjectNumber is the action item or entry that the delivery is about; 0 when it is about none.
func (d Delivery) SubjectNumber() int {
	n, _ := strconv.Atoi(d.Subject)
	return n
}

// SubjectSource is the Slack message that the delivery is about; zero when it is about none.
func (d Delivery) SubjectSource() Source {
	var s Source
	if json.Unmarshal([]byte(d.Subject), &s) != nil {
		return Source{}
	}
	return s
}

// Verdict says how an attempt ended.
type Verdict string

// The verdicts.
const (
	// Delivered: the thing outside is as it should be.
	Delivered Verdict = "delivered"
	// Deferred: nothing was sent, because the service, or our own pace for it, asks to wait.
	Deferred Verdict = "deferred"
	// Refused: the service did nothing and may do it later.
	Refused Verdict = "refused"
	// Uncertain: nobody knows whether the service did it: a time-out, a cut connection, a 5xx.
	Uncertain Verdict = "uncertain"
	// Impossible: trying again cannot help until a person changes something.
	Impossible Verdict = "impossible"
)

// Outcome is what came of an attempt.
type Outcome struct {
	Verdict Verdict
	// Receipt is kept when the verdict is Delivered. An empty receipt leaves the one from before.
	Receipt Receipt
	// Channel is the channel that was made (KindChannel); Message the text that was read (KindFetch); PullRequest the
	// one that was opened or brought up to date (KindPost).
	Channel     Channel
	Message     *FetchedMessage
	PullRequest PullRequest
	// Remarks are what people newly said about the pull request, and Moved that its branch is on another commit than when it
	// was last looked at (KindPull).
	Remarks []Remark
	Moved   bool
	// People are the Slack user ids of who is on call (KindOnCall).
	People []string
	// Actions are the numbers of the action items whose cards are where the done ones are (KindCards).
	Actions []int
	// More says that the delivery went well as far as it went, and that its receipt says where to go on (KindReadBack).
	More bool
	// Canvas says that the channel has a canvas, or may have one, which is to show what the card shows now (KindSummary).
	Canvas bool
	// Signs are the last ones of those who have roles (KindQuiet); then Heard is when anybody else was last heard.
	Signs []Sign
	// Step is the step that somebody was reminded of (KindReminder); empty for none. Heard is when somebody last wrote or did
	// something in the channel, where that was looked at; zero elsewhere.
	Step  string
	Heard time.Time
	// After is the least time to wait before the next attempt, as the service asked for it; zero for none.
	After time.Duration
	// Say is a sentence for people about what went wrong; Err is the chain for the log. Neither holds a secret.
	Say string
	Err error
}

// FetchedMessage is a Slack message as it was read.
type FetchedMessage struct {
	Found bool
	// Hidden says that the bot may not read where it was said; then nothing else is known.
	Hidden   bool
	Author   string // Slack user id
	Text     string // mrkdwn
	Files    []File
	EditedAt time.Time
}

// DeliveredAs is the outcome of an attempt that worked.
func DeliveredAs(r Receipt) Outcome { return Outcome{Verdict: Delivered, Receipt: r} }

// Failing is the outcome of an attempt that did not work.
func Failing(v Verdict, say string, err error) Outcome {
	return Outcome{Verdict: v, Say: say, Err: err}
}

// The pace of retries: while people watch it is quick, later it backs off.
const (
	quickFor    = 10 * time.Minute
	slowestPace = 15 * time.Minute
)

// Pace is the time to wait after a delivery's failures-th failure in a row (from 1), when the first was failingFor ago.
func Pace(failures int, failingFor time.Duration) time.Duration {
	quick := []time.Duration{time.Second, 2 * time.Second, 5 * time.Second}
	if failingFor < quickFor {
		return quick[min(max(failures, 1), len(quick))-1]
	}
	// After the quick minutes each wait is about as long as all of them so far: that doubles the interval.
	pace := 10 * time.Second
	for waited := quickFor; waited+pace < failingFor && pace < slowestPace; {
		waited += pace
		pace *= 2
	}
	return min(pace, slowestPace)
}

// Notice is an answer to one person, sent outside the request that asked.
type Notice struct {
	// Key makes it happen once: it is derived from the event that is answered.
	Key     string
	Channel string // Slack conversation
	Thread  string // ts of the thread's parent; empty for none
	User    string // who alone sees it; empty for everybody
	Body    []byte // what chat made of it
}

// Wish is a delivery that a Change asks for. A Store inserts it, or makes a done or failed one with the same key
// pending again; one that is pending stays as it is, and one that is being carried out is carried out once more.
type Wish struct {
	Delivery
	// Debounce delays a delivery that had been done before, Delay one that is new.
	Debounce, Delay time.Duration
	// At is when it is due, whatever was wished for before; zero for Debounce and Delay.
	At time.Time
	// Once leaves one with the same key as it is, whatever has become of it; Known wishes for nothing where there is none.
	Once, Known bool
}

const (
	// debounce keeps a burst of changes down to one or two edits of what shows state.
	debounce = time.Second
	// debounceCaptured does so for messages that are captured, which come in bursts. Each wears a tick at once.
	debounceCaptured = 5 * time.Second
	// debouncePost does the same for commits, which are read by reviewers.
	debouncePost = 3 * time.Second
	// debounceCards bounds how often Trello is asked about all of them.
	debounceCards = 20 * time.Second
	// debounceCanvas keeps a busy incident from using up what Slack lets all of them edit in a minute.
	debounceCanvas = 5 * time.Second
)

func (i Incident) wish(kind Kind, subject string) Wish {
	lane := string(targetOf(kind))
	switch kind {
	case KindReminder: // one that is due in an hour must not hold up what shows state
		lane = "reminder"
	case KindAnnouncement: // where no channel can be opened it goes out without one
		lane = "announcement"
	case KindPull: // a pull request that cannot be read must not hold up what is written to it
		lane = "pull"
	case KindPin, KindTopic, KindBookmark: // nor must an ornament hold up what people read
		lane = "marks"
	case KindCanvas:
		lane = "canvas"
	case KindReadBack: // reading back takes minutes in a long channel, and must not do so either
		lane = "read-back"
	}
	return Wish{Debounce: debounceOf(kind), Delivery: Delivery{
		Key: i.key(kind, subject), Incident: i.Number, Target: targetOf(kind),
		Lane: i.lane(lane), Kind: kind, Subject: subject,
	}}
}

func (i Incident) key(kind Kind, subject string) string {
	switch kind {
	case KindCard:
		return fmt.Sprintf("inc-%d/action-%s/card", i.Number, subject)
	case KindTick, KindFetch:
		s := Delivery{Subject: subject}.SubjectSource()
		return fmt.Sprintf("inc-%d/message-%s-%s/%s", i.Number, s.Channel, s.TS, kind)
	case KindNews, KindWebhook, KindMail, KindVacant, KindQuiet, KindTakeOver, KindRelieved:
		return fmt.Sprintf("inc-%d/%s-%s", i.Number, kind, subject)
	case KindUpdate, KindInvite, KindLine, KindQuestion, KindPropose, KindHandover, KindReturned, KindDescribe, KindRemark,
		KindSection, KindSuggestion, KindReply, KindUnfollowed:
		return fmt.Sprintf("inc-%d/%s-%s", i.Number, kind, subject)
	}
	return "inc-" + strconv.Itoa(i.Number) + "/" + string(kind)
}

func targetOf(kind Kind) Target {
	switch kind {
	case KindWebhook:
		return Web
	case KindMail:
		return Mail
	case KindCard, KindCards:
		return Trello
	case KindPost, KindPull, KindReply:
		return GitHub
	}
	return Slack
}

func debounceOf(kind Kind) time.Duration {
	switch kind {
	case KindAnnouncement, KindSummary, KindTopic, KindReadBack, KindSections, KindSection:
		return debounce
	case KindPost, KindCard:
		return debouncePost
	case KindCards:
		return debounceCards
	case KindCanvas:
		return debounceCanvas
	}
	return 0
}

// storedLine is a DrillLine as it is kept in a delivery's payload.
type storedLine struct {
	Who  string `json:"who"`
	Text string `json:"text"`
}

// line wishes that somebody in a drill says something. Lines have a lane of their own: one that is due in an hour must
// not hold up what shows state.
func (i Incident) line(number int, l DrillLine) Wish {
	w := i.wish(KindLine, strconv.Itoa(number))
	w.Lane = i.lane("drill")
	w.Payload, _ = json.Marshal(storedLine{l.Who, l.Text}) // two strings: it cannot fail
	w.Delay = l.After
	return w
}

// Line returns what is said by a KindLine.
func (d Delivery) Line() (DrillLine, error) {
	var s storedLine
	if err := json.Unmarshal(d.Payload, &s); err != nil {
		return DrillLine{}, fmt.Errorf("delivery %s: %w", d.Key, err)
	}
	return DrillLine{Who: s.Who, Text: s.Text}, nil
}

func subject(s Source) string {
	text, _ := json.Marshal(s) // two strings: it cannot fail
	return string(text)
}
