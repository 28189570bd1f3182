package chat

import (
	"fmt"
	"strings"

	"watchbell/incidents"
)

// maxPreview is how much of a part of the post a block shows, and mostParts how many parts there are.
const (
	maxPreview = 2_800
	mostParts  = 40
)

// runPreview shows the post as it would be written now.
func runPreview(t *turn) (Reply, error) {
	snap, err := t.snapshot()
	if err != nil {
		return Reply{}, err
	}
	if t.o.Preview == nil {
		return Reply{}, incidents.Refuse(incidents.Invalid, "There is nothing that could show the post here.").Next("`postmortem` opens its pull request.")
	}
	return Reply{Message: previewed(snap, t.o.Preview(snap))}, nil
}

// previewed shows a post, in Markdown with front matter, part by part as Slack can show it.
func previewed(s incidents.Snapshot, post string) *Message {
	front, body := cutFront(post)
	title := fmt.Sprintf("*The post of #%d as it would be now*", s.Number)
	m := &Message{Text: title, Blocks: []Block{{Kind: Context, Text: title + "\n" + fence(front)}}}
	for _, part := range parts(body) {
		text := Slack(part)
		if len(m.Blocks) > mostParts {
			m.Blocks = append(m.Blocks, Block{Kind: Context, Text: "… and more, which the pull request shows."})
			break
		}
		m.Text += "\n\n" + text
		m.Blocks = append(m.Blocks, Block{Kind: Section, Text: Shorten(text, maxPreview)})
	}
	row := []Button{{Label: "Sections", Action: "draft", Value: number(s.Incident)}, {Label: "Findings", Action: "lint", Value: number(s.Incident)}}
	if s.Post.URL != "" {
		row = append(row, Button{Label: "Open on GitHub", Action: "open", URL: s.Post.URL})
	}
	m.Blocks = append(m.Blocks, Block{Kind: Actions, Buttons: row})
	return m
}

// cutFront splits off the front matter, without its fences.
func cutFront(post string) (front, body string) {
	rest, ok := strings.CutPrefix(post, "---\n")
	if !ok {
		return "", post
	}
	front, body, ok = strings.Cut(rest, "\n---")
	if !ok {
		return "", post
	}
	_, body, _ = strings.Cut(body, "\n")
	return front, body
}

// parts are the pieces of a post from heading to heading.
func parts(body string) (all []string) {
	var now []string
	flush := func() {
		if text := strings.TrimSpace(strings.Join(now, "\n")); text != "" {
			all = append(all, text)
		}
		now = nil
	}
	fenced := false
	for _, line := range strings.Split(body, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			fenced = !fenced
		}
		if !fenced && strings.HasPrefix(line, "#") {
			flush()
		}
		now = append(now, line)
	}
	flush()
	return all
}
