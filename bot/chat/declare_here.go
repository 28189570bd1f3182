package chat

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"watchbell/incidents"
)

// privately are the ways to write that an incident is private: phones turn two dashes into one long one.
var privately = []string{"--private", "—private", "–private"}

// declareWords takes off what stands before a title: that it is private, that it is here. A title of nothing but “here” is one.
func declareWords(args string) (cmd incidents.Declare, rest string) {
	for {
		word, after := firstWord(args)
		switch word = strings.ToLower(word); {
		case slices.Contains(privately, word) && !cmd.Private:
			cmd.Private, args = true, after
		case word == incidents.Here && after != "" && !cmd.Here:
			cmd.Here, args = true, after
		default:
			return cmd, args
		}
	}
}

// free refuses a channel that is an incident's already.
func (t *turn) free() error {
	here, err := t.service.InChannel(t.ctx, t.channel)
	if err != nil || here == 0 {
		return err
	}
	return incidents.Refuse(incidents.TooLate, "This channel is that of incident #%d already.", here).
		Next("`%s declare …` without “here” opens a channel of its own.", t.o.Command)
}

// declaredHere offers what was said before.
func (t *turn) declaredHere(r incidents.Result) *Message {
	t.number = r.Incident
	text := fmt.Sprintf(":rotating_light: Incident #%d is declared: *%s*. This channel is its channel now; you lead until you hand over. "+
		"What was said here before can go into its timeline.", r.Incident, inline(r.Title))
	add := t.listButton(Stretch{Channel: t.channel})
	add.Label = "Add what was said before"
	return say(text, add)
}

// lookPatience bounds the question what kind of channel this is: declaring must not wait for Slack.
const lookPatience = time.Second

// hidden refuses to make a channel that everybody can read that of a private incident. Where Slack does not say, it counts as
// one: what was read cannot be taken back.
func (t *turn) hidden(cmd incidents.Declare, title string) error {
	if !cmd.Private || t.o.Public == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(t.ctx, lookPatience)
	defer cancel()
	public, err := t.o.Public(ctx, t.channel)
	if err == nil && !public {
		return nil
	}
	refused := incidents.Refuse(incidents.Unsure, "Everybody can read this channel, so it cannot be that of a private incident. Nothing was declared yet.")
	if err != nil {
		refused = incidents.Refuse(incidents.Unsure, "Slack does not say whether everybody can read this channel, so it cannot be that of a private incident. Nothing was declared yet.")
	}
	q := &question{Refusal: refused.Next("Press what you mean, or write `%s declare --private here …` in a private channel.", t.o.Command)}
	for _, c := range []struct{ label, words string }{
		{"Private, in a channel of its own", "--private "}, {"Here, for everybody to read", incidents.Here + " "},
	} {
		if text := "declare " + c.words + title; len(text) <= incidents.MaxTitle*4 {
			q.choices = append(q.choices, choice{label: c.label, again: again{Event: t.event, Text: text}})
		}
	}
	return q
}
