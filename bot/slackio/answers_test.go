package slackio

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"watchbell/incidents"
	"watchbell/integrations/practice"
)

// answering is a Slack that always answers the same.
func answering(t *testing.T, h http.HandlerFunc) *Outgoing {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	c := NewClient(Options{Token: "xoxb-secret", BaseURL: server.URL, Now: func() time.Time { return epoch }})
	return NewOutgoing(c, OutgoingOptions{Render: testRender})
}

func channelWish() (incidents.Delivery, incidents.Snapshot) {
	return incidents.Delivery{Key: "inc-1/channel", Kind: incidents.KindChannel},
		incidents.Snapshot{Incident: incidents.Incident{Number: 1, Title: "checkout", DeclaredAt: epoch}}
}

func TestTheTokenIsNotTakenToAnotherAddress(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		asked := 0
		elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			asked++
			_, _ = io.WriteString(w, `{"ok":true,"channel":{"id":"C0FORGED00","name":"forged"}}`)
		}))
		out := answering(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, status)
		})
		d, s := channelWish()
		got := out.Deliver(context.Background(), d, s)
		if got.Verdict != incidents.Refused || !strings.Contains(got.Say, "points to another one") {
			t.Errorf("status %d: %+v", status, got)
		}
		elsewhere.Close()
		if asked > 0 {
			t.Errorf("status %d: the other address was asked", status)
		}
	}
}

func TestAnEmptyAnswerIsNoSuccess(t *testing.T) {
	w := newWorld(t)
	card := w.done["inc-1/summary"]
	card.Receipt.Note = "says something else"
	w.s.Post.URL = "https://github.example/pull/8"
	rows := []struct {
		d    incidents.Delivery
		call string
		id   bool // the answer must name what was made
	}{
		{w.wish(incidents.KindChannel, ""), "conversations.create", true},
		{w.wish(incidents.KindAnnouncement, ""), "chat.postMessage", true},
		{card, "chat.update", true},
		{w.wish(incidents.KindBookmark, ""), "bookmarks.add", true},
		{w.wish(incidents.KindPin, ""), "pins.add", false},
		{w.wish(incidents.KindTopic, ""), "conversations.setTopic", false},
		{w.wish(incidents.KindInvite, w.id("ben")), "conversations.invite", false},
		{w.answer(w.s.Channel.ID, "", w.id("ana")), "chat.postEphemeral", false},
	}
	for _, row := range rows {
		for _, body := range []string{`{}`, `null`, `[]`, `"ok"`, `{"ok":false}`, `{"ok":true}`} {
			if body == `{"ok":true}` && !row.id {
				continue
			}
			w.w.Faults.Add(practice.Fault{Service: "slack", Call: row.call, Status: 200, Body: body, Times: 1})
			w.clock.add(2 * time.Minute)
			hits := w.w.Faults.Hits()
			got := w.out.Deliver(context.Background(), row.d, w.s)
			if w.w.Faults.Hits() != hits+1 {
				t.Fatalf("%s was not called: %+v", row.call, got)
			}
			if got.Verdict != incidents.Uncertain || got.Say != "Slack did not answer properly." || got.Err == nil {
				t.Errorf("%s answered %s: %+v", row.call, body, got)
			}
		}
	}
}

func TestAnAnswerWithoutAConversationIsNoAnswer(t *testing.T) {
	w := newWorld(t)
	w.w.Faults.Add(practice.Fault{Service: "slack", Call: "conversations.open", Status: 200, Body: `{"ok":true}`, Times: 1})
	got := w.out.Deliver(context.Background(), w.answer("", "", w.id("ana")), w.s)
	if got.Verdict != incidents.Refused || got.Say != "Slack did not answer properly." {
		t.Errorf("outcome %+v", got)
	}
}

// endless is an answer that goes on as long as somebody reads.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	e.read += len(p)
	if e.read > 50<<20 {
		return 0, errors.New("read far too much")
	}
	return len(p), nil
}

func (e *endless) Close() error { return nil }

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestOfAHugeAnswerLittleIsRead(t *testing.T) {
	huge := &endless{}
	c := NewClient(Options{Token: "xoxb-1", Now: func() time.Time { return epoch }, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Body: huge, Header: http.Header{}, Request: r}, nil
	})})
	d, s := channelWish()
	got := NewOutgoing(c, OutgoingOptions{Render: testRender}).Deliver(context.Background(), d, s)
	if got.Verdict != incidents.Uncertain || got.Say != "Slack did not answer properly." {
		t.Errorf("outcome %+v", got)
	}
	if huge.read > maxAnswer+1<<20 {
		t.Errorf("%d bytes were read", huge.read)
	}
}

func TestChannelNames(t *testing.T) {
	for typed, want := range map[string]string{
		"team": "team", " #Team ": "team", "C0123ABCD": "C0123ABCD", "störung_2-b": "störung_2-b", "": "", "#": "", "team room": "", "# team": "",
		"<#C0123ABCD|team>": "", "https://a.slack.com/archives/C0123ABCD": "", strings.Repeat("é", 80): strings.Repeat("é", 80), strings.Repeat("a", 81): "",
	} {
		if got, ok := ChannelName(typed); ok != (want != "") || ok && got != want {
			t.Errorf("%q is %q, %v", typed, got, ok)
		}
	}
}

// Who we are is asked without slack-go, and heeds what Slack answers all the same.
func TestAskedToWaitAtTheFirstCall(t *testing.T) {
	c := NewClient(Options{Token: "xoxb-1", Now: func() time.Time { return epoch }, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusTooManyRequests, Body: http.NoBody, Header: http.Header{"Retry-After": {"60"}}, Request: r}, nil
	})})
	_, err := c.Check(t.Context())
	if got := (*trouble)(nil); !errors.As(err, &got) || got.Verdict != incidents.Deferred || got.After != time.Minute {
		t.Errorf("asked to wait for a minute: %v", err)
	}
}

func TestSlackCannotSilenceTheBotForLong(t *testing.T) {
	for after, want := range map[string]time.Duration{"60": time.Minute, "86400": 15 * time.Minute, "4000000000": 15 * time.Minute} {
		out := answering(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", after)
			w.WriteHeader(http.StatusTooManyRequests)
		})
		d, s := channelWish()
		if got := out.Deliver(context.Background(), d, s); got.Verdict != incidents.Deferred || got.After != want {
			t.Errorf("Retry-After %s: %+v", after, got)
		}
		// What was blocked meanwhile waits no longer either.
		if got := out.Deliver(context.Background(), d, s); got.Verdict != incidents.Deferred || got.After > want {
			t.Errorf("Retry-After %s, again: %+v", after, got)
		}
	}
}
