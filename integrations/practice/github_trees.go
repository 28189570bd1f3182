package practice

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

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

// gitName is the name of any object, also of a commit in another repository, which is not looked up.
var gitName = regexp.MustCompile(`^[0-9a-f]{40}$`)

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
	case (e.Mode == "160000" && gitName.MatchString(sha)) || (e.Mode != "040000" && g.store.is(sha, "blob")):
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
