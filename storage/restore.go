package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"watchbell/incidents"
)

// Restoring says what is to be put back, and where.
type Restoring struct {
	// From is the copy, To the database's URL.
	From, To string
	// Replace allows that there is a database; it is kept beside, with a name that ends in "replaced-" and Now.
	Replace bool
	Now     time.Time
	// Prepare is called with the database before it takes its place, and with the highest number that an incident had in the
	// database that it replaces; 0 when there was none or it cannot be read.
	Prepare func(s *Store, before int) error
}

// Restored says what was put back.
type Restored struct {
	Copied
	// Kept is the file of the database that was replaced; empty when there was none.
	Kept string `json:"kept,omitempty"`
}

// Restore puts a copy of a SQLite database in the place of one. Until the copy is whole, checked and prepared nothing is
// touched. No Watchbell may run.
func Restore(ctx context.Context, r Restoring) (done Restored, err error) {
	path, err := File(r.To)
	if err != nil {
		return done, err
	}
	if path == "" {
		return done, errServer
	}
	release, err := lockFile(path)
	if errors.Is(err, errLocked) {
		return done, fmt.Errorf("%s is %w: stop it first", path, ErrInUse)
	}
	if err != nil {
		return done, fmt.Errorf("lock the database: %w", explainFile(path, err))
	}
	defer func() { err = errors.Join(err, release()) }()
	from, err := realPath(r.From)
	if err != nil {
		return done, err
	}
	if from == path {
		return done, fmt.Errorf("%s is the database itself: name the copy", r.From)
	}
	info, err := os.Stat(path)
	there := err == nil && info.Size() > 0
	if there && !r.Replace {
		return done, fmt.Errorf("there is a database at %s: add -replace to put the copy in its place; it is kept beside", path)
	}
	if done.Copied, err = lookThrough(ctx, from); err != nil {
		return done, err
	}
	draft := path + ".restoring"
	remove := func() {
		for _, end := range []string{"", "-wal", "-shm", "-journal", ".lock"} {
			_ = os.Remove(draft + end)
		}
	}
	remove()
	defer remove()
	if err := r.fill(ctx, from, draft, lastOf(ctx, path)); err != nil {
		return done, err
	}
	Belong(draft, path)
	if there {
		done.Kept = path + ".replaced-" + r.Now.UTC().Format("20060102T150405Z")
	}
	return done, swap(path, draft, done.Kept)
}

// fill makes the database that takes the place of the other.
func (r Restoring) fill(ctx context.Context, from, draft string, before int) error {
	source, err := openApart(ctx, from)
	if err != nil {
		return err
	}
	err = vacuumInto(source, draft)
	if err = errors.Join(err, source.close()); err != nil {
		return err
	}
	s, err := Open(ctx, "sqlite:"+draft, Options{Readers: 1})
	if err != nil {
		return fmt.Errorf("%s cannot be put back: %w", from, err)
	}
	return errors.Join(r.Prepare(s, before), s.Close())
}

// lastOf is the highest number of an incident in a database that is about to be replaced; 0 when it cannot be read, which
// may be why it is.
func lastOf(ctx context.Context, path string) int {
	s, err := openApart(ctx, path)
	if err != nil {
		return 0
	}
	defer func() { _ = s.close() }()
	last, _ := s.lastNumber()
	return last
}

// swap moves the old database aside, with its log, and the new one into its place.
func swap(path, draft, kept string) error {
	if _, err := os.Lstat(kept); kept != "" && err == nil {
		return fmt.Errorf("%s is there already: try again in a second", kept)
	}
	// The log first: a database without its log is an older one, a log without its database is nothing.
	for _, end := range []string{"-wal", "-shm", "-journal", ""} {
		var err error
		if kept == "" {
			err = os.Remove(path + end)
		} else {
			err = os.Rename(path+end, kept+end)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("move the old database aside: %w", err)
		}
	}
	if err := os.Rename(draft, path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

var (
	markRestore = &statement{text: `INSERT INTO restores (last_incident, next_incident, at)
		SELECT COALESCE(MAX(number), 0), $1, $2 FROM incidents WHERE number >= 0
		ON CONFLICT (last_incident) DO UPDATE SET next_incident = excluded.next_incident, at = excluded.at`}
	// What they remember is what they made and showed until then; by the time that the database was lost it was something else.
	markTried = &statement{text: `UPDATE deliveries SET tried = 1 WHERE tried = 0`}
)

// MarkRestored notes that this database is a copy from earlier: what is delivered for its incidents from now on is looked for
// before it is made, and what shows state is shown anew. New incidents get numbers from next on, or from the one after the
// last when that is higher.
func (s *Store) MarkRestored(ctx context.Context, next int, now time.Time) (first int, err error) {
	err = s.Update(ctx, func(t incidents.Tx) error {
		w := t.(*tx)
		w.writer.known = false
		last, err := w.LastNumber()
		if err != nil {
			return err
		}
		first = max(next, last+1)
		if _, err := w.write(markRestore, first, micros(now)); err != nil {
			return err
		}
		w.writer.known = false
		_, err = w.write(markTried)
		return err
	})
	return first, err
}

// LastNumber is the highest number that an incident has or may have had; 0 for none.
func (s *Store) LastNumber(ctx context.Context) (last int, err error) {
	err = s.View(ctx, func(r incidents.Reader) error {
		last, err = r.(*reader).session.lastNumber()
		return err
	})
	return last, err
}
