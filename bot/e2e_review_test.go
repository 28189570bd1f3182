package main

import (
	"strings"
	"testing"

	"watchbell/incidents/postmortem"
)

// resolved is an incident that is over and whose pull request is open.
func resolved(s *story) {
	s.types("dan", "#team", "/incident declare checkout is down")
	s.quiet()
	s.at("09:30")
	s.types("dan", "#incident", "/incident resolve")
	s.quiet()
}

// What reviewers write into the post stays, whatever the bot still has to add.
func TestStoryReviewersEditThePost(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	resolved(s)
	pull := s.GitHub.Pulls()[0]
	post, path := s.post()
	edited := strings.Replace(post, "We declared the incident resolved", "We declared it over", 1)
	if edited == post {
		t.Fatalf("there is nothing to edit in\n%s", post)
	}
	s.must(s.GitHub.EditFile(pull.Head, path, edited, "reviewer"))
	s.types("dan", "#incident", "/incident draft impact Nobody could pay for 30 minutes.")
	s.types("ana", "#incident", "/incident log -20m and this was forgotten")
	s.quiet()

	after, _ := s.GitHub.File(pull.Head, path)
	if !strings.Contains(after, "We declared it over") {
		t.Errorf("the reviewer's words are gone:\n%s", after)
	}
	if n := len(s.GitHub.Pulls()); n != 1 {
		t.Errorf("there are %d pull requests", n)
	}
	told := s.GitHub.Pulls()[0].Comments
	if !strings.Contains(after, "Nobody could pay") && len(told) == 0 {
		t.Errorf("what was drafted is neither in the post nor said in the pull request")
	}
}

// What reviewers type stays byte for byte where the bot would have spelled it otherwise, gets to Slack, and nobody is asked
// about it, then or when Slack changes something else, or that very place.
func TestStoryReviewersSpellAsTheyLike(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("dan", "#team", "/incident declare checkout is down")
	s.quiet()
	s.types("dan", "#incident", "/incident log the queue was full")
	s.types("dan", "#incident", "/incident draft root_causes The queue had no limit.\n\n### Why\n\nNobody tried.")
	s.at("09:30")
	s.types("dan", "#incident", "/incident resolve")
	s.quiet()
	impact := "See {{ site.baseurl }}/status, | https://example.org/a_b | and <b>this</b>.\n{: .note}\n\n| a | b |\n|---|---|\n| --force | {{ x }} |\n\n~~~ ruby two words\n{{ y }}\n~~~"
	s.edits(postmortem.Impact.Prompt(), impact, "the queue was full", "the queue --force was full, see https://example.org", "The queue had no limit.", "The *queue* had no limit.")
	whole, _ := s.post()
	for _, command := range []string{"postmortem", "draft trigger A sale."} {
		s.types("dan", "#incident", "/incident "+command)
		s.quiet()
	}
	s.quiet()
	post, _ := s.post()
	if want := strings.Replace(whole, postmortem.Trigger.Prompt(), "A sale.", 1); post != want {
		t.Errorf("the post became\n%s\nwant\n%s", post, want)
	}
	snap, err := s.bot.app.service.Snapshot(s.ctx, 1)
	s.must(err)
	if got := snap.Sections["impact"]; got != impact {
		t.Errorf("Slack has the impact %q", got)
	}
	if got := snap.Sections["root_causes"]; got != "The *queue* had no limit.\n\n### Why\n\nNobody tried." {
		t.Errorf("Slack has the causes %q", got)
	}
	s.refused("dan", "#incident", "/incident draft impact Nobody could pay.", "edited on GitHub by reviewer")
	s.presses("dan", "#incident", "Replace it with mine")
	s.quiet()
	s.postHolds("## Impact\n\nNobody could pay.\n\n## Root")
	if p := s.GitHub.Pulls()[0]; len(p.Lines)+len(p.Comments) > 0 || strings.Contains(p.Body, "no place") {
		t.Errorf("something was asked or left apart: %+v %+v\n%s", p.Lines, p.Comments, p.Body)
	}
}

// Asking again changes nothing on GitHub when nothing has changed.
func TestStorySamePostNoCommit(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	resolved(s)
	commits := len(s.GitHub.Log("post-mortem/inc-1"))
	for range 3 {
		s.types("dan", "#incident", "/incident postmortem")
		s.quiet()
	}
	s.restart()
	s.types("ana", "#incident", "/incident postmortem")
	s.quiet()
	if n := len(s.GitHub.Log("post-mortem/inc-1")); n != commits {
		t.Errorf("there are %d commits after %d", n, commits)
	}
	s.types("ana", "#incident", "/incident draft lead Nobody could pay.")
	s.quiet()
	if n := len(s.GitHub.Log("post-mortem/inc-1")); n != commits+1 {
		t.Errorf("a change made %d commits of %d", n, commits)
	}
}

// Somebody publishes another post under the same name while the pull request is open: the next look moves the incident's
// aside with what a reviewer wrote in it, and both can be published.
func TestStorySameNameComesLater(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.GitHub.AddPerson("maintainer")
	resolved(s)
	_, old := s.post()
	s.edits(postmortem.Impact.Prompt(), "Nobody could pay.")
	s.must(s.GitHub.EditFile("master", old, "another post\n", "maintainer"))
	s.must(s.bot.app.service.LookAtPulls(s.ctx))
	s.quiet()
	snap, err := s.bot.app.service.Snapshot(s.ctx, 1)
	s.must(err)
	if snap.Post.Path == old || snap.Sections["impact"] != "Nobody could pay." {
		t.Errorf("Slack knows %+v and %q", snap.Post, snap.Sections)
	}
	s.must(s.GitHub.Merge(1, "maintainer"))
	if text, _ := s.GitHub.File("master", old); text != "another post\n" {
		t.Errorf("the other post holds %q", text)
	}
	if text, _ := s.GitHub.File("master", snap.Post.Path); !strings.Contains(text, "Nobody could pay.") {
		t.Errorf("the post at %s holds\n%s", snap.Post.Path, text)
	}
}

// Two incidents of one day with one title get files of their own, and so does one whose file is on the blog already.
func TestStorySamePath(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.must(s.GitHub.EditFile("master", "_posts/deployments/2026-03-17-checkout-is-down.md", "an older post\n", "somebody"))
	resolved(s)
	s.types("dan", "#team", "/incident declare checkout is down")
	s.quiet()
	s.types("dan", "#team", "/incident resolve #2")
	s.quiet()
	paths := map[string]bool{}
	for _, pull := range s.GitHub.Pulls() {
		for _, file := range s.GitHub.Files(pull.Head) {
			if _, before := s.GitHub.File(pull.Base, file); !before {
				paths[file] = true
			}
		}
		if old, _ := s.GitHub.File(pull.Head, "_posts/deployments/2026-03-17-checkout-is-down.md"); old != "an older post\n" {
			t.Errorf("the older post was changed in %s", pull.Head)
		}
	}
	if len(paths) != 2 {
		t.Errorf("the posts are %v", paths)
	}
	s.types("dan", "#team", "/incident draft #2 lead It happened again.")
	s.quiet()
	if post, path := s.post(); !paths[path] || !strings.Contains(post, "It happened again.") {
		t.Errorf("with the next change the post moved to %s:\n%s", path, post)
	}
}

// A merged post is left alone, and so is a pull request that somebody closed: no second one opens by itself.
func TestStoryMergedAndClosed(t *testing.T) {
	t.Parallel()
	for _, merged := range []bool{true, false} {
		t.Run(map[bool]string{true: "merged", false: "closed"}[merged], func(t *testing.T) {
			t.Parallel()
			s := newStory(t, storyOptions{})
			resolved(s)
			s.GitHub.AddPerson("maintainer")
			if merged {
				s.must(s.GitHub.Merge(1, "maintainer"))
			} else {
				s.must(s.GitHub.ClosePull(1, "maintainer"))
			}
			before := len(s.GitHub.Log("master"))
			s.must(s.bot.app.service.LookAtPulls(s.ctx))
			s.quiet()
			next := "`postmortem reopen` opens it again"
			if merged {
				next = "on GitHub"
			}
			for _, line := range []string{
				"draft lead Nobody could pay.", "postmortem", "log -5m it was the queue", "edit 1 somebody saw it", "action limit the queue", "delete 1", "undo",
			} {
				if told := s.types("dan", "#incident", "/incident "+line); !strings.Contains(told, next) || strings.Contains(told, "to date in a moment") {
					t.Errorf("after %s dan is told %q", line, told)
				}
			}
			n := len(s.ephemerals("dan"))
			s.captures("ana", "this came later", "dan")
			if told := s.told("dan", n); !strings.Contains(told, next) || !strings.Contains(told, "Added to the timeline") {
				t.Errorf("after a reaction dan is told %q", told)
			}
			s.quiet()
			if n := len(s.GitHub.Pulls()); n != 1 {
				t.Errorf("there are %d pull requests", n)
			}
			if n := len(s.GitHub.Log("master")); n != before {
				t.Errorf("the blog has %d commits after %d", n, before)
			}
			s.holds("the card in the channel", s.summary, "pull request")
		})
	}
}

// Called off, taken up again, closed: nothing is doubled, and what is shown says so.
func TestStoryCalledOffAndReopened(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("dan", "#team", "/incident declare checkout is down")
	s.quiet()
	s.presses("dan", "#incident", "Call off")
	s.quiet()
	if told := s.texts("team"); len(told) != 1 || !strings.Contains(told[0], "Called off") {
		t.Errorf("the announcement is %q", told)
	}
	s.refused("dan", "#incident", "/incident postmortem", "called off")
	s.presses("dan", "#incident", "Reopen")
	s.quiet()
	s.types("dan", "#incident", "/incident resolve")
	s.quiet()
	s.presses("dan", "#incident", "Close")
	s.quiet()
	s.refused("dan", "#incident", "/incident log something late", "closed", "reopen", "something late")
	s.types("dan", "#incident", "/incident reopen")
	s.types("dan", "#incident", "/incident log something late")
	s.types("dan", "#incident", "/incident resolve")
	s.quiet()
	post, _ := s.post()
	if told := s.texts("team"); len(told) != 1 || len(s.GitHub.Pulls()) != 1 || !strings.Contains(post, "something late") {
		t.Errorf("announced %q, %d pull requests, the post is\n%s", told, len(s.GitHub.Pulls()), post)
	}
}

// What a reviewer would send back is said to the lead before, and on the commit in the pull request.
func TestStoryLintBeforeReview(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("dan", "#team", "/incident declare checkout is down")
	s.quiet()
	s.types("dan", "#incident", "/incident draft impact The shop was down for 9 hours and 7 minutes.")
	s.types("dan", "#incident", "/incident log I restarted it yesterday")
	s.at("09:30")
	s.types("dan", "#incident", "/incident resolve")
	s.quiet()
	told := ""
	for _, m := range s.Slack.Ephemerals("dan") {
		if text := s.Slack.MessageText(m); strings.Contains(text, "A reviewer of the post of #1 would say") {
			told = text
		}
	}
	for _, want := range []string{"The post says 9 hours and 7 minutes", "*Impact*", "\"I\" speaks of one person"} {
		if !strings.Contains(told, want) {
			t.Errorf("the lead is not told %q:\n%s", want, told)
		}
	}
	status := s.GitHub.Statuses(s.GitHub.Pulls()[0].Head)
	if len(status) != 1 || status[0].State != "failure" || status[0].Context != "watchbell/post" {
		t.Errorf("statuses: %+v", status)
	}
}
