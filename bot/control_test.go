package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"watchbell/incidents"
	"watchbell/storage"
)

// A socket's path may have about a hundred bytes; the database may lie deeper.
func TestControlReachesADeepDatabase(t *testing.T) {
	for _, depth := range []int{0, 200} {
		folder := filepath.Join(t.TempDir(), strings.Repeat("d", depth))
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		database := filepath.Join(folder, "watchbell.db")
		if remote := dialControl(t.Context(), database); remote != nil {
			t.Fatal("somebody answers where nobody listens")
		}
		// What a run that was killed left behind is no hindrance.
		if err := os.MkdirAll(controlFolder(database), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(controlFolder(database), controlSocket), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		listener, err := listenControl(t.Context(), database)
		if err != nil {
			t.Fatal(err)
		}
		server := &http.Server{Handler: controlHandler(fakeLedger{}, nil)}
		ended := make(chan error, 1)
		go func() { ended <- server.Serve(listener) }()
		if info, err := os.Stat(controlFolder(database)); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("others can enter: %v, %v", info.Mode(), err)
		}
		remote := dialControl(t.Context(), database)
		if remote == nil {
			t.Fatal("nobody answers")
		}
		for number, want := range map[int]error{1: incidents.ErrNotFound, 2: incidents.ErrNotDurable, 3: incidents.Refuse(incidents.TooLate, "Closed."), 4: incidents.ErrUnsure, 5: storage.ErrFull} {
			_, err := remote.Handle(t.Context(), incidents.Request{Incident: number, Command: incidents.Log{Text: "x"}})
			if refused := incidents.AsRefusal(want); refused != nil {
				if got := incidents.AsRefusal(err); got == nil || *got != *refused {
					t.Errorf("%v arrives as %v", want, err)
				}
			} else if !errors.Is(err, want) {
				t.Errorf("%v arrives as %v", want, err)
			}
		}
		if _, err := remote.Handle(t.Context(), incidents.Request{Command: incidents.Resolve{}}); err == nil || !strings.Contains(err.Error(), "knows no incidents.Resolve") {
			t.Errorf("a command that may not come this way: %v", err)
		}
		_ = remote.close()
		_ = server.Close()
		<-ended
	}
}

// fakeLedger refuses by the number of the incident.
type fakeLedger struct{}

func (fakeLedger) Handle(_ context.Context, r incidents.Request) (incidents.Result, error) {
	switch r.Incident {
	case 1:
		return incidents.Result{}, incidents.ErrNotFound
	case 2:
		return incidents.Result{}, incidents.ErrNotDurable
	case 4:
		return incidents.Result{}, fmt.Errorf("%w: %w", incidents.ErrNotDurable, incidents.ErrUnsure)
	case 5:
		return incidents.Result{}, fmt.Errorf("%w: %w: make room", incidents.ErrNotDurable, storage.ErrFull)
	}
	return incidents.Result{}, incidents.Refuse(incidents.TooLate, "Closed.")
}

func (fakeLedger) Snapshot(context.Context, int) (incidents.Snapshot, error) {
	return incidents.Snapshot{}, nil
}

func (fakeLedger) Find(context.Context, incidents.Query) ([]incidents.Incident, error) {
	return nil, nil
}
