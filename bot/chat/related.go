package chat

import (
	"fmt"
	"strconv"
	"strings"

	"watchbell/incidents"
)

func runRelate(t *turn) (Reply, error)    { return t.relate(false) }
func runDuplicate(t *turn) (Reply, error) { return t.relate(true) }

// relate reads "relate #41": the number is the other incident's, as this one is that of the channel; "#42 relate #41" names
// both.
func (t *turn) relate(duplicate bool) (Reply, error) {
	word, rest := firstWord(t.args)
	other, is, err := incidentNumber(word)
	if err != nil {
		return Reply{}, err
	}
	if !is || strings.TrimSpace(rest) != "" {
		return Reply{}, incidents.Refuse(incidents.Invalid, "Which other incident?").
			Next("Name it in this one's channel: `%s #41`; elsewhere name both: `%s #42 %s #41`.", t.verb.name, t.o.Command, t.verb.name)
	}
	if err := t.thisOne(); err != nil {
		return Reply{}, err
	}
	return t.reply(incidents.Relate{To: other, Duplicate: duplicate}, func(r incidents.Result) *Message {
		switch {
		case r.Unchanged:
			return say(fmt.Sprintf("#%d and #%d are linked already.", r.Incident, other))
		case duplicate:
			return say(fmt.Sprintf("#%d is called off: it is the same as #%d, whose timeline has what people wrote here.", r.Incident, other),
				Button{Label: fmt.Sprintf("Go to #%d", other), Action: "join", Value: strconv.Itoa(other)})
		}
		return say(fmt.Sprintf("#%d and #%d are linked; both cards say so.", r.Incident, other))
	})
}

// thisOne finds the incident that is not the other one: the one named before the verb, else that of the channel.
func (t *turn) thisOne() error {
	word, _ := firstWord(t.typed)
	named, _, _ := incidentNumber(word)
	if t.again.Incident != 0 {
		named = t.again.Incident
	}
	args := t.args
	t.args = "" // the number at its end is the other one's
	err := t.which(named)
	t.args = args
	return err
}

// relationLine names the incidents that this one belongs to; empty for none.
func relationLine(in incidents.Incident) string {
	var all []string
	for _, r := range in.Relations {
		all = append(all, fmt.Sprintf("%s #%d", r.Kind, r.Number))
	}
	if len(all) == 0 {
		return ""
	}
	return ":link: " + strings.Join(all, ", ")
}
