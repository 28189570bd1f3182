package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"watchbell/integrations/practice"
)

// wide is text of n characters that take much room: four bytes each, and escapes for Slack.
func wide(n int) string {
	return string(slices.Repeat([]rune("🔥漢&<é>*_~`|"), n/11+1)[:n])
}

// Titles, entries, action items, sections and errors far beyond what Slack shows: nothing is refused, nothing is beyond
// a limit, and the card keeps its buttons.
func TestStoryFarBeyondTheLimits(t *testing.T) {
	t.Parallel()
	for _, socket := range []bool{true, false}[:sample(2, 2, 1)] {
		t.Run(wire(socket)[1:], func(t *testing.T) {
			t.Parallel()
			s := newStory(t, storyOptions{socket: socket})
			entries := sample(300, 300, 40)
			title := strings.Repeat("漢", 199) + "🔥"
			s.types("dan", "#team", "/incident declare "+title)
			s.quiet()
			s.Faults.Add(practice.Fault{Service: "trello", Call: "*", Status: 400, Body: strings.Repeat("invalid <value> for *name* ", 400)})
			for i := range 5 {
				s.types("dan", "#incident", fmt.Sprintf("/incident log -%dm %s", i+1, wide(9_990)))
			}
			for i := range entries - 5 {
				s.types("dan", "#incident", fmt.Sprintf("/incident log entry %d @ben #team https://example.org/%s", i, strings.Repeat("x", 200)))
			}
			for i := range 60 {
				line := fmt.Sprintf("/incident action %d %s @ben by 2026-12-31", i, wide(1_900))
				if i%6 != 0 {
					line += " link https://tracker.example.org/" + strings.Repeat("x", 1_000)
				}
				s.types("dan", "#incident", line)
			}
			s.captures("ana", wide(3_900), "ben")
			for _, section := range []string{"lead", "impact", "root_causes", "trigger", "detection"} {
				s.types("dan", "#incident", "/incident draft "+section+" "+wide(39_000))
			}
			s.types("dan", "#incident", "/incident status identified "+wide(5_000))
			s.quiet()
			for _, line := range []string{"timeline", "actions", "show", "list", "list all", "help", "help log", "draft", "draft lead", "postmortem", "log", "action", "role"} {
				if got := s.types("dan", "#incident", "/incident "+line); got == "" && s.Slack.View("dan") == nil {
					if told := s.ephemerals("dan"); !socket || len(told) == 0 {
						t.Errorf("%q is answered by nothing", line)
					}
				}
			}
			for _, label := range []string{"Draft", "Roles", "Add entry", "Status", "Severity"} {
				s.presses("dan", "#incident", label)
				s.until("a form is open", func() bool { return s.Slack.View("dan") != nil })
				s.must(s.Slack.CloseView(s.ctx, "dan"))
			}
			s.refused("dan", "#incident", "/incident log "+wide(10_100), "10100 characters")
			s.refused("dan", "#incident", "/incident "+wide(300))
			s.refused("dan", "#incident", "/incident log 23:59 "+wide(9_000), "ahead")
			s.refused("dan", "#incident", "/incident severity "+wide(3_000))
			s.quiet()

			pins := s.Slack.Pins(s.channel("#incident"))
			if len(pins) != 1 {
				t.Fatalf("%d messages are pinned", len(pins))
			}
			var labels []string
			for _, b := range pins[0].Buttons() {
				labels = append(labels, b.Label)
				for _, o := range b.Options {
					labels = append(labels, o.Label)
				}
			}
			for _, want := range []string{"Add entry", "Status", "Severity", "Roles", "Action item", "Draft", "Resolve", "Call off", "Try again", "Leave it out"} {
				if !slices.Contains(labels, want) {
					t.Errorf("the card has the buttons %q, without %q", labels, want)
				}
			}
			s.types("dan", "#incident", "/incident resolve")
			s.quiet()
			post, _ := s.post()
			if n := strings.Count(post, "\n- 17/03/2026 "); n < entries {
				t.Errorf("%d entries are in the post", n)
			}
			if failed := s.Slack.Undelivered(); len(failed) > 0 {
				t.Errorf("events were not taken: %q", failed)
			}
		})
	}
}
