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

// stays says what a change does to a post whose pull request is over, and what to do; empty for any other.
func stays(r incidents.Result) string {
	switch {
	case r.Over == nil || r.Unchanged:
		return ""
	case r.Over.State == incidents.PullMerged:
		return " " + postLinks(incidents.Incident{Post: *r.Over}) + " and stays as it is: to change it as well, edit it on GitHub."
	}
	return " " + postLinks(incidents.Incident{Post: *r.Over}) + " and stays as it is; `postmortem reopen` opens it again with this in it."
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
func Remarked(s incidents.Snapshot, r incidents.Remark) Message {
	where := ""
	if r.Line > 0 {
		where = fmt.Sprintf(" on line %d", r.Line)
	}
	head := ":speech_balloon: *" + inline(r.By) + "*" + where
	if r.Conflict != "" {
		head = ":twisted_rightwards_arrows: *Changed on both sides*" + where + ": what is on GitHub stays there until somebody decides"
	}
	if r.URL != "" {
		head += " (<" + linkTarget(r.URL) + "|on GitHub>)"
	}
	text := head + ":\n" + Shorten(Slack(r.Text), maxRemark)
	m := Message{Text: text, Blocks: []Block{{Kind: Section, Text: text}}}
	over := s.Post.State == incidents.PullMerged || s.Post.State == incidents.PullLeft
	for _, a := range s.Answers(r.ID) {
		said := answerWords[a.How] + " by <@" + a.By + ">"
		m.Text += "\n" + said
		m.Blocks = append(m.Blocks, Block{Kind: Context, Text: said})
		over = over || a.How != incidents.AnswerReply
	}
	if over {
		return m
	}
	b := func(label string, how incidents.HowAnswered, style string) Button {
		return Button{Label: label, Action: "remark:" + r.ID + " " + string(how), Value: number(s.Incident), Style: style}
	}
	if r.Conflict != "" {
		row := []Button{b("Keep GitHub's", incidents.AnswerKeep, "")}
		if r.Suggests {
			row = append(row, b("Take Slack's", incidents.AnswerApply, ""))
		}
		m.Blocks = append(m.Blocks, Block{Kind: Actions, Buttons: row})
		return m
	}
	var row []Button
	if r.Suggests {
		row = append(row, b("Apply it", incidents.AnswerApply, "primary"))
	}
	row = append(row, b("Done", incidents.AnswerDone, ""), b("Reply", incidents.AnswerReply, ""))
	if r.OnLine {
		row = append(row, b("Resolve", incidents.AnswerResolve, ""))
	}
	m.Blocks = append(m.Blocks, Block{Kind: Actions, Buttons: row})
	return m
}

// answerWords say how a comment was answered.
var answerWords = map[incidents.HowAnswered]string{
	incidents.AnswerApply: ":white_check_mark: Applied", incidents.AnswerDone: ":white_check_mark: Said to be done",
	incidents.AnswerReply: ":leftwards_arrow_with_hook: Replied to", incidents.AnswerResolve: ":white_check_mark: Resolved",
	incidents.AnswerKeep: ":white_check_mark: GitHub's words were kept, here too,",
}

// remarkVerb is the callback id of the form for a reply.
const remarkVerb = "remark"

// runRemark answers a comment on the pull request; the buttons below it say it.
func runRemark(t *turn) (Reply, error) {
	id, rest := firstWord(t.args)
	how, text := firstWord(rest)
	cmd := incidents.AnswerRemark{Remark: id, How: incidents.HowAnswered(how), Text: t.text(text)}
	if _, known := answerWords[cmd.How]; !known {
		return Reply{}, incidents.Refuse(incidents.Invalid, "A comment can be applied, done, resolved, kept, or replied to.").Next("The buttons below it say so for you.")
	}
	if cmd.How == incidents.AnswerReply && cmd.Text == "" && t.canForm {
		c := t.context()
		c.Remark = id
		return Reply{Form: &Form{Verb: remarkVerb, Title: "Reply on GitHub", Submit: "Reply", Context: c,
			Intro: "It appears below the comment, under the bot's name. Names become roles.", Fields: []Field{
				{Name: "text", Label: "What do you say?", Kind: LongField},
			}}}, nil
	}
	_, err := t.handle(cmd)
	return Reply{}, err // the comment's message says so
}
