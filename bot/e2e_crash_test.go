package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"watchbell/incidents"
	"watchbell/integrations/practice"
	"watchbell/storage/crashdisk"
)

// childEnv, when set, makes the test binary a bot that a test can kill; it holds a childConfig.
const childEnv = "WATCHBELL_TEST_CHILD"

func TestMain(m *testing.M) {
	if text := os.Getenv(childEnv); text != "" {
		if err := runChild(text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// childConfig is what a child needs to know.
type childConfig struct {
	Services, Database, Board, Repo  string
	Bot, Signing, Key, Token, GitHub string
	App                              string // for Socket Mode
	Now                              time.Time
	// Disk puts something below SQLite that can fail. DieAt is the commit at which the process dies, from 1 on: before
	// anything of it is written, or After it is on disk and before anybody knows. -1 counts them.
	Disk  bool
	DieAt int
	After bool
}

// runChild is the bot in a process of its own: it prints its address, and then obeys lines on its standard input, "jump
// NANOSECONDS", "leap NANOSECONDS", "skew NANOSECONDS", "disk full|broken|ok" and "quiet". It ends with its input, or orderly with SIGTERM.
func runChild(text string) error {
	var in childConfig
	if err := json.Unmarshal([]byte(text), &in); err != nil {
		return err
	}
	c := defaultConfig()
	c.database = in.Database
	c.urls = baseURLs{
		slack: in.Services + practice.SlackPath, trello: in.Services + practice.TrelloPath, github: in.Services + practice.GitHubPath,
	}
	c.secrets = secrets{
		slackBot: in.Bot, slackSigning: in.Signing, slackApp: in.App, trelloKey: in.Key, trelloToken: in.Token, github: in.GitHub,
	}
	c.Slack.TeamChannel, c.Trello.Board, c.GitHub.Repo = practice.TeamChannel, in.Board, in.Repo
	var wrong mistakes
	c.check(&wrong)
	if err := wrong.err(); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	clock := practice.NewClock(in.Now)
	disk := &badDisk{dieAt: in.DieAt, after: in.After}
	if in.Disk || in.DieAt != 0 {
		if err := crashdisk.Install(disk.hook); err != nil {
			return err
		}
	}
	book := &logBook{heard: map[chan struct{}]bool{}}
	log := slog.New(slog.NewJSONHandler(io.MultiWriter(book, os.Stderr), &slog.HandlerOptions{Level: slog.LevelDebug}))
	var skew atomic.Int64
	now := func() time.Time { return clock.Now().Add(time.Duration(skew.Load())) }
	a, err := newApp(ctx, c, world{now: now, settle: 300 * time.Millisecond}, log)
	if err != nil {
		return err
	}
	clock.OnJump(a.relay.Wake)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	disk.started.Store(true)
	fmt.Println("http://" + listener.Addr().String())
	go func() {
		obey(ctx, a, clock, &skew, book, disk)
		os.Exit(3) // nobody is there any more to stop this process
	}()
	err = a.run(ctx, listener, a.handler())
	if in.DieAt < 0 {
		fmt.Fprintln(os.Stderr, "commits", disk.commits.Load())
	}
	return err
}

// obey reads a child's standard input to its end.
func obey(ctx context.Context, a *app, clock *practice.Clock, skew *atomic.Int64, book *logBook, disk *badDisk) {
	heard, hush := book.subscribe()
	defer hush()
	none := func(incidents.Delivery) bool { return false }
	until := func(cond func([]incidents.Delivery) bool) {
		for {
			open, err := a.deliveries(ctx)
			if err != nil || cond(open) {
				return
			}
			<-heard
		}
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		word, rest, _ := strings.Cut(lines.Text(), " ")
		switch word {
		case "jump":
			nanos, _ := strconv.ParseInt(rest, 10, 64)
			until(func(open []incidents.Delivery) bool { return idle(open, clock.Now()) })
			clock.JumpTo(time.Unix(0, nanos))
		case "leap": // whatever is under way
			nanos, _ := strconv.ParseInt(rest, 10, 64)
			clock.JumpTo(time.Unix(0, nanos))
		case "skew": // its own clock apart from everybody's
			nanos, _ := strconv.ParseInt(rest, 10, 64)
			skew.Store(nanos)
			clock.Nudge()
		case "disk":
			disk.state.Store(&rest)
		case "quiet":
			until(func(open []incidents.Delivery) bool { return calm(open, clock, none) })
		}
		fmt.Println(word, clock.Now().UnixNano())
	}
}

// crashing is a story whose bot is another process, which is killed at one of its calls.
type crashing struct {
	*story
	lease  time.Duration // what passes before the next one takes up what this one had leased
	killAt int           // the call at which it is killed, from 1; 0 for never
	after  bool          // the service does its work first, or the commit is on disk
	dieAt  int           // the commit at which it dies, from 1; 0 for never, -1 to count them

	mu    sync.Mutex
	calls int
	died  bool
	child *child
	born  chan struct{} // closed, and made anew, when there is another child
}

// child is a bot in a process of its own.
type child struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Reader
	url    string
	ended  chan struct{}
	err    error
	broken atomic.Bool // its disk is, so that it is right to end
}

func newCrashing(t *testing.T, on database, c *crashing) *crashing {
	t.Helper()
	c.born, c.lease = make(chan struct{}), on.lease
	c.story = newStory(t, storyOptions{asleep: true, around: c.around, configure: on.configure(t)})
	c.Slack.RetryAfter = make([]time.Duration, 100)
	for i := range c.Slack.RetryAfter {
		c.Slack.RetryAfter[i] = 50 * time.Millisecond // until the next bot is up
	}
	c.spawn()
	return c
}

// around counts the bot's calls, and kills it when its time has come: before the service has seen the call, or after the
// service has done its work and before the answer is out.
func (c *crashing) around(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		c.calls++
		now := c.calls == c.killAt
		c.mu.Unlock()
		if !now {
			next.ServeHTTP(w, r)
			return
		}
		if c.after {
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			next.ServeHTTP(httptest.NewRecorder(), r)
		}
		c.kill()
		c.clock.JumpTo(c.clock.Now().Add(c.lease))
		c.spawn()
		panic(http.ErrAbortHandler)
	})
}

func (c *crashing) kill() {
	c.mu.Lock()
	victim := c.child
	c.mu.Unlock()
	_ = victim.cmd.Process.Kill()
	<-victim.ended
}

// newChild starts a bot on the story's database; nil when it does not start.
func (s *story) newChild(change ...func(*childConfig)) *child {
	in := childConfig{
		Services: s.services.URL, Database: s.config.database, Board: s.config.Trello.Board,
		Repo: s.config.GitHub.Repo, Bot: s.config.secrets.slackBot, Signing: s.config.secrets.slackSigning,
		Key: s.config.secrets.trelloKey, Token: s.config.secrets.trelloToken, GitHub: s.config.secrets.github,
		App: s.config.secrets.slackApp, Now: s.clock.Now(),
	}
	for _, f := range change {
		f(&in)
	}
	config, err := json.Marshal(in)
	if err != nil {
		s.Error(err)
		return nil
	}
	one := &child{cmd: exec.Command(os.Args[0]), ended: make(chan struct{})}
	one.cmd.Env = append(os.Environ(), childEnv+"="+string(config))
	one.cmd.Stderr = s.log
	one.stdin, err = one.cmd.StdinPipe()
	stdout, err2 := one.cmd.StdoutPipe()
	if err := errors.Join(err, err2, one.cmd.Start()); err != nil {
		s.Error(err)
		return nil
	}
	one.stdout = bufio.NewReader(stdout)
	line, err := one.stdout.ReadString('\n')
	if err != nil {
		s.Errorf("a bot did not start: %v\n%s", err, s.log.tail(5))
	}
	one.url = strings.TrimSpace(line)
	go func() {
		one.err = one.cmd.Wait()
		close(one.ended)
	}()
	return one
}

// spawn starts a bot and has Slack call it.
func (c *crashing) spawn() {
	first := c.child == nil
	one := c.newChild(func(in *childConfig) {
		if first {
			in.DieAt, in.After = c.dieAt, c.after
		}
	})
	if one == nil {
		return
	}
	if first && c.dieAt > 0 {
		go func() {
			if <-one.ended; one.err != nil { // not by order
				c.died = true
				c.spawn()
			}
		}()
	}
	c.Slack.Connect(one.url)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.child = one
	close(c.born)
	c.born = make(chan struct{})
}

// current is the bot that lives, and what is closed when there is another.
func (c *crashing) current() (*child, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.child, c.born
}

// next waits for another bot; without one being born the bot has died of itself.
func (c *crashing) next(born <-chan struct{}, why error) {
	c.Helper()
	select {
	case <-born:
	case <-time.After(patience):
		c.Fatalf("the bot ended by itself: %v\n%s", why, c.log.tail(10))
	}
}

// order has the bot do something, and gets it done by the next one when this one dies.
func (c *crashing) order(line string) {
	c.Helper()
	for {
		one, born := c.current()
		_, err := fmt.Fprintln(one.stdin, line)
		if err == nil {
			var answer string
			if answer, err = one.stdout.ReadString('\n'); err == nil {
				_, nanos, _ := strings.Cut(strings.TrimSpace(answer), " ")
				at, _ := strconv.ParseInt(nanos, 10, 64)
				c.clock.JumpTo(time.Unix(0, at))
				return
			}
		}
		c.next(born, err)
	}
}

func (c *crashing) at(clock string) {
	c.Helper()
	c.story.at(clock)
	c.order(fmt.Sprint("jump ", c.clock.Now().UnixNano()))
}

func (c *crashing) quiet() {
	c.Helper()
	c.must(c.Slack.Delivered(c.ctx))
	c.order("quiet")
}

// types sends a command until it is answered. It is the same request each time, as when a network loses the answer.
func (c *crashing) types(who, channel, text string) {
	c.Helper()
	body := c.command(who, channel, text, "1."+text)
	for {
		_, born := c.current()
		header := c.Slack.Sign(c.clock.Now(), body)
		header.Set("Content-Type", "application/x-www-form-urlencoded")
		status, _, answer, err := c.Slack.Post(c.ctx, "/slack/commands", header, body)
		if err != nil {
			c.next(born, err)
			continue
		}
		if status != 200 || strings.Contains(string(answer), ":x:") {
			c.Fatalf("%q is answered by %d %s", text, status, answer)
		}
		return
	}
}

// goThrough goes through the incident of every run.
func (c *crashing) goThrough() {
	c.at("09:00")
	c.types("ana", "team", "declare checkout is down")
	c.quiet()
	c.at("09:10")
	c.types("ana", "team", "severity #1 downtime")
	c.types("ana", "team", "role #1 ops "+"<@"+c.Slack.User("chloe").ID+">")
	c.types("ana", "team", "log #1 -20m We released a new version")
	c.captures("ana", "The disk is full", "ana")
	c.quiet()
	c.at("09:20")
	c.types("ana", "team", "action #1 Rotate the keys")
	c.types("ana", "team", "action #1 Alert when the disk is full")
	c.quiet() // a card made later would name the pull request
	c.at("09:30")
	c.types("ana", "team", "resolve #1")
	c.quiet()
	c.at("09:40")
	c.types("ana", "team", "draft #1 lead Nobody could pay.")
	c.quiet()
}

// stopsOrderly ends the bot as an operator does.
func (c *crashing) stopsOrderly() {
	c.Helper()
	one, _ := c.current()
	c.must(one.cmd.Process.Signal(syscall.SIGTERM))
	select {
	case <-one.ended:
		if one.err != nil {
			c.Errorf("after SIGTERM the bot ended with %v\n%s", one.err, c.log.tail(5))
		}
	case <-time.After(stopWithinTime):
		_ = one.cmd.Process.Kill()
		c.Errorf("the bot did not stop within %v", stopWithinTime)
	}
}

// database is where a story's bots keep their incidents.
type database struct {
	configure func(*testing.T) func(*Config)
	// lease is how long what a dead process had leased stays leased: nothing where the next process knows it to be dead.
	lease time.Duration
}

var onSQLite = database{configure: func(*testing.T) func(*Config) { return nil }}

// The bot is killed at a call, before its effect or after it, and started again: the end is the same as without.
func TestStoryKilledAtAnyCall(t *testing.T) {
	t.Parallel()
	killedAtAnyCall(t, onSQLite, 16, 6)
}

// killedAtAnyCall tries so many of the calls, or so many under the race detector.
func killedAtAnyCall(t *testing.T, on database, usual, racing int) {
	killedAtAny(t, on, "call", usual, racing, &crashing{}, func(at int, after bool) *crashing {
		return &crashing{killAt: at, after: after}
	})
}

// The bot dies at a commit, before it or when it is on disk and nobody knows yet: of what people do, of what is leased, of
// what came of it. The end is the same as without.
func TestStoryKilledAtAnyCommit(t *testing.T) {
	t.Parallel()
	killedAtAny(t, onSQLite, "commit", 8, 3, &crashing{dieAt: -1}, func(at int, after bool) *crashing {
		return &crashing{dieAt: at, after: after}
	})
}

// killedAtAny goes through the incident of every run without a crash, and then with one at some of the points.
func killedAtAny(t *testing.T, on database, what string, usual, racing int, never *crashing, with func(at int, after bool) *crashing) {
	var want leftBehind
	total := 0
	t.Run("never", func(t *testing.T) {
		c := newCrashing(t, on, never)
		c.goThrough()
		c.stopsOrderly()
		want, total = c.left(), c.calls
		if c.dieAt != 0 {
			total = c.commits()
		}
		want.once(t)
	})
	if t.Failed() {
		return
	}
	type crash struct {
		at    int
		after bool
	}
	var crashes []crash
	for at := 1; at <= total; at++ {
		crashes = append(crashes, crash{at, false}, crash{at, true})
	}
	random := rand.New(rand.NewPCG(4, 2))
	random.Shuffle(len(crashes), func(i, j int) { crashes[i], crashes[j] = crashes[j], crashes[i] })
	crashes = crashes[:sample(len(crashes), usual, racing)]
	t.Logf("%d %ss; %d crashes", total, what, len(crashes))
	for _, k := range crashes {
		t.Run(fmt.Sprintf("%s %d, %s its effect", what, k.at, map[bool]string{false: "before", true: "after"}[k.after]), func(t *testing.T) {
			t.Parallel()
			c := newCrashing(t, on, with(k.at, k.after))
			c.goThrough()
			c.stopsOrderly()
			if c.dieAt > 0 && !c.died {
				t.Logf("this time there were not that many")
			}
			got := c.left()
			got.once(t)
			got.same(t, want)
		})
	}
}

// commits is how many commits a bot counted that was told to.
func (c *crashing) commits() (n int) {
	_, rest, _ := strings.Cut(c.log.text(), "\ncommits ")
	_, _ = fmt.Sscan(rest, &n)
	return n
}
