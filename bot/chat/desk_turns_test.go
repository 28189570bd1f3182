package chat_test

import (
	"strings"
	"testing"

	"watchbell/incidents"
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

func TestTitleThatNobodySeesIsNone(t *testing.T) {
	r := newRoom(t)
	for _, title := range []string{"\u200b", "\ufeff", "\x00", "\u202e", "\u2800", "\u00ad", "\u200d"} {
		r.reads(r.said("UANA", "CTEAM", "declare "+title), ":x:", "needs a title")
	}
	r.reads(r.said("UANA", "CTEAM", "declare a\u202eb\x00c 👩\u200d🚒"), "*abc 👩\u200d🚒*")
}
