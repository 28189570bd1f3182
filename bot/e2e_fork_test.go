package main

import (
	"strings"
	"testing"
)

// Where the token may only read the blog, the post comes from a fork all the same, and what people write there stays.
func TestStoryPostFromAFork(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{configure: func(c *Config) { c.GitHub.Fork = "practice-bot" }})
	s.GitHub.SetPush(false)
	s.types("dan", "#team", "/incident declare checkout is down")
	s.quiet()
	s.at("09:30")
	s.types("dan", "#incident", "/incident resolve")
	s.quiet()
	s.at("09:31") // the fork is there by now
	s.quiet()
	pulls := s.GitHub.Pulls()
	if len(pulls) != 1 || pulls[0].HeadOwner != "practice-bot" || len(s.GitHub.Branches()) != 1 {
		t.Fatalf("pull requests %+v, branches %q", pulls, s.GitHub.Branches())
	}
	fork, path := s.GitHub.Fork(), ""
	for _, file := range fork.Files(pulls[0].Head) {
		if _, old := s.GitHub.File("master", file); !old {
			path = file
		}
	}
	text, _ := fork.File(pulls[0].Head, path)
	if !strings.Contains(text, "checkout is down") {
		t.Fatalf("%s holds %q", path, text)
	}
	s.must(fork.EditFile(pulls[0].Head, path, text+"\nWritten by a reviewer.\n", "reviewer"))
	s.types("dan", "#incident", "/incident log restarted the queue")
	s.quiet()
	s.at("09:40")
	s.quiet()
	text, _ = fork.File(pulls[0].Head, path)
	for _, part := range []string{"Written by a reviewer.", "estarted the queue"} {
		if !strings.Contains(text, part) {
			t.Errorf("the post lacks %q:\n%s", part, text)
		}
	}
	s.must(s.GitHub.Merge(pulls[0].Number, "reviewer"))
	s.at("09:50")
	s.quiet()
	if published, _ := s.GitHub.File("master", path); published != text {
		t.Errorf("published is\n%s", published)
	}
}
