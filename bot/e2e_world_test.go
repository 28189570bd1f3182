package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

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

// Somebody archives the channel of an incident that goes on, or takes the bot out of it. Whoever leads is told at once, and
// when the way is free again, what was missed is there: in the channel and in the timeline.
func TestStoryChannelOutOfReach(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	channel := s.channel("#incident")
	for _, who := range []string{"ben", "chloe"} {
		s.enters(who, channel)
	}
	told := func(n int, words ...string) {
		t.Helper()
		texts := s.texts(s.direct("ana"))
		if len(texts) != n {
			t.Fatalf("ana is told %q", texts)
		}
		s.inOrder(texts[n-1], words...)
	}
	s.must(s.Slack.ArchiveChannel("ben", channel))
	s.quiet()
	told(1, "@ben has archived", "#1 *checkout is down*", "/incident log #1")
	s.types("ana", "#team", "/incident severity #1 downtime")
	s.quiet()
	s.must(s.Slack.UnarchiveChannel("ben", channel))
	s.quiet()
	s.holds("the card", s.summary, "downtime")

	s.must(s.Slack.Kick("ben", channel, practice.BotUser))
	ts, err := s.Slack.Say("chloe", channel, "The disk is full")
	s.must(err)
	s.must(s.Slack.React("chloe", channel, ts, "pushpin"))
	s.quiet()
	told(2, "@ben has taken me out", "/invite")
	s.types("ana", "#incident", "/incident role ops @dan")
	s.quiet()
	s.must(s.Slack.Invite("chloe", channel, practice.BotUser))
	s.quiet()
	s.holds("the card", s.summary, "The disk is full")
	for _, d := range s.deliveries() {
		if d.Failures > 0 {
			t.Errorf("%s is %s: %s", d.Key, d.State, d.LastError)
		}
	}
	_, err = s.Slack.Emit(fmt.Appendf(nil, `{"type":"channel_deleted","channel":%q,"event_ts":"1773738999.000100"}`, s.Slack.Channel(channel).ID))
	s.must(err)
	s.quiet()
	told(3, "somebody has deleted the channel of #1", "/incident log #1")
	if in := s.Slack.Channel(channel).Members; len(in) != 5 { // the bot, ana, ben, chloe, dan
		t.Errorf("in the channel are %q", in)
	}
}

// A suspended machine's timers stand still while its clock goes on. What is only late is no sleep.
func TestSlept(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		clock, timers time.Duration
		want          bool
	}{
		{time.Minute, time.Minute, false}, {3 * time.Hour, 3 * time.Hour, false}, {61 * time.Second, time.Minute, false},
		{3 * time.Hour, time.Minute, true}, {-59 * time.Minute, time.Minute, false},
	} {
		if got := slept(c.clock, c.timers); got != c.want {
			t.Errorf("%s by the clock, %s by the timers: %v", c.clock, c.timers, got)
		}
	}
}

// Slack opens no channel for a while, and lets everything else be done: the team is told, of the end as well, and of the channel
// when it is there.
func TestStoryNoChannelForAWhile(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.Faults.Add(practice.Fault{Service: "slack", Call: "conversations.create", Status: http.StatusTooManyRequests, RetryAfter: 10 * time.Minute, Times: 1})
	s.types("ana", "#team", "/incident declare checkout is down")
	announced := func(words string) {
		t.Helper()
		s.until("the team reads "+words, func() bool {
			texts := s.texts("team")
			return len(texts) == 1 && strings.Contains(texts[0], words)
		})
	}
	announced("Its channel cannot be opened just now")
	s.at("09:05")
	s.types("ben", "#team", "/incident severity #1 downtime")
	s.at("09:06")
	announced("downtime")
	s.quiet()
	announced("follow it here: #inc-1")
	if n := len(s.made()); n != 1 {
		t.Errorf("there are %d channels", n)
	}
}

// Slack refuses the card for good. The lead is told, once; with the reason gone it shows how things are.
func TestStoryCardIsRefused(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	s.slackRefuses("chat.update", "no_permission")
	s.types("ana", "#incident", "/incident severity downtime")
	s.quiet()
	s.types("ana", "#incident", "/incident status identified")
	s.quiet()
	if texts := s.texts(s.direct("ana")); len(texts) != 1 || !strings.Contains(texts[0], "does not permit the bot") {
		t.Errorf("ana is told %q", texts)
	}
	s.Faults.Clear("slack")
	s.presses("ana", s.direct("ana"), "Try again")
	s.quiet()
	s.holds("the card", s.summary, "downtime", "identified")
}
