package incidents

import (
	"strconv"
	"strings"
	"time"
)

// ByImport is the Capture.How of messages that were read from an export of Slack's.
const ByImport = "import"

// outsideMark begins the TS of what was written outside Slack, and the id of a person whom Slack does not know. No id or
// timestamp of Slack's holds a colon.
const outsideMark = "outside:"

// Outside reports whether the source is no Slack message but something written outside Slack, on the command line or in
// the form. Its Channel is empty and its TS is no time.
func (s Source) Outside() bool { return strings.HasPrefix(s.TS, outsideMark) }

// Outsider is the user id of somebody who gives a name instead of a Slack user id.
func Outsider(name string) string {
	if name = strings.Join(strings.Fields(strings.Map(shown, name)), " "); name == "" {
		return ""
	}
	return outsideMark + name
}

// OutsiderName is the name behind a user id that Outsider made; empty for any other.
func OutsiderName(user string) (name string, ok bool) {
	if name, ok = strings.CutPrefix(user, outsideMark); !ok {
		return "", false
	}
	return name, true
}

// catchUpAfter is how long an entry written outside may take to reach Slack's card before the channel is told in words.
const catchUpAfter = 30 * time.Second

// CatchUp returns the entries, in the timeline's order, that a KindCatchUp has to tell about at the instant now, and the
// key that the message carries; none when Slack was there all along. Each gap has a message of its own: the receipt's
// Note holds the number of the last entry that the one before told about.
func (s Snapshot) CatchUp(d Delivery, now time.Time) (entries []Entry, key string) {
	told, _ := strconv.Atoi(d.Receipt.Note)
	first := 0
	for _, e := range s.Entries {
		if e.Source.Outside() && e.Number > told {
			entries = append(entries, e)
			if first == 0 || e.Number < first {
				first = e.Number
			}
		}
	}
	if away := d.Failures > 0 || !now.Before(d.DueAt.Add(catchUpAfter)); !away {
		return nil, ""
	}
	return entries, d.Key + "-" + strconv.Itoa(first)
}

// CaughtUp is the receipt of a KindCatchUp: place is the message's, that of the one before when there was nothing to tell.
func (s Snapshot) CaughtUp(place string) Receipt {
	return Receipt{ID: place, Note: strconv.Itoa(s.LastEntry)}
}
