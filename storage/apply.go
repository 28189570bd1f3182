package storage

import (
	"maps"
	"slices"
	"time"

	"watchbell/incidents"
)

// tx implements incidents.Tx.
type tx struct {
	reader
	writer *writer
	wrote  bool
}

// write runs a statement that changes something.
func (t *tx) write(st *statement, args ...any) (int64, error) {
	t.wrote = true
	return t.session.exec(st, args...)
}

var selectLast = &statement{text: `SELECT COALESCE(MAX(n), 0) FROM
	(SELECT MAX(number) AS n FROM incidents UNION ALL SELECT MAX(next_incident) - 1 FROM restores) AS numbers`}

// LastNumber implements incidents.Tx.
func (t *tx) LastNumber() (int, error) {
	w := t.writer
	if w.known && t.session.engine.soleWriter {
		return w.last, nil
	}
	last, err := t.session.lastNumber()
	if err == nil {
		w.last, w.known = last, true
	}
	return last, err
}

// lastNumber is the highest number that an incident has or may have had; 0 for none.
func (s *session) lastNumber() (int, error) {
	found, err := s.one(selectLast)
	if err != nil {
		return 0, err
	}
	return found.number(0), nil
}

var (
	upsertCapture = &statement{text: `INSERT INTO captures (incident, channel, ts, by_user, how, at, present) VALUES
		($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (incident, channel, ts, by_user, how) DO UPDATE SET at = excluded.at, present = excluded.present`}
	upsertHolder = &statement{text: `INSERT INTO holders (incident, role, place, user_id) VALUES ($1, $2, $3, $4)
		ON CONFLICT (incident, role, place) DO UPDATE SET user_id = excluded.user_id`}
	upsertSection = &statement{text: `INSERT INTO sections (incident, name, text) VALUES ($1, $2, $3)
		ON CONFLICT (incident, name) DO UPDATE SET text = excluded.text`}
	upsertAction = &statement{text: `INSERT INTO actions (incident, number, text, owner, due, link, wants_card, card_url, done_at, done_by, noted_at) VALUES
		($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (incident, number) DO UPDATE SET text = excluded.text, owner = excluded.owner, due = excluded.due,
		link = excluded.link, wants_card = excluded.wants_card, card_url = excluded.card_url,
		done_at = excluded.done_at, done_by = excluded.done_by, noted_at = excluded.noted_at`}
	deleteHolder  = &statement{text: `DELETE FROM holders WHERE incident = $1 AND role = $2 AND place = $3`}
	deleteSection = &statement{text: `DELETE FROM sections WHERE incident = $1 AND name = $2`}
	deleteAction  = &statement{text: `DELETE FROM actions WHERE incident = $1 AND number = $2`}
)

// Apply implements incidents.Tx.
func (t *tx) Apply(c incidents.Change, now time.Time) error {
	more, sure := newInTimeline(c)
	before, err := t.applyHead(c.Incident, more)
	if err != nil {
		return err
	}
	if err := t.applyParts(before, c.Incident); err != nil {
		return err
	}
	if err := t.index(before, c); err != nil {
		return err
	}
	number := c.Incident.Number
	if err := t.applyEntries(number, c.Entries); err != nil {
		return err
	}
	if !sure {
		if _, err := t.write(recount, number); err != nil {
			return err
		}
	}
	for _, p := range c.Captures {
		_, err := t.write(upsertCapture, number, p.Source.Channel, p.Source.TS, p.By, p.How, micros(p.At), p.Present)
		if err != nil {
			return err
		}
	}
	if c.Trace != nil {
		if err := t.Leave(*c.Trace); err != nil {
			return err
		}
	}
	if c.Incident.Version == 1 {
		return t.enqueueNew(c.Wishes, now)
	}
	return t.Enqueue(c.Wishes, now)
}

// applyParts writes the holders, sections and action items that differ. What is kept of the incident is forgotten then.
func (t *tx) applyParts(before, in incidents.Incident) error {
	if !maps.EqualFunc(before.Holders, in.Holders, slices.Equal) {
		t.writer.forgetIncident(in.Number)
		err := changes(bySeat(before.Holders), bySeat(in.Holders),
			func(at seat, user string) error {
				_, err := t.write(upsertHolder, in.Number, string(at.role), at.place, user)
				return err
			},
			func(at seat) error {
				_, err := t.write(deleteHolder, in.Number, string(at.role), at.place)
				return err
			})
		if err != nil {
			return err
		}
	}
	if !maps.Equal(before.Sections, in.Sections) {
		t.writer.forgetIncident(in.Number)
		err := changes(before.Sections, in.Sections,
			func(name incidents.Section, text string) error {
				_, err := t.write(upsertSection, in.Number, string(name), text)
				return err
			},
			func(name incidents.Section) error {
				_, err := t.write(deleteSection, in.Number, string(name))
				return err
			})
		if err != nil {
			return err
		}
	}
	if slices.Equal(before.Actions, in.Actions) {
		return nil
	}
	t.writer.forgetIncident(in.Number)
	return changes(byNumber(before.Actions), byNumber(in.Actions),
		func(n int, a incidents.Action) error {
			_, err := t.write(upsertAction, in.Number, n, a.Text, a.Owner, micros(a.Due), a.Link, a.WantsCard, a.CardURL,
				micros(a.DoneAt), a.DoneBy, micros(a.NotedAt))
			return err
		},
		func(n int) error {
			_, err := t.write(deleteAction, in.Number, n)
			return err
		})
}

// changes calls set for what is new or different, and remove for what is no longer there.
func changes[K, V comparable](before, after map[K]V, set func(K, V) error, remove func(K) error) error {
	for k, v := range after {
		if old, ok := before[k]; !ok || old != v {
			if err := set(k, v); err != nil {
				return err
			}
		}
	}
	for k := range before {
		if _, ok := after[k]; !ok {
			if err := remove(k); err != nil {
				return err
			}
		}
	}
	return nil
}

// seat is a place among those who hold a role, from 0.
type seat struct {
	role  incidents.Role
	place int
}

func bySeat(holders map[incidents.Role][]string) map[seat]string {
	seats := map[seat]string{}
	for role, who := range holders {
		for place, user := range who {
			seats[seat{role, place}] = user
		}
	}
	return seats
}

// sit puts somebody in their seat. Seats come in any order.
func sit(holders *map[incidents.Role][]string, at seat, user string) {
	if *holders == nil {
		*holders = map[incidents.Role][]string{}
	}
	who := (*holders)[at.role]
	for len(who) <= at.place {
		who = append(who, "")
	}
	who[at.place] = user
	(*holders)[at.role] = who
}

func byNumber(actions []incidents.Action) map[int]incidents.Action {
	if len(actions) == 0 {
		return nil
	}
	m := make(map[int]incidents.Action, len(actions))
	for _, a := range actions {
		m[a.Number] = a
	}
	return m
}
