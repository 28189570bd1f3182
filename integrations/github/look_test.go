package github_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"watchbell/integrations/github"
	"watchbell/integrations/practice"
)

// dated has every answer say when it was given.
type dated struct{ at time.Time }

// RoundTrip implements http.RoundTripper.
func (d *dated) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err == nil {
		resp.Header.Set("Date", d.at.UTC().Format(http.TimeFormat))
	}
	return resp, err
}

// A second review within the second of the first one is told too, although nothing of the pull request shows it. Later a
// look costs one call again.
func TestTwoReviewsWithinASecond(t *testing.T) {
	at := time.Date(2026, 7, 8, 9, 0, 0, 0, time.UTC)
	local := practice.New(practice.Options{Now: func() time.Time { return at }})
	server := httptest.NewServer(local.Handler())
	t.Cleanup(server.Close)
	answers := &dated{at}
	w := &world{t: t, local: local, url: server.URL + strings.TrimRight(practice.GitHubPath, "/"), wire: &breaker{}}
	client, err := github.New(github.Config{Token: token, BaseURL: w.url, Repo: local.GitHub.Repo(), Base: "master", HTTP: &http.Client{Transport: answers}})
	w.ok(err)
	w.client = client
	known := w.publish(draft("one\n")).PullRequest
	note := ""
	look := func() (told []string) {
		o := client.Look(t.Context(), known, note)
		if o.Receipt.Note != "" {
			note = o.Receipt.Note
		}
		for _, r := range o.Remarks {
			told = append(told, r.Text)
		}
		return told
	}
	for _, said := range []string{"Looks good.", "Looks bad."} {
		w.ok(local.GitHub.SubmitReview(known.Number, "ana", "COMMENTED", said))
		if told := look(); len(told) != 1 || told[0] != said {
			t.Errorf("after %q told is %q", said, told)
		}
	}
	answers.at = at.Add(time.Minute)
	look()
	before, _ := w.calls()
	look()
	if after, _ := w.calls(); after != before+1 {
		t.Errorf("a look at what has not changed took %d calls", after-before)
	}
}
