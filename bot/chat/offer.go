package chat

import (
	"fmt"

	"watchbell/incidents"
)

// postLinks says where the post is, and how its pull request stands.
func postLinks(in incidents.Incident) string {
	pull := fmt.Sprintf("<%s|pull request #%d>", linkTarget(in.Post.URL), in.Post.Number)
	switch in.Post.State {
	case incidents.PullMerged:
		if in.Post.Live != "" {
			return "<" + linkTarget(in.Post.Live) + "|The post-mortem> is published (" + pull + ")"
		}
		return "The post-mortem is published (" + pull + ")"
	case incidents.PullClosed, incidents.PullLeft:
		return "The post-mortem's " + pull + " was closed"
	}
	return "<" + linkTarget(in.Post.URL) + "|The post-mortem's pull request>"
}

// Offer is the channel's message about the pull request. What people say there is told in its thread.
func Offer(s incidents.Snapshot) Message {
	pull := fmt.Sprintf("<%s|pull request #%d>", linkTarget(s.Post.URL), s.Post.Number)
	b := func(label, action, style string) Button {
		return Button{Label: label, Action: action, Value: number(s.Incident), Style: style}
	}
	var buttons []Button
	text := ":memo: The post-mortem is being reviewed in " + pull + ". What is said there is in this thread."
	switch s.Post.State {
	case incidents.PullMerged:
		text = ":tada: " + postLinks(s.Incident) + "."
	case incidents.PullClosed:
		text = ":question: The post-mortem's " + pull + " was closed without being merged. Why? Say so here, or have it opened again."
		buttons = []Button{b("Reopen pull request", "postmortem:reopen", "primary"), b("Leave closed", "postmortem:leave", "")}
	case incidents.PullLeft:
		text = ":memo: The post-mortem's " + pull + " was closed, and stays closed."
		buttons = []Button{b("Reopen pull request", "postmortem:reopen", "")}
	case incidents.PullReopening:
		text = ":memo: The post-mortem's " + pull + " is being opened again."
	}
	m := Message{Text: text, Blocks: []Block{{Kind: Section, Text: text}}}
	if len(buttons) > 0 {
		m.Blocks = append(m.Blocks, Block{Kind: Actions, Buttons: buttons})
	}
	return m
}

// maxRemark is how much of a comment is shown.
const maxRemark = 2000

// Remarked is a comment on the pull request, as it is told in the thread of its message. It calls nobody.
func Remarked(r incidents.Remark) Message {
	where := ""
	if r.Line > 0 {
		where = fmt.Sprintf(" on line %d", r.Line)
	}
	head := ":speech_balloon: *" + inline(r.By) + "*" + where
	if r.URL != "" {
		head += " (<" + linkTarget(r.URL) + "|on GitHub>)"
	}
	text := head + ":\n" + Shorten(Slack(r.Text), maxRemark)
	return Message{Text: text, Blocks: []Block{{Kind: Section, Text: text}}}
}
