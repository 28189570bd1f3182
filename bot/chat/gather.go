package chat

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"watchbell/incidents"
)

// Stretch is a part of a conversation.
type Stretch struct {
	Channel string
	Thread  string // ts of a thread's parent: that thread alone; empty for the channel without its threads
	// Since and Before bound it; zero for no bound.
	Since, Before time.Time
}

// Spoken is a message of a conversation.
type Spoken struct {
	TS   string
	Text string // mrkdwn
}

const (
	// gathered is how many messages a list offers, the newest.
	gathered = 100
	// boxes is how many messages stand in one group of boxes to tick, which is what Slack allows.
	boxes = 10
)

// gather opens a list of what was said, to tick what belongs into the timeline. ticked: everything is ticked at first.
func (t *turn) gather(of Stretch, ticked bool) (Reply, error) {
	c := t.context()
	c.Channel = of.Channel
	d, in, user := t.Desk, *t.incident, t.user
	f := Form{Verb: "gather", Title: "Add several messages", Intro: "Reading what was said …", Context: c}
	f.Fill = func(ctx context.Context) Form {
		list, err := d.o.Conversation(ctx, of, gathered)
		full := f
		if err != nil {
			full.Intro = ":x: Slack did not show what was said here. The bot has to be in this conversation: `/invite` it, and try again."
			return full
		}
		known := map[incidents.Source]bool{}
		if snap, err := d.service.Snapshot(ctx, in.Number); err == nil {
			for _, e := range snap.Entries {
				known[e.Source] = true
			}
		}
		list = slices.DeleteFunc(list, func(s Spoken) bool { return known[incidents.Source{Channel: of.Channel, TS: s.TS}] })
		if len(list) == 0 {
			full.Intro = "There is nothing that is not in the timeline already."
			return full
		}
		zone := d.o.Zone(ctx, user)
		if zone == nil {
			zone = time.UTC
		}
		full.Intro = fmt.Sprintf("What goes into the timeline of #%d? Times in %s.", in.Number, zone)
		full.Submit, full.Fields = "Add", boxesOf(list, in, zone, ticked)
		if in.Number != 0 {
			return full
		}
		full.Intro, full.Submit = fmt.Sprintf("What goes into the timeline? Times in %s.", zone), "Go"
		elsewhere := d.turn(ctx, Said{User: user})
		choose, err := elsewhere.chooser("Declare an incident from these messages", Shorten(oneLine(editable(list[0].Text, in)), incidents.MaxTitle/2))
		if err != nil {
			full.Intro, full.Submit, full.Fields = notRecorded(err), "", nil
			return full
		}
		full.Fields = append(choose, full.Fields...)
		return full
	}
	return Reply{Form: &f}, nil
}

// boxesOf are groups of boxes, one box a message, in the order in which it was said.
func boxesOf(list []Spoken, in incidents.Incident, zone *time.Location, ticked bool) []Field {
	var fields []Field
	for group := range slices.Chunk(list, boxes) {
		f := Field{Name: fmt.Sprintf("messages_%d", len(fields)+1), Kind: ListField, Optional: true}
		var values []string
		for _, s := range group {
			at, err := incidents.ParseTS(s.TS)
			if err != nil {
				continue
			}
			said := oneLine(editable(s.Text, in))
			o := Option{Value: s.TS, Label: Shorten(at.In(zone).Format("15:04 ")+said, maxLabel)}
			if runes := []rune(said); len(runes) > maxLabel-6 {
				o.More = Shorten("…"+string(runes[maxLabel-7:]), maxLabel)
			}
			f.Options, values = append(f.Options, o), append(values, s.TS)
			f.Label = at.In(zone).Format("15:04")
		}
		if ticked {
			f.Value = strings.Join(values, ",")
		}
		f.Label = "Until " + f.Label
		fields = append(fields, f)
	}
	return fields
}

// gatherFrom is the value of a button that opens a list.
type gatherFrom struct {
	Incident int       `json:"n"`
	Thread   string    `json:"t,omitempty"`
	Since    time.Time `json:"s,omitzero"`
}

// listButton opens a list for those who typed where no form can open.
func (t *turn) listButton(of Stretch) Button {
	value, err := json.Marshal(gatherFrom{t.number, of.Thread, of.Since})
	if err != nil {
		value = []byte("{}") // numbers and strings: it cannot fail
	}
	return Button{Label: "Choose what to add", Action: "gather", Value: string(value), Style: "primary"}
}

// chooses opens the list behind a button.
func (d *Desk) chooses(ctx context.Context, p Pressed) (Reply, error) {
	t := d.turn(ctx, Said{Event: p.Event, User: p.User, Channel: p.Channel, CanOpenForm: p.CanOpenForm})
	var from gatherFrom
	if err := json.Unmarshal([]byte(p.Value), &from); err != nil {
		return Reply{Message: say(":x: That button is not from this version. Type `" + d.o.Command + " log since 14:30`.")}, nil
	}
	if err := t.which(from.Incident); err != nil {
		return t.refusal(err)
	}
	of := Stretch{Channel: p.Channel, Thread: from.Thread, Since: from.Since}
	return t.gather(of, of.Thread != "" || !of.Since.IsZero())
}

// logSince is "log since 14:30": everything that was said since then, to choose from.
func (t *turn) logSince(typed string) (Reply, error) {
	when, rest, err := t.time(typed)
	if err != nil {
		return Reply{}, err
	}
	if when.At.IsZero() || strings.TrimSpace(rest) != "" {
		return Reply{}, incidents.Refuse(incidents.Invalid, "“%s” is not a time.", inline(Shorten(decoded(typed), 60))).
			Next("Write `%s log since 14:30`, or `-20m`.", t.o.Command).In("time")
	}
	return t.list(Stretch{Channel: t.channel, Thread: t.thread, Since: when.At})
}

// list opens a list, or a button for it.
func (t *turn) list(of Stretch) (Reply, error) {
	if t.canForm {
		return t.gather(of, true)
	}
	return Reply{Message: say("Several messages at once are chosen from a list.", t.listButton(of))}, nil
}

// addThread opens the list of a thread.
func (d *Desk) addThread(ctx context.Context, u UsedShortcut) (Reply, error) {
	t := d.turn(ctx, Said{Event: u.Event, User: u.User, Channel: u.Channel, Thread: u.Thread, CanOpenForm: true})
	here, err := d.service.InChannel(ctx, u.Channel)
	if err == nil && here != 0 { // else the form asks which incident it is
		err = t.which(here)
	}
	if err != nil {
		return t.refusal(err)
	}
	if u.Thread == "" {
		u.Thread = u.TS
	}
	return t.list(Stretch{Channel: u.Channel, Thread: u.Thread})
}

// gathered captures what was ticked. The same form, sent twice, adds nothing twice.
func (t *turn) gathered(s Submitted) (Reply, error) {
	var chosen []string
	for name, value := range s.Values {
		if strings.HasPrefix(name, "messages_") && value != "" {
			chosen = append(chosen, strings.Split(value, ",")...)
		}
	}
	slices.Sort(chosen)
	if len(chosen) == 0 {
		return Reply{Message: say("Nothing was ticked, so nothing was added.")}, nil
	}
	said := ""
	if s.Context.Incident == 0 {
		var err error
		if said, err = t.chosen(s); err != nil {
			return Reply{}, err
		}
	}
	added := 0
	for _, ts := range chosen {
		result, err := t.service.Handle(t.ctx, incidents.Request{
			Event: t.event + "/" + ts, By: t.actor(), Incident: t.number,
			Command: incidents.CaptureMessage{
				Source: incidents.Source{Channel: s.Context.Channel, TS: ts}, How: incidents.ByShortcut, At: t.o.Now(),
			},
		})
		if err != nil {
			return Reply{}, err
		}
		if !result.Unchanged {
			added++
		}
	}
	return Reply{Message: say(said + fmt.Sprintf("Added %s to the timeline of #%d.", count(added, "message", "messages"), t.number))}, nil
}
