package practice

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// PlayOptions says how a drill is played.
type PlayOptions struct {
	// Clock is the clock of the workspace and of the bot.
	Clock *Clock
	// Out gets a line for each step as it happens; nothing when nil.
	Out io.Writer
	// Speed is how many minutes of the story pass in a real minute; 0 for as fast as it goes.
	Speed float64
	// Pause is a real rest before each step but the expectations, so that people can follow; it comes on top of Speed.
	Pause time.Duration
	// Shift plays a drill whose start has passed on a later day, see Drill.On. Its post is not compared then: it holds
	// other dates.
	Shift bool
	// Within bounds the wait for an expectation; 30 s when zero.
	Within time.Duration
	// Dir, when not empty, is where the post and a copy of the site are written.
	Dir string
}

// Report says how a drill went.
type Report struct {
	Steps  int
	Failed []string       // expectations that were not met, in words
	Calls  map[string]int // calls that each service got
	Post   string         // the post as it is in the pull request; empty when there is none
	Path   string         // its file in the repository
}

// play is a drill being played.
type play struct {
	*Workspace
	o      PlayOptions
	drill  Drill
	report Report
	heard  map[string]string // what each person was last answered
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
	p := &play{Workspace: w, o: o, drill: d, heard: map[string]string{}}
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
	p.o.Clock.JumpTo(s.At)
	return ctx.Err()
}

func (p *play) tell(s Step, format string, args ...any) {
	who := s.Who
	if who == "" {
		who = "-"
	}
	text := strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", "\n               ")
	fmt.Fprintf(p.o.Out, "%s  %-6s %s\n", s.At.Format("15:04"), who, text)
}

// answer prints what the bot told a person, and keeps it for an expectation.
func (p *play) answer(who, text string) {
	if text = strings.TrimSpace(text); text == "" {
		return
	}
	p.heard[who] = text
	first, _, more := strings.Cut(text, "\n")
	if more {
		first += " …"
	}
	fmt.Fprintf(p.o.Out, "               → %s\n", first)
}

func (p *play) step(ctx context.Context, s Step) error {
	switch s.Do {
	case "expect":
		p.expect(ctx, s)
		return nil
	case "fault":
		p.tell(s, "from now: %s %s", s.What, s.Text)
		return p.fault(s)
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
		p.answer(s.Who, p.Slack.MessageText(heard[len(heard)-1]))
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
	case "says":
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
		return p.eventually(ctx, func() error { return k.PressLabel(ctx, s.Who, where, "", s.Text) })
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
			p.answer(s.Who, field+": "+problem)
		}
		return err
	}
	return fmt.Errorf("a script cannot say %q", s.Do)
}

// eventually tries something again after each change of the workspace, until it works or time is up.
func (p *play) eventually(ctx context.Context, f func() error) (err error) {
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
			if c.Name == want || (want == "incident" && c.Creator == BotUser && c.Name != TeamChannel) {
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

// fault reads "CALL STATUS|cut [after] [N times]". CALL is a Slack method or a verb and a path.
func (p *play) fault(s Step) error {
	if s.What == "clear" {
		p.Faults.Clear("")
		return nil
	}
	f := Fault{Service: s.What}
	words := strings.Fields(s.Text)
	for len(words) > 0 {
		last := words[len(words)-1]
		switch status, err := strconv.Atoi(last); {
		case last == "after":
			f.After = true
		case last == "cut":
			f.Cut = true
		case last == "times" && len(words) > 1:
			words = words[:len(words)-1]
			f.Times, _ = strconv.Atoi(words[len(words)-1])
		case err == nil && status >= 400:
			f.Status = status
		default:
			f.Call = strings.Join(words, " ")
			words = nil
			continue
		}
		words = words[:len(words)-1]
	}
	if f.Call == "" || (f.Status == 0 && !f.Cut) {
		return errors.New("a fault names a call and a status or cut, such as fault trello POST /cards 500 after")
	}
	p.Faults.Add(f)
	return nil
}

// write puts the post and a copy of the site where PlayOptions.Dir says.
func (p *play) write() error {
	if p.o.Dir == "" || p.report.Path == "" {
		return nil
	}
	pulls := p.GitHub.Pulls()
	if err := os.MkdirAll(p.o.Dir, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(p.o.Dir, filepath.Base(p.report.Path)), []byte(p.report.Post), 0o644); err != nil {
		return err
	}
	return p.GitHub.WriteSite(filepath.Join(p.o.Dir, "site"), pulls[len(pulls)-1].Head)
}
