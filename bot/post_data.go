package main

import (
	"watchbell/incidents/postmortem"
	"watchbell/integrations/github"
)

// data is the site's data file, with what it says of the incident as it is drafted.
func (w *postWriter) data(draft *rendering) github.Data {
	return github.Data{Path: w.post.Data, Put: func(file, post string, ours func(string) bool) github.DataPut {
		s := draft.snapshot
		return github.DataPut(postmortem.DataItem{
			Number: s.Number, Title: draft.draft.Title, Post: post, URL: w.post.liveURL(post, w.post.Category),
			Facts: postmortem.TimesFront(s.Times(), s.Severity),
		}.Put(file, ours))
	}}
}
