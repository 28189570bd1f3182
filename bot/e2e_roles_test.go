package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"watchbell/incidents"
)

// Whoever is given a role is told in private what it is for and how things stand, and says with one press whether they
// have it. Until then the card says that they are asked.
func TestStoryRoleIsTaken(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	s.types("ana", "#incident", "/incident severity downtime")
	s.types("ana", "#incident", "/incident log the queue is full")
	before := len(s.Slack.Messages(s.channel("#incident")))
	if got := s.types("ana", "#incident", "/incident role ops @ben"); !strings.Contains(got, "asked to confirm") {
		t.Errorf("ana is told %q", got)
	}
	s.quiet()
	s.holds("the card", s.summary, "(asked)")
	asked := s.told("ben", 0)
	for _, words := range []string{"asks you to take", "Ops", "restore the service first", "Users see", "downtime", "declared", "the queue is full", "Next:"} {
		if !strings.Contains(asked, words) {
			t.Errorf("%q is not in what ben is asked: %s", words, asked)
		}
	}
	s.presses("ben", "#incident", "I have it") // the question becomes the answer
	s.holds("what ben sees", func() string { return s.told("ben", 0) }, "You have *Ops*", "restore the service first")
	s.quiet()
	if card := s.summary(); strings.Contains(card, "(asked)") {
		t.Errorf("the card still says that somebody is asked: %s", card)
	}
	if n := len(s.texts(s.channel("#incident"))); n > before {
		t.Errorf("the channel holds %d messages of the bot after %d", n, before)
	}
	if got := s.types("ben", "#incident", "/incident accept"); !strings.Contains(got, "already") {
		t.Errorf("the second time ben is told %q", got)
	}
	s.refused("dan", "#incident", "/incident accept", "Nobody waits for your answer")
	if got := s.types("chloe", "#incident", "/incident lead me"); !strings.Contains(got, "Know at any moment") {
		t.Errorf("whoever takes a role is told %q", got)
	}
	told := len(s.ephemerals("ana"))
	s.quiet()
	if got := s.told("ana", told); !strings.Contains(got, "@chloe took *Incident manager* over from you. It is with @chloe.") || len(s.ephemerals("ana")) != told+1 {
		t.Errorf("whoever led before is told %q", got)
	}
	record := s.types("dan", "#incident", "/incident roles")
	for _, words := range []string{"led from the declaration on", "Ops: @ben, from @ana", "took it"} {
		if !strings.Contains(record, words) {
			t.Errorf("%q is not in %s", words, record)
		}
	}
}

// A role that is declined goes back, whoever gave it is told, and the protocol asks for it again.
func TestStoryRoleIsDeclined(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	s.types("ana", "#incident", "/incident severity downtime")
	s.types("ana", "#incident", "/incident role communications @ben")
	s.quiet()
	told := len(s.ephemerals("ana"))
	s.restart()
	s.presses("ben", "#incident", "I cannot")
	s.holds("what ben sees", func() string { return s.told("ben", 0) }, "went back")
	s.quiet()
	if got := s.told("ana", told); !strings.Contains(got, "cannot take *Communications*") || !slices.Contains(s.offered("ana"), "Give it to someone else") {
		t.Errorf("ana is told %q", got)
	}
	in, err := s.bot.app.service.Incident(s.ctx, 1)
	s.must(err)
	if len(in.Holders[incidents.Communications]) != 0 || in.Holder(incidents.Communications) != s.Slack.User("ana").ID {
		t.Errorf("the roles are %v", in.Holders)
	}
	s.holds("the card", s.summary, "give Communications to someone", "with the lead")
}

// The protocol says who may hold a role, people and user groups.
func TestStoryRoleForSome(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{asleep: true})
	group, err := s.Slack.AddUsergroup("squad", "ben")
	s.must(err)
	rules := *s.config.protocol
	rules.Roles = slices.Clone(rules.Roles)
	for i := range rules.Roles {
		if rules.Roles[i].Role == incidents.Ops {
			rules.Roles[i].Holders = []string{s.Slack.User("chloe").ID, group}
		}
	}
	s.config.protocol = &rules
	s.start()
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	s.refused("dan", "#incident", "/incident role ops me", "only some people", "Ops")
	s.types("ana", "#incident", "/incident role ops @chloe")
	s.types("ben", "#incident", "/incident role ops me")
	s.presses("ana", "#incident", "Roles")
	if complaints := s.fills("ana", "ops", s.Slack.User("dan").ID); !strings.Contains(complaints["ops"], "only some people") {
		t.Errorf("the form says %v", complaints)
	}
}

// Several people may be on Ops: each is asked, comes to help, and leaves by themselves, and whatever shows roles shows them
// all. The page for those outside names nobody.
func TestStoryOpsIsShared(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	if got := s.types("ana", "#incident", "/incident role ops @ben @chloe"); strings.Count(got, "asked to confirm") != 2 {
		t.Errorf("ana is told %q", got)
	}
	s.quiet()
	s.presses("ben", "#incident", "I have it")
	s.holds("what ben sees", func() string { return s.told("ben", 0) }, "You have *Ops*", "With you on Ops", "@chloe")
	s.presses("chloe", "#incident", "I cannot") // declining is hers alone
	s.holds("what chloe sees", func() string { return s.told("chloe", 0) }, "went back")
	s.types("dan", "#incident", "/incident roles")
	if got := s.accepts("dan", "#incident", "Join Ops"); !strings.Contains(got, "restore the service first") || !strings.Contains(got, "@ben") {
		t.Errorf("whoever comes to help is told %q", got)
	}
	s.quiet()
	s.holds("the card", s.summary, "@ben, @dan")
	if got := s.types("ana", "#incident", "/incident show"); !strings.Contains(got, "@ben, @dan") {
		t.Errorf("ana is shown %s", got)
	}
	s.presses("ana", "#incident", "Roles")
	s.sends("ana", "ops", "ben, dan, chloe")
	s.quiet()
	s.holds("the card", s.summary, "@ben, @dan, @chloe (asked)")
	if got := s.accepts("dan", "#incident", "I am off Ops"); !strings.Contains(got, "You are off *Ops*") {
		t.Errorf("whoever leaves is told %q", got)
	}
	s.refused("eve", "#incident", "/incident role ops leave", "do not have the role")
	s.refused("ana", "#incident", "/incident role communications @ben @dan", "Only one person at a time")
	s.refused("ana", "#incident", "/incident role lead leave", "Somebody has to lead")
	s.quiet()
	s.holds("the card", s.summary, "@ben, @chloe (asked)")
	record := s.types("ana", "#incident", "/incident roles")
	for _, words := range []string{"Ops: @dan took it, until", "Ops: @ben, from @ana", "Ops: @chloe, from @ana (declined)"} {
		if !strings.Contains(record, words) {
			t.Errorf("%q is not in %s", words, record)
		}
	}
}

// Nothing is heard of whoever leads: those who have roles are asked in private, once, and one press takes the lead. Whether
// there was anything to hear is looked up when it matters, so that a stop in between changes nothing.
func TestStoryLeadIsSilent(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	for _, line := range []string{"severity severe", "role ops @ben @chloe", "status investigating"} {
		s.types("ana", "#incident", "/incident "+line)
	}
	s.quiet()
	s.presses("ben", "#incident", "I have it")
	channel := s.channel("#incident")
	posted := func() int { return strings.Count(strings.Join(s.texts(channel), "\n"), "has been quiet since") }
	at := func(minute int) {
		s.clock.JumpTo(storyStart.Add(time.Duration(minute) * time.Minute))
		s.quiet()
	}
	at(30)
	_, err := s.Slack.Say("ana", channel, "still reading logs")
	s.must(err)
	told := len(s.ephemerals("ben"))
	at(46) // 16 minutes after ana spoke
	_, err = s.Slack.Say("ben", channel, "the queue is empty again")
	s.must(err)
	if n := len(s.ephemerals("ben")); n != told {
		t.Errorf("ben is asked too early: %s", s.told("ben", told))
	}
	s.restart()
	at(76)
	if got := s.told("ben", told); !strings.Contains(got, "@ana") || !strings.Contains(got, "has been quiet since") || !strings.Contains(got, "Take the lead?") {
		t.Errorf("ben is asked %q", got)
	}
	chloe := len(s.ephemerals("chloe"))
	s.presses("chloe", "#incident", "Not now")
	s.holds("what chloe sees", func() string { return s.told("chloe", chloe-1) }, "it stays with")
	at(130)
	if n := len(s.ephemerals("ben")); n != told+1 || posted() != 0 {
		t.Errorf("ben is asked %d times, the channel %d", n-told, posted())
	}
	s.presses("ben", "#incident", "Take it")
	s.quiet()
	in, err := s.bot.app.service.Incident(s.ctx, 1)
	s.must(err)
	if !in.Has(incidents.Lead, s.Slack.User("ben").ID) {
		t.Errorf("the roles are %v", in.Holders)
	}
}

// A holder whose account is closed is noticed, and so is a role that nobody has: the card says it, and the reminder has the
// button to give it.
func TestStoryNobodyIsThereForARole(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	s.types("ana", "#incident", "/incident role ops @ben")
	s.types("ana", "#incident", "/incident role communications @chloe")
	s.quiet()
	s.presses("chloe", "#incident", "I cannot")
	s.must(s.Slack.Deactivate("ben"))
	told := len(s.ephemerals("ana"))
	s.clock.JumpTo(storyStart.Add(46 * time.Minute))
	s.quiet()
	s.holds("the card", s.summary, "@ben (has left)", "nobody since")
	s.holds("what ana is told", func() string {
		var all []string
		for _, m := range s.ephemerals("ana")[told:] {
			all = append(all, s.Slack.MessageText(m))
		}
		return strings.Join(all, "\n")
	}, "is in Slack no more")
	s.clock.JumpTo(storyStart.Add(60 * time.Minute))
	s.quiet()
	s.holds("the reminder", func() string { return strings.Join(s.texts(s.channel("#incident")), "\n") }, "Nobody is there for *Ops and Communications*")
	s.presses("ana", "#incident", "Give it to someone")
	s.sends("ana", "ops", "dan")
	s.quiet()
	s.holds("the card", s.summary, "@dan (asked)")
}
