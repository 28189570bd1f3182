package main

import (
	"fmt"
	"strings"
	"testing"
)

// An incident's facts go along with its post into the site's data file: in the same commit, following the incident, and
// leaving alone what people wrote in it.
func TestStoryDataFile(t *testing.T) {
	t.Parallel()
	const file = "_data/incidents.yml"
	s := newStory(t, storyOptions{configure: func(c *Config) { c.Post.Data, c.Post.SiteURL = file, "https://blog.example.org/" }})
	people := "# Newest last, please.\n\n- {number: 7, title: Older,  by: hand}  # from the wiki\n"
	s.must(s.GitHub.EditFile("master", file, people, "maintainer"))
	s.types("dan", "#team", "/incident declare checkout: is \"down\"")
	s.quiet()
	s.at("09:30")
	s.types("dan", "#incident", "/incident resolve")
	s.quiet()
	branch := s.GitHub.Pulls()[0].Head
	data := func() string { text, _ := s.GitHub.File(branch, file); return text }
	_, path := s.post()
	item, ours := strings.CutPrefix(data(), people)
	if !ours {
		t.Fatalf("what people wrote is not as it was:\n%s", data())
	}
	for _, part := range []string{
		"- number: 1\n  title: \"checkout: is \\\"down\\\"\"\n  post: " + path + "\n  url: ", "https://blog.example.org/deployments/",
		"\n  started_at: \"2026-03-17T09:00:00Z\"\n", "\n  declared_at: \"2026-03-17T09:00:00Z\"\n", "\n  resolved_at: \"2026-03-17T09:30:00Z\"\n",
	} {
		if !strings.Contains(item, part) {
			t.Errorf("the item lacks %q:\n%s", part, item)
		}
	}
	if post, _ := s.post(); strings.Contains(post, "started_at") {
		t.Errorf("nobody asked for times in the post:\n%s", post)
	}
	if len(s.GitHub.Log(branch)) != len(s.GitHub.Log("master"))+1 {
		t.Errorf("post and item are not one commit: %+v", s.GitHub.Log(branch))
	}
	// It follows, also where people wrote beside it.
	s.must(s.GitHub.EditFile(branch, file, data()+"# The end.\n", "reviewer"))
	s.types("dan", "#incident", "/incident severity severe")
	s.quiet()
	s.holds("the data file", data, people, "  severity: severe service degradation\n# The end.\n")
	// Once a person changed the item, it is theirs.
	edited := strings.Replace(data(), "number: 1\n", "number: 1\n  cause: a queue\n", 1)
	s.must(s.GitHub.EditFile(branch, file, edited, "reviewer"))
	s.types("dan", "#incident", "/incident severity downtime")
	s.types("dan", "#incident", "/incident log it was the queue")
	s.quiet()
	s.postHolds("it was the queue")
	if data() != edited {
		t.Errorf("what a person wrote was changed:\n%s", data())
	}
	s.holds("the pull request's text", func() string { return s.GitHub.Pulls()[0].Body }, "somebody else wrote or changed")
}

// Two posts that are open at once both put their item at the end of the data file. When one is merged, the other's branch is
// brought up to date by itself, with all that people wrote on it, so that it can be merged without a question.
func TestStoryDataFileOfTwoPosts(t *testing.T) {
	t.Parallel()
	const file = "_data/incidents.yml"
	s := newStory(t, storyOptions{configure: func(c *Config) { c.Post.Data = file }})
	s.must(s.GitHub.EditFile("master", file, "# Newest last, please.\n- number: 7\n  title: Older\n", "maintainer"))
	for n, title := range []string{"checkout is down", "search is slow"} {
		s.types("dan", "#team", "/incident declare "+title)
		s.quiet()
		s.at(fmt.Sprintf("09:%d0", 3+n))
		s.types("dan", "#team", fmt.Sprintf("/incident resolve #%d", n+1))
		s.quiet()
	}
	const second = "post-mortem/inc-2"
	var path string
	for _, file := range s.GitHub.Files(second) {
		if strings.HasSuffix(file, "search-is-slow.md") {
			path = file
		}
	}
	edit := func(file, old, now string) {
		t.Helper()
		text, _ := s.GitHub.File(second, file)
		s.must(s.GitHub.EditFile(second, file, strings.Replace(text, old, now, 1), "reviewer"))
	}
	edit(path, "## Impact\n", "## Impact\n\nA person saw it.\n")
	edit(file, "title: Older\n", "title: Older\n  cause: a person knows it\n")
	s.must(s.GitHub.EditFile(second, "notes.txt", "kept\n", "reviewer"))
	s.must(s.GitHub.EditFile("master", "about.md", "Newer.\n", "maintainer"))
	s.must(s.GitHub.Merge(1, "maintainer"))
	if err := s.GitHub.Merge(2, "maintainer"); err == nil {
		t.Fatal("the second can be merged as it is, so this shows nothing")
	}
	for range 2 {
		s.must(s.bot.app.service.LookAtPulls(s.ctx))
		s.quiet()
	}
	if commits := s.GitHub.Log(second); len(commits) == 0 || s.GitHub.Pulls()[1].Body == "" {
		t.Fatal("the second is gone")
	}
	s.must(s.GitHub.Merge(2, "maintainer"))
	data, _ := s.GitHub.File("master", file)
	first, rest, _ := strings.Cut(data, "- number: 2\n")
	for _, part := range []string{"# Newest last, please.\n- number: 7\n  title: Older\n  cause: a person knows it\n- number: 1\n  title: checkout is down\n", "published_at: "} {
		if !strings.Contains(first, part) {
			t.Errorf("the list lacks %q:\n%s", part, data)
		}
	}
	if !strings.HasPrefix(rest, "  title: search is slow\n") || strings.Count(data, "- number: ") != 3 {
		t.Errorf("the second item is not there:\n%s", data)
	}
	for name, want := range map[string]string{"notes.txt": "kept\n", "about.md": "Newer.\n", path: "A person saw it."} {
		if text, _ := s.GitHub.File("master", name); !strings.Contains(text, want) {
			t.Errorf("%s lost %q:\n%s", name, want, text)
		}
	}
	if snap, err := s.bot.app.service.Snapshot(s.ctx, 2); err != nil || !strings.Contains(snap.Sections["impact"], "A person saw it.") {
		t.Errorf("Slack has %q, %v", snap.Sections["impact"], err)
	}
}
