package storage

import (
	"context"
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
	_ = storagetest.Schema(t)
	storagetest.Run(t, storagetest.Harness{
		Open: func(t *testing.T) incidents.Store { return open(t, storagetest.Schema(t)) },
		Reopen: func(t *testing.T, s incidents.Store) incidents.Store {
			if err := s.(*Store).Close(); err != nil {
				t.Fatal(err)
			}
			u, _ := urls.Load(s)
			return open(t, u.(string))
		},
	})
}
