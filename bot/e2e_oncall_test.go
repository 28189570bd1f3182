package main

import (
	"slices"
	"strings"
	"testing"
)

// Who is on call is invited when an incident is declared, and who comes on call while it is open as well; nobody twice, and
// nobody into a private one.
func TestStoryOnCall(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{asleep: true})
	group, err := s.Slack.AddUsergroup("oncall", "ben", "chloe")
	s.must(err)
	s.config.OnCall.UserGroup = group
	s.start()
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	channel := s.channel("#incident")
	in := func(who string) bool { return slices.Contains(s.Slack.Channel(channel).Members, s.Slack.User(who).ID) }
	if !in("ben") || !in("chloe") || in("dan") {
		t.Errorf("in the channel are %v", s.Slack.Channel(channel).Members)
	}
	s.must(s.Slack.Leave("ben", channel))
	s.must(s.Slack.JoinUsergroup(group, "dan"))
	s.quiet()
	if !in("dan") {
		t.Error("dan came on call and is not invited")
	}
	if in("ben") {
		t.Error("ben has left and was invited again")
	}
	s.types("ana", "#team", "/incident declare --private a leak")
	s.quiet()
	if members := s.Slack.Channel(s.channel("#incident")).Members; slices.Contains(members, s.Slack.User("chloe").ID) {
		t.Errorf("into the private channel were invited %v", members)
	}
}

// When somebody leaves with a role, the lead is told in private; when it is the lead, the channel is.
func TestStoryRoleLeavesTheChannel(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	channel := s.channel("#incident")
	s.types("ana", "#incident", "/incident role ops @ben")
	s.types("dan", "#incident", "/incident log dan is here as well")
	s.quiet()
	told := len(s.ephemerals("ana"))
	s.must(s.Slack.Leave("dan", channel))
	s.must(s.Slack.Leave("ben", channel))
	s.quiet()
	if got := s.told("ana", told); !strings.Contains(got, "@ben") || !strings.Contains(got, "*Ops*") || len(s.ephemerals("ana")) != told+1 {
		t.Errorf("ana is told %q", got)
	}
	s.types("ana", "#incident", "/incident role ops me")
	s.must(s.Slack.Leave("ana", channel))
	s.quiet()
	s.holds("the channel", func() string { return strings.Join(s.texts(channel), "\n") }, "has left its channel. Who takes command?")
	s.presses("chloe", "#incident", "I take command")
	s.quiet()
	s.holds("the card", s.summary, "@chloe")
}
