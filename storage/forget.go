package storage

import (
	"context"
	"strings"
	"time"

	"watchbell/incidents"
)

var (
	// goneTexts are entries that are out of the timeline and still have their words; those of a message that was deleted
	// are known by the capture that stands for the deletion.
	goneTexts = &statement{text: `SELECT e.incident, e.number FROM entries e WHERE e.gone = 1 AND e.text <> '(forgotten)' AND e.last_at < $1
		AND ($2 = 1 OR EXISTS (SELECT 1 FROM captures c WHERE c.incident = e.incident AND c.channel = e.source_channel
		AND c.ts = e.source_ts AND c.how = 'deleted')) LIMIT 500`}
	forgetVersions = &statement{text: `UPDATE entry_history SET text = '(forgotten)', proposed = '', files = '' WHERE incident = $1 AND number = $2`}
	forgetEntry    = &statement{text: `UPDATE entries SET text = '(forgotten)', proposed = '', files = '' WHERE incident = $1 AND number = $2`}
)

// ForgetGone forgets the words, in every version, of entries that left the timeline before an instant: of those whose
// message was deleted in Slack, or with all of all. It returns how many it forgot; the entries themselves stay.
func (s *Store) ForgetGone(ctx context.Context, before time.Time, all bool) (forgotten int, err error) {
	for {
		n := 0
		err = s.Update(ctx, func(t incidents.Tx) error {
			w, gone := t.(*tx), [][2]int(nil)
			err := w.session.query(goneTexts, func(r row) error {
				gone = append(gone, [2]int{r.number(0), r.number(1)})
				return nil
			}, micros(before), all)
			for _, e := range gone {
				for _, st := range []*statement{forgetVersions, forgetEntry} {
					if err == nil {
						_, err = w.write(st, e[0], e[1])
					}
				}
			}
			n = len(gone)
			return err
		})
		if forgotten += n; err != nil || n == 0 {
			return forgotten, err
		}
	}
}

// Person is what was forgotten of somebody.
type Person struct {
	As      string `json:"as"`      // what stands in the place of their id now
	Changed int    `json:"changed"` // rows
	Words   int    `json:"words"`   // versions of entries whose words are forgotten
	Posts   []int  `json:"posts"`   // incidents that they had a part in whose post is in Git
}

var selectWritten = &statement{text: `SELECT DISTINCT incident FROM entries WHERE author = $1 AND event = '' AND gone = 0 AND waiting = 0`}

// unfind has what somebody wrote found by its words no more.
func (t *tx) unfind(user string) error {
	var numbers []int
	err := t.session.query(selectWritten, func(r row) error { numbers = append(numbers, r.number(0)); return nil }, user)
	for _, number := range numbers {
		if err != nil {
			return err
		}
		in, err := t.Incident(number)
		if err != nil {
			return err
		}
		if _, err := t.catchUp(in, 0); err != nil {
			return err
		}
		entries, err := t.Entries(number)
		if err != nil {
			return err
		}
		x := index{}
		for _, e := range entries {
			if e.Author == user && e.Event == "" {
				forgotten := e
				forgotten.Text = incidents.Forgotten
				x.replace(inRest, e.Lookup(), forgotten.Lookup())
			}
		}
		if err := t.keepWords(in.Shelf(), number, x); err != nil {
			return err
		}
	}
	return err
}

// columns that hold nothing but a Slack user id.
var idColumns = map[string][]string{
	"incidents": {"declared_by"}, "holders": {"user_id"}, "actions": {"owner", "done_by"},
	"entries": {"author", "rewritten_by", "last_by"}, "entry_history": {"author", "rewritten_by", "last_by"},
	"captures": {"by_user"}, "audit": {"by_user"},
}

// columns in which a person may be mentioned, as <@U123>, and those that hold an id among other things.
var (
	textColumns = map[string][]string{
		"incidents": {"title", "summary"}, "sections": {"text"}, "actions": {"text"},
		"entries": {"text", "proposed"}, "entry_history": {"text", "proposed"},
	}
	mixedColumns = map[string][]string{"incidents": {"progress"}, "audit": {"about"}}
)

// ForgetPerson puts another id in the place of a person's, wherever it stands in what is recorded, and with words forgets
// what they wrote themselves. Deliveries to them are forgotten, unless one waits; answers are by themselves, within days.
func (s *Store) ForgetPerson(ctx context.Context, user, as string, words bool) (p Person, err error) {
	err = s.Update(ctx, func(t incidents.Tx) error {
		p = Person{As: as}
		return t.(*tx).forgetPerson(user, words, &p)
	})
	return p, err
}

// forgetPerson puts p.As in the place of a person's id.
func (t *tx) forgetPerson(user string, words bool, p *Person) error {
	write := func(counted *int, text string, args ...any) error {
		st := &statement{text: text}
		defer t.session.unprepare(st)
		n, err := t.write(st, args...)
		*counted += int(n)
		t.writer.forgetIncidents()
		return err
	}
	posts := &statement{text: `SELECT number FROM incidents i WHERE post_number > 0 AND (declared_by = $1
		OR EXISTS (SELECT 1 FROM entries e WHERE e.incident = i.number AND e.author = $1)) ORDER BY number`}
	defer t.session.unprepare(posts)
	if err := t.session.query(posts, func(r row) error { p.Posts = append(p.Posts, r.number(0)); return nil }, user); err != nil {
		return err
	}
	if words {
		if err := t.unfind(user); err != nil {
			return err
		}
	}
	for _, table := range []string{"entries", "entry_history"} {
		if words {
			if err := write(&p.Words, `UPDATE `+table+` SET text = '(forgotten)', proposed = '', files = '' WHERE author = $1 AND event = ''`, user); err != nil {
				return err
			}
		}
	}
	for table, columns := range idColumns {
		for _, c := range columns {
			if err := write(&p.Changed, `UPDATE `+table+` SET `+c+` = $2 WHERE `+c+` = $1`, user, p.As); err != nil {
				return err
			}
		}
	}
	replace := func(table string, columns []string, user, as string) error {
		for _, c := range columns {
			if err := write(&p.Changed, `UPDATE `+table+` SET `+c+` = REPLACE(`+c+`, $1, $2) WHERE `+c+` LIKE $3`, user, as, "%"+user+"%"); err != nil {
				return err
			}
		}
		return nil
	}
	for table, columns := range textColumns {
		for _, end := range []string{">", "|"} {
			if err := replace(table, columns, "<@"+user+end, "<@"+p.As+end); err != nil {
				return err
			}
		}
	}
	err := write(&p.Changed, `DELETE FROM deliveries WHERE state IN ('done', 'failed', 'skipped') AND (subject = $1 OR subject LIKE $2 OR subject LIKE $3)`,
		user, user+"/%", "%/"+user)
	if err != nil {
		return err
	}
	if err := replace("deliveries", []string{"receipt_id"}, "/"+user, "/"+p.As); err != nil { // where and to whom it was shown
		return err
	}
	for table, columns := range mixedColumns {
		if err := replace(table, columns, user, p.As); err != nil {
			return err
		}
	}
	return t.Leave(incidents.Trace{At: time.Now().UTC(), Did: "forgot a person", About: strings.TrimSpace(p.As)})
}
