package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"watchbell/bot/campaign"
	"watchbell/bot/chat"
	"watchbell/incidents"
	"watchbell/integrations/practice"
	"watchbell/storage"
)

// leaves looks at the database and at the services.
func (a *arena) leaves() campaign.State {
	a.Helper()
	store, err := storage.Open(a.ctx, a.config.database, storage.Options{Readers: 2})
	a.must(err)
	defer func() { a.must(store.Close()) }()
	service := incidents.NewService(store, incidents.Options{Now: a.clock.Now})
	wrong, err := store.Check(a.ctx, a.clock.Now(), false)
	a.must(err)
	state := campaign.State{Wrong: append(a.wrong, wrong...), Things: a.things(), Messages: a.messages()}
	for _, lost := range a.Slack.Undelivered() {
		state.Wrong = append(state.Wrong, "an event was not taken: "+lost)
	}
	found, err := service.Find(a.ctx, incidents.Query{Limit: 1 << 30})
	a.must(err)
	slices.Reverse(found)
	for _, in := range found {
		snap, err1 := service.Snapshot(a.ctx, in.Number)
		versions, err2 := service.History(a.ctx, in.Number, 0)
		a.must(errors.Join(err1, err2))
		state.Incidents = append(state.Incidents, a.incident(snap, versions))
	}
	return state
}

// incident is what the database and the services have of an incident.
func (a *arena) incident(snap incidents.Snapshot, versions []incidents.Entry) campaign.Incident {
	in := campaign.Incident{
		Number: snap.Number, Title: snap.Title, Status: string(snap.Status), Severity: string(snap.Severity),
		Sections: map[string]string{}, TopicDue: chat.Topic(snap),
	}
	for _, u := range a.Slack.Users() {
		if snap.Has(incidents.Ops, u.ID) {
			in.Ops = u.Name
		}
	}
	for name, text := range snap.Sections {
		in.Sections[string(name)] = text
	}
	for _, action := range snap.Actions {
		in.Actions = append(in.Actions, campaign.Action{Number: action.Number, Text: action.Text})
	}
	byNumber := map[int]*campaign.Entry{}
	for _, v := range versions {
		e := byNumber[v.Number]
		if e == nil {
			e = &campaign.Entry{Number: v.Number, Event: string(v.Event)}
			if v.Captured() {
				e.Source = v.Source.Channel + ":" + v.Source.TS
			}
			byNumber[v.Number] = e
		}
		e.Versions = append(e.Versions, v.Text)
	}
	for _, e := range snap.Entries {
		byNumber[e.Number].Shown = true
		in.Entries = append(in.Entries, *byNumber[e.Number])
		delete(byNumber, e.Number)
	}
	for _, e := range byNumber {
		in.Entries = append(in.Entries, *e)
	}
	for _, d := range snap.Deliveries {
		if !waits(d) || d.State == incidents.Failed {
			in.Open = append(in.Open, fmt.Sprintf("%s (%s: %s)", d.Key, d.State, d.LastError))
		}
	}
	if channel := a.channelOf(snap.Number); channel != "" {
		in.Topic = a.Slack.Topic(channel)
		for _, m := range a.Slack.Messages(channel) {
			if keyOf(m) == fmt.Sprintf("inc-%d/summary", snap.Number) {
				in.Summary = a.Slack.MessageText(m)
			}
		}
	}
	for _, pr := range a.GitHub.Pulls() {
		if pr.Head == fmt.Sprintf("%s%d", branchPrefix, snap.Number) {
			in.Post = a.added(pr)
		}
	}
	return in
}

// added is the file that a pull request adds.
func (a *arena) added(pr practice.Pull) (text string) {
	for _, file := range a.GitHub.Files(pr.Head) {
		if _, there := a.GitHub.File(pr.Base, file); !there {
			one, _ := a.GitHub.File(pr.Head, file)
			text += one
		}
	}
	return text
}

// keyOf is the delivery that a message of the bot's says it is.
func keyOf(m practice.Message) string {
	var in struct {
		Payload struct{ Key string } `json:"event_payload"`
	}
	_ = json.Unmarshal(m.Metadata, &in)
	return in.Payload.Key
}

// things are what the bot made at the services.
func (a *arena) things() (all []campaign.Thing) {
	add := func(text, key string, args ...any) {
		all = append(all, campaign.Thing{Key: fmt.Sprintf(key, args...), Text: text})
	}
	for _, c := range a.made() {
		var n int
		_, _ = fmt.Sscanf(c.Name, "inc-%d-", &n)
		add(c.Name, "inc-%d/channel", n)
		for range a.Slack.Pins(c.ID) {
			add(c.Name, "inc-%d/pin", n)
		}
		for _, b := range a.Slack.Bookmarks(c.ID) {
			add(b.Link, "inc-%d/bookmark", n)
		}
	}
	for _, c := range a.Slack.Channels() {
		for _, m := range a.Slack.Messages(c.ID) {
			if key := keyOf(m); strings.HasPrefix(key, "inc-") {
				add(m.Text, "%s", key)
			}
		}
	}
	for _, card := range a.cards() {
		lines := strings.Split(strings.TrimSpace(card.Desc), "\n")
		add(card.Name, "%s", strings.TrimPrefix(lines[len(lines)-1], "watchbell:"))
	}
	for _, branch := range a.GitHub.Branches() {
		if n, ok := strings.CutPrefix(branch, branchPrefix); ok {
			add(branch, "inc-%s/branch", n)
		}
	}
	for _, pr := range a.GitHub.Pulls() {
		add(pr.Title, "inc-%s/pull", strings.TrimPrefix(pr.Head, branchPrefix))
	}
	return all
}

// messages are what people said in incidents' channels.
func (a *arena) messages() (all []campaign.Message) {
	for _, said := range a.said {
		c := a.Slack.Channel(said.channel)
		m := a.Slack.Message(said.channel, said.ts)
		if c == nil || m == nil {
			a.complain("Slack has no message %v", said)
			continue
		}
		one := campaign.Message{Source: c.ID + ":" + said.ts, Text: m.Text, Ticked: ticked(*m)}
		_, _ = fmt.Sscanf(c.Name, "inc-%d-", &one.Number)
		for _, r := range m.Reactions {
			one.Wanted = one.Wanted || r.Name == a.config.Slack.CaptureReaction && len(r.Users) > 0
		}
		all = append(all, one)
	}
	return all
}

// figures add up what campaigns did.
type figures struct {
	rounds, kills, suspended, asked, acknowledged, refused, unknown, faults, seconds int
	took                                                                             time.Duration
}

func (f *figures) add(a *arena, s campaign.State, took time.Duration) {
	f.rounds++
	f.kills += int(a.kills.Load())
	f.suspended += int(a.suspended.Load())
	f.took += took
	f.seconds = max(f.seconds, s.Seconds)
	for _, op := range a.history {
		switch {
		case op.Deed == campaign.Wrong && op.Fault.Kind != campaign.Kill && op.Fault.Kind != campaign.Suspend:
			f.faults++
			continue
		case op.Deed == campaign.Wrong || op.Outcome == campaign.Left:
			continue
		}
		f.asked++
		switch op.Outcome {
		case campaign.Acknowledged:
			f.acknowledged++
		case campaign.Refused:
			f.refused++
		case campaign.Unknown:
			f.unknown++
		}
	}
}

func (f figures) String() string {
	return fmt.Sprintf("%d rounds in %v: %d kills, %d times suspended, %d other faults; %d things asked, %d acknowledged, %d refused, %d without an answer; at rest after at most %d s",
		f.rounds, f.took.Round(time.Second), f.kills, f.suspended, f.faults, f.asked, f.acknowledged, f.refused, f.unknown, f.seconds)
}
