package practice

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const sessionDrill = `title: A small one
start: 2026-03-17 09:00
pace: 2
examples: yes
-- cast --
ana    Ana         UTC  you
ben    Ben         UTC
sven   Sven        UTC  stakeholder
watch  Watchtower  UTC  monitor
-- script --
09:00 watch alerts in #team: Disk full
      hint ana until noticed: Say a word.
09:10 ana types in #team: /incident declare disk is full
      expect #team: We have an incident going on
09:12 ben joins #incident
09:13 ben says in #incident: I look at the disk
      sven asks in #team: Is it the disk?
      hint ana until declared: Declare it.
09:30 ben says in #team: That was all
-- marks --
noticed within 5m of START
declared within 5m of START
`

// training is a session in a bubble of virtual time, with no bot.
type training struct {
	*testing.T
	*Session
	clock *Clock
	over  chan Debrief
	end   context.CancelFunc
}

func train(t *testing.T, text string) *training {
	t.Helper()
	d, err := ParseDrill("d", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	tr := &training{T: t, clock: NewClock(d.Start), over: make(chan Debrief, 1)}
	w := New(Options{Now: tr.clock.Now, Log: slog.New(slog.DiscardHandler)})
	w.Slack.RetryAfter = nil // there is nobody to try again for
	t.Cleanup(w.Slack.Close)
	tr.Session = w.NewSession(d, SessionOptions{Clock: tr.clock})
	var ctx context.Context
	ctx, tr.end = context.WithCancel(t.Context())
	go func() { tr.over <- tr.Session.Run(ctx) }()
	synctest.Wait()
	return tr
}

// passes lets real time pass, as the bubble counts it.
func (tr *training) passes(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// told is what was told so far, without its times.
func (tr *training) told() string {
	var lines []string
	for _, l := range tr.Status().Lines {
		lines = append(lines, strings.TrimSpace(string(l.Kind)+" "+l.Who+" "+l.Text))
	}
	return strings.Join(lines, "\n")
}

func (tr *training) wantClock(want string) {
	tr.Helper()
	if got := tr.clock.Now().Format("15:04:05"); got != want {
		tr.Errorf("the story's clock shows %s, not %s", got, want)
	}
}

func (tr *training) wantTold(part string, want bool) {
	tr.Helper()
	if strings.Contains(tr.told(), part) != want {
		tr.Errorf("told %q: %v; all that was told:\n%s", part, !want, tr.told())
	}
}

func (tr *training) stop() Debrief {
	tr.Helper()
	tr.end()
	return <-tr.over
}

func TestSessionGoesByTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := train(t, sessionDrill)
		tr.wantTold("Disk full", true)
		tr.wantTold("hint ana Say a word.", true)
		tr.passes(4 * time.Minute)
		tr.wantClock("09:08:00")
		tr.wantTold("declare", false)
		tr.passes(time.Minute)
		tr.wantClock("09:10:00")
		tr.wantTold("turn ana in #team: /incident declare disk is full", true)
		if st := tr.Status(); st.State != SessionRunning || st.Pace != 2 || st.Next.Format("15:04") != "09:12" {
			t.Errorf("the status is %+v", st)
		}
		tr.stop()
	})
}

func TestSessionPausesSkipsAndChangesItsPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := train(t, sessionDrill)
		tr.passes(time.Minute)
		tr.Pause()
		tr.passes(time.Hour)
		tr.wantClock("09:02:00")
		if tr.Status().State != SessionPaused {
			t.Error("it is not paused")
		}
		tr.Skip() // a paused story goes on by one step
		tr.passes(time.Hour)
		tr.wantClock("09:10:00")
		tr.wantTold("turn ana", true)
		tr.wantTold("Is it the disk?", false)
		tr.Resume()
		tr.Faster()
		tr.passes(30 * time.Second)
		tr.wantClock("09:12:00")
		tr.Slower()
		tr.Slower()
		tr.passes(30 * time.Second)
		tr.wantClock("09:12:30")
		for range 20 {
			tr.Faster()
		}
		if pace := tr.Status().Pace; pace != maxPace {
			t.Errorf("the pace is %v", pace)
		}
		for range 20 {
			tr.Slower()
		}
		if pace := tr.Status().Pace; pace != 0.25 {
			t.Errorf("the pace is %v", pace)
		}
		tr.Skip()
		synctest.Wait()
		tr.wantTold("Is it the disk?", true)
		tr.stop()
		tr.passes(time.Minute)
		before := tr.clock.Now()
		tr.passes(time.Minute)
		if passed := tr.clock.Now().Sub(before); passed != time.Minute {
			t.Errorf("after the end %v pass in a minute", passed)
		}
	})
}

func TestSessionLetsOthersWaitForTheIncident(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := train(t, sessionDrill)
		for range 4 {
			tr.Skip()
			synctest.Wait()
		}
		tr.wantTold("Is it the disk?", true) // whoever does not depend on it goes on
		tr.wantTold("ben", false)
		if _, err := tr.w.Slack.AddChannel("inc-1", false, BotUser); err != nil { // as the bot does
			t.Fatal(err)
		}
		synctest.Wait()
		tr.wantTold("step ben joins #inc-1\nstep ben in #inc-1: I look at the disk", true)
		tr.Skip()
		synctest.Wait()
		tr.wantTold("That was all", true)
		if st := tr.Status(); st.State != SessionTold || !st.Next.IsZero() || st.Steps != st.All {
			t.Errorf("the status is %v, %d of %d steps", st.State, st.Steps, st.All)
		}
		tr.Skip() // there is nothing to skip to
		synctest.Wait()
		select {
		case <-tr.over:
			t.Fatal("it is over while the incident is not")
		default:
		}
		tr.End()
		b := <-tr.over
		if len(b.Missed) != 0 || tr.Status().State != SessionOver || tr.Status().Debrief == nil {
			t.Errorf("missed %q, state %v", b.Missed, tr.Status().State)
		}
	})
}

func TestSessionEndsWithADebriefWhateverWasDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := train(t, sessionDrill)
		if _, err := tr.w.Slack.Say("ana", "team", "I look at it"); err != nil {
			t.Fatal(err)
		}
		for range 5 {
			tr.Skip()
			synctest.Wait()
		}
		tr.wantTold("hint ana Declare it.", true)
		b := tr.stop()
		if b.at(StepNoticed).IsZero() || !b.at(StepDeclared).IsZero() {
			t.Errorf("the steps are %+v", b.Steps)
		}
		if !slices.ContainsFunc(b.Marks, func(m MarkResult) bool { return m.Step == StepDeclared && m.Result == MarkLeftOut }) {
			t.Errorf("the marks are %+v", b.Marks)
		}
		if len(b.Missed) == 0 || !strings.Contains(b.Missed[0], "ben joins #incident") {
			t.Errorf("what could not happen: %q", b.Missed)
		}
		if len(b.Questions) != 1 || !b.Questions[0].Answered.IsZero() {
			t.Errorf("the questions are %+v", b.Questions)
		}
	})
}

func TestSessionHintsOnlyWhatIsNotDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := train(t, strings.Replace(sessionDrill, "hint ana until declared: Declare it.", "hint ana until noticed: Still asleep?", 1))
		if _, err := tr.w.Slack.Say("ana", "team", "I look at it"); err != nil {
			t.Fatal(err)
		}
		for range 4 {
			tr.Skip()
			synctest.Wait()
		}
		tr.wantTold("Still asleep?", false)
		tr.stop()
	})
}

func TestSessionCanBeWatchedAndSteeredByMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := train(t, sessionDrill)
		changed, cancel := tr.Subscribe()
		defer cancel()
		done := make(chan struct{})
		for range 4 {
			go func() {
				for range 20 {
					tr.Pause()
					tr.Skip()
					tr.Faster()
					tr.Slower()
					tr.Resume()
					_ = tr.Status()
				}
				done <- struct{}{}
			}()
		}
		for range 4 {
			<-done
		}
		<-changed
		tr.End()
		<-tr.over
	})
}

func TestClockKeepsItsPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Date(2026, 3, 17, 9, 0, 0, 0, time.UTC)
		c := NewClock(start)
		nudges := 0
		c.OnJump(func() { nudges++ })
		c.SetPace(60)
		time.Sleep(time.Second)
		if got := c.Now(); !got.Equal(start.Add(time.Minute)) {
			t.Errorf("a minute is a second: %v", got)
		}
		if left := c.left(start.Add(3 * time.Minute)); left != 2*time.Second {
			t.Errorf("%v are left", left)
		}
		c.SetPace(-1)
		time.Sleep(time.Hour)
		if got := c.Now(); !got.Equal(start.Add(time.Minute)) || c.left(start.Add(time.Hour)) != never {
			t.Errorf("it stands still: %v", got)
		}
		c.JumpTo(start.Add(time.Hour))
		c.JumpTo(start) // never back
		if got := c.Now(); !got.Equal(start.Add(time.Hour)) || nudges != 3 {
			t.Errorf("it shows %v after %d nudges", got, nudges)
		}
	})
}
