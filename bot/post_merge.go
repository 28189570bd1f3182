package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"watchbell/incidents"
	"watchbell/incidents/postmortem"
	"watchbell/integrations/github"
)

// rendering is a post as it is written from an incident, with what is needed to follow changes of it back.
type rendering struct {
	snapshot incidents.Snapshot
	draft    postmortem.Draft
	text     string
	entries  []int // the numbers of the printed entries, in their order
	actions  []int // the numbers of the printed action items
	pics     pictures
	words    map[int]string // the text of the printed entries without their images, by number
}

// render writes the post.
func (w *postWriter) render(s incidents.Snapshot, style postmortem.Style, pics pictures) rendering {
	r := rendering{snapshot: s, pics: pics, words: map[int]string{}}
	r.draft, style = w.post.site().Fit(postOf(s, w.post, w.zone, pics), style, w.post.day(s, w.zone, w.now()))
	r.text = r.draft.Render(style)
	type printed struct {
		number int
		at     time.Time
	}
	var order []printed
	for _, e := range s.Entries {
		if !e.Internal {
			r.words[e.Number], _ = pics.split(r.draft.Timeline[len(order)].Text)
			order = append(order, printed{e.Number, e.At.Truncate(time.Minute)})
		}
	}
	slices.SortStableFunc(order, func(a, b printed) int { return a.at.Compare(b.at) })
	for _, p := range order {
		r.entries = append(r.entries, p.number)
	}
	for n, a := range r.draft.Actions {
		if strings.TrimSpace(a.Text) != "" {
			r.actions = append(r.actions, s.Actions[n].Number)
		}
	}
	return r
}

// follow is the command that takes changes of the post over.
func (r rendering) follow(c postmortem.Changes) incidents.FollowPost {
	cmd := incidents.FollowPost{Version: r.snapshot.Version, Sections: map[incidents.Section]string{}}
	for name, text := range c.Sections {
		cmd.Sections[incidents.Section(name)] = text
	}
	for _, e := range c.Entries {
		p := incidents.PostedEntry{Gone: e.Gone, Text: e.Text, At: e.At, Until: e.Until}
		if e.Of > len(r.entries) {
			continue
		} else if e.Of > 0 {
			p.Number = r.entries[e.Of-1]
			if p.Text, p.Alts = r.pics.split(e.Text); p.Text == r.words[p.Number] {
				p.Text = "" // they changed what an image shows, or nothing
			}
		}
		cmd.Entries = append(cmd.Entries, p)
	}
	for _, a := range c.Actions {
		p := incidents.PostedAction{Text: a.Text, Link: a.Link}
		if a.Gone || a.Of > len(r.actions) {
			continue // an action item that was promised is not forgotten because a post leaves it out
		} else if a.Of > 0 {
			p.Number = r.actions[a.Of-1]
		}
		cmd.Actions = append(cmd.Actions, p)
	}
	return cmd
}

// rounds is how often changes are compared anew when the incident changes meanwhile.
const rounds = 4

// merger brings what people wrote on the branch together with the draft: what fits is taken over into the incident first,
// so that Slack shows it too, and the rest stays in the file. The draft is then that of the incident as it is after that.
func (w *postWriter) merger(number int, draft *rendering, house learned, began time.Time) func(context.Context, []byte, []byte, string) (github.Merged, error) {
	return func(ctx context.Context, base, theirs []byte, by string) (github.Merged, error) {
		r := *draft
		for range rounds {
			merged := postmortem.Merge(string(base), r.text, string(theirs), r.snapshot.Kept()...)
			changes := merged.Changes()
			cmd := r.follow(changes)
			if len(cmd.Sections)+len(cmd.Entries)+len(cmd.Actions) > 0 {
				result, err := w.handle(ctx, incidents.Request{
					By:       incidents.Actor{User: incidents.Outsider(onGitHub(by)), Outside: true},
					Incident: number, Command: cmd,
				})
				switch refusal := incidents.AsRefusal(err); {
				case refusal != nil && refusal.Code == incidents.Changed, err == nil && !result.Unchanged:
					s, err := w.snapshot(ctx, number)
					if err != nil {
						return github.Merged{}, fmt.Errorf("read incident %d again: %w", number, err)
					}
					r = w.render(s, house.style, r.pics)
					*draft = r
					if refusal != nil {
						continue
					}
					merged = postmortem.Merge(string(base), r.text, string(theirs), r.snapshot.Kept()...)
				case refusal != nil: // closed, for example: then it stays in the file alone
				case err != nil:
					return github.Merged{}, fmt.Errorf("take over what was written on GitHub: %w", err)
				}
			}
			return w.merged(merged, r, changes, house, began), nil
		}
		return github.Merged{}, fmt.Errorf("incident %d kept changing while it was compared with its post", number)
	}
}

func onGitHub(name string) string { return strings.TrimSpace(name + " on GitHub") }

func (w *postWriter) merged(m postmortem.Merged, r rendering, c postmortem.Changes, house learned, began time.Time) github.Merged {
	out := github.Merged{Content: []byte(m.Text), Base: []byte(m.Base), Body: w.body(r, began, house)}
	for _, conflict := range m.Conflicts {
		out.Conflicts = append(out.Conflicts, github.Conflict{
			Key: conflict.Key, Heading: conflict.Heading, Line: conflict.Line, Lines: conflict.Lines, Ours: conflict.Ours,
			Proposal: conflict.Proposal,
		})
	}
	apart := postmortem.Apart(m.Text, r.text, m.Conflicts)
	if len(apart) > 0 {
		out.Body += "\nWritten here alone, and kept: "
		for i, heading := range apart {
			if i > 0 {
				out.Body += ", "
			}
			out.Body += github.Harmless(heading)
		}
		out.Body += ". Watchbell has no place for it, so it is not shown in Slack.\n"
	}
	if c.Reshaped {
		out.Body += "\nThe timeline was given another shape here. It is kept, and changes of it are not followed in Slack.\n"
	}
	if n := len(m.Conflicts); n > 0 {
		out.Body += fmt.Sprintf("\nChanged on both sides, with a question on the line: %d.\n", n)
	}
	return out
}
