package storagetest

import (
	"errors"
	"slices"
	"testing"

	"watchbell/incidents"
)

var entryTests = map[string]func(*testing.T, Harness){
	"a timeline is read in its order":       entryOrder,
	"what is gone or waiting is left out":   entryHidden,
	"an incident is measured by some":       entrySigns,
	"an entry can change":                   entryChange,
	"an entry is found by its message":      entryOf,
	"rank is the place in the timeline":     entryRank,
	"one message makes one entry":           entryOnce,
	"every version is kept":                 entryVersions,
	"a moved entry stands where it was put": entryPlace,
}

var captureTests = map[string]func(*testing.T, Harness){
	"reasons are kept by person and kind": captureReasons,
	"reasons without an entry":            captureWithoutEntry,
}

// entrySigns: until the declaration every entry counts, and then what says that users were well.
func entrySigns(t *testing.T, h Harness) {
	s := h.Open(t)
	apply(t, s, incidents.Change{Incident: declared(1)})
	entry := func(number, second int, event incidents.Event) incidents.Entry {
		return incidents.Entry{Number: number, Version: 1, At: after(second), Format: incidents.Markdown, Text: "x", Event: event}
	}
	gone := entry(6, 300, incidents.EventMitigated)
	gone.Gone = true
	record(t, s, 1, entry(1, 60, incidents.EventDeclared), entry(2, 30, ""), entry(3, 90, ""), entry(4, 120, incidents.EventMitigated),
		entry(5, 10, incidents.EventMitigated), gone, entry(7, 200, incidents.EventMitigated), entry(8, 250, ""))
	view(t, s, func(r incidents.Reader) error {
		found, err := r.Signs(1, after(60))
		var got []int
		for _, e := range found {
			got = append(got, e.Number)
		}
		if want := []int{5, 2, 1, 4, 7}; !slices.Equal(got, want) {
			t.Errorf("there are the entries %v, want %v", got, want)
		}
		return err
	})
}

// timeline returns the entries that a View sees.
func timeline(t *testing.T, s incidents.Store, number int) (all []incidents.Entry) {
	t.Helper()
	view(t, s, func(r incidents.Reader) (err error) {
		all, err = r.Entries(number)
		return err
	})
	return all
}

// record adds or changes entries.
func record(t *testing.T, s incidents.Store, number int, entries ...incidents.Entry) {
	t.Helper()
	update(t, s, func(tx incidents.Tx) error {
		in, err := tx.Incident(number)
		if err != nil {
			return err
		}
		in.Version++
		return tx.Apply(incidents.Change{Incident: in, Entries: entries}, noon)
	})
}

func bare(t *testing.T, s incidents.Store, numbers ...int) {
	t.Helper()
	for _, n := range numbers {
		apply(t, s, incidents.Change{Incident: declared(n)})
	}
}

func entryOrder(t *testing.T, h Harness) {
	s := h.Open(t)
	bare(t, s, 1, 2)
	same(t, timeline(t, s, 1), nil)
	one := incidents.Entry{Number: 1, At: after(60), Until: after(90), Text: "We restarted the queue", Format: incidents.Markdown, Author: "U-ANA"}
	two := incidents.Entry{Number: 2, At: after(-60), Text: "*errors* everywhere", Format: incidents.Mrkdwn,
		Author: "U-BEN", Source: incidents.Source{Channel: "C-1", TS: "1783512000.000100"}, EditedAt: after(5)}
	three := incidents.Entry{Number: 3, At: after(60), Text: "Same moment, recorded later", Format: incidents.Markdown}
	other := incidents.Entry{Number: 1, At: after(0), Text: "Of another incident", Format: incidents.Markdown}
	record(t, s, 1, one, two)
	record(t, s, 1, three)
	record(t, s, 2, other)
	same(t, timeline(t, s, 1), []incidents.Entry{two, one, three})
	same(t, timeline(t, s, 2), []incidents.Entry{other})
	same(t, timeline(t, s, 3), nil)
}

func entryHidden(t *testing.T, h Harness) {
	s := h.Open(t)
	bare(t, s, 1)
	shown := incidents.Entry{Number: 1, At: noon, Text: "Shown", Format: incidents.Markdown}
	gone := incidents.Entry{Number: 2, At: noon, Text: "Gone", Format: incidents.Markdown, Gone: true}
	waits := incidents.Entry{Number: 3, At: noon, Format: incidents.Mrkdwn, Source: incidents.Source{Channel: "C-1", TS: "1.000001"}, Waiting: true}
	record(t, s, 1, shown, gone, waits)
	same(t, timeline(t, s, 1), []incidents.Entry{shown})
	gone.Gone, waits.Waiting, waits.Text = false, false, "Read"
	record(t, s, 1, gone, waits)
	same(t, timeline(t, s, 1), []incidents.Entry{shown, gone, waits})
	shown.Gone = true
	record(t, s, 1, shown)
	same(t, timeline(t, s, 1), []incidents.Entry{gone, waits})
}

func entryChange(t *testing.T, h Harness) {
	s := h.Open(t)
	bare(t, s, 1)
	e := incidents.Entry{Number: 1, At: noon, Text: "We restarted", Format: incidents.Markdown, Author: "U-ANA"}
	record(t, s, 1, e)
	e = incidents.Entry{Number: 1, At: after(-5), Until: after(5), Text: "We restarted the queue", Format: incidents.Mrkdwn,
		Author: "U-BEN", Source: incidents.Source{Channel: "C-1", TS: "1.000001"}, EditedAt: after(3)}
	record(t, s, 1, e)
	same(t, timeline(t, s, 1), []incidents.Entry{e})
}

func entryOf(t *testing.T, h Harness) {
	s := h.Open(t)
	bare(t, s, 1, 2)
	source := incidents.Source{Channel: "C-1", TS: "1783512000.000100"}
	e := incidents.Entry{Number: 1, At: noon, Text: "Seen", Format: incidents.Mrkdwn, Author: "U-BEN", Source: source, Gone: true}
	record(t, s, 1, e, incidents.Entry{Number: 2, At: noon, Text: "Typed", Format: incidents.Markdown})
	find := func(number int, s2 incidents.Source) (found *incidents.Entry) {
		t.Helper()
		update(t, s, func(tx incidents.Tx) (err error) {
			found, _, err = tx.EntryOf(number, s2)
			return err
		})
		return found
	}
	same(t, find(1, source), &e)
	for name, got := range map[string]*incidents.Entry{
		"another incident":  find(2, source),
		"another channel":   find(1, incidents.Source{Channel: "C-2", TS: source.TS}),
		"another message":   find(1, incidents.Source{Channel: "C-1", TS: "1783512000.0001"}),
		"no message at all": find(1, incidents.Source{}),
	} {
		if got != nil {
			t.Errorf("%s: found entry %d", name, got.Number)
		}
	}
}

func entryRank(t *testing.T, h Harness) {
	s := h.Open(t)
	bare(t, s, 1, 2)
	record(t, s, 1,
		incidents.Entry{Number: 1, At: after(30), Text: "c"},
		incidents.Entry{Number: 2, At: after(10), Text: "a"},
		incidents.Entry{Number: 3, At: after(20), Text: "gone", Gone: true},
		incidents.Entry{Number: 4, At: after(10), Text: "b"},
		incidents.Entry{Number: 5, At: after(40), Text: "d"},
	)
	record(t, s, 2, incidents.Entry{Number: 1, At: after(0), Text: "of another incident"})
	for entry, want := range map[int]int{2: 1, 4: 2, 1: 3, 5: 4} {
		update(t, s, func(tx incidents.Tx) error {
			place, of, err := tx.Rank(1, entry)
			if place != want || of != 4 {
				t.Errorf("entry %d is %d of %d, want %d of 4", entry, place, of, want)
			}
			return err
		})
	}
}

func entryOnce(t *testing.T, h Harness) {
	s := h.Open(t)
	bare(t, s, 1, 2)
	source := incidents.Source{Channel: "C-1", TS: "1.000001"}
	record(t, s, 1, incidents.Entry{Number: 1, At: noon, Text: "a", Source: source})
	record(t, s, 2, incidents.Entry{Number: 1, At: noon, Text: "a", Source: source}) // of another incident it may be, too
	err := s.Update(t.Context(), func(tx incidents.Tx) error {
		in := declared(1)
		in.Version = 3
		return tx.Apply(incidents.Change{Incident: in, Entries: []incidents.Entry{{Number: 2, At: noon, Text: "b", Source: source}}}, noon)
	})
	if err == nil {
		t.Error("a message became two entries")
	}
	if got := timeline(t, s, 1); len(got) != 1 || got[0].Text != "a" {
		t.Errorf("the timeline is %v", got)
	}
}

func entryVersions(t *testing.T, h Harness) {
	s := h.Open(t)
	bare(t, s, 1, 2)
	history := func(number, entry int) (all []incidents.Entry) {
		t.Helper()
		view(t, s, func(r incidents.Reader) (err error) {
			all, err = r.History(number, entry)
			return err
		})
		return all
	}
	one := incidents.Entry{
		Number: 1, At: after(60), Until: after(90), Text: "We restarted", Format: incidents.Markdown, Author: "U-ANA", Version: 1,
		Event: incidents.EventStatus, Last: incidents.Touch{By: "U-ANA", At: after(61), Deed: incidents.DeedLogged, Change: 2},
	}
	two := incidents.Entry{
		Number: 1, At: after(50), Text: "*restarted*", Format: incidents.Mrkdwn, Author: "U-BEN", Version: 2, Internal: true,
		Source: incidents.Source{Channel: "C-1", TS: "1.000001"}, EditedAt: after(3), Rewritten: true, RewrittenBy: "U-CHLOE",
		Proposed: "more", Place: incidents.Place{At: after(55), Number: 7},
		Files: []incidents.File{{ID: "F1", Name: "graph.png", Type: "image/png", Alt: "a graph that falls"}, {ID: "F2"}},
		Last:  incidents.Touch{By: "U-CHLOE", At: after(70), Deed: incidents.DeedUndone, Change: 9, Undoes: 4},
	}
	three := one
	three.Version, three.Gone, three.Last.Deed = 3, true, incidents.DeedDeleted
	other := incidents.Entry{Number: 2, At: after(0), Text: "Another", Format: incidents.Markdown, Version: 1}
	record(t, s, 1, one, other)
	same(t, history(1, 1), []incidents.Entry{one})
	record(t, s, 1, two)
	same(t, history(1, 1), []incidents.Entry{one, two})
	record(t, s, 1, three)
	same(t, history(1, 1), []incidents.Entry{one, two, three})
	same(t, history(1, 0), []incidents.Entry{one, two, three, other})
	same(t, history(1, 3), nil)
	same(t, history(2, 0), nil)
	err := s.Update(t.Context(), func(tx incidents.Tx) error {
		in := load(t, s, 1)
		in.Version++
		four := one
		four.Version = 4
		if err := tx.Apply(incidents.Change{Incident: in, Entries: []incidents.Entry{four}}, noon); err != nil {
			return err
		}
		return errLeave
	})
	if !errors.Is(err, errLeave) {
		t.Fatal(err)
	}
	same(t, history(1, 1), []incidents.Entry{one, two, three})
}

var errLeave = errors.New("leave it")

func entryPlace(t *testing.T, h Harness) {
	s := h.Open(t)
	bare(t, s, 1)
	a := incidents.Entry{Number: 1, At: after(1), Text: "a"}
	b := incidents.Entry{Number: 2, At: after(2), Text: "b"}
	c := incidents.Entry{Number: 3, At: after(2), Text: "c"}
	record(t, s, 1, a, b, c)
	a.Place, b.Place = incidents.Place{At: b.At, Number: 2}, incidents.Place{At: a.At, Number: 1}
	record(t, s, 1, a, b)
	same(t, timeline(t, s, 1), []incidents.Entry{b, a, c})
	for n, want := range map[int]int{1: 2, 2: 1, 3: 3} {
		update(t, s, func(tx incidents.Tx) error {
			place, _, err := tx.Rank(1, n)
			if place != want {
				t.Errorf("entry %d is the %d., want %d", n, place, want)
			}
			return err
		})
	}
}

// reasons returns why a message is in the timeline.
func reasons(t *testing.T, s incidents.Store, number int, source incidents.Source) (all []incidents.Capture) {
	t.Helper()
	update(t, s, func(tx incidents.Tx) (err error) {
		_, all, err = tx.EntryOf(number, source)
		return err
	})
	return all
}

// capture writes reasons.
func capture(t *testing.T, s incidents.Store, number int, captures ...incidents.Capture) {
	t.Helper()
	update(t, s, func(tx incidents.Tx) error {
		in, err := tx.Incident(number)
		if err != nil {
			return err
		}
		in.Version++
		return tx.Apply(incidents.Change{Incident: in, Captures: captures}, noon)
	})
}

func captureReasons(t *testing.T, h Harness) {
	s := h.Open(t)
	bare(t, s, 1, 2)
	source := incidents.Source{Channel: "C-1", TS: "1.000001"}
	ana := incidents.Capture{Source: source, By: "U-ANA", How: "reaction", At: after(1), Present: true}
	too := incidents.Capture{Source: source, By: "U-ANA", How: "shortcut", At: after(2), Present: true}
	ben := incidents.Capture{Source: source, By: "U-BEN", How: "reaction", At: after(3), Present: true}
	deleted := incidents.Capture{Source: source, How: "deleted"} // nobody's, at no time
	other := incidents.Capture{Source: incidents.Source{Channel: "C-1", TS: "1.000002"}, By: "U-ANA", How: "reaction", At: after(1)}
	capture(t, s, 1, ana, too, other)
	capture(t, s, 1, ben)
	ana.At, ana.Present = after(4), false
	capture(t, s, 1, ana, deleted)

	got := map[string]incidents.Capture{}
	for _, c := range reasons(t, s, 1, source) {
		got[c.By+"/"+c.How] = c
	}
	same(t, got, map[string]incidents.Capture{"U-ANA/reaction": ana, "U-ANA/shortcut": too, "U-BEN/reaction": ben, "/deleted": deleted})
	same(t, reasons(t, s, 1, other.Source), []incidents.Capture{other})
	same(t, reasons(t, s, 2, source), nil)

	update(t, s, func(tx incidents.Tx) error {
		in, err := tx.Incident(1)
		if err != nil {
			return err
		}
		in.Version++
		return tx.Apply(incidents.Change{Incident: in, Entries: []incidents.Entry{
			{Number: 1, At: noon, Text: "typed"}, {Number: 2, At: noon, Text: "captured", Source: other.Source, Gone: true},
		}}, noon)
	})
	var all []incidents.Captured
	view(t, s, func(r incidents.Reader) (err error) {
		all, err = r.Captured(1)
		return err
	})
	if len(all) != 2 || all[0].Source != source || all[0].Entry != nil || len(all[0].Reasons) != 4 || !all[0].Deleted() {
		t.Errorf("captured: %+v", all)
	} else if all[1].Entry == nil || all[1].Entry.Text != "captured" || !all[1].Entry.Gone || all[1].Reason("U-ANA", "reaction") != other {
		t.Errorf("captured: %+v", all[1])
	}
}

func captureWithoutEntry(t *testing.T, h Harness) {
	s := h.Open(t)
	bare(t, s, 1)
	c := incidents.Capture{Source: incidents.Source{Channel: "C-1", TS: "1.000001"}, By: "U-ANA", How: "reaction", At: after(1)}
	capture(t, s, 1, c)
	same(t, reasons(t, s, 1, c.Source), []incidents.Capture{c})
	same(t, timeline(t, s, 1), nil)
}
