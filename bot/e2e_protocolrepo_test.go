package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"watchbell/bot/web"
	"watchbell/incidents/protocol"
	"watchbell/integrations/practice"
)

// The protocol lies in the blog's repository: a change there counts for new incidents alone, a broken one is told once and
// not taken, and while GitHub is away the last good one goes on, over a restart, too.
func TestStoryProtocolInTheRepository(t *testing.T) {
	t.Parallel()
	const file, old = "ops/protocol.yml", "say how bad it is for users"
	s := newStory(t, storyOptions{asleep: true, configure: func(c *Config) {
		c.secrets.githubHook = "shared words of the two"
		c.Protocol = inRepo + file
	}})
	edit := func(text string) { s.must(s.GitHub.EditFile("master", file, text, "ana")) }
	first := strings.NewReplacer(old, "look at the dashboard", "We have an incident going on, follow", "The bell rings! Follow").Replace(protocol.Text())
	edit(first)
	s.start()
	s.hook("shared words of the two")
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	s.holds("the card", s.summary, "look at the dashboard")
	s.holds("the announcement", func() string { return strings.Join(s.texts("team"), "\n") }, "The bell rings! Follow it here: #inc-1")
	running := s.channel("#incident")

	edit(strings.Replace(first, "look at the dashboard", "ring the bell", 1))
	s.until("the change is taken", func() bool {
		return strings.Contains(s.bot.app.service.CurrentProtocol().Text, "ring the bell")
	})
	s.types("ben", "#team", "/incident declare search is down")
	s.quiet()
	s.holds("the card", s.summary, "ring the bell")
	if texts := strings.Join(s.texts(running), "\n"); !strings.Contains(texts, "look at the dashboard") || strings.Contains(texts, "ring the bell") {
		t.Errorf("the running incident has\n%s", texts)
	}

	edit(first + "colour: red\n")
	s.until("the mistake is seen", func() bool { return len(s.bot.app.protocol.standing().Wrong) == 1 })
	s.bot.app.protocol.look(s.ctx)
	s.quiet()
	told := func() (n int) {
		for _, text := range s.texts("team") {
			if strings.Contains(text, "cannot be used as it is now") && strings.Contains(text, `has no "colour"`) && strings.Contains(text, "line ") {
				n++
			}
		}
		return n
	}
	if n := told(); n != 1 {
		t.Errorf("the mistake is told %d times: %q", n, s.texts("team"))
	}
	s.proposes("red", file, first+"colour: red\n")
	s.must(s.GitHub.Delivered(s.ctx))
	s.until("the pull request is told", func() bool {
		pull := s.GitHub.Pulls()[0]
		told := s.GitHub.Statuses(pull.Head)
		return len(told) == 1 && told[0].State == "failure" && len(pull.Comments) == 1 && strings.Contains(pull.Comments[0].Body, "colour")
	})
	if said, code := s.operates("protocol", "check", inRepo+file); code != exitFailed || !strings.Contains(said, `has no "colour"`) {
		t.Errorf("check says, with exit %d,\n%s", code, said)
	}
	page := web.StatusURL(s.bot.url, s.bot.app.links.Sign(web.Right{Purpose: web.ReadStatus, Expires: s.clock.Now().Add(time.Hour)}))
	if body, _ := s.reads(page); !strings.Contains(body, "ops/protocol.yml") || !strings.Contains(body, "colour") {
		t.Errorf("the status page has\n%s", body)
	}

	s.Faults.Add(practice.Fault{Service: "github", Call: "GET */contents/*", Status: http.StatusBadGateway, Times: 100})
	s.restart()
	s.until("it is noticed that GitHub is away", func() bool { return s.bot.app.protocol.standing().Away != "" })
	s.types("dan", "#team", "/incident declare mail is down")
	s.quiet()
	s.holds("the card", s.summary, "ring the bell")
	s.Faults.Clear("github")
	edit(protocol.Text())
	s.bot.app.protocol.nudge()
	s.until("the default is taken", func() bool { return s.bot.app.service.CurrentProtocol().Text == protocol.Text() })
	if standing := s.bot.app.protocol.standing(); standing.Away != "" || len(standing.Wrong) > 0 || told() != 1 {
		t.Errorf("in the end it is %+v, told %d times", standing, told())
	}
	if said := s.operated("protocol", "simulate", inRepo+file); !strings.Contains(said, "tell the users") {
		t.Errorf("simulate says\n%s", said)
	}
}

// proposes opens a pull request that changes one file.
func (s *story) proposes(branch, file, text string) {
	s.Helper()
	ask := func(path string, in map[string]string) {
		body, err := json.Marshal(in)
		s.must(err)
		req, err := http.NewRequestWithContext(s.ctx, http.MethodPost, s.config.urls.github+"/repos/"+s.GitHub.Repo()+path, bytes.NewReader(body))
		s.must(err)
		req.Header.Set("Authorization", "Bearer practice-ana")
		resp, err := http.DefaultClient.Do(req)
		s.must(err)
		resp.Body.Close()
		if resp.StatusCode != http.StatusCreated {
			s.Fatalf("%s: %d", path, resp.StatusCode)
		}
	}
	ask("/git/refs", map[string]string{"ref": "refs/heads/" + branch, "sha": s.GitHub.Log("master")[0].SHA})
	s.must(s.GitHub.EditFile(branch, file, text+"# proposed\n", "ana"))
	ask("/pulls", map[string]string{"title": "Another colour", "head": branch, "base": "master"})
}
