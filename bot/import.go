package main

import (
	"archive/zip"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"watchbell/bot/chat"
	"watchbell/bot/slackio"
	"watchbell/incidents"
)

// importFlags are what `watchbell import slack-export` takes.
type importFlags struct {
	logFlags
	channel, title, reaction string
	since, until             string
	all                      bool
	from, to                 time.Time
}

const importUsage = "posts FOLDER|- [-name FILE] [-all] [-dry-run] | " +
	"slack-export FOLDER|ZIP -channel NAME {-incident N | -title TITLE} [-reaction EMOJI | -all] [-since TIME] [-until TIME] [-dry-run]"

// runImport adds what was said in a channel of a Slack export to a timeline, or reads published posts.
func runImport(ctx context.Context, args []string, env environment) error {
	if slices.Contains(args, "posts") && !slices.Contains(args, "slack-export") {
		return runImportPosts(ctx, args, env)
	}
	f := importFlags{logFlags: logFlags{environment: env}}
	flags := newFlags("import slack-export", env)
	flags.StringVar(&f.config, "config", "", "the configuration `FILE` that serve has")
	flags.StringVar(&f.channel, "channel", "", "the channel's `NAME` or id")
	flags.StringVar(&f.incident, "incident", "", "the incident's `NUMBER`; without one, -title begins a past incident")
	flags.StringVar(&f.title, "title", "", "the `TITLE` of the past incident to record")
	flags.StringVar(&f.reaction, "reaction", "", "take messages with this `EMOJI`; the capture reaction when nothing is said")
	flags.BoolVar(&f.all, "all", false, "take every message")
	flags.StringVar(&f.since, "since", "", "take messages from this `TIME` on, such as 2026-07-08 12:00")
	flags.StringVar(&f.until, "until", "", "take messages up to this `TIME`")
	flags.StringVar(&f.zone, "zone", "", "the `ZONE` of these times, such as Europe/Berlin; this machine's when left out")
	flags.StringVar(&f.by, "by", "", "who imports: a `NAME`, or a Slack user id")
	flags.BoolVar(&f.dry, "dry-run", false, "say what would be added and add nothing")
	if err := f.parse(flags, args); err != nil {
		return err
	}
	c, err := loadConfig(f.config, env.getenv)
	if err != nil {
		return err
	}
	if f.reaction == "" {
		f.reaction = c.Slack.CaptureReaction
	}
	export, err := openExport(f.file, f.channel)
	if err != nil {
		return err
	}
	l, err := openLedger(ctx, c, env.now)
	if err != nil {
		return err
	}
	defer func() { _ = l.close() }()
	return f.add(ctx, l, export)
}

// parse takes the format and the folder before, among or behind the flags.
func (f *importFlags) parse(flags *flag.FlagSet, args []string) error {
	words, err := parseAmong(flags, args)
	if err != nil {
		return err
	}
	if err := f.check(words); err != nil {
		fmt.Fprintf(f.stderr, "watchbell import: %v\n", err)
		return errUsage
	}
	return nil
}

func (f *importFlags) check(words []string) (err error) {
	switch {
	case len(words) != 2 || words[0] != "slack-export":
		return errors.New("write watchbell import posts FOLDER, or watchbell import slack-export FOLDER|ZIP -channel NAME -incident 42")
	case f.channel == "":
		return errors.New("say which channel: -channel NAME")
	case (f.incident == "") == (f.title == ""):
		return errors.New("say either which incident (-incident 42) or how the past one is called (-title TITLE)")
	case f.all && f.reaction != "":
		return errors.New("-all takes every message, so leave -reaction out")
	}
	f.file = words[1]
	f.reaction = strings.Trim(f.reaction, ":")
	f.all = f.all || (f.reaction == "" && f.since+f.until != "")
	if f.incident != "" {
		if f.number, err = incidentNumber(f.incident); err != nil {
			return err
		}
	}
	if f.where, err = zoneNamed(f.zone); err != nil {
		return err
	}
	for _, bound := range []struct {
		flag, typed string
		into        *time.Time
	}{{"-since", f.since, &f.from}, {"-until", f.until, &f.to}} {
		if bound.typed == "" {
			continue
		}
		when, rest, found, err := chat.ReadTime(bound.typed, chat.TimeContext{Now: f.now(), Zone: f.where})
		if err != nil || !found || rest != "" || !when.HasDate {
			return fmt.Errorf("%s %s is not a time with its date; write 2026-07-08 12:00", bound.flag, bound.typed)
		}
		*bound.into = when.At
	}
	return nil
}

// openExport reads a channel of an export in a folder or a ZIP file. Nothing outside the folder is read, whatever links
// are in it.
func openExport(name, channel string) (slackio.Export, error) {
	info, err := os.Stat(name)
	if err != nil {
		return slackio.Export{}, fmt.Errorf("open the export: %w", err)
	}
	var files fs.FS
	var open io.Closer
	if info.IsDir() {
		root, err := os.OpenRoot(name)
		if err != nil {
			return slackio.Export{}, fmt.Errorf("open the export: %w", err)
		}
		files, open = root.FS(), root
	} else {
		archive, err := zip.OpenReader(name)
		if err != nil {
			return slackio.Export{}, fmt.Errorf("%s is neither a folder nor a ZIP file: %w", name, err)
		}
		files, open = archive, archive
	}
	defer func() { _ = open.Close() }()
	return slackio.ReadExport(files, channel)
}

func (f *importFlags) wants(m slackio.ExportedMessage) bool {
	inTime := !m.At.Before(f.from) && (f.to.IsZero() || !m.At.After(f.to))
	return inTime && (f.all || slices.Contains(m.Reactions, f.reaction))
}

// add brings the messages that are wanted into the timeline. Each is known by its channel and time, as if it had been
// captured in Slack, so a second run and a capture of the same message add nothing.
func (f *importFlags) add(ctx context.Context, l *opened, export slackio.Export) error {
	title, err := f.goal(ctx, l)
	if err != nil {
		return err
	}
	taken, added, already := 0, 0, 0
	for _, m := range export.Messages {
		if !f.wants(m) {
			continue
		}
		taken++
		said := "would be added"
		if !f.dry {
			fresh, err := f.capture(ctx, l, m)
			if err != nil {
				return plainly(err)
			}
			if said = "there already"; fresh {
				said = "added"
				added++
			} else {
				already++
			}
		}
		who := export.Names[m.Author]
		if who == "" {
			who = m.Author
		}
		text := chat.EntryMarkdown(incidents.Incident{}, incidents.Entry{Format: incidents.Mrkdwn, Text: m.Text})
		fmt.Fprintf(f.stdout, "%s %s: %s (%s)\n", m.At.Format("2006-01-02 15:04:05 MST"), who, chat.Shorten(oneLine(text), 60), said)
	}
	for _, p := range export.Problems {
		fmt.Fprintf(f.stdout, "NOT read: %s\n", p)
	}
	fmt.Fprintf(f.stdout, "#%s has %d messages, of which %d were asked for. ", export.Channel.Name, len(export.Messages), taken)
	if f.dry {
		fmt.Fprintf(f.stdout, "Nothing was added to %s.\n", title)
	} else {
		fmt.Fprintf(f.stdout, "%d were added to %s; %d were there already.%s\n", added, title, already, l.later())
	}
	if taken == 0 && !f.all {
		fmt.Fprintf(f.stdout, "No message wears :%s:; name another emoji with -reaction, or take them all with -all, or some with -since and -until.\n", f.reaction)
	}
	if len(export.Problems) > 0 {
		return errors.New("a part of the export could not be read")
	}
	return nil
}

func (f *importFlags) capture(ctx context.Context, l ledger, m slackio.ExportedMessage) (fresh bool, err error) {
	handle := func(c incidents.Command) (incidents.Result, error) {
		return l.Handle(ctx, incidents.Request{By: f.actor(), Incident: f.number, Command: c})
	}
	result, err := handle(incidents.CaptureMessage{
		Source: m.Source, Author: m.Author, Text: m.Text, Files: m.Files, How: incidents.ByImport, At: m.At,
	})
	if err == nil && !m.EditedAt.IsZero() {
		_, err = handle(incidents.EditMessage{Source: m.Source, Text: m.Text, Files: m.Files, EditedAt: m.EditedAt})
	}
	return !result.Unchanged, err
}

// goal finds the incident, or begins to record the past one, and says what it is called. A past incident of the same
// title that is still being recorded is gone on with.
func (f *importFlags) goal(ctx context.Context, l ledger) (string, error) {
	if f.number != 0 {
		snap, err := f.find(ctx, l)
		return fmt.Sprintf("#%d, %s", f.number, snap.Title), err
	}
	found, err := l.Find(ctx, incidents.Query{Limit: 100_000})
	if err != nil {
		return "", err
	}
	for _, in := range found {
		if in.Backfill && in.Status != incidents.Closed && in.Title == oneLine(f.title) {
			f.number = in.Number
			return fmt.Sprintf("#%d, %s", in.Number, in.Title), nil
		}
	}
	if f.dry {
		return "a new past incident, " + f.title, nil
	}
	result, err := l.Handle(ctx, incidents.Request{By: f.actor(), Command: incidents.Backfill{Title: f.title}})
	f.number = result.Incident
	return fmt.Sprintf("#%d, %s (new)", result.Incident, result.Title), plainly(err)
}
