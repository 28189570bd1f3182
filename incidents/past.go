package incidents

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// PastPost is a published post that was read from the blog's repository: what is known of an incident from before
// Watchbell, or of one whose post came out. All instants are UTC, and zero where the post does not say.
type PastPost struct {
	Number int `json:"-"` // from 1, given by the Store
	// Path is the post's file, from the folder _posts on where there is one. It is what a post is known by.
	Path string `json:"path"`
	// Incident is the incident that Watchbell wrote the post of; 0 for none.
	Incident int      `json:"incident,omitempty"`
	URL      string   `json:"url,omitempty"` // where people read it; may be empty
	Title    string   `json:"title"`
	Severity Severity `json:"severity,omitempty"`
	// Day is the day of the incident, else that of the post, at 00:00 UTC.
	Day   time.Time `json:"day,omitzero"`
	Times Times     `json:"times,omitzero"`
	// Unsure names the times that were guessed, as Times names them for people.
	Unsure []string `json:"unsure,omitempty"`
	// Gist is what it was about: what the post says first, its impact and its causes; How is how it was resolved, and Text
	// the rest. All of it is Markdown.
	Gist    string       `json:"gist,omitempty"`
	How     string       `json:"how,omitempty"`
	Text    string       `json:"text,omitempty"`
	Actions []PastAction `json:"actions,omitempty"`
}

// PastAction is an action item of a published post.
type PastAction struct {
	Text string `json:"text"`
	Link string `json:"link,omitempty"`
	Done bool   `json:"done,omitempty"` // the post says so
}

// Times are the moments by which an incident is measured; zero where nobody knows.
type Times struct {
	Began     time.Time `json:"began,omitzero"`
	Detected  time.Time `json:"detected,omitzero"`
	Declared  time.Time `json:"declared,omitzero"`
	Mitigated time.Time `json:"mitigated,omitzero"`
	Resolved  time.Time `json:"resolved,omitzero"`
	Published time.Time `json:"published,omitzero"`
}

// Kept says what became of a post that was handed in.
type Kept string

// What becomes of it.
const (
	KeptNew     Kept = "new"
	KeptChanged Kept = "changed"
	KeptSame    Kept = "same" // it was there already, word for word
)

// maxPost bounds what is kept of a post's texts, in bytes.
const maxPost = 200_000

// KeepPost keeps a published post, or what it says now. It returns a *Refusal for one that cannot be kept.
func (s *Service) KeepPost(ctx context.Context, p PastPost) (kept Kept, err error) {
	switch {
	case p.Path == "" || strings.TrimSpace(p.Title) == "":
		return "", Refuse(Invalid, "That post has no name or no title.").Next("Give it a title in its front matter.")
	case len(p.Gist)+len(p.How)+len(p.Text) > maxPost:
		return "", Refuse(Invalid, "That post is longer than %d bytes.", maxPost).Next("Leave it out; a post is not that long.")
	}
	err = s.store.Update(ctx, func(tx Tx) (err error) {
		kept, err = tx.KeepPost(p)
		return err
	})
	if err != nil && AsRefusal(err) == nil {
		err = fmt.Errorf("keep the post %s: %w", p.Path, err)
	}
	return kept, err
}

// Posts returns every published post that was kept, oldest first.
func (s *Service) Posts(ctx context.Context) (all []PastPost, err error) {
	err = s.store.View(ctx, func(r Reader) error {
		all, err = r.Posts()
		return err
	})
	return all, err
}

// post finds a post by its number.
func post(r Reader, number int) (*PastPost, error) {
	found, err := r.Posts(number)
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("post %d: %w", number, ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	return &found[0], nil
}

// Named is one of the Times with the name that it has for people.
type Named struct {
	Name string
	At   time.Time
}

// Named lists the times that are known, in the order in which they usually come.
func (t Times) Named() (all []Named) {
	for _, n := range []Named{
		{"began", t.Began}, {"detected", t.Detected}, {"declared", t.Declared}, {"mitigated", t.Mitigated}, {"resolved", t.Resolved},
		{"published", t.Published},
	} {
		if !n.At.IsZero() {
			all = append(all, n)
		}
	}
	return all
}
