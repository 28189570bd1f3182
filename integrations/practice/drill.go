package practice

import (
	"embed"
	"fmt"
	"io/fs"
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
//	pace: 2
//	examples: yes
//
//	-- story.md --
//	What people are told before it begins.
//	-- cast --
//	ana    Ana         Europe/Berlin  you
//	sven   Sven        Europe/Berlin  stakeholder
//	watch  Watchtower  UTC            monitor
//	-- script --
//	09:12 watch alerts in #team: Checkout answers with errors
//	      hint ana until declared: Declare early; calling it off later costs nothing.
//	09:14 ana types in #team: /incident declare checkout is down
//	      expect #team: We have an incident going on
//	-- marks --
//	declared within 5m of START
//	-- post.md --
//	What the post must be, byte for byte; left out when nobody checks it.
//
// Times of the script are UTC; a time earlier than the one before it is on the next day. A line that begins with "|"
// continues the text of the line above on a new line. Steps says what a script can hold, Mark what the marks mean.
//
// Play acts every line. A Session, for a person who trains, acts the lines of the others and leaves those of "you" to
// that person.
type Drill struct {
	Name, Title string
	Start       time.Time // UTC
	// Pace is how many minutes of the story pass in a minute for a person who trains; 0 is one.
	Pace float64
	// Examples says that a person who trains is shown what the script has them do.
	Examples bool
	Story    string
	Cast     []Actor
	Steps    []Step
	Marks    []Mark
	Post     string
	// Past is what happened in truth, when the drill replays a post-mortem; else nil.
	Past *Past
}

// Actor is a person of a drill. Role is empty for a colleague.
type Actor struct{ Name, RealName, Zone, Role string }

// The roles that an actor can have.
const (
	RoleYou         = "you"         // the person who trains
	RoleMonitor     = "monitor"     // no person: what it says are alerts
	RoleStakeholder = "stakeholder" // somebody affected: what they ask waits for an answer
)

// Step is one line of a script: somebody does something, something goes wrong, or something must be true by now.
type Step struct {
	Line int // in the script, from 1
	At   time.Time
	// Who is empty for "fault" and "expect".
	Who string
	// Do is the verb: says, alerts, asks, replies, types, reacts, unreacts, edits, deletes, pins, presses, uses, fills,
	// submits, joins, opens, hint, fault, expect.
	Do string
	// Where is a channel with "#"; "#incident" is the newest channel that the bot opened. For expect it may also be
	// a person, "cards", "card", "pull request", "post", "calls" or "refusals".
	Where string
	// What is the message, the button, the form's field, the service or, for a hint, the step of the protocol that makes
	// it needless, depending on Do.
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
	number := 0
	for line := range strings.Lines(string(archive.Comment)) {
		number++
		key, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		if err := d.heading(key, strings.TrimSpace(value)); err != nil {
			return Drill{}, fmt.Errorf("drill %s, line %d: %w", name, number, err)
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
