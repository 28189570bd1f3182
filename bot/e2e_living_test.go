package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// edits changes the post on its branch, as a reviewer does on GitHub's page.
func (s *story) edits(pairs ...string) {
	s.Helper()
	post, path := s.post()
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(post, pairs[i]) {
			s.Fatalf("there is no %q to edit in\n%s", pairs[i], post)
		}
		post = strings.Replace(post, pairs[i], pairs[i+1], 1)
	}
	s.must(s.GitHub.EditFile(s.GitHub.Pulls()[0].Head, path, post, "reviewer"))
}

// postHolds checks the post on its branch.
func (s *story) postHolds(parts ...string) {
	s.Helper()
	post, _ := s.post()
	for _, part := range parts {
		if !strings.Contains(post, part) {
			s.Errorf("the post lacks %q:\n%s", part, post)
		}
	}
}

var promptPattern = regexp.MustCompile(`\*To be written: [^\n]*\*`)

// Whatever a person writes anywhere in the file survives ten regenerations with changes from Slack in between, which all
// get there too, and what fits is known in Slack.
func TestStoryLivingPost(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{configure: func(c *Config) {
		c.GitHub.Reviewers, c.GitHub.Labels = []string{"maintainer", "nobody-here"}, []string{"post-mortem"}
	}})
	s.GitHub.AddPerson("maintainer")
	s.types("dan", "#team", "/incident declare checkout is down")
	s.quiet()
	for _, line := range []string{"log -5m the alert fired", "log the queue was full", "log restarted the queue", "action limit the queue"} {
		s.types("dan", "#incident", "/incident "+line)
	}
	s.at("09:30")
	s.types("dan", "#incident", "/incident resolve")
	s.quiet()
	if p := s.GitHub.Pulls()[0]; fmt.Sprint(p.Labels, p.Reviewers) != "[post-mortem] [maintainer]" {
		t.Errorf("labels and reviewers are %v %v", p.Labels, p.Reviewers)
	}
	// A sentence instead of each prompt, a word in the title, front matter, an entry, a new entry and a new heading.
	post, path := s.post()
	n := 0
	var written []string
	post = promptPattern.ReplaceAllStringFunc(post, func(string) string {
		n++
		written = append(written, fmt.Sprintf("A reviewer wrote part %d.", n))
		return written[n-1]
	})
	if n < 8 {
		t.Fatalf("only %d sections ask to be written in\n%s", n, post)
	}
	for _, pair := range [][2]string{
		{"layout: post", "layout: post\ntags: [queue, outage]"}, {"the queue was full", "the payment queue was full"},
		{"## Timeline", "## For the curious\n\nThe queue is open source.\n\n## Timeline"},
	} {
		if !strings.Contains(post, pair[0]) {
			t.Fatalf("no %q in\n%s", pair[0], post)
		}
		post = strings.Replace(post, pair[0], pair[1], 1)
		written = append(written, pair[1])
	}
	post = strings.TrimRight(post, "\n") + "\n- 17/03/2026 09:40 - We looked at what customers wrote\n"
	written = append(written, "17/03/2026 09:40 - We looked at what customers wrote")
	s.must(s.GitHub.EditFile("post-mortem/inc-1", path, post, "reviewer"))

	logged := []string{"the payment queue was full"}
	for round := range 10 {
		text := fmt.Sprintf("note number %d of the evening", round)
		s.types("ana", "#incident", fmt.Sprintf("/incident log -%dm %s", round+1, text))
		logged = append(logged, text)
		if round == 5 {
			s.restart()
		}
		s.quiet()
		s.postHolds(append(written, logged...)...)
	}
	s.types("dan", "#incident", "/incident timeline")
	s.quiet()
	snap, err := s.bot.app.service.Snapshot(s.ctx, 1)
	s.must(err)
	var known strings.Builder
	for _, e := range snap.Entries {
		known.WriteString(e.Text + "\n")
	}
	for name, text := range snap.Sections {
		fmt.Fprintf(&known, "%s: %s\n", name, text)
	}
	for _, part := range []string{"the payment queue was full", "We looked at what customers wrote", "A reviewer wrote part 1.", "lead: A reviewer", "got_lucky: A reviewer"} {
		if !strings.Contains(known.String(), part) {
			t.Errorf("Slack does not know %q:\n%s", part, known.String())
		}
	}
	if strings.Contains(known.String(), "open source") {
		t.Error("a heading of their own got into a section")
	}
	s.holds("the pull request's text", func() string { return s.GitHub.Pulls()[0].Body }, "For the curious", "Front matter")
	if p := s.GitHub.Pulls()[0]; len(p.Lines)+len(p.Comments) > 0 {
		t.Errorf("something was asked: %+v %+v", p.Lines, p.Comments)
	}
	commits := len(s.GitHub.Log("post-mortem/inc-1"))
	s.types("dan", "#incident", "/incident postmortem")
	s.quiet()
	if again := len(s.GitHub.Log("post-mortem/inc-1")); again != commits {
		t.Errorf("asking again made %d commits", again-commits)
	}
}

// Where both sides changed the same place, the person's words stay and one comment on the line shows the other's.
func TestStoryConflictInThePost(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	resolved(s)
	s.types("dan", "#incident", "/incident draft impact All shops.")
	s.quiet()
	s.edits("All shops.", "All shops but one.")
	for round := range 4 {
		// The edit on GitHub is not seen yet when Slack says something else.
		s.types("dan", "#incident", fmt.Sprintf("/incident draft impact All shops, %d minutes.", 30+min(round, 2)))
		s.types("dan", "#incident", fmt.Sprintf("/incident log something else %d", round))
		s.quiet()
		s.postHolds("All shops but one.", fmt.Sprintf("something else %d", round))
	}
	asked := s.GitHub.Pulls()[0].Lines
	if len(asked) != 1 || !strings.Contains(asked[0].Body, "```suggestion\nAll shops, 32 minutes.\n```") {
		t.Fatalf("asked %+v", asked)
	}
	snap, err := s.bot.app.service.Snapshot(s.ctx, 1)
	s.must(err)
	if snap.Sections["impact"] != "All shops, 32 minutes." {
		t.Errorf("Slack has %q", snap.Sections["impact"])
	}
	// Committing the suggestion ends it.
	s.edits("All shops but one.", "All shops, 32 minutes.")
	s.types("dan", "#incident", "/incident draft trigger A sale.")
	s.quiet()
	s.postHolds("All shops, 32 minutes.", "A sale.")
	if asked = s.GitHub.Pulls()[0].Lines; len(asked) != 1 || !strings.Contains(asked[0].Body, "Settled") {
		t.Errorf("asked %+v", asked)
	}
}
