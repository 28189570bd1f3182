// Watchbell is an incident bot for Slack. It guides on-call staff through the incident management protocol, keeps the
// timeline, makes Trello cards of action items, and offers the post-mortem as a GitHub pull request.
//
// This package holds the program: flags, configuration, wiring and life cycle. What the bot knows about incidents is in
// package incidents, what it says is in bot/chat, and each service has a package of its own.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // the zones of people who write times, wherever this runs
)

func main() {
	ctx, stop := untilStopped(context.Background())
	code := runIn(ctx, os.Args[1:], environment{os.Getenv, os.Stdout, os.Stderr, os.Stdin, time.Now})
	stop()
	os.Exit(code)
}

// untilStopped returns a context that ends when the process is to stop. A terminal that is closed is a reason, and so is whoever
// takes SIGHUP for a way to have the configuration read again: the process ends in order, and says so.
func untilStopped(ctx context.Context) (context.Context, context.CancelFunc) {
	ends := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as nohup has it
		ends = append(ends, syscall.SIGHUP)
	}
	return signal.NotifyContext(ctx, ends...)
}

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// subcommand is one row of the command line's table, from which the usage text is printed as well.
type subcommand struct {
	name, usage, help string
	run               func(ctx context.Context, args []string, env environment) error
}

// environment is what a subcommand gets of the world.
type environment struct {
	getenv         func(string) string
	stdout, stderr io.Writer
	stdin          io.Reader // nil where there is none
	now            func() time.Time
}

func subcommands() []subcommand {
	return []subcommand{
		{"serve", "[-config FILE]", "run the bot", runServe},
		{"practice", "[-play] [-drill NAME|FILE | -replay POST.md] [-speed N] [-out DIR] [-data FILE] [-listen ADDRESS] [-verbose] [-without-bot [-bot-url URL]]", "run the bot against a Slack, Trello and GitHub of its own, on this machine alone", runPractice},
		{"log", "-incident N [-at TIME] [-by NAME|SLACK_ID] [-zone ZONE] TEXT | -file NOTES [-day DATE] [-dry-run]", "write to a timeline while Slack is away, whether serve runs or not", runLog},
		{"import", importUsage, "read published posts, so that people find what was before, or add what was said in a channel of a Slack export", runImport},
		{"link", "log|state -incident N [-by NAME|SLACK_ID] | status [-for LONG]", "print a signed link to a page: the form that writes to a timeline, how an incident stands, what waits", runLink},
		{"post", postUsage, "take a post-mortem apart into JSON, write one from it, or check posts as a reviewer would", runPost},
		{"protocol", "print | check FILE | simulate [-severity WORD] [FILE]", "print, check or walk through the protocol that incidents are run by", runProtocol},
		{"backup", "[-config FILE] FILE", "copy the SQLite database to a file, whether serve runs or not, and check the copy", runBackup},
		{"restore", "[-config FILE] {[-replace] [-next N] FILE | -mark}", "put a copy in the place of the database, while nothing runs", runRestore},
		{"check", "[-config FILE] [-offline] [-json]", "read the whole database and look for what cannot be, and for doubles at the services", runCheck},
		{"deliveries", deliveriesUsage, "show what waits for Slack, Trello and GitHub or has failed, try it again, or give it up", runDeliveries},
		{"audit", "[-config FILE] [-incident N] [-since DAY]", "print who did what as JSON lines, whether serve runs or not", runAudit},
		{"forget", "[-config FILE] -user SLACK_ID [-words]", "put another id in the place of a person's, and forget what they wrote", runForget},
		{"doctor", "[-config FILE] [-json]", "try whether Slack, Trello, GitHub, the database and the address will do what an incident needs", runDoctor},
		{"manifest", "[-config FILE] [-http]", "print the manifest of the Slack app for this configuration", runManifest},
		{"migrate-store", "FROM TO", "copy everything from a SQLite database to an empty one on PostgreSQL, or back, and compare", runMigrateStore},
		{"version", "", "say which version this is", runVersion},
	}
}

// errUsage says that the command line cannot be used; the sentence has been printed.
var errUsage = errors.New("usage")

// errFindings says that the command has done what it should and found something; it has been printed.
var errFindings = errors.New("findings")

func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	return runIn(ctx, args, environment{getenv: getenv, stdout: stdout, stderr: stderr, now: time.Now})
}

func runIn(ctx context.Context, args []string, env environment) int {
	name, rest := "", args
	if len(args) > 0 {
		name, rest = args[0], args[1:]
	}
	if slices.Contains([]string{"help", "-h", "-help", "--help"}, name) {
		if len(rest) == 0 || !slices.ContainsFunc(subcommands(), func(c subcommand) bool { return c.name == rest[0] }) {
			usage(env.stdout)
			return exitOK
		}
		name, rest, env.stderr = rest[0], []string{"-h"}, env.stdout
	}
	if name == "-version" || name == "--version" {
		name = "version"
	}
	for _, c := range subcommands() {
		if c.name != name {
			continue
		}
		err := c.run(ctx, rest, env)
		switch {
		case err == nil, errors.Is(err, flag.ErrHelp):
			return exitOK
		case errors.Is(err, errUsage):
			return exitUsage
		case errors.Is(err, errFindings):
			return exitFailed
		}
		fmt.Fprintf(env.stderr, "watchbell %s: %v\n", name, err)
		return exitFailed
	}
	if name == "" {
		usage(env.stderr)
		return exitUsage
	}
	var names []string
	for _, c := range subcommands() {
		names = append(names, c.name)
	}
	fmt.Fprintf(env.stderr, "watchbell: there is no command %q; there are %s, and `watchbell help` says what they do\n", name, strings.Join(names, ", "))
	return exitUsage
}

func usage(w io.Writer) {
	fmt.Fprintln(w, "Watchbell, the incident bot.\n\nUsage:")
	for _, c := range subcommands() {
		fmt.Fprintf(w, "  watchbell %s\n        %s\n", strings.TrimSpace(c.name+" "+c.usage), c.help)
	}
}

// newFlags makes a flag set that takes -flag and --flag, and prints its usage where errors go.
func newFlags(name string, env environment) *flag.FlagSet {
	flags := flag.NewFlagSet("watchbell "+name, flag.ContinueOnError)
	flags.SetOutput(env.stderr)
	flags.Usage = func() {
		for _, c := range subcommands() {
			if c.name == name {
				fmt.Fprintf(env.stderr, "watchbell %s\n        %s\n", strings.TrimSpace(c.name+" "+c.usage), c.help)
				flags.PrintDefaults()
				return
			}
		}
		fmt.Fprintf(env.stderr, "watchbell %s\n", name) // a part of a command, which has a usage of its own
		flags.PrintDefaults()
	}
	return flags
}

// parse reads the flags and refuses what is left over.
func parse(flags *flag.FlagSet, args []string) error {
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return err
	}
	if err == nil && flags.NArg() > 0 {
		fmt.Fprintf(flags.Output(), "%s takes no argument %q\n", flags.Name(), flags.Arg(0))
		flags.Usage()
		err = errUsage
	}
	if err != nil {
		return errUsage
	}
	return nil
}

// parseAmong reads flags before, among and behind words, and returns the words.
func parseAmong(flags *flag.FlagSet, args []string) (words []string, err error) {
	for {
		switch err := flags.Parse(args); {
		case errors.Is(err, flag.ErrHelp):
			return nil, err
		case err != nil:
			return nil, errUsage
		case flags.NArg() == 0:
			return words, nil
		}
		words, args = append(words, flags.Arg(0)), flags.Args()[1:]
	}
}

// printJSON prints a value for programs, and for people who look.
func printJSON(w io.Writer, v any) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(v)
}

func runVersion(_ context.Context, args []string, env environment) error {
	if err := parse(newFlags("version", env), args); err != nil {
		return err
	}
	fmt.Fprintln(env.stdout, "watchbell "+version())
	return nil
}

// version is the module's version, or the commit that it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(unknown)"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return "(built from source)"
}
