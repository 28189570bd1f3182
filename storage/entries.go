package storage

import (
	"cmp"
	"encoding/json"
	"fmt"
	"time"

	"watchbell/incidents"
)

const entryColumns = `number, at, until, text, format, author, source_channel, source_ts, gone, waiting, edited_at, event,
	internal, rewritten, rewritten_by, proposed, place_at, place_number, files, version, last_by, last_at, last_deed,
	last_change, last_undoes`

// entry reads the entryColumns.
func entry(r row) (incidents.Entry, error) {
	e := incidents.Entry{
		Number: r.number(0), At: r.time(1), Until: r.time(2), Text: r.text(3), Format: incidents.Format(r.text(4)),
		Author: r.text(5), Source: incidents.Source{Channel: r.text(6), TS: r.text(7)},
		Gone: r.flag(8), Waiting: r.flag(9), EditedAt: r.time(10), Event: incidents.Event(r.text(11)),
		Internal: r.flag(12), Rewritten: r.flag(13), RewrittenBy: r.text(14), Proposed: r.text(15),
		Place: incidents.Place{At: r.time(16), Number: r.number(17)}, Version: r.number(19),
		Last: incidents.Touch{
			By: r.text(20), At: r.time(21), Deed: incidents.Deed(r.text(22)), Change: r.number(23), Undoes: r.number(24),
		},
	}
	if e.Place.Number == e.Number && e.Place.At.Equal(e.At) {
		e.Place = incidents.Place{} // its own
	}
	if files := r.text(18); files != "" {
		if err := json.Unmarshal([]byte(files), &e.Files); err != nil {
			return e, fmt.Errorf("files of entry %d: %w", e.Number, err)
		}
	}
	return e, nil
}

var (
	upsertEntry = &statement{text: `INSERT INTO entries (incident, ` + entryColumns + `) VALUES
		($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26)
		ON CONFLICT (incident, number) DO UPDATE SET at = excluded.at, until = excluded.until, text = excluded.text,
		format = excluded.format, author = excluded.author, source_channel = excluded.source_channel,
		source_ts = excluded.source_ts, gone = excluded.gone, waiting = excluded.waiting, edited_at = excluded.edited_at,
		event = excluded.event, internal = excluded.internal, rewritten = excluded.rewritten,
		rewritten_by = excluded.rewritten_by, proposed = excluded.proposed, place_at = excluded.place_at,
		place_number = excluded.place_number, files = excluded.files, version = excluded.version,
		last_by = excluded.last_by, last_at = excluded.last_at, last_deed = excluded.last_deed,
		last_change = excluded.last_change, last_undoes = excluded.last_undoes`}
	// typedEntry adds the usual entry: a new one that stands in its own place, in the timeline, and came from no message.
	typedEntry = &statement{text: `INSERT INTO entries (incident, ` + entryColumns + `) VALUES
		($1, $2, $3, $4, $5, $6, $7, '', '', 0, 0, 0, $8, $9, 0, '', '', $10, $11, '', 1, $12, $13, $14, $15, 0)`}
	keepEntry = &statement{text: `INSERT INTO entry_history (incident, ` + entryColumns + `) SELECT incident, ` + entryColumns + `
		FROM entries WHERE incident = $1 AND number = $2 AND version < $3`}
	selectEntries = &statement{text: `SELECT ` + entryColumns + ` FROM entries
		WHERE incident = $1 AND gone = 0 AND waiting = 0 ORDER BY place_at, place_number, number`}
	selectEarly = &statement{text: `SELECT ` + entryColumns + ` FROM entries
		WHERE incident = $1 AND gone = 0 AND waiting = 0 AND place_at <= $2 ORDER BY place_at, place_number, number`}
	// The plus keeps SQLite from walking through the rest of the timeline because of its order.
	selectWell = &statement{text: `SELECT ` + entryColumns + ` FROM entries
		WHERE incident = $1 AND event = 'mitigated' AND gone = 0 AND waiting = 0 AND +place_at > $2 ORDER BY +place_at, place_number, number`}
	selectEntryOf = &statement{text: `SELECT ` + entryColumns + ` FROM entries
		WHERE incident = $1 AND source_channel = $2 AND source_ts = $3 AND source_ts <> ''`}
	selectHistory = &statement{text: `SELECT * FROM (SELECT ` + entryColumns + ` FROM entry_history WHERE incident = $1 AND number = $2
		UNION ALL SELECT ` + entryColumns + ` FROM entries WHERE incident = $1 AND number = $2) AS versions ORDER BY version`}
	selectHistories = &statement{text: `SELECT * FROM (SELECT ` + entryColumns + ` FROM entry_history WHERE incident = $1
		UNION ALL SELECT ` + entryColumns + ` FROM entries WHERE incident = $1) AS versions ORDER BY number, version`}
	selectCaptures = &statement{text: `SELECT channel, ts, by_user, how, at, present FROM captures
		WHERE incident = $1 AND channel = $2 AND ts = $3 ORDER BY at, by_user, how`}
	selectAllCaptures = &statement{text: `SELECT channel, ts, by_user, how, at, present FROM captures
		WHERE incident = $1 ORDER BY channel, ts, at, by_user, how`}
	selectSourced = &statement{text: `SELECT ` + entryColumns + ` FROM entries
		WHERE incident = $1 AND source_ts <> ''`}
	// Most entries are recorded at the end, so what comes after one is counted: that is little.
	selectRank = &statement{text: `SELECT i.shown,
		(SELECT COUNT(*) FROM entries e WHERE e.incident = i.number AND e.gone = 0 AND e.waiting = 0
			AND (e.place_at, e.place_number, e.number) > (me.place_at, me.place_number, me.number)),
		COALESCE(me.place_at, 0), COALESCE(me.place_number, 0)
		FROM incidents i LEFT JOIN entries me ON me.incident = i.number AND me.number = $1 WHERE i.number = $2`}
)

// applyEntries writes entries, and keeps where their timeline ends then.
func (t *tx) applyEntries(incident int, entries []incidents.Entry) error {
	for _, e := range entries {
		if err := t.applyEntry(incident, e); err != nil {
			return err
		}
	}
	if k := t.writer.kept[incident]; k != nil {
		k.end = k.end.after(entries)
	}
	return nil
}

// applyEntry writes an entry, and keeps the version that was there.
func (t *tx) applyEntry(incident int, e incidents.Entry) error {
	if e.Version > 1 {
		if _, err := t.write(keepEntry, incident, e.Number, e.Version); err != nil {
			return err
		}
	}
	if e.Version == 1 && e.Source == (incidents.Source{}) && !e.Gone && !e.Waiting && e.EditedAt.IsZero() && !e.Rewritten &&
		e.RewrittenBy == "" && e.Proposed == "" && e.Place == (incidents.Place{}) && len(e.Files) == 0 && e.Last.Undoes == 0 {
		at := micros(e.At)
		_, err := t.write(typedEntry, incident, e.Number, at, micros(e.Until), e.Text, string(e.Format), e.Author, string(e.Event),
			e.Internal, at, e.Number, e.Last.By, micros(e.Last.At), string(e.Last.Deed), e.Last.Change)
		return err
	}
	place := placeOf(e)
	files := ""
	if len(e.Files) > 0 {
		text, err := json.Marshal(e.Files)
		if err != nil {
			return fmt.Errorf("files of entry %d: %w", e.Number, err)
		}
		files = string(text)
	}
	_, err := t.write(upsertEntry, incident, e.Number, micros(e.At), micros(e.Until), e.Text, string(e.Format), e.Author,
		e.Source.Channel, e.Source.TS, e.Gone, e.Waiting, micros(e.EditedAt), string(e.Event), e.Internal, e.Rewritten,
		e.RewrittenBy, e.Proposed, micros(place.At), place.Number, files, e.Version, e.Last.By, micros(e.Last.At),
		string(e.Last.Deed), e.Last.Change, e.Last.Undoes)
	return err
}

// entries reads all rows of a statement that selects the entryColumns.
func (t *reader) entries(st *statement, args ...any) (all []incidents.Entry, err error) {
	err = t.session.query(st, func(r row) error {
		e, err := entry(r)
		all = append(all, e)
		return err
	}, args...)
	return all, err
}

// Entries implements incidents.Reader.
func (t *reader) Entries(number int) ([]incidents.Entry, error) {
	return t.entries(selectEntries, number)
}

// Signs implements incidents.Reader.
func (t *reader) Signs(number int, until time.Time) ([]incidents.Entry, error) {
	early, err := t.entries(selectEarly, number, micros(until))
	if err != nil {
		return nil, err
	}
	well, err := t.entries(selectWell, number, micros(until))
	return append(early, well...), err
}

// History implements incidents.Reader.
func (t *reader) History(number, entry int) ([]incidents.Entry, error) {
	if entry == 0 {
		return t.entries(selectHistories, number)
	}
	return t.entries(selectHistory, number, entry)
}

// readCapture reads a row of captures.
func readCapture(r row) incidents.Capture {
	return incidents.Capture{
		Source: incidents.Source{Channel: r.text(0), TS: r.text(1)}, By: r.text(2), How: r.text(3),
		At: r.time(4), Present: r.flag(5),
	}
}

// EntryOf implements incidents.Tx.
func (t *reader) EntryOf(number int, s incidents.Source) (*incidents.Entry, []incidents.Capture, error) {
	found, err := t.session.one(selectEntryOf, number, s.Channel, s.TS)
	if err != nil {
		return nil, nil, err
	}
	var e *incidents.Entry
	if found != nil {
		one, err := entry(found)
		if err != nil {
			return nil, nil, err
		}
		e = &one
	}
	var reasons []incidents.Capture
	err = t.session.query(selectCaptures, func(r row) error {
		reasons = append(reasons, readCapture(r))
		return nil
	}, number, s.Channel, s.TS)
	return e, reasons, err
}

// Captured implements incidents.Reader.
func (t *reader) Captured(number int) (all []incidents.Captured, err error) {
	at := map[incidents.Source]int{}
	err = t.session.query(selectAllCaptures, func(r row) error {
		c := readCapture(r)
		i, known := at[c.Source]
		if !known {
			i = len(all)
			at[c.Source] = i
			all = append(all, incidents.Captured{Source: c.Source})
		}
		all[i].Reasons = append(all[i].Reasons, c)
		return nil
	}, number)
	if err != nil {
		return nil, err
	}
	err = t.session.query(selectSourced, func(r row) error {
		e, err := entry(r)
		if i, known := at[e.Source]; known { // one that was written outside Slack has no reasons
			all[i].Entry = &e
		}
		return err
	}, number)
	return all, err
}

// placeOf is what the timeline is sorted by.
func placeOf(e incidents.Entry) incidents.Place {
	if e.Place == (incidents.Place{}) {
		return incidents.Place{At: e.At, Number: e.Number}
	}
	return e.Place
}

// end is where a timeline ends.
type end struct {
	entry  int   // one that none which is shown stands behind; 0 while that is not known
	at     int64 // its place_at and place_number
	number int
	length int
}

// after is the end once entries are added. When one is changed, it is not known any more.
func (e end) after(added []incidents.Entry) end {
	for _, a := range added {
		if e.entry == 0 || a.Version != 1 {
			return end{}
		}
		if !a.Shown() {
			continue
		}
		place := placeOf(a)
		at := micros(place.At)
		if cmp.Or(cmp.Compare(at, e.at), cmp.Compare(place.Number, e.number), cmp.Compare(a.Number, e.entry)) > 0 {
			e.entry, e.at, e.number = a.Number, at, place.Number
		}
		e.length++
	}
	return e
}

// Rank implements incidents.Tx. It is nearly always asked for the entry that was added last, where nothing need be read.
func (t *tx) Rank(number, entry int) (place, of int, err error) {
	k := t.writer.kept[number]
	if k != nil && entry > 0 && entry == k.end.entry {
		return k.end.length, k.end.length, nil
	}
	found, err := t.session.one(selectRank, entry, number)
	if err != nil || found == nil {
		return 0, 0, err
	}
	of, behind := found.number(0), found.number(1)
	if there := found.number(3) > 0; k != nil && behind == 0 && there {
		k.end = end{entry: entry, at: int64(found.number(2)), number: found.number(3), length: of}
	}
	return of - behind, of, nil
}
