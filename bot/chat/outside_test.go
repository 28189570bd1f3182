package chat

import (
	"strings"
	"testing"
	"time"

	"watchbell/incidents"
)

func TestCaughtUpCallsNobody(t *testing.T) {
	at := time.Date(2026, 3, 17, 9, 0, 0, 0, time.UTC)
	m := CaughtUp(incidents.Incident{Number: 1}, []incidents.Entry{
		{Number: 1, At: at, Text: "told <!channel> and @here, <@U1>", Author: incidents.Outsider("<!here> *Ana*")},
		{Number: 2, At: at.Add(time.Minute), Text: "more", Author: "U1"},
	})
	all := m.Text
	for _, b := range m.Blocks {
		all += b.Text
	}
	if strings.Contains(all, "<!") || strings.Contains(all, "<@") {
		t.Errorf("it calls somebody: %s", all)
	}
	if !strings.Contains(m.Text, "2 entries were written elsewhere") || !strings.Contains(m.Text, "`09:01` more") {
		t.Errorf("it says %s", m.Text)
	}
}

func TestOutsider(t *testing.T) {
	for who, want := range map[string]string{
		"U01ABCDEF": "U01ABCDEF", " @ben ": "outside:ben", "Ana  Lima": "outside:Ana Lima", "": "", "USER": "outside:USER",
	} {
		if got := Outsider(who); got != want {
			t.Errorf("Outsider(%q) = %q, wanted %q", who, got, want)
		}
	}
}
