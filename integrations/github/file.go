package github

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"

	gh "github.com/google/go-github/v60/github"

	"watchbell/incidents"
)

const (
	// maxSuffix is how many posts of one day may have one name. maxWalk is how many commits of other people on the
	// branch are looked through for ours.
	maxSuffix = 50
	maxWalk   = 20
)

// file is how the post's file stands on the branch, and what is to be done about it.
type file struct {
	path string // where it is, or is going to be
	want string // git's id of what it should hold
	ours string // git's id of what we wrote last, this time included
	// write says that a commit is to be made; remove is the old path that goes with it.
	write  bool
	remove string
	stays  string // git's id of what belongs at the old path instead of nothing
	theirs bool   // people changed it, so it is left alone
	// published says that the base branch, named base, holds just this.
	published bool
	base      string

	// merged says that people changed the file and content is what came of it; asks are the places to ask about.
	merged  bool
	content []byte
	asks    []Conflict

	add  []Attachment // the files beside the post that are new
	drop []string     // and the paths of those that go

	exists bool   // the branch is there
	head   string // the commit that the branch is on, or begins from
	tree   string // and its tree
	tip    string // the commit that it is on in the end
	also   string // the base branch's commit, where that is brought in
}

// mark is what we know to have written last.
type mark struct {
	blob, path string
	merged     bool // with what people wrote in it, so that it is no base to merge on
	noted      bool // the receipt knows of it, and of its base
}

// place is a commit on a branch.
type place struct {
	branch, commit, tree string
}

// file reads the branch and decides.
func (r *run) file(ctx context.Context, pull *gh.PullRequest) (f file, err error) {
	f.want, f.content = blobID(r.p.Content), r.p.Content
	if f.head, err = r.refAt(ctx, r.c.head, r.p.Branch); err != nil && !r.c.noBranch(err) {
		return f, err
	}
	f.exists = err == nil
	var base place
	switch {
	case f.exists:
	case pull != nil:
		// GitHub closes a pull request whose branch is deleted, so this was seen in the middle of it.
		return f, &problem{verdict: incidents.Refused, say: "The branch of the pull request is gone; we look again.", err: err}
	default:
		if base, err = r.base(ctx); err != nil {
			return f, err
		}
		f.head, f.tree = base.commit, base.tree
	}
	var last mark
	if base.commit == "" {
		if f.tree, last, err = r.last(ctx, f.head); err != nil {
			return f, err
		}
	}
	f.ours = last.blob
	if err = r.renamed(ctx, f.tree, &last); err != nil {
		return f, err
	}
	if last.path != "" && (sameFamily(r.p.Path, last.path) || last.path == r.note.Renamed) {
		f.path = last.path
		if err = r.yield(ctx, &f, last); err != nil {
			return f, err
		}
	} else if err = r.settle(ctx, &f, base, last); err != nil {
		return f, err
	}
	return f, r.decide(ctx, &f, last)
}

// settle chooses the path of a file that is new, or is to be moved. The suffix depends on the base branch alone, so
// that running again leads to the same.
func (r *run) settle(ctx context.Context, f *file, base place, last mark) (err error) {
	if base.commit == "" {
		if base, err = r.base(ctx); err != nil {
			return err
		}
	}
	f.base = base.branch
	for n := 1; n <= maxSuffix; n++ {
		candidate := suffixed(r.p.Path, n)
		there, err := r.blob(ctx, base.tree, candidate)
		if err != nil {
			return err
		}
		if there == "" || there == f.want || last.left(there) {
			f.path, f.published = candidate, there == f.want
			break
		}
	}
	if f.path == "" {
		return impossible("There are already %d posts like %s: change the incident's title or post.path.", maxSuffix, r.p.Path)
	}
	if last.path == "" {
		return nil
	}
	// What is on the base branch is published, and not ours to take away.
	published, err := r.blob(ctx, base.tree, last.path)
	if published == "" {
		f.remove = last.path
	}
	return err
}

// decide compares what the branch holds with what it should hold.
func (r *run) decide(ctx context.Context, f *file, last mark) error {
	there, err := r.blob(ctx, f.tree, f.path)
	if err != nil {
		return err
	}
	if there == f.want {
		// Whoever wrote it, it is what we would write.
		f.ours, f.remove, r.note.Base = f.want, "", ""
		f.merged = len(r.note.Asked) > 0 // nothing is left to ask
		return nil
	}
	if there != "" && r.p.Merge != nil && (f.path == last.path || r.p.Known.Path == f.path) {
		return r.merge(ctx, f, last, there)
	}
	if f.remove != "" {
		old, err := r.blob(ctx, f.tree, f.remove)
		if err != nil {
			return err
		}
		if !last.left(old) && old != "" && r.p.Merge != nil {
			moved := f.remove
			err := r.merge(ctx, f, last, old)
			f.write, f.remove = true, moved // with what they wrote in it
			return err
		}
		if !last.left(old) {
			f.theirs, f.path, f.remove = true, f.remove, ""
			return nil
		}
	}
	if last.left(there) || there == "" && f.path != last.path {
		f.write, f.ours = true, f.want
		return nil
	}
	// Also when the file is gone from where we wrote it: somebody removed or renamed it.
	f.theirs, f.remove = true, ""
	return nil
}

// left reports whether a blob is what we wrote last: nobody has touched it since.
func (m mark) left(blob string) bool { return blob != "" && blob == m.blob }

// last finds what we wrote last on the branch: in the head's trailer, in what the receipt says, or in the trailer of
// an earlier commit when people added theirs. It also returns the head's tree.
func (r *run) last(ctx context.Context, head string) (tree string, m mark, err error) {
	fromNote := mark{blob: r.note.Blob, path: r.p.Known.Path}
	r.had = r.note.Files
	for sha, n := head, 0; n < maxWalk && sha != ""; n++ {
		commit, err := r.commitAt(ctx, sha)
		if err != nil {
			return "", mark{}, err
		}
		if n == 0 {
			tree, r.by = commit.GetTree().GetSHA(), commit.GetAuthor().GetName()
		}
		if r.p.before(commit.GetCommitter().GetDate().Time) {
			break
		}
		if sha == r.note.Tip && fromNote.blob != "" && fromNote.path != "" {
			fromNote.noted = true
			return tree, fromNote, nil
		}
		if m, ok := readTrailer(commit.GetMessage(), r.p.Branch); ok {
			r.had = readFileTrailers(commit.GetMessage(), r.p.Branch)
			if strings.Contains(commit.GetMessage(), nameTrailer(r.p.Branch, m.path)) {
				r.note.Renamed = m.path
			}
			return tree, m, nil
		}
		if n == 0 && fromNote.blob != "" && fromNote.path != "" {
			there, err := r.blob(ctx, tree, fromNote.path)
			if err != nil || there == fromNote.blob {
				return tree, fromNote, err
			}
		}
		sha = ""
		if len(commit.Parents) > 0 {
			sha = commit.Parents[0].GetSHA()
		}
	}
	if fromNote.blob == "" {
		fromNote.path = ""
	}
	return tree, fromNote, nil
}

// commit makes the one commit that is needed, if any, and has the branch point to it.
func (r *run) commit(ctx context.Context, f *file) error {
	if r.c.forked() && !f.exists {
		if err := r.prepare(ctx, f.head); err != nil {
			return err
		}
	}
	return r.c.unpushable(r.push(ctx, f))
}

func (r *run) push(ctx context.Context, f *file) error {
	target := f.head
	if f.write {
		sha, err := r.newCommit(ctx, *f)
		if err != nil {
			return err
		}
		target = sha
	}
	f.tip = target
	ref := &gh.Reference{Ref: gh.String("refs/heads/" + r.p.Branch), Object: &gh.GitObject{SHA: gh.String(target)}}
	if !f.exists {
		return r.write(ctx, "create branch "+r.p.Branch, func(ctx context.Context) error {
			_, _, err := r.c.api.Git.CreateRef(ctx, r.c.head.owner, r.c.head.repo, ref)
			return err
		})
	}
	if target == f.head {
		return nil
	}
	return r.write(ctx, "update branch "+r.p.Branch, func(ctx context.Context) error {
		// Without force: a commit that somebody pushed meanwhile stays.
		_, _, err := r.c.api.Git.UpdateRef(ctx, r.c.head.owner, r.c.head.repo, ref, false)
		return err
	})
}

// newCommit makes tree and commit on top of the head. They are nothing yet until a branch points to them.
func (r *run) newCommit(ctx context.Context, f file) (sha string, err error) {
	entries := []*gh.TreeEntry{{
		Path: gh.String(f.path), Mode: gh.String("100644"), Type: gh.String("blob"), Content: gh.String(string(f.content)),
	}}
	if f.remove != "" {
		old := &gh.TreeEntry{Path: gh.String(f.remove), Mode: gh.String("100644"), Type: gh.String("blob")}
		if f.stays != "" {
			old.SHA = gh.String(f.stays) // neither id nor content removes it
		}
		entries = append(entries, old)
	}
	beside, err := r.attach(ctx, f)
	if err != nil {
		return "", err
	}
	entries = append(entries, beside...)
	var tree *gh.Tree
	err = r.write(ctx, "create tree", func(ctx context.Context) (err error) {
		tree, _, err = r.c.api.Git.CreateTree(ctx, r.c.head.owner, r.c.head.repo, f.tree, entries)
		return err
	})
	if err != nil {
		r.c.forget(f.add)
		return "", err
	}
	var commit *gh.Commit
	named := ""
	if f.path == r.note.Renamed {
		named = nameTrailer(r.p.Branch, f.path)
	}
	message := r.p.Message + "\n\n" + fileTrailers(r.p.Branch, r.note.Files) + named + trailer(r.p.Branch, mark{blob: f.want, path: f.path, merged: f.merged && r.note.Base != ""})
	err = r.write(ctx, "create commit", func(ctx context.Context) (err error) {
		commit, _, err = r.c.api.Git.CreateCommit(ctx, r.c.head.owner, r.c.head.repo, &gh.Commit{
			Message: gh.String(message), Tree: tree, Parents: f.parents(),
		}, nil)
		return err
	})
	return commit.GetSHA(), err
}

// parents are those of our commit: ours first, so that our commits are found by walking down.
func (f file) parents() []*gh.Commit {
	all := []*gh.Commit{{SHA: gh.String(f.head)}}
	if f.also != "" {
		all = append(all, &gh.Commit{SHA: gh.String(f.also)})
	}
	return all
}

// trailer is the last line of our commits. It survives a lost answer, a lost database and a rebase.
func trailer(branch string, m mark) string {
	kind := "Post"
	if m.merged {
		kind = "Merge"
	}
	return fmt.Sprintf("Watchbell-%s: %s %s %s", kind, branch, m.blob, m.path)
}

// nameTrailer is the line above it that says that people gave the file its name.
func nameTrailer(branch, path string) string {
	return fmt.Sprintf("Watchbell-Name: %s %s\n", branch, path)
}

var trailerPattern = regexp.MustCompile(`^Watchbell-(Post|Merge): (\S+) ([0-9a-f]{40}) (.+)$`)

func readTrailer(message, branch string) (mark, bool) {
	message = strings.TrimSpace(message)
	line := message[strings.LastIndexByte(message, '\n')+1:]
	found := trailerPattern.FindStringSubmatch(line)
	if found == nil || found[2] != branch {
		return mark{}, false
	}
	return mark{blob: found[3], path: found[4], merged: found[1] == "Merge"}, true
}

// suffixed is the n-th path to try: "a.md", "a-2.md", "a-3.md".
func suffixed(p string, n int) string {
	if n < 2 {
		return p
	}
	ext := path.Ext(p)
	return strings.TrimSuffix(p, ext) + "-" + strconv.Itoa(n) + ext
}

// sameFamily reports whether have is what suffixed makes of want.
func sameFamily(want, have string) bool {
	for n := 1; n <= maxSuffix; n++ {
		if suffixed(want, n) == have {
			return true
		}
	}
	return false
}

// blobID is the id that git gives to a content. SHA-1 is what git uses; nothing here is secured by it.
func blobID(content []byte) string {
	sum := sha1.New()
	fmt.Fprintf(sum, "blob %d\x00", len(content))
	sum.Write(content)
	return hex.EncodeToString(sum.Sum(nil))
}
