package practice

import (
	"net/http"
	"strings"
)

// compareRoutes registers the calls that read history. Source: docs.github.com/rest/commits.
func (g *GitHub) compareRoutes() {
	const repo = "/repos/{owner}/{repo}"
	g.handle("GET "+repo+"/commits", func(q *githubCall) *githubReply {
		sha, found := g.resolve(q.query.Get("sha"))
		if !found {
			return githubFail(http.StatusNotFound, "Not Found")
		}
		return githubOK(listOf(g.store.history(sha), func(c gitCommit) jsonObject { return g.commitJSON(q, c) }))
	})
	g.handle("GET "+repo+"/commits/{ref...}", func(q *githubCall) *githubReply {
		if ref, is := strings.CutSuffix(q.path("ref"), "/status"); is {
			return g.combined(q, ref)
		} else if ref, is := strings.CutSuffix(q.path("ref"), "/statuses"); is {
			return g.listStatuses(q, ref)
		}
		sha, found := g.resolve(q.path("ref"))
		if !found {
			return githubFail(http.StatusUnprocessableEntity, "No commit found for SHA: "+q.path("ref"))
		}
		c, _ := g.store.commit(sha)
		before := ""
		if len(c.parents) > 0 {
			parent, _ := g.store.commit(c.parents[0])
			before = parent.tree
		}
		files := g.store.changes(before, c.tree)
		o := g.commitJSON(q, c)
		o["stats"], o["files"] = changeStats(files), listOf(files, func(f fileChange) jsonObject { return g.fileJSON(q, sha, f) })
		return githubOK(o)
	})
	g.handle("GET "+repo+"/compare/{ends...}", g.compare)
}

func changeStats(files []fileChange) jsonObject {
	added, removed := 0, 0
	for _, f := range files {
		added, removed = added+f.added, removed+f.removed
	}
	return jsonObject{"additions": added, "deletions": removed, "total": added + removed}
}

// fileJSON is one changed file of a commit, a comparison or a pull request.
func (g *GitHub) fileJSON(q *githubCall, sha string, f fileChange) jsonObject {
	return jsonObject{
		"sha": f.sha, "filename": f.path, "status": f.status, "additions": f.added, "deletions": f.removed,
		"changes": f.added + f.removed, "patch": f.patch, "raw_url": q.api("/raw/" + sha + "/" + f.path),
		"blob_url": g.web("/blob/" + sha + "/" + f.path), "contents_url": q.api("/contents/" + f.path + "?ref=" + sha),
	}
}

// compare says how two ends, "base...head", have moved apart.
func (g *GitHub) compare(q *githubCall) *githubReply {
	from, to, both := strings.Cut(q.path("ends"), "...")
	base, baseThere := g.resolve(from)
	head, headThere := g.resolve(to)
	if !both || from == "" || to == "" || !baseThere || !headThere {
		return githubFail(http.StatusNotFound, "Not Found")
	}
	meet := g.store.mergeBase(base, head)
	ahead, behind := g.store.ahead(base, head), g.store.ahead(head, base)
	status := "identical"
	switch {
	case len(ahead) > 0 && len(behind) > 0:
		status = "diverged"
	case len(ahead) > 0:
		status = "ahead"
	case len(behind) > 0:
		status = "behind"
	}
	baseCommit, _ := g.store.commit(base)
	meetCommit, _ := g.store.commit(meet)
	headCommit, _ := g.store.commit(head)
	path := "/compare/" + from + "..." + to
	files := listOf(g.store.changes(meetCommit.tree, headCommit.tree), func(f fileChange) jsonObject { return g.fileJSON(q, head, f) })
	return githubOK(jsonObject{
		"url": q.api(path), "html_url": g.web(path), "permalink_url": g.web(path), "diff_url": g.web(path + ".diff"),
		"patch_url": g.web(path + ".patch"), "status": status, "ahead_by": len(ahead), "behind_by": len(behind),
		"total_commits": len(ahead), "base_commit": g.commitJSON(q, baseCommit), "merge_base_commit": g.commitJSON(q, meetCommit),
		"commits": listOf(ahead, func(c gitCommit) jsonObject { return g.commitJSON(q, c) }), "files": files,
	})
}
