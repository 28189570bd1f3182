package chat

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"watchbell/incidents"
)

// writtenBy says who wrote a section last, and when.
func writtenBy(w incidents.Writing) string {
	when := clock(w.At)
	if name, outside := incidents.OutsiderName(w.By); outside {
		if login, github := strings.CutSuffix(name, " on GitHub"); github {
			return "edited on GitHub by " + inline(login) + ", " + when
		}
		return "written by " + inline(name) + ", " + when
	}
	if w.By == "" || w.At.IsZero() {
		return "written"
	}
	return "drafted by <@" + w.By + ">, " + when
}

// sectionState is a section's title and how it stands.
func sectionState(in incidents.Incident, s incidents.Section) string {
	title := "*" + sectionTitles[s][0] + "*"
	if in.Sections[s] == "" {
		return ":white_large_square: " + title + " · empty"
	}
	return ":ballot_box_with_check: " + title + " · " + writtenBy(in.Writing(s))
}

// SectionList is the channel's list of the post's sections, as it should look now.
func SectionList(s incidents.Snapshot) Message {
	done := 0
	for _, name := range incidents.Sections {
		if s.Sections[name] != "" {
			done++
		}
	}
	title := fmt.Sprintf("*The post of #%d*: %d of %d sections are written. Several people can write at once.", s.Number, done, len(incidents.Sections))
	b := func(label, action string) Button {
		return Button{Label: label, Action: action, Value: number(s.Incident)}
	}
	m := Message{Text: title, Blocks: []Block{{Kind: Section, Text: title}}}
	for _, name := range incidents.Sections {
		line := sectionState(s.Incident, name)
		m.Text += "\n" + line
		m.Blocks = append(m.Blocks, Block{Kind: Section, Text: line, Buttons: []Button{b("Edit", "draft:"+string(name))}})
	}
	row := []Button{b("Preview", "preview"), b("Numbers", "numbers"), b("Findings", "lint")}
	if !s.Drill { // of which nothing is published
		row = append(row, b("Pull request", "postmortem"))
	}
	m.Blocks = append(m.Blocks, Block{Kind: Actions, Buttons: row})
	if s.Listed {
		m.Blocks = append(m.Blocks, Block{Kind: Context, Text: "Answer in this thread with a section's name, such as “Impact: nobody could pay”, to suggest words for it."})
	}
	return drilled(s.Drill, m)
}

// SectionMessage is a section's own message in the channel, as it should look now.
func SectionMessage(s incidents.Snapshot, name incidents.Section) Message {
	text := sectionState(s.Incident, name)
	if now := s.Sections[name]; now != "" {
		text += "\n" + Shorten(Slack(now), 2_500)
	} else {
		text += "\n_" + sectionTitles[name][1] + "_"
	}
	return drilled(s.Drill, Message{Text: text, Blocks: []Block{
		{Kind: Section, Text: text},
		{Kind: Actions, Buttons: []Button{{Label: "Edit", Action: "draft:" + string(name), Value: number(s.Incident)}}},
		{Kind: Context, Text: "Answers in this thread become suggestions for it."},
	}})
}

// Suggestion asks, below an answer in a section's thread, whether it is taken.
func Suggestion(s incidents.Snapshot, id string, what incidents.Suggested) Message {
	known, _ := s.Suggestion(id)
	title := "*" + sectionTitles[what.Section][0] + "*"
	short := "“" + Shorten(Slack(oneLine(what.Text)), 120) + "”"
	if what.Instead != "" {
		short = "“" + Shorten(Slack(oneLine(what.Instead)), 120) + "” → " + short
	}
	switch known.State {
	case incidents.SuggestionTaken:
		return drilled(s.Drill, *say(":white_check_mark: Taken into " + title + " by <@" + known.By + ">: " + short))
	case incidents.SuggestionLeft:
		return drilled(s.Drill, *say(":heavy_minus_sign: Left out of " + title + ": " + short))
	}
	b := func(label, action, style string) Button {
		return Button{Label: label, Action: "suggestion:" + id + " " + action, Value: number(s.Incident), Style: style}
	}
	return drilled(s.Drill, *say(":bulb: A suggestion for "+title+": "+short, b("Take it", "take", "primary"), b("Leave it", "leave", "")))
}

// runSuggestion answers a suggestion; its buttons say it.
func runSuggestion(t *turn) (Reply, error) {
	id, word := firstWord(t.args)
	word = strings.TrimSpace(word)
	word, version := firstWord(word)
	seen, _ := strconv.Atoi(strings.TrimSpace(version))
	if word != "take" && word != "leave" {
		return Reply{}, incidents.Refuse(incidents.Invalid, "A suggestion is taken or left.").Next("Its buttons say so for you.")
	}
	if word == "take" && seen == 0 {
		if m := t.wouldRead(id); m != nil {
			return Reply{Message: m}, nil
		}
	}
	result, err := t.handle(incidents.AnswerSuggestion{ID: id, Take: word == "take", Seen: seen})
	if err != nil {
		return Reply{}, err
	}
	s, _ := t.incident.Suggestion(id)
	if word == "leave" {
		return Reply{}, nil
	}
	edit := Button{Label: "Edit it there", Action: "draft:" + string(s.Section), Value: fmt.Sprint(result.Incident)}
	return Reply{Message: say("Taken into *"+sectionTitles[s.Section][0]+"*.", edit)}, nil
}

// wouldRead shows how a section would read with a suggestion that is added to it; nil where there is nothing to ask: the
// section is empty, the suggestion itself says what it replaces, or there is none that could be taken.
func (t *turn) wouldRead(id string) *Message {
	s, known := t.incident.Suggestion(id)
	now := t.incident.Sections[s.Section]
	if !known || s.State != incidents.SuggestionOpen || now == "" {
		return nil
	}
	d, err := t.service.Delivery(t.ctx, t.incident.SuggestionKey(id))
	if err != nil {
		return nil // the rule says what is wrong
	}
	what, err := d.Suggested()
	if err != nil || what.Instead != "" {
		return nil
	}
	text, _ := what.Into(now)
	title := "*" + sectionTitles[s.Section][0] + "*"
	m := say(title + " would then read:\n" + Shorten(Slack(text), 2_500))
	b := func(label, action, style string) Button {
		return Button{Label: label, Action: action, Value: strconv.Itoa(t.number), Style: style}
	}
	m.add(Block{Kind: Actions, Buttons: []Button{
		b("Take it so", fmt.Sprintf("suggestion:%s take %d", id, t.incident.Writing(s.Section).Version), "primary"),
		b("Edit the section", "draft:"+string(s.Section), ""),
	}})
	return m
}

func runDiscuss(t *turn) (Reply, error) {
	word, rest := sectionName(t.args)
	section, ok := sectionWord(word)
	if !ok || strings.TrimSpace(rest) != "" {
		return Reply{}, notASection(word)
	}
	result, err := t.handle(incidents.Discuss{Section: section})
	if err != nil {
		return Reply{}, err
	}
	where := "gets a message in <#" + t.incident.Channel.ID + "> in a moment"
	if result.Unchanged {
		where = "has a message in <#" + t.incident.Channel.ID + ">"
	}
	return Reply{Message: say("*" + sectionTitles[section][0] + "* " + where + ". Answers in its thread become suggestions.")}, nil
}

// Replied is a plain message in a thread.
type Replied struct {
	Event, User, Channel string // Event is empty where the message was read back
	Thread, TS           string // of the thread's parent, and of the message
	Text                 string // mrkdwn
}

// notFoundIsNone is err unless it says that there is no such thing.
func notFoundIsNone(err error) error {
	if errors.Is(err, incidents.ErrNotFound) {
		return nil
	}
	return err
}

// Replied makes a suggestion of an answer in the thread of a section's message, or, where it begins with a section's name,
// of one in the thread of their list. Everything else is none of our business. An error means that it was not recorded.
func (d *Desk) Replied(ctx context.Context, r Replied) error {
	number, err := d.service.InChannel(ctx, r.Channel)
	if err != nil || number == 0 {
		return err
	}
	in, err := d.service.Incident(ctx, number)
	if err != nil {
		return err
	}
	section, text, err := d.suggestedFor(ctx, in, r)
	if err != nil || section == "" {
		return err
	}
	_, err = d.service.Handle(ctx, incidents.Request{
		Event: r.Event, By: incidents.Actor{User: r.User, In: r.Channel}, Incident: number, KeepRefusal: true,
		Command: incidents.Suggest{ID: r.TS, What: d.suggested(in, section, text, r)},
	})
	if refused := incidents.AsRefusal(err); refused != nil {
		return nil //nolint:nilerr // it stays an answer in a thread
	}
	return err
}

// suggested reads a suggestion. Where it names words that the section has once, it replaces them.
func (d *Desk) suggested(in incidents.Incident, section incidents.Section, text string, r Replied) incidents.Suggested {
	names := NamesIn(in)
	markdown := func(mrkdwn string) string { return strings.TrimSpace(Captured(mrkdwn, names, d.o.Escapes)) }
	s := incidents.Suggested{Section: section, Text: markdown(text), By: r.User, Thread: r.Thread, Place: r.Channel}
	old, now := insteadOf(strings.ReplaceAll(text, "&gt;", ">"))
	if old == "" {
		return s
	}
	for _, words := range []string{decoded(old), markdown(old)} { // as it was typed, or as it was captured
		if strings.Count(in.Sections[section], words) == 1 {
			s.Instead, s.Text = words, markdown(now)
			break
		}
	}
	return s
}

// suggestedFor says which section an answer is for, and what it suggests; empty for none.
func (d *Desk) suggestedFor(ctx context.Context, in incidents.Incident, r Replied) (incidents.Section, string, error) {
	is := func(key string) (bool, error) {
		at, err := d.service.Delivery(ctx, key)
		return err == nil && at.Receipt.ID == r.Channel+"/"+r.Thread, notFoundIsNone(err)
	}
	for _, w := range in.Written {
		if !w.Discussed {
			continue
		}
		if here, err := is(in.SectionKey(w.Section)); here || err != nil {
			return w.Section, r.Text, err
		}
	}
	if !in.Listed {
		return "", "", nil
	}
	word, rest := sectionName(r.Text)
	section, ok := sectionWord(word)
	if !ok || rest == "" || !strings.Contains(strings.TrimSuffix(r.Text, rest), ":") {
		return "", "", nil
	}
	if here, err := is(in.SectionsKey()); !here || err != nil {
		return "", "", err
	}
	return section, rest, nil
}
