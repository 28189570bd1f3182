package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"watchbell/incidents"
	"watchbell/storage"
)

const deliveriesUsage = "list [-incident N] [-target slack|trello|github] [-all] | show KEY | retry KEY… | skip KEY… [-config FILE] [-json]"

// shownDelivery is a delivery as the commands show it. Its content is not: it may be private.
type shownDelivery struct {
	Key      string             `json:"key"`
	About    string             `json:"about"`
	Incident int                `json:"incident,omitempty"`
	Target   incidents.Target   `json:"target"`
	Kind     incidents.Kind     `json:"kind"`
	Lane     string             `json:"lane"`
	State    incidents.State    `json:"state"`
	Attempts int                `json:"attempts"`
	Failures int                `json:"failures"`
	Since    time.Time          `json:"failing_since,omitzero"`
	Due      time.Time          `json:"due"`
	Error    string             `json:"last_error,omitempty"`
	Receipt  *incidents.Receipt `json:"receipt,omitempty"`
}

func shown(d incidents.Delivery) shownDelivery {
	s := shownDelivery{
		Key: d.Key, About: d.Describe(), Incident: d.Incident, Target: d.Target, Kind: d.Kind, Lane: d.Lane, State: d.State,
		Attempts: d.Attempt, Failures: d.Failures, Since: d.FailingSince, Due: d.DueAt, Error: d.LastError,
	}
	if d.Receipt.ID != "" {
		s.Receipt = &incidents.Receipt{ID: d.Receipt.ID, URL: d.Receipt.URL}
	}
	return s
}

// runDeliveries shows what goes out to the services, and lets somebody decide about what failed.
func runDeliveries(ctx context.Context, args []string, env environment) error {
	flags := newFlags("deliveries", env)
	config := flags.String("config", "", "the configuration `FILE` that serve has")
	asJSON := flags.Bool("json", false, "print JSON")
	incident := flags.String("incident", "", "list: those of the incident with this `NUMBER` alone")
	target := flags.String("target", "", "list: those to this `SERVICE` alone: slack, trello or github")
	all := flags.Bool("all", false, "list: those that are done or were skipped as well, the newest first")
	words, err := parseAmong(flags, args)
	if err != nil {
		return err
	}
	verb, keys := "", words
	if len(words) > 0 {
		verb, keys = words[0], words[1:]
	}
	query := storage.DeliveryQuery{Target: incidents.Target(*target), All: *all}
	if *incident != "" {
		query.Incident, err = incidentNumber(*incident)
	}
	switch {
	case err != nil:
	case !slices.Contains([]string{"list", "show", "retry", "skip"}, verb):
		err = errors.New("say what to do: " + deliveriesUsage)
	case verb == "list" && len(keys) > 0:
		err = fmt.Errorf("list takes no %q; show takes a key", keys[0])
	case verb != "list" && len(keys) == 0:
		err = fmt.Errorf("%s takes the key of a delivery, as list prints it", verb)
	case !slices.Contains([]string{"", "slack", "trello", "github"}, *target):
		err = fmt.Errorf("-target %s is no service; write slack, trello or github", *target)
	}
	if err != nil {
		fmt.Fprintf(env.stderr, "watchbell deliveries: %v\n", err)
		return errUsage
	}
	_, l, err := ledgerOf(ctx, *config, env)
	if err != nil {
		return err
	}
	defer func() { _ = l.close() }()
	if verb == "list" {
		a, err := l.operate(ctx, operatorRequest{Order: orderList, Selected: query})
		if err == nil && query.Incident != 0 && len(a.Deliveries) == 0 {
			if _, err = l.Snapshot(ctx, query.Incident); errors.Is(err, incidents.ErrNotFound) {
				err = noIncident(query.Incident)
			}
		}
		if err != nil {
			return err
		}
		return printDeliveries(env, a.Deliveries, *asJSON, *all)
	}
	return decideDeliveries(ctx, l, order(verb), keys, env, *asJSON)
}

// decideDeliveries shows, retries or skips deliveries, each by itself: one that is settled already is no reason to leave out
// the others.
func decideDeliveries(ctx context.Context, l *opened, what order, keys []string, env environment, asJSON bool) error {
	var done []incidents.Delivery
	var errs []error
	for _, key := range keys {
		a, err := l.operate(ctx, operatorRequest{Order: what, Key: key})
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", key, err))
			continue
		}
		done = append(done, a.Deliveries...)
	}
	switch {
	case asJSON:
		if err := printDeliveries(env, done, true, true); err != nil {
			return err
		}
	case what == orderShow:
		for _, d := range done {
			printDelivery(env.stdout, shown(d))
		}
	default:
		for _, d := range done {
			sentence := "%s is due now.%s\n"
			if what == orderSkip {
				sentence = "%s is given up: %s stays as it is.\n"
				fmt.Fprintf(env.stdout, sentence, d.Key, d.Describe())
				continue
			}
			later := ""
			if !l.running {
				later = " Watchbell is not running; it goes out when it runs again."
			}
			fmt.Fprintf(env.stdout, sentence, d.Key, later)
		}
	}
	return errors.Join(errs...)
}

func printDeliveries(env environment, found []incidents.Delivery, asJSON, all bool) error {
	list := make([]shownDelivery, len(found))
	for i, d := range found {
		list[i] = shown(d)
	}
	if asJSON {
		return printJSON(env.stdout, list)
	}
	if len(list) == 0 {
		what := "Nothing waits and nothing has failed."
		if all {
			what = "There is no such delivery."
		}
		fmt.Fprintln(env.stdout, what)
		return nil
	}
	table := tabwriter.NewWriter(env.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "KEY\tSERVICE\tSTATE\tDUE\tFAILED\tLAST ERROR")
	now := env.now()
	for _, d := range list {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", d.Key, d.Target, d.State, dueIn(d, now), failedFor(d, now), d.Error)
	}
	return table.Flush()
}

func dueIn(d shownDelivery, now time.Time) string {
	switch {
	case d.State != incidents.Pending:
		return "-"
	case d.Due.After(now):
		return "in " + d.Due.Sub(now).Round(time.Second).String()
	}
	return "now"
}

func failedFor(d shownDelivery, now time.Time) string {
	if d.Failures == 0 {
		return "-"
	}
	text := fmt.Sprintf("%d×", d.Failures)
	if !d.Since.IsZero() {
		text += " in " + now.Sub(d.Since).Round(time.Second).String()
	}
	return text
}

// printDelivery tells everything about one.
func printDelivery(w io.Writer, d shownDelivery) {
	line := func(name, format string, args ...any) {
		fmt.Fprintf(w, "%-9s %s\n", name, fmt.Sprintf(format, args...))
	}
	at := func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 MST") }
	line("delivery", "%s: %s", d.Key, d.About)
	line("state", "%s, attempts: %d", d.State, d.Attempts)
	line("goes to", "%s, in the lane %s", d.Target, d.Lane)
	if d.State == incidents.Pending {
		line("due", "%s", at(d.Due))
	}
	if d.Failures > 0 {
		line("failed", "%d× in a row: %s", d.Failures, d.Error)
		if !d.Since.IsZero() {
			line("since", "%s", at(d.Since))
		}
	}
	if d.Receipt != nil {
		line("made", "%s", strings.TrimSpace(d.Receipt.ID+" "+d.Receipt.URL))
	}
	switch d.State {
	case incidents.Failed:
		fmt.Fprintf(w, "\nWhen what is wrong has been mended: watchbell deliveries retry %s\nTo do without it:                   watchbell deliveries skip %s\n", d.Key, d.Key)
	case incidents.Pending:
		fmt.Fprintf(w, "\nTo try it now: watchbell deliveries retry %s\n", d.Key)
	}
}
