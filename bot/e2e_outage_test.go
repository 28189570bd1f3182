package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"watchbell/incidents"
	"watchbell/integrations/practice"
)

// waitsFor says that a delivery belongs to a service.
func waitsFor(t incidents.Target) func(incidents.Delivery) bool {
	return func(d incidents.Delivery) bool { return d.Target == t }
}

// Trello is down for the whole incident: nothing else waits for it, people are told, and the cards come when it is back.
func TestStoryTrelloIsDown(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]practice.Fault{"unavailable": {Status: 503}, "cut": {Cut: true}, "busy": {Status: 429}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, storyOptions{})
			fault.Service, fault.Call = "trello", "*"
			s.Faults.Add(fault)
			quiet := func() { s.quietBut(waitsFor(incidents.Trello)) }

			s.types("ana", "#team", "/incident declare checkout is down")
			quiet()
			s.types("ana", "#incident", "/incident action Rotate the keys")
			s.types("ana", "#incident", "/incident action Alert [earlier]")
			quiet()
			if name != "busy" { // a service that only asks to wait is no trouble yet
				s.holds("the list of action items", func() string { return s.types("ben", "#incident", "/incident actions") },
					"Rotate the keys", "waits for Trello: Trello")
				s.holds("the card in the channel", s.summary, "Waiting", "the Trello card for action item 1 (Trello")
			}
			for _, at := range []string{"09:10", "09:20", "09:30", "10:30"} {
				s.at(at)
				quiet()
			}
			s.types("ana", "#incident", "/incident log still at it")
			s.types("ana", "#incident", "/incident resolve")
			quiet()
			if announced := s.texts("team"); len(announced) != 1 || !strings.Contains(announced[0], "The incident is over") {
				t.Errorf("the announcement is %q", announced)
			}
			if post, _ := s.post(); !strings.Contains(post, "- Rotate the keys\n") || !strings.Contains(post, "still at it") {
				t.Errorf("the post without cards is\n%s", post)
			}
			if n := len(s.cards()); n != 0 {
				t.Errorf("there are %d cards while Trello is down", n)
			}

			s.Faults.Clear("trello")
			s.quiet()
			cards := s.cards()
			if len(cards) != 2 {
				t.Fatalf("there are %d cards", len(cards))
			}
			post, _ := s.post()
			for _, want := range []string{"- [Rotate the keys](" + cards[0].ShortURL + ")\n", "- Alert [earlier](" + cards[1].ShortURL + ")\n"} {
				if !strings.Contains(post, want) {
					t.Errorf("%q is not in the post\n%s", want, post)
				}
			}
			if text := s.summary(); strings.Contains(text, "Waiting") {
				t.Errorf("the card says that something waits: %s", text)
			}
		})
	}
}

// Trello takes connections and never answers: the others are served all the same.
func TestStoryTrelloHangs(t *testing.T) {
	t.Parallel()
	back := make(chan struct{})
	s := newStory(t, storyOptions{around: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, practice.TrelloPath) {
				select {
				case <-back:
				case <-r.Context().Done():
					return
				}
			}
			next.ServeHTTP(w, r)
		})
	}})
	s.types("ana", "#team", "/incident declare checkout is down")
	s.until("the channel is ready", func() bool { return s.summary() != "" })
	for i := range 5 {
		s.types("ana", "#incident", fmt.Sprintf("/incident action Do something about it, part %d", i+1))
	}
	s.types("ana", "#incident", "/incident severity downtime")
	s.types("ana", "#incident", "/incident resolve")
	s.until("the pull request is there and the incident is over for everybody", func() bool {
		announced := s.texts("team")
		return len(s.GitHub.Pulls()) == 1 && len(announced) == 1 && strings.Contains(announced[0], "The incident is over")
	})
	close(back)
	s.quiet()
	if n := len(s.cards()); n != 5 {
		t.Errorf("there are %d cards", n)
	}
}

// GitHub is down for the whole incident: the pull request comes when it is back.
func TestStoryGitHubIsDown(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.Faults.Add(practice.Fault{Service: "github", Call: "*", Status: 502})
	quiet := func() { s.quietBut(waitsFor(incidents.GitHub)) }
	s.types("ana", "#team", "/incident declare checkout is down")
	quiet()
	s.types("ana", "#incident", "/incident action Rotate the keys")
	s.types("ana", "#incident", "/incident resolve")
	quiet()
	s.holds("the card in the channel", s.summary, "resolved", "Waiting", "the post-mortem's pull request (GitHub")
	s.at("10:00")
	quiet()
	s.types("ana", "#incident", "/incident draft lead Nobody could pay.")
	s.at("11:00")
	quiet()
	if n := len(s.cards()); n != 1 {
		t.Errorf("there are %d cards", n)
	}
	s.Faults.Clear("github")
	s.quiet()
	if post, _ := s.post(); !strings.Contains(post, "Nobody could pay.") {
		t.Errorf("the post is\n%s", post)
	}
	if marks := s.Slack.Bookmarks(s.channel("#incident")); len(marks) != 1 {
		t.Errorf("the channel's bookmarks are %v", marks)
	}
	if text := s.summary(); strings.Contains(text, "Waiting") {
		t.Errorf("the card says that something waits: %s", text)
	}
}

// Slack takes no calls: what people type is recorded and answered, and everything appears when Slack is back.
func TestStorySlackTakesNoCalls(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{asleep: true})
	s.Faults.Add(practice.Fault{Service: "slack", Call: "*", Status: 503})
	s.start()
	s.types("ana", "#team", "/incident declare checkout is down")
	s.types("ben", "#team", "/incident log #1 -5m we saw errors")
	s.types("ana", "#team", "/incident action #1 Rotate the keys")
	s.types("ana", "#team", "/incident resolve #1")
	s.quietBut(waitsFor(incidents.Slack))
	if len(s.cards()) != 1 || len(s.GitHub.Pulls()) != 1 {
		t.Errorf("there are %d cards and %d pull requests", len(s.cards()), len(s.GitHub.Pulls()))
	}
	s.at("09:30")
	s.quietBut(waitsFor(incidents.Slack))
	s.Faults.Clear("slack")
	s.quiet()
	if announced := s.texts("team"); len(announced) != 1 || !strings.Contains(announced[0], "The incident is over") {
		t.Errorf("the announcement is %q", announced)
	}
	if text := s.summary(); !strings.Contains(text, "we saw errors") || strings.Contains(text, "Waiting") {
		t.Errorf("the card is %s", text)
	}
}

// What can only be mended by people is shown to them with the reason, and two buttons.
func TestStoryTrelloRefusesTheToken(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.Faults.Add(practice.Fault{Service: "trello", Call: "*", Status: 401, Body: "invalid token"})
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	s.types("ana", "#incident", "/incident action Rotate the keys")
	s.types("ana", "#incident", "/incident action Leave this out")
	s.quiet()
	s.holds("the card in the channel", s.summary, "Failed:", "the Trello card for action item 1", "Try again", "Leave it out", "Resolve")
	s.holds("the list of action items", func() string { return s.types("ben", "#incident", "/incident actions") }, "no card: ")

	s.Faults.Clear("trello")
	channel := s.channel("#incident")
	n := len(s.ephemerals("ana"))
	s.must(s.Slack.Press(s.ctx, "ana", channel, "", "skip:inc-1/action-2/card"))
	if got := s.told("ana", n); !strings.Contains(got, "Left out the Trello card for action item 2") {
		t.Errorf("leaving it out is answered by %q", got)
	}
	n = len(s.ephemerals("ana"))
	s.must(s.Slack.Press(s.ctx, "ana", channel, "", "retry:inc-1/action-1/card"))
	if got := s.told("ana", n); !strings.Contains(got, "Trying the Trello card for action item 1 again") {
		t.Errorf("trying again is answered by %q", got)
	}
	s.quiet()
	if cards := s.cards(); len(cards) != 1 || cards[0].Name != "Rotate the keys" {
		t.Errorf("the cards are %v", cards)
	}
	if text := s.summary(); strings.Contains(text, "Failed") {
		t.Errorf("the card still says that something failed: %s", text)
	}
}
