package github_test

import (
	"strings"
	"testing"

	"watchbell/integrations/github"
)

// inspected asks what is found to be said, as long as the file holds that word.
func inspected(p github.Publication, word string) github.Publication {
	p.Inspect = func(_ string, text []byte) github.Report {
		if strings.Contains(string(text), word) {
			return github.Report{Text: "1 to look at: " + strings.Repeat(word+" ", 60)}
		}
		return github.Report{Passed: true, Text: "Nothing to send back."}
	}
	return p
}

func TestStatusSaysWhatWasFound(t *testing.T) {
	w := newWorld(t)
	first := w.publish(inspected(draft("one\n"), "one"))
	told := w.local.GitHub.Statuses("post-mortem/inc-42")
	if len(told) != 1 || told[0].State != "failure" || told[0].Context != "watchbell/post" || !strings.HasPrefix(told[0].Description, "1 to look at: one one") {
		t.Fatalf("statuses: %+v", told)
	}
	if strings.Contains(w.only().Body, "A reviewer would say") {
		t.Errorf("the description says it as well: %s", w.only().Body)
	}
	_, before := w.calls()
	second := w.publish(inspected(again(draft("one\n"), first), "one"))
	if _, after := w.calls(); after != before {
		t.Errorf("the same status was set again: %d writes", after-before)
	}
	w.publish(inspected(again(draft("two\n"), second), "one"))
	if told = w.local.GitHub.Statuses("post-mortem/inc-42"); len(told) != 1 || told[0].State != "success" {
		t.Errorf("after the change: %+v", told)
	}
}

func TestDescriptionSaysWhatNoStatusMay(t *testing.T) {
	w := newWorld(t)
	w.local.GitHub.SetStatuses(false)
	o := w.publish(inspected(draft("one\n"), "one"))
	if o.PullRequest.Number == 0 || !strings.Contains(w.only().Body, "\n\nA reviewer would say: 1 to look at: one") {
		t.Fatalf("the description: %s", w.only().Body)
	}
	w.publish(inspected(again(draft("two\n"), o), "one"))
	if body := w.only().Body; !strings.Contains(body, "A reviewer would say: Nothing to send back.") {
		t.Errorf("the description after the change: %s", body)
	}
}
