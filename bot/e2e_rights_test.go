package main

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"watchbell/incidents"
	"watchbell/integrations/practice"
)

// Guests take part where they are, and people of another organisation do nothing, at every way in: commands, mentions,
// buttons, forms, shortcuts, reactions, pins, Home.
func TestStoryGuestsAndStrangers(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{configure: func(c *Config) { c.Rights.OtherOrganisations = incidents.AllowNothing }})
	s.must(s.Slack.SetStanding("dan", true, false))
	s.must(s.Slack.SetStanding("eve", false, true))
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	s.refused("dan", "#team", "/incident declare search is slow", "Guests may not declare incidents", "Tell somebody of the team", "declare search is slow")
	s.refused("dan", "#team", "/incident backfill search was slow", "Guests may not declare")
	s.refused("dan", "#team", "/incident drill", "Guests may not declare")
	s.refused("dan", "#team", "/incident show #1", "#1 is none of them")
	s.refused("dan", "#team", "/incident show #99", "#99 is none of them")
	if got := s.says("dan", "#team", "/incident list all"); strings.Contains(got, "checkout") {
		t.Errorf("a guest is shown %q", got)
	}
	s.must(s.Slack.Shortcut(s.ctx, "dan", "declare"))
	s.fills("dan", "title", "by form")
	s.holds("what the guest is told", func() string { return strings.Join(s.texts("@dan"), "\n") }, "Guests may not declare", "by form")
	if home := s.home("dan", "No incident needs you"); strings.Contains(home, "Declare an incident") || strings.Contains(home, "checkout") {
		t.Errorf("a guest's Home tab is %q", home)
	}
	s.types("dan", "#incident", "/incident log a guest saw it too") // invited to the channel, they take part
	s.captures("dan", "and again", "dan")
	s.refused("dan", "#incident", "/incident resolve", "Guests may not end incidents", "who leads")
	if got := s.answered("dan", "#incident", "Resolve"); !strings.Contains(got, "Guests may not end") {
		t.Errorf("a guest's press is answered by %q", got)
	}
	s.quiet()
	s.holds("the card", s.summary, "a guest saw it too", "and again")

	channel := s.channel("#incident")
	s.enters("eve", channel)
	before := s.recorded()
	s.refused("eve", "#incident", "/incident log nothing", "People of other organisations may not use Watchbell", "log nothing")
	s.refused("eve", "#incident", "/incident help", "may not use")
	said, err := s.Slack.Say("eve", channel, "something that happened")
	s.must(err)
	for _, do := range []func() error{
		func() error { _, err := s.Slack.Say("eve", channel, "@watchbell log by mention"); return err },
		func() error { return s.Slack.React("eve", channel, said, "pushpin") },
		func() error { return s.Slack.Pin("eve", channel, said) },
		func() error { return s.Slack.PressLabel(s.ctx, "eve", channel, "", "Resolve") },
		func() error { return s.Slack.MessageShortcut(s.ctx, "eve", channel, said, "add_to_timeline") },
	} {
		n := len(s.ephemerals("eve"))
		s.must(do())
		if got := s.told("eve", n); !strings.Contains(got, "may not use") {
			t.Errorf("a stranger is told %q", got)
		}
	}
	if s.Slack.View("eve") != nil {
		t.Error("a stranger is shown a form")
	}
	s.home("eve", "may not use Watchbell")
	s.quiet()
	facts := func(recorded string) string { head, _, _ := strings.Cut(recorded, "\n"); return head }
	if after := s.recorded(); facts(after) != facts(before) {
		t.Errorf("a stranger changed something:\n%s", difference(before, after))
	}
	s.types("ana", "#incident", "/incident resolve")
	s.quiet()
}

// Declaring, ending and seeing can be left to some people and user groups, and whoever is in a channel takes part.
func TestStoryRights(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{asleep: true})
	group, err := s.Slack.AddUsergroup("oncall", "ana", "ben")
	s.must(err)
	s.config.PublicURL = "https://watch.example.org"
	s.config.Rights.Declare = people{group}
	s.config.Rights.Resolve = people{group}
	s.config.Rights.See = people{group, s.Slack.User("chloe").ID}
	s.start()
	s.refused("dan", "#team", "/incident declare checkout is down", "Only @subteam may declare incidents here", "Ask one of them")
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	if got := s.pageOf("team"); got != "" {
		t.Errorf("the announcement links %s, which whoever has it may read", got)
	}
	for _, verb := range []string{"show", "timeline", "log", "join", "resolve", "actions"} {
		there, nowhere := s.refused("dan", "#team", "/incident "+verb+" #1", "#1 is none of them"), s.refused("dan", "#team", "/incident "+verb+" #99", "#99 is none of them")
		if strings.ReplaceAll(nowhere, "#99", "#1") != there {
			t.Errorf("%s: %q, and of one that is not there %q", verb, there, nowhere)
		}
	}
	if got := s.says("dan", "#team", "/incident list"); strings.Contains(got, "checkout") {
		t.Errorf("dan is shown %q", got)
	}
	s.home("dan", "No incident needs you")
	if got := s.types("chloe", "#team", "/incident list"); !strings.Contains(got, "checkout") {
		t.Errorf("chloe is shown %q", got)
	}
	s.types("dan", "#incident", "/incident log I was invited")
	s.refused("dan", "#incident", "/incident resolve", "and whoever leads may end incidents here", "Ask @ana")
	s.types("ana", "#incident", "/incident lead @dan")
	s.types("dan", "#incident", "/incident resolve")
	s.quiet()

	// While Slack does not answer, what was known before counts; of whoever was never heard of, declaring is not refused.
	s.clock.JumpTo(s.clock.Now().Add(groupsLast))
	s.Faults.Add(practice.Fault{Service: "slack", Call: "usergroups.users.list", Status: 500})
	s.refused("dan", "#team", "/incident declare search is slow", "may declare incidents here")
	s.types("ben", "#team", "/incident declare search is slow")
	s.quiet()
}

// groupsLast is longer than what is known of a user group lasts.
const groupsLast = 10 * time.Minute

// A whole private incident, over the wire: nothing that reaches anybody outside holds its title, its words or its people.
func TestStoryPrivateOverTheWire(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{configure: func(c *Config) { c.PublicURL = "https://watch.example.org" }})
	s.types("ana", "#team", "/incident declare --private zebrawords leaked")
	s.quiet()
	channel := s.Slack.Channel(s.channel("#incident")).ID
	for _, line := range []string{
		"role ops @ben", "log zebrawords are in a paste", "severity downtime", "action rotate the zebrawords @ben", "status identified zebrawords again",
		"draft impact All zebrawords.", "timeline", "show", "list", "roles", "lint",
	} {
		s.types("ana", "#incident", "/incident "+line)
	}
	s.refused("ana", "#incident", "/incident update Zebrawords are no secret now.", "is private")
	s.enters("ben", channel)
	s.captures("ben", "more zebrawords", "ana")
	s.quiet()
	s.home("ana", "zebrawords")
	s.home("dan", "No incident needs you")
	for _, line := range []string{"show #1", "log #1 hello", "timeline #1", "join #1", "resolve #1", "list all", "log hello"} {
		if got := s.says("dan", "#team", "/incident "+line); strings.Contains(got, "#1 ") && strings.Contains(got, "*") {
			t.Errorf("dan typed %q and learned %q", line, got)
		}
	}
	s.types("ana", "#incident", "/incident resolve #1")
	s.quiet()

	dan := s.Slack.User("dan").ID
	var outside []string
	for _, c := range s.Slack.Channels() {
		if c.ID == channel || c.IsIM {
			continue
		}
		for _, m := range s.Slack.Messages(c.ID) {
			outside = append(outside, c.Name+": "+s.Slack.MessageText(m))
		}
	}
	for _, m := range s.Slack.Ephemerals("dan") {
		outside = append(outside, "dan: "+s.Slack.MessageText(m))
	}
	canvas := s.Slack.Canvas(channel).ID
	if canvas == "" {
		t.Error("the private channel has no canvas")
	}
	for _, c := range s.Wire.Calls() {
		inside := bytes.Contains(c.Request, []byte(channel)) || c.Name == "conversations.create" || bytes.Contains(c.Request, []byte(canvas)) ||
			c.Name == "views.publish" && !bytes.Contains(c.Request, []byte(dan))
		if !inside {
			outside = append(outside, fmt.Sprintf("%s %s: %s", c.Service, c.Name, c.Request))
		}
	}
	for _, path := range []string{"/metrics", "/healthz", "/readyz", "/log", "/incidents/1", "/incidents/1?link=x", "/status"} {
		_, page := s.request(http.MethodGet, path, nil, nil)
		outside = append(outside, path+": "+page)
	}
	for _, c := range s.cards() {
		outside = append(outside, "card: "+c.Name+c.Desc)
	}
	outside = append(outside, strings.Split(s.log.text(), "\n")...)
	for _, text := range outside {
		if strings.Contains(strings.ToLower(text), "zebrawords") || !strings.HasPrefix(text, "{") && strings.Contains(text, s.Slack.Channel(channel).Name) { // the log names what it works on
			t.Errorf("outside there is %.300s", text)
		}
	}
	for _, m := range s.texts("team") {
		if strings.Contains(m, "#1 ") {
			t.Errorf("the team channel says %q", m)
		}
	}
	for _, line := range []string{"declare zebrawords leaked", "declare leaked zebrawords"} { // its twin is not pointed at
		if got := s.types("dan", "#team", "/incident "+line); strings.Contains(got, "#1 ") || strings.Contains(got, "#1,") {
			t.Errorf("dan typed %q and learned %q", line, got)
		}
	}
	s.quiet()
}
