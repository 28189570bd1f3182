package chat

import (
	"fmt"
	"strings"
	"time"

	"watchbell/incidents"
)

// drillMark begins everything that is said in a drill, so that nobody takes it for real.
const drillMark = "DRILL · "

func runDrill(t *turn) (Reply, error) {
	if len(t.o.Drills) == 0 {
		return Reply{}, incidents.Refuse(incidents.NotFound, "There is no drill to run.").Next("`declare` is for real incidents.")
	}
	name, _ := firstWord(t.args)
	drill := t.o.Drills[0]
	if name != "" {
		var names []string
		found := false
		for _, d := range t.o.Drills {
			names = append(names, "`"+d.Name+"`")
			if strings.EqualFold(d.Name, name) {
				drill, found = d, true
			}
		}
		if !found {
			return Reply{}, incidents.Refuse(incidents.NotFound, "There is no drill “%s”.", inline(Shorten(decoded(name), 40))).
				Next("There are %s: `%s drill %s`.", strings.Join(names, ", "), t.o.Command, t.o.Drills[0].Name)
		}
	}
	result, err := t.handle(incidents.StartDrill{Title: drill.Title, Lines: drill.Lines})
	if err != nil {
		return Reply{}, err
	}
	last := time.Duration(0)
	for _, l := range drill.Lines {
		last = max(last, l.After)
	}
	joining := "this conversation is asked who wants to join"
	if t.channel == "" {
		joining = "invite there who is to join"
	}
	return Reply{Message: say(fmt.Sprintf(
		"%sThe drill *%s* begins as #%d and takes about %s. Its channel opens in a moment; %s. Nothing real is announced or made.",
		drillMark, inline(drill.Title), result.Incident, lasted(max(last, time.Minute)), joining))}, nil
}

func runJoin(t *turn) (Reply, error) {
	if _, err := t.handle(incidents.Join{}); err != nil {
		return Reply{}, err
	}
	return Reply{Message: say(fmt.Sprintf("You are invited to <#%s>.", t.incident.Channel.ID))}, nil
}

// Invitation offers to join a drill.
func Invitation(s incidents.Snapshot) Message {
	text := fmt.Sprintf("%s<@%s> practises an incident: *%s*. Nothing of it is real. Who joins in?", drillMark, s.DeclaredBy, inline(s.Title))
	if !s.Status.Open() {
		return *say(fmt.Sprintf("%sThe drill *%s* is over. Nothing of it was real.", drillMark, inline(s.Title)))
	}
	return *say(text, Button{Label: "Join the drill", Action: "join", Value: number(s.Incident), Style: "primary"})
}

// DrillLine is what somebody in a drill's story says.
func DrillLine(l incidents.DrillLine) Message {
	return *say(drillMark + "*" + inline(l.Who) + "*: " + Shorten(Slack(l.Text), 2_000))
}

// marked marks a reply about a drill.
func (t *turn) marked(r Reply) Reply {
	if !t.drill || r.Message == nil {
		return r
	}
	m := drilled(true, *r.Message)
	r.Message = &m
	return r
}

// drilled marks a message of a drill, once.
func drilled(drill bool, m Message) Message {
	if !drill || m.Text == "" || strings.HasPrefix(m.Text, drillMark) {
		return m
	}
	m.Blocks = append([]Block(nil), m.Blocks...)
	refusal := strings.HasPrefix(m.Text, ":x: ")
	mark := func(text string) string {
		if refusal { // a refusal begins with :x: and words
			return strings.Replace(text, ":x: ", ":x: "+drillMark, 1)
		}
		return drillMark + text
	}
	m.Text = mark(m.Text)
	for i, b := range m.Blocks {
		if b.Kind == Section {
			m.Blocks[i].Text = mark(b.Text)
			break
		}
	}
	return m
}
