package incidents

import (
	"errors"
	"strings"
	"time"
)

// move decides the commands that change where the incident stands.
func (d *decision) move(cmd Command) error {
	switch c := cmd.(type) {
	case SetStatus:
		return d.setStatus(c)
	case SetSeverity:
		return d.setSeverity(c)
	case Resolve:
		return d.resolve(c)
	case CallOff:
		return d.callOff(c)
	case Reopen:
		return d.reopen()
	default:
		return d.closeUp()
	}
}

// usual is what the timeline says when nobody says it better.
var usual = map[Status]Sentence{
	Investigating: SaidInvestigating, Identified: SaidIdentified, Monitoring: SaidMitigated,
}

func (d *decision) setStatus(c SetStatus) error {
	sentence, ok := usual[c.Status]
	if !ok {
		return Refuse(Invalid, "%q is not a status that can be set.", c.Status).
			Next("Write `status investigating`, `status identified` or `status monitoring`; `resolve` and `calloff` end the incident.").In("status")
	}
	late := c.Status == Monitoring && d.before.Status == Resolved && d.before.WellAt.IsZero()
	if !d.before.Status.Open() && !d.before.Backfill && !late {
		return d.over()
	}
	if late && c.At.IsZero() {
		c.At = d.before.ResolvedAt
	}
	at, err := d.moment(c.At, c.Confirmed)
	if err != nil {
		return err
	}
	said := strings.TrimSpace(c.Sentence)
	if blank(said) {
		said = ""
	}
	twin := d.saidAgain(c, said)
	if d.before.Status == c.Status && said == "" || twin != 0 {
		d.Result.Unchanged, d.Result.Entry = true, twin
		return nil
	}
	if !d.Incident.Backfill && !late {
		d.Incident.Status, d.Incident.WellAt = c.Status, time.Time{}
	}
	d.Result.Late = late
	event := EventStatus
	if c.Status == Monitoring {
		event, d.Incident.WellAt = EventMitigated, at
	}
	d.Incident.askAgain()
	switch {
	case said != "":
		d.enter(Entry{At: at, Text: said, Format: Markdown, Author: d.by.User, Event: event}, DeedLogged)
	default:
		d.say(event, at, d.sentence(sentence))
	}
	d.show(true, true)
	return nil
}

// sameWords reports whether two texts say the same but for capitals and white space.
func sameWords(a, b string) bool {
	return strings.EqualFold(strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " "))
}

// saidAgain is the entry that says the same about the status already, since just before: two people wrote it at once; 0 for none.
func (d *decision) saidAgain(c SetStatus, said string) int {
	event := EventStatus
	if c.Status == Monitoring {
		event = EventMitigated
	}
	for _, e := range d.before.Timeline {
		if said != "" && d.before.Status == c.Status && e.Event == event && e.Shown() && d.now.Sub(e.Last.At) < sameAgain &&
			(c.At.IsZero() || c.At.Equal(e.At)) && sameWords(e.Text, said) {
			return e.Number
		}
	}
	return 0
}

// moment is the time that a change of status happened: now unless said, and not ahead unless confirmed.
func (d *decision) moment(at time.Time, confirmed bool) (time.Time, error) {
	if at.IsZero() {
		return d.now, nil
	}
	if !confirmed && at.After(d.now.Add(Ahead)) {
		return time.Time{}, StillAhead().In("time")
	}
	return at.UTC(), nil
}

// over refuses what only makes sense while an incident is open.
func (d *decision) over() error {
	return Refuse(TooLate, "Incident #%d is already %s.", d.before.Number, d.before.Status).
		Next("`reopen` takes it up again.")
}

// known refuses a severity that the protocol does not have.
func (p *Protocol) known(s Severity) error {
	if _, ok := p.Severity(s); ok {
		return nil
	}
	var words []string
	for _, rule := range p.SeverityRules() {
		word := "`severity " + rule.Word + "`"
		if rule.Means != "" {
			word += " (" + rule.Means + ")"
		}
		words = append(words, word)
	}
	return Refuse(Invalid, "%q is not a severity.", string(s)).Next("Write %s.", strings.Join(words, ", ")).In("severity")
}

func (d *decision) setSeverity(c SetSeverity) error {
	if err := d.before.Protocol.known(c.Severity); err != nil {
		return err
	}
	before, reason := d.before.Severity, strings.TrimSpace(c.Reason)
	if blank(reason) {
		reason = ""
	}
	switch {
	case d.before.Backfill && reason != "":
		return Refuse(Invalid, "When something happened in a past incident is not known, so nothing was changed yet.").
			Next("Write `severity` and the word alone, and the rest with `log` and its time.").In("severity")
	case before == c.Severity && reason == "":
		d.Result.Unchanged = true
		return nil
	case before == c.Severity:
		d.enter(Entry{At: d.now, Text: reason, Format: Markdown, Author: d.by.User}, DeedLogged)
		d.show(false, true)
		return nil
	}
	d.Incident.Severity = c.Severity
	said := SaidSeveritySet
	if before != "" {
		said = SaidLowered
		if d.Incident.worse(c.Severity, before) {
			said = SaidRaised
		}
	}
	text := d.sentence(said, "{severity}", string(c.Severity))
	switch {
	case reason == "":
		d.say(EventSeverity, d.now, text)
	default:
		if text != "" {
			reason = strings.TrimRight(text, ".") + ": " + reason
		}
		d.enter(Entry{At: d.now, Text: reason, Format: Markdown, Author: d.by.User, Event: EventSeverity}, DeedLogged)
	}
	d.show(true, true)
	return nil
}

func (d *decision) resolve(c Resolve) error {
	if !d.before.Status.Open() && !d.before.Backfill {
		return d.over()
	}
	at, err := d.moment(c.At, c.Confirmed)
	if err != nil {
		return err
	}
	d.Incident.Status, d.Incident.ResolvedAt = Resolved, at
	d.say(EventResolved, at, d.sentence(SaidResolved))
	// A private incident's post is made only when asked for, a past one's when its facts are told, a drill's never.
	if d.Incident.announced() && !d.Incident.Backfill && !d.before.Without[GitHub] {
		d.Incident.PostWanted = d.Incident.PostWanted || !d.before.PostOnDemand
		d.Result.Post = d.Incident.PostWanted
		d.review()
	}
	if !d.Incident.Backfill && (d.Incident.Drill || !d.before.Without[GitHub]) {
		d.Incident.Listed = true // what is missing is quickest written while it is fresh
	}
	// Where there is no channel yet, these come when there is; see opened.
	if d.Incident.Channel.ID != "" && d.Incident.Protocol != nil && !d.Incident.Backfill {
		d.want(KindLookBack, "")
	}
	d.show(true, true)
	return nil
}

func (d *decision) callOff(c CallOff) error {
	if !d.before.Status.Open() {
		return d.over()
	}
	d.Incident.Status = CalledOff
	said, reason := SaidCalledOff, strings.TrimSpace(c.Reason)
	if !blank(reason) {
		said = SaidCalledOffFor
	}
	d.say(EventCalledOff, d.now, d.sentence(said, "{reason}", reason))
	if d.Incident.Post.Number > 0 && d.Incident.Post.State == PullOpen {
		d.want(KindPost, "") // it is withdrawn
	}
	d.show(true, true)
	return nil
}

func (d *decision) reopen() error {
	if d.before.Status.Open() {
		d.Result.Unchanged = true
		return nil
	}
	if post := &d.Incident.Post; d.before.Status == CalledOff && post.State == PullLeft && d.Incident.PostWanted {
		post.State = PullReopening // it was closed because the incident was called off
		d.want(KindPost, "")
	}
	d.Incident.Status, d.Incident.ResolvedAt, d.Incident.WellAt = Investigating, time.Time{}, time.Time{}
	d.Incident.Update.Status = Investigating
	d.Incident.askAgain()
	if d.Incident.Backfill {
		d.Incident.Status = Resolved
	}
	d.say(EventReopened, d.now, d.sentence(SaidReopened))
	d.show(true, true)
	return nil
}

func (d *decision) closeUp() error {
	if d.before.Status.Open() {
		return Refuse(TooLate, "Incident #%d is still %s.", d.before.Number, d.before.Status).
			Next("`resolve` it first, or `calloff` if it was none.")
	}
	d.Incident.Status = Closed
	d.lookAtCards()
	d.show(true, false)
	return nil
}

var errDigits = errors.New("not a number")

// parseDigits reads at most most decimal digits and nothing else.
func parseDigits(s string, most int) (int64, error) {
	if s == "" || len(s) > most {
		return 0, errDigits
	}
	var n int64
	for _, r := range s {
		if r < '0' || r > '9' {
			return 0, errDigits
		}
		n = n*10 + int64(r-'0')
	}
	return n, nil
}
