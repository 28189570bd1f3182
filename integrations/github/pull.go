package github

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"

	gh "github.com/google/go-github/v60/github"
)

// find returns the branch's pull request: an open one before any other, then the one that we know, then the newest;
// nil when there is none.
func (r *run) find(ctx context.Context) (*gh.PullRequest, error) {
	var pulls []*gh.PullRequest
	err := r.read(ctx, "list pull requests", func(ctx context.Context) (err error) {
		pulls, _, err = r.c.api.PullRequests.List(ctx, r.c.owner, r.c.repo, &gh.PullRequestListOptions{
			State: "all", Head: r.c.head.owner + ":" + r.p.Branch, ListOptions: gh.ListOptions{PerPage: 100},
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	var best *gh.PullRequest
	for _, pull := range pulls {
		if r.belongs(pull) && (best == nil || r.better(pull, best)) {
			best = pull
		}
	}
	if best == nil && r.p.Known.Number > 0 {
		// The list goes by the owner's name, which may have changed since.
		best, err = r.known(ctx)
	}
	if best != nil && r.stranger(best) {
		return nil, impossible("The pull request #%d for the branch %s is older than this incident: close it and delete "+
			"its branch on GitHub, then press “Try again”.", best.GetNumber(), r.p.Branch)
	}
	return best, err
}

func (r *run) known(ctx context.Context) (*gh.PullRequest, error) {
	var pull *gh.PullRequest
	err := r.read(ctx, "read pull request", func(ctx context.Context) (err error) {
		pull, _, err = r.c.api.PullRequests.Get(ctx, r.c.owner, r.c.repo, r.p.Known.Number)
		return err
	})
	if status(err) == 404 {
		return nil, nil
	}
	switch {
	case err != nil:
		return nil, err
	case r.belongs(pull), pull.GetHead().GetRef() == r.p.Branch && pull.MergedAt != nil:
		return pull, nil
	case pull.GetHead().GetRef() == r.p.Branch && pull.GetState() == "open":
		return nil, impossible("The pull request #%d comes from %s, and not from %s: close it, or set github.fork as it was, then press “Try again”.",
			pull.GetNumber(), pull.GetHead().GetRepo().GetFullName(), r.c.head.name())
	}
	return nil, nil
}

// belongs checks what the list was asked for: GitHub ignores a filter that it does not understand. Finished pull
// requests of an earlier incident with the same number are history.
func (r *run) belongs(pull *gh.PullRequest) bool {
	if pull.GetHead().GetRef() != r.p.Branch {
		return false
	}
	head, base := pull.GetHead().GetRepo().GetFullName(), pull.GetBase().GetRepo().GetFullName()
	if r.c.forked() {
		base = r.c.head.name()
	}
	if head != "" && base != "" && !strings.EqualFold(head, base) {
		return false // from somebody else's fork
	}
	return pull.GetState() == "open" || !r.stranger(pull)
}

// stranger reports whether a pull request was there before the incident.
func (r *run) stranger(pull *gh.PullRequest) bool {
	return pull.GetNumber() != r.p.Known.Number && r.p.before(pull.GetCreatedAt().Time)
}

func (r *run) better(a, b *gh.PullRequest) bool {
	rank := func(p *gh.PullRequest) int {
		switch {
		case p.GetState() == "open":
			return 2
		case p.GetNumber() == r.p.Known.Number:
			return 1
		}
		return 0
	}
	if rank(a) != rank(b) {
		return rank(a) > rank(b)
	}
	return a.GetNumber() > b.GetNumber()
}

// ensure opens the pull request, or brings title and description up to date as far as people left them alone.
func (r *run) ensure(ctx context.Context, pull *gh.PullRequest) (*gh.PullRequest, error) {
	if pull == nil {
		return r.open(ctx)
	}
	text, signed, ok := readSignature(pull.GetBody())
	if !ok {
		return pull, nil
	}
	next, edit := signed, &gh.PullRequest{}
	if title := pull.GetTitle(); title != r.p.Title && digest(title) == signed.title {
		edit.Title, next.title = gh.String(r.p.Title), digest(r.p.Title)
	}
	if body := r.body(); digest(text) != digest(body) && digest(text) == signed.body {
		text, next.body = body, digest(body)
	}
	if next == signed {
		return pull, nil
	}
	edit.Body = gh.String(text + next.line())
	var edited *gh.PullRequest
	err := r.write(ctx, "edit pull request", func(ctx context.Context) (err error) {
		edited, _, err = r.c.api.PullRequests.Edit(ctx, r.c.owner, r.c.repo, pull.GetNumber(), edit)
		return err
	})
	return edited, err
}

func (r *run) open(ctx context.Context) (*gh.PullRequest, error) {
	base, err := r.baseName(ctx)
	if err != nil {
		return nil, err
	}
	body := r.body()
	pull := &gh.NewPullRequest{
		Title: gh.String(r.p.Title), Head: gh.String(r.p.Branch), Base: gh.String(base),
		Body:  gh.String(body + signature{title: digest(r.p.Title), body: digest(body)}.line()),
		Draft: gh.Bool(r.c.drafts(r.p.Draft)),
	}
	if r.c.forked() {
		// Reviewers may edit the post on GitHub, as on a branch of their own repository.
		pull.Head, pull.MaintainerCanModify = gh.String(r.c.head.owner+":"+r.p.Branch), gh.Bool(true)
	}
	var opened *gh.PullRequest
	create := func(ctx context.Context) (err error) {
		opened, _, err = r.c.api.PullRequests.Create(ctx, r.c.owner, r.c.repo, pull)
		return err
	}
	err = r.write(ctx, "create pull request", create)
	if *pull.Draft && status(err) == 422 && says(err, "draft") {
		// Private repositories have drafts only on some plans.
		r.c.withoutDrafts()
		pull.Draft = gh.Bool(false)
		err = r.write(ctx, "create pull request", create)
	}
	if pull.MaintainerCanModify != nil && status(err) == 422 && says(err, "fork collab", "fork_collab") {
		// A fork that belongs to an organisation cannot be opened to others.
		pull.MaintainerCanModify = gh.Bool(false)
		err = r.write(ctx, "create pull request", create)
	}
	if status(err) == 422 && says(err, "no commits between") {
		return nil, impossible("The branch %s holds nothing that %s does not hold already.", r.p.Branch, base)
	}
	return opened, r.c.unasking(err)
}

func (r *run) body() string {
	text := strings.TrimSpace(r.p.Body)
	if r.left != "" {
		text += "\n\n" + r.left
	}
	if r.found != "" {
		text += "\n\nA reviewer would say: " + Harmless(r.found)
	}
	return shortened(text, maxBody)
}

// signature is what title and description were when we wrote them, as digests. It is an invisible last line of the
// description, so that it changes together with them and is there even when the answer got lost.
type signature struct{ title, body string }

var signaturePattern = regexp.MustCompile(`\s*<!-- watchbell title:([0-9a-f]{16}) body:([0-9a-f]{16}) -->\s*$`)

func (s signature) line() string {
	return fmt.Sprintf("\n\n<!-- watchbell title:%s body:%s -->", s.title, s.body)
}

// readSignature splits a description in text and signature; ok is false when people took that away.
func readSignature(body string) (text string, s signature, ok bool) {
	found := signaturePattern.FindStringSubmatchIndex(body)
	if found == nil {
		return body, signature{}, false
	}
	return body[:found[0]], signature{title: body[found[2]:found[3]], body: body[found[4]:found[5]]}, true
}

// digest of a text, whatever a browser does to its line ends.
func digest(text string) string {
	sum := sha256.Sum256([]byte(strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))))
	return hex.EncodeToString(sum[:8])
}
