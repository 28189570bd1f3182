package slackio

import (
	"fmt"
	"testing"
	"time"

	"watchbell/incidents"
)

func TestEditedBy(t *testing.T) {
	at := func(s string) time.Time {
		if s == "" {
			return time.Time{}
		}
		return instant(s)
	}
	for _, c := range []struct{ edited, read, want string }{
		{"", "1700000009.5", ""},
		{"1700000009.000000", "1700000020.000000", "1700000009.999999"},
		{"1700000009.000000", "1700000009.500000", "1700000009.500000"},
		{"1700000009.000000", "1700000008.000000", "1700000009.000000"}, // a clock that is behind
	} {
		m := &message{}
		m.Edited.TS = c.edited
		if got := m.editedBy(at(c.read)); !got.Equal(at(c.want)) {
			t.Errorf("edited %s, read %s: %v", c.edited, c.read, got)
		}
	}
}

// Of the threads that were silent for long, those that stirred last are read.
func TestQuietThreads(t *testing.T) {
	r := &reread{}
	for i := range 3 * quietThreads {
		m := &message{TS: fmt.Sprintf("17000%05d.000100", i), LatestReply: fmt.Sprintf("17000%05d.000200", (i*7)%(3*quietThreads))}
		r.quiet(m)
	}
	if len(r.at.Quiet) != quietThreads {
		t.Fatalf("%d threads are kept", len(r.at.Quiet))
	}
	for _, thread := range r.at.Quiet {
		var parent, latest float64
		if _, err := fmt.Sscanf(thread, "%f/%f", &parent, &latest); err != nil || latest < 1700000000+2*quietThreads {
			t.Errorf("%s is kept", thread)
		}
	}
}

// Where the bot may not be is one thing in another conversation, and trouble in the incident's own channel.
func TestHidden(t *testing.T) {
	s := incidents.Snapshot{Incident: incidents.Incident{Channel: incidents.Channel{ID: "C1"}}}
	err := &trouble{Code: "not_in_channel"}
	if hidden(incidents.Source{Channel: "C1"}, s, err) || !hidden(incidents.Source{Channel: "C2"}, s, err) ||
		hidden(incidents.Source{Channel: "C2"}, s, &trouble{Code: "ratelimited"}) || hidden(incidents.Source{Channel: "C2"}, s, nil) {
		t.Error("what is hidden is not told from trouble")
	}
}
