package storage

import (
	"context"
	"errors"
	"time"

	"watchbell/incidents"
)

// retryAfter is the pause before a server that does not answer is asked again.
const retryAfter = 100 * time.Millisecond

// awayWithin bounds a transaction while the last one failed: whoever comes then is told soon.
const awayWithin = time.Second

var (
	// setMark writes nothing when the transaction has written nothing: it needs no commit record then.
	setMark = &statement{text: `INSERT INTO writers (process, mark, at)
		SELECT $1, $2, EXTRACT(EPOCH FROM now())::bigint WHERE txid_current_if_assigned() IS NOT NULL
		ON CONFLICT (process) DO UPDATE SET mark = excluded.mark, at = excluded.at`}
	selectMark = &statement{text: `SELECT mark FROM writers WHERE process = $1`}
	// oldMarks are those of processes that have ended long ago.
	oldMarks = &statement{text: `DELETE FROM writers WHERE at < EXTRACT(EPOCH FROM now())::bigint - 7 * 86400`}
)

// until is when a transaction that begins now has to end, for somebody whose context is given.
func (e *engine) until(ctx context.Context) time.Time {
	end := time.Now().Add(e.within)
	if deadline, ok := ctx.Deadline(); ok && deadline.Before(end) {
		return deadline
	}
	return end
}

// persist runs the batch in a transaction until it is committed, as often as that is of use. A transaction that failed for
// a passing reason is run again; one whose connection was lost too, on a new one. When that happened during the commit,
// nobody knows whether it took place: each transaction writes its number into a row of this process, where it is looked
// up. The writers' lock makes the answer final, for it is free only after the lost transaction has ended.
func (w *writer) persist() error {
	within := w.session.engine.within
	if w.refusing.Load() {
		within = min(within, awayWithin)
	}
	end := time.Now().Add(within)
	w.session.bound(end)
	savepoints, unsure := false, false
	for {
		w.committing = false
		var err error
		if unsure {
			var done bool
			if done, err = w.committed(); done {
				return nil
			}
		}
		if err == nil {
			unsure = false
			err = w.attempt(savepoints)
		}
		switch kind := w.session.engine.fault(err); {
		case err == nil:
			return nil
		case errors.Is(err, errAgain):
			savepoints = true
			continue
		case kind == lost:
			unsure = unsure || w.committing
		case kind == broken: // in the middle of a commit: the next start may find it whole
			unsure = unsure || w.committing
			return orUnsure(err, unsure)
		case kind != passing:
			return orUnsure(err, unsure)
		}
		w.rollback()
		if wait := time.Until(end); wait <= retryAfter {
			return orUnsure(err, unsure)
		}
		time.Sleep(retryAfter)
	}
}

// unsureCommit is an error of a commit that may have taken place.
type unsureCommit struct{ error }

func (u unsureCommit) Unwrap() []error { return []error{incidents.ErrUnsure, u.error} }

func orUnsure(err error, unsure bool) error {
	if unsure {
		return unsureCommit{err}
	}
	return err
}

// commit ends the transaction, and marks it where the answer can be lost.
func (w *writer) commit() error {
	if w.session.engine.process != "" && w.wrote {
		w.mark++
		if _, err := w.session.exec(setMark, w.session.engine.process, w.mark); err != nil {
			return err
		}
	}
	w.committing = w.wrote
	return w.session.commit()
}

// committed reports whether the last transaction that was marked took place.
func (w *writer) committed() (bool, error) {
	if err := w.session.start(); err != nil {
		return false, err
	}
	found, err := w.session.one(selectMark, w.session.engine.process)
	done := err == nil && found != nil && int64(found.number(0)) == w.mark
	w.rollback()
	return done, err
}

// answerQueued gives the first n who wait the same answer.
func (w *writer) answerQueued(n int, err error) {
	for range n {
		if u := <-w.queue; u.start() == nil {
			u.done <- err
		}
	}
}

// pause waits, and reports whether the context still lasts.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
