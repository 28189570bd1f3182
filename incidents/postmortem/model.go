// Package postmortem turns what is known about an incident into the post that tells its story: one Markdown file for a
// Jekyll site. It is pure: a [Post] goes in, text comes out, and nothing is read from a clock, a file or a network.
//
// Two kinds of text meet in a post. What people write for the post is Markdown and stays as they wrote it; [Safe] only
// takes the sting out of what Jekyll, Liquid and kramdown would do to the rest of the page. What was captured from chat
// is plain text and goes through [Escape], [Code], [Fence] and [Link] leaf by leaf before it is put into the model, so
// that everything in a [Post] is Markdown. [Post.Render] passes all of it through Safe once more; text that is safe
// already comes out unchanged.
package postmortem

import (
	"strings"
	"time"
)

// Post is everything that is printed. The zero value renders as a draft in which each part asks to be written.
type Post struct {
	Layout   string             // Jekyll layout; "post" when empty
	Title    string             // with or without "Post-mortem: " in front
	Category string             // left out of the front matter when empty
	Author   string             // left out of the front matter when empty
	Sections map[Section]string // Markdown; what is absent, blank or a prompt counts as not written
	Actions  []ActionItem       // in the order in which they are printed
	Timeline []Entry            // in any order: Render sorts by At and keeps the given order of equal times
	Zone     *time.Location     // the zone of the printed times; UTC when nil
}

// ActionItem is one thing that is going to be done because of the incident.
type ActionItem struct {
	// Text is one sentence of Markdown. The words in the first pair of [brackets] carry the link to the card.
	Text string
	// CardURL is the http or https address of the card that follows the item up; empty when there is none.
	CardURL string
	// Done marks an item that is finished already, with a tick after its sentence.
	Done bool
}

// Entry is one line of the timeline.
type Entry struct {
	At    time.Time // when it happened; an instant, printed in the post's zone
	Until time.Time // the end of something that took a while; zero for a moment
	Text  string    // Markdown; several lines stay one list item
}

// Section names a part of the post that people write. The names are stable: other programs use them.
type Section string

// The sections in the order in which they are printed. Action items come before Lessons, the timeline after GotLucky.
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

// part is one printed part: its heading and, as a half sentence, what belongs there.
type part struct {
	section Section // empty for the two lists
	heading string  // empty for the lead, which has none
	asks    string
}

var (
	actionsPart  = part{"", "Action items", "what will be done so that this does not happen again, each with a link."}
	timelinePart = part{"", "Timeline", "what happened, and when."}

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

// Sections lists all sections in the order in which they are printed.
func Sections() []Section {
	var all []Section
	for _, p := range parts {
		if p.section != "" {
			all = append(all, p.section)
		}
	}
	return all
}

// Heading is the section's heading as it is printed; empty for Lead, which has none, and for an unknown name.
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
		if p.section == s && s != "" {
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

// Missing says in people's words what the post still lacks, in the order of the post. It is empty for a complete post.
func (p Post) Missing() []string {
	var missing []string
	if oneLine(p.Title) == "" {
		missing = append(missing, "Title: what was broken, in a few words")
	}
	for _, part := range parts {
		if !p.has(part) {
			missing = append(missing, part.name()+": "+strings.TrimSuffix(part.asks, "."))
		}
	}
	return missing
}

func (p Post) has(part part) bool {
	switch part {
	case actionsPart:
		for _, a := range p.Actions {
			if written(a.Text) {
				return true
			}
		}
		return false
	case timelinePart:
		return len(p.Timeline) > 0
	}
	return written(p.Sections[part.section])
}

func written(text string) bool {
	if text != "" && text[0] > ' ' && text[0] < 0x7F && text[0] != promptStart[0] {
		return true // the usual case, quickly
	}
	return !IsPrompt(text) && strings.TrimSpace(clean(text)) != ""
}

func (p part) name() string {
	if p.section == Lead {
		return "Opening sentence"
	}
	return strings.TrimSuffix(p.heading, "?")
}
