package github

import (
	"context"
	"path"
	"strings"

	gh "github.com/google/go-github/v60/github"
)

// yield has the post move to a free suffix, as a new one would have, when somebody else's file came to the same path of
// the base branch meanwhile: git would ask which of the two is meant. What people wrote in ours goes along.
func (r *run) yield(ctx context.Context, f *file, last mark) error {
	here, err := r.blob(ctx, f.tree, last.path)
	if err != nil || here == "" {
		return err // taken away or renamed by people: nothing of ours is in the way
	}
	base, err := r.base(ctx)
	if err != nil {
		return err
	}
	there, err := r.blob(ctx, base.tree, last.path)
	if err != nil || there == "" || there == here || last.left(there) {
		return err
	}
	if ours, err := r.held(ctx, f.head, last.path, there); err != nil || ours {
		return err // published without the pull request, and not somebody else's
	}
	for n := 2; n <= maxSuffix; n++ {
		candidate := suffixed(r.p.Path, n)
		free, err := r.free(ctx, candidate, base.tree, f.tree)
		if err != nil {
			return err
		}
		if free {
			f.path, f.remove = candidate, last.path
			f.stays, err = r.brought(ctx, base, f.head, last.path, there)
			return err
		}
	}
	return impossible("There are already %d posts like %s: change the incident's title or post.path.", maxSuffix, r.p.Path)
}

// held reports whether our branch once had a blob at a path.
func (r *run) held(ctx context.Context, head, path, blob string) (bool, error) {
	for sha, n := head, 0; n < maxWalk && sha != ""; n++ {
		commit, err := r.commitAt(ctx, sha)
		if err != nil || r.p.before(commit.GetCommitter().GetDate().Time) {
			return false, err
		}
		if there, err := r.blob(ctx, commit.GetTree().GetSHA(), path); err != nil || there == blob {
			return err == nil, err
		}
		sha = ""
		if len(commit.Parents) > 0 {
			sha = commit.Parents[0].GetSHA()
		}
	}
	return false, nil
}

// free reports whether none of the trees has something at a path.
func (r *run) free(ctx context.Context, path string, trees ...string) (bool, error) {
	for _, tree := range trees {
		if there, err := r.blob(ctx, tree, path); err != nil || there != "" {
			return false, err
		}
	}
	return true, nil
}

// brought returns the base branch's file at a path where people have brought it into our branch already: taken away there,
// it would be deleted on the base branch as well.
func (r *run) brought(ctx context.Context, base place, head, path, there string) (string, error) {
	since, err := r.since(ctx, base, head)
	if err != nil || since == nil {
		return "", err
	}
	met, err := r.blob(ctx, since.GetMergeBaseCommit().GetCommit().GetTree().GetSHA(), path)
	if err != nil || met == "" {
		return "", err
	}
	return there, nil
}

// renamed follows the file when people gave it another name in its folder and left it as it was otherwise. The name is
// theirs from then on.
func (r *run) renamed(ctx context.Context, tree string, last *mark) error {
	if last.path == "" || last.blob == "" {
		return nil
	}
	if here, err := r.blob(ctx, tree, last.path); err != nil || here != "" {
		return err
	}
	folder := path.Dir(last.path)
	there, err := r.entries(ctx, tree, folder)
	if err != nil {
		return err
	}
	var found []*gh.TreeEntry
	for _, e := range there {
		if e.GetSHA() == last.blob && strings.HasSuffix(e.GetPath(), path.Ext(last.path)) {
			found = append(found, e)
		}
	}
	if len(found) == 1 {
		last.path = path.Join(folder, found[0].GetPath())
		r.note.Renamed = last.path
	}
	return nil
}
