package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"watchbell/incidents"
	"watchbell/integrations/github"
)

// published adds where a merged post is read.
func (w *postWriter) published(o incidents.Outcome, s incidents.Snapshot) incidents.Outcome {
	if o.PullRequest.State == incidents.PullMerged {
		where := o.PullRequest.Path
		if where == "" {
			where = s.Post.Path
		}
		o.PullRequest.Live = w.post.liveURL(where, w.post.Category)
	}
	return o
}

// answer takes an answer to what was said about the pull request there.
func (w *postWriter) answer(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) incidents.Outcome {
	a, err := d.RemarkAnswer()
	if err != nil {
		return incidents.Failing(incidents.Impossible, "The answer cannot be read.", err)
	}
	return w.github.Answer(ctx, github.Answer{Key: d.Key, Pull: s.Post, RemarkAnswer: a})
}

// moves has a post moved whose file name is of another day than it will be published on.
func (w *postWriter) moves(o incidents.Outcome, s incidents.Snapshot) incidents.Outcome {
	day := w.post.day(s, w.zone, w.now()).Format(time.DateOnly)
	if o.Verdict == incidents.Delivered && w.post.Date == dateOfPublished && s.Post.State == incidents.PullOpen && !strings.Contains(s.Post.Path, day) {
		o.Moved = true
	}
	return o
}

// liveURL is where a published post is read; empty without a site, or where that is not known.
func (c PostConfig) liveURL(file, category string) string {
	page := c.site().Page(file, category)
	if c.SiteURL == "" || page == "" {
		return ""
	}
	return strings.TrimRight(c.SiteURL, "/") + "/" + page
}

// watch looks at the open pull requests now and then, and once at the start.
func (a *app) watch(ctx context.Context) error {
	if !a.config.hasGitHub() {
		return nil
	}
	ticker := time.NewTicker(incidents.LookEvery)
	defer ticker.Stop()
	for {
		if err := a.service.LookAtPulls(ctx); err != nil && ctx.Err() == nil {
			a.log.Warn("the pull requests are not looked at yet", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// hookMost is how large a call of GitHub's may be; those that count are far smaller.
// See https://docs.github.com/webhooks/webhook-events-and-payloads.
const hookMost = 5 << 20

// githubHook takes GitHub's calls. What they say is not believed: they tell which pull request to look at.
func (a *app) githubHook() http.Handler {
	secret := a.config.secrets.githubHook
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if secret == "" || !a.config.hasGitHub() {
			http.Error(w, "set GITHUB_WEBHOOK_SECRET to take GitHub's calls", http.StatusNotFound)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, hookMost))
		if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
			http.Error(w, "too large", http.StatusRequestEntityTooLarge)
			return
		} else if err != nil {
			http.Error(w, "the request ended early", http.StatusBadRequest)
			return
		}
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(body)
		signed, err := hex.DecodeString(strings.TrimPrefix(r.Header.Get("X-Hub-Signature-256"), "sha256="))
		if err != nil || !hmac.Equal(signed, mac.Sum(nil)) {
			http.Error(w, "the signature does not fit", http.StatusUnauthorized)
			return
		}
		body = hookPayload(r.Header.Get("Content-Type"), body)
		if a.protocol != nil {
			a.protocol.called(r.Header.Get("X-GitHub-Event"), body)
		}
		id, is := r.Header.Get("X-GitHub-Delivery"), concerns(body)
		if r.Header.Get("X-GitHub-Event") == "ping" || is == nil || id == "" || len(id) > 100 {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		if err := a.service.LookAtPull(r.Context(), "github/"+id, is); err != nil {
			a.log.Error("a call of GitHub's was not recorded", "error", err)
			http.Error(w, "not recorded", http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusAccepted)
	})
}

// hookPayload is the JSON of a call: the body itself, or a field of the form that GitHub sends unless it is told otherwise.
// See https://docs.github.com/webhooks/using-webhooks/creating-webhooks.
func hookPayload(contentType string, body []byte) []byte {
	if kind, _, _ := strings.Cut(contentType, ";"); !strings.EqualFold(strings.TrimSpace(kind), "application/x-www-form-urlencoded") {
		return body
	}
	form, _ := url.ParseQuery(string(body)) // what cannot be read concerns nobody
	return []byte(form.Get("payload"))
}

// concerns says which incident a call of GitHub's is about; nil for none.
func concerns(body []byte) func(incidents.Incident) bool {
	var call struct {
		Ref         string `json:"ref"`
		PullRequest struct {
			Number int `json:"number"`
		} `json:"pull_request"`
		Issue struct {
			Number int `json:"number"`
		} `json:"issue"`
	}
	if json.Unmarshal(body, &call) != nil {
		return nil
	}
	if number, ok := strings.CutPrefix(call.Ref, "refs/heads/"+branchPrefix); ok {
		n, err := strconv.Atoi(number)
		if err != nil || n <= 0 {
			return nil
		}
		return func(in incidents.Incident) bool { return in.Number == n }
	}
	number := call.PullRequest.Number + call.Issue.Number
	if number == 0 {
		return nil
	}
	return func(in incidents.Incident) bool { return in.Post.Number == number }
}
