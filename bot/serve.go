package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"watchbell/integrations/github"
)

// runServe runs the bot for real.
func runServe(ctx context.Context, args []string, env environment) error {
	flags := newFlags("serve", env)
	file := flags.String("config", "", "the configuration `FILE` (YAML); without it the defaults count")
	if err := parse(flags, args); err != nil {
		return err
	}
	c, err := loadConfig(*file, env.getenv)
	var wrong mistakes
	if known := (*configError)(nil); errors.As(err, &known) {
		wrong = mistakes{known.list}
	}
	c.checkServe(&wrong)
	if err := wrong.err(); err != nil {
		return err
	}
	log := slog.New(slog.NewJSONHandler(env.stderr, nil))
	a, err := newApp(ctx, c, world{now: time.Now, githubPace: github.DefaultPace}, log)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w; set another address as listen in the configuration", c.Listen, err)
	}
	log.Info("watchbell is up", "version", version(), "listen", listener.Addr().String(), "socket_mode", c.secrets.slackApp != "")
	return a.run(ctx, listener, a.handler())
}
