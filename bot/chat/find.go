package chat

import (
	"fmt"
	"strings"

	"watchbell/incidents"
)

// Bounds of what is shown of earlier incidents.
const (
	foundMost    = 5
	foundLength  = 200 // characters of a piece of text
	foundActions = 3   // action items that are named
)

func runFind(t *turn) (Reply, error) {
	words, drills := strings.TrimSpace(decoded(t.args)), false
	if word, rest := firstWord(words); strings.EqualFold(word, "drills") && rest != "" {
		words, drills = rest, true
	}
	if len(incidents.Words(words)) == 0 {
		refused := incidents.Refuse(incidents.Invalid, "There is nothing to look for.").
			Next("Write words that people would have used: `%s find certificate expired`.", t.o.Command).In("text")
		if words != "" {
			refused.Text = fmt.Sprintf("“%s” says too little to look for it.", inline(Shorten(words, 60)))
		}
		return Reply{}, refused
	}
	found, err := t.service.Search(t.ctx, incidents.Search{Text: words, For: t.user, In: t.channel, Drills: drills, Limit: foundMost})
	if err != nil {
		return Reply{}, err
	}
	return Reply{Message: answered(found, words, t.o.Command)}, nil
}

// answered shows what was found, best first.
func answered(found []incidents.Found, words, command string) *Message {
	asked := inline(Shorten(words, 80))
	if len(found) == 0 {
		return say(fmt.Sprintf("Nothing that you may see has most of the words “%s”. Try fewer, or those that the others would have used; `%s list all` shows what there was lately.", asked, command))
	}
	intro := fmt.Sprintf("*%s for “%s”*", count(len(found), "result", "results"), asked)
	if !found[0].All {
		intro += " Nothing has all of these words; this has most of them."
	}
	m := &Message{Text: intro, Blocks: []Block{{Kind: Section, Text: intro}}}
	for _, f := range found {
		lines := []string{heading(f)}
		how, todo := howResolved(f), itsActions(f)
		if line := foundLine(f); line != "" && !strings.Contains(how+todo, line) {
			lines = append(lines, "> "+line)
		}
		for _, more := range []string{how, todo} {
			if more != "" {
				lines = append(lines, more)
			}
		}
		block := Block{Kind: Section, Text: strings.Join(lines, "\n")}
		if f.Snapshot.Number != 0 {
			block.Buttons = []Button{{Label: fmt.Sprintf("Show #%d", f.Snapshot.Number), Action: "show", Value: number(f.Snapshot.Incident)}}
		}
		m.Blocks = append(m.Blocks, block)
		m.Text += "\n" + block.Text
	}
	return m
}

// heading names what was found, with its day, how bad it was, how long it took, and where to read on.
func heading(f incidents.Found) string {
	var parts []string
	add := func(s string) {
		if s != "" {
			parts = append(parts, s)
		}
	}
	in, p := f.Snapshot.Incident, f.Post
	if in.Number != 0 {
		add(fmt.Sprintf("*#%d %s*", in.Number, inline(in.Title)))
		began := f.Snapshot.BeganAt()
		add(began.Format("2 Jan 2006"))
		add(string(in.Severity))
		switch {
		case in.Status.Open():
			add("not over yet: " + string(in.Status))
		case in.Status == incidents.CalledOff:
			add(string(in.Status))
		case in.ResolvedAt.After(began):
			add("resolved after " + lasted(in.ResolvedAt.Sub(began)))
		}
		if in.Channel.ID != "" {
			add("<#" + in.Channel.ID + ">")
		}
	} else {
		add("*" + inline(p.Title) + "*")
		if !p.Day.IsZero() {
			add(p.Day.Format("2 Jan 2006"))
		}
		add(string(p.Severity))
		if p.Times.Resolved.After(p.Times.Began) && !p.Times.Began.IsZero() {
			add("resolved after " + lasted(p.Times.Resolved.Sub(p.Times.Began)))
		}
	}
	add(postLink(f))
	return strings.Join(parts, " · ")
}

// postLink leads to what was published, else to where it is offered.
func postLink(f incidents.Found) string {
	switch {
	case f.Snapshot.Post.Live != "":
		return "<" + linkTarget(f.Snapshot.Post.Live) + "|post>"
	case f.Post != nil && f.Post.URL != "":
		return "<" + linkTarget(f.Post.URL) + "|post>"
	case f.Post != nil && f.Snapshot.Number == 0:
		return "`" + strings.ReplaceAll(escaped(oneLine(f.Post.Path)), "`", "ˋ") + "`"
	case f.Snapshot.Post.URL != "":
		return "<" + linkTarget(f.Snapshot.Post.URL) + "|pull request>"
	}
	return ""
}

// foundLine is the piece of text that fits best.
func foundLine(f incidents.Found) string {
	if f.Line.Text == "" {
		return ""
	}
	text := f.Line
	text.Text = EntryMarkdown(f.Snapshot.Incident, f.Line)
	text.Format = incidents.Markdown
	said := Shorten(entryText(text), foundLength)
	if !f.Line.At.IsZero() {
		said = f.Line.At.UTC().Format("15:04 UTC") + " " + said
	}
	return said
}

// howResolved says how it ended: as the post says it, else with what people wrote last before it was over.
func howResolved(f incidents.Found) string {
	how := f.Snapshot.Sections[incidents.SectionResolution]
	if strings.TrimSpace(how) == "" && f.Post != nil {
		how = f.Post.How
	}
	if how, _, _ = strings.Cut(strings.TrimSpace(how), "\n\n"); how != "" {
		return "*Resolved:* " + entryText(incidents.Entry{Text: Shorten(how, foundLength), Format: incidents.Markdown})
	}
	in := f.Snapshot.Incident
	if in.Number == 0 || in.Status.Open() {
		return ""
	}
	last := incidents.Entry{}
	for _, e := range f.Snapshot.Entries {
		over := !in.ResolvedAt.IsZero() && e.At.After(in.ResolvedAt)
		if (e.Event == "" || e.Event == incidents.EventCalledOff) && !e.Internal && !over {
			last = e
		}
	}
	if last.Text == "" {
		return ""
	}
	last.Text, last.Format = EntryMarkdown(in, last), incidents.Markdown
	return "*Last entry before its end:* " + Shorten(entryText(last), foundLength)
}

// itsActions names the action items: those that are open, as far as that is known.
func itsActions(f incidents.Found) string {
	var names []string
	add := func(text, url string) {
		name := Shorten(Slack(oneLine(text)), 80)
		if url != "" {
			name = "<" + linkTarget(url) + "|" + strings.NewReplacer("<", "", ">", "", "|", "/").Replace(Shorten(oneLine(plainWords(text)), 80)) + ">"
		}
		names = append(names, name)
	}
	label := "Its action items:"
	if f.Snapshot.Number != 0 {
		label = "Still open:"
		for _, a := range f.Snapshot.Actions {
			if !a.Done() {
				add(a.Text, a.URL())
			}
		}
	} else {
		for _, a := range f.Post.Actions {
			if a.Done {
				label = "Still open:"
				continue
			}
			add(a.Text, a.Link)
		}
	}
	if len(names) == 0 {
		return ""
	}
	if more := len(names) - foundActions; more > 0 {
		names = append(names[:foundActions], fmt.Sprintf("and %d more", more))
	}
	return "*" + label + "* " + strings.Join(names, " · ")
}

// plainWords leaves the marks of Markdown out of a text.
func plainWords(text string) string {
	return strings.NewReplacer("[", "", "]", "", "*", "", "`", "", "_", "").Replace(text)
}

// Before shows whoever declared what was before: each in two lines. It says whether there is anything; what the answer to the
// declaration asked about already is left out.
func Before(s incidents.Snapshot, found []incidents.Found) (Message, bool) {
	var lines []string
	for _, f := range found {
		before := f.Snapshot.Incident
		if age := s.DeclaredAt.Sub(before.DeclaredAt); before.Number != 0 && before.Status.Open() && age < twinAge && nearTitles(before.Title, s.Title) {
			continue
		}
		line := "• " + heading(f)
		if how := howResolved(f); how != "" {
			line += "\n   " + how
		}
		if todo := itsActions(f); todo != "" {
			line += "\n   " + todo
		}
		lines = append(lines, line)
	}
	text := "*This was before, and may be alike:*\n" + strings.Join(lines, "\n")
	return Message{Text: text, Blocks: []Block{{Kind: Section, Text: text}}}, len(lines) > 0
}
