package main

import (
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
