package github_test

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"watchbell/incidents"
	"watchbell/integrations/github"
	"watchbell/integrations/practice"
)

func TestFirstTimeMakesOneDraftPullRequest(t *testing.T) {
	w := newWorld(t)
	o := w.publish(draft("one\n"))
	w.holds(post, "one\n", 1)
	got := w.only()
	if !got.Draft || got.State != "open" || got.Head != branch || got.Title != "Post-mortem: checkout is down" {
		t.Errorf("the pull request is %+v", got)
	}
	if !strings.HasPrefix(got.Body, "Still missing: impact.") {
		t.Errorf("its description is %q", got.Body)
	}
	want := incidents.PullRequest{Number: got.Number, URL: got.URL, Path: post}
	if o.PullRequest != want || o.Receipt.ID != fmt.Sprint(got.Number) || o.Receipt.URL != got.URL {
		t.Errorf("reported %+v and %+v, want %+v", o.PullRequest, o.Receipt, want)
	}
	if message := w.commits(branch)[0]; !strings.HasPrefix(message, "Add the post-mortem of checkout is down\n") {
		t.Errorf("the commit says %q", message)
	}
	if unknown := w.local.GitHub.Unknown(); len(unknown) > 0 {
		t.Errorf("GitHub does not know %q", unknown)
	}
}

func TestSameBytesWriteNothing(t *testing.T) {
	w := newWorld(t)
	p := draft("one\n")
	first := w.publish(p)
	_, before := w.calls()
	o := w.publish(again(p, first))
	lost := w.publish(p) // as after a restart from an old copy of the database
	if _, after := w.calls(); after != before {
		t.Errorf("%d writes", after-before)
	}
	if o.PullRequest != first.PullRequest || o.Receipt != first.Receipt || lost.Receipt != first.Receipt {
		t.Errorf("the receipt changed: %+v, %+v, at first %+v", o.Receipt, lost.Receipt, first.Receipt)
	}
}

func TestUpdateIsOneCommit(t *testing.T) {
	w := newWorld(t)
	o := w.publish(draft("one\n"))
	p := again(draft("two\n"), o)
	p.Title, p.Body = "Post-mortem: checkout was down", "Nothing is missing."
	w.publish(p)
	w.holds(post, "two\n", 2)
	if got := w.only(); got.Title != p.Title || !strings.HasPrefix(got.Body, p.Body) {
		t.Errorf("title and description are %q and %q", got.Title, got.Body)
	}
}

func TestDefaultBranchIsAskedFor(t *testing.T) {
	w := newWorld(t)
	w.client = w.newClient(github.Config{})
	w.publish(draft("one\n"))
	w.holds(post, "one\n", 1)
}

func TestReviewersCommitsStay(t *testing.T) {
	w := newWorld(t)
	o := w.publish(draft("one\n"))
	w.put(branch, "about.txt", "by a reviewer\n")
	for _, p := range []github.Publication{again(draft("two\n"), o), draft("three\n")} {
		w.publish(p)
	}
	w.holds(post, "three\n", 4)
	if text, _ := w.file(branch, "about.txt"); text != "by a reviewer\n" {
		t.Errorf("the reviewer's file holds %q", text)
	}
}

func TestWhatPeopleWroteStays(t *testing.T) {
	w := newWorld(t)
	o := w.publish(draft("one\n"))
	w.put(branch, post, "one, reworded\n")

	// Nothing new here: nothing to say there.
	o = w.publish(again(draft("one\n"), o))
	w.holds(post, "one, reworded\n", 2)
	if got := w.comments(); len(got) != 0 {
		t.Fatalf("comments %q", got)
	}
	// A newer draft is shown once, with or without our own memory.
	fence := "````"
	o = w.publish(again(draft("two\n```\n@ana\n```\n"), o))
	w.publish(draft("two\n```\n@ana\n```\n"))
	w.holds(post, "one, reworded\n", 2)
	if got := w.comments(); len(got) != 1 || !strings.Contains(got[0], fence+"markdown\ntwo\n```\n@ana\n```\n"+fence) {
		t.Fatalf("comments %q", got)
	}
	if !strings.Contains(o.Say, "left as it is") {
		t.Errorf("said %q", o.Say)
	}
	// A third draft changes that comment.
	o = w.publish(again(draft("three\n"), o))
	if got := w.comments(); len(got) != 1 || !strings.Contains(got[0], "three") || strings.Contains(got[0], "two") {
		t.Fatalf("comments %q", got)
	}
	// Taken over by hand: from then on the file is ours again.
	w.put(branch, post, "three\n")
	o = w.publish(again(draft("three\n"), o))
	w.publish(again(draft("four\n"), o))
	w.holds(post, "four\n", 4)
}

func TestFileThatPeopleRemovedIsNotBroughtBack(t *testing.T) {
	w := newWorld(t)
	o := w.publish(draft("one\n"))
	sum := sha1.Sum([]byte("blob 4\x00one\n"))
	w.must("DELETE", "/contents/"+post, map[string]string{"message": "Away", "branch": branch, "sha": hex.EncodeToString(sum[:])})
	w.publish(again(draft("two\n"), o))
	if text, ok := w.file(branch, post); ok {
		t.Errorf("it is back: %q", text)
	}
	if got := w.comments(); len(got) != 1 {
		t.Errorf("comments %q", got)
	}
}

func TestTitleAndDescriptionOfPeopleStay(t *testing.T) {
	w := newWorld(t)
	o := w.publish(draft("one\n"))
	path := "/pulls/" + itoa(o.PullRequest.Number)
	w.must("PATCH", path, map[string]string{"title": "A better title"})
	p := again(draft("one\n"), o)
	p.Title, p.Body = "Our new title", "Our new text."
	w.publish(p)
	if got := w.only(); got.Title != "A better title" || !strings.HasPrefix(got.Body, "Our new text.") {
		t.Errorf("now %q and %q", got.Title, got.Body)
	}
	body := "My own words.\r\n\r\n" + w.only().Body
	w.must("PATCH", path, map[string]string{"body": body})
	p.Body = "Our newest text."
	w.publish(p)
	if got := w.only(); got.Body != body {
		t.Errorf("the description is now %q", got.Body)
	}
}

func TestPathOfAnotherPostGetsASuffix(t *testing.T) {
	w := newWorld(t)
	dash2, dash3 := strings.Replace(post, ".md", "-2.md", 1), strings.Replace(post, ".md", "-3.md", 1)
	w.put("master", post, "another incident of that day\n")
	w.put("master", dash2, "and another\n")
	o := w.publish(draft("one\n"))
	if o.PullRequest.Path != dash3 {
		t.Fatalf("the path is %s", o.PullRequest.Path)
	}
	if o = w.publish(draft("two\n")); o.PullRequest.Path != dash3 {
		t.Fatalf("without memory the path is %s", o.PullRequest.Path)
	}
	w.publish(again(draft("three\n"), o))
	w.holds(dash3, "three\n", 3)
	if text, _ := w.file(branch, post); text != "another incident of that day\n" {
		t.Errorf("the other post holds %q", text)
	}
}

func TestPathMovesInOneCommit(t *testing.T) {
	w := newWorld(t)
	o := w.publish(draft("one\n"))
	p := again(draft("two\n"), o)
	p.Path = "_posts/deployments/2026-07-07-checkout-is-down.md"
	o = w.publish(p)
	w.holds(p.Path, "two\n", 2)
	if _, ok := w.file(branch, post); ok || o.PullRequest.Path != p.Path {
		t.Errorf("the old file is there: %v; reported is %s", ok, o.PullRequest.Path)
	}
	_, before := w.calls()
	w.publish(again(p, o))
	if _, after := w.calls(); after != before {
		t.Errorf("%d writes for nothing", after-before)
	}
}

func TestEditedFileDoesNotMove(t *testing.T) {
	w := newWorld(t)
	o := w.publish(draft("one\n"))
	w.put(branch, post, "one, reworded\n")
	p := again(draft("two\n"), o)
	p.Path = "_posts/deployments/2026-07-07-checkout-is-down.md"
	o = w.publish(p)
	w.holds(post, "one, reworded\n", 2)
	if _, ok := w.file(branch, p.Path); ok || o.PullRequest.Path != post {
		t.Errorf("the new file is there: %v; reported is %s", ok, o.PullRequest.Path)
	}
}

func TestMergedIsLeftAlone(t *testing.T) {
	w := newWorld(t)
	o := w.publish(draft("one\n"))
	w.ok(w.local.GitHub.Merge(o.PullRequest.Number, "ana"))
	_, before := w.calls()
	for _, p := range []github.Publication{again(draft("two\n"), o), draft("two\n")} {
		got := w.publish(p)
		if got.PullRequest.State != incidents.PullMerged || got.PullRequest.Number != o.PullRequest.Number || got.PullRequest.Path != o.PullRequest.Path || !strings.Contains(got.Say, "merged") {
			t.Errorf("reported %+v and %q", got.PullRequest, got.Say)
		}
	}
	if _, after := w.calls(); after != before {
		t.Errorf("%d writes", after-before)
	}
}

func TestClosedIsNotReopened(t *testing.T) {
	w := newWorld(t)
	o := w.publish(draft("one\n"))
	path := "/pulls/" + itoa(o.PullRequest.Number)
	w.must("PATCH", path, map[string]string{"state": "closed"})
	got := w.client.Publish(context.Background(), again(draft("two\n"), o))
	if got.Verdict != incidents.Impossible || !strings.Contains(got.Say, "reopen it on GitHub") {
		t.Fatalf("%s: %s", got.Verdict, got.Say)
	}
	w.must("PATCH", path, map[string]string{"state": "open"})
	w.publish(again(draft("two\n"), o))
	w.holds(post, "two\n", 2)
}

func TestPullRequestOfAnEarlierLifeIsHistory(t *testing.T) {
	for name, end := range map[string]func(*practice.GitHub, int) error{
		"merged": func(g *practice.GitHub, n int) error { return g.Merge(n, "ana") },
		"closed": func(g *practice.GitHub, n int) error { return g.ClosePull(n, "ana") },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			old := w.publish(draft("long ago\n"))
			later := draft("one\n")
			later.Path, later.Since = "_posts/deployments/2027-01-01-other.md", time.Now().Add(time.Hour)
			got := w.client.Publish(context.Background(), later)
			if got.Verdict != incidents.Impossible || !strings.Contains(got.Say, "older than this incident") {
				t.Fatalf("%s: %s", got.Verdict, got.Say)
			}
			w.ok(end(w.local.GitHub, old.PullRequest.Number))
			o := w.publish(later)
			if o.PullRequest.Number == old.PullRequest.Number {
				t.Error("the finished pull request was taken for ours")
			}
			for path, want := range map[string]string{post: "long ago\n", later.Path: "one\n"} {
				if text, _ := w.file(branch, path); text != want {
					t.Errorf("%s holds %q", path, text)
				}
			}
		})
	}
}

func TestPublishedFileIsNotTakenAwayByAMove(t *testing.T) {
	w := newWorld(t)
	p := again(draft("two\n"), w.publish(draft("one\n")))
	w.put("master", post, "one\n") // somebody published it without the pull request
	p.Path = movedPost
	w.publish(p)
	w.holds(movedPost, "two\n", 2)
	if text, _ := w.file(branch, post); text != "one\n" {
		t.Errorf("the published file holds %q", text)
	}
}

func TestKnownPullRequestIsFoundWhenTheListLacksIt(t *testing.T) {
	w := newWorld(t)
	p := again(draft("two\n"), w.publish(draft("one\n")))
	w.wire.instead = func(call string) *http.Response {
		if call != "GET /repos/owner/site/pulls" {
			return nil
		}
		return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader("[]"))}
	}
	w.publish(p)
	w.holds(post, "two\n", 2)
	w.only()
}

func TestPostThatIsOnTheBaseBranchNeedsNoPullRequest(t *testing.T) {
	w := newWorld(t)
	w.put("master", post, "one\n")
	if o := w.publish(draft("one\n")); !strings.Contains(o.Say, "already on master") || o.PullRequest.Number != 0 {
		t.Errorf("%q, %+v", o.Say, o.PullRequest)
	}
	if list := w.local.GitHub.Pulls(); len(list) != 0 {
		t.Errorf("pull requests %+v", list)
	}
}

func TestWithoutDraftsAnOrdinaryPullRequest(t *testing.T) {
	w := newWorld(t)
	w.local.Faults.Add(practice.Fault{
		Service: "github", Call: "POST /repos/*/pulls", Status: 422, Times: 1,
		Body: `{"message":"Draft pull requests are not supported in this repository."}`,
	})
	w.publish(draft("one\n"))
	if got := w.only(); got.Draft {
		t.Errorf("it is a draft: %+v", got)
	}
}

func TestTitleAndMessageAreHarmless(t *testing.T) {
	w := newWorld(t)
	p := draft("one\n")
	p.Title = "Fixes #12 @owner/all\n![x](https://example.org) " + strings.Repeat("é", 400)
	p.Message = "Add it\n\nFixes #12, cc @ana\nCo-authored-by: Ana <ana@example.org>"
	w.publish(p)
	for _, text := range append(w.commits(branch), w.only().Title) {
		for _, bad := range []string{"#1", "@o", "@a", "@e", "://", "![", "<a"} {
			if strings.Contains(text, bad) {
				t.Errorf("%q holds %q", text, bad)
			}
		}
	}
	if got := []rune(w.only().Title); len(got) > 256 {
		t.Errorf("a title of %d characters", len(got))
	}
}

// A file that people changed moves with what they wrote in it, in one commit.
func TestFileThatPeopleChangedMoves(t *testing.T) {
	w := newWorld(t)
	o := w.publish(draft("one\n"))
	w.put(branch, post, "one, and theirs\n")
	p := again(draft("two\n"), o)
	p.Path = movedPost
	p.Merge = func(_ context.Context, base, theirs []byte, _ string) (github.Merged, error) {
		if before := string(base) + string(theirs); before != "one\none, and theirs\n" && before != "two\ntwo, and theirs\n" {
			t.Errorf("%q and %q are merged", base, theirs)
		}
		return github.Merged{Content: []byte("two, and theirs\n"), Base: []byte("two\n")}, nil
	}
	commits := len(w.local.GitHub.Log(branch))
	o = w.publish(p)
	if text, _ := w.file(branch, movedPost); text != "two, and theirs\n" || o.PullRequest.Path != movedPost {
		t.Errorf("it holds %q at %s", text, o.PullRequest.Path)
	}
	if text, there := w.file(branch, post); there {
		t.Errorf("the old one holds %q", text)
	}
	if n := len(w.local.GitHub.Log(branch)) - commits; n != 1 {
		t.Errorf("there are %d commits", n)
	}
	w.publish(again(p, o))
	if n := len(w.local.GitHub.Log(branch)) - commits; n != 1 {
		t.Errorf("asked again, there are %d commits", n)
	}
}
