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
	names, err := r.names(ctx, base.tree, folder)
	if err != nil {
		return nil, err
	}
	names = slices.DeleteFunc(names, func(name string) bool {
		return !strings.HasSuffix(name, ".md") || before != "" && name >= before
	})
	slices.Sort(names)
	slices.Reverse(names)
	var files []File
	for _, name := range names[:min(most, len(names))] {
		file := File{Path: strings.TrimPrefix(folder+"/"+name, "/")}
		if file.Text, err = r.contents(ctx, file.Path, base.commit); err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}

// names are the files in a folder of a tree.
func (r *run) names(ctx context.Context, tree, folder string) ([]string, error) {
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
	var names []string
	for _, entry := range listed.Entries {
		if entry.GetType() == "blob" {
			names = append(names, entry.GetPath())
		}
	}
	return names, nil
}

// contents is the text of a file at a commit.
func (r *run) contents(ctx context.Context, path, commit string) (text []byte, err error) {
	err = r.read(ctx, "read "+path, func(ctx context.Context) error {
		file, _, _, err := r.c.api.Repositories.GetContents(ctx, r.c.owner, r.c.repo, path, &gh.RepositoryContentGetOptions{Ref: commit})
		if err != nil {
			return err
		}
		if file == nil || file.GetSize() > largestPost {
			return nil // a folder, or nothing that a person wrote
		}
		content, err := file.GetContent()
		text = []byte(content)
		return err
	})
	return text, err
}

// Reason is what a person is told about an error of this package.
func Reason(err error) string {
	var p *problem
	if errors.As(err, &p) && p.say != "" {
		return p.say
	}
	return "GitHub could not be asked."
}
