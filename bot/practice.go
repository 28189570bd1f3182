package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"watchbell/incidents"
	"watchbell/integrations/practice"
)

type practiceFlags struct {
	play          bool
	drill, replay string
	out, data     string
	listen        string
	alone         aloneFlags
	speed         float64
	verbose       bool
}

// runPractice runs the bot against local services, and plays a drill when asked to.
func runPractice(ctx context.Context, args []string, env environment) error {
	var f practiceFlags
	flags := newFlags("practice", env)
	flags.BoolVar(&f.play, "play", false, "play a drill from beginning to end, print what happens, and stop")
	flags.StringVar(&f.drill, "drill", "", "train with the drill `NAME|FILE`; there are "+strings.Join(practice.Drills(), ", "))
	flags.StringVar(&f.replay, "replay", "", "train with a past incident, as the post-mortem in `FILE` tells it")
	flags.Float64Var(&f.speed, "speed", 0, "play `N` minutes of the story in a minute; 0 is what the drill says or, with -play, as fast as it goes")
	flags.StringVar(&f.out, "out", "", "write the debrief, the post and a copy of the site into `DIR`")
	flags.StringVar(&f.data, "data", "", "keep the database in `FILE`; without it nothing is left behind")
	flags.StringVar(&f.listen, "listen", "127.0.0.1:0", "listen on this loopback `ADDRESS`")
	flags.BoolVar(&f.verbose, "verbose", false, "print the bot's log")
	f.alone.define(flags)
	if err := parse(flags, args); err != nil {
		return err
	}
	if err := f.check(); err != nil {
		fmt.Fprintf(env.stderr, "watchbell practice: %v\n", err)
		return errUsage
	}
	if f.alone.on {
		return practiseAlone(ctx, f, env)
	}
	drill, err := f.load()
	if err == nil {
		err = f.prepare()
	}
	if err != nil {
		return err
	}
	// A closed pipe ends practice as Ctrl-C does, so that nothing stays behind.
	signal.Ignore(syscall.SIGPIPE)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	env.stdout = untilClosed{env.stdout, cancel}
	p, err := startPractice(ctx, f, drill, env)
	if err != nil {
		return err
	}
	defer p.stop()
	if f.byHand() {
		return p.train(ctx, drill, f, env)
	}
	if !f.play {
		p.workspace.Offer(drill, p.clock)
		fmt.Fprintf(env.stdout, "Watchbell practises at %s\n\nOpen it and press “Play the first drill”: an incident from the first alarm to the "+
			"post-mortem, in about a minute.\nTo play it here instead: %s practice -play\nStop with Ctrl-C.\n", p.url, program())
		return p.wait(ctx)
	}
	return p.play(ctx, drill, f, env)
}

// mostSpeed is a day in a few seconds.
const mostSpeed = 100_000

func (f practiceFlags) check() error {
	host, _, err := net.SplitHostPort(f.listen)
	ip := net.ParseIP(host)
	switch {
	case err != nil:
		return fmt.Errorf("-listen %s is not an address; write 127.0.0.1:8080", f.listen)
	case host != "localhost" && (ip == nil || !ip.IsLoopback()):
		return fmt.Errorf("-listen %s is not a loopback address; practice is for this machine alone, write 127.0.0.1:8080", f.listen)
	case !(f.speed >= 0 && f.speed <= mostSpeed): // also what is no number at all
		return fmt.Errorf("-speed is how many minutes pass in one, from 0 to %d", mostSpeed)
	}
	if err := f.checkDrill(); err != nil {
		return err
	}
	return f.alone.check(f)
}

// practising is a running bot with its local services.
type practising struct {
	workspace *practice.Workspace
	app       *app
	clock     *practice.Clock
	url       string
	cancel    context.CancelFunc
	ended     chan error
	remove    func() // takes away what nobody asked to keep
}

func startPractice(ctx context.Context, f practiceFlags, drill practice.Drill, env environment) (*practising, error) {
	p := &practising{ended: make(chan error, 1), remove: func() {}}
	start := time.Time{}
	if f.play || f.byHand() {
		start = drill.Start
	}
	p.clock = practice.NewClock(start)
	log := slog.New(slog.DiscardHandler)
	if f.verbose {
		log = slog.New(slog.NewTextHandler(env.stderr, nil))
	}
	p.workspace = practice.New(practice.Options{Now: p.clock.Now, Log: log})
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", f.listen)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", f.listen, err)
	}
	p.url = "http://" + listener.Addr().String()
	file := f.data
	if file == "" {
		dir, err := os.MkdirTemp("", "watchbell-practice-")
		if err != nil {
			return nil, errors.Join(err, listener.Close())
		}
		file, p.remove = filepath.Join(dir, "watchbell.db"), func() { _ = os.RemoveAll(dir) }
	}
	c, err := practiceConfig(p.workspace, p.url, file)
	if err != nil {
		p.remove()
		return nil, errors.Join(err, listener.Close())
	}
	if start.IsZero() { // people look around by themselves: the team's channel shows what is offered there
		c.Slack.OfferDeclare = []string{practice.TeamChannel}
	}
	// Local services need no rest between two calls, and what they did not do at once they never will.
	a, err := newApp(ctx, c, world{now: p.clock.Now, settle: 300 * time.Millisecond}, log)
	if err != nil {
		p.remove()
		return nil, errors.Join(err, listener.Close())
	}
	p.app = a
	p.clock.OnJump(a.relay.Wake)
	p.workspace.Slack.Connect(p.url)
	p.workspace.Install(practiceApp(c.Slack.Command))
	mux := http.NewServeMux()
	mux.Handle("/", a.handler())
	mux.Handle("/practice/", p.workspace.Handler())
	mux.Handle("GET /{$}", p.workspace.Page())
	ctx, p.cancel = context.WithCancel(ctx)
	go func() { p.ended <- a.run(ctx, listener, mux) }()
	return p, nil
}

// practiceConfig is the configuration of a bot that works with the local services.
func practiceConfig(w *practice.Workspace, url, file string) (Config, error) {
	c := defaultConfig()
	c.PublicURL = url
	c.database = "sqlite:" + file
	c.urls = baseURLs{slack: url + practice.SlackPath, trello: url + practice.TrelloPath, github: url + practice.GitHubPath}
	c.secrets = secrets{
		slackBot: w.Slack.BotToken(), slackSigning: w.Slack.SigningSecret(),
		trelloKey: "practice-key", trelloToken: "practice-token", github: "practice-token",
	}
	c.Slack.TeamChannel = practice.TeamChannel
	c.Trello.Board = w.Trello.Board().ShortLink
	c.GitHub.Repo = w.GitHub.Repo()
	var wrong mistakes
	c.check(&wrong)
	return c, wrong.err()
}

// wait returns when the bot has ended.
func (p *practising) wait(ctx context.Context) error {
	select {
	case err := <-p.ended:
		p.ended <- nil
		return err
	case <-ctx.Done():
		return nil
	}
}

// soon is longer than the bot rests before it tries again or says several things at once. What is due later is a reminder
// or a look at something, of which there is always a next one.
const soon = 10 * time.Second

// settled reports whether everything that was to be delivered is delivered.
func (p *practising) settled(ctx context.Context) bool {
	open, err := p.app.deliveries(ctx)
	return err == nil && idle(open, p.clock.Now().Add(soon))
}

// idle reports whether the bot is at nothing.
func (p *practising) idle(ctx context.Context) bool {
	open, err := p.app.deliveries(ctx)
	return err == nil && idle(open, p.clock.Now())
}

// deliveries are those of all incidents, and of none, that are not done.
func (a *app) deliveries(ctx context.Context) (open []incidents.Delivery, err error) {
	err = a.store.View(ctx, func(r incidents.Reader) error {
		open = nil
		found, err := r.Find(incidents.Query{})
		if err != nil {
			return err
		}
		for _, in := range append(found, incidents.Incident{}) {
			of, err := r.Deliveries(in.Number)
			if err != nil {
				return err
			}
			open = append(open, of...)
		}
		return nil
	})
	return open, err
}

// idle reports whether the bot is at nothing and has nothing to begin until then.
func idle(open []incidents.Delivery, then time.Time) bool {
	lanes := map[string]bool{}
	for _, d := range open {
		if d.State == incidents.Leased || (d.State == incidents.Pending && !lanes[d.Lane] && !d.DueAt.After(then)) {
			return false
		}
		lanes[d.Lane] = lanes[d.Lane] || d.State == incidents.Pending
	}
	return true
}

// stop ends the bot and cleans up.
func (p *practising) stop() {
	p.cancel()
	p.workspace.Slack.Close() // ends what never ends by itself: sockets, and the streams of events for open pages
	if err := <-p.ended; err != nil {
		p.app.log.Warn("the bot did not end well", "error", err)
	}
	p.remove()
}

func (p *practising) play(ctx context.Context, drill practice.Drill, f practiceFlags, env environment) error {
	report, err := p.workspace.Play(ctx, drill, practice.PlayOptions{
		Clock: p.clock, Out: env.stdout, Speed: f.speed, Dir: f.out, Settled: p.settled, Idle: p.idle,
	})
	if ctx.Err() != nil {
		fmt.Fprintf(env.stdout, "\n%s\n", p.workspace.Debrief(drill).Short())
		return fmt.Errorf("stopped after %d of %d steps", report.Steps, len(drill.Steps))
	}
	if err != nil {
		return err
	}
	return reportPlay(report, f, env.stdout)
}

// untilClosed ends what is going on when nobody reads its output any more.
type untilClosed struct {
	io.Writer
	end context.CancelCauseFunc
}

func (w untilClosed) Write(text []byte) (int, error) {
	n, err := w.Writer.Write(text)
	if err != nil {
		w.end(fmt.Errorf("nobody reads the output: %w", err))
	}
	return n, err
}

// program is what somebody has typed to start this program.
func program() string {
	if strings.Contains(os.Args[0], "go-build") {
		return "go run ./bot"
	}
	return os.Args[0]
}
