package protocol

import (
	"fmt"
	"strings"
	"time"

	"watchbell/incidents"
)

// Simulate walks through a protocol as an incident of the given severity would, with everybody doing each step just
// when it is due, and returns what the card would say, line by line.
func Simulate(p *incidents.Protocol, severity incidents.Severity) []string {
	began := time.Date(2026, time.January, 5, 9, 0, 0, 0, time.UTC) // a Monday morning
	w := &walk{now: began, began: began, in: incidents.Incident{
		Number: 1, Title: "a simulation", Protocol: p, Status: incidents.Declared, DeclaredAt: began, StatusAt: began,
		DeclaredBy: "U1", Holders: map[incidents.Role][]string{incidents.Lead: {"U1"}}, Actions: []incidents.Action{{Number: 1}},
	}}
	w.line("declared")
	for range 200 { // a protocol that never ends is cut off
		w.in.HeardAt = w.now // nobody is ever silent
		s, ok := w.in.Next(w.now)
		if !ok {
			if next, ok := afterwards[w.in.Status]; ok {
				w.wait(10 * time.Minute)
				w.come(next)
				continue
			}
			break
		}
		if s.Rhythm && w.told >= 2 && w.leave(s) {
			continue
		}
		w.do(s, severity)
	}
	return append(append(w.lines, w.reminders()...), w.texts(severity)...)
}

// afterwards is how an incident goes on when the protocol asks for nothing more.
var afterwards = map[incidents.Status]incidents.Status{
	incidents.Declared: incidents.Investigating, incidents.Investigating: incidents.Identified,
	incidents.Identified: incidents.Monitoring, incidents.Monitoring: incidents.Resolved,
}

type walk struct {
	in         incidents.Incident
	began, now time.Time
	told       int // updates in this phase
	lines      []string
}

func (w *walk) line(format string, args ...any) {
	w.lines = append(w.lines, fmt.Sprintf("%8s  ", "+"+short(w.now.Sub(w.began).Round(time.Minute)))+fmt.Sprintf(format, args...))
}

func (w *walk) wait(d time.Duration) { w.now = w.now.Add(d) }

func (w *walk) come(s incidents.Status) {
	w.in.Status, w.in.StatusAt, w.told = s, w.now, 0
	switch s {
	case incidents.Monitoring:
		w.in.WellAt = w.now
	case incidents.Resolved:
		w.in.ResolvedAt = w.now
	}
	w.line("── %s", s)
}

// do does a step when it is due.
func (w *walk) do(s incidents.Step, severity incidents.Severity) {
	if s.DueAt.After(w.now) {
		w.now = s.DueAt
	} else {
		w.wait(2 * time.Minute)
	}
	rule, _ := w.in.Protocol.Role(s.Role)
	said := fmt.Sprintf("%s: %s", rule.Title, s.Say)
	if s.Verb != "" {
		said += " (" + s.Verb + ")"
	}
	w.line("%s", said)
	w.bringAbout(s, severity)
}

// bringAbout makes true what the step waits for.
func (w *walk) bringAbout(s incidents.Step, severity incidents.Severity) {
	in := &w.in
	in.Marks = append(dropped(in.Marks, s.ID), incidents.Mark{Step: s.ID, State: incidents.StepDone, At: w.now})
	switch s.Done.What {
	case incidents.WhenSeverity:
		in.Severity = severity
		w.line("   the severity is %s", severity)
	case incidents.WhenRole:
		in.Holders[incidents.Role(s.Done.Of)] = []string{"U2"}
	case incidents.WhenUpdate:
		in.Update.At = w.now
		w.told++
	case incidents.WhenStatus:
		w.come(incidents.Status(s.Done.Of))
	case incidents.WhenPost:
		in.Post.Number, in.PostAt = 1, w.now
	case incidents.WhenSections:
		in.Written = []incidents.Writing{{At: w.now}}
	case incidents.WhenPublished:
		in.Post.State = incidents.PullMerged
	case incidents.WhenClosed:
		w.come(incidents.Closed)
	}
}

func dropped(marks []incidents.Mark, step string) (rest []incidents.Mark) {
	for _, m := range marks {
		if m.Step != step {
			rest = append(rest, m)
		}
	}
	return rest
}

// leave goes on to the next status when a phase has shown its rhythm and nothing else is left in it.
func (w *walk) leave(s incidents.Step) bool {
	open := w.in.OpenSteps(w.now)
	for _, other := range open {
		if other.ID != s.ID {
			w.do(other, w.in.Severity)
			return true
		}
	}
	next, ok := afterwards[w.in.Status]
	if ok {
		w.line("   and so on")
		w.come(next)
	}
	return ok
}

func (w *walk) reminders() []string {
	r := w.in.Protocol.Reminders
	if r.Most == 0 {
		return []string{"", "Nobody is reminded."}
	}
	line := fmt.Sprintf("Whoever is late is reminded up to %d times, every %s", r.Most, short(r.Every))
	if r.From != r.To {
		day := func(d time.Duration) string {
			return time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC).Add(d).Format("15:04")
		}
		zone := r.Zone
		if zone == "" {
			zone = "in post.time_zone"
		}
		line += fmt.Sprintf("; after the incident between %s and %s %s, %s", day(r.From), day(r.To), zone, daysSaid(r.Days))
	}
	return append([]string{"", strings.TrimSpace(line) + "."}, w.nudges()...)
}

// nudges say what nobody sees before it is due.
func (w *walk) nudges() (lines []string) {
	for _, rule := range w.in.Protocol.Steps {
		if !rule.Nudge {
			continue
		}
		role, _ := w.in.Protocol.Role(rule.Role)
		line := fmt.Sprintf("Nudge: %s: %s, %s", role.Title, rule.Say, dueSaid(rule.Due))
		for _, s := range w.in.Protocol.SeverityRules() {
			if rule.Questions() && s.Silence > 0 {
				line += fmt.Sprintf("; %s in a %s", short(s.Silence), s.Word)
			}
		}
		lines = append(lines, line+".")
	}
	return lines
}

// dueSaid writes a due time as in the file.
func dueSaid(due incidents.Due) string {
	said := short(due.After)
	switch {
	case due.Days > 0:
		said = counted(due.Days, "working day")
	case due.Hours > 0:
		said = counted(int(due.Hours/time.Hour), "working hour")
	}
	return said + " after " + string(due.Since)
}

func counted(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// daysSaid names the days of the week.
func daysSaid(on [7]bool) string {
	var all []string
	for n, day := range workdays {
		if on[(n+1)%7] {
			all = append(all, longDays[day])
		}
	}
	if weekdays, _ := days("Mon-Fri"); on == weekdays {
		return "Monday to Friday"
	}
	return listed(all)
}

// texts are what people read, with the words of a simulation.
func (w *walk) texts(severity incidents.Severity) []string {
	lead, _ := w.in.Protocol.Role(incidents.Lead)
	ops := lead.Title
	if rules := w.in.Protocol.RoleRules(); len(rules) > 1 {
		ops = rules[1].Title
	}
	words := map[string]string{
		"number": "1", "title": w.in.Title, "severity": string(severity), "status": string(incidents.Investigating),
		"channel": "#inc-1-a-simulation", "text": "(what somebody wrote)", "since": "09:00", "next": "09:30", "role": ops,
		"who": "@ana", "reaction": ":pushpin:", "command": "/incident", "lead": "@ana",
	}
	lines := []string{"", "What people read:"}
	for _, rule := range incidents.TextRules {
		for i, line := range strings.Split(incidents.Fill(w.in.Protocol.Words(rule.Text), words), "\n") {
			name := string(rule.Text)
			if i > 0 {
				name = ""
			}
			lines = append(lines, fmt.Sprintf("%18s  %s", name, line))
		}
	}
	return lines
}
