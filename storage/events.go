package storage

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"watchbell/incidents"
)

var (
	selectEvent = &statement{text: `SELECT answer FROM events WHERE id = $1`}
	insertEvent = &statement{text: `INSERT INTO events (id, at, answer) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING`}
	lastEvent   = &statement{text: `SELECT at FROM events ORDER BY seq DESC LIMIT 1`}
	removeEvent = &statement{text: `DELETE FROM events WHERE id = $1`}
	// forgetEvents removes what came before the first one that is not old: all of them where none is (no seq is as high as
	// that). It reads what it removes and one row more. Where a clock was set, one that is old waits for those before it.
	forgetEvents = &statement{text: `DELETE FROM events WHERE seq < COALESCE(
		(SELECT seq FROM events WHERE at >= $1 ORDER BY seq LIMIT 1), 9223372036854775807)`}
	forgetTold = &statement{text: `DELETE FROM deliveries WHERE kind = 'answer' AND state = 'done' AND due_at < $1`}
)

// Answer implements incidents.Reader.
func (t *reader) Answer(event string) (a incidents.Answer, known bool, err error) {
	found, err := t.session.one(selectEvent, event)
	if err != nil || found == nil {
		return a, false, err
	}
	if err := json.Unmarshal([]byte(found.text(0)), &a); err != nil {
		return a, false, fmt.Errorf("answer to event %s: %w", event, err)
	}
	return a, true, nil
}

// Remember implements incidents.Tx.
func (t *tx) Remember(event string, a incidents.Answer, now time.Time) (known bool, err error) {
	w := t.writer
	w.keeping = a
	answer, err := w.json(&w.keeping)
	if err != nil {
		return false, fmt.Errorf("answer to event %s: %w", event, err)
	}
	added, err := t.write(insertEvent, event, micros(now), string(answer))
	return added == 0, err
}

// LastEvent implements incidents.Queue.
func (t *tx) LastEvent() (time.Time, error) {
	found, err := t.session.one(lastEvent)
	if err != nil || found == nil {
		return time.Time{}, err
	}
	return found.time(0), nil
}

// Forget implements incidents.Queue. An answer delivery that is done goes as late as the answer to its event: until
// then the same notice may be told again.
func (t *tx) Forget(before time.Time) error {
	if _, err := t.write(forgetEvents, micros(before)); err != nil {
		return err
	}
	_, err := t.write(forgetTold, micros(before))
	return err
}

// tryWriting needs some space, and leaves nothing behind.
func tryWriting(t incidents.Tx) error {
	const id, space = "space", 64 << 10
	w := t.(*tx)
	if _, err := w.write(insertEvent, id, int64(0), strings.Repeat(" ", space)); err != nil {
		return err
	}
	_, err := w.write(removeEvent, id)
	return err
}
