package chat

import "watchbell/incidents"

// Reminder is the message that reminds somebody of a step, as it should look now.
func Reminder(s incidents.Snapshot, step incidents.Step) Message {
	said := "this is due"
	if step.Questions() {
		said = "nobody has written here since " + clock(s.QuietSince())
	}
	what := ": *" + inline(step.Say) + "*" + owed(s.Incident, step)
	text := ":alarm_clock: " + sentence(said) + what
	if step.Holder != "" {
		text = ":alarm_clock: <@" + step.Holder + ">, " + said + what
	}
	if step.Due.Since == incidents.SincePost && s.Post.URL != "" {
		text += "\n" + postLinks(s.Incident)
	}
	if step.Why != "" {
		text += "\n" + inline(step.Why)
	}
	row := stepButtons(s.Incident, step)
	if open := deserted(s.Incident); len(open) > 0 {
		text += "\nNobody is there for *" + roleTitles(s.Incident, open) + "*."
		row = append(row, Button{Label: "Give it to someone", Action: "role", Value: number(s.Incident)})
	}
	return drilled(s.Drill, Message{Text: text, Blocks: []Block{{Kind: Section, Text: text}, {Kind: Actions, Buttons: row}}})
}

// questionButtons answer the question whether it is still going on.
func questionButtons(in incidents.Incident, step incidents.Step) []Button {
	value := number(in)
	row := []Button{{Label: "Yes, still going on", Action: "done:" + step.ID, Value: value, Style: "primary"}}
	if in.Status != incidents.Monitoring {
		row = append(row, Button{Label: "Mitigated", Action: "mitigated", Value: value})
	}
	return append(row,
		Button{Label: "Resolved …", Action: "resolve", Value: value, Confirm: "Say that it is over? The post-mortem comes next."},
		Button{Label: "Later …", Action: "snooze:" + step.ID, Value: value})
}

// questions reports whether a step, by its id, is the question whether it is still going on.
func (t *turn) questions(id string) bool {
	step, err := t.incident.StepNamed(id, t.o.Now())
	return err == nil && step.Questions()
}
