package practice

import (
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"
)

// issueRoutes registers the calls that a pull request has as an issue: comments and labels.
// Source: docs.github.com/rest/issues.
func (g *GitHub) issueRoutes() {
	const issues = "/repos/{owner}/{repo}/issues"
	g.handle("GET "+issues+"/{n}", g.onPull(func(p *Pull, q *githubCall) *githubReply {
		return githubOK(g.issueJSON(q, p))
	}))
	g.handle("GET "+issues+"/{n}/comments", g.onPull(func(p *Pull, q *githubCall) *githubReply {
		return githubOK(listOf(p.Comments, func(c PullComment) jsonObject { return g.commentJSON(q, p, c) }))
	}))
	g.handle("POST "+issues+"/{n}/comments", g.onPull(g.createComment))
	g.handle("PATCH "+issues+"/comments/{id}", g.editComment)
	g.handle("GET "+issues+"/{n}/labels", g.onPull(func(p *Pull, _ *githubCall) *githubReply {
		return githubOK(listOf(p.Labels, labelNamed))
	}))
	g.handle("POST "+issues+"/{n}/labels", g.onPull(g.addLabels))
	g.handle("DELETE "+issues+"/{n}/labels/{label}", g.onPull(g.removeLabel))
}

func (g *GitHub) issueJSON(q *githubCall, p *Pull) jsonObject {
	number := strconv.Itoa(p.Number)
	return jsonObject{
		"id": 1000 + p.Number, "number": p.Number, "title": p.Title, "body": p.Body, "state": p.State,
		"user": g.userJSON(p.Author), "labels": listOf(p.Labels, labelNamed), "comments": len(p.Comments),
		"created_at": githubTime(p.Created), "updated_at": githubTime(p.Updated), "closed_at": githubTime(p.Closed),
		"url": q.api("/issues/" + number), "html_url": g.web(pullPath(p)),
		"pull_request": jsonObject{"url": q.api("/pulls/" + number), "html_url": g.web(pullPath(p))},
	}
}

func (g *GitHub) commentJSON(q *githubCall, p *Pull, c PullComment) jsonObject {
	id := strconv.Itoa(c.ID)
	return jsonObject{
		"id": c.ID, "body": c.Body, "user": g.userJSON(c.By), "created_at": githubTime(c.At),
		"updated_at": githubTime(c.Edited), "url": q.api("/issues/comments/" + id),
		"html_url": g.web(pullPath(p) + "#issuecomment-" + id), "issue_url": q.api("/issues/" + strconv.Itoa(p.Number)),
	}
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

func (g *GitHub) editComment(q *githubCall) *githubReply {
	id, err := strconv.Atoi(q.path("id"))
	text, bad := commentText(q)
	if bad != nil {
		return bad
	}
	for _, p := range g.pulls {
		for i := range p.Comments {
			if err == nil && p.Comments[i].ID == id {
				p.Comments[i].Body, p.Comments[i].Edited = text, g.o.Now()
				return githubOK(g.commentJSON(q, p, p.Comments[i]))
			}
		}
	}
	return githubFail(http.StatusNotFound, "Not Found")
}

// addLabels takes a list of names, or an object that holds it, as GitHub does. Labels that do not exist are made.
func (g *GitHub) addLabels(p *Pull, q *githubCall) *githubReply {
	var names []string
	if q.decode(&names) != nil {
		var in struct{ Labels []string }
		if bad := q.decode(&in); bad != nil {
			return bad
		}
		names = in.Labels
	}
	for _, name := range names {
		p.Labels = appendNew(p.Labels, name)
	}
	return githubOK(listOf(p.Labels, labelNamed))
}

func (g *GitHub) removeLabel(p *Pull, q *githubCall) *githubReply {
	left := without(p.Labels, q.path("label"))
	if len(left) == len(p.Labels) {
		return githubFail(http.StatusNotFound, "Label does not exist")
	}
	p.Labels = left
	return githubOK(listOf(p.Labels, labelNamed))
}
