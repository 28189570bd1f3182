package main

import (
	"context"
	"fmt"
	"path"
	"strings"
	"sync"
	"time"

	"watchbell/incidents/postmortem"
	"watchbell/integrations/github"
)

const (
	// learnedTemplate is the setting for the style of the newest posts on the blog.
	learnedTemplate = "learned"
	// newestPosts is how many files are looked at for it, and housePosts how many posts make a style.
	newestPosts = 12
	housePosts  = 5
	// styleLasts is how long a style is good before the blog is asked again.
	styleLasts = time.Hour
)

// houseStyle finds the style that a post is written in.
type houseStyle struct {
	fixed  *postmortem.Style // as configured; nil to learn from the blog
	said   string            // what the pull request says of a configured style
	folder string
	newest func(ctx context.Context, folder, before string, most int) ([]github.File, error)
	now    func() time.Time

	mu    sync.Mutex
	known map[string]learned // by the day before which posts count
}

// learned is a style and what the pull request says of it: "in the style of 2026-07-08-post-mortem.md".
type learned struct {
	style postmortem.Style
	said  string
	// name is what the files of the posts are called after their day, when all have the same name.
	name string
	at   time.Time
}

// newHouseStyle reads the settings, which have been checked.
func newHouseStyle(c *Config, newest func(context.Context, string, string, int) ([]github.File, error), now func() time.Time) *houseStyle {
	h := &houseStyle{newest: newest, now: now, known: map[string]learned{}}
	folder, _, _ := strings.Cut(path.Dir(c.Post.Path), "{")
	h.folder = strings.TrimSuffix(folder, "/")
	if strings.Contains(path.Dir(c.Post.Path), "{") {
		h.folder = path.Dir(folder + "x")
	}
	if c.Post.Template != learnedTemplate {
		h.fixed = &c.style
		if c.style.Name == "" {
			h.said = "in the style of " + path.Base(c.Post.Template)
		}
	}
	return h
}

// of is the style for an incident of that day. Posts of later days do not count, so that a draft keeps its style when
// other posts come. An error says that the blog could not be read; the style is then the default template.
func (h *houseStyle) of(ctx context.Context, day time.Time) (learned, error) {
	if h.fixed != nil {
		return learned{style: *h.fixed, said: h.said}, nil
	}
	before := day.Format(time.DateOnly)
	h.mu.Lock()
	defer h.mu.Unlock()
	last, known := h.known[before]
	if known && h.now().Sub(last.at) < styleLasts {
		return last, nil
	}
	files, err := h.newest(ctx, h.folder, before, newestPosts)
	switch {
	case err != nil && known:
		return last, nil // the blog will hardly have changed
	case err != nil:
		return learned{style: postmortem.Flat()}, err
	}
	l := learn(files)
	l.at = h.now()
	h.known[before] = l
	return l, nil
}

// knownFor is the style for an incident of that day as far as it is known without asking anybody.
func (h *houseStyle) knownFor(day time.Time) postmortem.Style {
	if h.fixed != nil {
		return *h.fixed
	}
	if h.mu.TryLock() { // else GitHub is being asked
		defer h.mu.Unlock()
		if l, ok := h.known[day.Format(time.DateOnly)]; ok {
			return l.style
		}
	}
	return postmortem.Flat()
}

// learn makes a style of those files that are post-mortems: a timeline and some of the usual sections tell.
func learn(files []github.File) learned {
	l := learned{style: postmortem.Flat()}
	var posts []postmortem.Post
	for _, f := range files {
		post, err := postmortem.ParseFile(f.Path, f.Text)
		if err != nil || len(post.Timeline) == 0 || len(post.Style.Sections) < 4 || len(posts) == housePosts {
			continue
		}
		name := strings.TrimSuffix(path.Base(f.Path), ".md")[min(len("2006-01-02-"), len(path.Base(f.Path))-len(".md")):]
		if posts = append(posts, post); len(posts) == 1 {
			l.said, l.name = "in the style of "+path.Base(f.Path), name
		} else if name != l.name {
			l.name = ""
		}
	}
	if len(posts) > 0 {
		l.style = postmortem.Learn(posts)
	}
	if len(posts) < 2 || postmortem.CheckPath("_posts/{date}-"+l.name+".md") != nil {
		l.name = ""
	}
	return l
}

// unlearned says that the blog's style is not known.
func unlearned(err error) string {
	return fmt.Sprintf("in the template flat, because the posts on the blog could not be read (%s)", strings.TrimRight(github.Reason(err), "."))
}
