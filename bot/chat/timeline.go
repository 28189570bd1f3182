package chat

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"watchbell/incidents"
)

// newest is how many entries a page shows.
const newest = 10

// timelineView is which part of a timeline is shown. Its args are what may follow the verb, so that a button can say what a
// person could have typed.
type timelineView struct {
	page   int    // from 1, the newest
	filter string // as typed: "internal", "all", "mine", a mention, or words; empty for the whole timeline
}

var pageWord = regexp.MustCompile(`(?i)(?:^|\s)page\s+([0-9]{1,4})(?:\s|$)`)

func readView(args string) timelineView {
	v := timelineView{page: 1, filter: strings.TrimSpace(args)}
	if m := pageWord.FindStringSubmatchIndex(args); m != nil {
		v.page, _ = strconv.Atoi(args[m[2]:m[3]])
		v.filter = strings.TrimSpace(args[:m[0]] + " " + args[m[1]:])
	}
	return v
}

func (v timelineView) args() string {
	if v.page > 1 {
		return strings.TrimSpace(fmt.Sprintf("page %d %s", v.page, v.filter))
	}
	return v.filter
}

// maxFilter keeps what a button has to carry within the limits on its id, in bytes.
const maxFilter = 120

func runTimeline(t *turn) (Reply, error) {
	v := readView(t.args)
	if len(v.filter) > maxFilter {
		return Reply{}, incidents.Refuse(incidents.Invalid, "That is too much to look for in the timeline.").Next("Give a word or two.")
	}
	m, err := t.showTimeline(v, "")
	return Reply{Message: m}, err
}

// showTimeline shows a page of the timeline, below a note about what was just done to it.
func (t *turn) showTimeline(v timelineView, note string) (*Message, error) {
	all, err := t.entriesFor(v.filter)
	if err != nil {
		return nil, err
	}
	found := slices.DeleteFunc(slices.Clone(all), func(e incidents.Entry) bool { return !t.fits(e, v.filter) })
	title := fmt.Sprintf("*Timeline of #%d* (%s, times in UTC)", t.number, count(len(all), "entry", "entries"))
	add := Button{Label: "Add an entry", Action: "log", Value: strconv.Itoa(t.number)}
	if len(all) == 0 {
		title = fmt.Sprintf("The timeline of #%d is empty.", t.number)
	}
	if what := t.filtered(v.filter, len(found)); what != "" {
		title += "\n_" + what + "_"
	}
	if note != "" {
		title = note + "\n" + title
	}
	pages := max(1, (len(found)+newest-1)/newest)
	v.page = min(max(v.page, 1), pages)
	end := len(found) - (v.page-1)*newest
	start := max(0, end-newest)
	if pages > 1 {
		title += fmt.Sprintf("\n_Page %d of %d_", v.page, pages)
		if start > 0 {
			title = strings.TrimSuffix(title, "_") + fmt.Sprintf(": %s before these_", count(start, "entry", "entries"))
		}
	}
	shown := found[start:end]
	m := &Message{Text: title, Blocks: []Block{{Kind: Section, Text: title}}}
	for i, line := range entryLines(*t.incident, shown) {
		e := shown[i]
		line = fmt.Sprintf("*%d*  %s", e.Number, line)
		m.Text += "\n" + line
		m.Blocks = append(m.Blocks, Block{Kind: Section, Text: line, Menu: t.entryMenu(e, found, v)})
	}
	if len(shown) > 0 {
		m.Blocks = append(m.Blocks, Block{Kind: Context, Text: "The number before a time is the entry's own and stays the same: `" + t.o.Command +
			fmt.Sprintf(" edit %d 14:05 better words`, `delete %[1]d`, `restore %[1]d`, `undo`.", shown[0].Number)})
	}
	m.Blocks = append(m.Blocks, Block{Kind: Actions, Buttons: append(t.pageButtons(v, pages), add)})
	return m, nil
}

// filtered says which entries are shown.
func (t *turn) filtered(filter string, found int) string {
	who := mention.FindStringSubmatch(filter)
	switch {
	case filter == "":
		return ""
	case strings.EqualFold(filter, "all"):
		return "With what was taken out"
	case found == 0 && strings.EqualFold(filter, "internal"):
		return "None of them is internal"
	case strings.EqualFold(filter, "internal"):
		return count(found, "internal entry", "internal entries")
	case strings.EqualFold(filter, "mine"):
		return count(found, "entry", "entries") + " written or changed by you"
	case who != nil:
		return count(found, "entry", "entries") + " written or changed by <@" + who[1] + ">"
	case found == 0:
		return "None of them says “" + inline(decoded(filter)) + "”"
	}
	return count(found, "entry", "entries") + " with “" + inline(decoded(filter)) + "”"
}

func (t *turn) pageButtons(v timelineView, pages int) []Button {
	var row []Button
	turn := func(label, action string, page int) {
		to := timelineView{page, v.filter}
		row = append(row, Button{Label: label, Action: action, Value: strings.TrimSpace("#" + strconv.Itoa(t.number) + " " + to.args())})
	}
	if v.page < pages {
		turn("Older", "timeline:older", v.page+1)
	}
	if v.page > 1 {
		turn("Newer", "timeline:newer", v.page-1)
	}
	return append(row, Button{Label: "Undo my last change", Action: entryAction("undo", v), Value: "undo #" + strconv.Itoa(t.number)})
}

// entriesFor are the entries among which a filter looks: "all" shows those that were taken out as well.
func (t *turn) entriesFor(filter string) ([]incidents.Entry, error) {
	if !strings.EqualFold(filter, "all") {
		snap, err := t.snapshot()
		return snap.Entries, err
	}
	versions, err := t.service.History(t.ctx, t.number, 0)
	var all []incidents.Entry
	for i, e := range versions {
		if (i+1 == len(versions) || versions[i+1].Number != e.Number) && !e.Waiting {
			all = append(all, e)
		}
	}
	incidents.SortEntries(all)
	return all, err
}

// fits reports whether a filter lets an entry through.
func (t *turn) fits(e incidents.Entry, filter string) bool {
	switch who := mention.FindStringSubmatch(filter); {
	case filter == "" || strings.EqualFold(filter, "all"):
		return true
	case strings.EqualFold(filter, "internal"):
		return e.Internal
	case strings.EqualFold(filter, "mine"):
		return e.Author == t.user || e.Last.By == t.user
	case who != nil:
		return e.Author == who[1] || e.Last.By == who[1]
	}
	text := strings.ToLower(e.Text)
	for _, word := range strings.Fields(strings.ToLower(decoded(filter))) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// entryAction is the action of what is beside an entry, or below them all. It carries the view, to show it again.
func entryAction(what string, v timelineView) string {
	action := "entry:" + what
	if args := v.args(); args != "" {
		action += ":" + args
	}
	return action
}

func lastEntries(all []incidents.Entry, most int) (last []incidents.Entry, hidden int) {
	hidden = max(len(all)-most, 0)
	return all[hidden:], hidden
}

// entryLength is how much of an entry a list shows, in characters.
const entryLength = 300

// entryLines are the entries as a list in mrkdwn. The day is named when they span more than one, or lie on another day than
// the incident; the year when it is another one.
func entryLines(in incidents.Incident, entries []incidents.Entry) []string {
	lines := make([]string, 0, len(entries))
	its := since(incidents.Snapshot{Incident: in}).UTC()
	if in.Backfill {
		its = in.DeclaredAt.UTC() // when it was written down: what is told of the past needs its day
	}
	if its.IsZero() && len(entries) > 0 {
		its = entries[0].At.UTC()
	}
	sameDay := !slices.ContainsFunc(entries, func(e incidents.Entry) bool { return !onSameDay(e.At.UTC(), its) })
	for _, e := range entries {
		form := "15:04"
		switch {
		case e.At.UTC().Year() != its.Year():
			form = "2 Jan 2006 15:04"
		case !sameDay:
			form = "2 Jan 15:04"
		}
		when := e.At.UTC().Format(form)
		if !e.Until.IsZero() {
			when += "–" + e.Until.UTC().Format("15:04")
		}
		line := "`" + when + "` " + entryText(e)
		if n := len(e.Images()); n > 0 {
			if line = "`" + when + "` "; e.Words() != "" {
				line += wordsOnly(e) + " · "
			}
			line += count(n, "image", "images")
		}
		if e.Internal {
			line += " · :lock: internal"
		}
		switch {
		case e.Gone:
			line += " · _taken out_"
		case e.Proposed != "":
			line += fmt.Sprintf(" · _its message was edited since: `take %d` or `keep %[1]d`_", e.Number)
		}
		lines = append(lines, line)
	}
	return lines
}

// entryText is the text of an entry as a line of mrkdwn. People and channels that it mentions are shown by their names.
func entryText(e incidents.Entry) string {
	if e.Format == incidents.Mrkdwn {
		return uncalled(Shorten(quiet.Replace(oneLine(e.Text)), entryLength))
	}
	return Shorten(mentioned(Slack(unmentioned(oneLine(e.Text)))), entryLength)
}

// quiet keeps the pings of whole channels and groups in captured mrkdwn from ringing again. Slack escaped everything else
// when it was written.
var quiet = strings.NewReplacer("<!", "&lt;!")

// roleNames writes the role of whoever is mentioned, else "someone".
func roleNames(text string, in incidents.Incident) string {
	names := NamesIn(in)
	return mentionInText.ReplaceAllStringFunc(text, func(m string) string {
		return names.user(mentionInText.FindStringSubmatch(m)[1])
	})
}

// oneLine puts one blank wherever there is white space in a text.
func oneLine(s string) string {
	if isOneLine(s) {
		return s
	}
	return strings.Join(strings.Fields(s), " ")
}

// isOneLine reports whether a text is one line of plain ASCII already, as most are.
func isOneLine(s string) bool {
	before := byte(' ')
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= utf8.RuneSelf || c == ' ' && before == ' ' {
			return false
		}
		before = s[i]
	}
	return before != ' ' || s == ""
}

// Question asks a person who has rewritten an entry what becomes of it now that its message was edited.
func Question(s incidents.Snapshot, e incidents.Entry) Message {
	now := e
	now.Text, now.Format = e.Proposed, incidents.Mrkdwn
	return drilled(s.Drill, *say(fmt.Sprintf(
		"The message behind entry %d of #%d was edited, and you had written that entry anew. Which text is right?\n*Yours:* %s\n*The message now:* %s",
		e.Number, s.Number, entryText(e), entryText(now)),
		Button{Label: "Take the new text", Action: fmt.Sprintf("take:%d", e.Number), Value: number(s.Incident)},
		Button{Label: "Keep mine", Action: fmt.Sprintf("keep:%d", e.Number), Value: number(s.Incident)}))
}
