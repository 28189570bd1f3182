package practice

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
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
	return q.base + "/repos/" + githubOwner + "/" + githubRepo + path
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
	g.dropRef(name, githubLogin)
	return &githubReply{status: http.StatusNoContent}
}

func (g *GitHub) gitCommitJSON(q *githubCall, c gitCommit) jsonObject {
	parents := make([]jsonObject, 0, len(c.parents))
	for _, p := range c.parents {
		parents = append(parents, jsonObject{"sha": p, "url": q.api("/git/commits/" + p), "html_url": g.web("/commit/" + p)})
	}
	verification := jsonObject{"verified": false, "reason": "unsigned", "signature": nil, "payload": nil}
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

func (g *GitHub) treeJSON(q *githubCall, sha string, recursive bool) jsonObject {
	list := make([]jsonObject, 0)
	var walk func(sha, under string)
	walk = func(sha, under string) {
		entries, _ := g.store.tree(sha)
		for _, e := range entries {
			o := jsonObject{
				"path": under + e.name, "mode": e.mode, "type": e.kind(), "sha": e.sha,
				"url": q.api("/git/" + e.kind() + "s/" + e.sha),
			}
			if e.kind() == "tree" {
				o["mode"] = "040000" // git stores it without the zero, GitHub shows it with one
			}
			if blob, is := g.store.blob(e.sha); is {
				o["size"] = len(blob)
			}
			list = append(list, o)
			if recursive && e.kind() == "tree" {
				walk(e.sha, under+e.name+"/")
			}
		}
	}
	walk(sha, "")
	return jsonObject{"sha": sha, "url": q.api("/git/trees/" + sha), "tree": list, "truncated": false}
}

func (g *GitHub) getTree(q *githubCall) *githubReply {
	name := q.path("sha")
	if sha, found := g.resolve(name); found { // GitHub takes a branch or commit here as well
		name = sha
	}
	tree, found := g.store.treeOf(name)
	if !found {
		return githubFail(http.StatusNotFound, "Not Found")
	}
	return githubOK(g.treeJSON(q, tree, q.query.Has("recursive")))
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

// treeEntryIn is an entry of a tree as a caller writes it; "sha": null deletes, so absent and null must differ.
type treeEntryIn struct {
	Path, Mode, Type string
	SHA              json.RawMessage
	Content          *string
}

func (g *GitHub) createTree(q *githubCall) *githubReply {
	var in struct {
		BaseTree string `json:"base_tree"`
		Tree     []treeEntryIn
	}
	if bad := q.decode(&in); bad != nil {
		return bad
	}
	const refused = http.StatusUnprocessableEntity
	if in.Tree == nil {
		return githubFail(refused, "Invalid request.\n\n\"tree\" wasn't supplied.")
	}
	files := make(map[string]gitFile)
	if in.BaseTree != "" {
		tree, found := g.store.treeOf(in.BaseTree)
		if !found {
			return githubFail(refused, "base_tree is not a valid tree oid")
		}
		files = g.store.files(tree)
	}
	for _, e := range in.Tree {
		if message := g.addEntry(files, e); message != "" {
			return githubFail(refused, message)
		}
	}
	return githubCreated(g.treeJSON(q, g.store.putFiles(files), false))
}

// addEntry applies one entry of a new tree and returns what GitHub says when it refuses.
func (g *GitHub) addEntry(files map[string]gitFile, e treeEntryIn) string {
	if !pathAllowed(e.Path) {
		return "tree.path contains a malformed path component"
	}
	if bytes.Equal(bytes.TrimSpace(e.SHA), []byte("null")) && e.Content == nil {
		if !clearPath(files, e.Path) {
			return "GitRPC::BadObjectState"
		}
		return ""
	}
	if !slices.Contains([]string{"100644", "100755", "040000", "160000", "120000"}, e.Mode) {
		return "Must supply a valid tree.mode"
	}
	if e.Content != nil {
		if len(e.SHA) > 0 {
			return "Must supply either tree.sha or tree.content, not both"
		}
		setFile(files, e.Path, gitFile{mode: e.Mode, sha: g.store.put("blob", []byte(*e.Content))})
		return ""
	}
	var sha string
	if json.Unmarshal(e.SHA, &sha) != nil {
		return "Must supply tree.sha or tree.content"
	}
	switch {
	case e.Mode == "040000" && g.store.is(sha, "tree"):
		clearPath(files, e.Path)
		for path, f := range g.store.files(sha) {
			setFile(files, e.Path+"/"+path, f)
		}
	case e.Mode == "160000" || (e.Mode != "040000" && g.store.is(sha, "blob")):
		setFile(files, e.Path, gitFile{mode: e.Mode, sha: sha})
	default:
		return "tree.sha " + sha + " is not a valid " + kindOfMode(e.Mode)
	}
	return ""
}

// kindOfMode names the kind of object that an entry's mode calls for.
func kindOfMode(mode string) string {
	if mode == "040000" {
		return "tree"
	}
	return "blob"
}

// pathAllowed says whether a path may be in a tree: relative, without empty, dot or .git components.
func pathAllowed(path string) bool {
	for part := range strings.SplitSeq(path, "/") {
		if part == "" || part == "." || part == ".." || strings.EqualFold(part, ".git") || strings.ContainsRune(part, 0) {
			return false
		}
	}
	return true
}

func (g *GitHub) getBlob(q *githubCall) *githubReply {
	sha := q.path("sha")
	data, found := g.store.blob(sha)
	if !found {
		return githubFail(http.StatusNotFound, "Not Found")
	}
	if q.raw {
		return githubOK(data)
	}
	return githubOK(jsonObject{
		"sha": sha, "node_id": "B_" + sha, "size": len(data), "url": q.api("/git/blobs/" + sha),
		"content": wrapped(data), "encoding": "base64",
	})
}

// wrapped is base64 in lines of sixty, as GitHub sends it.
func wrapped(data []byte) string {
	var b strings.Builder
	for s := base64.StdEncoding.EncodeToString(data); s != ""; {
		n := min(60, len(s))
		b.WriteString(s[:n] + "\n")
		s = s[n:]
	}
	return b.String()
}

func (g *GitHub) createBlob(q *githubCall) *githubReply {
	var in struct {
		Content  *string
		Encoding string
	}
	if bad := q.decode(&in); bad != nil {
		return bad
	}
	if in.Content == nil {
		return githubFail(http.StatusUnprocessableEntity, "Invalid request.\n\n\"content\" wasn't supplied.")
	}
	data := []byte(*in.Content)
	if in.Encoding == "base64" {
		decoded, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(*in.Content, "\n", ""))
		if err != nil {
			return githubFail(http.StatusUnprocessableEntity, "content is not valid Base64")
		}
		data = decoded
	}
	sha := g.store.put("blob", data)
	return githubCreated(jsonObject{"sha": sha, "url": q.api("/git/blobs/" + sha)})
}
