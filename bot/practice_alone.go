package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"

	"watchbell/integrations/practice"
)

// aloneFlags are for practising with a bot that is not this one.
type aloneFlags struct {
	on     bool
	botURL string
}

func (f *aloneFlags) define(flags *flag.FlagSet) {
	flags.BoolVar(&f.on, "without-bot", false, "start the local services alone and print what another client needs")
	flags.StringVar(&f.botURL, "bot-url", "", "with -without-bot: `URL` that gets commands, events and interactions; "+
		"with a path it gets them all, else /slack/events and so on")
}

func (f *aloneFlags) check(p practiceFlags) error {
	u, err := url.Parse(f.botURL)
	switch {
	case f.botURL != "" && !f.on:
		return errors.New("-bot-url goes with -without-bot")
	case f.on && (p.play || p.drill != "" || p.replay != "" || p.out != "" || p.data != "" || p.speed != 0):
		return errors.New("-without-bot starts no bot, so -play, -drill, -replay, -out, -data and -speed do not go with it")
	case f.botURL != "" && (err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https")):
		return fmt.Errorf("-bot-url %s is not a web address; write http://127.0.0.1:3000/slack/events", f.botURL)
	}
	return nil
}

// practiseAlone serves the local services until the context ends.
func practiseAlone(ctx context.Context, f practiceFlags, env environment) error {
	log := slog.New(slog.DiscardHandler)
	if f.verbose {
		log = slog.New(slog.NewTextHandler(env.stderr, nil))
	}
	w := practice.New(practice.Options{Log: log})
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", f.listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", f.listen, err)
	}
	at := "http://" + listener.Addr().String()
	w.Slack.ServedAt(at)
	w.Slack.Connect(f.alone.botURL)
	mux := http.NewServeMux()
	mux.Handle("/practice/", w.Handler())
	mux.Handle("GET /{$}", w.Page())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() {
		w.Slack.Close()
		_ = server.Close() // nothing here outlives the process
	})
	defer stop()
	printExports(env, at, w)
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the local services: %w", err)
	}
	return nil
}

// printExports prints what a client of the local services needs, in a form that a shell can read.
func printExports(env environment, at string, w *practice.Workspace) {
	for _, v := range [][2]string{
		{"SLACK_API_URL", at + practice.SlackPath}, {"SLACK_BOT_TOKEN", w.Slack.BotToken()},
		{"SLACK_APP_TOKEN", w.Slack.AppToken()}, {"SLACK_SIGNING_SECRET", w.Slack.SigningSecret()},
		{"TRELLO_API_URL", at + practice.TrelloPath}, {"TRELLO_KEY", "practice-key"}, {"TRELLO_TOKEN", "practice-token"},
		{"TRELLO_SECRET", w.Trello.Secret()}, {"TRELLO_BOARD", w.Trello.Board().ShortLink},
		{"GITHUB_API_URL", at + practice.GitHubPath}, {"GITHUB_TOKEN", "practice-token"}, {"GITHUB_REPO", w.GitHub.Repo()},
		{"PRACTICE_URL", at},
	} {
		fmt.Fprintf(env.stdout, "export %s=%q\n", v[0], v[1])
	}
}
