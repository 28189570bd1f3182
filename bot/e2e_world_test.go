package main

import (
	"net/http"
	"strings"
	"testing"

	"watchbell/integrations/practice"
)

// slackRefuses has Slack refuse a method, or "*", with an error code until the faults are cleared.
func (s *story) slackRefuses(call, code string) {
	s.Faults.Add(practice.Fault{Service: "slack", Call: call, Status: http.StatusOK, Body: `{"ok":false,"error":"` + code + `"}`})
}

// The workspace withdraws the token in the middle of an incident. With the new one everything that was refused comes by
// itself, as things are by then.
func TestStoryTokenIsWithdrawnAndRenewed(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	s.slackRefuses("*", "token_revoked")
	s.types("ana", "#incident", "/incident role ops @ben")
	s.types("ana", "#team", "/incident declare mail is late")
	s.types("ana", "#team", "/incident resolve #1")
	s.quiet()
	if said := s.ran("deliveries", "list", "-incident", "2"); !strings.Contains(said, "token was withdrawn") {
		t.Errorf("deliveries list says %q", said)
	}
	s.stop()
	s.Faults.Clear("slack")
	s.start()
	s.quiet()
	if said := s.ran("deliveries", "list"); strings.Contains(said, "failed  ") {
		t.Errorf("deliveries list says %q", said)
	}
	if made := s.made(); len(made) != 2 || len(made[0].Members) != 3 {
		t.Errorf("the channels are %+v", made)
	}
	announced := strings.Join(s.texts("team"), "\n")
	s.inOrder(announced, "The incident is over", "mail is late")
	if n := len(s.Slack.Bookmarks(s.made()[0].Name)); n != 1 {
		t.Errorf("there are %d bookmarks", n)
	}
}
