package storage

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"watchbell/incidents"
)

// loseFile is what people do to a database that is in use.
var loseFile = map[string]func(t *testing.T, path string){
	"removed": func(t *testing.T, path string) { ok(t, os.Remove(path)) },
	"moved":   func(t *testing.T, path string) { ok(t, os.Rename(path, path+".old")) },
	"log removed": func(t *testing.T, path string) {
		ok(t, os.Remove(path+"-wal"))
	},
	"replaced": func(t *testing.T, path string) {
		data, err := os.ReadFile(path + ".backup")
		ok(t, err)
		ok(t, os.WriteFile(path+".new", data, 0o600))
		ok(t, os.Rename(path+".new", path))
	},
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// opened is a store with one incident, beside which lies a backup.
func opened(t *testing.T) (s *Store, path string) {
	if runtime.GOOS == "windows" {
		t.Skip("a file in use cannot be removed here")
	}
	path = filepath.Join(t.TempDir(), "a.db")
	ok(t, openFile(t, path, Options{}).Close())
	data, err := os.ReadFile(path)
	ok(t, err)
	ok(t, os.WriteFile(path+".backup", data, 0o600))
	s = openFile(t, path, Options{})
	ok(t, s.Update(t.Context(), put(1)))
	ok(t, s.Ping(t.Context()))
	return s, path
}

func TestLostFileIsNotWrittenTo(t *testing.T) {
	for name, lose := range loseFile {
		t.Run(name, func(t *testing.T) {
			s, path := opened(t)
			lose(t, path)
			for i, err := range inOneBatch(s, put(2), put(3)) {
				if !errors.Is(err, incidents.ErrNotDurable) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "removed or replaced") {
					t.Errorf("update %d was told %v", i, err)
				}
			}
			isBroken(t, s)
			if err := s.Update(t.Context(), put(4)); !errors.Is(err, incidents.ErrNotDurable) {
				t.Errorf("an update after that: %v", err)
			}
			if got := numbers(t, s); len(got) != 1 {
				t.Errorf("there are %v, want what was recorded before", got)
			}
		})
	}
}

func TestPingFindsTheFileLost(t *testing.T) {
	for name, lose := range loseFile {
		t.Run(name, func(t *testing.T) {
			s, path := opened(t)
			lose(t, path)
			isBroken(t, s)
		})
	}
}

func isBroken(t *testing.T, s *Store) {
	t.Helper()
	if err := s.Ping(t.Context()); err == nil || !strings.Contains(err.Error(), "removed or replaced") {
		t.Errorf("Ping: %v", err)
	}
	select {
	case <-s.Broken():
	default:
		t.Error("the store goes on")
	}
}
