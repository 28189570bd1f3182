package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"watchbell/integrations/practice"
)

// byHand reports whether a person trains with a drill.
func (f practiceFlags) byHand() bool { return !f.play && (f.drill != "" || f.replay != "") }

// checkDrill checks the flags about drills against each other.
func (f practiceFlags) checkDrill() error {
	switch {
	case f.drill != "" && f.replay != "":
		return errors.New("-drill and -replay exclude each other: a replay is a drill of its own")
	case f.out != "" && !f.play && !f.byHand():
		return errors.New("-out goes with -play, -drill or -replay")
	}
	return nil
}

// prepare finds out before anything is played whether what it leaves behind can be written.
func (f practiceFlags) prepare() error {
	if info, err := os.Stat(f.data); f.data != "" && err == nil && info.Size() > 0 {
		return fmt.Errorf("-data %s is there already: it tells of channels of a Slack that is gone. Name a new file, or remove it", f.data)
	}
	if f.out == "" {
		return nil
	}
	if err := os.MkdirAll(f.out, 0o755); err != nil {
		return fmt.Errorf("-out %s: %w", f.out, err)
	}
	probe, err := os.CreateTemp(f.out, ".watchbell-")
	if err != nil {
		return fmt.Errorf("-out %s cannot be written to: %w", f.out, err)
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// load reads what is to be played: a past incident, or a drill by its name or from a file; the default drill when
// neither is named.
func (f practiceFlags) load() (practice.Drill, error) {
	if f.replay == "" {
		return loadDrill(f.drill)
	}
	text, err := os.ReadFile(f.replay)
	if err != nil {
		return practice.Drill{}, fmt.Errorf("read the post-mortem: %w", err)
	}
	past, err := practice.ReadPast(filepath.Base(f.replay), text)
	if err != nil {
		return practice.Drill{}, fmt.Errorf("replay %s: %w", f.replay, err)
	}
	return past.Drill(strings.TrimSuffix(filepath.Base(f.replay), ".md")), nil
}

// loadDrill reads a drill by its name or from a file; the default one when the name is empty.
func loadDrill(name string) (practice.Drill, error) {
	if name == "" {
		name = practice.DefaultDrill
	}
	text, err := os.ReadFile(name)
	if !strings.ContainsAny(name, `/\.`) && (err != nil || slices.Contains(practice.Drills(), name)) {
		return practice.ShippedDrill(name)
	}
	if err != nil {
		return practice.Drill{}, fmt.Errorf("read the drill: %w", err)
	}
	return practice.ParseDrill(strings.TrimSuffix(filepath.Base(name), ".txtar"), text)
}

// train plays a drill for a person, who acts on the page, until they leave.
func (p *practising) train(ctx context.Context, drill practice.Drill, f practiceFlags, env environment) error {
	session := p.workspace.NewSession(drill, practice.SessionOptions{Clock: p.clock, Pace: f.speed})
	p.workspace.Offer(drill, p.clock) // to be played again
	p.workspace.Show(session)
	fmt.Fprintf(env.stdout, "%s\n\n%s\n\nThe incident happens at %s\n", drill.Title, drill.Story, p.url)
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	if terminal(os.Stdin) {
		fmt.Fprintln(env.stdout, trainingKeys)
		go steer(os.Stdin, env.stdout, session, leave)
	}
	fmt.Fprintln(env.stdout)
	over := make(chan practice.Debrief, 1)
	go func() { over <- session.Run(ctx) }()
	debrief, err := p.follow(session, over, env.stdout)
	if err != nil {
		return err
	}
	fmt.Fprintf(env.stdout, "\n%s", debrief.Short())
	if f.out != "" {
		file := filepath.Join(f.out, "debrief.md")
		if err := errors.Join(os.MkdirAll(f.out, 0o755), os.WriteFile(file, []byte(debrief.Markdown()), 0o644)); err != nil {
			return fmt.Errorf("write the debrief: %w", err)
		}
		fmt.Fprintf(env.stdout, "The debrief is %s.\n", file)
	}
	if ctx.Err() == nil {
		fmt.Fprintf(env.stdout, "The drill is over; look around at %s and stop it with Ctrl-C.\n", p.url)
	}
	return p.wait(ctx)
}

// follow prints what a session tells until it is over. It fails when the bot ends before.
func (p *practising) follow(session *practice.Session, over <-chan practice.Debrief, out io.Writer) (practice.Debrief, error) {
	changed, cancel := session.Subscribe()
	defer cancel()
	told := 0
	tell := func() {
		for _, line := range session.Status().Lines[told:] {
			fmt.Fprintln(out, line)
			told++
		}
	}
	for {
		select {
		case <-changed:
			tell()
		case debrief := <-over:
			tell()
			return debrief, nil
		case err := <-p.ended:
			p.ended <- nil
			if err != nil {
				return practice.Debrief{}, err
			}
			debrief := <-over // the same Ctrl-C ends the session
			tell()
			return debrief, nil
		}
	}
}

const trainingKeys = "Type a letter and Enter: p to pause and go on, f for faster, w for slower, s to skip to the next event, e to end the drill, q to quit."

// terminal reports whether a person may be at the other end.
func terminal(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}

// steer does what a person types, until they quit.
func steer(in io.Reader, out io.Writer, session *practice.Session, leave func()) {
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		switch strings.ToLower(strings.TrimSpace(lines.Text())) {
		case "p":
			if session.Status().State == practice.SessionPaused {
				session.Resume()
				fmt.Fprintln(out, "It goes on.")
			} else {
				session.Pause()
				fmt.Fprintln(out, "Paused.")
			}
		case "f":
			session.Faster()
			fmt.Fprintf(out, "%v minutes of the story in a minute.\n", session.Status().Pace)
		case "w":
			session.Slower()
			fmt.Fprintf(out, "%v minutes of the story in a minute.\n", session.Status().Pace)
		case "s":
			session.Skip()
		case "e":
			session.End()
		case "q":
			leave()
			return
		case "":
		default:
			fmt.Fprintln(out, trainingKeys)
		}
	}
}

// reportPlay prints how an unattended play went, and fails when an expectation was not met.
func reportPlay(report practice.Report, f practiceFlags, out io.Writer) error {
	fmt.Fprintf(out, "\n%s\n%d steps.", report.Debrief.Short(), report.Steps)
	for _, service := range slices.Sorted(maps.Keys(report.Calls)) {
		fmt.Fprintf(out, " Calls to %s: %d.", service, report.Calls[service])
	}
	fmt.Fprintln(out)
	if f.out != "" {
		fmt.Fprintf(out, "The debrief is %s.\n", filepath.Join(f.out, "debrief.md"))
	}
	if f.out != "" && report.Path != "" {
		fmt.Fprintf(out, "The post is %s, the site is %s.\n", filepath.Join(f.out, filepath.Base(report.Path)), filepath.Join(f.out, "site"))
	}
	if n := len(report.Failed); n > 0 {
		return fmt.Errorf("%d of the drill's expectations were not met:\n  - %s", n, strings.Join(report.Failed, "\n  - "))
	}
	return nil
}
