package github

import (
	"context"
	"strings"

	gh "github.com/google/go-github/v60/github"
)

// Marked returns the links of the open pull requests of the repository's own branches that begin with a prefix, by the
// branch. Its errors are sentences for people.
func (c *Client) Marked(ctx context.Context, prefix string) (map[string][]string, error) {
	r := &run{c: c, trees: map[string]*gh.Tree{}}
	found := map[string][]string{}
	for page := 1; page > 0; {
		var pulls []*gh.PullRequest
		err := r.read(ctx, "list pull requests", func(ctx context.Context) error {
			list, answer, err := c.api.PullRequests.List(ctx, c.owner, c.repo, &gh.PullRequestListOptions{
				State: "open", ListOptions: gh.ListOptions{PerPage: 100, Page: page},
			})
			if pulls = list; err == nil {
				page = answer.NextPage
			}
			return err
		})
		if err != nil {
			return nil, inWords(err)
		}
		for _, p := range pulls {
			branch, from := p.GetHead().GetRef(), p.GetHead().GetRepo().GetFullName()
			if strings.HasPrefix(branch, prefix) && (from == "" || strings.EqualFold(from, c.name())) {
				found[branch] = append(found[branch], p.GetHTMLURL())
			}
		}
	}
	return found, nil
}

// plainError is an error whose text is for people; its chain is for the log.
type plainError struct {
	say string
	err error
}

func (e *plainError) Error() string { return e.say }
func (e *plainError) Unwrap() error { return e.err }

// inWords turns an error into the sentence that people are told about it.
func inWords(err error) error { return &plainError{failing(err, false).Say, err} }
