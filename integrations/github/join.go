package github

import (
	"context"
	"errors"

	gh "github.com/google/go-github/v60/github"

	"watchbell/incidents"
)

// mostCompared is how many files GitHub names when it compares two commits.
// See https://docs.github.com/rest/commits/commits#compare-two-commits.
const mostCompared = 300

// join brings the base branch into ours where the data file has changed there since ours left it: two posts that are open
// at once both put their item behind all others, and git would ask. The commit has both branches for parents, and all that
// was changed on ours stays. Where another file was changed on both, it is left to people, and so it is where the branch is in a fork: the description says what to do.
func (r *run) join(ctx context.Context, f *file) error {
	d := r.p.Data
	if d.Path == "" || d.Join == nil || !f.exists || f.theirs {
		return nil
	}
	base, err := r.base(ctx)
	if err != nil {
		return err
	}
	theirs, err := r.blob(ctx, base.tree, d.Path)
	if p := new(problem); errors.As(err, &p) && p.verdict == incidents.Impossible {
		return nil // data says so
	} else if err != nil {
		return err
	}
	ours, err := r.blob(ctx, f.tree, d.Path)
	if err != nil || theirs == "" || theirs == ours || theirs == r.note.Joined && f.head == r.note.Tip {
		return err
	}
	since, err := r.since(ctx, base, f.head)
	if err != nil || since == nil {
		return err
	}
	met := since.GetMergeBaseCommit().GetCommit().GetTree().GetSHA()
	before, err := r.blob(ctx, met, d.Path)
	if err != nil {
		return err
	}
	if before == theirs {
		r.note.Joined = theirs
		return nil
	}
	if r.c.forked() { // which may not have the base branch's newest commit, and cannot be written to from there
		r.left = "`" + d.Path + "` has changed on " + base.branch + " since: if this cannot be merged, press *Resolve conflicts* and keep both sides' items."
		return nil
	}
	entries, ok, err := r.oursSince(ctx, since, met, base.tree)
	if err != nil || !ok {
		return err
	}
	text, ok, err := r.joined(ctx, before, ours, theirs)
	if err != nil {
		return err
	}
	if !ok {
		r.left = "`" + d.Path + "` was changed here and on " + base.branch + " in the same lines: bring them together by hand."
		return nil
	}
	entries = append(entries, &gh.TreeEntry{Path: gh.String(d.Path), Mode: gh.String("100644"), Type: gh.String("blob"), Content: gh.String(text)})
	err = r.write(ctx, "create tree", func(ctx context.Context) error {
		tree, _, err := r.c.api.Git.CreateTree(ctx, r.c.head.owner, r.c.head.repo, base.tree, entries)
		f.tree = tree.GetSHA()
		return err
	})
	f.also, f.write, r.note.Joined = base.commit, true, theirs
	return err
}

// since compares a commit of ours with the base branch; nil where they have nothing in common.
func (r *run) since(ctx context.Context, base place, head string) (since *gh.CommitsComparison, err error) {
	err = r.read(ctx, "compare branches", func(ctx context.Context) (err error) {
		since, _, err = r.c.api.Repositories.CompareCommits(ctx, r.c.owner, r.c.repo, base.commit, head, nil)
		return err
	})
	if status(err) == 404 {
		return nil, nil
	}
	return since, err
}

// oursSince are the files that were changed on our branch, as entries of a tree that begins from the base branch's. ok is
// false where one of them was changed there too, or there are more than GitHub names.
func (r *run) oursSince(ctx context.Context, since *gh.CommitsComparison, met, base string) (entries []*gh.TreeEntry, ok bool, err error) {
	add := func(path, sha string) bool {
		var was, now string
		if was, err = r.blob(ctx, met, path); err == nil {
			now, err = r.blob(ctx, base, path)
		}
		if err != nil || now != was && now != sha {
			return false
		}
		if now != sha {
			e := &gh.TreeEntry{Path: gh.String(path), Mode: gh.String("100644"), Type: gh.String("blob")}
			if sha != "" {
				e.SHA = gh.String(sha) // neither id nor content removes it
			}
			entries = append(entries, e)
		}
		return true
	}
	for _, file := range since.Files {
		sha := file.GetSHA()
		if file.GetStatus() == "removed" {
			sha = ""
		}
		if file.GetFilename() != r.p.Data.Path && !add(file.GetFilename(), sha) {
			return nil, false, err
		}
		if file.GetStatus() == "renamed" && !add(file.GetPreviousFilename(), "") {
			return nil, false, err
		}
	}
	return entries, len(since.Files) < mostCompared, nil
}

// joined is the data file with what both branches made of it.
func (r *run) joined(ctx context.Context, before, ours, theirs string) (text string, ok bool, err error) {
	var texts [3]string
	for i, blob := range []string{before, ours, theirs} {
		if blob == "" {
			continue
		}
		content, err := r.content(ctx, blob)
		if err != nil {
			return "", false, err
		}
		texts[i] = string(content)
	}
	text, ok = r.p.Data.Join(texts[0], texts[1], texts[2])
	return text, ok, nil
}
