package storage

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"watchbell/storage/storagetest"
)

// planned is a statement with what leads to its rows: a part of a line of SQLite's plan, which begins with the name of the index;
// empty where the key of the table itself does.
type planned struct {
	st   *statement
	want string
}

// deliveryPlans are those of the queue.
func deliveryPlans() []planned {
	listed, _ := DeliveryQuery{Incident: 1}.statement()
	return []planned{
		{selectOpen, "deliveries_lane (lane>? AND lane<?)"}, {selectOpen, "deliveries_failed (lane>? AND lane<?)"},
		{selectBacklog, "deliveries_lane"}, {selectBacklog, "deliveries_failed"}, {allDue, "deliveries_lane"},
		{listed, "deliveries_lane"}, {listed, "deliveries_failed"},
		{upsertDelivery, "deliveries_lane"}, {insertDelivery, "deliveries_lane"}, {elect, "deliveries_lane"},
		{lease, "deliveries_due"}, {expire, "deliveries_leased"}, {selectDue, "deliveries_due"}, {selectDue, "deliveries_leased"},
		{forgetTold, "deliveries_answered"}, {selectFailed, "deliveries_failed"},
		{rewind, "deliveries_lane"}, {curtail, "deliveries_leased"},
	}
}

// TestPlans holds the way in which SQLite finds its rows, for everything that runs often or over much: none of it may
// read a whole table, however long the bot has been there.
func TestPlans(t *testing.T) {
	session := openFile(t, filepath.Join(t.TempDir(), "a.db"), Options{}).writer.session
	for _, c := range append(deliveryPlans(), []planned{
		{selectHead, ""}, {selectParts, ""}, {selectCaptures, ""},
		{selectLast, ""}, {recount, "entries_timeline"}, {selectEvent, "autoindex_events"},
		{selectEntries, "entries_timeline"}, {selectEarly, "entries_timeline"}, {selectWell, "entries_mitigated"}, {selectHistory, ""}, {selectHistories, ""}, {keepEntry, ""}, {selectEntryOf, "entries_source"}, {selectRank, "entries_timeline"},
		{selectDelivery, "autoindex_deliveries"}, {selectAttempt, "autoindex_deliveries"}, {settle, "autoindex_deliveries"}, {depose, "deliveries_lane"},
		{selectMentions, ""}, {selectMentionsIn, ""}, {selectLookup, ""}, {deleteWord, ""},
		{selectUnkept, "incidents_indexed"}, {selectNew, ""}, {selectIndexed, ""},
		{selectPost, ""}, {selectPostOf, "autoindex_posts"}, {selectLastPost, ""},
		{removeEvent, "autoindex_events"}, {forgetEvents, "PRIMARY KEY (rowid<?)"},
		{session.finder(shape{channel: true}).heads, "incidents_channel"},
		{session.finder(shape{channel: true, private: true}).heads, "incidents_channel"},
		{session.finder(shape{captured: true}).heads, "captures_source"},
		{session.finder(shape{open: true}).heads, "incidents_open"},
		{session.finder(shape{open: true, private: true}).heads, "incidents_open"},
		{session.finder(shape{by: true, in: true}).heads, "incidents_backfilled"},
	}...) {
		lines := planOf(t, session, c.st)
		all := strings.Join(lines, "\n")
		found := false
		for _, line := range lines {
			found = found || strings.Contains(line, c.want)
			switch {
			case !strings.HasPrefix(line, "SCAN"), strings.HasPrefix(line, "SCAN CONSTANT"), line == "SCAN unsettled": // no table
			case c.st == forgetEvents && line == "SCAN events" && !strings.Contains(all, "TEMP B-TREE"): // up to the first that it looks for
			case c.want == "" || !strings.Contains(line, "deliveries_") && !strings.Contains(line, c.want): // all of a small index may be read
				t.Errorf("%s\nreads a whole table:\n%s", c.st.text, all)
			}
		}
		if !found {
			t.Errorf("%s\ndoes not use %s:\n%s", c.st.text, c.want, all)
		}
	}
}

// TestPostgresPlans tells whether PostgreSQL can find the rows of the queue, and what is to be forgotten, by the same indexes.
// In an empty database it would rather read the tables.
func TestPostgresPlans(t *testing.T) {
	session := openURL(t, storagetest.Schema(t), Options{Readers: 1}).writer.session
	ok(t, session.send(&statement{text: "SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan"}))
	for _, c := range append(deliveryPlans(), planned{forgetEvents, "events_pkey"}) {
		all := strings.Join(planOf(t, session, c.st), "\n")
		index, _, _ := strings.Cut(c.want, " ")
		if !strings.Contains(all, index) || strings.Contains(all, "Seq Scan") {
			t.Errorf("%s\ndoes not use %s alone:\n%s", c.st.text, index, all)
		}
	}
}

// planOf returns the lines of the plan of a statement, whatever its arguments are.
func planOf(t *testing.T, s *session, st *statement) (lines []string) {
	t.Helper()
	explain, column, args := "EXPLAIN QUERY PLAN "+st.text, 3, make([]any, strings.Count(st.text, "$")) // as many as it can have
	if s.engine.sends {
		ok(t, s.send(&statement{text: "PREPARE planned AS " + st.text}))
		defer func() { ok(t, s.send(&statement{text: "DEALLOCATE planned"})) }()
		explain, column, args = "EXPLAIN EXECUTE planned", 0, nil
		if n := parameters(st.text); n > 0 {
			explain += "(NULL" + strings.Repeat(", NULL", n-1) + ")"
		}
	}
	ok(t, s.query(&statement{text: explain}, func(r row) error {
		lines = append(lines, r.text(column))
		return nil
	}, args...))
	return lines
}

// parameters is the number of the last of them.
func parameters(text string) (n int) {
	for strings.Contains(text, "$"+strconv.Itoa(n+1)) {
		n++
	}
	return n
}
