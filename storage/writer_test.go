package storage

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"watchbell/incidents"
)

func put(number int) func(incidents.Tx) error {
	return func(tx incidents.Tx) error {
		in := incidents.Incident{Number: number, Title: strings.Repeat("x", 500), Version: 1, Status: incidents.Declared}
		return tx.Apply(incidents.Change{Incident: in, Entries: []incidents.Entry{{Number: 1, At: noon, Text: "We declared the incident"}}}, noon)
	}
}

// numbers returns the incidents that are there, newest first, and fails when one of them is without its entry.
func numbers(t *testing.T, s *Store) (all []int) {
	t.Helper()
	err := s.View(t.Context(), func(r incidents.Reader) error {
		found, err := r.Find(incidents.Query{Limit: 1 << 30})
		for _, in := range found {
			all = append(all, in.Number)
			if entries, err := r.Entries(in.Number); err != nil || len(entries) != 1 {
				t.Errorf("incident %d has %d entries: %v", in.Number, len(entries), err)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// inOneBatch holds the writer until all updates are queued, in their order, so that they share a transaction. It returns
// their errors.
func inOneBatch(s *Store, updates ...func(incidents.Tx) error) []error {
	inside, release := make(chan bool), make(chan bool)
	var callers sync.WaitGroup
	var once sync.Once // it may be run again
	callers.Go(func() {
		_ = s.Update(context.Background(), func(incidents.Tx) error {
			once.Do(func() { close(inside) })
			<-release
			return nil
		})
	})
	<-inside
	errs := make([]error, len(updates))
	for i, fn := range updates {
		callers.Go(func() { errs[i] = s.Update(context.Background(), fn) })
		for len(s.writer.queue) <= i {
			runtime.Gosched()
		}
	}
	close(release)
	callers.Wait()
	return errs
}

func TestUpdatesShareACommit(t *testing.T) {
	s := openFile(t, filepath.Join(t.TempDir(), "a.db"), Options{})
	var updates []func(incidents.Tx) error
	for n := 1; n <= 50; n++ {
		updates = append(updates, put(n))
	}
	before := s.writer.log.commits
	for i, err := range inOneBatch(s, updates...) {
		if err != nil {
			t.Errorf("update %d: %v", i, err)
		}
	}
	if got := s.writer.log.commits - before; got != 1 {
		t.Errorf("51 updates took %d commits", got)
	}
	if got := len(numbers(t, s)); got != 50 {
		t.Errorf("%d incidents, want 50", got)
	}
}

// TestFailuresInABatch has an update of every bad kind among good ones.
func TestFailuresInABatch(t *testing.T) {
	s := openFile(t, filepath.Join(t.TempDir(), "a.db"), Options{})
	stop := errors.New("stop here")
	then := func(number int, what func() error) func(incidents.Tx) error {
		return func(tx incidents.Tx) error {
			if err := put(number)(tx); err != nil {
				return err
			}
			return what()
		}
	}
	errs := inOneBatch(s,
		put(1),
		then(2, func() error { return stop }),
		put(3),
		then(4, func() error { panic("boom") }),
		put(3), // the number is taken by then
		func(incidents.Tx) error { return stop },
		then(5, func() error { var none []int; none[0]++; return nil }),
		put(6),
	)
	for i, want := range []string{"", "stop here", "", "panicked: boom", "changed meanwhile", "stop here", "panicked: runtime error: index out of range [0] with length 0", ""} {
		switch {
		case want == "" && errs[i] != nil:
			t.Errorf("update %d: %v", i, errs[i])
		case want != "" && (errs[i] == nil || !strings.Contains(errs[i].Error(), want)):
			t.Errorf("update %d: %v, want %q", i, errs[i], want)
		}
	}
	if got := fmt.Sprint(numbers(t, s)); got != "[6 3 1]" {
		t.Errorf("there are %s, want 6, 3 and 1", got)
	}
}

func TestKeptTransactionIsOfNoUse(t *testing.T) {
	s := openFile(t, filepath.Join(t.TempDir(), "a.db"), Options{})
	var kept incidents.Tx
	if err := s.Update(t.Context(), func(tx incidents.Tx) error { kept = tx; return nil }); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if recover() == nil {
			t.Error("a transaction can be used after its end")
		}
		if got := numbers(t, s); len(got) != 0 {
			t.Errorf("it wrote %v", got)
		}
	}()
	_ = put(1)(kept)
}

func TestCallerWhoLeavesTheQueue(t *testing.T) {
	s := openFile(t, filepath.Join(t.TempDir(), "a.db"), Options{})
	inside, release := make(chan bool), make(chan bool)
	var callers sync.WaitGroup
	callers.Go(func() {
		err := s.Update(context.Background(), func(tx incidents.Tx) error {
			close(inside)
			<-release
			return put(1)(tx)
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-inside
	ctx, leave := context.WithCancel(t.Context())
	gone := make(chan error)
	go func() { gone <- s.Update(ctx, put(2)) }()
	for len(s.writer.queue) == 0 {
		runtime.Gosched()
	}
	leave()
	if err := <-gone; !errors.Is(err, context.Canceled) { // without waiting for the one in front
		t.Errorf("who left is told %v", err)
	}
	callers.Go(func() {
		if err := s.Update(t.Context(), put(3)); err != nil {
			t.Error(err)
		}
	})
	close(release)
	callers.Wait()
	if got := fmt.Sprint(numbers(t, s)); got != "[3 1]" {
		t.Errorf("there are %s, want 3 and 1", got)
	}
}

func TestLeavingDuringTheUpdateChangesNothing(t *testing.T) {
	s := openFile(t, filepath.Join(t.TempDir(), "a.db"), Options{})
	ctx, leave := context.WithCancel(t.Context())
	err := s.Update(ctx, func(tx incidents.Tx) error {
		leave()
		return put(1)(tx)
	})
	if err != nil || len(numbers(t, s)) != 1 {
		t.Errorf("%v; there are %v", err, numbers(t, s))
	}
}

// TestUpdateThatEndsTheGoroutine must not leave anybody waiting.
func TestUpdateThatEndsTheGoroutine(t *testing.T) {
	s := openFile(t, filepath.Join(t.TempDir(), "a.db"), Options{})
	errs := inOneBatch(s, put(1), func(incidents.Tx) error { runtime.Goexit(); return nil }, put(2))
	for i, err := range errs {
		if !errors.Is(err, incidents.ErrNotDurable) {
			t.Errorf("update %d: %v", i, err)
		}
	}
	<-s.Broken()
	if err := s.Update(t.Context(), put(3)); !errors.Is(err, incidents.ErrNotDurable) {
		t.Errorf("a broken store says %v", err)
	}
	if err := s.Ping(t.Context()); err == nil {
		t.Error("a broken store says that all is well")
	}
	if got := numbers(t, s); len(got) != 0 {
		t.Errorf("there are %v", got)
	}
}

// TestFullDisk bounds the database file, as a full disk does.
func TestFullDisk(t *testing.T) {
	s := openFile(t, filepath.Join(t.TempDir(), "a.db"), Options{maxPages: 60})
	acked := map[int]bool{}
	full := 0
	for n := 1; full < 20; n++ {
		switch err := s.Update(t.Context(), put(n)); {
		case err == nil:
			acked[n] = true
		case errors.Is(err, incidents.ErrNotDurable):
			if full++; !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), "the disk is full: make room for ") {
				t.Errorf("nobody is told what to do: %v", err)
			}
		default:
			t.Fatal(err)
		}
		if n > 2000 {
			t.Fatal("the disk does not fill up")
		}
	}
	hold := func() {
		t.Helper()
		got := numbers(t, s)
		if len(got) != len(acked) {
			t.Errorf("%d incidents are there, %d were acknowledged", len(got), len(acked))
		}
		for _, n := range got {
			if !acked[n] {
				t.Errorf("incident %d is there and was refused", n)
			}
		}
	}
	hold()
	for i, err := range inOneBatch(s, put(10_001), put(10_002), put(10_003)) {
		if !errors.Is(err, incidents.ErrNotDurable) {
			t.Errorf("update %d on a full disk: %v", i, err)
		}
	}
	hold()
	select {
	case <-s.Broken():
		t.Error("a full disk is no reason to stop")
	default:
	}
	for range 3 { // asking does not make it well
		if err := s.Ping(t.Context()); !errors.Is(err, incidents.ErrNotDurable) {
			t.Errorf("Ping on a full disk: %v", err)
		}
		if err := s.Update(t.Context(), func(incidents.Tx) error { return nil }); err != nil {
			t.Errorf("an update that writes nothing: %v", err)
		}
	}
	hold()

	if _, err := s.writer.session.one(&statement{text: "PRAGMA max_page_count = 100000"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); err != nil { // without anybody else having written
		t.Errorf("Ping with space again: %v", err)
	}
	for n := 20_001; n <= 20_100; n++ {
		if err := s.Update(t.Context(), put(n)); err != nil {
			t.Fatalf("with space again: %v", err)
		}
		acked[n] = true
	}
	hold()
}
