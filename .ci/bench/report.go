package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// spread is the median of some figures with the least and the greatest.
func spread[T cmp.Ordered](all []T, format func(T) string) string {
	all = slices.Clone(all)
	slices.Sort(all)
	return fmt.Sprintf("%s (%s–%s)", format(all[len(all)/2]), format(all[0]), format(all[len(all)-1]))
}

// each takes one figure out of every repetition.
func each[T any](all []pair, f func(pair) T) []T {
	var figures []T
	for _, p := range all {
		figures = append(figures, f(p))
	}
	return figures
}

func perSecond(f float64) string                    { return fmt.Sprintf("%.0f", f) }
func times(f float64) string                        { return fmt.Sprintf("%.2f", f) }
func millis(d time.Duration) string                 { return fmt.Sprintf("%.2f", float64(d.Microseconds())/1000) }
func wholeMillis(d time.Duration) string            { return fmt.Sprintf("%.0f", float64(d.Microseconds())/1000) }
func micros(d time.Duration) string                 { return strconv.FormatInt(d.Microseconds(), 10) }
func megabytes(n int64) string                      { return fmt.Sprintf("%.1f", float64(n)/(1<<20)) }
func ratio[T int64 | time.Duration](a, b T) float64 { return float64(a) / float64(b) }

func printComparisons(done []comparison, all [][]pair) {
	known := kinds()
	fmt.Print("\n## Requests\n\n| request | callers | Slack | server | requests/s | p50 ms | p99 ms | p99.9 ms | CPU µs each | memory MiB |\n|---|---|---|---|---|---|---|---|---|---|\n")
	for i, c := range done {
		for _, server := range []struct {
			name, slack string
			of          func(pair) result
		}{
			{"Watchbell", c.slack, func(p pair) result { return p.watchbell }}, {"Bolt", "", func(p pair) result { return p.bolt }},
		} {
			of := server.of
			fmt.Printf("| %s | %d | %s | %s | %s | %s | %s | %s | %s | %s |\n", known[c.kind].what, c.callers, server.slack, server.name,
				spread(each(all[i], func(p pair) float64 { return of(p).perSecond }), perSecond),
				spread(each(all[i], func(p pair) time.Duration { return of(p).p50 }), millis),
				spread(each(all[i], func(p pair) time.Duration { return of(p).p99 }), millis),
				spread(each(all[i], func(p pair) time.Duration { return of(p).p999 }), millis),
				spread(each(all[i], func(p pair) time.Duration { return of(p).cpu }), micros),
				spread(each(all[i], func(p pair) int64 { return of(p).memory }), megabytes))
		}
	}
	fmt.Print("\n## Watchbell divided by Bolt, pair by pair\n\n| request | callers | Slack | requests/s | p50 | p99.9 | CPU each | memory |\n|---|---|---|---|---|---|---|---|\n")
	for i, c := range done {
		fmt.Printf("| %s | %d | %s | %s | %s | %s | %s | %s |\n", known[c.kind].what, c.callers, c.slack,
			spread(each(all[i], func(p pair) float64 { return p.watchbell.perSecond / p.bolt.perSecond }), times),
			spread(each(all[i], func(p pair) float64 { return ratio(p.watchbell.p50, p.bolt.p50) }), times),
			spread(each(all[i], func(p pair) float64 { return ratio(p.watchbell.p999, p.bolt.p999) }), times),
			spread(each(all[i], func(p pair) float64 { return ratio(p.watchbell.cpu, p.bolt.cpu) }), times),
			spread(each(all[i], func(p pair) float64 { return ratio(p.watchbell.memory, p.bolt.memory) }), times))
	}
}

func printStarts(watchbell, bolt []time.Duration, incidents int) {
	fmt.Printf("\n## Start\n\n%d starts each, exec to ready, median (least–most): Watchbell on a database with %d incidents %s ms, Bolt %s ms.\n",
		len(watchbell), incidents, spread(watchbell, wholeMillis), spread(bolt, wholeMillis))
}

var benchLine = regexp.MustCompile(`(?m)^Benchmark(\S+?)(?:-\d+)?\s+\d+\s+(\d+(?:\.\d+)?) ns/op`)

// measurePost runs the benchmark of the package bot that reads and writes a long post.
func (b *bench) measurePost(ctx context.Context) error {
	out, err := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", "^BenchmarkPost10000$",
		"-count", strconv.Itoa(b.reps), "./bot").CombinedOutput()
	if err != nil {
		return fmt.Errorf("go test -bench: %w\n%s", err, out)
	}
	var names []string
	took := map[string][]time.Duration{}
	for _, found := range benchLine.FindAllSubmatch(out, -1) {
		name := string(found[1])
		ns, err := strconv.ParseFloat(string(found[2]), 64)
		if err != nil {
			return err
		}
		if took[name] == nil {
			names = append(names, name)
		}
		took[name] = append(took[name], time.Duration(ns))
	}
	if len(names) == 0 {
		return fmt.Errorf("go test -bench printed no figures:\n%s", out)
	}
	fmt.Print("\n## A post with 10,000 entries\n\n| benchmark | ms |\n|---|---|\n")
	for _, name := range names {
		fmt.Printf("| %s | %s |\n", name, spread(took[name], millis))
	}
	return nil
}

var callsLine = regexp.MustCompile(`(?m)^(\d+) steps\..*$`)

// countCalls plays the shipped drill and prints how often it called each service.
func (b *bench) countCalls(ctx context.Context) error {
	out, err := exec.CommandContext(ctx, b.binary, "practice", "-play").CombinedOutput()
	if err != nil {
		return fmt.Errorf("practice -play: %w\n%s", err, out)
	}
	fmt.Printf("\n## Calls in the shipped drill\n\n%s\n", bytes.TrimSpace(callsLine.Find(out)))
	return nil
}

// about prints what the figures were taken on.
func about(ctx context.Context, b *bench) {
	say := func(name string, args ...string) string {
		out, err := exec.CommandContext(ctx, name, args...).Output()
		if err != nil {
			return "unknown"
		}
		return strings.TrimSpace(string(out))
	}
	commit := say("git", "rev-parse", "--short", "HEAD")
	if say("git", "status", "--porcelain", "--untracked-files=no") != "" {
		commit += ", changed"
	}
	fmt.Printf("Commit %s; %s on %s; Node %s with @slack/bolt %s; Linux %s, %d cores, %s.\n", commit, runtime.Version(), runtime.GOARCH,
		say("node", "--version"), b.boltRelease(), say("uname", "-r"), runtime.NumCPU(), processor())
	fmt.Printf("%d repetitions of %s after %s. Load average before: %s. fdatasync after appending 4 KiB: %.0f a second.\n",
		b.reps, b.window, b.warm, load(), syncs(b.dir))
}

// boltRelease is the version that is really installed.
func (b *bench) boltRelease() string {
	text, err := os.ReadFile(filepath.Join(b.dir, "bolt/node_modules/@slack/bolt/package.json"))
	found := regexp.MustCompile(`"version": "(\d[^"]*)"`).FindSubmatch(text)
	if err != nil || found == nil {
		return "unknown"
	}
	return string(found[1])
}

func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	found := regexp.MustCompile(`(?m)^model name\s*: (.*)$`).FindSubmatch(text)
	if err != nil || found == nil {
		return "unknown processor"
	}
	return string(found[1])
}

// load is the average number of processes that wanted to run in the last minute.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Fields(string(text))[0]
}
