package chat

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"watchbell/incidents"
)

// logged says where an entry went, and asks where that is in doubt.
func (t *turn) logged(r incidents.Result) *Message {
	text := fmt.Sprintf("Logged at %s, now the %s of %s in the timeline of #%d.", t.echoed(r), ordinal(r.Place), count(r.Of, "entry", "entries"), r.Incident)
	if r.Entry != 0 {
		text += fmt.Sprintf(" `edit %d` changes it.", r.Entry)
	}
	text += stays(r)
	doubt, choices := t.doubt(r)
	if len(choices) == 0 || t.event == "" {
		return say(text)
	}
	return say(text+"\n"+doubt, buttons(choices)...)
}

// echoed says when an entry happened.
func (t *turn) echoed(r incidents.Result) string {
	if r.Until.IsZero() {
		return t.echo(r.At)
	}
	return t.echo(r.At) + " to " + t.echo(r.Until)
}

// time reads the time at the start of a text, in the writer's zone unless one is given.
func (t *turn) time(text string) (TypedTime, string, error) {
	t.readFrom = text
	if t.again.Plain {
		return TypedTime{}, text, nil
	}
	tc := TimeContext{Now: t.o.Now()}
	if _, _, found, err := ReadTime(text, tc); !found && err == nil {
		return TypedTime{}, text, nil // no time: the writer's zone does not matter, and is not asked for
	}
	err := t.see()
	if err != nil {
		return TypedTime{}, text, err
	}
	tc.Zone = t.zone()
	if tc.Day, err = t.day(); err != nil {
		return TypedTime{}, text, err
	}
	when, rest, found, err := ReadTime(text, tc)
	var wrong *TimeError
	if errors.As(err, &wrong) && len(wrong.Choices) > 0 && !t.again.At.IsZero() {
		tc.Zone = time.UTC // where no hour is skipped: only the text and the length count now
		when, rest, found, err = ReadTime(text, tc)
	}
	if errors.As(err, &wrong) {
		return TypedTime{}, text, t.noSuchTime(wrong)
	}
	if err != nil || !found {
		return TypedTime{}, text, err
	}
	if !t.again.At.IsZero() {
		if !when.Until.IsZero() {
			when.Until = when.Until.Add(t.again.At.Sub(when.At))
		}
		when.At, when.Choices = t.again.At, nil
	}
	if len(when.Choices) > 1 && when.Choices[1].After(when.At) {
		return TypedTime{}, text, t.whichHour(when)
	}
	t.read, t.words = when, strings.TrimSuffix(text, rest)
	return when, rest, nil
}

// noSuchTime explains what is wrong with a time, and offers the nearest that there are.
func (t *turn) noSuchTime(wrong *TimeError) error {
	refused := incidents.Refuse(incidents.Invalid, "%s", wrong.Problem).Next("%s", wrong.Next).In("time")
	if len(wrong.Choices) == 0 {
		return refused
	}
	return &question{Refusal: refused, choices: t.times(wrong.Choices)}
}

// whichHour asks which of two instants a local time means that the clocks showed twice.
func (t *turn) whichHour(when TypedTime) error {
	return &question{Refusal: incidents.Refuse(incidents.Unsure, "The clocks showed that time twice that night.").
		Next("Which one is meant? Nothing was recorded yet.").In("time"), choices: t.times(when.Choices)}
}

// times offers instants, each as what was meant.
func (t *turn) times(all []time.Time) []choice {
	var choices []choice
	for _, at := range all {
		choices = append(choices, choice{
			label: EchoTime(at, t.o.Now(), t.zone()), again: again{Event: t.event, Incident: t.number, At: at},
		})
	}
	return choices
}

// futureChoices offers what a time that lies ahead may have meant.
func (t *turn) futureChoices() []choice {
	tc := TimeContext{Now: t.o.Now(), Zone: t.zone()}
	when, rest, found, err := ReadTime(t.args, tc)
	if err != nil || !found {
		return nil
	}
	var choices []choice
	for _, at := range when.Choices {
		if !at.After(tc.Now) {
			choices = append(choices, choice{
				label: "I mean yesterday, " + EchoTime(at, tc.Now, when.Zone),
				again: again{Event: t.event, Incident: t.number, At: at},
			})
		}
	}
	choices = append(choices, choice{
		label: "I do mean " + EchoTime(when.At, tc.Now, when.Zone),
		again: again{Event: t.event, Incident: t.number, Mean: true},
	})
	if rest != "" && when.HasDate { // "tomorrow 10:00 we roll it out" is a plan more often than a time
		choices = append(choices, choice{
			label: "Now, with these words in the text",
			again: again{Event: t.event, Incident: t.number, Plain: true},
		})
	}
	return choices
}

// day is the day to which a time without a date belongs: for an entry that is edited its own, for a past incident that of
// the entry typed last.
func (t *turn) day() (time.Time, error) {
	if !t.within.IsZero() {
		return t.within, nil
	}
	if !t.incident.Backfill || t.incident.LastEntry == 0 {
		return time.Time{}, nil
	}
	snap, err := t.service.Snapshot(t.ctx, t.number)
	last := incidents.Entry{}
	for _, e := range snap.Entries {
		if e.Number > last.Number {
			last = e
		}
	}
	return last.At, err
}

// echo says an instant in UTC and in the person's own zone.
func (t *turn) echo(at time.Time) string {
	said := EchoTime(at, t.o.Now(), t.zone())
	if t.zoneUnknown {
		said += " (Slack did not say just now which time zone is yours)"
	}
	return said
}

// zone is the zone of the person who speaks; UTC when Slack does not say it.
func (t *turn) zone() *time.Location {
	if t.in == nil {
		t.in = t.o.Zone(t.ctx, t.user)
		if t.zoneUnknown = t.in == nil; t.zoneUnknown {
			t.in = time.UTC
		}
	}
	return t.in
}

// onlyTime reads the arguments of a verb that takes a time and nothing else.
func (t *turn) onlyTime() (time.Time, error) {
	when, rest, err := t.time(t.args)
	if err != nil {
		return time.Time{}, err
	}
	if rest != "" {
		return time.Time{}, incidents.Refuse(incidents.Invalid, "“%s” is not a time.", inline(Shorten(decoded(rest), 60))).
			Next("Write `%s %s`, or with a time: `%s %s 14:05` or `-10m`.", t.o.Command, t.verb.name, t.o.Command, t.verb.name).In("time")
	}
	return when.At, nil
}

// endTime reads the time at which it ended, and asks when that is before it began.
func (t *turn) endTime() (time.Time, error) {
	at, err := t.onlyTime()
	if err != nil || t.again.Mean {
		return at, err
	}
	early, err := t.beforeTheBeginning(at)
	if early == nil || err != nil {
		return at, err
	}
	return at, &question{Refusal: early, choices: []choice{
		{label: "I do mean " + EchoTime(at, t.o.Now(), t.zone()), again: again{Event: t.event, Incident: t.number, Mean: true}},
		{label: "No, now", again: again{Event: t.event, Incident: t.number, Text: t.verb.name}},
	}}
}

// beforeTheBeginning is the refusal of an end before the incident began; nil for any other.
func (t *turn) beforeTheBeginning(at time.Time) (*incidents.Refusal, error) {
	if at.IsZero() || !at.Before(t.incident.DeclaredAt) || t.incident.Backfill && t.incident.LastEntry == 0 {
		return nil, nil
	}
	snap, err := t.snapshot()
	if err != nil {
		return nil, err
	}
	began := snap.BeganAt()
	if !at.Before(began) {
		return nil, nil
	}
	return incidents.Refuse(incidents.Unsure, "That is before the incident began, %s, so nothing was recorded yet.", t.echo(began)).
		Next("Check the day and the zone, or say that you mean it.").In("time"), nil
}
