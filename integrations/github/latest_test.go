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
