package incidents

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Update is what the stakeholders were told last.
type Update struct {
	Number int       `json:"n,omitempty"` // from 1 within the incident; 0 while they were told nothing
	Text   string    `json:"text,omitempty"`
	At     time.Time `json:"at,omitzero"`
	NextAt time.Time `json:"next,omitzero"` // when they hear more, as promised; zero for nothing promised
	// Status is where the incident stood then.
	Status Status `json:"status,omitempty"`
}

// maxUpdate is the most characters that an update has: a message that people read.
const maxUpdate = 2_500

// Untold is why nobody outside is told of an incident; nil where stakeholders are.
func (i Incident) Untold() *Refusal {
	switch {
	case i.Backfill:
		return Refuse(TooLate, "Incident #%d was over before it was recorded, so there is nobody to tell.", i.Number)
	case i.Private:
		return Refuse(TooLate, "Incident #%d is private, so nothing is said about it outside its channel.", i.Number).
			Next("Tell those who may know in person, and `done tell` ticks the step.")
	}
	return nil
}

// sameAgain is how soon the same update is one that two people sent at once, as their forms proposed the same words.
const sameAgain = 2 * time.Minute

// tellUsers sends an update to the stakeholders.
func (d *decision) tellUsers(c SendUpdate) error {
	if refused := d.before.Untold(); refused != nil {
		return refused
	}
	text := strings.TrimSpace(c.Text)
	switch n := utf8.RuneCountInString(text); {
	case blank(text):
		return Refuse(Invalid, "An update needs a sentence.").
			Next("Say what users see and what is being done: `update Paying fails for everybody; we are rolling back.`").In("text")
	case n > maxUpdate:
		return Refuse(Invalid, "That update has %d characters and %d is the most.", n, maxUpdate).
			Next("People read the first lines; put the rest into the timeline.").In("text")
	}
	next := c.NextAt
	if severity, _ := d.before.Protocol.Severity(d.before.Severity); next.IsZero() && severity.UpdateEvery > 0 && d.before.Status.Open() && !c.Last {
		next = d.now.Add(severity.UpdateEvery)
	}
	if last := d.before.Update; text == last.Text && d.now.Sub(last.At) < sameAgain && next.Sub(last.NextAt).Abs() < sameAgain && d.before.Status == last.Status {
		return Refuse(Invalid, "The users were told exactly that a moment ago, so it was not sent again.").
			Next("Say what is new, or leave it at that.").In("text")
	}
	d.Incident.Update = Update{Number: d.before.Update.Number + 1, Text: text, At: d.now, NextAt: utc(next), Status: d.before.Status}
	d.Incident.Wanted = UpdateRequest{}
	d.say(EventUpdate, d.now, d.sentence(SaidTold))
	d.Result.NextAt = d.Incident.Update.NextAt
	for _, channel := range d.before.Tell {
		w := d.Incident.wish(KindUpdate, strconv.Itoa(d.Incident.Update.Number)+"/"+channel)
		w.Payload = d.Incident.Update.stored()
		d.Wishes = append(d.Wishes, w)
	}
	for _, o := range d.before.Outlets {
		if d.before.Drill {
			break // nothing real hears of it
		}
		w := d.Incident.wish(o.Kind, strconv.Itoa(d.Incident.Update.Number)+"/"+o.Name)
		w.Payload = d.Incident.Update.stored()
		d.Wishes = append(d.Wishes, w)
	}
	d.show(true, true)
	return nil
}

// Outlet is a place outside Slack where stakeholders are told, by KindWebhook or KindMail.
type Outlet struct {
	Kind Kind
	Name string // what it is known by in deliveries
}

// stored is an update as a delivery's payload keeps it. Fields may be added, never renamed.
func (u Update) stored() []byte {
	text, _ := json.Marshal(u) // strings, a number and times: it cannot fail
	return text
}

// Update returns what a KindUpdate, KindWebhook or KindMail tells, and where: the channel, by id or name, or the outlet's name.
func (d Delivery) Update() (u Update, channel string, err error) {
	if err := json.Unmarshal(d.Payload, &u); err != nil {
		return Update{}, "", fmt.Errorf("delivery %s: %w", d.Key, err)
	}
	_, channel, _ = strings.Cut(d.Subject, "/")
	return u, channel, nil
}
