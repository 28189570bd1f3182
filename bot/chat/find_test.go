package chat_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"watchbell/bot/chat"
	"watchbell/incidents"
)

var updateFound = flag.Bool("update-found", false, "write the golden files of what was before anew")

// before is a room in which three things happened: an incident, a private one, and two that only posts tell of.
func before(t *testing.T) *room {
	r := newRoom(t)
	r.open("Checkout is down", "C1")
	r.now = r.now.Add(7 * time.Minute)
	for _, line := range []string{
		"severity downtime", "log the <https://pay.example|payment gateway> refuses our certificate", "log internal: <@UBEN> forgot the reminder",
		"internal 4", "action renew certificates by themselves <@UBEN> link https://board.example/1", "action alert two weeks before", "log certificate renewed and gateway restarted",
	} {
		r.said("UANA", "C1", line)
	}
	r.now = r.now.Add(40 * time.Minute)
	r.said("UANA", "C1", "resolve")
	r.reads(r.said("UBEN", "C9", "declare --private The vault certificate leaked"), "It is private")
	for _, p := range []incidents.PastPost{
		{
			Path: "_posts/2025-03-04-post-mortem.md", Title: "Ferry timetable vanished", URL: "https://blog.example.org/2025/03/04/post-mortem.html",
			Day: time.Date(2025, 3, 2, 0, 0, 0, 0, time.UTC), Severity: incidents.Downtime,
			Times: incidents.Times{Began: time.Date(2025, 3, 2, 9, 12, 0, 0, time.UTC), Resolved: time.Date(2025, 3, 2, 10, 5, 0, 0, time.UTC)},
			Gist:  "The timetable was unreachable.\n\nThe migration had emptied its table.", How: "We restored the table\nfrom a copy.\n\nThen we slept.",
			Actions: []incidents.PastAction{
				{Text: "Copy the table every hour", Done: true}, {Text: "[Alert] on an empty timetable", Link: "https://board.example/2"},
				{Text: "Review migrations in pairs"},
			},
		},
		{Path: "_posts/2024-01-02-post-mortem.md", Title: "Downtime on January 1", Day: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), Gist: "The certificate of the shop had expired."},
	} {
		if _, err := r.service.KeepPost(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	r.now = r.now.Add(24 * time.Hour)
	return r
}

// TestAnswersAboutWhatWasBefore reads every answer as its golden file has it.
func TestAnswersAboutWhatWasBefore(t *testing.T) {
	r := before(t)
	declared := 2 // incidents so far
	for _, c := range []struct{ name, user, text string }{
		{"certificate", "UANA", "find certificate"},
		{"timeline", "UANA", "find payment gateway"},
		{"post", "UANA", "find timetable migrations"},
		{"some-words", "UANA", "find certificate gateway submarine"},
		{"private", "UBEN", "find vault"},
		{"nothing", "UANA", "find vault"},
		{"internal", "UANA", "find reminder forgotten"},
		{"no-words", "UANA", "find"},
		{"small-words", "UANA", "find the it &lt;!here&gt;"},
		{"declare-alike", "UANA", "declare checkout answers with errors"},
		{"declare-post", "UANA", "declare timetable of the ferry is empty"},
		{"declare-unlike", "UANA", "declare search is slow"},
		{"declare-gist", "UANA", "declare shop has an expired certificate"},
	} {
		name := c.name
		got := ""
		m := r.said(c.user, "CTEAM", c.text).Message
		if strings.HasPrefix(name, "declare-") {
			declared++
			before, _ := r.before(declared)
			m.Text, m.Blocks = m.Text+"\n"+before.Text, append(m.Blocks, before.Blocks...)
		}
		for _, b := range m.Blocks {
			got += b.Text + "\n"
			for _, button := range b.Buttons {
				got += "[" + button.Label + "] " + button.Action + " " + button.Value + "\n"
			}
		}
		for _, b := range m.Blocks {
			if !strings.Contains(m.Text, b.Text) {
				t.Errorf("%s: what is read aloud leaves out %q", name, b.Text)
			}
		}
		file := filepath.Join("testdata", "found-"+name+".txt")
		if *updateFound {
			if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s (-update-found writes it anew):\n%s\nwant:\n%s", name, got, want)
		}
	}
}

// before is what whoever declared an incident is shown.
func (r *room) before(number int) (m chat.Message, any bool) {
	snap, err := r.service.Snapshot(r.Context(), number)
	if err != nil {
		r.Fatal(err)
	}
	found, err := r.service.Alike(r.Context(), snap.Incident)
	if err != nil {
		r.Fatal(err)
	}
	if m, any = chat.Before(snap, found); !any {
		m = chat.Message{}
	}
	return m, any
}

// TestDeclaringTellsWhatWasBefore: nobody is told what they may not know, nor what the answer asked about already.
func TestDeclaringTellsWhatWasBefore(t *testing.T) {
	r := before(t)
	submitted, err := r.desk.Submitted(t.Context(), chat.Submitted{
		Event: "form/1", User: "UANA", Verb: "declare", Values: map[string]string{"title": "Checkout is broken"}, Context: chat.FormContext{Channel: "CTEAM"},
	})
	if err != nil {
		t.Fatal(err)
	}
	r.reads(submitted, "is declared")
	if m, _ := r.before(3); !strings.Contains(m.Text, "*This was before, and may be alike:*\n• *#1 Checkout is down*") || strings.Count(m.Text, "• ") != 1 {
		t.Errorf("what was before:\n%s", m.Text)
	}
	number := 3
	for user, tells := range map[string]bool{"UANA": false, "UBEN": true} {
		r.said(user, "CTEAM", "declare the vault leaks again")
		number++
		if m, _ := r.before(number); strings.Contains(m.Text, "#2") != tells {
			t.Errorf("%s is told:\n%s", user, m.Text)
		}
	}
	r.said("UANA", "C5", "declare here timetable of the ferry")
	if m, _ := r.before(6); !strings.Contains(m.Text, "Ferry timetable vanished") {
		t.Errorf("what was before:\n%s", m.Text)
	}
	r.reads(r.said("UANA", "C9", "declare kubernetes is unwell"), "is declared")
	r.reads(r.said("UBEN", "C9", "declare kubernetes is unwell"), "Is it the same as #7")
	if m, any := r.before(8); any {
		t.Errorf("the twin is shown again:\n%s", m.Text)
	}
	r.now = r.now.Add(time.Hour)
	r.said("UBEN", "C9", "declare kubernetes is unwell")
	if m, _ := r.before(9); strings.Count(m.Text, "not over yet") != 2 {
		t.Errorf("what was before:\n%s", m.Text)
	}
}
