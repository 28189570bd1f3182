package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"watchbell/integrations/practice"
)

// posted are the messages that the bot posted so far for everybody to read, edits not counted.
func (s *story) posted() (texts []string) {
	for _, c := range s.Wire.Calls() {
		if c.Service == "slack" && c.Name == "chat.postMessage" && c.Applied {
			texts = append(texts, string(c.Request))
		}
	}
	return texts
}

// An hour with 30 entries, 3 updates and 2 hand-overs costs the channels at most six messages of the bot's own: it edits
// what is there.
func TestStoryFewMessages(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	lines := map[int]string{
		1: "severity severe", 3: "role communications @ben", 5: "status investigating", 15: "update Paying fails; we look for the cause.",
		20: "status identified the disk is full", 30: "lead @chloe", 40: "update The cause is found; we make room.", 50: "mitigated",
		56: "update It works again; we keep watching.", 59: "resolve",
	}
	for minute := range 60 {
		s.clock.JumpTo(storyStart.Add(time.Duration(minute) * time.Minute))
		if line := lines[minute]; line != "" {
			s.types("ana", "#incident", "/incident "+line)
		}
		if minute%2 == 0 {
			s.types("ben", "#incident", fmt.Sprintf("/incident log step %d", minute))
		}
		s.quiet()
		switch minute {
		case 4:
			s.presses("ben", "#incident", "I have it")
		case 31:
			s.presses("chloe", "#incident", "I have it")
		}
	}
	s.quiet()
	if texts := s.posted(); len(texts) > 6 {
		t.Errorf("the bot posted %d messages:\n%s", len(texts), strings.Join(texts, "\n"))
	}
	if _, path := s.post(); path == "" {
		t.Error("there is no post")
	}
}

// Somebody who has never seen the bot comes from declaring to the pull request by pressing what the card offers, with at most
// twelve presses, sentences, and no command.
func TestStoryFewPresses(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	presses := 0
	press := func(label string) {
		presses++
		s.presses("ana", "#incident", label)
		s.must(s.Slack.Delivered(s.ctx))
	}
	send := func(fields ...string) {
		presses++
		s.sends("ana", fields...)
		s.quiet()
	}
	presses++
	s.must(s.Slack.Shortcut(s.ctx, "ana", "declare"))
	send("title", "checkout is down", "severity", "downtime")
	s.holds("the card", s.summary, "give Communications to someone")
	press("Do it")
	send("communications", s.Slack.User("ben").ID)
	s.holds("the card", s.summary, "say that somebody looks into it")
	press("Do it")
	s.quiet()
	s.holds("the card", s.summary, "tell the users")
	press("Do it")
	send("text", "Paying fails; we look for the cause.")
	s.holds("the card", s.summary, "when the cause is known")
	press("Do it")
	s.quiet()
	s.holds("the card", s.summary, "say when users are well again")
	press("Do it")
	s.quiet()
	s.holds("the card", s.summary, "monitoring", "resolve when it stays well")
	press("Do it")
	s.quiet()
	s.holds("the card", s.summary, "resolved", "tell the users that it is over")
	press("Do it")
	send("text", "It works again. Sorry.")
	if _, path := s.post(); path == "" {
		t.Error("there is no pull request")
	}
	if presses > 12 {
		t.Errorf("it took %d presses", presses)
	}
	if told := strings.Join(s.texts(practice.TeamChannel), "\n"); !strings.Contains(told, "It works again") || !strings.Contains(told, "Paying fails") {
		t.Errorf("the users were not told twice:\n%s", told)
	}
}
