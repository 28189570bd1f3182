package practice

import (
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/tools/txtar"
)

// Drill is an incident to practise: a story, its cast, what happens when, and what must be true at the end. It is
// written as a txtar file (https://pkg.go.dev/golang.org/x/tools/txtar):
//
//	title: Checkout is down
//	start: 2026-03-17 09:12
//
//	-- story.md --
//	What people are told before it begins.
//	-- cast --
//	ana  Ana  Europe/Berlin
//	-- script --
//	09:12 ben says in #team: Checkout answers with errors
//	09:14 ana types in #team: /incident declare checkout is down
//	      expect #team: We have an incident going on
//	-- post.md --
//	What the post must be, byte for byte; left out when nobody checks it.
//
// Times of the script are UTC; a time earlier than the one before it is on the next day. A line that begins with "|"
// continues the text of the line above on a new line. Steps says what a script can hold.
type Drill struct {
	Name, Title string
	Start       time.Time // UTC
	Story       string
	Cast        []Actor
	Steps       []Step
	Post        string
}

// Actor is a person of a drill.
type Actor struct{ Name, RealName, Zone string }

// Step is one line of a script: somebody does something, something goes wrong, or something must be true by now.
type Step struct {
	Line int // in the script, from 1
	At   time.Time
	// Who is empty for "fault" and "expect".
	Who string
	// Do is the verb: says, replies, types, reacts, unreacts, edits, deletes, presses, uses, fills, submits, joins,
	// fault, expect.
	Do string
	// Where is a channel with "#"; "#incident" is the newest channel that the bot opened. For expect it may also be
	// a person, "cards", "card", "pull request", "post", "calls" or "refusals".
	Where string
	// What is the message, the button, the form's field or the service, depending on Do.
	What string
	// Text is what is said, typed, filled in or expected.
	Text string
}

//go:embed drills/*.txtar
var shipped embed.FS

// Drills are the names of the drills that ship with the bot, the default first.
func Drills() []string {
	names := []string{DefaultDrill}
	files, _ := fs.Glob(shipped, "drills/*.txtar") // the pattern is good
	for _, f := range files {
		if name := strings.TrimSuffix(strings.TrimPrefix(f, "drills/"), ".txtar"); name != DefaultDrill {
			names = append(names, name)
		}
	}
	return names
}

// DefaultDrill is played when nobody names another one.
const DefaultDrill = "first-night"

// ShippedDrill returns a drill that ships with the bot.
func ShippedDrill(name string) (Drill, error) {
	text, err := shipped.ReadFile("drills/" + name + ".txtar")
	if err != nil {
		return Drill{}, fmt.Errorf("there is no drill %q; there are %s", name, strings.Join(Drills(), ", "))
	}
	return ParseDrill(name, text)
}

// ParseDrill reads a drill. Its error names the line and says what can stand there.
func ParseDrill(name string, text []byte) (Drill, error) {
	archive := txtar.Parse(text)
	d := Drill{Name: name}
	for line := range strings.Lines(string(archive.Comment)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch value = strings.TrimSpace(value); key {
		case "title":
			d.Title = value
		case "start":
			start, err := time.Parse("2006-01-02 15:04", value)
			if err != nil {
				return Drill{}, fmt.Errorf("drill %s: start is %q; write it as 2026-03-17 09:12 (UTC)", name, value)
			}
			d.Start = start
		case "", "#":
		default:
			return Drill{}, fmt.Errorf("drill %s: %q is no heading; there are title and start", name, key)
		}
	}
	if d.Start.IsZero() {
		return Drill{}, fmt.Errorf("drill %s has no start; write start: 2026-03-17 09:12 (UTC) at its top", name)
	}
	for _, f := range archive.Files {
		if err := d.file(f.Name, string(f.Data)); err != nil {
			return Drill{}, fmt.Errorf("drill %s, %s: %w", name, f.Name, err)
		}
	}
	if len(d.Steps) == 0 {
		return Drill{}, fmt.Errorf("drill %s has no script", name)
	}
	return d, nil
}

// On is the drill as it can be played from now on. A start that is still ahead stays. One that has passed moves, with
// all steps, to the next day on which it is that time of day in UTC and in the zones of the whole cast: what people type
// ("10:03", "08:40 UTC") then means what it meant. What depends on the date is no longer true, so On drops the post.
func (d Drill) On(now time.Time) Drill {
	const day = 24 * time.Hour
	if !d.Start.Before(now) {
		return d
	}
	by := (now.Sub(d.Start) + day - 1).Truncate(day)
	for range 366 {
		if d.sameZones(by) {
			break
		}
		by += day
	}
	d.Start, d.Post, d.Steps = d.Start.Add(by), "", slices.Clone(d.Steps)
	for i := range d.Steps {
		d.Steps[i].At = d.Steps[i].At.Add(by)
	}
	return d
}

// sameZones reports whether the cast's zones are as far from UTC at the start as they are some time later.
func (d Drill) sameZones(later time.Duration) bool {
	return !slices.ContainsFunc(d.Cast, func(a Actor) bool {
		zone, err := time.LoadLocation(a.Zone)
		if err != nil {
			return false
		}
		_, then := d.Start.In(zone).Zone()
		_, now := d.Start.Add(later).In(zone).Zone()
		return then != now
	})
}

func (d *Drill) file(name, text string) error {
	switch name {
	case "story.md":
		d.Story = strings.TrimSpace(text)
	case "post.md":
		d.Post = text
	case "cast":
		for line := range strings.Lines(text) {
			words := strings.Fields(line)
			if len(words) == 0 {
				continue
			}
			if len(words) < 3 {
				return fmt.Errorf("%q is no actor; write a name, a real name and a time zone", strings.TrimSpace(line))
			}
			d.Cast = append(d.Cast, Actor{words[0], strings.Join(words[1:len(words)-1], " "), words[len(words)-1]})
		}
	case "script":
		return d.script(text)
	default:
		return fmt.Errorf("there is no such part; there are story.md, cast, script and post.md")
	}
	return nil
}

func (d *Drill) script(text string) error {
	at := d.Start
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimRight(line, "\r\n")
		trimmed := strings.TrimLeft(line, " \t")
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
		step, err := parseStep(trimmed)
		if err == nil && step.Who != "" && !slices.ContainsFunc(d.Cast, func(a Actor) bool { return a.Name == step.Who }) {
			err = fmt.Errorf("%s is not in the cast", step.Who)
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
		step.Line, step.At = number, at
		d.Steps = append(d.Steps, step)
	}
	return nil
}

var clockForm = regexp.MustCompile(`^\d\d:\d\d$`)

// forms are what a line of a script can look like. The groups are named after the fields of Step.
var forms = []struct {
	usage string
	form  *regexp.Regexp
}{
	{"WHO says in #CHANNEL: TEXT", regexp.MustCompile(`^(?P<who>\w+) (?P<do>says) in (?P<where>#[\w-]+): (?P<text>.*)$`)},
	{"WHO types in #CHANNEL: /COMMAND", regexp.MustCompile(`^(?P<who>\w+) (?P<do>types) in (?P<where>#[\w-]+): (?P<text>/.*)$`)},
	{`WHO replies in #CHANNEL to "PART": TEXT`, regexp.MustCompile(`^(?P<who>\w+) (?P<do>replies) in (?P<where>#[\w-]+) to "(?P<what>[^"]+)": (?P<text>.*)$`)},
	{`WHO reacts|unreacts in #CHANNEL to "PART": EMOJI`, regexp.MustCompile(`^(?P<who>\w+) (?P<do>reacts|unreacts) in (?P<where>#[\w-]+) to "(?P<what>[^"]+)": (?P<text>\S+)$`)},
	{`WHO edits in #CHANNEL "PART": TEXT`, regexp.MustCompile(`^(?P<who>\w+) (?P<do>edits) in (?P<where>#[\w-]+) "(?P<what>[^"]+)": (?P<text>.*)$`)},
	{`WHO deletes in #CHANNEL "PART"`, regexp.MustCompile(`^(?P<who>\w+) (?P<do>deletes) in (?P<where>#[\w-]+) "(?P<what>[^"]+)"$`)},
	{"WHO presses in #CHANNEL: LABEL", regexp.MustCompile(`^(?P<who>\w+) (?P<do>presses) in (?P<where>#[\w-]+): (?P<text>.+)$`)},
	{`WHO uses SHORTCUT in #CHANNEL on "PART"`, regexp.MustCompile(`^(?P<who>\w+) (?P<do>uses) (?P<text>\w+) in (?P<where>#[\w-]+) on "(?P<what>[^"]+)"$`)},
	{"WHO uses SHORTCUT", regexp.MustCompile(`^(?P<who>\w+) (?P<do>uses) (?P<text>\w+)$`)},
	{"WHO fills FIELD: TEXT", regexp.MustCompile(`^(?P<who>\w+) (?P<do>fills) (?P<what>\w+): (?P<text>.*)$`)},
	{"WHO submits", regexp.MustCompile(`^(?P<who>\w+) (?P<do>submits)$`)},
	{"WHO joins #CHANNEL", regexp.MustCompile(`^(?P<who>\w+) (?P<do>joins) (?P<where>#[\w-]+)$`)},
	{"fault SERVICE CALL STATUS|cut [after] [N times]", regexp.MustCompile(`^(?P<do>fault) (?P<what>slack|trello|github) (?P<text>\S.*)$`)},
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
