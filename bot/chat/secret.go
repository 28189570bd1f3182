package chat

import "watchbell/incidents"

// noSecret asks about a title that holds what looks like a password or token: it is announced, and names the channel,
// before anybody could take it out again.
func (t *turn) noSecret(title string) error {
	without := incidents.Incident{}.Struck(title)
	if without == title {
		return nil
	}
	return incidents.Refuse(incidents.Invalid, "That title holds what looks like a password or token, and everybody would read it. Nothing was declared yet.").
		Next("Take it out. Typed, `declare` offers to keep it.").In("title")
}

// declareWithout offers to declare with the title as it is, or without what looks like a secret in it.
func (t *turn) declareWithout(refused *incidents.Refusal) error {
	choices := []choice{{label: "Declare it as it is", again: again{Event: t.event, Mean: true}}}
	if text := "declare " + (incidents.Incident{}).Struck(t.args); len(text) <= incidents.MaxTitle*4 {
		choices = append([]choice{{label: "Declare it without that", again: again{Event: t.event, Text: text}}}, choices...)
	}
	return &question{Refusal: incidents.Refuse(refused.Code, "%s", refused.Text).Next("Press what you mean.").In("title"), choices: choices}
}
