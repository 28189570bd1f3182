package main

import (
	"slices"
	"strings"
	"testing"

	"watchbell/integrations/practice"
)

// direct is the id of a person's conversation with the bot.
func (s *story) direct(who string) (id string) {
	user := s.Slack.User(who)
	for _, c := range s.Slack.Channels() {
		if c.IsIM && slices.Contains(c.Members, user.ID) {
			id = c.ID
		}
	}
	return id
}

// Anyone asks for an update by a button, once; whoever owes it looks how it will read before it goes out; those who follow
// get it by direct message, and hear where the incident stands, without coming in.
func TestStoryFollowers(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	s.types("ana", "#incident", "/incident role communications @ben")
	s.quiet()
	s.presses("eve", "#team", "Follow")
	if said := s.answered("dan", "#team", "Ask for an update"); !strings.Contains(said, "@ben") {
		t.Errorf("dan is told %q", said)
	}
	if said := s.answered("eve", "#team", "Ask for an update"); !strings.Contains(said, "already") {
		t.Errorf("eve asks as well and is told %q", said)
	}
	s.quiet()
	asked := 0
	for _, m := range s.ephemerals("ben") {
		asked += strings.Count(s.Slack.MessageText(m), "asks for an update")
	}
	if asked != 1 {
		t.Errorf("ben is told %d times that somebody asks", asked)
	}
	team := func() string { return strings.Join(s.texts(practice.TeamChannel), "\n") }
	s.holds("the announcement", team, "an update was asked for")

	s.types("ben", "#incident", "/incident update")
	s.until("ben sees how it will look", func() bool {
		v := s.Slack.View("ben")
		return v != nil && strings.Contains(inForm(v), "This is how it looks")
	})
	s.must(s.Slack.Type(s.ctx, "ben", "text", "Nobody can pay; we roll b"))
	s.must(s.Slack.Type(s.ctx, "ben", "text", "Nobody can pay; we roll back."))
	s.must(s.Slack.Type(s.ctx, "ben", "next", "1h"))
	s.until("what ben sees follows what he types", func() bool {
		return strings.Contains(inForm(s.Slack.View("ben")), "Nobody can pay; we roll back.")
	})
	if strings.Contains(team(), "we roll") {
		t.Error("it went out before anybody sent it")
	}
	s.sends("ben")
	s.quiet()
	if n := strings.Count(team(), "Nobody can pay; we roll back."); n != 1 || strings.Contains(team(), "was asked for") {
		t.Errorf("the team was told %d times:\n%s", n, team())
	}
	s.types("ana", "#incident", "/incident mitigated")
	s.quiet()
	direct := s.direct("eve")
	read := strings.Join(s.texts(direct), "\n")
	s.inOrder(read, "Nobody can pay; we roll back.", "monitoring")
	s.presses("eve", direct, "Unfollow")
	s.types("ana", "#incident", "/incident resolve")
	s.quiet()
	if read := strings.Join(s.texts(direct), "\n"); strings.Contains(read, "resolved") {
		t.Errorf("eve follows no more and reads\n%s", read)
	}
}
