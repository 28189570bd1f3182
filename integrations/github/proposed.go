package github

import (
	"context"
	"net/http"
	"strings"

	gh "github.com/google/go-github/v60/github"
)

// Proposed is a file as an open pull request would have it.
type Proposed struct {
	Latest
	// Touched says that the pull request is open and changes the file; the rest is empty where it does not.
	Touched bool
	pull    int
	commit  string
}

// manyFiles bounds the pages of 100 files that are looked through: whoever changes more does not do it by hand.
const manyFiles = 3

// Proposed reads a file as a pull request would have it.
func (c *Client) Proposed(ctx context.Context, number int, path string) (Proposed, error) {
	if wait := c.quietFor(); wait > 0 {
		return Proposed{}, waiting(wait)
	}
	r := &run{c: c}
	pull, err := r.pullNow(ctx, number)
	if err != nil || pull.GetState() != "open" {
		return Proposed{}, err
	}
	touched, err := r.touches(ctx, number, path)
	if err != nil || !touched {
		return Proposed{}, err
	}
	p := Proposed{Touched: true, pull: number, commit: pull.GetHead().GetSHA()}
	p.Latest, err = r.fileOf(ctx, path, "", p.commit)
	return p, err
}

func (r *run) touches(ctx context.Context, number int, path string) (yes bool, err error) {
	options := &gh.ListOptions{PerPage: 100, Page: 1}
	for range manyFiles {
		next := 0
		err = r.read(ctx, "list the files of a pull request", func(ctx context.Context) error {
			files, answer, err := r.c.api.PullRequests.ListFiles(ctx, r.c.owner, r.c.repo, number, options)
			if err != nil {
				return err
			}
			for _, f := range files {
				yes = yes || f.GetFilename() == path || f.GetPreviousFilename() == path
			}
			next = answer.NextPage
			return nil
		})
		if err != nil || yes || next == 0 {
			return yes, err
		}
		options.Page = next
	}
	return false, nil
}

// Judge says on a pull request what is wrong with the file that it proposes, one mistake in each line, or that nothing is: as the
// status of its commit, where the token may set that, and in one comment, which is edited in place. While nothing was ever
// wrong there is no comment. name keeps it apart from what else is said there: "protocol".
func (c *Client) Judge(ctx context.Context, p Proposed, name, path string, wrong []string) error {
	r := &run{c: c}
	defer r.release()
	report := Report{Passed: len(wrong) == 0, Text: "No mistakes."}
	if !report.Passed {
		report.Text = wrong[0]
	}
	if err := r.judge(ctx, p, "watchbell/"+name, report); err != nil {
		return err
	}
	mark := "<!-- watchbell:" + name + " -->"
	there, err := r.comment(ctx, p.pull, mark)
	if err != nil || there == nil && report.Passed {
		return err
	}
	body := mark + "\n`" + path + "` is right now, as far as Watchbell can tell.\n"
	if !report.Passed {
		body = mark + "\n`" + path + "` could not be used as it is here:\n"
		for _, one := range wrong {
			body += "\n- " + Harmless(one)
		}
		body += "\n"
	}
	body = shortened(body, maxBody)
	switch {
	case there == nil:
		return r.write(ctx, "comment", func(ctx context.Context) error {
			_, _, err := c.api.Issues.CreateComment(ctx, c.owner, c.repo, p.pull, &gh.IssueComment{Body: gh.String(body)})
			return err
		})
	case strings.TrimSpace(there.GetBody()) == strings.TrimSpace(body):
		return nil
	}
	return r.write(ctx, "edit comment", func(ctx context.Context) error {
		_, _, err := c.api.Issues.EditComment(ctx, c.owner, c.repo, there.GetID(), &gh.IssueComment{Body: gh.String(body)})
		return err
	})
}

// judge sets the status of the commit. A token that may not set one is none the worse for it.
func (r *run) judge(ctx context.Context, p Proposed, name string, report Report) error {
	if !r.c.mayTell() {
		return nil
	}
	state := "success"
	if !report.Passed {
		state = "failure"
	}
	err := r.write(ctx, "set status", func(ctx context.Context) error {
		_, _, err := r.c.api.Repositories.CreateStatus(ctx, r.c.owner, r.c.repo, p.commit, &gh.RepoStatus{
			State: gh.String(state), Context: gh.String(name), Description: gh.String(described(report.Text)),
		})
		return err
	})
	if code := status(err); code == http.StatusForbidden || code == http.StatusNotFound {
		r.c.withoutStatuses()
		return nil
	}
	return err
}
