package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// errMoved says that a file is not the one that was opened: what is written goes to a file without a name, and is gone
// with the process.
var errMoved = errors.New("was removed or replaced while Watchbell was running: put back the file that is wanted, if any, and start Watchbell again")

// openedFile is a file of the database as it was when it was opened.
type openedFile struct {
	path string
	info os.FileInfo
}

// watch remembers the file at path, so that intact finds out when it is another one.
func (e *engine) watch(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	e.files = append(e.files, openedFile{path, info})
	return nil
}

// watchLog is watch for the log, which is there once a connection is; a file system that cannot have one has SQLite do
// without it.
func (e *engine) watchLog() error {
	if e.log == "" {
		return nil
	}
	if err := e.watch(e.log); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// intact returns errMoved, wrapped, when a file of the database is gone or is not the one that was opened. It only asks for
// their attributes: opening and closing them would drop SQLite's locks.
func (e *engine) intact() error {
	for _, f := range e.files {
		info, err := os.Stat(f.path)
		switch {
		case errors.Is(err, fs.ErrNotExist), err == nil && !os.SameFile(info, f.info):
			return fmt.Errorf("%s %w", f.path, errMoved)
		case err != nil:
			return fmt.Errorf("look for the database: %w", err)
		}
	}
	return nil
}

// ErrFull is wrapped where a change could not be put on disk because there is no room for it.
var ErrFull = errors.New("the disk is full")

// letWrite is what to do about a database that cannot be written. SQLite makes files beside it.
const letWrite = "let the user that Watchbell runs as read and write the file and its folder, or name another file"

// explainSQLite says what to do about an error of SQLite with the file at path.
func explainSQLite(path string, err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%s is not a database, or is damaged: name another file, or restore a backup (%w)", path, err)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		return fmt.Errorf("%s%s cannot be written: %s (%w)", path, whose(path), letWrite, err)
	case sqlite3.SQLITE_CANTOPEN:
		return fmt.Errorf("%s%s cannot be opened: %s (%w)", path, whose(path), letWrite, err)
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("%w: make room for %s, see df -h %s (%w)", ErrFull, path, filepath.Dir(path), err)
	case sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("%s is damaged, or not the whole of it is there: name another file, or restore a backup (%w)", path, err)
	}
	return err
}

// explainFile says what to do about an error of the operating system with a file that belongs to the database at path.
func explainFile(path string, err error) error {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		file := path
		if at := (*fs.PathError)(nil); errors.As(err, &at) && whose(at.Path) != "" {
			file = at.Path
		}
		return fmt.Errorf("%s%s cannot be written: %s (%w)", file, whose(file), letWrite, err)
	}
	if errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("%w: make room for %s, see df -h %s (%w)", ErrFull, path, filepath.Dir(path), err)
	}
	return err
}
