package practice

import (
	"slices"
	"strconv"
	"strings"
)

// graphRoutes registers the two calls of the GraphQL interface that have no other way: the threads of a pull request, and
// resolving one. Source: docs.github.com/graphql/reference.
func (g *GitHub) graphRoutes() {
	g.handle("POST /graphql", func(q *githubCall) *githubReply {
		var in struct {
			Query     string
			Variables struct {
				Owner, Repo, ID string
				Number          int
			}
		}
		if bad := q.decode(&in); bad != nil {
			return bad
		}
		switch {
		case strings.Contains(in.Query, "resolveReviewThread("):
			return g.resolveThread(in.Variables.ID)
		case strings.Contains(in.Query, "reviewThreads("):
			p := g.pull(in.Variables.Number)
			if p == nil || in.Variables.Owner+"/"+in.Variables.Repo != g.Repo() {
				return graphFail("NOT_FOUND", "Could not resolve to a PullRequest with the number of "+strconv.Itoa(in.Variables.Number)+".")
			}
			return g.threads(p)
		}
		g.unknown = append(g.unknown, "POST /graphql "+in.Query)
		return graphFail("undefinedField", "Field doesn't exist on type 'Query'")
	})
}

// graphFail is how GraphQL says no: with status 200.
func graphFail(kind, message string) *githubReply {
	return githubOK(jsonObject{"data": nil, "errors": []jsonObject{{"type": kind, "message": message}}})
}

func (g *GitHub) threads(p *Pull) *githubReply {
	nodes := []jsonObject{}
	for _, c := range p.Lines {
		if c.ReplyTo == 0 {
			nodes = append(nodes, jsonObject{
				"id": threadID(c), "isResolved": c.Resolved, "comments": jsonObject{"nodes": []jsonObject{{"databaseId": c.ID}}},
			})
		}
	}
	threads := jsonObject{"pageInfo": jsonObject{"hasNextPage": false, "endCursor": nil}, "nodes": nodes}
	return githubOK(jsonObject{"data": jsonObject{"repository": jsonObject{"pullRequest": jsonObject{"reviewThreads": threads}}}})
}

func threadID(c LineComment) string { return "PRRT_" + strconv.Itoa(c.ID) }

func (g *GitHub) resolveThread(id string) *githubReply {
	if g.noThreads {
		return graphFail("FORBIDDEN", "Resource not accessible by personal access token")
	}
	for _, p := range g.pulls {
		if i := slices.IndexFunc(p.Lines, func(c LineComment) bool { return c.ReplyTo == 0 && threadID(c) == id }); i >= 0 {
			p.Lines[i].Resolved = true
			return githubOK(jsonObject{"data": jsonObject{"resolveReviewThread": jsonObject{"thread": jsonObject{"isResolved": true}}}})
		}
	}
	return graphFail("NOT_FOUND", "Could not resolve to a node with the global id of '"+id+"'.")
}

// SetThreads says whether the token may resolve threads.
func (g *GitHub) SetThreads(may bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.noThreads = !may
}
