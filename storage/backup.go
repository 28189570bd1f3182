package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
)

// Copied says what a copy of the database holds.
type Copied struct {
	Incidents  int   `json:"incidents"`
	Entries    int   `json:"entries"`
	Deliveries int   `json:"deliveries"`
	Bytes      int64 `json:"bytes"`
}

// errServer says that the database is no file.
var errServer = errors.New(`the database is on PostgreSQL, which has its own tools: ` +
	`pg_dump --format=custom --file=watchbell.dump "$DATABASE_URL" makes a copy while Watchbell runs, ` +
	`pg_restore puts it into an empty database, and watchbell restore -mark then tells Watchbell of it`)

// Backup writes a copy of the database to a file that must not exist, while everything goes on. The copy is the state at
// one instant; it is on disk, and was read through and compared, when Backup returns nil. Else there is no file.
func (s *Store) Backup(ctx context.Context, file string) (Copied, error) {
	if s.Shared() {
		return Copied{}, errServer
	}
	c, err := s.engine.connect(ctx, s.engine.writer, s.engine.beginRead)
	if err != nil {
		return Copied{}, err
	}
	defer func() { _ = c.close() }()
	c.ctx = ctx
	before, err := c.counts()
	if err != nil {
		return Copied{}, err
	}
	if err := vacuumInto(c, file); err != nil {
		return Copied{}, err
	}
	copied, err := lookThrough(ctx, file)
	if err == nil {
		var after Copied
		after, err = c.counts()
		if err == nil && (copied.Incidents < before.Incidents || copied.Entries < before.Entries ||
			copied.Incidents > after.Incidents || copied.Entries > after.Entries) {
			err = errDifferent
		}
	}
	if err != nil {
		return Copied{}, fmt.Errorf("the copy is not good and was removed: %w", errors.Join(err, os.Remove(file)))
	}
	return copied, nil
}

// vacuumInto writes everything into a new file that only its owner can read, and has it reach the disk. The file appears
// under its name when it is whole.
func vacuumInto(c *session, file string) (err error) {
	if _, err := os.Lstat(file); err == nil {
		return fmt.Errorf("%s is there already: name another file, or remove it", file)
	}
	draft, err := os.CreateTemp(filepath.Dir(file), ".watchbell-*") // with mode 0600
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the folder %s does not exist: create it, or name another file", filepath.Dir(file))
	}
	if err != nil {
		return fmt.Errorf("%s cannot be written: let the user that Watchbell runs as write to its folder, or name another file (%w)", file, errors.Unwrap(err))
	}
	defer func() { _ = os.Remove(draft.Name()) }()
	_, err = c.exec(&statement{text: `VACUUM INTO $1`}, draft.Name())
	c.failed = nil // no transaction depends on it
	if err == nil {
		err = draft.Sync()
	}
	if err = errors.Join(err, draft.Close()); err != nil {
		return fmt.Errorf("write %s: %w", file, explainSQLite(file, err))
	}
	err = os.Link(draft.Name(), file) // unlike a rename it replaces nothing
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already: name another file, or remove it", file)
	}
	if err != nil { // not every file system has links
		err = os.Rename(draft.Name(), file)
	}
	return errors.Join(err, syncFolder(filepath.Dir(file)))
}

// syncFolder has the names in a folder reach the disk, where a folder can be opened for that.
func syncFolder(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return nil
	}
	_ = f.Sync() // not every system has it
	return f.Close()
}

var countAll = &statement{text: `SELECT (SELECT COUNT(*) FROM incidents), (SELECT COUNT(*) FROM entries),
	(SELECT COUNT(*) FROM deliveries)`}

func (s *session) counts() (Copied, error) {
	found, err := s.one(countAll)
	if err != nil {
		return Copied{}, err
	}
	return Copied{Incidents: found.number(0), Entries: found.number(1), Deliveries: found.number(2)}, nil
}

// openApart opens a database file to read it, taking no lock and, unless it has a log, leaving nothing beside it.
func openApart(ctx context.Context, file string) (*session, error) {
	path, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no file %s: name one that `watchbell backup` made", file)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", file, errors.Unwrap(err))
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a file", file)
	}
	how := "mode=ro&immutable=1"
	if log, err := os.Stat(path + "-wal"); err == nil && log.Size() > 0 {
		how = "mode=rw" // what is in the log belongs to it
	}
	name := "file://" + (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath() + "?" + how
	connector, err := sqlite.NewConnector(name)
	if err != nil {
		return nil, err
	}
	e := &engine{dialect: goose.DialectSQLite3, fault: sqliteFault, spell: spellPlain}
	s, err := e.connect(ctx, connector, &statement{text: `BEGIN`})
	if err != nil {
		return nil, explainSQLite(file, err)
	}
	s.ctx = ctx
	return s, nil
}

// lookThrough reads a copy from beginning to end: SQLite's own check, and ours.
func lookThrough(ctx context.Context, file string) (Copied, error) {
	s, err := openApart(ctx, file)
	if err != nil {
		return Copied{}, err
	}
	defer func() { _ = s.close() }()
	if err := s.isWatchbell(file); err != nil {
		return Copied{}, err
	}
	wrong, err := s.check(checkOptions{sqlite: true})
	if err != nil {
		return Copied{}, explainSQLite(file, err)
	}
	if len(wrong) > 0 {
		return Copied{}, fmt.Errorf("%s is damaged, take another one: %s", file, wrong[0])
	}
	copied, err := s.counts()
	if info, failed := os.Stat(file); failed == nil {
		copied.Bytes = info.Size()
	}
	return copied, err
}

// isWatchbell refuses files that hold something else.
func (s *session) isWatchbell(file string) error {
	found, err := s.one(&statement{text: `SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name IN ('incidents', 'deliveries', 'goose_db_version')`})
	if err != nil {
		return explainSQLite(file, err)
	}
	if found.number(0) != 3 {
		return fmt.Errorf("%s is no database of Watchbell's", file)
	}
	return nil
}
