package storage

import (
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"watchbell/incidents"
	"watchbell/storage/storagetest"
)

// deed is one thing that an update does to an incident that it has read.
type deed struct {
	Incident int
	Do       string
	N        int
}

// update of which the last thing is how it ends.
type plan struct {
	Deeds []deed
	End   string
}

var plans = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) plan {
	return plan{
		Deeds: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) deed {
			return deed{
				Incident: rapid.IntRange(1, 3).Draw(t, "incident"),
				Do: rapid.SampledFrom([]string{
					"read", "title", "channel", "role", "section", "action", "step", "entry", "entry", "entry", "entry hidden", "entry changed", "alter", "stale", "forget",
				}).Draw(t, "do"),
				N: rapid.IntRange(0, 3).Draw(t, "n"),
			}
		}), 0, 4).Draw(t, "deeds"),
		End: rapid.SampledFrom([]string{"well", "well", "well", "fails", "panics"}).Draw(t, "end"),
	}
}), 1, 6)

var errStopped = errors.New("stopped")

// run does what the plan says, and looks whether the incident is read as it is in the database each time.
func (p plan) run(s *Store, t incidents.Tx) error {
	for _, d := range p.Deeds {
		if err := d.run(s, t.(*tx)); err != nil {
			return err
		}
		if err := asInDatabase(t, d.Incident); err != nil {
			return fmt.Errorf("after %+v: %w", d, err)
		}
	}
	switch p.End {
	case "fails":
		return errStopped
	case "panics":
		panic(errStopped)
	}
	return nil
}

func (d deed) run(s *Store, t *tx) error {
	in, err := t.Incident(d.Incident)
	if err != nil {
		return err
	}
	c := incidents.Change{Incident: in}
	in, n := c.Incident, fmt.Sprint("U", d.N)
	switch d.Do {
	case "read":
		return nil
	case "alter":
		alterAll(reflect.ValueOf(&in).Elem())
		return nil
	case "forget":
		return t.forgetPerson(n, false, &Person{As: "U9"})
	case "title":
		in.Title = "Down \x00 \xff " + n
	case "channel": // another one may have it: nothing is written then
		in.Channel.ID = "C" + n
	case "role":
		in.Holders = map[incidents.Role][]string{incidents.Lead: {n}, incidents.Ops: slices.Repeat([]string{"U0"}, d.N)}
	case "section":
		in.Sections = map[incidents.Section]string{incidents.Sections[d.N]: n}
	case "action":
		in.Actions = append(in.Actions, incidents.Action{Number: len(in.Actions) + 1, Text: n, Due: noon.Add(time.Duration(d.N))})
	case "step":
		in.Marks = append(in.Marks, incidents.Mark{Step: n, At: noon.Add(time.Duration(d.N)).In(time.FixedZone("there", 3600)), By: "\xff" + n})
		in.Handovers = append(in.Handovers, incidents.Handover{Role: incidents.Ops, To: n, From: []string{"U1"}, At: noon})
	case "entry", "entry hidden": // before or after what is there
		in.LastEntry++
		c.Entries = []incidents.Entry{{Number: in.LastEntry, Version: 1, Text: n, At: noon.Add(time.Duration(d.N*in.LastEntry) * time.Second), Waiting: d.Do != "entry"}}
	case "entry changed":
		c.Entries = []incidents.Entry{{Number: max(1, in.LastEntry-d.N), Version: 2, Text: n, At: noon, Gone: d.N == 1}}
	case "stale":
		in.Version--
	}
	in.Version++
	c.Incident = in
	err = t.Apply(c, noon)
	if d.Do == "stale" && !errors.Is(err, incidents.ErrConflict) {
		return fmt.Errorf("a change of an older version: %w", err)
	}
	switch {
	case d.Do == "stale":
		return nil
	case d.Do == "channel" && err != nil && s.engine.soleWriter:
		return nil
	case d.Do == "channel" && err != nil: // this database does not go on after that
		return fmt.Errorf("%w: %w", errStopped, err)
	}
	return err
}

// asInDatabase compares what an update reads with what the tables say.
func asInDatabase(t incidents.Tx, number int) error {
	got, err := t.Incident(number)
	if err != nil {
		return err
	}
	want, err := t.(*tx).reader.Incident(number)
	if err != nil {
		return err
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		return fmt.Errorf("incident %d is read otherwise than it is there (-there +read):\n%s", number, diff)
	}
	if _, _, err := t.Rank(number, got.LastEntry); err != nil { // it may be hidden
		return err
	}
	entries, err := t.Entries(number)
	for i, e := range slices.Backward(entries) {
		if i < len(entries)-3 && i > 0 { // those at the ends will do
			continue
		}
		for range 2 {
			if place, of, err := t.Rank(number, e.Number); err != nil || place != i+1 || of != len(entries) {
				return fmt.Errorf("entry %d of incident %d is %d of %d (%w), want %d of %d", e.Number, number, place, of, err, i+1, len(entries))
			}
		}
	}
	return err
}

// TestKeptIncidents has random updates share transactions, of which some fail or are taken back: every one reads
// what is in the database, and so does the next transaction.
func TestKeptIncidents(t *testing.T) {
	keepTrue(t, openFile(t, filepath.Join(t.TempDir(), "a.db"), Options{}))
}

// TestPostgresKeptIncidents has two processes do it in turn.
func TestPostgresKeptIncidents(t *testing.T) {
	u := storagetest.Schema(t)
	keepTrue(t, openURL(t, u, Options{Readers: 1}), openURL(t, u, Options{Readers: 1}))
}

func keepTrue(t *testing.T, stores ...*Store) {
	ok(t, stores[0].Update(t.Context(), func(tx incidents.Tx) error {
		for number := 1; number <= 3; number++ {
			in := incidents.Incident{
				Number: number, Title: "Down", Version: 1, Status: incidents.Declared, DeclaredBy: "U1", LastEntry: 1,
				Holders: map[incidents.Role][]string{incidents.Lead: {"U1"}},
			}
			first := incidents.Entry{Number: 1, Version: 1, At: noon, Text: "We declared the incident"}
			if err := tx.Apply(incidents.Change{Incident: in, Entries: []incidents.Entry{first}}, noon); err != nil {
				return err
			}
		}
		return nil
	}))
	turn := 0
	rapid.Check(t, func(rt *rapid.T) {
		s := stores[turn%len(stores)]
		turn++
		drawn := plans.Draw(rt, "plans")
		var updates []func(incidents.Tx) error
		for _, p := range drawn {
			updates = append(updates, func(tx incidents.Tx) error { return p.run(s, tx) })
		}
		for i, err := range inOneBatch(s, updates...) {
			well := err == nil && drawn[i].End == "well"
			if !well && !errors.Is(err, errStopped) && drawn[i].End != "panics" {
				rt.Fatalf("update %d, %+v: %v", i, drawn[i], err)
			}
		}
		for _, s := range stores {
			err := s.Update(t.Context(), func(tx incidents.Tx) error {
				return errors.Join(asInDatabase(tx, 1), asInDatabase(tx, 2), asInDatabase(tx, 3))
			})
			if err != nil {
				rt.Fatal(err)
			}
		}
	})
}

// TestKeptAreBounded reads more incidents, and more text, than are kept.
func TestKeptAreBounded(t *testing.T) {
	s := openFile(t, filepath.Join(t.TempDir(), "a.db"), Options{})
	long := strings.Repeat("x", mostKeptText/4)
	ok(t, s.Update(t.Context(), func(tx incidents.Tx) error {
		for n := 1; n <= mostKept+10; n++ {
			if err := errors.Join(put(n)(tx), asInDatabase(tx, n)); err != nil {
				return err
			}
		}
		if n := len(s.writer.kept); n != 10 {
			t.Errorf("of %d incidents %d are kept", mostKept+10, n)
		}
		for n := 1; n <= 8; n++ {
			in := incidents.Incident{Number: n, Version: 2, Title: "x", Status: incidents.Declared}
			in.Sections = map[incidents.Section]string{incidents.SectionLead: long}
			if err := errors.Join(tx.Apply(incidents.Change{Incident: in}, noon), asInDatabase(tx, n)); err != nil {
				return err
			}
		}
		if n := len(s.writer.kept); n == 0 || n > 4 {
			t.Errorf("of 8 long incidents %d are kept", n)
		}
		return nil
	}))
}

// alterAll alters whatever an incident shares with others: all that its maps and slices hold.
func alterAll(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() != reflect.TypeFor[time.Time]() {
			for i := range v.NumField() {
				alterAll(v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			alterAll(v.Index(i))
			v.Index(i).SetZero()
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			alterAll(v.MapIndex(key))
		}
		v.Clear()
	}
}

// TestCopyOfKept fills every field that there is, and alters what is handed out.
func TestCopyOfKept(t *testing.T) {
	fill := func() (in incidents.Incident) {
		fillAll(reflect.ValueOf(&in).Elem())
		return in
	}
	in := fill()
	k := &kept{done: progressOf(&in), holders: in.Holders, sections: in.Sections, actions: in.Actions, head: make(row, len(headNames))}
	d := headDiff{}
	d.head(in, "")
	k.head = d.new
	before := k.copy()
	altered := k.copy()
	alterAll(reflect.ValueOf(&altered).Elem())
	if diff := cmp.Diff(before, k.copy()); diff != "" {
		t.Errorf("who alters what was read alters what is kept (-before +after):\n%s", diff)
	}
	want := fill()
	want.Protocol = nil // a store knows none
	if diff := cmp.Diff(want, before, cmpopts.EquateApproxTime(time.Microsecond)); diff != "" {
		t.Errorf("a copy is not what is kept (-kept +copy):\n%s", diff)
	}
}

// fillAll puts something into every field, and one element into every slice and map.
func fillAll(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(noon))
			return
		}
		for i := range v.NumField() {
			fillAll(v.Field(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fillAll(v.Index(0))
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fillAll(key)
		fillAll(value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	}
}
