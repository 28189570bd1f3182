package practice

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// before is what a workspace holds when a play begins: of earlier drills, and of what people have done by hand. The
// play's expectations are about what comes after.
type before struct {
	channels, cards, said    map[string]bool // by id, messages by channel and ts
	pulls, refused, incident int             // how many; incident is the highest number of one
}

// incidentName is how the bot names an incident's channel.
var incidentName = regexp.MustCompile(`^inc-(\d+)\b`)

func (w *Workspace) before() before {
	b := before{
		channels: map[string]bool{}, cards: map[string]bool{}, said: map[string]bool{},
		pulls: len(w.GitHub.Pulls()), refused: len(w.refusals()),
	}
	for _, u := range w.Slack.Users() {
		b.hear(w.Slack.Ephemerals(u.ID))
	}
	for _, c := range w.Slack.Channels() {
		b.channels[c.ID] = true
		b.hear(w.Slack.Messages(c.ID))
		if m := incidentName.FindStringSubmatch(c.Name); m != nil && c.Creator == BotUser {
			n, _ := strconv.Atoi(m[1])
			b.incident = max(b.incident, n)
		}
	}
	for _, c := range w.Trello.Cards(w.Trello.Board().ID) {
		b.cards[c.ID] = true
	}
	return b
}

func (b before) hear(list []Message) {
	for _, m := range list {
		b.said[m.Channel+" "+m.TS] = true
	}
}

// since leaves out what was said before the play began.
func (b before) since(list []Message) []Message {
	return slices.DeleteFunc(list, func(m Message) bool { return b.said[m.Channel+" "+m.TS] })
}

// refusals are the calls that Slack has refused.
func (w *Workspace) refusals() []string { return append(w.Slack.Refused(), w.Slack.Unknown()...) }

// numberForm is the number of a drill's incident, as scripts write it: #1, inc-1.
var numberForm = regexp.MustCompile(`(#|\binc-)(\d)\b`)

// renumbered is a drill whose incidents have the numbers that they will get: the first is #3 where two were before.
func (b before) renumbered(d Drill) Drill {
	if b.incident == 0 {
		return d
	}
	later := func(text string) string {
		return numberForm.ReplaceAllStringFunc(text, func(form string) string {
			m := numberForm.FindStringSubmatch(form)
			n, _ := strconv.Atoi(m[2])
			return m[1] + strconv.Itoa(n+b.incident)
		})
	}
	d.Steps = slices.Clone(d.Steps)
	for i := range d.Steps {
		d.Steps[i].What, d.Steps[i].Text = later(d.Steps[i].What), later(d.Steps[i].Text)
	}
	return d
}

// opened reports whether a channel is one of the play's incident.
func (b before) opened(c Channel) bool {
	return c.Creator == BotUser && c.Name != TeamChannel && !b.channels[c.ID]
}

// calm is the longest that a clock waits for calls that are on their way before it is set forward: a fault may hold one
// up for as long as it likes.
const calm = 2 * time.Second

// rest waits until no call to the services is being answered. What measures a call by the story's clock would otherwise
// see it take an hour.
func (w *Workspace) rest(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, calm)
	defer cancel()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for w.serving.Load() > 0 {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
