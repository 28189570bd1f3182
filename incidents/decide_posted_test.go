package incidents

import (
	"strings"
	"testing"
	"time"
)

func TestFollowPost(t *testing.T) {
	at := time.Date(2026, 7, 8, 9, 0, 0, 0, time.UTC)
	before := Before{
		Incident: Incident{Number: 1, Version: 7, Status: Resolved, LastEntry: 3, PostWanted: true, Actions: []Action{{Number: 1, Text: "limit the queue", Link: "https://example.org/1"}}},
		Timeline: []Entry{
			{Number: 1, At: at, Text: "one", Format: Markdown, Version: 1}, {Number: 2, At: at.Add(time.Minute), Text: "two", Format: Mrkdwn, Version: 1, Source: Source{"C1", "1.0"}},
			{Number: 3, At: at.Add(2 * time.Minute), Text: "three", Format: Markdown, Version: 1},
		},
		Captures: []Capture{{Source: Source{"C1", "1.0"}, How: ByPin, At: at, Present: true}},
	}
	by := Actor{User: Outsider("somebody on GitHub"), Outside: true}
	cmd := FollowPost{
		Version:  7,
		Sections: map[Section]string{SectionImpact: "All shops.", SectionLessons: strings.Repeat("x", MaxSection+1), "unknown": "x"},
		Entries: []PostedEntry{
			{Number: 1, Text: "one, better"}, {Number: 2, Gone: true}, {Text: "four", At: at.Add(time.Hour)}, {Number: 9, Text: "none"}, {Text: "no time"},
		},
		Actions: []PostedAction{{Number: 1, Text: "limit it", Link: "https://example.org/1"}, {Text: "try it", Link: "https://example.org/2"}},
	}
	c, err := Decide(before, by, cmd, at.Add(2*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	in := c.Incident
	if in.Sections[SectionImpact] != "All shops." || len(in.Sections) != 1 || len(in.Actions) != 2 || in.Actions[0].Text != "limit it" || in.Actions[1].Link != "https://example.org/2" {
		t.Errorf("incident %+v", in)
	}
	if len(c.Entries) != 3 || c.Entries[0].Text != "one, better" || !c.Entries[1].Gone || c.Entries[2].Number != 4 || c.Entries[2].Author != by.User {
		t.Errorf("entries %+v", c.Entries)
	}
	if len(c.Captures) == 0 || c.Captures[0].Present {
		t.Errorf("the message is still captured: %+v", c.Captures)
	}
	posts := 0
	for _, w := range c.Wishes {
		if w.Kind == KindPost {
			posts++
		}
	}
	if posts != 1 {
		t.Errorf("%d wishes for the post", posts)
	}
	cmd.Version = 6
	if _, err := Decide(before, by, cmd, at.Add(2*time.Hour)); AsRefusal(err) == nil || AsRefusal(err).Code != Changed {
		t.Errorf("an older comparison was taken: %v", err)
	}
	same := FollowPost{Version: 7, Entries: []PostedEntry{{Number: 1, Text: "one"}}, Actions: []PostedAction{{Number: 1, Text: "limit the queue", Link: "https://example.org/1"}}}
	if c, err := Decide(before, by, same, at); err != nil || !c.Result.Unchanged || !c.empty(before.Incident) {
		t.Errorf("nothing new made %+v, %v", c, err)
	}
}

func TestAnswerPull(t *testing.T) {
	for _, test := range []struct {
		state  PullState
		status Status
		reopen bool
		want   PullState
		code   Code
	}{
		{PullClosed, Resolved, true, PullReopening, ""}, {PullClosed, Resolved, false, PullLeft, ""}, {PullLeft, Resolved, true, PullReopening, ""},
		{PullMerged, Resolved, true, "", TooLate}, {PullOpen, Resolved, false, "", TooLate}, {PullClosed, CalledOff, true, "", TooLate},
	} {
		before := Before{Incident: Incident{Number: 1, Version: 1, Status: test.status, Post: PullRequest{Number: 5, State: test.state}}}
		c, err := Decide(before, Actor{User: "U1"}, AnswerPull{Reopen: test.reopen}, time.Unix(1e9, 0))
		if refusal := AsRefusal(err); test.code != "" && (refusal == nil || refusal.Code != test.code) || test.code == "" && (err != nil || c.Incident.Post.State != test.want) {
			t.Errorf("%+v: %v, %v", test, c.Incident.Post.State, err)
		}
	}
}
