package practice

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// heading reads one line from the top of a drill.
func (d *Drill) heading(key, value string) (err error) {
	switch key {
	case "title":
		d.Title = value
	case "start":
		if d.Start, err = time.Parse("2006-01-02 15:04", value); err != nil {
			return fmt.Errorf("start is %q; write it as 2026-03-17 09:12 (UTC)", value)
		}
	case "pace":
		if d.Pace, err = strconv.ParseFloat(value, 64); err != nil || !(d.Pace > 0 && d.Pace <= maxPace) {
			return fmt.Errorf("pace is %q; write how many minutes of the story pass in a minute, such as 2", value)
		}
	case "examples":
		if d.Examples = value == "yes"; !d.Examples && value != "no" {
			return fmt.Errorf("examples is %q; write yes or no", value)
		}
	case "":
	default:
		if !strings.HasPrefix(key, "#") {
			return fmt.Errorf("%q is no heading; there are title, start, pace and examples", key)
		}
	}
	return nil
}

func (d *Drill) file(name, text string) error {
	switch name {
	case "story.md":
		d.Story = strings.TrimSpace(text)
	case "post.md":
		d.Post = text
	case "cast":
		return eachLine(text, d.actor)
	case "marks":
		return eachLine(text, d.mark)
	case "script":
		return d.script(text)
	default:
		return fmt.Errorf("there is no such part; there are story.md, cast, script, marks and post.md")
	}
	return nil
}

// eachLine reads a part whose lines stand for themselves. Its errors name the line, from 1.
func eachLine(text string, read func(line string) error) error {
	number := 0
	for line := range strings.Lines(text) {
		number++
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := read(line); err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
	}
	return nil
}

// actor reads a line of the cast: name, real name, zone and, perhaps, a role.
func (d *Drill) actor(line string) error {
	words := strings.Fields(line)
	a := Actor{}
	if last := words[len(words)-1]; slices.Contains([]string{RoleYou, RoleMonitor, RoleStakeholder}, last) {
		a.Role, words = last, words[:len(words)-1]
	}
	if len(words) < 3 {
		return fmt.Errorf("%q is no actor; write a name, a real name, a time zone and, perhaps, one of you, monitor and stakeholder", line)
	}
	a.Name, a.RealName, a.Zone = words[0], strings.Join(words[1:len(words)-1], " "), words[len(words)-1]
	if d.actorNamed(a.Name) != nil {
		return fmt.Errorf("%s is in the cast twice", a.Name)
	}
	if _, err := time.LoadLocation(a.Zone); err != nil {
		return fmt.Errorf("%q is no time zone; write one such as Europe/Berlin or UTC", a.Zone)
	}
	d.Cast = append(d.Cast, a)
	return nil
}

func (d *Drill) actorNamed(name string) *Actor {
	for i := range d.Cast {
		if d.Cast[i].Name == name {
			return &d.Cast[i]
		}
	}
	return nil
}

// yours reports whether a step is left to the person who trains.
func (d *Drill) yours(s Step) bool {
	a := d.actorNamed(s.Who)
	return a != nil && a.Role == RoleYou && s.Do != "hint"
}

// script reads the lines of the play.
func (d *Drill) script(text string) error {
	at := d.Start
	number := 0
	for line := range strings.Lines(text) {
		number++
		trimmed := strings.TrimLeft(strings.TrimRight(line, "\r\n"), " \t")
		if more, ok := strings.CutPrefix(trimmed, "|"); ok && len(d.Steps) > 0 {
			d.Steps[len(d.Steps)-1].Text += "\n" + strings.TrimPrefix(more, " ")
			continue
		}
		if trimmed == "" || strings.HasPrefix(trimmed, "#") {
			continue
		}
		if word, rest, _ := strings.Cut(trimmed, " "); clockForm.MatchString(word) {
			then, err := time.Parse("15:04", word)
			if err != nil {
				return fmt.Errorf("line %d: %q is not a time of day", number, word)
			}
			next := time.Date(at.Year(), at.Month(), at.Day(), then.Hour(), then.Minute(), 0, 0, time.UTC)
			if next.Before(at) {
				next = next.AddDate(0, 0, 1)
			}
			at, trimmed = next, strings.TrimLeft(rest, " ")
		}
		step, err := d.step(trimmed)
		if err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
		step.Line, step.At = number, at
		d.Steps = append(d.Steps, step)
	}
	return nil
}

var clockForm = regexp.MustCompile(`^\d\d:\d\d$`)

// step reads a line and checks it against what came before.
func (d *Drill) step(line string) (Step, error) {
	s, err := parseStep(line)
	if err != nil {
		return s, err
	}
	who := []string{s.Who}
	if s.Do == "opens" {
		who = append(who, strings.Split(s.Text, ", ")...)
	}
	for _, name := range who {
		if name != "" && d.actorNamed(name) == nil {
			return s, fmt.Errorf("%s is not in the cast", name)
		}
	}
	switch {
	case s.Do == "fault":
		_, err = readFault(s)
	case s.Do == "hint" && s.What != "" && !slices.Contains(protocolNames, s.What):
		err = fmt.Errorf("%q is no step of the protocol; there are %s", s.What, strings.Join(protocolNames, ", "))
	}
	return s, err
}

// forms are what a line of a script can look like. The groups are named after the fields of Step.
var forms = []struct {
	usage string
	form  *regexp.Regexp
}{
	{"WHO says|alerts|asks in #CHANNEL: TEXT", regexp.MustCompile(`^(?P<who>\w+) (?P<do>says|alerts|asks) in (?P<where>#[\w-]+): (?P<text>.*)$`)},
	{"WHO types in #CHANNEL: /COMMAND", regexp.MustCompile(`^(?P<who>\w+) (?P<do>types) in (?P<where>#[\w-]+): (?P<text>/.*)$`)},
	{`WHO replies in #CHANNEL to "PART": TEXT`, regexp.MustCompile(`^(?P<who>\w+) (?P<do>replies) in (?P<where>#[\w-]+) to "(?P<what>[^"]+)": (?P<text>.*)$`)},
	{`WHO reacts|unreacts in #CHANNEL to "PART": EMOJI`, regexp.MustCompile(`^(?P<who>\w+) (?P<do>reacts|unreacts) in (?P<where>#[\w-]+) to "(?P<what>[^"]+)": (?P<text>\S+)$`)},
	{`WHO edits in #CHANNEL "PART": TEXT`, regexp.MustCompile(`^(?P<who>\w+) (?P<do>edits) in (?P<where>#[\w-]+) "(?P<what>[^"]+)": (?P<text>.*)$`)},
	{`WHO deletes|pins in #CHANNEL "PART"`, regexp.MustCompile(`^(?P<who>\w+) (?P<do>deletes|pins) in (?P<where>#[\w-]+) "(?P<what>[^"]+)"$`)},
	{"WHO presses in #CHANNEL: LABEL", regexp.MustCompile(`^(?P<who>\w+) (?P<do>presses) in (?P<where>#[\w-]+): (?P<text>.+)$`)},
	{`WHO uses SHORTCUT in #CHANNEL on "PART"`, regexp.MustCompile(`^(?P<who>\w+) (?P<do>uses) (?P<text>\w+) in (?P<where>#[\w-]+) on "(?P<what>[^"]+)"$`)},
	{"WHO uses SHORTCUT", regexp.MustCompile(`^(?P<who>\w+) (?P<do>uses) (?P<text>\w+)$`)},
	{"WHO fills FIELD: TEXT", regexp.MustCompile(`^(?P<who>\w+) (?P<do>fills) (?P<what>\w+): (?P<text>.*)$`)},
	{"WHO submits", regexp.MustCompile(`^(?P<who>\w+) (?P<do>submits)$`)},
	{"WHO joins #CHANNEL", regexp.MustCompile(`^(?P<who>\w+) (?P<do>joins) (?P<where>#[\w-]+)$`)},
	{"WHO opens [private] #CHANNEL with WHO, WHO", regexp.MustCompile(`^(?P<who>\w+) (?P<do>opens) (?:(?P<what>private) )?(?P<where>#[\w-]+) with (?P<text>\w+(?:, \w+)*)$`)},
	{"hint WHO [until STEP]: TEXT", regexp.MustCompile(`^(?P<do>hint) (?P<who>\w+)(?: until (?P<what>\w+))?: (?P<text>.+)$`)},
	{"fault SERVICE CALL STATUS|cut [after] [wait N] [N times]", regexp.MustCompile(`^(?P<do>fault) (?P<what>slack|trello|github) (?P<text>\S.*)$`)},
	{"fault clear", regexp.MustCompile(`^(?P<do>fault) (?P<what>clear)$`)},
	{"expect #CHANNEL|PERSON|cards|card|pull request|post|refusals: TEXT", regexp.MustCompile(`^(?P<do>expect) (?P<where>#[\w-]+|pull requests?|\w+): (?P<text>.*)$`)},
}

func parseStep(line string) (Step, error) {
	for _, f := range forms {
		m := f.form.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		group := func(name string) string {
			if i := f.form.SubexpIndex(name); i >= 0 {
				return m[i]
			}
			return ""
		}
		return Step{Who: group("who"), Do: group("do"), Where: group("where"), What: group("what"), Text: group("text")}, nil
	}
	var usages []string
	for _, f := range forms {
		usages = append(usages, f.usage)
	}
	return Step{}, fmt.Errorf("%q is no step; there are:\n  %s", line, strings.Join(usages, "\n  "))
}

// readFault reads "CALL STATUS|cut [after] [wait N] [N times]" from its end. CALL is a Slack method or a verb and a path;
// N seconds are what the answer asks the caller to wait.
func readFault(s Step) (Fault, error) {
	f := Fault{Service: s.What}
	words := strings.Fields(s.Text)
	before := func() int { // the number in front of the last word
		if len(words) < 2 {
			return 0
		}
		words = words[:len(words)-1]
		n, _ := strconv.Atoi(words[len(words)-1])
		return n
	}
	for len(words) > 0 && f.Call == "" {
		last := words[len(words)-1]
		n, err := strconv.Atoi(last)
		switch {
		case last == "after":
			f.After = true
		case last == "cut":
			f.Cut = true
		case last == "times":
			f.Times = before()
		case err == nil && len(words) > 1 && words[len(words)-2] == "wait":
			f.RetryAfter, words = time.Duration(n)*time.Second, words[:len(words)-1]
		case err == nil && n >= 400 && n < 600:
			f.Status = n
		default:
			f.Call = strings.Join(words, " ")
		}
		words = words[:len(words)-1]
	}
	if s.What != "clear" && (f.Call == "" || (f.Status == 0 && !f.Cut)) {
		return f, fmt.Errorf("%q is no fault; it names a call and a status or cut, such as fault trello POST /cards 500 after", s.Text)
	}
	return f, nil
}
