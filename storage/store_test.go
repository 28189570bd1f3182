package storage

import (
	"context"
	"path/filepath"
	"sync"
	"testing"

	"watchbell/incidents"
	"watchbell/storage/storagetest"
)

func openFile(t testing.TB, path string, o Options) *Store {
	t.Helper()
	s, err := Open(context.Background(), "sqlite:"+path, o)
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

func TestContract(t *testing.T) {
	var paths sync.Map // of the stores that are open
	open := func(t *testing.T, path string) incidents.Store {
		s := openFile(t, path, Options{})
		paths.Store(s, path)
		return s
	}
	storagetest.Run(t, storagetest.Harness{
		Open: func(t *testing.T) incidents.Store { return open(t, filepath.Join(t.TempDir(), "watchbell.db")) },
		Reopen: func(t *testing.T, s incidents.Store) incidents.Store {
			if err := s.(*Store).Close(); err != nil {
				t.Fatal(err)
			}
			path, _ := paths.Load(s)
			return open(t, path.(string))
		},
	})
}
