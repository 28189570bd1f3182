package chat_test

import (
	"strings"
	"testing"

	"watchbell/bot/chat"
	"watchbell/incidents"
	"watchbell/incidents/protocol"
)

func TestQuestionIsAnsweredOnce(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	asked := r.said("UANA", "C1", "log 23:50 backups failed")
	first := r.reads(r.press("UANA", "C1", asked, "I do mean"), "Logged")
	again := r.press("UANA", "C1", asked, "I do mean")
	other := r.press("UANA", "C1", asked, "I mean yesterday")
	if again.Message.Text != first.Message.Text || other.Message.Text != first.Message.Text {
		t.Errorf("a second press is answered otherwise:\n%s\n%s\n%s", first.Message.Text, again.Message.Text, other.Message.Text)
	}
	if n := len(r.timeline(1)); n != 2 {
		t.Errorf("%d entries: %q", n, r.timeline(1))
	}
	long := r.said("UANA", "CTEAM", "declare "+strings.Repeat("very ", 60)+"broken")
	r.reads(r.press("UANA", "CTEAM", long, "shortened"), "Incident #2 is declared")
	r.reads(r.press("UANA", "CTEAM", long, "shortened"), "Incident #2 is declared")
	r.reads(r.said("UANA", "CTEAM", "show #3"), "There is no incident #3")
}

func TestWrongNumberNeverActsOnTheChannelsIncident(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	r.reads(r.said("UANA", "C1", "resolve"), "is resolved")
	for text, says := range map[string]string{
		"close 2":                    "takes nothing else, and “2” is left over",
		"close #99999999999":         "There is no incident #99999999999",
		"reopen #0":                  "There is no incident #0",
		"reopen 2 please":            "takes nothing else",
		"#0 close":                   "There is no incident #0",
		"calloff #99999999999 twice": "There is no incident #99999999999",
		"postmortem #7":              "There is no incident #7",
		"show 2":                     "takes nothing else",
	} {
		r.reads(r.said("UANA", "C1", text), ":x: ", says)
	}
	in, err := r.service.Incident(t.Context(), 1)
	if err != nil || in.Status != incidents.Resolved {
		t.Errorf("%s, %v", in.Status, err)
	}
}

func TestMitigatedAheadCanBeMeant(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	r.reads(r.press("UANA", "C1", r.said("UANA", "C1", "mitigated 13:00"), "I do mean"), "*monitoring*")
}

// Whoever says again that it is over, with a time, puts the time right; nothing typed is ignored.
func TestSayingItAgainWithATimePutsTheTimeRight(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	r.said("UANA", "C1", "log -3h paying began to fail")
	r.reads(r.said("UANA", "C1", "mitigated"), "is now in the state *monitoring*")
	r.reads(r.said("UANA", "C1", "mitigated"), "is already in the state *monitoring*")
	r.reads(r.said("UANA", "C1", "mitigated -10m"), "*monitoring* already; its entry 3 says")
	r.reads(r.said("UANA", "C1", "resolve"), "is resolved")
	r.reads(r.said("UANA", "C1", "resolve -1h"), "*resolved* already; its entry 4 says")
	in, err := r.service.Incident(t.Context(), 1)
	lines := r.timeline(1)
	if err != nil || len(lines) != 4 || in.ResolvedAt.Format("15:04") != lines[1][:5] {
		t.Errorf("resolved at %s, %v; the timeline is %q", in.ResolvedAt, err, lines)
	}
	if shown := r.said("UANA", "C1", "show").Message.Text; strings.Contains(shown, "after -") {
		t.Errorf("a length of time is negative: %s", shown)
	}
	ended := in.ResolvedAt
	r.reads(r.said("UANA", "C1", "undo"), "is undone")
	if in, err = r.service.Incident(t.Context(), 1); err != nil || !in.ResolvedAt.After(ended) {
		t.Errorf("undone, it is still resolved at %s, %v", in.ResolvedAt, err)
	}
}

func TestTitleThatNobodySeesIsNone(t *testing.T) {
	r := newRoom(t)
	for _, title := range []string{"\u200b", "\ufeff", "\x00", "\u202e", "\u2800", "\u00ad", "\u200d"} {
		r.reads(r.said("UANA", "CTEAM", "declare "+title), ":x:", "needs a title")
	}
	r.reads(r.said("UANA", "CTEAM", "declare a\u202eb\x00c 👩\u200d🚒"), "*abc 👩\u200d🚒*")
}

func TestNumberAloneShowsTheIncident(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	r.reads(r.said("UANA", "CTEAM", "#1"), "#1 checkout is down", "*declared*")
	r.reads(r.said("UANA", "CTEAM", "#7"), ":x: ", "There is no incident #7")
}

func TestTimelineSaysWhatItShows(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	r.said("UANA", "C1", "log 20/06/2023 12:32 the first sign")
	r.said("UBEN", "C1", "log the queue is full")
	for args, says := range map[string]string{
		"all": "_With what was taken out_", "internal": "_None of them is internal_", "mine": "_2 entries written or changed by you_",
		"queue": "_1 entry with “queue”_", "nonsense": "_None of them says “nonsense”_", "sign": "`20 Jun 2023 12:32` the first sign",
	} {
		r.reads(r.said("UANA", "C1", "timeline "+args), says)
	}
	for range 10 {
		r.said("UANA", "C1", "log again")
	}
	if text := r.said("UANA", "C1", "timeline page 9").Message.Text; !strings.Contains(text, "_Page 2 of 2_\n") {
		t.Errorf("the oldest page says that there is more before it: %s", text)
	}
}

func TestWhatWasPutOffIsNamed(t *testing.T) {
	r := newGuidedRoom(t, protocol.Default())
	r.open("checkout is down", "C1")
	for range 4 {
		r.said("UANA", "C1", "snooze 1h")
	}
	r.reads(r.said("UANA", "C1", "next"), "put off until", "say how bad it is", "`done severity`")
	r.reads(r.said("UANA", "C1", "done severity"), "Done: say how bad it is")
}

// The card fits a phone: few buttons, and three dots with the rest, which say what a person could have typed.
func TestCardHasFewButtons(t *testing.T) {
	r := newGuidedRoom(t, protocol.Default())
	r.open("checkout is down", "C1")
	snap, err := r.service.Snapshot(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	buttons := 0
	var menu *chat.Menu
	for _, b := range chat.Summary(snap).Blocks {
		buttons += len(b.Buttons)
		if b.Menu != nil {
			menu = b.Menu
		}
	}
	if buttons > 8 || menu == nil {
		t.Fatalf("the card has %d buttons; its menu is %v", buttons, menu)
	}
	for _, o := range menu.Options {
		reply, err := r.desk.Pressed(t.Context(), chat.Pressed{
			Event: "press/" + o.Value, User: "UANA", Channel: "C1", Action: menu.Action, Value: o.Value, CanOpenForm: true,
		})
		if err != nil || (reply.Form == nil && !strings.Contains(reply.Message.Text, "Timeline of #1")) {
			t.Errorf("%s: %+v, %v", o.Label, reply.Message, err)
		}
	}
}

// Slack says every new topic aloud, so the topic does not follow each change of the incident.
func TestTopicStaysWhileTheIncidentIsOpen(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	topics := map[string]bool{}
	for _, text := range []string{"severity downtime", "status identified", "mitigated", "resolve"} {
		snap, err := r.service.Snapshot(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		topics[chat.Topic(snap)] = true
		r.said("UANA", "C1", text)
	}
	snap, err := r.service.Snapshot(t.Context(), 1)
	if err != nil || len(topics) != 1 || chat.Topic(snap) != "#1 checkout is down · resolved" {
		t.Errorf("the topics are %v, then %q, %v", topics, chat.Topic(snap), err)
	}
}
