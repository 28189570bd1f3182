package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	"watchbell/incidents"
	"watchbell/integrations/practice"
)

// patience is how long a story waits for something to come true before it fails, in real time.
const patience = 30 * time.Second

// storyOptions says how a story differs from the usual one.
type storyOptions struct {
	// start is when it begins, UTC; storyStart when zero.
	start time.Time
	// socket makes the bot use Socket Mode; otherwise it gets HTTP.
	socket bool
	// settle is how long an uncertain delivery waits before it is looked for; 300 ms when zero.
	settle time.Duration
	// configure changes the configuration before the bot starts.
	configure func(*Config)
	// around wraps the three services, to look at calls on their way or to stop them.
	around func(http.Handler) http.Handler
	// front wraps the bot's own handler, to look at what Slack sends on its way in.
	front func(http.Handler) http.Handler
	// asleep leaves the bot unstarted.
	asleep bool
}

var storyStart = time.Date(2026, 3, 17, 9, 0, 0, 0, time.UTC)

// story is a running world: the three services, the people, and the real bot with a database on disk.
//
// The story's time stands still between steps as far as the bot can tell: at sets it, and quiet moves it on to whatever
// the bot waits for. Nothing in a story sleeps.
type story struct {
	*testing.T
	*practice.Workspace
	ctx      context.Context
	clock    *practice.Clock
	services *httptest.Server
	config   Config
	settle   time.Duration
	front    func(http.Handler) http.Handler
	log      *logBook
	label    string
	bot      *bot // nil while it is down
}

// bot is one run of the app.
type bot struct {
	app    *app
	url    string
	cancel context.CancelFunc
	ended  chan error
}

// newStory starts a world. When the test ends, it is taken down and what must hold at the end of every story is checked.
func newStory(t *testing.T, o storyOptions) *story {
	t.Helper()
	if o.start.IsZero() {
		o.start = storyStart
	}
	if o.settle == 0 {
		o.settle = 300 * time.Millisecond
	}
	s := &story{
		T: t, settle: o.settle, front: o.front, label: t.Name() + rand.Text(),
		log: &logBook{heard: map[chan struct{}]bool{}},
	}
	// Every goroutine that the story starts inherits the label, by which those left at the end are found.
	var cancel context.CancelFunc
	s.ctx, cancel = context.WithCancel(pprof.WithLabels(t.Context(), pprof.Labels("story", s.label)))
	pprof.SetGoroutineLabels(s.ctx)
	s.clock = practice.NewClock(o.start)
	log := slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s.Workspace = practice.New(practice.Options{Now: s.clock.Now, Log: log})
	s.Slack.RetryAfter = []time.Duration{0, 10 * time.Millisecond, 50 * time.Millisecond}
	handler := s.Handler()
	if o.around != nil {
		handler = o.around(handler)
	}
	s.services = httptest.NewServer(handler)
	s.services.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	for _, who := range []struct{ name, real, zone string }{
		{"ana", "Ana", "Europe/Berlin"}, {"ben", "Ben", "Europe/Berlin"}, {"chloe", "Chloe", "Europe/Lisbon"},
		{"dan", "Dan", "UTC"}, {"eve", "Eve", "America/New_York"},
	} {
		s.Slack.AddUser(who.name, who.real, who.zone)
	}
	t.Cleanup(func() {
		s.ends()
		cancel()
		s.takeDown()
		pprof.SetGoroutineLabels(context.Background())
		s.nothingLeft()
	})
	var err error
	s.config, err = practiceConfig(s.Workspace, s.services.URL, filepath.Join(t.TempDir(), "watchbell.db"))
	s.must(err)
	s.config.secrets.trelloKey, s.config.secrets.trelloToken = "practice-key-"+rand.Text(), "practice-trello-"+rand.Text()
	s.config.secrets.github = "practice-github-" + rand.Text()
	if o.socket {
		s.config.secrets.slackApp = s.Slack.AppToken()
	}
	if o.configure != nil {
		o.configure(&s.config)
	}
	if !o.asleep {
		s.start()
	}
	return s
}

// must ends the test on an error.
func (s *story) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// start starts the bot on the story's database.
func (s *story) start() {
	s.Helper()
	log := slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	a, err := newApp(s.ctx, s.config, world{now: s.clock.Now, settle: s.settle}, log)
	s.must(err)
	listener, err := (&net.ListenConfig{}).Listen(s.ctx, "tcp", "127.0.0.1:0")
	s.must(err)
	b := &bot{app: a, url: "http://" + listener.Addr().String(), ended: make(chan error, 1)}
	var ctx context.Context
	ctx, b.cancel = context.WithCancel(s.ctx)
	s.clock.OnJump(a.relay.Wake)
	s.Slack.Connect(b.url)
	handler := a.handler()
	if s.front != nil {
		handler = s.front(handler)
	}
	go func() { b.ended <- a.run(ctx, listener, handler) }()
	s.bot = b
	if s.config.secrets.slackApp != "" {
		s.until("Socket Mode is connected", func() bool { return s.Slack.Sockets() > 0 })
	}
}

// stopWithinTime is what operators are promised.
const stopWithinTime = 10 * time.Second

// stop stops the bot as SIGTERM does.
func (s *story) stop() {
	s.Helper()
	b := s.bot
	s.bot = nil
	b.cancel()
	select {
	case err := <-b.ended:
		if err != nil {
			s.Errorf("the bot stopped with %v", err)
		}
	case <-time.After(stopWithinTime):
		s.Fatalf("the bot did not stop within %v", stopWithinTime)
	}
}

// restart stops the bot and starts it again on the same database.
func (s *story) restart() {
	s.Helper()
	s.stop()
	s.start()
}

// ends checks what must hold at the end of every story.
func (s *story) ends() {
	if s.Failed() {
		s.Logf("the bot's log ends with\n%s", s.log.tail(15))
	}
	if invalid := s.Slack.Invalid(); len(invalid) > 0 {
		s.Errorf("beyond Slack's limits or rules: %q", invalid)
	}
	if unknown := append(append(s.Slack.Unknown(), s.Trello.Unknown()...), s.GitHub.Unknown()...); len(unknown) > 0 {
		s.Errorf("calls that no service has: %q", unknown)
	}
	if n := s.Trello.CredentialsInURL(); n != 0 {
		s.Errorf("%d calls had Trello's credentials in their address", n)
	}
}

// takeDown stops everything.
func (s *story) takeDown() {
	if s.bot != nil {
		s.stop()
	}
	s.Slack.Close()
	s.services.Close()
	text := s.log.text()
	for name, secret := range map[string]string{
		"bot token": s.config.secrets.slackBot, "app-level token": s.Slack.AppToken(), "signing secret": s.config.secrets.slackSigning,
		"Trello key": s.config.secrets.trelloKey, "Trello token": s.config.secrets.trelloToken, "GitHub token": s.config.secrets.github,
	} {
		if secret != "" && strings.Contains(text, secret) {
			s.Errorf("the %s is in the log", name)
		}
	}
}

// nothingLeft checks that no goroutine of the story runs on. Those of closed connections need a moment to notice, and
// nothing says when they have: this is the one place that looks again and again.
func (s *story) nothingLeft() {
	again := time.NewTicker(2 * time.Millisecond)
	defer again.Stop()
	deadline := time.After(5 * time.Second)
	for {
		left := labelled(s.label)
		if left == "" {
			return
		}
		select {
		case <-again.C:
		case <-deadline:
			s.Errorf("these goroutines were left behind:\n%s", left)
			return
		}
	}
}

// labelled are the stacks of the goroutines of a story.
func labelled(label string) string {
	var all bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&all, 1); err != nil {
		return err.Error()
	}
	var left []string
	for stack := range strings.SplitSeq(all.String(), "\n\n") {
		if strings.Contains(stack, label) {
			left = append(left, stack)
		}
	}
	return strings.Join(left, "\n\n")
}

// logBook keeps the bot's log, and wakes whoever waits for something after each line.
type logBook struct {
	mu    sync.Mutex
	lines bytes.Buffer
	heard map[chan struct{}]bool
}

func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.heard {
		select {
		case c <- struct{}{}:
		default:
		}
	}
	return l.lines.Write(p)
}

func (l *logBook) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines.String()
}

func (l *logBook) tail(n int) string {
	lines := strings.Split(strings.TrimSpace(l.text()), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

func (l *logBook) subscribe() (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.heard[c] = true
	return c, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.heard, c)
	}
}

// until waits until cond holds. It looks again after each change of the workspace and each line of the bot's log.
func (s *story) until(what string, cond func() bool) {
	s.Helper()
	if err := s.wait(cond); err != nil {
		s.Fatalf("%s: %v\n%s", what, err, s.state())
	}
}

func (s *story) wait(cond func() bool) error {
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	changed, unsubscribe := s.Slack.Subscribe()
	defer unsubscribe()
	logged, hush := s.log.subscribe()
	defer hush()
	for !cond() {
		select {
		case <-changed:
		case <-logged:
		case <-ctx.Done():
			return errors.New("it did not come true")
		}
	}
	return nil
}

// eventually waits until f returns no error.
func (s *story) eventually(f func() error) {
	s.Helper()
	var err error
	if wait := s.wait(func() bool { err = f(); return err == nil }); wait != nil {
		s.Fatalf("%v\n%s", err, s.state())
	}
}

// deliveries are those of all incidents, and the answers of none, that are not done.
func (s *story) deliveries() []incidents.Delivery {
	open, err := s.bot.app.deliveries(s.ctx)
	s.must(err)
	return open
}

// quiet lets the story's time pass until every event is taken and nothing is left to deliver.
func (s *story) quiet() {
	s.Helper()
	s.quietBut(func(incidents.Delivery) bool { return false })
}

// quietBut is quiet except for what may stay: those deliveries are waited for only while an attempt is under way.
func (s *story) quietBut(mayStay func(incidents.Delivery) bool) {
	s.Helper()
	s.must(s.Slack.Delivered(s.ctx))
	s.until("nothing is left to deliver", func() bool { return calm(s.deliveries(), s.clock, mayStay) })
}

// calm reports whether nothing is left of the deliveries but what may stay. When the bot merely waits for a time to come,
// it sets the clock to it, and the Relay looks again.
func calm(open []incidents.Delivery, clock *practice.Clock, mayStay func(incidents.Delivery) bool) bool {
	var next time.Time
	now, busy, lanes := clock.Now(), false, map[string]bool{}
	for _, d := range open {
		switch {
		case d.State == incidents.Leased:
			busy = true
			lanes[d.Lane] = true
		case d.State == incidents.Failed || mayStay(d) || lanes[d.Lane]:
		case waits(d) && d.DueAt.After(now.Add(time.Minute)): // a story does not wait for what nobody does
		default:
			lanes[d.Lane] = true
			if !d.DueAt.After(now) {
				busy = true
			} else if next.IsZero() || d.DueAt.Before(next) {
				next = d.DueAt
			}
		}
	}
	if !busy && !next.IsZero() {
		clock.JumpTo(next)
	}
	return !busy && next.IsZero()
}

// waits reports whether a delivery is there to look, later, whether people did what they should.
func waits(d incidents.Delivery) bool {
	return d.Kind == incidents.KindReminder || d.Kind == incidents.KindQuiet
}

// state describes the world for whoever reads a failure.
func (s *story) state() string {
	var b strings.Builder
	if s.bot != nil {
		for _, d := range s.deliveries() {
			fmt.Fprintf(&b, "%s is %s, due %s, failures %d: %s\n", d.Key, d.State, d.DueAt.Format(time.TimeOnly), d.Failures, d.LastError)
		}
	}
	fmt.Fprintf(&b, "now: %s; Slack refused %q\n", s.clock.Now().Format(time.TimeOnly), s.Slack.Refused())
	return b.String()
}
