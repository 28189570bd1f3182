package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"watchbell/bot/chat"
	"watchbell/incidents"
)

// logFlags are what `watchbell log` takes.
type logFlags struct {
	config, incident string
	at, zone, by     string
	file, day        string
	dry, ahead       bool
	number           int
	where            *time.Location
	environment      // where to print
	text             string
	dayOf            time.Time
}

// notesLimit is the longest file of notes, in bytes.
const notesLimit = 1 << 20

// runLog writes to an incident's timeline while Slack is away.
func runLog(ctx context.Context, args []string, env environment) error {
	f := logFlags{environment: env}
	flags := newFlags("log", env)
	flags.StringVar(&f.config, "config", "", "the configuration `FILE` that serve has")
	flags.StringVar(&f.incident, "incident", "", "the incident's `NUMBER`")
	flags.StringVar(&f.at, "at", "", "when it happened, such as 14:05 or -10m; it may stand before the text as well; now when left out")
	flags.StringVar(&f.zone, "zone", "", "the `ZONE` of times that name none, such as Europe/Berlin; this machine's when left out")
	flags.StringVar(&f.by, "by", "", "who writes: a `NAME`, or a Slack user id")
	flags.StringVar(&f.file, "file", "", "add the entries of this `FILE` of times, one a line; - reads standard input")
	flags.StringVar(&f.day, "day", "", "the `DATE` of times without one in the file; the day of the incident when left out")
	flags.BoolVar(&f.dry, "dry-run", false, "say what would be added and add nothing")
	flags.BoolVar(&f.ahead, "ahead", false, "a time that is still ahead is meant")
	if err := f.parse(flags, args); err != nil {
		return err
	}
	_, l, err := ledgerOf(ctx, f.config, env)
	if err != nil {
		return err
	}
	defer func() { _ = l.close() }()
	if f.file != "" {
		return f.notes(ctx, l)
	}
	return f.one(ctx, l)
}

// distance is a time such as -10m, which is not a flag.
var distance = regexp.MustCompile(`^-[0-9]`)

func (f *logFlags) parse(flags *flag.FlagSet, args []string) error {
	for i, a := range args {
		if distance.MatchString(a) && (i == 0 || strings.TrimLeft(args[i-1], "-") != "at") {
			args = append(append(append([]string(nil), args[:i]...), "--"), args[i:]...)
			break
		}
	}
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return errUsage
	}
	f.text = strings.TrimSpace(strings.Join(flags.Args(), " "))
	err := f.check()
	if err != nil {
		fmt.Fprintf(f.stderr, "watchbell log: %v\n", err)
		return errUsage
	}
	return nil
}

func (f *logFlags) check() (err error) {
	if f.number, err = incidentNumber(f.incident); err != nil {
		return err
	}
	if f.where, err = zoneNamed(f.zone); err != nil {
		return err
	}
	switch {
	case f.file != "" && (f.text != "" || f.at != ""):
		return errors.New("-file takes its times and texts from the file; leave -at and the text out")
	case f.file == "" && f.text == "":
		return errors.New(`write what happened: watchbell log -incident 42 "14:05 restarted the queue"`)
	case f.file == "" && (f.day != "" || f.dry):
		return errors.New("-day and -dry-run go with -file")
	}
	if f.day != "" {
		when, rest, found, err := chat.ReadTime(f.day+" 12:00", chat.TimeContext{Now: f.now(), Zone: f.where})
		if err != nil || !found || !when.HasDate || rest != "" {
			return fmt.Errorf("-day %s is not a date; write 2026-07-08 or 08/07/2026", f.day)
		}
		f.dayOf = when.At
	}
	return nil
}

// incidentNumber reads 42 or #42.
func incidentNumber(text string) (int, error) {
	n, err := strconv.Atoi(strings.TrimPrefix(text, "#"))
	if err != nil || n < 1 {
		return 0, errors.New("say which incident: -incident 42")
	}
	return n, nil
}

func noIncident(number int) error {
	return fmt.Errorf("there is no incident #%d in this database", number)
}

// zoneNamed loads a zone; this machine's when the name is empty.
func zoneNamed(name string) (*time.Location, error) {
	if name == "" {
		return time.Local, nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, fmt.Errorf("-zone %s is not a zone; write UTC or a name such as Europe/Berlin", name)
	}
	return zone, nil
}

// actor is whoever writes.
func (f *logFlags) actor() incidents.Actor {
	return incidents.Actor{User: chat.Outsider(f.by), Outside: true}
}

// find reads the incident, and from it the day of times without a date.
func (f *logFlags) find(ctx context.Context, l ledger) (incidents.Snapshot, error) {
	snap, err := l.Snapshot(ctx, f.number)
	if errors.Is(err, incidents.ErrNotFound) {
		return snap, noIncident(f.number)
	}
	return snap, err
}

// one adds one entry.
func (f *logFlags) one(ctx context.Context, l *opened) error {
	snap, err := f.find(ctx, l)
	if err != nil {
		return err
	}
	tc := chat.TimeContext{Now: f.now(), Zone: f.where}
	if !snap.Status.Open() {
		tc.Day = snap.BeganAt()
	}
	typed := f.text
	if f.at != "" {
		typed = f.at + " " + f.text
	}
	when, rest, found, err := chat.ReadTime(typed, tc)
	switch {
	case err != nil:
		return err
	case f.at != "" && (!found || rest != f.text):
		return fmt.Errorf("-at %s is not a time; write %s", f.at, chat.TimeExamples())
	case found && len(when.Choices) > 1 && when.Choices[1].After(when.At):
		return fmt.Errorf("the clocks showed that time twice that night; write %s or %s",
			when.At.Format("2006-01-02 15:04 MST"), when.Choices[1].Format("2006-01-02 15:04 MST"))
	}
	result, err := l.Handle(ctx, incidents.Request{By: f.actor(), Incident: f.number, Command: incidents.Log{
		At: when.At, Until: when.Until, Text: rest, Confirmed: f.ahead, Outside: "log/" + rand.Text(),
	}})
	if err != nil {
		return plainly(err)
	}
	fmt.Fprintf(f.stdout, "Logged at %s, now entry %d of %d in the timeline of #%d, %s.%s\n",
		f.echo(result.At, result.Until), result.Place, result.Of, f.number, result.Title, l.later())
	return nil
}

// withoutVerdict leaves out of a text what is said before it anyway: that something was not recorded.
func withoutVerdict(text string) string {
	return strings.ReplaceAll(text, incidents.ErrNotDurable.Error()+": ", "")
}

// plainly puts a refusal for the command line.
func plainly(err error) error {
	refused := incidents.AsRefusal(err)
	switch {
	case errors.Is(err, incidents.ErrUnsure):
		return fmt.Errorf("perhaps not recorded: the database failed at that moment; look at the timeline before you write it again: %w", err)
	case errors.Is(err, incidents.ErrNotDurable):
		return errors.New("not recorded: the database did not take it; try again in a minute, and keep notes by hand until then: " + withoutVerdict(err.Error()))
	case refused == nil:
		return err
	case refused.Code == incidents.Future:
		return errors.New("that time is still ahead, so nothing was recorded; check the day and the zone, or add -ahead if you mean it")
	}
	return refused
}

func (f *logFlags) echo(at, until time.Time) string {
	said := chat.EchoTime(at, f.now(), f.where)
	if !until.IsZero() {
		said += " to " + chat.EchoTime(until, f.now(), f.where)
	}
	return said
}

// notes adds the entries of a file.
func (f *logFlags) notes(ctx context.Context, l *opened) error {
	text, err := f.read()
	if err != nil {
		return err
	}
	snap, err := f.find(ctx, l)
	if err != nil {
		return err
	}
	if f.dayOf.IsZero() {
		f.dayOf = snap.BeganAt()
	}
	notes, problems := chat.ReadNotes(text, chat.TimeContext{Now: f.now(), Zone: f.where, Day: f.dayOf})
	added, already, failed := 0, 0, len(problems)
	for _, n := range notes {
		said := "would be added"
		if !f.dry {
			result, err := l.Handle(ctx, incidents.Request{By: f.actor(), Incident: f.number, Command: incidents.Log{
				At: n.At, Until: n.Until, Text: n.Text, Confirmed: f.ahead, Outside: noteName(n),
			}})
			switch {
			case incidents.AsRefusal(err) != nil:
				failed++
				said = "NOT added: " + plainly(err).Error()
			case err != nil:
				return fmt.Errorf("line %d: %w", n.Line, plainly(err))
			case result.Unchanged:
				already++
				said = "there already"
			default:
				added++
				said = "added"
			}
		}
		fmt.Fprintf(f.stdout, "line %d: %s %s (%s)\n", n.Line, f.echo(n.At, n.Until), chat.Shorten(oneLine(n.Text), 60), said)
	}
	for _, p := range problems {
		fmt.Fprintf(f.stdout, "line %d: NOT read: “%s”. %s\n", p.Line, p.Text, p.Why)
	}
	if f.dry {
		fmt.Fprintf(f.stdout, "To be added to #%[2]d, %[3]s: %[1]d; nothing was. Lines that could not be read: %[4]d.\n", len(notes), f.number, snap.Title, failed)
	} else {
		fmt.Fprintf(f.stdout, "Added to #%[2]d, %[3]s: %[1]d; there already: %[4]d; not taken: %[5]d.%[6]s\n", added, f.number, snap.Title, already, failed, l.later())
	}
	if failed > 0 {
		return errors.New("some lines were not taken; correct them and run this again: what is there already is not added twice")
	}
	return nil
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// noteName is the same for the same note: a file that is read twice adds nothing the second time.
func noteName(n chat.Note) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d\n%d\n%s", n.At.UnixMicro(), n.Until.UnixMicro(), n.Text))
	return "notes/" + hex.EncodeToString(sum[:16])
}

func (f *logFlags) read() (string, error) {
	from := f.stdin
	if f.file != "-" {
		file, err := os.Open(f.file)
		if err != nil {
			return "", fmt.Errorf("read the notes: %w", err)
		}
		defer file.Close()
		from = file
	}
	if from == nil {
		return "", errors.New("there is nothing on standard input; name a file with -file")
	}
	text, err := io.ReadAll(io.LimitReader(from, notesLimit+1))
	if err != nil {
		return "", fmt.Errorf("read the notes: %w", err)
	}
	if len(text) > notesLimit {
		return "", errors.New("the notes are longer than 1 MB; split the file")
	}
	return string(text), nil
}
