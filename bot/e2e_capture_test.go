package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"watchbell/integrations/practice"
)

// timeline is the first incident's, in its order: "09:05 what happened".
func (s *story) timeline() []string {
	s.Helper()
	snap, err := s.bot.app.service.Snapshot(s.ctx, 1)
	s.must(err)
	var lines []string
	for _, e := range snap.Entries {
		lines = append(lines, e.At.Format("15:04 ")+e.Text)
	}
	return lines
}

// showsExactly checks the timeline but for the bot's own entries, which name the declaration and the like.
func (s *story) showsExactly(want ...string) {
	s.Helper()
	var got []string
	for _, line := range s.timeline() {
		if !strings.Contains(line, " We ") {
			got = append(got, line)
		}
	}
	if !slices.Equal(got, want) {
		s.Errorf("the timeline is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// spoken begins an incident in whose channel people talk.
func spoken(t *testing.T, o storyOptions) (*story, *talk) {
	t.Helper()
	s := newStory(t, o)
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	k := &talk{story: s, channel: s.channel("#incident"), ts: map[string]string{}}
	s.enters("ben", k.channel)
	s.quiet()
	return s, k
}

func (k *talk) pin(who, name string)   { k.must(k.Slack.Pin(who, k.channel, k.ts[name])) }
func (k *talk) unpin(who, name string) { k.must(k.Slack.Unpin(who, k.channel, k.ts[name])) }

// reply answers a message in its thread.
func (k *talk) reply(who, to, text string) {
	k.Helper()
	name, _, _ := strings.Cut(text, " ")
	ts, err := k.Slack.Reply(who, k.channel, k.ts[to], text)
	k.must(err)
	k.ts[name] = ts
}

// What people pin is in the timeline while it is pinned; the bot's own card never is, whoever pins it.
func TestStoryPins(t *testing.T) {
	t.Parallel()
	s, k := spoken(t, storyOptions{})
	s.at("09:10")
	k.say("ben", "alpha is pinned")
	k.pin("ana", "alpha")
	k.say("ben", "beta is pinned by one and taken off by another")
	k.pin("ana", "beta")
	s.quiet()
	s.showsExactly("09:10 alpha is pinned", "09:10 beta is pinned by one and taken off by another")
	k.unpin("ben", "beta")
	k.edit("ben", "alpha", "reads better now")
	s.quiet()
	s.showsExactly("09:10 alpha reads better now")

	pins := s.Slack.Pins(k.channel)
	if len(pins) != 2 {
		t.Fatalf("pinned are %d messages, want the card and alpha", len(pins))
	}
	for _, m := range pins {
		if m.BotID != "" {
			s.must(s.Slack.Unpin("ana", k.channel, m.TS))
			s.must(s.Slack.Pin("ana", k.channel, m.TS))
		}
	}
	s.quiet()
	s.showsExactly("09:10 alpha reads better now")
	s.restart()
	s.quiet()
	s.showsExactly("09:10 alpha reads better now")
}

// Whatever people do in Slack while the bot is stopped is in the timeline once it is back, and nothing twice.
func TestStoryWhatHappensWhileTheBotIsStopped(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]storyOptions{"http": {}, "socket": {socket: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, k := spoken(t, o)
			s.at("09:10")
			for _, name := range []string{"edited", "deleted", "unreacted", "unpinned", "kept"} {
				k.say("ben", name+" before")
				if name == "unpinned" {
					k.pin("ana", name)
				} else {
					k.react("ana", name)
				}
			}
			k.say("ben", "late is reacted to later")
			k.say("ben", "parent has a thread")
			k.reply("ana", "parent", "child is captured and deleted")
			k.react("ben", "child")
			k.reply("ana", "parent", "sister is reacted to later")
			k.reply("ana", "parent", "brother is edited")
			k.react("ben", "brother")
			k.say("ben", "shared is captured by two")
			k.react("ana", "shared")
			k.react("ben", "shared")
			s.quiet()
			s.types("ana", "#incident", "/incident log typed by hand")
			s.quiet()
			s.stop()
			s.at("09:30")
			k.edit("ben", "edited", "after")
			k.remove("ben", "deleted")
			k.unreact("ana", "unreacted")
			k.unpin("ben", "unpinned")
			k.react("ana", "late")
			k.remove("ana", "child")
			k.react("ana", "sister")
			k.edit("ana", "brother", "reads better")
			k.unreact("ana", "shared")
			k.say("ben", "news was said and pinned meanwhile")
			k.pin("ben", "news")
			k.say("ben", "nothing is not captured")
			k.say("ben", "gone was said, captured and deleted")
			k.react("ben", "gone")
			k.remove("ben", "gone")
			want := []string{
				"09:10 edited after", "09:10 kept before", "09:10 late is reacted to later", "09:10 sister is reacted to later",
				"09:10 brother reads better", "09:10 shared is captured by two", "09:10 typed by hand",
				"09:30 news was said and pinned meanwhile",
			}
			s.must(s.Slack.Delivered(s.ctx)) // to nobody: what is not taken in time is lost
			for range 2 {                    // the second start finds nothing more
				s.start()
				s.quiet()
				s.showsExactly(want...)
				s.stop()
			}
			s.start()
			k.react("ana", "unreacted")
			k.unreact("ana", "late")
			s.quiet()
			want = slices.Insert(want, 1, "09:10 unreacted before")
			want = slices.DeleteFunc(want, func(line string) bool { return strings.HasPrefix(line, "09:10 late") })
			s.showsExactly(want...)
		})
	}
}

// When Slack holds events back because there were too many, what they would have told is read from the channel.
func TestStoryEventsThatSlackHoldsBack(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]storyOptions{"http": {}, "socket": {socket: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, k := spoken(t, o)
			k.say("ben", "alpha was captured before")
			k.react("ben", "alpha")
			s.quiet()
			s.at("09:20")
			s.Slack.LoseEvents(true)
			k.say("ben", "beta is captured")
			k.react("ana", "beta")
			k.edit("ben", "alpha", "was edited")
			s.quiet()
			s.showsExactly("09:00 alpha was captured before")
			s.Slack.LoseEvents(false)
			s.quiet()
			s.showsExactly("09:00 alpha was edited", "09:20 beta is captured")
		})
	}
}

// Twenty minutes without Slack in the middle of an incident: the post is that of the run without.
func TestStoryTwentyMinutesWithoutSlack(t *testing.T) {
	t.Parallel()
	var posts []string
	for _, out := range []bool{false, true} {
		var cut bool
		s, k := spoken(t, storyOptions{front: func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if cut && strings.HasPrefix(r.URL.Path, "/slack/events") {
					w.WriteHeader(http.StatusBadGateway)
					return
				}
				next.ServeHTTP(w, r)
			})
		}})
		slack := func(away bool) {
			if !out {
				return
			}
			s.must(s.Slack.Delivered(s.ctx))
			if cut = away; away {
				s.Faults.Add(practice.Fault{Service: "slack", Call: "*", Status: 503})
			} else {
				s.Faults.Clear("slack")
			}
		}
		s.at("09:05")
		k.say("ben", "first we saw errors")
		k.react("ana", "first")
		k.say("ben", "wrong guess")
		k.react("ana", "wrong")
		s.quiet()
		slack(true)
		s.at("09:10")
		s.types("ana", "#incident", "/incident log the queue is full")
		k.say("ben", "second we drained the queue")
		k.react("ana", "second")
		k.edit("ben", "first", "we saw many errors")
		s.at("09:20")
		k.unreact("ana", "wrong")
		k.say("ben", "third it recovers")
		k.pin("ben", "third")
		s.at("09:30")
		s.must(s.Slack.Delivered(s.ctx))
		slack(false)
		s.quiet()
		s.at("09:40")
		s.types("ana", "#incident", "/incident resolve")
		s.quiet()
		post, _ := s.post()
		posts = append(posts, post)
		for _, want := range []string{"first we saw many errors", "the queue is full", "second we drained", "third it recovers"} {
			if !strings.Contains(post, want) {
				t.Errorf("outage %v: %q is not in the post\n%s", out, want, post)
			}
		}
	}
	if posts[0] != posts[1] {
		t.Errorf("the posts differ:\n%s", difference(posts[0], posts[1]))
	}
}

// A reaction on a reply in a thread that has long been silent, given while the bot is stopped, is found all the same.
func TestStoryOldThreadsAreReadBack(t *testing.T) {
	t.Parallel()
	s, k := spoken(t, storyOptions{})
	k.say("ben", "parent of an old thread")
	k.reply("ana", "parent", "child is what it was")
	s.restart() // the channel is read back once
	s.quiet()
	s.clock.JumpTo(s.clock.Now().AddDate(0, 0, 3))
	s.quiet()
	s.stop()
	k.react("ana", "child")
	s.must(s.Slack.Delivered(s.ctx))
	s.start()
	s.quiet()
	s.showsExactly("09:00 child is what it was")
}

// A long channel is read back within Slack's limits, and without a list of users or channels; a capture costs two calls.
func TestStoryLongChannel(t *testing.T) {
	t.Parallel()
	s, k := spoken(t, storyOptions{})
	for i := range sample(5000, 5000, 1000) {
		ts, err := s.Slack.Say("ben", k.channel, fmt.Sprintf("m%d is said", i))
		s.must(err)
		k.ts[fmt.Sprintf("m%d", i)] = ts
	}
	for i := range 40 {
		k.reply("ana", fmt.Sprintf("m%d", i*20), fmt.Sprintf("r%d is a reply", i))
	}
	s.quiet()
	from := len(s.Wire.Calls())
	k.react("ana", "m7")
	s.quiet()
	var cost []string
	for _, c := range s.Wire.Calls()[from:] {
		if c.Service == "slack" && c.Name != "chat.update" && c.Name != "canvases.edit" { // what shows state, once for a burst
			cost = append(cost, c.Name)
		}
	}
	if len(cost) > 2 {
		t.Errorf("capturing a message costs %q", cost)
	}
	s.stop()
	k.react("ana", "m3")
	k.react("ana", "r1")
	from = len(s.Wire.Calls())
	s.start()
	s.quiet()
	s.showsExactly("09:00 m3 is said", "09:00 m7 is said", "09:00 r1 is a reply")
	at := map[string][]time.Time{}
	for _, c := range s.Wire.Calls()[from:] {
		if c.Name == "users.list" || c.Name == "conversations.list" {
			t.Errorf("%s was called", c.Name)
		}
		at[c.Name] = append(at[c.Name], c.At)
	}
	for name, most := range map[string]int{"conversations.history": 50, "conversations.replies": 50, "pins.list": 20} {
		calls := at[name]
		if len(calls) == 0 {
			t.Errorf("%s was never called", name)
		}
		for i := most; i < len(calls); i++ {
			if calls[i].Sub(calls[i-most]) < time.Minute {
				t.Errorf("%s was called %d times within %v", name, most+1, calls[i].Sub(calls[i-most]))
				break
			}
		}
	}
}

// Fifty captures in a row are shown with few edits of the pinned card.
func TestStoryBurstOfCaptures(t *testing.T) {
	t.Parallel()
	s, k := spoken(t, storyOptions{})
	for i := range 50 {
		k.say("ben", fmt.Sprintf("m%d is said", i))
	}
	s.quiet()
	from, began := len(s.Wire.Calls()), s.clock.Now()
	for i := range 50 {
		k.react("ana", fmt.Sprintf("m%d", i))
	}
	most := 3 + int(s.clock.Now().Sub(began)/(10*time.Second)) // should the machine take longer than a burst lasts
	s.quiet()
	edits := 0
	for _, c := range s.Wire.Calls()[from:] {
		if c.Name == "chat.update" {
			edits++
		}
	}
	if got := len(s.timeline()); got != 51 || edits > most || edits == 0 {
		t.Errorf("%d entries, %d edits of the card, want at most %d", got, edits, most)
	}
}
