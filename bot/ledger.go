package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"watchbell/incidents"
	"watchbell/storage"
)

// ledger is what the commands that write from outside Slack need; *incidents.Service is one, a running process another.
type ledger interface {
	Handle(ctx context.Context, r incidents.Request) (incidents.Result, error)
	Snapshot(ctx context.Context, number int) (incidents.Snapshot, error)
	Find(ctx context.Context, q incidents.Query) ([]incidents.Incident, error)
}

// opened is a ledger that must be closed.
type opened struct {
	ledger
	// running says that Watchbell runs, as far as can be told, so that Slack hears of what is written.
	running bool
	operate operating
	close   func() error
}

// A Watchbell that is starting has the database before it can be asked; it is waited for, startTries times.
const (
	startTries = 20
	startPause = 100 * time.Millisecond
)

// pause waits, and reports false when the context ended.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// mustExist keeps a command from making a database where there is none.
func mustExist(database string) error {
	file, err := storage.File(database)
	if err != nil || file == "" {
		return err
	}
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no database %s; set DATABASE_URL as it is for serve", file)
	}
	return nil
}

// openLedger finds the incidents: in the process that runs on the database, else in the database itself. Two processes
// must not write to one SQLite file, and whoever runs first has it; so the running one is asked, through a socket beside
// the file (see control.go), and the file is opened only when nobody runs.
func openLedger(ctx context.Context, c Config, now func() time.Time) (*opened, error) {
	file, err := storage.File(c.database)
	if err != nil {
		return nil, err
	}
	if err := mustExist(c.database); err != nil {
		return nil, err
	}
	var store *storage.Store
	for try := 0; ; try++ {
		if remote := dialControl(ctx, file); remote != nil {
			return &opened{ledger: remote, running: true, operate: remote.operate, close: remote.close}, nil
		}
		store, err = storage.Open(ctx, c.database, storage.Options{Readers: 1})
		if !errors.Is(err, storage.ErrInUse) || try == startTries || !pause(ctx, startPause) {
			break
		}
	}
	if errors.Is(err, storage.ErrInUse) {
		return nil, fmt.Errorf("%s is in use by a Watchbell that does not answer at %s; it may be starting: try again in a moment", file, controlFolder(file))
	}
	if err != nil {
		return nil, err
	}
	without := map[incidents.Target]bool{incidents.Trello: !c.hasTrello(), incidents.GitHub: !c.hasGitHub()}
	service := incidents.NewService(store, incidents.Options{Now: now, Without: without})
	operate := (&operator{store, service, now, store.Shared()}).do
	return &opened{ledger: service, running: store.Shared(), operate: operate, close: store.Close}, nil
}

// ledgerOf opens the ledger that a configuration file names.
func ledgerOf(ctx context.Context, config string, env environment) (Config, *opened, error) {
	c, err := loadConfig(config, env.getenv)
	if err != nil {
		return c, nil, err
	}
	l, err := openLedger(ctx, c, env.now)
	return c, l, err
}

// later is what to add to an answer while Watchbell does not run.
func (o *opened) later() string {
	if o.running {
		return ""
	}
	return " Watchbell is not running; Slack shows it when it runs again."
}
