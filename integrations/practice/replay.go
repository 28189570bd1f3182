package practice

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// pastWords are the words by which a step of the protocol is known in the timeline of a post. Users who inform the team
// are how it was noticed; the team that informs users is how they were told.
var pastWords = map[string]*regexp.Regexp{
	StepNoticed: regexp.MustCompile(`(?i)\b(alerts?|alerted|alerting|notic\w+|detect\w*|reali[sz]e\w*|complain\w*)\b` +
		`|\breported\b|\busers?\b.*\b(notified|informed|reports?)\b|\binformed about\b`),
	StepDeclared: regexp.MustCompile(`(?i)\bdeclar\w+ (an|the|this) incident\b|\bincident (was |is )?(declared|announced|opened)\b`),
	StepRoles: regexp.MustCompile(`(?i)\b(incident (manager|commander|lead)|communications? (role|lead)|took over (as|the role))\b` +
		`|\b(assigned|gave|handed over) .*\brole\b`),
	StepTold: regexp.MustCompile(`(?i)\b(inform\w*|told|tell|notif\w+|warn\w*|updated?) (the |our |all )?(users?|people|customers|stakeholders|everybody|community)\b` +
		`|\bwarning\b.*\bto (the |our )?(users|customers)\b|\bstatus page\b`),
	StepMitigated: regexp.MustCompile(`(?i)\b(back (online|to normal|up)|(is|are|was|were|came|comes) back|online again|available again|normal state|up again` +
		`|restored|went back|exceptions stopped|to stop the issue|(is|are) resolved|resolved itself|fixed the (issue|problem|syntax error))\b|\bback (online|from)\b`),
	StepResolved: regexp.MustCompile(`(?i)\bincident (was |is )?(declared )?(resolved|closed|over)\b|\bdeclar\w+ (the|this) incident (as )?(resolved|over)\b`),
}

// firstSigns count as noticed where no entry says that anybody noticed.
var firstSigns = regexp.MustCompile(`(?i)\b(errors?|exceptions?|failed|crash\w*)\b`)

// Step is the entry that tells of a step of the protocol, guessed from its words. It is false when the post does not say.
// Noticed, declared and told are the first entries that speak of it, mitigated and resolved the last: service that came
// back and went again was not mitigated.
func (p *Past) Step(name string) (PastEntry, bool) {
	switch name {
	case StepNoticed:
		if e, ok := p.first(pastWords[name].MatchString); ok {
			return e, true
		}
		return p.first(firstSigns.MatchString)
	case StepDeclared: // but not "declared the incident resolved"
		return p.first(func(text string) bool {
			return pastWords[name].MatchString(text) && !pastWords[StepResolved].MatchString(text)
		})
	case StepMitigated:
		resolved, isResolved := p.Step(StepResolved)
		return p.lastOf(func(e PastEntry) bool {
			text := pastWords[StepResolved].ReplaceAllString(e.Text, "") // "the incident is resolved" says nothing of users
			return pastWords[name].MatchString(text) && !(isResolved && e.At.After(resolved.At))
		})
	case StepResolved:
		return p.lastOf(func(e PastEntry) bool { return pastWords[name].MatchString(e.Text) })
	}
	return p.first(pastWords[name].MatchString)
}

func (p *Past) first(says func(string) bool) (PastEntry, bool) {
	for _, e := range p.Entries {
		if says(e.Text) {
			return e, true
		}
	}
	return PastEntry{}, false
}

func (p *Past) lastOf(is func(PastEntry) bool) (PastEntry, bool) {
	for _, e := range slices.Backward(p.Entries) {
		if is(e) {
			return e, true
		}
	}
	return PastEntry{}, false
}

// The people who tell a past incident. They are the same for all posts: a timeline names nobody.
var replayCast = []Actor{
	{"robin", "Robin", "UTC", RoleYou},
	{"watch", "Watchtower", "UTC", RoleMonitor},
	{"mika", "Mika", "UTC", ""},
	{"noor", "Noor", "UTC", ""},
	{"sal", "Sal", "UTC", RoleStakeholder},
}

// replayLasts is how long a replay lasts for a person who trains, unless they change its pace.
const replayLasts = 15 * time.Minute

// Drill makes a drill of a past incident: the cast says what the timeline says when it says it, and the person who trains
// does what the protocol asks for. When the drill is played unattended, they do it at the post's own times.
func (p *Past) Drill(name string) Drill {
	r := replay{past: p, d: Drill{
		Name: name, Title: p.Title, Start: p.Start(), Cast: replayCast, Past: p, Pace: 1,
	}}
	last := p.Entries[len(p.Entries)-1].At
	if long := last.Sub(p.Start()); long > replayLasts {
		r.d.Pace = min(float64(long)/float64(replayLasts), maxPace)
	}
	source := "its published timeline"
	if p.FromProse {
		source = "the sentences of the post that name a time, for it has no timeline"
	}
	r.d.Story = fmt.Sprintf("A past incident, told again: %s.\n\nWhat people will say comes from %s: %s over %s. Who says it is invented. "+
		"You are Robin and on call. Declare it when you think it is one, give roles, keep the log, tell those who are affected, and resolve it.",
		strings.TrimRight(p.Title, "."), source, numbered(len(p.Entries), "entry", "entries"), minutes(last.Sub(p.Start())))
	r.times()
	for i, e := range p.Entries {
		r.until(e.At, i)
		r.entry(e, i)
	}
	r.until(last.Add(time.Minute), len(p.Entries))
	for _, what := range [][2]string{{"#team", "The incident is over"}, {"pull requests", "1"}, {"refusals", "0"}} {
		r.add(last, Step{Do: "expect", Where: what[0], Text: what[1]})
	}
	return r.d
}

// replay is a past incident on its way to become a drill.
type replay struct {
	past                                *Past
	d                                   Drill
	alert, declare, mitigated, resolved time.Time // mitigated is zero when the post does not say
	alerted, declared, mitigates, over  bool      // what the script has reached
}

// times says when the protocol's steps are done in the unattended play: when the post says so, else at the nearest time
// that makes sense.
func (r *replay) times() {
	r.alert = r.past.Start()
	if e, ok := r.past.Step(StepNoticed); ok {
		r.alert = e.At
	}
	r.declare = r.alert
	declared, stated := r.past.Step(StepDeclared)
	if stated {
		r.declare = declared.At
		r.alert = earliest(r.alert, r.declare)
	}
	r.resolved = r.past.Entries[len(r.past.Entries)-1].At
	mitigated, ok := r.past.Step(StepMitigated)
	if ok && !mitigated.At.Before(r.declare) {
		r.mitigated, r.resolved = mitigated.At, mitigated.At
	}
	if resolved, ok := r.past.Step(StepResolved); ok && !resolved.At.Before(r.declare) {
		r.resolved = resolved.At
	}
}

func (r *replay) add(at time.Time, s Step) {
	s.At, s.Line = at, len(r.d.Steps)+1
	r.d.Steps = append(r.d.Steps, s)
}

func (r *replay) you(at time.Time, where, text string) {
	do := "says"
	if strings.HasPrefix(text, "/") {
		do = "types"
	}
	r.add(at, Step{Who: "robin", Do: do, Where: where, Text: text})
}

// until adds what the protocol asks for before an instant. known is how many entries have been told.
func (r *replay) until(now time.Time, known int) {
	if !r.alerted && !r.alert.After(now) {
		r.alerted = true
		text := r.past.Title
		if r.past.Impact != "" {
			text += ": " + shortened(r.past.Impact, 400)
		}
		r.add(r.alert, Step{Who: "watch", Do: "alerts", Where: "#team", Text: text})
		if r.alert.Before(r.declare) {
			r.hint(r.alert, StepNoticed, "Say a word in #team, so that everybody knows that somebody is on it.")
			r.you(r.alert, "#team", "I see it and look into it.")
		}
		r.hint(r.alert, StepDeclared, "When in doubt, declare: /incident declare and a short title. It can be called off.")
	}
	if !r.declared && r.declare.Before(now) {
		r.declareNow(known)
	}
	if r.declared && !r.mitigates && !r.mitigated.IsZero() && r.mitigated.Before(now) {
		r.mitigates = true
		r.you(r.mitigated, "#incident", "/incident mitigated")
	}
	if r.declared && !r.over && r.resolved.Before(now) {
		r.over = true
		r.hint(r.resolved, StepResolved, "When users are well again and stay so, /incident resolve.")
		r.you(r.resolved, "#incident", "/incident resolve")
		r.add(r.resolved, Step{Do: "expect", Where: "robin", Text: "is resolved"})
	}
}

func (r *replay) hint(at time.Time, until, text string) {
	r.add(at, Step{Who: "robin", Do: "hint", What: until, Text: text})
}

// declareNow declares the incident, gives the roles and logs what is known already.
func (r *replay) declareNow(known int) {
	r.declared = true
	title := shortened(strings.NewReplacer("`", "", "<", "", ">", "", "*", "").Replace(r.past.Title), 60)
	r.you(r.declare, "#team", "/incident declare "+title)
	r.add(r.declare, Step{Do: "expect", Where: "#team", Text: "We have an incident going on"})
	for _, who := range []string{"mika", "noor"} {
		r.add(r.declare, Step{Who: who, Do: "joins", Where: "#incident"})
	}
	r.hint(r.declare, StepRoles, "Give the roles away: /incident role ops @mika and /incident role communications @noor. Log what is known already with its time: /incident log 09:41 what happened.")
	r.you(r.declare, "#incident", "/incident role ops @mika")
	r.you(r.declare, "#incident", "/incident role communications @noor")
	declaration, _ := r.past.Step(StepDeclared)
	for _, e := range r.past.Entries[:known] {
		if e != declaration { // the bot enters that one
			r.log(r.declare, e)
		}
	}
}

func (r *replay) log(at time.Time, e PastEntry) {
	when := e.At.Format("2006-01-02 15:04")
	if !e.Until.IsZero() {
		when += " to " + e.Until.Format("15:04")
	}
	r.you(at, "#incident", "/incident log "+when+" "+e.said())
}

// said is an entry as somebody says it.
func (e PastEntry) said() string {
	if text := shortened(e.Text, 2000); text != "" {
		return text
	}
	return "(the timeline says nothing more)"
}

// entry has somebody say an entry, and the person who trains take it down. What only the incident manager does is theirs.
func (r *replay) entry(e PastEntry, i int) {
	if step, ok := r.past.Step(StepTold); ok && step == e {
		r.hint(e.At, StepTold, "Those who are affected have heard nothing yet. A sentence in #team is enough.")
		r.you(e.At, "#team", "For everybody who is affected: we know of the problem and work on it.")
	}
	for _, name := range []string{StepDeclared, StepResolved} {
		if step, ok := r.past.Step(name); ok && step == e && (name != StepDeclared || step.At.Equal(r.declare)) {
			return
		}
	}
	where, who := "#team", r.teller(e, i)
	if r.declared && who != "sal" && who != "watch" {
		where = "#incident"
	}
	r.add(e.At, Step{Who: who, Do: "says", Where: where, Text: e.said()})
	switch part := quotable(e.said()); {
	case !r.declared: // logged when it is declared
	case where == "#incident" && part != "" && e.Until.IsZero():
		r.add(e.At, Step{Who: "robin", Do: "reacts", Where: where, What: part, Text: "pushpin"})
	default:
		r.log(e.At, e)
	}
}

var (
	userWords  = regexp.MustCompile(`(?i)\b(users?|customers?|visitors?)\b`)
	alertWords = regexp.MustCompile(`(?i)\b(alerts?|monitoring|graphs?|exceptions?)\b`)
	plainRun   = regexp.MustCompile(`[A-Za-z][A-Za-z ]{7,40}`)
)

// teller is who of the cast says an entry.
func (r *replay) teller(e PastEntry, i int) string {
	switch {
	case userWords.MatchString(e.Text) && !pastWords[StepTold].MatchString(e.Text):
		return "sal"
	case alertWords.MatchString(e.Text):
		return "watch"
	case i%2 == 0:
		return "mika"
	}
	return "noor"
}

// quotable is a part of a message by which it can be found again, whatever Slack makes of the rest.
func quotable(text string) string { return strings.TrimSpace(plainRun.FindString(text)) }
