package campaign

import (
	"fmt"
	"slices"
	"strings"
)

// Rule is a promise that can be broken.
type Rule string

// The rules.
const (
	Lost     Rule = "lost"     // acknowledged, and not there
	Doubled  Rule = "doubled"  // there more than once
	Ghost    Rule = "ghost"    // there, and nobody asked, or it was refused
	Torn     Rule = "torn"     // there in part
	Disorder Rule = "disorder" // what came later stands before what came earlier
	Stale    Rule = "stale"    // a reader did not see what had been acknowledged
	Missing  Rule = "missing"  // not made at a service
	Unowned  Rule = "unowned"  // at a service, and no incident has it
	Differs  Rule = "differs"  // what is shown is not what is recorded
	Late     Rule = "late"     // it did not come to rest, or not in time
)

// Violation is one broken promise.
type Violation struct {
	Rule  Rule
	About string
}

func (v Violation) String() string { return string(v.Rule) + ": " + v.About }

// Bound is how long, by the bot's clock, everything may take to come to rest once nothing goes wrong any more, in seconds:
// a lease that a dead process held, and the slowest pace of retries within the first ten minutes of an outage.
const Bound = 120

// Check says what a state shows to be wrong with a run. It is a pure function.
func Check(h History, s State) []Violation {
	c := &checker{history: h, state: s, byTitle: map[string]Incident{}, ops: map[int]Op{}}
	for _, op := range h {
		c.ops[op.ID] = op
	}
	c.declared()
	for _, in := range s.Incidents {
		c.timeline(in)
		c.actions(in)
		c.updates(in)
		c.registers(in)
		c.outside(in)
	}
	c.captured()
	c.looks()
	c.unowned()
	for _, w := range s.Wrong {
		c.say(Torn, "%s", w)
	}
	if s.Seconds > Bound {
		c.say(Late, "it took %d s to come to rest", s.Seconds)
	}
	return c.found
}

type checker struct {
	history History
	state   State
	byTitle map[string]Incident
	ops     map[int]Op
	found   []Violation
}

func (c *checker) say(r Rule, format string, args ...any) {
	c.found = append(c.found, Violation{r, fmt.Sprintf(format, args...)})
}

// of are the operations of one kind that may have had an effect on an incident, or were refused.
func (c *checker) of(in Incident, deeds ...Deed) (all []Op) {
	for _, op := range c.history {
		if op.Number == in.Number && slices.Contains(deeds, op.Deed) && op.Outcome != Left {
			all = append(all, op)
		}
	}
	return all
}

// once checks that what an operation writes is there as often as its outcome says.
func (c *checker) once(op Op, n int) {
	what := fmt.Sprintf("step %d, %s %q by %s, %s", op.ID, op.Deed, op.Text, op.Who, op.Outcome)
	switch {
	case n > 1:
		c.say(Doubled, "%s: there %d times", what, n)
	case n == 0 && op.Outcome == Acknowledged:
		c.say(Lost, "%s", what)
	case n == 1 && op.Outcome == Refused:
		c.say(Ghost, "%s: it is there all the same", what)
	}
}

// declared checks that each incident was declared once, and has the number that was told.
func (c *checker) declared() {
	count := map[string]int{}
	numbers := map[int]bool{}
	for _, in := range c.state.Incidents {
		count[in.Title]++
		c.byTitle[in.Title] = in
		if numbers[in.Number] {
			c.say(Doubled, "the number #%d", in.Number)
		}
		numbers[in.Number] = true
	}
	var steps []numbered
	for _, op := range c.history {
		if op.Deed != Declare || op.Outcome == Left {
			continue
		}
		c.once(op, count[op.Text])
		in, there := c.byTitle[op.Text]
		delete(count, op.Text)
		untold := op.Way == Form && op.Number == 0 // a form closes without a word, and nobody could look its number up just then
		if there && op.Outcome == Acknowledged && in.Number != op.Number && !untold {
			c.say(Differs, "step %d was told that its incident is #%d, and it is #%d", op.ID, op.Number, in.Number)
		}
		if there {
			steps = append(steps, numbered{in.Number, op})
		}
	}
	for title := range count {
		c.say(Ghost, "the incident %q", title)
	}
	c.inOrder("incidents", steps)
}

// numbered is something that got a number in the order in which it was recorded.
type numbered struct {
	number int
	by     Op
}

// inOrder checks that what had been answered before something else was asked has the lower number.
func (c *checker) inOrder(what string, all []numbered) {
	slices.SortFunc(all, func(a, b numbered) int { return a.number - b.number })
	var latest numbered // of those with lower numbers, the one that began last
	for _, n := range all {
		if n.by.Outcome == Acknowledged && latest.by.Began > n.by.Ended {
			c.say(Disorder, "%s: step %d has number %d, step %d, which began after it was answered, %d",
				what, n.by.ID, n.number, latest.by.ID, latest.number)
		}
		if n.by.Began > latest.by.Began {
			latest = n
		}
	}
}

// timeline checks the entries of an incident: each that was logged is there once, in order, with all its edits in order.
func (c *checker) timeline(in Incident) {
	first := map[string][]Entry{}
	for _, e := range in.Entries {
		if e.Event == "" && e.Source == "" {
			first[e.Versions[0]] = append(first[e.Versions[0]], e)
		}
	}
	var steps []numbered
	for _, op := range c.of(in, Log) {
		entries := first[op.Text]
		c.once(op, len(entries))
		delete(first, op.Text)
		for _, e := range entries {
			steps = append(steps, numbered{e.Number, op})
			if !e.Shown {
				c.say(Lost, "entry %d of #%d is not shown, and nobody took it out", e.Number, in.Number)
			}
		}
		if len(entries) == 1 {
			c.edits(in, op, entries[0])
		}
	}
	for text := range first {
		c.say(Ghost, "#%d has an entry %q", in.Number, text)
	}
	c.inOrder(fmt.Sprintf("entries of #%d", in.Number), steps)
	declared := 0
	for _, e := range in.Entries {
		if e.Event == "declared" {
			declared++
		}
	}
	if declared != 1 {
		c.say(Torn, "#%d says %d times that it was declared", in.Number, declared)
	}
}

// edits checks the versions of an entry.
func (c *checker) edits(in Incident, logged Op, e Entry) {
	at := map[string][]int{}
	for i, text := range e.Versions[1:] {
		at[text] = append(at[text], i+1)
	}
	var steps []numbered
	for _, op := range c.of(in, Edit) {
		if op.Of != logged.ID {
			continue
		}
		c.once(op, len(at[op.Text]))
		for _, version := range at[op.Text] {
			steps = append(steps, numbered{version, op})
		}
		delete(at, op.Text)
	}
	for text := range at {
		c.say(Ghost, "entry %d of #%d has a version %q", e.Number, in.Number, text)
	}
	c.inOrder(fmt.Sprintf("versions of entry %d of #%d", e.Number, in.Number), steps)
}

// actions checks the action items of an incident.
func (c *checker) actions(in Incident) {
	there := map[string][]int{}
	for _, a := range in.Actions {
		there[a.Text] = append(there[a.Text], a.Number)
	}
	var steps []numbered
	for _, op := range c.of(in, ActionItem) {
		numbers := there[op.Text]
		c.once(op, len(numbers))
		delete(there, op.Text)
		for _, n := range numbers {
			steps = append(steps, numbered{n, op})
		}
	}
	for text := range there {
		c.say(Ghost, "#%d has an action item %q", in.Number, text)
	}
	c.inOrder(fmt.Sprintf("action items of #%d", in.Number), steps)
}

// updates checks that stakeholders were told as often as somebody told them. The timeline says that they were, not what.
func (c *checker) updates(in Incident) {
	said, least, most := 0, 0, 0
	for _, e := range in.Entries {
		if e.Event == "update" {
			said++
		}
	}
	for _, op := range c.of(in, Update) {
		if op.Outcome != Refused {
			most++
		}
		if op.Outcome == Acknowledged {
			least++
		}
	}
	switch {
	case said < least:
		c.say(Lost, "#%d says %d times that users were told, and %d updates were acknowledged", in.Number, said, least)
	case said > most:
		c.say(Doubled, "#%d says %d times that users were told, and %d updates were sent", in.Number, said, most)
	}
}

// captured checks that every message that people marked is in the timeline once, as it reads at the end, and no other.
func (c *checker) captured() {
	for _, m := range c.state.Messages {
		found := 0
		for _, in := range c.state.Incidents {
			for _, e := range in.Entries {
				if e.Source != m.Source || !e.Shown {
					continue
				}
				found++
				if in.Number != m.Number {
					c.say(Differs, "the message %q of #%d is in the timeline of #%d", m.Text, m.Number, in.Number)
				}
				if m.Wanted && e.text() != m.Text {
					c.say(Differs, "the message %q is in the timeline as %q", m.Text, e.text())
				}
			}
		}
		switch {
		case found > 1:
			c.say(Doubled, "the message %q is in the timeline %d times", m.Text, found)
		case found == 0 && m.Wanted:
			c.say(Lost, "the message %q is not in the timeline", m.Text)
		case found == 1 && !m.Wanted:
			c.say(Ghost, "the message %q is in the timeline", m.Text)
		}
		if m.Ticked != m.Wanted {
			c.say(Differs, "the message %q wears a tick: %v", m.Text, m.Ticked)
		}
	}
}

// looks checks that whoever looks at the action items sees all that were acknowledged before, and none that nobody asked
// for by then.
func (c *checker) looks() {
	for _, look := range c.history {
		if look.Deed != Look || look.Outcome != Acknowledged {
			continue
		}
		seen := map[string]bool{}
		for _, text := range look.Seen {
			seen[text] = true
		}
		for _, op := range c.history {
			if op.Deed != ActionItem || op.Number != look.Number || op.Outcome == Left {
				continue
			}
			if op.Outcome == Acknowledged && op.Ended < look.Began && !seen[op.Text] {
				c.say(Stale, "step %d does not see the action item of step %d", look.ID, op.ID)
			}
			if op.Outcome == Refused || op.Began > look.Ended {
				if seen[op.Text] {
					c.say(Ghost, "step %d sees the action item of step %d", look.ID, op.ID)
				}
			}
			delete(seen, op.Text)
		}
		for text := range seen {
			c.say(Ghost, "step %d sees an action item %q", look.ID, text)
		}
	}
}

// number is the incident of a key, 0 for none.
func number(key string) (n int) {
	_, _ = fmt.Sscanf(strings.SplitN(key, "/", 2)[0], "inc-%d", &n)
	return n
}
