package github_test

import (
	"context"
	"strings"
	"testing"

	"watchbell/integrations/github"
	"watchbell/integrations/practice"
)

// A file is read once, and again only when it has changed.
func TestLatest(t *testing.T) {
	w := newWorld(t)
	look := func(path, tag string) github.Latest {
		t.Helper()
		found, err := w.client.Latest(context.Background(), path, tag)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	const path = "ops/our protocol.yml"
	if found := look(path, ""); !found.Missing {
		t.Errorf("what is not there is %+v", found)
	}
	w.put("master", "ops/other.yml", "x")
	w.ok(w.local.GitHub.EditFile("master", path, "one", "ana"))
	first := look(path, "")
	if string(first.Text) != "one" || first.Tag == "" || first.Same || first.Missing {
		t.Fatalf("first %+v", first)
	}
	if again := look(path, first.Tag); !again.Same || again.Tag != first.Tag || again.Text != nil {
		t.Errorf("unchanged: %+v", again)
	}
	w.ok(w.local.GitHub.EditFile("master", path, "two", "ana"))
	if changed := look(path, first.Tag); changed.Same || string(changed.Text) != "two" || changed.Tag == first.Tag {
		t.Errorf("changed: %+v", changed)
	}
	w.ok(w.local.GitHub.EditFile("master", "ops/large.yml", strings.Repeat("x", 300<<10), "ana"))
	for _, c := range []struct {
		path, want string
	}{{"ops", "is a folder"}, {"ops/large.yml", "is the most"}} {
		if found, err := w.client.Latest(context.Background(), c.path, ""); err == nil || !strings.Contains(github.Reason(err), c.want) {
			t.Errorf("%s: %+v, %v", c.path, found, err)
		}
	}
	w.local.Faults.Add(practice.Fault{Service: "github", Call: "GET */contents/*", Status: 502})
	if _, err := w.client.Latest(context.Background(), path, first.Tag); err == nil || strings.Contains(github.Reason(err), token) {
		t.Errorf("a failing GitHub: %v", err)
	}
}

// What a pull request would make of a file is said there: once, and edited in place.
func TestProposed(t *testing.T) {
	w := newWorld(t)
	const path = "ops/protocol.yml"
	w.put("master", path, "good")
	head := w.local.GitHub.Log("master")[0].SHA
	for _, name := range []string{"better", "other"} {
		w.must("POST", "/git/refs", map[string]string{"ref": "refs/heads/" + name, "sha": head})
	}
	w.put("better", path, "bad")
	w.put("other", "README.md", "x")
	w.must("POST", "/pulls", map[string]string{"title": "Better", "head": "better", "base": "master"})
	w.must("POST", "/pulls", map[string]string{"title": "Other", "head": "other", "base": "master"})
	look := func(number int) github.Proposed {
		t.Helper()
		p, err := w.client.Proposed(context.Background(), number, path)
		w.ok(err)
		return p
	}
	if p := look(2); p.Touched || p.Text != nil {
		t.Errorf("a pull request that does not change it: %+v", p)
	}
	check := func(state string, wrong []string, comments int, says string) {
		t.Helper()
		p := look(1)
		if !p.Touched {
			t.Fatal("it is not seen")
		}
		for range 2 {
			w.ok(w.client.Judge(context.Background(), p, "protocol", path, wrong))
		}
		told := w.local.GitHub.Statuses("better")
		said := w.local.GitHub.Pulls()[0].Comments
		if len(told) != 1 || told[0].State != state || told[0].Context != "watchbell/protocol" || len(said) != comments {
			t.Fatalf("told %+v, said %+v", told, said)
		}
		if comments > 0 && (!strings.Contains(said[0].Body, says) || strings.Contains(said[0].Body, "@channel")) {
			t.Errorf("said %q", said[0].Body)
		}
	}
	check("success", nil, 0, "")
	w.put("better", path, "worse")
	check("failure", []string{"line 4: @channel is no role", "line 9: soon is no time"}, 1, "line 9: soon")
	w.put("better", path, "best")
	check("success", nil, 1, "is right now")
}
