package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"watchbell/incidents"
)

// outbox is what waits for the services, and what was decided about it.
type outbox struct {
	waits   []incidents.Delivery
	decided []string
	failing error
}

func (o *outbox) Backlog(context.Context) ([]incidents.Backlog, error) {
	var failed int
	for _, d := range o.waits {
		if d.State == incidents.Failed {
			failed++
		}
	}
	if len(o.waits) == 0 {
		return nil, o.failing
	}
	return []incidents.Backlog{{Target: incidents.Trello, Waiting: len(o.waits) - failed, Failed: failed, Since: noon.Add(-90 * time.Second)}}, o.failing
}

func (o *outbox) Unsettled(context.Context, int) ([]incidents.Delivery, error) {
	return o.waits, o.failing
}

func (o *outbox) Decide(_ context.Context, by incidents.Actor, key string, leaveOut bool) (incidents.Delivery, error) {
	if key == "inc-1/gone" {
		return incidents.Delivery{}, incidents.ErrNotFound
	}
	what := "retry "
	if leaveOut {
		what = "skip "
	}
	name, _ := incidents.OutsiderName(by.User)
	o.decided = append(o.decided, what+key+" by "+name)
	return incidents.Delivery{}, nil
}

func TestStatus(t *testing.T) {
	r, box := newRig(t), &outbox{}
	r.pages.o.Deliveries = box
	link := StatusURL("https://watchbell.example.org/", r.links.Sign(Right{Purpose: ReadStatus, Expires: noon.Add(time.Hour)}))
	reads := func(w interface {
		Result() *http.Response
	}, body string, status int, want ...string) {
		t.Helper()
		if got := w.Result().StatusCode; got != status {
			t.Errorf("status %d, want %d", got, status)
		}
		for _, part := range want {
			if !strings.Contains(body, part) {
				t.Errorf("the page lacks %q:\n%s", part, body)
			}
		}
	}
	r.pages.o.Protocol = func() ProtocolStanding {
		return ProtocolStanding{Place: "owner/site/ops/protocol.yml", Version: "1f2e3d", Away: "GitHub did not answer.", Wrong: []string{"line 4: <b>"}}
	}
	about := r.asks("GET", link, nil)
	reads(about, about.Body.String(), http.StatusOK, "<code>1f2e3d</code>", "owner/site/ops/protocol.yml", "GitHub did not answer.", "<li>line 4: &lt;b&gt;</li>")
	r.pages.o.Protocol = nil
	w := r.asks("GET", link, nil)
	reads(w, w.Body.String(), http.StatusOK, "Nothing waits", "Slack", "Trello", "GitHub", `http-equiv="refresh"`, "&amp;still=1\">keep it still</a>")
	w = r.asks("GET", link+"&still=1", nil)
	reads(w, w.Body.String(), http.StatusOK, "The page stands still", "have it read itself anew</a>")
	if strings.Contains(w.Body.String(), `http-equiv="refresh"`) {
		t.Error("a page that is to stand still reads itself anew")
	}

	box.waits = []incidents.Delivery{
		{Key: "inc-42/action-1/card", Incident: 42, Target: incidents.Trello, Kind: incidents.KindCard, Subject: "1", State: incidents.Failed, Attempt: 3,
			LastError: "Trello knows no board <ops>.", FailingSince: noon.Add(-time.Minute)},
		{Key: "inc-42/action-2/card", Incident: 42, Target: incidents.Trello, Kind: incidents.KindCard, Subject: "2", State: incidents.Pending, DueAt: noon.Add(time.Minute)},
	}
	w = r.asks("GET", link, nil)
	reads(w, w.Body.String(), http.StatusOK, "1 failed", "1 waiting", "1m30s", "the Trello card for action item 1", "#42", "no board &lt;ops&gt;",
		"due 17 March 2026", "Try again", "Leave it out")

	w = r.asks("POST", link, url.Values{"do": {"skip"}, "key": {"inc-42/action-1/card"}})
	if w.Code != http.StatusSeeOther || len(box.decided) != 1 || box.decided[0] != "skip inc-42/action-1/card by status page" {
		t.Errorf("%d, decided %q", w.Code, box.decided)
	}
	w = r.asks("GET", "https://watchbell.example.org/status"+w.Header().Get("Location"), nil)
	reads(w, w.Body.String(), http.StatusOK, "It is left out")
	w = r.asks("POST", link, url.Values{"do": {"drop the table"}, "key": {"inc-42/action-1/card"}})
	reads(w, w.Body.String(), http.StatusBadRequest, "cannot be done here")
	w = r.asks("POST", link, url.Values{"do": {"retry"}, "key": {"inc-1/gone"}})
	reads(w, w.Body.String(), http.StatusNotFound, "no such delivery")

	// Another purpose opens nothing here, and an end is an end.
	for _, right := range []Right{{Purpose: WriteLog, Incident: 42, Expires: noon.Add(time.Hour)}, {Purpose: ReadStatus, Expires: noon}} {
		for _, method := range []string{"GET", "POST"} {
			if w := r.asks(method, StatusURL("https://watchbell.example.org/", r.links.Sign(right)), url.Values{"do": {"skip"}, "key": {"k"}}); w.Code != http.StatusForbidden {
				t.Errorf("%s with %+v: %d", method, right, w.Code)
			}
		}
	}
	box.failing = context.DeadlineExceeded
	w = r.asks("GET", link, nil)
	reads(w, w.Body.String(), http.StatusServiceUnavailable, "database does not answer")
	if len(box.decided) != 1 {
		t.Errorf("decided %q", box.decided)
	}
}
