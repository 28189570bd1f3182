package storage

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"watchbell/incidents"
)

var noon = time.Date(2026, 7, 8, 12, 0, 0, 0, time.UTC)

// A migration is one file for each database. Whether they make the same tables, TestSchemasAgree finds out where there is
// a PostgreSQL.
func TestMigrationsAreThereForBoth(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{{"sqlite", "postgres"}, {"postgres", "sqlite"}} {
		files, err := fs.ReadDir(migrations, "migrations/"+pair[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if _, err := fs.Stat(migrations, "migrations/"+pair[1]+"/"+file.Name()); err != nil {
				t.Errorf("storage/migrations/%s has %s, and storage/migrations/%s has not: write it there too, with the same tables and columns", pair[0], file.Name(), pair[1])
			}
		}
	}
}

func TestOpenSaysWhatToWrite(t *testing.T) {
	folder := t.TempDir()
	for url, want := range map[string]string{
		"":                                   "write sqlite:FILE",
		"watchbell.db":                       "write sqlite:FILE",
		"mysql://u:secret@h/db":              "write sqlite:FILE",
		"postgres://u:secret@h:port/db":      "the database URL is not understood",
		"postgres://u:sec%ret@h/db":          "the database URL is not understood",
		"postgres://u:secret@127.0.0.1:1/db": "PostgreSQL at 127.0.0.1:1 cannot be reached: see whether it runs",
		"postgresql://u:secret@127.0.0.1:1/": "PostgreSQL at 127.0.0.1:1 cannot be reached: see whether it runs",
		"sqlite:":                            "write sqlite:watchbell.db",
		"sqlite::memory:":                    "write sqlite:watchbell.db",
		"sqlite:" + folder + "/not/a.db":     "the folder " + folder + "/not does not exist",
		"sqlite:" + folder:                   "is a folder",
	} {
		s, err := Open(t.Context(), url, Options{Starting: 1})
		if err == nil {
			s.Close()
			t.Errorf("%q was opened", url)
			continue
		}
		if !strings.Contains(err.Error(), want) || strings.ContainsAny(err.Error(), "\n\t") || strings.Contains(err.Error(), "sec") {
			t.Errorf("%q: %q, want %q in it in one line, and no secret", url, err, want)
		}
	}
}

func TestOpenTakesAnyName(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"plain.db", "with space.db", "100%?#&.db", "größe.db"} {
		path := filepath.Join(folder, name)
		openFile(t, path, Options{})
		info, err := os.Stat(path)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v: others could read private incidents", name, info.Mode())
		}
	}
	t.Chdir(folder)
	openFile(t, "relative.db", Options{})
	if _, err := os.Stat(filepath.Join(folder, "relative.db")); err != nil {
		t.Error(err)
	}
}

func TestOneProcessAtATime(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "a.db")
	first := openFile(t, path, Options{})
	link := filepath.Join(folder, "link.db")
	if err := os.Symlink(path, link); err != nil {
		t.Log(err)
		link = path
	}
	for _, name := range []string{path, link} {
		s, err := Open(t.Context(), "sqlite:"+name, Options{})
		if err == nil {
			s.Close()
			t.Fatal("a second one was let in")
		}
		if !strings.Contains(err.Error(), "in use by another Watchbell") {
			t.Errorf("the second one is told %q", err)
		}
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	openFile(t, path, Options{})
}

func TestNewerSchemaIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	openFile(t, path, Options{}).Close()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	_, err = Open(t.Context(), "sqlite:"+path, Options{})
	if err == nil || !strings.Contains(err.Error(), "written by a newer Watchbell (schema 9999") {
		t.Errorf("a newer schema: %v", err)
	}
}

func TestNotADatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notes.txt")
	text := strings.Repeat("These are notes, not a database.\n", 100)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := Open(t.Context(), "sqlite:"+path, Options{}); err == nil {
		s.Close()
		t.Error("a text file was opened as a database")
	} else if want := path + " is not a database"; !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "name another file") {
		t.Errorf("it says %q, want %q in it and what to do", err, want)
	}
	if got, _ := os.ReadFile(path); string(got) != text {
		t.Error("the text file was changed")
	}
}

// TestPragmas holds the settings that durability rests on, on every connection.
func TestPragmas(t *testing.T) {
	s := openFile(t, filepath.Join(t.TempDir(), "a.db"), Options{Readers: 2})
	for i, session := range s.all {
		want := map[string]any{
			"journal_mode": "wal", "synchronous": int64(2), "foreign_keys": int64(1), "busy_timeout": int64(5000),
			"wal_autocheckpoint": int64(0), "query_only": int64(1),
		}
		if i == 0 {
			want["query_only"] = int64(0)
		}
		for name, value := range want {
			got, err := session.one(&statement{text: "PRAGMA " + name})
			if err != nil || got[0] != value {
				t.Errorf("connection %d: %s is %v (%v), want %v", i, name, got, err, value)
			}
		}
	}
}

func TestCloseEndsEverything(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	s := openFile(t, path, Options{})
	inside, finish := make(chan bool), make(chan bool)
	done := make(chan error)
	go func() {
		done <- s.Update(context.Background(), func(tx incidents.Tx) error {
			close(inside)
			<-finish
			return tx.Apply(incidents.Change{Incident: incidents.Incident{Number: 1, Title: "x", Version: 1}}, noon)
		})
	}()
	<-inside
	closed := make(chan error)
	go func() { closed <- s.Close() }()
	<-s.closed
	if err := s.View(t.Context(), func(incidents.Reader) error { return nil }); err == nil {
		t.Error("a view began after Close")
	}
	close(finish)
	if err := <-done; err != nil {
		t.Errorf("what was under way when Close was called: %v", err)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if err := s.Update(t.Context(), func(incidents.Tx) error { return nil }); !errors.Is(err, incidents.ErrNotDurable) {
		t.Errorf("Update after Close: %v", err)
	}
	if err := s.Ping(t.Context()); err == nil {
		t.Error("Ping after Close says that all is well")
	}
	if err := s.Close(); err != nil {
		t.Errorf("the second Close: %v", err)
	}
	if _, err := os.Stat(path + "-wal"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the log was not moved into the database: %v", err)
	}
	s = openFile(t, path, Options{})
	err := s.View(t.Context(), func(r incidents.Reader) error {
		_, err := r.Incident(1)
		return err
	})
	if err != nil {
		t.Errorf("what was under way is not there: %v", err)
	}
}
