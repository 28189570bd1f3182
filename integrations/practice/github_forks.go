package practice

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// SetPush says whether the bot's token may push to the repository, which it may at the start. Without that right it can
// still read, fork, and open pull requests from a fork.
func (g *GitHub) SetPush(allowed bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.noPush = !allowed
}

// SetForkDelay says how many calls find a fork empty after it was asked for: GitHub copies in the background.
func (g *GitHub) SetForkDelay(calls int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.forkDelay = calls
}

// Fork is the fork of the repository, with branches of its own; nil while there is none. It has no pull requests.
func (g *GitHub) Fork() *GitHub {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.fork
}

// MakeFork forks the repository into an account, as a person does.
func (g *GitHub) MakeFork(owner string) *GitHub {
	g.mu.Lock()
	defer g.mu.Unlock()
	f := g.newFork(owner, githubRepo)
	f.empty = 0
	return f
}

// newFork copies references and objects. What is pushed to either side later is not at the other one: strict, for GitHub
// promises nothing else, until a pull request or merge-upstream brings it over.
func (g *GitHub) newFork(owner, name string) *GitHub {
	g.fork = &GitHub{
		o: g.o, w: g.w, WebURL: g.WebURL, mux: http.NewServeMux(), mu: g.mu, parent: g, owner: owner, name: name,
		store: gitStore{objects: maps.Clone(g.store.objects)}, refs: maps.Clone(g.refs),
		collaborators: g.collaborators, empty: g.forkDelay, made: g.o.Now(),
	}
	g.fork.forkedRoutes()
	return g.fork
}

// forkRoutes registers the call that makes a fork. Source: docs.github.com/rest/repos/forks.
func (g *GitHub) forkRoutes() {
	g.handle("POST /repos/{owner}/{repo}/forks", func(q *githubCall) *githubReply {
		var in struct{ Organization, Name string }
		if bad := q.decode(&in); bad != nil {
			return bad
		}
		if strings.EqualFold(in.Organization, githubLogin) {
			return githubInvalid(githubFault{Resource: "Fork", Field: "organization", Code: "invalid"}) // a person is none
		}
		owner, name := githubLogin, githubRepo
		if in.Organization != "" {
			owner = in.Organization
		}
		if in.Name != "" {
			name = in.Name
		}
		switch {
		case owner == githubOwner:
			return githubFail(http.StatusForbidden, "You cannot fork this repository into its own account")
		case g.fork == nil:
			g.newFork(owner, name)
		case !strings.EqualFold(g.fork.owner, owner):
			return githubFail(http.StatusForbidden, "practice knows one fork at most")
		}
		return &githubReply{http.StatusAccepted, g.fork.repoJSON(&githubCall{base: q.base, repo: g.fork.Repo()})}
	})
}

// forkedRoutes registers what a fork knows: its own branches and files, but no issues and no pull requests.
func (g *GitHub) forkedRoutes() {
	const repo = "/repos/{owner}/{repo}"
	g.handle("GET "+repo, func(q *githubCall) *githubReply { return githubOK(g.repoJSON(q)) })
	g.handle("GET "+repo+"/branches", g.listBranches)
	g.handle("GET "+repo+"/branches/{branch...}", g.getBranch)
	g.handle("GET "+repo+"/contents/{path...}", g.getContents)
	g.handle("PUT "+repo+"/contents/{path...}", g.putContents)
	g.handle("DELETE "+repo+"/contents/{path...}", g.deleteContents)
	g.handle("POST "+repo+"/merge-upstream", g.mergeUpstream)
	g.gitRoutes()
	g.statusRoutes()
}

// mergeUpstream brings a branch up to date with the one of the same name that it was forked from. Practice does it when
// that is a fast forward. Source: docs.github.com/rest/branches/branches, "Sync a fork branch with the upstream repository".
func (g *GitHub) mergeUpstream(q *githubCall) *githubReply {
	var in struct{ Branch string }
	if bad := q.decode(&in); bad != nil {
		return bad
	}
	ref := "refs/heads/" + in.Branch
	ours, here := g.refs[ref]
	theirs, there := g.parent.refs[ref]
	if !here || !there {
		return githubFail(http.StatusUnprocessableEntity, "Branch not found")
	}
	reply := jsonObject{"message": "This branch is not behind the upstream " + githubOwner + ":" + in.Branch + ".", "merge_type": "none", "base_branch": githubOwner + ":" + in.Branch}
	if ours == theirs || g.store.contains(ours, theirs) {
		return githubOK(reply)
	}
	if !g.parent.store.contains(theirs, ours) {
		return githubFail(http.StatusConflict, "There are merge conflicts")
	}
	maps.Copy(g.store.objects, g.parent.store.objects)
	g.moveRef(ref, theirs, githubLogin)
	reply["message"], reply["merge_type"] = fmt.Sprintf("Successfully fetched and fast-forwarded from upstream %s:%s.", githubOwner, in.Branch), "fast-forward"
	return githubOK(reply)
}

// home is the repository that has the pull requests, the hooks and the limits.
func (g *GitHub) home() *GitHub {
	if g.parent != nil {
		return g.parent
	}
	return g
}

// serving is the repository that a call is about.
func (g *GitHub) serving(r *http.Request) *GitHub {
	parts := strings.Split(r.URL.Path, "/")
	f := g.Fork()
	if f != nil && len(parts) > 3 && parts[1] == "repos" && strings.EqualFold(parts[2]+"/"+parts[3], f.Repo()) {
		return f
	}
	return g
}

// headOf is the repository that a pull request's branch is in.
func (g *GitHub) headOf(p *Pull) *GitHub {
	if p.HeadOwner != "" && g.fork != nil {
		return g.fork
	}
	return g
}

// named finds the repository that an owner has; nil for none.
func (g *GitHub) named(owner string) *GitHub {
	switch {
	case strings.EqualFold(owner, g.owner):
		return g
	case g.fork != nil && strings.EqualFold(owner, g.fork.owner):
		return g.fork
	}
	return nil
}

// fetch brings the objects of a pull request's branch into the repository, as GitHub does for refs/pull.
func (g *GitHub) fetch(from *GitHub) {
	if from != g {
		maps.Copy(g.store.objects, from.store.objects)
	}
}

// refusedHere is the answer to a call that the repository cannot serve: without the right to push, or while it is copied.
func (g *GitHub) refusedHere(r *http.Request) *githubReply {
	needs := func(part string) bool { return strings.Contains(r.URL.Path+"/", part) }
	if g.noPush && r.Method != http.MethodGet && slices.ContainsFunc([]string{
		"/git/", "/contents/", "/labels/", "/requested_reviewers/", "/statuses/", "/merge/",
	}, needs) {
		return githubFail(http.StatusForbidden, "Resource not accessible by personal access token")
	}
	if g.empty > 0 && needs("/git/") {
		g.empty--
		return githubFail(http.StatusConflict, "Git Repository is empty.")
	}
	return nil
}
