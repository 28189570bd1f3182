package main

import (
	"strings"
	"testing"
	"time"

	"watchbell/integrations/practice"
)

// A private incident appears nowhere: an outsider cannot tell it from one that does not exist.
func TestStoryPrivateIncident(t *testing.T) {
	t.Parallel()
	for _, byForm := range []bool{false, true} {
		t.Run(map[bool]string{false: "by command", true: "by form"}[byForm], func(t *testing.T) {
			t.Parallel()
			s := newStory(t, storyOptions{})
			if byForm {
				s.must(s.Slack.Shortcut(s.ctx, "ana", "declare"))
				s.sends("ana", "title", "keys leaked", "private", "true")
			} else {
				s.types("ana", "#team", "/incident declare --private keys leaked")
			}
			s.quiet()
			s.types("ana", "#incident", "/incident role ops @chloe")
			s.types("ana", "#incident", "/incident log we found the keys in a paste")
			s.types("ana", "#incident", "/incident action rotate the keys")
			s.types("chloe", "#team", "/incident log #1 chloe may know")
			s.quiet()

			c := s.Slack.Channel(s.channel("#incident"))
			if !c.IsPrivate || strings.Contains(c.Name, "keys") {
				t.Errorf("the channel is %+v", c)
			}
			for _, m := range c.Members {
				if m == s.Slack.User("dan").ID {
					t.Errorf("dan was invited")
				}
			}
			outsider := func(line string) string {
				answer := s.says("dan", "#team", "/incident "+line)
				for _, secret := range []string{"leaked", "paste", "rotate", c.ID, c.Name} {
					if strings.Contains(strings.ReplaceAll(answer, line, ""), secret) {
						t.Errorf("dan typed %q and learned %q: %s", line, secret, answer)
					}
				}
				return answer
			}
			for _, verb := range []string{"show", "log", "timeline", "actions", "action", "postmortem", "resolve", "severity", "role", "draft", "reopen"} {
				for _, rest := range []string{"", " downtime"} {
					there, nowhere := outsider(verb+" #1"+rest), outsider(verb+" #99"+rest)
					if strings.ReplaceAll(nowhere, "#99", "#1") != there {
						t.Errorf("%s%s: an incident that is there is answered by\n%s\nand one that is not by\n%s", verb, rest, there, nowhere)
					}
				}
			}
			outsider("list")
			outsider("list all")
			outsider("log what is going on?")
			if got := s.offered("dan"); len(got) != 0 {
				t.Errorf("dan is offered %q", got)
			}

			s.at("09:30")
			s.types("ana", "#incident", "/incident resolve")
			s.quiet()
			if told := s.texts("team"); len(told) != 0 {
				t.Errorf("the team channel says %q", told)
			}
			if n := len(s.GitHub.Pulls()); n != 0 {
				t.Errorf("there are %d pull requests", n)
			}
			if n := len(s.GitHub.Branches()); n != 1 {
				t.Errorf("there are %d branches", n)
			}
			if cards := s.cards(); len(cards) != 0 {
				t.Errorf("Trello shows %v", cards)
			}

			// Whoever may know can still ask for both.
			s.types("ana", "#incident", "/incident action tell the customers --card")
			s.refused("ana", "#incident", "/incident postmortem", "Incident #1 is private", "Nothing was published yet")
			s.answered("ana", "#incident", "Open the pull request")
			s.quiet()
			if len(s.GitHub.Pulls()) != 1 || len(s.cards()) != 1 {
				t.Errorf("asked for, there are %d pull requests and %d cards", len(s.GitHub.Pulls()), len(s.cards()))
			}
		})
	}
}

// A time without a zone is read in the zone that the person has set in Slack.
func TestStoryZones(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("dan", "#team", "/incident declare checkout is down")
	s.quiet()
	s.at("09:10")
	for _, c := range []struct{ who, typed, want, utc string }{
		{"ben", "10:01 Berlin, before summer time", "09:01 UTC = 10:01 CET", "09:01"},
		{"eve", "05:02 New York, in summer time already", "09:02 UTC = 05:02 EDT", "09:02"},
		{"chloe", "09:03 Lisbon", "09:03", "09:03"},
		{"dan", "09:04 UTC is his own", "09:04 UTC", "09:04"},
		{"ben", "09:05 UTC as typed", "09:05 UTC = 10:05 CET", "09:05"},
		{"eve", "14:36 IST in India", "09:06 UTC = 05:06 EDT", "09:06"},
		{"ben", "-3m a while ago", "09:07 UTC = 10:07 CET", "09:07"},
		{"ben", "yesterday 23:50 another day", "22:50 UTC", "22:50"},
	} {
		answer := s.types(c.who, "#incident", "/incident log "+c.typed)
		if !strings.Contains(answer, c.want) {
			t.Errorf("%s typed %q; %q is not in %q", c.who, c.typed, c.want, answer)
		}
	}
	s.presses("eve", "#incident", "Add entry")
	s.sends("eve", "text", "by form", "time", "05:08")
	s.types("dan", "#incident", "/incident resolve")
	s.quiet()
	post, _ := s.post()
	for _, line := range []string{
		"16/03/2026 22:50 - another day", "17/03/2026 09:01 - Berlin, before", "17/03/2026 09:02 - New York",
		"17/03/2026 09:03 - Lisbon", "17/03/2026 09:06 - in India", "17/03/2026 09:08 - by form",
	} {
		if strings.Count(post, line) != 1 {
			t.Errorf("%q is not once in the post", line)
		}
	}
	if t.Failed() {
		t.Log(post)
	}
}

// Slack does not say where a person is: their time is taken as UTC, said so, and asking does not hold them up.
func TestStoryZoneUnknown(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("ben", "#team", "/incident declare checkout is down")
	s.quiet()
	s.clock.JumpTo(s.clock.Now().Add(2 * time.Hour)) // what was known before is asked for again
	s.Faults.Add(practice.Fault{Service: "slack", Call: "users.info", Status: 500})
	if got := s.types("ben", "#incident", "/incident log 11:00 something"); !strings.Contains(got, "UTC") {
		t.Errorf("the answer does not say in which zone the time was read: %s", got)
	}
}

// What everybody can read becomes no private incident's channel: the words are offered back, for either half of the wish.
func TestStoryPrivateHere(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	for name, private := range map[string]bool{"payments": false, "vault": true} {
		_, err := s.Slack.AddChannel(name, private, "ana", "ben", "watchbell")
		s.must(err)
	}
	for _, line := range []string{"declare --private here a key leaked", "declare here --private a key leaked"} {
		s.refused("ana", "payments", "/incident "+line, "Everybody can read this channel")
		if got := s.told("ana", 0); !strings.Contains(got, line) {
			t.Errorf("what was typed is not offered back: %s", got)
		}
	}
	s.Faults.Add(practice.Fault{Service: "slack", Call: "conversations.info", Status: 503, Times: 1})
	s.refused("ana", "vault", "/incident declare --private here a key leaked", "Slack does not say whether everybody can read")
	s.types("ana", "vault", "/incident declare --private here a key leaked")
	s.quiet()
	if made := s.made(); len(made) != 0 {
		t.Errorf("channels were opened: %v", made)
	}
	s.refused("ben", "payments", "/incident declare --private here another key leaked", "Everybody can read")
	if got := s.accepts("ben", "payments", "Private, in a channel of its own"); !strings.Contains(got, "It is private") {
		t.Errorf("ben is told %q", got)
	}
	s.quiet()
	if made := s.made(); len(made) != 1 {
		t.Errorf("the channels %v were opened", made)
	}
	for n := 1; n <= 2; n++ {
		in, err := s.bot.app.service.Incident(s.ctx, n)
		if s.must(err); !in.Private {
			t.Errorf("#%d %q is not private", n, in.Title)
		}
	}
}
