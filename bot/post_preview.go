package main

import (
	"watchbell/incidents"
	"watchbell/incidents/postmortem"
)

// preview writes the post as it would be now, without its images, in the style of the house as far as it is known: whoever
// wants to see it does not wait for GitHub.
func (a *app) preview(s incidents.Snapshot) string {
	style := postmortem.Flat()
	if a.house != nil {
		style = a.house.knownFor(s.BeganAt().In(a.config.zone))
	}
	c := a.config
	draft, style := c.Post.site().Fit(postOf(s, c.Post, c.zone, pictures{}), style, c.Post.day(s, c.zone, a.now()))
	return draft.Render(style)
}
