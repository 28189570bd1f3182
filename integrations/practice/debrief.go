package practice

import (
	"cmp"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// The steps of the protocol that a debrief looks at, in their order. Marks and hints name them so.
const (
	StepNoticed   = "noticed"
	StepDeclared  = "declared"
	StepRoles     = "roles"
	StepTold      = "told"
	StepMitigated = "mitigated"
	StepResolved  = "resolved"
)

var protocolNames = []string{StepNoticed, StepDeclared, StepRoles, StepTold, StepMitigated, StepResolved}

var protocolTitles = map[string]string{
	StepNoticed: "noticed", StepDeclared: "declared", StepRoles: "roles given", StepTold: "users told",
	StepMitigated: "mitigated", StepResolved: "resolved",
}

// markStart is what a mark may be counted from beside a step.
const markStart = "START"

// Mark is a drill's own measure for a step of the protocol: "declared within 5m of START". Of is START, the drill's
// beginning, or another step.
type Mark struct {
	Step   string
	Within time.Duration
	Of     string
}

var markForm = regexp.MustCompile(`^(\w+) within (\S+) of (\w+)$`)

// mark reads a line of the part "marks".
func (d *Drill) mark(line string) error {
	m := markForm.FindStringSubmatch(line)
	if m == nil {
		return fmt.Errorf("%q is no mark; write one such as declared within 5m of START", line)
	}
	within, err := time.ParseDuration(m[2])
	if err != nil || within <= 0 {
		return fmt.Errorf("%q is no length of time; write one such as 5m or 1h30m", m[2])
	}
	for _, name := range []string{m[1], m[3]} {
		if !slices.Contains(protocolNames, name) && (name != markStart || name == m[1]) {
			return fmt.Errorf("%q is no step of the protocol; there are %s, and START to count from", name, strings.Join(protocolNames, ", "))
		}
	}
	d.Marks = append(d.Marks, Mark{Step: m[1], Within: within, Of: m[3]})
	return nil
}

// Debrief is what happened in a drill, held against the protocol and the drill's marks. It holds facts and no judgement,
// and it is read off the workspace and the wire alone. All times are UTC.
type Debrief struct {
	Title      string
	Start, End time.Time
	// Steps are those of the protocol, in its order.
	Steps []DebriefStep
	Marks []MarkResult
	// Questions are those of the stakeholders.
	Questions []Question
	// Silence is the longest time that stakeholders heard nothing between declaration and mitigation; zero when there
	// was no such time.
	Silence Span
	// Outcome says what came out of it, a sentence each: the timeline, action items, the pull request.
	Outcome []string
	Calls   []ServiceCalls
	// Happened is what people did and what the bot made of it, in order.
	Happened []Happening
	// Missed is what others had to say or do and could not, in words.
	Missed []string
	// Past is what happened in truth, when a post-mortem was replayed.
	Past *Past
}

// DebriefStep is one step of the protocol. At is zero when it was left out, or when only a part of it was done.
type DebriefStep struct {
	Name, Title string
	At          time.Time
	Partly      bool
	// Detail says more, such as who got which role; it may be empty.
	Detail string
}

// MarkResult is a mark and what became of it.
type MarkResult struct {
	Mark
	// Took is how long it took; it counts when Result is MarkMet or MarkLate.
	Took   time.Duration
	Result string
}

// What can become of a mark.
const (
	MarkMet     = "in time"
	MarkLate    = "late"
	MarkLeftOut = "left out"
	MarkUnknown = "cannot be told" // what it counts from did not happen
)

// Question is what a stakeholder asked. Answered is zero when nobody did.
type Question struct {
	Asked, Answered time.Time
	Who, Where      string
	Text            string
}

// Span is a time from one instant to another.
type Span struct{ From, To time.Time }

// Long is how long a span is.
func (s Span) Long() time.Duration { return between(s.From, s.To) }

// between is the time from one instant to another as people tell it, who see a clock without seconds.
func between(from, to time.Time) time.Duration {
	return to.Truncate(time.Minute).Sub(from.Truncate(time.Minute))
}

// ServiceCalls counts the calls that a service got.
type ServiceCalls struct {
	Service string
	// Calls are all, Failed those that a fault hit, Limited those that were told to wait.
	Calls, Failed, Limited int
	// Trouble is the time from the first failed call to the last one.
	Trouble Span
}

// Happening is one line of what happened. Who is empty for the bot's doing.
type Happening struct {
	At        time.Time
	Who, Text string
}

// Debrief looks at the workspace as it is now and says how the drill went.
func (w *Workspace) Debrief(d Drill) Debrief {
	e := w.evidence(d)
	b := Debrief{Title: d.Title, Start: d.Start, End: d.Start, Past: d.Past, Questions: e.questions()}
	b.Steps = e.steps()
	b.Marks = markResults(d, b.Steps)
	b.Silence = e.silence(b.Steps)
	b.Outcome = w.outcome(d, b.at(StepDeclared))
	b.Calls = w.calls()
	b.Happened = w.happened(e)
	for _, h := range b.Happened {
		if h.At.After(b.End) {
			b.End = h.At
		}
	}
	for _, call := range w.Wire.Calls() {
		if call.At.After(b.End) {
			b.End = call.At
		}
	}
	return b
}

// at is when a step of the protocol was done, zero when it was not.
func (b Debrief) at(name string) time.Time {
	for _, s := range b.Steps {
		if s.Name == name {
			return s.At
		}
	}
	return time.Time{}
}

func markResults(d Drill, steps []DebriefStep) []MarkResult {
	at := map[string]time.Time{markStart: d.Start}
	for _, s := range steps {
		at[s.Name] = s.At
	}
	var results []MarkResult
	for _, m := range d.Marks {
		r := MarkResult{Mark: m, Took: between(at[m.Of], at[m.Step]), Result: MarkMet}
		switch {
		case at[m.Of].IsZero():
			r.Took, r.Result = 0, MarkUnknown
		case at[m.Step].IsZero():
			r.Took, r.Result = 0, MarkLeftOut
		case r.Took > m.Within:
			r.Result = MarkLate
		}
		results = append(results, r)
	}
	return results
}

// calls counts the wire log.
func (w *Workspace) calls() []ServiceCalls {
	var all []ServiceCalls
	log := w.Wire.Calls()
	for _, service := range []string{"slack", "trello", "github"} {
		c := ServiceCalls{Service: service, Calls: w.Wire.Count(service)}
		for _, call := range log {
			switch {
			case call.Service != service:
			case call.Fault != "":
				c.Failed++
				if c.Trouble.From.IsZero() {
					c.Trouble.From = call.At
				}
				c.Trouble.To = call.At
			case call.Status == http.StatusTooManyRequests:
				c.Limited++
			}
		}
		all = append(all, c)
	}
	return all
}

// outcome says what is there at the end.
func (w *Workspace) outcome(d Drill, declared time.Time) []string {
	var said []string
	cards := 0
	for _, c := range w.Trello.Cards(w.Trello.Board().ID) {
		if !c.Closed && !c.Created.Before(d.Start) {
			cards++
		}
	}
	said = append(said, numbered(cards, "card was", "cards were")+" made for action items.")
	pulls := w.GitHub.Pulls()
	if len(pulls) == 0 {
		return append(said, "No pull request with a post-mortem was opened.")
	}
	pr := pulls[len(pulls)-1]
	said = append(said, fmt.Sprintf("The pull request “%s” was opened at %s.", pr.Title, pr.Created.UTC().Format("15:04")))
	post, _ := w.newestPost()
	past, err := ReadPast("", []byte(post))
	if err != nil {
		return append(said, "Its post has no timeline.")
	}
	early := 0
	for _, entry := range past.Entries {
		if !declared.IsZero() && entry.At.Before(declared.Truncate(time.Minute)) {
			early++
		}
	}
	return append(said, fmt.Sprintf("The post's timeline has %s; %d happened before the declaration.",
		numbered(len(past.Entries), "entry", "entries"), early))
}

func numbered(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// happened puts what people said and what the bot made of it in order.
func (w *Workspace) happened(e evidence) []Happening {
	var all []Happening
	for _, m := range e.said {
		where := "in #" + m.channel
		if m.incident {
			where = "in the incident's channel"
		}
		all = append(all, Happening{m.at, m.who, where + ": " + shortened(m.text, 160)})
	}
	for _, t := range e.turns {
		all = append(all, Happening{At: t.at, Text: e.named(t.text)})
	}
	for _, c := range w.Trello.Cards(w.Trello.Board().ID) {
		if !c.Created.Before(e.drill.Start) {
			all = append(all, Happening{At: c.Created, Text: "A card is made: " + shortened(c.Name, 160)})
		}
	}
	for _, pr := range w.GitHub.Pulls() {
		all = append(all, Happening{At: pr.Created, Text: "The pull request is opened: " + pr.Title})
		if pr.Merged {
			all = append(all, Happening{At: pr.MergedAt, Text: "The pull request is merged: " + pr.Title})
		}
	}
	slices.SortStableFunc(all, func(a, b Happening) int { return a.At.Compare(b.At) })
	return all
}

// shortened makes one line of a text and cuts it, by characters.
func shortened(text string, most int) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return string(runes)
}

// earliest is the first of some instants, leaving out those that are zero.
func earliest(all ...time.Time) time.Time {
	all = slices.DeleteFunc(all, time.Time.IsZero)
	if len(all) == 0 {
		return time.Time{}
	}
	return slices.MinFunc(all, func(a, b time.Time) int { return cmp.Compare(a.UnixNano(), b.UnixNano()) })
}
