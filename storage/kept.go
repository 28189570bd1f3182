package storage

import (
	"database/sql/driver"
	"maps"
	"slices"

	"watchbell/incidents"
)

// mostKept and mostKeptText bound how many incidents the writer keeps, and how many bytes of text they have: one takes about
// 2 kB, but may have sections of 40,000 characters. When a bound is reached, all are forgotten, which costs each one reading.
const (
	mostKept     = 1024
	mostKeptText = 4 << 20
)

// kept is an incident as it is in the database, so that an update need not read it again: what was read or written in a
// transaction that stands. Where others write to the database too it is good for one transaction, whose lock keeps them out.
type kept struct {
	head     row      // the headColumns
	done     progress // what the last of them says
	holders  map[incidents.Role][]string
	sections map[incidents.Section]string
	actions  []incidents.Action
	end      end // of its timeline
	size     int // of its text, when it was read
}

// incident shares its maps and slices with what is kept.
func (k *kept) incident() incidents.Incident {
	in := headOf(k.head, k.done)
	in.Holders, in.Sections, in.Actions = k.holders, k.sections, k.actions
	return in
}

// copy is an incident that may be altered.
func (k *kept) copy() incidents.Incident {
	in := headOf(k.head, k.done.clone())
	in.Holders = maps.Clone(k.holders)
	for role, who := range in.Holders {
		in.Holders[role] = slices.Clone(who)
	}
	in.Sections, in.Actions = maps.Clone(k.sections), slices.Clone(k.actions)
	return in
}

// Incident implements incidents.Reader.
func (t *tx) Incident(number int) (incidents.Incident, error) {
	k, err := t.kept(number)
	if err != nil {
		return incidents.Incident{}, err
	}
	return k.copy(), nil
}

// kept returns an incident as it is in the database.
func (t *tx) kept(number int) (*kept, error) {
	all := t.writer.kept
	if k := all[number]; k != nil {
		return k, nil
	}
	k := &kept{}
	if err := t.read(number, k); err != nil {
		return nil, err
	}
	k.head = slices.Clone(k.head)
	k.size = k.text()
	if len(all) >= mostKept || t.writer.keptText+k.size > mostKeptText {
		t.writer.forgetIncidents()
	}
	all[number] = k
	t.writer.keptText += k.size
	return k, nil
}

// forget has everything read again that is known of the database: what was written last does not stand, or it was
// written by others.
func (w *writer) forget() {
	w.known, w.protocol = false, keptProtocol{}
	w.forgetIncidents()
}

// forgetIncident has one read again.
func (w *writer) forgetIncident(number int) {
	if k := w.kept[number]; k != nil {
		w.keptText -= k.size
		delete(w.kept, number)
	}
}

// forgetIncidents has the incidents read again.
func (w *writer) forgetIncidents() {
	clear(w.kept)
	w.keptText = 0
}

// text is how many bytes of text are kept, nearly: of what may be long.
func (k *kept) text() int {
	n := len(k.head.text(progressColumn))
	for _, text := range k.sections {
		n += len(text)
	}
	for _, a := range k.actions {
		n += len(a.Text)
	}
	return n
}

// headDiff puts the headColumns of an incident in their order, and finds those that differ from what is in the database.
type headDiff struct {
	old, new  row // old is empty for an incident that is new
	different uint64
	args      []any // the values that differ
}

// start begins with another incident.
func (d *headDiff) start(old row) {
	clear(d.args)
	d.old, d.new, d.different, d.args = old, d.new[:0], 0, d.args[:0]
}

func (d *headDiff) text(s string) {
	if i := len(d.new); i < len(d.old) && d.old.text(i) == s {
		d.new = append(d.new, d.old[i])
		return
	}
	d.add(storable(s))
}

func (d *headDiff) number(n int64) {
	if i := len(d.new); i < len(d.old) && d.old[i].(int64) == n {
		d.new = append(d.new, d.old[i])
		return
	}
	d.add(n)
}

func (d *headDiff) flag(f bool) {
	n := int64(0)
	if f {
		n = 1
	}
	d.number(n)
}

func (d *headDiff) add(v driver.Value) {
	d.different |= 1 << len(d.new)
	d.new, d.args = append(d.new, v), append(d.args, v)
}
