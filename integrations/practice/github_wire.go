package practice

import (
	"fmt"
	"hash/fnv"
	"net/http"
	"strconv"
	"time"
)

// Whole answers as GitHub gives them, by the response schemas below https://docs.github.com/rest. What practice has no
// use for is there with the value of a small public repository that does not use it.

// githubID is a number for something that has only a name, the same in each run.
func githubID(kind, name string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(kind + " " + name)) // never fails, see hash.Hash
	return int(h.Sum32() >> 2)
}

func (g *GitHub) userJSON(login string) jsonObject {
	api := "https://api.github.com/users/" + login
	return jsonObject{
		"login": login, "id": githubID("user", login), "node_id": "U_" + login, "type": "User", "site_admin": false,
		"user_view_type": "public", "gravatar_id": "", "avatar_url": "https://avatars.practice.example/u/" + login,
		"html_url": g.WebURL + "/" + login, "url": api, "followers_url": api + "/followers",
		"following_url": api + "/following{/other_user}", "gists_url": api + "/gists{/gist_id}",
		"starred_url": api + "/starred{/owner}{/repo}", "subscriptions_url": api + "/subscriptions",
		"organizations_url": api + "/orgs", "repos_url": api + "/repos", "events_url": api + "/events{/privacy}",
		"received_events_url": api + "/received_events",
	}
}

func (g *GitHub) repoJSON(q *githubCall) jsonObject {
	o := jsonObject{
		"id": 1, "node_id": "R_1", "name": g.name, "full_name": g.Repo(), "owner": g.userJSON(g.owner),
		"private": false, "fork": g.parent != nil, "archived": false, "disabled": false, "visibility": "public", "description": nil,
		"homepage": nil, "language": nil, "license": nil, "default_branch": githubBase, "url": q.api(""), "html_url": g.web(""),
		"clone_url": g.web(".git"), "svn_url": g.web(""), "mirror_url": nil, "is_template": false, "topics": []string{},
		"git_url": "git://github.com/" + g.Repo() + ".git", "ssh_url": "git@github.com:" + g.Repo() + ".git", "size": 1,
		"created_at": githubTime(siteFirstCommit), "updated_at": githubTime(siteFirstCommit), "pushed_at": githubTime(g.o.Now()),
		"stargazers_count": 0, "watchers_count": 0, "watchers": 0, "subscribers_count": 0, "network_count": 0, "forks_count": 0,
		"forks": 0, "open_issues_count": g.openPulls(), "open_issues": g.openPulls(), "has_issues": true, "has_projects": false,
		"has_wiki": false, "has_pages": true, "has_downloads": true, "has_discussions": false, "allow_forking": true,
		"web_commit_signoff_required": false, "allow_merge_commit": true, "allow_squash_merge": true, "allow_rebase_merge": false,
		"allow_auto_merge": false, "delete_branch_on_merge": false, "allow_update_branch": false,
		"permissions": jsonObject{"admin": false, "maintain": false, "push": !g.noPush, "triage": true, "pull": true},
	}
	if g.parent != nil {
		above := jsonObject{"id": 1, "name": g.parent.name, "full_name": g.parent.Repo(), "owner": g.userJSON(g.parent.owner), "fork": false}
		o["id"], o["node_id"], o["parent"], o["source"] = 2, "R_2", above, above
		o["created_at"] = githubTime(g.made)
	}
	for name, path := range map[string]string{
		"forks": "/forks", "keys": "/keys{/key_id}", "collaborators": "/collaborators{/collaborator}", "teams": "/teams",
		"hooks": "/hooks", "issue_events": "/issues/events{/number}", "events": "/events", "assignees": "/assignees{/user}",
		"branches": "/branches{/branch}", "tags": "/tags", "blobs": "/git/blobs{/sha}", "git_tags": "/git/tags{/sha}",
		"git_refs": "/git/refs{/sha}", "trees": "/git/trees{/sha}", "statuses": "/statuses/{sha}", "languages": "/languages",
		"stargazers": "/stargazers", "contributors": "/contributors", "subscribers": "/subscribers",
		"subscription": "/subscription", "commits": "/commits{/sha}", "git_commits": "/git/commits{/sha}",
		"comments": "/comments{/number}", "issue_comment": "/issues/comments{/number}", "contents": "/contents/{+path}",
		"compare": "/compare/{base}...{head}", "merges": "/merges", "archive": "/{archive_format}{/ref}",
		"downloads": "/downloads", "issues": "/issues{/number}", "pulls": "/pulls{/number}", "milestones": "/milestones{/number}",
		"notifications": "/notifications{?since,all,participating}", "labels": "/labels{/name}", "releases": "/releases{/id}",
		"deployments": "/deployments",
	} {
		o[name+"_url"] = q.api(path)
	}
	return o
}

func (g *GitHub) openPulls() int {
	n := 0
	for _, p := range g.pulls {
		if p.State == "open" {
			n++
		}
	}
	return n
}

// commitJSON is a commit as the calls outside of /git/ show it.
func (g *GitHub) commitJSON(q *githubCall, c gitCommit) jsonObject {
	whole := g.gitCommitJSON(q, c)
	inner := jsonObject{
		"author": whole["author"], "committer": whole["committer"], "message": c.message, "tree": whole["tree"],
		"url": q.api("/git/commits/" + c.sha), "comment_count": 0, "verification": whole["verification"],
	}
	parents := make([]jsonObject, 0, len(c.parents))
	for _, p := range c.parents {
		parents = append(parents, jsonObject{"sha": p, "url": q.api("/commits/" + p), "html_url": g.web("/commit/" + p)})
	}
	return jsonObject{
		"sha": c.sha, "node_id": "C_" + c.sha, "url": q.api("/commits/" + c.sha), "html_url": g.web("/commit/" + c.sha),
		"comments_url": q.api("/commits/" + c.sha + "/comments"), "commit": inner, "parents": parents,
		"author": g.accountOf(c.author), "committer": g.accountOf(c.committer),
	}
}

// accountOf is the account that an author's e-mail address belongs to, null for a stranger's.
func (g *GitHub) accountOf(p gitPerson) any {
	for _, login := range g.collaborators {
		if p.email == login+"@users.noreply.github.com" {
			return g.userJSON(login)
		}
	}
	return nil
}

// labelJSON is a label; its colour is the one that GitHub gives to labels made in passing.
func (q *githubCall) labelJSON(name string) jsonObject {
	return jsonObject{
		"id": githubID("label", name), "node_id": "LA_" + name, "url": q.api("/labels/" + name), "name": name,
		"color": "ededed", "default": false, "description": nil,
	}
}

func (g *GitHub) association(login string) string {
	switch {
	case login == githubOwner:
		return "OWNER"
	case g.isCollaborator(login):
		return "COLLABORATOR"
	}
	return "NONE"
}

func githubTime(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return at.UTC().Format(time.RFC3339)
}

// pullAlone are the fields that a list of pull requests leaves out.
var pullAlone = []string{
	"merged", "mergeable", "mergeable_state", "rebaseable", "merged_by", "comments", "review_comments", "commits", "additions",
	"deletions", "changed_files", "maintainer_can_modify",
}

func (g *GitHub) pullJSON(q *githubCall, p *Pull) jsonObject {
	base, head := g.ends(p)
	side := func(g *GitHub, branch, sha string) jsonObject {
		q := &githubCall{base: q.base, repo: g.Repo()}
		return jsonObject{
			"label": g.owner + ":" + branch, "ref": branch, "sha": sha, "user": g.userJSON(g.owner), "repo": g.repoJSON(q),
		}
	}
	path, issue := "/pulls/"+strconv.Itoa(p.Number), "/issues/"+strconv.Itoa(p.Number)
	o := jsonObject{
		"id": 1000 + p.Number, "node_id": fmt.Sprintf("PR_%d", p.Number), "number": p.Number, "state": p.State,
		"title": p.Title, "body": p.Body, "draft": p.Draft, "locked": false, "active_lock_reason": nil,
		"user": g.userJSON(p.Author), "author_association": g.association(p.Author), "auto_merge": nil,
		"url": q.api(path), "html_url": g.web(pullPath(p)), "diff_url": g.web(pullPath(p) + ".diff"),
		"patch_url": g.web(pullPath(p) + ".patch"), "issue_url": q.api(issue), "commits_url": q.api(path + "/commits"),
		"review_comments_url": q.api(path + "/comments"), "review_comment_url": q.api("/pulls/comments{/number}"),
		"comments_url": q.api(issue + "/comments"), "statuses_url": q.api("/statuses/" + head),
		"head": side(g.headOf(p), p.Head, head), "base": side(g, p.Base, base), "milestone": nil, "assignee": nil,
		"created_at": githubTime(p.Created), "updated_at": githubTime(p.Updated), "closed_at": githubTime(p.Closed),
		"merged_at": githubTime(p.MergedAt), "merged": p.Merged, "merge_commit_sha": nil, "merged_by": nil,
		"labels": listOf(p.Labels, q.labelJSON), "requested_reviewers": listOf(p.Reviewers, g.userJSON),
		"requested_teams": []jsonObject{}, "assignees": []jsonObject{}, "comments": len(p.Comments), "review_comments": len(p.Lines),
		"maintainer_can_modify": p.maintainerCanModify, "mergeable": nil, "rebaseable": nil, "mergeable_state": "unknown",
		"commits": len(g.store.ahead(base, head)),
	}
	links := jsonObject{}
	for name, key := range map[string]string{
		"self": "url", "html": "html_url", "issue": "issue_url", "comments": "comments_url", "commits": "commits_url",
		"review_comments": "review_comments_url", "review_comment": "review_comment_url", "statuses": "statuses_url",
	} {
		links[name] = jsonObject{"href": o[key]}
	}
	o["_links"] = links
	if p.Merged {
		o["merge_commit_sha"], o["merged_by"] = p.MergeCommit, g.userJSON(p.MergedBy)
	}
	return o
}

// pullWhole is a pull request as it is shown alone: with the size of the change, and whether it can be merged.
func (g *GitHub) pullWhole(q *githubCall, p *Pull) jsonObject {
	o := g.pullJSON(q, p)
	added, removed := 0, 0
	changes := g.pullChanges(p)
	for _, c := range changes {
		added, removed = added+c.added, removed+c.removed
	}
	o["additions"], o["deletions"], o["changed_files"] = added, removed, len(changes)
	if p.State == "open" {
		clean := g.mergeable(p)
		o["mergeable"], o["rebaseable"], o["mergeable_state"] = clean, clean, "clean"
		switch {
		case !clean:
			o["mergeable_state"] = "dirty"
		case p.Draft:
			o["mergeable_state"] = "draft"
		}
	}
	return o
}

// getPull gives one pull request, as JSON or as the diff that the caller's Accept header may ask for.
func (g *GitHub) getPull(p *Pull, q *githubCall) *githubReply {
	if q.diff {
		text := ""
		for _, c := range g.pullChanges(p) {
			text += c.text()
		}
		return &githubReply{http.StatusOK, githubText(text)}
	}
	return githubOK(g.pullWhole(q, p))
}

func (g *GitHub) issueJSON(q *githubCall, p *Pull) jsonObject {
	path := "/issues/" + strconv.Itoa(p.Number)
	o := jsonObject{
		"id": 1000 + p.Number, "node_id": fmt.Sprintf("PR_%d", p.Number), "number": p.Number, "title": p.Title, "body": p.Body,
		"state": p.State, "state_reason": nil, "user": g.userJSON(p.Author), "author_association": g.association(p.Author),
		"labels": listOf(p.Labels, q.labelJSON), "comments": len(p.Comments), "assignee": nil, "assignees": []jsonObject{},
		"milestone": nil, "locked": false, "active_lock_reason": nil, "closed_by": nil, "draft": p.Draft,
		"created_at": githubTime(p.Created), "updated_at": githubTime(p.Updated), "closed_at": githubTime(p.Closed),
		"url": q.api(path), "html_url": g.web(pullPath(p)), "repository_url": q.api(""), "comments_url": q.api(path + "/comments"),
		"events_url": q.api(path + "/events"), "labels_url": q.api(path + "/labels{/name}"),
	}
	o["pull_request"] = jsonObject{
		"url": q.api("/pulls/" + strconv.Itoa(p.Number)), "html_url": g.web(pullPath(p)), "diff_url": g.web(pullPath(p) + ".diff"),
		"patch_url": g.web(pullPath(p) + ".patch"), "merged_at": githubTime(p.MergedAt),
	}
	return o
}

func (g *GitHub) commentJSON(q *githubCall, p *Pull, c PullComment) jsonObject {
	id := strconv.Itoa(c.ID)
	return jsonObject{
		"id": c.ID, "node_id": "IC_" + id, "body": c.Body, "user": g.userJSON(c.By), "author_association": g.association(c.By),
		"created_at": githubTime(c.At), "updated_at": githubTime(c.Edited), "performed_via_github_app": nil,
		"url": q.api("/issues/comments/" + id), "html_url": g.web(pullPath(p) + "#issuecomment-" + id),
		"issue_url": q.api("/issues/" + strconv.Itoa(p.Number)),
	}
}
