package practice

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Pull is a pull request. State is "open" or "closed"; Merged tells the two kinds of closed apart. HeadSHA follows the

// branch while the pull request is open. Closed and MergedAt are zero until then.
type Pull struct {
	Number                   int
	Title, Body, State       string
	Draft, Merged            bool
	Head, HeadSHA, Base      string // branches; Head is one of the repository itself, or of HeadOwner's fork
	HeadOwner                string // empty for the repository itself
	MergeCommit, Author, URL string
	Labels, Reviewers        []string
	Comments                 []PullComment
	Lines                    []LineComment
	Reviews                  []Review
	Created, Updated, Closed time.Time
	MergedAt                 time.Time
	MergedBy                 string
	baseSHA                  string // tip of the base when it was closed
	maintainerCanModify      bool
}

// PullComment is a comment in a pull request's conversation.
type PullComment struct {
	ID         int
	By, Body   string
	At, Edited time.Time
}

// Limits of a pull request's texts in characters. Both are commonly seen, neither is documented.
const (
	pullTitleMax = 256
	pullBodyMax  = 65536
)

func (p *Pull) clone() Pull {
	out := *p
	out.Labels, out.Reviewers = slices.Clone(p.Labels), slices.Clone(p.Reviewers)
	out.Comments, out.Lines, out.Reviews = slices.Clone(p.Comments), slices.Clone(p.Lines), slices.Clone(p.Reviews)
	return out
}

// pullRoutes registers the calls for pull requests. Source: docs.github.com/rest/pulls.
func (g *GitHub) pullRoutes() {
	const pulls = "/repos/{owner}/{repo}/pulls"
	g.handle("GET "+pulls, g.listPulls)
	g.handle("POST "+pulls, g.createPull)
	g.handle("GET "+pulls+"/{n}", g.onPull(g.getPull))
	g.handle("PATCH "+pulls+"/{n}", g.onPull(g.editPull))
	g.handle("GET "+pulls+"/{n}/files", g.onPull(g.pullFiles))
	g.handle("GET "+pulls+"/{n}/commits", g.onPull(g.pullCommits))
	g.handle("GET "+pulls+"/{n}/merge", g.onPull(func(p *Pull, _ *githubCall) *githubReply {
		if !p.Merged {
			return githubFail(http.StatusNotFound, "Not Found")
		}
		return &githubReply{status: http.StatusNoContent}
	}))
	g.handle("PUT "+pulls+"/{n}/merge", g.onPull(g.mergePull))
	g.handle("GET "+pulls+"/{n}/requested_reviewers", g.onPull(func(p *Pull, _ *githubCall) *githubReply {
		return githubOK(jsonObject{"users": listOf(p.Reviewers, g.userJSON), "teams": []jsonObject{}})
	}))
	g.handle("POST "+pulls+"/{n}/requested_reviewers", g.onPull(g.requestReviewers))
	g.handle("GET "+pulls+"/{n}/reviews", g.onPull(func(p *Pull, q *githubCall) *githubReply {
		return githubOK(listOf(p.Reviews, func(r Review) jsonObject { return g.reviewJSON(q, p, r) }))
	}))
}

// onPull looks the pull request of a path up before the handler runs.
func (g *GitHub) onPull(h func(*Pull, *githubCall) *githubReply) func(*githubCall) *githubReply {
	return func(q *githubCall) *githubReply {
		n, err := strconv.Atoi(q.path("n"))
		if p := g.pull(n); err == nil && p != nil {
			return h(p, q)
		}
		return githubFail(http.StatusNotFound, "Not Found")
	}
}

func (g *GitHub) pull(n int) *Pull {
	if n < 1 || n > len(g.pulls) {
		return nil
	}
	return g.pulls[n-1]
}

// ends are the commits at both ends of a pull request: as they were when it was closed, or as they are now.
func (g *GitHub) ends(p *Pull) (base, head string) {
	if p.State == "open" {
		return g.refs["refs/heads/"+p.Base], p.HeadSHA
	}
	return p.baseSHA, p.HeadSHA
}

func pullPath(p *Pull) string { return "/pull/" + strconv.Itoa(p.Number) }

// listPulls answers newest first. A head filter must be "owner:branch"; GitHub ignores one of another form.
func (g *GitHub) listPulls(q *githubCall) *githubReply {
	state := q.query.Get("state")
	if state == "" {
		state = "open"
	}
	owner, branch, named := strings.Cut(q.query.Get("head"), ":")
	base := q.query.Get("base")
	list := make([]jsonObject, 0)
	for _, p := range g.pulls {
		if (state != "all" && p.State != state) || (base != "" && p.Base != base) {
			continue
		}
		if named && (!strings.EqualFold(owner, g.headOf(p).owner) || p.Head != branch) {
			continue
		}
		o := g.pullJSON(q, p)
		for _, key := range pullAlone {
			delete(o, key) // the list shows less than the single pull request
		}
		list = append(list, o)
	}
	if q.query.Get("direction") != "asc" {
		slices.Reverse(list)
	}
	return githubOK(list)
}

// pullIn is what creating and editing a pull request take.
type pullIn struct {
	Title, Body, State, Base *string
	Head                     string
	HeadRepo                 string `json:"head_repo"`
	Draft                    bool
	Modify                   *bool `json:"maintainer_can_modify"`
}

// checkTexts refuses a title or body that GitHub would not take.
func (in pullIn) checkTexts() *githubReply {
	if in.Title != nil && utf8.RuneCountInString(*in.Title) > pullTitleMax {
		return githubInvalid(pullFault("title", "custom", "title is too long (maximum is 256 characters)"))
	}
	if in.Body != nil && utf8.RuneCountInString(*in.Body) > pullBodyMax {
		return githubInvalid(pullFault("body", "custom", "body is too long (maximum is 65536 characters)"))
	}
	return nil
}

func pullFault(field, code, message string) githubFault {
	return githubFault{Resource: "PullRequest", Field: field, Code: code, Message: message}
}

func (g *GitHub) createPull(q *githubCall) *githubReply {
	var in pullIn
	if bad := q.decode(&in); bad != nil {
		return bad
	}
	if bad := in.checkTexts(); bad != nil {
		return bad
	}
	if in.Title == nil || strings.TrimSpace(*in.Title) == "" {
		return githubInvalid(pullFault("title", "missing_field", ""))
	}
	if in.Base == nil {
		return githubInvalid(pullFault("base", "missing_field", ""))
	}
	owner, head, crossed := strings.Cut(in.Head, ":")
	if !crossed {
		owner, head = githubOwner, in.Head
	}
	from, headSHA, headThere := g.named(owner), "", false
	if from != nil {
		headSHA, headThere = from.refs["refs/heads/"+head]
	}
	if headThere {
		g.fetch(from)
	}
	baseSHA, baseThere := g.refs["refs/heads/"+*in.Base]
	switch {
	case !headThere || in.HeadRepo != "" && !strings.EqualFold(in.HeadRepo, from.name):
		return githubInvalid(pullFault("head", "invalid", ""))
	case !baseThere:
		return githubInvalid(pullFault("base", "invalid", ""))
	case len(g.store.ahead(baseSHA, headSHA)) == 0:
		return githubInvalid(pullFault("", "custom", fmt.Sprintf("No commits between %s and %s", *in.Base, head)))
	}
	for _, p := range g.pulls {
		if p.State == "open" && g.headOf(p) == from && p.Head == head && p.Base == *in.Base {
			return githubInvalid(pullFault("", "custom", fmt.Sprintf("A pull request already exists for %s:%s.", from.owner, head)))
		}
	}
	now := g.o.Now()
	p := &Pull{
		Number: len(g.pulls) + 1, Title: *in.Title, State: "open", Draft: in.Draft, Head: head, HeadSHA: headSHA,
		Base: *in.Base, Author: githubLogin, Created: now, Updated: now, maintainerCanModify: in.Modify == nil || *in.Modify,
	}
	if from != g {
		p.HeadOwner = from.owner
	}
	if in.Body != nil {
		p.Body = *in.Body
	}
	g.pulls = append(g.pulls, p)
	g.pullEvent("opened", p, githubLogin)
	return githubCreated(g.pullWhole(q, p))
}

func (g *GitHub) editPull(p *Pull, q *githubCall) *githubReply {
	var in pullIn
	if bad := q.decode(&in); bad != nil {
		return bad
	}
	if bad := in.checkTexts(); bad != nil {
		return bad
	}
	if in.Title != nil && strings.TrimSpace(*in.Title) == "" {
		return githubInvalid(pullFault("title", "missing_field", ""))
	}
	if in.State != nil && *in.State != p.State {
		if bad := g.setPullState(p, *in.State); bad != nil {
			return bad
		}
	}
	if in.Base != nil && *in.Base != p.Base {
		if _, there := g.refs["refs/heads/"+*in.Base]; !there || p.State != "open" {
			return githubInvalid(pullFault("base", "invalid", ""))
		}
		p.Base = *in.Base
	}
	edited := (in.Title != nil && *in.Title != p.Title) || (in.Body != nil && *in.Body != p.Body)
	if in.Title != nil {
		p.Title = *in.Title
	}
	if in.Body != nil {
		p.Body = *in.Body
	}
	p.Updated = g.o.Now()
	if edited {
		g.pullEvent("edited", p, githubLogin)
	}
	return githubOK(g.pullWhole(q, p))
}
