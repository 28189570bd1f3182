package github

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	gh "github.com/google/go-github/v60/github"

	"watchbell/incidents"
)

// Where the token may not push, the branch is in a fork and the pull request goes from there to the repository. See
// https://docs.github.com/pull-requests/collaborating-with-pull-requests/working-with-forks/about-forks.

const (
	// forkWait is when a fork that GitHub is still copying is looked at again, forkPatience how long that may take: GitHub
	// says to call its support after five minutes. See https://docs.github.com/rest/repos/forks#create-a-fork.
	forkWait     = 10 * time.Second
	forkPatience = 15 * time.Minute
)

// fork is the repository that branches are pushed to in the place of Config.Repo.
type fork struct{ owner, repo string }

// readFork reads Config.Fork: "login", or "login/name" when the fork has another name.
func readFork(text, owner, repo string) (f fork, err error) {
	f.owner, f.repo, _ = strings.Cut(text, "/")
	if f.repo == "" && !strings.Contains(text, "/") {
		f.repo = repo
	}
	switch {
	case !repoPattern.MatchString(f.owner + "/" + f.repo), dots(f.owner), dots(f.repo):
		return f, errors.New("github.fork is no account: write its login, or login/name when the fork has another name")
	case strings.EqualFold(f.owner, owner):
		return f, errors.New("github.fork names the account that has github.repo already: write another one, or leave it out")
	}
	return f, nil
}

func (f fork) name() string { return f.owner + "/" + f.repo }

// forked reports whether branches are in a fork.
func (c *Client) forked() bool { return c.head.owner != c.owner || c.head.repo != c.repo }

// object reads a git object by its id: from the repository, or from the fork when only that has it yet.
func (r *run) object(ctx context.Context, what string, call func(ctx context.Context, at fork) error) error {
	err := r.read(ctx, what, func(ctx context.Context) error { return call(ctx, fork{r.c.owner, r.c.repo}) })
	if r.c.forked() && status(err) == http.StatusNotFound {
		err = r.read(ctx, what+" of the fork", func(ctx context.Context) error { return call(ctx, r.c.head) })
	}
	return err
}

// noBranch reports whether an error says that a branch is not there. A fork that is missing, or is still being copied, has
// none.
func (c *Client) noBranch(err error) bool {
	return status(err) == http.StatusNotFound || c.forked() && status(err) == http.StatusConflict
}

// prepare sees to it that there is a fork and that it has the commit which the branch begins from.
func (r *run) prepare(ctx context.Context, from string) error {
	there, err := r.c.forkNow(ctx, r)
	if err != nil {
		return err
	}
	if there == nil {
		return r.makeFork(ctx)
	}
	if ok, err := r.forkHas(ctx, from); ok || err != nil {
		return err
	}
	base, err := r.baseName(ctx)
	if err != nil {
		return err
	}
	if _, err := r.refAt(ctx, r.c.head, base); err != nil {
		young := r.c.now().Sub(there.GetCreatedAt().Time) < forkPatience
		switch {
		case r.c.noBranch(err) && young:
			return stillForking()
		case r.c.noBranch(err):
			return impossible("The fork %s has no branch %q: sync it with %s on GitHub, then press “Try again”.", r.c.head.name(), base, r.c.name())
		}
		return err
	}
	err = r.write(ctx, "sync the fork", func(ctx context.Context) error {
		_, _, err := r.c.api.Repositories.MergeUpstream(ctx, r.c.head.owner, r.c.head.repo, &gh.RepoMergeUpstreamRequest{Branch: gh.String(base)})
		return err
	})
	if code := status(err); code == http.StatusConflict || code == http.StatusUnprocessableEntity {
		return impossible("The branch %q of the fork %s cannot be brought up to date with %s: sync it on GitHub, then press “Try again”.", base, r.c.head.name(), r.c.name())
	}
	return err
}

// forkHas reports whether the fork knows a commit.
func (r *run) forkHas(ctx context.Context, sha string) (bool, error) {
	err := r.read(ctx, "read commit of the fork", func(ctx context.Context) error {
		_, _, err := r.c.api.Git.GetCommit(ctx, r.c.head.owner, r.c.head.repo, sha)
		return err
	})
	if r.c.noBranch(err) {
		return false, nil
	}
	return err == nil, err
}

// forkNow finds the fork; nil when there is none yet. A repository of that name which is no fork of ours is a problem.
func (c *Client) forkNow(ctx context.Context, r *run) (there *gh.Repository, err error) {
	err = r.read(ctx, "read the fork", func(ctx context.Context) (err error) {
		there, _, err = c.api.Repositories.Get(ctx, c.head.owner, c.head.repo)
		return err
	})
	if status(err) == http.StatusNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, above := range []*gh.Repository{there.GetParent(), there.GetSource()} {
		if strings.EqualFold(above.GetFullName(), c.name()) {
			return there, nil
		}
	}
	return nil, impossible("%s is no fork of %s: rename it, or set github.fork to another account or to login/name.", c.head.name(), c.name())
}

// makeFork asks for the fork. GitHub copies in the background, and asking twice leads to one fork.
func (r *run) makeFork(ctx context.Context) error {
	var me *gh.User
	err := r.read(ctx, "read the token's account", func(ctx context.Context) (err error) {
		me, _, err = r.c.api.Users.Get(ctx, "")
		return err
	})
	if err != nil {
		return err
	}
	options := &gh.RepositoryCreateForkOptions{}
	if !strings.EqualFold(me.GetLogin(), r.c.head.owner) {
		options.Organization = r.c.head.owner
	}
	if r.c.head.repo != r.c.repo {
		options.Name = r.c.head.repo
	}
	before := r.wrote
	err = r.write(ctx, "fork", func(ctx context.Context) error {
		_, _, err := r.c.api.Repositories.CreateFork(ctx, r.c.owner, r.c.repo, options)
		if accepted := (*gh.AcceptedError)(nil); errors.As(err, &accepted) {
			return nil
		}
		return err
	})
	if code := status(err); code == http.StatusForbidden || code == http.StatusNotFound || code == http.StatusUnprocessableEntity {
		if p := (*problem)(nil); errors.As(err, &p) && p.verdict == incidents.Impossible {
			p.say = "The token may not make the fork " + r.c.head.name() + ", or there is no such account: fork " + r.c.name() +
				" there by hand, and give the bot a classic token with the scope public_repo or repo, then press “Try again”."
		}
	}
	if err != nil {
		return err
	}
	r.wrote = before // of the post itself GitHub has seen nothing
	return stillForking()
}

func stillForking() *problem {
	return &problem{verdict: incidents.Deferred, after: forkWait, say: "GitHub is making the fork; the post follows when it is there."}
}

// forbiddenTo returns the problem behind a lasting refusal for want of rights; nil for every other error.
func forbiddenTo(err error) *problem {
	var p *problem
	code := status(err)
	if code != http.StatusForbidden && code != http.StatusNotFound || !errors.As(err, &p) ||
		p.verdict != incidents.Impossible || says(err, "archived") {
		return nil
	}
	return p
}

// unpushable adds the way out to a refusal to write the branch. A fork may be readable before it is writable.
func (c *Client) unpushable(err error) error {
	if c.forked() && status(err) == http.StatusConflict && says(err, "is empty") {
		return stillForking()
	}
	p := forbiddenTo(err)
	switch {
	case p == nil || c.app != nil:
	case c.forked():
		p.say = "GitHub does not let our token write to the fork " + c.head.name() + ": make GITHUB_TOKEN a classic token, with the " +
			"scope public_repo or repo, of an account that may push there, then press “Try again”."
	default:
		p.say += " If the bot is not to push there, set github.fork to the account that is to hold a fork."
	}
	return err
}

// unasking says what opens a pull request from a fork, where GitHub refuses it.
func (c *Client) unasking(err error) error {
	if p := forbiddenTo(err); p != nil && c.forked() {
		p.say = "GitHub does not let our token open a pull request from the fork " + c.head.name() + " to " + c.name() +
			": only a classic token with the scope public_repo or repo can, so make GITHUB_TOKEN one, then press “Try again”."
	}
	return err
}

// examineFork tries the fork as Examine tries the repository.
func (c *Client) examineFork(ctx context.Context, r *run) incidents.Proof {
	p := incidents.Proof{What: "the fork " + c.head.name()}
	there, err := c.forkNow(ctx, r)
	switch {
	case err != nil:
		p.Wrong, p.Mend = inWords(err).Error(), "github.fork in watchbell.yml"
		return p
	case there == nil:
		p.Note = "is made with the first post"
		return p
	}
	return c.refused(ctx, "the right to write contents of the fork "+c.head.name(),
		forkToken, func(ctx context.Context) error {
			_, _, err := c.api.Git.CreateRef(ctx, c.head.owner, c.head.repo, noCommit())
			return err
		})
}

// noCommit is a branch that GitHub refuses to make, for its commit is nowhere.
func noCommit() *gh.Reference {
	return &gh.Reference{Ref: gh.String("refs/heads/" + doctorBranch), Object: &gh.GitObject{SHA: gh.String(strings.Repeat("0", 39) + "1")}}
}

const (
	doctorBranch = "post-mortem/doctor"
	forkToken    = "https://github.com/settings/tokens → a classic token with the scope public_repo or repo, of an account that may push to the fork"
)
