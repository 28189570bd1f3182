package postmortem

import (
	"slices"
	"strings"
	"time"
)

// Draft is what is known about an incident: the facts from which [Draft.In] makes a post in a house style. The zero value
// gives a post in which each part asks to be written.
type Draft struct {
	Layout   string             // Jekyll layout; the style's when empty
	Title    string             // with or without "Post-mortem: " in front
	Category string             // the style's, if it has one, when empty
	Author   string             // the team's habit, if the style knows one, when empty
	Front    FrontMatter        // what else the front matter says
	Sections map[Section]string // Markdown; what is absent, blank or a prompt counts as not written
	Actions  []ActionItem       // in the order in which they are printed
	Timeline []Entry            // in any order: they are printed by time, those of one time in the given order
	Zone     *time.Location     // the zone of the printed times; UTC when nil
}

// Section names a part of the post that people write. The names are stable: other programs use them.
type Section string

// The sections that people write, in the usual order. Action items come before Lessons, the timeline after GotLucky.
const (
	Lead       Section = "lead"
	Impact     Section = "impact"
	RootCauses Section = "root_causes"
	Trigger    Section = "trigger"
	Detection  Section = "detection"
	Resolution Section = "resolution"
	Lessons    Section = "lessons"
	WentWell   Section = "went_well"
	WentWrong  Section = "went_wrong"
	GotLucky   Section = "got_lucky"
)

// Further kinds of sections that posts have.
const (
	ActionItems Section = "action_items" // holds the list of action items
	Timeline    Section = "timeline"     // holds the list of entries
	Day         Section = "date"         // says when it was
	Summary     Section = "summary"
	Text        Section = "text"  // goes on after a list, without a heading of its own
	Other       Section = "other" // under a heading that says nothing to us
)

// part is one printed part: its heading and, as a half sentence, what belongs there.
type part struct {
	section Section
	heading string // empty for the lead, which has none
	asks    string
}

var (
	actionsPart  = part{ActionItems, "Action items", "what will be done so that this does not happen again, each with a link."}
	timelinePart = part{Timeline, "Timeline", "what happened, and when."}

	parts = []part{
		{Lead, "", "what happened, to whom and for how long, in one or two sentences."},
		{Impact, "Impact", "who was affected, how many, for how long."},
		{RootCauses, "Root Causes", "what was wrong, so that this could happen at all."},
		{Trigger, "Trigger", "what set it off."},
		{Detection, "Detection", "how it was noticed, and which alert said so."},
		{Resolution, "Resolution", "what ended it."},
		actionsPart,
		{Lessons, "Lessons learned", "what is known now that was not known before."},
		{WentWell, "What Went Well?", "what helped."},
		{WentWrong, "What Went Wrong?", "what got in the way."},
		{GotLucky, "Where We Got Lucky", "what could have made it worse, and did not."},
		timelinePart,
	}
)

const promptStart = "*To be written: "

func (p part) prompt() string { return promptStart + p.asks + "*" }

// Sections lists the sections that people write, in the usual order.
func Sections() []Section {
	var all []Section
	for _, p := range parts {
		if p != actionsPart && p != timelinePart {
			all = append(all, p.section)
		}
	}
	return all
}

// Heading is what people call the section; empty for Lead, which has no heading, and for an unknown name.
func (s Section) Heading() string { return s.part().heading }

// Prompt is the sentence that stands in a draft while nobody has written the section; empty for an unknown name.
func (s Section) Prompt() string {
	if p := s.part(); p.section != "" {
		return p.prompt()
	}
	return ""
}

func (s Section) part() part {
	for _, p := range parts {
		if p.section == s {
			return p
		}
	}
	return part{}
}

// IsPrompt reports whether the text is a prompt that was left in place. A person may have changed its wording.
func IsPrompt(text string) bool {
	text = strings.TrimSpace(text)
	return strings.HasPrefix(text, promptStart) && strings.HasSuffix(text, "*") && !strings.Contains(text, "\n")
}

// Missing says in people's words what the post still lacks of what the style asks for. It is empty for a complete post.
func (d Draft) Missing(s Style) []string {
	var missing []string
	if oneLine(d.Title) == "" {
		missing = append(missing, "Title: what was broken, in a few words")
	}
	for _, part := range parts {
		if _, asked := s.section(part.section); asked && !d.has(part) {
			missing = append(missing, part.name()+": "+strings.TrimSuffix(part.asks, "."))
		}
	}
	return missing
}

func (d Draft) has(part part) bool {
	switch part {
	case actionsPart:
		for _, a := range d.Actions {
			if written(a.Text) {
				return true
			}
		}
		return false
	case timelinePart:
		return len(d.Timeline) > 0
	}
	return written(d.Sections[part.section])
}

func written(text string) bool {
	if text != "" && text[0] > ' ' && text[0] < 0x7F && text[0] != promptStart[0] && text[0] != '<' {
		return true // the usual case, quickly
	}
	return !IsPrompt(text) && strings.TrimSpace(templateTip.ReplaceAllString(clean(text), "")) != ""
}

func (p part) name() string {
	if p.section == Lead {
		return "Opening sentence"
	}
	return strings.TrimSuffix(p.heading, "?")
}

// FullTitle is the title as it is printed in the style.
func (d Draft) FullTitle(s Style) string { return titled(s.TitlePrefix, d.Title) }

// In makes the post of what is known, in the style. What the style has a place for and nobody has written holds a prompt.
func (d Draft) In(s Style) Post {
	zone := d.Zone
	if zone == nil {
		zone = time.UTC
	}
	p := Post{Title: d.FullTitle(s), Zone: zone.String(), Timeline: d.Timeline}
	for _, f := range []Field{{"layout", d.Layout}, {"category", d.Category}, {"author", d.Author}} {
		if f.Value = oneLine(f.Value); f.Value != "" {
			p.FrontMatter = append(p.FrontMatter, f)
		}
	}
	p.FrontMatter = append(p.FrontMatter, d.Front...)
	for _, part := range parts {
		section := PostSection{Kind: part.section, Markdown: d.Sections[part.section]}
		if !d.has(part) {
			if _, asked := s.section(part.section); !asked {
				continue
			}
			section.Markdown = part.prompt()
		}
		p.Sections = append(p.Sections, section)
	}
	for _, a := range d.Actions {
		if written(a.Text) {
			p.ActionItems = append(p.ActionItems, a)
		}
	}
	for i := range p.Timeline {
		if !written(p.Timeline[i].Text) {
			if &p.Timeline[0] == &d.Timeline[0] {
				p.Timeline = slices.Clone(d.Timeline)
			}
			p.Timeline[i].Text = timelinePart.prompt()
		}
	}
	if len(p.Timeline) > 0 {
		p.Date = sorted(p.Timeline)[0].At.In(zone).Format(time.DateOnly)
	}
	return p.restyled(s, false)
}

// Render is the post of what is known, in the style.
func (d Draft) Render(s Style) string {
	p := d.In(s)
	return p.write(s)
}
