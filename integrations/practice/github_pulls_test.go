package practice

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-github/v60/github"
)

func TestGitHubFindsPullRequestsByHead(t *testing.T) {
	t.Parallel()
	w, base := serveAll(t, newTestClock())
	a := newAuthor(t, base)
	for _, name := range []string{"post-mortem/inc-1", "post-mortem/inc-2"} {
		a.branch(name, "_posts/"+name+".md", name)
		if _, err := a.open(name, false); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.GitHub.ClosePull(1, "ben"); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		state, head string
		want        int
	}{
		{"open", "owner:post-mortem/inc-1", 0},
		{"all", "owner:post-mortem/inc-1", 1},
		{"open", "owner:post-mortem/inc-2", 1},
		{"all", "somebody:post-mortem/inc-2", 0},
		{"all", "post-mortem/inc-2", 2}, // GitHub ignores a head without an owner
	} {
		prs, _, err := a.c.PullRequests.List(a.ctx, "owner", "site", &github.PullRequestListOptions{State: tc.state, Head: tc.head})
		if err != nil || len(prs) != tc.want {
			t.Errorf("%s %s: %d pull requests, %v, want %d", tc.state, tc.head, len(prs), err, tc.want)
		}
	}
	one, resp, err := a.c.PullRequests.List(a.ctx, "owner", "site", &github.PullRequestListOptions{State: "all", ListOptions: github.ListOptions{PerPage: 1}})
	if err != nil || len(one) != 1 || resp.NextPage != 2 {
		t.Errorf("first page: %v, next %d, %v", one, resp.NextPage, err)
	}
}

func TestGitHubFailsAfterOpeningThePullRequest(t *testing.T) {
	t.Parallel()
	w, base := serveAll(t, newTestClock())
	a := newAuthor(t, base)
	a.branch("post-mortem/inc-1", post, "x\n")
	w.Faults.Add(Fault{Service: "github", Call: "POST /repos/owner/site/pulls", Cut: true, Times: 1})
	if _, err := a.open("post-mortem/inc-1", true); err == nil || len(w.GitHub.Pulls()) != 0 {
		t.Errorf("cut before: %v, %d pull requests", err, len(w.GitHub.Pulls()))
	}
	w.Faults.Add(Fault{Service: "github", Call: "POST /repos/owner/site/pulls", Cut: true, After: true, Times: 1})
	if _, err := a.open("post-mortem/inc-1", true); err == nil || len(w.GitHub.Pulls()) != 1 {
		t.Errorf("cut after: %v, %d pull requests", err, len(w.GitHub.Pulls()))
	}
	w.Faults.Add(Fault{
		Service: "github", Call: "*", Status: 403, Times: 1, RetryAfter: time.Minute,
		Body: `{"message":"You have exceeded a secondary rate limit.","documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"}`,
	})
	_, err := a.open("post-mortem/inc-1", true)
	var slow *github.AbuseRateLimitError
	if !errors.As(err, &slow) || slow.GetRetryAfter() != time.Minute {
		t.Errorf("secondary limit: %v", err)
	}
}

func TestGitHubConversation(t *testing.T) {
	t.Parallel()
	w, base := serveAll(t, newTestClock())
	a := newAuthor(t, base)
	a.branch("post-mortem/inc-1", post, "x\n")
	if _, err := a.open("post-mortem/inc-1", true); err != nil {
		t.Fatal(err)
	}
	c, _, err := a.c.Issues.CreateComment(a.ctx, "owner", "site", 1, &github.IssueComment{Body: github.String("please look")})
	if err != nil || c.GetUser().GetLogin() != "practice-bot" {
		t.Fatalf("comment = %v, %v", c, err)
	}
	if _, _, err := a.c.Issues.EditComment(a.ctx, "owner", "site", c.GetID(), &github.IssueComment{Body: github.String("please look again")}); err != nil {
		t.Error(err)
	}
	if err := w.GitHub.Comment(1, "ana", "on it"); err != nil {
		t.Error(err)
	}
	list, _, err := a.c.Issues.ListComments(a.ctx, "owner", "site", 1, nil)
	if err != nil || len(list) != 2 || list[0].GetBody() != "please look again" || list[1].GetUser().GetLogin() != "ana" {
		t.Errorf("comments = %v, %v", list, err)
	}
	if _, _, err := a.c.Issues.AddLabelsToIssue(a.ctx, "owner", "site", 1, []string{"post-mortem"}); err != nil {
		t.Error(err)
	}
	if _, _, err := a.c.PullRequests.RequestReviewers(a.ctx, "owner", "site", 1, github.ReviewersRequest{Reviewers: []string{"ana"}}); err != nil {
		t.Error(err)
	}
	edit := &github.PullRequest{Title: github.String("Post-mortem: checkout"), Body: github.String("done")}
	if _, _, err := a.c.PullRequests.Edit(a.ctx, "owner", "site", 1, edit); err != nil {
		t.Error(err)
	}
	p := w.GitHub.Pulls()[0]
	if p.Title != "Post-mortem: checkout" || p.Body != "done" || p.Labels[0] != "post-mortem" || p.Reviewers[0] != "ana" || !p.Draft {
		t.Errorf("pull request = %+v", p)
	}
}

func TestGitHubWebhook(t *testing.T) {
	t.Parallel()
	w, base := serveAll(t, newTestClock())
	a := newAuthor(t, base)
	got := &hookReceiver{}
	bot := httptest.NewServer(got)
	t.Cleanup(bot.Close)
	_, _, err := a.c.Repositories.CreateHook(a.ctx, "owner", "site", &github.Hook{
		Events: []string{"pull_request"}, Active: github.Bool(true),
		Config: &github.HookConfig{URL: github.String(bot.URL), ContentType: github.String("json"), Secret: github.String("s3cret")},
	})
	if err != nil {
		t.Fatal(err)
	}
	a.branch("post-mortem/inc-1", post, "x\n")
	if _, err := a.open("post-mortem/inc-1", true); err != nil {
		t.Fatal(err)
	}
	if err := w.GitHub.Merge(1, "ana"); err != nil {
		t.Fatal(err)
	}
	if err := w.GitHub.Delivered(a.ctx); err != nil {
		t.Fatal(err)
	}
	sent := w.GitHub.Deliveries()
	if err := w.GitHub.Redeliver(sent[len(sent)-1].GUID); err != nil {
		t.Fatal(err)
	}
	if err := w.GitHub.Delivered(a.ctx); err != nil {
		t.Fatal(err)
	}
	got.mu.Lock()
	defer got.mu.Unlock()
	var told []string
	var closed *github.PullRequestEvent
	for i, head := range got.heads {
		body, err := github.ValidatePayloadFromBody("application/json", strings.NewReader(string(got.bodies[i])), head.Get("X-Hub-Signature-256"), []byte("s3cret"))
		if err != nil {
			t.Fatal(err)
		}
		event, err := github.ParseWebHook(head.Get("X-GitHub-Event"), body)
		if err != nil {
			t.Fatal(err)
		}
		if pr, is := event.(*github.PullRequestEvent); is {
			told, closed = append(told, pr.GetAction()), pr
			continue
		}
		told = append(told, head.Get("X-GitHub-Event"))
	}
	if s := strings.Join(told, " "); s != "ping opened ready_for_review closed closed" {
		t.Errorf("told: %s", s)
	}
	if !closed.GetPullRequest().GetMerged() || closed.GetPullRequest().GetHead().GetRef() != "post-mortem/inc-1" || closed.GetRepo().GetFullName() != "owner/site" || closed.GetSender().GetLogin() != "ana" {
		t.Errorf("closed = %v", closed)
	}
	if n := len(got.heads); got.heads[n-1].Get("X-GitHub-Delivery") != got.heads[n-2].Get("X-GitHub-Delivery") {
		t.Error("a redelivery must carry the delivery's own id")
	}
}

func TestGitHubBranchesThatConflict(t *testing.T) {
	t.Parallel()
	w, base := serveAll(t, newTestClock())
	a := newAuthor(t, base)
	a.branch("one", "README.md", "one\n")
	a.branch("two", "README.md", "two\n")
	for _, name := range []string{"one", "two"} {
		if _, err := a.open(name, false); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.GitHub.Merge(1, "ana"); err != nil {
		t.Fatal(err)
	}
	if err := w.GitHub.Merge(2, "ana"); err == nil {
		t.Error("both branches changed one file, and both were merged")
	}
	pr, _, err := a.c.PullRequests.Get(a.ctx, "owner", "site", 2)
	if err != nil || pr.GetMergeable() || pr.GetMergeableState() != "dirty" {
		t.Errorf("second pull request: mergeable %v %q, %v", pr.GetMergeable(), pr.GetMergeableState(), err)
	}
	if err := w.GitHub.DeleteBranch("two", "ben"); err != nil {
		t.Fatal(err)
	}
	if p := w.GitHub.Pulls()[1]; p.State != "closed" || p.Merged {
		t.Errorf("after its branch was deleted: %+v", p)
	}
}
