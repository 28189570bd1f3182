package protocol

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"watchbell/incidents"
)

// reminded is what somebody is reminded of now; empty for nothing.
func (g *played) reminded() string {
	s, _ := g.in.Reminder(g.now)
	return s.ID
}

// at lets the story's time be so long after noon.
func (g *played) at(after time.Duration) *played {
	g.now = noon.Add(after)
	return g
}

func TestSilenceIsAskedAbout(t *testing.T) {
	g := play(t, Default())
	if got := g.at(59 * time.Minute).reminded(); got != "severity" {
		t.Errorf("after 59 minutes of silence it reminds of %q", got)
	}
	if s, due := g.at(time.Hour).in.Reminder(g.now); !due || s.ID != "silence" || s.Holder != "U1" {
		t.Fatalf("after an hour of silence it reminds of %q", s.ID)
	}
	// That there is a question is no news to the card before it is due, and the severity has its own patience.
	g.at(10 * time.Minute).do(incidents.SetSeverity{Severity: incidents.Downtime})
	for _, s := range g.in.OpenSteps(g.now) {
		if s.ID == "silence" {
			t.Error("the card shows a question that nobody has to answer yet")
		}
	}
	if got := g.at(40 * time.Minute).reminded(); got != "silence" {
		t.Errorf("after half an hour of silence in a downtime it reminds of %q", got)
	}
	// An answer, a word in the channel and anything that is done have it wait anew.
	if at := reminder(g.do(incidents.DoneStep{Step: "silence"})); !at.Equal(g.now) {
		t.Errorf("it is answered, and the question goes at %s", at)
	}
	if got := g.at(69 * time.Minute).reminded(); got == "silence" {
		t.Error("it is asked again too soon after the answer")
	}
	if got := g.at(70 * time.Minute).reminded(); got != "silence" {
		t.Errorf("half an hour after the answer it reminds of %q", got)
	}
	g.in = g.in.Heard(noon.Add(65 * time.Minute))
	if got := g.reminded(); got == "silence" {
		t.Error("it asks although somebody has written meanwhile")
	}
	if got := g.at(95 * time.Minute).reminded(); got != "silence" {
		t.Errorf("half an hour after the last word it reminds of %q", got)
	}
	g.do(incidents.SetStatus{Status: incidents.Monitoring})
	if got := g.reminded(); got == "silence" {
		t.Error("it asks although somebody has just said how it stands")
	}
	g.do(incidents.Resolve{})
	if got := g.at(24 * time.Hour).reminded(); got == "silence" {
		t.Error("it asks about an incident that is over")
	}
}

func TestSilenceCanBePutOff(t *testing.T) {
	g := play(t, Default()).at(61 * time.Minute)
	g.do(incidents.PutOffStep{Step: "silence", For: 15 * time.Minute})
	if got := g.at(75 * time.Minute).reminded(); got == "silence" {
		t.Error("it asks before the time that it was put off to")
	}
	if got := g.at(76 * time.Minute).reminded(); got != "silence" {
		t.Errorf("after that time it reminds of %q", got)
	}
	g.in = g.in.Heard(noon.Add(70 * time.Minute))
	if got := g.reminded(); got == "silence" {
		t.Error("it was put off, somebody spoke, and it asks at the time all the same")
	}
	g.at(3 * time.Hour).do(incidents.PutOffStep{Step: "silence"})
	g.in = g.in.Heard(g.now.Add(time.Minute))
	if got := g.at(48 * time.Hour).reminded(); got == "silence" {
		t.Error("it asks although nobody wants to be asked")
	}
}

// A log is nothing that the protocol asks for, and takes a question back all the same.
func TestAnEntryAnswersTheQuestion(t *testing.T) {
	g := play(t, Default()).at(time.Hour)
	g.in.Marks = append(g.in.Marks, incidents.Mark{Step: "silence", State: incidents.StepOpen, Reminded: 1})
	if at := reminder(g.do(incidents.Log{Text: "restarted the queue"})); !at.Equal(g.now) {
		t.Errorf("the question goes at %s", at)
	}
	if m := g.in.Mark("silence"); m.Reminded != 0 || g.reminded() == "silence" {
		t.Errorf("it stays asked: %+v", m)
	}
	heard := g.in.HeardAt
	g.at(90 * time.Minute).do(incidents.Log{Text: "still at it"})
	if !g.in.HeardAt.Equal(heard) {
		t.Error("an entry moves due times although nothing was asked: that is a write for each")
	}
}

func TestThePostIsAskedFor(t *testing.T) {
	g := play(t, Default())
	g.now = time.Date(2026, 7, 10, 16, 0, 0, 0, time.UTC) // a Friday, an hour before the weekend
	g.do(incidents.SendUpdate{Text: "It works again."})
	g.do(incidents.SetStatus{Status: incidents.Monitoring})
	g.do(incidents.Resolve{})
	g.do(incidents.SkipStep{Step: "told", Reason: "they know"})
	monday := time.Date(2026, 7, 13, 0, 0, 0, 0, time.UTC)
	check := func(at time.Time, want string) {
		t.Helper()
		g.now = at
		if got := g.reminded(); got != want {
			t.Errorf("%s it reminds of %q, want %q", at.Format("Monday 15:04"), got, want)
		}
	}
	check(monday.Add(15*time.Hour+59*time.Minute), "")
	check(monday.Add(16*time.Hour), "write") // resolved, and no draft for a working day
	for _, section := range incidents.Sections {
		g.do(incidents.Draft{Section: section, Text: "x"})
	}
	check(monday.Add(39*time.Hour+59*time.Minute), "")
	check(monday.Add(40*time.Hour), "pull-request") // a draft, and no pull request for a working day
	g.in.Post = incidents.PullRequest{Number: 7}
	g.in.PostAt = g.now
	g.do(incidents.Close{})
	check(monday.Add(88*time.Hour-time.Minute), "")
	check(monday.Add(88*time.Hour), "publish") // it is closed, and the pull request has waited for two working days
	g.do(incidents.PutOffStep{Step: "publish", For: time.Hour})
	check(monday.Add(89*time.Hour), "") // at five the working day is over
	check(monday.Add(105*time.Hour), "publish")
	g.in.Post.State = incidents.PullMerged
	check(monday.Add(130*time.Hour), "")
}

// What was neglected for good hides no nudge.
func TestANudgeComesAfterWhatIsNeglected(t *testing.T) {
	g := play(t, Default())
	g.do(incidents.Resolve{})
	g.in.Post, g.in.PostAt = incidents.PullRequest{Number: 7}, g.now
	g.at(48 * time.Hour) // a Friday, two working days later
	var all []string
	for range len(g.in.Protocol.Steps) {
		got := g.reminded()
		if slices.Contains(all, got) {
			break
		}
		all = append(all, got)
		g.in.Marks = append(g.in.Marks, incidents.Mark{Step: got, State: incidents.StepOpen, Reminded: 3, RemindedAt: g.now.Add(-time.Hour)})
	}
	if all[0] != "well" || !slices.Contains(all, "publish") {
		t.Errorf("it reminds of %q", all)
	}
	if got := g.reminded(); got != all[0] {
		t.Errorf("once all are neglected it goes back to %q", got)
	}
}

func TestWorkingTimes(t *testing.T) {
	read := func(hours, due string) incidents.Incident {
		p, err := Read("steps:\n  - {id: a, say: a, role: lead, phases: [resolved], due: " + due + "}\nreminders: {most: 3, working_hours: '" + hours + "'}\n")
		if err != nil {
			t.Fatal(err)
		}
		return incidents.Incident{Protocol: p, Status: incidents.Resolved}
	}
	for _, c := range []struct{ hours, due, from, want string }{
		{"09:00-17:00", "1 working day after resolved", "Fri 10 Jul 16:00", "Mon 13 Jul 16:00"},
		{"09:00-17:00", "1 working day after resolved", "Sat 11 Jul 03:00", "Mon 13 Jul 17:00"},
		{"09:00-17:00", "4 working hours after resolved", "Fri 10 Jul 15:00", "Mon 13 Jul 11:00"},
		{"Sun-Thu 08:00-16:00", "2 working days after resolved", "Thu 9 Jul 10:00", "Mon 13 Jul 10:00"},
		{"Mon,Wed 09:00-11:00", "3 working hours after resolved", "Mon 6 Jul 10:00", "Wed 8 Jul 11:00"},
		{"Sat-Sun 09:00-11:00 UTC", "1 working hours after resolved", "Mon 6 Jul 10:00", "Sat 11 Jul 10:00"},
		{"Fri-Mon 09:00-10:00", "2 working days after resolved", "Tue 7 Jul 10:00", "Sat 11 Jul 10:00"},
		{"09:00-17:00 America/New_York", "1 working hour after resolved", "Mon 6 Jul 07:00", "Mon 6 Jul 14:00"},
		{"", "2 working days after resolved", "Fri 10 Jul 16:00", "Sun 12 Jul 16:00"},
	} {
		in := read(c.hours, c.due)
		from, err := time.Parse("Mon 2 Jan 15:04 2006", c.from+" 2026")
		if err != nil {
			t.Fatal(err)
		}
		in.ResolvedAt = from
		s, _ := in.Next(from)
		if got := s.DueAt.Format("Mon 2 Jan 15:04"); got != c.want {
			t.Errorf("%s, %s: from %s it is due %s, want %s", c.hours, c.due, c.from, got, c.want)
		}
	}
}

// Whatever happens, and however the clock jumps, nobody is reminded of what is not due, nor asked about a silence where there
// is none.
func TestRemindersWhateverHappens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Default()
		in := incidents.Incident{Number: 1, Protocol: p, ProtocolVersion: p.Version}
		now := noon
		do := func(cmd incidents.Command) {
			c, err := incidents.Decide(incidents.Before{Incident: in}, incidents.Actor{User: "U1"}, cmd, now)
			if err == nil {
				in = c.Incident
			}
		}
		do(incidents.Declare{Title: "checkout is down"})
		in.Channel.ID = "C1"
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			now = now.Add(rapid.SampledFrom([]time.Duration{-2 * time.Hour, time.Second, 10 * time.Minute, time.Hour, 5 * time.Hour, 72 * time.Hour}).Draw(t, "pass"))
			switch rapid.IntRange(0, 7).Draw(t, "what") {
			case 0:
				do(incidents.Log{Text: "x"})
			case 1:
				do(incidents.SetStatus{Status: rapid.SampledFrom([]incidents.Status{incidents.Identified, incidents.Monitoring}).Draw(t, "status")})
			case 2:
				do(incidents.Resolve{})
			case 3:
				do(incidents.Reopen{})
			case 4:
				do(incidents.DoneStep{Step: "silence"})
			case 5:
				do(incidents.PutOffStep{Step: "silence", For: rapid.SampledFrom([]time.Duration{0, 15 * time.Minute, time.Hour}).Draw(t, "for")})
			case 6:
				in = in.Heard(now.Add(-time.Minute))
			default:
				do(incidents.SetSeverity{Severity: incidents.Downtime})
			}
			s, due := in.Reminder(now)
			if !due {
				continue
			}
			if s.DueAt.After(now) {
				t.Fatalf("it reminds of %s, due %s, at %s", s.ID, s.DueAt, now)
			}
			if s.Questions() && s.Mark.State != incidents.StepLater && (!in.Status.Open() || now.Sub(in.QuietSince()) < 15*time.Minute) {
				t.Fatalf("it asks about a silence of %s in an incident that is %s", now.Sub(in.QuietSince()), in.Status)
			}
		}
	})
}

func TestMistakesInNudges(t *testing.T) {
	const wrong = `severities:
  - severity: bad
    silence: 10s
steps:
  - id: a
    say: a
    role: lead
    nudge: maybe
  - id: b
    say: b
    role: lead
    nudge: true
  - id: c
    say: c
    role: lead
    phases: [resolved]
    due: 1m after silence
    do: resolve
  - id: d
    say: d
    role: lead
    due: 70 working days after post
  - id: e
    say: e
    role: lead
    due: 3 idle days after post
reminders:
  working_hours: Mon-Foo 09:00-17:00
`
	_, err := Read(wrong)
	var mistakes Mistakes
	if !errors.As(err, &mistakes) {
		t.Fatal(err)
	}
	var lines []int
	for _, m := range mistakes {
		lines = append(lines, m.Line)
	}
	if want := []int{3, 8, 12, 16, 17, 18, 22, 26, 28}; !slices.Equal(lines, want) {
		t.Errorf("the lines are %d, want %d:\n%v", lines, want, err)
	}
}

func TestSimulateShowsNudges(t *testing.T) {
	all := strings.Join(Simulate(Default(), incidents.Severe), "\n")
	for _, want := range []string{
		"Nudge: Incident manager: still going on?, 1h after silence; 30m in a downtime.",
		"pull request reviewed and merged, 2 working days after post.", "between 09:00 and 17:00 in post.time_zone, Monday to Friday",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is missing:\n%s", want, all)
		}
	}
	if strings.Count(all, "still going on?") != 1 {
		t.Errorf("somebody is asked although nobody is silent:\n%s", all)
	}
}
