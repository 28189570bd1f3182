package main

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"watchbell/integrations/practice"
)

// With every published rate limit in force nothing is refused for being too fast, and the post is the same.
func TestStoryWithinRateLimits(t *testing.T) {
	t.Parallel()
	var posts []string
	for _, limited := range []bool{false, true} {
		t.Run(fmt.Sprint("limited ", limited), func(t *testing.T) {
			s := newStory(t, storyOptions{})
			s.Slack.RateLimits(limited)
			s.Trello.RateLimits(limited)
			liveByForms(s)
			for _, refused := range s.Slack.Refused() {
				if strings.Contains(refused, "ratelimited") {
					t.Errorf("too fast: %s", refused)
				}
			}
			post, _ := s.post()
			posts = append(posts, post)
		})
	}
	if len(posts) == 2 && posts[0] != posts[1] {
		t.Errorf("the post differs:\n%s", difference(posts[0], posts[1]))
	}
}

// Sockets are cut and renewed while people type and react: nothing is lost.
func TestStorySocketsCome(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{socket: true})
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	channel := s.channel("#incident")
	for i := range 6 {
		ts, err := s.Slack.Say("ana", channel, fmt.Sprintf("message %d is captured", i))
		s.must(err)
		s.must(s.Slack.React("ana", channel, ts, "pushpin"))
		connections := func() int { return strings.Count(s.log.text(), "Socket Mode is connected") }
		before := connections()
		switch i % 3 {
		case 0:
			s.Slack.CutSockets()
		case 1:
			s.Slack.Disconnect("refresh_requested")
		default:
			before-- // this time nothing happens
		}
		s.until("there is another socket", func() bool { return connections() > before })
		s.types("ana", "#incident", fmt.Sprintf("/incident log entry %d is typed", i))
	}
	s.quiet()
	s.types("ana", "#incident", "/incident resolve")
	s.quiet()
	post, _ := s.post()
	for i := range 6 {
		for _, line := range []string{fmt.Sprintf("message %d is captured", i), fmt.Sprintf("entry %d is typed", i)} {
			if n := strings.Count(post, line); n != 1 {
				t.Errorf("%q is %d times in the post", line, n)
			}
		}
	}
	if lost := s.Slack.Undelivered(); len(lost) > 0 {
		t.Errorf("events were lost: %q", lost)
	}
}

// Many people at once: every incident gets a number of its own, every entry is there once.
func TestStoryManyAtOnce(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			if _, err := s.Slack.Command(s.ctx, "ana", "team", fmt.Sprintf("/incident declare number %d", i)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for i := range 60 {
		all.Go(func() {
			who := []string{"ana", "ben", "chloe", "dan", "eve"}[i%5]
			answer, err := s.Slack.Command(s.ctx, who, "team", fmt.Sprintf("/incident log #%d entry %d.", i%8+1, i))
			if err != nil || !strings.HasPrefix(answer.Text, "Logged") {
				t.Errorf("entry %d: %v %s", i, err, answer.Text)
			}
		})
	}
	all.Wait()
	s.quiet()
	if n := len(s.made()); n != 8 {
		t.Errorf("there are %d channels", n)
	}
	if n := len(s.texts("team")); n != 8 {
		t.Errorf("there are %d announcements", n)
	}
	found := map[int]int{}
	for number := 1; number <= 8; number++ {
		snap, err := s.bot.app.service.Snapshot(s.ctx, number)
		s.must(err)
		for _, e := range snap.Entries {
			for i := range 60 {
				if e.Text == fmt.Sprintf("entry %d.", i) {
					found[i]++
				}
			}
		}
	}
	for i := range 60 {
		if found[i] != 1 {
			t.Errorf("entry %d is there %d times", i, found[i])
		}
	}
}

// A form that Slack does not open is said, with the way around it.
func TestStoryFormDoesNotOpen(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	s.Faults.Add(practice.Fault{Service: "slack", Call: "views.open", Status: 500})
	if got := s.answered("ana", "#incident", "Add entry"); !strings.HasPrefix(got, ":x:") || !strings.Contains(got, "/incident log") {
		t.Errorf("a form that does not open is answered by %q", got)
	}
	s.refused("ana", "#incident", "/incident action", "could not be opened", "/incident action")
	s.Faults.Clear("")
	s.presses("ana", "#incident", "Add entry")
	s.sends("ana", "text", "now it works")
	s.quiet()
}

// People clean up: a card and an announcement that were deleted come back, once, at the next change.
func TestStoryDeletedByPeople(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	channel := s.channel("#incident")
	pin := s.Slack.Pins(channel)[0]
	s.must(s.Slack.DeleteMessage(practice.BotUser, channel, pin.TS))
	for _, m := range s.Slack.Messages("team") {
		if m.User == practice.BotUser {
			s.must(s.Slack.DeleteMessage(practice.BotUser, "team", m.TS))
		}
	}
	s.at("09:10")
	s.types("ana", "#incident", "/incident severity downtime")
	s.quiet()
	if told := s.texts("team"); len(told) != 1 || !strings.Contains(told[0], "downtime") {
		t.Errorf("the announcement is %q", told)
	}
	if n := len(s.Slack.Pins(channel)); n != 1 {
		t.Errorf("%d messages are pinned", n)
	}
	s.holds("the new card", s.summary, "downtime", "Resolve")
}
