package practice

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"
)

// slackRig is a workspace behind a real listener, a bot that keeps what it gets, and a client as the bot has it.
type slackRig struct {
	t     *testing.T
	w     *Workspace
	s     *Slack
	api   *slack.Client
	url   string
	clock *handClock
	bot   *recordingBot
}

type handClock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *handClock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.t }

func (c *handClock) add(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.t = c.t.Add(d) }

// gotten is one request that the bot got.
type gotten struct {
	path   string
	header http.Header
	body   []byte
	form   url.Values
}

// recordingBot answers with what answer says and keeps every request.
type recordingBot struct {
	mu     sync.Mutex
	got    []gotten
	answer func(rw http.ResponseWriter, g gotten)
}

func (b *recordingBot) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	form, _ := url.ParseQuery(string(body))
	g := gotten{path: r.URL.Path, header: r.Header.Clone(), body: body, form: form}
	b.mu.Lock()
	b.got = append(b.got, g)
	answer := b.answer
	b.mu.Unlock()
	if answer != nil {
		answer(rw, g)
	}
}

func (b *recordingBot) requests(path string) []gotten {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []gotten
	for _, g := range b.got {
		if g.path == path {
			out = append(out, g)
		}
	}
	return out
}

func (b *recordingBot) reply(f func(rw http.ResponseWriter, g gotten)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.answer = f
}

func newSlackRig(t *testing.T) *slackRig {
	t.Helper()
	clock := &handClock{t: time.Date(2026, 11, 7, 14, 5, 0, 0, time.UTC)}
	w := New(Options{Now: clock.now, Log: slog.New(slog.DiscardHandler)})
	server := httptest.NewServer(w.Handler())
	t.Cleanup(server.Close)
	t.Cleanup(w.Slack.Close)
	bot := &recordingBot{}
	botServer := httptest.NewServer(bot)
	t.Cleanup(botServer.Close)
	w.Slack.RetryAfter = []time.Duration{0, 0, 0}
	w.Slack.Connect(botServer.URL)
	w.Slack.AddUser("ana", "Ana Example", "Europe/Berlin")
	w.Slack.AddUser("ben", "Ben Example", "America/New_York")
	r := &slackRig{t: t, w: w, s: w.Slack, url: server.URL, clock: clock, bot: bot}
	r.api = slack.New(w.Slack.BotToken(), slack.OptionAPIURL(server.URL+SlackPath), slack.OptionAppLevelToken(w.Slack.AppToken()))
	return r
}

func (r *slackRig) id(name string) string {
	r.t.Helper()
	if u := r.s.User(name); u != nil {
		return u.ID
	}
	if c := r.s.Channel(name); c != nil {
		return c.ID
	}
	r.t.Fatalf("nobody and nothing is called %q", name)
	return ""
}

func (r *slackRig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *slackRig) say(who, channel, text string) string {
	r.t.Helper()
	ts, err := r.s.Say(who, channel, text)
	r.must(err)
	return ts
}

// delivered waits until the bot has got all events.
func (r *slackRig) delivered() {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	r.must(r.s.Delivered(ctx))
}

func (r *slackRig) nothingRefused() {
	r.t.Helper()
	if list := r.s.Refused(); len(list) > 0 {
		r.t.Errorf("refused:\n%s", strings.Join(list, "\n"))
	}
}

// wantErr checks Slack's error code, "" for none.
func wantErr(t *testing.T, what string, err error, code string) {
	t.Helper()
	switch {
	case code == "" && err != nil:
		t.Errorf("%s: %v", what, err)
	case code != "" && (err == nil || err.Error() != code):
		t.Errorf("%s: got %v, want %s", what, err, code)
	}
}
