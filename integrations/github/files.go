package github

import (
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	gh "github.com/google/go-github/v60/github"
)

// Attachment is a file that goes with a post in the same commit, such as an image.
type Attachment struct {
	Path  string // images/posts/FOLDER/NAME.png, in lower-case ASCII
	Bytes []byte
}

// attached are the paths that attachments may have: nothing can lead out of their folder, or run.
var attached = regexp.MustCompile(`^images/posts/[a-z0-9-]{1,100}/[a-z0-9-]{1,100}\.(png|jpg|gif|webp)$`)

// attachments compares the files beside the post with those that should be there. Ours are replaced and removed; one that
// people put there, or changed, is theirs.
func (r *run) attachments(ctx context.Context, f *file) error {
	had := r.had
	if !f.exists {
		had = nil // the branch is new: what is there is published
	}
	if f.theirs {
		r.note.Files = had // nothing is written now
		return nil
	}
	ours := map[string]string{}
	for _, a := range r.p.Files {
		sha := blobID(a.Bytes)
		there, err := r.blob(ctx, f.tree, a.Path)
		if err != nil {
			return err
		}
		switch {
		case there == sha:
			if had[a.Path] != "" {
				ours[a.Path] = sha
			}
		case there == "" || there == had[a.Path]:
			ours[a.Path] = sha
			f.add = append(f.add, a)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(had)) {
		if _, stays := ours[path]; stays || !attached.MatchString(path) || r.wanted(path) {
			continue
		}
		there, err := r.blob(ctx, f.tree, path)
		if err != nil {
			return err
		}
		if there != "" && there == had[path] {
			f.drop = append(f.drop, path)
		}
	}
	r.note.Files = ours
	f.write = f.write || len(f.add)+len(f.drop) > 0
	return nil
}

// wanted reports whether a path is that of an attachment.
func (r *run) wanted(path string) bool {
	return slices.ContainsFunc(r.p.Files, func(a Attachment) bool { return a.Path == path })
}

// attach sends the files that are new and returns what they are in the tree, with those that go.
func (r *run) attach(ctx context.Context, f file) (entries []*gh.TreeEntry, err error) {
	for _, a := range f.add {
		sha := blobID(a.Bytes)
		if !r.c.sent(sha) {
			err = r.write(ctx, "create blob", func(ctx context.Context) error {
				_, _, err := r.c.api.Git.CreateBlob(ctx, r.c.head.owner, r.c.head.repo, &gh.Blob{
					Content: gh.String(base64.StdEncoding.EncodeToString(a.Bytes)), Encoding: gh.String("base64"),
				})
				return err
			})
			if err != nil {
				return nil, err
			}
			r.c.remember(sha)
		}
		entries = append(entries, &gh.TreeEntry{
			Path: gh.String(a.Path), Mode: gh.String("100644"), Type: gh.String("blob"), SHA: gh.String(sha),
		})
	}
	for _, path := range f.drop {
		entries = append(entries, &gh.TreeEntry{Path: gh.String(path), Mode: gh.String("100644"), Type: gh.String("blob")})
	}
	return entries, nil
}

// manyBlobs bounds what is remembered of blobs.
const manyBlobs = 1000

// sent reports whether a blob was sent before, and remember notes that it was: an attempt that ran out of time does not
// begin anew.
func (c *Client) sent(sha string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.blobs[sha]
}

func (c *Client) remember(sha string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.blobs == nil || len(c.blobs) >= manyBlobs {
		c.blobs = map[string]bool{}
	}
	c.blobs[sha] = true
}

// forget is for when GitHub does not have what we sent any more: it cleans up what nothing points to.
func (c *Client) forget(added []Attachment) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, a := range added {
		delete(c.blobs, blobID(a.Bytes))
	}
}

// fileTrailers are lines in the message of a commit that say which files beside the post are ours.
func fileTrailers(branch string, files map[string]string) string {
	var b strings.Builder
	for _, path := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(&b, "Watchbell-File: %s %s %s\n", branch, files[path], path)
	}
	return b.String()
}

var fileTrailer = regexp.MustCompile(`(?m)^Watchbell-File: (\S+) ([0-9a-f]{40}) (\S+)$`)

func readFileTrailers(message, branch string) map[string]string {
	files := map[string]string{}
	for _, found := range fileTrailer.FindAllStringSubmatch(message, -1) {
		if found[1] == branch {
			files[found[3]] = found[2]
		}
	}
	return files
}
