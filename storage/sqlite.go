package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// sqliteEngine prepares the engine for a database file, which is created where there is none. It takes the lock that
// keeps a second process out.
func sqliteEngine(path string, o Options) (*engine, error) {
	path, err := sqlitePath(path)
	if err != nil {
		return nil, err
	}
	release, err := lockFile(path)
	if errors.Is(err, errLocked) {
		return nil, fmt.Errorf("%s is %w: stop that one first, or name another file", path, ErrInUse)
	}
	if err != nil {
		return nil, fmt.Errorf("lock the database: %w", explainFile(path, err))
	}
	e := &engine{
		dialect: goose.DialectSQLite3, migrations: "sqlite", fault: sqliteFault, spell: spellPlain,
		beginWrite: &statement{text: `BEGIN IMMEDIATE`}, beginRead: &statement{text: `BEGIN`},
		checkpoint: &statement{text: `PRAGMA wal_checkpoint(PASSIVE)`}, soleWriter: true, release: release,
		log: path + "-wal", explain: func(err error) error { return explainSQLite(path, err) },
	}
	if err := createPrivate(path); err != nil {
		return nil, errors.Join(err, release())
	}
	if err := e.watch(path); err != nil {
		return nil, errors.Join(err, release())
	}
	var extra []string
	if o.maxPages > 0 {
		extra = append(extra, fmt.Sprintf("max_page_count(%d)", o.maxPages))
	}
	if e.writer, err = sqlite.NewConnector(dsn(path, "_txlock=immediate", extra...)); err != nil {
		return nil, errors.Join(err, release())
	}
	// A reader sees a page once; the system's cache is quick enough for the next one.
	if e.reader, err = sqlite.NewConnector(dsn(path, "_query_only=1", "cache_size(-200)")); err != nil {
		return nil, errors.Join(err, release())
	}
	return e, nil
}

// sqlitePath is the file that a URL names behind "sqlite:", with symbolic links resolved. It may not be there yet, its folder
// must.
func sqlitePath(path string) (string, error) {
	switch {
	case path == "":
		return "", errors.New("the database URL names no file: write sqlite:watchbell.db")
	case strings.Contains(path, ":memory:"):
		return "", errors.New("a database in memory would lose every incident: write sqlite:watchbell.db")
	}
	path, err := realPath(path)
	if err != nil {
		return "", err
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return "", fmt.Errorf("%s is a folder: name a file in it, such as sqlite:%s", path, filepath.Join(path, "watchbell.db"))
	}
	return path, nil
}

// ErrInUse is wrapped by the error of Open when another process has the database file, or with Options.Alone any database.
var ErrInUse = errors.New("in use by another Watchbell")

// File is the absolute path of the database file that a URL names, with symbolic links resolved; empty where the
// database is no file. Whoever keeps something beside the database asks here, so that every process finds one place.
func File(databaseURL string) (string, error) {
	path, ok := strings.CutPrefix(databaseURL, "sqlite:")
	if !ok || path == "" {
		return "", nil
	}
	return realPath(path)
}

// realPath resolves symbolic links, so that one file has one lock by whatever name it is opened.
func realPath(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	folder, err := filepath.EvalSymlinks(filepath.Dir(path))
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("the folder %s does not exist: create it, or name another file", filepath.Dir(path))
	}
	if err != nil {
		return "", err
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real, nil
	}
	return filepath.Join(folder, filepath.Base(path)), nil
}

// createPrivate creates the database file so that only its owner can read it: it holds private incidents. An existing
// file keeps its mode, and must not even be opened here: closing it would drop SQLite's locks.
// See https://www.sqlite.org/howtocorrupt.html, section 2.2.
func createPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("create the database: %w", explainFile(path, err))
	}
	err = f.Close()
	Belong(path, filepath.Dir(path))
	return err
}

// dsn builds the data source name. Only the file: form takes parameters that reach every connection. busy_timeout comes
// first, because the others may have to wait; the checkpoints are ours (see the package comment); fullfsync makes an
// fsync reach the disk on macOS.
func dsn(path, mode string, pragmas ...string) string {
	var b strings.Builder
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") { // C:/watchbell.db
		path = "/" + path
	}
	b.WriteString("file://" + (&url.URL{Path: path}).EscapedPath())
	b.WriteString("?" + mode)
	for _, p := range append([]string{
		"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "fullfsync(1)", "foreign_keys(1)",
		"wal_autocheckpoint(0)", "mmap_size(0)", "temp_store(MEMORY)",
	}, pragmas...) {
		b.WriteString("&_pragma=" + url.QueryEscape(p))
	}
	return b.String()
}

var placeholder = regexp.MustCompile(`\$[0-9]+`)

// spellPlain writes "?" for "$1", "$2" … and says which argument stands in each place. The driver looks up a parameter's
// name each time that it binds one; without names that is a fifth of the time of a statement that has an argument twice.
func spellPlain(text string) (plain string, order []int) {
	plain = placeholder.ReplaceAllStringFunc(text, func(p string) string {
		n, _ := strconv.Atoi(p[1:]) // digits
		order = append(order, n-1)
		return "?"
	})
	return plain, order
}

// sqliteFault sorts SQLite's result codes. See https://www.sqlite.org/rescode.html.
func sqliteFault(err error) fault {
	var e *sqlite.Error
	if errors.Is(err, errMoved) {
		return broken
	}
	if !errors.As(err, &e) {
		return refused
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_RANGE:
		return harmless
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return broken
	}
	return refused
}
