package chat

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"watchbell/incidents"
)

// asked adds to the answer to resolve or close what should have been done by then. The incident is where it was brought
// already: nothing is held up.
func (t *turn) asked(m *Message, gate incidents.Status) *Message {
	snap, err := t.snapshot()
	if err != nil {
		return m // it is done; the card asks as well
	}
	m.add(missing(snap, gate)...)
	if gate == incidents.Closed {
		m.add(openActions(snap)...)
	}
	return m
}

// add puts blocks below a message, and their text into its text.
func (m *Message) add(blocks ...Block) {
	for _, b := range blocks {
		if b.Text != "" {
			m.Text += "\n" + b.Text
		}
	}
	m.Blocks = append(m.Blocks, blocks...)
}

// missing asks about each step that should be done by a gate.
func missing(s incidents.Snapshot, gate incidents.Status) (blocks []Block) {
	for _, step := range s.Missing(gate) {
		if blocks == nil {
			blocks = []Block{{Kind: Section, Text: "*Still missing.* It holds nothing up."}}
		}
		row := gateButtons(s, step)
		row = append(row, Button{Label: "Not needed …", Action: "skip:" + step.ID, Value: number(s.Incident)})
		blocks = append(blocks, Block{Kind: Section, Text: "• " + inline(step.Say)}, Block{Kind: Actions, Buttons: row})
	}
	return blocks
}

func gateButtons(s incidents.Snapshot, step incidents.Step) []Button {
	if step.Done.What == incidents.WhenWell {
		return wellButtons(s)
	}
	row := stepButtons(s.Incident, step)
	return slices.DeleteFunc(row, func(b Button) bool {
		return strings.HasPrefix(b.Action, "snooze:") || strings.HasPrefix(b.Action, "skip:")
	})
}

// wellButtons offer the moments of the timeline at which users may have been well again.
func wellButtons(s incidents.Snapshot) (row []Button) {
	for _, at := range s.MaybeWell() {
		row = append(row, Button{
			Label: "Since " + at.UTC().Format("15:04") + " UTC", Value: number(s.Incident), Action: "mitigated:" + typedMoment(at),
		})
	}
	return append(row, Button{Label: "Another time …", Action: "mitigated", Value: number(s.Incident)})
}

// typedMoment is an instant as one would type it.
func typedMoment(at time.Time) string { return at.UTC().Format("2006-01-02 15:04") + " UTC" }

// openActions are those that go on after the incident is closed.
func openActions(s incidents.Snapshot) []Block {
	open := s.OpenActions()
	if len(open) == 0 {
		return nil
	}
	what := "These action items go on"
	if len(open) == 1 {
		what = "This action item goes on"
	}
	blocks := []Block{{Kind: Section, Text: "*" + what + ".* Is any of it done, or nobody's?"}}
	blocks = append(blocks, actionBlocks(s, open[:min(len(open), 10)])...)
	if len(open) > 10 {
		blocks = append(blocks, Block{Kind: Context, Text: "`actions` shows all of them."})
	}
	return blocks
}

var (
	finishes = regexp.MustCompile(`(?i)^(done|reopen)\s+#?([0-9]{1,4})$`)
	onlyDigs = regexp.MustCompile(`^#?[0-9]+$`)
)

// finish is "action done 2" and "action reopen 2"; nil when it is about a new action item.
func (t *turn) finish() (incidents.Command, error) {
	args := strings.TrimSpace(t.args)
	if m := finishes.FindStringSubmatch(args); m != nil {
		n, _ := strconv.Atoi(m[2]) // at most four digits
		return incidents.FinishAction{Number: n, Open: strings.EqualFold(m[1], "reopen")}, nil
	}
	if onlyDigs.MatchString(args) {
		n := strings.TrimPrefix(args, "#")
		return nil, incidents.Refuse(incidents.Invalid, "“%s” is no action item, but may be the number of one.", inline(args)).
			Next("`action done %s` says that it is done, `actions` shows them all, and `action rotate the keys` notes a new one.", n)
	}
	return nil, nil
}

var cardOf = regexp.MustCompile(`(?i)^card\s+#?([0-9]{1,4})$`)

// cardAction is "action card 2"; about is false when it is about something else.
func (t *turn) cardAction() (reply Reply, about bool, err error) {
	m := cardOf.FindStringSubmatch(strings.TrimSpace(t.args))
	if m == nil {
		return Reply{}, false, nil
	}
	n, _ := strconv.Atoi(m[1]) // at most four digits
	reply, err = t.reply(incidents.CardAction{Number: n}, func(r incidents.Result) *Message {
		if r.Unchanged {
			return say(fmt.Sprintf("Action item %d of #%d has a card already, or it is on the way.", n, r.Incident))
		}
		return say(fmt.Sprintf("The Trello card for action item %d of #%d follows in a moment.", n, r.Incident))
	})
	return reply, true, err
}

// cardButton makes a card where none is made by itself.
func cardButton(in incidents.Incident, action int) Button {
	b := Button{Label: "Make a card", Action: fmt.Sprintf("action:card %d", action), Value: number(in)}
	if in.Private {
		b.Confirm = "Everybody who sees the board can read this sentence there; what the incident is called stays off it. Make the card?"
	}
	return b
}

func (t *turn) finishes(cmd incidents.Command, err error) (Reply, error) {
	if err != nil {
		return Reply{}, err
	}
	return t.reply(cmd, func(r incidents.Result) *Message { return finished(*t.incident, cmd.(incidents.FinishAction), r) })
}

func finished(in incidents.Incident, c incidents.FinishAction, r incidents.Result) *Message {
	a, _ := in.Action(c.Number)
	what, again := "is done", Button{Label: "It is open after all", Action: fmt.Sprintf("action:reopen %d", c.Number), Value: number(in)}
	if c.Open {
		what, again = "is open again", Button{Label: "Done", Action: fmt.Sprintf("action:done %d", c.Number), Value: number(in)}
	}
	if r.Unchanged {
		what = strings.Replace(strings.Replace(what, "is open again", "is open", 1), "is done", "is done already", 1)
	}
	return say(fmt.Sprintf("Action item %d of #%d %s: “%s”.", c.Number, in.Number, what, Shorten(Slack(oneLine(a.Text)), 200)), again)
}

// maxMoments is how many moments the form offers.
const maxMoments = 25

// wellForm asks since when users are well, with what the timeline says.
func wellForm(c FormContext, s incidents.Snapshot) Form {
	since := Field{Name: "since", Label: "From the timeline", Kind: ChoiceField, Optional: true}
	for _, e := range slices.Backward(s.Entries) {
		at := e.At.UTC()
		same := func(o Option) bool { return o.Value == typedMoment(at) }
		if len(since.Options) == maxMoments || e.Event == incidents.EventDeclared || slices.ContainsFunc(since.Options, same) {
			continue
		}
		said := oneLine(Readable(EntryMarkdown(s.Incident, e)))
		since.Options = append(since.Options, Option{Value: typedMoment(at), Label: Shorten(at.Format("15:04")+" UTC "+said, maxLabel)})
	}
	f := Form{Verb: "mitigated", Title: "Since when is it well?", Submit: "Set", Context: c,
		Intro: "Since when are users well again? How long it took is reckoned from it."}
	if len(since.Options) > 0 {
		f.Fields = append(f.Fields, since)
	}
	f.Fields = append(f.Fields, Field{Name: "time", Label: "Or another time", Hint: timeHint(), Kind: TextField, Optional: true})
	return f
}

// well makes a command of that form: the time that was typed, else the one that was chosen.
func (t *turn) well(s Submitted) (incidents.SetStatus, error) {
	cmd := incidents.SetStatus{Status: incidents.Monitoring}
	field := "time"
	if strings.TrimSpace(s.Values["time"]) == "" {
		field = "since"
	}
	at, _, err := t.field(s, field)
	if err == nil {
		early, problem := t.beforeTheBeginning(at)
		if err = problem; early != nil {
			err = early
		}
	}
	cmd.At = at
	return cmd, err
}
