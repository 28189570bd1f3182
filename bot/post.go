package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"watchbell/bot/chat"
	"watchbell/incidents"
	"watchbell/incidents/postmortem"
	"watchbell/integrations/github"
)

// clockSkew is how far our clock may be ahead of GitHub's.
const clockSkew = 10 * time.Minute

// postWriter writes the post of an incident and offers it as a pull request.
type postWriter struct {
	github *github.Client
	post   PostConfig
	zone   *time.Location
	now    func() time.Time
	house  *houseStyle
	// reviewers and labels are for the pull request when it is opened.
	reviewers, labels []string
	// handle takes over what people wrote on GitHub; snapshot reads the incident again after that.
	handle   func(context.Context, incidents.Request) (incidents.Result, error)
	snapshot func(context.Context, int) (incidents.Snapshot, error)
	// others returns the newest incidents, this one among them.
	others func(context.Context) ([]incidents.Incident, error)
	album  *album // nil: posts have no images
}

// escapes write captured text as Markdown that the site shows as it is.
var escapes = chat.Escapes{
	Text: postmortem.Escape, Code: postmortem.Code, Fence: postmortem.Fence, Link: postmortem.Link,
}

// Deliver carries out a KindPost.
func (w *postWriter) Deliver(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) incidents.Outcome {
	switch {
	case d.Kind == incidents.KindPull:
		return w.published(w.moves(w.github.Look(ctx, s.Post, d.Receipt.Note), s), s)
	case d.Kind == incidents.KindReply:
		return w.answer(ctx, d, s)
	case s.Status == incidents.CalledOff && s.Post.Number > 0:
		return w.github.Withdraw(ctx, s.Post, d.Receipt.Note, "The incident was called off, so there is nothing to publish.")
	}
	began := s.BeganAt().In(w.zone)
	house, err := w.house.of(ctx, began)
	if err != nil && s.Post.Number != 0 {
		// The draft that is there has a style already; it is not to change because GitHub does not answer.
		return incidents.Failing(incidents.Refused, "The style of the posts on the blog could not be read: "+github.Reason(err), err)
	} else if err != nil {
		house.said = unlearned(err)
	}
	path, err := w.path(ctx, s.Incident, w.post.day(s, w.zone, w.now()), house.name)
	if err != nil {
		return incidents.Failing(incidents.Refused, "The other incidents could not be read from the database.", err)
	}
	pics, err := w.pictures(ctx, s)
	if err != nil {
		return incidents.Failing(incidents.Refused, "The other incidents could not be read from the database.", err)
	}
	post := w.render(s, house.style, pics)
	data, err := w.data(ctx, &post)
	if err != nil {
		return incidents.Failing(incidents.Refused, "The other incidents could not be read from the database.", err)
	}
	title := post.draft.FullTitle(house.style)
	message := fmt.Sprintf("Add the post-mortem of incident %d", s.Number)
	if d.Receipt.ID != "" {
		message = fmt.Sprintf("Bring the post-mortem of incident %d up to date", s.Number)
	}
	o := w.published(w.github.Publish(ctx, github.Publication{
		Branch:  fmt.Sprintf("%s%d", branchPrefix, s.Number),
		Path:    path,
		Content: []byte(post.text), Files: pics.files, Data: data,
		Title: title, Body: w.body(post, began, house), Message: message,
		Inspect: inspect(w.post, w.now),
		Merge:   w.merger(s.Number, &post, house, began), Reviewers: w.reviewers, Labels: w.labels,
		Draft: true, Known: s.Post, Written: d.Receipt.Note, Since: s.DeclaredAt.Add(-clockSkew),
		Reopen: s.Post.State == incidents.PullReopening || s.Post.State == incidents.PullLeft,
	}), s)
	if o.Verdict == incidents.Delivered && pics.after > 0 {
		o.More, o.After = true, pics.after
	}
	return o
}

// path names the post's file. What is on the blog already is looked at when the post is published; here another
// incident of that day and title, whose post nobody has merged yet, keeps its file. name stands in the title's place where
// the blog's posts all have one name.
func (w *postWriter) path(ctx context.Context, in incidents.Incident, began time.Time, name string) (string, error) {
	slugOf := func(in incidents.Incident) string {
		if name != "" {
			return name
		}
		return postmortem.Slug(in.Struck(in.Title))
	}
	slug := slugOf(in)
	plain := postmortem.Path(w.post.Path, began, in.Number, slug)
	stem := strings.TrimSuffix(plain, ".md")
	if strings.HasPrefix(in.Post.Path, stem) {
		return in.Post.Path, nil
	}
	all, err := w.others(ctx)
	if err != nil {
		return "", fmt.Errorf("path of the post of incident %d: %w", in.Number, err)
	}
	for _, other := range all {
		published := strings.HasPrefix(other.Post.Path, stem)
		underWay := other.Post.Path == "" && other.PostWanted && other.Number < in.Number
		if name != "" && other.DeclaredAt.In(w.zone).Format(time.DateOnly) != began.Format(time.DateOnly) {
			underWay = false
		}
		if other.Number != in.Number && slugOf(other) == slug && (published || underWay) {
			return postmortem.Path(w.post.Path, began, in.Number, fmt.Sprintf("%s-inc-%d", slug, in.Number)), nil
		}
	}
	return plain, nil
}

// body is the pull request's text: what this is, and what is still missing.
func (w *postWriter) body(r rendering, began time.Time, house learned) string {
	s, draft := r.snapshot, r.draft
	var b strings.Builder
	fmt.Fprintf(&b, "The post-mortem of incident %d, drafted from its timeline. It follows the incident until it is merged; what you change here stays as you wrote it.\n", s.Number)
	if house.said != "" {
		fmt.Fprintf(&b, "\nIt is written %s.\n", github.Harmless(house.said))
	}
	if missing := draft.Missing(house.style); len(missing) > 0 {
		b.WriteString("\nStill missing:\n\n")
		for _, m := range missing {
			b.WriteString("- " + github.Harmless(m) + "\n")
		}
	} else {
		b.WriteString("\nNothing is missing.\n")
	}
	if found := s.Findings(w.post.InternalHosts); len(found) > 0 {
		b.WriteString("\nTo look at before everybody reads it:\n\n")
		for _, f := range found {
			left := ""
			if f.Kind.Secret() {
				left = ", left out until somebody says that it is fine"
			}
			fmt.Fprintf(&b, "- %s: what looks like %s%s\n", f.Where, f.Kind, left)
		}
	}
	b.WriteString(r.pics.body())
	if began.After(w.now()) {
		fmt.Fprintf(&b, "\n**The post is dated %s, which is still ahead.** Jekyll leaves posts from the future out until then.\n", began.Format(time.DateOnly))
	}
	return b.String()
}

// postOf makes the printed form of an incident. Captured text is turned into Markdown leaf by leaf; nobody is named.
func postOf(s incidents.Snapshot, c PostConfig, zone *time.Location, pics pictures) postmortem.Draft {
	names := chat.NamesIn(s.Incident)
	post := postmortem.Draft{
		Title: s.Masked(s.Title), Category: c.Category, Author: c.Author, Zone: zone,
		Sections: make(map[postmortem.Section]string, len(s.Sections)),
		Timeline: make([]postmortem.Entry, 0, len(s.Entries)),
	}
	if c.Times {
		post.Front = postmortem.TimesFront(s.Times(), s.Severity)
	}
	for name, text := range s.Sections {
		post.Sections[postmortem.Section(name)] = s.Masked(text)
	}
	for _, a := range s.Actions {
		item := postmortem.ActionItem{Text: s.Masked(a.Text), Link: a.URL()}
		if said := s.Masked(item.Link); said != item.Link {
			item.Text, item.Link = item.Text+" "+said, ""
		}
		post.Actions = append(post.Actions, item)
	}
	for _, e := range s.Entries {
		if e.Internal {
			continue
		}
		text := s.Masked(e.Words())
		if e.Format == incidents.Mrkdwn {
			text = chat.Captured(text, names, escapes)
		} else {
			text = chat.Unnamed(text, names)
		}
		text = pics.fileLines(s, e, text)
		post.Timeline = append(post.Timeline, postmortem.Entry{
			At:    e.At.Truncate(time.Minute), // within a minute the order is that of the timeline
			Until: e.Until, Text: text,
		})
	}
	return post
}
