package practice

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// faultSwitch is a trouble that people can switch on at the page. Switches that share a subject exclude each other.
type faultSwitch struct {
	Name, Words string
	// Hint says what it is like.
	Hint     string
	subjects []string
	faults   []Fault
	on       func(*Workspace) // what happens once beside the faults
}

// changing are the calls of Trello and GitHub that change something.
var changing = []string{"POST *", "PUT *", "PATCH *", "DELETE *"}

// faultOn is the same fault for several calls of a service.
func faultOn(service string, f Fault, calls ...string) []Fault {
	var all []Fault
	for _, call := range calls {
		f.Service, f.Call = service, call
		all = append(all, f)
	}
	return all
}

var (
	isDown      = Fault{Status: http.StatusServiceUnavailable, Body: "practice: the service is down"}
	rateLimited = Fault{Status: http.StatusTooManyRequests, RetryAfter: 5 * time.Second, Body: `{"ok":false,"error":"ratelimited"}`}
	broken      = Fault{Status: http.StatusInternalServerError}
	brokenAfter = Fault{Status: http.StatusInternalServerError, After: true}
)

// faultSwitches are all switches, in the order of the page.
var faultSwitches = []faultSwitch{
	{
		Name: "trello-500", Words: "Trello answers 500 without doing it", Hint: "Nothing happens, and Trello says so.",
		subjects: []string{"trello"}, faults: faultOn("trello", broken, changing...),
	},
	{
		Name: "trello-500-after", Words: "Trello answers 500 after doing it", Hint: "The card is made; the answer says it is not.",
		subjects: []string{"trello"}, faults: faultOn("trello", brokenAfter, changing...),
	},
	{
		Name: "trello-down", Words: "Trello is down", Hint: "Every call gets 503.",
		subjects: []string{"trello"}, faults: faultOn("trello", isDown, "*"),
	},
	{
		Name: "github-slow", Words: "GitHub takes 30 s", Hint: "Longer than the bot waits.",
		subjects: []string{"github"}, faults: faultOn("github", Fault{Delay: 30 * time.Second}, "*"),
	},
	{
		Name: "github-down", Words: "GitHub is down", Hint: "Every call gets 503.",
		subjects: []string{"github"}, faults: faultOn("github", isDown, "*"),
	},
	{
		Name: "github-cut", Words: "GitHub cuts the line after doing it", Hint: "It is done, and nobody is told.",
		subjects: []string{"github"}, faults: faultOn("github", Fault{Cut: true, After: true}, changing...),
	},
	{
		Name: "slack-limited", Words: "Slack rate-limits posting", Hint: "Every message gets 429: try again in 5 s.",
		subjects: []string{"slack"}, faults: faultOn("slack", rateLimited, "chat.postMessage"),
	},
	{
		Name: "slack-500-after", Words: "Slack answers 500 after posting", Hint: "The message is there; the answer says it is not.",
		subjects: []string{"slack"}, faults: faultOn("slack", brokenAfter, "chat.postMessage"),
	},
	{
		Name: socketSwitch, Words: "Slack’s socket is cut", Hint: "The connection is gone, and a new one is refused.",
		subjects: []string{"socket"}, faults: faultOn("slack", Fault{Cut: true}, "apps.connections.open"),
		on: func(w *Workspace) { w.Slack.CutSockets() },
	},
	{
		Name: "all-down", Words: "Everything is down", Hint: "Slack’s interface, Trello and GitHub answer 503.",
		subjects: []string{"slack", "socket", "trello", "github"},
		faults:   slices.Concat(faultOn("slack", isDown, "*"), faultOn("trello", isDown, "*"), faultOn("github", isDown, "*")),
		on:       func(w *Workspace) { w.Slack.CutSockets() },
	},
}

const socketSwitch = "slack-socket"

// switchPrefix begins the names of faults that belong to a switch.
const switchPrefix = "switch:"

// switchFault turns a switch on or off. What excludes it goes off.
func (w *Workspace) switchFault(name string, on bool) error {
	at := slices.IndexFunc(faultSwitches, func(s faultSwitch) bool { return s.Name == name })
	if at < 0 {
		return fmt.Errorf("there is no such switch")
	}
	chosen := faultSwitches[at]
	for _, s := range faultSwitches {
		if s.Name == name || (on && slices.ContainsFunc(s.subjects, func(of string) bool { return slices.Contains(chosen.subjects, of) })) {
			w.Faults.Drop(switchPrefix + s.Name)
		}
	}
	if !on {
		return nil
	}
	for _, f := range chosen.faults {
		f.Name = switchPrefix + name
		w.Faults.Add(f)
	}
	if chosen.on != nil {
		chosen.on(w)
	}
	return nil
}

// faultsView is the panel of faults.
type faultsView struct {
	Switches []switchView
	// Others are faults that no switch stands for, in words.
	Others []string
	Any    bool
}

type switchView struct {
	Name, Words, Hint string
	On, Idle          bool // Idle: there is nothing that it could hit
}

func (w *Workspace) faultsView() faultsView {
	var v faultsView
	active := w.Faults.Active()
	isOn := func(name string) bool {
		return slices.ContainsFunc(active, func(f Fault) bool { return f.Name == switchPrefix+name })
	}
	for _, s := range faultSwitches {
		one := switchView{Name: s.Name, Words: s.Words, Hint: s.Hint, On: isOn(s.Name)}
		if s.Name == socketSwitch && !one.On && w.Slack.Sockets() == 0 {
			one.Idle, one.Hint = true, "No socket is open: the bot gets its events over HTTP."
		}
		v.Switches = append(v.Switches, one)
	}
	for _, f := range active {
		if len(f.Name) < len(switchPrefix) || f.Name[:len(switchPrefix)] != switchPrefix {
			v.Others = append(v.Others, f.words())
		}
	}
	v.Any = len(active) > 0
	return v
}

// words describes a fault in one line.
func (f Fault) words() string {
	call := f.Call
	if call == "*" {
		call = "every call"
	}
	does := "cuts the line"
	switch {
	case f.onlyDelays():
		does = "takes " + f.Delay.String()
	case !f.Cut && f.Status == 0:
		does = "answers 500"
	case !f.Cut:
		does = fmt.Sprintf("answers %d", f.Status)
	}
	if f.After {
		does += " after doing it"
	}
	left := ""
	if f.Times > 0 {
		left = fmt.Sprintf(", %d more", f.Times)
	}
	return fmt.Sprintf("%s %s: %s%s", serviceNames[f.Service], does, call, left)
}

// serviceNames are the services as people write them.
var serviceNames = map[string]string{"slack": "Slack", "trello": "Trello", "github": "GitHub"}

// onFaults turns a switch on or off, or ends every fault.
func (p *page) onFaults(in sideCall) error {
	switch {
	case in.field("well") != "":
		p.w.Faults.Clear("")
	case in.field("on") != "":
		if err := p.w.switchFault(in.field("on"), true); err != nil {
			return err
		}
	default:
		if err := p.w.switchFault(in.field("off"), false); err != nil {
			return err
		}
	}
	p.changed()
	return nil
}
