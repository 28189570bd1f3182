package storage

import (
	"cmp"
	"fmt"
	"slices"

	"watchbell/incidents"
)

// reader implements incidents.Reader on a session that is in a transaction.
type reader struct{ session *session }

const headColumns = `number, title, summary, severity, status, backfill, private, declared_at, declared_by, declared_in,
	started_at, resolved_at, channel_id, channel_name, post_wanted, post_number, post_url, post_path, last_entry, version, drill,
	protocol, status_at, progress`

// progressColumn is the place of progress among the headColumns.
const progressColumn = 23

// head reads the headColumns.
func head(r row) (incidents.Incident, error) {
	done, err := readProgress(r.text(progressColumn))
	return headOf(r, done), err
}

// headOf is the incident of the headColumns, of which the last says done.
func headOf(r row, done progress) incidents.Incident {
	return incidents.Incident{
		Number: r.number(0), Title: r.text(1), Summary: r.text(2),
		Severity: incidents.Severity(r.text(3)), Status: incidents.Status(r.text(4)),
		Backfill: r.flag(5), Private: r.flag(6),
		DeclaredAt: r.time(7), DeclaredBy: r.text(8), DeclaredIn: r.text(9), StartedAt: r.time(10), ResolvedAt: r.time(11),
		Channel: incidents.Channel{ID: r.text(12), Name: r.text(13)}, PostWanted: r.flag(14),
		Post:      incidents.PullRequest{Number: r.number(15), URL: r.text(16), Path: r.text(17), State: done.Pull, Live: done.Live, MergedAt: done.Merged},
		LastEntry: r.number(18), Version: r.number(19), Drill: r.flag(20),
		ProtocolVersion: r.text(21), StatusAt: r.time(22), Marks: done.Marks, Update: done.Update, Cleared: done.Cleared, Handovers: done.Roles,
		Absences: done.Absences, Silences: done.Silences,
		Written: done.Written, Suggestions: done.Suggestions, Listed: done.Listed, Answered: done.Answered,
		WellAt: done.Well, HeardAt: done.Heard, PostAt: done.PostAt, Wanted: done.Wanted, Followers: done.Followers, Relations: done.Relations,
	}
}

var (
	selectHead = &statement{text: `SELECT ` + headColumns + ` FROM incidents WHERE number = $1`}
	// selectParts reads the holders, sections and action items at once: every query has a price of its own.
	selectParts = &statement{text: `SELECT 1, place, role, user_id, '', 0, '', 0, '', 0, '', 0 FROM holders WHERE incident = $1
		UNION ALL SELECT 2, 0, name, text, '', 0, '', 0, '', 0, '', 0 FROM sections WHERE incident = $1
		UNION ALL SELECT 3, number, '', text, owner, due, link, wants_card, card_url, done_at, done_by, noted_at FROM actions WHERE incident = $1`}
)

// Incident implements incidents.Reader.
func (t *reader) Incident(number int) (incidents.Incident, error) {
	var k kept
	if err := t.read(number, &k); err != nil {
		return incidents.Incident{}, err
	}
	return k.incident(), nil
}

// read reads an incident. The row of its head is valid until another one is read.
func (t *reader) read(number int, k *kept) (err error) {
	if k.head, err = t.session.one(selectHead, number); err != nil {
		return err
	}
	if k.head == nil {
		return fmt.Errorf("incident %d: %w", number, incidents.ErrNotFound)
	}
	if k.done, err = readProgress(k.head.text(progressColumn)); err != nil {
		return fmt.Errorf("incident %d: %w", number, err)
	}
	err = t.session.query(selectParts, func(r row) error {
		switch r.number(0) {
		case 1:
			sit(&k.holders, seat{incidents.Role(r.text(2)), r.number(1)}, r.text(3))
		case 2:
			if k.sections == nil {
				k.sections = map[incidents.Section]string{}
			}
			k.sections[incidents.Section(r.text(2))] = r.text(3)
		default:
			k.actions = append(k.actions, incidents.Action{
				Number: r.number(1), Text: r.text(3), Owner: r.text(4), Due: r.time(5), Link: r.text(6),
				WantsCard: r.flag(7), CardURL: r.text(8), DoneAt: r.time(9), DoneBy: r.text(10), NotedAt: r.time(11),
			})
		}
		return nil
	}, number)
	slices.SortFunc(k.actions, func(a, b incidents.Action) int { return cmp.Compare(a.Number, b.Number) })
	return err
}
