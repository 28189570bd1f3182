package storage

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"watchbell/incidents"
)

// Options tunes a Store. The zero value is right for the bot.
type Options struct {
	// Batch is how many updates share a commit at most; 128 when 0.
	Batch int
	// Readers is how many views run at the same time; 4 when 0.
	Readers int

	// Starting is how long a server that does not answer, or is starting itself, is waited for; 10 s when 0. Waiting, where
	// it is not nil, is told once why that is.
	Starting time.Duration
	Waiting  func(why error)
	// Alone keeps every other process out while the store is open, and refuses with ErrInUse while there is one. SQLite
	// always does.
	Alone bool

	maxPages int           // bounds the database file, for tests of a full disk
	within   time.Duration // as an engine's, for tests
}

// Store is an incidents.Store on a database. It is safe for concurrent use.
type Store struct {
	engine  *engine
	writer  *writer
	readers chan *session // those that are free
	all     []*session
	close   sync.Once
	closed  chan struct{} // closed when Close begins
}

var _ incidents.Store = (*Store)(nil)

// errClosed is the answer after Close.
var errClosed = errors.New("the database is closed")

// Open opens the database that a URL names and brings its schema up to date: "sqlite:watchbell.db" or
// "sqlite:/var/lib/watchbell.db", where the file is created if there is none, or "postgres://user@host/database" with the
// parameters that libpq takes. A server that does not answer is waited for a moment. Its errors are sentences for whoever
// starts the program, and hold no password.
func Open(ctx context.Context, databaseURL string, o Options) (*Store, error) {
	if o.Batch <= 0 {
		o.Batch = 128
	}
	if o.Readers <= 0 {
		o.Readers = 4
	}
	e, err := engineFor(databaseURL, o)
	if err != nil {
		return nil, err
	}
	s, err := open(ctx, e, o)
	told := o.Waiting == nil
	for limit := time.Now().Add(e.starting); err != nil && e.fault(err) == lost && time.Now().Before(limit) && pause(ctx, retryAfter); {
		if !told {
			o.Waiting(e.explain(err))
			told = true
		}
		s, err = open(ctx, e, o)
	}
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", errors.Join(e.explain(err), e.release()))
	}
	return s, nil
}

// CheckURL says what is wrong with a database URL, as far as can be told without opening anything. Like every error about it,
// it does not quote what stands there: it may hold a password.
func CheckURL(databaseURL string) error {
	scheme, rest, _ := strings.Cut(databaseURL, ":")
	switch scheme {
	case "sqlite":
		_, err := sqlitePath(rest)
		return err
	case "postgres", "postgresql":
		_, err := postgresEngine(databaseURL, Options{})
		return err
	}
	return errScheme
}

var errScheme = errors.New("the database URL is not understood: write sqlite:FILE, such as sqlite:watchbell.db, or postgres://…")

// engineFor reads a database URL. The URL itself is in no error: it may hold a password.
func engineFor(databaseURL string, o Options) (*engine, error) {
	scheme, rest, _ := strings.Cut(databaseURL, ":")
	switch scheme {
	case "sqlite":
		return sqliteEngine(rest, o)
	case "postgres", "postgresql":
		return postgresEngine(databaseURL, o)
	}
	return nil, errScheme
}

func open(ctx context.Context, e *engine, o Options) (*Store, error) {
	if err := e.migrate(ctx); err != nil {
		return nil, err
	}
	s := &Store{engine: e, readers: make(chan *session, o.Readers), closed: make(chan struct{})}
	w, err := e.connect(ctx, e.writer, e.beginWrite)
	if err != nil {
		return nil, err
	}
	s.all = append(s.all, w)
	if o.Alone && e.alone != nil {
		if err := w.keepOut(); err != nil {
			return nil, errors.Join(err, s.disconnect())
		}
	}
	if _, err := w.exec(removeEvent, ""); err != nil { // a file that can only be read is opened without a word
		return nil, errors.Join(err, s.disconnect())
	}
	if e.process != "" {
		if _, err := w.exec(oldMarks); err != nil {
			return nil, errors.Join(err, s.disconnect())
		}
	}
	for range o.Readers {
		r, err := e.connect(ctx, e.reader, e.beginRead)
		if err != nil {
			return nil, errors.Join(err, s.disconnect())
		}
		s.all = append(s.all, r)
		s.readers <- r
	}
	if err := e.watchLog(); err != nil {
		return nil, errors.Join(err, s.disconnect())
	}
	var checkpointing *session
	if e.checkpoint != nil {
		if checkpointing, err = e.connect(ctx, e.reader, e.beginRead); err != nil {
			return nil, errors.Join(err, s.disconnect())
		}
		s.all = append(s.all, checkpointing)
	}
	s.writer = newWriter(w, checkpointing, o.Batch)
	return s, nil
}

func (s *Store) disconnect() error {
	var errs []error
	for _, session := range s.all {
		errs = append(errs, session.close())
	}
	return errors.Join(errs...)
}

// Update implements incidents.Store. A caller whose context ends before its turn has come is not recorded; after that
// the outcome is waited for.
func (s *Store) Update(ctx context.Context, fn func(incidents.Tx) error) error {
	return s.writer.do(ctx, fn)
}

// View implements incidents.Store.
func (s *Store) View(ctx context.Context, fn func(incidents.Reader) error) error {
	select {
	case <-s.closed:
		return errClosed
	default:
	}
	var session *session
	select {
	case <-s.closed:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	case session = <-s.readers:
	}
	defer func() { s.readers <- session }()
	session.bound(s.engine.until(ctx))
	defer session.cancel()
	if err := session.start(); err != nil {
		session.rollback()
		return s.writer.noticed(err)
	}
	defer session.rollback()
	err := fn(&reader{session})
	if session.failed != nil {
		return s.writer.noticed(session.failed)
	}
	return err
}

// Ping implements incidents.Store: it looks whether the files are still those that were opened, and reads. It fails when
// the store is broken. While the last commit failed, it also writes: only that tells whether there is space again, when
// nobody else writes because Ping said no.
func (s *Store) Ping(ctx context.Context) error {
	select {
	case <-s.writer.broken:
		return s.writer.brokenBy()
	default:
	}
	if err := s.writer.noticed(s.engine.intact()); err != nil {
		return err
	}
	if s.writer.refusing.Load() {
		if err := s.Update(ctx, tryWriting); err != nil {
			return err
		}
	}
	return s.View(ctx, func(r incidents.Reader) error {
		_, _, err := r.Answer("")
		return err
	})
}

// TryWriting returns nil when something can be made durable now. It leaves nothing behind.
func (s *Store) TryWriting(ctx context.Context) error { return s.Update(ctx, tryWriting) }

// Shared says that other processes may work on the same database at this moment. What is leased there at the start may be
// under way with one of them.
func (s *Store) Shared() bool { return !s.engine.soleWriter }

// Broken is closed when nobody knows any more what is on disk, after an I/O error for example, or when the file that is
// written to is not the one that the next start would read. Every update is refused
// from then on; the process should stop and start afresh.
func (s *Store) Broken() <-chan struct{} { return s.writer.broken }

// Close waits for what is under way, refuses everything after, and gives the database free.
func (s *Store) Close() (err error) {
	s.close.Do(func() {
		close(s.closed)
		s.writer.stop()
		for range cap(s.readers) {
			<-s.readers
		}
		err = errors.Join(s.disconnect(), s.engine.release())
	})
	return err
}
