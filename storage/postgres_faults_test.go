package storage

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"watchbell/incidents"
	"watchbell/storage/storagetest"
)

// waitedFor is longer than any machine takes for what is bounded by postgresWithin, and shorter than a network that says
// nothing is waited for by itself.
const waitedFor = 30 * time.Second

// quickly runs fn, and fails when nothing bounds it.
func quickly(t *testing.T, what string, fn func() error) error {
	t.Helper()
	began := time.Now()
	err := fn()
	if took := time.Since(began); took > waitedFor {
		t.Errorf("%s took %v", what, took)
	}
	return err
}

// next declares an incident under the next number.
func next(tx incidents.Tx) (number int, err error) {
	last, err := tx.LastNumber()
	if err != nil {
		return 0, err
	}
	return last + 1, put(last + 1)(tx)
}

// TestPostgresCommitLost loses the connection during a commit, before or after it took place: it takes place once, and
// the caller is told so.
func TestPostgresCommitLost(t *testing.T) {
	for name, commit := range map[string]loss{"the commit": lostBefore, "its answer": lostAfter, "the connection": lostMeanwhile} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, through := newWire(t, storagetest.Schema(t))
			s := openURL(t, through, Options{})
			ok(t, s.Update(t.Context(), put(1)))
			for n := 2; n <= 4; n++ {
				w.set(func() { w.process, w.loss = s.engine.process, commit })
				runs := 0
				ok(t, s.Update(t.Context(), func(tx incidents.Tx) error {
					runs++
					got, err := next(tx)
					if err == nil && got != n {
						err = fmt.Errorf("it is given the number %d, want %d", got, n)
					}
					return err
				}))
				w.set(func() {
					if w.loss != 0 {
						t.Error("no commit was lost")
					}
				})
				if commit == lostAfter && runs != 1 {
					t.Errorf("what was committed ran %d times", runs)
				}
			}
			if got := fmt.Sprint(numbers(t, s)); got != "[4 3 2 1]" {
				t.Errorf("there are %s", got)
			}
		})
	}
}

// TestPostgresAway has the server unreachable in the ways that networks have, and come back.
func TestPostgresAway(t *testing.T) {
	for name, state := range map[string]func(w *wire, away bool){
		"nothing is answered":     func(w *wire, away bool) { w.stall = away },
		"connections are refused": func(w *wire, away bool) { w.refuse = away },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, through := newWire(t, storagetest.Schema(t))
			s := openURL(t, through, Options{Readers: 1})
			ok(t, s.Update(t.Context(), put(1)))
			w.cut()
			w.set(func() { state(w, true) })
			var callers sync.WaitGroup
			for n := 2; n < 6; n++ { // together and one after the other
				callers.Go(func() {
					for range 2 {
						if err := quickly(t, "a refusal", func() error { return s.Update(context.Background(), put(n)) }); !errors.Is(err, incidents.ErrNotDurable) {
							t.Errorf("an update while the server was away: %v", err)
						}
					}
				})
			}
			callers.Wait()
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			if err := quickly(t, "Ping", func() error { return s.Ping(ctx) }); err == nil {
				t.Error("Ping says that all is well")
			}
			w.set(func() { state(w, false) })
			w.cut() // what was under way is lost
			ok(t, s.Ping(t.Context()))
			ok(t, s.Update(t.Context(), put(2)))
			if got := fmt.Sprint(numbers(t, s)); got != "[2 1]" {
				t.Errorf("there are %s, want what was acknowledged", got)
			}
			select {
			case <-s.Broken():
				t.Error("the store is given up")
			default:
			}
		})
	}
}

// TestPostgresConnectionsCut cuts every connection again and again under load, at whatever moment that is. What is
// acknowledged is there once; what is refused is the exception.
func TestPostgresConnectionsCut(t *testing.T) {
	w, through := newWire(t, storagetest.Schema(t))
	s := openURL(t, through, Options{})
	const writers, each = 4, 25
	var runs, refused atomic.Int64
	var acknowledged sync.Map
	var callers sync.WaitGroup
	for range writers {
		callers.Go(func() {
			for range each {
				var number int
				err := s.Update(t.Context(), func(tx incidents.Tx) (err error) {
					if runs.Add(1)%5 == 0 {
						callers.Go(w.cut)
					}
					number, err = next(tx)
					return err
				})
				if err != nil {
					refused.Add(1)
				} else if _, twice := acknowledged.LoadOrStore(number, true); twice {
					t.Errorf("the number %d was given twice", number)
				}
			}
		})
	}
	callers.Wait()
	there := numbers(t, s)
	for _, n := range there {
		acknowledged.Delete(n)
	}
	acknowledged.Range(func(n, _ any) bool {
		t.Errorf("incident %d was acknowledged and is not there", n)
		return true
	})
	t.Logf("%d runs of %d updates, %d refused", runs.Load(), writers*each, refused.Load())
	if got := len(there); got > writers*each || got < writers*each-int(refused.Load()) || refused.Load() > writers*each/2 {
		t.Errorf("%d updates, %d refused, %d are there", writers*each, refused.Load(), got)
	}
}

// fails is a statement that fails with a code of the server.
func fails(code string) *statement {
	return &statement{text: `DO $$ BEGIN RAISE EXCEPTION 'tried' USING ERRCODE = '` + code + `'; END $$`}
}

func TestPostgresErrorsInABatch(t *testing.T) {
	s := openURL(t, storagetest.Schema(t), Options{})
	var runs sync.Map
	meets := func(number int, code string, times int) func(incidents.Tx) error {
		return func(itx incidents.Tx) error {
			n, _ := runs.LoadOrStore(number, new(int))
			if *n.(*int)++; *n.(*int) <= times {
				_, _ = itx.(*tx).session.exec(fails(code)) // that it is not looked at changes nothing
			}
			return put(number)(itx)
		}
	}
	errs := inOneBatch(s,
		put(1),
		meets(2, "40001", 2), // serialization
		meets(3, "40P01", 1), // deadlock
		meets(4, "23505", 99),
		put(5),
		meets(6, "57014", 1), // cancelled
	)
	for i, err := range errs {
		if (i == 3) != (err != nil) || err != nil && !strings.Contains(err.Error(), "tried") {
			t.Errorf("update %d: %v", i+1, err)
		}
	}
	if got := fmt.Sprint(numbers(t, s)); got != "[6 5 3 2 1]" {
		t.Errorf("there are %s", got)
	}
	if err := s.Update(t.Context(), meets(7, "53100", 99)); !errors.Is(err, incidents.ErrNotDurable) {
		t.Errorf("on a full disk: %v", err)
	}
	ok(t, s.Update(t.Context(), put(7)))
}

// TestPostgresStoppedProcess stops one process in the middle of a transaction; the other's people get their answer in time,
// and the one that goes on again does its work once.
func TestPostgresStoppedProcess(t *testing.T) {
	u := storagetest.Schema(t)
	stopped, other := openURL(t, u, Options{}), openURL(t, u, Options{})
	inside, goOn := make(chan bool, 9), make(chan bool)
	done := make(chan error)
	go func() {
		done <- stopped.Update(t.Context(), func(tx incidents.Tx) error {
			n, err := next(tx)
			inside <- true
			if n == 1 {
				<-goOn
			}
			return err
		})
	}()
	<-inside
	ok(t, quickly(t, "the other's update", func() error {
		return other.Update(t.Context(), func(tx incidents.Tx) error { _, err := next(tx); return err })
	}))
	close(goOn)
	if err := <-done; err != nil {
		// It was stopped for longer than its own people wait; they are told.
		if !errors.Is(err, incidents.ErrNotDurable) {
			t.Error(err)
		}
		ok(t, stopped.Update(t.Context(), func(tx incidents.Tx) error { _, err := next(tx); return err }))
	}
	if got := fmt.Sprint(numbers(t, other)); got != "[2 1]" {
		t.Errorf("there are %s", got)
	}
}

func TestPostgresSettings(t *testing.T) {
	s := openURL(t, storagetest.Schema(t)+"&synchronous_commit=off", Options{Readers: 1})
	for _, session := range s.all {
		for name, want := range map[string]string{
			"synchronous_commit": "on", "idle_in_transaction_session_timeout": "1500ms", "statement_timeout": "5s",
			"application_name": "watchbell",
		} {
			got, err := session.one(&statement{text: "SHOW " + name})
			if err != nil || got.text(0) != want {
				t.Errorf("%s is %v (%v), want %s", name, got, err, want)
			}
		}
	}
}
