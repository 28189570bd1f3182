package main

import (
	"strings"
	"testing"
)

// After resolving, the lead alone is told how the protocol was followed, and says with one press since when users are well.
func TestStoryLookBack(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	s.at("09:12")
	for _, line := range []string{
		"log 08:47 UTC the first alert came", "severity downtime", "skip communications there are two of us",
		"log 09:10 UTC we restarted the queue",
	} {
		s.types("ana", "#incident", "/incident "+line)
	}
	s.at("09:20")
	s.types("ana", "#incident", "/incident resolve")
	s.quiet()
	look := func(who string) (text string) {
		for _, m := range s.Slack.Ephemerals(who) {
			if said := s.Slack.MessageText(m); strings.Contains(said, "How it went by the protocol") {
				text += said
			}
		}
		return text
	}
	for _, words := range []string{
		"late by 7 minutes: say how bad it is", "skipped: give Communications", "there are two of us", "not done: tell the users",
		"declared 13 minutes after the first sign",
	} {
		if !strings.Contains(look("ana"), words) {
			t.Errorf("%q is not in what ana is told: %s", words, look("ana"))
		}
	}
	if strings.Contains(look("ana"), "Since when") {
		t.Errorf("ana is asked twice since when users are well: %s", look("ana"))
	}
	s.presses("ana", "#incident", "Since 09:10 UTC")
	s.quiet()
	post, _ := s.post()
	if !strings.Contains(post, "09:10 - We mitigated the problem") {
		t.Errorf("the post does not say since when users are well:\n%s", post)
	}
	for _, leaked := range []string{"late by", "two of us", "13 minutes after"} {
		if strings.Contains(post, leaked) || strings.Contains(strings.Join(s.texts(s.channel("#incident")), "\n"), leaked) {
			t.Errorf("%q is for the lead alone", leaked)
		}
	}
	if s.types("ana", "#incident", "/incident reopen"); look("dan") != "" {
		t.Errorf("dan is told %q", look("dan"))
	}
}
