package practice

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// mergeable says whether the two ends can be joined without a conflict.
func (g *GitHub) mergeable(p *Pull) bool {
	_, merged := g.mergedTree(p)
	return merged
}

func (g *GitHub) mergedTree(p *Pull) (string, bool) {
	base, head := g.ends(p)
	tree := func(sha string) string { c, _ := g.store.commit(sha); return c.tree }
	return g.store.mergeFiles(tree(g.store.mergeBase(base, head)), tree(base), tree(head))
}

// setPullState closes or reopens. What is merged stays merged, and without its branch nothing can be reopened.
func (g *GitHub) setPullState(p *Pull, state string) *githubReply {
	switch {
	case state == "closed":
		g.closePull(p, githubLogin)
		return nil
	case state != "open":
		return githubInvalid(pullFault("state", "invalid", ""))
	case p.Merged:
		return githubInvalid(pullFault("state", "custom", "state cannot be changed. The pull request cannot be reopened."))
	}
	head, there := g.headOf(p).refs["refs/heads/"+p.Head]
	if !there {
		return githubInvalid(pullFault("state", "custom",
			fmt.Sprintf("state cannot be changed. The %s branch has been deleted.", p.Head)))
	}
	for _, other := range g.pulls {
		if other.State == "open" && other.Head == p.Head && other.HeadOwner == p.HeadOwner && other.Base == p.Base {
			return githubInvalid(pullFault("state", "custom",
				fmt.Sprintf("state cannot be changed. There is already an open pull request from %s to %s.", p.Head, p.Base)))
		}
	}
	g.fetch(g.headOf(p))
	p.State, p.HeadSHA, p.Closed = "open", head, time.Time{}
	g.pullEvent("reopened", p, githubLogin)
	return nil
}

func (g *GitHub) closePull(p *Pull, by string) {
	p.baseSHA, _ = g.ends(p)
	p.State, p.Closed, p.Updated = "closed", g.o.Now(), g.o.Now()
	g.pullEvent("closed", p, by)
}

// moveRef sets a reference; open pull requests from that branch follow it.
func (g *GitHub) moveRef(name, sha, by string) {
	old := g.refs[name]
	g.refs[name] = sha
	if old != sha {
		g.pushEvent(name, old, sha, by)
	}
	home := g.home()
	for _, p := range home.pulls {
		if p.State == "open" && home.headOf(p) == g && name == "refs/heads/"+p.Head && old != sha {
			home.fetch(g)
			p.HeadSHA, p.Updated = sha, g.o.Now()
			home.pullEvent("synchronize", p, by)
		}
	}
}

// pullChanges compares a pull request's head with the place where it left its base, as GitHub's "Files changed" does.
func (g *GitHub) pullChanges(p *Pull) []fileChange {
	base, head := g.ends(p)
	from, _ := g.store.commit(g.store.mergeBase(base, head))
	to, _ := g.store.commit(head)
	return g.store.changes(from.tree, to.tree)
}

func (g *GitHub) pullFiles(p *Pull, q *githubCall) *githubReply {
	return githubOK(listOf(g.pullChanges(p), func(c fileChange) jsonObject { return g.fileJSON(q, p.HeadSHA, c) }))
}

func (g *GitHub) pullCommits(p *Pull, q *githubCall) *githubReply {
	return githubOK(listOf(g.store.ahead(g.ends(p)), func(c gitCommit) jsonObject { return g.commitJSON(q, c) }))
}

func (g *GitHub) mergePull(p *Pull, q *githubCall) *githubReply {
	var in struct {
		SHA     string
		Method  string `json:"merge_method"`
		Title   string `json:"commit_title"`
		Message string `json:"commit_message"`
	}
	if bad := q.decode(&in); bad != nil {
		return bad
	}
	if in.SHA != "" && in.SHA != p.HeadSHA {
		return githubFail(http.StatusConflict, "Head branch was modified. Review and try the merge again.")
	}
	switch in.Method {
	case "", "merge", "squash":
	case "rebase":
		return githubFail(http.StatusMethodNotAllowed, "Rebase merges are not allowed on this repository.")
	default:
		return githubInvalid(pullFault("merge_method", "invalid", ""))
	}
	message := strings.TrimSuffix(in.Title+"\n\n"+in.Message, "\n\n")
	if in.Title == "" {
		message = ""
	}
	if refused := g.merge(p, githubLogin, in.Method == "squash", message); refused != nil {
		return refused
	}
	return githubOK(jsonObject{"sha": p.MergeCommit, "merged": true, "message": "Pull Request successfully merged"})
}

// merge joins a pull request into its base.
func (g *GitHub) merge(p *Pull, by string, squash bool, message string) *githubReply {
	if p.Draft && p.State == "open" {
		return githubFail(http.StatusMethodNotAllowed, "Pull Request is still a draft")
	}
	tree, clean := g.mergedTree(p)
	if p.State != "open" || !clean {
		return githubFail(http.StatusMethodNotAllowed, "Pull Request is not mergeable")
	}
	base, head := g.ends(p)
	parents := []string{base, head}
	if message == "" {
		message = fmt.Sprintf("Merge pull request #%d from %s/%s\n\n%s", p.Number, g.headOf(p).owner, p.Head, p.Title)
	}
	if squash {
		parents, message = parents[:1], fmt.Sprintf("%s (#%d)", p.Title, p.Number)
	}
	who := g.personNamed(by)
	sha := g.store.putCommit(gitCommit{tree: tree, parents: parents, author: who, committer: who, message: message})
	p.Merged, p.MergeCommit, p.MergedAt, p.MergedBy = true, sha, g.o.Now(), by
	g.closePull(p, by)
	g.moveRef("refs/heads/"+p.Base, sha, by)
	return nil
}

func (g *GitHub) requestReviewers(p *Pull, q *githubCall) *githubReply {
	var in struct {
		Reviewers []string
		Teams     []string `json:"team_reviewers"`
	}
	if bad := q.decode(&in); bad != nil {
		return bad
	}
	const refused = http.StatusUnprocessableEntity
	for _, login := range in.Reviewers {
		if login == p.Author {
			return githubFail(refused, "Review cannot be requested from pull request author.")
		}
		if !g.isCollaborator(login) {
			return githubFail(refused, "Reviews may only be requested from collaborators. One or more of the users or teams "+
				"you specified is not a collaborator of the "+g.Repo()+" repository.")
		}
	}
	if len(in.Teams) > 0 {
		return githubFail(refused, "Could not resolve to a node with the global id of a team.")
	}
	for _, login := range in.Reviewers {
		p.Reviewers = appendNew(p.Reviewers, login)
	}
	return githubCreated(g.pullJSON(q, p))
}

func (g *GitHub) isCollaborator(login string) bool { return slices.Contains(g.collaborators, login) }
