package practice

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// CommitStatus is what a program says about a commit.
type CommitStatus struct {
	Commit, State, Context, Description, URL string
	At                                       time.Time
}

// statusRoutes registers the calls for statuses; the combined one is with the commits, whose path it extends.
// Source: docs.github.com/rest/commits/statuses.
func (g *GitHub) statusRoutes() {
	const repo = "/repos/{owner}/{repo}"
	g.handle("POST "+repo+"/statuses/{sha}", g.createStatus)
	g.handle("GET "+repo+"/statuses/{ref...}", func(q *githubCall) *githubReply { return g.listStatuses(q, q.path("ref")) })
}

// SetStatuses says whether the token has the permission "Commit statuses: write", which it has at the start.
func (g *GitHub) SetStatuses(allowed bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.noStatuses = !allowed
}

// Statuses are the newest statuses of a commit or branch, one for each context.
func (g *GitHub) Statuses(ref string) []CommitStatus {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.newestStatuses(ref)
}

func (g *GitHub) newestStatuses(ref string) (all []CommitStatus) {
	sha, _ := g.resolve(ref)
	for _, s := range slices.Backward(g.statuses) {
		if s.Commit == sha && !slices.ContainsFunc(all, func(o CommitStatus) bool { return o.Context == s.Context }) {
			all = append(all, s)
		}
	}
	return all
}

func (g *GitHub) createStatus(q *githubCall) *githubReply {
	var asked struct {
		State, Context, Description string
		TargetURL                   string `json:"target_url"`
	}
	if g.noStatuses {
		return githubFail(http.StatusForbidden, "Resource not accessible by personal access token")
	}
	if bad := q.decode(&asked); bad != nil {
		return bad
	}
	if _, found := g.store.commit(q.path("sha")); !found {
		return githubInvalid(githubFault{Resource: "Status", Code: "custom", Message: "No commit found for SHA: " + q.path("sha")})
	}
	if !slices.Contains([]string{"error", "failure", "pending", "success"}, asked.State) {
		return githubInvalid(githubFault{Resource: "Status", Field: "state", Code: "custom", Message: "State is not included in the list"})
	}
	if utf8.RuneCountInString(asked.Description) > 140 {
		return githubInvalid(githubFault{Resource: "Status", Field: "description", Code: "custom", Message: "Description is too long (maximum is 140 characters)"})
	}
	if asked.Context == "" {
		asked.Context = "default"
	}
	s := CommitStatus{q.path("sha"), asked.State, asked.Context, asked.Description, asked.TargetURL, g.o.Now()}
	g.statuses = append(g.statuses, s)
	return githubCreated(g.statusJSON(q, s))
}

func (g *GitHub) listStatuses(q *githubCall, ref string) *githubReply {
	sha, found := g.resolve(ref)
	if !found {
		return githubFail(http.StatusNotFound, "Not Found")
	}
	var all []CommitStatus
	for _, s := range slices.Backward(g.statuses) {
		if s.Commit == sha {
			all = append(all, s)
		}
	}
	return githubOK(listOf(all, func(s CommitStatus) jsonObject { return g.statusJSON(q, s) }))
}

// combined is the state of a commit: the worst of its statuses.
func (g *GitHub) combined(q *githubCall, ref string) *githubReply {
	sha, found := g.resolve(ref)
	if !found {
		return githubFail(http.StatusNotFound, "Not Found")
	}
	all := g.newestStatuses(sha)
	state := "success"
	for _, s := range all {
		switch {
		case s.State == "error" || s.State == "failure":
			state = "failure"
		case s.State == "pending" && state == "success":
			state = "pending"
		}
	}
	if len(all) == 0 {
		state = "pending"
	}
	return githubOK(jsonObject{
		"state": state, "sha": sha, "total_count": len(all), "statuses": listOf(all, func(s CommitStatus) jsonObject { return g.statusJSON(q, s) }),
	})
}

func (g *GitHub) statusJSON(q *githubCall, s CommitStatus) jsonObject {
	at := s.At.UTC().Format(time.RFC3339)
	return jsonObject{
		"id": slices.Index(g.statuses, s) + 1, "url": q.api("/statuses/" + s.Commit), "state": s.State, "context": s.Context,
		"description": s.Description, "target_url": s.URL, "created_at": at, "updated_at": at,
		"node_id": fmt.Sprintf("SC_%s_%s", s.Commit[:7], strings.ReplaceAll(s.Context, "/", "_")),
	}
}
