package main

import (
	"strings"
	"testing"
)

// Resolving asks what is missing and holds nothing up; an action item is done when its card is where the done ones are, and
// its card goes there when somebody says so, also after the incident is closed.
func TestStoryGates(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	s.types("ana", "#incident", "/incident action rotate the keys @ana")
	s.types("ana", "#incident", "/incident action write it down @ben")
	s.at("09:20")
	s.types("ana", "#incident", "/incident log 09:15 UTC we restarted the queue")
	if said := s.types("ana", "#incident", "/incident resolve"); !strings.Contains(said, "It holds nothing up") {
		t.Errorf("ana is told %q", said)
	}
	s.presses("ana", "#incident", "Since 09:15 UTC")
	s.quiet()
	s.types("ana", "#incident", "/incident skip told nobody noticed")
	s.quiet()
	s.holds("the card", s.summary, "resolved", "write the post")
	post, _ := s.post()
	if !strings.Contains(post, "09:15 - We mitigated the problem") {
		t.Errorf("the post does not say since when users are well:\n%s", post)
	}

	s.must(s.Trello.MoveCard("ana", s.cards()[0].ID, "Done"))
	s.types("ana", "#incident", "/incident actions")
	s.quiet()
	s.holds("the card", s.summary, "1 done")
	s.types("ana", "#incident", "/incident close")
	s.presses("ana", "#incident", "Done")
	s.quiet()
	if cards := s.cards(); cards[1].IDList != cards[0].IDList {
		t.Errorf("the card of what is done is in another list than the done ones")
	}
	s.holds("the card", s.summary, "2 done", "closed")
}
