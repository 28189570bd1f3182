package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"embed"
	"errors"
	"fmt"
	"io/fs"

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
	// spell puts a statement's text into the form that the driver is quickest with.
	spell func(string) string
	fault func(error) fault
	// explain turns an error of opening the database into a sentence that says what to do; others it returns as they are.
	explain func(error) error
	// checkpoint moves the log into the database; nil where the database does that by itself and says so when it fails.
	checkpoint *statement
	// soleWriter says that nobody else changes the database while we have it.
	soleWriter bool
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
	db := sql.OpenDB(e.writer)
	db.SetMaxOpenConns(1)
	defer func() { err = errors.Join(err, db.Close()) }()
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
