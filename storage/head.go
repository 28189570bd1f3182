package storage

import (
	"fmt"
	"strconv"
	"strings"

	"watchbell/incidents"
)

// headNames are the headColumns one by one; shown is written beside them.
var headNames = strings.Fields(strings.ReplaceAll(headColumns, ",", " "))

// headValues are the values of the headColumns.
func headValues(in incidents.Incident, progress string) []any {
	return []any{
		in.Number, in.Title, in.Summary, string(in.Severity), string(in.Status), in.Backfill,
		in.Private, micros(in.DeclaredAt), in.DeclaredBy, in.DeclaredIn, micros(in.StartedAt), micros(in.ResolvedAt),
		in.Channel.ID, in.Channel.Name, in.PostWanted, in.Post.Number, in.Post.URL, in.Post.Path, in.LastEntry, in.Version,
		in.Drill, in.ProtocolVersion, micros(in.StatusAt), progress,
	}
}

var (
	insertHead = &statement{text: `INSERT INTO incidents (` + headColumns + `, shown) VALUES
		(` + places(1, len(headNames)+1) + `) ON CONFLICT (number) DO NOTHING`}
	// declareHead adds the usual incident: one that was declared just now. What it does not have yet is written out, for a
	// value that is bound costs more.
	declareHead = &statement{text: `INSERT INTO incidents (` + headColumns + `, shown) VALUES
		($1, $2, '', $3, $4, 0, $5, $6, $7, $8, $9, 0, '', '', 0, 0, '', '', $10, 1, $11, $12, $13, $14, $15)
		ON CONFLICT (number) DO NOTHING`}
	// recount finds out how many entries are in the timeline.
	recount = &statement{text: `UPDATE incidents SET shown = (SELECT COUNT(*) FROM entries
		WHERE incident = incidents.number AND gone = 0 AND waiting = 0) WHERE number = $1`}
)

// applyHead writes the incident's own row, with how many entries more are in its timeline, and returns the incident as it
// was.
func (t *tx) applyHead(in incidents.Incident, more int) (before incidents.Incident, err error) {
	switch {
	case in.Version == 1:
	case t.loaded.Number == in.Number:
		before = t.loaded
	default:
		if before, err = t.reader.Incident(in.Number); err != nil {
			return before, err
		}
	}
	done, err := progressText(in)
	if err != nil {
		return before, err
	}
	var changed int64
	switch {
	case in.Version != 1:
		changed, err = t.updateHead(before, in, done, more)
	case in.Summary == "" && !in.Backfill && in.ResolvedAt.IsZero() && in.Channel == (incidents.Channel{}) &&
		!in.PostWanted && in.Post == (incidents.PullRequest{}):
		changed, err = t.write(declareHead, in.Number, in.Title, string(in.Severity), string(in.Status), in.Private,
			micros(in.DeclaredAt), in.DeclaredBy, in.DeclaredIn, micros(in.StartedAt), in.LastEntry, in.Drill, in.ProtocolVersion,
			micros(in.StatusAt), done, more)
	default:
		changed, err = t.write(insertHead, append(headValues(in, done), more)...)
	}
	if err != nil {
		return before, err
	}
	if changed == 0 {
		return before, fmt.Errorf("incident %d, version %d: %w", in.Number, in.Version, incidents.ErrConflict)
	}
	if w := t.writer; in.Version == 1 && in.Number > w.last {
		w.last = in.Number
	}
	t.loaded = incidents.Incident{} // the next Apply compares with what is in the database then
	return before, nil
}

// updateHead writes the columns that differ: nearly always few do, and a value that is bound costs more than one that is
// compared. It changes nothing where somebody else was faster.
func (t *tx) updateHead(before, in incidents.Incident, progress string, more int) (int64, error) {
	if before.Version != in.Version-1 {
		return 0, nil
	}
	was, err := progressText(before)
	if err != nil {
		return 0, err
	}
	old, values := headValues(before, was), headValues(in, progress)
	different, args := uint64(0), values[:0:0]
	for i, v := range values {
		if v != old[i] {
			different |= 1 << i
			args = append(args, v)
		}
	}
	if more != 0 {
		different |= 1 << len(values)
		args = append(args, more)
	}
	return t.write(t.writer.headUpdate(different), append(args, in.Number, in.Version-1)...)
}

// headUpdate is the statement that writes the given columns of an incident; few combinations ever occur.
func (w *writer) headUpdate(different uint64) *statement {
	if st := w.heads[different]; st != nil {
		return st
	}
	n := 0
	next := func() string {
		n++
		return "$" + strconv.Itoa(n)
	}
	var set []string
	for i, name := range headNames {
		if different&(1<<i) != 0 {
			set = append(set, name+" = "+next())
		}
	}
	if different&(1<<len(headNames)) != 0 {
		set = append(set, "shown = shown + "+next())
	}
	st := &statement{text: "UPDATE incidents SET " + strings.Join(set, ", ") + " WHERE number = " + next() + " AND version = " + next()}
	w.heads[different] = st
	return st
}

// newInTimeline counts the entries that a change adds to the timeline. It is not sure where the change also touches others.
func newInTimeline(c incidents.Change) (more int, sure bool) {
	for _, e := range c.Entries {
		if e.Version != 1 {
			return 0, false
		}
		if !e.Gone && !e.Waiting {
			more++
		}
	}
	return more, true
}
