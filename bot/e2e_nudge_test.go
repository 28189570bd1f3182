package main

import (
	"os"
	"strings"
	"testing"
	"time"

	"watchbell/integrations/practice"
)

// later lets so much time pass at once, as when a machine was asleep, and everything happen that fell due meanwhile.
func (s *story) later(d time.Duration) {
	s.Helper()
	s.clock.JumpTo(s.clock.Now().Add(d))
	s.quiet()
}

// reminds checks what the one reminder in the incident's channel says: all of the words, or that there is none.
func (s *story) reminds(words ...string) {
	s.Helper()
	r := s.reminders()
	if len(words) == 0 && len(r) == 0 {
		return
	}
	if len(r) != 1 || len(words) == 0 {
		s.Errorf("the reminders are %q, want one with %q", r, words)
		return
	}
	for _, w := range words {
		if !strings.Contains(r[0], w) {
			s.Errorf("%q is not in the reminder %q", w, r[0])
		}
	}
}

// Where nobody writes anything, the lead is asked whether it still goes on; a word of anybody, in a thread too, is answer
// enough, and so are the buttons.
func TestStoryStillGoingOn(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	for _, line := range []string{"severity severe", "skip communications we are only two", "status identified", "snooze tell off"} {
		s.types("ana", "#incident", "/incident "+line)
	}
	s.quiet()
	s.later(50 * time.Minute)
	channel := s.channel("#incident")
	s.enters("ben", channel)
	ts, err := s.Slack.Say("ben", channel, "I am reading the logs")
	s.must(err)
	s.later(50 * time.Minute)
	s.reminds()
	_, err = s.Slack.Reply("ben", channel, ts, "nothing there")
	s.must(err)
	s.later(55 * time.Minute)
	s.reminds()
	s.stop()
	s.clock.JumpTo(s.clock.Now().Add(30 * time.Minute))
	s.start()
	s.quiet()
	s.reminds("@ana", "nobody has written here since", "still going on?")

	s.presses("ana", "#incident", "Yes, still going on")
	s.quiet()
	s.reminds()
	s.later(61 * time.Minute)
	s.reminds("still going on?")
	s.presses("ben", "#incident", "Mitigated")
	s.quiet()
	s.reminds()
	s.holds("the card", s.summary, "monitoring")

	// Afterwards nobody looks at the pull request.
	s.types("ana", "#incident", "/incident resolve")
	s.quiet()
	for _, line := range []string{"skip told they know", "snooze write off"} {
		s.types("ana", "#incident", "/incident "+line)
	}
	s.quiet()
	s.later(24 * time.Hour)
	s.reminds()
	s.later(24 * time.Hour)
	s.reminds("@ana", "reviewed and merged", "The post-mortem's pull request")
	s.must(s.GitHub.Merge(1, "ana"))
	s.must(s.bot.app.service.LookAtPulls(s.ctx))
	s.quiet()
	s.reminds()
}

// Whoever writes in the incident's channel that it works again is asked, alone, whether to record it, with the time of the
// message; once.
func TestStoryBackOnline(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	s.at("09:20")
	channel := s.channel("#incident")
	s.enters("ben", channel)
	before := len(s.ephemerals("ben"))
	_, err := s.Slack.Say("ben", channel, "I restarted it and we are back online!")
	s.must(err)
	if said := s.told("ben", before); !strings.Contains(said, "Are users well since 09:20 UTC = 10:20 CET?") {
		t.Errorf("ben is asked %q", said)
	}
	_, err = s.Slack.Say("ben", channel, "yes, recovered")
	s.must(err)
	s.at("09:31")
	s.presses("ben", "#incident", "Mitigated since 10:20")
	s.quiet()
	s.holds("the card", s.summary, "monitoring")
	if lines := s.timeline(); !strings.Contains(strings.Join(lines, "\n"), "09:20") {
		t.Errorf("the timeline is %q", lines)
	}
	for _, m := range s.ephemerals("ben")[before:] {
		if len(m.Buttons()) > 0 {
			t.Errorf("ben is asked still, or again: %q", s.Slack.MessageText(m))
		}
	}
}

// In a channel that is named for it, talk that looks like an incident is offered to be declared, to whoever wrote it; the
// form has the message in it. What is said there is kept nowhere.
func TestStoryDeclareIsOffered(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{configure: func(c *Config) { c.Slack.OfferDeclare = []string{"support"} }})
	_, err := s.Slack.AddChannel("support", false, "dan", "eve", practice.BotUser)
	s.must(err)
	for _, text := range []string{"anybody for lunch?", "Customers can't pay, the shop is down", "eve here: it is down, really"} {
		who := "dan"
		if strings.HasPrefix(text, "eve") {
			who = "eve"
		}
		_, err = s.Slack.Say(who, "support", text)
		s.must(err)
	}
	if said := s.told("dan", 0); !strings.Contains(said, "sounds like an incident") || len(s.ephemerals("eve")) > 0 {
		t.Errorf("dan is told %q, and eve %d things", said, len(s.ephemerals("eve")))
	}
	s.quiet()
	file := strings.TrimPrefix(s.config.database, "sqlite:")
	for _, name := range []string{file, file + "-wal"} {
		kept, err := os.ReadFile(name)
		s.must(err)
		if strings.Contains(string(kept)+s.log.text(), "the shop is down") {
			t.Errorf("what was said is in the log or in %s", name)
		}
	}
	s.at("09:05")
	s.presses("dan", "support", "Declare an incident")
	s.sends("dan", "title", "The shop is down")
	s.quiet()
	s.holds("the card", s.summary, "The shop is down")
	if lines := strings.Join(s.timeline(), "\n"); !strings.Contains(lines, "09:00") || !strings.Contains(lines, "Customers can't pay") {
		t.Errorf("the timeline is %q", lines)
	}
}
