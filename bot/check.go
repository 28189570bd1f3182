package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"watchbell/bot/slackio"
	"watchbell/incidents"
	"watchbell/integrations/github"
	"watchbell/integrations/trello"
)

// branchPrefix and an incident's number name the branch of its post.
const branchPrefix = "post-mortem/inc-"

// checkReport is what `watchbell check` found.
type checkReport struct {
	// Database are things that cannot be, Services things that are there more than once; Unasked are services that could
	// not be looked at.
	Database []string `json:"database"`
	Services []string `json:"services"`
	Unasked  []string `json:"unasked,omitempty"`
}

// runCheck looks for what cannot be.
func runCheck(ctx context.Context, args []string, env environment) error {
	flags := newFlags("check", env)
	config := flags.String("config", "", "the configuration `FILE` that serve has")
	offline := flags.Bool("offline", false, "look at the database alone, and ask no service")
	asJSON := flags.Bool("json", false, "print JSON")
	if err := parse(flags, args); err != nil {
		return err
	}
	c, l, err := ledgerOf(ctx, *config, env)
	if err != nil {
		return err
	}
	defer func() { _ = l.close() }()
	a, err := l.operate(ctx, operatorRequest{Order: orderCheck})
	if err != nil {
		return err
	}
	report := checkReport{Database: a.Wrong, Services: []string{}}
	if !*offline {
		c.lookForDoubles(ctx, a.Open, env.now, &report)
	}
	if *asJSON {
		if report.Database == nil {
			report.Database = []string{}
		}
		if err := printJSON(env.stdout, report); err != nil {
			return err
		}
	} else {
		report.print(env.stdout, !*offline)
	}
	if n := len(report.Database) + len(report.Services); n > 0 {
		return errors.New(notAsTheyMustBe("", n))
	}
	return nil
}

// notAsTheyMustBe sums up what was found among things.
func notAsTheyMustBe(among string, n int) string {
	switch {
	case n == 1 && among == "":
		return "one thing is not as it must be"
	case n == 1:
		return among + "one is not as it must be"
	case among == "":
		return fmt.Sprintf("%d things are not as they must be", n)
	}
	return fmt.Sprintf("%s%d are not as they must be", among, n)
}

func (r checkReport) print(w io.Writer, asked bool) {
	for _, line := range slices.Concat(r.Database, r.Services) {
		fmt.Fprintln(w, "✗ wrong: "+line)
	}
	for _, line := range r.Unasked {
		fmt.Fprintln(w, "! not looked at: "+line)
	}
	if len(r.Database) == 0 {
		fmt.Fprintln(w, "✓ The database is sound: every row, every timeline and every delivery can be explained.")
	}
	if asked && len(r.Services) == 0 && len(r.Unasked) == 0 {
		fmt.Fprintln(w, "✓ Nothing is there twice at the services that were asked.")
	}
}

// lookForDoubles asks the services that are set up for everything that carries a mark of ours.
func (c *Config) lookForDoubles(ctx context.Context, open []incidents.Incident, now func() time.Time, report *checkReport) {
	look := func(service string, set bool, marked func() (map[string][]string, error)) {
		if !set {
			return
		}
		found, err := marked()
		if err != nil {
			report.Unasked = append(report.Unasked, fmt.Sprintf("%s: %v", service, err))
		}
		for _, key := range slices.Sorted(maps.Keys(found)) {
			if places := found[key]; len(places) > 1 {
				report.Services = append(report.Services, fmt.Sprintf("%s holds %d things for %s; keep the oldest and remove the others: %s",
					service, len(places), key, strings.Join(places, " ")))
			}
		}
	}
	look("Slack", c.secrets.slackBot != "", func() (map[string][]string, error) {
		client := slackio.NewClient(slackio.Options{
			Token: c.secrets.slackBot, BaseURL: c.urls.slack, Now: now, Log: slog.New(slog.DiscardHandler),
		})
		out := slackio.NewOutgoing(client, slackio.OutgoingOptions{TeamChannel: c.Slack.TeamChannel, Log: slog.New(slog.DiscardHandler)})
		return out.Marked(ctx, open)
	})
	look("Trello", c.hasTrello(), func() (map[string][]string, error) {
		if c.Trello.Board == "" {
			return nil, errors.New("trello.board is not known here; name the configuration that serve has with -config FILE")
		}
		return c.trelloClient(now).Marked(ctx)
	})
	look("GitHub", c.hasGitHub(), func() (map[string][]string, error) {
		client, err := c.githubClient(world{now: now})
		if err != nil {
			return nil, err
		}
		return client.Marked(ctx, branchPrefix)
	})
}

// trelloClient calls the Trello that is configured.
func (c *Config) trelloClient(now func() time.Time) *trello.Client {
	return trello.New(trello.Config{
		Key: c.secrets.trelloKey, Token: c.secrets.trelloToken, BaseURL: c.urls.trello, Board: c.Trello.Board,
		List: c.Trello.List, DoneList: c.Trello.DoneList, Members: c.Trello.Members, IncidentURL: channelURL, Now: now,
	})
}

// githubClient calls the GitHub that is configured.
func (c *Config) githubClient(w world) (*github.Client, error) {
	if !c.hasGitHub() {
		return nil, errors.New("neither GITHUB_TOKEN nor GITHUB_APP_ID is set")
	}
	if c.GitHub.Repo == "" {
		return nil, errors.New("github.repo is not known here; name the configuration that serve has with -config FILE")
	}
	return github.New(github.Config{
		Token: c.secrets.github, App: c.secrets.githubApp, BaseURL: c.urls.github, Repo: c.GitHub.Repo, Base: c.GitHub.Base, Fork: c.GitHub.Fork,
		Now: w.now, WriteEvery: w.githubPace,
	})
}
