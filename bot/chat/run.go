package chat

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"watchbell/incidents"
)

func runDeclare(t *turn) (Reply, error) {
	cmd, args := declareWords(t.args)
	if err := t.almostPrivate(args); err != nil && !cmd.Private {
		return Reply{}, err
	}
	if cmd.Here {
		if err := t.free(); err != nil {
			return Reply{}, err
		}
		if err := t.hidden(cmd, args); err != nil {
			return Reply{}, err
		}
	}
	full, written := t.title(args), t.text(args)
	cmd.Title = full
	if full == "" && t.canForm {
		form := declareForm(FormContext{Channel: t.channel}, t.service.CurrentProtocol(), "")
		if cmd.Private {
			form.set("private", "true")
		}
		return Reply{Form: &form}, nil
	}
	if refused := incidents.AsRefusal(t.noSecret(written)); refused != nil && !cmd.Private && !t.again.Mean {
		return Reply{}, t.declareWithout(refused)
	}
	tooLong := len([]rune(full)) > incidents.MaxTitle
	if t.again.Mean && tooLong {
		cmd.Title, cmd.Summary = Shorten(full, incidents.MaxTitle), written
	}
	twin := t.twin(cmd, 0)
	result, err := t.handle(cmd)
	if refused := incidents.AsRefusal(err); refused != nil && tooLong {
		return Reply{}, &question{Refusal: refused, choices: []choice{{
			label: "Declare it with the title shortened", again: again{Event: t.event, Mean: true},
		}}}
	}
	if err != nil {
		return Reply{}, err
	}
	if cmd.Here {
		return Reply{Message: t.declaredHere(result)}, nil
	}
	return Reply{Message: t.isItThat(declared(result, cmd), result, twin)}, nil
}

func declared(r incidents.Result, cmd incidents.Declare) *Message {
	text := fmt.Sprintf(":rotating_light: Incident #%d is declared: *%s*. Its channel opens in a moment and you are invited; you lead until you hand over.", r.Incident, inline(r.Title))
	if cmd.Private {
		text += " It is private: nothing is announced."
	}
	return say(text)
}

func runBackfill(t *turn) (Reply, error) {
	if cmd, _ := declareWords(t.args); cmd.Private {
		return Reply{}, incidents.Refuse(incidents.Invalid, "A past incident cannot be private: everybody could find what is recorded. Nothing was recorded yet.").
			Next("Leave `--private` out if all may read it; else use `%s declare --private …`, log what happened with its times, and resolve it.", t.o.Command)
	}
	result, err := t.handle(incidents.Backfill{Title: t.title(t.args)})
	if err != nil {
		return Reply{}, err
	}
	return Reply{Message: say(fmt.Sprintf(
		"Recording the past incident #%d: *%s*. Nothing is announced. What you type here now goes to it: `log 20/06/2023 12:32 what happened`, `action`, `draft`, then `postmortem`; `close` ends it.",
		result.Incident, inline(result.Title)))}, nil
}

func runLog(t *turn) (Reply, error) {
	word, typed := firstWord(t.args)
	since := strings.EqualFold(word, "since") && typed != "" && t.again == (again{})
	ofThread := t.thread != "" && saysThread(t.args)
	if t.args == "" || since || ofThread || t.again != (again{}) {
		if err := t.see(); err != nil {
			return Reply{}, err
		}
	}
	if t.args == "" && t.canForm {
		form := logForm(t.context())
		return Reply{Form: &form}, nil
	}
	if since {
		if reply, err := t.logSince(typed); err == nil {
			return reply, nil
		} // "since the deploy it is slow" is a sentence
	}
	if ofThread {
		return t.list(Stretch{Channel: t.channel, Thread: t.thread})
	}
	when, rest, err := t.time(t.args)
	if err != nil {
		return Reply{}, err
	}
	cmd := incidents.Log{At: when.At, Until: when.Until, Text: t.entryWords(rest), Confirmed: t.again.Mean}
	proposes := proposesTodo(cmd.Text)
	if t.later { // inside the transaction the reply can wait neither for Slack nor for the timeline
		t.zone()
		t.later = !proposes && !t.unusual(when.At)
	}
	var result incidents.Result
	reply, err := t.reply(cmd, func(r incidents.Result) *Message {
		result = r
		return t.logged(r)
	})
	if err != nil || !proposes {
		return reply, err
	}
	return t.proposing(reply, result.Incident, result.Entry)
}

// threadWords are what people write for "add the thread" behind log or add.
var threadWords = map[string]bool{"the thread": true, "thread": true, "this thread": true, "the whole thread": true}

// saysThread says whether a text is one of the threadWords. Long ones, which end in something else, are not copied for it.
func saysThread(text string) bool {
	const last = "thread"
	text = strings.TrimSpace(text)
	at := len(text) - len(last)
	return at >= 0 && strings.EqualFold(text[at:], last) && threadWords[strings.ToLower(oneLine(text))]
}

func runStatus(t *turn) (Reply, error) {
	word, sentence := firstWord(t.args)
	word = strings.TrimRight(word, ":,")
	if word == "" && t.canForm {
		form := statusForm(t.context(), t.incident.Status)
		return Reply{Form: &form}, nil
	}
	return t.moved(incidents.SetStatus{Status: statusWord(word), Sentence: t.text(sentence)})
}

func statusWord(word string) incidents.Status {
	switch strings.ToLower(word) {
	case "mitigated", "monitor":
		return incidents.Monitoring
	case "investigate":
		return incidents.Investigating
	}
	return incidents.Status(strings.ToLower(Shorten(word, 60)))
}

func runMitigated(t *turn) (Reply, error) {
	at, err := t.endTime()
	if err != nil {
		return Reply{}, err
	}
	over := t.incident.Status == incidents.Resolved
	if at.IsZero() && over && t.canForm && t.again.Event == "" {
		snap, err := t.snapshot()
		form := wellForm(t.context(), snap)
		return Reply{Form: &form}, err
	}
	if reply, err := t.wellSince(at); reply.Message != nil || err != nil {
		return reply, err
	}
	return t.moved(incidents.SetStatus{Status: incidents.Monitoring, At: at, Confirmed: t.again.Mean})
}

// wellSince puts right since when users are well, where somebody has said that before. Elsewhere the reply is empty.
func (t *turn) wellSince(at time.Time) (Reply, error) {
	said := t.incident.Status == incidents.Monitoring || t.incident.Status == incidents.Resolved && !t.incident.WellAt.IsZero()
	if at.IsZero() || !said {
		return Reply{}, nil
	}
	return t.retimed(incidents.EventMitigated, at)
}

// retimed gives another time to the entry that says how the incident came to where it stands already: whoever says it again
// with a time is putting the time right. The reply is empty when there is no such entry any more.
func (t *turn) retimed(event incidents.Event, at time.Time) (Reply, error) {
	if _, again, err := t.service.Answered(t.ctx, t.event); again || err != nil {
		return Reply{}, err
	}
	snap, err := t.snapshot()
	if err != nil {
		return Reply{}, err
	}
	for _, e := range slices.Backward(snap.Entries) {
		if e.Event != event {
			continue
		}
		req := t.request(incidents.EditEntry{Number: e.Number, At: at, Confirmed: t.again.Mean, Overwrite: true})
		req.KeepRefusal = req.KeepRefusal && t.verb != &wordless // a form can be corrected
		r, err := t.service.Handle(t.ctx, req)
		if err != nil {
			return Reply{}, err
		}
		return t.entryDone(r, fmt.Sprintf("Incident #%d was *%s* already; its entry %d says %s now.", t.number, t.incident.Status, e.Number, t.echo(r.At)))
	}
	return Reply{}, nil
}

func runResolve(t *turn) (Reply, error) {
	at, err := t.endTime()
	if err != nil {
		return Reply{}, err
	}
	if !at.IsZero() && t.again.Event == "" && t.incident.Status == incidents.Resolved && !t.incident.Backfill {
		if reply, err := t.retimed(incidents.EventResolved, at); reply.Message != nil || err != nil {
			return reply, err
		}
	}
	return t.moved(incidents.Resolve{At: at, Confirmed: t.again.Mean})
}

func runCallOff(t *turn) (Reply, error) {
	return t.moved(incidents.CallOff{Reason: t.text(t.args)})
}

func runReopen(t *turn) (Reply, error) { return t.moved(incidents.Reopen{}) }

func runClose(t *turn) (Reply, error) { return t.moved(incidents.Close{}) }

// moved carries out a command that changes where the incident stands.
func (t *turn) moved(cmd incidents.Command) (Reply, error) {
	result, err := t.handle(cmd)
	if err != nil {
		return Reply{}, err
	}
	m := t.movedTo(cmd, result)
	if !result.At.IsZero() && result.At.Before(t.o.Now().Add(-time.Minute)) {
		in := " In the timeline at " + t.echo(result.At) + "."
		m.Text += in
		m.Blocks[0].Text += in
	}
	return Reply{Message: m}, nil
}

// movedTo words what came of a command that changes where the incident stands, and asks what is missing there.
func (t *turn) movedTo(cmd incidents.Command, r incidents.Result) *Message {
	m := movedTo(*t.incident, cmd, r)
	switch cmd.(type) {
	case incidents.Resolve:
		return t.asked(m, incidents.Resolved)
	case incidents.Close:
		return t.asked(m, incidents.Closed)
	}
	return m
}

func movedTo(in incidents.Incident, cmd incidents.Command, r incidents.Result) *Message {
	what := ""
	switch c := cmd.(type) {
	case incidents.SetStatus:
		what = "is now in the state *" + string(c.Status) + "*"
		if r.Unchanged && r.Entry != 0 {
			return say(fmt.Sprintf("Incident #%d is already in the state *%s*, and the timeline says exactly that: it is entry %d.", in.Number, c.Status, r.Entry))
		}
		if r.Late {
			return say(fmt.Sprintf("Noted since when users are well, in #%d.", in.Number))
		}
	case incidents.SetSeverity:
		what = "has the severity *" + string(c.Severity) + "*"
		if r.Entry != 0 && c.Reason != "" {
			return say(fmt.Sprintf("Incident #%d %s; the timeline says why.", in.Number, what))
		}
	case incidents.Resolve:
		return resolved(in, r)
	case incidents.CallOff:
		what = "is called off. Better one too many than one too late"
	case incidents.Reopen:
		what = "is open again"
	case incidents.Close:
		what = "is closed"
	}
	if r.Unchanged {
		what = strings.NewReplacer("is now", "is already", "has the", "already has the", "is open again", "is open already").Replace(what)
	}
	return say(fmt.Sprintf("Incident #%d %s.", in.Number, what))
}

func resolved(in incidents.Incident, r incidents.Result) *Message {
	text := fmt.Sprintf(":white_check_mark: Incident #%d is resolved.", r.Incident)
	if in.Drill {
		return say(text+" Of a drill nothing is published; its post can be written for practice.", Button{Label: "Write the post", Action: "draft", Value: number(in)})
	}
	if in.Private || in.Backfill || !r.Post {
		return say(text+" The post-mortem is made when you ask for it.", Button{Label: "Open the pull request", Action: "postmortem", Value: number(in)})
	}
	return say(text+" The post-mortem's pull request opens as a draft now. What is still missing is quickest written while it is fresh.",
		Button{Label: "Write the post", Action: "draft", Value: number(in), Style: "primary"})
}

func runAction(t *turn) (Reply, error) {
	if t.args == "" && t.canForm {
		form := actionForm(t.context())
		return Reply{Form: &form}, nil
	}
	for _, of := range []func() (Reply, bool, error){t.giveAction, t.cardAction} {
		if reply, about, err := of(); about {
			return reply, err
		}
	}
	if cmd, err := t.finish(); cmd != nil || err != nil {
		return t.finishes(cmd, err)
	}
	cmd, err := t.action(t.args)
	if err != nil {
		return Reply{}, err
	}
	cmd.Confirmed = t.again.Mean
	return t.reply(cmd, func(r incidents.Result) *Message { return actionAdded(*t.incident, cmd, r) })
}

// surely are the choices below a refusal that can be taken back by saying that it is meant.
func (t *turn) surely(refused incidents.Code) []choice {
	labels := map[incidents.Code]string{incidents.Past: "I do mean that day", incidents.Same: "Add it all the same"}
	if labels[refused] == "" {
		return nil
	}
	return []choice{{label: labels[refused], again: again{Event: t.event, Incident: t.number, Mean: true}}}
}

// typedAction is the form for an action item as one would type it.
func (t *turn) typedAction(s Submitted) string {
	typed := "action " + escaped(t.form(s, "text"))
	if link := strings.TrimSpace(s.Values["link"]); link != "" {
		typed += " link <" + escaped(link) + ">"
	}
	if due := s.Values["due"]; due != "" {
		typed += " by " + due
	}
	if owner := s.Values["owner"]; owner != "" {
		typed += " <@" + owner + ">"
	}
	return typed
}

// actionAdded says back what was understood of an action item, and what becomes of it.
func actionAdded(in incidents.Incident, cmd incidents.AddAction, r incidents.Result) *Message {
	text := fmt.Sprintf("Action item %d of #%d is noted", r.Action, r.Incident)
	if r.Card {
		text += "; its Trello card follows in a moment"
	}
	understood := []string{"“" + Shorten(Slack(oneLine(cmd.Text)), 200) + "”"}
	if cmd.Owner != "" {
		understood = append(understood, "for <@"+cmd.Owner+">")
	} else {
		understood = append(understood, "for nobody yet")
	}
	if !cmd.Due.IsZero() {
		understood = append(understood, "by "+cmd.Due.Format("Monday, 2 January 2006"))
	}
	if cmd.Link != "" {
		understood = append(understood, "tracked at <"+linkTarget(cmd.Link)+">")
	}
	text += ": " + strings.Join(understood, ", ") + "."
	var row []Button
	if cmd.Owner == "" {
		row = ownerButtons(in, r.Action)
	}
	switch {
	case r.Card || cmd.Link != "" || cmd.Card:
	case in.Private && r.MayHave:
		text += " The incident is private, so no card is made unless you ask for one."
		row = append(row, cardButton(in, r.Action))
	case in.Backfill && r.MayHave:
		text += " The incident is a past one, so no card is made unless you ask for one."
		row = append(row, cardButton(in, r.Action))
	case in.Drill:
		text += " In a drill no card is made."
	default:
		text += " No card is made."
	}
	text += stays(r)
	return say(text, row...)
}
