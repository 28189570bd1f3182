package chat

import (
	"fmt"
	"strings"
	"time"

	"watchbell/incidents"
)

// maxTried is how many entries a proposal repeats.
const maxTried = 6

// proposal is what timeline and conversation say already about a section, as Markdown; empty for nothing. It names nobody,
// and holds no secret.
func (t *turn) proposal(s incidents.Snapshot, section incidents.Section) string {
	var parts []string
	add := func(text string) {
		if text = strings.TrimSpace(text); text != "" {
			parts = append(parts, text)
		}
	}
	switch section {
	case incidents.SectionLead:
		if m, ok := s.Measure("impact"); ok {
			add(sentence(fmt.Sprintf("On %s, %s: %s.", m.From.Format("2 January 2006"), between(m), strings.TrimRight(s.Title, "."))))
		}
		add(s.Summary)
	case incidents.SectionImpact:
		if m, ok := s.Measure("impact"); ok {
			add(measured(m))
		}
		add(s.Summary)
		if s.Update.Number > 0 {
			add(s.Update.Text)
		}
	case incidents.SectionRootCauses:
		for _, e := range s.Told(incidents.EventStatus) {
			if e.Author != "" { // somebody's own words, not the usual sentence
				add(t.printed(s, e))
			}
		}
	case incidents.SectionTrigger:
		if !s.StartedAt.IsZero() && len(s.Entries) > 0 && !s.Entries[0].Internal && s.Entries[0].At.Before(s.StartedAt.Add(time.Minute)) {
			add(t.told(s, s.Entries[0]))
		}
	case incidents.SectionDetection:
		if e, ok := s.DetectedBy(); ok {
			add(t.told(s, e))
		}
		if m, ok := s.Measure("detect"); ok {
			add(measured(m))
		}
	case incidents.SectionResolution:
		add(t.resolution(s))
	case incidents.SectionWentWrong:
		if m, ok := s.Measure("declare"); ok && m.Took() >= 5*time.Minute {
			add("- It took " + lasted(m.Took()) + " from noticing it to declaring the incident.")
		}
	}
	return s.Masked(strings.Join(parts, "\n\n"))
}

// resolution is what was tried, and what is said of the end.
func (t *turn) resolution(s incidents.Snapshot) string {
	var lines []string
	tried := s.Tried()
	for _, e := range tried[max(0, len(tried)-maxTried):] {
		lines = append(lines, "- "+strings.ReplaceAll(t.told(s, e), "\n", "\n  "))
	}
	for _, event := range []incidents.Event{incidents.EventMitigated, incidents.EventResolved} {
		if ends := s.Told(event); len(ends) > 0 {
			lines = append(lines, "- "+t.told(s, ends[len(ends)-1]))
		}
	}
	if len(lines) > 0 {
		lines = append([]string{"What was tried, and what ended it:", ""}, lines...)
	}
	return strings.Join(lines, "\n")
}

// told is an entry with its time, as a sentence of the post.
func (t *turn) told(s incidents.Snapshot, e incidents.Entry) string {
	return e.At.UTC().Format("15:04 UTC") + ": " + t.printed(s, e)
}

// printed is the text of an entry as the post prints it.
func (t *turn) printed(s incidents.Snapshot, e incidents.Entry) string {
	names := NamesIn(s.Incident)
	if e.Format == incidents.Mrkdwn {
		return strings.TrimSpace(Captured(e.Words(), names, t.o.Escapes))
	}
	return strings.TrimSpace(Unnamed(e.Words(), names))
}

// between says from when to when a measure is, and how long that took; a day only where it ends on another one.
func between(m incidents.Measure) string {
	to := m.To.Format("15:04 UTC")
	if m.To.Format(time.DateOnly) != m.From.Format(time.DateOnly) {
		to = m.To.Format("15:04 UTC on 2 January 2006")
	}
	return fmt.Sprintf("from %s to %s (%s)", m.From.Format("15:04"), to, lasted(m.Took()))
}

// measured is a measure as a sentence of the post.
func measured(m incidents.Measure) string {
	switch m.Name {
	case "detect":
		return "It was noticed " + lasted(m.Took()) + " after it began, at " + m.To.Format("15:04 UTC") + "."
	case "declare":
		return "The incident was declared " + lasted(m.Took()) + " after it was noticed, at " + m.To.Format("15:04 UTC") + "."
	case "mitigate":
		return "Users were well again " + lasted(m.Took()) + " after it began, at " + m.To.Format("15:04 UTC") + "."
	case "resolve":
		return "It was resolved " + lasted(m.Took()) + " after it began, at " + m.To.Format("15:04 UTC") + "."
	}
	return "Users were affected on " + m.From.Format("2 January 2006") + ", " + between(m) + "."
}

// measureNames are the measures as buttons and people name them.
var measureNames = map[string]string{
	"detect": "To detect", "declare": "To declare", "mitigate": "To mitigate", "resolve": "To resolve", "impact": "Impact",
}

// runNumbers offers the numbers of the timeline, or puts one into its section.
func runNumbers(t *turn) (Reply, error) {
	snap, err := t.snapshot()
	if err != nil {
		return Reply{}, err
	}
	if name := strings.ToLower(strings.TrimPrefix(strings.TrimSpace(t.args), "to ")); name != "" {
		return t.putNumber(snap, name)
	}
	all := snap.Measures()
	if len(all) == 0 {
		return Reply{Message: say(fmt.Sprintf("The timeline of #%d tells no lengths of time yet: that needs when it began, and when it ended.", snap.Number))}, nil
	}
	title := fmt.Sprintf("*Numbers of #%d*, from its timeline. One press puts the sentence into the post.", snap.Number)
	m := &Message{Text: title, Blocks: []Block{{Kind: Section, Text: title}}}
	for _, x := range all {
		line := fmt.Sprintf("*%s: %s*, from %s (%s) to %s (%s).\n“%s”", measureNames[x.Name], lasted(x.Took()),
			x.From.Format("15:04"), x.FromWhat, x.To.Format("15:04 UTC"), x.ToWhat, measured(x))
		m.Text += "\n" + line
		m.Blocks = append(m.Blocks, Block{Kind: Section, Text: line, Buttons: []Button{{
			Label: "Into " + sectionTitles[x.Section][0], Action: "numbers:" + x.Name, Value: number(snap.Incident),
		}}})
	}
	return Reply{Message: m}, nil
}

func (t *turn) putNumber(s incidents.Snapshot, name string) (Reply, error) {
	m, ok := s.Measure(name)
	if !ok {
		if _, known := measureNames[name]; known {
			return Reply{}, incidents.Refuse(incidents.NotFound, "The timeline does not tell that number yet.").Next("`numbers` shows those that it tells.")
		}
		return Reply{}, incidents.Refuse(incidents.Invalid, "“%s” is not one of the numbers.", inline(Shorten(decoded(name), 40))).
			Next("Write `numbers`, or `numbers detect`, `declare`, `mitigate`, `resolve` or `impact`.")
	}
	result, err := t.handle(incidents.Draft{Section: m.Section, Text: measured(m), Add: true})
	if err != nil {
		return Reply{}, err
	}
	return Reply{Message: t.drafted(result, m.Section)}, nil
}
