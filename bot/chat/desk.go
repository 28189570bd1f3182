package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"watchbell/incidents"
)

// turn is one thing that a person said, on its way through the Desk.
type turn struct {
	*Desk
	ctx     context.Context
	event   string
	user    string
	channel string
	thread  string
	canForm bool
	later   bool
	pressed bool   // a button said it, and nobody typed it
	typed   string // everything after the command, as Slack escaped it
	verb    *verb
	args    string // what follows the verb, without the incident's number
	// number is that of the incident that is meant, 0 for a verb that needs none, and drill whether it is one. While it is unseen,
	// or there is none, incident is none: an incident is large. Then drill is known once the command is carried out.
	number   int
	drill    bool
	incident *incidents.Incident
	unseen   bool
	again    again
	// read is the time that was read, readFrom the text that it was read from, and words what was read as the time.
	read            TypedTime
	readFrom, words string
	// in is the person's zone once it was asked for. zoneUnknown says that times were read in UTC because Slack did not say which zone is the person's.
	in          *time.Location
	zoneUnknown bool
	// within is a moment of the day that a time without one belongs to; zero for today.
	within time.Time
}

// What a turn has that is about no incident, or began with no verb. Nobody writes to them.
var (
	none     incidents.Incident
	wordless verb
)

// turn begins a turn.
func (d *Desk) turn(ctx context.Context, s Said) *turn {
	return &turn{
		Desk: d, ctx: ctx, event: s.Event, user: s.User, channel: s.Channel, thread: s.Thread,
		canForm: s.CanOpenForm, later: s.Later, pressed: s.pressed, typed: s.Text, verb: &wordless, incident: &none,
	}
}

// again is how a person answered the question that came with a refusal. It is the value of a button.
type again struct {
	Event    string    `json:"e"`           // of what was refused; its text is kept with the answer
	Incident int       `json:"n,omitempty"` // the incident that is meant
	At       time.Time `json:"t,omitzero"`  // the time that is meant
	Mean     bool      `json:"ok,omitempty"`
	Text     string    `json:"s,omitempty"` // say this instead
	// Entry is the entry that the question is about; 0 when nothing was recorded. Then At and Until are its times, and
	// Words what belongs in front of its text: "14.05" at its beginning goes when they are empty and Cut is true.
	Entry int       `json:"i,omitempty"`
	Until time.Time `json:"u,omitzero"`
	Words string    `json:"w,omitempty"`
	Cut   bool      `json:"c,omitempty"`
	Over  bool      `json:"o,omitempty"` // somebody else's change may go
	Plain bool      `json:"p,omitempty"` // no time was meant: it is all text
}

// actionAgain is the action of buttons whose value is an again; a number follows, for ids must differ.
const actionAgain = "again"

// Said answers a typed verb. The error is not nil only when nothing could be recorded; the reply says so as well.
func (d *Desk) Said(ctx context.Context, s Said) (Reply, error) {
	if refused, first := d.tooMuch(s.User); refused != nil {
		if s.Later && !first {
			return Reply{}, nil
		}
		return d.turn(ctx, Said{Text: s.Text}).refusal(refused)
	}
	return d.said(ctx, s, again{})
}

func (d *Desk) said(ctx context.Context, s Said, a again) (Reply, error) {
	t := d.turn(ctx, s)
	t.again = a
	reply, err := t.answer()
	if err != nil {
		if refused := incidents.AsRefusal(t.see()); refused != nil {
			err = refused
		}
		reply, err = t.refusal(err)
	}
	return t.marked(reply), err
}

// actor is the person, as rights and records need them.
func (t *turn) actor() incidents.Actor { return incidents.Actor{User: t.user, In: t.channel} }

func (t *turn) answer() (Reply, error) {
	if err := t.service.May(t.ctx, t.actor(), incidents.ToSee); err != nil {
		return Reply{}, err
	}
	word, rest := firstWord(t.typed)
	number, isNumber, err := incidentNumber(word)
	if isNumber {
		if word, rest = firstWord(rest); word == "" {
			word = "show" // a number alone asks about that incident
		}
	}
	if err != nil {
		return Reply{}, err
	}
	v, ok := t.find(strings.TrimRight(word, ":"))
	if !ok {
		return Reply{}, t.unknown(word, rest)
	}
	t.verb, t.args = v, rest
	if !isNumber {
		if first, after := firstWord(rest); v.about {
			if number, isNumber, err = incidentNumber(first); isNumber {
				t.args = after
			}
		}
	}
	if err != nil {
		return Reply{}, err
	}
	if t.again.Incident != 0 {
		number = t.again.Incident
	}
	if v.about {
		if err := t.which(number); err != nil {
			return Reply{}, err
		}
	}
	if v.usage == "" && strings.TrimSpace(t.args) != "" {
		return Reply{}, incidents.Refuse(incidents.Invalid, "`%s` takes nothing else, and “%s” is left over.", v.name, inline(Shorten(decoded(t.args), 60))).
			Next("Another incident is named with #: `%s %s #%d`.", t.o.Command, v.name, max(t.number, 1))
	}
	return v.run(t)
}

// which finds the incident that is meant: the one named, else that of the channel, else the past one that this person
// records in this conversation, else nobody knows.
func (t *turn) which(number int) error {
	if number != 0 {
		return t.mean(number)
	}
	here, err := t.service.InChannel(t.ctx, t.channel)
	if err != nil {
		return err
	}
	if here != 0 && t.verb.name == "log" {
		// The command reads the incident anyway, and few lines need more of it here: that is 75 of 800 µs.
		t.number, t.unseen = here, true
		return nil
	}
	if here == 0 {
		found, err := t.service.Find(t.ctx, incidents.Query{BackfilledBy: t.user, BackfilledIn: t.channel, Limit: 1})
		if err != nil {
			return err
		}
		if len(found) > 0 {
			here = found[0].Number
		}
	}
	if here != 0 {
		return t.mean(here)
	}
	if number, rest, ok := trailingNumber(t.args); ok {
		t.args = rest
		return t.which(number)
	}
	return t.ask()
}

// mean makes an incident the one that is meant.
func (t *turn) mean(number int) error {
	in, err := t.service.See(t.ctx, t.actor(), number)
	if err == nil {
		t.is(&in)
	}
	return err
}

// is takes an incident that was read for the one that is meant.
func (t *turn) is(in *incidents.Incident) { t.number, t.drill, t.incident = in.Number, in.Drill, in }

// see reads the incident that is meant, when that was put off.
func (t *turn) see() (err error) {
	if t.unseen {
		err = t.mean(t.number)
		t.unseen = err != nil
	}
	return err
}

// offered is how many incidents a question offers.
const offered = 5

// ask refuses because it is not clear which incident is meant, and offers the likely ones.
func (t *turn) ask() error {
	found, err := t.service.FindFor(t.ctx, t.user, incidents.Query{Real: true, Limit: 20})
	if err != nil {
		return err
	}
	var choices []choice
	for _, open := range []bool{true, false} {
		for _, in := range found {
			live := in.Status == incidents.Resolved || in.Status.Open()
			if in.Status.Open() == open && live && len(choices) < offered {
				choices = append(choices, choice{
					label: fmt.Sprintf("#%d %s", in.Number, in.Title),
					again: again{Event: t.event, Incident: in.Number, At: t.again.At, Mean: t.again.Mean},
				})
			}
		}
	}
	if len(choices) == 0 {
		return incidents.Refuse(incidents.NotFound, "There is no incident here that `%s` could be about.", t.verb.name).
			Next("Declare one with `%s declare what is wrong`, or record a past one with `%s backfill its title`.", t.o.Command, t.o.Command)
	}
	return &question{
		Refusal: incidents.Refuse(incidents.Unsure, "Which incident is this about?").
			Next("Press it, or name it: `%s %s #%d …`.", t.o.Command, t.verb.name, choices[0].again.Incident),
		choices: choices,
	}
}

// question is a refusal that can be taken back by pressing a button.
type question struct {
	*incidents.Refusal
	choices []choice
}

type choice struct {
	label string
	again again
}

func (q *question) Error() string { return q.Refusal.Error() }

// Unwrap makes a question a refusal for whoever looks for one.
func (q *question) Unwrap() error { return q.Refusal }

// refusal words an error. What the person typed is kept, so that a button can take it up, and shown, so that it can be
// copied.
func (t *turn) refusal(err error) (Reply, error) {
	refused := incidents.AsRefusal(err)
	if refused == nil {
		return Reply{Message: t.sayBack(notRecorded(err))}, err
	}
	var choices []choice
	var q *question
	switch {
	case errors.As(err, &q):
		choices = q.choices
	case refused.Code == incidents.Future:
		choices = t.futureChoices()
	default:
		choices = t.surely(refused.Code)
	}
	if len(choices) > 0 && t.event != "" {
		if err := t.service.Remember(t.ctx, t.event, incidents.Answer{Refusal: refused, Typed: t.typed}); err != nil {
			return Reply{Message: t.sayBack(notRecorded(err))}, err
		}
	}
	text := ":x: " + t.spelled(refused.Text)
	if refused.Hint != "" {
		text += " " + t.spelled(refused.Hint)
	}
	return Reply{Message: t.sayBack(text, buttons(choices)...)}, nil
}

func buttons(choices []choice) []Button {
	var all []Button
	for i, c := range choices {
		value, err := json.Marshal(c.again)
		if err != nil {
			continue // strings, numbers and a time: it cannot fail
		}
		all = append(all, Button{
			Label: Shorten(c.label, maxLabel), Action: fmt.Sprintf("%s:%d", actionAgain, i+1), Value: string(value),
		})
	}
	return all
}

// maxLabel is Slack's limit for the text of a button, in characters.
const maxLabel = 75

// sayBack refuses, and offers back what was typed when there was more to it than a verb.
func (t *turn) sayBack(text string, buttons ...Button) *Message {
	typed := strings.TrimSpace(t.typed)
	if t.pressed || !strings.ContainsAny(typed, " \n") {
		return say(text, buttons...)
	}
	return sayBack(text, "You typed:", t.o.Command+" "+asTyped(typed), buttons...)
}

func notRecorded(err error) string {
	if errors.Is(err, incidents.ErrUnsure) {
		return ":x: Perhaps not recorded: the database failed at that moment. Look whether it is there before you write it again; until it works, keep notes by hand."
	}
	return ":x: Not recorded: the database did not take it. Try again in a minute; until it works, keep notes by hand."
}

// handle carries out a command for the turn's incident.
func (t *turn) handle(cmd incidents.Command) (incidents.Result, error) {
	result, err := t.service.Handle(t.ctx, t.request(cmd))
	if err == nil {
		t.remember(cmd, result)
	}
	return result, err
}

// remember keeps what was declared, for whoever declares the same just after.
func (t *turn) remember(cmd incidents.Command, result incidents.Result) {
	if c, declared := cmd.(incidents.Declare); declared && !c.Private {
		t.recent.add(result.Incident, result.Title, t.o.Now())
	}
}

func (t *turn) request(cmd incidents.Command) incidents.Request {
	return incidents.Request{
		Event: t.event, By: t.actor(), Incident: t.number,
		Command: cmd, Typed: t.typed, KeepRefusal: t.again.Event == "",
	}
}

// reply carries out a command and words what came of it. Where the reply has to be queued, that happens together with the
// command, so word must not ask anybody anything.
func (t *turn) reply(cmd incidents.Command, word func(incidents.Result) *Message) (Reply, error) {
	r := t.request(cmd)
	var said *Message
	if t.later {
		r.Say = func(result incidents.Result) (incidents.Notice, error) {
			t.learn(result)
			said = t.marked(Reply{Message: word(result)}).Message
			body, err := json.Marshal(said)
			return incidents.Notice{Key: t.event, Channel: t.channel, Thread: t.thread, User: t.user, Body: body}, err
		}
	}
	result, err := t.service.Handle(t.ctx, r)
	if err != nil {
		return Reply{}, err
	}
	t.learn(result)
	if result.Told {
		return Reply{Message: said, Told: true}, nil
	}
	return Reply{Message: word(result)}, nil
}

// learn takes from a result what marks an answer about an incident that was not read.
func (t *turn) learn(r incidents.Result) {
	if t.unseen {
		t.drill = r.Drill
	}
}

// Pressed answers a press of a button. See Said for the error.
func (d *Desk) Pressed(ctx context.Context, p Pressed) (Reply, error) {
	if refused, first := d.tooMuch(p.User); refused != nil {
		if !first {
			return Reply{}, nil
		}
		return Reply{Message: say(":x: " + refused.Error())}, nil
	}
	verb, argument, _ := strings.Cut(p.Action, ":")
	s := Said{Event: p.Event, User: p.User, Channel: p.Channel, CanOpenForm: p.CanOpenForm, pressed: true}
	switch verb {
	case actionAgain:
		s.pressed = false // it takes up what was typed
		return d.takeUp(ctx, p, s)
	case "retry", "skip":
		if strings.Contains(p.Value, "/") { // a delivery's key; else it is a step of the protocol
			return d.redeliver(ctx, p, verb)
		}
	case "entry":
		return d.entryPressed(ctx, p, s)
	case "timeline":
		if argument != "" { // another page
			s.Text = "timeline " + p.Value
			reply, err := d.said(ctx, s, again{})
			reply.Replace = p.Ephemeral
			return reply, err
		}
	case "accept", "decline":
		s.Text = verb + " #" + p.Value
		reply, err := d.said(ctx, s, again{})
		reply.Replace = p.Ephemeral && err == nil
		return reply, err
	case actionTakeOver:
		return d.takeOver(ctx, p, s)
	case actionMore:
		s.Text = p.Value
		return d.said(ctx, s, again{})
	case "gather":
		return d.chooses(ctx, p)
	case actionWell:
		s.Text = "mitigated #" + p.Value + " " + argument
		reply, err := d.said(ctx, s, again{})
		reply.Replace = p.Ephemeral && err == nil
		return reply, err
	case actionNotWell:
		return d.notWell(ctx, p)
	case actionOffer:
		return d.offerPressed(ctx, p, argument == "declare")
	case "todo", "no":
		return d.proposed(ctx, p, verb == "todo")
	case "open":
		return Reply{}, nil // a link; Slack reports the press all the same
	}
	// A button says what a person could have typed: "resolve" with the value "42" is "resolve #42".
	s.Text = verb
	if p.Value != "" {
		s.Text += " #" + p.Value
	}
	if argument != "" {
		s.Text += " " + argument
	}
	return d.said(ctx, s, again{})
}

// takeUp says again what was refused, with the answer to the question.
func (d *Desk) takeUp(ctx context.Context, p Pressed, s Said) (Reply, error) {
	var a again
	if err := json.Unmarshal([]byte(p.Value), &a); err != nil {
		return Reply{Message: say(":x: That button is not from this version. Type the command again.")}, nil
	}
	if a.Entry != 0 {
		return d.corrected(ctx, s, a)
	}
	before, known, err := d.service.Answered(ctx, a.Event)
	if err != nil {
		return Reply{Message: say(notRecorded(err))}, err
	}
	if !known || before.Typed == "" {
		return Reply{Message: say(":x: That question is too old to answer. Type the command again.")}, nil
	}
	// A question is answered once: a second press, of this button or of another one below it, does nothing more.
	s.Event = a.Event + "/again"
	s.Text = before.Typed
	if a.Text != "" { // another wish, which happens once as well
		s.Event += "/" + a.Text
		s.Text = a.Text
	}
	return d.said(ctx, s, a)
}

// redeliver tries a failed delivery again, or gives it up.
func (d *Desk) redeliver(ctx context.Context, p Pressed, verb string) (Reply, error) {
	act, done := d.service.Retry, "Trying %s again now."
	if verb == "skip" {
		act, done = d.service.Skip, "Left out %s. The incident goes on without it."
	}
	delivery, err := d.service.Delivery(ctx, p.Value)
	if err == nil && delivery.Incident != 0 {
		_, err = d.service.See(ctx, incidents.Actor{User: p.User, In: p.Channel}, delivery.Incident)
	}
	if err == nil || errors.Is(err, incidents.ErrNotFound) {
		delivery, err = act(ctx, incidents.Actor{User: p.User, In: p.Channel}, p.Value)
	}
	if refused := incidents.AsRefusal(err); refused != nil {
		return Reply{Message: say(":x: " + d.spelled(refused.Error()))}, nil
	}
	if err != nil {
		return Reply{Message: say(notRecorded(err))}, err
	}
	return Reply{Message: say(fmt.Sprintf(done, delivery.Describe()))}, nil
}

// Shortcut answers a shortcut. See Said for the error.
func (d *Desk) Shortcut(ctx context.Context, u UsedShortcut) (Reply, error) {
	if refused, first := d.tooMuch(u.User); refused != nil {
		if !first {
			return Reply{}, nil
		}
		return Reply{Message: say(":x: " + refused.Error())}, nil
	}
	switch u.Callback {
	case ShortcutDeclare:
		form := declareForm(FormContext{Channel: u.Channel}, d.service.CurrentProtocol(), "")
		return Reply{Form: &form}, nil
	case ShortcutAddToTimeline:
		return d.addToTimeline(ctx, u)
	case ShortcutAddThread:
		return d.addThread(ctx, u)
	}
	return Reply{Message: say(":x: This shortcut is not from this version. `" + d.o.Command + " help` lists what there is.")}, nil
}
