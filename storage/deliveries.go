package storage

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"watchbell/incidents"
)

const deliveryColumns = `key, incident, target, lane, kind, subject, payload, state, attempt, tried, failures,
	failing_since, last_error, due_at, receipt_id, receipt_url, receipt_note`

// looksFirst is how often a new delivery of incident $2 counts as tried: once in a database that was restored, where it may
// have been made after the copy was, so that it is looked for.
const looksFirst = `CASE WHEN CAST($2 AS BIGINT) > 0 AND CAST($2 AS BIGINT) <= (SELECT MAX(last_incident) FROM restores) THEN 1 ELSE 0 END`

// firstOfLane is whether a new delivery has the turn of lane $4: nothing else of it waits.
const firstOfLane = `CASE WHEN EXISTS (SELECT 1 FROM deliveries w
	WHERE w.lane = $4 AND (w.state = 'pending' OR w.state = 'leased')) THEN 0 ELSE 1 END`

// delivery reads the deliveryColumns.
func delivery(r row) incidents.Delivery {
	return incidents.Delivery{
		Key: r.text(0), Incident: r.number(1), Target: incidents.Target(r.text(2)), Lane: r.text(3),
		Kind: incidents.Kind(r.text(4)), Subject: r.text(5), Payload: r.bytes(6), State: incidents.State(r.text(7)),
		Attempt: r.number(8), Tried: r.number(9), Failures: r.number(10), FailingSince: r.time(11), LastError: r.text(12),
		DueAt: r.time(13), Receipt: incidents.Receipt{ID: r.text(14), URL: r.text(15), Note: r.text(16)},
	}
}

// unsettled are the deliveries that wait, are under way or have failed, by the two indexes that hold those and no others.
const unsettled = `(SELECT * FROM deliveries WHERE state = 'pending' OR state = 'leased'
	UNION ALL SELECT * FROM deliveries WHERE state = 'failed') AS unsettled`

var (
	selectOpen     = &statement{text: `SELECT ` + deliveryColumns + `, seq FROM ` + unsettled + ` WHERE lane >= $1 AND lane < $2 ORDER BY seq`}
	selectFailed   = &statement{text: `SELECT ` + deliveryColumns + `, seq FROM deliveries WHERE state = 'failed' AND failing_since >= $1 ORDER BY lane, seq`}
	selectDelivery = &statement{text: `SELECT ` + deliveryColumns + ` FROM deliveries WHERE key = $1`}

	// A new delivery has its lane's turn when nothing else of the lane waits. One that is done or failed becomes pending
	// again, at the end of its lane: the seq that it would have had as a new one, and the lane, which was another in an
	// earlier version, perhaps. In one that waits, or is under way,
	// only the wish is noted. $8 is when it is due if it is new, $9 whatever it was
	// (0 for as it is), $10 if it was done before, $11 if it had failed.
	upsertDelivery = &statement{text: `INSERT INTO deliveries (key, incident, target, lane, kind, subject, payload, state, due_at, turn, tried)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 'pending', $8, ` + firstOfLane + `, ` + looksFirst + `)
		ON CONFLICT (key) DO UPDATE SET again = 1,
			lane = CASE WHEN deliveries.state IN ('done', 'failed') THEN excluded.lane ELSE deliveries.lane END,
			seq = CASE WHEN deliveries.state IN ('done', 'failed') THEN excluded.seq ELSE deliveries.seq END,
			turn = CASE WHEN deliveries.state IN ('done', 'failed') THEN excluded.turn ELSE deliveries.turn END,
			due_at = CASE WHEN CAST($9 AS BIGINT) > 0 AND deliveries.state <> 'leased' THEN $9
				WHEN deliveries.state NOT IN ('done', 'failed') THEN deliveries.due_at
				WHEN deliveries.made = 1 THEN $10 ELSE $11 END,
			failures = CASE WHEN deliveries.state = 'failed' THEN 0 ELSE deliveries.failures END,
			failing_since = CASE WHEN deliveries.state = 'failed' THEN 0 ELSE deliveries.failing_since END,
			state = CASE WHEN deliveries.state IN ('done', 'failed') THEN 'pending' ELSE deliveries.state END
		WHERE deliveries.state <> 'skipped'
			AND NOT (deliveries.again = 1 AND (deliveries.state = 'leased' OR deliveries.state = 'pending' AND $9 = 0))`}

	// insertDelivery adds one that is new or stays as it is. newDelivery adds one of an incident that is new, whose lanes
	// hold what was added to them just now and nothing else: $9 is whether it is the first of its lane.
	insertDelivery = &statement{text: `INSERT INTO deliveries (key, incident, target, lane, kind, subject, payload, state, due_at, turn, tried)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 'pending', $8, ` + firstOfLane + `, ` + looksFirst + `) ON CONFLICT (key) DO NOTHING`}
	newDelivery = &statement{text: `INSERT INTO deliveries (key, incident, target, lane, kind, subject, payload, state, due_at, turn)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 'pending', $8, $9)`}

	// "+ 0" keeps SQLite from planning the statement anew whenever the limit is bound.
	// What has its turn and is due. The lane's other deliveries get their turn when this one is settled.
	lease = &statement{text: `UPDATE deliveries SET state = 'leased', turn = 0, again = 0, attempt = attempt + 1, tried = tried + 1,
			leased_until = $2
		WHERE seq IN (SELECT seq FROM deliveries WHERE turn = 1 AND due_at <= $1 ORDER BY due_at, seq LIMIT $3 + 0)
		RETURNING ` + deliveryColumns + `, seq`}
	expire = &statement{text: `UPDATE deliveries SET state = 'pending' WHERE state = 'leased' AND leased_until <= $1 RETURNING lane`}

	// elect gives the turn to the oldest pending delivery of a lane, unless one of the lane is leased.
	elect = &statement{text: `UPDATE deliveries SET turn = 1
		WHERE seq = (SELECT MIN(seq) FROM deliveries WHERE lane = $1 AND state = 'pending')
		AND NOT EXISTS (SELECT 1 FROM deliveries WHERE lane = $1 AND state = 'leased')`}
	depose = &statement{text: `UPDATE deliveries SET turn = 0 WHERE lane = $1 AND state = 'pending' AND turn = 1`}

	selectAttempt = &statement{text: `SELECT state, attempt, again, lane FROM deliveries WHERE key = $1`}
	settle        = &statement{text: `UPDATE deliveries SET state = $2, turn = 0, tried = $3, failures = $4, failing_since = $5,
		last_error = $6, due_at = $7, receipt_id = $8, receipt_url = $9, receipt_note = $10,
		made = CASE WHEN $2 = 'done' THEN 1 ELSE made END WHERE key = $1`}

	selectDue = &statement{text: `SELECT COALESCE((SELECT MIN(due_at) FROM deliveries WHERE turn = 1), 0),
		COALESCE((SELECT MIN(leased_until) FROM deliveries WHERE state = 'leased'), 0)`}
	// The oldest is the one that has been failing, or due, for longest.
	selectBacklog = &statement{text: `SELECT target,
			CAST(SUM(CASE WHEN state = 'failed' THEN 0 ELSE 1 END) AS BIGINT),
			CAST(SUM(CASE WHEN state = 'failed' THEN 1 ELSE 0 END) AS BIGINT),
			COALESCE(MIN(CASE WHEN state = 'failed' THEN NULL WHEN failing_since > 0 THEN failing_since ELSE due_at END), 0)
		FROM ` + unsettled + ` WHERE due_at <= $1 OR failing_since > 0 OR state = 'failed'
		GROUP BY target ORDER BY target`}
	allDue  = &statement{text: `UPDATE deliveries SET due_at = $1 WHERE state = 'pending' AND due_at > $1 AND failures > 0`}
	rewind  = &statement{text: `UPDATE deliveries SET due_at = due_at - $1 WHERE state = 'pending' OR state = 'leased'`}
	curtail = &statement{text: `UPDATE deliveries SET leased_until = $1 WHERE state = 'leased' AND leased_until > $1`}
	reclaim = &statement{text: `UPDATE deliveries SET due_at = $1 WHERE state = 'leased'`}
)

// Deliveries implements incidents.Reader.
func (t *reader) Deliveries(number int) (all []incidents.Delivery, err error) {
	from, before := incidents.Lanes(number)
	err = t.session.query(selectOpen, func(r row) error {
		all = append(all, delivery(r))
		return nil
	}, from, before)
	return all, err
}

// Failed implements incidents.Reader.
func (t *reader) Failed(since time.Time) (all []incidents.Delivery, err error) {
	err = t.session.query(selectFailed, func(r row) error {
		all = append(all, delivery(r))
		return nil
	}, micros(since))
	return all, err
}

// Backlog implements incidents.Reader.
func (t *reader) Backlog(now time.Time) (all []incidents.Backlog, err error) {
	err = t.session.query(selectBacklog, func(r row) error {
		all = append(all, incidents.Backlog{
			Target: incidents.Target(r.text(0)), Waiting: r.number(1), Failed: r.number(2), Since: r.time(3),
		})
		return nil
	}, micros(now))
	return all, err
}

// Delivery implements incidents.Queue.
func (t *reader) Delivery(key string) (incidents.Delivery, error) {
	found, err := t.session.one(selectDelivery, key)
	if err != nil {
		return incidents.Delivery{}, err
	}
	if found == nil {
		return incidents.Delivery{}, fmt.Errorf("delivery %s: %w", key, incidents.ErrNotFound)
	}
	return delivery(found), nil
}

// Enqueue implements incidents.Queue.
func (t *tx) Enqueue(wishes []incidents.Wish, now time.Time) error {
	for _, w := range wishes {
		if w.Known {
			if found, err := t.session.one(selectAttempt, w.Key); err != nil {
				return err
			} else if found == nil {
				continue
			}
		}
		due := micros(cmp.Or(w.At, now.Add(w.Delay)))
		var err error
		if w.Once {
			_, err = t.write(insertDelivery, w.Key, w.Incident, string(w.Target), w.Lane, string(w.Kind), w.Subject, payload(w), due)
		} else {
			_, err = t.write(upsertDelivery, w.Key, w.Incident, string(w.Target), w.Lane, string(w.Kind), w.Subject, payload(w),
				due, micros(w.At), micros(now.Add(w.Debounce)), micros(now))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// enqueueNew queues the first wishes of an incident that is new in this transaction.
func (t *tx) enqueueNew(wishes []incidents.Wish, now time.Time) error {
	for i, w := range wishes {
		if w.Known {
			continue
		}
		first := !slices.ContainsFunc(wishes[:i], func(before incidents.Wish) bool { return before.Lane == w.Lane && !before.Known })
		_, err := t.write(newDelivery, w.Key, w.Incident, string(w.Target), w.Lane, string(w.Kind), w.Subject, payload(w),
			micros(cmp.Or(w.At, now.Add(w.Delay))), first)
		if err != nil {
			return err
		}
	}
	return nil
}

// payload is NULL for nothing.
func payload(w incidents.Wish) any {
	if len(w.Payload) == 0 {
		return nil
	}
	return w.Payload
}

// Lease implements incidents.Queue.
func (t *tx) Lease(now, until time.Time, limit int) ([]incidents.Delivery, error) {
	if err := t.expire(now); err != nil {
		return nil, err
	}
	type numbered struct {
		incidents.Delivery
		seq int
	}
	var leased []numbered
	t.wrote = true
	err := t.session.query(lease, func(r row) error {
		leased = append(leased, numbered{delivery(r), r.number(17)})
		return nil
	}, micros(now), micros(until), limit)
	slices.SortFunc(leased, func(a, b numbered) int { // RETURNING promises no order
		return cmp.Or(a.DueAt.Compare(b.DueAt), cmp.Compare(a.seq, b.seq))
	})
	all := make([]incidents.Delivery, len(leased))
	for i, d := range leased {
		all[i] = d.Delivery
	}
	return all, err
}

// expire makes pending again what was leased until now or earlier.
func (t *tx) expire(now time.Time) error {
	var lanes []string
	t.wrote = true
	err := t.session.query(expire, func(r row) error {
		lanes = append(lanes, r.text(0))
		return nil
	}, micros(now))
	for _, lane := range lanes {
		if err != nil {
			break
		}
		_, err = t.write(elect, lane)
	}
	return err
}

// Settle implements incidents.Queue. The outcome of an attempt counts once, and not when a person has skipped the
// delivery meanwhile.
func (t *tx) Settle(d incidents.Delivery) error {
	found, err := t.session.one(selectAttempt, d.Key)
	if err != nil {
		return err
	}
	if found == nil {
		return fmt.Errorf("delivery %s: %w", d.Key, incidents.ErrNotFound)
	}
	before, again, lane := incidents.State(found.text(0)), found.flag(2), found.text(3)
	if found.number(1) != d.Attempt || before == incidents.Done || before == incidents.Skipped {
		return fmt.Errorf("delivery %s, attempt %d: %w", d.Key, d.Attempt, incidents.ErrStale)
	}
	if before == incidents.Failed && d.State == incidents.Pending {
		// It is older than whatever has the turn now.
		if _, err := t.write(depose, lane); err != nil {
			return err
		}
	}
	_, err = t.write(settle, d.Key, string(d.State), d.Tried, d.Failures, micros(d.FailingSince), d.LastError,
		micros(d.DueAt), d.Receipt.ID, d.Receipt.URL, d.Receipt.Note)
	if err != nil {
		return err
	}
	if again && before != incidents.Failed && (d.State == incidents.Done || d.State == incidents.Failed) {
		due := micros(d.DueAt)
		_, err := t.write(upsertDelivery, d.Key, d.Incident, string(d.Target), lane, string(d.Kind), d.Subject, nil, due, int64(0), due, due)
		if err != nil {
			return err
		}
	}
	_, err = t.write(elect, lane)
	return err
}

// NextDue implements incidents.Queue. It looks at what has its lane's turn: nothing else can be leased.
func (t *tx) NextDue() (time.Time, error) {
	found, err := t.session.one(selectDue)
	if err != nil {
		return time.Time{}, err
	}
	due, expires := found.time(0), found.time(1)
	if due.IsZero() || (!expires.IsZero() && expires.Before(due)) {
		return expires, nil
	}
	return due, nil
}

// MakeAllDue implements incidents.Queue.
func (t *tx) MakeAllDue(now time.Time) error {
	_, err := t.write(allDue, micros(now))
	return err
}

// Rewind implements incidents.Queue.
func (t *tx) Rewind(by time.Duration, until time.Time) error {
	if _, err := t.write(rewind, by.Microseconds()); err != nil {
		return err
	}
	_, err := t.write(curtail, micros(until))
	return err
}

// Reclaim implements incidents.Queue.
func (t *tx) Reclaim(due time.Time) error {
	if _, err := t.write(reclaim, micros(due)); err != nil {
		return err
	}
	const never = 1 << 62 // microseconds: every lease ends before that
	return t.expire(time.UnixMicro(never))
}
