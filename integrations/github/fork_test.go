package github_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"watchbell/incidents"
	"watchbell/integrations/github"
)

const forker = "practice-bot"

// newForkWorld is a world in which the token may only read the repository.
func newForkWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.local.GitHub.SetPush(false)
	w.client = w.newClient(github.Config{Base: "master", Fork: forker})
	return w
}

// forked publishes as often as it takes until there is a fork. Each time it has to be said that GitHub is making it.
func (w *world) forked(p github.Publication) incidents.Outcome {
	w.t.Helper()
	for range 4 {
		o := w.client.Publish(context.Background(), p)
		if o.Verdict != incidents.Deferred {
			if o.Verdict != incidents.Delivered {
				w.t.Fatalf("%s: %s (%v)", o.Verdict, o.Say, o.Err)
			}
			return o
		}
		if !strings.Contains(o.Say, "making the fork") || o.After <= 0 {
			w.t.Fatalf("deferred for %s: %s", o.After, o.Say)
		}
	}
	w.t.Fatal("the fork is never there")
	return incidents.Outcome{}
}

// inFork checks the file in the fork, and that nothing but the pull request is at the repository.
func (w *world) inFork(text string, commits int) {
	w.t.Helper()
	f := w.local.GitHub.Fork()
	if got, _ := f.File(branch, post); got != text {
		w.t.Errorf("the fork holds %q, want %q", got, text)
	}
	if got := len(f.Log(branch)) - len(w.local.GitHub.Log("master")); got != commits {
		w.t.Errorf("%d commits, want %d", got, commits)
	}
	if got := w.local.GitHub.Branches(); len(got) != 1 {
		w.t.Errorf("branches of the repository: %q", got)
	}
	if got := w.only(); got.HeadOwner != forker || got.Head != branch {
		w.t.Errorf("the pull request is from %s:%s", got.HeadOwner, got.Head)
	}
}

func TestWithoutTheRightToPushTheWayOutIsSaid(t *testing.T) {
	w := newWorld(t)
	w.local.GitHub.SetPush(false)
	o := w.client.Publish(context.Background(), draft("one\n"))
	if o.Verdict != incidents.Impossible || !strings.Contains(o.Say, "set github.fork") {
		t.Errorf("%s: %s", o.Verdict, o.Say)
	}
	if strings.Contains(o.Say, "..") {
		t.Errorf("said %q", o.Say)
	}
}

func TestForkIsMadeAndWaitedFor(t *testing.T) {
	for _, delay := range []int{0, 1, 3, 5} {
		t.Run(fmt.Sprint(delay), func(t *testing.T) {
			w := newForkWorld(t)
			w.local.GitHub.SetForkDelay(delay)
			o := w.forked(draft("one\n"))
			w.inFork("one\n", 1)
			p := again(draft("two\n"), o)
			p.Title = "Post-mortem: checkout was down"
			w.publish(p)
			w.inFork("two\n", 2)
			if got := w.only(); got.Title != p.Title || !got.Draft {
				t.Errorf("the pull request is %+v", got)
			}
			if unknown := w.local.GitHub.Unknown(); len(unknown) > 0 {
				t.Errorf("GitHub does not know %q", unknown)
			}
		})
	}
}

func TestForkOfAnOrganisation(t *testing.T) {
	w := newForkWorld(t)
	w.client = w.newClient(github.Config{Fork: "mirrors/blog"})
	w.forked(draft("one\n"))
	if f := w.local.GitHub.Fork(); f.Repo() != "mirrors/blog" || w.only().HeadOwner != "mirrors" {
		t.Errorf("the fork is %s, the pull request from %s", f.Repo(), w.only().HeadOwner)
	}
}

func TestForkThatIsBehindIsSynced(t *testing.T) {
	w := newForkWorld(t)
	f := w.local.GitHub.MakeFork(forker)
	w.put("master", "about.txt", "newer\n")
	w.publish(draft("one\n"))
	w.inFork("one\n", 1)
	if text, _ := f.File("master", "about.txt"); text != "newer\n" {
		t.Errorf("the fork's master holds %q", text)
	}
}

func TestForkThatWentItsOwnWayIsForAPerson(t *testing.T) {
	w := newForkWorld(t)
	f := w.local.GitHub.MakeFork(forker)
	w.ok(f.EditFile("master", "own.txt", "own\n", "ana"))
	w.put("master", "about.txt", "newer\n")
	o := w.client.Publish(context.Background(), draft("one\n"))
	if o.Verdict != incidents.Impossible || !strings.Contains(o.Say, "sync it on GitHub") {
		t.Errorf("%s: %s", o.Verdict, o.Say)
	}
	if got, _ := f.File("master", "own.txt"); got != "own\n" {
		t.Error("the fork's own commit is gone")
	}
}

// TestForkWithLostCalls loses every call in turn, before it reached GitHub and after, and goes on with a new client.
func TestForkWithLostCalls(t *testing.T) {
	for _, made := range []bool{false, true} {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("made %v, after %v", made, after), func(t *testing.T) {
				lost := 0
				for at := 1; loseInFork(t, made, at, after); at++ {
					lost++
				}
				if lost < 6 {
					t.Errorf("only %d calls to lose", lost)
				}
			})
		}
	}
}

func loseInFork(t *testing.T, made bool, at int, after bool) bool {
	t.Helper()
	w := newForkWorld(t)
	if made {
		w.local.GitHub.MakeFork(forker)
		w.put("master", "about.txt", "newer\n")
	}
	w.wire.arm(at, after)
	o := w.client.Publish(context.Background(), draft("one\n"))
	if !w.wire.hit {
		return false
	}
	saysNothingSecret(t, o)
	if o.Verdict != incidents.Uncertain && o.Verdict != incidents.Refused {
		t.Errorf("call %d lost: %s (%v)", at, o.Verdict, o.Err)
	}
	w.wire.arm(0, false)
	w.client = w.newClient(github.Config{Base: "master", Fork: forker})
	o = w.forked(draft("one\n"))
	w.inFork("one\n", 1)
	_, before := w.calls()
	w.publish(again(draft("one\n"), o))
	if _, now := w.calls(); now != before {
		t.Errorf("call %d lost: %d writes when all was done", at, now-before)
	}
	return true
}

func TestReviewOfAForksPost(t *testing.T) {
	w := newForkWorld(t)
	f := w.local.GitHub.MakeFork(forker)
	p := draft("one\n")
	p.Labels, p.Reviewers = []string{"post-mortem"}, []string{"ana"}
	p.Files = []github.Attachment{{Path: "images/posts/inc-42/graph.png", Bytes: []byte("\x89PNG one")}}
	p.Inspect = func(string, []byte) github.Report { return github.Report{Text: "The impact is empty."} }
	o := w.publish(p)
	if got := w.only(); !strings.Contains(got.Body, "The impact is empty.") {
		t.Errorf("the description is %q", got.Body)
	}
	if !strings.Contains(o.Say, "ana") {
		t.Errorf("nothing is said of the reviewer: %q", o.Say)
	}
	if got, _ := f.File(branch, "images/posts/inc-42/graph.png"); got != "\x89PNG one" {
		t.Errorf("the image holds %q", got)
	}

	// What people write there is read back and stays.
	look := w.client.Look(context.Background(), o.PullRequest, "")
	w.ok(f.EditFile(branch, post, "one, reworded\n", "ana"))
	w.ok(w.local.GitHub.Comment(o.PullRequest.Number, "ana", "Well done."))
	look = w.client.Look(context.Background(), o.PullRequest, look.Receipt.Note)
	if !look.Moved || len(look.Remarks) != 1 || look.PullRequest.State != incidents.PullOpen {
		t.Errorf("seen %+v", look)
	}
	p = again(p, o)
	p.Content = []byte("two\n")
	p.Merge = func(_ context.Context, base, theirs []byte, by string) (github.Merged, error) {
		if string(base) != "one\n" || string(theirs) != "one, reworded\n" || by != "ana" {
			t.Errorf("to merge %q and %q by %s", base, theirs, by)
		}
		return github.Merged{Content: []byte("two, reworded\n"), Body: p.Body}, nil
	}
	o = w.publish(p)
	w.inFork("two, reworded\n", 3)

	// Closed, opened again, merged.
	w.ok(w.local.GitHub.ClosePull(o.PullRequest.Number, "ana"))
	p = again(p, o)
	if got := w.client.Publish(context.Background(), p); got.Verdict != incidents.Impossible {
		t.Errorf("closed: %s", got.Verdict)
	}
	p.Reopen, p.Merge, p.Content = true, nil, []byte("two, reworded\n")
	o = w.publish(p)
	w.ok(w.local.GitHub.Merge(o.PullRequest.Number, "ana"))
	if look = w.client.Look(context.Background(), o.PullRequest, ""); look.PullRequest.State != incidents.PullMerged {
		t.Errorf("merged: %+v", look.PullRequest)
	}
	if got, _ := w.file("master", post); got != "two, reworded\n" {
		t.Errorf("published is %q", got)
	}
}

func TestSuggestionIsAppliedInTheFork(t *testing.T) {
	w := newForkWorld(t)
	w.local.GitHub.MakeFork(forker)
	o := w.publish(draft("one\ntwo\n"))
	w.ok(w.local.GitHub.CommentLine(o.PullRequest.Number, "ana", post, 2, "```suggestion\nthree\n```"))
	look := w.client.Look(context.Background(), o.PullRequest, "")
	if len(look.Remarks) != 1 {
		t.Fatalf("seen %+v", look.Remarks)
	}
	got := w.client.Answer(context.Background(), github.Answer{Key: "k1", Pull: o.PullRequest, RemarkAnswer: incidents.RemarkAnswer{Remark: look.Remarks[0], How: "apply"}})
	if got.Verdict != incidents.Delivered {
		t.Fatalf("%s: %v", got.Verdict, got.Err)
	}
	w.inFork("one\nthree\n", 2)
}

func TestForkThatIsNone(t *testing.T) {
	for text, want := range map[string]string{"owner": "has github.repo already", "a b": "login", "x/": "login", "..": "login"} {
		_, err := github.New(github.Config{Token: token, Repo: "owner/site", Fork: text})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	_, err := github.New(github.Config{App: github.App{ID: "1"}, Repo: "owner/site", Fork: "x"})
	if err == nil || !strings.Contains(err.Error(), "GitHub App") {
		t.Errorf("with an App: %v", err)
	}
}

func TestDoctorLooksAtTheFork(t *testing.T) {
	w := newForkWorld(t)
	wrong := func() (all []string) {
		for _, p := range w.client.Examine(context.Background()) {
			if p.Wrong != "" {
				all = append(all, p.Wrong+" → "+p.Mend)
			}
		}
		return all
	}
	if got := wrong(); len(got) > 0 {
		t.Errorf("before the fork is made: %q", got)
	}
	f := w.local.GitHub.MakeFork(forker)
	if got := wrong(); len(got) > 0 {
		t.Errorf("with the fork: %q", got)
	}
	f.SetPush(false)
	if got := wrong(); len(got) != 1 || !strings.Contains(got[0], "contents of the fork") || !strings.Contains(got[0], "classic token") {
		t.Errorf("without the right to push to the fork: %q", got)
	}
	if got := f.Branches(); len(got) != 1 || len(w.local.GitHub.Pulls()) != 0 {
		t.Errorf("left behind: %q", got)
	}
}

func TestForkThatIsSetLater(t *testing.T) {
	w := newWorld(t)
	p := again(draft("two\n"), w.publish(draft("one\n")))
	w.client = w.newClient(github.Config{Base: "master", Fork: forker})
	o := w.client.Publish(context.Background(), p)
	if o.Verdict != incidents.Impossible || !strings.Contains(o.Say, "comes from owner/site") {
		t.Errorf("%s: %s", o.Verdict, o.Say)
	}
	w.ok(w.local.GitHub.Merge(w.only().Number, "ana"))
	if o = w.publish(p); o.PullRequest.State != incidents.PullMerged {
		t.Errorf("merged: %+v", o.PullRequest)
	}
	w.only()
}

func TestRefusalsAboutTheForkSayWhatHelps(t *testing.T) {
	for call, want := range map[string]string{
		"POST */forks":                  "fork owner/site there by hand",
		"POST /repos/practice-bot/site": "write to the fork practice-bot/site",
		"POST /repos/owner/site/pulls":  "open a pull request from the fork practice-bot/site",
	} {
		w := newForkWorld(t)
		if !strings.HasSuffix(call, "forks") {
			w.local.GitHub.MakeFork(forker)
		}
		w.wire.instead = func(made string) *http.Response {
			if !strings.HasPrefix(made, "POST ") || !strings.Contains(made, strings.TrimPrefix(strings.TrimPrefix(call, "POST "), "*")) {
				return nil
			}
			return &http.Response{StatusCode: http.StatusForbidden, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"message":"Forbidden"}`))}
		}
		o := w.client.Publish(context.Background(), draft("one\n"))
		if o.Verdict != incidents.Impossible || !strings.Contains(o.Say, want) {
			t.Errorf("%s: %s: %s", call, o.Verdict, o.Say)
		}
	}
}

func TestForkThatIsReadableBeforeItIsWritable(t *testing.T) {
	w := newForkWorld(t)
	w.local.GitHub.MakeFork(forker)
	w.wire.instead = func(call string) *http.Response {
		if call != "POST /repos/practice-bot/site/git/trees" {
			return nil
		}
		return &http.Response{StatusCode: http.StatusConflict, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"message":"Git Repository is empty."}`))}
	}
	o := w.client.Publish(context.Background(), draft("one\n"))
	if o.Verdict != incidents.Refused || o.After <= 0 || !strings.Contains(o.Say, "making the fork") {
		t.Errorf("%s after %s: %s", o.Verdict, o.After, o.Say)
	}
	w.wire.instead = nil
	w.publish(draft("one\n"))
	w.inFork("one\n", 1)
}

func TestForkNameThatAnotherRepositoryHas(t *testing.T) {
	w := newForkWorld(t)
	w.wire.instead = func(call string) *http.Response {
		if call != "GET /repos/practice-bot/site" {
			return nil
		}
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"full_name":"practice-bot/site","fork":false}`))}
	}
	o := w.client.Publish(context.Background(), draft("one\n"))
	if o.Verdict != incidents.Impossible || !strings.Contains(o.Say, "is no fork of owner/site") {
		t.Errorf("%s: %s", o.Verdict, o.Say)
	}
	if w.local.GitHub.Fork() != nil {
		t.Error("a fork was made")
	}
}
