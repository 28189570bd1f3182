package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"watchbell/incidents"
	"watchbell/incidents/postmortem"
)

// blogPost is a post that somebody published before Watchbell.
const blogPost = `---
layout: post
title: "Post-mortem: Ferry timetable vanished"
---

The timetable was unreachable for 53 minutes.

## Impact

Nobody could see when the ferry leaves.

## Resolution

We restored the table from a copy.

## Action items

- [x] Copy the table every hour
- [ ] Alert on an empty [timetable](https://board.example/1)

## Timeline (all times in UTC)

- 2025-03-02 09:12 - The timetable is unreachable
- 2025-03-02 09:25 - We declared the incident
- 2025-03-02 10:05 - The timetable is back online
`

func writeBlog(t *testing.T) (folder string) {
	t.Helper()
	folder = t.TempDir()
	for name, text := range map[string]string{
		"_posts/2025-03-04-post-mortem.md": blogPost, "_posts/2025-05-01-release.md": "---\ntitle: Release 2\n---\n\nNew colours.\n",
		"_posts/deployments/2025-06-01-post-mortem.md": "\xff\xfe\x00binary", "README.md": "# The blog\n",
	} {
		file := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// Posts are read while Watchbell runs and while it does not, once each; one that was edited is read again.
func TestImportOfPosts(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	folder := writeBlog(t)
	expect := func(args []string, code int, words ...string) {
		t.Helper()
		said, got := s.runs(args...)
		if got != code {
			t.Errorf("watchbell %s: exit %d", strings.Join(args, " "), got)
		}
		for _, w := range words {
			if !strings.Contains(said, w) {
				t.Errorf("watchbell %s does not say %q:\n%s", strings.Join(args, " "), w, said)
			}
		}
	}
	const line = "_posts/2025-03-04-post-mortem.md: Ferry timetable vanished · 2025-03-02 · downtime? · began 09:12 · declared 09:25 · resolved 10:05 · published 2025-03-04 · 2 action items"
	expect([]string{"import", "posts", folder, "-dry-run"}, exitFailed, "would read "+line, "1 posts would be read. Nothing was kept.")
	expect([]string{"import", "posts", folder}, exitFailed, "new        "+line, "1 posts: 1 new, 0 changed, 0 as before",
		"NOT read   _posts/deployments/2025-06-01-post-mortem.md: ", "2 left out", "README.md, _posts/2025-05-01-release.md", "1 could not be read")
	s.must(os.Remove(filepath.Join(folder, "_posts/deployments/2025-06-01-post-mortem.md")))
	expect([]string{"import", "posts", filepath.Join(folder, "_posts")}, exitOK, "as before  "+line, "1 posts: 0 new, 0 changed, 1 as before")
	edited := strings.Replace(blogPost, "10:05 - The", "10:15 - The", 1)
	file := filepath.Join(folder, "_posts/2025-03-04-post-mortem.md")
	s.must(os.WriteFile(file, []byte(edited), 0o600))
	s.stop()
	expect([]string{"import", "posts", file}, exitOK, "changed    ", "resolved 10:15", "0 new, 1 changed, 0 as before")
	s.start()
	posts, err := s.bot.app.service.Posts(s.ctx)
	s.must(err)
	if len(posts) != 1 || posts[0].Times.Resolved.Format("15:04") != "10:15" || len(posts[0].Actions) != 2 || !posts[0].Actions[0].Done || posts[0].Actions[1].Done {
		t.Errorf("what is kept: %+v", posts)
	}
	expect([]string{"import", "posts"}, exitUsage, "write watchbell import posts FOLDER")
	expect([]string{"import", "posts", t.TempDir()}, exitFailed, "holds no Markdown file")
	expect([]string{"import", "posts", "nowhere"}, exitFailed, "the posts cannot be read")
	var out strings.Builder
	for _, c := range []struct {
		stdin, name, says string
	}{
		{file + "\n", "", "1 posts: 0 new, 0 changed, 1 as before"},
		{edited, "_posts/2025-03-04-post-mortem.md", "1 posts: 0 new, 0 changed, 1 as before"},
		{edited, "", "name it with -name"},
		{"", "", "the standard input is empty"},
	} {
		out.Reset()
		args := []string{"import", "posts", "-"}
		if c.name != "" {
			args = append(args, "-name", c.name)
		}
		runIn(s.ctx, args, environment{env("DATABASE_URL", s.config.database), &out, &out, strings.NewReader(c.stdin), s.clock.Now})
		if !strings.Contains(out.String(), c.says) {
			t.Errorf("with %.20q on the standard input: %s", c.stdin, out.String())
		}
	}
}

// The times are in the front matter when they are asked for, and only then.
func TestPostTimes(t *testing.T) {
	began := time.Date(2026, 3, 17, 9, 12, 0, 0, time.UTC)
	s := incidents.Snapshot{Incident: incidents.Incident{
		Title: "Checkout is down", Severity: incidents.Downtime, StartedAt: began, DeclaredAt: began.Add(7 * time.Minute), ResolvedAt: began.Add(41 * time.Minute),
	}}
	c := defaultConfig().Post
	if text := postOf(s, c, time.UTC, pictures{}).Render(postmortem.Flat()); strings.Contains(text, "_at:") {
		t.Errorf("nobody asked for times:\n%s", text)
	}
	c.Times = true
	text := postOf(s, c, time.UTC, pictures{}).Render(postmortem.Flat())
	for _, want := range []string{`started_at: "2026-03-17T09:12:00Z"`, `declared_at: "2026-03-17T09:19:00Z"`, `resolved_at: "2026-03-17T09:53:00Z"`, "severity: downtime"} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("%s is not in the front matter:\n%s", want, text)
		}
	}
}

// The link of an action item is no way out for a secret.
func TestPostWithoutTheSecretOfALink(t *testing.T) {
	t.Parallel()
	s := incidents.Snapshot{Incident: incidents.Incident{Actions: []incidents.Action{
		{Number: 1, Text: "Rotate it", Link: "https://x.example/a?token=" + "abcDEF123456"}, {Number: 2, Text: "Limit it", Link: "https://x.example/b"},
	}}}
	text := postOf(s, PostConfig{}, time.UTC, pictures{}).Render(postmortem.Flat())
	if !strings.Contains(text, "- Rotate it \\[link removed") && !strings.Contains(text, "- Rotate it [link removed") || strings.Contains(text, "abcDEF") || !strings.Contains(text, "(https://x.example/b)") {
		t.Errorf("the post is\n%s", text)
	}
	if found := s.Findings(nil); len(found) != 1 || found[0].Where != "the link of action item 1" {
		t.Errorf("found %+v", found)
	}
}
