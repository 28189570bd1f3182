package updates_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"watchbell/incidents"
	"watchbell/integrations/practice"
	"watchbell/integrations/updates"
)

var noon = time.Date(2026, 3, 17, 12, 0, 0, 0, time.UTC)

func snapshot() incidents.Snapshot {
	return incidents.Snapshot{Incident: incidents.Incident{
		Number: 42, Title: "Checkout is down", Severity: incidents.Downtime, Status: incidents.Identified, DeclaredAt: noon,
	}}
}

func delivery(kind incidents.Kind, name string) incidents.Delivery {
	text := `{"n":3,"text":"Nobody can pay.","at":"2026-03-17T12:10:00Z","next":"2026-03-17T12:40:00Z"}`
	return incidents.Delivery{Key: "inc-42/" + string(kind) + "-3/" + name, Incident: 42, Kind: kind, Subject: "3/" + name, Payload: []byte(text)}
}

// posts delivers an update to one address.
func posts(t *testing.T, c updates.WebhookConfig, s incidents.Snapshot) incidents.Outcome {
	t.Helper()
	c.Now = func() time.Time { return noon }
	o := updates.NewWebhook(c).Deliver(t.Context(), delivery(incidents.KindWebhook, updates.Name(c.Addresses[0])), s)
	for _, secret := range []string{c.Secret, "token=geheim"} {
		if o.Err != nil && secret != "" && strings.Contains(o.Say+o.Err.Error(), secret) {
			t.Errorf("%q is in %q, %v", secret, o.Say, o.Err)
		}
	}
	return o
}

func TestWebhookIsSignedAndTheSameEachTime(t *testing.T) {
	w := practice.New(practice.Options{})
	server := httptest.NewServer(w.Handler())
	t.Cleanup(server.Close)
	c := updates.WebhookConfig{Addresses: []string{server.URL + practice.WebhookPath + "shop?token=geheim"}, Secret: w.Webhooks.Secret(), AllowPrivate: true}
	for range 2 {
		if o := posts(t, c, snapshot()); o.Verdict != incidents.Delivered {
			t.Fatalf("outcome %+v", o)
		}
	}
	taken, repeated := w.Webhooks.Taken()
	if len(taken) != 1 || repeated != 1 || taken[0].ID != "inc-42.update-3" {
		t.Fatalf("posted %+v, repeated %d", taken, repeated)
	}
	var body struct {
		Type     string
		Incident struct{ Title, Severity, Since string }
		Update   struct{ Text, Next string }
	}
	if err := json.Unmarshal([]byte(taken[0].Body), &body); err != nil || body.Type != "incident.update" || body.Incident.Title != "Checkout is down" ||
		body.Update.Text != "Nobody can pay." || body.Update.Next != "2026-03-17T12:40:00Z" {
		t.Errorf("the body is %s, %v", taken[0].Body, err)
	}
	c.Secret = "another one, just as long as it"
	if o := posts(t, c, snapshot()); o.Verdict != incidents.Impossible {
		t.Errorf("signed with another secret: %+v", o)
	}
}

func TestWebhookGoesNowhereElse(t *testing.T) {
	answers := map[string]func(http.ResponseWriter){
		"/moved": func(rw http.ResponseWriter) {
			rw.Header().Set("Location", "/taken")
			rw.WriteHeader(http.StatusTemporaryRedirect)
		},
		"/wait": func(rw http.ResponseWriter) {
			rw.Header().Set("Retry-After", "7")
			rw.WriteHeader(http.StatusTooManyRequests)
		},
		"/broken":  func(rw http.ResponseWriter) { rw.WriteHeader(http.StatusBadGateway) },
		"/unknown": func(rw http.ResponseWriter) { rw.WriteHeader(http.StatusNotFound) },
		"/cut":     func(http.ResponseWriter) { panic(http.ErrAbortHandler) },
	}
	taken := 0
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if answer := answers[r.URL.Path]; answer != nil {
			answer(rw)
			return
		}
		taken++
	}))
	t.Cleanup(server.Close)
	for path, want := range map[string]incidents.Verdict{
		"/moved": incidents.Impossible, "/wait": incidents.Refused, "/broken": incidents.Uncertain, "/unknown": incidents.Impossible, "/cut": incidents.Uncertain,
	} {
		o := posts(t, updates.WebhookConfig{Addresses: []string{server.URL + path}, AllowPrivate: true}, snapshot())
		if o.Verdict != want || o.Say == "" || (path == "/wait" && o.After != 7*time.Second) {
			t.Errorf("%s: %+v, want %s", path, o, want)
		}
	}
	for _, host := range []string{server.URL, "http://10.0.0.1", "http://[::1]:1", "http://169.254.169.254", "http://100.64.0.1", "http://[::ffff:127.0.0.1]:1"} {
		o := posts(t, updates.WebhookConfig{Addresses: []string{host + "/x"}}, snapshot())
		if o.Verdict != incidents.Impossible || !strings.Contains(o.Say, "private network") {
			t.Errorf("%s: %+v", host, o)
		}
	}
	private := snapshot()
	private.Private = true
	if o := posts(t, updates.WebhookConfig{Addresses: []string{server.URL + "/x"}, AllowPrivate: true}, private); o.Verdict != incidents.Delivered {
		t.Errorf("of a private incident: %+v", o)
	}
	if taken != 0 {
		t.Errorf("%d calls went where they must not", taken)
	}
	gone := updates.NewWebhook(updates.WebhookConfig{}).Deliver(t.Context(), delivery(incidents.KindWebhook, "01234567"), snapshot())
	if gone.Verdict != incidents.Impossible {
		t.Errorf("to an address that is not configured any more: %+v", gone)
	}
}
