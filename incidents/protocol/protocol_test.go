package protocol

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"watchbell/incidents"
)

func TestDefaultSpeaksTheWordsOfTheProgram(t *testing.T) {
	p := Default()
	var severities []incidents.Severity
	for _, s := range p.Severities {
		severities = append(severities, s.Severity)
	}
	if !slices.Equal(severities, incidents.Severities) {
		t.Errorf("the severities are %q, want %q", severities, incidents.Severities)
	}
	for i, r := range p.Roles {
		if r.Role != incidents.Roles[i] || r.Title != r.Role.Title() || len(r.Duties) == 0 {
			t.Errorf("role %d is %+v", i, r)
		}
	}
	if again, err := Read(p.Text); err != nil || again.Version != p.Version {
		t.Errorf("read again it is %v, %v", again, err)
	}
}

// Whoever wants other words finds the names of all of them in the file that they start from.
func TestDefaultNamesAllThatCanBeWorded(t *testing.T) {
	for _, name := range incidents.Sentences() {
		if !strings.Contains(text, name) {
			t.Errorf("the default protocol does not name the sentence %q", name)
		}
	}
	for _, rule := range incidents.TextRules {
		if Default().Words(rule.Text) == "" {
			t.Errorf("the default protocol has no words for %q", rule.Text)
		}
	}
}

var noon = time.Date(2026, 7, 8, 12, 0, 0, 0, time.UTC) // a Wednesday

// played is an incident under a protocol, at a time that moves on.
type played struct {
	t   *testing.T
	now time.Time
	in  incidents.Incident
}

func play(t *testing.T, p *incidents.Protocol) *played {
	g := &played{t: t, now: noon, in: incidents.Incident{Number: 1, Protocol: p, ProtocolVersion: p.Version}}
	g.do(incidents.Declare{Title: "checkout is down"})
	g.in.Channel.ID = "C1"
	return g
}

func (g *played) try(cmd incidents.Command) (incidents.Change, error) {
	return incidents.Decide(incidents.Before{Incident: g.in}, incidents.Actor{User: "U1", In: "C1"}, cmd, g.now)
}

func (g *played) do(cmd incidents.Command) incidents.Change {
	g.t.Helper()
	c, err := g.try(cmd)
	if err != nil {
		g.t.Fatalf("%T: %v", cmd, err)
	}
	g.in = c.Incident
	return c
}

func (g *played) next() string {
	s, _ := g.in.Next(g.now)
	return s.ID
}

// reminder is when the last reminder that a change wishes for is due; zero for none.
func reminder(c incidents.Change) (at time.Time) {
	for _, w := range c.Wishes {
		if w.Kind == incidents.KindReminder {
			at = w.At
		}
	}
	return at
}

func TestOneStepAfterTheOther(t *testing.T) {
	g := play(t, Default())
	got := []string{g.next()}
	then := func(cmd incidents.Command) {
		g.do(cmd)
		got = append(got, g.next())
	}
	then(incidents.SetSeverity{Severity: incidents.Severe})
	then(incidents.AssignRole{Role: incidents.Communications, User: "U2"})
	then(incidents.SetStatus{Status: incidents.Investigating})
	then(incidents.DoneStep{Step: "tell"})
	then(incidents.SetStatus{Status: incidents.Identified})
	then(incidents.SetStatus{Status: incidents.Monitoring})
	then(incidents.Resolve{})
	then(incidents.SendUpdate{Text: "It is over."})
	for _, section := range incidents.Sections {
		g.do(incidents.Draft{Section: section, Text: "x"})
	}
	g.in.Post.Number = 3
	got = append(got, g.next())
	then(incidents.Close{})
	want := "severity communications investigate tell cause restore resolve told write close "
	if s := strings.Join(got, " "); s != want {
		t.Errorf("the steps are\n%s\nwant\n%s", s, want)
	}
	if m := g.in.Mark("severity"); m.State != incidents.StepDone || m.By != "" || m.Late != 0 {
		t.Errorf("what was done by other means is not ticked: %+v", m)
	}
}

func TestUpdatesComeBackInTheirRhythm(t *testing.T) {
	g := play(t, Default())
	g.do(incidents.SetSeverity{Severity: incidents.Downtime})
	g.do(incidents.SkipStep{Step: "communications", Reason: "I am alone"})
	g.do(incidents.SetStatus{Status: incidents.Investigating})
	g.now = noon.Add(25 * time.Minute)
	if s, _ := g.in.Next(g.now); s.ID != "tell" || !s.DueAt.Equal(noon.Add(20*time.Minute)) || s.Holder != "U1" {
		t.Fatalf("next is %+v", s)
	}
	g.do(incidents.DoneStep{})
	if m := g.in.Mark("tell"); m.Late != 5*time.Minute || m.By != "U1" {
		t.Errorf("it was noted as %+v", m)
	}
	if g.next() != "cause" {
		t.Errorf("next is %q", g.next())
	}
	g.now = noon.Add(41 * time.Minute)
	if s, _ := g.in.Next(g.now); s.ID != "tell" || !s.DueAt.Equal(noon.Add(45*time.Minute)) {
		t.Errorf("shortly before it is due again, next is %+v", s)
	}
	g.now = noon.Add(47 * time.Minute)
	g.do(incidents.DoneStep{Step: "tell"})
	if m := g.in.Mark("tell"); m.Late != 7*time.Minute {
		t.Errorf("all in all it was %s late", m.Late)
	}
}

func TestPuttingOffAndSkipping(t *testing.T) {
	g := play(t, Default())
	c := g.do(incidents.PutOffStep{For: 30 * time.Minute})
	if g.next() != "communications" || !c.Result.Until.Equal(noon.Add(30*time.Minute)) {
		t.Errorf("next is %q, asked for again at %s", g.next(), c.Result.Until)
	}
	g.now = noon.Add(31 * time.Minute)
	if !slices.ContainsFunc(g.in.OpenSteps(g.now), func(s incidents.Step) bool { return s.ID == "severity" }) {
		t.Error("what was put off is not asked for again")
	}
	for name, cmd := range map[string]incidents.Command{
		"skipped without a reason": incidents.SkipStep{Step: "severity"},
		"put off for a month":      incidents.PutOffStep{For: 31 * 24 * time.Hour},
		"no such step":             incidents.DoneStep{Step: "sing"},
		"not its phase":            incidents.DoneStep{Step: "resolve"},
	} {
		if _, err := g.try(cmd); incidents.AsRefusal(err) == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	g.do(incidents.SkipStep{Step: "severity", Reason: " nobody noticed "})
	if m := g.in.Mark("severity"); m.State != incidents.StepSkipped || m.Reason != "nobody noticed" {
		t.Errorf("it was noted as %+v", m)
	}
	if _, err := g.try(incidents.DoneStep{Step: "severity"}); incidents.AsRefusal(err) == nil {
		t.Error("a settled step is done again")
	}
}

func TestRemindersAreFewAndStop(t *testing.T) {
	g := play(t, Default())
	if _, due := g.in.Reminder(noon.Add(4 * time.Minute)); due {
		t.Error("somebody is reminded before it is due")
	}
	s, due := g.in.Reminder(noon.Add(5 * time.Minute))
	if !due || s.ID != "severity" {
		t.Fatalf("the reminder is about %q", s.ID)
	}
	g.now = noon.Add(6 * time.Minute)
	if at := reminder(g.do(incidents.SetSeverity{Severity: incidents.Severe})); !at.Equal(g.now) {
		t.Errorf("the reminder that stands there goes at %s", at)
	}
	if at := reminder(g.do(incidents.SetSeverity{Severity: incidents.Downtime})); !at.IsZero() {
		t.Errorf("a change that moves no reminder wishes for one at %s", at)
	}
	g.do(incidents.PutOffStep{Step: "communications"})
	if s, _ := g.in.Reminder(noon.Add(11 * time.Minute)); s.ID != "investigate" {
		t.Errorf("somebody is reminded of %q, but wants to hear no more of communications", s.ID)
	}
}

func TestAfterCareWaitsForWorkingHours(t *testing.T) {
	g := play(t, Default())
	g.now = time.Date(2026, 7, 10, 18, 0, 0, 0, time.UTC) // a Friday evening
	g.do(incidents.Resolve{})
	// What is missing is due at 19:00, the post on Saturday at 18:00.
	if _, due := g.in.Reminder(time.Date(2026, 7, 12, 12, 0, 0, 0, time.UTC)); due {
		t.Error("somebody is reminded on a Sunday")
	}
	if s, due := g.in.Reminder(time.Date(2026, 7, 13, 9, 0, 0, 0, time.UTC)); !due || s.ID != "well" {
		t.Errorf("on Monday morning: %v, %q", due, s.ID)
	}
}

// broken has a mistake in every line that is marked, each of another kind.
const broken = `roles:
  - role: lead
    title: Boss
  - role: Chief Of All             # cannot be typed
severities:
  - severity: bad
    update_every: never            # "update_every" is "never"
  - severity: bad                  # cannot be told apart
colour: red                        # has no "colour"
steps:
  - id: one
    role: lead
    say: ""                        # has no "say"
  - id: one                        # is there twice
    say: do it
    role: nobody                   # is not a role
    phases: [somewhere]            # is not a phase
    from: terrible                 # is not a severity
    due: soon                      # write how long after what
    do: sing                       # there is no verb
    done: magic                    # the bot cannot tell
    rhythm: perhaps                # write true or false
  - say: {a: b}                    # must be a word or a sentence
    id: three
    role: lead
    done: status gone              # needs a status
  - id: four
    say: what
    role: lead
    phases: [resolved]
    done: status resolved          # nobody would ever be asked
reminders:
  most: many                       # write a number
  working_hours: 17:00-09:00       # write days, hours
texts:
  announced: We have an incident   # lacks {channel}
  over: "{who} says it is over"    # means nothing in it; it can have
  called_off: "<!channel> never mind" # would call out everybody
  handover: "take {role} < now"    # is no link
  goodbye: so long                 # has no "goodbye"
  welcome: [to, the, show]         # must be a word or a sentence
  update: |
    {text}
    Since {start}                  # means nothing in it
sentences:
  declared: "by {reason}"          # nothing can be filled in
  sung: la                         # has no "sung"
`

func TestEveryMistakeHasItsLine(t *testing.T) {
	var want []Mistake
	for i, line := range strings.Split(broken, "\n") {
		if _, say, marked := strings.Cut(line, " # "); marked {
			want = append(want, Mistake{i + 1, say})
		}
	}
	_, err := Read(broken, "update", "resolve")
	var wrong Mistakes
	if !errors.As(err, &wrong) {
		t.Fatal(err)
	}
	said := map[string]bool{}
	for i, m := range wrong {
		if i >= len(want) || m.Line != want[i].Line || !strings.Contains(m.Say, want[i].Say) {
			t.Fatalf("mistake %d is in line %d: %s\nwant %+v\nall:\n%v", i, m.Line, m.Say, want[min(i, len(want)-1)], err)
		}
		said[m.Say] = true
	}
	if len(wrong) != len(want) || len(said) < 10 {
		t.Errorf("%d mistakes, want %d, each told by itself:\n%v", len(wrong), len(want), err)
	}
}

// What a step waits for must be able to come, in the order in which incidents go.
func TestStepsThatCannotBeDone(t *testing.T) {
	const head = "steps:\n"
	step := func(id, phases, done string) string {
		return "  - {id: " + id + ", say: x, role: lead, phases: " + phases + ", done: " + done + "}\n"
	}
	for name, c := range map[string]struct {
		text string
		line int
	}{
		"reached before it is asked for": {head + step("a", "[monitoring]", "status identified"), 2},
		"where it stands already":        {head + step("a", "[resolved]", "status resolved"), 2},
		"good, one phase is before":      {head + step("a", "[declared, identified]", "status identified"), 0},
		"good, it is the next":           {head + step("a", "[declared]", "status resolved") + step("b", "[resolved]", "closed"), 0},
		"good, in any phase":             {head + step("a", "[]", "status resolved"), 0},
	} {
		_, err := Read(c.text)
		var wrong Mistakes
		errors.As(err, &wrong)
		if (c.line == 0) != (len(wrong) == 0) || c.line > 0 && wrong[0].Line != c.line {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTextsThatAreTooLong(t *testing.T) {
	_, err := Read("texts:\n  over: " + strings.Repeat("x", mostText+1) + "\nsentences: {resolved: " + strings.Repeat("x", mostSentence+1) + "}\n")
	var wrong Mistakes
	if errors.As(err, &wrong); len(wrong) != 2 || wrong[0].Line != 2 || wrong[1].Line != 3 || !strings.Contains(err.Error(), "in 700 at most") {
		t.Error(err)
	}
}

// A file says only what it wants otherwise.
func TestTextsThatAreLeftOut(t *testing.T) {
	p, err := Read("texts:\n  over: All is well again, see {channel}\nsentences: {declared: \"\", resolved: It is over}\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range incidents.TextRules {
		usual := Default().Words(rule.Text)
		if got := p.Words(rule.Text); usual == "" || (got == usual) == (rule.Text == incidents.TextOver) {
			t.Errorf("%s is %q, in the default %q", rule.Text, got, usual)
		}
	}
	g := play(t, p)
	c := g.do(incidents.Resolve{})
	if len(c.Entries) != 1 || c.Entries[0].Text != "It is over" {
		t.Errorf("the timeline says %+v", c.Entries)
	}
	if said, has := p.Sentences[incidents.SaidDeclared]; !has || said != "" {
		t.Errorf("the declaration is told as %q", said)
	}
}

func TestWhatIsNoProtocolAtAll(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "a list": "- a\n- b", "no YAML": "a: [", "tabs": "a:\n\t- b", "huge": strings.Repeat("# x\n", 100_000),
		"an alias": "roles: &a [*a]\nsteps: *a",
	} {
		if p, err := Read(text); err == nil {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

func TestSimulateEnds(t *testing.T) {
	lines := Simulate(Default(), incidents.Severe)
	all := strings.Join(lines, "\n")
	for _, want := range []string{"+0m  declared", "Communications: tell the users (update)", "── resolved", "── closed", "up to 3 times, every 10m"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is missing:\n%s", want, all)
		}
	}
	if len(lines) > 60 {
		t.Errorf("it takes %d lines", len(lines))
	}
}

func FuzzRead(f *testing.F) {
	f.Add(text)
	f.Add(broken)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Read(text)
		if err != nil {
			var wrong Mistakes
			if !errors.As(err, &wrong) || len(wrong) == 0 || wrong[0].Line < 1 {
				t.Fatalf("%#v", err)
			}
			return
		}
		words := map[string]string{"title": "x"}
		for _, rule := range incidents.TextRules {
			said := incidents.Fill(p.Words(rule.Text), words)
			if !rule.Markdown && (strings.Contains(said, "<!channel") || strings.Contains(said, "<!here") || len(said) > 4*mostText) {
				t.Fatalf("%s says %q", rule.Text, said)
			}
		}
		for _, s := range Simulate(p, p.SeverityRules()[0].Severity) {
			_ = fmt.Sprint(s)
		}
	})
}
