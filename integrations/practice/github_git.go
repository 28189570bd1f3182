package practice

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// gitRoutes registers the calls for references, commits, trees and blobs.

// Source: docs.github.com/rest/git.
func (g *GitHub) gitRoutes() {
	const git = "/repos/{owner}/{repo}/git/"
	g.handle("GET "+git+"ref/{ref...}", g.getRef)
	g.handle("GET "+git+"matching-refs/{ref...}", g.matchingRefs)
	g.handle("POST "+git+"refs", g.createRef)
	g.handle("PATCH "+git+"refs/{ref...}", g.updateRef)
	g.handle("DELETE "+git+"refs/{ref...}", g.deleteRef)
	g.handle("GET "+git+"commits/{sha}", func(q *githubCall) *githubReply {
		c, found := g.store.commit(q.path("sha"))
		if !found {
			return githubFail(http.StatusNotFound, "Not Found")
		}
		return githubOK(g.gitCommitJSON(q, c))
	})
	g.handle("POST "+git+"commits", g.createCommit)
	g.handle("GET "+git+"trees/{sha}", g.getTree)
	g.handle("POST "+git+"trees", g.createTree)
	g.handle("GET "+git+"blobs/{sha}", g.getBlob)
	g.handle("POST "+git+"blobs", g.createBlob)
}

// api is the URL of something in the repository.
func (q *githubCall) api(path string) string {
	repo := q.repo
	if repo == "" {
		repo = githubOwner + "/" + githubRepo
	}
	return q.base + "/repos/" + repo + path
}

func (g *GitHub) refJSON(q *githubCall, name string) jsonObject {
	sha := g.refs[name]
	return jsonObject{
		"ref": name, "node_id": "REF_" + name, "url": q.api("/git/" + name),
		"object": jsonObject{"type": "commit", "sha": sha, "url": q.api("/git/commits/" + sha)},
	}
}

func (g *GitHub) getRef(q *githubCall) *githubReply {
	name := "refs/" + q.path("ref")
	if _, found := g.refs[name]; !found {
		return githubFail(http.StatusNotFound, "Not Found")
	}
	return githubOK(g.refJSON(q, name))
}

func (g *GitHub) matchingRefs(q *githubCall) *githubReply {
	list := make([]jsonObject, 0)
	for _, name := range g.refNames("refs/" + q.path("ref")) {
		list = append(list, g.refJSON(q, name))
	}
	return githubOK(list)
}

// refNames lists the references that begin with a prefix, in order.
func (g *GitHub) refNames(prefix string) []string {
	var names []string
	for name := range g.refs {
		if strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// refAllowed follows git check-ref-format as far as a branch name goes.
var refRefused = regexp.MustCompile(`[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|/$|\.$|\.lock(/|$)`)

func refAllowed(name string) bool {
	return strings.HasPrefix(name, "refs/") && strings.Count(name, "/") >= 2 && !refRefused.MatchString(name)
}

// refInTheWay says whether a reference is a folder of the other's name or the other way round: git keeps them as files.
func (g *GitHub) refInTheWay(name string) bool {
	for have := range g.refs {
		if strings.HasPrefix(have, name+"/") || strings.HasPrefix(name, have+"/") {
			return true
		}
	}
	return false
}

func (g *GitHub) createRef(q *githubCall) *githubReply {
	var in struct{ Ref, SHA string }
	if bad := q.decode(&in); bad != nil {
		return bad
	}
	if reply := g.makeRef(in.Ref, in.SHA); reply != nil {
		return reply
	}
	return githubCreated(g.refJSON(q, in.Ref))
}

func (g *GitHub) makeRef(name, sha string) *githubReply {
	const refused = http.StatusUnprocessableEntity
	_, taken := g.refs[name]
	switch {
	case !strings.HasPrefix(name, "refs/") || strings.Count(name, "/") < 2:
		return githubFail(refused, "Reference name must start with 'refs/' and contain at least two slashes.")
	case !refAllowed(name):
		return githubFail(refused, name+" is not a valid ref name.")
	case taken:
		return githubFail(refused, "Reference already exists")
	case !g.store.is(sha, "commit"):
		return githubFail(refused, "Object does not exist")
	case g.refInTheWay(name):
		return githubFail(refused, "Reference update failed")
	}
	g.refs[name] = sha
	return nil
}

func (g *GitHub) updateRef(q *githubCall) *githubReply {
	var in struct {
		SHA   string
		Force bool
	}
	if bad := q.decode(&in); bad != nil {
		return bad
	}
	name := "refs/" + q.path("ref")
	old, found := g.refs[name]
	switch {
	case !found:
		return githubFail(http.StatusUnprocessableEntity, "Reference does not exist")
	case !g.store.is(in.SHA, "commit"):
		return githubFail(http.StatusUnprocessableEntity, "Object does not exist")
	case !in.Force && !g.store.contains(in.SHA, old):
		return githubFail(http.StatusUnprocessableEntity, "Update is not a fast forward")
	}
	g.moveRef(name, in.SHA, githubLogin)
	return githubOK(g.refJSON(q, name))
}

func (g *GitHub) deleteRef(q *githubCall) *githubReply {
	name := "refs/" + q.path("ref")
	if _, found := g.refs[name]; !found {
		return githubFail(http.StatusUnprocessableEntity, "Reference does not exist")
	}
	if name == "refs/heads/"+githubBase {
		return githubFail(http.StatusUnprocessableEntity, "Cannot delete the default branch")
	}
	g.dropRef(name, githubLogin)
	return &githubReply{status: http.StatusNoContent}
}

func (g *GitHub) gitCommitJSON(q *githubCall, c gitCommit) jsonObject {
	parents := make([]jsonObject, 0, len(c.parents))
	for _, p := range c.parents {
		parents = append(parents, jsonObject{"sha": p, "url": q.api("/git/commits/" + p), "html_url": g.web("/commit/" + p)})
	}
	verification := jsonObject{"verified": false, "reason": "unsigned", "signature": nil, "payload": nil, "verified_at": nil}
	if c.signature != "" {
		verification["reason"], verification["signature"] = "unknown_key", c.signature
	}
	return jsonObject{
		"sha": c.sha, "node_id": "C_" + c.sha, "url": q.api("/git/commits/" + c.sha), "html_url": g.web("/commit/" + c.sha),
		"author": c.author.json(), "committer": c.committer.json(), "message": c.message, "parents": parents,
		"tree": jsonObject{"sha": c.tree, "url": q.api("/git/trees/" + c.tree)}, "verification": verification,
	}
}

func (p gitPerson) json() jsonObject {
	return jsonObject{"name": p.name, "email": p.email, "date": p.at.UTC().Format(time.RFC3339)}
}

// personIn is an author as a caller writes it.
type personIn struct {
	Name, Email string
	Date        *time.Time
}

// person completes what a caller said about an author; the token's owner when nothing was said.
func (g *GitHub) person(in *personIn, instead gitPerson) (gitPerson, *githubReply) {
	if in == nil {
		return instead, nil
	}
	if in.Name == "" || in.Email == "" {
		return gitPerson{}, githubFail(http.StatusUnprocessableEntity, "Invalid request.\n\n\"name\", \"email\" weren't supplied.")
	}
	p := gitPerson{name: in.Name, email: in.Email, at: g.o.Now()}
	if in.Date != nil {
		p.at = *in.Date
	}
	return p, nil
}

// botPerson is the author of what the bot commits without naming one.
func (g *GitHub) botPerson() gitPerson { return g.personNamed(githubLogin) }

func (g *GitHub) personNamed(login string) gitPerson {
	return gitPerson{name: login, email: login + "@users.noreply.github.com", at: g.o.Now()}
}

func (g *GitHub) createCommit(q *githubCall) *githubReply {
	var in struct {
		Message, Tree, Signature string
		Parents                  []string
		Author, Committer        *personIn
	}
	if bad := q.decode(&in); bad != nil {
		return bad
	}
	const refused = http.StatusUnprocessableEntity
	if in.Message == "" {
		return githubFail(refused, "Invalid request.\n\n\"message\" wasn't supplied.")
	}
	if !g.store.is(in.Tree, "tree") {
		return githubFail(refused, "Tree SHA does not exist")
	}
	for _, p := range in.Parents {
		if !g.store.is(p, "commit") {
			return githubFail(refused, "Parent SHA does not exist or is not a commit object")
		}
	}
	author, bad := g.person(in.Author, g.botPerson())
	if bad != nil {
		return bad
	}
	committer, bad := g.person(in.Committer, author)
	if bad != nil {
		return bad
	}
	sha := g.store.putCommit(gitCommit{
		tree: in.Tree, parents: in.Parents, author: author, committer: committer, message: in.Message,
		signature: strings.TrimRight(in.Signature, "\n"),
	})
	c, _ := g.store.commit(sha)
	return githubCreated(g.gitCommitJSON(q, c))
}

// resolve finds the commit that a branch, a tag, a full reference or a SHA names; an empty name is the default branch.
func (g *GitHub) resolve(name string) (string, bool) {
	if name == "" || name == "HEAD" {
		name = githubBase
	}
	for _, full := range []string{"refs/heads/" + name, "refs/tags/" + name, name} {
		if sha, found := g.refs[full]; found {
			return sha, true
		}
	}
	return name, g.store.is(name, "commit")
}
