package storage

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestPlans holds the way in which SQLite finds its rows, for everything that runs often or over much: none of it may
// read a whole table, however long the bot has been there.
func TestPlans(t *testing.T) {
	session := openFile(t, filepath.Join(t.TempDir(), "a.db"), Options{}).writer.session
	// These read a table in its own order, no further than to the first row that they look for.
	first := map[*statement]string{forgetEvents: "SCAN events"}
	for _, c := range []struct {
		st   *statement
		want string // the index; empty where the key of the table itself leads to the row
	}{
		{selectHead, ""}, {selectParts, ""}, {selectCaptures, ""},
		{selectLast, ""}, {recount, "entries_timeline"}, {selectEvent, "autoindex_events"},
		{selectEntries, "entries_timeline"}, {selectEarly, "entries_timeline"}, {selectWell, "entries_mitigated"}, {selectHistory, ""}, {selectHistories, ""}, {keepEntry, ""}, {selectEntryOf, "entries_source"}, {selectRank, "entries_timeline"},
		{selectOpen, "deliveries_open"}, {selectBacklog, "deliveries_"}, {selectDelivery, "autoindex_deliveries"}, {selectAttempt, "autoindex_deliveries"},
		{settle, "autoindex_deliveries"}, {upsertDelivery, "deliveries_lane"}, {insertDelivery, "deliveries_lane"}, {elect, "deliveries_lane"},
		{depose, "deliveries_lane"}, {lease, "deliveries_due"}, {expire, "deliveries_leased"},
		{selectDue, "deliveries_due"}, {selectDue, "deliveries_leased"}, {allDue, "deliveries_open"},
		{selectMentions, ""}, {selectMentionsIn, ""}, {selectLookup, ""}, {deleteWord, ""},
		{selectUnkept, "incidents_indexed"}, {selectNew, ""}, {selectIndexed, ""},
		{selectPost, ""}, {selectPostOf, "autoindex_posts"}, {selectLastPost, ""},
		{removeEvent, "autoindex_events"}, {forgetEvents, "SEARCH events USING INTEGER PRIMARY KEY (rowid<?)"}, {forgetTold, "deliveries_answered"},
		{session.finder(shape{channel: true}).heads, "incidents_channel"},
		{session.finder(shape{channel: true, private: true}).heads, "incidents_channel"},
		{session.finder(shape{captured: true}).heads, "captures_source"},
		{session.finder(shape{open: true}).heads, "incidents_open"},
		{session.finder(shape{open: true, private: true}).heads, "incidents_open"},
		{session.finder(shape{by: true, in: true}).heads, "incidents_backfilled"},
	} {
		var plan []string
		args := make([]any, strings.Count(c.st.text, "$")) // as many as it can have
		err := session.query(&statement{text: "EXPLAIN QUERY PLAN " + c.st.text}, func(r row) error {
			plan = append(plan, r.text(3))
			return nil
		}, args...)
		if err != nil {
			t.Errorf("%s: %v", c.st.text, err)
			continue
		}
		all := strings.Join(plan, "\n")
		found := false
		for _, line := range plan {
			found = found || strings.Contains(line, c.want)
			scan := strings.HasPrefix(line, "SCAN") && !strings.HasPrefix(line, "SCAN CONSTANT") && line != first[c.st]
			if first[c.st] != "" && strings.Contains(line, "TEMP B-TREE") {
				t.Errorf("%s\nsorts a whole table:\n%s", c.st.text, all)
			}
			if scan && (c.want == "" || !strings.Contains(line, c.want)) { // all of a small index may be read
				t.Errorf("%s\nreads a whole table:\n%s", c.st.text, all)
			}
		}
		if !found {
			t.Errorf("%s\ndoes not use %s:\n%s", c.st.text, c.want, all)
		}
	}
}
