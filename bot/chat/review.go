package chat

import (
	"fmt"
	"strings"

	"watchbell/incidents"
)

// maxReviewed is how many findings a review shows at once.
const maxReviewed = 10

// Review shows what should perhaps not be published, to one person alone. What was found is not repeated.
func Review(in incidents.Incident, found []incidents.Finding) Message {
	if len(found) == 0 {
		return *say(fmt.Sprintf("Nothing in the post of #%d looks as if it should stay inside.", in.Number))
	}
	title := fmt.Sprintf("*Before the post of #%d is read by everybody:* %s.", in.Number, count(len(found), "place to look at", "places to look at"))
	m := Message{Text: title, Blocks: []Block{{Kind: Section, Text: title}}}
	for _, f := range found[:min(len(found), maxReviewed)] {
		line := "• " + sentence(f.Where) + " holds what looks like " + string(f.Kind) + "."
		if f.Kind.Secret() {
			line = ":lock: " + strings.TrimPrefix(line, "• ") + " It is *left out of the post* until somebody says that it is fine."
		}
		var row []Button
		add := func(label, action string) {
			row = append(row, Button{Label: label, Action: action, Value: number(in)})
		}
		section, inSection := strings.CutPrefix(f.Where, "the section ")
		switch {
		case f.Entry != 0:
			add("Edit", fmt.Sprintf("edit:%d", f.Entry))
			add("Make internal", fmt.Sprintf("internal:%d", f.Entry))
		case inSection:
			add("Edit", "draft:"+section)
		}
		add("It is fine", "fine:"+f.ID)
		m.Text += "\n" + line
		m.Blocks = append(m.Blocks, Block{Kind: Section, Text: line}, Block{Kind: Actions, Buttons: row})
	}
	if hidden := len(found) - maxReviewed; hidden > 0 {
		more := fmt.Sprintf("… and %d more; `check` shows what is left.", hidden)
		m.Text += "\n" + more
		m.Blocks = append(m.Blocks, Block{Kind: Context, Text: more})
	}
	return m
}

func runCheck(t *turn) (Reply, error) {
	snap, err := t.snapshot()
	if err != nil {
		return Reply{}, err
	}
	m := Review(snap.Incident, snap.Findings(t.o.InternalHosts))
	if t.o.Remarks != nil {
		m = WithRemarks(m, snap.Incident, t.o.Remarks(snap))
	}
	return Reply{Message: &m}, nil
}

func runFine(t *turn) (Reply, error) {
	snap, err := t.snapshot()
	if err != nil {
		return Reply{}, err
	}
	word := strings.ToLower(strings.TrimSpace(t.args))
	for _, f := range snap.Findings(t.o.InternalHosts) {
		if f.ID != word {
			continue
		}
		if _, err := t.handle(incidents.ClearFindings{IDs: []string{f.ID}}); err != nil {
			return Reply{}, err
		}
		return Reply{Message: say(fmt.Sprintf("Noted: what %s holds may be published.", f.Where))}, nil
	}
	return Reply{}, incidents.Refuse(incidents.NotFound, "That is not among what the check found, or somebody has answered it.").
		Next("`%s check` shows what is left.", t.o.Command)
}
