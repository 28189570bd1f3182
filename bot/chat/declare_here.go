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
// That it is private may stand anywhere, for what was announced cannot be taken back.
func declareWords(args string) (cmd incidents.Declare, rest string) {
	for {
		word, after := firstWord(args)
		switch word = strings.ToLower(word); {
		case slices.Contains(privately, word) && !cmd.Private:
			cmd.Private, args = true, after
		case word == incidents.Here && after != "" && !cmd.Here:
			cmd.Here, args = true, after
		default:
			words := strings.Fields(args)
			kept := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return slices.Contains(privately, strings.ToLower(w)) })
			if len(kept) < len(words) {
				cmd.Private, args = true, strings.Join(kept, " ")
			}
			return cmd, args
		}
	}
}

// almostPrivate asks about a title that begins or ends with what looks as if it was to say that the incident is private.
func (t *turn) almostPrivate(args string) error {
	words := strings.Fields(args)
	if len(words) < 2 || t.again.Plain || t.again.Mean {
		return nil
	}
	for i, word := range []string{words[0], words[len(words)-1]} {
		if !meansPrivate(word) {
			continue
		}
		rest := strings.Join(words[1-i:len(words)-i], " ")
		q := &question{Refusal: incidents.Refuse(incidents.Unsure, "Is “%s” a part of the title, or is the incident private? Nothing was declared yet.", inline(Shorten(decoded(word), 40))).
			Next("Press what you mean, or write `%s declare --private …`.", t.o.Command)}
		if text := "declare --private " + rest; len(text) <= incidents.MaxTitle*4 {
			q.choices = append(q.choices, choice{label: "Private: announce nothing", again: again{Event: t.event, Text: text}})
		}
		q.choices = append(q.choices, choice{label: "Announce it, with that title", again: again{Event: t.event, Plain: true}})
		return q
	}
	return nil
}

// privateWord is the word of a title that was to say that the incident is private, or looks like it; "" for none.
func privateWord(title string) string {
	words := strings.Fields(title)
	for i, word := range words {
		if slices.Contains(privately, strings.ToLower(word)) || len(words) > 1 && (i == 0 || i == len(words)-1) && meansPrivate(word) {
			return word
		}
	}
	return ""
}

// meansPrivate reports whether a word is “private” in brackets, or an option that is mistyped. The word alone is none: a
// private registry can be down.
func meansPrivate(word string) bool {
	word = strings.ToLower(word)
	name := strings.TrimLeft(word, "-–—")
	if name != word {
		return distance(name, "private") < 3 || len(name) > 3 && strings.HasPrefix("private", name)
	}
	return word != "private" && strings.Trim(word, "()[]{}*!:") == "private"
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
