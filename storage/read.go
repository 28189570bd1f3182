package storage

import (
	"fmt"

	"watchbell/incidents"
)

// reader implements incidents.Reader on a session that is in a transaction.
type reader struct{ session *session }

const headColumns = `number, title, summary, severity, status, backfill, private, declared_at, declared_by, declared_in,
	started_at, resolved_at, channel_id, channel_name, post_wanted, post_number, post_url, post_path, last_entry, version, drill`

// head reads the headColumns.
func head(r row) incidents.Incident {
	return incidents.Incident{
		Number: r.number(0), Title: r.text(1), Summary: r.text(2),
		Severity: incidents.Severity(r.text(3)), Status: incidents.Status(r.text(4)),
		Backfill: r.flag(5), Private: r.flag(6),
		DeclaredAt: r.time(7), DeclaredBy: r.text(8), DeclaredIn: r.text(9), StartedAt: r.time(10), ResolvedAt: r.time(11),
		Channel: incidents.Channel{ID: r.text(12), Name: r.text(13)}, PostWanted: r.flag(14),
		Post:      incidents.PullRequest{Number: r.number(15), URL: r.text(16), Path: r.text(17)},
		LastEntry: r.number(18), Version: r.number(19), Drill: r.flag(20),
	}
}

var (
	selectHead     = &statement{text: `SELECT ` + headColumns + ` FROM incidents WHERE number = $1`}
	selectHolders  = &statement{text: `SELECT role, user_id FROM holders WHERE incident = $1`}
	selectSections = &statement{text: `SELECT name, text FROM sections WHERE incident = $1`}
	selectActions  = &statement{text: `SELECT number, text, owner, due, link, wants_card, card_url FROM actions
		WHERE incident = $1 ORDER BY number`}
)

// Incident implements incidents.Reader.
func (t *reader) Incident(number int) (in incidents.Incident, err error) {
	found, err := t.session.one(selectHead, number)
	if err != nil {
		return in, err
	}
	if found == nil {
		return in, fmt.Errorf("incident %d: %w", number, incidents.ErrNotFound)
	}
	in = head(found)
	err = t.session.query(selectHolders, func(r row) error {
		if in.Holders == nil {
			in.Holders = map[incidents.Role]string{}
		}
		in.Holders[incidents.Role(r.text(0))] = r.text(1)
		return nil
	}, number)
	if err != nil {
		return in, err
	}
	err = t.session.query(selectSections, func(r row) error {
		if in.Sections == nil {
			in.Sections = map[incidents.Section]string{}
		}
		in.Sections[incidents.Section(r.text(0))] = r.text(1)
		return nil
	}, number)
	if err != nil {
		return in, err
	}
	err = t.session.query(selectActions, func(r row) error {
		in.Actions = append(in.Actions, incidents.Action{
			Number: r.number(0), Text: r.text(1), Owner: r.text(2), Due: r.time(3), Link: r.text(4),
			WantsCard: r.flag(5), CardURL: r.text(6),
		})
		return nil
	}, number)
	return in, err
}

const entryColumns = `number, at, until, text, format, author, source_channel, source_ts, gone, waiting, edited_at`

// entry reads the entryColumns.
func entry(r row) incidents.Entry {
	return incidents.Entry{
		Number: r.number(0), At: r.time(1), Until: r.time(2), Text: r.text(3), Format: incidents.Format(r.text(4)),
		Author: r.text(5), Source: incidents.Source{Channel: r.text(6), TS: r.text(7)},
		Gone: r.flag(8), Waiting: r.flag(9), EditedAt: r.time(10),
	}
}

var (
	selectEntries = &statement{text: `SELECT ` + entryColumns + ` FROM entries
		WHERE incident = $1 AND gone = 0 AND waiting = 0 ORDER BY at, number`}
	selectEntryOf = &statement{text: `SELECT ` + entryColumns + ` FROM entries
		WHERE incident = $1 AND source_channel = $2 AND source_ts = $3 AND source_ts <> ''`}
	selectCaptures = &statement{text: `SELECT channel, ts, by_user, how, at, present FROM captures
		WHERE incident = $1 AND channel = $2 AND ts = $3 ORDER BY at, by_user, how`}
	// Most entries are recorded at the end, so what comes after one is counted: that is little.
	selectRank = &statement{text: `SELECT
		(SELECT COUNT(*) FROM entries WHERE incident = $1 AND gone = 0 AND waiting = 0),
		(SELECT COUNT(*) FROM entries me, entries e WHERE me.incident = $1 AND me.number = $2
			AND e.incident = $1 AND e.gone = 0 AND e.waiting = 0 AND (e.at, e.number) > (me.at, me.number))`}
)

// Entries implements incidents.Reader.
func (t *reader) Entries(number int) (all []incidents.Entry, err error) {
	err = t.session.query(selectEntries, func(r row) error {
		all = append(all, entry(r))
		return nil
	}, number)
	return all, err
}

// EntryOf implements incidents.Tx.
func (t *reader) EntryOf(number int, s incidents.Source) (*incidents.Entry, []incidents.Capture, error) {
	found, err := t.session.one(selectEntryOf, number, s.Channel, s.TS)
	if err != nil {
		return nil, nil, err
	}
	var e *incidents.Entry
	if found != nil {
		one := entry(found)
		e = &one
	}
	var reasons []incidents.Capture
	err = t.session.query(selectCaptures, func(r row) error {
		reasons = append(reasons, incidents.Capture{
			Source: incidents.Source{Channel: r.text(0), TS: r.text(1)}, By: r.text(2), How: r.text(3),
			At: r.time(4), Present: r.flag(5),
		})
		return nil
	}, number, s.Channel, s.TS)
	return e, reasons, err
}

// Rank implements incidents.Tx.
func (t *reader) Rank(number, entry int) (place, of int, err error) {
	found, err := t.session.one(selectRank, number, entry)
	if err != nil {
		return 0, 0, err
	}
	return found.number(0) - found.number(1), found.number(0), nil
}
