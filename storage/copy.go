package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"strconv"
	"strings"
)

var errSameKind = errors.New("one database must be SQLite and the other PostgreSQL; between two of a kind use their own tools, such as cp and pg_dump")

// copyRows is how many rows are written at a time. A statement may hold 32,766 values at SQLite, 65,535 at PostgreSQL.
const copyRows = 200

// table is what has to be known of a table to copy it: its columns, and those of them by which a row is found.
type table struct {
	name         string
	columns, key []string
}

// Copy copies everything from one database to another of the other kind, which must be empty, and compares them row by row before
// it commits: either all of it is there in the end, or nothing. No Watchbell may run on either. told is called for every
// table with the number of its rows. Its errors are sentences for whoever runs the command, and hold no password.
func Copy(ctx context.Context, from, to string, told func(table string, rows int)) (err error) {
	if file := func(u string) bool { return strings.HasPrefix(u, "sqlite:") }; file(from) && file(to) { // before one is made
		return errSameKind
	}
	source, err := openCopy(ctx, from, true)
	if err != nil {
		return fmt.Errorf("copy from the first database: %w", err)
	}
	defer func() { err = errors.Join(err, source.end()) }()
	target, err := openCopy(ctx, to, false)
	if err != nil {
		return fmt.Errorf("copy to the second database: %w", err)
	}
	defer func() { err = errors.Join(err, target.end()) }()
	tables, err := tablesOf(source, target)
	if err != nil {
		return err
	}
	for _, t := range tables {
		if found, err := target.one(&statement{text: "SELECT 1 FROM " + t.name + " LIMIT 1"}); err != nil || found != nil {
			return errors.Join(err, errors.New("the second database holds something already: name an empty one"))
		}
	}
	for _, t := range tables {
		if err := t.copy(source, target); err != nil {
			return fmt.Errorf("copy %s: %w", t.name, err)
		}
	}
	if st := target.engine.renumber; st != nil {
		if _, err := target.one(st); err != nil {
			return err
		}
	}
	for _, t := range tables {
		rows, err := t.compare(source, target)
		if err != nil {
			return fmt.Errorf("compare %s: %w; nothing was kept of the copy", t.name, err)
		}
		told(t.name, rows)
	}
	return target.commit()
}

// copySession is a session in a transaction that may take long.
type copySession struct{ *session }

// openCopy opens a database for a copy, and keeps everybody else out.
func openCopy(ctx context.Context, databaseURL string, source bool) (_ *copySession, err error) {
	if file, err := File(databaseURL); source && err == nil && file != "" {
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("there is no database %s", file)
		}
	}
	e, err := engineFor(databaseURL, Options{})
	if err != nil {
		return nil, err
	}
	connector, begin := e.writer, e.beginWrite
	if e.migrator != nil {
		connector = e.migrator
	}
	if source {
		begin = e.beginRead
	}
	s, err := e.connect(ctx, connector, begin)
	if err != nil {
		return nil, errors.Join(e.explain(err), e.release())
	}
	s.ctx = ctx
	c := &copySession{s}
	if e.alone != nil {
		if err := s.keepOut(); err != nil {
			return nil, errors.Join(err, c.end())
		}
	}
	if err := e.migrate(ctx); err != nil {
		return nil, errors.Join(e.explain(err), c.end())
	}
	if err := s.start(); err != nil {
		return nil, errors.Join(e.explain(err), c.end())
	}
	return c, nil
}

// keepOut keeps every other process out until the session ends, or says that there is one.
func (s *session) keepOut() error {
	found, err := s.one(s.engine.alone)
	if err == nil && !found[0].(bool) {
		err = fmt.Errorf("the database is %w: stop all that run on it first", ErrInUse)
	}
	return err
}

// end gives up what was not committed, and closes.
func (c *copySession) end() error {
	c.rollback()
	return errors.Join(c.close(), c.engine.release())
}

// tablesOf lists the tables, those that others point to first. SQLite says what there is; both have the same.
func tablesOf(source, target *copySession) (all []table, err error) {
	catalogue := source
	if source.engine.alone != nil {
		catalogue = target
	}
	if (source.engine.alone == nil) == (target.engine.alone == nil) {
		return nil, errSameKind
	}
	err = catalogue.query(&statement{text: `SELECT m.name, c.name, c.pk FROM sqlite_master m, pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name <> $1 AND m.name NOT LIKE 'sqlite_%'
			AND m.name NOT LIKE '_litestream_%' -- Litestream's own, in the file that it copies
		ORDER BY m.rowid, c.cid`}, func(r row) error {
		if len(all) == 0 || all[len(all)-1].name != r.text(0) {
			all = append(all, table{name: r.text(0)})
		}
		t := &all[len(all)-1]
		t.columns = append(t.columns, r.text(1))
		if r.flag(2) {
			t.key = append(t.key, r.text(1))
		}
		return nil
	}, "goose_db_version")
	return all, err
}

// all selects every row, in an order that is the same everywhere.
func (t table) all() *statement {
	return &statement{text: "SELECT " + strings.Join(t.columns, ", ") + " FROM " + t.name + " ORDER BY " + strings.Join(t.key, ", ")}
}

// insert adds so many rows.
func (t table) insert(rows int) *statement {
	tuples, n := make([]string, rows), 0
	for i := range tuples {
		values := make([]string, len(t.columns))
		for j := range values {
			n++
			values[j] = "$" + strconv.Itoa(n)
		}
		tuples[i] = "(" + strings.Join(values, ", ") + ")"
	}
	return &statement{text: "INSERT INTO " + t.name + " (" + strings.Join(t.columns, ", ") + ") VALUES " + strings.Join(tuples, ", ")}
}

// copy writes the rows of source into target, some at a time.
func (t table) copy(source, target *copySession) error {
	full := t.insert(copyRows)
	var values []any
	err := source.query(t.all(), func(r row) error {
		for _, v := range r {
			if b, isBytes := v.([]byte); isBytes {
				v = bytes.Clone(b) // the driver may use it again
			}
			values = append(values, v)
		}
		if len(values) < copyRows*len(t.columns) {
			return nil
		}
		_, err := target.exec(full, values...)
		values = values[:0]
		return err
	})
	if err != nil || len(values) == 0 {
		return err
	}
	_, err = target.exec(t.insert(len(values)/len(t.columns)), values...)
	return err
}

// errDifferent says that a copy is not what was copied.
var errDifferent = errors.New("the copy differs")

// compare reads both and returns how many rows they have.
func (t table) compare(source, target *copySession) (rows int, err error) {
	var targetErr error
	next, stop := iter.Pull(func(yield func(row) bool) {
		targetErr = target.query(t.all(), func(r row) error {
			if !yield(r) {
				return errDifferent
			}
			return nil
		})
	})
	defer stop()
	err = source.query(t.all(), func(want row) error {
		rows++
		got, ok := next()
		if !ok {
			return fmt.Errorf("%w: row %d is not there", errDifferent, rows)
		}
		for i, name := range t.columns {
			if !sameValue(want[i], got[i]) {
				return fmt.Errorf("%w: %s of row %d", errDifferent, name, rows)
			}
		}
		return nil
	})
	if err != nil {
		return rows, err
	}
	if _, more := next(); more {
		return rows, fmt.Errorf("%w: it has more than %d rows", errDifferent, rows)
	}
	return rows, targetErr
}

// sameValue compares two values of a column. Nothing and no bytes are the same.
func sameValue(a, b any) bool {
	x, isX := a.([]byte)
	y, isY := b.([]byte)
	if isX || isY {
		return (isX || a == nil) && (isY || b == nil) && bytes.Equal(x, y)
	}
	return a == b
}
