package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"watchbell/integrations/github"
	"watchbell/storage"
)

// garbage is how much of it may lie around before it is collected, in percent of what is in use; Go's own setting is 100.
// The bot keeps next to nothing in memory, so this costs a few percent of its time under the heaviest load.
const garbage = 50

// tune sets the runtime up, where the environment does not say otherwise.
func tune(getenv func(string) string) {
	if getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
	if getenv("GOMAXPROCS") == "" {
		// Go notices only after milliseconds that the writer waits for the disk and does not need its processor. With one
		// more than there are, everybody else goes on meanwhile.
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 1)
	}
}

// runServe runs the bot for real.
func runServe(ctx context.Context, args []string, env environment) error {
	flags := newFlags("serve", env)
	file := flags.String("config", "", "the configuration `FILE` (YAML); without it the defaults count")
	if err := parse(flags, args); err != nil {
		return err
	}
	c, wrong := loadForServices(*file, env.getenv)
	c.checkServe(&wrong)
	if err := wrong.err(); err != nil {
		return err
	}
	tune(env.getenv)
	log := newLog(env.stderr)
	c.noteNew(log)
	a, err := newApp(ctx, c, world{now: time.Now, githubPace: github.DefaultPace}, log)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return errors.Join(fmt.Errorf("listen on %s: %w; set another address as listen in the configuration", c.Listen, err), a.store.Close())
	}
	c.noteMissing(log)
	log.Info("watchbell is up", "version", version(), "listen", listener.Addr().String(), "socket_mode", c.secrets.slackApp != "")
	if err := a.run(ctx, listener, a.handler()); err != nil {
		return err
	}
	log.Info("watchbell has stopped; what waits goes on with the next start")
	return nil
}

// newLog writes JSON lines. Durations are written as people read them ("1.5s"), not in nanoseconds.
func newLog(w io.Writer) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Value.Kind() == slog.KindDuration {
			a.Value = slog.StringValue(a.Value.Duration().Round(time.Microsecond).String())
		}
		return a
	}}))
}

// noteNew says that a database file is about to be made. Whoever expected the incidents of yesterday has another folder or
// another DATABASE_URL, or has lost them: the lock that stays beside a database tells that there was one.
func (c *Config) noteNew(log *slog.Logger) {
	file, err := storage.File(c.database)
	if err != nil || file == "" {
		return
	}
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		return
	}
	if _, err := os.Stat(file + ".lock"); err == nil {
		log.Warn("the database that was here is gone; a new one is made, which knows no incident. To have the old ones, stop and put a copy back with `watchbell restore -replace`", "file", file)
		return
	}
	log.Info("there is no database yet; a new one is made", "file", file)
}

// noteMissing says once what this Watchbell does without.
func (c *Config) noteMissing(log *slog.Logger) {
	if !c.hasTrello() {
		log.Info("Trello is not set up: action items get no cards", "set", "TRELLO_KEY, TRELLO_TOKEN and trello.board")
	}
	if !c.hasGitHub() {
		log.Info("GitHub is not set up: post-mortems get no pull request", "set", "GITHUB_TOKEN or GITHUB_APP_ID, and github.repo")
	}
	if c.PublicURL == "" {
		log.Info("public_url is not set: the cards offer no form for when Slack is down", "set", "public_url")
	}
}
