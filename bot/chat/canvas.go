package chat

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"watchbell/incidents"
)

// canvasEntries is how many timeline entries the canvas shows; whoever wants more has the timeline itself.
const canvasEntries = 200

// canvasLength is how many characters of an entry or action item it shows.
const canvasLength = 500

// CanvasTitle begins the heading of an incident's canvas, by which our own is known.
func CanvasTitle(in incidents.Incident) string { return fmt.Sprintf("Incident %d:", in.Number) }

// Canvas is the incident's state document as Markdown, for the canvas of its channel: everything that somebody who comes in
// has to know, newest first. See https://docs.slack.dev/surfaces/canvases for what a canvas understands.
func Canvas(s incidents.Snapshot) string {
	var b strings.Builder
	put := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	put("# %s %s", CanvasTitle(s.Incident), plainInCanvas.Replace(s.Title))
	put("*Watchbell keeps this page up to date and replaces what is written here. Write in the channel instead.*\n")
	put("- **Status:** %s, %s", s.Status, canvasTimes(s))
	if s.Severity != "" {
		means := ""
		if rule, ok := s.Protocol.Severity(s.Severity); ok && rule.Means != "" {
			means = ": " + canvasText(s.Incident, rule.Means)
		}
		put("- **Severity:** %s%s", s.Severity, means)
	}
	for _, r := range s.Protocol.RoleRules() {
		put("- **%s:** %s", canvasText(s.Incident, r.Title), inCanvas.held(s.Incident, r.Role))
	}
	if step, ok := s.Next(s.Taken); ok && s.Status.Open() {
		put("- **Next:** %s", canvasText(s.Incident, step.Say))
	}
	if s.Post.URL != "" {
		put("- **Post-mortem:** [%s](%s)", cmp.Or(s.Post.Live, "pull request"), cmp.Or(s.Post.Live, s.Post.URL))
	}
	part := func(heading, text string) {
		if text = strings.TrimSpace(text); text != "" {
			put("\n## %s\n%s", heading, text)
		}
	}
	part("Summary", canvasText(s.Incident, cmp.Or(s.Sections[incidents.SectionLead], s.Summary)))
	part("Impact, and what users see", canvasText(s.Incident, s.Sections[incidents.SectionImpact]))
	if u := s.Update; u.Number > 0 {
		told := canvasText(s.Incident, u.Text) + "\n*Told " + canvasTime(u.At)
		if !u.NextAt.IsZero() && s.Status.Open() {
			told += ", more by " + canvasTime(u.NextAt)
		}
		part("Last update to users", told+"*")
	}
	part("To do", canvasActions(s.Incident))
	part("Timeline (UTC), newest first", canvasTimeline(s))
	return b.String()
}

// plainInCanvas keeps the characters of a title from being markup.
var plainInCanvas = strings.NewReplacer("\\", "\\\\", "*", "\\*", "_", "\\_", "`", "\\`", "[", "\\[", "]", "\\]", "<", "\\<", "~", "\\~")

func canvasTime(at time.Time) string { return at.UTC().Format("2 January 15:04") + " UTC" }

func canvasTimes(s incidents.Snapshot) string {
	text := "since " + canvasTime(since(s))
	if !s.ResolvedAt.IsZero() && !s.Status.Open() {
		text += ", over " + canvasTime(s.ResolvedAt)
	}
	return text
}

// inCanvas is how a canvas names people and moments.
var inCanvas = naming{func(id string) string { return "![](@" + id + ")" }, canvasTime}

func canvasActions(in incidents.Incident) string {
	var lines []string
	for _, a := range in.Actions {
		line := "- [ ] " + canvasLine(in, a.Text)
		if a.Owner != "" {
			line += " · ![](@" + a.Owner + ")"
		}
		if !a.Due.IsZero() {
			line += " · by " + a.Due.Format("2 January 2006")
		}
		if url := a.URL(); url != "" {
			line += " · [card](" + url + ")"
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func canvasTimeline(s incidents.Snapshot) string {
	entries, earlier := lastEntries(s.Entries, canvasEntries)
	var lines []string
	day := ""
	for _, e := range slices.Backward(entries) {
		e.Text = Shorten(e.Text, 2*canvasLength) // what is not shown need not be converted
		if on := e.At.UTC().Format("Monday, 2 January 2006"); on != day {
			day = on
			lines = append(lines, "### "+day)
		}
		when := e.At.UTC().Format("15:04")
		if !e.Until.IsZero() {
			when += "–" + e.Until.UTC().Format("15:04")
		}
		line := "- **" + when + "** " + canvasLine(s.Incident, EntryMarkdown(s.Incident, e))
		if e.Internal {
			line += " *(internal)*"
		}
		lines = append(lines, line)
	}
	if earlier > 0 {
		lines = append(lines, fmt.Sprintf("\n*And %s before; the command `timeline` shows them.*", count(earlier, "entry", "entries")))
	}
	return strings.Join(lines, "\n")
}

// canvasText is a Markdown text for a canvas. Nobody is called by it: a mention in a canvas is a notice to that person.
func canvasText(in incidents.Incident, markdown string) string {
	return strings.ReplaceAll(Unnamed(markdown, NamesIn(in)), "![](", "!\\[](")
}

func canvasLine(in incidents.Incident, markdown string) string {
	return Shorten(oneLine(canvasText(in, markdown)), canvasLength)
}
