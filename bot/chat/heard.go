package chat

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"sync"
	"time"

	"watchbell/incidents"
)

// Heard is a message that a person wrote in a channel where the bot is, and that is none of its business unless it holds
// words that the protocol listens for.
type Heard struct {
	Event, User, Channel string
	Thread, TS           string // of the thread's parent, empty outside threads; and of the message
	Text                 string // mrkdwn
}

// Heard offers, to whoever wrote it alone, what a message seems to call for: in an incident's channel to record that users
// are well again, in a channel that is listened to for it to declare an incident. Most messages cost a look at their words.
func (d *Desk) Heard(ctx context.Context, h Heard) (Reply, error) {
	p := d.service.CurrentProtocol()
	if p == nil {
		return Reply{}, nil
	}
	recovered, trouble := p.Talk.SaysRecovered(h.Text), d.o.Listens != nil && p.Talk.SaysTrouble(h.Text)
	if !recovered && !trouble {
		return Reply{}, nil
	}
	here, err := d.service.InChannel(ctx, h.Channel)
	switch {
	case err != nil:
		return Reply{}, err
	case here != 0 && recovered:
		return d.offerMitigated(ctx, h, here)
	case here == 0 && trouble && d.o.Listens(ctx, h.Channel):
		return d.offerDeclare(ctx, h)
	}
	return Reply{}, nil
}

// The actions of the buttons below an offer: what is recorded when it is taken up, and that it is not so.
const (
	actionWell    = "well"
	actionNotWell = "unwell"
	actionOffer   = "offer"
)

// offerMitigated asks the writer whether users are well since the time of the message. Whoever was asked in this incident not
// long ago, by this message or another, is left in peace.
func (d *Desk) offerMitigated(ctx context.Context, h Heard, number int) (Reply, error) {
	at, err := incidents.ParseTS(h.TS)
	if err != nil {
		return Reply{}, nil //nolint:nilerr // nobody asked for anything
	}
	t := d.turn(ctx, Said{Event: h.Event, User: h.User, Channel: h.Channel})
	at = at.Truncate(time.Minute)
	since := EchoTime(at, d.o.Now(), t.zone())
	var said *Message
	result, err := d.service.Handle(ctx, incidents.Request{
		Event: h.Event, By: t.actor(), Incident: number, Command: incidents.OfferMitigated{},
		Say: func(incidents.Result) (incidents.Notice, error) {
			said = say(fmt.Sprintf("You wrote that it is well again. Are users well since %s?", since),
				Button{Label: "Mitigated since " + at.In(t.zone()).Format("15:04"), Action: actionWell + ":" + typedMoment(at), Value: strconv.Itoa(number), Style: "primary"},
				Button{Label: "Not yet", Action: actionNotWell, Value: strconv.Itoa(number)})
			body, err := json.Marshal(said)
			return incidents.Notice{Key: h.Event, Channel: h.Channel, Thread: h.Thread, User: h.User, Body: body}, err
		},
	})
	if incidents.AsRefusal(err) != nil {
		return Reply{}, nil //nolint:nilerr // nobody asked for anything
	}
	return Reply{Message: said, Told: result.Told || said == nil}, err
}

// notWell takes back what somebody seemed to have said.
func (d *Desk) notWell(ctx context.Context, p Pressed) (Reply, error) {
	number, _ := strconv.Atoi(p.Value)
	t := d.turn(ctx, Said{Event: p.Event, User: p.User, Channel: p.Channel})
	_, err := d.service.Handle(ctx, incidents.Request{Event: p.Event, By: t.actor(), Incident: number, Command: incidents.OfferMitigated{No: true}})
	if err != nil {
		return t.refusal(err)
	}
	return Reply{Message: say("All right. When users are well, `" + d.o.Command + " mitigated` says so."), Replace: p.Ephemeral}, nil
}

const (
	// offerEvery is how often a channel is offered to declare an incident at most, and notAgain how long it is not after
	// somebody has said no.
	offerEvery = 10 * time.Minute
	notAgain   = time.Hour
	// manyChannels bounds what is remembered of them.
	manyChannels = 1000
	// offeredText is how much of a message a button holds; Slack takes 2000 characters with all that is around it.
	offeredText = 1200
)

// offers remembers until when which channels are left in peace.
type offers struct {
	mu    sync.Mutex
	until map[string]time.Time
}

// take reports whether a channel may be offered something now, and leaves it in peace for a while then.
func (o *offers) take(channel string, now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if now.Before(o.until[channel]) {
		return false
	}
	o.rest(channel, now.Add(offerEvery))
	return true
}

// rest leaves a channel in peace. The lock is held.
func (o *offers) rest(channel string, until time.Time) {
	if o.until == nil || len(o.until) >= manyChannels {
		o.until = map[string]time.Time{}
	}
	o.until[channel] = until
}

// offeredMessage is the message that somebody may declare an incident from. It travels in the button: nothing of what is said
// in such a channel is kept.
type offeredMessage struct {
	TS     string `json:"t"`
	Thread string `json:"p,omitempty"`
	Text   string `json:"s"`
}

// offerDeclare asks the writer whether it is an incident: once within offerEvery in a channel, whoever writes what. That it
// was asked is kept by its time, so that a message which Slack sends again, to whichever process, asks nothing more.
func (d *Desk) offerDeclare(ctx context.Context, h Heard) (Reply, error) {
	at, err := incidents.ParseTS(h.TS)
	if err != nil || d.service.May(ctx, incidents.Actor{User: h.User, In: h.Channel}, incidents.ToDeclare) != nil {
		return Reply{}, nil //nolint:nilerr // nobody asked for anything
	}
	if !d.offers.take(h.Channel, d.o.Now()) {
		return Reply{}, nil
	}
	once := fmt.Sprintf("offer/%s/%d", h.Channel, at.Unix()/int64(offerEvery/time.Second))
	if _, known, err := d.service.Answered(ctx, once); known || err != nil {
		return Reply{}, err
	}
	if err := d.service.Remember(ctx, once, incidents.Answer{}); err != nil {
		return Reply{}, err
	}
	value, err := json.Marshal(offeredMessage{TS: h.TS, Thread: h.Thread, Text: Shorten(h.Text, offeredText)})
	if err != nil || len(value) > 2000 { // what is escaped may be much longer
		value, err = json.Marshal(offeredMessage{TS: h.TS, Thread: h.Thread, Text: Shorten(h.Text, offeredText/6)})
	}
	if err != nil {
		return Reply{}, nil //nolint:nilerr // three strings: it cannot fail
	}
	return Reply{Unkept: true, Message: say("That sounds like an incident. If it is one, better declare it early: calling it off later costs nothing.",
		Button{Label: "Declare an incident", Action: actionOffer + ":declare", Value: string(value), Style: "primary"},
		Button{Label: "No", Action: actionOffer + ":no"})}, nil
}

// offerPressed opens the form for an incident from a message, or leaves the channel in peace.
func (d *Desk) offerPressed(ctx context.Context, p Pressed, declare bool) (Reply, error) {
	if !declare {
		d.offers.mu.Lock()
		defer d.offers.mu.Unlock()
		d.offers.rest(p.Channel, d.o.Now().Add(notAgain))
		return Reply{Message: say("All right. `" + d.o.Command + " declare` is there when it becomes one."), Replace: p.Ephemeral}, nil
	}
	var m offeredMessage
	if err := json.Unmarshal([]byte(p.Value), &m); err != nil || !p.CanOpenForm {
		return Reply{Message: say(":x: That button does not work any more. `" + d.o.Command + " declare` does the same.")}, nil //nolint:nilerr // it is said
	}
	return d.addToTimeline(ctx, UsedShortcut{
		Event: p.Event, User: p.User, Callback: ShortcutAddToTimeline, Channel: p.Channel, TS: m.TS, Author: p.User, Text: m.Text, Thread: m.Thread,
	})
}
