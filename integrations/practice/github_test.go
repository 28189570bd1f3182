package practice

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-github/v60/github"
)

// gitHubClient is the client that the bot uses, pointed at the workspace.

func gitHubClient(t *testing.T, base, token string) *github.Client {
	t.Helper()
	c := github.NewClient(nil).WithAuthToken(token)
	u, err := url.Parse(base + GitHubPath)
	if err != nil {
		t.Fatal(err)
	}
	c.BaseURL = u
	return c
}

// author is a client with its repository, so that tests read as what they do.
type author struct {
	t   *testing.T
	c   *github.Client
	ctx context.Context
}

func newAuthor(t *testing.T, base string) author {
	return author{t, gitHubClient(t, base, "practice-github"), t.Context()}
}

// commit makes a commit with one file on top of a commit and returns its name.
func (a author) commit(parent, path, content string) string {
	a.t.Helper()
	pc, _, err := a.c.Git.GetCommit(a.ctx, "owner", "site", parent)
	if err != nil {
		a.t.Fatal(err)
	}
	tree, _, err := a.c.Git.CreateTree(a.ctx, "owner", "site", pc.Tree.GetSHA(), []*github.TreeEntry{{
		Path: github.String(path), Mode: github.String("100644"), Type: github.String("blob"), Content: github.String(content),
	}})
	if err != nil {
		a.t.Fatal(err)
	}
	c, _, err := a.c.Git.CreateCommit(a.ctx, "owner", "site", &github.Commit{
		Message: github.String("Add " + path), Tree: tree, Parents: []*github.Commit{{SHA: github.String(parent)}},
	}, nil)
	if err != nil {
		a.t.Fatal(err)
	}
	return c.GetSHA()
}

func (a author) head(branch string) string {
	a.t.Helper()
	ref, _, err := a.c.Git.GetRef(a.ctx, "owner", "site", "heads/"+branch)
	if err != nil {
		a.t.Fatal(err)
	}
	return ref.Object.GetSHA()
}

func ref(branch, sha string) *github.Reference {
	return &github.Reference{Ref: github.String("refs/heads/" + branch), Object: &github.GitObject{SHA: github.String(sha)}}
}

// branch makes a branch with one new file.
func (a author) branch(name, path, content string) {
	a.t.Helper()
	if _, _, err := a.c.Git.CreateRef(a.ctx, "owner", "site", ref(name, a.commit(a.head("master"), path, content))); err != nil {
		a.t.Fatal(err)
	}
}

func (a author) open(branch string, draft bool) (*github.PullRequest, error) {
	pr, _, err := a.c.PullRequests.Create(a.ctx, "owner", "site", &github.NewPullRequest{
		Title: github.String("Post-mortem"), Head: github.String(branch), Base: github.String("master"),
		Body: github.String("Still missing: impact"), Draft: github.Bool(draft),
	})
	return pr, err
}

// says checks that an error is GitHub's, with that status and those words in its message or its errors.
func says(t *testing.T, what string, err error, status int, words string) {
	t.Helper()
	var refused *github.ErrorResponse
	if !errors.As(err, &refused) || refused.Response.StatusCode != status || !strings.Contains(err.Error(), words) {
		t.Errorf("%s: %v, want %d %q", what, err, status, words)
	}
}

const post = "_posts/deployments/2026-07-08-post-mortem.md"

func TestGitHubPostBecomesPullRequest(t *testing.T) {
	t.Parallel()
	w, base := serveAll(t, newTestClock())
	a := newAuthor(t, base)
	repo, _, err := a.c.Repositories.Get(a.ctx, "owner", "site")
	if err != nil || repo.GetDefaultBranch() != "master" || !repo.GetPermissions()["push"] {
		t.Fatalf("repository = %v, %v", repo, err)
	}
	_, _, err = a.c.Git.GetRef(a.ctx, "owner", "site", "heads/post-mortem/inc-42")
	says(t, "a branch that is not there", err, 404, "Not Found")
	a.branch("post-mortem/inc-42", post, "first\n")

	pr, err := a.open("post-mortem/inc-42", true)
	if err != nil {
		t.Fatal(err)
	}
	if !pr.GetDraft() || pr.GetNumber() != 1 || pr.Head.GetRef() != "post-mortem/inc-42" || pr.Base.Repo.GetFullName() != "owner/site" ||
		pr.GetHTMLURL() != "https://github.com/owner/site/pull/1" {
		t.Errorf("pull request = %v", pr)
	}
	if got, found := w.GitHub.File("post-mortem/inc-42", post); !found || got != "first\n" {
		t.Errorf("file on the branch = %q, %v", got, found)
	}
	if _, found := w.GitHub.File("", post); found {
		t.Error("the file is on master before the merge")
	}

	next := a.commit(a.head("post-mortem/inc-42"), post, "first\nsecond\n")
	if _, _, err := a.c.Git.UpdateRef(a.ctx, "owner", "site", ref("post-mortem/inc-42", next), false); err != nil {
		t.Fatal(err)
	}
	files, _, err := a.c.PullRequests.ListFiles(a.ctx, "owner", "site", 1, nil)
	if err != nil || len(files) != 1 || files[0].GetStatus() != "added" || files[0].GetAdditions() != 2 {
		t.Errorf("files = %v, %v", files, err)
	}
	commits, _, err := a.c.PullRequests.ListCommits(a.ctx, "owner", "site", 1, nil)
	if err != nil || len(commits) != 2 || commits[1].GetSHA() != next {
		t.Errorf("commits = %v, %v", commits, err)
	}
	if err := w.GitHub.Merge(1, "ana"); err != nil {
		t.Fatal(err)
	}
	pr, _, err = a.c.PullRequests.Get(a.ctx, "owner", "site", 1)
	if err != nil || !pr.GetMerged() || pr.GetState() != "closed" || pr.GetMergedBy().GetLogin() != "ana" || pr.GetMergeCommitSHA() != a.head("master") {
		t.Errorf("merged = %v, %v", pr, err)
	}
	if got, _ := w.GitHub.File("master", post); got != "first\nsecond\n" {
		t.Errorf("file on master = %q", got)
	}
	if u := w.GitHub.Unknown(); len(u) > 0 {
		t.Errorf("unknown calls: %v", u)
	}
}

func TestGitHubKeepsWhatPeopleWrote(t *testing.T) {
	t.Parallel()
	w, base := serveAll(t, newTestClock())
	a := newAuthor(t, base)
	a.branch("post-mortem/inc-1", post, "ours\n")
	if _, err := a.open("post-mortem/inc-1", true); err != nil {
		t.Fatal(err)
	}
	before := a.head("post-mortem/inc-1")
	if err := w.GitHub.EditFile("post-mortem/inc-1", post, "theirs\n", "ben"); err != nil {
		t.Fatal(err)
	}
	late := a.commit(before, post, "ours again\n")
	_, _, err := a.c.Git.UpdateRef(a.ctx, "owner", "site", ref("post-mortem/inc-1", late), false)
	says(t, "overwriting a reviewer's commit", err, 422, "Update is not a fast forward")
	if got, _ := w.GitHub.File("post-mortem/inc-1", post); got != "theirs\n" {
		t.Errorf("file = %q", got)
	}
	log := w.GitHub.Log("post-mortem/inc-1")
	if len(log) != 3 || log[0].Author != "ben" {
		t.Errorf("log = %+v", log)
	}
	file, _, _, err := a.c.Repositories.GetContents(a.ctx, "owner", "site", post, &github.RepositoryContentGetOptions{Ref: "post-mortem/inc-1"})
	if err != nil {
		t.Fatal(err)
	}
	if content, err := file.GetContent(); err != nil || content != "theirs\n" {
		t.Errorf("contents = %q, %v", content, err)
	}
}

func TestGitHubRefuses(t *testing.T) {
	t.Parallel()
	w, base := serveAll(t, newTestClock())
	a := newAuthor(t, base)
	a.branch("post-mortem/inc-1", post, "x\n")
	if _, err := a.open("post-mortem/inc-1", true); err != nil {
		t.Fatal(err)
	}
	master := a.head("master")
	_, err := a.open("post-mortem/inc-1", true)
	says(t, "a second pull request", err, 422, "A pull request already exists for owner:post-mortem/inc-1.")
	var refused *github.ErrorResponse
	if errors.As(err, &refused) && (len(refused.Errors) != 1 || refused.Errors[0].Code != "custom") {
		t.Errorf("errors = %+v", refused.Errors)
	}
	_, err = a.open("post-mortem/inc-9", true)
	says(t, "a head that is not there", err, 422, "invalid")
	_, _, err = a.c.Git.CreateRef(a.ctx, "owner", "site", ref("empty", master))
	if err != nil {
		t.Fatal(err)
	}
	_, err = a.open("empty", false)
	says(t, "nothing to merge", err, 422, "No commits between master and empty")
	for what, tc := range map[string]struct {
		branch, sha, words string
	}{
		"the same branch again":       {"post-mortem/inc-1", master, "Reference already exists"},
		"a commit that is not there":  {"other", strings.Repeat("0", 40), "Object does not exist"},
		"a branch above a branch":     {"post-mortem", master, "Reference update failed"},
		"a name that git cannot have": {"a..b", master, "not a valid ref name"},
	} {
		_, _, err := a.c.Git.CreateRef(a.ctx, "owner", "site", ref(tc.branch, tc.sha))
		says(t, what, err, 422, tc.words)
	}
	for _, path := range []string{"../x", "/x", "a//b", "a/./b", ".git/config", ""} {
		_, _, err := a.c.Git.CreateTree(a.ctx, "owner", "site", "", []*github.TreeEntry{{
			Path: github.String(path), Mode: github.String("100644"), Type: github.String("blob"), Content: github.String("x"),
		}})
		says(t, "the path "+path, err, 422, "malformed path component")
	}
	_, _, err = a.c.PullRequests.RequestReviewers(a.ctx, "owner", "site", 1, github.ReviewersRequest{Reviewers: []string{"stranger"}})
	says(t, "a stranger as reviewer", err, 422, "collaborators")
	_, _, err = a.c.PullRequests.Merge(a.ctx, "owner", "site", 1, "", nil)
	says(t, "merging a draft", err, 405, "draft")
	_, _, err = a.c.Repositories.Get(a.ctx, "owner", "another")
	says(t, "another repository", err, 404, "Not Found")
	stranger := gitHubClient(t, base, "ghp_real")
	_, _, err = stranger.Users.Get(a.ctx, "")
	says(t, "a real token", err, 401, "Bad credentials")
	_, _, err = a.c.Gists.Get(a.ctx, "1")
	says(t, "an unknown call", err, 404, "Not Found")
	if u := w.GitHub.Unknown(); len(u) != 1 || u[0] != "GET /gists/1" {
		t.Errorf("unknown = %v", u)
	}
}

func TestGitHubRateLimit(t *testing.T) {
	t.Parallel()
	clock := newTestClock()
	w, base := serveAll(t, clock)
	w.GitHub.SetRateLimit(2)
	a := newAuthor(t, base)
	a.head("master")
	a.head("master")
	_, _, err := gitHubClient(t, base, "practice-github").Git.GetRef(a.ctx, "owner", "site", "heads/master")
	var limited *github.RateLimitError
	if !errors.As(err, &limited) || limited.Rate.Limit != 2 || !limited.Rate.Reset.Equal(github.Timestamp{Time: clock.now().Add(time.Hour)}) {
		t.Errorf("third call: %v", err)
	}
	clock.move(time.Hour)
	newAuthor(t, base).head("master")
}

func TestGitHubContents(t *testing.T) {
	t.Parallel()
	w, base := serveAll(t, newTestClock())
	a := newAuthor(t, base)
	_, dir, _, err := a.c.Repositories.GetContents(a.ctx, "owner", "site", "_posts/deployments", nil)
	if err != nil || len(dir) != 2 || dir[0].GetType() != "file" {
		t.Fatalf("folder = %v, %v", dir, err)
	}
	_, _, _, err = a.c.Repositories.GetContents(a.ctx, "owner", "site", "nothing.md", nil)
	says(t, "a file that is not there", err, 404, "Not Found")
	opts := &github.RepositoryContentFileOptions{Message: github.String("note"), Content: []byte("one\n")}
	put, _, err := a.c.Repositories.CreateFile(a.ctx, "owner", "site", "notes.md", opts)
	if err != nil {
		t.Fatal(err)
	}
	opts.Content = []byte("two\n")
	_, _, err = a.c.Repositories.UpdateFile(a.ctx, "owner", "site", "notes.md", opts)
	says(t, "an update without sha", err, 422, `"sha" wasn't supplied`)
	opts.SHA = github.String(strings.Repeat("1", 40))
	_, _, err = a.c.Repositories.UpdateFile(a.ctx, "owner", "site", "notes.md", opts)
	says(t, "an update of something else", err, 409, "but expected 1111")
	opts.SHA = put.Content.SHA
	if _, _, err := a.c.Repositories.UpdateFile(a.ctx, "owner", "site", "notes.md", opts); err != nil {
		t.Error(err)
	}
	if got, _ := w.GitHub.File("", "notes.md"); got != "two\n" {
		t.Errorf("file = %q", got)
	}
	rc, _, err := a.c.Repositories.DownloadContents(a.ctx, "owner", "site", "notes.md", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer rc.Close()
	branch, _, err := a.c.Repositories.GetBranch(a.ctx, "owner", "site", "master", 0)
	if err != nil || branch.Commit.GetSHA() != a.head("master") {
		t.Errorf("branch = %v, %v", branch, err)
	}
}

func TestGitHubAnswersNotModified(t *testing.T) {
	t.Parallel()
	_, base := serveAll(t, newTestClock())
	get := func(etag string) *http.Response {
		req, err := http.NewRequest(http.MethodGet, base+GitHubPath+"repos/owner/site", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "token practice-x")
		req.Header.Set("If-None-Match", etag)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp
	}
	first := get("")
	if again := get(first.Header.Get("ETag")); first.StatusCode != 200 || again.StatusCode != 304 {
		t.Errorf("statuses %d and %d, want 200 and 304", first.StatusCode, again.StatusCode)
	}
}

func TestGitHubCallsAreNamed(t *testing.T) {
	t.Parallel()
	w, base := serveAll(t, newTestClock())
	a := newAuthor(t, base)
	a.branch("post-mortem/inc-1", post, "x\n")
	if _, err := a.open("post-mortem/inc-1", false); err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.c.PullRequests.Get(a.ctx, "owner", "site", 1); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range w.Wire.Calls() {
		names = append(names, c.Name)
	}
	want := []string{
		"GET /repos/owner/site/git/ref/{ref}", "GET /repos/owner/site/git/commits/{sha}", "POST /repos/owner/site/git/trees",
		"POST /repos/owner/site/git/commits", "POST /repos/owner/site/git/refs", "POST /repos/owner/site/pulls",
		"GET /repos/owner/site/pulls/{n}",
	}
	if got := strings.Join(names, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("calls:\n%s", got)
	}
	if _, err := json.Marshal(w.GitHub.Pulls()); err != nil {
		t.Error(err)
	}
}
