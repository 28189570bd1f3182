package main

import (
	"strings"
	"testing"

	"watchbell/integrations/practice"
)

// message finds what the bot says in the incident's channel, by its beginning.
func (s *story) message(beginning string) (m practice.Message) {
	s.Helper()
	channel := s.channel("#incident")
	s.until("there is "+beginning, func() bool {
		for _, one := range s.Slack.Messages(channel) {
			if strings.HasPrefix(one.Text, beginning) {
				m = one
				return true
			}
		}
		return false
	})
	return m
}

// The team writes the post together in Slack: a list that stays up to date, an editor for each section, answers in a thread
// that are taken with a press, a look at the whole.
func TestStoryWritingTogether(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	resolved(s)
	s.enters("ana", s.channel("#incident"))
	list := s.message("*The post of #1*")
	s.must(s.Slack.Press(s.ctx, "ana", s.channel("#incident"), list.TS, "draft:impact"))
	if v := s.Slack.View("ana"); v == nil || !strings.Contains(field(v, "impact"), "Users were affected on") {
		t.Fatalf("the editor proposes nothing: %+v", v)
	}
	s.sends("ana", "impact", "Nobody could pay.")
	s.types("dan", "#incident", "/incident discuss impact")
	s.quiet()
	section := s.message(":ballot_box_with_check: *Impact*")
	answer, err := s.Slack.Reply("dan", s.channel("#incident"), section.TS, "It took 20 minutes.")
	s.must(err)
	s.quiet()
	ask := s.message(":bulb: A suggestion")
	if ask.ThreadTS != section.TS {
		t.Errorf("the question is not in the section's thread: %+v", ask)
	}
	s.must(s.Slack.Press(s.ctx, "ana", s.channel("#incident"), ask.TS, "suggestion:"+answer+" take"))
	s.quiet()
	s.presses("ana", "#incident", "Take it so")
	s.quiet()
	s.edits("Nobody could pay.", "Nobody could pay anything.")
	s.types("dan", "#incident", "/incident draft trigger A release.")
	s.quiet()
	s.postHolds("Nobody could pay anything.\n\nIt took 20 minutes.", "A release.")
	s.holds("the list", func() string { return s.message("*The post of #1*").Text },
		"2 of 10 sections", "Impact* · edited on GitHub by reviewer", "Trigger* · drafted by", "Detection* · empty")
	s.holds("the suggestion", func() string { return s.message(":white_check_mark: Taken into *Impact*").Text }, "It took 20 minutes.")
	s.stop()
	for thread, text := range map[string]string{section.TS: "And nobody was told.", list.TS: "Detection: An alert fired."} {
		_, err = s.Slack.Reply("dan", s.channel("#incident"), thread, text)
		s.must(err)
	}
	s.start()
	s.quiet()
	s.message(":bulb: A suggestion for *Impact*: “And nobody was told.”")
	s.message(":bulb: A suggestion for *Detection*: “An alert fired.”")
	s.restart()
	s.quiet()
	asked := 0
	for _, m := range s.Slack.Messages(s.channel("#incident")) {
		if strings.Contains(m.Text, ":bulb: A suggestion") || strings.Contains(m.Text, "Taken into") {
			asked++
		}
	}
	if asked != 3 {
		t.Errorf("%d suggestions are there, of 3", asked)
	}
	s.types("ana", "#incident", "/incident preview")
	s.quiet()
	s.holds("the preview", func() string { return s.told("ana", len(s.ephemerals("ana"))-1) }, "The post of #1 as it would be now", "It took 20 minutes.", "Timeline")
}
