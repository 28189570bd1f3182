package chat

import (
	"regexp"
	"slices"
	"strings"

	"watchbell/incidents"
)

// slackUser is the form of a Slack user id.
var slackUser = regexp.MustCompile(`^[UW][A-Z0-9]{5,20}$`)

// Outsider is the user id of whoever writes outside Slack: a Slack user id, or a name; empty for neither.
func Outsider(who string) string {
	who = strings.TrimSpace(who)
	if slackUser.MatchString(who) {
		return who
	}
	return incidents.Outsider(Shorten(strings.TrimPrefix(who, "@"), 80))
}

// maxCaughtUp is how many entries are told; the rest is counted, and in the timeline.
const maxCaughtUp = 20

// CaughtUp tells an incident's channel what was written outside while Slack could not be reached. It calls nobody.
func CaughtUp(in incidents.Incident, entries []incidents.Entry) Message {
	title := ":arrows_counterclockwise: *Caught up.* While this channel could not be reached, " +
		count(len(entries), "entry was", "entries were") + " written elsewhere (times in UTC):"
	shown, hidden := lastEntries(entries, maxCaughtUp)
	if hidden > 0 {
		title += "\n_" + count(hidden, "entry", "entries") + " before these_"
	}
	lines := entryLines(in, shown)
	for i, e := range shown {
		lines[i] = roleNames(lines[i], in) // it is posted, and would call them
		if name, ok := incidents.OutsiderName(e.Author); ok {
			lines[i] += " (" + inline(name) + ")"
		}
	}
	m := Message{Text: title + "\n" + strings.Join(lines, "\n"), Blocks: []Block{{Kind: Section, Text: title}}}
	for _, line := range lines {
		m.Blocks = append(m.Blocks, Block{Kind: Section, Text: line})
	}
	return m
}

// EntryMarkdown is the text of an entry as Markdown, for a place where it is shown as it is written. Captured text names
// nobody.
func EntryMarkdown(in incidents.Incident, e incidents.Entry) string {
	if e.Format != incidents.Mrkdwn {
		return e.Text
	}
	as := func(s string) string { return s }
	return Captured(e.Text, NamesIn(in), Escapes{
		Text: as, Code: func(s string) string { return "`" + s + "`" }, Fence: fence,
		Link: func(label, url string) string {
			if label == "" {
				return url
			}
			return label + " (" + url + ")"
		},
	})
}

// Followed adds the page where an incident can be followed to its announcement or card.
func Followed(m Message, url string) Message {
	link := "<" + linkTarget(url) + "|its page>"
	if m.Blocks[0].Kind == Header { // the card
		m.Blocks = append(m.Blocks, Block{Kind: Context, Text: "Follow it without Slack on " + link + ", which names nobody. Whoever has the link can read it."})
		return m
	}
	m.Blocks = slices.Clone(m.Blocks)
	m.Blocks[0].Text += " or on " + link
	m.Text = strings.Replace(m.Text, "\n", " or on "+link+"\n", 1)
	return m
}

// IfSlackIsDown is the line on an incident's card that offers the form outside Slack.
func IfSlackIsDown(url string) Block {
	return Block{Kind: Context, Text: "If Slack is down: <" + linkTarget(url) + "|write to the timeline here>. The link opens for whoever has it; keep it where you find it without Slack."}
}
