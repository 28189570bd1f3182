package github_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"watchbell/integrations/github"
)

const secondPost = "_posts/deployments/2026-07-08-checkout-is-down-2.md"

// answer is what is read of the answers to call.
type answer struct {
	SHA    string
	Object struct{ SHA string }
	Tree   json.RawMessage // of a commit it is an object, of a tree a list
}

// tree is the tree of a commit.
func (a answer) tree() string {
	var tree struct{ SHA string }
	_ = json.Unmarshal(a.Tree, &tree) // a list has none
	return tree.SHA
}

// call is a call by somebody else, with its answer.
func (w *world) call(method, path string, in any) (out answer) {
	w.t.Helper()
	body, err := json.Marshal(in)
	w.ok(err)
	req, err := http.NewRequest(method, w.url+"/repos/"+w.local.GitHub.Repo()+path, bytes.NewReader(body))
	w.ok(err)
	req.Header.Set("Authorization", "Bearer practice-ana")
	resp, err := http.DefaultClient.Do(req)
	w.ok(err)
	defer resp.Body.Close()
	w.ok(json.NewDecoder(resp.Body).Decode(&out))
	if resp.StatusCode >= 300 {
		w.t.Fatalf("%s %s: %d", method, path, resp.StatusCode)
	}
	return out
}

// Somebody publishes another post under the same name while ours is open: ours moves aside in one commit, and both are
// published.
func TestPostYieldsToOneOfTheSameName(t *testing.T) {
	for name, remembered := range map[string]bool{"remembered": true, "without memory": false} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			first := w.publish(draft("one\n"))
			w.put("master", post, "somebody else's\n")
			p := draft("one\n")
			if remembered {
				p = again(p, first)
			}
			o := w.publish(p)
			w.holds(secondPost, "one\n", 2)
			if _, there := w.file(branch, post); there || o.PullRequest.Path != secondPost {
				t.Errorf("the old file is there: %v; reported is %s", there, o.PullRequest.Path)
			}
			w.publish(again(draft("two\n"), o))
			w.holds(secondPost, "two\n", 3)
			w.ok(w.local.GitHub.Merge(1, "ana"))
			for path, want := range map[string]string{post: "somebody else's\n", secondPost: "two\n"} {
				if text, _ := w.file("master", path); text != want {
					t.Errorf("%s holds %q", path, text)
				}
			}
		})
	}
}

// What people wrote in ours goes along, past a file that they put on the branch.
func TestPostYieldsWithWhatPeopleWrote(t *testing.T) {
	w := newWorld(t)
	o := w.publish(draft("one\n"))
	w.put(branch, post, "one, and theirs\n")
	w.put(branch, secondPost, "a person's own\n")
	w.put("master", post, "somebody else's\n")
	p := again(draft("two\n"), o)
	p.Merge = func(_ context.Context, base, theirs []byte, _ string) (github.Merged, error) {
		if before := string(base) + string(theirs); before != "one\none, and theirs\n" {
			t.Errorf("%q and %q are merged", base, theirs)
		}
		return github.Merged{Content: []byte("two, and theirs\n"), Base: []byte("two\n")}, nil
	}
	third := strings.Replace(secondPost, "-2.md", "-3.md", 1)
	if o = w.publish(p); o.PullRequest.Path != third {
		t.Fatalf("it moved to %s", o.PullRequest.Path)
	}
	w.holds(third, "two, and theirs\n", 4)
	w.holds(secondPost, "a person's own\n", 4)
}

// Where people brought the other post into our branch, it is left there as it is on the base branch: taken away, it would
// be deleted with the merge.
func TestPostYieldsWhereTheBaseWasBroughtIn(t *testing.T) {
	w := newWorld(t)
	o := w.publish(draft("one\n"))
	w.put("master", post, "somebody else's\n")
	base, ours := w.call("GET", "/git/ref/heads/master", nil).Object.SHA, w.call("GET", "/git/ref/heads/"+branch, nil).Object.SHA
	joined := w.call("POST", "/git/commits", map[string]any{
		"message": "Bring master in", "tree": w.call("GET", "/git/commits/"+ours, nil).tree(), "parents": []string{ours, base},
	})
	w.call("PATCH", "/git/refs/heads/"+branch, map[string]any{"sha": joined.SHA})
	w.publish(again(draft("two\n"), o))
	w.ok(w.local.GitHub.Merge(1, "ana"))
	for path, want := range map[string]string{post: "somebody else's\n", secondPost: "two\n"} {
		if text, _ := w.file("master", path); text != want {
			t.Errorf("%s holds %q", path, text)
		}
	}
}

// A file that people gave another name is followed there.
func TestPostThatPeopleRenamed(t *testing.T) {
	const better = "_posts/deployments/2026-07-08-nobody-could-pay.md"
	w := newWorld(t)
	o := w.publish(draft("one\n"))
	tree := w.call("GET", "/git/commits/"+w.call("GET", "/git/ref/heads/"+branch, nil).Object.SHA, nil).tree()
	now := w.call("POST", "/git/trees", map[string]any{"base_tree": tree, "tree": []map[string]any{
		{"path": post, "mode": "100644", "type": "blob", "sha": nil}, {"path": better, "mode": "100644", "type": "blob", "content": "one\n"},
	}})
	head := w.call("GET", "/git/ref/heads/"+branch, nil).Object.SHA
	commit := w.call("POST", "/git/commits", map[string]any{"message": "Name it better", "tree": now.SHA, "parents": []string{head}})
	w.call("PATCH", "/git/refs/heads/"+branch, map[string]any{"sha": commit.SHA})
	for n, text := range []string{"one\n", "two\n", "three\n"} {
		if o = w.publish(again(draft(text), o)); o.PullRequest.Path != better {
			t.Fatalf("it is reported at %s", o.PullRequest.Path)
		}
		w.holds(better, text, n+2)
	}
	// The name is kept where our memory is lost.
	o = w.publish(draft("four\n"))
	if w.holds(better, "four\n", 5); o.PullRequest.Path != better {
		t.Errorf("without memory it is reported at %s", o.PullRequest.Path)
	}
	if _, there := w.file(branch, post); there || len(w.comments()) > 0 {
		t.Errorf("the old name is there again: %v; said is %q", there, w.comments())
	}
}

// A file of people's that has the same words, or is not on our branch any more, is no reason to move.
func TestPostStaysWhereNothingIsInTheWay(t *testing.T) {
	w := newWorld(t)
	o := w.publish(draft("one\n"))
	w.put("master", post, "one\n") // somebody published it without the pull request
	for _, text := range []string{"one\n", "two\n", "three\n"} {
		if o = w.publish(again(draft(text), o)); o.PullRequest.Path != post {
			t.Fatalf("with %q it moved to %s", text, o.PullRequest.Path)
		}
	}
}
