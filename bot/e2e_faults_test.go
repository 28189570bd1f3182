package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"watchbell/integrations/practice"
)

// sampleIncident goes through an incident that makes every kind of call at least once, but for forms.
func sampleIncident(s *story) {
	for _, step := range sampleSteps {
		step(s)
		s.quiet()
	}
}

var sampleSteps = []func(*story){
	func(s *story) {
		s.at("09:00")
		s.types("ana", "#team", "/incident declare checkout is down")
	},
	func(s *story) {
		s.at("09:10")
		s.types("ana", "#incident", "/incident severity downtime")
		s.types("ana", "#incident", "/incident role ops @chloe")
		s.types("ana", "#incident", "/incident log -20m We released a new version")
		s.captures("chloe", "The disk is full", "ana")
	},
	func(s *story) {
		s.at("09:20")
		s.types("chloe", "#incident", "/incident action Rotate the keys @chloe by 2026-03-20")
		s.types("ana", "#incident", "/incident action Alert when the disk is full")
	},
	func(s *story) {
		s.at("09:30")
		s.types("ana", "#incident", "/incident resolve")
	},
	func(s *story) {
		s.at("09:40")
		s.types("ana", "#incident", "/incident draft lead Nobody could pay.")
		s.presses("ana", "#incident", "Pull request")
	},
}

// leftBehind is all that is left of an incident outside the bot: it must come out the same whatever went wrong on the way.
type leftBehind struct {
	Channels, Members, Announced, Card, Lists, Pins, Bookmarks []string
	Topic                                                      string
	Ticks                                                      int
	Cards, Branches, Pulls                                     []string
	Post, Path                                                 string
	Told                                                       []string
}

// writtenAt is when a section was written, which depends on how long the services were away.
var writtenAt = regexp.MustCompile(`, \d+ \w+ \d\d:\d\d UTC`)

func (s *story) left() leftBehind {
	s.Helper()
	l := leftBehind{Topic: s.Slack.Topic(s.channel("#incident")), Branches: s.GitHub.Branches()}
	for _, c := range s.made() {
		l.Channels = append(l.Channels, c.Name)
		l.Members = append(l.Members, c.Members...)
		for _, text := range s.texts(c.Name) {
			if strings.HasPrefix(text, "*The post of #") {
				l.Lists = append(l.Lists, writtenAt.ReplaceAllString(text, ""))
			} else {
				l.Card = append(l.Card, text)
			}
		}
		for _, m := range s.Slack.Pins(c.Name) {
			l.Pins = append(l.Pins, m.Channel)
		}
		for _, b := range s.Slack.Bookmarks(c.Name) {
			l.Bookmarks = append(l.Bookmarks, b.Title+" "+b.Link)
		}
		for _, m := range s.Slack.Messages(c.Name) {
			if ticked(m) {
				l.Ticks++
			}
		}
	}
	slices.Sort(l.Members)
	l.Announced = s.texts("team")
	for _, c := range s.cards() {
		l.Cards = append(l.Cards, fmt.Sprintf("%s\n%s\ndue %s, %d labels", c.Name, c.Desc, c.Due.Format(time.DateOnly), len(c.IDLabels)))
	}
	slices.Sort(l.Cards)
	for _, p := range s.GitHub.Pulls() {
		l.Pulls = append(l.Pulls, fmt.Sprintf("%d %s %s draft %v\n%s", p.Number, p.State, p.Title, p.Draft, p.Body))
	}
	l.Post, l.Path = s.post()
	for _, m := range s.ephemerals("ana") {
		if text := s.Slack.MessageText(m); strings.HasPrefix(text, "The post-mortem of") {
			l.Told = append(l.Told, text)
		}
	}
	return l
}

func (l leftBehind) String() string {
	text, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// once checks that there is one of everything that there must be one of.
func (l leftBehind) once(t *testing.T) {
	t.Helper()
	for what, n := range map[string]int{
		"channels": len(l.Channels), "announcements": len(l.Announced), "summary cards": len(l.Card), "lists of sections": len(l.Lists), "pins": len(l.Pins),
		"bookmarks": len(l.Bookmarks), "ticks": l.Ticks, "pull requests": len(l.Pulls),
	} {
		if n != 1 {
			t.Errorf("there are %d %s, want one", n, what)
		}
	}
	if len(l.Cards) != 2 || len(l.Branches) != 2 || l.Post == "" {
		t.Errorf("want two Trello cards, two branches and a post, got %v", l)
	}
}

// same checks that everything is as it was in another run. An answer that one person alone sees may come twice, for
// Slack shows nobody what became of it, and twice is better than never.
func (l leftBehind) same(t *testing.T, as leftBehind) {
	t.Helper()
	if len(l.Told) == 0 && len(as.Told) > 0 {
		t.Errorf("a press was never answered")
	}
	l.Told, as.Told = slices.Compact(l.Told), slices.Compact(as.Told)
	// A crash before it was declared may have kept it from being declared for a lease.
	got := strings.ReplaceAll(l.String(), "after 29 minutes", "after 30 minutes")
	if got != as.String() {
		t.Errorf("the end differs:\n%s", difference(as.String(), got))
	}
}

// calls are the names of the calls of each service in a wire log, in their order, each once.
func calls(log []practice.Call) map[string][]string {
	names := map[string][]string{}
	for _, c := range log {
		if !slices.Contains(names[c.Service], c.Name) {
			names[c.Service] = append(names[c.Service], c.Name)
		}
	}
	return names
}

var misbehaviours = []struct {
	name  string
	fault practice.Fault
}{
	{"500 before", practice.Fault{Status: 500}},
	{"500 after", practice.Fault{Status: 500, After: true}},
	{"cut before", practice.Fault{Cut: true}},
	{"cut after", practice.Fault{Cut: true, After: true}},
	{"429", practice.Fault{Status: 429, RetryAfter: 2 * time.Second}},
}

// Whatever call fails, in whatever way, the incident leaves the same behind: one channel, one announcement, one card,
// one pin, one bookmark, one Trello card for each action item, one branch, one pull request.
//
// Calls of different services fail in one run, which keeps the number of runs down; their lanes do not touch.
func TestStoryEveryCallFails(t *testing.T) {
	t.Parallel()
	normal := sync.OnceValues(func() (l leftBehind, names map[string][]string) {
		t.Run("normal", func(t *testing.T) {
			s := newStory(t, storyOptions{})
			sampleIncident(s)
			l, names = s.left(), calls(s.Wire.Calls())
			l.once(t)
		})
		return l, names
	})
	want, names := normal()
	if t.Failed() {
		return
	}
	most := 0
	for _, list := range names {
		most = max(most, len(list))
	}
	for i := range most {
		// Over five calls every way comes by.
		for way := range sample(len(misbehaviours), 3, 1) {
			m := misbehaviours[(i+2*way)%len(misbehaviours)]
			var faults []practice.Fault
			title := m.name
			for _, service := range slices.Sorted(maps.Keys(names)) {
				if i < len(names[service]) {
					f := m.fault
					f.Service, f.Call, f.Times = service, glob(names[service][i]), 1
					faults = append(faults, f)
					title += ", " + names[service][i]
				}
			}
			t.Run(title, func(t *testing.T) {
				t.Parallel()
				s := newStory(t, storyOptions{asleep: true})
				for _, f := range faults {
					s.Faults.Add(f)
				}
				s.start()
				sampleIncident(s)
				if s.Faults.Hits() != len(faults) {
					t.Errorf("%d of %d faults were met", s.Faults.Hits(), len(faults))
				}
				got := s.left()
				got.once(t)
				got.same(t, want)
			})
		}
	}
}

// Calls to all services fail in turn, one in two, until a hundred of each have: the end is the same.
func TestStoryManyCallsFail(t *testing.T) {
	t.Parallel()
	var want leftBehind
	t.Run("normal", func(t *testing.T) {
		s := newStory(t, storyOptions{})
		sampleIncident(s)
		want = s.left()
	})
	for seed := range uint64(sample(6, 6, 2)) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			s := newStory(t, storyOptions{asleep: true, socket: seed%3 == 2})
			random := rand.New(rand.NewPCG(seed, 3))
			for range 100 {
				for _, service := range []string{"slack", "trello", "github"} {
					f := misbehaviours[random.IntN(len(misbehaviours))].fault
					if random.IntN(2) == 0 {
						f = practice.Fault{Delay: time.Nanosecond} // this one goes well
					}
					f.Service, f.Call, f.Times = service, "*", 1
					s.Faults.Add(f)
				}
			}
			s.start()
			sampleIncident(s)
			got := s.left()
			got.once(t)
			got.same(t, want)
		})
	}
}

var special = regexp.MustCompile(`[][*?\\]`)

// glob is the pattern that fits a call's name alone.
func glob(name string) string { return special.ReplaceAllString(name, `\$0`) }
