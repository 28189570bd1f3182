package main

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"watchbell/incidents"
	"watchbell/integrations/practice"
	"watchbell/storage"
)

// operates is runs with the configuration and the secrets of the story's bot, and what else is set: pairs of a name and a
// value.
func (s *story) operates(args ...string) (said string, code int) {
	s.Helper()
	return s.operatesWith(nil, args...)
}

func (s *story) operatesWith(set map[string]string, args ...string) (said string, code int) {
	s.Helper()
	c := s.config
	file := filepath.Join(s.TempDir(), "watchbell.yml")
	s.must(os.WriteFile(file, fmt.Appendf(nil, "public_url: %q\nslack: {team_channel: %q, command: %q, offer_declare: [%s]}\ntrello: {board: %q, list: %q}\ngithub: {repo: %q, base: %q}\nprotocol: %q\n",
		c.PublicURL, c.Slack.TeamChannel, c.Slack.Command, strings.Join(c.Slack.OfferDeclare, ","), c.Trello.Board, c.Trello.List, c.GitHub.Repo, c.GitHub.Base, c.Protocol), 0o600))
	if u := c.Updates; len(u.Webhook) > 0 {
		s.must(appendTo(file, fmt.Sprintf("updates: {webhook: [%q], allow_private: true, email: {host: %q, port: %d, from: %q, to: [%q]}}\n",
			u.Webhook[0], u.Email.Host, u.Email.Port, u.Email.From, u.Email.To[0])))
	}
	values := map[string]string{
		"WATCHBELL_WEBHOOK_SECRET": c.Updates.secret,
		"DATABASE_URL":             c.database, "SLACK_BOT_TOKEN": c.secrets.slackBot, "SLACK_SIGNING_SECRET": c.secrets.slackSigning,
		"SLACK_APP_TOKEN": c.secrets.slackApp, "TRELLO_KEY": c.secrets.trelloKey, "TRELLO_TOKEN": c.secrets.trelloToken,
		"GITHUB_TOKEN": c.secrets.github, "SLACK_API_URL": c.urls.slack, "TRELLO_API_URL": c.urls.trello, "GITHUB_API_URL": c.urls.github,
	}
	maps.Copy(values, set)
	var out bytes.Buffer
	command := 1 // words, before its flags
	if args[0] == "protocol" {
		command = 2
	}
	code = runIn(s.ctx, slices.Insert(slices.Clone(args), command, "-config", file), environment{
		getenv: func(name string) string { return values[name] }, stdout: &out, stderr: &out, now: s.clock.Now,
	})
	return out.String(), code
}

func appendTo(file, text string) error {
	before, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(before, text...), 0o600)
}

// operated is operates for what must work.
func (s *story) operated(args ...string) string {
	s.Helper()
	said, code := s.operates(args...)
	if code != exitOK {
		s.Fatalf("watchbell %s: exit %d\n%s", strings.Join(args, " "), code, said)
	}
	return said
}

// The database is lost, and the copy from before the card, the announcement and the pull request takes its place: when people
// have done again what they did, there is one of each.
func TestStoryRestored(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.Faults.Add(practice.Fault{Service: "slack", Call: "conversations.create", Status: 503})
	s.types("ana", "#team", "/incident declare checkout is down")
	dir := t.TempDir()
	copied := filepath.Join(dir, "copy.db")
	if said := s.ran("backup", copied); !strings.Contains(said, "holds 1 incidents, ") || !strings.Contains(said, "sound") {
		t.Errorf("backup says %q", said)
	}
	if info, err := os.Stat(copied); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others can read the copy: %v, %v", info.Mode(), err)
	}
	if said, code := s.runs("backup", copied); code != exitFailed || !strings.Contains(said, "is there already") {
		t.Errorf("a copy is written over: %d %q", code, said)
	}
	s.Faults.Clear("slack")
	s.quiet()

	work := func() {
		s.types("ana", "#incident", "/incident log -5m Restarted the queue")
		s.types("ana", "#incident", "/incident action Rotate the keys")
		s.quiet()
		s.at("09:20")
		s.types("ana", "#incident", "/incident resolve")
		s.quiet()
		s.types("ana", "#incident", "/incident draft lead Nobody could pay.")
		s.quiet()
	}
	work()
	want := s.left()
	events := len(s.GitHub.Log("post-mortem/inc-1"))

	if said, code := s.runs("restore", "-replace", copied); code != exitFailed || !strings.Contains(said, "in use by another Watchbell") {
		t.Errorf("restored under a running bot: %d %q", code, said)
	}
	s.stop()
	if said, code := s.runs("restore", copied); code != exitFailed || !strings.Contains(said, "add -replace") {
		t.Errorf("restored over a database: %d %q", code, said)
	}
	said := s.ran("restore", "-replace", copied)
	if !strings.Contains(said, "is kept as ") || !strings.Contains(said, "The next incident will be #2.") {
		t.Errorf("restore says %q", said)
	}
	s.start()
	s.quiet()
	if n := len(s.made()); n != 1 {
		t.Fatalf("there are %d channels after the restore", n)
	}
	work()
	got := s.left()
	if len(got.Cards) != 1 || len(got.Announced) != 1 || len(got.Pulls) != 1 || len(got.Card) != 1 || len(got.Lists) != 1 || len(got.Pins) != 1 ||
		len(got.Bookmarks) != 1 || len(got.Branches) != len(want.Branches) || !strings.Contains(got.Post, "Restarted the queue") {
		t.Errorf("after the restore there is\n%s\nbefore it\n%s", got, want)
	}
	if n := len(s.GitHub.Log("post-mortem/inc-1")); n <= events {
		t.Errorf("the branch was not brought up to date: %d commits", n)
	}
	if said := s.operated("check"); !strings.Contains(said, "The database is sound") || !strings.Contains(said, "Nothing is there twice") {
		t.Errorf("check says %q", said)
	}
	s.types("ana", "#team", "/incident declare search is slow")
	s.quiet()
	if n := len(s.made()); n != 2 {
		t.Errorf("there are %d channels after another incident", n)
	}
}

// Nobody knows how many incidents a lost database had: their numbers are not used again.
func TestStoryRestoredWithoutTheOld(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	copied := filepath.Join(t.TempDir(), "copy.db")
	s.ran("backup", copied)
	s.stop()
	file := strings.TrimPrefix(s.config.database, "sqlite:")
	for _, end := range []string{"", "-wal", "-shm"} {
		_ = os.Remove(file + end)
	}
	if said := s.ran("restore", copied); !strings.Contains(said, "The next incident will be #101. About 100 numbers are left out") {
		t.Errorf("restore says %q", said)
	}
	if said := s.ran("restore", "-mark", "-next", "7"); !strings.Contains(said, "will be #101. It is not #7 as you asked: the numbers up to #100 are taken") {
		t.Errorf("restore -mark says %q", said)
	}
	for name, content := range map[string]string{"text.db": "no database", "empty.db": ""} {
		path := filepath.Join(t.TempDir(), name)
		s.must(os.WriteFile(path, []byte(content), 0o600))
		if said, code := s.runs("restore", "-replace", path); code != exitFailed || !strings.Contains(said, name) {
			t.Errorf("%s was restored: %d %q", name, code, said)
		}
	}
	s.start()
	s.types("ana", "#team", "/incident declare search is slow")
	s.quiet()
	if _, err := s.bot.app.service.Incident(s.ctx, 101); err != nil {
		t.Errorf("the next incident is not #101: %v", err)
	}
}

// What was replaced tells the next number only if it can be what the copy was made of.
func TestNumbersAfterRestore(t *testing.T) {
	for name, c := range map[string]struct {
		copied, before, asked, first int
		guessed                      bool
	}{
		"a later state of the same":  {copied: 30, before: 42, first: 43},
		"the same":                   {copied: 30, before: 30, first: 31},
		"none, or not to be read":    {copied: 30, before: 0, first: 130, guessed: true},
		"one that was begun anew":    {copied: 30, before: 2, first: 130, guessed: true},
		"nothing over nothing":       {copied: 0, before: 0, first: 100, guessed: true},
		"asked for":                  {copied: 30, before: 2, asked: 43, first: 43},
		"asked for the first":        {copied: 0, before: 0, asked: 1, first: 1},
		"asked for what is used":     {copied: 30, before: 42, asked: 7, first: 31},
		"something over what is new": {copied: 0, before: 5, first: 6},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := storage.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "a.db"), storage.Options{Readers: 1})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			if c.copied > 0 {
				if _, err := s.MarkRestored(t.Context(), c.copied+1, time.Now()); err != nil {
					t.Fatal(err)
				}
			}
			n := &numbering{next: c.asked, now: time.Now}
			if err := n.prepare(t.Context(), s, c.before); err != nil || n.first != c.first || n.guessed != c.guessed {
				t.Errorf("the next is #%d, guessed: %v, %v; want #%d, %v", n.first, n.guessed, err, c.first, c.guessed)
			}
			if strings.Contains(n.said(), "left out") != c.guessed {
				t.Errorf("it says %q", n.said())
			}
		})
	}
}

// What is there twice at the services, and rows that contradict each other, are pointed out by name.
func TestStoryCheckFindsWhatCannotBe(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	s.types("ana", "#incident", "/incident action Rotate the keys")
	s.quiet()
	if said := s.operated("check", "-json"); !strings.Contains(said, `"database": []`) {
		t.Errorf("check says %q", said)
	}
	card := s.cards()[0]
	body := strings.NewReader(url.Values{"idList": {card.IDList}, "name": {"A copy"}, "desc": {card.Desc}}.Encode())
	r, err := http.NewRequestWithContext(s.ctx, http.MethodPost, s.services.URL+practice.TrelloPath+"/cards", body)
	s.must(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", `OAuth oauth_consumer_key="practice-key", oauth_token="practice-token"`)
	answer, err := http.DefaultClient.Do(r)
	s.must(err)
	s.must(answer.Body.Close())
	s.must(s.bot.app.store.Update(s.ctx, func(tx incidents.Tx) error {
		return tx.Enqueue([]incidents.Wish{{Delivery: incidents.Delivery{
			Key: "inc-9/topic", Incident: 9, Target: incidents.Slack, Lane: "inc-9/slack", Kind: incidents.KindTopic,
		}}}, s.clock.Now().Add(1e12))
	}))
	said, code := s.operates("check")
	for _, want := range []string{
		"Trello holds 2 things for inc-1/action-1/card", "the delivery inc-9/topic belongs to incident #9, which is not there",
	} {
		if code != exitFailed || !strings.Contains(said, want) {
			t.Errorf("%q is not in %d %q", want, code, said)
		}
	}
}
