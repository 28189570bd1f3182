package github_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"watchbell/incidents"
	"watchbell/integrations/github"
	"watchbell/integrations/practice"
)

const (
	branch = "post-mortem/inc-42"
	post   = "_posts/deployments/2026-07-08-checkout-is-down.md"
	token  = "practice-secret-7f3a"
)

// world is a local GitHub, and us in front of it.
type world struct {
	t      *testing.T
	local  *practice.Workspace
	url    string
	wire   *breaker
	client *github.Client
}

func newWorld(t *testing.T) *world {
	t.Helper()
	local := practice.New(practice.Options{})
	server := httptest.NewServer(local.Handler())
	t.Cleanup(server.Close)
	w := &world{t: t, local: local, url: server.URL + strings.TrimRight(practice.GitHubPath, "/"), wire: &breaker{}}
	w.client = w.newClient(github.Config{Base: "master"})
	return w
}

// newClient is a client of the local GitHub, as after a restart.
func (w *world) newClient(cfg github.Config) *github.Client {
	w.t.Helper()
	cfg.Token, cfg.BaseURL, cfg.Repo = token, w.url, w.local.GitHub.Repo()
	cfg.HTTP = &http.Client{Transport: w.wire}
	c, err := github.New(cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// draft is a publication whose file holds the text.
func draft(text string) github.Publication {
	return github.Publication{
		Branch: branch, Path: post, Content: []byte(text), Draft: true,
		Title: "Post-mortem: checkout is down", Body: "Still missing: impact.", Message: "Add the post-mortem of checkout is down",
	}
}

// again is the publication as it is asked for once o is known.
func again(p github.Publication, o incidents.Outcome) github.Publication {
	p.Known, p.Written = o.PullRequest, o.Receipt.Note
	return p
}

// publish expects to be delivered.
func (w *world) publish(p github.Publication) incidents.Outcome {
	w.t.Helper()
	o := w.client.Publish(context.Background(), p)
	if o.Verdict != incidents.Delivered {
		w.t.Fatalf("%s: %s (%v)", o.Verdict, o.Say, o.Err)
	}
	return o
}

// calls is how many calls the local GitHub got so far, and how many of them asked for a change.
func (w *world) calls() (all, writes int) {
	for _, c := range w.local.Wire.Calls() {
		all++
		if !strings.HasPrefix(c.Name, "GET ") {
			writes++
		}
	}
	return all, writes
}

// must is a call by somebody else that has to work.
func (w *world) must(method, path string, in map[string]string) {
	w.t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		w.t.Fatal(err)
	}
	req, err := http.NewRequest(method, w.url+"/repos/"+w.local.GitHub.Repo()+path, bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer practice-ana")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		answer, _ := io.ReadAll(resp.Body)
		w.t.Fatalf("%s %s: %d %s", method, path, resp.StatusCode, answer)
	}
}

// ok stops the test when somebody else's step failed.
func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// put is a person's commit of one file.
func (w *world) put(branch, path, text string) {
	w.t.Helper()
	w.ok(w.local.GitHub.EditFile(branch, path, text, "ana"))
}

func (w *world) file(branch, path string) (text string, ok bool) {
	return w.local.GitHub.File(branch, path)
}

// commits are the messages of the commits that a branch has and master has not, newest first.
func (w *world) commits(branch string) (messages []string) {
	known := map[string]bool{}
	for _, c := range w.local.GitHub.Log("master") {
		known[c.SHA] = true
	}
	for _, c := range w.local.GitHub.Log(branch) {
		if !known[c.SHA] {
			messages = append(messages, c.Message)
		}
	}
	return messages
}

// only is the one pull request there has to be.
func (w *world) only() practice.Pull {
	w.t.Helper()
	list := w.local.GitHub.Pulls()
	if len(list) != 1 {
		w.t.Fatalf("%d pull requests, want one: %+v", len(list), list)
	}
	return list[0]
}

func (w *world) comments() (bodies []string) {
	w.t.Helper()
	for _, c := range w.only().Comments {
		bodies = append(bodies, c.Body)
	}
	return bodies
}

// holds checks a file and how many commits led to it.
func (w *world) holds(path, text string, commits int) {
	w.t.Helper()
	if got, ok := w.file(branch, path); !ok || got != text {
		w.t.Errorf("%s holds %q (%v), want %q", path, got, ok, text)
	}
	if got := w.commits(branch); len(got) != commits {
		w.t.Errorf("%d commits, want %d: %q", len(got), commits, got)
	}
}

// breaker fails one call: before it is sent, or after, when the answer is lost.
type breaker struct {
	seen, at int // at 0: never
	after    bool
	hit      bool
	before   func(call string)                // is called before each call; nil for nothing
	instead  func(call string) *http.Response // answers instead of GitHub; nil, or returning nil, for not
}

var errCut = errors.New("connection reset by peer")

// RoundTrip implements http.RoundTripper.
func (b *breaker) RoundTrip(r *http.Request) (*http.Response, error) {
	b.seen++
	call := r.Method + " " + strings.TrimPrefix(r.URL.Path, strings.TrimRight(practice.GitHubPath, "/"))
	if b.before != nil {
		b.before(call)
	}
	if b.instead != nil {
		if resp := b.instead(call); resp != nil {
			return resp, nil
		}
	}
	if b.seen != b.at {
		return http.DefaultTransport.RoundTrip(r)
	}
	b.hit = true
	if b.after {
		if resp, err := http.DefaultTransport.RoundTrip(r); err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		}
	}
	return nil, errCut
}

func (b *breaker) arm(at int, after bool) { *b = breaker{at: at, after: after} }

func itoa(n int) string { text, _ := json.Marshal(n); return string(text) }

// saysNothingSecret checks every text that could be printed.
func saysNothingSecret(t *testing.T, o incidents.Outcome) {
	t.Helper()
	texts := []string{o.Say, o.Receipt.Note, o.Receipt.URL}
	for err := o.Err; err != nil; err = errors.Unwrap(err) {
		texts = append(texts, err.Error())
	}
	for _, text := range texts {
		if strings.Contains(text, token) {
			t.Errorf("the token is in %q", text)
		}
	}
	if o.Verdict != incidents.Delivered && o.Say == "" {
		t.Error("a failure without a sentence")
	}
	if o.After < 0 || o.After > time.Hour {
		t.Errorf("to wait for %s", o.After)
	}
}
