package practice

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// LineComment is a review comment: one on lines of a file, or a reply to one.
type LineComment struct {
	ID, ReplyTo     int // ReplyTo is 0 for the first of a thread
	By, Body        string
	Path, Commit    string
	Line, StartLine int // of the file as it was at Commit; StartLine is 0 for a single line
	At, Edited      time.Time
	Resolved        bool   // of the first of a thread: the thread is
	hunk            string // the part of the diff above it
}

// GitHub has /pulls/comments/{id} beside /pulls/{n}/…, as with issues.
const (
	lineComments       = "/pulls/comments/"
	lineCommentsInside = "/pull-comments/"
)

// reviewRoutes registers the calls for review comments. Source: docs.github.com/rest/pulls/comments.
func (g *GitHub) reviewRoutes() {
	const of = "/repos/{owner}/{repo}/pulls/{n}/comments"
	const one = "/repos/{owner}/{repo}" + lineCommentsInside + "{id}"
	g.handle("GET "+of, g.onPull(func(p *Pull, q *githubCall) *githubReply {
		return githubOK(listOf(p.Lines, func(c LineComment) jsonObject { return g.lineJSON(q, p, c) }))
	}))
	g.handle("POST "+of, g.onPull(g.createLineComment))
	g.handle("POST "+of+"/{id}/replies", g.onPull(g.replyToLine))
	g.handle("GET "+one, g.onLine(func(p *Pull, i int, q *githubCall) *githubReply {
		return githubOK(g.lineJSON(q, p, p.Lines[i]))
	}))
	g.handle("PATCH "+one, g.onLine(func(p *Pull, i int, q *githubCall) *githubReply {
		text, bad := commentText(q)
		if bad != nil {
			return bad
		}
		p.Lines[i].Body, p.Lines[i].Edited = text, g.o.Now()
		return githubOK(g.lineJSON(q, p, p.Lines[i]))
	}))
	g.handle("DELETE "+one, g.onLine(func(p *Pull, i int, _ *githubCall) *githubReply {
		p.Lines = slices.Delete(slices.Clone(p.Lines), i, i+1)
		return &githubReply{status: http.StatusNoContent}
	}))
}

// onLine looks the review comment of a path up before the handler runs.
func (g *GitHub) onLine(h func(*Pull, int, *githubCall) *githubReply) func(*githubCall) *githubReply {
	return func(q *githubCall) *githubReply {
		id, err := strconv.Atoi(q.path("id"))
		for _, p := range g.pulls {
			i := slices.IndexFunc(p.Lines, func(c LineComment) bool { return c.ID == id })
			if err == nil && i >= 0 {
				return h(p, i, q)
			}
		}
		return githubFail(http.StatusNotFound, "Not Found")
	}
}

func lineFault(field, message string) *githubReply {
	return githubInvalid(githubFault{Resource: "PullRequestReviewComment", Field: field, Code: "custom", Message: message})
}

// createLineComment takes a comment on lines of the diff, and on no others.
func (g *GitHub) createLineComment(p *Pull, q *githubCall) *githubReply {
	var in struct {
		Body, Path, Side string
		CommitID         string `json:"commit_id"`
		Line             int
		StartLine        int    `json:"start_line"`
		StartSide        string `json:"start_side"`
		InReplyTo        int    `json:"in_reply_to"`
	}
	if bad := q.decode(&in); bad != nil {
		return bad
	}
	if in.InReplyTo != 0 {
		return g.reply(p, in.InReplyTo, q)
	}
	text, bad := commentText(q)
	if bad != nil {
		return bad
	}
	i := slices.IndexFunc(g.pullChanges(p), func(c fileChange) bool { return c.path == in.Path })
	switch {
	case !slices.ContainsFunc(g.store.ahead(g.ends(p)), func(c gitCommit) bool { return c.sha == in.CommitID }):
		return lineFault("commit_id", "commit_id is not part of the pull request")
	case i < 0:
		return lineFault("path", "path could not be resolved")
	case in.Side != "" && in.Side != "RIGHT" && in.Side != "LEFT", in.Line < 1:
		return lineFault("line", "line must be part of the diff")
	case in.StartLine != 0 && in.StartLine >= in.Line:
		return lineFault("start_line", "start_line must precede the end line.")
	}
	shown := linesShown(g.pullChanges(p)[i].patch)
	for n := in.Line; n >= max(in.StartLine, 1) && (n == in.Line || in.StartLine > 0); n-- {
		if !shown[n] {
			return lineFault("line", "line must be part of the diff")
		}
	}
	c := g.addLine(p, LineComment{By: githubLogin, Body: text, Path: in.Path, Commit: in.CommitID, Line: in.Line, StartLine: in.StartLine})
	return githubCreated(g.lineJSON(q, p, c))
}

func (g *GitHub) replyToLine(p *Pull, q *githubCall) *githubReply {
	id, _ := strconv.Atoi(q.path("id"))
	return g.reply(p, id, q)
}

func (g *GitHub) reply(p *Pull, to int, q *githubCall) *githubReply {
	text, bad := commentText(q)
	if bad != nil {
		return bad
	}
	i := slices.IndexFunc(p.Lines, func(c LineComment) bool { return c.ID == to })
	if i < 0 {
		return githubFail(http.StatusNotFound, "Not Found")
	}
	first := p.Lines[i]
	c := g.addLine(p, LineComment{ReplyTo: to, By: githubLogin, Body: text, Path: first.Path, Commit: first.Commit, Line: first.Line, StartLine: first.StartLine})
	return githubCreated(g.lineJSON(q, p, c))
}

func (g *GitHub) addLine(p *Pull, c LineComment) LineComment {
	c.ID, c.At = g.ids.next(), g.o.Now()
	c.Edited = c.At
	for _, f := range g.pullChanges(p) {
		if f.path == c.Path {
			c.hunk = hunkTo(f.patch, c.Line)
		}
	}
	p.Lines, p.Updated = append(p.Lines, c), c.At
	q := &githubCall{base: g.WebURL}
	g.event("pull_request_review_comment", "created", c.By, jsonObject{"pull_request": g.pullJSON(q, p), "comment": g.lineJSON(q, p, c)})
	return c
}

// hunkTo is the part of a patch that GitHub shows above a comment: its hunk as far as the line.
func hunkTo(patch string, line int) string {
	var shown []string
	at := 0
	for l := range strings.SplitSeq(patch, "\n") {
		if strings.HasPrefix(l, "@@") {
			shown = nil
			_, _ = fmt.Sscanf(l[strings.Index(l, "+"):], "+%d", &at)
			at--
		} else if strings.HasPrefix(l, "+") || strings.HasPrefix(l, " ") {
			at++
		}
		if shown = append(shown, l); at == line && !strings.HasPrefix(l, "@@") {
			break
		}
	}
	return strings.Join(shown, "\n")
}

// linesShown are the lines of the new file that a patch shows.
func linesShown(patch string) map[int]bool {
	shown, at := map[int]bool{}, 0
	for line := range strings.SplitSeq(patch, "\n") {
		switch {
		case strings.HasPrefix(line, "@@"):
			_, _ = fmt.Sscanf(line[strings.Index(line, "+"):], "+%d", &at)
		case strings.HasPrefix(line, "+"), strings.HasPrefix(line, " "):
			shown[at] = true
			at++
		}
	}
	return shown
}

func (g *GitHub) lineJSON(q *githubCall, p *Pull, c LineComment) jsonObject {
	id := strconv.Itoa(c.ID)
	o := jsonObject{
		"id": c.ID, "node_id": "PRRC_" + id, "body": c.Body, "diff_hunk": c.hunk, "user": g.userJSON(c.By), "author_association": g.association(c.By),
		"path": c.Path, "commit_id": c.Commit, "original_commit_id": c.Commit, "line": c.Line, "original_line": c.Line,
		"side": "RIGHT", "start_line": nil, "created_at": githubTime(c.At), "updated_at": githubTime(c.Edited),
		"url": q.api("/pulls/comments/" + id), "html_url": g.web(pullPath(p) + "#discussion_r" + id),
		"pull_request_url": q.api("/pulls/" + strconv.Itoa(p.Number)),
	}
	if c.StartLine > 0 {
		o["start_line"] = c.StartLine
	}
	if c.ReplyTo > 0 {
		o["in_reply_to_id"] = c.ReplyTo
	}
	return o
}

// CommentLine is a person's comment on a line of a file in a pull request.
func (g *GitHub) CommentLine(n int, by, path string, line int, text string) error {
	return g.onPullByHand(n, func(p *Pull) error {
		g.addLine(p, LineComment{By: by, Body: text, Path: path, Line: line, Commit: p.HeadSHA})
		return nil
	})
}

// ReopenPull opens a pull request again that was closed unmerged.
func (g *GitHub) ReopenPull(n int, by string) error {
	return g.onPullByHand(n, func(p *Pull) error {
		if p.State == "open" || p.Merged {
			return fmt.Errorf("practice: pull request #%d cannot be reopened", n)
		}
		if refused := g.setPullState(p, "open"); refused != nil {
			return fmt.Errorf("practice: reopening #%d: status %d", n, refused.status)
		}
		return nil
	})
}
