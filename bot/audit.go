package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"time"
)

// misled is how far our clock may be from Slack's when it decides what is old enough to be forgotten.
const misled = time.Hour

// forget forgets answers that nobody asks for any more, and the words that the configuration keeps only so long. What is
// forgotten cannot be brought back, so a clock that is not known to be right forgets nothing.
func (a *app) forget(ctx context.Context) {
	ahead, err := a.slack.ClockAhead(ctx)
	if err != nil || ahead.Abs() > misled {
		a.log.Warn("nothing old is forgotten until the clock is known to be right: compare it with `watchbell doctor`", "ahead_of_slack", ahead, "error", err)
		return
	}
	if err := a.service.Tidy(ctx); err != nil {
		a.log.Warn("could not forget old answers", "error", err)
	}
	for all, days := range map[bool]int{false: a.config.Retention.DeletedMessages, true: a.config.Retention.RemovedEntries} {
		if days == 0 {
			continue
		}
		n, err := a.store.ForgetGone(ctx, a.now().AddDate(0, 0, -days), all)
		if err != nil {
			a.log.Warn("what is to be forgotten could not be", "error", err)
		} else if n > 0 {
			a.log.Info("the words of entries that left the timeline are forgotten", "entries", n, "days", days)
		}
	}
}

// runAudit prints who did what.
func runAudit(ctx context.Context, args []string, env environment) error {
	flags := newFlags("audit", env)
	config := flags.String("config", "", "the configuration `FILE` that serve has")
	incident := flags.String("incident", "", "of the incident with this `NUMBER` alone")
	since := flags.String("since", "", "what happened on this `DAY` (2026-12-31, UTC) or later")
	if err := parse(flags, args); err != nil {
		return err
	}
	var from time.Time
	var err error
	only := 0
	if *since != "" {
		if from, err = time.Parse(time.DateOnly, *since); err != nil {
			err = fmt.Errorf("-since %s is no day; write it as 2026-12-31", *since)
		}
	}
	if *incident != "" && err == nil {
		only, err = incidentNumber(*incident)
	}
	if err != nil {
		fmt.Fprintf(env.stderr, "watchbell audit: %v\n", err)
		return errUsage
	}
	_, l, err := ledgerOf(ctx, *config, env)
	if err != nil {
		return err
	}
	defer func() { _ = l.close() }()
	out := json.NewEncoder(env.stdout)
	out.SetEscapeHTML(false)
	for after := only - 1; ; {
		a, err := l.operate(ctx, operatorRequest{Order: orderAudit, After: after})
		if err != nil {
			return err
		}
		if only != 0 && a.Number != only {
			return noIncident(only)
		}
		for _, t := range a.Traces {
			if !t.At.Before(from) {
				if err := out.Encode(t); err != nil {
					return err
				}
			}
		}
		if only != 0 || a.Number == 0 && after >= 0 {
			return nil
		}
		after = a.Number
	}
}

var slackPerson = regexp.MustCompile(`^[UW][A-Z0-9]{2,30}$`)

// runForget forgets a person.
func runForget(ctx context.Context, args []string, env environment) error {
	flags := newFlags("forget", env)
	config := flags.String("config", "", "the configuration `FILE` that serve has")
	user := flags.String("user", "", "the person's Slack user `ID` (U…)")
	words := flags.Bool("words", false, "forget what they wrote as well: their entries and captured messages, in every version")
	if err := parse(flags, args); err != nil {
		return err
	}
	if !slackPerson.MatchString(*user) {
		fmt.Fprintf(env.stderr, "watchbell forget: %v\n", errors.New("name the person with -user and their Slack user id, which begins with U: it is in their profile in Slack, behind the three dots"))
		return errUsage
	}
	_, l, err := ledgerOf(ctx, *config, env)
	if err != nil {
		return err
	}
	defer func() { _ = l.close() }()
	a, err := l.operate(ctx, operatorRequest{Order: orderForget, User: *user, Words: *words})
	if err != nil {
		return err
	}
	p := a.Person
	if p.Changed == 0 && p.Words == 0 {
		fmt.Fprintf(env.stdout, "%s is recorded nowhere; there is nothing to forget.\n", *user)
		return nil
	}
	fmt.Fprintf(env.stdout, "%s stands in the place of %s in %d places now.\n", p.As, *user, p.Changed)
	if *words {
		fmt.Fprintf(env.stdout, "The words of %d versions of entries are forgotten.\n", p.Words)
	}
	fmt.Fprintln(env.stdout, "What stays: messages in Slack, cards at Trello, backups, and for two days the answers to what was typed.")
	for _, number := range p.Posts {
		fmt.Fprintf(env.stdout, "The post of incident #%d is in Git, whose history keeps what was ever pushed; it names nobody unless somebody wrote a name.\n", number)
	}
	return nil
}
