package chat

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"watchbell/incidents"
)

// entryNumber takes the number of an entry off the start of the arguments.
func (t *turn) entryNumber() (int, error) {
	word, rest := firstWord(t.args)
	n, err := strconv.ParseInt(word, 10, 32)
	if err != nil || n < 1 {
		refused := incidents.Refuse(incidents.Invalid, "Which entry? “%s” is not the number of one.", inline(Shorten(decoded(word), 40)))
		if word == "" {
			refused = incidents.Refuse(incidents.Invalid, "Which entry?")
		}
		return 0, refused.Next("`%s timeline` shows the numbers, before the times: `%[1]s %s`.", t.o.Command, t.verb.example)
	}
	t.args = rest
	return int(n), nil
}

// versions are those of an entry, the one that counts last; none when there is no such entry.
func (t *turn) versions(entry int) ([]incidents.Entry, error) {
	return t.service.History(t.ctx, t.number, entry)
}

func runEdit(t *turn) (Reply, error) {
	n, err := t.entryNumber()
	if err != nil {
		return Reply{}, err
	}
	versions, err := t.versions(n)
	if err != nil {
		return Reply{}, err
	}
	if len(versions) > 0 && versions[len(versions)-1].Shown() {
		e := versions[len(versions)-1]
		if t.args == "" && t.canForm {
			form := t.editForm(e)
			return Reply{Form: &form}, nil
		}
		if t.args == "" {
			return Reply{}, incidents.Refuse(incidents.Invalid, "What should entry %d say? Now it says: %s", n, entryText(e)).
				Next("Write `%s edit %d 14:05 better words`, with a time, words or both.", t.o.Command, n)
		}
		t.within = e.At
	}
	when, text, err := t.time(t.args)
	if err != nil {
		return Reply{}, err
	}
	result, err := t.handle(incidents.EditEntry{
		Number: n, At: when.At, Until: when.Until, Text: t.entryWords(text), Confirmed: t.again.Mean, Overwrite: t.again.Over,
	})
	if refused := incidents.AsRefusal(err); refused != nil && refused.Code == incidents.Changed {
		return Reply{}, t.overtaken(refused, versions)
	}
	if err != nil {
		return Reply{}, err
	}
	return t.entryDone(result, edited(t, result))
}

func edited(t *turn, r incidents.Result) string {
	if r.Unchanged {
		return fmt.Sprintf("Entry %d says so already.", r.Entry)
	}
	return fmt.Sprintf("Entry %d is written anew, at %s, now the %s of %s.", r.Entry, t.span(r.At, r.Until), ordinal(r.Place), count(r.Of, "entry", "entries"))
}

// span says a moment or a range in UTC and in the person's own zone.
func (t *turn) span(at, until time.Time) string {
	if until.IsZero() {
		return t.echo(at)
	}
	return t.echo(at) + " to " + t.echo(until)
}

// overtaken asks whether what somebody else has made of an entry meanwhile is to be replaced.
func (t *turn) overtaken(refused *incidents.Refusal, versions []incidents.Entry) error {
	over := t.again
	over.Event, over.Incident, over.Over = t.event, t.number, true
	return &question{
		Refusal: incidents.Refuse(refused.Code, "%s", t.whoChanged(versions)).
			Next("Nothing of yours was recorded yet. Press to replace it, or leave it as it is."),
		choices: []choice{{label: "Replace it with mine", again: over}},
	}
}

// whoChanged says who else has changed an entry last, when, and what it says now.
func (t *turn) whoChanged(versions []incidents.Entry) string {
	now := versions[len(versions)-1]
	touch := now.Last
	for _, v := range slices.Backward(versions) {
		if v.Last.By != t.user {
			touch = v.Last
			break
		}
	}
	when := now.At.UTC().Format("15:04 UTC")
	ago := "a moment"
	if passed := t.o.Now().Sub(touch.At); passed >= time.Minute {
		ago = lasted(passed)
	}
	return fmt.Sprintf("%s changed entry %d %s ago. It now says, at %s: %s", t.whoever(touch.By), now.Number, ago, when, entryText(now))
}

// whoever names a person, or says that it was an edit of the message.
func (t *turn) whoever(user string) string {
	if name, outside := incidents.OutsiderName(user); outside {
		return inline(name)
	}
	if user == "" {
		return "An edit of the message"
	}
	return "<@" + user + ">"
}

// entryDone answers a change of an entry, with a way back.
func (t *turn) entryDone(r incidents.Result, text string) (Reply, error) {
	row := []Button{{Label: "Timeline", Action: "timeline", Value: strconv.Itoa(t.number)}}
	if !r.Unchanged && t.verb.name != "undo" {
		row = append([]Button{{Label: "Undo", Action: "undo", Value: strconv.Itoa(t.number)}}, row...)
	}
	return Reply{Message: say(text+stays(r), row...)}, nil
}

// onEntry carries out a command about the entry that the arguments name, and nothing else.
func (t *turn) onEntry(make func(n int) incidents.Command, words, already string) (Reply, error) {
	n, err := t.entryNumber()
	if err != nil {
		return Reply{}, err
	}
	if t.args != "" {
		return Reply{}, incidents.Refuse(incidents.Invalid, "“%s” is left over.", inline(Shorten(decoded(t.args), 60))).
			Next("Write `%s %s %d` and nothing else.", t.o.Command, t.verb.name, n)
	}
	result, err := t.handle(make(n))
	if err != nil {
		return Reply{}, err
	}
	if result.Unchanged {
		words = already
	}
	return t.entryDone(result, fmt.Sprintf(words, n))
}

func runDelete(t *turn) (Reply, error) {
	return t.onEntry(func(n int) incidents.Command { return incidents.RemoveEntry{Number: n} },
		"Entry %d is out of the timeline and the post. `restore %[1]d` brings it back.", "")
}

func runInternal(t *turn) (Reply, error) {
	return t.onEntry(func(n int) incidents.Command { return incidents.SetInternal{Number: n, Internal: true} },
		"Entry %d is internal now: it stays in the timeline here and out of the post.", "Entry %d is internal already.")
}

func runPublic(t *turn) (Reply, error) {
	return t.onEntry(func(n int) incidents.Command { return incidents.SetInternal{Number: n} },
		"Entry %d is public now: it goes into the post.", "Entry %d is public already.")
}

func runTake(t *turn) (Reply, error) {
	return t.onEntry(func(n int) incidents.Command { return incidents.AnswerProposal{Number: n, Take: true} },
		"Entry %d says what its message says now, and follows it again.", "")
}

func runKeep(t *turn) (Reply, error) {
	return t.onEntry(func(n int) incidents.Command { return incidents.AnswerProposal{Number: n} },
		"Entry %d stays as you wrote it.", "")
}

func runMove(t *turn) (Reply, error) {
	n, err := t.entryNumber()
	if err != nil {
		return Reply{}, err
	}
	word := strings.ToLower(strings.TrimSpace(t.args))
	if word != "up" && word != "down" {
		return Reply{}, incidents.Refuse(incidents.Invalid, "Move entry %d where to?", n).
			Next("Write `%s move %d up` or `down`: within its minute. `edit %[2]d 14:05` gives it another time.", t.o.Command, n)
	}
	result, err := t.handle(incidents.MoveEntry{Number: n, Up: word == "up"})
	if err != nil {
		return Reply{}, err
	}
	return t.entryDone(result, fmt.Sprintf("Entry %d is now the %s of %s.", n, ordinal(result.Place), count(result.Of, "entry", "entries")))
}

// undid says what undo took back.
var undid = map[incidents.Deed]string{
	incidents.DeedLogged: "entry %d is out again", incidents.DeedEdited: "entry %d says what it said before",
	incidents.DeedMoved: "entry %d stands where it stood", incidents.DeedDeleted: "entry %d is back",
	incidents.DeedRestored: "entry %d is as it was before it was restored", incidents.DeedHidden: "entry %d is public again",
	incidents.DeedPublished: "entry %d is internal again",
}

func runUndo(t *turn) (Reply, error) {
	result, err := t.handle(incidents.Undo{})
	if err != nil {
		return Reply{}, err
	}
	return t.entryDone(result, fmt.Sprintf("Your last change is undone: "+undid[result.Undid]+". Once more takes back the one before; `restore %[1]d` has every version.", result.Entry))
}

func runRestore(t *turn) (Reply, error) {
	n, err := t.entryNumber()
	if err != nil {
		return Reply{}, err
	}
	word := strings.TrimPrefix(strings.ToLower(strings.TrimSpace(t.args)), "v")
	version, err := strconv.Atoi(word)
	if word != "" && (err != nil || version < 1) {
		return Reply{}, incidents.Refuse(incidents.Invalid, "“%s” is not a version of entry %d.", inline(Shorten(decoded(t.args), 40)), n).
			Next("`%s restore %d` shows all of them.", t.o.Command, n)
	}
	versions, err := t.versions(n)
	if err != nil {
		return Reply{}, err
	}
	if word == "" && len(versions) > 0 && versions[len(versions)-1].Shown() {
		return Reply{Message: t.history(versions)}, nil
	}
	result, err := t.handle(incidents.RestoreEntry{Number: n, Version: version})
	if err != nil {
		return Reply{}, err
	}
	text := fmt.Sprintf("Entry %d is back, at %s.", n, t.span(result.At, result.Until))
	if result.Unchanged {
		text = fmt.Sprintf("Entry %d says so already.", n)
	}
	return t.entryDone(result, text)
}

// done says what a deed did, for the history.
var done = map[incidents.Deed]string{
	incidents.DeedLogged: "written", incidents.DeedCaptured: "captured", incidents.DeedFollowed: "message edited",
	incidents.DeedProposed: "message edited, not taken over", incidents.DeedEdited: "edited", incidents.DeedMoved: "moved",
	incidents.DeedDeleted: "deleted", incidents.DeedWithdrawn: "message or reaction gone", incidents.DeedRestored: "restored",
	incidents.DeedDescribed: "image described",
	incidents.DeedHidden:    "made internal", incidents.DeedPublished: "made public", incidents.DeedUndone: "undone",
}

// shownVersions is how many versions a history shows; older ones can still be restored by their number.
const shownVersions = 20

// history shows the versions of an entry, each with a way back to it.
func (t *turn) history(versions []incidents.Entry) *Message {
	now := versions[len(versions)-1]
	title := fmt.Sprintf("*History of entry %d of #%d* (times in UTC)", now.Number, t.number)
	m := &Message{Text: title, Blocks: []Block{{Kind: Section, Text: title}}}
	for _, v := range versions[max(0, len(versions)-shownVersions):] {
		line := fmt.Sprintf("%d. %s", v.Version, done[v.Last.Deed])
		if v.Last.By != "" {
			line += " by " + t.whoever(v.Last.By)
		}
		if !v.Last.At.IsZero() {
			line += " · " + clock(v.Last.At)
		}
		line += "\n" + entryLines(*t.incident, []incidents.Entry{v})[0]
		m.Text += "\n" + line
		b := Block{Kind: Section, Text: line}
		if v.Version != now.Version && !v.Waiting {
			b.Buttons = []Button{{Label: "Restore", Action: fmt.Sprintf("restore:%d %d", v.Number, v.Version), Value: strconv.Itoa(t.number)}}
		}
		m.Blocks = append(m.Blocks, b)
	}
	return m
}

// entryPressed carries out what was chosen beside an entry in the list, and shows the list again in its place.
func (d *Desk) entryPressed(ctx context.Context, p Pressed, s Said) (Reply, error) {
	_, argument, _ := strings.Cut(p.Action, ":")
	entry, args, _ := strings.Cut(argument, ":")
	word, incident := firstWord(p.Value)
	switch word {
	case "up", "down":
		s.Text = "move " + incident + " " + entry + " " + word
	case "history":
		s.Text = "restore " + incident + " " + entry
	case "undo":
		s.Text = "undo " + incident
	default:
		s.Text = word + " " + incident + " " + entry
	}
	t := d.turn(ctx, s)
	do := t.answer
	if word == moreDeeds {
		do = func() (Reply, error) { return t.allDeeds(incident, entry) }
	}
	reply, err := do()
	if err != nil {
		reply, err = t.refusal(err)
		return t.marked(reply), err
	}
	if reply.Form != nil || word == "history" || word == moreDeeds || !p.Ephemeral {
		return t.marked(reply), nil
	}
	list, err := t.showTimeline(readView(args), reply.Message.Text)
	if err != nil {
		return t.marked(reply), nil // what was asked for is done; the list can be had again
	}
	return t.marked(Reply{Message: list, Replace: true}), nil
}
