package campaign

import (
	"fmt"
	"math/rand/v2"
)

// Deed is what somebody does, or Wrong for what goes wrong.
type Deed string

// The deeds.
const (
	Declare    Deed = "declare"
	Log        Deed = "log"
	Edit       Deed = "edit" // of the entry that step Of logged, by the same person
	ActionItem Deed = "action"
	Section    Deed = "section" // of the post: each person writes one of their own
	Severity   Deed = "severity"
	Status     Deed = "status"
	Role       Deed = "role"
	Resolve    Deed = "resolve"
	Reopen     Deed = "reopen"
	Post       Deed = "postmortem"
	Update     Deed = "update"   // for stakeholders, by a form
	Say        Deed = "say"      // something in the channel that is captured
	Reword     Deed = "reword"   // edit the message of step Of
	Withdraw   Deed = "withdraw" // take the reaction off the message of step Of
	Look       Deed = "look"     // at the action items
	Wrong      Deed = "wrong"
)

// Repeat says how often a request is sent.
type Repeat string

// A network may send a request again, the same one: where no answer came, or although one came.
const (
	Once          Repeat = ""
	UntilAnswered Repeat = "until answered"
	Twice         Repeat = "twice"
)

// Way says how somebody does what they do.
type Way string

// The ways: typed as a command; a form that is sent; a button that is pressed, whose request is answered by nothing.
const (
	Typed  Way = ""
	Form   Way = "form"
	Button Way = "button"
)

// Step is one step of a plan.
type Step struct {
	// ID stays with a step when others are left out.
	ID int `json:"id"`
	// Who does it; empty for what goes wrong.
	Who  string `json:"who,omitempty"`
	Deed Deed   `json:"deed"`
	// Slot is which of the plan's incidents it is about, from 1.
	Slot int `json:"slot,omitempty"`
	Of   int `json:"of,omitempty"`
	// Text is what is written. It names the step, so that it is written nowhere else; a Severity, Status or Role has one
	// of a few words.
	Text   string `json:"text,omitempty"`
	Way    Way    `json:"way,omitempty"`
	Repeat Repeat `json:"repeat,omitempty"`
	Fault  *Fault `json:"fault,omitempty"`
}

// FaultKind is a way in which things go wrong.
type FaultKind string

// The kinds.
const (
	Kill    FaultKind = "kill"    // a process, as kill -9 does, at a Moment
	Service FaultKind = "service" // calls of a service fail
	Heal    FaultKind = "heal"    // services work again
	Events  FaultKind = "events"  // events come Count times each, out of order, until the next Events
	Leap    FaultKind = "leap"    // the clock jumps by Seconds
	Back    FaultKind = "back"    // the clock of a process goes back by Seconds, until the next Heal
	Suspend FaultKind = "suspend" // the process that makes the Count-th call stops with its effect, for longer than a lease
	Sockets FaultKind = "sockets" // Socket Mode's connections are cut
	Drop    FaultKind = "drop"    // connections to the database are cut
	Crash   FaultKind = "crash"   // the database server dies and comes back
	Full    FaultKind = "full"    // the disk is full, until the next Heal
	Broken  FaultKind = "broken"  // the disk fails; the process must end by itself
)

// Moment is when a process is killed.
type Moment string

// The moments: before a service sees the Count-th call from now, after it has done its work and before the answer is out;
// while the Count-th request is being handled; after it was answered and before the person sees the answer.
const (
	BeforeCall Moment = "before call"
	AfterCall  Moment = "after call"
	AtRequest  Moment = "at request"
	AfterReply Moment = "after reply"
)

// Fault is one thing that goes wrong.
type Fault struct {
	Kind    FaultKind `json:"kind"`
	Replica int       `json:"replica,omitempty"`
	When    Moment    `json:"when,omitempty"`
	Count   int       `json:"count,omitempty"`
	Service string    `json:"service,omitempty"` // slack, trello, github
	// Status is what the calls answer; 0 for a cut connection; 200 for half of an answer. After says that they have had
	// their effect. With a Status of -1 they are only slow.
	Status  int    `json:"status,omitempty"`
	After   bool   `json:"after,omitempty"`
	Seconds int    `json:"seconds,omitempty"` // of a leap; of Retry-After
	Seed    uint64 `json:"seed,omitempty"`    // of the order
}

// http503 is the Status of a service that has no time.
const http503 = 503

// Slow is the Status of calls that only take long.
const Slow = -1

// Plan is what a run does.
type Plan struct {
	Seed     uint64 `json:"seed"`
	Replicas int    `json:"replicas"`
	Postgres bool   `json:"postgres,omitempty"`
	// Socket has Slack speak through Socket Mode.
	Socket bool   `json:"socket,omitempty"`
	Steps  []Step `json:"steps"`
}

// People are those who act.
var People = []string{"ana", "ben", "chloe", "dan", "eve"}

// sections are those that the people write, one each.
var sections = []string{"impact", "trigger", "detection", "resolution", "lessons"}

// SectionOf is the section that a person writes.
func SectionOf(who string) string {
	for i, p := range People {
		if p == who {
			return sections[i]
		}
	}
	return ""
}

// Size says how large a plan is to be.
type Size struct {
	Incidents, Deeds, Kills, Faults, Replicas int
	Postgres, Socket                          bool
}

// New plans a run. The same seed and size give the same plan.
func New(seed uint64, size Size) Plan {
	g := &generator{
		Rand: rand.New(rand.NewPCG(seed, 11)), size: size,
		plan: Plan{Seed: seed, Replicas: max(size.Replicas, 1), Postgres: size.Postgres, Socket: size.Socket},
	}
	total := size.Incidents + size.Deeds
	declares := make([]int, size.Incidents)
	for i := 1; i < size.Incidents; i++ { // the first one comes first, the others among what is done
		declares[i] = g.IntN(max(total*2/3, 1))
	}
	at := map[int]int{}
	for _, d := range declares {
		at[d]++
	}
	kills, faults := g.times(size.Kills, total), g.times(size.Faults, total)
	for i := range total {
		for range at[i] {
			g.declare()
		}
		for range kills[i] {
			g.add(Step{Deed: Wrong, Fault: g.kill()})
		}
		for range faults[i] {
			g.add(Step{Deed: Wrong, Fault: g.fault()})
		}
		g.deed()
	}
	return g.plan
}

// generator makes up a plan.
type generator struct {
	*rand.Rand
	size  Size
	plan  Plan
	slots int
	logs  []Step // that may be edited
	said  []Step // that may be reworded or withdrawn
	since int    // faults since the last Heal
}

// times has n things happen at random among total steps, none at the first few.
func (g *generator) times(n, total int) map[int]int {
	at := map[int]int{}
	for range n {
		at[min(8, total/2)+g.IntN(max(total-8, 1))]++
	}
	return at
}

func (g *generator) add(s Step) Step {
	s.ID = len(g.plan.Steps) + 1
	g.plan.Steps = append(g.plan.Steps, s)
	return s
}

func (g *generator) someone() string { return People[g.IntN(len(People))] }

func (g *generator) next(words string) string {
	return fmt.Sprintf("c%d %s", len(g.plan.Steps)+1, words)
}

func (g *generator) declare() {
	g.slots++
	s := Step{Who: g.someone(), Deed: Declare, Slot: g.slots, Text: g.next("is down"), Repeat: g.repeat()}
	s.Way = g.way(s.Deed)
	g.add(s)
}

// way is how something is done. Over a socket everything is typed: only whoever holds the other end could send a form again.
func (g *generator) way(d Deed) Way {
	form, button := 0, 0 // of a hundred
	switch d {
	case Declare, Log, ActionItem, Section, Resolve:
		form = 35
	case Severity, Status:
		form, button = 25, 15
	case Reopen:
		button = 30
	case Update:
		form = 100
	}
	switch n := g.IntN(100); {
	case g.size.Socket:
		return Typed
	case n < form:
		return Form
	case n < form+button:
		return Button
	}
	return Typed
}

func (g *generator) repeat() Repeat {
	return []Repeat{Once, Once, UntilAnswered, UntilAnswered, Twice}[g.IntN(5)]
}

// deed adds something that somebody does.
func (g *generator) deed() {
	s := Step{Who: g.someone(), Slot: 1 + g.IntN(g.slots), Repeat: g.repeat()}
	switch n := g.IntN(100); {
	case n < 28:
		s.Deed, s.Text = Log, g.next("happened")
	case n < 38 && len(g.logs) > 0:
		of := g.logs[g.IntN(len(g.logs))]
		s.Deed, s.Who, s.Slot, s.Of, s.Text = Edit, of.Who, of.Slot, of.ID, g.next("is better")
	case n < 48:
		s.Deed, s.Text = ActionItem, g.next("is to do")
	case n < 56:
		s.Deed, s.Text = Section, g.next("is written")
	case n < 60:
		s.Deed, s.Text = Severity, []string{"degradation", "severe", "downtime"}[g.IntN(3)]
	case n < 65:
		s.Deed, s.Text = Status, []string{"investigating", "identified", "monitoring"}[g.IntN(3)]
	case n < 69:
		s.Deed, s.Text = Role, g.someone()
	case n < 73:
		s.Deed = Resolve
	case n < 75:
		s.Deed = Reopen
	case n < 78:
		s.Deed = Post
	case n < 88:
		s.Deed, s.Text, s.Repeat = Say, g.next("is said"), Once
	case n < 93 && len(g.said) > 0:
		of := g.said[g.IntN(len(g.said))]
		s.Deed, s.Who, s.Slot, s.Of, s.Text, s.Repeat = Reword, of.Who, of.Slot, of.ID, g.next("is said better"), Once
	case n < 95 && len(g.said) > 0:
		i := g.IntN(len(g.said))
		of := g.said[i]
		g.said = append(g.said[:i:i], g.said[i+1:]...)
		s.Deed, s.Who, s.Slot, s.Of, s.Repeat = Withdraw, of.Who, of.Slot, of.ID, Once
	case n < 97 && !g.size.Socket:
		s.Deed, s.Text = Update, g.next("users are told")
	default:
		s.Deed, s.Repeat = Look, Once
	}
	s.Way = g.way(s.Deed)
	s = g.add(s)
	switch s.Deed {
	case Log:
		g.logs = append(g.logs, s)
	case Say:
		g.said = append(g.said, s)
	}
}

func (g *generator) kill() *Fault {
	return &Fault{
		Kind: Kill, Replica: g.IntN(g.plan.Replicas), Count: 1 + g.IntN(6),
		When: []Moment{BeforeCall, AfterCall, AtRequest, AtRequest, AfterReply}[g.IntN(5)],
	}
}

// fault makes something go wrong. Nothing stays wrong for long: people would not see what the bot makes of it.
func (g *generator) fault() *Fault {
	if g.since++; g.since > 3 {
		g.since = 0
		return &Fault{Kind: Heal}
	}
	kinds := []FaultKind{Service, Service, Service, Events, Leap, Back}
	if g.size.Socket {
		kinds = append(kinds, Sockets)
	}
	if g.size.Postgres {
		kinds = append(kinds, Drop, Drop, Crash)
		if g.plan.Replicas > 1 {
			kinds = append(kinds, Suspend, Suspend)
		}
	} else {
		kinds = append(kinds, Full, Broken)
	}
	f := &Fault{Kind: kinds[g.IntN(len(kinds))]}
	switch f.Kind {
	case Service:
		f.Service = []string{"slack", "slack", "trello", "github"}[g.IntN(4)]
		f.Status = []int{0, 0, 200, 429, 500, 502, 503, Slow}[g.IntN(8)]
		f.Count, f.After = 1+g.IntN(12), g.IntN(2) == 0
		if g.size.Socket { // each failure keeps the bot from its line to Slack for longer
			f.Count = min(f.Count, 3)
		}
		if f.Status == 429 {
			f.After, f.Seconds = false, 1+g.IntN(5)
		}
	case Events:
		f.Count, f.Seed = 1+g.IntN(3), g.Uint64()
	case Leap:
		f.Seconds = []int{1, 20, 45, 240}[g.IntN(4)]
		if g.plan.Replicas > 1 { // a replica whose clock is ahead by a lease takes what others are at
			f.Seconds = 1 + g.IntN(5)
		}
	case Back:
		f.Replica, f.Seconds = g.IntN(g.plan.Replicas), []int{1, 20, 60, 240}[g.IntN(4)]
		if g.plan.Replicas > 1 { // as above, with what the others leap
			f.Seconds = 1 + g.IntN(4)
		}
	case Suspend:
		// Others are told to come back meanwhile, or not.
		f.When, f.Count, f.Status = AfterCall, 1+g.IntN(6), []int{0, http503, http503}[g.IntN(3)]
	}
	return f
}
