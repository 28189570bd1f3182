package storage

import (
	"context"
	"fmt"
	"strings"
	"time"

	"watchbell/incidents"
)

// invariant is something that must hold between rows. Its query returns a sentence for each place where it does not; it is
// the same text for both databases.
type invariant struct {
	query *statement
	// now says that $1 is the instant of the check; running that it holds only while a Watchbell runs.
	now, running bool
}

var invariants = []invariant{
	{query: &statement{text: `SELECT 'incident #' || i.number || ' has ' || COUNT(e.number) || ' entries, and its last one should be ' || i.last_entry
		FROM incidents i LEFT JOIN entries e ON e.incident = i.number GROUP BY i.number, i.last_entry
		HAVING COUNT(e.number) <> i.last_entry OR COALESCE(MAX(e.number), 0) <> i.last_entry`}},
	{query: &statement{text: `SELECT 'entry ' || e.number || ' of incident #' || e.incident || ' is version ' || e.version || ' and has ' || COUNT(h.version) || ' older ones'
		FROM entries e LEFT JOIN entry_history h ON h.incident = e.incident AND h.number = e.number
		GROUP BY e.incident, e.number, e.version HAVING COUNT(h.version) <> e.version - 1 OR COALESCE(MAX(h.version), 0) <> e.version - 1`}},
	{query: &statement{text: `SELECT 'entry ' || h.number || ' of incident #' || h.incident || ' has a history and is not there'
		FROM entry_history h WHERE NOT EXISTS (SELECT 1 FROM entries e WHERE e.incident = h.incident AND e.number = h.number)`}},
	{query: &statement{text: `SELECT 'incident #' || i.number || ' was declared under the protocol ' || i.protocol || ', whose text is not there'
		FROM incidents i WHERE i.protocol <> '' AND NOT EXISTS (SELECT 1 FROM protocols p WHERE p.version = i.protocol)`}},
	{query: &statement{text: `SELECT 'the word ' || word || ' of number ' || number || ' on shelf ' || shelf || ' is in ' || title || ', ' || gist || ' and ' || rest || ' texts'
		FROM words WHERE title < 0 OR gist < 0 OR rest < 0 OR title + gist + rest = 0`}},
	{query: &statement{text: `SELECT 'incident #' || number || ' is found by words and is not there' FROM words
		WHERE shelf <> 3 AND NOT EXISTS (SELECT 1 FROM incidents i WHERE i.number = words.number) GROUP BY number`}},
	{query: &statement{text: `SELECT 'incident #' || i.number || ' is found by words on shelf ' || w.shelf || ', where it does not belong'
		FROM words w JOIN incidents i ON i.number = w.number
		WHERE w.shelf < 3 AND w.shelf <> CASE WHEN i.drill = 1 THEN 2 WHEN i.private = 1 THEN 1 ELSE 0 END GROUP BY i.number, w.shelf`}},
	{query: &statement{text: `SELECT 'incident #' || i.number || ' is open, has no channel, and nothing would open one'
		FROM incidents i WHERE i.backfill = 0 AND i.channel_id = '' AND i.status IN ('declared', 'investigating', 'identified', 'monitoring')
		AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.incident = i.number AND d.kind = 'channel')`}},
	{query: &statement{text: `SELECT 'incident #' || i.number || ' is in the channel ' || i.channel_id || ', and the one that was opened is ' || d.receipt_id
		FROM incidents i JOIN deliveries d ON d.incident = i.number AND d.kind = 'channel'
		WHERE d.state = 'done' AND d.receipt_id <> i.channel_id`}},
	{query: &statement{text: `SELECT 'action item ' || a.number || ' of incident #' || a.incident || ' has a card that nothing made'
		FROM actions a WHERE a.card_url <> '' AND NOT EXISTS (SELECT 1 FROM deliveries d
		WHERE d.key = 'inc-' || a.incident || '/action-' || a.number || '/card' AND d.made = 1)`}},
	{query: &statement{text: `SELECT 'incident #' || i.number || ' has the pull request #' || i.post_number || ' that nothing opened'
		FROM incidents i WHERE i.post_number > 0 AND NOT EXISTS (SELECT 1 FROM deliveries d
		WHERE d.key = 'inc-' || i.number || '/post' AND d.made = 1)`}},
	{query: &statement{text: `SELECT 'the delivery ' || d.key || ' belongs to incident #' || d.incident || ', which is not there'
		FROM deliveries d WHERE d.incident <> 0 AND NOT EXISTS (SELECT 1 FROM incidents i WHERE i.number = d.incident)`}},
	{query: &statement{text: `SELECT 'the delivery ' || key || ' is ' || state || ', which is no state' FROM deliveries
		WHERE state NOT IN ('pending', 'leased', 'done', 'failed', 'skipped')`}},
	{query: &statement{text: `SELECT 'in the lane ' || lane || ' it is the turn of ' || SUM(CASE WHEN turn = 1 OR state = 'leased' THEN 1 ELSE 0 END) || ' deliveries instead of one'
		FROM deliveries WHERE state IN ('pending', 'leased') GROUP BY lane
		HAVING SUM(CASE WHEN turn = 1 OR state = 'leased' THEN 1 ELSE 0 END) <> 1`}},
	{query: &statement{text: `SELECT 'it is the turn of ' || key || ', which is ' || state FROM deliveries WHERE turn = 1 AND state <> 'pending'`}},
	{now: true, running: true, query: &statement{text: `SELECT 'the delivery ' || key || ' was begun long ago, and nobody has taken it up again'
		FROM deliveries WHERE state = 'leased' AND leased_until < $1`}},
}

// What else is read. Statements stay prepared with the connection, so each is made once.
var (
	integrityCheck  = &statement{text: `PRAGMA integrity_check`}
	foreignKeyCheck = &statement{text: `PRAGMA foreign_key_check`}
	selectNamed     = &statement{text: `SELECT ` + deliveryColumns + ` FROM deliveries WHERE kind <> 'answer' ORDER BY seq`}
	selectHeads     = &statement{text: `SELECT ` + headColumns + ` FROM incidents ORDER BY number`}
)

// takenUp is how long after a lease has run out somebody must have taken the delivery up.
const takenUp = 2 * time.Minute

// mostWrong bounds how many sentences one check returns.
const mostWrong = 100

type checkOptions struct {
	sqlite, running bool
	now             time.Time
}

// Check reads everything and returns a sentence for each thing that cannot be: damage of the file, rows that contradict each
// other, deliveries that nothing explains. running says that a Watchbell works on the database.
func (s *Store) Check(ctx context.Context, now time.Time, running bool) (wrong []string, err error) {
	err = s.View(ctx, func(r incidents.Reader) error {
		wrong, err = r.(*reader).session.check(checkOptions{sqlite: !s.Shared(), running: running, now: now})
		return err
	})
	return wrong, err
}

func (s *session) check(o checkOptions) (wrong []string, err error) {
	note := func(text string) {
		if len(wrong) < mostWrong {
			wrong = append(wrong, text)
		}
	}
	if o.sqlite {
		err := s.query(integrityCheck, func(r row) error {
			if said := r.text(0); said != "ok" {
				note("the file is damaged: keep it, and restore a backup (SQLite: " + strings.Join(strings.Fields(said), " ") + ")")
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		err = s.query(foreignKeyCheck, func(r row) error {
			note(fmt.Sprintf("a row of the table %v points to a row of %v that is not there", r[0], r[2]))
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	for _, i := range invariants {
		if i.running && !o.running {
			continue
		}
		var args []any
		if i.now {
			args = append(args, micros(o.now.Add(-takenUp)))
		}
		err := s.query(i.query, func(r row) error {
			note(r.text(0))
			return nil
		}, args...)
		if err != nil {
			return nil, err
		}
	}
	err = s.query(selectNamed, func(r row) error {
		if d := delivery(r); !d.Explained() {
			note("the delivery " + d.Key + " is not named as what it says to be about, or is in no lane of it")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = s.query(selectHeads, func(r row) error {
		if _, err := head(r); err != nil {
			note(fmt.Sprintf("incident #%d cannot be read: %v", r.number(0), err))
		}
		return nil
	})
	return wrong, err
}
