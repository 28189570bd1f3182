package github_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"watchbell/incidents"
	"watchbell/integrations/github"
	"watchbell/integrations/practice"
)

const movedPost = "_posts/deployments/2026-07-07-checkout-is-down.md"

// step is a state of the world, what is published then, and what must be there in the end.
type step struct {
	name    string
	prepare func(w *world) github.Publication
	changed func(p *github.Publication) // what changes in the draft before the next attempt; nil for nothing

	path, text        string
	commits, comments int
}

func steps() []step {
	first := func(w *world) github.Publication { return draft("one\n") }
	update := func(w *world) github.Publication {
		p := again(draft("two\n"), w.publish(draft("one\n")))
		p.Title, p.Body = "Post-mortem: checkout was down", "Nothing is missing."
		return p
	}
	move := func(w *world) github.Publication {
		p := update(w)
		p.Path = movedPost
		return p
	}
	edited := func(w *world) github.Publication {
		p := update(w)
		w.put(branch, post, "one, reworded\n")
		return p
	}
	newer := func(p *github.Publication) { p.Content, p.Title, p.Body = []byte("three\n"), "Newer", "Newest." }
	return []step{
		{name: "first time", prepare: first, path: post, text: "one\n", commits: 1},
		{name: "first time, then changed", prepare: first, changed: newer, path: post, text: "three\n", commits: 2},
		{name: "update", prepare: update, path: post, text: "two\n", commits: 2},
		{name: "update, then changed", prepare: update, changed: newer, path: post, text: "three\n", commits: 3},
		{name: "move", prepare: move, path: movedPost, text: "two\n", commits: 2},
		{name: "edited by people", prepare: edited, path: post, text: "one, reworded\n", commits: 2, comments: 1},
	}
}

// TestKilledBetweenAnyTwoSteps loses every call in turn, once before it reached GitHub and once after, and starts
// again with a new client that remembers nothing of the attempt.
func TestKilledBetweenAnyTwoSteps(t *testing.T) {
	for _, s := range steps() {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, after %v", s.name, after), func(t *testing.T) {
				lost := 0
				for at := 1; ; at++ {
					w := newWorld(t)
					p := s.prepare(w)
					if !s.lose(w, p, at, after) {
						break
					}
					lost++
				}
				if lost < 4 {
					t.Errorf("only %d calls to lose", lost)
				}
			})
		}
	}
}

// lose publishes with one call lost, and then again. It is false when there was no such call.
func (s step) lose(w *world, p github.Publication, at int, after bool) bool {
	w.t.Helper()
	w.wire.arm(at, after)
	o := w.client.Publish(context.Background(), p)
	if !w.wire.hit {
		return false
	}
	saysNothingSecret(w.t, o)
	if o.Verdict != incidents.Uncertain && o.Verdict != incidents.Refused {
		w.t.Errorf("call %d lost: %s (%v)", at, o.Verdict, o.Err)
	}
	w.wire.arm(0, false)
	w.client = w.newClient(github.Config{Base: "master"})
	if s.changed != nil {
		s.changed(&p)
	}
	o = w.publish(p)
	s.check(w, p, at, o)
	_, before := w.calls()
	if o = w.publish(again(p, o)); o.PullRequest.Path != s.path {
		w.t.Errorf("call %d lost: the path is %s", at, o.PullRequest.Path)
	}
	if _, now := w.calls(); now != before {
		w.t.Errorf("call %d lost: %d writes when all was done", at, now-before)
	}
	return true
}

func (s step) check(w *world, p github.Publication, at int, o incidents.Outcome) {
	w.t.Helper()
	only := w.only()
	if o.PullRequest.Number != only.Number || only.Title != p.Title || only.Body[:len(p.Body)] != p.Body {
		w.t.Errorf("call %d lost: %+v reported as %+v", at, only, o.PullRequest)
	}
	if text, _ := w.file(branch, s.path); text != s.text {
		w.t.Errorf("call %d lost: the file holds %q", at, text)
	}
	// When the lost commit had not reached the branch, the newer draft is the only commit that is made.
	got := len(w.commits(branch))
	if got != s.commits && (s.changed == nil || got != s.commits-1) {
		w.t.Errorf("call %d lost: %d commits: %q", at, got, w.commits(branch))
	}
	if s.path != post {
		if _, ok := w.file(branch, post); ok {
			w.t.Errorf("call %d lost: the old file is still there", at)
		}
	}
	if got := len(w.comments()); got != s.comments {
		w.t.Errorf("call %d lost: %d comments", at, got)
	}
	if got := w.local.GitHub.Branches(); len(got) != 2 {
		w.t.Errorf("call %d lost: branches %q", at, got)
	}
}

// TestEffectWithoutAnswer is the same with GitHub's own failures: it does what was asked, and then says 500 or nothing.
func TestEffectWithoutAnswer(t *testing.T) {
	for _, call := range []string{"POST */git/trees", "POST */git/commits", "POST */git/refs", "POST */pulls"} {
		for _, fault := range []practice.Fault{{Status: 500}, {Status: 502}, {Cut: true}} {
			t.Run(fmt.Sprintf("%s %d", call, fault.Status), func(t *testing.T) {
				w := newWorld(t)
				fault.Service, fault.Call, fault.After, fault.Times = "github", call, true, 1
				w.local.Faults.Add(fault)
				o := w.client.Publish(context.Background(), draft("one\n"))
				if o.Verdict != incidents.Uncertain {
					t.Fatalf("%s: %v", o.Verdict, o.Err)
				}
				w.publish(draft("one\n"))
				w.holds(post, "one\n", 1)
				w.only()
			})
		}
	}
}

func TestSomebodyElseIsQuicker(t *testing.T) {
	w := newWorld(t)
	o := w.publish(draft("one\n"))
	w.wire.before = func(call string) {
		if call == "PATCH /repos/owner/site/git/refs/heads/"+branch {
			w.wire.before = nil
			w.put(branch, "about.txt", "by a reviewer\n")
		}
	}
	p := again(draft("two\n"), o)
	if got := w.client.Publish(context.Background(), p); got.Verdict != incidents.Refused {
		t.Fatalf("%s: %v", got.Verdict, got.Err)
	}
	w.publish(p)
	w.holds(post, "two\n", 3)
	if _, ok := w.file(branch, "about.txt"); !ok {
		t.Error("the reviewer's commit is gone")
	}
}

func TestDeletedBranchIsNotMadeAgain(t *testing.T) {
	w := newWorld(t)
	p := again(draft("two\n"), w.publish(draft("one\n")))
	w.wire.before = func(call string) {
		if strings.HasPrefix(call, "GET /repos/owner/site/git/ref/") {
			w.wire.before = nil
			w.ok(w.local.GitHub.DeleteBranch(branch, "ana"))
		}
	}
	for _, want := range []incidents.Verdict{incidents.Refused, incidents.Impossible} {
		if got := w.client.Publish(context.Background(), p); got.Verdict != want {
			t.Errorf("%s, want %s: %v", got.Verdict, want, got.Err)
		}
	}
	if branches := w.local.GitHub.Branches(); len(branches) != 1 {
		t.Errorf("branches %q", branches)
	}
}
