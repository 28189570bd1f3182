package practice

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// evidence is what the workspace and the wire show of an incident.
type evidence struct {
	drill Drill
	said  []saying // what people said in public, in order
	turns []turn   // what changed about the incident, in order
	told  []time.Time
	// really is when steps were done, where people have said another time than that at which it was shown; the last word counts.
	really map[string]time.Time
}

// saying is a message of a person.
type saying struct {
	at                        time.Time
	who, role, channel        string
	text, ts, thread, account string
	incident                  bool // said in an incident's channel
}

// turn is a change of the incident, as the bot has shown it first. Name is a step of the protocol or what else changed.
type turn struct {
	at         time.Time
	name, text string
}

// The bot's words by which the steps of the protocol are known on the wire. A role is held by oneself unless the card
// says "(with the lead)".
var (
	wordDeclared  = regexp.MustCompile(`Incident #\d+ is declared|We have an incident going on`)
	wordResolved  = regexp.MustCompile(`Incident #\d+ is resolved|:white_check_mark: The incident is over`)
	wordCalledOff = regexp.MustCompile(`Incident #\d+ is called off|Called off, it was no incident`)
	wordState     = regexp.MustCompile(`is now in the state \*(\w+)\*`)
	wordSeverity  = regexp.MustCompile(`has the severity \*([\w ]+)\*`)
	wordShown     = regexp.MustCompile(`(?m)^\*?#\d+ .*· (investigating|identified|monitoring)\b`)
	wordRole      = regexp.MustCompile(`@(\S+) has the role \*(Incident manager|Ops|Communications)\*`)
	wordSince     = regexp.MustCompile(`is now in the state \*monitoring\*.* In the timeline at ` + saidMoment)
	wordEnded     = regexp.MustCompile(`Incident #\d+ is resolved.* In the timeline at ` + saidMoment)
	wordPutRight  = regexp.MustCompile(`was \*(monitoring|resolved)\* already; its entry \d+ says ` + saidMoment)
	wordHolder    = regexp.MustCompile(`(?m)^\*(Ops|Communications)\*\n@([^\s(]+)$`)
)

// saidMoment is how the bot says a moment back, in UTC; with its day where that is another one.
const saidMoment = `(?:(\d\d/\d\d/\d{4}) )?(\d\d:\d\d) UTC`

// saidAt reads a day, which may be empty, and a clock; near is about when it is.
func saidAt(day, clock string, near time.Time) time.Time {
	if day == "" {
		day = near.UTC().Format("02/01/2006")
	}
	at, err := time.Parse("02/01/2006 15:04", day+" "+clock)
	if err != nil {
		return near
	}
	return at
}

// evidence collects what can be seen.
func (w *Workspace) evidence(d Drill) evidence {
	e := evidence{drill: d, really: map[string]time.Time{}}
	incident, earlier := map[string]bool{}, map[string]bool{}
	for _, c := range w.Slack.Channels() {
		incident[c.ID] = c.Creator == BotUser && c.Name != TeamChannel
		if earlier[c.ID] = incident[c.ID] && c.Created.Before(d.Start); earlier[c.ID] {
			continue // another drill's
		}
		if c.IsIM || c.IsMpim || c.IsPrivate {
			continue // private stays private
		}
		e.listen(w, c, incident[c.ID])
	}
	slices.SortStableFunc(e.said, func(a, b saying) int { return a.at.Compare(b.at) })
	seen := map[string]bool{}
	for _, s := range w.shown(d) {
		if !earlier[s.channel] {
			e.read(s, incident[s.channel], seen)
		}
	}
	e.whoWasTold()
	return e
}

// listen takes down what people said in a channel.
func (e *evidence) listen(w *Workspace, c Channel, incident bool) {
	for _, m := range w.Slack.Messages(c.Name) {
		at := instantOf(m.TS)
		u := w.Slack.User(m.User)
		if m.System() || m.BotID != "" || u == nil || u.IsBot || at.Before(e.drill.Start) {
			continue
		}
		s := saying{at: at, who: u.RealName, account: u.Name, channel: c.Name, text: w.Slack.MessageText(m), ts: m.TS, thread: m.ThreadTS, incident: incident}
		if a := e.drill.actorNamed(u.Name); a != nil {
			s.role = a.Role
		}
		e.said = append(e.said, s)
	}
}

// instantOf reads Slack's name of a message, which holds the time.
func instantOf(ts string) time.Time {
	seconds, micro, _ := strings.Cut(ts, ".")
	s, _ := strconv.ParseInt(seconds, 10, 64)
	us, _ := strconv.ParseInt(micro, 10, 64)
	return time.Unix(s, us*1000).UTC()
}

// showing is something that the bot has shown somebody: an answer, a message, or a new version of one.
type showing struct {
	at            time.Time
	channel, text string
	fresh         bool // a message that was not there before, seen by all
}

// shown is all that the bot has shown, in order. What it answered people is in the workspace; earlier versions of its
// messages are on the wire alone.
func (w *Workspace) shown(d Drill) []showing {
	var all []showing
	for _, u := range w.Slack.Users() {
		for _, m := range w.Slack.Ephemerals(u.ID) {
			all = append(all, showing{at: instantOf(m.TS), channel: m.Channel, text: w.Slack.MessageText(m)})
		}
	}
	for _, call := range w.Wire.Calls() {
		if call.Service != "slack" || !call.Applied || (call.Name != "chat.postMessage" && call.Name != "chat.update") {
			continue
		}
		m := messageOf(call.Request)
		all = append(all, showing{call.At, m.Channel, w.Slack.MessageText(m), call.Name == "chat.postMessage"})
	}
	all = slices.DeleteFunc(all, func(s showing) bool { return s.at.Before(d.Start) })
	slices.SortStableFunc(all, func(a, b showing) int { return a.at.Compare(b.at) })
	return all
}

// messageOf reads the message in the body of a call, a form or JSON.
func messageOf(body []byte) Message {
	var m Message
	if len(body) > 0 && body[0] == '{' {
		var fields struct {
			Channel, Text string
			Blocks        json.RawMessage
		}
		if json.Unmarshal(body, &fields) == nil {
			m.Channel, m.Text, m.Blocks = fields.Channel, fields.Text, fields.Blocks
		}
		return m
	}
	form, err := url.ParseQuery(string(body))
	if err == nil {
		m.Channel, m.Text, m.Blocks = form.Get("channel"), form.Get("text"), json.RawMessage(form.Get("blocks"))
	}
	return m
}

// read takes down what a showing tells about the incident for the first time. seen holds what is known already.
func (e *evidence) read(s showing, incident bool, seen map[string]bool) {
	note := func(name, text string) {
		if !seen[text] {
			seen[text] = true
			e.turns = append(e.turns, turn{at: s.at, name: name, text: text})
		}
	}
	switch {
	case wordDeclared.MatchString(s.text):
		note(StepDeclared, "The incident is declared")
	case wordResolved.MatchString(s.text):
		note(StepResolved, "The incident is resolved")
	case wordCalledOff.MatchString(s.text):
		note("called off", "The incident is called off")
	case s.fresh && !incident && s.channel != "":
		e.told = append(e.told, s.at) // a message of the bot's to others than the responders
	}
	for _, form := range []*regexp.Regexp{wordState, wordShown} {
		if m := form.FindStringSubmatch(s.text); m != nil {
			name := m[1]
			if name == "monitoring" {
				name = StepMitigated
			}
			note(name, "The state is "+m[1])
		}
	}
	if m := wordSince.FindStringSubmatch(s.text); m != nil {
		e.really[StepMitigated] = saidAt(m[1], m[2], s.at)
	}
	if m := wordEnded.FindStringSubmatch(s.text); m != nil {
		e.really[StepResolved] = saidAt(m[1], m[2], s.at)
	}
	if m := wordPutRight.FindStringSubmatch(s.text); m != nil {
		name := m[1]
		if name == "monitoring" {
			name = StepMitigated
		}
		e.really[name] = saidAt(m[2], m[3], s.at)
	}
	if m := wordSeverity.FindStringSubmatch(s.text); m != nil {
		note("severity", "The severity is "+m[1])
	}
	for _, m := range wordRole.FindAllStringSubmatch(s.text, -1) {
		note(StepRoles, m[2]+" is @"+m[1])
	}
	for _, m := range wordHolder.FindAllStringSubmatch(s.text, -1) {
		note(StepRoles, m[1]+" is @"+m[2])
	}
}

// first is when a change was seen first, or has happened as people said afterwards; zero when never.
func (e *evidence) first(name string) time.Time {
	for _, t := range e.turns {
		if really, said := e.really[name]; said && t.name == name {
			return really
		}
		if t.name == name {
			return t.at
		}
	}
	return time.Time{}
}

// responder reports whether a message is one of those who deal with the incident.
func (s saying) responder() bool { return s.role != RoleMonitor && s.role != RoleStakeholder }

// whoWasTold finds what responders said, once it was declared, where stakeholders are: in the channels in which any of
// them wrote, or in all but the incident's when none of them wrote anything.
func (e *evidence) whoWasTold() {
	where := map[string]bool{}
	for _, s := range e.said {
		where[s.channel] = where[s.channel] || s.role == RoleStakeholder
	}
	anywhere := !slices.ContainsFunc(e.said, func(s saying) bool { return s.role == RoleStakeholder })
	declared := e.first(StepDeclared)
	for _, s := range e.said {
		if s.responder() && !s.incident && !declared.IsZero() && s.at.After(declared) && (anywhere || where[s.channel]) {
			e.told = append(e.told, s.at)
		}
	}
	slices.SortFunc(e.told, time.Time.Compare)
}

// noticed is when the first word about it was said by the person who trains or, in a drill without one, by somebody who
// did not raise it; or when it was declared.
func (e *evidence) noticed() (at time.Time, detail string) {
	training := slices.ContainsFunc(e.drill.Cast, func(a Actor) bool { return a.Role == RoleYou })
	declared := e.first(StepDeclared)
	for _, s := range e.said {
		theirs := s.responder() && s.account != e.said[0].account
		if training {
			theirs = s.role == RoleYou
		}
		if theirs && (declared.IsZero() || s.at.Before(declared)) {
			return s.at, "the first word is " + s.who + "'s"
		}
	}
	if !declared.IsZero() {
		detail = "by declaring it"
	}
	return declared, detail
}

// steps are the steps of the protocol as they were done.
func (e *evidence) steps() []DebriefStep {
	steps := make([]DebriefStep, 0, len(protocolNames))
	for _, name := range protocolNames {
		s := DebriefStep{Name: name, Title: protocolTitles[name], At: e.first(name)}
		switch name {
		case StepNoticed:
			s.At, s.Detail = e.noticed()
		case StepRoles:
			s.At, s.Detail = e.roles()
			s.Partly = s.At.IsZero() && s.Detail != ""
		case StepTold:
			if s.At = earliest(e.told...); len(e.told) > 1 {
				s.Detail = fmt.Sprintf("%d messages in all", len(e.told))
			}
		case StepResolved:
			if off := e.first("called off"); s.At.IsZero() && !off.IsZero() {
				s.At, s.Detail = off, "called off"
			}
		}
		steps = append(steps, s)
	}
	return steps
}

var accountForm = regexp.MustCompile(`@(\S+)`)

// named is a text with the names of the cast for their accounts.
func (e *evidence) named(text string) string {
	return accountForm.ReplaceAllStringFunc(text, func(account string) string {
		if a := e.drill.actorNamed(account[1:]); a != nil {
			return a.RealName
		}
		return account
	})
}

// roles is when the last of the two roles beside the lead got its first holder, and who held what from when.
func (e *evidence) roles() (at time.Time, detail string) {
	held := map[string]bool{}
	var said []string
	for _, t := range e.turns {
		if t.name != StepRoles {
			continue
		}
		role, who, _ := strings.Cut(e.named(t.text), " is ")
		said = append(said, fmt.Sprintf("%s to %s at %s", role, who, t.at.UTC().Format("15:04")))
		if role != "Incident manager" && !held[role] {
			held[role] = true
			at = t.at
		}
	}
	detail = strings.Join(said, ", ")
	if len(held) == 1 {
		return time.Time{}, detail + "; the other role stayed with the lead"
	}
	return at, detail
}

// questions are what stakeholders asked, and when somebody answered: in the thread, or with the next word in the channel.
func (e *evidence) questions() []Question {
	var all []Question
	for i, s := range e.said {
		if s.role != RoleStakeholder || !strings.Contains(s.text, "?") {
			continue
		}
		q := Question{Asked: s.at, Who: s.who, Where: s.channel, Text: shortened(s.text, 160)}
		for _, a := range e.said[i+1:] {
			inThread := a.thread != "" && (a.thread == s.ts || a.thread == s.thread)
			if a.responder() && a.channel == s.channel && (inThread || a.thread == "") {
				q.Answered = a.at
				break
			}
		}
		all = append(all, q)
	}
	return all
}

// silence is the longest time between two words to stakeholders, from the declaration to the mitigation or, without one,
// the end of the incident.
func (e *evidence) silence(steps []DebriefStep) Span {
	at := map[string]time.Time{}
	for _, s := range steps {
		at[s.Name] = s.At
	}
	from, end := at[StepDeclared], earliest(at[StepMitigated], at[StepResolved])
	if from.IsZero() || end.IsZero() {
		return Span{}
	}
	var longest Span
	for _, told := range append(slices.Clone(e.told), end) {
		if told.After(end) {
			told = end
		}
		if s := (Span{from, told}); s.Long() > longest.Long() {
			longest = s
		}
		if told.After(from) {
			from = told
		}
	}
	return longest
}
