package slackio

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"watchbell/integrations/practice"
)

func TestWhoWeAreIsAskedUntilSlackSays(t *testing.T) {
	r := newRig(t)
	if _, known := r.c.Identity(); known {
		t.Error("known before anybody was asked")
	}
	r.w.Faults.Add(practice.Fault{Service: "slack", Call: "auth.test", Status: 200, Body: `{"ok":false,"error":"invalid_auth"}`, Times: 1})
	r.c.Identify(context.Background())
	if id, known := r.c.Identity(); !known || id.User != practice.BotUser || id.Team == "" {
		t.Errorf("identity %+v", id)
	}
	if !strings.Contains(r.logs.String(), "SLACK_BOT_TOKEN") {
		t.Errorf("the log does not say what to do:\n%s", r.logs)
	}
}

func TestWrongClock(t *testing.T) {
	for name, c := range map[string]struct {
		ahead time.Duration
		told  string
	}{
		"right":           {ahead: time.Second},
		"years ahead":     {ahead: 3 * 365 * 24 * time.Hour, told: "clock is 1095 days ahead of that of Slack"},
		"minutes, behind": {ahead: -10 * time.Minute, told: "clock is 10m0s behind that of Slack"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			said := &logs{}
			client := NewClient(Options{
				Token: r.s.BotToken(), BaseURL: r.url, Now: func() time.Time { return epoch.Add(c.ahead) }, Log: slog.New(slog.NewTextHandler(said, nil)),
			})
			client.Identify(t.Context())
			if got := said.String(); strings.Contains(got, "the clock is wrong") != (c.told != "") || !strings.Contains(got, c.told) {
				t.Errorf("the log says\n%s", got)
			}
			if got, err := client.ClockAhead(t.Context()); got != c.ahead || err != nil {
				t.Errorf("ahead by %v, %v", got, err)
			}
		})
	}
}

func TestIdentifyEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
		defer cancel()
		c := NewClient(Options{Token: "xoxb-1", Transport: noSlack{}})
		c.Identify(ctx)
		if _, known := c.Identity(); known {
			t.Error("known, though nobody answered")
		}
	})
}

func TestPace(t *testing.T) {
	p := newPace()
	now := epoch
	for range 20 {
		if wait := p.take(methodTopic, "", now); wait != 0 {
			t.Fatalf("the tier allows it, yet it waits %v", wait)
		}
	}
	if wait := p.take(methodTopic, "", now.Add(30*time.Second)); wait != 31*time.Second {
		t.Errorf("the 21st waits %v", wait)
	}
	if wait := p.take(methodTopic, "", now.Add(-time.Hour)); wait > minuteWithMargin {
		t.Errorf("after the clock was set back it waits %v", wait)
	}
	if wait := p.take(methodUpdate, "", now); wait != 0 {
		t.Errorf("another method waits %v", wait)
	}
	p.block(methodPost, "C1", now.Add(time.Minute))
	if p.take(methodPost, "C1", now) != time.Minute || p.take(methodPost, "C2", now) != 0 {
		t.Error("a channel that must wait holds others up, or does not wait")
	}
}

func TestThePaceForgetsSilentChannels(t *testing.T) {
	p := newPace()
	for i := range 3 * manyWindows {
		p.take(methodPost, strings.Repeat("C", i%7+1)+time.Duration(i).String(), epoch.Add(time.Duration(i)*time.Second))
	}
	if n := len(p.windows); n > manyWindows+1 {
		t.Errorf("%d windows are kept", n)
	}
}
