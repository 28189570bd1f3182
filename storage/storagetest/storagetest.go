// Package storagetest is the contract that every incidents.Store keeps, as tests. A database's own tests call Run with a
// way to open it; what only that database can do (a full disk, a killed process) they test themselves.
package storagetest

import (
	"context"
	"testing"
	"time"

	"watchbell/incidents"
)

// Harness opens the stores that are tried.
type Harness struct {
	// Open returns an empty store, which is closed when the test ends.
	Open func(t *testing.T) incidents.Store
	// Reopen closes the store and opens what it has written again, as a new process would. Where it is nil, durability
	// is not tried.
	Reopen func(t *testing.T, s incidents.Store) incidents.Store
	// Another opens what another store has open, as a second process would. Where it is nil, one process at a time may.
	Another func(t *testing.T, s incidents.Store) incidents.Store
}

// Run tries the contract.
func Run(t *testing.T, h Harness) {
	themes := []struct {
		name  string
		tests map[string]func(*testing.T, Harness)
	}{
		{"incidents", incidentTests},
		{"find", findTests},
		{"entries", entryTests},
		{"captures", captureTests},
		{"wishes", wishTests},
		{"leases", leaseTests},
		{"settling", settleTests},
		{"backlog", backlogTests},
		{"answers", answerTests},
		{"transactions", transactionTests},
		{"service", serviceTests},
		{"words", wordTests},
		{"search", searchTests},
		{"forgetting", map[string]func(*testing.T, Harness){"in time": forget}},
		{"model", modelTests},
		{"durability", durabilityTests},
		{"replicas", replicaTests},
	}
	for _, theme := range themes {
		t.Run(theme.name, func(t *testing.T) {
			for name, test := range theme.tests {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					test(t, h)
				})
			}
		})
	}
}

// noon is when the tests take place.
var noon = time.Date(2026, 7, 8, 12, 0, 0, 0, time.UTC)

// after is so many seconds after noon.
func after(seconds int) time.Time { return noon.Add(time.Duration(seconds) * time.Second) }

// update runs fn in an Update that has to succeed.
func update(t *testing.T, s incidents.Store, fn func(incidents.Tx) error) {
	t.Helper()
	if err := s.Update(context.Background(), fn); err != nil {
		t.Fatalf("Update: %v", err)
	}
}

// view runs fn in a View that has to succeed.
func view(t *testing.T, s incidents.Store, fn func(incidents.Reader) error) {
	t.Helper()
	if err := s.View(context.Background(), fn); err != nil {
		t.Fatalf("View: %v", err)
	}
}

// apply writes a change at noon.
func apply(t *testing.T, s incidents.Store, c incidents.Change) {
	t.Helper()
	update(t, s, func(tx incidents.Tx) error { return tx.Apply(c, noon) })
}

// declared is a new incident as a declaration leaves it.
func declared(number int) incidents.Incident {
	return incidents.Incident{
		Number: number, Title: "Checkout answers with errors", Status: incidents.Declared,
		DeclaredAt: noon, DeclaredBy: "U-ANA", DeclaredIn: "C-TEAM",
		Holders:   map[incidents.Role][]string{incidents.Lead: {"U-ANA"}},
		LastEntry: 1, Version: 1,
	}
}

// declare puts an incident into the store, with its first entry.
func declare(t *testing.T, s incidents.Store, in incidents.Incident) {
	t.Helper()
	apply(t, s, incidents.Change{Incident: in, Entries: []incidents.Entry{
		{Number: 1, At: in.DeclaredAt, Text: "We declared the incident", Format: incidents.Markdown},
	}})
}

// load returns an incident as a View sees it.
func load(t *testing.T, s incidents.Store, number int) (in incidents.Incident) {
	t.Helper()
	view(t, s, func(r incidents.Reader) (err error) {
		in, err = r.Incident(number)
		return err
	})
	return in
}
