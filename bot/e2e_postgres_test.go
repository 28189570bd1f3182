package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"watchbell/incidents"
	"watchbell/storage"
	"watchbell/storage/storagetest"
)

// onPostgres keeps each story's incidents in a schema of its own.
var onPostgres = database{lease: incidents.LeaseFor + time.Second, configure: func(t *testing.T) func(*Config) {
	u := storagetest.Schema(t)
	return func(c *Config) {
		c.database, c.secrets.links = u, []string{"signs links with " + t.Name()} // which no file beside the database does
	}
}}

// As on SQLite, nothing is put back while a Watchbell runs, which would go on with numbers of its own.
func TestStoryMarksOnlyAloneOnPostgres(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{configure: onPostgres.configure(t)})
	s.types("ana", "#team", "/incident declare checkout is down")
	if said, code := s.runs("restore", "-mark"); code != exitFailed || !strings.Contains(said, "in use by another Watchbell: stop all that run on it first") {
		t.Errorf("marked under a running bot: %d %q", code, said)
	}
	s.types("ana", "#team", "/incident declare search is slow")
	s.quiet()
	s.stop()
	if said := s.ran("restore", "-mark"); !strings.Contains(said, "#102") {
		t.Errorf("restore -mark says %q", said)
	}
}

// The same incident comes out the same on either database.
func TestStoryOnPostgres(t *testing.T) {
	t.Parallel()
	var left [2]leftBehind
	for i, on := range []database{onPostgres, onSQLite} {
		s := newStory(t, storyOptions{configure: on.configure(t)})
		sampleIncident(s)
		left[i] = s.left()
	}
	left[0].once(t)
	left[0].same(t, left[1])
}

func TestStoryKilledOnPostgres(t *testing.T) {
	t.Parallel()
	killedAtAnyCall(t, onPostgres, 8, 3)
}

// fleet is a story with several bots on one database, behind something that spreads what comes in over them.
type fleet struct {
	*story
	front *httptest.Server
	mu    sync.Mutex
	bots  []*bot
	turn  int
	// twice has two of the bots get each request at the same time, as when Slack asks again because an answer is late.
	twice bool
}

func newFleet(t *testing.T, n int, twice bool) *fleet {
	t.Helper()
	f := &fleet{twice: twice, story: newStory(t, storyOptions{asleep: true, configure: onPostgres.configure(t)})}
	f.front = httptest.NewServer(f)
	for range n {
		f.join()
	}
	t.Cleanup(func() {
		for len(f.bots) > 0 {
			f.leave(0)
		}
		f.front.Close()
	})
	return f
}

// join starts another bot.
func (f *fleet) join() {
	f.Helper()
	f.start()
	f.Slack.Connect(f.front.URL)
	f.mu.Lock()
	f.bots = append(f.bots, f.bot)
	all := f.bots
	f.mu.Unlock()
	f.clock.OnJump(func() {
		for _, b := range all {
			b.app.relay.Wake()
		}
	})
}

// leave stops a bot in an orderly way, after the front has been told.
func (f *fleet) leave(i int) {
	f.Helper()
	f.mu.Lock()
	gone := f.bots[i]
	f.bots = append(append([]*bot(nil), f.bots[:i]...), f.bots[i+1:]...)
	var other *bot
	if len(f.bots) > 0 {
		other = f.bots[0]
	}
	f.mu.Unlock()
	f.bot = gone
	f.stop()
	f.bot = other
}

// ServeHTTP hands a request to the bot whose turn it is, and to the next one where it does not answer.
func (f *fleet) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		f.Error(err)
	}
	f.mu.Lock()
	f.turn++
	var order []*bot
	for i := range f.bots {
		order = append(order, f.bots[(f.turn+i)%len(f.bots)])
	}
	f.mu.Unlock()
	var also sync.WaitGroup
	defer also.Wait()
	if f.twice {
		also.Go(func() { _, _, _ = pass(order[len(order)-1].url, r, body) })
	}
	var urls []string
	for _, b := range order {
		urls = append(urls, b.url)
	}
	passAny(w, r, body, urls)
}

// passAny hands a request to the first bot that answers.
func passAny(w http.ResponseWriter, r *http.Request, body []byte, urls []string) {
	for _, u := range urls {
		status, answer, err := pass(u, r, body)
		if err != nil {
			continue
		}
		w.WriteHeader(status)
		_, _ = w.Write(answer)
		return
	}
	w.WriteHeader(http.StatusBadGateway)
}

// pass hands a request to a bot.
func pass(url string, r *http.Request, body []byte) (status int, answer []byte, err error) {
	again, err := http.NewRequestWithContext(context.WithoutCancel(r.Context()), r.Method, url+r.URL.Path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	again.Header = r.Header.Clone()
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(again)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err = io.ReadAll(resp.Body)
	return resp.StatusCode, answer, err
}

// Three bots on one database, each event at any of them and at another one at the same time: one of everything.
func TestStoryThreeReplicas(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 3, true)
	sampleIncident(f.story)
	got := f.left()
	got.once(t)
	one := newStory(t, storyOptions{configure: onPostgres.configure(t)})
	sampleIncident(one)
	got.same(t, one.left())
}

// Each of two bots is replaced while people write. What was answered is there once, and nobody was refused.
func TestStoryRollingRestart(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 2, false)
	f.types("ana", "#team", "/incident declare checkout is down")
	f.quiet()
	const people, each = 3, 12
	var writers sync.WaitGroup
	for p, who := range []string{"ana", "ben", "chloe"} {
		writers.Go(func() {
			for i := range each {
				answer, err := f.Slack.Command(f.ctx, who, "team", fmt.Sprintf("/incident log #1 line %d of %d", i, p))
				if text := answer.Text; err != nil || strings.HasPrefix(text, ":x:") {
					f.Errorf("line %d of %s is answered %q, %v", i, who, text, err)
				}
			}
		})
	}
	for range 2 {
		f.join()
		f.leave(0)
	}
	writers.Wait()
	f.quiet()
	f.thereOnce(people, each, func(int, int) bool { return true })
	if n := len(f.made()); n != 1 {
		t.Errorf("there are %d channels", n)
	}
}

// thereOnce checks that each line that was answered is in the timeline once, and each other one at most once.
func (s *story) thereOnce(people, each int, answered func(person, line int) bool) {
	s.Helper()
	store, err := storage.Open(s.ctx, s.config.database, storage.Options{Readers: 1})
	s.must(err)
	snap, err := incidents.NewService(store, incidents.Options{Now: s.clock.Now}).Snapshot(s.ctx, 1)
	s.must(errors.Join(err, store.Close()))
	count := map[string]int{}
	for _, e := range snap.Entries {
		count[e.Text]++
	}
	for p := range people {
		for i := range each {
			n := count[fmt.Sprintf("line %d of %d", i, p)]
			if n > 1 || n == 0 && answered(p, i) {
				s.Errorf("line %d of %d is there %d times; it was acknowledged: %v", i, p, n, answered(p, i))
			}
		}
	}
}

// server is a PostgreSQL of the test's own, that it may kill.
type server struct {
	*testing.T
	dir string
}

func newServer(t *testing.T) (s server, databaseURL string) {
	t.Helper()
	storagetest.Schema(t)                               // skips where there is none
	dir, err := os.MkdirTemp("", "watchbell-postgres-") // the server runs as another user, who may not enter t.TempDir
	if err != nil {
		t.Fatal(err)
	}
	s = server{t, dir}
	out := s.does("start")
	t.Cleanup(func() { s.does("stop") })
	_, rest, _ := strings.Cut(out, "'")
	databaseURL, _, _ = strings.Cut(rest, "'")
	return s, databaseURL
}

func (s server) does(verb string) string {
	s.Helper()
	cmd := exec.Command("../.ci/postgres", verb, s.dir)
	out, err := cmd.Output()
	if err != nil {
		var failed *exec.ExitError
		if errors.As(err, &failed) {
			out = failed.Stderr
		}
		s.Fatalf(".ci/postgres %s: %v\n%s", verb, err, out)
	}
	return string(out)
}

// PostgreSQL dies in the middle of an incident, while people write. They are told so in time; what was
// acknowledged is there when it is back, and the bot goes on by itself.
func TestStoryPostgresDies(t *testing.T) {
	t.Parallel()
	db, url := newServer(t)
	s := newStory(t, storyOptions{configure: func(c *Config) { c.database = url }})
	s.Slack.RetryAfter = make([]time.Duration, 200)
	for i := range s.Slack.RetryAfter {
		s.Slack.RetryAfter[i] = 50 * time.Millisecond // until the database is back
	}
	sampleSteps[0](s)
	s.quiet()
	const people, each = 3, 30
	var acknowledged sync.Map
	var writers sync.WaitGroup
	for p, who := range []string{"ana", "ben", "chloe"} {
		writers.Go(func() {
			for i := range each {
				answer, err := s.Slack.Command(s.ctx, who, "team", fmt.Sprintf("/incident log #1 line %d of %d", i, p))
				if text := answer.Text; err != nil {
					s.Errorf("line %d of %s had no answer: %v", i, who, err)
				} else if !strings.HasPrefix(text, ":x:") {
					acknowledged.Store([2]int{p, i}, true)
				}
			}
		})
	}
	db.does("kill")
	if answer := s.says("ana", "#team", "/incident log #1 lost"); !strings.HasPrefix(answer, ":x:") {
		t.Errorf("without a database, ana is answered %q", answer)
	}
	if status, _ := s.request("GET", "/readyz", nil, nil); status != http.StatusServiceUnavailable {
		t.Errorf("without a database, /readyz is %d", status)
	}
	if status, _ := s.request("GET", "/healthz", nil, nil); status != http.StatusOK {
		t.Errorf("without a database, /healthz is %d", status)
	}
	s.captures("chloe", "The disk is full", "ana")
	db.does("restart")
	writers.Wait()
	s.clock.JumpTo(s.clock.Now().Add(onPostgres.lease)) // what could not be settled
	for _, step := range sampleSteps[1:] {
		step(s)
		s.quiet()
	}
	if status, body := s.request("GET", "/readyz", nil, nil); status != http.StatusOK {
		t.Errorf("with the database back, /readyz is %d: %s", status, body)
	}
	s.thereOnce(people, each, func(p, i int) bool { _, known := acknowledged.Load([2]int{p, i}); return known })
	for what, n := range map[string]int{"channels": len(s.made()), "announcements": len(s.texts("team")), "pull requests": len(s.GitHub.Pulls())} {
		if n != 1 {
			t.Errorf("there are %d %s", n, what)
		}
	}
	if n := len(s.cards()); n != 2 {
		t.Errorf("there are %d cards", n)
	}
}
