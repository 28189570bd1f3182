package chat

import (
	"fmt"
	"strings"
	"time"

	"watchbell/incidents"
)

// editVerb is the callback id of the form in which an entry is written anew.
const editVerb = "edit_entry"

// formTime writes an instant so that it can be read back.
func formTime(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format("2006-01-02 15:04 UTC")
}

// editForm is the form in which an entry is written anew.
func (t *turn) editForm(e incidents.Entry) Form {
	c := t.context()
	c.Entry, c.Version = e.Number, e.Version
	f := Form{Verb: editVerb, Title: fmt.Sprintf("Edit entry %d", e.Number), Submit: "Save", Context: c, Fields: []Field{
		{Name: "text", Label: "What happened? (Markdown)", Kind: LongField, Value: t.markdownOf(e)},
		{Name: "time", Label: "When?", Hint: "A time alone is on the entry's own day. " + timeZoneHint, Kind: TextField, Value: formTime(e.At)},
		{Name: "until", Label: "Until when?", Hint: "Empty for a moment.", Kind: TextField, Value: formTime(e.Until), Optional: true},
		{Name: "internal", Label: "Who may read it?", Kind: CheckField, Optional: true, Value: ticked(e.Internal),
			Options: []Option{{Value: "true", Label: "Internal: keep it out of the post"}}},
	}}
	if e.Captured() && !e.Rewritten {
		f.Intro = "It was captured from a message. Once you write it anew, edits of that message are shown to you instead of taken over."
	}
	return f
}

func ticked(is bool) string {
	if is {
		return "true"
	}
	return ""
}

// markdownOf is the text of an entry as Markdown, to be edited.
func (t *turn) markdownOf(e incidents.Entry) string {
	if e.Format == incidents.Mrkdwn {
		return mentioned(Captured(e.Text, keepNames, t.o.Escapes))
	}
	return e.Text
}

// editSubmitted takes the form of an entry. What is as it was in the version that the person saw counts as not touched.
func (t *turn) editSubmitted(s Submitted) (Reply, error) {
	versions, err := t.versions(s.Context.Entry)
	if err != nil {
		return Reply{}, err
	}
	seen := incidents.Entry{Number: s.Context.Entry}
	for _, v := range versions {
		if v.Version == s.Context.Version {
			seen = v
		}
	}
	cmd := incidents.EditEntry{Number: seen.Number, Version: s.Context.Version, Confirmed: t.again.Mean}
	if text := strings.TrimSpace(s.Values["text"]); text != strings.TrimSpace(t.markdownOf(seen)) {
		cmd.Text = text
	}
	t.within = seen.At
	at, until, err := t.field(s, "time")
	if err != nil {
		return Reply{}, err
	}
	if until.IsZero() {
		if until, _, err = t.field(s, "until"); err != nil {
			return Reply{}, err
		}
	}
	if at.IsZero() || at.Equal(seen.At.Truncate(time.Minute)) {
		at = seen.At // to the second, as it was captured
	}
	if until.Equal(seen.Until.Truncate(time.Minute)) {
		until = seen.Until
	}
	if !at.Equal(seen.At) || !until.Equal(seen.Until) {
		cmd.At, cmd.Until = at, until
	}
	if internal := s.Values["internal"] == "true"; internal != seen.Internal {
		cmd.Internal = &internal
	}
	result, err := t.service.Handle(t.ctx, incidents.Request{
		Event: t.event, By: t.actor(), Incident: t.number, Command: cmd,
	})
	if refused := incidents.AsRefusal(err); refused != nil && refused.Code == incidents.Changed {
		return Reply{Form: t.editAgain(s, versions)}, nil
	}
	if err != nil {
		return Reply{}, err
	}
	t.verb = &verb{name: "edit"}
	return t.entryDone(result, edited(t, result))
}

// editAgain shows the form with what the person wrote, below what somebody else has made of the entry meanwhile. Saving it
// now replaces that.
func (t *turn) editAgain(s Submitted, versions []incidents.Entry) *Form {
	now := versions[len(versions)-1]
	f := t.editForm(now)
	for _, name := range []string{"text", "time", "until", "internal"} {
		f.set(name, s.Values[name])
	}
	f.Intro = ":warning: " + t.whoChanged(versions) + "\nBelow is what you wrote. *Save* replaces theirs with yours; *Cancel* leaves theirs. Nothing is lost: `restore " +
		fmt.Sprint(now.Number) + "` has every version."
	return &f
}
