package chat_test

import (
	"strings"
	"testing"
)

// What follows a severity is why, and goes into the timeline with it; where it may mean something else, nothing changes.
func TestSeverityWithAReason(t *testing.T) {
	for text, want := range map[string]string{
		"downtime nobody can pay":                        "We set the severity to downtime: nobody can pay",
		"downtime: 500 errors on every page":             "We set the severity to downtime: 500 errors on every page",
		"downtime 500 errors on every page":              "We set the severity to downtime: 500 errors on every page",
		"Downtime, because <https://x.example|it> burns": "We set the severity to downtime: because [it](https://x.example) burns",
		"downtime because it burns":                      "We set the severity to downtime: it burns",
		"severe service degradation of the search":       "We set the severity to severe service degradation: of the search",
		"severe – 9 of 10 requests fail":                 "We set the severity to severe service degradation: 9 of 10 requests fail",
		"sev1 nobody can pay":                            "We set the severity to downtime: nobody can pay",
		"down: nobody can pay":                           "We set the severity to downtime: nobody can pay",
		"severe degradation":                             "We set the severity to severe service degradation",
		"severe:":                                        "We set the severity to severe service degradation",
		"down":                                           "We set the severity to downtime",
		"1":                                              "We set the severity to downtime",
	} {
		r := newRoom(t)
		r.open("checkout is down", "C1")
		r.reads(r.said("UANA", "C1", "severity "+text), "has the severity")
		if got := r.timeline(1); len(got) != 2 || strings.TrimPrefix(got[1], "12:00 ") != want {
			t.Errorf("%s: %q", text, got)
		}
	}
	for text, says := range map[string]string{
		"1 in 5 requests fail":           "“in 5 requests fail” is why",
		"major outage":                   "With a colon that is clear: `/incident severity severe: why`",
		"down for everybody":             "Is it *downtime*",
		"downtime is over":               "“is over” is why",
		"downtime or severe":             "“or severe” is why",
		"severe not downtime":            "Is it *severe service degradation*",
		"downtime?":                      "is not a severity",
		"nobody can pay":                 "is not a severity",
		"downtime 12:55 nobody can pay":  "`/incident log 12:55 nobody can pay`",
		"downtime yesterday 23:50 queue": "`/incident log yesterday 23:50 queue`",
	} {
		r := newRoom(t)
		r.open("checkout is down", "C1")
		r.reads(r.said("UANA", "C1", "severity "+text), ":x:", says, "You typed:", text)
		if got := r.timeline(1); len(got) != 1 {
			t.Errorf("%s: %q", text, got)
		}
	}
}

// The form takes the reason as the command does; of a past incident nobody knows when that was, and it does not ask.
func TestSeverityFormTakesTheReason(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	r.reads(r.sends("UANA", r.opensBy("UANA", "severity", "1"), "severity", "downtime", "reason", "nobody can pay & <@UBEN> looks"), "the timeline says why")
	r.reads(r.sends("UANA", r.opensBy("UANA", "severity", "1"), "severity", "downtime"), "already has the severity")
	r.reads(r.sends("UANA", r.opensBy("UANA", "severity", "1"), "reason", "nor search"), "the timeline says why")
	want := "We set the severity to downtime: nobody can pay & someone looks|nor search"
	if got := strings.ReplaceAll(strings.Join(r.timeline(1)[1:], "|"), "12:00 ", ""); got != want {
		t.Errorf("the timeline says %s", got)
	}
	r.said("UANA", "CTEAM", "backfill the night shift slept")
	if form := r.opensBy("UANA", "severity", "2"); len(form.Fields) != 1 {
		t.Errorf("of a past incident it asks %+v", form.Fields)
	}
}

// What is said back of what was typed can call nobody.
func TestRefusedSeverityCallsNobody(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	for _, text := range []string{"&lt;!here&gt;", "downtime 12:55 &lt;!channel&gt; look", "major &lt;!everyone&gt;"} {
		reply := r.reads(r.said("UANA", "C1", "severity "+text), ":x:")
		if said, _, _ := strings.Cut(reply.Message.Text, "You typed"); strings.Contains(said, "<!") {
			t.Errorf("%s: %s", text, said)
		}
	}
}

func TestSeverityInDoubtIsAPressAway(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	asked := r.said("UANA", "C1", "severity down for <@UBEN> and everybody")
	r.reads(r.press("UANA", "C1", asked, "downtime, for that reason"), "has the severity *downtime*; the timeline says why")
	r.reads(r.said("UANA", "C1", "severity severe only search is left"), "the timeline says why")
	r.reads(r.said("UANA", "C1", "severity severe: and the shop"), "has the severity *severe service degradation*; the timeline says why")
	r.reads(r.said("UANA", "C1", "severity severe"), "already has the severity")
	want := "We set the severity to downtime: for someone and everybody|We lowered the severity to severe service degradation: only search is left|and the shop"
	if got := strings.ReplaceAll(strings.Join(r.timeline(1)[1:], "|"), "12:00 ", ""); got != want {
		t.Errorf("the timeline says %s", got)
	}
	r.said("UANA", "CTEAM", "backfill the night shift slept")
	r.reads(r.said("UANA", "CTEAM", "severity downtime nobody could pay"), ":x:", "nothing was changed yet")
}
