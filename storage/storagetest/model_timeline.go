package storagetest

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"watchbell/incidents"
)

// modelTimeline records and changes entries at random and compares the timeline, ranks and messages with a sorted list.
func modelTimeline(t *testing.T, h Harness) {
	s := h.Open(t)
	round := 0
	type change struct {
		Number, At, TS int
		Gone, Waiting  bool
	}
	changes := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) change {
		return change{
			Number: rapid.IntRange(1, 6).Draw(t, "number"), At: rapid.IntRange(0, 3).Draw(t, "at"),
			TS: rapid.IntRange(0, 4).Draw(t, "ts"), Gone: rapid.IntRange(0, 3).Draw(t, "gone") == 0,
			Waiting: rapid.IntRange(0, 3).Draw(t, "waiting") == 0,
		}
	}), 1, 20)
	rapid.Check(t, func(rt *rapid.T) {
		round++
		number := round
		all := map[int]incidents.Entry{}
		var entries []incidents.Entry
		for _, c := range changes.Draw(rt, "changes") {
			e := incidents.Entry{Number: c.Number, At: after(c.At), Text: fmt.Sprint(c), Gone: c.Gone, Waiting: c.Waiting}
			if c.TS > 0 {
				e.Source = incidents.Source{Channel: "C-1", TS: fmt.Sprintf("1.00000%d", c.TS)}
			}
			taken := false
			for n, other := range all {
				taken = taken || (n != e.Number && e.Source != incidents.Source{} && other.Source == e.Source)
			}
			if !taken {
				all[e.Number] = e
				entries = append(entries, e)
			}
		}
		var shown []incidents.Entry
		for _, e := range all {
			if e.Shown() {
				shown = append(shown, e)
			}
		}
		incidents.SortEntries(shown)
		err := s.Update(t.Context(), func(tx incidents.Tx) error {
			if err := tx.Apply(incidents.Change{Incident: declared(number), Entries: entries}, noon); err != nil {
				return err
			}
			return compareTimeline(tx, number, all, shown)
		})
		if err != nil {
			rt.Fatal(err)
		}
	})
}

func compareTimeline(tx incidents.Tx, number int, all map[int]incidents.Entry, shown []incidents.Entry) error {
	got, err := tx.Entries(number)
	if diff := cmp.Diff(shown, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
		return fmt.Errorf("the timeline: %w (-want +got):\n%s", err, diff)
	}
	for i, e := range shown {
		if place, of, err := tx.Rank(number, e.Number); err != nil || place != i+1 || of != len(shown) {
			return fmt.Errorf("entry %d is %d of %d (%w), want %d of %d", e.Number, place, of, err, i+1, len(shown))
		}
	}
	for _, e := range all {
		if e.Source == (incidents.Source{}) {
			continue
		}
		found, _, err := tx.EntryOf(number, e.Source)
		if err != nil || found == nil || !cmp.Equal(*found, e) {
			return fmt.Errorf("message %v is entry %+v (%w), want %+v", e.Source, found, err, e)
		}
	}
	return nil
}
