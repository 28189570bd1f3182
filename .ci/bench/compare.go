package main

import (
	"context"
	"fmt"
	"log"
	"time"
)

// comparison is one row of the tables: Watchbell and Bolt, taking turns.
type comparison struct {
	kind    string
	callers int
	slack   string // how Slack answers Watchbell
}

var comparisons = []comparison{
	{"declare", 1, answers}, {"declare", 16, answers}, {"declare", 64, answers}, {"declare", 64, waits},
	{"alike", 64, answers},
	{"log", 1, answers}, {"log", 16, answers}, {"log", 64, answers}, {"log", 64, waits},
	{"reaction", 16, answers}, {"reaction", 64, answers},
	{"plain", 16, answers}, {"plain", 64, answers},
}

// pair is one repetition of both.
type pair struct{ watchbell, bolt result }

// compare measures every comparison and prints the tables.
func (b *bench) compare(ctx context.Context) error {
	known := kinds()
	var all [][]pair
	var done []comparison
	for _, c := range comparisons {
		if !b.wanted(c.kind) {
			continue
		}
		var pairs []pair
		for rep := range b.reps {
			p, err := b.pair(ctx, c, known[c.kind], rep%2 == 1)
			if err != nil {
				return fmt.Errorf("%s with %d callers: %w", c.kind, c.callers, err)
			}
			log.Printf("%s, %d callers, Slack %s, %d of %d: %.0f/s, Bolt %.0f/s", c.kind, c.callers, c.slack, rep+1, b.reps,
				p.watchbell.perSecond, p.bolt.perSecond)
			pairs = append(pairs, p)
		}
		all, done = append(all, pairs), append(done, c)
	}
	printComparisons(done, all)
	fmt.Printf("\n%s\n", &b.quiet)
	return nil
}

// pair measures both once; every other time Bolt goes first.
func (b *bench) pair(ctx context.Context, c comparison, k kind, boltFirst bool) (p pair, err error) {
	bolt := func() (result, error) { return b.measureBolt(ctx, c, k) }
	watchbell := func() (result, error) { return b.measureWatchbell(ctx, c, k) }
	if boltFirst {
		if p.bolt, err = b.quiet.undisturbed(ctx, bolt); err != nil {
			return p, err
		}
	}
	if p.watchbell, err = b.quiet.undisturbed(ctx, watchbell); err != nil || boltFirst {
		return p, err
	}
	p.bolt, err = b.quiet.undisturbed(ctx, bolt)
	return p, err
}

func (b *bench) measureBolt(ctx context.Context, c comparison, k kind) (result, error) {
	s, err := b.startBolt(ctx)
	if err != nil {
		return result{}, err
	}
	r, err := drive(ctx, s, k, c.callers, b.incidents, b.warm, b.window)
	if killed := s.kill(); err == nil {
		err = killed
	}
	return r, err
}

// measureWatchbell also kills the bot when the last answer has come, and counts what is in the database then: one row for
// every request that was acknowledged.
func (b *bench) measureWatchbell(ctx context.Context, c comparison, k kind) (r result, err error) {
	database, err := b.fresh()
	if err != nil {
		return r, err
	}
	table := k.rows
	if table == "" {
		table = "events" // nothing may have come into it
	}
	before, err := rows(ctx, database, table)
	if err != nil {
		return r, err
	}
	s, err := b.startWatchbell(ctx, database, c.slack)
	if err != nil {
		return r, err
	}
	r, err = drive(ctx, s, k, c.callers, b.incidents, b.warm, b.window)
	if killed := s.kill(); err == nil {
		err = killed
	}
	if err != nil {
		return r, err
	}
	after, err := rows(ctx, database, table)
	if err != nil {
		return r, err
	}
	want := r.acks
	if k.rows == "" {
		want = 0
	}
	if after-before != want {
		return r, fmt.Errorf("%d requests were acknowledged, and %s has %d new rows", r.acks, table, after-before)
	}
	return r, nil
}

// measureStart measures the time from exec to ready, on the prepared database and in turns with Bolt.
func (b *bench) measureStart(ctx context.Context) error {
	database, err := b.fresh()
	if err != nil {
		return err
	}
	var watchbell, bolt []time.Duration
	for range b.starts {
		if err := b.quiet.wait(ctx); err != nil {
			return err
		}
		s, err := b.startWatchbell(ctx, database, answers)
		if err != nil {
			return err
		}
		watchbell = append(watchbell, s.started)
		if err := s.stop(); err != nil {
			return fmt.Errorf("stop the bot: %w", err)
		}
		if s, err = b.startBolt(ctx); err != nil {
			return err
		}
		bolt = append(bolt, s.started)
		if err := s.kill(); err != nil {
			return err
		}
	}
	printStarts(watchbell, bolt, b.incidents)
	return nil
}
