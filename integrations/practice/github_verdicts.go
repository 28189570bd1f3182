package practice

import (
	"strconv"
	"strings"
	"time"
)

// Review is what a reviewer says of a pull request as a whole. State is APPROVED, CHANGES_REQUESTED or COMMENTED, and Body may
// be empty. Source: docs.github.com/rest/pulls/reviews.
type Review struct {
	ID              int
	By, State, Body string
	Commit          string
	At              time.Time
}

func (g *GitHub) reviewJSON(q *githubCall, p *Pull, r Review) jsonObject {
	id := strconv.Itoa(r.ID)
	return jsonObject{
		"id": r.ID, "node_id": "PRR_" + id, "user": g.userJSON(r.By), "author_association": g.association(r.By), "body": r.Body,
		"state": r.State, "commit_id": r.Commit, "submitted_at": githubTime(r.At),
		"html_url":         g.web(pullPath(p) + "#pullrequestreview-" + id),
		"pull_request_url": q.api("/pulls/" + strconv.Itoa(p.Number)),
	}
}

// SubmitReview is a person's verdict on a pull request.
func (g *GitHub) SubmitReview(n int, by, state, body string) error {
	return g.onPullByHand(n, func(p *Pull) error {
		r := Review{ID: g.ids.next(), By: by, State: state, Body: body, Commit: p.HeadSHA, At: g.o.Now()}
		p.Reviews, p.Updated = append(p.Reviews, r), r.At
		q := &githubCall{base: g.WebURL}
		shown := g.reviewJSON(q, p, r)
		shown["state"] = strings.ToLower(state) // as calls have it
		g.event("pull_request_review", "submitted", by, jsonObject{"pull_request": g.pullJSON(q, p), "review": shown})
		return nil
	})
}
