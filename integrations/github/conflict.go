package github

import (
	"fmt"
	"regexp"
	"strings"

	gh "github.com/google/go-github/v60/github"

	"watchbell/incidents"
)

// conflictProposal reads the first line of our question about a conflict, while it is not settled.
var conflictProposal = regexp.MustCompile(`^<!-- watchbell:conflict \S+ \S+ ([0-9a-f]{12}) -->\n`)

// proposalIn is the Conflict.Proposal that a comment asks about; empty for none.
func proposalIn(c *gh.PullRequestComment) string {
	if found := conflictProposal.FindStringSubmatch(c.GetBody()); found != nil {
		return found[1]
	}
	return ""
}

// questionOf is our own question on a line, for people in Slack. When the proposal changes it is another question.
func questionOf(c *gh.PullRequestComment) (r incidents.Remark, asks bool) {
	proposal := proposalIn(c)
	if proposal == "" {
		return r, false
	}
	ours := suggestionIn(c.GetBody())
	return incidents.Remark{
		ID: fmt.Sprintf("r%d-%s", c.GetID(), proposal), By: c.GetUser().GetLogin(), URL: c.GetHTMLURL(), Line: c.GetLine(),
		OnLine: true, Suggests: ours != nil, Conflict: proposal,
		Text: "**On GitHub:**\n\n" + quoted(theirsIn(c)) + "\n\n**In Slack:**\n\n" + quoted(string(ours)),
	}, true
}

// theirsIn are the lines that a comment is on, from the end of the hunk that GitHub shows with it.
func theirsIn(c *gh.PullRequestComment) string {
	n := 1
	if c.GetStartLine() > 0 {
		n = c.GetLine() - c.GetStartLine() + 1
	}
	var lines []string
	for line := range strings.Lines(c.GetDiffHunk()) {
		if line[0] == '+' || line[0] == ' ' {
			lines = append(lines, strings.TrimRight(line[1:], "\r\n"))
		}
	}
	return strings.Join(lines[max(0, len(lines)-max(1, n)):], "\n")
}

func quoted(text string) string {
	if text = strings.Trim(text, "\n"); text == "" {
		return "> (nothing)"
	}
	return "> " + strings.ReplaceAll(text, "\n", "\n> ")
}

// settled judges the answer to a question of ours: done says that both sides agree already, an error that it is about
// something else now.
func (a Answer) settled(c *gh.PullRequestComment) (done bool, err error) {
	switch now := proposalIn(c); {
	case a.Remark.Conflict == "" || now == a.Remark.Conflict:
		return false, nil
	case now == "":
		return true, nil
	}
	return false, impossible("What Slack has there has changed since it was asked; the newer question is in the thread.")
}
