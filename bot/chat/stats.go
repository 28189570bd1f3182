package chat

import (
	"fmt"
	"strings"
	"time"

	"watchbell/incidents"
)

func runStats(t *turn) (Reply, error) {
	p, ok := readPeriod(decoded(t.args), t.o.Now().In(t.zone()))
	if !ok {
		return Reply{}, incidents.Refuse(incidents.Invalid, "“%s” is no period that I can read.", inline(Shorten(decoded(t.args), 60))).
			Next("Write `%s stats 2026`, `stats 2026-03`, `stats q1 2026`, `stats 90d`, `stats last quarter` or `stats all`.", t.o.Command).In("period")
	}
	st, err := t.service.Statistics(t.ctx, t.user, p.from, p.to)
	if err != nil {
		return Reply{}, err
	}
	page := ""
	if t.o.StatsPage != nil && len(st.All) > 0 && !st.Partial { // the page shows everything
		page = t.o.StatsPage(p.from, p.to)
	}
	reply := Reply{Message: statistics(st, p, page, t.o.Command)}
	if t.o.StatsPicture != nil && st.Drawable() {
		reply.Picture = &Picture{
			Name: "incidents.png", Text: reply.Message.Blocks[0].Text,
			Draw: func() ([]byte, string, error) { return t.o.StatsPicture(st) },
		}
		reply.Message.add(Block{Kind: Context, Text: "The picture of it is in your conversation with me."})
	}
	return reply, nil
}

// statistics words what a period's incidents tell. page is where they are drawn; empty for nowhere.
func statistics(st incidents.Statistics, p period, page, command string) *Message {
	if len(st.All) == 0 {
		return say(fmt.Sprintf("No incident that you may see began %s.%s `%s stats all` counts all there ever was; `watchbell import posts` reads the posts from before.",
			p.name, calledOff(st.CalledOff), command))
	}
	posts, unsure := 0, 0
	bad := map[incidents.Severity]int{}
	for _, c := range st.All {
		bad[c.Severity]++
		if c.Number == 0 {
			posts++
		}
		if c.Unsure {
			unsure++
		}
	}
	lines := []string{fmt.Sprintf("*%s %s*%s", count(len(st.All), "incident", "incidents"), p.name, severities(bad))}
	for _, l := range incidents.Lengths {
		sp := st.Spread(l)
		if sp.Known == 0 {
			lines = append(lines, fmt.Sprintf("*To %s:* nobody knows", l.Name))
			continue
		}
		line := fmt.Sprintf("*To %s:* %s", l.Name, lasted0(sp.Median))
		if sp.Known > 1 {
			line = fmt.Sprintf("*To %s:* median %s, longest %s", l.Name, lasted0(sp.Median), lasted0(sp.Longest))
		}
		if sp.Known < len(st.All) {
			line += fmt.Sprintf(" (known of %d)", sp.Known)
		}
		lines = append(lines, line)
	}
	var notes []string
	if off := strings.TrimSpace(calledOff(st.CalledOff)); off != "" {
		notes = append(notes, off)
	}
	if posts > 0 {
		note := count(posts, "is known from its post alone", "are known from their posts alone")
		if unsure > 0 {
			note += fmt.Sprintf("; times of %d are guessed from the wording", unsure)
		}
		notes = append(notes, note+".")
	}
	if st.Partial {
		notes = append(notes, "Only the incidents that you take part in are counted, and those of published posts.")
	}
	if st.Left > 0 {
		notes = append(notes, fmt.Sprintf("Only the newest %d were looked at.", len(st.All)))
	}
	notes = append(notes, "To detect, mitigate and resolve count from when it began, to declare from when it was noticed, to publish from when it was resolved. Drills are left out.")
	text, small := strings.Join(lines, "\n"), strings.Join(notes, " ")
	m := &Message{Text: text + "\n" + small, Blocks: []Block{{Kind: Section, Text: text}, {Kind: Context, Text: small}}}
	if page != "" {
		m.Blocks = append(m.Blocks, Block{Kind: Actions, Buttons: []Button{{Label: "See it drawn", Action: "open", URL: page}}})
	}
	return m
}

func calledOff(n int) string {
	if n == 0 {
		return ""
	}
	return " " + count(n, "more was called off.", "more were called off.")
}

// severities say how many there were of each, worst first.
func severities(bad map[incidents.Severity]int) string {
	var parts []string
	for i := len(incidents.Severities) - 1; i >= 0; i-- {
		s := incidents.Severities[i]
		if n := bad[s]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s))
		}
		delete(bad, s)
	}
	others := 0
	for s, n := range bad {
		if s != "" {
			others += n
		}
	}
	if others > 0 {
		parts = append(parts, fmt.Sprintf("%d of another severity", others))
	}
	if n := bad[""]; n > 0 {
		parts = append(parts, fmt.Sprintf("%d without a severity", n))
	}
	return ": " + strings.Join(parts, ", ")
}

// lasted0 is lasted for what may have taken no time.
func lasted0(d time.Duration) string {
	if d < time.Minute {
		return "at once"
	}
	return lasted(d)
}
