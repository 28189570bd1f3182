package practice

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// issueRoutes registers the calls that a pull request has as an issue: comments and labels.
// Source: docs.github.com/rest/issues.
func (g *GitHub) issueRoutes() {
	const issues = "/repos/{owner}/{repo}/issues"
	const comments = "/repos/{owner}/{repo}" + issueCommentsInside + "{id}"
	g.handle("GET "+issues+"/{n}", g.onPull(func(p *Pull, q *githubCall) *githubReply {
		return githubOK(g.issueJSON(q, p))
	}))
	g.handle("GET "+issues+"/{n}/comments", g.onPull(func(p *Pull, q *githubCall) *githubReply {
		return githubOK(listOf(p.Comments, func(c PullComment) jsonObject { return g.commentJSON(q, p, c) }))
	}))
	g.handle("POST "+issues+"/{n}/comments", g.onPull(g.createComment))
	g.handle("GET "+comments, g.onComment(func(p *Pull, i int, q *githubCall) *githubReply {
		return githubOK(g.commentJSON(q, p, p.Comments[i]))
	}))
	g.handle("PATCH "+comments, g.onComment(g.editComment))
	g.handle("DELETE "+comments, g.onComment(func(p *Pull, i int, _ *githubCall) *githubReply {
		p.Comments = slices.Delete(slices.Clone(p.Comments), i, i+1)
		return &githubReply{status: http.StatusNoContent}
	}))
	g.handle("GET "+issues+"/{n}/labels", g.onPull(func(p *Pull, q *githubCall) *githubReply {
		return githubOK(listOf(p.Labels, q.labelJSON))
	}))
	g.handle("POST "+issues+"/{n}/labels", g.onPull(g.addLabels))
	g.handle("PUT "+issues+"/{n}/labels", g.onPull(g.setLabels))
	g.handle("DELETE "+issues+"/{n}/labels", g.onPull(func(p *Pull, _ *githubCall) *githubReply {
		p.Labels = nil
		return &githubReply{status: http.StatusNoContent}
	}))
	g.handle("DELETE "+issues+"/{n}/labels/{label}", g.onPull(g.removeLabel))
}

// commentText reads and checks the body of a comment.
func commentText(q *githubCall) (string, *githubReply) {
	var in struct{ Body string }
	if bad := q.decode(&in); bad != nil {
		return "", bad
	}
	if strings.TrimSpace(in.Body) == "" {
		return "", githubInvalid(githubFault{Resource: "IssueComment", Field: "body", Code: "missing_field"})
	}
	if utf8.RuneCountInString(in.Body) > pullBodyMax {
		return "", githubInvalid(githubFault{
			Resource: "IssueComment", Field: "body", Code: "custom", Message: "body is too long (maximum is 65536 characters)",
		})
	}
	return in.Body, nil
}

func (g *GitHub) createComment(p *Pull, q *githubCall) *githubReply {
	text, bad := commentText(q)
	if bad != nil {
		return bad
	}
	return githubCreated(g.commentJSON(q, p, g.addComment(p, githubLogin, text)))
}

func (g *GitHub) addComment(p *Pull, by, text string) PullComment {
	now := g.o.Now()
	c := PullComment{ID: g.ids.next(), By: by, Body: text, At: now, Edited: now}
	p.Comments, p.Updated = append(p.Comments, c), now
	g.commentEvent(p, c)
	return c
}

// onComment looks the comment of a path up before the handler runs.
func (g *GitHub) onComment(h func(*Pull, int, *githubCall) *githubReply) func(*githubCall) *githubReply {
	return func(q *githubCall) *githubReply {
		id, err := strconv.Atoi(q.path("id"))
		for _, p := range g.pulls {
			i := slices.IndexFunc(p.Comments, func(c PullComment) bool { return c.ID == id })
			if err == nil && i >= 0 {
				return h(p, i, q)
			}
		}
		return githubFail(http.StatusNotFound, "Not Found")
	}
}

func (g *GitHub) editComment(p *Pull, i int, q *githubCall) *githubReply {
	text, bad := commentText(q)
	if bad != nil {
		return bad
	}
	p.Comments[i].Body, p.Comments[i].Edited = text, g.o.Now()
	return githubOK(g.commentJSON(q, p, p.Comments[i]))
}

// labelNames reads a list of names, or an object that holds it; GitHub takes both.
func labelNames(q *githubCall) ([]string, *githubReply) {
	var names []string
	if q.decode(&names) == nil {
		return names, nil
	}
	var in struct{ Labels []string }
	bad := q.decode(&in)
	return in.Labels, bad
}

// addLabels adds labels by name. Those that do not exist are made.
func (g *GitHub) addLabels(p *Pull, q *githubCall) *githubReply {
	names, bad := labelNames(q)
	if bad != nil {
		return bad
	}
	for _, name := range names {
		p.Labels = appendNew(p.Labels, name)
	}
	return githubOK(listOf(p.Labels, q.labelJSON))
}

// setLabels replaces all labels.
func (g *GitHub) setLabels(p *Pull, q *githubCall) *githubReply {
	names, bad := labelNames(q)
	if bad != nil {
		return bad
	}
	p.Labels = nil
	for _, name := range names {
		p.Labels = appendNew(p.Labels, name)
	}
	return githubOK(listOf(p.Labels, q.labelJSON))
}

func (g *GitHub) removeLabel(p *Pull, q *githubCall) *githubReply {
	left := without(p.Labels, q.path("label"))
	if len(left) == len(p.Labels) {
		return githubFail(http.StatusNotFound, "Label does not exist")
	}
	p.Labels = left
	return githubOK(listOf(p.Labels, q.labelJSON))
}
