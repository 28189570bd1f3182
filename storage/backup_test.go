package storage

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"watchbell/incidents"
	"watchbell/storage/storagetest"
)

// Everything that check asks runs on PostgreSQL as well, and a mark that a database was restored counts there too.
func TestPostgresChecksAndMarks(t *testing.T) {
	s := openURL(t, storagetest.Schema(t), Options{})
	checksAndMarks(t, s)
	if _, err := s.Backup(t.Context(), filepath.Join(t.TempDir(), "copy.db")); err == nil || !strings.Contains(err.Error(), "pg_dump") {
		t.Errorf("backup says %v", err)
	}
}

func TestChecksAndMarks(t *testing.T) {
	checksAndMarks(t, openFile(t, filepath.Join(t.TempDir(), "a.db"), Options{}))
}

func checksAndMarks(t *testing.T, s *Store) {
	t.Helper()
	now := time.Date(2026, 3, 17, 9, 0, 0, 0, time.UTC)
	in := incidents.Incident{Number: 3, Title: "checkout is down", Status: incidents.Declared, Version: 1, DeclaredAt: now}
	topic := func(number int, key string) incidents.Wish {
		return incidents.Wish{Delivery: incidents.Delivery{
			Key: key, Incident: number, Target: incidents.Slack, Lane: key, Kind: incidents.KindTopic,
		}}
	}
	update := func(do func(incidents.Tx) error) {
		t.Helper()
		if err := s.Update(t.Context(), do); err != nil {
			t.Fatal(err)
		}
	}
	update(func(tx incidents.Tx) error {
		return tx.Apply(incidents.Change{Incident: in, Wishes: []incidents.Wish{topic(3, "inc-3/topic")}}, now)
	})
	first, err := s.MarkRestored(t.Context(), 2, now)
	if err != nil || first != 4 {
		t.Fatalf("the next incident is %d, %v", first, err)
	}
	if first, err = s.MarkRestored(t.Context(), 9, now); err != nil || first != 9 {
		t.Fatalf("the next incident is %d, %v", first, err)
	}
	var last int
	update(func(tx incidents.Tx) (err error) {
		if last, err = tx.LastNumber(); err != nil {
			return err
		}
		later := in
		later.Number = 9
		once := topic(3, "inc-3/once")
		once.Once = true
		if err := tx.Enqueue([]incidents.Wish{topic(3, "inc-3/later"), topic(8, "inc-8/topic"), once}, now); err != nil {
			return err
		}
		return tx.Apply(incidents.Change{Incident: later, Wishes: []incidents.Wish{topic(9, "inc-9/topic")}}, now)
	})
	if last != 8 {
		t.Errorf("the last number is %d", last)
	}
	update(func(tx incidents.Tx) error {
		leased, err := tx.Lease(now, now.Add(time.Minute), 10)
		for _, d := range leased {
			if want := d.Incident == 3; d.MustLook() != want {
				t.Errorf("%s is looked for: %v", d.Key, d.MustLook())
			}
		}
		return err
	})
	wrong, err := s.Check(t.Context(), now.Add(time.Hour), true)
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(wrong, "\n")
	for _, want := range []string{
		"the delivery inc-3/later is not named", "incident #3 is open, has no channel", "inc-8/topic belongs to incident #8",
		"the delivery inc-9/topic was begun long ago",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not said in\n%s", want, all)
		}
	}
	found, err := s.FindDeliveries(t.Context(), DeliveryQuery{Incident: 3, Target: incidents.Slack})
	if err != nil || len(found) != 3 {
		t.Errorf("found %v, %v", found, err)
	}
}
