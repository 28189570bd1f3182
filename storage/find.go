package storage

import (
	"fmt"
	"strconv"

	"watchbell/incidents"
)

// findLimit is how many incidents are found where a Query says nothing.
const findLimit = 100

// finder finds incidents of one shape of query: their heads, and who holds the roles of the same incidents.
type finder struct{ heads, holders *statement }

// shape is the part of a query that decides about the text of its statements.
type shape struct{ channel, by, in, captured, open, real, private, part bool }

// finder returns the statements for a shape. There are few shapes, and each connection prepares those it meets.
func (s *session) finder(of shape) finder {
	if f, ok := s.finders[of]; ok {
		return f
	}
	where, n := "1 = 1", 0
	and := func(condition string) {
		where += " AND " + condition
	}
	next := func() string {
		n++
		return "$" + strconv.Itoa(n)
	}
	if of.channel {
		and("channel_id = " + next() + " AND channel_id <> ''")
	}
	if of.by || of.in {
		and("backfill = 1 AND status <> 'closed'")
	}
	if of.by {
		and("declared_by = " + next())
	}
	if of.in {
		and("declared_in = " + next())
	}
	if of.captured {
		and("number IN (SELECT incident FROM captures WHERE channel = " + next() + " AND ts = " + next() + ")")
	}
	if of.open {
		and("(status = 'declared' OR status = 'investigating' OR status = 'identified' OR status = 'monitoring')")
	}
	if of.real {
		and("drill = 0")
	}
	if of.private {
		who := next()
		open := "private = 0 OR "
		if of.part {
			open = ""
		}
		and("(" + open + "declared_by = " + who +
			" OR EXISTS (SELECT 1 FROM holders WHERE incident = number AND user_id = " + who + "))")
	}
	where += " ORDER BY number DESC LIMIT " + next() + " + 0" // see lease
	f := finder{
		heads: &statement{text: `SELECT ` + headColumns + ` FROM incidents WHERE ` + where},
		holders: &statement{text: `SELECT incident, role, place, user_id FROM holders WHERE incident IN
			(SELECT number FROM incidents WHERE ` + where + `)`},
	}
	s.finders[of] = f
	return f
}

// Find implements incidents.Reader.
func (t *reader) Find(q incidents.Query) ([]incidents.Incident, error) {
	limit := q.Limit
	if limit <= 0 {
		limit = findLimit
	}
	of := shape{q.Channel != "", q.BackfilledBy != "", q.BackfilledIn != "", q.Captured != incidents.Source{}, q.Open, q.Real, q.For != "", q.Part}
	var args []any
	for _, a := range []string{q.Channel, q.BackfilledBy, q.BackfilledIn, q.Captured.Channel, q.Captured.TS, q.For} {
		if a != "" {
			args = append(args, a)
		}
	}
	args = append(args, limit)
	f := t.session.finder(of)
	var found []incidents.Incident
	err := t.session.query(f.heads, func(r row) error {
		in, err := head(r)
		if err != nil {
			return fmt.Errorf("incident %d: %w", in.Number, err)
		}
		found = append(found, in)
		return nil
	}, args...)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	place := make(map[int]int, len(found))
	for i, in := range found {
		place[in.Number] = i
	}
	err = t.session.query(f.holders, func(r row) error {
		sit(&found[place[r.number(0)]].Holders, seat{incidents.Role(r.text(1)), r.number(2)}, r.text(3))
		return nil
	}, args...)
	return found, err
}
