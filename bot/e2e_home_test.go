package main

import (
	"strings"
	"testing"
)

// home opens a person's Home tab and returns what it says once it holds words.
func (s *story) home(who string, words ...string) string {
	s.Helper()
	s.must(s.Slack.OpenHome(who))
	text := func() string {
		if v := s.Slack.Home(who); v != nil {
			return s.Slack.ViewText(v)
		}
		return ""
	}
	s.holds(who+"'s Home tab", text, words...)
	return text()
}

// The Home tab shows a person what concerns them, and nobody anything of a private incident that they have no part in.
func TestStoryHome(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.home("dan", "Declare an incident", "No incident needs you", "How this team runs an incident", "Stop the bleeding", "tell the users", "drill first-night")
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	s.types("ana", "#incident", "/incident role ops @ben")
	s.types("ana", "#incident", "/incident action rotate the keys @ben by 2026-04-01")
	s.quiet()
	s.types("ana", "#team", "/incident declare --private keys leaked")
	s.quiet()
	s.home("ben", "You are Ops", "checkout is down", "Your action items", "rotate the keys", "1 Apr 2026")
	s.home("ana", "You are Incident manager", "keys leaked", "checkout is down")
	dan := s.home("dan", "Open now", "checkout is down")
	for _, secret := range []string{"leaked", "#2"} {
		if strings.Contains(dan, secret) {
			t.Errorf("dan sees %q: %s", secret, dan)
		}
	}
	// A button answers in the conversation with the bot, and the form declares.
	s.must(s.Slack.PressView(s.ctx, "dan", "show"))
	s.holds("dan's conversation", func() string { return strings.Join(s.texts("@dan"), "\n") }, "#1 checkout is down")
	s.must(s.Slack.PressView(s.ctx, "dan", "declare"))
	s.sends("dan", "title", "search is slow")
	s.quiet()
	s.home("dan", "You are Incident manager", "search is slow")
	s.must(s.Slack.PressView(s.ctx, "dan", "drill:first-night"))
	s.holds("dan's conversation", func() string { return strings.Join(s.texts("@dan"), "\n") }, "begins as #4", "invite there who is to join")
	s.quiet()
	s.types("dan", "#incident", "/incident resolve") // the drill's channel
	s.quiet()
}

// Whoever comes into an incident's channel is told once, in private, how things stand and how to help.
func TestStoryWelcome(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	for _, line := range []string{"log the queue is full", "severity downtime", "draft impact Nobody can pay."} {
		s.types("ana", "#incident", "/incident "+line)
	}
	channel := s.channel("#incident")
	before := len(s.Slack.Messages(channel))
	welcomes := func(who string) (all []string) {
		for _, m := range s.Slack.Ephemerals(who) {
			if text := s.Slack.MessageText(m); strings.Contains(text, "Welcome to #") {
				all = append(all, text)
			}
		}
		return all
	}
	s.must(s.Slack.Join("dan", channel))
	s.quiet()
	got := strings.Join(welcomes("dan"), "\n")
	for _, words := range []string{"checkout is down", "Nobody can pay", "downtime", "the queue is full", "Who does what", "How to help", "Next:"} {
		if strings.Count(got, words) < 1 {
			t.Errorf("%q is not in what dan is told: %s", words, got)
		}
	}
	s.must(s.Slack.Leave("dan", channel))
	s.must(s.Slack.Join("dan", channel))
	s.quiet()
	if n := len(welcomes("dan")); n != 1 {
		t.Errorf("dan was welcomed %d times", n)
	}
	if n := len(welcomes("ana")); n != 0 {
		t.Errorf("ana, who declared it, was welcomed %d times", n)
	}
	for _, m := range s.Slack.Messages(channel)[before:] {
		if !m.System() {
			t.Errorf("everybody reads %q", s.readable(m))
		}
	}
}
