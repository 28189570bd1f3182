package slackio

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"watchbell/incidents"
	"watchbell/integrations/practice"
)

func TestWhatCannotBeDoneIsSaidWithTheNextStep(t *testing.T) {
	for name, row := range map[string]struct {
		kind    incidents.Kind
		subject string
		call    string
		code    string
		want    string
	}{
		"unknown person":   {kind: incidents.KindInvite, subject: "U0NOBODY", want: "does not know that person"},
		"bad token":        {kind: incidents.KindTopic, call: "conversations.setTopic", code: `"invalid_auth"`, want: "SLACK_BOT_TOKEN"},
		"missing scope":    {kind: incidents.KindTopic, call: "conversations.setTopic", code: `"missing_scope","needed":"channels:manage"`, want: "scope channels:manage"},
		"archived":         {kind: incidents.KindPin, call: "pins.add", code: `"is_archived"`, want: "Unarchive"},
		"not in channel":   {kind: incidents.KindAnnouncement, call: "chat.postMessage", code: `"not_in_channel"`, want: "/invite"},
		"restricted":       {kind: incidents.KindChannel, call: "conversations.create", code: `"restricted_action"`, want: "workspace admin"},
		"restricted more":  {kind: incidents.KindAnnouncement, call: "chat.postMessage", code: `"restricted_action_read_only_channel"`, want: "workspace admin"},
		"never heard of":   {kind: incidents.KindTopic, call: "conversations.setTopic", code: `"something_new"`, want: "something_new"},
		"all names taken":  {kind: incidents.KindChannel, call: "conversations.create", code: `"name_taken"`, want: "names"},
		"unreadable scope": {kind: incidents.KindFetch, subject: `{"Channel":"C1","TS":"1.2"}`, call: "conversations.replies", code: `"missing_scope","needed":"channels:history"`, want: "channels:history"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if row.call != "" {
				w.w.Faults.Add(practice.Fault{Service: "slack", Call: row.call, Status: 200, Body: `{"ok":false,"error":` + row.code + `}`})
			}
			d := w.wish(row.kind, row.subject)
			d.Tried = 1
			out := w.out.Deliver(context.Background(), d, w.s)
			for out.Verdict == incidents.Deferred { // twenty names take their time
				w.clock.add(out.After)
				out = w.out.Deliver(context.Background(), d, w.s)
			}
			if out.Verdict != incidents.Impossible || !strings.Contains(out.Say, row.want) || out.Err == nil {
				t.Errorf("outcome %+v, want a sentence with %q", out, row.want)
			}
		})
	}
}

func TestTheTeamChannelIsFoundByNameAndRemembered(t *testing.T) {
	w := newWorld(t)
	d := w.wish(incidents.KindAnnouncement, "")
	w.deliver(d, w.s)
	d.Key = "inc-2/announcement"
	w.deliver(d, w.s)
	if n := w.calls("users.conversations"); n != 1 {
		t.Errorf("%d look-ups", n)
	}
	if n := w.calls("conversations.list"); n != 0 {
		t.Errorf("all channels were listed %d times", n)
	}
	w.out.o.TeamChannel = "nowhere"
	w.out.forget(w.out.o.TeamChannel)
	d.Key = "inc-3/announcement"
	if out := w.out.Deliver(context.Background(), d, w.s); out.Verdict != incidents.Impossible || !strings.Contains(out.Say, "#nowhere") {
		t.Errorf("outcome %+v", out)
	}
	w.must(w.rig.s.RenameChannel("ana", practice.TeamChannel, "everybody"))
	w.out.o.TeamChannel = practice.TeamChannel
	w.out.forget(practice.TeamChannel)
	w.deliver(d, w.s) // the channel that had the name
	w.must(w.rig.s.RenameChannel("ana", "everybody", practice.TeamChannel))
	w.out.o.TeamChannel = w.id(practice.TeamChannel)
	w.deliver(d, w.s)
	w.out.o.TeamChannel = ""
	d.Key = "inc-4/announcement"
	if _, out := w.deliver(d, w.s); out.Verdict != incidents.Delivered {
		t.Errorf("without a team channel: %+v", out)
	}
	w.s.Private = true
	w.out.o.TeamChannel = "team"
	before := len(w.rig.s.Messages("team"))
	d.Key = "inc-5/announcement"
	w.deliver(d, w.s)
	if len(w.rig.s.Messages("team")) != before {
		t.Error("a private incident was announced")
	}
	w.valid()
}

func TestNothingIsSentWhenSlackIsAway(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	out := NewOutgoing(NewClient(Options{Token: "xoxb-secret", BaseURL: server.URL, Now: func() time.Time { return epoch }}), OutgoingOptions{Render: testRender})
	s := incidents.Snapshot{Incident: incidents.Incident{Number: 1, Channel: incidents.Channel{ID: "C1"}}}
	for _, kind := range []incidents.Kind{incidents.KindChannel, incidents.KindTopic, incidents.KindSummary, incidents.KindFetch} {
		got := out.Deliver(context.Background(), incidents.Delivery{Key: "k", Kind: kind}, s)
		if got.Verdict != incidents.Refused || strings.Contains(got.Err.Error(), "secret") {
			t.Errorf("%s: %+v", kind, got)
		}
	}
	// What is prepared too early is not sent either.
	got := out.Deliver(context.Background(), incidents.Delivery{Key: "k", Kind: incidents.KindTopic}, incidents.Snapshot{})
	if got.Verdict != incidents.Refused || !errors.Is(got.Err, errNoChannel) {
		t.Errorf("without a channel: %+v", got)
	}
}

func TestTheWrongAddressIsSaid(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	c := NewClient(Options{Token: "xoxb-secret", BaseURL: server.URL, Now: func() time.Time { return epoch }})
	_, err := c.Check(context.Background())
	var tr *trouble
	if !errors.As(err, &tr) || tr.Verdict != incidents.Refused || !strings.Contains(tr.Say, "SLACK_API_URL") {
		t.Errorf("error %v", err)
	}
}

func TestABurstStaysWithinThePublishedLimits(t *testing.T) {
	r := newRig(t)
	r.s.RateLimits(true)
	s := incidents.Snapshot{Incident: incidents.Incident{Number: 1, Title: "a", DeclaredAt: epoch}}
	for i := range 45 {
		s.Title = fmt.Sprintf("n%d", i)
		r.deliver(incidents.Delivery{Key: "inc-1/channel", Kind: incidents.KindChannel}, s)
	}
	for i := range 20 {
		d := incidents.Delivery{Key: fmt.Sprintf("inc-%d/announcement", i), Kind: incidents.KindAnnouncement}
		for d.Tried = 1; ; {
			out := r.out.Deliver(context.Background(), d, s)
			if out.Verdict == incidents.Delivered {
				break
			}
			if out.Verdict != incidents.Deferred {
				t.Fatalf("outcome %+v", out)
			}
			r.clock.add(out.After)
		}
		r.clock.add(1100 * time.Millisecond)
	}
	for _, line := range r.s.Refused() {
		t.Errorf("Slack had to say no: %s", line)
	}
}
