package main

import (
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"watchbell/integrations/practice"
)

// Whoever runs Watchbell sees what failed and decides about it, whether it runs or not.
func TestStoryOperatorDecides(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	if said := s.ran("deliveries", "list", "-target", "trello"); !strings.Contains(said, "nothing has failed") {
		t.Errorf("list says %q", said)
	}
	s.Faults.Add(practice.Fault{Service: "trello", Call: "POST /cards", Status: 401})
	s.types("ana", "#incident", "/incident action Rotate the keys")
	s.types("ana", "#incident", "/incident action Alert earlier")
	s.quiet()
	const first, second = "inc-1/action-1/card", "inc-1/action-2/card"
	said := s.ran("deliveries", "list", "-target", "trello")
	s.inOrder(said, "KEY", first, "trello", "failed", "1×", second)
	if said = s.ran("deliveries", "show", first); !strings.Contains(said, "the Trello card for action item 1") || !strings.Contains(said, "deliveries retry "+first) {
		t.Errorf("show says %q", said)
	}
	var list []shownDelivery
	if err := json.Unmarshal([]byte(s.ran("deliveries", "list", "-json", "-target", "trello")), &list); err != nil || len(list) != 2 || list[0].Error == "" {
		t.Errorf("list -json: %v, %v", list, err)
	}
	for command, want := range map[string]string{
		"deliveries": "say what to do", "deliveries retry": "takes the key", "deliveries list x": "takes no",
		"deliveries list -target jira": "no service",
	} {
		if said, code := s.runs(strings.Fields(command)...); code != exitUsage || !strings.Contains(said, want) {
			t.Errorf("%s: %d %q", command, code, said)
		}
	}
	if said, code := s.runs("deliveries", "list", "-incident", "99"); code != exitFailed || !strings.Contains(said, "there is no incident #99") {
		t.Errorf("of an incident that is not there: %d %q", code, said)
	}
	if said := s.ran("deliveries", "list", "-incident", "1", "-target", "github"); !strings.Contains(said, "Nothing waits") {
		t.Errorf("of one that is there: %q", said)
	}
	if said, code := s.runs("deliveries", "retry", "inc-1/topic", "inc-7/topic"); code != exitFailed ||
		!strings.Contains(said, "already settled") || !strings.Contains(said, "nothing waiting under that name") {
		t.Errorf("retry of what is done: %d %q", code, said)
	}
	s.Faults.Clear("trello")
	if said = s.ran("deliveries", "retry", first); !strings.Contains(said, "is due now") {
		t.Errorf("retry says %q", said)
	}
	s.quiet()
	if n := len(s.cards()); n != 1 {
		t.Errorf("there are %d cards", n)
	}
	s.metricsAreNamed()
	s.stop()
	if said = s.ran("deliveries", "skip", second); !strings.Contains(said, "given up") {
		t.Errorf("skip says %q", said)
	}
	if said = s.ran("deliveries", "list", "-all"); !strings.Contains(said, "skipped") || !strings.Contains(said, "inc-1/channel") {
		t.Errorf("list -all says %q", said)
	}
	s.start()
	s.quiet()
	if n := len(s.cards()); n != 1 {
		t.Errorf("there are %d cards after one was given up", n)
	}
}

// metricsAreNamed holds the alert rules and the dashboard to the metrics that there are.
func (s *story) metricsAreNamed() {
	s.Helper()
	status, metrics := s.request(http.MethodGet, "/metrics", nil, nil)
	if status != http.StatusOK {
		s.Fatalf("metrics: %d", status)
	}
	names := regexp.MustCompile(`watchbell_[a-z_]+`)
	for _, file := range []string{"../docs/monitoring/alerts.yml", "../docs/monitoring/grafana.json"} {
		text, err := os.ReadFile(file)
		s.must(err)
		found := names.FindAllString(string(text), -1)
		if len(found) == 0 {
			s.Errorf("%s names no metric", file)
		}
		for _, name := range found {
			if !strings.Contains(metrics, "\n"+name+"{") {
				s.Errorf("%s names %s, which is no metric", file, name)
			}
		}
	}
}
