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
