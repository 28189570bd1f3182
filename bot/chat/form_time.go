package chat

import (
	"errors"
	"strings"
	"time"

	"watchbell/incidents"
)

// A form whose time is in doubt is shown again as it was filled in, with the question above. The answer is one press and
// counts only for what it was asked about: its field is named after that.

// meantField is the name of the field that asks which time is meant.
func meantField(s Submitted) string {
	about := strings.TrimSpace(s.Values["time"])
	if about == "" {
		about = s.Values["text"]
	}
	return "meant_" + digest(about)
}

// The answers: a time as it was read; none, it is all text; an instant; an instant whose words go from the text.
const (
	meantSo  = "so"
	meantNo  = "no"
	meantAt  = "at"
	meantCut = "cut"
)

// meant is the value of an answer.
func (a again) meant() string {
	switch {
	case a.Plain:
		return meantNo
	case a.At.IsZero():
		return meantSo
	case a.Cut:
		return meantCut + " " + a.At.UTC().Format(time.RFC3339Nano)
	}
	return meantAt + " " + a.At.UTC().Format(time.RFC3339Nano)
}

// takeAnswer takes over which time the person has said they mean.
func (t *turn) takeAnswer(s Submitted) {
	word, instant, _ := strings.Cut(s.Values[meantField(s)], " ")
	if word == "" {
		return
	}
	t.again.Mean, t.again.Plain = word != meantNo, word == meantNo
	if at, err := time.Parse(time.RFC3339Nano, instant); err == nil {
		t.again.At, t.again.Cut = at, word == meantCut
	}
}

// askAgain is a form again, with a question about its time; nil where there is nothing to choose from.
func (t *turn) askAgain(s Submitted, err error) *Form {
	refused := incidents.AsRefusal(err)
	if refused == nil || refused.Field != "time" {
		return nil
	}
	var choices []choice
	switch q := (*question)(nil); {
	case errors.As(err, &q):
		choices = q.choices
	case refused.Code == incidents.Future:
		if t.args = strings.TrimSpace(s.Values["time"]); t.args == "" {
			t.args = t.form(s, "text")
		}
		choices = t.futureChoices()
	}
	f := t.sameForm(s)
	if len(choices) == 0 || f == nil {
		return nil
	}
	pick := Field{Name: meantField(s), Label: "Which time is meant?", Hint: "Or write another one below.", Kind: PickField, Optional: true}
	for _, c := range choices {
		pick.Options = append(pick.Options, Option{Value: c.again.meant(), Label: Shorten(c.label, maxLabel)})
	}
	f.Intro = strings.TrimSpace(":question: " + refused.Text + " " + f.Intro)
	f.Fields = append([]Field{pick}, f.Fields...)
	return f
}

// sameForm is a form as it was filled in; nil for one that asks nothing about its time.
func (t *turn) sameForm(s Submitted) *Form {
	var f Form
	switch s.Verb {
	case "log":
		f = logForm(s.Context)
	case ShortcutAddToTimeline:
		var err error
		if f, err = t.addForm(s.Context, ""); err != nil {
			return nil
		}
	case editVerb:
		versions, err := t.versions(s.Context.Entry)
		if err != nil || len(versions) == 0 {
			return nil
		}
		f = t.editForm(versions[len(versions)-1])
		f.Context = s.Context
	default:
		return nil
	}
	for name, value := range s.Values {
		f.set(name, value)
	}
	return &f
}

// logForm makes a command of the form for an entry. Where its field for the time is empty, a time may begin the text, as
// it does behind the verb.
func (t *turn) logForm(s Submitted) (incidents.Log, error) {
	cmd := incidents.Log{Text: t.form(s, "text"), Confirmed: t.again.Mean}
	if strings.TrimSpace(s.Values["time"]) != "" {
		var err error
		if cmd.At, cmd.Until, err = t.field(s, "time"); err != nil {
			return cmd, err
		}
		return cmd, t.notFar(cmd.At, cmd.Until)
	}
	when, rest, err := t.time(cmd.Text)
	switch {
	case err != nil:
		return cmd, err
	case !when.At.IsZero():
		cmd.At, cmd.Until, cmd.Text = when.At, when.Until, rest
		return cmd, t.notFar(cmd.At, cmd.Until)
	case t.again.Cut:
		guess, rest, found := guessTime(cmd.Text, TimeContext{Now: t.o.Now(), Zone: t.zone()})
		if found {
			cmd.At, cmd.Text = t.again.At, rest
			if !guess.Until.IsZero() {
				cmd.Until = guess.Until.Add(cmd.At.Sub(guess.At))
			}
		}
	case !t.again.Mean && !t.again.Plain:
		doubt, choices := t.guesses(cmd.Text)
		if len(choices) > 0 {
			doubt, _, _ = strings.Cut(doubt, "? ")
			return cmd, &question{
				Refusal: incidents.Refuse(incidents.Unsure, "%s?", doubt).In("time"),
				choices: append(choices, choice{label: "No, now; keep the text as it is", again: again{Plain: true}}),
			}
		}
	}
	return cmd, nil
}

// notFar asks about a time that lies far from everything else in the incident, or ahead.
func (t *turn) notFar(at, until time.Time) error {
	switch soon := t.o.Now().Add(incidents.Ahead); {
	case t.again.Mean || t.again.Plain:
		return nil
	case at.After(soon) || until.After(soon):
		return incidents.StillAhead().In("time")
	case t.number == 0:
		return nil
	}
	doubt, choices := t.far(incidents.Result{Incident: t.number, At: at, Until: until})
	if len(choices) == 0 {
		return nil
	}
	return &question{Refusal: incidents.Refuse(incidents.Unsure, "%s", doubt).In("time"), choices: choices}
}
