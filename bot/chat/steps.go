package chat

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"watchbell/incidents"
)

// nextBlocks are the card's one line about what comes next, with its buttons.
func nextBlocks(s incidents.Snapshot) []Block {
	step, ok := s.Next(s.Taken)
	if !ok {
		return nil
	}
	return []Block{
		{Kind: Section, Text: "*Next:* " + inline(step.Say) + owed(s.Incident, step)},
		{Kind: Actions, Buttons: stepButtons(s.Incident, step)},
	}
}

// owed says who owes a step and until when.
func owed(in incidents.Incident, step incidents.Step) string {
	rule, _ := in.Protocol.Role(step.Role)
	said := " (" + rule.Title
	if !step.DueAt.IsZero() && !step.Questions() {
		said += ", due " + clock(step.DueAt)
	}
	return said + ")"
}

// stepButtons do a step, say that it is done, put it off or leave it out.
func stepButtons(in incidents.Incident, step incidents.Step) []Button {
	value := number(in)
	if step.Questions() {
		return questionButtons(in, step)
	}
	var row []Button
	if verb, argument, _ := strings.Cut(step.Verb, " "); knownVerb(verb) {
		action := verb
		if argument != "" {
			action += ":" + argument
		}
		row = append(row, Button{Label: "Do it", Action: action, Value: value, Style: "primary"})
	}
	// A step that the bot can see is ticked by itself; one that comes back may have been done by other means.
	if step.Done.What == "" || step.Rhythm {
		row = append(row, Button{Label: "Done", Action: "done:" + step.ID, Value: value})
	}
	return append(row,
		Button{Label: "Later …", Action: "snooze:" + step.ID, Value: value},
		Button{Label: "Skip …", Action: "skip:" + step.ID, Value: value})
}

func knownVerb(name string) bool {
	return slices.ContainsFunc(verbs(), func(v verb) bool { return v.name == name || slices.Contains(v.synonyms, name) })
}

// Verbs lists what a protocol's `do` may name.
func Verbs() (names []string) {
	for _, v := range verbs() {
		names = append(names, v.name)
	}
	return names
}

func runNext(t *turn) (Reply, error) {
	open := t.incident.OpenSteps(t.o.Now())
	if len(open) == 0 {
		text := fmt.Sprintf("The protocol asks for nothing right now in #%d.", t.number)
		if later := t.resting(); len(later) > 0 {
			text += "\n" + strings.Join(later, "\n")
		}
		return Reply{Message: say(text)}, nil
	}
	lines := []string{"*Next:* " + inline(open[0].Say) + owed(*t.incident, open[0])}
	for _, step := range open[1:] {
		lines = append(lines, "• then "+inline(step.Say)+owed(*t.incident, step))
	}
	lines = append(lines, t.resting()...)
	if open[0].Why != "" {
		lines[0] += "\n" + inline(open[0].Why)
	}
	return Reply{Message: say(strings.Join(lines, "\n"), stepButtons(*t.incident, open[0])...)}, nil
}

// resting says what was put off, and until when.
func (t *turn) resting() []string {
	var lines []string
	for _, step := range t.incident.PutOff(t.o.Now()) {
		lines = append(lines, "• put off until "+clock(step.Mark.Until)+": "+inline(step.Say)+" (`done "+step.ID+"`, `skip "+step.ID+" …`)")
	}
	return lines
}

// step takes the name of a step off the front of a verb's arguments; it is empty for the next one.
func (t *turn) step() (id, rest string) {
	first, rest := firstWord(t.args)
	if p := t.incident.Protocol; p != nil {
		for _, rule := range p.Steps {
			if strings.EqualFold(first, rule.ID) {
				return rule.ID, rest
			}
		}
	}
	return "", t.args
}

func runDone(t *turn) (Reply, error) {
	id, rest := t.step()
	if rest != "" {
		return Reply{}, incidents.Refuse(incidents.NotFound, "The protocol has no step “%s”.", inline(Shorten(decoded(rest), 60))).
			Next("`%s next` says what it asks for; `%s done` alone means the next step.", t.o.Command, t.o.Command)
	}
	return t.stepped(incidents.DoneStep{Step: id})
}

func runSkip(t *turn) (Reply, error) {
	id, reason := t.step()
	if reason == "" && t.canForm {
		form, err := t.stepForm("skip", id)
		return Reply{Form: form}, err
	}
	return t.stepped(incidents.SkipStep{Step: id, Reason: t.text(reason)})
}

func runSnooze(t *turn) (Reply, error) {
	id, rest := t.step()
	if rest == "" && t.canForm {
		form, err := t.stepForm("snooze", id)
		return Reply{Form: form}, err
	}
	wait, err := howLate(rest)
	if err != nil {
		return Reply{}, err
	}
	return t.stepped(incidents.PutOffStep{Step: id, For: wait})
}

// howLate reads for how long a step is put off: 30m, 1h, 45 (minutes), or off.
func howLate(text string) (time.Duration, error) {
	word := strings.ReplaceAll(strings.ToLower(strings.TrimSpace(text)), " ", "")
	switch word {
	case "off", "never", "stop":
		return 0, nil
	case "":
		return 30 * time.Minute, nil
	}
	if n, err := strconv.Atoi(word); err == nil {
		word = strconv.Itoa(n) + "m"
	}
	if wait, err := time.ParseDuration(strings.TrimSuffix(word, "in")); err == nil && wait > 0 {
		return wait, nil
	}
	return 0, incidents.Refuse(incidents.Invalid, "“%s” is not how long to wait.", inline(Shorten(decoded(text), 60))).
		Next("Write `snooze 15m`, `snooze 1h`, or `snooze off` to hear no more of it.").In("for")
}

// stepForm asks why a step is skipped, or for how long it is put off.
func (t *turn) stepForm(verb, id string) (*Form, error) {
	step, err := t.incident.StepNamed(id, t.o.Now())
	if err != nil {
		return nil, err
	}
	c := t.context()
	c.Step = step.ID
	f := &Form{Verb: verb, Title: "Skip this step", Submit: "Skip", Context: c, Intro: "*" + inline(step.Say) + "*", Fields: []Field{
		{Name: "reason", Label: "Why?", Hint: "It goes on record, not into the post.", Kind: LongField},
	}}
	if verb == "snooze" {
		f.Title, f.Submit = "Later", "Later"
		f.Fields = []Field{{Name: "for", Label: "Ask again in", Kind: ChoiceField, Value: "30m", Options: []Option{
			{Value: "15m", Label: "15 minutes"}, {Value: "30m", Label: "30 minutes"}, {Value: "1h", Label: "an hour"}, {Value: "off", Label: "Not at all: no reminder"},
		}}}
	}
	return f, nil
}

func (t *turn) stepped(cmd incidents.Command) (Reply, error) {
	result, err := t.handle(cmd)
	if err != nil {
		return Reply{}, err
	}
	return Reply{Message: t.steppedTo(cmd, result)}, nil
}

// steppedTo words what became of a step, and what comes next.
func (t *turn) steppedTo(cmd incidents.Command, r incidents.Result) *Message {
	what := "Done: "
	switch c := cmd.(type) {
	case incidents.SkipStep:
		what = "Skipped: "
	case incidents.PutOffStep:
		what = "Until " + clock(r.Until) + ": "
		if c.For == 0 {
			what = "No more reminders: "
		}
	}
	text := what + strings.TrimRight(inline(r.Step), "?.!") + "."
	if id, done := cmd.(incidents.DoneStep); done && t.questions(id.Step) {
		text = "Noted: it is still going on."
	}
	if in, err := t.service.Incident(t.ctx, t.number); err == nil {
		if next, ok := in.Next(t.o.Now()); ok {
			text += " Next: " + inline(next.Say) + owed(in, next) + "."
		}
	}
	return say(text)
}
