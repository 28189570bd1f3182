package github

import (
	"context"
	"errors"
	"slices"
	"strings"

	gh "github.com/google/go-github/v60/github"
)

// File is a file of the base branch.
type File struct {
	Path string
	Text []byte
}

// largestPost bounds what is read as a post, in bytes.
const largestPost = 512 << 10

// Newest reads the last files of a folder on the base branch whose names end in .md, by their names in descending order:
// for posts, which begin with their day, the newest first. Only names that sort before the given one count, all when it is
// empty. A folder that is not there holds none.
func (c *Client) Newest(ctx context.Context, folder, before string, most int) ([]File, error) {
	r := &run{c: c, trees: map[string]*gh.Tree{}}
	base, err := r.base(ctx)
	if err != nil {
		return nil, err
	}
	posts, err := r.entries(ctx, base.tree, folder)
	if err != nil {
		return nil, err
	}
	posts = slices.DeleteFunc(posts, func(post *gh.TreeEntry) bool {
		name := post.GetPath()
		return !strings.HasSuffix(name, ".md") || before != "" && name >= before || post.GetSize() > largestPost
	})
	slices.SortFunc(posts, func(a, b *gh.TreeEntry) int { return strings.Compare(b.GetPath(), a.GetPath()) })
	var files []File
	for _, post := range posts[:min(most, len(posts))] {
		file := File{Path: strings.TrimPrefix(folder+"/"+post.GetPath(), "/")}
		if file.Text, err = r.content(ctx, post.GetSHA()); err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}

// entries are the files in a folder of a tree.
func (r *run) entries(ctx context.Context, tree, folder string) ([]*gh.TreeEntry, error) {
	for part := range strings.SplitSeq(folder, "/") {
		if part == "" || part == "." {
			continue
		}
		listed, err := r.tree(ctx, tree)
		if err != nil {
			return nil, err
		}
		entry := find(listed, part)
		if entry == nil || entry.GetType() != "tree" {
			return nil, nil
		}
		tree = entry.GetSHA()
	}
	listed, err := r.tree(ctx, tree)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(listed.Entries), func(e *gh.TreeEntry) bool { return e.GetType() != "blob" }), nil
}

// Reason is what a person is told about an error of this package.
func Reason(err error) string {
	var p *problem
	if errors.As(err, &p) && p.say != "" {
		return p.say
	}
	return "GitHub could not be asked."
}
