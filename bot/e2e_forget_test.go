package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"watchbell/incidents"
	"watchbell/integrations/practice"
)

// A person is forgotten: another id stands in the place of theirs, what they wrote is gone from every version and found by
// nobody, and everything still fits together. The audit log says who did what, and holds no words.
func TestStoryForget(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	s.types("ana", "#incident", "/incident role ops @chloe")
	s.types("chloe", "#incident", "/incident log zebrawords from the queue")
	s.types("chloe", "#incident", "/incident action rotate the keys @chloe")
	s.captures("chloe", "more zebrawords", "ana")
	s.types("ana", "#incident", "/incident log @chloe restarted it")
	s.types("ana", "#incident", "/incident edit 3 zebrawords from the queue, and more")
	s.quiet()
	chloe := s.Slack.User("chloe").ID
	before := s.operated("audit")
	for _, want := range []string{`"by":"` + chloe + `","did":"logged"`, `"did":"AddAction","about":"action item 1"`, `"did":"gave role","about":"ops to ` + chloe} {
		if !strings.Contains(before, want) {
			t.Errorf("%q is not in\n%s", want, before)
		}
	}
	for line := range strings.SplitSeq(strings.TrimSpace(before), "\n") {
		var trace incidents.Trace
		if err := json.Unmarshal([]byte(line), &trace); err != nil || trace.At.IsZero() || trace.Did == "" {
			t.Errorf("%q is no line of the audit log: %v", line, err)
		}
	}
	if strings.Contains(before, "zebrawords") {
		t.Errorf("the audit log holds words:\n%s", before)
	}
	if got := s.operated("audit", "-since", "2026-03-18"); strings.TrimSpace(got) != "" {
		t.Errorf("the day after, there is\n%s", got)
	}

	s.stop()
	said := s.operated("forget", "-user", chloe, "-words")
	for _, want := range []string{"UGONE", "in the place of " + chloe, "What stays: messages in Slack", "are forgotten"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not said: %s", want, said)
		}
	}
	s.operated("check", "-offline")
	if after := s.operated("audit"); strings.Contains(after, chloe) || !strings.Contains(after, "forgot a person") {
		t.Errorf("the audit log is now\n%s", after)
	}
	s.start()
	s.quiet()
	facts, _, _ := strings.Cut(s.recorded(), "\n")
	history, err := s.bot.app.service.History(s.ctx, 1, 0)
	s.must(err)
	versions, err := json.Marshal(history)
	s.must(err)
	for _, text := range []string{facts, string(versions)} {
		if strings.Contains(text, chloe) || strings.Contains(text, "zebrawords") {
			t.Errorf("there is still %s", text)
		}
	}
	found, err := s.bot.app.service.Search(s.ctx, incidents.Search{Text: "zebrawords"})
	s.must(err)
	for _, f := range found {
		if f.Line.Author == chloe {
			t.Errorf("it is found: %+v", f.Line)
		}
	}
	s.refused("ana", "#team", "/incident log #99 x", "no incident #99")
	if _, code := s.operates("forget", "-user", "chloe"); code != exitUsage {
		t.Errorf("a name in the place of an id: exit code %d", code)
	}
}

// What is old is forgotten, but not by a clock that jumped ahead by itself, or while nobody says what time it is.
func TestStoryForgetsByARightClock(t *testing.T) {
	t.Parallel()
	var right atomic.Bool
	s := newStory(t, storyOptions{around: func(next http.Handler) http.Handler {
		began := time.Date(2026, 3, 17, 9, 0, 0, 0, time.UTC).Format(http.TimeFormat)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(saysTime{w, began, &right}, r) })
	}})
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	ts := s.captures("chloe", "zebrawords", "ana")
	s.quiet()
	s.must(s.Slack.DeleteMessage("chloe", s.channel("#incident"), ts))
	s.quiet()
	holds := func(when string, want bool) {
		t.Helper()
		s.bot.app.forget(s.ctx)
		history, err := s.bot.app.service.History(s.ctx, 1, 0)
		s.must(err)
		text, err := json.Marshal(history)
		s.must(err)
		if strings.Contains(string(text), "zebrawords") != want {
			t.Errorf("%s: %s", when, text)
		}
	}
	s.clock.JumpTo(s.clock.Now().AddDate(3, 0, 0))
	holds("three years ahead of Slack", true)
	right.Store(true)
	s.Faults.Add(practice.Fault{Service: "slack", Call: "auth.test", Status: 503, Times: 1})
	holds("while Slack is away", true)
	holds("when Slack says so too", false)
}

// saysTime has answers bear another time until the clock is right.
type saysTime struct {
	http.ResponseWriter
	time  string
	right *atomic.Bool
}

func (w saysTime) WriteHeader(status int) {
	if !w.right.Load() {
		w.Header().Set("Date", w.time)
	}
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets the practice services hijack the connection.
func (w saysTime) Unwrap() http.ResponseWriter { return w.ResponseWriter }
