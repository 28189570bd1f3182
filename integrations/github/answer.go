package github

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	gh "github.com/google/go-github/v60/github"

	"watchbell/incidents"
)

// Answer is an answer to what somebody said about a pull request.
type Answer struct {
	Key  string // of the delivery: it is done once
	Pull incidents.PullRequest
	incidents.RemarkAnswer
}

// Answer replies to a comment, commits the change that it suggests, resolves its thread. It may be called again at any time.
func (c *Client) Answer(ctx context.Context, a Answer) incidents.Outcome {
	if wait := c.quietFor(); wait > 0 {
		w := waiting(wait)
		return incidents.Outcome{Verdict: w.verdict, After: w.after, Say: w.say}
	}
	r := &run{c: c, p: Publication{Known: a.Pull}, trees: map[string]*gh.Tree{}}
	defer r.release()
	kind, number := a.Remark.ID[:min(1, len(a.Remark.ID))], a.Remark.ID[min(1, len(a.Remark.ID)):]
	number, _, _ = strings.Cut(number, "-")
	id, err := strconv.ParseInt(number, 10, 64)
	switch {
	case err != nil || kind != "r" && kind != "c" && kind != "v":
		err = impossible("The comment is not known on GitHub.")
	case kind == "r":
		err = r.answerLine(ctx, a, id)
	default:
		err = r.answerTalk(ctx, a)
	}
	if err != nil {
		return failing(err, r.wrote)
	}
	return incidents.DeliveredAs(incidents.Receipt{ID: a.Remark.ID, URL: a.Remark.URL})
}

// words are what is said below the comment; empty for nothing.
func (a Answer) words() string {
	switch a.How {
	case incidents.AnswerDone:
		return "Done."
	case incidents.AnswerKeep:
		return "Kept as it stands here; Slack says the same from now on."
	case incidents.AnswerReply:
		return harmlessLines(a.Text)
	}
	return ""
}

// mark begins our reply, where nobody sees it.
func (a Answer) mark() string { return "<!-- watchbell:" + a.Key + " -->" }

// answerTalk answers a comment in the conversation, or a review, below a line of what it said.
func (r *run) answerTalk(ctx context.Context, a Answer) error {
	words := a.words()
	if words == "" {
		return impossible("A comment in the conversation can only be replied to.")
	}
	there, err := r.comment(ctx, a.Pull.Number, a.mark())
	if err != nil || there != nil {
		return err
	}
	first, _, _ := strings.Cut(strings.TrimSpace(a.Remark.Text), "\n")
	body := shortened(a.mark()+"\n> "+Harmless(shortened(first, 200))+"\n\n"+words, maxBody)
	return r.write(ctx, "comment", func(ctx context.Context) error {
		_, _, err := r.c.api.Issues.CreateComment(ctx, r.c.owner, r.c.repo, a.Pull.Number, &gh.IssueComment{Body: gh.String(body)})
		return err
	})
}

// answerLine answers a comment on a line.
func (r *run) answerLine(ctx context.Context, a Answer, id int64) error {
	comments, err := r.reviewComments(ctx, a.Pull.Number)
	if err != nil {
		return err
	}
	var said *gh.PullRequestComment
	words := a.words()
	for _, c := range comments {
		if c.GetID() == id {
			said = c
		}
		if strings.HasPrefix(c.GetBody(), a.mark()) {
			words = "" // an earlier attempt has said so
		}
	}
	if said == nil {
		return impossible("The comment is gone from GitHub.")
	}
	if done, err := a.settled(said); done || err != nil {
		return err
	}
	first := id // replies go to the first comment of a thread
	if said.GetInReplyTo() != 0 {
		first = said.GetInReplyTo()
	}
	if a.How == incidents.AnswerApply {
		if err := r.apply(ctx, a, said); err != nil {
			return err
		}
	}
	if words != "" {
		err := r.write(ctx, "reply to a comment", func(ctx context.Context) error {
			_, _, err := r.c.api.PullRequests.CreateCommentInReplyTo(ctx, r.c.owner, r.c.repo, a.Pull.Number, shortened(a.mark()+"\n"+words, maxBody), first)
			return err
		})
		if err != nil {
			return err
		}
	}
	if a.How == incidents.AnswerReply {
		return nil
	}
	err = r.resolveThread(ctx, a.Pull.Number, first)
	if a.How != incidents.AnswerResolve && status(err) == http.StatusForbidden {
		return nil // what was asked for is there; the thread is resolved by hand
	}
	return err
}

// fencePattern reads the line that begins a block of code: its indent, its fence and the first word behind it.
var fencePattern = regexp.MustCompile("^( {0,3})(`{3,}|~{3,})[ \\t]*([^`\\s]*)[^`]*$")

// suggestionIn is the text that a comment suggests for its lines, each line with its end; nil for none. See
// https://docs.github.com/pull-requests/collaborating-with-pull-requests/reviewing-changes-in-pull-requests/incorporating-feedback-in-your-pull-request
// and https://spec.commonmark.org/0.31.2/#fenced-code-blocks.
func suggestionIn(body string) []byte {
	var open []string // the fence that was begun
	var text []byte
	for line := range strings.SplitSeq(strings.ReplaceAll(body, "\r\n", "\n"), "\n") {
		if open == nil {
			open, text = fencePattern.FindStringSubmatch(line), []byte{}
			continue
		}
		end := strings.TrimSpace(line)
		if len(end) >= len(open[2]) && strings.Trim(end, open[2][:1]) == "" && len(line)-len(strings.TrimLeft(line, " ")) < 4 {
			if open[3] == "suggestion" {
				return text
			}
			open = nil
			continue
		}
		for n := 0; n < len(open[1]) && strings.HasPrefix(line, " "); n++ {
			line = line[1:]
		}
		text = append(text, line+"\n"...)
	}
	return nil
}

// apply commits what a comment suggests for its lines. GitHub has no call for that. The lines must be where they were when
// the comment was made, with nothing changed in front of them: everything else is for a person to look at.
func (r *run) apply(ctx context.Context, a Answer, said *gh.PullRequestComment) error {
	suggested := suggestionIn(said.GetBody())
	if suggested == nil {
		return impossible("The comment suggests no change any more.")
	}
	pull, err := r.pullNow(ctx, a.Pull.Number)
	if err != nil {
		return err
	}
	if pull.GetState() != "open" {
		return impossible("The pull request #%d is not open any more.", a.Pull.Number)
	}
	then, _, err := r.fileAt(ctx, said.GetPath(), said.GetCommitID())
	if err != nil {
		return err
	}
	now, blob, err := r.fileAt(ctx, said.GetPath(), pull.GetHead().GetSHA())
	if err != nil {
		return err
	}
	from, to := said.GetStartLine(), said.GetLine()
	if from == 0 {
		from = to
	}
	wanted, ok := replaced(then, from, to, suggested)
	if ok && bytes.Equal(wanted, now) {
		return nil // it is there already
	}
	upTo := lineEnd(then, to)
	if !ok || upTo > len(now) || !bytes.Equal(then[:upTo], now[:upTo]) {
		return impossible("The file has changed since, so the suggestion by %s cannot be applied with a press: apply it on GitHub, or in Slack.", said.GetUser().GetLogin())
	}
	content, _ := replaced(now, from, to, suggested)
	message := "Apply the suggestion of a review\n\n" + a.Key
	author := &gh.CommitAuthor{
		Name: gh.String(said.GetUser().GetLogin()), Email: gh.String(fmt.Sprintf("%d+%s@users.noreply.github.com", said.GetUser().GetID(), said.GetUser().GetLogin())),
	}
	return r.write(ctx, "apply a suggestion", func(ctx context.Context) error {
		_, _, err := r.c.api.Repositories.UpdateFile(ctx, r.c.head.owner, r.c.head.repo, said.GetPath(), &gh.RepositoryContentFileOptions{
			Message: gh.String(message), Content: content, SHA: gh.String(blob), Branch: gh.String(pull.GetHead().GetRef()), Author: author,
		})
		return err
	})
}

func (r *run) pullNow(ctx context.Context, number int) (pull *gh.PullRequest, err error) {
	err = r.read(ctx, "read pull request", func(ctx context.Context) (err error) {
		pull, _, err = r.c.api.PullRequests.Get(ctx, r.c.owner, r.c.repo, number)
		return err
	})
	return pull, err
}

// fileAt reads a file of a commit, and git's id of it.
func (r *run) fileAt(ctx context.Context, path, commit string) (content []byte, blob string, err error) {
	at, err := r.commitAt(ctx, commit)
	if err != nil {
		return nil, "", err
	}
	if blob, err = r.blob(ctx, at.GetTree().GetSHA(), path); err != nil {
		return nil, "", err
	}
	if blob == "" {
		return nil, "", impossible("The file is not there any more.")
	}
	content, err = r.content(ctx, blob)
	return content, blob, err
}

// lineEnd is where a line, counted from 1, ends, its line break included.
func lineEnd(text []byte, line int) int {
	at := 0
	for range line {
		next := bytes.IndexByte(text[at:], '\n')
		if next < 0 {
			return len(text)
		}
		at += next + 1
	}
	return at
}

// replaced is a text with other lines in the place of from to to.
func replaced(text []byte, from, to int, lines []byte) ([]byte, bool) {
	if from < 1 || to < from || to > bytes.Count(text, []byte("\n"))+1 {
		return nil, false
	}
	start, end := lineEnd(text, from-1), lineEnd(text, to)
	if bytes.Contains(text, []byte("\r\n")) {
		lines = bytes.ReplaceAll(lines, []byte("\n"), []byte("\r\n"))
	}
	return bytes.Join([][]byte{text[:start], lines, text[end:]}, nil), true
}
