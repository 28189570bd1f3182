package github

import (
	"context"
	"fmt"
	"strings"

	gh "github.com/google/go-github/v60/github"

	"watchbell/incidents"
)

// ref is the commit that a branch is on. An unknown branch is an error with status 404.
func (r *run) ref(ctx context.Context, branch string) (sha string, err error) {
	return r.refAt(ctx, fork{r.c.owner, r.c.repo}, branch)
}

// refAt is ref in the repository or its fork.
func (r *run) refAt(ctx context.Context, at fork, branch string) (sha string, err error) {
	err = r.read(ctx, "read branch "+branch, func(ctx context.Context) error {
		ref, _, err := r.c.api.Git.GetRef(ctx, at.owner, at.repo, "heads/"+branch)
		sha = ref.GetObject().GetSHA()
		return err
	})
	return sha, err
}

// base reads the branch that the pull request asks to be merged into.
func (r *run) base(ctx context.Context) (b place, err error) {
	if b.branch, err = r.baseName(ctx); err != nil {
		return b, err
	}
	b.commit, err = r.ref(ctx, b.branch)
	if status(err) == 404 {
		return b, impossible("%s has no branch %q: set github.base to the branch that posts go to.", r.c.name(), b.branch)
	}
	if err != nil {
		return b, err
	}
	commit, err := r.commitAt(ctx, b.commit)
	b.tree = commit.GetTree().GetSHA()
	return b, err
}

// baseName is the configured base branch, else the repository's default branch as it is now.
func (r *run) baseName(ctx context.Context) (name string, err error) {
	if r.c.base != "" {
		return r.c.base, nil
	}
	err = r.read(ctx, "read repository", func(ctx context.Context) error {
		repo, _, err := r.c.api.Repositories.Get(ctx, r.c.owner, r.c.repo)
		name = repo.GetDefaultBranch()
		return err
	})
	if err == nil && name == "" {
		// Every repository has one, an empty one too: this is an answer with nothing in it.
		return "", &problem{verdict: incidents.Refused, say: fmt.Sprintf("GitHub did not name the default branch of %s; it is asked again.", r.c.name())}
	}
	if err == nil && !validBranch(name) {
		return "", impossible("%s has no default branch that we can use: set github.base.", r.c.name())
	}
	return name, err
}

func (r *run) commitAt(ctx context.Context, sha string) (commit *gh.Commit, err error) {
	err = r.object(ctx, "read commit", func(ctx context.Context, at fork) (err error) {
		commit, _, err = r.c.api.Git.GetCommit(ctx, at.owner, at.repo, sha)
		return err
	})
	return commit, err
}

// blob is the id of a file in a tree; empty when there is none. It walks down folder by folder, which needs no
// escaping of names and works in repositories of any size.
func (r *run) blob(ctx context.Context, tree, path string) (sha string, err error) {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		folder, err := r.tree(ctx, tree)
		if err != nil {
			return "", err
		}
		entry := find(folder, part)
		switch {
		case entry == nil && folder.GetTruncated():
			return "", impossible("The folder of %s holds more files than GitHub lists: change post.path.", path)
		case entry == nil:
			return "", nil
		case i == len(parts)-1:
			return entry.GetSHA(), nil
		case entry.GetType() != "tree":
			return "", impossible("%s cannot hold posts, for it is a file: change post.path.", strings.Join(parts[:i+1], "/"))
		}
		tree = entry.GetSHA()
	}
	return "", nil
}

func find(folder *gh.Tree, name string) *gh.TreeEntry {
	for _, entry := range folder.Entries {
		if entry.GetPath() == name {
			return entry
		}
	}
	return nil
}

func (r *run) tree(ctx context.Context, sha string) (*gh.Tree, error) {
	if tree := r.trees[sha]; tree != nil {
		return tree, nil
	}
	var tree *gh.Tree
	err := r.object(ctx, "read tree", func(ctx context.Context, at fork) (err error) {
		tree, _, err = r.c.api.Git.GetTree(ctx, at.owner, at.repo, sha, false)
		return err
	})
	if err == nil {
		r.trees[sha] = tree
	}
	return tree, err
}
