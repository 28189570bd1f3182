package campaign

import (
	"fmt"
	"slices"
	"strings"
)

// meaning is what a word that is typed is recorded as.
var meaning = map[string]string{
	"degradation": "service degradation", "severe": "severe service degradation",
}

// effect is what an operation leaves in its register.
func effect(op Op) string {
	switch op.Deed {
	case Resolve:
		return "resolved"
	case Reopen:
		return "investigating"
	}
	if long, ok := meaning[op.Text]; ok && op.Deed == Severity {
		return long
	}
	return op.Text
}

// registers checks that what can be written again and again holds something that may have been written last.
func (c *checker) registers(in Incident) {
	c.register(fmt.Sprintf("the severity of #%d", in.Number), in.Severity, "", c.of(in, Severity))
	c.register(fmt.Sprintf("the status of #%d", in.Number), in.Status, "declared", c.of(in, Status, Resolve, Reopen))
	c.register(fmt.Sprintf("the ops role of #%d", in.Number), in.Ops, "", c.of(in, Role))
	for _, who := range People {
		section := SectionOf(who)
		var by []Op
		for _, op := range c.of(in, Section) {
			if op.Who == who {
				by = append(by, op)
			}
		}
		c.register(fmt.Sprintf("the section %s of #%d", section, in.Number), in.Sections[section], "", by)
	}
}

// register checks a value against the operations that wrote it: it is that of one which was not refused, and after whose
// end no other one began that was acknowledged.
func (c *checker) register(what, value, initial string, ops []Op) {
	overwrites := func(later Op, earlier string) bool {
		switch {
		case later.Outcome != Acknowledged:
			return false
		case later.Deed == Reopen: // what is open stays as it is
			return earlier == "resolved"
		case later.Deed == Status && later.Text == "monitoring": // of what is over it says since when users are well
			return earlier != "resolved"
		}
		return true
	}
	written, overwritten := false, 0
	if value == initial {
		written = true
		for _, op := range ops {
			if overwrites(op, initial) {
				overwritten = op.ID
			}
		}
		if overwritten == 0 {
			return
		}
	}
	for _, op := range ops {
		if op.Outcome == Refused || effect(op) != value {
			continue
		}
		written, overwritten = true, 0
		for _, later := range ops {
			if op.Outcome == Acknowledged && later.Began > op.Ended && effect(later) != value && overwrites(later, value) {
				overwritten = later.ID
			}
		}
		if overwritten == 0 {
			return
		}
	}
	if !written {
		c.say(Ghost, "%s is %q", what, value)
		return
	}
	c.say(Lost, "%s is %q, although step %d was acknowledged later", what, value, overwritten)
}

// outside checks that an incident has one of everything at the services, and that it shows what is recorded.
func (c *checker) outside(in Incident) {
	for _, key := range in.Open {
		c.say(Late, "%s is not done", key)
	}
	things := map[string][]Thing{}
	for _, t := range c.state.Things {
		if number(t.Key) == in.Number {
			things[t.Key] = append(things[t.Key], t)
		}
	}
	prefix := fmt.Sprintf("inc-%d/", in.Number)
	must := []string{"channel", "announcement", "summary", "pin"}
	if c.wantsPost(in) {
		must = append(must, "branch", "pull", "bookmark")
	}
	for _, a := range in.Actions {
		must = append(must, fmt.Sprintf("action-%d/card", a.Number))
	}
	for _, name := range must {
		if len(things[prefix+name]) == 0 {
			c.say(Missing, "%s", prefix+name)
		}
	}
	for key, all := range things {
		if len(all) > 1 && !strings.HasSuffix(key, "/reminder") {
			c.say(Doubled, "%s is there %d times", key, len(all))
		}
	}
	for _, a := range in.Actions {
		key := fmt.Sprintf("%saction-%d/card", prefix, a.Number)
		for _, t := range things[key] {
			if !strings.Contains(t.Text, a.Text) {
				c.say(Differs, "%s is %q, and the action item %q", key, t.Text, a.Text)
			}
		}
	}
	c.shown(in)
}

// wantsPost reports whether the post was asked for.
func (c *checker) wantsPost(in Incident) bool {
	return in.Post != "" || slices.ContainsFunc(c.of(in, Resolve, Post), func(op Op) bool { return op.Outcome == Acknowledged })
}

// shown checks what shows the incident as it is.
func (c *checker) shown(in Incident) {
	if in.Topic != in.TopicDue {
		c.say(Differs, "the topic of #%d is %q and should be %q", in.Number, in.Topic, in.TopicDue)
	}
	last := ""
	count := map[string]int{}
	for _, e := range in.Entries {
		if e.Shown {
			last = e.text()
			count[last]++
		}
	}
	for _, words := range []string{in.Title, in.Status, in.Severity, last} {
		if !strings.Contains(in.Summary, words) {
			c.say(Differs, "the card of #%d does not say %q", in.Number, words)
		}
	}
	if in.Post == "" {
		return
	}
	for text, n := range count {
		if got := strings.Count(in.Post, " - "+text+"\n"); got != n {
			c.say(Differs, "the post of #%d has %q %d times in its timeline, which has it %d times", in.Number, text, got, n)
		}
	}
	for _, words := range in.Sections {
		if strings.Count(in.Post, words) != 1 {
			c.say(Differs, "the post of #%d has %q %d times", in.Number, words, strings.Count(in.Post, words))
		}
	}
	for _, a := range in.Actions {
		if strings.Count(in.Post, a.Text) != 1 {
			c.say(Differs, "the post of #%d has the action item %q %d times", in.Number, a.Text, strings.Count(in.Post, a.Text))
		}
	}
}

// unowned checks that everything at the services belongs to an incident, and is something that an incident has.
func (c *checker) unowned() {
	for _, t := range c.state.Things {
		n := number(t.Key)
		i := slices.IndexFunc(c.state.Incidents, func(in Incident) bool { return in.Number == n })
		if i < 0 {
			c.say(Unowned, "%s (%.60s)", t.Key, t.Text)
			continue
		}
		name := strings.TrimPrefix(t.Key, fmt.Sprintf("inc-%d/", n))
		in := c.state.Incidents[i]
		switch {
		case strings.HasSuffix(name, "/card") && !slices.ContainsFunc(in.Actions, func(a Action) bool {
			return name == fmt.Sprintf("action-%d/card", a.Number)
		}):
			c.say(Unowned, "%s (%.60s)", t.Key, t.Text)
		case (name == "branch" || name == "pull" || name == "bookmark") && !slices.ContainsFunc(c.of(in, Resolve, Post), func(op Op) bool {
			return op.Outcome != Refused
		}):
			c.say(Unowned, "%s, and nobody asked for the post", t.Key)
		}
	}
}
