package storage

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"watchbell/incidents"
	"watchbell/storage/storagetest"
)

// openURL opens a store and closes it when the test ends.
func openURL(t testing.TB, databaseURL string, o Options) *Store {
	t.Helper()
	s, err := Open(context.Background(), databaseURL, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestPostgresContract(t *testing.T) {
	var urls sync.Map // of the stores that are open
	open := func(t *testing.T, u string) incidents.Store {
		s := openURL(t, u, Options{Readers: 2})
		urls.Store(s, u)
		return s
	}
	_ = storagetest.Schema(t) // so that want of a server is said once
	storagetest.Run(t, storagetest.Harness{
		Open: func(t *testing.T) incidents.Store { return open(t, storagetest.Schema(t)) },
		Reopen: func(t *testing.T, s incidents.Store) incidents.Store {
			if err := s.(*Store).Close(); err != nil {
				t.Fatal(err)
			}
			u, _ := urls.Load(s)
			return open(t, u.(string))
		},
		Another: func(t *testing.T, s incidents.Store) incidents.Store {
			u, _ := urls.Load(s)
			return open(t, u.(string))
		},
	})
}

// TestPostgresOpenedTogether opens one empty schema several times at once: one migrates, the others wait.
func TestPostgresOpenedTogether(t *testing.T) {
	u := storagetest.Schema(t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			s, err := Open(t.Context(), u, Options{Readers: 1})
			if err != nil {
				t.Error(err)
				return
			}
			if err := errors.Join(s.Ping(t.Context()), s.Close()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// TestSchemasAgree holds the tables and columns of both databases together: they are copied from one to the other.
func TestSchemasAgree(t *testing.T) {
	postgres := openURL(t, storagetest.Schema(t), Options{Readers: 1}).writer.session
	sqlite := openFile(t, filepath.Join(t.TempDir(), "a.db"), Options{}).writer.session
	columns := func(s *session, text string) (all []string) {
		ok(t, s.query(&statement{text: text}, func(r row) error {
			all = append(all, r.text(0))
			return nil
		}, "goose_db_version"))
		return all
	}
	want := columns(sqlite, `SELECT m.name || '.' || c.name || CASE c.type WHEN 'BLOB' THEN ' bytea' WHEN 'INTEGER' THEN ' bigint'
		ELSE ' text' END FROM sqlite_master m, pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name <> $1 AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, c.cid`)
	got := columns(postgres, `SELECT table_name || '.' || column_name || ' ' || data_type FROM information_schema.columns
		WHERE table_schema = current_schema() AND table_name <> $1 AND table_name <> 'writers'
		ORDER BY table_name COLLATE "C", ordinal_position`)
	if !slices.Equal(got, want) {
		t.Errorf("SQLite has\n%s\nPostgreSQL has\n%s", strings.Join(want, "\n"), strings.Join(got, "\n"))
	}
	indexes := func(s *session, text string) string { return strings.Join(columns(s, text), " ") }
	want2 := indexes(sqlite, `SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND name <> $1 ORDER BY name`)
	got2 := indexes(postgres, `SELECT indexname FROM pg_indexes WHERE schemaname = current_schema() AND indexname <> $1
		AND indexname NOT LIKE '%\_pkey' AND indexname NOT LIKE '%\_key' ORDER BY indexname COLLATE "C"`)
	if want2 != got2 {
		t.Errorf("SQLite has the indexes %s\nPostgreSQL has %s", want2, got2)
	}
}
