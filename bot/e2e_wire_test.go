package main

import (
	"fmt"
	"slices"
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

// Many people in ten incidents at once: what is said in a channel, or of a number, goes to that incident and no other, once;
// elsewhere people are asked which is meant.
func TestStoryManyAtOnce(t *testing.T) {
	t.Parallel()
	const many = 10
	s := newStory(t, storyOptions{})
	var all sync.WaitGroup
	for i := range many {
		all.Go(func() {
			if _, err := s.Slack.Command(s.ctx, "ana", "team", fmt.Sprintf("/incident declare number %d", i)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	s.quiet()
	if n := len(s.texts("team")); n != many {
		t.Errorf("there are %d announcements", n)
	}
	channels := map[int]string{}
	for _, c := range s.made() {
		var number int
		if _, err := fmt.Sscanf(c.Name, "inc-%d-", &number); err == nil {
			channels[number] = c.Name
			for _, who := range []string{"ben", "chloe", "dan", "eve"} {
				s.must(s.Slack.Join(who, c.Name))
			}
		}
	}
	if len(channels) != many {
		t.Fatalf("there are the channels %v", channels)
	}
	for i := range 60 {
		all.Go(func() {
			number := i%many + 1
			where, text := channels[number], fmt.Sprintf("/incident log entry %d.", i)
			if i%3 == 0 {
				where, text = "team", fmt.Sprintf("/incident log #%d entry %d.", number, i)
			}
			answer, err := s.Slack.Command(s.ctx, []string{"ana", "ben", "chloe", "dan", "eve"}[i%5], where, text)
			if err != nil || !strings.HasPrefix(answer.Text, "Logged") {
				t.Errorf("entry %d: %v %s", i, err, answer.Text)
			}
		})
	}
	all.Wait()
	if answer := s.says("ben", "#team", "/incident log nobody knows where"); !strings.Contains(answer, "hich incident") {
		t.Errorf("whoever logs outside of any incident is told %q", answer)
	}
	s.quiet()
	for number := 1; number <= many; number++ {
		snap, err := s.bot.app.service.Snapshot(s.ctx, number)
		s.must(err)
		var got, want []string
		for _, e := range snap.Entries {
			if strings.HasPrefix(e.Text, "entry ") {
				got = append(got, e.Text)
			}
		}
		for i := number - 1; i < 60; i += many {
			want = append(want, fmt.Sprintf("entry %d.", i))
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("#%d has the entries %q, want %q", number, got, want)
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
