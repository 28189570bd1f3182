package practice

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// PlayOptions says how a drill is played.
type PlayOptions struct {
	// Clock is the clock of the workspace and of the bot.
	Clock *Clock
	// Out gets a line for each step as it happens; nothing when nil.
	Out io.Writer
	// Tell is called with each of those lines, if it is not nil.
	Tell func(Line)
	// Settled reports whether the bot has nothing left to do; nil when nobody knows.
	Settled func(context.Context) bool
	// Idle reports whether the bot is at nothing and has nothing to begin now; nil when nobody knows. The clock is set
	// forward only then: to the bot a jump in the middle of a call would look as if the call had taken all that time.
	Idle func(context.Context) bool
	// Speed is how many minutes of the story pass in a real minute; 0 for as fast as it goes.
	Speed float64
	// Pause is a real rest before each step but the expectations, so that people can follow; it comes on top of Speed.
	Pause time.Duration
	// Shift plays a drill whose start has passed on a later day, see Drill.On. Its post is not compared then: it holds
	// other dates.
	Shift bool
	// Within bounds the wait for an expectation; 30 s when zero.
	Within time.Duration
	// Dir, when not empty, is where the debrief, the post and a copy of the site are written.
	Dir string
}

// Report says how a drill went.
type Report struct {
	Steps  int
	Failed []string // expectations that were not met, in words
	// Debrief is what happened, held against the protocol and the drill's marks.
	Debrief Debrief
	Calls   map[string]int // calls that each service got
	Post    string         // the post as it is in the pull request; empty when there is none
	Path    string         // its file in the repository
}

// play is a drill being played.
type play struct {
	*Workspace
	o      PlayOptions
	drill  Drill
	report Report
	heard  map[string]string // what each person was last answered
	before before
}

// Play plays a drill: the cast does what the script says, and every expectation is checked. It returns an error when
// the play itself could not go on; expectations that were not met are in the report.
func (w *Workspace) Play(ctx context.Context, d Drill, o PlayOptions) (Report, error) {
	if o.Out == nil {
		o.Out = io.Discard
	}
	if o.Within == 0 {
		o.Within = 30 * time.Second
	}
	if o.Shift {
		d = d.On(o.Clock.Now())
	}
	begun := w.before()
	d = begun.renumbered(d)
	p := &play{Workspace: w, o: o, drill: d, heard: map[string]string{}, before: begun}
	fmt.Fprintf(o.Out, "%s\n\n%s\n\n", d.Title, d.Story)
	w.addCast(d.Cast)
	for _, s := range d.Steps {
		if err := p.wait(ctx, s); err != nil {
			return p.report, err
		}
		p.report.Steps++
		if err := p.step(ctx, s); err != nil {
			return p.report, fmt.Errorf("drill %s, line %d of the script: %w", d.Name, s.Line, err)
		}
	}
	p.finish(ctx)
	return p.report, p.write()
}

// addCast brings people into the workspace who are not there yet.
func (w *Workspace) addCast(cast []Actor) {
	for _, a := range cast {
		w.Slack.AddUser(a.Name, a.RealName, a.Zone) // whoever is there already stays as they are
	}
}

// wait passes the story's time until a step.
func (p *play) wait(ctx context.Context, s Step) error {
	var rest time.Duration
	if s.Do != "expect" {
		rest = p.o.Pause
	}
	if p.o.Speed > 0 {
		rest += max(0, time.Duration(float64(s.At.Sub(p.o.Clock.Now()))/p.o.Speed))
	}
	if rest > 0 {
		timer := time.NewTimer(rest)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if p.o.Clock.left(s.At) > 0 {
		p.rest(ctx)
		p.idle(ctx)
	}
	p.o.Clock.JumpTo(s.At)
	return ctx.Err()
}

// Line is one thing of a drill as those who watch are told it.
type Line struct {
	// At is the story's time.
	At   time.Time
	Kind LineKind
	// Who is empty for what nobody does: faults, expectations, what the drill itself says.
	Who, Text string
}

// LineKind says what a line is about.
type LineKind string

// The kinds of lines.
const (
	LineStep   LineKind = "step"   // somebody did something
	LineAnswer LineKind = "answer" // what the bot told them
	LineHint   LineKind = "hint"   // advice for the person who trains
	LineTurn   LineKind = "turn"   // what the script has that person do
	LineNote   LineKind = "note"   // about the drill itself
	LineMet    LineKind = "met"    // an expectation that holds
	LineMissed LineKind = "missed" // one that does not
)

// String is the line for a terminal, without the line break at its end.
func (l Line) String() string {
	const indent = "               "
	text := strings.ReplaceAll(l.Text, "\n", "\n"+indent)
	mark := map[LineKind]string{
		LineAnswer: "→ ", LineHint: "hint: ", LineTurn: "you could: ", LineNote: "* ", LineMet: "✓ ", LineMissed: "✗ ",
	}[l.Kind]
	if l.Kind != LineStep {
		return indent + mark + text
	}
	who := l.Who
	if who == "" {
		who = "-"
	}
	return fmt.Sprintf("%s  %-6s %s", l.At.Format("15:04"), who, text)
}

func (p *play) line(l Line) {
	if p.o.Tell != nil {
		p.o.Tell(l)
	}
	fmt.Fprintln(p.o.Out, l)
}

func (p *play) tell(s Step, format string, args ...any) {
	p.line(Line{At: s.At, Kind: LineStep, Who: s.Who, Text: fmt.Sprintf(format, args...)})
}

// answer prints what the bot told a person, and keeps it for an expectation.
func (p *play) answer(s Step, text string) {
	if text = strings.TrimSpace(text); text == "" {
		return
	}
	p.heard[s.Who] = text
	first, _, more := strings.Cut(text, "\n")
	if more {
		first += " …"
	}
	p.line(Line{At: s.At, Kind: LineAnswer, Who: s.Who, Text: first})
}

func (p *play) step(ctx context.Context, s Step) error {
	switch s.Do {
	case "expect":
		p.expect(ctx, s)
		return nil
	case "fault":
		p.tell(s, "from now: %s %s", s.What, s.Text)
		return p.fault(s)
	case "hint":
		p.line(Line{At: s.At, Kind: LineHint, Who: s.Who, Text: s.Text})
		return nil
	case "opens":
		return p.open(s)
	}
	where := ""
	if s.Where != "" {
		var err error
		if where, err = p.channel(ctx, s.Where); err != nil {
			return err
		}
	}
	if where != "" && s.Do != "joins" {
		if err := p.member(ctx, s.Who, where); err != nil {
			return err
		}
	}
	before := len(p.Slack.Ephemerals(s.Who))
	if err := p.act(ctx, s, where); err != nil {
		return err
	}
	if err := p.Slack.Delivered(ctx); err != nil {
		return err
	}
	if heard := p.Slack.Ephemerals(s.Who); len(heard) > before {
		p.answer(s, p.Slack.MessageText(heard[len(heard)-1]))
	}
	return nil
}

// act has a person do something. where is the channel's name.
func (p *play) act(ctx context.Context, s Step, where string) error {
	ts := ""
	if s.What != "" && where != "" {
		var err error
		if ts, err = p.find(ctx, where, s.What); err != nil {
			return err
		}
	}
	k := p.Slack
	switch s.Do {
	case "says", "alerts", "asks":
		p.tell(s, "in #%s: %s", where, s.Text)
		_, err := k.Say(s.Who, where, s.Text)
		return err
	case "replies":
		p.tell(s, "in #%s, in the thread of “%s”: %s", where, s.What, s.Text)
		_, err := k.Reply(s.Who, where, ts, s.Text)
		return err
	case "types":
		p.tell(s, "in #%s: %s", where, s.Text)
		_, err := k.Command(ctx, s.Who, where, s.Text)
		return err
	case "reacts":
		p.tell(s, "reacts with :%s: to “%s”", s.Text, s.What)
		return k.React(s.Who, where, ts, s.Text)
	case "unreacts":
		p.tell(s, "takes :%s: back from “%s”", s.Text, s.What)
		return k.Unreact(s.Who, where, ts, s.Text)
	case "edits":
		p.tell(s, "edits “%s”: %s", s.What, s.Text)
		return k.EditMessage(s.Who, where, ts, s.Text)
	case "deletes":
		p.tell(s, "deletes “%s”", s.What)
		return k.DeleteMessage(s.Who, where, ts)
	case "pins":
		p.tell(s, "pins “%s”", s.What)
		return k.Pin(s.Who, where, ts)
	case "joins":
		p.tell(s, "joins #%s", where)
		return k.Join(s.Who, where)
	}
	return p.actOnForm(ctx, s, where, ts)
}

// actOnForm has a person press a button, use a shortcut, or work on a form.
func (p *play) actOnForm(ctx context.Context, s Step, where, ts string) error {
	k := p.Slack
	switch s.Do {
	case "presses":
		p.tell(s, "presses [%s]", s.Text)
		return p.eventually(ctx, func() error {
			return k.PressLabel(ctx, s.Who, where, "", cmp.Or(p.button(s.Who, where, s.Text), s.Text))
		})
	case "uses":
		p.tell(s, "uses the shortcut %s", s.Text)
		if ts != "" {
			return k.MessageShortcut(ctx, s.Who, where, ts, s.Text)
		}
		return k.Shortcut(ctx, s.Who, s.Text)
	case "fills":
		p.tell(s, "fills in %s: %s", s.What, s.Text)
		return k.Fill(s.Who, s.What, s.Text)
	case "submits":
		p.tell(s, "sends the form")
		a, err := k.Submit(ctx, s.Who)
		for field, problem := range a.Errors {
			p.answer(s, field+": "+problem)
		}
		return err
	}
	return fmt.Errorf("a script cannot say %q", s.Do)
}

// atOnce is the PlayOptions.Within of a play that never waits.
const atOnce = time.Duration(-1)

// eventually tries something again after each change of the workspace, until it works or time is up.
func (p *play) eventually(ctx context.Context, f func() error) (err error) {
	if p.o.Within == atOnce {
		return f()
	}
	ctx, cancel := context.WithTimeout(ctx, p.o.Within)
	defer cancel()
	if wait := p.WaitFor(ctx, func() bool { err = f(); return err == nil }); wait != nil && err == nil {
		err = wait
	}
	return err
}

// channel finds a channel's name; #incident is the newest one that the bot made.
func (p *play) channel(ctx context.Context, where string) (name string, err error) {
	want := strings.TrimPrefix(where, "#")
	err = p.eventually(ctx, func() error {
		for _, c := range p.Slack.Channels() {
			if c.Name == want || (want == "incident" && p.before.opened(c)) {
				name = c.Name
			}
		}
		if name == "" {
			return fmt.Errorf("there is no channel %s", where)
		}
		return nil
	})
	return name, err
}

// member waits until a person is in a channel: the bot invites people a moment after it opened one.
func (p *play) member(ctx context.Context, who, channel string) error {
	return p.eventually(ctx, func() error {
		c, u := p.Slack.Channel(channel), p.Slack.User(who)
		if c == nil || u == nil || !slices.Contains(c.Members, u.ID) {
			return fmt.Errorf("%s is not in #%s", who, channel)
		}
		return nil
	})
}

// find finds the newest message of a channel that holds a text.
func (p *play) find(ctx context.Context, channel, part string) (ts string, err error) {
	err = p.eventually(ctx, func() error {
		for _, m := range p.Slack.Messages(channel) {
			if strings.Contains(p.Slack.MessageText(m), part) {
				ts = m.TS
			}
		}
		if ts == "" {
			return fmt.Errorf("there is no message “%s” in #%s", part, channel)
		}
		return nil
	})
	return ts, err
}

// open makes a channel with people in it; the bot is in none of these.
func (p *play) open(s Step) error {
	p.tell(s, "opens %s with %s", strings.TrimSpace(s.What+" "+s.Where), s.Text)
	if p.Slack.Channel(strings.TrimPrefix(s.Where, "#")) != nil {
		return nil // an earlier drill's
	}
	people := append([]string{s.Who}, strings.Split(s.Text, ", ")...)
	_, err := p.Slack.AddChannel(strings.TrimPrefix(s.Where, "#"), s.What == "private", people...)
	return err
}

// fault has a service misbehave from now on, or ends all of that.
func (p *play) fault(s Step) error {
	if s.What == "clear" {
		p.Faults.Clear("")
		return nil
	}
	f, err := readFault(s)
	if err == nil {
		p.Faults.Add(f)
	}
	return err
}

// write puts the debrief, the post and a copy of the site where PlayOptions.Dir says.
func (p *play) write() error {
	if p.o.Dir == "" {
		return nil
	}
	if err := os.MkdirAll(p.o.Dir, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(p.o.Dir, "debrief.md"), []byte(p.report.Debrief.Markdown()), 0o644); err != nil {
		return err
	}
	if p.report.Path == "" {
		return nil
	}
	if err := os.WriteFile(filepath.Join(p.o.Dir, filepath.Base(p.report.Path)), []byte(p.report.Post), 0o644); err != nil {
		return err
	}
	pulls := p.GitHub.Pulls()
	return p.GitHub.WriteSite(filepath.Join(p.o.Dir, "site"), pulls[len(pulls)-1].Head)
}
