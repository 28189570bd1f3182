package storage

import (
	"context"
	"strconv"

	"watchbell/incidents"
)

// DeliveryQuery says which deliveries to list.
type DeliveryQuery struct {
	// Incident and Target restrict when they are not zero.
	Incident int              `json:"incident,omitempty"`
	Target   incidents.Target `json:"target,omitempty"`
	// All takes those that are done or were skipped as well; else only what waits, is under way or has failed.
	All bool `json:"all,omitempty"`
	// Limit is how many at most; 0: 1,000. The newest are left out first when All is not set, the oldest when it is.
	Limit int `json:"limit,omitempty"`
}

// FindDeliveries returns the deliveries that fit, what has failed first, then by their age.
func (s *Store) FindDeliveries(ctx context.Context, q DeliveryQuery) (all []incidents.Delivery, err error) {
	st, args := q.statement()
	err = s.View(ctx, func(r incidents.Reader) error {
		all = nil
		session := r.(*reader).session
		defer session.unprepare(st)
		return session.query(st, func(r row) error {
			all = append(all, delivery(r))
			return nil
		}, args...)
	})
	return all, err
}

func (q DeliveryQuery) statement() (st *statement, args []any) {
	if q.Limit <= 0 {
		q.Limit = 1000
	}
	from, order := unsettled, `CASE WHEN state = 'failed' THEN 0 ELSE 1 END, seq`
	if q.All {
		from, order = `deliveries`, `seq DESC`
	}
	text := `SELECT ` + deliveryColumns + ` FROM ` + from + ` WHERE 1 = 1`
	arg := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	if q.Incident > 0 {
		text += ` AND incident = ` + arg(q.Incident)
	}
	if q.Target != "" {
		text += ` AND target = ` + arg(string(q.Target))
	}
	return &statement{text: text + ` ORDER BY ` + order + ` LIMIT ` + strconv.Itoa(q.Limit)}, args
}
