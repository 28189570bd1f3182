package incidents

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Absence is that somebody who has a role is not there: they left the incident's channel, or Slack.
type Absence struct {
	User string    `json:"user"` // Slack user id
	At   time.Time `json:"at"`   // when it was noticed, UTC
	Gone bool      `json:"gone,omitempty"`
}

// Silence is that nothing was heard of somebody who has a role for so long that others were asked to take it.
type Silence struct {
	Role  Role      `json:"role"`
	User  string    `json:"user"`
	Since time.Time `json:"since"` // when they last said or did anything, UTC
	At    time.Time `json:"at"`    // when others were asked, UTC
}

// Sign is what was last seen of somebody who has a role.
type Sign struct {
	User string
	At   time.Time // when they last said or did anything in the incident, UTC
	Gone bool      // they are in Slack no more
}

// Came says that a person is in the incident's channel again.
type Came struct {
	plain
	User string // Slack user id
}

// Absent returns since when somebody who has a role is not there.
func (i Incident) Absent(user string) (Absence, bool) {
	n := slices.IndexFunc(i.Absences, func(a Absence) bool { return a.User == user })
	if n < 0 {
		return Absence{}, false
	}
	return i.Absences[n], true
}

// Deserted reports whether nobody who has a role is there, and it was given to somebody: it has to be given anew.
func (i Incident) Deserted(r Role) bool {
	if _, vacated := i.Vacated(r); vacated {
		return true
	}
	there := func(user string) bool { _, absent := i.Absent(user); return !absent }
	return i.Status.Open() && len(i.Holders[r]) > 0 && !slices.ContainsFunc(i.Holders[r], there)
}

// Watched lists those of whom something should be heard because they have the role; nobody once users are well.
func (i Incident) Watched(r Role) []string {
	rule, known := i.Protocol.Role(r)
	if !known || rule.Quiet == 0 || i.Channel.ID == "" || !i.Status.Open() || i.Status == Monitoring {
		return nil
	}
	return i.Holders[r]
}

// LastDid is when a person last did something in the incident, as far as the bot was told; zero for never.
func (s Snapshot) LastDid(user string) (at time.Time) {
	did := func(who string, when time.Time) {
		if who == user && who != "" {
			at = later(at, when)
		}
	}
	did(s.DeclaredBy, s.DeclaredAt)
	for _, h := range s.Handovers {
		did(h.To, later(h.At, h.AnsweredAt)) // nobody is silent in a role before they have it
		did(h.By, h.At)
	}
	for _, m := range s.Marks {
		did(m.By, m.At)
	}
	for _, w := range s.Written {
		did(w.By, w.At)
	}
	for _, e := range s.Entries {
		did(e.Last.By, e.Last.At)
	}
	return at
}

// watch has somebody look, in due time, whether anything was heard of who has a role. It is called once the rest is decided.
func (d *decision) watch() {
	for _, rule := range d.Incident.Protocol.RoleRules() {
		if now := d.Incident.Watched(rule.Role); len(now) > 0 && !slices.Equal(now, d.before.Watched(rule.Role)) {
			d.watchAgain(rule, d.now.Add(rule.Quiet))
		}
	}
}

func (d *decision) watchAgain(rule RoleRule, at time.Time) {
	w := d.Incident.wish(KindQuiet, string(rule.Role))
	w.Lane, w.At = d.Incident.lane("quiet"), at // it is due much later, and must not hold anything up
	d.Wishes = append(d.Wishes, w)
}

// signs takes what was last seen of those who have roles. Others are asked once to take the role of somebody silent, until
// something is heard of them again.
func (d *decision) signs(done Delivery, o Outcome) {
	rule, _ := d.Incident.Protocol.Role(Role(done.Subject))
	watched := d.Incident.Watched(rule.Role)
	if len(watched) == 0 {
		return
	}
	next := d.now.Add(rule.Quiet)
	for _, s := range o.Signs {
		silent := !d.now.Before(s.At.Add(rule.Quiet))
		_, absent := d.Incident.Absent(s.User)
		switch {
		case s.Gone:
			d.missing(Absence{User: s.User, At: d.now, Gone: true})
		case !slices.Contains(watched, s.User) || absent:
		case !silent && s.At.Add(rule.Quiet).Before(next):
			next = s.At.Add(rule.Quiet)
		case silent && !d.Incident.askedAbout(rule.Role, s):
			d.Incident.Silences = append(slices.Clone(d.Incident.Silences), Silence{Role: rule.Role, User: s.User, Since: s.At, At: d.now})
			d.askToTake(s, o.Heard)
		}
	}
	d.watchAgain(rule, next)
}

// askedAbout reports whether others were asked already, and nothing was heard since.
func (i Incident) askedAbout(r Role, s Sign) bool {
	return slices.ContainsFunc(i.Silences, func(o Silence) bool { return o.Role == r && o.User == s.User && !s.At.After(o.At) })
}

// askToTake asks everybody else who has a role, each in private. Where there is nobody else it asks the channel, but only if
// somebody has spoken there meanwhile, at heard: an incident that is silent altogether is another matter.
func (d *decision) askToTake(s Sign, heard time.Time) {
	n := strconv.Itoa(len(d.Incident.Silences))
	var asked []string
	for _, rule := range d.Incident.Protocol.RoleRules() {
		for _, who := range d.Incident.Holders[rule.Role] {
			_, absent := d.Incident.Absent(who)
			_, outside := OutsiderName(who)
			if who != s.User && !absent && !outside && !slices.Contains(asked, who) {
				asked = append(asked, who)
				d.want(KindTakeOver, n+"/"+who)
			}
		}
	}
	if len(asked) == 0 && heard.After(s.At) {
		d.want(KindTakeOver, n+"/")
	}
}

// TakeOver returns the silence that a KindTakeOver asks about and whom it asks, empty for everybody; false when there is
// nothing to ask any more.
func (i Incident) TakeOver(d Delivery) (s Silence, who string, ok bool) {
	number, who, _ := strings.Cut(d.Subject, "/")
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > len(i.Silences) {
		return Silence{}, "", false
	}
	s = i.Silences[n-1]
	return s, who, slices.Contains(i.Watched(s.Role), s.User)
}

// left notes that somebody is not there who has a role, and has somebody told.
func (d *decision) left(c Left) {
	if !d.before.Status.Open() || len(d.before.RolesOf(c.User)) == 0 {
		d.Result.Unchanged = true
		return
	}
	d.missing(Absence{User: c.User, At: d.now})
}

func (d *decision) missing(a Absence) {
	if known, absent := d.Incident.Absent(a.User); absent && (known.Gone || !a.Gone) {
		if !a.Gone {
			d.want(KindVacant, a.User)
		}
		return
	}
	d.Incident.Absences = append(slices.DeleteFunc(slices.Clone(d.Incident.Absences), func(o Absence) bool { return o.User == a.User }), a)
	d.want(KindVacant, a.User)
	d.show(true, false)
}

// there notes that somebody is there after all.
func (d *decision) there(user string) {
	if _, absent := d.before.Absent(user); !absent {
		return
	}
	d.Incident.Absences = slices.DeleteFunc(slices.Clone(d.Incident.Absences), func(a Absence) bool { return a.User == user })
	d.show(true, false)
}
