package chat

import (
	"fmt"
	"slices"
	"strings"

	"watchbell/incidents"
)

func (t *turn) snapshot() (incidents.Snapshot, error) {
	return t.service.Snapshot(t.ctx, t.number)
}

func runActions(t *turn) (Reply, error) {
	snap, err := t.snapshot()
	if err != nil {
		return Reply{}, err
	}
	// Which cards are done by now is asked behind their back: the next look shows it, and so does the card.
	_, _ = t.service.Handle(t.ctx, incidents.Request{By: incidents.Actor{User: t.user, In: t.channel}, Incident: snap.Number, Command: incidents.LookAtCards{}})
	add := Button{Label: "Add an action item", Action: "action", Value: number(snap.Incident)}
	if len(snap.Actions) == 0 {
		return Reply{Message: say(fmt.Sprintf("Incident #%d has no action items yet.", snap.Number), add)}, nil
	}
	title := fmt.Sprintf("*Action items of #%d*", snap.Number)
	m := &Message{Text: title, Blocks: []Block{{Kind: Section, Text: title}}}
	m.add(actionBlocks(snap, snap.Actions)...)
	m.Blocks = append(m.Blocks, Block{Kind: Actions, Buttons: []Button{add}})
	return Reply{Message: m}, nil
}

func actionLine(snap incidents.Snapshot, a incidents.Action) string {
	text := Shorten(Slack(oneLine(a.Text)), entryLength)
	line := fmt.Sprintf("%d. %s", a.Number, text)
	if a.Done() {
		line = fmt.Sprintf("%d. :white_check_mark: %s · done %s", a.Number, text, clock(a.DoneAt))
	}
	if a.Owner != "" {
		line += " · <@" + a.Owner + ">"
	}
	if !a.Due.IsZero() {
		line += " · by " + a.Due.Format("2 Jan 2006")
	}
	switch {
	case a.URL() != "":
		line += " · <" + linkTarget(a.URL()) + "|card>"
		if a.Link != "" {
			line = strings.TrimSuffix(line, "|card>") + "|link>"
		}
	case a.WantsCard:
		line += " · " + cardState(snap, a)
	}
	return line
}

// linkTarget keeps a URL from ending Slack's link early.
func linkTarget(url string) string {
	return strings.NewReplacer("|", "%7C", ">", "%3E", "<", "%3C", "&", "&amp;", " ", "%20").Replace(url)
}

// cardState says why an action item has no card yet.
func cardState(snap incidents.Snapshot, a incidents.Action) string {
	for _, d := range snap.Deliveries {
		if d.Kind != incidents.KindCard || d.SubjectNumber() != a.Number {
			continue
		}
		switch {
		case d.State == incidents.Failed:
			return ":x: no card: " + inline(d.LastError)
		case d.Failures > 0:
			return ":hourglass: its card waits for Trello: " + inline(d.LastError)
		}
	}
	return ":hourglass: its card is on the way"
}

func runShow(t *turn) (Reply, error) {
	snap, err := t.snapshot()
	if err != nil {
		return Reply{}, err
	}
	m := Summary(snap)
	return Reply{Message: &m}, nil
}

// listed is how many incidents a list shows.
const listed = 20

func runList(t *turn) (Reply, error) {
	what := strings.ToLower(strings.TrimSpace(t.args))
	all, drills := what == "all", what == "drills"
	found, err := t.service.FindFor(t.ctx, t.user, incidents.Query{Open: !all && !drills, Real: !drills, Limit: listed + 1})
	if err != nil {
		return Reply{}, err
	}
	if drills {
		found = slices.DeleteFunc(found, func(in incidents.Incident) bool { return !in.Drill })
	}
	if len(found) == 0 && drills {
		return Reply{Message: say("There has been no drill lately. `" + t.o.Command + " drill` begins one.")}, nil
	}
	if len(found) == 0 {
		if all {
			return Reply{Message: say("There has been no incident yet.")}, nil
		}
		return Reply{Message: say("There is no open incident. `" + t.o.Command + " list all` shows the past ones.")}, nil
	}
	var lines []string
	for _, in := range found[:min(len(found), listed)] {
		line := fmt.Sprintf("*#%d* %s · %s", in.Number, inline(in.Title), in.Status)
		if in.Severity != "" {
			line += " · " + string(in.Severity)
		}
		line += " · " + clock(in.DeclaredAt)
		if in.Channel.ID != "" {
			line += " · <#" + in.Channel.ID + ">"
		}
		lines = append(lines, line)
	}
	if len(found) > listed {
		lines = append(lines, "_and older ones: `"+t.o.Command+" show #N` shows any of them_")
	}
	return Reply{Message: say(strings.Join(lines, "\n"))}, nil
}

func runPostmortem(t *turn) (Reply, error) {
	if in := t.incident; in.Private && !in.PostWanted && !t.again.Mean {
		return Reply{}, &question{
			Refusal: incidents.Refuse(incidents.Unsure, "Incident #%d is private, and a pull request shows it to everybody who can read the repository. Nothing was published yet.", in.Number).
				Next("Open it only if all of it may be read there."),
			choices: []choice{{label: "Open the pull request", again: again{Event: t.event, Incident: in.Number, Mean: true}}},
		}
	}
	switch t.args { // what the buttons on a pull request that was closed say
	default:
		return Reply{}, incidents.Refuse(incidents.Invalid, "`postmortem` takes nothing else, and “%s” is left over.", inline(Shorten(decoded(t.args), 60))).
			Next("`postmortem` alone opens the pull request; `postmortem reopen` opens one again that was closed.")
	case "":
	case "reopen", "leave":
		if _, err := t.handle(incidents.AnswerPull{Reopen: t.args == "reopen"}); err != nil {
			return Reply{}, err
		}
		if t.args == "leave" {
			return Reply{Message: say("The pull request stays closed. `postmortem reopen` opens it again.")}, nil
		}
		return Reply{Message: say("The pull request is opened again in a moment.")}, nil
	}
	if _, err := t.handle(incidents.AskForPost{}); err != nil {
		return Reply{}, err
	}
	snap, err := t.snapshot()
	if err != nil {
		return Reply{}, err
	}
	text := fmt.Sprintf("The post-mortem of #%d is on its way to a pull request.", snap.Number)
	if url := snap.Post.URL; url != "" {
		switch snap.Post.State {
		case incidents.PullMerged:
			return Reply{Message: say(postLinks(snap.Incident) + ". From now on it is changed on GitHub.")}, nil
		case incidents.PullClosed, incidents.PullLeft:
			return Reply{Message: say(postLinks(snap.Incident)+", so nothing is written there. `postmortem reopen` opens it again.",
				Button{Label: "Reopen pull request", Action: "postmortem:reopen", Value: number(snap.Incident)})}, nil
		}
		text = fmt.Sprintf("The post-mortem of #%d: <%s|pull request>, brought up to date in a moment.", snap.Number, linkTarget(url))
	}
	var missing []string
	for _, s := range incidents.Sections {
		if snap.Sections[s] == "" {
			missing = append(missing, sectionTitles[s][0]+" (`"+string(s)+"`)")
		}
	}
	if len(snap.Entries) == 0 {
		missing = append(missing, "the timeline")
	}
	if len(missing) > 0 {
		return Reply{Message: say(text+"\nStill missing: "+strings.Join(missing, ", ")+".",
			Button{Label: "Write the post", Action: "draft", Value: number(snap.Incident), Style: "primary"})}, nil
	}
	return Reply{Message: say(text + "\nNothing is missing.")}, nil
}
