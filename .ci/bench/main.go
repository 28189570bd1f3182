// Bench measures Watchbell against a hello-world bot on Slack's own framework for Node, @slack/bolt, and prints the
// figures as Markdown. docs/performance.md explains the method and keeps the last figures.
//
// From the top of the repository:
//
//	go run ./.ci/bench            everything, an hour; needs Linux, Go, Node and npm
//	go run ./.ci/bench -smoke     every part once and briefly, to see that it works
//	go run ./.ci/bench -only declare -reps 3
//	go run ./.ci/bench -soak 1h   nothing but an even load for an hour, on one processor
//
// It speaks to 127.0.0.1 only, leaves nothing behind, and ends by itself.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// options says how long and what to measure.
type options struct {
	reps         int
	warm, window time.Duration
	only         string
	modules      string
	incidents    int
	starts       int
	patience     time.Duration
	limit        time.Duration
	soakFor      time.Duration
}

func parse() options {
	var o options
	flag.IntVar(&o.reps, "reps", 5, "repetitions of every comparison")
	flag.DurationVar(&o.warm, "warm", 8*time.Second, "time to warm up before each repetition; a start looks after every open incident, which takes as long")
	flag.DurationVar(&o.window, "window", 5*time.Second, "time that is measured in each repetition")
	flag.StringVar(&o.only, "only", "", "only these `PARTS`, with commas: declare, alike, log, reaction, plain, start, post, drill")
	flag.StringVar(&o.modules, "bolt", "", "a `DIR` that holds node_modules with @slack/bolt; without it npm installs it into a temporary one")
	flag.DurationVar(&o.patience, "patience", 20*time.Minute, "how long all the waiting for a quiet machine may take")
	flag.IntVar(&o.incidents, "incidents", 1000, "incidents in the database before it begins")
	flag.DurationVar(&o.soakFor, "soak", 0, "instead of everything else an even load for so long, which ends with a table of what was seen each minute")
	smoke := flag.Bool("smoke", false, "every part once and briefly; the figures mean nothing")
	flag.Parse()
	o.starts, o.limit = 20, time.Hour+o.soakFor
	if *smoke {
		o.reps, o.warm, o.window, o.starts, o.limit = 1, 300*time.Millisecond, 500*time.Millisecond, 2, 5*time.Minute
		o.patience = 0
	}
	return o
}

func main() {
	log.SetFlags(log.Ltime)
	o := parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithTimeout(ctx, o.limit+o.patience)
	err := run(ctx, o)
	cancel()
	stop()
	if err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, o options) (err error) {
	dir, err := os.MkdirTemp("", "watchbell-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	b := &bench{options: o, dir: dir, binary: filepath.Join(dir, "watchbell"), quiet: quiet{limit: 0.1, left: o.patience}}
	build := exec.CommandContext(ctx, "go", "build", "-o", b.binary, "./bot")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build the bot, from the top of the repository: %w\n%s", err, out)
	}
	if b.stub, err = newStub(); err != nil {
		return err
	}
	defer b.stub.close()
	b.database = filepath.Join(dir, "prepared.db")
	if o.soakFor > 0 {
		return b.soak(ctx)
	}
	log.Printf("preparing a database with %d incidents", o.incidents)
	if err := prepare(ctx, b.database, o.incidents); err != nil {
		return err
	}
	if err := b.findBolt(ctx); err != nil {
		return err
	}
	about(ctx, b)
	for _, part := range []struct {
		name string
		run  func(context.Context) error
	}{
		{"declare alike log reaction plain", b.compare}, {"start", b.measureStart}, {"post", b.measurePost}, {"drill", b.countCalls},
	} {
		if !b.wanted(part.name) {
			continue
		}
		if err := part.run(ctx); err != nil {
			return err
		}
	}
	fmt.Printf("\nLoad average at the end: %s\n", load())
	return nil
}

// bench is one run of this program.
type bench struct {
	options
	dir      string // for everything that is written
	binary   string
	database string // the prepared one, which is only copied
	stub     *stub
	quiet    quiet
}

// wanted reports whether one of a part's words was asked for.
func (b *bench) wanted(words string) bool {
	for word := range strings.FieldsSeq(words) {
		if b.only == "" || strings.Contains(b.only, word) {
			return true
		}
	}
	return false
}
