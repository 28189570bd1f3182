package github

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	gh "github.com/google/go-github/v60/github"
)

// Latest is a file of the base branch as it is now.
type Latest struct {
	Text []byte
	// Tag is handed in with the next look, which then costs nothing while the file stays as it is.
	Tag string
	// Same says that the file is as it was at the last look, which Tag belongs to; there is no Text.
	Same bool
	// Missing says that there is no such file, or none that the token may see.
	Missing bool
}

// largestFile bounds what is read as a file, in bytes.
const largestFile = 256 << 10

// Latest reads a file of the base branch, unless it is as it was when the tag of an earlier look was given out; empty for
// the first look. Its errors are explained by Reason. See
// https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate.
func (c *Client) Latest(ctx context.Context, path, tag string) (found Latest, err error) {
	if wait := c.quietFor(); wait > 0 {
		return Latest{}, waiting(wait)
	}
	return (&run{c: c}).fileOf(ctx, path, tag, c.base)
}

// fileOf reads a file of a branch or commit; of the default branch where that is empty.
func (r *run) fileOf(ctx context.Context, path, tag, ref string) (found Latest, err error) {
	c := r.c
	address := fmt.Sprintf("repos/%s/%s/contents/%s", c.owner, c.repo, (&url.URL{Path: path}).EscapedPath())
	if ref != "" {
		address += "?ref=" + url.QueryEscape(ref)
	}
	var body json.RawMessage
	err = r.read(ctx, "read "+path, func(ctx context.Context) error {
		req, err := c.api.NewRequest(http.MethodGet, address, nil)
		if err != nil {
			return err
		}
		if tag != "" {
			req.Header.Set("If-None-Match", tag)
		}
		answer, err := c.api.Do(ctx, req, &body)
		if answer == nil {
			return err
		}
		switch {
		case tag != "" && answer.StatusCode == http.StatusNotModified:
			found, err = Latest{Tag: tag, Same: true}, nil
		case answer.StatusCode == http.StatusNotFound:
			found, err = Latest{Missing: true}, nil
		case err == nil:
			found.Tag = answer.Header.Get("ETag")
		}
		return err
	})
	if err != nil || found.Same || found.Missing {
		return found, err
	}
	var file gh.RepositoryContent
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("[")) {
		return Latest{}, impossible("%s is a folder in %s, where a file belongs.", path, c.name())
	}
	if err := json.Unmarshal(body, &file); err != nil || file.GetType() != "file" {
		return Latest{}, impossible("%s is no file in %s.", path, c.name())
	}
	if file.GetSize() > largestFile {
		return Latest{}, impossible("%s has %d bytes in %s, and %d is the most.", path, file.GetSize(), c.name(), largestFile)
	}
	text, err := file.GetContent()
	if err != nil {
		return Latest{}, impossible("GitHub gives %s in a way that cannot be read.", path)
	}
	found.Text = []byte(text)
	return found, nil
}

// Place names a file of the repository for people, and keeps it apart from every other one.
func (c *Client) Place(path string) string { return c.name() + "/" + path }
