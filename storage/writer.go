package storage

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"watchbell/incidents"
)

// writer runs updates, those that wait together in one transaction.
type writer struct {
	session *session
	queue   chan *update
	most    int // updates in one transaction

	batch []*update
	tx    *tx // of the update that runs
	last  int // the highest incident number in use, where known says so
	known bool
	// protocol is the one that was kept last, and is known to be there.
	protocol keptProtocol
	log      checkpoints
	heads    map[uint64]*statement // see headUpdate
	kept     map[int]*kept         // by the incidents' numbers
	keptText int                   // how much text they had when they were read
	wrote    bool                  // whether the transaction has something to commit
	// What is used again from one update to the next.
	diff     headDiff
	progress progress
	keeping  incidents.Answer
	buffer   bytes.Buffer
	encoder  *json.Encoder
	// refusing says that the last commit with something in it failed, on a full disk for example.
	refusing atomic.Bool
	// mark numbers the transactions of this process; committing says that the last one was on its way; see persist.
	mark       int64
	committing bool

	closing chan struct{} // closed by stop
	stopped chan struct{} // closed when nothing runs any more
	broken  chan struct{} // closed when the store is beyond repair
	once    sync.Once
	cause   error // set before broken is closed
}

// update is one call of Update.
type update struct {
	ctx  context.Context
	fn   func(incidents.Tx) error
	done chan error
	// state goes from waiting to one of the others, whoever is first: the writer, or a caller that waits no longer.
	state atomic.Int32
	err   error
}

const (
	waiting int32 = iota
	running
	abandoned
)

// newWriter starts a writer on a session, and on another one for the checkpoints, if there is one.
func newWriter(s, checkpointing *session, most int) *writer {
	w := &writer{
		session: s, most: most, queue: make(chan *update, most), batch: make([]*update, 0, most),
		log: checkpoints{session: checkpointing, done: make(chan error, 1)}, heads: map[uint64]*statement{}, kept: map[int]*kept{},
		closing: make(chan struct{}), stopped: make(chan struct{}), broken: make(chan struct{}),
	}
	w.encoder = json.NewEncoder(&w.buffer)
	go w.run()
	return w
}

// do queues an update and waits for its outcome.
func (w *writer) do(ctx context.Context, fn func(incidents.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	u := &update{ctx: ctx, fn: fn, done: make(chan error, 1)}
	select {
	case w.queue <- u:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.closing:
		return fmt.Errorf("%w: %w", incidents.ErrNotDurable, errClosed)
	}
	select {
	case err := <-u.done:
		return err
	case <-ctx.Done():
		if u.state.CompareAndSwap(waiting, abandoned) {
			return ctx.Err()
		}
	case <-w.stopped:
	}
	select {
	case err := <-u.done:
		return err
	case <-w.stopped:
	}
	select {
	case err := <-u.done:
		return err
	default:
	}
	select {
	case <-w.broken:
		return w.brokenBy()
	default:
		return fmt.Errorf("%w: %w", incidents.ErrNotDurable, errClosed)
	}
}

func (w *writer) stop() {
	close(w.closing)
	<-w.stopped
}

// run is the writing goroutine.
func (w *writer) run() {
	finished := false
	defer func() {
		if !finished { // an update ended this goroutine with runtime.Goexit: what it did is not known
			w.breakDown(fmt.Errorf("an update ended the writer"))
			w.answer(w.notDurable(w.cause))
		}
		if w.log.under {
			_ = w.noticed(<-w.log.done)
		}
		close(w.stopped)
	}()
	for {
		select {
		case u := <-w.queue:
			w.serve(u)
			continue
		case err := <-w.log.done:
			w.checkpointed(err)
			continue
		default:
		}
		select {
		case u := <-w.queue:
			w.serve(u)
		case err := <-w.log.done:
			w.checkpointed(err)
		case <-w.closing:
			for {
				select {
				case u := <-w.queue:
					w.serve(u)
				default:
					finished = true
					return
				}
			}
		}
	}
}

// serve runs an update and whatever else is waiting by then.
func (w *writer) serve(first *update) {
	w.batch = append(w.batch[:0], first)
	err := w.transact()
	queued := 0
	if err != nil && w.session.lost {
		queued = len(w.queue) // they have waited too for a database that does not answer; who comes later may have better luck
	}
	w.answer(err)
	w.answerQueued(queued, err)
	w.log.begin()
}

// answer tells every caller of the batch what became of its update: all, where that is not nil, else its own error.
func (w *writer) answer(all error) {
	for i, u := range w.batch {
		err := u.err
		if all != nil {
			err = all
		}
		u.done <- err
		w.batch[i] = nil
	}
	w.batch = w.batch[:0]
}

// transact runs the batch in one transaction and returns an error that concerns all of it.
func (w *writer) transact() error {
	select {
	case <-w.broken:
		return w.brokenBy()
	default:
	}
	err := w.persist()
	if err != nil {
		w.rollback()
		w.refusing.Store(true)
		return w.notDurable(w.noticed(err))
	}
	if w.wrote {
		w.refusing.Store(false)
	}
	w.log.commits++
	w.log.updates += len(w.batch)
	return nil
}

// errAgain says that an update failed after it had written, so that the others must be run again without it.
var errAgain = fmt.Errorf("again, with savepoints")

// attempt runs the batch and commits it. Without savepoints, which nearly every batch can do without, it also takes in
// what arrives meanwhile.
func (w *writer) attempt(savepoints bool) error {
	w.wrote = false
	if !w.session.engine.soleWriter {
		w.forgetIncidents() // others may have written
	}
	if err := w.session.start(); err != nil {
		return err
	}
	for i := 0; i < len(w.batch); i++ {
		u := w.batch[i]
		if savepoints {
			if err := w.apart(u); err != nil {
				return err
			}
			continue
		}
		w.perform(u)
		switch {
		case w.session.failed != nil && w.session.engine.fault(w.session.failed) == undone:
			w.rollback()
			return errAgain
		case w.session.failed != nil:
			return w.session.failed
		case u.err != nil && w.tx.wrote && i == 0:
			// Nothing else is in the transaction yet.
			w.rollback()
			if err := w.session.start(); err != nil {
				return err
			}
		case u.err != nil && w.tx.wrote:
			w.rollback()
			return errAgain
		}
		w.takeMore()
	}
	if err := w.session.engine.intact(); err != nil {
		return err
	}
	return w.commit()
}

// takeMore adds to the batch what has arrived.
func (w *writer) takeMore() {
	for len(w.batch) < w.most {
		select {
		case u := <-w.queue:
			w.batch = append(w.batch, u)
		default:
			return
		}
	}
}

// apart runs an update in a savepoint.
func (w *writer) apart(u *update) error {
	if _, err := w.session.exec(saveTx); err != nil {
		return err
	}
	w.perform(u)
	if failed := w.session.failed; failed != nil {
		if w.session.engine.fault(failed) != undone {
			return failed
		}
		u.err, w.session.failed = cmp.Or(u.err, failed), nil
	}
	if u.err != nil {
		w.forget()
		if _, err := w.session.exec(undoTx); err != nil {
			return err
		}
	}
	_, err := w.session.exec(releaseTx)
	return err
}

// perform runs an update, unless its caller has gone.
func (w *writer) perform(u *update) {
	w.tx = &tx{reader: reader{w.session}, writer: w}
	if u.err = u.start(); u.err != nil {
		return
	}
	returned := false
	defer func() {
		w.tx.session, w.tx.writer = nil, nil // whoever kept it finds out
		if returned {
			return
		}
		if p := recover(); p != nil {
			u.err = fmt.Errorf("an update panicked: %v\n%s", p, debug.Stack())
		}
	}()
	u.err = u.fn(w.tx)
	w.wrote = w.wrote || u.err == nil && w.tx.wrote
	returned = true
}

// start claims an update for the writer. It returns an error when the caller does not want it any longer; an update
// that has run once runs again without asking.
func (u *update) start() error {
	if u.state.Load() == running {
		return nil
	}
	if err := u.ctx.Err(); err != nil {
		return err
	}
	if !u.state.CompareAndSwap(waiting, running) {
		return context.Canceled
	}
	return nil
}

// rollback ends the transaction with nothing written.
func (w *writer) rollback() {
	w.session.rollback()
	w.forget()
}

// noticed looks at an error of the database, and breaks the store down when it has to.
func (w *writer) noticed(err error) error {
	if err != nil && w.session.engine.fault(err) == broken {
		w.breakDown(err)
	}
	return err
}

func (w *writer) breakDown(cause error) {
	var unsure unsureCommit
	if errors.As(cause, &unsure) { // that is said of the commit alone, not of what comes after
		cause = unsure.error
	}
	w.once.Do(func() {
		w.cause = cause
		close(w.broken)
	})
}

// brokenBy is the answer once the store is broken.
func (w *writer) brokenBy() error {
	return fmt.Errorf("%w: the database is not trusted after an error, until a restart: %w", incidents.ErrNotDurable, w.cause)
}

func (w *writer) notDurable(err error) error {
	if e := w.session.engine; e.soleWriter { // a file, about which there is something to do
		err = e.explain(err)
	}
	return fmt.Errorf("%w: %w", incidents.ErrNotDurable, err)
}
