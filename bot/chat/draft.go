package chat

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"watchbell/incidents"
)

// sectionTitles are the sections' names for people, with what belongs there.
var sectionTitles = map[incidents.Section][2]string{
	incidents.SectionLead:       {"In a nutshell", "What happened, in two or three sentences. Blog lists show it."},
	incidents.SectionImpact:     {"Impact", "Who could not do what, and for how long."},
	incidents.SectionRootCauses: {"Root causes", "Why it could happen."},
	incidents.SectionTrigger:    {"Trigger", "What set it off."},
	incidents.SectionDetection:  {"Detection", "How we noticed, by which alert."},
	incidents.SectionResolution: {"Resolution", "What ended it."},
	incidents.SectionLessons:    {"Lessons learned", "What we do differently now."},
	incidents.SectionWentWell:   {"What went well?", "A list: lines that begin with - "},
	incidents.SectionWentWrong:  {"What went wrong?", "A list: lines that begin with - "},
	incidents.SectionGotLucky:   {"Where we got lucky", "A list: lines that begin with - "},
}

// maxInput is how much text a field of a Slack form holds, in characters.
const maxInput = 3000

// seenText is what a form showed of a section: its version, and a digest of the text, by which a field that nobody touched
// is known again.
type seenText struct {
	Version int    `json:"v,omitempty"`
	Digest  string `json:"d,omitempty"`
}

func digestOf(text string) string {
	sum := sha256.Sum256([]byte(strings.TrimSpace(text)))
	return hex.EncodeToString(sum[:6])
}

// draftForm is the form for some of the sections, or for all.
func draftForm(c FormContext, in incidents.Incident, only ...incidents.Section) Form {
	f := Form{Verb: "draft", Title: "Write the post", Submit: "Save", Context: c,
		Intro: "Markdown. What you leave empty is written later."}
	if len(only) == 0 {
		only = incidents.Sections
		f.Intro += " *Edit* in the list of sections shows what the timeline has for each."
	}
	f.Context.Seen = map[incidents.Section]seenText{}
	for _, s := range only {
		text := in.Sections[s]
		if len([]rune(text)) > maxInput {
			f.Intro += "\n*" + sectionTitles[s][0] + "* is too long for a form: `draft " + string(s) + " …` replaces it."
			continue
		}
		f.Context.Seen[s] = seenText{in.Writing(s).Version, digestOf(text)}
		f.Fields = append(f.Fields, Field{
			Name: string(s), Label: sectionTitles[s][0], Hint: sectionTitles[s][1], Kind: LongField,
			Value: text, Optional: true,
		})
	}
	return f
}

// sectionForm is the editor of one section: what is there, else what the timeline and the conversation say already.
func (t *turn) sectionForm(s incidents.Section) (Form, error) {
	f := draftForm(t.context(), *t.incident, s)
	if t.incident.Sections[s] != "" {
		if w := t.incident.Writing(s); w.Version > 0 {
			f.Intro += "\nNow as " + writtenBy(w) + "."
		}
		return f, nil
	}
	snap, err := t.snapshot()
	if err != nil {
		return Form{}, err
	}
	if text := t.proposal(snap, s); text != "" && len([]rune(text)) <= maxInput {
		f.Intro = ":bulb: *A proposal*, from what timeline and conversation say already; nothing is written yet. Change it, or save it as it is. Markdown."
		f.set(string(s), text)
	}
	return f, nil
}

func runDraft(t *turn) (Reply, error) {
	word, text := sectionName(t.args)
	if word == "" {
		return t.draftAll()
	}
	section, ok := sectionWord(word)
	if !ok {
		return Reply{}, notASection(word)
	}
	if text == "" {
		if t.canForm {
			form, err := t.sectionForm(section)
			return Reply{Form: &form}, err
		}
		return Reply{}, incidents.Refuse(incidents.Invalid, "There is nothing to write into %s.", section).
			Next("Write `draft %s` followed by the text.", section)
	}
	result, err := t.handle(incidents.Draft{Section: section, Text: t.text(text), Overwrite: t.again.Over})
	if refused := incidents.AsRefusal(err); refused != nil && refused.Code == incidents.Changed {
		over := t.again
		over.Event, over.Incident, over.Over = t.event, t.number, true
		return Reply{}, &question{
			Refusal: incidents.Refuse(refused.Code, "%s is %s. It now says: %s", sectionTitles[section][0], writtenBy(t.incident.Writing(section)), quoted(t.incident.Sections[section])).
				Next("Nothing of yours was recorded yet. Press to replace it, or leave it as it is."),
			choices: []choice{{label: "Replace it with mine", again: over}},
		}
	}
	if err != nil {
		return Reply{}, err
	}
	return Reply{Message: t.drafted(result, section)}, nil
}

// draftAll has the list of sections in the channel, and opens the form of all of them where that can be; else the list is
// shown here.
func (t *turn) draftAll() (Reply, error) {
	var reply Reply
	if t.canForm {
		form := draftForm(t.context(), *t.incident)
		reply.Form = &form
	}
	if t.incident.Channel.ID != "" && !t.incident.Listed {
		if _, err := t.handle(incidents.ListSections{}); err != nil && !t.canForm {
			return Reply{}, err // a form is worth more than the list
		}
	}
	if t.canForm && t.incident.Channel.ID != "" {
		return reply, nil
	}
	snap, err := t.snapshot()
	if err != nil {
		return Reply{}, err
	}
	m := SectionList(snap)
	reply.Message = &m
	return reply, nil
}

func notASection(word string) error {
	return incidents.Refuse(incidents.Invalid, "“%s” is not a section of the post.", inline(Shorten(decoded(word), 40))).
		Next("The sections are %s.", sectionList())
}

// quoted is a text in one line, for a sentence about it.
func quoted(text string) string { return "“" + Shorten(Slack(oneLine(text)), 600) + "”" }

// draftSubmitted takes the form. What is as it was shown counts as not touched. Where somebody else was faster, the person
// sees both texts, and theirs stays in the form.
func (t *turn) draftSubmitted(s Submitted) (Reply, error) {
	cmd := incidents.DraftAll{Sections: map[incidents.Section]string{}, Seen: map[incidents.Section]int{}}
	var only incidents.Section
	for _, section := range incidents.Sections {
		if _, there := s.Values[string(section)]; !there {
			continue
		}
		text, seen := t.form(s, string(section)), s.Context.Seen[section]
		if only = section; seen.Digest != "" && seen.Digest == digestOf(text) && text != "" {
			continue
		}
		if text == "" && seen.Version == 0 {
			continue // empty as it was
		}
		cmd.Sections[section], cmd.Seen[section] = text, seen.Version
	}
	result, err := t.service.Handle(t.ctx, incidents.Request{
		Event: t.event, By: incidents.Actor{User: t.user, In: t.channel}, Incident: t.number, Command: cmd,
	})
	if refused := incidents.AsRefusal(err); refused != nil && refused.Code == incidents.Changed {
		return t.draftAgain(s, cmd)
	}
	if err != nil {
		return Reply{}, err
	}
	if len(s.Values) > 1 {
		only = ""
	}
	return Reply{Message: t.drafted(result, only)}, nil
}

// draftAgain shows the form with what the person wrote, below what others have written meanwhile. Saving it now replaces
// that.
func (t *turn) draftAgain(s Submitted, cmd incidents.DraftAll) (Reply, error) {
	now, err := t.service.Incident(t.ctx, t.number)
	if err != nil {
		return Reply{}, err
	}
	var only []incidents.Section
	for _, section := range incidents.Sections {
		if _, there := s.Values[string(section)]; there {
			only = append(only, section)
		}
	}
	f := draftForm(s.Context, now, only...)
	f.Intro = ":warning: Somebody was faster. Below is what you wrote: *Save* replaces theirs with yours, *Cancel* leaves theirs."
	for _, section := range only {
		mine, touched := cmd.Sections[section]
		if !touched {
			continue
		}
		f.set(string(section), mine)
		if theirs := now.Sections[section]; now.Writing(section).Version != cmd.Seen[section] && theirs != mine {
			f.Intro += fmt.Sprintf("\n*%s*, %s:\n%s", sectionTitles[section][0], writtenBy(now.Writing(section)), fence(Shorten(theirs, maxTheirs)))
		}
	}
	return Reply{Form: &f}, nil
}

// maxTheirs is how much of another one's text a form shows.
const maxTheirs = 2_000

func sectionList() string {
	var names []string
	for _, s := range incidents.Sections {
		names = append(names, "`"+string(s)+"`")
	}
	return strings.Join(names, ", ")
}

// sectionWord reads a section's name; a dash counts as the underscore.
func sectionWord(word string) (incidents.Section, bool) {
	s := incidents.Section(strings.ReplaceAll(strings.ToLower(word), "-", "_"))
	switch s {
	case "summary":
		s = incidents.SectionLead
	case "root_cause", "causes", "cause":
		s = incidents.SectionRootCauses
	case "well":
		s = incidents.SectionWentWell
	case "wrong":
		s = incidents.SectionWentWrong
	case "lucky":
		s = incidents.SectionGotLucky
	}
	return s, slices.Contains(incidents.Sections, s)
}

// drafted says that something was written; section is empty for several.
func (t *turn) drafted(r incidents.Result, section incidents.Section) *Message {
	if r.Unchanged {
		return say(fmt.Sprintf("The post of #%d says so already.", r.Incident))
	}
	b := func(label, action string) Button {
		return Button{Label: label, Action: action, Value: fmt.Sprint(r.Incident)}
	}
	row := []Button{b("Write more", "draft"), b("Preview", "preview")}
	if section != "" && t.incident.Channel.ID != "" {
		row = append(row, b("Discuss it", "discuss:"+string(section)))
	}
	if !t.incident.Drill { // of which nothing is published
		row = append(row, b("Pull request", "postmortem"))
	}
	text := fmt.Sprintf("Written into the post of #%d.", r.Incident)
	switch t.incident.Post.State {
	case incidents.PullMerged:
		text = fmt.Sprintf("Kept with #%d, for its post is out already: to change that as well, edit it on GitHub. ", r.Incident) + postLinks(*t.incident) + "."
	case incidents.PullClosed, incidents.PullLeft:
		text = fmt.Sprintf("Written down for the post of #%d. ", r.Incident) + postLinks(*t.incident) + "; `postmortem reopen` opens it again with this in it."
	}
	return say(text, row...)
}
