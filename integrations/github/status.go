package github

import (
	"context"
	"net/http"
	"unicode/utf8"

	gh "github.com/google/go-github/v60/github"
)

// Report is what a reading of the post found.
type Report struct {
	Passed bool
	// Text is one sentence. As the description of a commit's status it is cut at 140 characters.
	Text string
}

// statusContext is the name of our status among those of the commit.
const statusContext = "watchbell/post"

// maxDescription is how long a status may be. Source: docs.github.com/rest/commits/statuses.
const maxDescription = 140

// status shows what was found on the branch's newest commit. A token without "Commit statuses: write" cannot; then, and
// whenever it fails, the description says it instead: nothing else waits for it.
func (r *run) status(ctx context.Context, f file) {
	if r.p.Inspect == nil || f.theirs {
		return
	}
	report := r.p.Inspect(f.path, f.content)
	state := "success"
	if !report.Passed {
		state = "failure"
	}
	told := digest(f.tip + state + report.Text)
	if r.note.Told == told {
		return
	}
	if !r.c.mayTell() {
		r.found = report.Text
		return
	}
	err := r.write(ctx, "set status", func(ctx context.Context) error {
		_, _, err := r.c.api.Repositories.CreateStatus(ctx, r.c.owner, r.c.repo, f.tip, &gh.RepoStatus{
			State: gh.String(state), Context: gh.String(statusContext), Description: gh.String(described(report.Text)),
		})
		return err
	})
	switch code := status(err); {
	case err == nil:
		r.note.Told = told
		return
	case code == http.StatusForbidden || code == http.StatusNotFound:
		r.c.withoutStatuses()
	}
	r.found = report.Text
}

func described(s string) string {
	if utf8.RuneCountInString(s) <= maxDescription {
		return s
	}
	return string([]rune(s)[:maxDescription-1]) + "…"
}

func (c *Client) mayTell() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.noStatuses
}

func (c *Client) withoutStatuses() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.noStatuses = true
}
