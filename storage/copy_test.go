package storage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"watchbell/incidents"
	"watchbell/storage/storagetest"
)

// busy fills a store with everything that there can be: more rows than are copied at a time, text of all kinds, deliveries in
// every state.
func busy(t *testing.T, s *Store) {
	t.Helper()
	service := incidents.NewService(s, incidents.Options{Now: func() time.Time { return noon }})
	events := 0
	do := func(number int, c incidents.Command) {
		t.Helper()
		events++
		_, err := service.Handle(t.Context(), incidents.Request{
			Event: fmt.Sprint("Ev", events), Incident: number, By: incidents.Actor{User: "U-ANA", In: "C-1"}, Command: c,
		})
		ok(t, err)
	}
	for n := 1; n <= 3; n++ {
		do(0, incidents.Declare{Title: fmt.Sprintf("Größer als 漢字 \"%d\" ' \\ $1", n)})
	}
	for i := range 2*copyRows + 1 {
		do(1, incidents.Log{Text: fmt.Sprintf("line %d\nin two", i)})
	}
	do(1, incidents.AddAction{Text: "Rotate the keys", Owner: "U-BEN"})
	do(1, incidents.Draft{Section: incidents.SectionLead, Text: "On Wednesday."})
	do(2, incidents.CaptureMessage{Source: incidents.Source{Channel: "C-1", TS: "1.000001"}, Author: "U-BEN", Text: "the proxy", How: "reaction", At: noon})
	ok(t, service.Tell(t.Context(), incidents.Notice{Key: "a", Channel: "C-1", User: "U-ANA", Body: []byte(`{"text":"\u0000"}`)}))
	leased, _, err := service.Lease(t.Context(), 3)
	ok(t, err)
	ok(t, service.Settle(t.Context(), leased[0], incidents.DeliveredAs(incidents.Receipt{ID: "C-9"})))
	do(3, incidents.Resolve{})
}

// everythingIn is all rows of a store as text.
func everythingIn(t *testing.T, databaseURL string) string {
	t.Helper()
	s, err := openCopy(t.Context(), databaseURL, true)
	ok(t, err)
	defer func() { ok(t, s.end()) }()
	file, err := openCopy(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "catalogue.db"), false)
	ok(t, err)
	defer func() { ok(t, file.end()) }()
	catalogue := *file
	other := *s
	other.session = &session{engine: &engine{alone: &statement{}}} // any that is not the catalogue
	tables, err := tablesOf(&catalogue, &other)
	ok(t, err)
	var b strings.Builder
	for _, table := range tables {
		ok(t, s.query(table.all(), func(r row) error {
			fmt.Fprintf(&b, "%s %q\n", table.name, r)
			return nil
		}))
	}
	return b.String()
}

func TestCopyThereAndBack(t *testing.T) {
	first := "sqlite:" + filepath.Join(t.TempDir(), "first.db")
	server := storagetest.Schema(t)
	last := "sqlite:" + filepath.Join(t.TempDir(), "last.db")
	s := openURL(t, first, Options{})
	busy(t, s)
	// What Litestream keeps in a file that it copies stays there.
	_, err := s.writer.session.one(&statement{text: `CREATE TABLE _litestream_seq (id INTEGER PRIMARY KEY, seq INTEGER)`})
	ok(t, errors.Join(err, s.Close()))
	want := everythingIn(t, first)
	for _, way := range [][2]string{{first, server}, {server, last}} {
		told := map[string]int{}
		ok(t, Copy(t.Context(), way[0], way[1], func(table string, rows int) { told[table] = rows }))
		if told["incidents"] != 3 || told["entries"] < 2*copyRows || told["deliveries"] == 0 || told["events"] == 0 {
			t.Errorf("it says that it copied %v", told)
		}
		if got := everythingIn(t, way[1]); got != want {
			t.Errorf("copied are %d bytes of %d", len(got), len(want))
		}
	}
	for _, u := range []string{server, last} { // both go on where the first one was
		s := openURL(t, u, Options{})
		ok(t, s.Update(t.Context(), func(tx incidents.Tx) error { _, err := next(tx); return err }))
		var open []incidents.Delivery
		ok(t, s.View(t.Context(), func(r incidents.Reader) (err error) { open, err = r.Deliveries(1); return err }))
		ok(t, s.Update(t.Context(), func(tx incidents.Tx) error {
			return tx.Enqueue([]incidents.Wish{{Delivery: incidents.Delivery{Key: "new", Incident: 1, Target: incidents.Slack, Lane: "inc-1/slack", Kind: incidents.KindTopic}}}, noon)
		}))
		var then []incidents.Delivery
		ok(t, s.View(t.Context(), func(r incidents.Reader) (err error) { then, err = r.Deliveries(1); return err }))
		if len(open) == 0 || len(then) != len(open)+1 || then[len(open)].Key != "new" || slices.Max(allNumbers(t, s)) != 4 {
			t.Errorf("after the copy, a wish comes after %d others: %v", len(open), then)
		}
		ok(t, s.Close())
	}
}

// allNumbers are the numbers of all incidents.
func allNumbers(t *testing.T, s *Store) (all []int) {
	t.Helper()
	ok(t, s.View(t.Context(), func(r incidents.Reader) error {
		found, err := r.Find(incidents.Query{})
		for _, in := range found {
			all = append(all, in.Number)
		}
		return err
	}))
	return all
}

func TestCopyRefuses(t *testing.T) {
	full, empty := "sqlite:"+filepath.Join(t.TempDir(), "full.db"), "sqlite:"+filepath.Join(t.TempDir(), "empty.db")
	server, other := storagetest.Schema(t), storagetest.Schema(t)
	s := openURL(t, full, Options{})
	ok(t, s.Update(t.Context(), put(1)))
	ok(t, s.Close())
	copies := func(from, to string) error { return Copy(context.Background(), from, to, func(string, int) {}) }
	running := openURL(t, server, Options{})
	ok(t, running.Update(t.Context(), put(1)))
	refused := func(from, to, want string) {
		t.Helper()
		if err := copies(from, to); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), ":bell@") {
			t.Errorf("it says %v, want %q in it and no password", err, want)
		}
	}
	refused(full, server, "second database: the database is in use by another Watchbell: stop all that run on it first")
	refused(server, empty, "first database: the database is in use by another Watchbell: stop all that run on it first")
	ok(t, running.Close())
	refused(full, server, "holds something already: name an empty one")
	refused(server, other, "one database must be SQLite and the other PostgreSQL")
	refused(full, full, "one database must be SQLite and the other PostgreSQL")
	refused(full, empty, "one database must be SQLite and the other PostgreSQL")
	if _, err := os.Stat(strings.TrimPrefix(empty, "sqlite:")); err == nil {
		t.Error("a database was made for nothing")
	}
	refused("sqlite:"+filepath.Join(t.TempDir(), "none.db"), other, "there is no database")
	refused(full, "postgres://u:bell@127.0.0.1:1/db", "cannot be reached")
	ok(t, copies(full, other))
	ok(t, copies(server, empty))
}

// TestCopyKeepsNothingDifferent has a value changed on its way: it is found, and the target stays empty.
func TestCopyKeepsNothingDifferent(t *testing.T) {
	from, to := "sqlite:"+filepath.Join(t.TempDir(), "a.db"), storagetest.Schema(t)
	s := openURL(t, from, Options{})
	ok(t, s.Update(t.Context(), put(1)))
	_, err := s.writer.session.exec(&statement{text: "UPDATE incidents SET title = 'a' || char(0) || 'b'"})
	ok(t, err)
	ok(t, s.Close())
	if err := Copy(t.Context(), from, to, func(string, int) {}); err == nil || !strings.Contains(err.Error(), "compare incidents: the copy differs: title of row 1") {
		t.Errorf("it says %v", err)
	}
	if got := openURL(t, to, Options{}); len(allNumbers(t, got)) != 0 {
		t.Error("the copy was kept")
	}
}
