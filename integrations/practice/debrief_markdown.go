package practice

import (
	"fmt"
	"strings"
	"time"
)

// Markdown is the debrief for people to read and keep.
func (b Debrief) Markdown() string {
	var m strings.Builder
	fmt.Fprintf(&m, "# Debrief: %s\n\n", oneLine(b.Title))
	fmt.Fprintf(&m, "From %s to %s, all times in UTC.\n\n", b.Start.UTC().Format("02/01/2006 15:04"), b.clock(b.End))
	m.WriteString(b.sum())
	b.protocol(&m)
	b.thenAndNow(&m)
	b.towardsStakeholders(&m)
	list(&m, "What could not happen", b.Missed)
	list(&m, "What came out of it", b.Outcome)
	fmt.Fprint(&m, "## Calls\n\n| service | calls | made to fail | told to wait |\n|---|---|---|---|\n")
	for _, c := range b.Calls {
		failed := fmt.Sprint(c.Failed)
		if c.Failed > 0 {
			failed += ", " + b.span(c.Trouble)
		}
		fmt.Fprintf(&m, "| %s | %d | %s | %d |\n", c.Service, c.Calls, failed, c.Limited)
	}
	var happened []string
	for _, h := range b.Happened {
		happened = append(happened, strings.TrimSpace(b.clock(h.At)+" "+strings.TrimSpace(h.Who+" "+h.Text)))
	}
	m.WriteString("\n")
	list(&m, "What happened", happened)
	return strings.TrimRight(m.String(), "\n") + "\n"
}

// sum says in a line how many of the drill's marks were met, and which were not; empty when the drill has none.
func (b Debrief) sum() string {
	by := map[string][]string{}
	for _, r := range b.Marks {
		by[r.Result] = append(by[r.Result], protocolTitles[r.Step])
	}
	var rest []string
	for _, result := range []string{MarkLate, MarkLeftOut, MarkUnknown} {
		if len(by[result]) > 0 {
			rest = append(rest, result+": "+strings.Join(by[result], ", "))
		}
	}
	switch {
	case len(b.Marks) == 0:
		return ""
	case rest == nil:
		return fmt.Sprintf("**All %d in time.**\n\n", len(b.Marks))
	}
	return fmt.Sprintf("**%d of %d in time**; %s.\n\n", len(by[MarkMet]), len(b.Marks), strings.Join(rest, "; "))
}

// protocol is the table of the protocol's steps.
func (b Debrief) protocol(m *strings.Builder) {
	fmt.Fprint(m, "## The protocol\n\n| step | when | after the start | the drill's mark |\n|---|---|---|---|\n")
	for _, s := range b.Steps {
		when, after := b.when(s), ""
		if !s.At.IsZero() {
			after = minutes(between(b.Start, s.At))
		}
		var marks []string
		for _, r := range b.Marks {
			if r.Step == s.Name {
				marks = append(marks, r.String())
			}
		}
		fmt.Fprintf(m, "| %s | %s | %s | %s |\n", s.Title, when, after, strings.Join(marks, "; "))
	}
	m.WriteString("\n")
	var details []string
	for _, s := range b.Steps {
		if s.Detail != "" {
			details = append(details, strings.ToUpper(s.Title[:1])+s.Title[1:]+": "+s.Detail+".")
		}
	}
	bullets(m, details)
}

// when says when a step was done, or that it was not.
func (b Debrief) when(s DebriefStep) string {
	switch {
	case !s.At.IsZero():
		return b.clock(s.At)
	case s.Partly:
		return "in part"
	}
	return "left out"
}

// String says what became of a mark: "in time: 4 min, mark 5 min of noticed".
func (r MarkResult) String() string {
	of := protocolTitles[r.Of]
	if r.Of == markStart {
		of = "the start"
	}
	mark := fmt.Sprintf("within %s of %s", minutes(r.Within), of)
	if r.Result == MarkMet || r.Result == MarkLate {
		return fmt.Sprintf("%s: %s, %s", r.Result, minutes(r.Took), mark)
	}
	return r.Result + ": " + mark
}

// thenAndNow holds a replay against what happened in truth.
func (b Debrief) thenAndNow(m *strings.Builder) {
	if b.Past == nil {
		return
	}
	fmt.Fprint(m, "## Then and now\n\nThe times after the start are what to compare. What the post says was guessed from its words.\n\n| step | then | now |\n|---|---|---|\n")
	var words []string
	for _, s := range b.Steps {
		then, now := "not stated", b.when(s)
		if p, ok := b.Past.Step(s.Name); ok {
			then = fmt.Sprintf("%s, after %s", b.clock(p.At), minutes(between(b.Past.Start(), p.At)))
			words = append(words, fmt.Sprintf("%s %s: %s", p.At.Format("15:04"), s.Title, shortened(p.Text, 200)))
		}
		if !s.At.IsZero() {
			now += ", after " + minutes(between(b.Start, s.At))
		}
		fmt.Fprintf(m, "| %s | %s | %s |\n", s.Title, then, now)
	}
	m.WriteString("\n")
	if len(words) > 0 {
		m.WriteString("What the post says:\n\n")
		bullets(m, words)
	}
}

func (b Debrief) towardsStakeholders(m *strings.Builder) {
	if len(b.Questions) == 0 && b.Silence.Long() == 0 {
		return
	}
	m.WriteString("## Towards stakeholders\n\n")
	var lines []string
	for _, q := range b.Questions {
		answer := "nobody answered"
		if !q.Answered.IsZero() {
			answer = fmt.Sprintf("answered at %s, after %s", b.clock(q.Answered), minutes(between(q.Asked, q.Answered)))
		}
		lines = append(lines, fmt.Sprintf("%s %s asked in #%s: “%s”; %s.", b.clock(q.Asked), q.Who, q.Where, q.Text, answer))
	}
	if b.Silence.Long() > 0 {
		lines = append(lines, fmt.Sprintf("The longest time without a word to them, from the declaration to the mitigation: %s, from %s to %s.",
			minutes(b.Silence.Long()), b.clock(b.Silence.From), b.clock(b.Silence.To)))
	}
	bullets(m, lines)
}

// Short is the debrief in a few lines for a terminal.
func (b Debrief) Short() string {
	var m strings.Builder
	m.WriteString("The protocol:\n")
	for _, s := range b.Steps {
		when := b.when(s)
		if !s.At.IsZero() {
			when += ", after " + minutes(between(b.Start, s.At))
		}
		for _, r := range b.Marks {
			if r.Step == s.Name && !s.At.IsZero() {
				when += " (" + r.String() + ")"
			}
		}
		if b.Past != nil {
			then := "not stated"
			if p, ok := b.Past.Step(s.Name); ok {
				then = "after " + minutes(between(b.Past.Start(), p.At))
			}
			when += "; then: " + then
		}
		fmt.Fprintf(&m, "  %-12s %s\n", s.Title, when)
	}
	for _, q := range b.Questions {
		if q.Answered.IsZero() {
			fmt.Fprintf(&m, "  Nobody answered %s: “%s”\n", q.Who, shortened(q.Text, 80))
		}
	}
	return m.String()
}

// clock is a time of day, with the date when it is not the first day's.
func (b Debrief) clock(at time.Time) string {
	at = at.UTC()
	if at.Format(time.DateOnly) == b.Start.UTC().Format(time.DateOnly) {
		return at.Format("15:04")
	}
	return at.Format("02/01/2006 15:04")
}

// span is from when to when, or at which minute.
func (b Debrief) span(s Span) string {
	from, to := b.clock(s.From), b.clock(s.To)
	if from == to {
		return "at " + from
	}
	return "from " + from + " to " + to
}

// minutes is a length of time as people say it; seconds are left out.
func minutes(d time.Duration) string {
	d = d.Truncate(time.Minute)
	if d < time.Hour {
		return fmt.Sprintf("%d min", int(d.Minutes()))
	}
	if d%time.Hour == 0 {
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
}

func list(m *strings.Builder, title string, items []string) {
	if len(items) > 0 {
		fmt.Fprintf(m, "## %s\n\n", title)
		bullets(m, items)
	}
}

// bullets writes a list. What people said is text: it is kept on its line and makes no Markdown or HTML of its own.
func bullets(m *strings.Builder, items []string) {
	for _, item := range items {
		fmt.Fprintf(m, "- %s\n", oneLine(item))
	}
	if len(items) > 0 {
		m.WriteString("\n")
	}
}

var literal = strings.NewReplacer(`\`, `\\`, "<", "&lt;", "&", "&amp;", "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, "]", `\]`)

func oneLine(text string) string { return literal.Replace(strings.Join(strings.Fields(text), " ")) }
