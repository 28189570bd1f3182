package github

import (
	"context"
	"net/http"
	"strings"
	"time"

	gh "github.com/google/go-github/v60/github"

	"watchbell/incidents"
)

// Marked returns the links of the open pull requests of our branches, in the repository or its fork, that begin with a prefix, by the
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
			if strings.HasPrefix(branch, prefix) && (from == "" || strings.EqualFold(from, c.head.name())) {
				found[branch] = append(found[branch], p.GetHTMLURL())
			}
		}
	}
	return found, nil
}

// inWords turns an error into the sentence that people are told about it.
func inWords(err error) error { return incidents.InWords(failing(err, false).Say, err) }

// Examine tries whether GitHub lets us do what we will have to. The writes that it tries are ones that GitHub refuses for
// another reason once the token may make them, so nothing is left behind.
func (c *Client) Examine(ctx context.Context) []incidents.Proof {
	page := "https://github.com/settings/personal-access-tokens → the token: "
	if c.app != nil {
		page = "https://github.com/settings/apps → the App: "
	}
	r := &run{c: c, trees: map[string]*gh.Tree{}}
	repo := incidents.Proof{What: "the repository " + c.name()}
	var clock time.Time
	err := r.read(ctx, "read repository", func(ctx context.Context) error {
		_, answer, err := c.api.Repositories.Get(ctx, c.owner, c.repo)
		if answer != nil {
			clock, _ = http.ParseTime(answer.Header.Get("Date"))
		}
		return err
	})
	if err != nil {
		repo.Wrong, repo.Mend = inWords(err).Error(), incidents.MendBy(failing(err, false).Verdict,
			page+"Repository access, and github.repo in watchbell.yml", c.api.BaseURL.String(), "GITHUB_API_URL")
		return []incidents.Proof{repo}
	}
	base := incidents.Proof{What: "the branch that pull requests ask to be merged into"}
	at, err := r.base(ctx)
	if err != nil {
		base.Wrong, base.Mend = inWords(err).Error(), "github.base in watchbell.yml"
		return []incidents.Proof{repo, incidents.ClockProof("GitHub", clock, c.now()), base}
	}
	base.Note = at.branch
	proofs := []incidents.Proof{repo, incidents.ClockProof("GitHub", clock, c.now()), base}
	from := at.branch
	var contents incidents.Proof
	if c.forked() {
		from, contents = c.head.owner+":"+doctorBranch, c.examineFork(ctx, r) // which is not there
	} else {
		contents = c.refused(ctx, "the right to write contents", page+"Repository permissions → Contents: read and write", func(ctx context.Context) error {
			_, _, err := c.api.Git.CreateRef(ctx, c.owner, c.repo, noCommit())
			return err
		})
	}
	mend := page + "Repository permissions → Pull requests: read and write"
	if c.forked() {
		mend = forkToken
	}
	pulls := c.refused(ctx, "the right to open pull requests", mend, func(ctx context.Context) error {
		_, _, err := c.api.PullRequests.Create(ctx, c.owner, c.repo, &gh.NewPullRequest{
			Title: gh.String("Doctor"), Head: gh.String(from), Base: gh.String(at.branch),
		})
		return err
	})
	return append(proofs, contents, pulls, c.tellProof(ctx, page))
}

// tellProof tries whether we may set the status of a commit, which is not needed: where we may not, it is said elsewhere.
func (c *Client) tellProof(ctx context.Context, page string) incidents.Proof {
	p := incidents.Proof{What: "the right to set commit statuses"}
	err := (&run{c: c}).read(ctx, "try "+p.What, func(ctx context.Context) error {
		state := gh.RepoStatus{State: gh.String("success"), Context: gh.String(statusContext)}
		_, _, err := c.api.Repositories.CreateStatus(ctx, c.owner, c.repo, noCommit().GetObject().GetSHA(), &state)
		return err
	})
	switch code := status(err); {
	case err == nil, code == http.StatusUnprocessableEntity:
	case code == http.StatusForbidden, code == http.StatusNotFound:
		p.Note = "the " + c.who() + " lacks it, so what a reviewer would send back stands in the pull request's description alone"
		if !c.forked() {
			p.Note += "; to have it at the commit as well: " + page + "Repository permissions → Commit statuses: read and write"
		}
	default:
		p.Note = "could not be tried: " + inWords(err).Error()
	}
	return p
}

// who is what acts on GitHub for us.
func (c *Client) who() string {
	if c.app != nil {
		return "App"
	}
	return "token"
}

// refused tries a write that cannot succeed: 422 says that we may make such writes.
func (c *Client) refused(ctx context.Context, what, mend string, call func(context.Context) error) incidents.Proof {
	p := incidents.Proof{What: what}
	r := &run{c: c}
	err := r.read(ctx, "try "+what, call)
	if err != nil && status(err) != http.StatusUnprocessableEntity {
		p.Wrong, p.Mend = "The "+c.who()+" lacks "+what+": "+inWords(err).Error(), mend
	}
	return p
}
