package storage

import (
	"context"

	"watchbell/incidents"
)

var (
	insertTrace  = &statement{text: `INSERT INTO audit (incident, at, by_user, did, about) VALUES ($1, $2, $3, $4, $5)`}
	selectTraces = &statement{text: `SELECT at, by_user, did, about FROM audit WHERE incident = $1 ORDER BY seq`}
	selectNext   = &statement{text: `SELECT COALESCE(MIN(number), 0) FROM incidents WHERE number > $1`}
)

// Leave implements incidents.Tx.
func (t *tx) Leave(trace incidents.Trace) error {
	_, err := t.write(insertTrace, trace.Incident, micros(trace.At), trace.By, trace.Did, trace.About)
	return err
}

// Audit returns who did what in the first incident after a number, and that incident's number; 0 when there is none. What
// belongs to no incident comes with after -1, as of number 0.
func (s *Store) Audit(ctx context.Context, after int) (traces []incidents.Trace, number int, err error) {
	err = s.View(ctx, func(r incidents.Reader) error {
		session := r.(*reader).session
		if number = 0; after >= 0 {
			found, err := session.one(selectNext, after)
			if err != nil {
				return err
			}
			if number = found.number(0); number == 0 {
				return nil
			}
		}
		var kept []incidents.Trace
		err := session.query(selectTraces, func(r row) error {
			kept = append(kept, incidents.Trace{At: r.time(0), Incident: number, By: r.text(1), Did: r.text(2), About: r.text(3)})
			return nil
		}, number)
		if err != nil || number == 0 {
			traces = kept
			return err
		}
		in, err := r.Incident(number)
		if err != nil {
			return err
		}
		versions, err := r.History(number, 0)
		if err != nil {
			return err
		}
		captured, err := r.Captured(number)
		traces = incidents.Traces(in, versions, captured, kept)
		return err
	})
	return traces, number, err
}
