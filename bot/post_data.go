package main

import (
	"context"

	"watchbell/incidents"
	"watchbell/incidents/postmortem"
	"watchbell/integrations/github"
)

// data is the site's data file, with what it says of the incident as it is drafted, and of those whose posts have come out
// since when they did.
func (w *postWriter) data(ctx context.Context, draft *rendering) (github.Data, error) {
	if w.post.Data == "" {
		return github.Data{}, nil
	}
	all, err := w.others(ctx)
	if err != nil {
		return github.Data{}, err
	}
	var out []postmortem.DataDate
	for _, in := range all {
		if in.Post.State == incidents.PullMerged && !in.Post.MergedAt.IsZero() {
			out = append(out, postmortem.DataDate{Number: in.Number, Post: in.Post.Path, At: in.Post.MergedAt})
		}
	}
	return github.Data{Path: w.post.Data, Join: postmortem.JoinData, Put: func(file, post string, ours func(string) bool) github.DataPut {
		s := draft.snapshot
		return github.DataPut(postmortem.DataItem{
			Number: s.Number, Title: draft.draft.Title, Post: post, URL: w.post.liveURL(post, w.post.Category),
			Facts: postmortem.TimesFront(s.Times(), s.Severity),
		}.Put(postmortem.PutDates(file, out), ours))
	}}, nil
}
