package storage

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// statement is an SQL text that is prepared once on every connection that uses it.
type statement struct{ text string }

// session is one connection with its prepared statements. It is used by one goroutine at a time.
type session struct {
	engine   *engine
	from     driver.Connector
	conn     driver.Conn
	prepared map[*statement]*prepared
	begin    *statement
	finders  map[shape]finder
	args     []driver.NamedValue
	// failed is the error after which the transaction cannot go on: the database may have rolled it back by itself,
	// and a further statement would then be committed alone. It is cleared by rollback.
	failed error
	// lost says that the connection is of no use any more; start makes another one.
	lost bool
	// ctx bounds what is asked of the database; see bound.
	ctx    context.Context
	cancel context.CancelFunc
}

type prepared struct {
	driver.Stmt
	exec  driver.StmtExecContext
	query driver.StmtQueryContext
	order []int // see engine.spell
	row   row   // reused from one execution to the next
}

var (
	commitTx   = &statement{text: `COMMIT`}
	rollbackTx = &statement{text: `ROLLBACK`}
	saveTx     = &statement{text: `SAVEPOINT one`}
	releaseTx  = &statement{text: `RELEASE SAVEPOINT one`}
	undoTx     = &statement{text: `ROLLBACK TO SAVEPOINT one`}
)

// connect opens a session whose transactions start with begin.
func (e *engine) connect(ctx context.Context, c driver.Connector, begin *statement) (*session, error) {
	conn, err := c.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &session{
		engine: e, from: c, conn: conn, begin: begin, prepared: map[*statement]*prepared{}, finders: map[shape]finder{},
		ctx: context.Background(), cancel: func() {},
	}, nil
}

// leaveWithin bounds how long a server is waited for when a connection is closed.
const leaveWithin = 200 * time.Millisecond

func (s *session) close() error {
	if s.engine.leave != nil && !s.lost {
		s.failed = nil
		s.bound(time.Now().Add(leaveWithin))
		_ = s.send(s.engine.leave) // it goes with the connection if this does not get through
	}
	s.cancel()
	var errs []error
	if !s.engine.sends { // a server forgets them with the connection
		for _, p := range s.prepared {
			errs = append(errs, p.Close())
		}
	}
	return errors.Join(append(errs, s.conn.Close())...)
}

// bound has what is asked of the database from now on end at the given time, where it could take longer.
func (s *session) bound(until time.Time) {
	s.cancel()
	s.ctx, s.cancel = context.Background(), func() {}
	if s.engine.within > 0 {
		s.ctx, s.cancel = context.WithDeadline(s.ctx, until)
	}
}

// reopen replaces the connection.
func (s *session) reopen() error {
	_ = s.conn.Close() // it is gone already
	clear(s.prepared)
	s.failed, s.lost = nil, true
	conn, err := s.from.Connect(s.ctx)
	if err != nil {
		return err
	}
	s.conn, s.lost = conn, false
	return nil
}

// start begins a transaction, on another connection if this one is lost.
func (s *session) start() error {
	if !s.lost {
		_, err := s.exec(s.begin)
		if !s.lost {
			return err
		}
	}
	if err := s.reopen(); err != nil {
		return err
	}
	_, err := s.exec(s.begin)
	return err
}

func (s *session) commit() error {
	_, err := s.exec(commitTx)
	return err
}

// rollback ends the transaction whatever its state, also when the database has ended it already.
func (s *session) rollback() {
	s.failed = nil
	if !s.lost {
		_, _ = s.exec(rollbackTx) // an error says that there is no transaction any more, which is what is wanted
	}
	s.failed = nil
}

// prepare finds the prepared form of a statement and binds the arguments: int, int64, bool, string, []byte or nil.
func (s *session) prepare(st *statement, args []any) (*prepared, error) {
	if s.failed != nil {
		return nil, s.failed
	}
	p := s.prepared[st]
	if p == nil {
		text, order := s.engine.spell(st.text)
		stmt, err := s.conn.(driver.ConnPrepareContext).PrepareContext(s.ctx, text)
		if err != nil {
			return nil, s.fail(st, err)
		}
		p = &prepared{order: order, Stmt: stmt, exec: stmt.(driver.StmtExecContext), query: stmt.(driver.StmtQueryContext)}
		s.prepared[st] = p
	}
	s.args = s.args[:0]
	if p.order == nil {
		for _, a := range args {
			s.bind(a)
		}
	}
	for _, i := range p.order {
		s.bind(args[i])
	}
	return p, nil
}

// bind adds an argument.
func (s *session) bind(a any) {
	switch v := a.(type) {
	case int:
		a = int64(v)
	case bool:
		a = int64(0)
		if v {
			a = int64(1)
		}
	case string:
		a = storable(v)
	}
	s.args = append(s.args, driver.NamedValue{Ordinal: len(s.args) + 1, Value: a})
}

// unprepare forgets a statement that is not run again.
func (s *session) unprepare(st *statement) {
	if p := s.prepared[st]; p != nil {
		_ = p.Close()
		delete(s.prepared, st)
	}
}

// exec runs a statement and returns how many rows it changed.
func (s *session) exec(st *statement, args ...any) (int64, error) {
	if s.engine.sends && len(args) == 0 {
		return 0, s.send(st)
	}
	p, err := s.prepare(st, args)
	if err != nil {
		return 0, err
	}
	result, err := p.exec.ExecContext(s.ctx, s.args)
	if err != nil {
		return 0, s.fail(st, err)
	}
	return result.RowsAffected()
}

// send runs a statement without preparing it, which saves a server a message.
func (s *session) send(st *statement) error {
	if s.failed != nil {
		return s.failed
	}
	if _, err := s.conn.(driver.ExecerContext).ExecContext(s.ctx, st.text, nil); err != nil {
		return s.fail(st, err)
	}
	return nil
}

// query runs a statement and calls each for every row. The row is valid during that call, in which the same statement
// must not be run.
func (s *session) query(st *statement, each func(row) error, args ...any) (err error) {
	p, err := s.prepare(st, args)
	if err != nil {
		return err
	}
	rows, err := p.query.QueryContext(s.ctx, s.args)
	if err != nil {
		return s.fail(st, err)
	}
	defer func() {
		if e := rows.Close(); e != nil && err == nil {
			err = s.fail(st, e)
		}
	}()
	if p.row == nil {
		p.row = make(row, len(rows.Columns()))
	}
	for {
		switch err := rows.Next(p.row); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return s.fail(st, err)
		}
		if err := each(p.row); err != nil {
			return err
		}
	}
}

// one runs a statement that returns at most one row. The row is valid until the same statement is run again.
func (s *session) one(st *statement, args ...any) (found row, err error) {
	err = s.query(st, func(r row) error {
		found = r
		return nil
	}, args...)
	return found, err
}

// fail explains an error of the database, and dooms the transaction when it cannot go on after it.
func (s *session) fail(st *statement, err error) error {
	wrapped := fmt.Errorf("%w (%.60s)", err, st.text)
	switch s.engine.fault(err) {
	case harmless:
	case lost:
		s.failed, s.lost = wrapped, true
	default:
		s.failed = wrapped
	}
	return wrapped
}

// storable is text as every database keeps it: without NUL, and with what is not UTF-8 replaced. It came from outside.
func storable(s string) string {
	if !strings.ContainsRune(s, 0) && utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", "\uFFFD"), "\uFFFD")
}
