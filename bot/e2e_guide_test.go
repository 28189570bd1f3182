package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"watchbell/incidents"
	"watchbell/integrations/practice"
)

// reminders are the reminders that stand in the incident's channel.
func (s *story) reminders() (texts []string) {
	for _, text := range s.texts(s.channel("#incident")) {
		if strings.Contains(text, ":alarm_clock:") {
			texts = append(texts, text)
		}
	}
	return texts
}

// passes lets so much time pass, and everything happen that falls due meanwhile.
func (s *story) passes(d time.Duration) {
	s.Helper()
	for end := s.clock.Now().Add(d); s.clock.Now().Before(end); {
		s.clock.JumpTo(s.clock.Now().Add(min(time.Minute, end.Sub(s.clock.Now()))))
		s.quiet()
	}
}

// The card says what is next and who owes it; steps are ticked by what people do anyway; one reminder at most stands in the
// channel, and goes when it is answered.
func TestStoryTheProtocolGuides(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	s.holds("the card", s.summary, "say how bad it is for users", "Incident manager")
	s.passes(6 * time.Minute)
	if r := s.reminders(); len(r) != 1 || !strings.Contains(r[0], "say how bad it is") || !strings.Contains(r[0], "@ana") {
		t.Errorf("after six minutes the reminders are %q", r)
	}
	s.types("ana", "#incident", "/incident severity severe")
	s.quiet()
	if r := s.reminders(); len(r) != 0 {
		t.Errorf("the step is done and its reminder stands: %q", r)
	}
	s.holds("the card", s.summary, "give Communications to someone")

	s.types("ana", "#incident", "/incident skip we are only two")
	s.types("ana", "#incident", "/incident snooze investigate 30m")
	s.quiet()
	s.holds("the card", s.summary, "*Next:* tell the users")
	s.restart()
	s.passes(20 * time.Minute)
	if r := s.reminders(); len(r) != 1 || !strings.Contains(r[0], "tell the users") {
		t.Errorf("after twenty minutes and a restart the reminders are %q", r)
	}
	s.refused("ana", "#incident", "/incident done sing", "no step")
	s.types("ana", "#incident", "/incident update Paying fails for everybody; we are rolling back.")
	s.quiet()
	if r := s.reminders(); slices.ContainsFunc(r, func(t string) bool { return strings.Contains(t, "tell the users") }) {
		t.Errorf("the users were told and the reminder stands: %q", r)
	}
	told := strings.Join(s.texts(practice.TeamChannel), "\n")
	for _, want := range []string{"We are rolling back", "next update"} {
		if !strings.Contains(strings.ToLower(told), strings.ToLower(want)) {
			t.Errorf("%q is not in the team channel:\n%s", want, told)
		}
	}
	if n := strings.Count(told, "rolling back"); n != 1 {
		t.Errorf("the users were told %d times", n)
	}
}

// Whoever owes a step is reminded a few times, in one message, and then no more.
func TestStoryRemindersStop(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	before := len(s.texts(s.channel("#incident")))
	s.passes(3 * time.Hour)
	if n := len(s.texts(s.channel("#incident"))) - before; n > 1 {
		t.Errorf("%d messages were added in three hours: %q", n, s.texts(s.channel("#incident")))
	}
	for _, d := range s.deliveries() {
		if d.Kind == incidents.KindReminder && d.Attempt > 20 { // three for each of the steps that nobody does
			t.Errorf("the reminder was looked at %d times", d.Attempt)
		}
	}
}

// An update is sent once to each channel that is set up for it, whatever is lost on the way.
func TestStoryUpdateOnce(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{configure: func(c *Config) { c.Slack.UpdateChannels = []string{"team", "shop"} }})
	_, err := s.Slack.AddChannel("shop", false, "dan", practice.BotUser)
	s.must(err)
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	s.Faults.Add(practice.Fault{Service: "slack", Call: "chat.postMessage", Times: 2, After: true, Status: 500})
	s.types("ana", "#incident", "/incident update Paying fails.")
	s.quiet()
	for _, channel := range []string{"team", "shop"} {
		if n := strings.Count(strings.Join(s.texts(channel), "\n"), "Paying fails."); n != 1 {
			t.Errorf("#%s was told %d times", channel, n)
		}
	}
	s.types("dan", "#team", "/incident declare --private a leak")
	s.quiet()
	s.refused("dan", "#team", "/incident update #2 we leak", "private")
}
