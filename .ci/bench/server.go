package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// boltVersion is the release of @slack/bolt that is compared with.
const boltVersion = "5.1.0"

//go:embed bolt.js
var boltProgram []byte

// findBolt puts the hello world where it finds @slack/bolt.
func (b *bench) findBolt(ctx context.Context) error {
	dir := filepath.Join(b.dir, "bolt")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "bolt.js"), boltProgram, 0o600); err != nil {
		return err
	}
	if b.modules != "" {
		from, err := filepath.Abs(filepath.Join(b.modules, "node_modules"))
		if err != nil {
			return err
		}
		return os.Symlink(from, filepath.Join(dir, "node_modules"))
	}
	npm := exec.CommandContext(ctx, "npm", "install", "--no-audit", "--no-fund", "--no-save", "@slack/bolt@"+boltVersion)
	npm.Dir = dir
	if out, err := npm.CombinedOutput(); err != nil {
		return fmt.Errorf("install @slack/bolt: %w\n%s", err, out)
	}
	return nil
}

// server is a bot that runs.
type server struct {
	bolt     bool
	addr     string
	database string // of Watchbell
	cmd      *exec.Cmd
	log      *os.File
	started  time.Duration // from exec to ready
}

// slack says how the stub answers.
const (
	answers = "answers"
	waits   = "waits"
)

// startBolt starts the hello world.
func (b *bench) startBolt(ctx context.Context) (*server, error) {
	s := &server{bolt: true, cmd: exec.CommandContext(ctx, "node", "bolt.js")}
	s.cmd.Dir = filepath.Join(b.dir, "bolt")
	return s, b.start(ctx, s, answers, "NODE_ENV=production")
}

// startWatchbell starts the bot on a database.
func (b *bench) startWatchbell(ctx context.Context, database, slack string) (*server, error) {
	s := &server{database: database, cmd: exec.CommandContext(ctx, b.binary, "serve", "-config", "watchbell.yml")}
	s.cmd.Dir = b.dir
	return s, b.start(ctx, s, slack, "DATABASE_URL=sqlite:"+database)
}

func (b *bench) start(ctx context.Context, s *server, slack string, more ...string) (err error) {
	port, err := freePort()
	if err != nil {
		return err
	}
	s.addr = net.JoinHostPort("127.0.0.1", port)
	config := fmt.Sprintf("listen: %q\nslack: {team_channel: C0TEAM001}\nlimits: {per_person: 0}\n", s.addr)
	if err := os.WriteFile(filepath.Join(b.dir, "watchbell.yml"), []byte(config), 0o600); err != nil {
		return err
	}
	if s.log, err = os.Create(filepath.Join(b.dir, "log")); err != nil {
		return err
	}
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	s.cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + b.dir, "PORT=" + port, "SLACK_BOT_TOKEN=xoxb-1234567890-bench",
		"SLACK_SIGNING_SECRET=" + signingSecret, "SLACK_API_URL=" + b.stub.url + "/" + slack + "/api/",
	}, more...)
	began := time.Now()
	if err := s.cmd.Start(); err != nil {
		return errors.Join(err, s.log.Close())
	}
	if err := s.await(ctx); err != nil {
		return errors.Join(err, s.kill())
	}
	s.started = time.Since(began)
	return nil
}

func freePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	return port, errors.Join(err, listener.Close())
}

// await waits until the bot is ready: Watchbell says so at /readyz, Bolt answers anything at all.
func (s *server) await(ctx context.Context) error {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 5 * time.Second}
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline) && ctx.Err() == nil; {
		response, err := client.Get("http://" + s.addr + "/readyz")
		if err == nil {
			_ = response.Body.Close()
			if s.bolt || response.StatusCode == http.StatusOK {
				return nil
			}
		}
		time.Sleep(time.Millisecond)
	}
	text, _ := os.ReadFile(s.log.Name())
	return fmt.Errorf("%s is not ready: %v\n%.2000s", s.cmd.Path, ctx.Err(), text)
}

// kill ends the bot without a warning.
func (s *server) kill() error {
	err := s.cmd.Process.Kill()
	_ = s.cmd.Wait() // it says that it was killed
	return errors.Join(err, s.log.Close())
}

// stop ends the bot in order.
func (s *server) stop() error {
	err := s.cmd.Process.Signal(syscall.SIGTERM)
	return errors.Join(err, s.cmd.Wait(), s.log.Close())
}

// usage is what a server used while it was measured.
type usage struct {
	cpu    time.Duration
	memory int64
	others float64 // the share of the processors that neither the server nor this program used
}

// watch looks at the server's use of the processor and of memory between two instants.
func (s *server) watch(from, until time.Time) (u usage, err error) {
	time.Sleep(time.Until(from))
	before, _, err := s.stat()
	if err != nil {
		return u, err
	}
	allBefore, err := busy()
	if err != nil {
		return u, err
	}
	own, began := ownTime(), time.Now()
	for {
		cpu, memory, err := s.stat()
		if err != nil {
			return u, err
		}
		u.cpu, u.memory = cpu-before, max(u.memory, memory)
		left := time.Until(until)
		if left <= 0 {
			all, err := busy()
			u.others = share(all-allBefore-u.cpu-(ownTime()-own), time.Since(began))
			return u, err
		}
		time.Sleep(min(left, 100*time.Millisecond))
	}
}

// stat reads the time on the processors and the resident memory of the server from /proc/PID/stat, see
// proc_pid_stat(5).
func (s *server) stat() (cpu time.Duration, memory int64, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return 0, 0, fmt.Errorf("the bot has ended: %w", err)
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 22 {
		return 0, 0, fmt.Errorf("%s is not understood", text)
	}
	number := func(i int) int64 {
		n, _ := strconv.ParseInt(fields[i], 10, 64)
		return n
	}
	const utime, stime, rss = 11, 12, 21
	return time.Duration(number(utime)+number(stime)) * tick, number(rss) * int64(os.Getpagesize()), nil
}
