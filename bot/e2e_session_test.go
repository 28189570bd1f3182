package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"watchbell/integrations/practice"
)

// A person trains with a drill while the bot runs: the others act by the clock, and wait for what the person has to do.
func TestStorySession(t *testing.T) {
	t.Parallel()
	drill, err := practice.ShippedDrill(practice.DefaultDrill)
	if err != nil {
		t.Fatal(err)
	}
	s := newStory(t, storyOptions{start: drill.Start})
	session := s.NewSession(drill, practice.SessionOptions{Clock: s.clock})
	over := make(chan practice.Debrief, 1)
	go func() { over <- session.Run(s.ctx) }()
	session.Pause()
	told := func(part string) func() bool {
		return func() bool {
			for _, l := range session.Status().Lines {
				if strings.Contains(l.String(), part) {
					return true
				}
			}
			return false
		}
	}
	changed, cancel := session.Subscribe()
	defer cancel()
	until := func(what string, cond func() bool) {
		t.Helper()
		for !cond() {
			select {
			case <-changed:
			case <-time.After(patience):
				t.Fatalf("%s: it did not come true", what)
			}
		}
	}
	skipTo := func(clock string) {
		t.Helper()
		until("it is "+clock, func() bool {
			st := session.Status()
			if st.Next.IsZero() || st.Next.Format("15:04") > clock {
				return true
			}
			session.Skip()
			return false
		})
	}
	ana := func(channel, line string) {
		t.Helper()
		s.until("ana is in #"+channel, func() bool {
			c, u := s.Slack.Channel(channel), s.Slack.User("ana")
			return c != nil && strings.Contains(strings.Join(c.Members, " "), u.ID)
		})
		_, err := s.Slack.Command(s.ctx, "ana", channel, line)
		s.must(err)
	}
	skipTo("09:16")
	if s.Slack.Channel("inc-1-checkout-fails") != nil || told("joins")() {
		t.Fatal("there is no incident, and somebody has joined it")
	}
	until("a hint is given", told("hint: This is worth an incident"))
	ana("team", "/incident declare checkout fails")
	until("the others come", told("ben    joins #inc-1-checkout-fails"))
	ana("inc-1-checkout-fails", "/incident role ops @chloe")
	skipTo("09:27")
	until("they edit what they said", told("edits “go through agian”"))
	ana("inc-1-checkout-fails", "/incident resolve")
	skipTo("09:59")
	debrief := <-over
	done := map[string]bool{}
	for _, step := range debrief.Steps {
		done[step.Name] = !step.At.IsZero()
	}
	for name, want := range map[string]bool{
		practice.StepNoticed: true, practice.StepDeclared: true, practice.StepRoles: false, practice.StepTold: false,
		practice.StepMitigated: false, practice.StepResolved: true,
	} {
		if done[name] != want {
			t.Errorf("%s: %v; the debrief is\n%s", name, done[name], debrief.Markdown())
		}
	}
	s.quiet()
}

// Every published post that is at hand can be replayed: the steps of the protocol are done at its own times.
func TestStoryReplays(t *testing.T) {
	files, err := filepath.Glob("../../shared/corpus/2*.md")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Log("there are no published posts on this machine; one of our own is replayed alone")
	}
	for _, file := range append(files, "../integrations/practice/testdata/past.md") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			drill, err := practiceFlags{replay: file}.load()
			if err != nil {
				t.Fatal(err)
			}
			s := newStory(t, storyOptions{start: drill.Start})
			report, err := s.Play(s.ctx, drill, practice.PlayOptions{Clock: s.clock, Within: patience, Idle: s.idle, Dir: t.TempDir()})
			s.must(err)
			for _, failed := range report.Failed {
				t.Error(failed)
			}
			for _, step := range report.Debrief.Steps {
				then, stated := drill.Past.Step(step.Name)
				declared, _ := drill.Past.Step(practice.StepDeclared)
				if !stated || then.At.Before(declared.At) {
					continue // the replay declares when the post does, and cannot do the rest before
				}
				if off := step.At.Sub(then.At); off < 0 || off > 2*time.Minute {
					t.Errorf("%s at %v, in the post at %v", step.Title, step.At, then.At)
				}
			}
			if !strings.Contains(report.Debrief.Markdown(), "## Then and now") {
				t.Error("the debrief does not compare")
			}
			s.quiet()
		})
	}
}

func TestPracticeRefusesFlagsThatContradict(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"both":       {[]string{"-drill", "first-night", "-replay", "x.md"}, "-drill and -replay exclude each other"},
		"out":        {[]string{"-out", "x"}, "-out goes with -play, -drill or -replay"},
		"no post":    {[]string{"-replay", "missing.md"}, "read the post-mortem: open missing.md"},
		"no drill":   {[]string{"-drill", "sunrise"}, `there is no drill "sunrise"; there are first-night, `},
		"not a post": {[]string{"-replay", "practice_drill.go"}, "replay practice_drill.go: the post has no timeline"},
	} {
		t.Run(name, func(t *testing.T) {
			var out, errs bytes.Buffer
			if code := run(t.Context(), append([]string{"practice"}, c.args...), os.Getenv, &out, &errs); code == exitOK || !strings.Contains(errs.String(), c.want) {
				t.Errorf("exit code %d, %q; it should say %q", code, errs.String(), c.want)
			}
		})
	}
}

func TestSteerDoesWhatIsTyped(t *testing.T) {
	drill, err := practice.ShippedDrill(practice.DefaultDrill)
	if err != nil {
		t.Fatal(err)
	}
	clock := practice.NewClock(drill.Start)
	w := practice.New(practice.Options{Now: clock.Now})
	defer w.Slack.Close()
	session := w.NewSession(drill, practice.SessionOptions{Clock: clock})
	var out bytes.Buffer
	left := false
	steer(strings.NewReader("f\nF\nw\n\nx\nq\np\n"), &out, session, func() { left = true })
	if st := session.Status(); st.Pace != 5 || !left {
		t.Errorf("the pace is %v, left %v", st.Pace, left)
	}
	for _, want := range []string{"10 minutes of the story in a minute.", "p to pause"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it says %q, not %q", out.String(), want)
		}
	}
}

// stopper ends a run when a text is written.
type stopper struct {
	at   string
	stop func()
	text bytes.Buffer
}

func (s *stopper) Write(p []byte) (int, error) {
	n, err := s.text.Write(p)
	if strings.Contains(s.text.String(), s.at) {
		s.stop()
	}
	return n, err
}

func TestPracticeDrillEndsWithADebrief(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	dir := t.TempDir()
	out, errs := &stopper{at: "Customers write", stop: cancel}, &bytes.Buffer{}
	if code := run(ctx, []string{"practice", "-drill", practice.DefaultDrill, "-out", dir}, os.Getenv, out, errs); code != exitOK {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	if text := out.text.String(); !strings.Contains(text, "The incident happens at http://127.0.0.1:") || !strings.Contains(text, "declared     left out") {
		t.Errorf("it prints\n%s", text)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "debrief.md")); err != nil || !strings.HasPrefix(string(text), "# Debrief: ") {
		t.Errorf("the debrief is %q, %v", text, err)
	}
}
