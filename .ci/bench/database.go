package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"watchbell/incidents"
	"watchbell/storage"
)

// entriesEach is how many entries the prepared incidents have.
const entriesEach = 20

// prepare makes a database with so many open incidents, each with its channel and a timeline, and nothing left to deliver.
func prepare(ctx context.Context, file string, count int) (err error) {
	store, err := storage.Open(ctx, "sqlite:"+file, storage.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	c := &clock{now: time.Now().Add(-24 * time.Hour)}
	service := incidents.NewService(store, incidents.Options{
		Now: c.read, Without: map[incidents.Target]bool{incidents.Trello: true, incidents.GitHub: true},
	})
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(64)
	for n := range count {
		group.Go(func() error {
			by := incidents.Actor{User: fmt.Sprintf("U%07d", n%people+1), In: "C0TEAM001"}
			made, err := service.Handle(inner, incidents.Request{By: by, Command: incidents.Declare{Title: "Checkout answers with errors"}})
			for i := 0; i < entriesEach && err == nil; i++ {
				_, err = service.Handle(inner, incidents.Request{
					By: by, Incident: made.Incident, Command: incidents.Log{Text: "Looked at the queue and restarted the workers."},
				})
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return settleAll(ctx, service, c)
}

// settleAll says of every delivery that it was done.
func settleAll(ctx context.Context, service *incidents.Service, c *clock) error {
	for {
		leased, next, err := service.Lease(ctx, 64)
		if err != nil {
			return err
		}
		if len(leased) == 0 {
			if next.IsZero() {
				return nil
			}
			c.reach(next)
			continue
		}
		group, inner := errgroup.WithContext(ctx)
		for _, d := range leased {
			group.Go(func() error {
				outcome := incidents.DeliveredAs(incidents.Receipt{ID: fmt.Sprintf("C0TEAM001/1700000000.%06d", d.Incident)})
				if d.Kind == incidents.KindChannel {
					id := fmt.Sprintf("C%07d", d.Incident)
					outcome.Receipt.ID = id
					outcome.Channel = incidents.Channel{ID: id, Name: fmt.Sprintf("inc-%d", d.Incident)}
				}
				return service.Settle(inner, d, outcome)
			})
		}
		if err := group.Wait(); err != nil {
			return err
		}
	}
}

// clock is set forward when there is nothing to do before a certain time.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Millisecond)
	return c.now
}

func (c *clock) reach(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.After(c.now) {
		c.now = t
	}
}

// fresh copies the prepared database.
func (b *bench) fresh() (string, error) {
	file := b.database + ".copy"
	for _, suffix := range []string{"-wal", "-shm", ".lock"} {
		if err := os.Remove(file + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
	}
	text, err := os.ReadFile(b.database)
	if err != nil {
		return "", err
	}
	return file, os.WriteFile(file, text, 0o600)
}

// rows counts the rows of a table.
func rows(ctx context.Context, file, table string) (n int, err error) {
	db, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = db.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+table).Scan(&n)
	return n, err
}
