package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
)

// engine is what differs between databases.
type engine struct {
	dialect    goose.Dialect
	migrations string // folder below migrations
	writer     driver.Connector
	reader     driver.Connector
	beginWrite *statement
	beginRead  *statement
	// spell puts a statement's text into the form that the driver is quickest with; order says which argument is bound in
	// each place then, nil for one after the other.
	spell func(text string) (spelled string, order []int)
	fault func(error) fault
	// explain turns an error of opening the database into a sentence that says what to do; others it returns as they are.
	explain func(error) error
	// checkpoint moves the log into the database; nil where the database does that by itself and says so when it fails.
	checkpoint *statement
	// soleWriter says that nobody else changes the database while we have it.
	soleWriter bool
	// within bounds a transaction together with whatever is tried again for it; 0 where nothing can keep it waiting.
	within time.Duration
	// starting is how long a database that does not answer is waited for when it is opened.
	starting time.Duration
	// sends says that statements without arguments, of which one text may hold several, are sent as they are.
	sends bool
	// process names this process where a commit's answer can be lost on its way; see persist. Empty elsewhere.
	process string
	// migrator connects for the migrations, where they need another connection than the writer's.
	migrator driver.Connector
	// lock keeps other processes from migrating at the same time; nil where none can.
	lock func(context.Context, *sql.DB) (release func() error, err error)
	// alone keeps every other process out of it, and says whether there was none; nil where nobody can be.
	// renumber has the numbers that the database gives begin after those that were copied.
	alone, renumber *statement
	// leave gives up what a connection has locked, before it is closed: a server would do so a moment later, and whoever is
	// next would find it locked. Nil where nothing is.
	leave *statement
	// files are those that must stay where they are while they are open; log becomes one of them. See intact.
	files []openedFile
	log   string
	// release gives up what keeps others out; nil for nothing.
	release func() error
}

// fault says how bad an error of the database is.
type fault int

const (
	// harmless: the statement did nothing, the transaction goes on.
	harmless fault = iota
	// undone: as harmless, but the transaction goes on from its last savepoint only.
	undone
	// passing: the transaction cannot go on, and would succeed if it were run again.
	passing
	// lost: as passing, on another connection. What became of a commit is not known.
	lost
	// refused: the transaction cannot go on; the next one may.
	refused
	// broken: what is on disk is not known any more.
	broken
)

//go:embed migrations
var migrations embed.FS

// migrate brings the schema up to date. It refuses a schema that is newer than this program.
func (e *engine) migrate(ctx context.Context) (err error) {
	folder, err := fs.Sub(migrations, "migrations/"+e.migrations)
	if err != nil {
		return err
	}
	from, connections := e.writer, 1
	if e.migrator != nil {
		from, connections = e.migrator, 2
	}
	db := sql.OpenDB(from)
	db.SetMaxOpenConns(connections)
	defer func() { err = errors.Join(err, db.Close()) }()
	if e.lock != nil {
		release, err := e.lock(ctx, db)
		if err != nil {
			return err
		}
		defer func() { _ = release() }() // closing the connections does it as well
	}
	p, err := goose.NewProvider(e.dialect, db, folder, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	has, knows, err := p.GetVersions(ctx)
	if err != nil {
		return err
	}
	if has > knows {
		return fmt.Errorf("the database was written by a newer Watchbell (schema %d, this one knows %d): start that version, or restore a backup from before", has, knows)
	}
	if has == knows {
		return nil
	}
	_, err = p.Up(ctx)
	return err
}
