package main

import (
	"strings"
	"testing"
	"time"
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
}
