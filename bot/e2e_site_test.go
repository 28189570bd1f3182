package main

import (
	"path"
	"strings"
	"testing"
	"time"

	"watchbell/incidents"
	"watchbell/incidents/postmortem"
)

// Where the team wants it, the pull request waits until somebody asks for it, and the file's name moves with the day of
// publishing, in the same commit and with what people wrote in it.
func TestStoryPostOnDemandAndItsDay(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{configure: func(c *Config) {
		c.Post.Open, c.Post.Date, c.Post.Site, c.Post.Template = openOnDemand, dateOfPublished, "hugo", "flat"
		c.Post.Path, c.Post.SiteURL = "content/posts/{date}-{slug}.md", "https://blog.example.org"
		c.style, _ = postmortem.Template("flat")
	}})
	resolved(s)
	if n := len(s.GitHub.Pulls()); n != 0 {
		t.Fatalf("there are %d pull requests before anybody asked", n)
	}
	s.types("dan", "#incident", "/incident draft lead Nobody could pay.")
	s.types("dan", "#incident", "/incident postmortem")
	s.quiet()
	post, file := s.post()
	if file != "content/posts/2026-03-17-checkout-is-down.md" || !strings.HasPrefix(post, "---\ntitle: \"Post-mortem: checkout is down\"\ndate: 2026-03-17\ncategories: [\"deployments\"]\n---\n") {
		t.Errorf("%s\n%s", file, post)
	}
	s.edits("Nobody could pay.", "Nobody could pay anything.")
	commits := len(s.GitHub.Log("post-mortem/inc-1"))
	s.clock.JumpTo(s.clock.Now().Add(48 * time.Hour))
	s.must(s.bot.app.service.LookAtPulls(s.ctx))
	s.quiet()
	post, file = s.post()
	if path.Base(file) != "2026-03-19-checkout-is-down.md" || !strings.Contains(post, "Nobody could pay anything.") || !strings.Contains(post, "date: 2026-03-19") {
		t.Errorf("%s\n%s", file, post)
	}
	if n := len(s.GitHub.Log("post-mortem/inc-1")) - commits; n != 1 {
		t.Errorf("it took %d commits to move the file", n)
	}
	if _, there := s.GitHub.File("post-mortem/inc-1", "content/posts/2026-03-17-checkout-is-down.md"); there {
		t.Error("the old file is still there")
	}
	s.must(s.GitHub.Merge(1, "maintainer"))
	s.must(s.bot.app.service.LookAtPulls(s.ctx))
	s.quiet()
	in, err := s.bot.app.service.Incident(s.ctx, 1)
	s.must(err)
	if in.Post.State != incidents.PullMerged || in.Post.Live != "https://blog.example.org/posts/2026-03-19-checkout-is-down/" {
		t.Errorf("%+v", in.Post)
	}
	if said := s.types("ana", "#team", "/incident stats all"); !strings.Contains(said, "*To publish:* 2 days") {
		t.Errorf("how long it took to publish is not known:\n%s", said)
	}
}
