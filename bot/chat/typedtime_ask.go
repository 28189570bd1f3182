package chat

import (
	"context"
	"fmt"
	"strings"
	"time"

	"watchbell/incidents"
)

// Here is what is asked about an entry that is recorded already: nothing is lost when nobody answers.

// correction is a choice that changes the entry just recorded; with its own time it stays.
func (t *turn) correction(label string, r incidents.Result, a again) choice {
	a.Event, a.Incident, a.Entry = t.event, r.Incident, r.Entry
	return choice{label: label, again: a}
}

// doubt is what is to be asked about an entry; without choices there is nothing.
func (t *turn) doubt(r incidents.Result) (doubt string, choices []choice) {
	switch {
	case t.again.Mean || t.again.Plain || !t.again.At.IsZero(): // it was asked about already
		return "", nil
	case t.read.At.IsZero():
		return t.maybeTime(r)
	case t.read.InSentence:
		return t.maybeWords(r)
	}
	return t.far(r)
}

// maybeTime asks whether what was recorded as now begins with a time: "14.05 restarted it".
func (t *turn) maybeTime(r incidents.Result) (doubt string, choices []choice) {
	doubt, guesses := t.guesses(t.readFrom)
	for _, g := range guesses {
		choices = append(choices, t.correction(g.label, r, g.again))
	}
	if len(choices) == 0 {
		return "", nil
	}
	return doubt, append(choices, t.correction("No, now", r, again{At: r.At}))
}

// guesses are the times that a text may begin with, where that is in doubt.
func (t *turn) guesses(text string) (doubt string, choices []choice) {
	tc := TimeContext{Now: t.o.Now()}
	if _, rest, found := guessTime(text, tc); !found || strings.TrimSpace(rest) == "" {
		return "", nil
	}
	tc.Zone = t.zone()
	guess, rest, found := guessTime(text, tc)
	if !found {
		return "", nil
	}
	meant := guess.Choices
	if len(meant) == 0 {
		meant = []time.Time{guess.At}
	}
	for _, at := range meant {
		if at.After(tc.Now) {
			continue
		}
		until := guess.Until
		if !until.IsZero() {
			until = until.Add(at.Sub(guess.At))
		}
		choices = append(choices, choice{EchoTime(at, tc.Now, guess.Zone), again{At: at, Until: until, Cut: true}})
	}
	words := strings.TrimRight(strings.TrimSpace(strings.TrimSuffix(text, rest)), " -:,;")
	return fmt.Sprintf("Did you mean the time %s? “%s” is in the text for now.", guess.At.In(guess.Zone).Format("15:04"), inline(decoded(words))), choices
}

// maybeWords offers to put the words that were read as a time back into the text.
func (t *turn) maybeWords(r incidents.Result) (doubt string, choices []choice) {
	words := strings.TrimSpace(decoded(t.words))
	return fmt.Sprintf("“%s” was read as its time and is not in its text.", inline(words)), []choice{
		t.correction("No, now, and keep the words", r, again{At: t.o.Now(), Words: words}),
	}
}

const (
	// farBefore and farAfter are how far an entry may lie from everything else before it is asked about. What is told of a
	// past incident goes on for longer: its end is not known.
	farBefore, farAfter = 24 * time.Hour, 24 * time.Hour
	farAfterPast        = 7 * 24 * time.Hour
)

// far asks about an entry that lies far from everything else that is known of the incident.
func (t *turn) far(r incidents.Result) (doubt string, choices []choice) {
	in, when := t.incident, t.read
	if !t.unusual(r.At) {
		return "", nil
	}
	snap, err := t.snapshot()
	if err != nil {
		return "", nil // the entry is recorded: that is the answer, with or without a question
	}
	first, last := surroundings(snap, r.Entry, t.o.Now())
	after := farAfter
	if in.Backfill {
		after = farAfterPast
	}
	var near time.Time
	var side string
	var by time.Duration
	switch {
	case first.IsZero():
		return "", nil
	case r.At.Before(first.Add(-farBefore)):
		near, side, by = first, "before", first.Sub(r.At)
	case r.At.After(last.Add(after)):
		near, side, by = last, "after", r.At.Sub(last)
	default:
		return "", nil
	}
	choices = append(choices, t.correction("Yes, "+EchoTime(r.At, t.o.Now(), when.Zone), r, again{At: r.At, Until: r.Until}))
	length := time.Duration(0)
	if !r.Until.IsZero() {
		length = r.Until.Sub(r.At)
	}
	if other := sameClock(r.At, near, when.Zone); !other.After(t.o.Now()) {
		a := again{At: other}
		if length > 0 {
			a.Until = other.Add(length)
		}
		choices = append(choices, t.correction("No, "+EchoTime(other, t.o.Now(), when.Zone), r, a))
	}
	if in.Status.Open() {
		choices = append(choices, t.correction("No, now", r, again{At: t.o.Now()}))
	}
	return fmt.Sprintf("That is %s %s everything else in #%d. Is the date right?", days(by), side, in.Number), choices
}

// unusual reports whether a moment that was given has to be compared with the timeline. Now, the zero time, has not.
func (t *turn) unusual(at time.Time) bool {
	in := t.incident
	return !at.IsZero() && (in.Backfill || at.Before(in.DeclaredAt.Add(-farBefore)) ||
		!in.Status.Open() && !in.ResolvedAt.IsZero() && at.After(in.ResolvedAt.Add(farAfter)))
}

// surroundings are the first and the last moment that is known of an incident without one of its entries; zero for none.
func surroundings(s incidents.Snapshot, but int, now time.Time) (first, last time.Time) {
	see := func(at time.Time) {
		if at.IsZero() {
			return
		}
		if first.IsZero() || at.Before(first) {
			first = at
		}
		if at.After(last) {
			last = at
		}
	}
	see(s.StartedAt)
	if !s.Backfill {
		see(s.DeclaredAt)
		if s.Status.Open() {
			see(now)
		}
	}
	see(s.ResolvedAt)
	for _, e := range s.Entries {
		if e.Number != but {
			see(e.At)
			see(e.Until)
		}
	}
	return first, last
}

// sameClock is the time of day of an instant, on the day of another one.
func sameClock(at, day time.Time, zone *time.Location) time.Time {
	if zone == nil {
		zone = time.UTC
	}
	at, day = at.In(zone), day.In(zone)
	return time.Date(day.Year(), day.Month(), day.Day(), at.Hour(), at.Minute(), at.Second(), 0, zone).UTC()
}

// days says a long time.
func days(d time.Duration) string {
	if n := int(d.Hours()) / 24; n >= 7 {
		return count(n, "day", "days")
	}
	return lasted(d)
}

// corrected carries out the answer to a question about an entry that is recorded already. A second answer does nothing
// more.
func (d *Desk) corrected(ctx context.Context, s Said, a again) (Reply, error) {
	t := d.turn(ctx, Said{Event: a.Event + "/again", User: s.User, Channel: s.Channel, Thread: s.Thread})
	t.again = a
	reply, err := t.correct(a)
	if err != nil {
		reply, err = t.refusal(err)
	}
	return t.marked(reply), err
}

func (t *turn) correct(a again) (Reply, error) {
	if err := t.which(a.Incident); err != nil {
		return Reply{}, err
	}
	snap, err := t.snapshot()
	if err != nil {
		return Reply{}, err
	}
	text, there := "", false
	for _, e := range snap.Entries {
		if e.Number == a.Entry {
			text, there = e.Text, true
		}
	}
	if !there {
		return Reply{}, incidents.Refuse(incidents.NotFound, "That entry is not in the timeline of #%d any more.", a.Incident).
			Next("Type it again with `%s log`.", t.o.Command)
	}
	cmd := incidents.EditEntry{Number: a.Entry, At: a.At, Until: a.Until}
	if a.Cut {
		if _, rest, found := guessTime(text, TimeContext{Now: t.o.Now()}); found { // else it was rewritten meanwhile
			cmd.Text = rest
		}
	}
	if a.Words != "" {
		cmd.Text = a.Words + " " + text
	}
	result, err := t.handle(cmd)
	if err != nil {
		return Reply{}, err
	}
	if result.Unchanged {
		return Reply{Message: say(fmt.Sprintf("It stays at %s, the %s of %s in the timeline of #%d.", t.echoed(result), ordinal(result.Place), count(result.Of, "entry", "entries"), result.Incident))}, nil
	}
	return Reply{Message: say(fmt.Sprintf("Changed: it is at %s, now the %s of %s in the timeline of #%d.", t.echoed(result), ordinal(result.Place), count(result.Of, "entry", "entries"), result.Incident))}, nil
}
