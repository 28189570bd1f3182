package storage

import (
	"fmt"
	"strconv"
	"strings"

	"watchbell/incidents"
)

// headNames are the headColumns one by one; shown is written beside them.
var headNames = strings.Fields(strings.ReplaceAll(headColumns, ",", " "))

// head puts the headColumns.
func (d *headDiff) head(in incidents.Incident, progress string) {
	d.number(int64(in.Number))
	d.text(in.Title)
	d.text(in.Summary)
	d.text(string(in.Severity))
	d.text(string(in.Status))
	d.flag(in.Backfill)
	d.flag(in.Private)
	d.number(micros(in.DeclaredAt))
	d.text(in.DeclaredBy)
	d.text(in.DeclaredIn)
	d.number(micros(in.StartedAt))
	d.number(micros(in.ResolvedAt))
	d.text(in.Channel.ID)
	d.text(in.Channel.Name)
	d.flag(in.PostWanted)
	d.number(int64(in.Post.Number))
	d.text(in.Post.URL)
	d.text(in.Post.Path)
	d.number(int64(in.LastEntry))
	d.number(int64(in.Version))
	d.flag(in.Drill)
	d.text(in.ProtocolVersion)
	d.number(micros(in.StatusAt))
	d.text(progress)
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
	changed := int64(0)
	if in.Version == 1 {
		changed, err = t.insertHead(in, more)
	} else {
		k, err := t.kept(in.Number)
		if err != nil {
			return before, err
		}
		if before = k.incident(); before.Version == in.Version-1 {
			changed, err = t.updateHead(k, in, more)
		}
		if err != nil {
			return before, err
		}
	}
	if err == nil && changed == 0 {
		err = fmt.Errorf("incident %d, version %d: %w", in.Number, in.Version, incidents.ErrConflict)
	}
	return before, err
}

func (t *tx) insertHead(in incidents.Incident, more int) (changed int64, err error) {
	w := t.writer
	done, err := w.progressText(in, "")
	switch {
	case err != nil:
		return 0, err
	case in.Summary == "" && !in.Backfill && in.ResolvedAt.IsZero() && in.Channel == (incidents.Channel{}) &&
		!in.PostWanted && in.Post == (incidents.PullRequest{}):
		changed, err = t.write(declareHead, in.Number, in.Title, string(in.Severity), string(in.Status), in.Private,
			micros(in.DeclaredAt), in.DeclaredBy, in.DeclaredIn, micros(in.StartedAt), in.LastEntry, in.Drill, in.ProtocolVersion,
			micros(in.StatusAt), done, more)
	default:
		w.diff.start(nil)
		w.diff.head(in, done)
		changed, err = t.write(insertHead, append(w.diff.args, more)...)
	}
	if changed > 0 && in.Number > w.last {
		w.last = in.Number
	}
	return changed, err
}

// updateHead writes the columns that differ: nearly always few do, and a value that is bound costs more than one that is
// compared. What is kept is what was written then.
func (t *tx) updateHead(k *kept, in incidents.Incident, more int) (int64, error) {
	w := t.writer
	done, err := w.progressText(in, k.head.text(progressColumn))
	if err != nil {
		return 0, err
	}
	d := &w.diff
	d.start(k.head)
	d.head(in, done)
	if more != 0 {
		d.different |= 1 << len(headNames)
		d.args = append(d.args, more)
	}
	changed, err := t.write(w.headUpdate(d.different), append(d.args, in.Number, in.Version-1)...)
	if err != nil || changed == 0 {
		return changed, err
	}
	k.head, d.new = d.new, k.head
	if d.different&(1<<progressColumn) != 0 {
		k.done, err = readProgress(k.head.text(progressColumn))
	}
	return changed, err
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
