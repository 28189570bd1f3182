package github

import (
	"context"
	"errors"
	"regexp"
	"strings"

	"watchbell/incidents"
)

// Data is a file of the site with an item for each post, which goes with the post in the same commit.
type Data struct {
	Path string // as ValidData says; empty for none
	// Put puts the item of the post at a path into the file, which is empty while there is none. ours reports whether an
	// item is as it was written last; nil when none was written on this branch yet.
	Put func(file, post string, ours func(item string) bool) DataPut
	// Join brings together what our branch and the base branch made of the file since base; ok is false where that needs a
	// person. Nil: nobody does.
	Join func(base, ours, theirs string) (joined string, ok bool)
}

// DataPut is a data file with the item in it.
type DataPut struct {
	File string
	Item string // the item as it is there; empty where it was left alone
	Left string // why it was left alone, for the description: "is no YAML list"; empty where it was not
}

var dataPath = regexp.MustCompile(`^([A-Za-z0-9_-][A-Za-z0-9_.-]*/)*[A-Za-z0-9_-][A-Za-z0-9_.-]*\.ya?ml$`)

// ValidData reports whether a path may be that of a data file: relative, ending in .yml or .yaml, nothing in it that begins
// with a dot, where workflows live.
func ValidData(path string) bool { return len(path) <= 200 && dataPath.MatchString(path) }

// data puts the post's item into the data file. What cannot be done there holds no post back. What we wrote last is known
// by the digest of the item, not of the file: that is everybody's.
func (r *run) data(ctx context.Context, f *file) error {
	d := r.p.Data
	if d.Path == "" || f.theirs {
		return nil
	}
	last := r.had[d.Path]
	if !f.exists {
		last = ""
	}
	there, err := r.blob(ctx, f.tree, d.Path)
	if p := new(problem); errors.As(err, &p) && p.verdict == incidents.Impossible {
		r.left = "`" + d.Path + "` cannot be a file in this repository, so it is not written: change post.data."
		return nil
	} else if err != nil {
		return err
	}
	var text []byte
	if there != "" {
		if text, err = r.content(ctx, there); status(err) == 404 {
			r.left = "`" + d.Path + "` is no file here, so it is not written: change post.data."
			return nil
		} else if err != nil {
			return err
		}
	}
	var ours func(string) bool
	if last != "" {
		ours = func(item string) bool { return blobID([]byte(item)) == last }
	}
	put := d.Put(string(text), f.path, ours)
	if put.Left != "" {
		r.left = "`" + d.Path + "` " + strings.TrimRight(put.Left, ".") + "."
		if last != "" {
			r.note.Files[d.Path] = last
		}
		return nil
	}
	r.note.Files[d.Path] = blobID([]byte(put.Item))
	if put.File != string(text) {
		f.add, f.write = append(f.add, Attachment{Path: d.Path, Bytes: []byte(put.File)}), true
	}
	return nil
}
