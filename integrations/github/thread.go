package github

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"watchbell/incidents"
)

// resolveThread resolves the thread that a comment begins, which only GitHub's other interface can. Status 403 says that the
// token may not. See https://docs.github.com/graphql/reference/mutations#resolvereviewthread.
func (r *run) resolveThread(ctx context.Context, number int, comment int64) error {
	id, resolved, err := r.thread(ctx, number, comment)
	if err != nil || resolved || id == "" {
		return err
	}
	const resolve = `mutation($id: ID!) { resolveReviewThread(input: {threadId: $id}) { thread { isResolved } } }`
	return r.write(ctx, "resolve a thread", func(ctx context.Context) error {
		return r.graph(ctx, resolve, map[string]any{"id": id}, &struct{}{})
	})
}

// thread finds the thread that a comment begins; its id is empty when there is none.
func (r *run) thread(ctx context.Context, number int, comment int64) (id string, resolved bool, err error) {
	const threads = `query($owner: String!, $repo: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $repo) { pullRequest(number: $number) { reviewThreads(first: 100, after: $after) {
    pageInfo { hasNextPage endCursor } nodes { id isResolved comments(first: 1) { nodes { databaseId } } } } } } }`
	var after *string
	for {
		var page threadPage
		err := r.read(ctx, "find a thread", func(ctx context.Context) error {
			return r.graph(ctx, threads, map[string]any{"owner": r.c.owner, "repo": r.c.repo, "number": number, "after": after}, &page)
		})
		if err != nil {
			return "", false, err
		}
		found := page.Repository.PullRequest.ReviewThreads
		for _, t := range found.Nodes {
			if len(t.Comments.Nodes) > 0 && t.Comments.Nodes[0].DatabaseID == comment {
				return t.ID, t.IsResolved, nil
			}
		}
		if !found.PageInfo.HasNextPage {
			return "", false, nil
		}
		after = &found.PageInfo.EndCursor
	}
}

// threadPage is what we read of a page of threads.
type threadPage struct {
	Repository struct {
		PullRequest struct {
			ReviewThreads struct {
				PageInfo struct {
					HasNextPage bool   `json:"hasNextPage"`
					EndCursor   string `json:"endCursor"`
				} `json:"pageInfo"`
				Nodes []struct {
					ID         string `json:"id"`
					IsResolved bool   `json:"isResolved"`
					Comments   struct {
						Nodes []struct {
							DatabaseID int64 `json:"databaseId"`
						} `json:"nodes"`
					} `json:"comments"`
				} `json:"nodes"`
			} `json:"reviewThreads"`
		} `json:"pullRequest"`
	} `json:"repository"`
}

// graph makes a call of GitHub's GraphQL interface, which answers 200 whatever it thinks of it.
// See https://docs.github.com/graphql/guides/forming-calls-with-graphql.
func (r *run) graph(ctx context.Context, query string, variables map[string]any, into any) error {
	where := "graphql"
	if strings.HasSuffix(r.c.api.BaseURL.Path, "/v3/") { // of a GitHub of one's own: /api/v3/ and /api/graphql
		where = "../graphql"
	}
	req, err := r.c.api.NewRequest(http.MethodPost, where, map[string]any{"query": query, "variables": variables})
	if err != nil {
		return err
	}
	var answer struct {
		Data   json.RawMessage `json:"data"`
		Errors []struct {
			Type    string `json:"type"`
			Message string `json:"message"`
		} `json:"errors"`
	}
	if _, err := r.c.api.Do(ctx, req, &answer); err != nil {
		return err
	}
	if len(answer.Errors) > 0 {
		first := answer.Errors[0]
		p := impossible("GitHub does not let the bot resolve a thread: %s", shortened(Harmless(first.Message), 200))
		p.status, p.err = http.StatusForbidden, fmt.Errorf("github: graphql: %s", first.Type) //nolint:err113 // GitHub's word
		if first.Type == "RATE_LIMITED" {
			p.verdict, p.status = incidents.Refused, 0
		}
		return p
	}
	if err := json.Unmarshal(answer.Data, into); err != nil {
		return fmt.Errorf("github: graphql: %w", err)
	}
	return nil
}
