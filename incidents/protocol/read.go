package protocol

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"watchbell/incidents"
)

var (
	wordForm   = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)
	holderForm = regexp.MustCompile(`^[UWS][A-Z0-9]{2,20}$`)
)

// protocol reads the whole file.
func (f *file) protocol(root *yaml.Node) *incidents.Protocol {
	p := &incidents.Protocol{}
	m, ok := f.mapping(root, "the protocol", "roles", "severities", "steps", "reminders", "talk", "texts", "sentences")
	if !ok {
		return p
	}
	for _, n := range m.list("roles") {
		if rule, ok := f.role(n, p); ok {
			p.Roles = append(p.Roles, rule)
		}
	}
	if _, has := p.Role(incidents.Lead); len(p.Roles) > 0 && !has {
		f.say(m.at("roles"), "nobody is the lead; one role is `role: lead`, who holds all that is not given away")
	}
	for _, n := range m.list("severities") {
		if rule, ok := f.severity(n, p); ok {
			p.Severities = append(p.Severities, rule)
		}
	}
	for _, n := range m.list("steps") {
		if rule, ok := f.step(n, p); ok {
			p.Steps = append(p.Steps, rule)
		}
	}
	p.Reminders = incidents.ReminderRule{Every: 10 * time.Minute}
	if n := m.values["reminders"]; n != nil {
		p.Reminders = f.reminders(n)
	}
	p.Talk = f.talk(m.values["talk"])
	p.Texts = maps.Clone(usualTexts())
	maps.Copy(p.Texts, f.texts(m))
	p.Sentences = f.sentences(m)
	return p
}

func (f *file) role(n *yaml.Node, p *incidents.Protocol) (incidents.RoleRule, bool) {
	m, ok := f.mapping(n, "a role", "role", "title", "duties", "holders", "several", "quiet")
	if !ok {
		return incidents.RoleRule{}, false
	}
	name := m.needed("role", "a role")
	rule := incidents.RoleRule{Role: incidents.Role(name), Title: m.text("title"), Duties: m.texts("duties"), Holders: m.texts("holders")}
	if rule.Title == "" {
		rule.Title = rule.Role.Title()
	}
	if name == "" {
		return rule, false
	}
	if !wordForm.MatchString(name) {
		f.say(m.at("role"), "%q cannot be typed as a role; write one word in lower case", name)
		return rule, false
	}
	if slices.ContainsFunc(p.Roles, func(r incidents.RoleRule) bool { return r.Role == rule.Role }) {
		f.say(m.at("role"), "the role %q is there twice", name)
		return rule, false
	}
	if rule.Several = m.yes("several"); rule.Several && rule.Role == incidents.Lead {
		f.say(m.at("several"), "one person at a time leads; take `several` out")
	}
	rule.Quiet = f.span(m, "quiet", leastSilence, 24*time.Hour)
	for i, id := range rule.Holders {
		if !holderForm.MatchString(id) {
			f.say(m.list("holders")[i], "%q is not the id of a person (U…) or a user group (S…) in Slack", id)
		}
	}
	return rule, true
}

func (f *file) severity(n *yaml.Node, p *incidents.Protocol) (incidents.SeverityRule, bool) {
	m, ok := f.mapping(n, "a severity", "severity", "word", "means", "update_every", "reminders", "silence")
	if !ok {
		return incidents.SeverityRule{}, false
	}
	name := m.needed("severity", "a severity")
	rule := incidents.SeverityRule{
		Severity: incidents.Severity(strings.ToLower(name)), Word: m.text("word"), Means: m.text("means"),
		UpdateEvery: f.span(m, "update_every", time.Minute, 7*24*time.Hour), Reminders: max(m.number("reminders", 100), 0),
		Silence: f.span(m, "silence", leastSilence, 7*24*time.Hour),
	}
	if name == "" {
		return rule, false
	}
	if len(name) > 60 {
		f.say(m.at("severity"), "the severity has %d characters; say it in 60 at most", len(name))
	}
	if rule.Word == "" {
		rule.Word = strings.ToLower(strings.Fields(name)[0])
	}
	if !wordForm.MatchString(rule.Word) {
		f.say(m.at("word"), "%q cannot be typed; write one word in lower case as `word`", rule.Word)
	}
	for _, other := range p.Severities {
		if other.Severity == rule.Severity || other.Word == rule.Word {
			f.say(n, "%q and %q cannot be told apart; each needs its own severity and word", rule.Severity, other.Severity)
			return rule, false
		}
	}
	return rule, true
}

func (f *file) step(n *yaml.Node, p *incidents.Protocol) (incidents.StepRule, bool) {
	m, ok := f.mapping(n, "a step", "id", "say", "why", "role", "phases", "gate", "from", "due", "rhythm", "nudge", "do", "done")
	if !ok {
		return incidents.StepRule{}, false
	}
	rule := incidents.StepRule{
		ID: m.needed("id", "a step"), Say: m.needed("say", "a step"), Why: m.text("why"), Role: incidents.Role(m.needed("role", "a step")),
		Verb: m.text("do"), Due: f.due(m), Done: f.condition(m, p),
	}
	if rule.ID != "" && !wordForm.MatchString(rule.ID) {
		f.say(m.at("id"), "%q cannot name a step; write one word in lower case, with dashes", rule.ID)
	}
	if len(rule.Say) > 200 {
		f.say(m.at("say"), "it has %d characters; say it in 200 at most", len(rule.Say))
	}
	if slices.ContainsFunc(p.Steps, func(s incidents.StepRule) bool { return s.ID == rule.ID && s.ID != "" }) {
		f.say(m.at("id"), "the step %q is there twice", rule.ID)
	}
	if _, known := p.Role(rule.Role); rule.Role != "" && !known {
		f.say(m.at("role"), "%q is not a role of this protocol; it has %s", rule.Role, roleNames(p))
	}
	if verb, _, _ := strings.Cut(rule.Verb, " "); verb != "" && len(f.verbs) > 0 && !contains(f.verbs, verb) {
		f.say(m.at("do"), "there is no verb %q; there are %s", verb, listed(f.verbs))
	}
	rule.Phases = f.phases(m)
	f.reachable(m, rule)
	if gate := incidents.Status(m.text("gate")); gate != "" {
		if gate != incidents.Resolved && gate != incidents.Closed {
			f.say(m.at("gate"), "%q is no gate; write resolved or closed, for what should be done by then", string(gate))
		}
		rule.Gate = gate
	}
	if from := m.text("from"); from != "" {
		severity, known := severityOf(p, from)
		if !known {
			f.say(m.at("from"), "%q is not a severity of this protocol; it has %s", from, severityNames(p))
		}
		rule.From = severity
	}
	rule.Rhythm, rule.Nudge = m.yes("rhythm"), m.yes("nudge")
	f.nudge(m, &rule)
	if rule.Rhythm && !slices.ContainsFunc(p.SeverityRules(), func(s incidents.SeverityRule) bool { return s.UpdateEvery > 0 }) {
		f.say(m.at("rhythm"), "no severity has an update_every, so there is no rhythm to come back in")
	}
	return rule, true
}

// reachable looks whether what a step waits for is still to come when it is asked for.
func (f *file) reachable(m mapping, rule incidents.StepRule) {
	of := rule.Done.Of
	if rule.Done.What == incidents.WhenClosed {
		of = string(incidents.Closed)
	} else if rule.Done.What != incidents.WhenStatus {
		return
	}
	at := slices.Index(phases, of)
	if at < 0 || len(rule.Phases) == 0 || slices.ContainsFunc(rule.Phases, func(s incidents.Status) bool { return slices.Index(phases, string(s)) < at }) {
		return
	}
	f.say(m.at("done"), "nobody would ever be asked: it is %s already, or later, in each of its phases; name one that is before", of)
}

// leastSilence is the shortest silence that anybody is asked about.
const leastSilence = 5 * time.Minute

// nudge looks at a step that nobody sees before it is due.
func (f *file) nudge(m mapping, rule *incidents.StepRule) {
	if rule.Nudge && rule.Due.Since == "" {
		f.say(m.at("nudge"), "nobody would ever see it: a nudge needs a `due`, such as 2 working days after post")
	}
	if !rule.Questions() {
		return
	}
	rule.Nudge = true
	if rule.Due.After < leastSilence {
		f.say(m.at("due"), "that is no silence yet; write at least %s after silence", short(leastSilence))
	}
	for _, key := range []string{"rhythm", "gate", "do", "done"} {
		if m.text(key) != "" {
			f.say(m.at(key), "what is asked `after silence` is answered by its own buttons; take %q out", key)
		}
	}
	if len(rule.Phases) == 0 || slices.ContainsFunc(rule.Phases, func(s incidents.Status) bool { return !s.Open() }) {
		f.say(m.at("phases"), "silence is asked about while the incident is open; write phases: [declared, investigating, identified, monitoring], or some of them")
	}
}

func roleNames(p *incidents.Protocol) string {
	var all []string
	for _, r := range p.RoleRules() {
		all = append(all, string(r.Role))
	}
	return listed(all)
}

func severityNames(p *incidents.Protocol) string {
	var all []string
	for _, s := range p.SeverityRules() {
		all = append(all, s.Word)
	}
	return listed(all)
}

// severityOf finds a severity by its name or its word.
func severityOf(p *incidents.Protocol, name string) (incidents.Severity, bool) {
	for _, s := range p.SeverityRules() {
		if strings.EqualFold(name, string(s.Severity)) || name == s.Word {
			return s.Severity, true
		}
	}
	return "", false
}

// phases are the statuses in which a step can be asked for.
var phases = []string{
	string(incidents.Declared), string(incidents.Investigating), string(incidents.Identified), string(incidents.Monitoring),
	string(incidents.Resolved), string(incidents.Closed),
}

func (f *file) phases(m mapping) (all []incidents.Status) {
	for i, word := range m.texts("phases") {
		if !contains(phases, word) {
			f.say(m.list("phases")[i], "%q is not a phase; the phases are %s", word, listed(phases))
			continue
		}
		all = append(all, incidents.Status(word))
	}
	return all
}

func (f *file) condition(m mapping, p *incidents.Protocol) incidents.Condition {
	words := strings.Fields(m.text("done"))
	if len(words) == 0 {
		return incidents.Condition{}
	}
	c := incidents.Condition{What: words[0], Of: strings.Join(words[1:], " ")}
	of, known := incidents.Conditions[c.What]
	if !known {
		var all []string
		for what, of := range incidents.Conditions {
			all = append(all, strings.TrimSpace(what+" "+strings.ToUpper(of)))
		}
		slices.Sort(all)
		f.say(m.at("done"), "the bot cannot tell %q; it can tell %s. Without `done`, somebody says so", c.What, listed(all))
		return c
	}
	ok := true
	switch of {
	case "":
		ok = c.Of == ""
	case "role":
		_, ok = p.Role(incidents.Role(c.Of))
		of += ", which is one of " + roleNames(p)
	case "status":
		ok = contains(phases, c.Of)
		of += ", which is one of " + listed(phases)
	case "section":
		ok = slices.Contains(incidents.Sections, incidents.Section(c.Of))
		var names []string
		for _, s := range incidents.Sections {
			names = append(names, string(s))
		}
		of += ", which is one of " + listed(names)
	}
	switch {
	case !ok && of == "":
		f.say(m.at("done"), "`done: %s` takes nothing else, and %q is left over", c.What, c.Of)
	case !ok:
		f.say(m.at("done"), "`done: %s` needs a %s; it has %q", c.What, of, c.Of)
	}
	return c
}
