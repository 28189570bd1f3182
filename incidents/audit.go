package incidents

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Trace says who did what and when. Most of it is read from what is there already: the versions of entries, who held which
// role, the steps of the protocol, reasons for captures. What leaves no such trace is written down by itself.
type Trace struct {
	At       time.Time `json:"at"` // UTC
	Incident int       `json:"incident,omitempty"`
	// By is a Slack user id, or what Outsider made of a name; empty for the bot.
	By string `json:"by,omitempty"`
	// Did is what was done: a Deed, an event, or the name of a command. About says to what. Neither holds what people wrote.
	Did   string `json:"did"`
	About string `json:"about,omitempty"`
}

// Forgotten stands where a text was that is forgotten by now.
const Forgotten = "(forgotten)"

// trace returns what has to be written down of a command, because nothing else that it changes says who did it.
func (d *decision) trace(cmd Command) *Trace {
	in, was := d.Incident, d.before.Incident
	if d.Result.Unchanged || d.by.User == "" || len(d.Entries) > 0 || len(d.Captures) > 0 ||
		len(in.Handovers) != len(was.Handovers) || len(in.Marks) != len(was.Marks) {
		return nil
	}
	if _, asked := cmd.(OfferMitigated); asked {
		return nil
	}
	t := &Trace{At: d.now, Incident: in.Number, By: d.by.User, Did: strings.TrimPrefix(fmt.Sprintf("%T", cmd), "incidents.")}
	switch c := cmd.(type) {
	case AddAction:
		t.About = fmt.Sprintf("action item %d", d.Result.Action)
	case GiveAction, CardAction:
		t.About = fmt.Sprintf("action item %d", d.Result.Action)
	case Draft:
		t.About = "section " + string(c.Section)
	}
	return t
}

// Traces returns what is known of who did what in an incident, oldest first: from the incident, the versions of its
// entries, the reasons for its captures, and what was written down by itself.
func Traces(in Incident, versions []Entry, captured []Captured, kept []Trace) []Trace {
	all := slices.Clone(kept)
	add := func(at time.Time, by, did, about string, args ...any) {
		all = append(all, Trace{At: at.UTC(), Incident: in.Number, By: by, Did: did, About: fmt.Sprintf(about, args...)})
	}
	add(in.DeclaredAt, in.DeclaredBy, "declared", "%s", map[bool]string{true: "a past incident"}[in.Backfill])
	for _, e := range versions {
		about := fmt.Sprintf("entry %d, version %d", e.Number, e.Version)
		if e.Event != "" && e.Version == 1 {
			about += ": " + string(e.Event)
		}
		add(e.Last.At, e.Last.By, string(e.Last.Deed), "%s", about)
	}
	for _, c := range captured {
		for _, r := range c.Reasons {
			if r.At.IsZero() {
				continue
			}
			did := "captured by"
			if !r.Present {
				did = "took back"
			}
			add(r.At, r.By, did, "%s on message %s in %s", r.How, c.Source.TS, c.Source.Channel)
		}
	}
	for _, h := range in.Handovers {
		add(h.At, h.By, "gave role", "%s to %s", h.Role, h.To)
		if h.Answer != "" && !h.AnsweredAt.IsZero() {
			add(h.AnsweredAt, h.To, string(h.Answer), "role %s", h.Role)
		}
		if !h.Until.IsZero() {
			add(h.Until, h.EndedBy, "gave up role", "%s of %s", h.Role, h.To)
		}
	}
	for _, m := range in.Marks {
		if !m.At.IsZero() && m.Step != offered {
			add(m.At, m.By, string(m.State), "step %s", m.Step)
		}
	}
	slices.SortStableFunc(all, func(a, b Trace) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.About, b.About)) })
	return all
}
