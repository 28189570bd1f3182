package incidents

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Relation says how an incident belongs to another one. Both know of it.
type Relation struct {
	Number int          `json:"n"` // of the other one
	Kind   RelationKind `json:"kind"`
}

// RelationKind is the sort of a relation, as seen from the incident that has it.
type RelationKind string

// The kinds.
const (
	RelatedTo   RelationKind = "related"
	DuplicateOf RelationKind = "duplicate of"
	DuplicateBy RelationKind = "duplicated by"
)

// copyMark begins the TS of the Source of an entry that was copied from a duplicate: "copied:inc-42/7".
const copyMark = "copied:"

// Copied reports whether the entry was copied from another incident, its duplicate.
func (s Source) Copied() bool { return strings.HasPrefix(s.TS, copyMark) }

type (
	// Relate says that the incident has to do with another one; with Duplicate, that both are one: this one is called off,
	// and what people wrote into its timeline is copied into the other's.
	Relate struct {
		plain
		To        int
		Duplicate bool
	}
	// relatedBack is the other side of it.
	relatedBack struct {
		plain
		from      Incident
		duplicate bool
		entries   []Entry
	}
)

// relates reports whether the incident has a relation to another one already.
func (i Incident) relates(r Relation) bool { return slices.Contains(i.Relations, r) }

func (d *decision) relate(c Relate) error {
	kind := RelatedTo
	if c.Duplicate {
		kind = DuplicateOf
	}
	other := d.before.Other
	switch {
	case c.To == d.before.Number:
		return Refuse(Invalid, "An incident cannot be related to itself.").Next("Name the other one: `relate #41`.")
	case d.before.Rights.Refuse(d.by, ToSee, other) != nil:
		return noSuchIncident(c.To)
	case d.before.Private || other.Private:
		return Refuse(Invalid, "A private incident is linked from nowhere, so nothing was done.").Next("Say it in its own channel.")
	case d.before.Drill != other.Drill:
		return Refuse(Invalid, "A drill and an incident have nothing to do with each other.")
	case d.before.relates(Relation{c.To, kind}):
		d.Result.Unchanged = true
		return nil
	case c.Duplicate && other.relates(Relation{d.before.Number, DuplicateOf}):
		return Refuse(TooLate, "Incident #%d is a duplicate of this one already.", c.To)
	case c.Duplicate && other.Status == Closed:
		return Refuse(TooLate, "Incident #%d is closed.", c.To).Next("`relate #%d` links the two, and `reopen #%d` takes it up again.", c.To, c.To)
	}
	d.Incident.Relations = append(slices.Clone(d.before.Relations), Relation{c.To, kind})
	if c.Duplicate && d.before.Status.Open() {
		return d.callOff(CallOff{Reason: fmt.Sprintf("it is the same as #%d", c.To)})
	}
	d.show(true, false)
	return nil
}

func (d *decision) relatedBack(c relatedBack) {
	kind := RelatedTo
	if c.duplicate {
		kind = DuplicateBy
	}
	if r := (Relation{c.from.Number, kind}); !d.before.relates(r) {
		d.Incident.Relations = append(slices.Clone(d.before.Relations), r)
	}
	for _, e := range c.entries {
		if e.Event != "" { // what the bot said of the other one is not true of this one
			continue
		}
		d.enter(Entry{
			At: e.At, Until: e.Until, Text: e.Text, Format: e.Format, Author: e.Author, Internal: e.Internal,
			Source: Source{TS: fmt.Sprintf("%sinc-%d/%d", copyMark, c.from.Number, e.Number)},
		}, DeedLogged)
	}
	d.show(true, true)
}

// relateBack tells the other incident of a relation, in the same transaction.
func (s *Service) relateBack(tx Tx, r Request, c Relate, from Incident, now time.Time) (due time.Time, err error) {
	other, err := s.incident(tx, c.To)
	if err != nil {
		return due, err
	}
	back := relatedBack{from: from, duplicate: c.Duplicate}
	if c.Duplicate {
		if back.entries, err = tx.Entries(from.Number); err != nil {
			return due, err
		}
	}
	change, err := Decide(Before{Incident: other, Without: s.without, Sentences: s.sentences}, r.By, back, now)
	if err != nil {
		return due, err
	}
	due = s.lineUp(change.Wishes, now)
	return due, tx.Apply(change, now)
}
