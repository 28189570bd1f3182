package chat

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"watchbell/incidents"
)

// Announcement is the team channel's message about an incident, as it should look now.
func Announcement(s incidents.Snapshot) Message {
	var first string
	switch {
	case s.Status.Open() && s.Channel.ID != "":
		first = said(s.Incident, incidents.TextAnnounced, nil)
	case s.Status.Open():
		first = fmt.Sprintf(":warning: We have an incident going on. Its channel cannot be opened just now; `log #%d` and the other verbs work here.", s.Number)
	case s.Status == incidents.CalledOff:
		first = said(s.Incident, incidents.TextCalledOff, nil)
	default:
		first = said(s.Incident, incidents.TextOver, nil)
	}
	facts := []string{"*#" + number(s.Incident) + " " + inline(s.Title) + "*"}
	if s.Severity != "" {
		facts = append(facts, string(s.Severity))
	}
	if s.Status.Open() {
		facts = append(facts, string(s.Status))
		if lead := s.Holder(incidents.Lead); lead != "" {
			facts = append(facts, "lead: <@"+lead+">")
		}
	}
	facts = append(facts, howLong(s))
	if u := s.Update; u.Number > 0 && s.Status.Open() {
		told := "users told " + clock(u.At)
		if !u.NextAt.IsZero() {
			told += ", more by " + clock(u.NextAt)
		}
		facts = append(facts, told)
	}
	if s.Post.URL != "" {
		facts = append(facts, "<"+linkTarget(cmp.Or(s.Post.Live, s.Post.URL))+"|post-mortem>")
	}
	if at := s.Wanted.At; !at.IsZero() && s.Status.Open() {
		facts = append(facts, "an update was asked for "+clock(at))
	}
	second := strings.Join(facts, " · ")
	m := Message{Text: first + "\n" + second, Blocks: []Block{
		{Kind: Section, Text: first}, {Kind: Context, Text: second},
	}}
	if s.Status.Open() {
		m.Blocks = append(m.Blocks, Block{Kind: Actions, Buttons: []Button{
			{Label: "Follow", Action: "follow", Value: number(s.Incident)}, {Label: "Ask for an update", Action: "ask", Value: number(s.Incident)},
		}})
	}
	return m
}

// howLong says since when, or how long it took.
func howLong(s incidents.Snapshot) string {
	if s.Status.Open() || s.ResolvedAt.IsZero() {
		return "since " + clock(since(s))
	}
	if took := s.ResolvedAt.Sub(since(s)); took >= 0 {
		return "resolved after " + lasted(took)
	}
	return "resolved " + clock(s.ResolvedAt) // somebody means that it was over before it was declared
}

// since is when users began to suffer, as far as anyone has said. What happened before, such as the release that did the
// harm, does not count.
func since(s incidents.Snapshot) time.Time {
	switch {
	case !s.StartedAt.IsZero():
		return s.StartedAt
	case s.Backfill:
		return s.BeganAt()
	}
	return s.DeclaredAt
}

// cardEntries is how many timeline entries the summary shows.
const cardEntries = 5

// Summary is the card at the top of an incident's channel, as it should look now.
func Summary(s incidents.Snapshot) Message {
	title := fmt.Sprintf("#%d %s", s.Number, s.Title)
	if s.Drill {
		title = drillMark + title
	}
	state := statusEmoji(s.Status) + " *" + string(s.Status) + "*"
	if s.Severity != "" {
		state += " · *" + string(s.Severity) + "*"
	}
	state += " · " + strings.TrimPrefix(howLong(s), string(s.Status)+" ")
	if s.Private {
		state += " · :lock: private"
	}
	if s.Summary != "" {
		state += "\n" + Shorten(Slack(s.Summary), 600)
	}
	if line := relationLine(s.Incident); line != "" {
		state += "\n" + line
	}
	if s.Post.URL != "" {
		state += "\n:memo: " + postLinks(s.Incident)
	}
	m := Message{Text: inline(title) + "\n" + state, Blocks: []Block{
		{Kind: Header, Text: title}, {Kind: Section, Text: state},
	}}
	m.Blocks = append(m.Blocks, Block{Kind: Fields, Fields: roleFields(s.Incident)})
	if entries, hidden := lastEntries(s.Entries, cardEntries); len(entries) > 0 {
		text := "*Timeline* (UTC)"
		if hidden > 0 {
			text += fmt.Sprintf(", the last %d of %d", len(entries), len(s.Entries))
		}
		m.Blocks = append(m.Blocks, Block{Kind: Section, Text: text + "\n" + strings.Join(entryLines(s.Incident, entries), "\n")})
	}
	if n := len(s.Actions); n > 0 {
		m.Blocks = append(m.Blocks, Block{Kind: Context, Text: actionCount(s.Actions)})
	}
	if next := nextBlocks(s); len(next) > 0 {
		m.Blocks = append(m.Blocks, next...)
		m.Text += "\n" + next[0].Text
	}
	m.Blocks = append(m.Blocks, troubles(s)...)
	return withButtons(m, s)
}

func actionCount(actions []incidents.Action) string {
	linked, done := 0, 0
	for _, a := range actions {
		if a.URL() != "" {
			linked++
		}
		if a.Done() {
			done++
		}
	}
	text := fmt.Sprintf("%s, %d with a card or link", count(len(actions), "action item", "action items"), linked)
	if done > 0 {
		text += fmt.Sprintf(", %d done", done)
	}
	return text
}

func statusEmoji(s incidents.Status) string {
	switch s {
	case incidents.Monitoring:
		return ":eyes:"
	case incidents.Resolved, incidents.Closed, incidents.CalledOff:
		return ":white_check_mark:"
	}
	return ":rotating_light:"
}

// troubles are the deliveries that wait or failed. What has merely not been tried yet is no trouble, and neither is the
// card itself: whoever reads it has it.
func troubles(s incidents.Snapshot) []Block {
	var waiting []string
	var blocks []Block
	for _, d := range s.Deliveries {
		switch {
		case d.Kind == incidents.KindSummary:
		case d.State == incidents.Failed && len(blocks) < 5:
			blocks = append(blocks, Block{Kind: Section, Text: ":x: *Failed:* " + d.Describe() + ". " + inline(Shorten(d.LastError, 300))},
				Block{Kind: Actions, Buttons: []Button{
					{Label: "Try again", Action: "retry:" + d.Key, Value: d.Key},
					{Label: "Leave it out", Action: "skip:" + d.Key, Value: d.Key},
				}})
		case d.Failures > 0 && len(waiting) < 5:
			waiting = append(waiting, d.Describe()+" ("+inline(Shorten(d.LastError, 150))+")"+behind(d, s.Deliveries))
		}
	}
	if len(waiting) > 0 {
		blocks = append(blocks, Block{Kind: Context, Text: ":hourglass: Waiting, and tried again by itself: " + strings.Join(waiting, "; ")})
	}
	return blocks
}

// behind says how many others have to wait for one that is tried again: Trello and GitHub get one at a time. Much of
// what is pending elsewhere is only for later.
func behind(d incidents.Delivery, all []incidents.Delivery) string {
	if d.Target != incidents.Trello && d.Target != incidents.GitHub {
		return ""
	}
	n := 0
	for _, other := range all {
		if other.Target == d.Target && other.State == incidents.Pending && other.Failures == 0 {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", and %d more behind it", n)
}

// withButtons adds what can be done now.
func withButtons(m Message, s incidents.Snapshot) Message {
	value := number(s.Incident)
	b := func(label, action, style string) Button {
		return Button{Label: label, Action: action, Value: value, Style: style}
	}
	var row []Button
	var menu *Menu
	switch {
	case s.Status.Open():
		callOff := b("Call off", "calloff", "danger")
		callOff.Confirm = "Was it no incident after all? It can be reopened."
		row = []Button{
			b("Add entry", "log", ""), b("Status", "status", ""), b("Action item", "action", ""),
			b("Resolve", "resolve", "primary"), callOff,
		}
		menu = moreMenu(value)
	case s.Status == incidents.Resolved:
		row = []Button{b("Write the post", "draft", "primary")}
		if !s.Drill { // of which nothing is published
			row = append(row, b("Pull request", "postmortem", ""))
		}
		row = append(row, b("Add entry", "log", ""), b("Action item", "action", ""), b("Reopen", "reopen", ""), b("Close", "close", ""))
	default:
		row = []Button{b("Reopen", "reopen", "")}
	}
	m.Blocks = append(m.Blocks, Block{Kind: Actions, Buttons: row, Menu: menu})
	return m
}

// actionMore is the action of a menu whose choices say what a person could have typed.
const actionMore = "more"

// moreMenu is what is needed less often. It keeps the card within the screen of a phone.
func moreMenu(incident string) *Menu {
	m := &Menu{Action: actionMore}
	for _, o := range []Option{
		{Value: "severity", Label: "Severity"}, {Value: "role", Label: "Roles"}, {Value: "update", Label: "Tell the users"},
		{Value: "draft", Label: "Draft"}, {Value: "timeline", Label: "Timeline"},
	} {
		o.Value += " #" + incident
		m.Options = append(m.Options, o)
	}
	return m
}

// Topic is the topic of an incident's channel: plain text, for Slack shows no markup there. Slack tells the channel of every
// new topic with a message, so it changes only when the incident ends; how things stand is on the card.
func Topic(s incidents.Snapshot) string {
	parts := []string{fmt.Sprintf("#%d %s", s.Number, s.Title)}
	if !s.Status.Open() {
		parts = append(parts, string(s.Status))
	}
	if s.Drill {
		parts[0] = drillMark + parts[0]
	}
	return Shorten(strings.Join(parts, " · "), 250)
}

// maxChannel is Slack's limit for a channel's name.
const maxChannel = 80

// ChannelName names an incident's channel: the prefix, the number, and the title in lower-case ASCII.
func ChannelName(prefix string, s incidents.Snapshot) string {
	name := prefix + number(s.Incident)
	if s.Drill {
		name = "drill-" + number(s.Incident)
	}
	if !s.Private {
		if slug := asciiSlug(s.Title); slug != "" {
			name += "-" + slug
		}
	}
	if len(name) > maxChannel-5 { // room for a suffix
		name = name[:maxChannel-5]
	}
	return strings.TrimRight(name, "-")
}

func asciiSlug(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.Trim(b.String(), "-")
}
