package slackio

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"watchbell/bot/chat"
	"watchbell/incidents"
	"watchbell/integrations/practice"
)

// epoch is when the tests take place.
var epoch = time.Date(2026, 11, 7, 14, 5, 0, 0, time.UTC)

// clock is a clock that is set by hand.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.t }

func (c *clock) add(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.t = c.t.Add(d) }

// rig is a workspace with people in it and the bot's side of it.
type rig struct {
	t     *testing.T
	w     *practice.Workspace
	s     *practice.Slack
	url   string
	clock *clock
	c     *Client
	desk  *desk
	in    *Intake
	out   *Outgoing
	done  map[string]incidents.Delivery
	logs  *logs
}

// logs keeps what was logged, to look for secrets in it.
type logs struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *logs) Write(p []byte) (int, error) { l.mu.Lock(); defer l.mu.Unlock(); return l.b.Write(p) }

func (l *logs) String() string { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, clock: &clock{t: epoch}, done: map[string]incidents.Delivery{}, logs: &logs{}}
	r.w = practice.New(practice.Options{Now: r.clock.now, Log: slog.New(slog.DiscardHandler)})
	r.s = r.w.Slack
	t.Cleanup(r.s.Close)
	slackServer := httptest.NewServer(r.w.Handler())
	t.Cleanup(slackServer.Close)
	r.url = slackServer.URL + strings.TrimSuffix(practice.SlackPath, "/")
	r.s.RetryAfter = []time.Duration{0, 0, 0}
	r.s.AddUser("ana", "Ana Example", "Europe/Berlin")
	r.s.AddUser("ben", "Ben Example", "America/New_York")
	log := slog.New(slog.NewTextHandler(r.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	r.c = NewClient(Options{Token: r.s.BotToken(), AppToken: r.s.AppToken(), BaseURL: r.url, Now: r.clock.now, Log: log})
	r.desk = &desk{}
	r.out = NewOutgoing(r.c, OutgoingOptions{TeamChannel: "#" + practice.TeamChannel, Canvas: true, Render: testRender, Delivery: r.delivery, Log: log})
	r.in = NewIntake(r.c, r.desk, r, IntakeOptions{SigningSecrets: []string{r.s.SigningSecret()}, Log: log})
	bot := httptest.NewServer(r.in.Handler())
	t.Cleanup(bot.Close)
	r.s.Connect(bot.URL)
	t.Cleanup(func() {
		if said := r.logs.String(); strings.Contains(said, r.s.BotToken()) || strings.Contains(said, r.s.AppToken()) {
			t.Errorf("a token is in the log:\n%s", said)
		}
	})
	return r
}

var testRender = Render{
	Announcement: func(s incidents.Snapshot) chat.Message {
		return chat.Message{Text: "We have an incident: " + s.Title, Blocks: []chat.Block{{Kind: chat.Section, Text: s.Title}}}
	},
	Summary: func(s incidents.Snapshot) chat.Message {
		return chat.Message{Text: "Card: " + s.Title, Blocks: []chat.Block{
			{Kind: chat.Header, Text: s.Title}, {Kind: chat.Actions, Buttons: []chat.Button{{Label: "Resolve", Action: "resolve", Value: "1"}}},
		}}
	},
	Canvas:      func(s incidents.Snapshot) string { return "# " + chat.CanvasTitle(s.Incident) + " " + s.Title },
	Stale:       func(_ incidents.Snapshot, why string) chat.Message { return chat.Message{Text: "Stale: " + why} },
	Topic:       func(s incidents.Snapshot) string { return string(s.Status) + ": " + s.Title },
	ChannelName: func(s incidents.Snapshot) string { return "inc-1-" + s.Title },
}

func (r *rig) delivery(_ context.Context, key string) (incidents.Delivery, error) {
	if d, ok := r.done[key]; ok {
		return d, nil
	}
	return incidents.Delivery{}, incidents.ErrNotFound
}

// Tell carries a notice to Slack at once, as the Relay would a little later.
func (r *rig) Tell(ctx context.Context, n incidents.Notice) error {
	payload, err := json.Marshal(map[string]any{"channel": n.Channel, "thread": n.Thread, "user": n.User, "body": json.RawMessage(n.Body)})
	if err != nil {
		return err
	}
	d := incidents.Delivery{Key: "answer/" + n.Key, Kind: incidents.KindAnswer, Payload: payload, Tried: 1}
	return r.out.Deliver(context.WithoutCancel(ctx), d, incidents.Snapshot{}).Err
}

func (r *rig) id(name string) string {
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

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// valid checks that nothing broke a limit or a form of Slack's.
func (r *rig) valid() {
	r.t.Helper()
	if list := r.s.Invalid(); len(list) > 0 {
		r.t.Errorf("Slack found fault with:\n%s", strings.Join(list, "\n"))
	}
	if list := r.s.Unknown(); len(list) > 0 {
		r.t.Errorf("methods that do not exist: %v", list)
	}
}

// calls counts the calls of a method.
func (r *rig) calls(name string) int {
	n := 0
	for _, c := range r.w.Wire.Calls() {
		if c.Name == name {
			n++
		}
	}
	return n
}

// desk is a Desk that answers as it is told and keeps what it got.
type desk struct {
	mu       sync.Mutex
	got      []any
	heard    []chat.Heard
	reply    chat.Reply
	err      error
	panics   bool
	onAnswer func(any)
}

func (d *desk) take(what any) (chat.Reply, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.got = append(d.got, what)
	if d.onAnswer != nil {
		d.onAnswer(what)
	}
	if d.panics {
		panic("the desk fell over")
	}
	return d.reply, d.err
}

func (d *desk) answer(reply chat.Reply, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.reply, d.err = reply, err
}

func (d *desk) all() []any {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]any(nil), d.got...)
}

func (d *desk) Said(_ context.Context, s chat.Said) (chat.Reply, error)           { return d.take(s) }
func (d *desk) Pressed(_ context.Context, p chat.Pressed) (chat.Reply, error)     { return d.take(p) }
func (d *desk) Submitted(_ context.Context, s chat.Submitted) (chat.Reply, error) { return d.take(s) }
func (d *desk) Filled(_ context.Context, s chat.Submitted) (*chat.Form, error) {
	r, err := d.take(s)
	return r.Form, err
}
func (d *desk) Shortcut(_ context.Context, u chat.UsedShortcut) (chat.Reply, error) {
	return d.take(u)
}
func (d *desk) Marked(_ context.Context, r chat.Marked) (chat.Reply, error) { return d.take(r) }
func (d *desk) Replied(_ context.Context, r chat.Replied) error {
	_, err := d.take(r)
	return err
}

// Heard keeps what is only listened to apart: it is every message.
func (d *desk) Heard(_ context.Context, h chat.Heard) (chat.Reply, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.heard = append(d.heard, h)
	return d.reply, d.err
}

func (d *desk) Changed(_ context.Context, m chat.MessageChanged) error {
	_, err := d.take(m)
	return err
}
