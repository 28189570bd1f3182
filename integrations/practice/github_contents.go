package practice

import (
	"encoding/base64"
	"net/http"
	"path"
	"strings"
)

// routes registers every call that the local GitHub knows.
func (g *GitHub) routes() {
	const repo = "/repos/{owner}/{repo}"
	g.handle("GET /user", func(*githubCall) *githubReply { return githubOK(g.userJSON(githubLogin)) })
	g.handle("GET /users/{login}", func(q *githubCall) *githubReply {
		if login := q.path("login"); login == githubOwner || g.named(login) != nil || g.isCollaborator(login) {
			return githubOK(g.userJSON(login))
		}
		return githubFail(http.StatusNotFound, "Not Found")
	})
	g.handle("GET /rate_limit", func(*githubCall) *githubReply {
		core := jsonObject{"limit": g.limit, "used": g.used, "remaining": max(0, g.limit-g.used), "reset": g.reset.Unix()}
		return githubOK(jsonObject{"resources": jsonObject{"core": core}, "rate": core})
	})
	g.handle("GET "+repo, func(q *githubCall) *githubReply { return githubOK(g.repoJSON(q)) })
	g.compareRoutes()
	g.handle("GET "+repo+"/branches", g.listBranches)
	g.handle("GET "+repo+"/branches/{branch...}", g.getBranch)
	g.handle("GET "+repo+"/contents", g.getContents)
	g.handle("GET "+repo+"/contents/{path...}", g.getContents)
	g.handle("PUT "+repo+"/contents/{path...}", g.putContents)
	g.handle("DELETE "+repo+"/contents/{path...}", g.deleteContents)
	g.handle("GET "+repo+"/raw/{sha}/{path...}", g.download)
	g.handle("GET "+repo+"/collaborators/{login}", func(q *githubCall) *githubReply {
		if !g.isCollaborator(q.path("login")) {
			return githubFail(http.StatusNotFound, "Not Found")
		}
		return &githubReply{status: http.StatusNoContent}
	})
	g.handle("GET "+repo+"/collaborators/{login}/permission", func(q *githubCall) *githubReply {
		login, right := q.path("login"), "read" // the repository is public
		if g.isCollaborator(login) {
			right = "write"
		}
		return githubOK(jsonObject{"permission": right, "role_name": right, "user": g.userJSON(login)})
	})
	g.gitRoutes()
	g.pullRoutes()
	g.issueRoutes()
	g.reviewRoutes()
	g.appRoutes()
	g.graphRoutes()
	g.statusRoutes()
	g.hookRoutes()
	g.forkRoutes()
}

// web is a page of the repository for people.
func (g *GitHub) web(path string) string { return g.WebURL + "/" + g.Repo() + path }

func (g *GitHub) branchJSON(q *githubCall, name string, whole bool) jsonObject {
	sha := g.refs["refs/heads/"+name]
	commit := jsonObject{"sha": sha, "url": q.api("/commits/" + sha)}
	if c, found := g.store.commit(sha); found && whole {
		commit = g.commitJSON(q, c)
	}
	return jsonObject{"name": name, "protected": false, "commit": commit}
}

func (g *GitHub) listBranches(q *githubCall) *githubReply {
	list := make([]jsonObject, 0)
	for _, name := range g.refNames("refs/heads/") {
		list = append(list, g.branchJSON(q, strings.TrimPrefix(name, "refs/heads/"), false))
	}
	return githubOK(list)
}

func (g *GitHub) getBranch(q *githubCall) *githubReply {
	name := q.path("branch")
	if _, found := g.refs["refs/heads/"+name]; !found {
		return githubFail(http.StatusNotFound, "Branch not found")
	}
	return githubOK(g.branchJSON(q, name, true))
}

// contentJSON is a file or folder as /contents shows it.
func (g *GitHub) contentJSON(q *githubCall, commit, at string, e gitEntry, whole bool) jsonObject {
	kind := map[string]string{"tree": "dir", "blob": "file", "commit": "submodule"}[e.kind()]
	o := jsonObject{
		"type": kind, "name": path.Base(at), "path": at, "sha": e.sha, "size": 0,
		"url": q.api("/contents/" + at), "git_url": q.api("/git/" + e.kind() + "s/" + e.sha),
		"html_url": g.web("/blob/" + commit + "/" + at), "download_url": nil,
	}
	o["_links"] = jsonObject{"self": o["url"], "git": o["git_url"], "html": o["html_url"]}
	if data, is := g.store.blob(e.sha); is {
		o["size"], o["download_url"] = len(data), q.api("/raw/"+commit+"/"+at)
		if whole {
			o["encoding"], o["content"] = "base64", wrapped(data)
		}
	}
	return o
}

func (g *GitHub) getContents(q *githubCall) *githubReply {
	ref := q.query.Get("ref")
	commit, found := g.resolve(ref)
	if !found {
		return githubFail(http.StatusNotFound, "No commit found for the ref "+ref)
	}
	c, _ := g.store.commit(commit)
	at := strings.Trim(q.path("path"), "/")
	entry, found := g.store.entryAt(c.tree, at)
	if !found {
		return githubFail(http.StatusNotFound, "Not Found")
	}
	if entry.kind() != "tree" {
		if data, is := g.store.blob(entry.sha); is && q.raw {
			return githubOK(data)
		}
		return githubOK(g.contentJSON(q, commit, at, entry, true))
	}
	list := make([]jsonObject, 0)
	entries, _ := g.store.tree(entry.sha)
	for _, e := range entries {
		list = append(list, g.contentJSON(q, commit, path.Join(at, e.name), e, false))
	}
	return &githubReply{http.StatusOK, wholeList(list)}
}

// wholeList is a list that comes on one page, however long it is.
type wholeList []jsonObject

// download answers the download_url of a file.
func (g *GitHub) download(q *githubCall) *githubReply {
	c, _ := g.store.commit(q.path("sha"))
	entry, found := g.store.entryAt(c.tree, q.path("path"))
	data, is := g.store.blob(entry.sha)
	if !found || !is {
		return githubFail(http.StatusNotFound, "Not Found")
	}
	return githubOK(data)
}

// contentsIn is what PUT and DELETE of /contents take.
type contentsIn struct {
	Message, SHA, Branch string
	Content              *string
	Author, Committer    *personIn
}

// contentsTarget checks what PUT and DELETE of /contents have in common: the branch, and that sha names the file as
// it is now.
func (g *GitHub) contentsTarget(q *githubCall) (in contentsIn, at, old string, refused *githubReply) {
	if bad := q.decode(&in); bad != nil {
		return in, "", "", bad
	}
	if in.Branch == "" {
		in.Branch = githubBase
	}
	at = q.path("path")
	head, found := g.refs["refs/heads/"+in.Branch]
	switch {
	case !found:
		return in, "", "", githubFail(http.StatusNotFound, "Branch "+in.Branch+" not found")
	case in.Message == "":
		return in, "", "", githubFail(http.StatusUnprocessableEntity, "Invalid request.\n\n\"message\" wasn't supplied.")
	case !pathAllowed(at):
		return in, "", "", githubFail(http.StatusUnprocessableEntity, "path contains a malformed path component")
	}
	c, _ := g.store.commit(head)
	if entry, exists := g.store.entryAt(c.tree, at); exists {
		old = entry.sha
		if in.SHA == "" {
			return in, "", "", githubFail(http.StatusUnprocessableEntity, "Invalid request.\n\n\"sha\" wasn't supplied.")
		}
	}
	if in.SHA != "" && in.SHA != old {
		return in, "", "", githubFail(http.StatusConflict, at+" is at "+old+" but expected "+in.SHA)
	}
	return in, at, old, nil
}

// commitContents commits a changed set of files onto a branch for a caller of /contents.
func (g *GitHub) commitContents(in contentsIn, edit func(map[string]gitFile)) (gitCommit, *githubReply) {
	author, bad := g.person(in.Author, g.botPerson())
	if bad != nil {
		return gitCommit{}, bad
	}
	committer, bad := g.person(in.Committer, author)
	if bad != nil {
		return gitCommit{}, bad
	}
	return g.commitOn(in.Branch, in.Message, author, committer, githubLogin, edit), nil
}

// commitOn edits the files of a branch's head and moves the branch to a new commit.
func (g *GitHub) commitOn(branch, message string, author, committer gitPerson, by string, edit func(map[string]gitFile)) gitCommit {
	ref := "refs/heads/" + branch
	head, _ := g.store.commit(g.refs[ref])
	files := g.store.files(head.tree)
	edit(files)
	sha := g.store.putCommit(gitCommit{
		tree: g.store.putFiles(files), parents: []string{head.sha}, author: author, committer: committer, message: message,
	})
	g.moveRef(ref, sha, by)
	c, _ := g.store.commit(sha)
	return c
}

func (g *GitHub) putContents(q *githubCall) *githubReply {
	in, at, old, refused := g.contentsTarget(q)
	if refused != nil {
		return refused
	}
	if in.Content == nil {
		return githubFail(http.StatusUnprocessableEntity, "Invalid request.\n\n\"content\" wasn't supplied.")
	}
	data, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(*in.Content, "\n", ""))
	if err != nil {
		return githubFail(http.StatusUnprocessableEntity, "content is not valid Base64")
	}
	file := gitFile{mode: "100644", sha: g.store.put("blob", data)}
	c, refused := g.commitContents(in, func(files map[string]gitFile) { setFile(files, at, file) })
	if refused != nil {
		return refused
	}
	entry, _ := g.store.entryAt(c.tree, at)
	body := jsonObject{"content": g.contentJSON(q, c.sha, at, entry, false), "commit": g.gitCommitJSON(q, c)}
	if old == "" {
		return githubCreated(body)
	}
	return githubOK(body)
}

func (g *GitHub) deleteContents(q *githubCall) *githubReply {
	in, at, old, refused := g.contentsTarget(q)
	if refused != nil {
		return refused
	}
	if old == "" {
		return githubFail(http.StatusNotFound, "Not Found")
	}
	c, refused := g.commitContents(in, func(files map[string]gitFile) { clearPath(files, at) })
	if refused != nil {
		return refused
	}
	return githubOK(jsonObject{"content": nil, "commit": g.gitCommitJSON(q, c)})
}
