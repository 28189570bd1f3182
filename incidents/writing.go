package incidents

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Writing is who wrote a section of the post last, and what else is known of it besides its text.
type Writing struct {
	Section Section   `json:"section"`
	By      string    `json:"by,omitempty"` // Slack user id, or what Outsider made of a name
	At      time.Time `json:"at,omitzero"`
	// Version is the incident's version that the text came with; 0 while nobody has written anything.
	Version int `json:"version,omitempty"`
	// Discussed says that the section has a message of its own in the channel.
	Discussed bool `json:"discussed,omitempty"`
}

// SuggestionState is what became of a suggestion.
type SuggestionState string

// The states.
const (
	SuggestionOpen  SuggestionState = ""
	SuggestionTaken SuggestionState = "taken"
	SuggestionLeft  SuggestionState = "left"
)

// Suggestion is an answer in a section's thread, proposed for its text. The words are in the payload of its KindSuggestion.
type Suggestion struct {
	ID      string          `json:"id"` // the message's ts
	Section Section         `json:"section"`
	State   SuggestionState `json:"state,omitempty"`
	By      string          `json:"by,omitempty"` // who took or left it
}

// Suggested is what a KindSuggestion carries.
type Suggested struct {
	Section Section `json:"section"`
	Text    string  `json:"text"`              // Markdown
	Instead string  `json:"instead,omitempty"` // the words of the section that it replaces; empty: it is added
	By      string  `json:"by,omitempty"`      // Slack user id of whoever suggests it
	Thread  string  `json:"thread"`            // ts of the thread's parent
	Place   string  `json:"place,omitempty"`   // the conversation
}

// Into is a section's text with the suggestion taken. ok is false where the words that it replaces are not there, or there
// more than once.
func (s Suggested) Into(text string) (result string, ok bool) {
	if s.Instead == "" {
		return added(text, s.Text), true
	}
	if strings.Count(text, s.Instead) != 1 {
		return text, false
	}
	return strings.Replace(text, s.Instead, s.Text, 1), true
}

// Suggested returns what a KindSuggestion carries.
func (d Delivery) Suggested() (s Suggested, err error) {
	if err := json.Unmarshal(d.Payload, &s); err != nil {
		return s, fmt.Errorf("delivery %s: %w", d.Key, err)
	}
	return s, nil
}

type (
	// ListSections puts the list of sections into the incident's channel, where it stays up to date.
	ListSections struct{ plain }
	// Discuss gives a section a message of its own, whose thread is for suggestions.
	Discuss struct {
		plain
		Section Section
	}
	// Suggest proposes words for a section.
	Suggest struct {
		plain
		ID   string // the message's ts
		What Suggested
	}
	// AnswerSuggestion takes or leaves a suggestion. What is taken is added to the section's text, or replaces words of it.
	AnswerSuggestion struct {
		plain
		ID   string
		Take bool
		// Seen is the version of the section that the person saw it with; 0 asks for no certain one.
		Seen int
	}
)

// Writing is what is known of a section; its Section is always set.
func (i Incident) Writing(s Section) Writing {
	for _, w := range i.Written {
		if w.Section == s {
			return w
		}
	}
	return Writing{Section: s}
}

// Suggestion finds a suggestion.
func (i Incident) Suggestion(id string) (Suggestion, bool) {
	at := slices.IndexFunc(i.Suggestions, func(s Suggestion) bool { return s.ID == id })
	if at < 0 {
		return Suggestion{}, false
	}
	return i.Suggestions[at], true
}

// SectionKey is the delivery of a section's own message.
func (i Incident) SectionKey(s Section) string { return i.key(KindSection, string(s)) }

// SuggestionKey is the delivery of a suggestion's question.
func (i Incident) SuggestionKey(id string) string { return i.key(KindSuggestion, id) }

// SectionsKey is the delivery of the list of sections.
func (i Incident) SectionsKey() string { return i.key(KindSections, "") }

// wrote notes in the change who wrote a section.
func (d *decision) wrote(s Section) {
	w := d.before.Writing(s)
	w.By, w.At, w.Version = d.by.User, d.now, d.Incident.Version
	d.known(w)
}

// known replaces what is known of a section.
func (d *decision) known(w Writing) {
	all := slices.Clone(d.Incident.Written)
	if at := slices.IndexFunc(all, func(o Writing) bool { return o.Section == w.Section }); at >= 0 {
		all[at] = w
	} else {
		all = append(all, w)
	}
	d.Incident.Written = all
}

// sectionViews are the wishes for what shows the sections in the channel.
func (i Incident) sectionViews() (ws []Wish) {
	if i.Listed {
		ws = append(ws, i.wish(KindSections, ""))
	}
	for _, w := range i.Written {
		if w.Discussed {
			ws = append(ws, i.wish(KindSection, string(w.Section)))
		}
	}
	return ws
}

// tidied is a section's text without what surrounds it.
func tidied(text string) string { return strings.Trim(strings.TrimRight(text, " \t\r\n"), "\r\n") }

// draftOne writes one section by command.
func (d *decision) draftOne(c Draft) error {
	if c.Add {
		c.Text, c.Overwrite = added(d.before.Sections[c.Section], c.Text), true
	}
	if !c.Overwrite {
		if err := d.unseen(c.Section, tidied(c.Text), nil); err != nil {
			return err
		}
	}
	return d.draft(map[Section]string{c.Section: c.Text})
}

// seenOf are the versions that a form showed: none is a version too, where nobody had written anything.
func seenOf(seen map[Section]int) map[Section]int {
	if seen == nil {
		return map[Section]int{}
	}
	return seen
}

// justNow is how long what somebody wrote is asked about before another one's command replaces it unseen.
const justNow = 10 * time.Minute

// unseen refuses to replace what somebody else wrote and the person has not seen: another version than the form showed, or,
// by command, what was written a moment ago.
func (d *decision) unseen(s Section, text string, seen map[Section]int) error {
	w, now := d.before.Writing(s), d.before.Sections[s]
	if now == "" || now == text || w.By == d.by.User && seen == nil {
		return nil
	}
	version, shown := seen[s]
	switch {
	case shown && version == w.Version, seen == nil && d.now.Sub(w.At) >= justNow:
		return nil
	}
	return Refuse(Changed, "Somebody else has written this section meanwhile, so nothing was replaced.").
		Next("Read what is there now: `draft %s` shows it.", s).In(string(s))
}

// added is a section's text with another paragraph, or, where it is a list, with another item.
func added(text, more string) string {
	more = strings.TrimSpace(more)
	switch {
	case text == "":
		return more
	case more == "" || strings.Contains(text, more):
		return text
	}
	lines := strings.Split(text, "\n")
	for _, mark := range []string{"- ", "* "} {
		if last := lines[len(lines)-1]; strings.HasPrefix(last, mark) {
			return text + "\n" + mark + strings.TrimPrefix(strings.ReplaceAll(more, "\n", "\n  "), mark)
		}
	}
	return text + "\n\n" + more
}

func (d *decision) listSections() error {
	if d.Incident.Channel.ID == "" {
		return Refuse(TooLate, "Incident #%d has no channel for the list.", d.Incident.Number).Next("`draft impact …` writes a section.")
	}
	d.Result.Unchanged = d.Incident.Listed
	d.Incident.Listed = true
	d.want(KindSections, "")
	return nil
}

func (d *decision) discuss(c Discuss) error {
	if !slices.Contains(Sections, c.Section) {
		return notASection(c.Section)
	}
	if d.Incident.Channel.ID == "" {
		return Refuse(TooLate, "Incident #%d has no channel to discuss it in.", d.Incident.Number).Next("`draft %s …` writes the section.", c.Section)
	}
	w := d.before.Writing(c.Section)
	d.Result.Unchanged = w.Discussed
	w.Discussed = true
	d.known(w)
	d.want(KindSection, string(c.Section))
	return nil
}

func notASection(s Section) error {
	return Refuse(Invalid, "%q is not a section of the post.", s).Next("The sections are %s.", sectionNames()).In("section")
}

func (d *decision) suggest(c Suggest) error {
	text := strings.TrimSpace(c.What.Text)
	if _, known := d.before.Suggestion(c.ID); known || text == "" {
		d.Result.Unchanged = true
		return nil
	}
	if !slices.Contains(Sections, c.What.Section) {
		return notASection(c.What.Section)
	}
	if n := utf8.RuneCountInString(text); n > MaxSection {
		return Refuse(Invalid, "That suggestion has %d characters and %d is the most.", n, MaxSection)
	}
	c.What.Text = text
	d.Incident.Suggestions = append(slices.Clone(d.Incident.Suggestions), Suggestion{ID: c.ID, Section: c.What.Section})
	payload, _ := json.Marshal(c.What) // strings: it cannot fail
	d.showSuggestion(c.ID, payload)
	return nil
}

func (d *decision) showSuggestion(id string, payload []byte) {
	w := d.Incident.wish(KindSuggestion, id)
	w.Payload = payload
	d.Wishes = append(d.Wishes, w)
}

func (d *decision) answerSuggestion(c AnswerSuggestion) error {
	s, known := d.before.Suggestion(c.ID)
	if !known || d.before.About == nil {
		return Refuse(NotFound, "There is no such suggestion any more.")
	}
	if s.State != SuggestionOpen {
		return Refuse(TooLate, "That suggestion is answered already: it was %s.", s.State).Next("`draft %s` opens the section.", s.Section)
	}
	what, err := d.before.About.Suggested()
	if err != nil {
		return err
	}
	s.State, s.By = SuggestionLeft, d.by.User
	if c.Take {
		text, ok := what.Into(d.before.Sections[s.Section])
		switch {
		case !ok:
			return Refuse(Changed, "The words that it would replace are not in the section as they were quoted, or more than once.").
				Next("`draft %s` opens the section; the suggestion stays in its thread.", s.Section)
		case c.Seen != 0 && c.Seen != d.before.Writing(s.Section).Version:
			return Refuse(Changed, "The section was written anew meanwhile, so nothing was taken.").Next("Press *Take it* again to see how it would read now.")
		}
		s.State = SuggestionTaken
		if err := d.draft(map[Section]string{s.Section: text}); err != nil {
			return err
		}
		d.Result.Unchanged = false
	}
	d.Incident.Suggestions = slices.Clone(d.Incident.Suggestions)
	d.Incident.Suggestions[slices.IndexFunc(d.Incident.Suggestions, func(o Suggestion) bool { return o.ID == s.ID })] = s
	d.showSuggestion(s.ID, d.before.About.Payload)
	return nil
}
