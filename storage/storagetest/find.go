package storagetest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"watchbell/incidents"
)

var findTests = map[string]func(*testing.T, Harness){
	"filters":                          findFilters,
	"heads have roles and nothing big": findHeads,
	"a hundred unless said otherwise":  findLimit,
}

func findFilters(t *testing.T, h Harness) {
	s := h.Open(t)
	put := func(number int, alter func(*incidents.Incident)) {
		in := declared(number)
		alter(&in)
		apply(t, s, incidents.Change{Incident: in})
	}
	put(1, func(in *incidents.Incident) { in.Channel.ID = "C-1" })
	put(2, func(in *incidents.Incident) { in.Status = incidents.Resolved; in.Channel.ID = "C-2" })
	put(3, func(in *incidents.Incident) { in.Status = incidents.Closed })
	put(4, func(in *incidents.Incident) { in.Status = incidents.CalledOff })
	put(5, func(in *incidents.Incident) { in.Private = true; in.DeclaredBy = "U-BEN"; in.Holders = nil })
	put(6, func(in *incidents.Incident) {
		in.Private, in.DeclaredBy = true, "U-BEN"
		in.Holders = map[incidents.Role][]string{incidents.Lead: {"U-BEN"}, incidents.Ops: {"U-CLEO"}}
	})
	put(7, func(in *incidents.Incident) { in.Backfill = true; in.Status = incidents.Resolved })
	put(8, func(in *incidents.Incident) {
		in.Backfill, in.Status, in.DeclaredIn = true, incidents.Resolved, "D-ANA"
	})
	put(9, func(in *incidents.Incident) { in.Backfill = true; in.Status = incidents.Closed })
	put(10, func(in *incidents.Incident) { in.Status = incidents.Monitoring; in.Drill = true })

	for name, c := range map[string]struct {
		query incidents.Query
		want  []int
	}{
		"all, newest first":          {incidents.Query{}, []int{10, 9, 8, 7, 6, 5, 4, 3, 2, 1}},
		"the newest two":             {incidents.Query{Limit: 2}, []int{10, 9}},
		"open":                       {incidents.Query{Open: true}, []int{10, 6, 5, 1}},
		"open, no drills":            {incidents.Query{Open: true, Real: true}, []int{6, 5, 1}},
		"by channel":                 {incidents.Query{Channel: "C-2"}, []int{2}},
		"by channel, open":           {incidents.Query{Channel: "C-2", Open: true}, nil},
		"by unknown channel":         {incidents.Query{Channel: "C-9"}, nil},
		"for a stranger":             {incidents.Query{For: "U-DAN"}, []int{10, 9, 8, 7, 4, 3, 2, 1}},
		"for who declared them":      {incidents.Query{For: "U-BEN"}, []int{10, 9, 8, 7, 6, 5, 4, 3, 2, 1}},
		"for who holds a role":       {incidents.Query{For: "U-CLEO", Open: true}, []int{10, 6, 1}},
		"backfilled by":              {incidents.Query{BackfilledBy: "U-ANA"}, []int{8, 7}},
		"backfilled by, in":          {incidents.Query{BackfilledBy: "U-ANA", BackfilledIn: "D-ANA"}, []int{8}},
		"backfilled in":              {incidents.Query{BackfilledIn: "C-TEAM"}, []int{7}},
		"backfilled by nobody":       {incidents.Query{BackfilledBy: "U-BEN"}, nil},
		"backfilled, the newest":     {incidents.Query{BackfilledBy: "U-ANA", Limit: 1}, []int{8}},
		"for who holds a role, part": {incidents.Query{For: "U-CLEO", Part: true}, []int{6}},
		"a private one by channel":   {incidents.Query{Channel: "C-1", For: "U-DAN"}, []int{1}},
	} {
		t.Run(name, func(t *testing.T) {
			view(t, s, func(r incidents.Reader) error {
				found, err := r.Find(c.query)
				var got []int
				for _, in := range found {
					got = append(got, in.Number)
				}
				if !cmp.Equal(got, c.want) {
					t.Errorf("found %v, want %v", got, c.want)
				}
				return err
			})
		})
	}
}

func findHeads(t *testing.T, h Harness) {
	s := h.Open(t)
	for n := 1; n <= 3; n++ {
		in := full(n)
		in.Channel.ID += string(rune('0' + n))
		in.Holders = map[incidents.Role][]string{incidents.Lead: {"U-" + string(rune('0'+n))}}
		apply(t, s, incidents.Change{Incident: in})
	}
	view(t, s, func(r incidents.Reader) error {
		found, err := r.Find(incidents.Query{Limit: 2})
		if err != nil {
			return err
		}
		for i, n := range []int{3, 2} {
			want, err := r.Incident(n)
			if err != nil {
				return err
			}
			want.Sections, want.Actions = nil, nil
			if diff := cmp.Diff(want, found[i], cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("incident %d (-want +got):\n%s", n, diff)
			}
		}
		return nil
	})
}

func findLimit(t *testing.T, h Harness) {
	s := h.Open(t)
	update(t, s, func(tx incidents.Tx) error {
		for n := 1; n <= 120; n++ {
			if err := tx.Apply(incidents.Change{Incident: declared(n)}, noon); err != nil {
				return err
			}
		}
		return nil
	})
	view(t, s, func(r incidents.Reader) error {
		some, err := r.Find(incidents.Query{})
		if err != nil {
			return err
		}
		all, err := r.Find(incidents.Query{Limit: 1000})
		if len(some) != 100 || len(all) != 120 {
			t.Errorf("found %d without a limit and %d with a high one, want 100 and 120", len(some), len(all))
		}
		return err
	})
}
