package main

import (
	"strings"
	"testing"
)

// The sections that five people write after the incident, hazards included.
var written = [][2]string{
	{"lead", "For about twenty minutes nobody could pay: a new version of the order queue had filled the database's disk."},
	{"impact", "Every payment failed from 09:03 to 09:26, 23 minutes. R&D saw <nil> & \"quotes\"; see https://status.example.org/1?a=1&b=2."},
	{"root_causes", "The queue keeps segments for replays.\n\nNothing deleted the old ones: `rm -rf {{ old }}` was *never* run."},
	{"trigger", "The disk of the primary was full."},
	{"detection", "Customers wrote to our [support](https://support.example.org). No alert rang."},
	{"resolution", "We deleted the old segments by hand."},
	{"lessons", "Look at what a release writes | not only at what it reads."},
	{"went_well", "- We declared the incident as soon as support asked\n- Somebody kept users informed"},
	{"went_wrong", "- We heard of it from customers"},
	{"got_lucky", "- The old segments could be deleted without a restart"},
}

const (
	captured = "The primary's disk is 100% full: `/var/lib/queue` holds {{ old }} segments | nobody deletes them, @ben & <all>"
	entry    = "Support got the first complaint, see https://support.example.org/t/1"
	release  = "We released a *new* version of the order queue"
	action   = "Delete old queue segments [by themselves]"
	cause    = "The order queue filled the disk of the database's primary"
)

// liveByCommands goes through an incident by slash commands and the capture reaction alone.
func liveByCommands(s *story) {
	s.at("09:14")
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	s.at("09:15")
	s.types("ana", "#incident", "/incident severity downtime")
	s.at("09:16")
	s.types("ana", "#incident", "/incident role ops @chloe")
	s.types("ana", "#incident", "/incident role communications @ben")
	s.quiet()
	s.at("09:17")
	s.types("ben", "#incident", "/incident log 10:03 "+entry)
	s.at("09:18")
	s.types("eve", "#incident", "/incident log -38m "+release)
	s.at("09:19")
	s.captures("chloe", captured, "dan")
	s.quiet()
	s.at("09:20")
	s.types("chloe", "#incident", "/incident status identified "+cause)
	s.at("09:22")
	s.types("ana", "#incident", "/incident lead @dan")
	s.at("09:27")
	s.types("dan", "#incident", "/incident mitigated")
	s.at("09:28")
	s.types("chloe", "#incident", "/incident action "+action+" @chloe by 2026-03-20")
	s.types("eve", "#incident", "/incident action Alert when a disk is 80% full. link https://tracker.example.org/7")
	s.at("09:31")
	s.types("dan", "#incident", "/incident resolve")
	s.quiet()
	s.at("09:40")
	for i, w := range written {
		who := []string{"ana", "ben", "chloe", "dan", "eve"}[i%5]
		s.types(who, "#incident", "/incident draft "+w[0]+"\n"+w[1])
	}
	s.quiet()
}

// liveByForms goes through the same incident by shortcuts, buttons and forms alone.
func liveByForms(s *story) {
	s.at("09:14")
	s.must(s.Slack.Shortcut(s.ctx, "ana", "declare"))
	s.sends("ana", "title", "checkout is down")
	s.quiet()
	s.at("09:15")
	s.presses("ana", "#incident", "Severity")
	s.sends("ana", "severity", "downtime")
	s.at("09:16")
	s.presses("ana", "#incident", "Roles")
	s.sends("ana", "ops", "chloe", "communications", "ben")
	s.quiet()
	s.at("09:17")
	s.presses("ben", "#incident", "Add entry")
	s.sends("ben", "text", entry, "time", "10:03")
	s.at("09:18")
	s.presses("eve", "#incident", "Add entry")
	s.sends("eve", "text", release, "time", "-38m")
	s.at("09:19")
	channel := s.channel("#incident")
	s.enters("dan", channel)
	ts, err := s.Slack.Say("chloe", channel, captured)
	s.must(err)
	s.must(s.Slack.MessageShortcut(s.ctx, "dan", channel, ts, "add_to_timeline"))
	s.sends("dan")
	s.quiet()
	s.at("09:20")
	s.presses("chloe", "#incident", "Status")
	s.sends("chloe", "status", "identified", "text", cause)
	s.at("09:22")
	s.quiet()
	s.presses("ana", "#incident", "Roles")
	s.sends("ana", "lead", "dan")
	s.at("09:27")
	s.quiet()
	s.presses("dan", "#incident", "Status")
	s.sends("dan", "status", "monitoring")
	s.at("09:28")
	s.presses("chloe", "#incident", "Action item")
	s.sends("chloe", "text", action, "owner", "chloe", "due", "2026-03-20")
	s.presses("eve", "#incident", "Action item")
	s.sends("eve", "text", "Alert when a disk is 80% full.", "link", "https://tracker.example.org/7")
	s.at("09:31")
	s.quiet()
	s.presses("dan", "#incident", "Resolve")
	s.quiet()
	s.at("09:40")
	for i, w := range written {
		who := []string{"ana", "ben", "chloe", "dan", "eve"}[i%5]
		s.presses(who, "#incident", "Write the post")
		s.sends(who, w[0], w[1])
	}
	s.quiet()
}

// Five people get through an incident by commands alone and by buttons and forms alone, and the posts are the same.
func TestStoryLiveIncident(t *testing.T) {
	t.Parallel()
	for _, socket := range []bool{false, true} {
		t.Run(strings.TrimPrefix(wire(socket), "/"), func(t *testing.T) {
			t.Parallel()
			type outcome struct{ post, body, announced, summary, topic string }
			var outcomes []outcome
			for _, way := range []struct {
				name string
				live func(*story)
			}{{"commands", liveByCommands}, {"forms", liveByForms}} {
				t.Run(way.name, func(t *testing.T) {
					s := newStory(t, storyOptions{socket: socket})
					way.live(s)
					post, _ := s.post()
					o := outcome{post: post, summary: s.summary(), topic: s.Slack.Topic(s.channel("#incident"))}
					if pulls := s.GitHub.Pulls(); len(pulls) == 1 {
						o.body = pulls[0].Body
					} else {
						t.Errorf("there are %d pull requests", len(pulls))
					}
					if told := s.texts("team"); len(told) == 1 {
						o.announced = told[0]
					} else {
						t.Errorf("want one announcement, got %q", told)
					}
					if n := len(s.cards()); n != 1 {
						t.Errorf("want one card, for the item with a link needs none; there are %d", n)
					}
					if strings.Contains(post, "@") || strings.Contains(strings.ToLower(post), "ben") {
						t.Errorf("somebody is named in the post:\n%s", post)
					}
					outcomes = append(outcomes, o)
				})
			}
			if len(outcomes) != 2 {
				return
			}
			a, b := outcomes[0], outcomes[1]
			if a.post != b.post || a.post == "" {
				t.Errorf("the post by forms differs from that by commands:\n%s", difference(a.post, b.post))
			}
			if a.body != b.body || a.announced != b.announced || a.summary != b.summary || a.topic != b.topic {
				t.Errorf("what is shown differs:\n%+v\n%+v", a, b)
			}
			if t.Failed() {
				t.Logf("by commands:\n%s", a.post)
			}
		})
	}
}
