package chat

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"watchbell/incidents"
)

// hint says what to do instead of a word that people of the trade use and that is no verb here.
type hint struct {
	says string // a sentence
	text string // what to say instead, with one press; empty when more is needed
}

var (
	hintResolve = hint{"`resolve` says that it is over, `mitigated` that users are well again.", "resolve"}
	hintLead    = hint{"`lead me` takes command and shows everybody that you are on it.", "lead me"}
	hintPage    = hint{"I page nobody. `role ops @name` invites someone into the channel, and so does a mention there.", ""}
	hintComms   = hint{"`role communications @name` says who keeps users informed.", "role communications me"}
	hintPost    = hint{"`postmortem` opens the pull request or brings it up to date.", "postmortem"}
	hintCallOff = hint{"`calloff` ends it because it was none.", "calloff"}
	hintShow    = hint{"`show` shows where it stands and who does what.", "show"}
	hintAction  = hint{"`action` adds an action item: `action rotate the keys @ana by friday`.", ""}
)

// trade are words of the trade that are no verbs here.
var trade = map[string]hint{
	"stop": hintResolve, "end": hintResolve, "fixed": hintResolve, "fix": hintResolve, "finish": hintResolve,
	"finished": hintResolve, "over": hintResolve, "complete": hintResolve, "completed": hintResolve, "done": hintResolve,
	"ack": hintLead, "acknowledge": hintLead, "acknowledged": hintLead, "claim": hintLead, "take": hintLead, "im": hintLead, "ic": hintLead,
	"commander": hintLead, "manager": hintLead, "mine": hintLead,
	"page": hintPage, "pager": hintPage, "call": hintPage, "oncall": hintPage, "on-call": hintPage, "escalate": hintPage, "invite": hintPage, "notify": hintPage,
	"comms": hintComms, "communications": hintComms, "communicate": hintComms, "communication": hintComms,
	"post": hintPost, "pr": hintPost, "publish": hintPost, "report": hintPost, "pull": hintPost, "retro": hintPost, "review": hintPost,
	"abort": hintCallOff, "false": hintCallOff, "falsealarm": hintCallOff, "false-alarm": hintCallOff, "nothing": hintCallOff,
	"who": hintShow, "info": hintShow, "summary": hintShow, "where": hintShow, "details": hintShow,
	"assign": hintAction, "card": hintAction, "ticket": hintAction,
	"ops":           {"`role ops @name` says who works on the system.", "role ops me"},
	"investigating": {"`status investigating` says so.", "status investigating"},
	"identified":    {"`status identified` says so, with what it is.", "status identified"},
	"monitoring":    {"`status monitoring` says so.", "status monitoring"},
	"sev1":          {"`severity downtime` says that every visit ends in an error.", "severity downtime"},
	"sev2":          {"`severity severe` says that nearly everybody is affected.", "severity severe"},
	"sev3":          {"`severity degradation` says that few are affected.", "severity degradation"},
}

// meant refuses a word that is no verb here and says what is meant by it, with a button where one press does it.
func (t *turn) meant(word string, h hint) error {
	refused := incidents.Refuse(incidents.Invalid, "I do not know the verb “%s”. %s", inline(Shorten(decoded(word), 40)), h.says).
		Next("`%s help` lists them all.", t.o.Command)
	if h.text == "" {
		return refused
	}
	return &question{Refusal: refused, choices: []choice{{
		label: t.o.Command + " " + h.text, again: again{Event: t.event, Text: h.text},
	}}}
}

var inBackticks = regexp.MustCompile("`([a-z]+)((?: [^`]*)?)`")

// spelled writes the verbs in a sentence as they are typed here, with the command in front.
func (d *Desk) spelled(sentence string) string {
	return inBackticks.ReplaceAllStringFunc(sentence, func(quoted string) string {
		m := inBackticks.FindStringSubmatch(quoted)
		known := slices.ContainsFunc(d.verbs, func(v verb) bool { return v.name == m[1] })
		if !known || m[2] == "" && m[1] == string(incidents.SectionLead) { // a section as well as a verb
			return quoted
		}
		return "`" + d.o.Command + " " + m[1] + m[2] + "`"
	})
}

// sectionName splits off the name of a section: its word, or the heading that the post gives it, with a colon or
// without. What is no section is the first word.
func sectionName(s string) (word, rest string) {
	s = strings.TrimLeftFunc(s, unicode.IsSpace)
	for _, section := range incidents.Sections {
		for _, name := range []string{strings.ReplaceAll(string(section), "_", " "), strings.ToLower(strings.TrimSuffix(sectionTitles[section][0], "?"))} {
			if !strings.Contains(name, " ") || len(s) < len(name) || !strings.EqualFold(s[:len(name)], name) {
				continue
			}
			rest = strings.TrimLeft(s[len(name):], "?")
			if behind := strings.TrimLeft(rest, " "); behind == "" || strings.ContainsRune(":\n", rune(behind[0])) || strings.HasPrefix(rest, " ") && name != "lessons learned" {
				return string(section), strings.TrimLeftFunc(strings.TrimPrefix(behind, ":"), unicode.IsSpace)
			}
		}
	}
	word, rest = firstWord(s)
	return strings.TrimRight(word, ":"), rest
}

// twinAge is how long an incident is pointed at when one of nearly the same title is declared.
const twinAge = 10 * time.Minute

// twin finds an open incident of nearly the same title that was declared just before; nil for none. It is only a hint, so
// a database that does not answer it hinders nobody. With before, only incidents with lower numbers count.
func (t *turn) twin(cmd incidents.Declare, before int) *incidents.Incident {
	if cmd.Private || cmd.Title == "" {
		return nil
	}
	if may, err := t.mayBeTwin(t.ctx, cmd.Title); !may || err != nil {
		return nil
	}
	found, err := t.service.FindFor(t.ctx, t.user, incidents.Query{Open: true, Real: true, Limit: 10})
	if err != nil {
		return nil
	}
	for _, in := range found {
		if age := t.o.Now().Sub(in.DeclaredAt); (before == 0 || in.Number < before) && age < twinAge && nearTitles(in.Title, cmd.Title) {
			return &in
		}
	}
	return nil
}

// isItThat adds that there is another incident of the same name. Declaring is never held up: what was one too many is called
// off with a press.
func (t *turn) isItThat(m *Message, r incidents.Result, twin *incidents.Incident) *Message {
	if twin == nil || twin.Number == r.Incident { // the same wish, coming again
		return m
	}
	ago := "just before"
	if age := t.o.Now().Sub(twin.DeclaredAt); age >= time.Minute {
		ago = lasted(age) + " ago"
	}
	return say(m.Text+fmt.Sprintf(" Is it the same as #%d, *%s*, declared %s?", twin.Number, inline(twin.Title), ago),
		Button{Label: fmt.Sprintf("Yes: call off #%d", r.Incident), Action: fmt.Sprintf("calloff:it is the same as #%d", twin.Number), Value: strconv.Itoa(r.Incident)},
		Button{Label: fmt.Sprintf("Go to #%d", twin.Number), Action: "join", Value: strconv.Itoa(twin.Number)})
}

// fillers are words that make no difference between two titles.
var fillers = []string{"is", "are", "was", "the", "a", "an", "our", "of", "on", "in", "for", "to", "has", "have", "been", "again"}

// nearTitles says whether two titles say the same but for small words, order and a slip of the finger. Numbers count.
func nearTitles(a, b string) bool { return nearWords(titleWords(a), titleWords(b)) }

func nearWords(s, t []string) bool {
	if len(s) == 0 || len(s) != len(t) {
		return false
	}
	for i := range s {
		const long = 5 // letters of a word in which one may be wrong
		if s[i] != t[i] && (len(s[i]) < long || strings.ContainsAny(s[i], "0123456789") || strings.ContainsAny(t[i], "0123456789") || distance(s[i], t[i]) > 1) {
			return false
		}
	}
	return true
}

func titleWords(title string) []string {
	words := strings.FieldsFunc(strings.ToLower(title), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
	words = slices.DeleteFunc(words, func(w string) bool { return slices.Contains(fillers, w) })
	slices.Sort(words)
	return words
}
