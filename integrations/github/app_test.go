package github_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"watchbell/incidents"
	"watchbell/integrations/github"
	"watchbell/integrations/practice"
)

// appWorld is a local GitHub on which an App is installed, with a clock that the test sets.
func appWorld(t *testing.T) (*world, *practice.Clock) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	clock := practice.NewClock(time.Date(2026, 7, 8, 9, 0, 0, 0, time.UTC))
	clock.SetPace(0)
	local := practice.New(practice.Options{Now: clock.Now})
	server := httptest.NewServer(local.Handler())
	t.Cleanup(server.Close)
	local.GitHub.InstallApp("12345", &key.PublicKey)
	w := &world{t: t, local: local, url: server.URL + strings.TrimRight(practice.GitHubPath, "/"), wire: &breaker{}}
	w.client, err = github.New(github.Config{
		App:     github.App{ID: "12345", Key: pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})},
		BaseURL: w.url, Repo: local.GitHub.Repo(), Base: "master", HTTP: &http.Client{Transport: w.wire}, Now: clock.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return w, clock
}

func TestAppPublishes(t *testing.T) {
	w, clock := appWorld(t)
	o := w.publish(draft("one\n"))
	o = w.publish(again(draft("two\n"), o))
	if n := w.local.GitHub.AppTokens(); n != 1 {
		t.Errorf("%d tokens were asked for", n)
	}
	clock.JumpTo(clock.Now().Add(58 * time.Minute)) // it is not used until its last minute
	o = w.publish(again(draft("three\n"), o))
	if n := w.local.GitHub.AppTokens(); n != 2 {
		t.Errorf("%d tokens were asked for after an hour", n)
	}
	w.holds(post, "three\n", 3)
	for _, p := range w.client.Examine(context.Background()) {
		if p.Wrong != "" && !strings.HasPrefix(p.What, "the clock") { // the test's own stands still
			t.Errorf("the doctor says %+v", p)
		}
	}
	w.local.GitHub.SuspendApp()
	got := w.client.Publish(context.Background(), again(draft("four\n"), o))
	for range 2 { // the token ends first, then there is no new one
		if got.Verdict != incidents.Impossible || !strings.Contains(got.Say, "GitHub") || strings.Contains(got.Say, "GITHUB_TOKEN") {
			t.Errorf("%s: %s (%v)", got.Verdict, got.Say, got.Err)
		}
		if strings.Contains(got.Err.Error(), "practice-ghs") {
			t.Errorf("the token is told: %v", got.Err)
		}
		got = w.client.Publish(context.Background(), again(draft("four\n"), o))
	}
}

func TestAppThatIsNotSetUpRightly(t *testing.T) {
	for name, app := range map[string]github.App{
		"no key": {ID: "1"}, "no id": {Key: []byte("x")}, "no PEM": {ID: "1", Key: []byte("not a key: hunter2")},
	} {
		_, err := github.New(github.Config{App: app, Repo: "owner/site"})
		if err == nil || !strings.Contains(err.Error(), "GITHUB_APP_PRIVATE_KEY") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
