package slackio

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"watchbell/bot/chat"
	"watchbell/incidents"
)

const testSecret = "secret"

// counter is an Intake on its own: Slack is out of reach, what is to be told is kept.
type counter struct {
	*Intake
	metrics *prometheus.Registry
	desk    *desk
	told    []incidents.Notice
	tellErr error
}

func (c *counter) Tell(_ context.Context, n incidents.Notice) error {
	if c.tellErr != nil {
		return c.tellErr
	}
	c.told = append(c.told, n)
	return nil
}

func newCounter(tb testing.TB) *counter {
	tb.Helper()
	client := NewClient(Options{
		Token: "xoxb-1", Now: func() time.Time { return epoch }, Transport: noSlack{},
	})
	client.self.Store(&Identity{Team: "T1", User: "UBOT", Bot: "BBOT"})
	c := &counter{desk: &desk{}, metrics: prometheus.NewRegistry()}
	c.Intake = NewIntake(client, c.desk, c, IntakeOptions{
		SigningSecrets: []string{testSecret}, Metrics: c.metrics, Command: "/incident", Log: slog.New(slog.DiscardHandler),
	})
	return c
}

// noSlack is a Slack that cannot be reached.
type noSlack struct{}

func (noSlack) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("no route to Slack")
}

func signed(path string, body []byte) *http.Request {
	r := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body))
	r.Header.Set("X-Slack-Request-Timestamp", stamp(epoch))
	r.Header.Set("X-Slack-Signature", signature(testSecret, stamp(epoch), body))
	return r
}

func (c *counter) send(path, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	c.Handler().ServeHTTP(w, signed(path, []byte(body)))
	return w
}

// counted is what the counter of a kind and outcome shows.
func (c *counter) counted(kind, outcome string) float64 {
	families, err := c.metrics.Gather()
	if err != nil {
		panic(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == "watchbell_intake_total" && m.GetLabel()[0].GetValue() == kind && m.GetLabel()[1].GetValue() == outcome {
				return m.GetCounter().GetValue()
			}
		}
	}
	return 0
}

func (c *counter) event(inner string) *httptest.ResponseRecorder {
	return c.send("/slack/events", envelopeOf("Ev1", inner))
}

func envelopeOf(id, inner string) string {
	return `{"token":"x","team_id":"T1","context_team_id":"T1","context_enterprise_id":null,"api_app_id":"A1","type":"event_callback","event_id":"` +
		id + `","event_time":1700000000,"authorizations":[{"enterprise_id":null,"team_id":"T1","user_id":"UBOT","is_bot":true}],"event":` + inner + `}`
}

func interactionOf(payload string) string { return url.Values{"payload": {payload}}.Encode() }

func commandOf(text string) string {
	return url.Values{
		"team_id": {"T1"}, "channel_id": {"C1"}, "user_id": {"U1"}, "command": {"/incident"}, "text": {text}, "trigger_id": {"1.2.abc"},
	}.Encode()
}

// Handler serves the request URLs alone.
func (in *Intake) Handler() http.Handler {
	mux := http.NewServeMux()
	in.Register(mux)
	return mux
}

func TestBadRequestsAreRefusedAndReachNobody(t *testing.T) {
	big := bytes.Repeat([]byte("x"), maxBody+1)
	for name, row := range map[string]struct {
		request func() *http.Request
		want    int
	}{
		"unsigned": {func() *http.Request {
			return httptest.NewRequest(http.MethodPost, "/slack/commands", strings.NewReader(commandOf("list")))
		}, 401},
		"stale": {func() *http.Request {
			r := signed("/slack/commands", []byte(commandOf("list")))
			old := stamp(epoch.Add(-301 * time.Second))
			r.Header.Set("X-Slack-Request-Timestamp", old)
			r.Header.Set("X-Slack-Signature", signature(testSecret, old, []byte(commandOf("list"))))
			return r
		}, 401},
		"signed for another body": {func() *http.Request {
			r := signed("/slack/commands", []byte(commandOf("list")))
			r.Body = http.NoBody
			return r
		}, 401},
		"parameters in the address": {func() *http.Request {
			return signed("/slack/commands?"+commandOf("list"), nil)
		}, 400},
		"too large":                {func() *http.Request { return signed("/slack/events", big) }, 413},
		"too large, length unsaid": {func() *http.Request { r := signed("/slack/events", big); r.ContentLength = -1; return r }, 413},
		"too large and unsigned": {func() *http.Request {
			return httptest.NewRequest(http.MethodPost, "/slack/events", bytes.NewReader(big))
		}, 413},
		"not a POST":                    {func() *http.Request { return httptest.NewRequest(http.MethodGet, "/slack/events", nil) }, 405},
		"nowhere":                       {func() *http.Request { return signed("/slack/else", nil) }, 404},
		"an event that is no JSON":      {func() *http.Request { return signed("/slack/events", []byte(`{"type":`)) }, 400},
		"an empty event":                {func() *http.Request { return signed("/slack/events", nil) }, 400},
		"an event that is a number":     {func() *http.Request { return signed("/slack/events", []byte("7")) }, 400},
		"a command without user":        {func() *http.Request { return signed("/slack/commands", []byte("command=%2Fincident")) }, 400},
		"a command that is no form":     {func() *http.Request { return signed("/slack/commands", []byte("command=%zz&user_id=U1")) }, 400},
		"a command that is JSON":        {func() *http.Request { return signed("/slack/commands", []byte(`{"command":"/incident"}`)) }, 400},
		"an interaction without":        {func() *http.Request { return signed("/slack/interactions", []byte("x=1")) }, 400},
		"an interaction that is broken": {func() *http.Request { return signed("/slack/interactions", []byte(interactionOf(`{"type"`))) }, 400},
	} {
		c := newCounter(t)
		w := httptest.NewRecorder()
		c.Handler().ServeHTTP(w, row.request())
		if w.Code != row.want {
			t.Errorf("%s: status %d, want %d", name, w.Code, row.want)
		}
		if len(c.desk.all()) > 0 {
			t.Errorf("%s: the desk was asked", name)
		}
	}
}

func TestSlacksOwnChecksAreAnswered(t *testing.T) {
	c := newCounter(t)
	if w := c.send("/slack/events", `{"type":"url_verification","token":"x","challenge":"3eZbrw1a"}`); w.Code != 200 || w.Body.String() != "3eZbrw1a" {
		t.Errorf("challenge: %d %q", w.Code, w.Body)
	}
	w := httptest.NewRecorder()
	c.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/slack/events", strings.NewReader(`{"type":"url_verification","challenge":"x"}`)))
	if w.Code != 401 {
		t.Errorf("an unsigned challenge: %d", w.Code)
	}
	if w := c.send("/slack/commands", "ssl_check=1&token=x"); w.Code != 200 || w.Body.Len() > 0 {
		t.Errorf("ssl_check: %d %q", w.Code, w.Body)
	}
	w = httptest.NewRecorder()
	c.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/slack/commands", strings.NewReader("ssl_check=1&command=%2Fincident&user_id=U1&channel_id=C1")))
	if w.Code != 401 || len(c.desk.all()) > 0 {
		t.Errorf("a command in the clothes of an ssl_check: %d", w.Code)
	}
	if w := c.send("/slack/options", interactionOf(`{"type":"block_suggestion","user":{"id":"U1"},"team":{"id":"T1"},"view":{"state":{"values":[]}}}`)); w.Body.String() != `{"options":[]}` {
		t.Errorf("options: %d %q", w.Code, w.Body)
	}
	if w := c.send("/slack/events", `{"type":"app_rate_limited","minute_rate_limited":1,"team_id":"T1","api_app_id":"A1"}`); w.Code != 200 {
		t.Errorf("app_rate_limited: %d", w.Code)
	}
}

func TestCommands(t *testing.T) {
	c := newCounter(t)
	c.desk.reply = chat.Reply{Message: &chat.Message{Text: "Declared <#C2>.", Blocks: []chat.Block{{Kind: chat.Section, Text: "Declared <#C2>."}}}}
	w := c.send("/slack/commands", commandOf("declare checkout & “more” +1"))
	want := chat.Said{Event: "command/1.2.abc", User: "U1", Channel: "C1", Text: "declare checkout & “more” +1", CanOpenForm: true}
	if got := c.desk.all(); len(got) != 1 || got[0] != want {
		t.Errorf("said %+v", got)
	}
	if got := strings.TrimSpace(w.Body.String()); w.Code != 200 || got !=
		`{"response_type":"ephemeral","text":"Declared <#C2>.","blocks":[{"type":"section","text":{"type":"mrkdwn","text":"Declared <#C2>.","verbatim":true}}]}` {
		t.Errorf("answer %d %s", w.Code, got)
	}
	if kind := w.Header().Get("Content-Type"); !strings.HasPrefix(kind, "application/json") {
		t.Errorf("content type %q", kind)
	}
	// Without a trigger no form can be opened; the request itself identifies the command.
	body := strings.ReplaceAll(commandOf("list"), "1.2.abc", "")
	c.send("/slack/commands", body)
	c.send("/slack/commands", body)
	got := c.desk.all()
	a, b := got[1].(chat.Said), got[2].(chat.Said)
	if a.CanOpenForm || a.Event != b.Event || !strings.HasPrefix(a.Event, "command/") || len(a.Event) < 20 {
		t.Errorf("said %+v, %+v", a, b)
	}
}

func TestACommandThatWasNotRecordedSaysSo(t *testing.T) {
	c := newCounter(t)
	c.desk.answer(chat.Reply{Message: &chat.Message{Text: ":x: Not recorded: disk full."}}, errors.New("disk full"))
	if w := c.send("/slack/commands", commandOf("log x")); w.Code != 200 || !strings.Contains(w.Body.String(), "Not recorded: disk full") {
		t.Errorf("answer %d %s", w.Code, w.Body)
	}
	c.desk.answer(chat.Reply{}, errors.New("disk full"))
	if w := c.send("/slack/commands", commandOf("log x")); w.Code != 200 || !strings.Contains(w.Body.String(), "Not recorded") {
		t.Errorf("answer %d %s", w.Code, w.Body)
	}
	c.desk.panics = true
	if w := c.send("/slack/commands", commandOf("log x")); w.Code != 200 || !strings.Contains(w.Body.String(), ":x:") {
		t.Errorf("answer %d %s", w.Code, w.Body)
	}
	if got := c.counted("command", outcomeNotRecorded); got != 2 {
		t.Errorf("counted %v", got)
	}
	if got := c.counted("command", outcomePanic); got != 1 {
		t.Errorf("counted %v panics", got)
	}
}

func TestAFormThatCannotBeOpenedSaysWhatToType(t *testing.T) {
	c := newCounter(t)
	c.desk.reply = chat.Reply{Form: &chat.Form{Verb: "declare", Title: "Declare"}}
	if w := c.send("/slack/commands", commandOf("declare")); w.Code != 200 || !strings.Contains(w.Body.String(), "`/incident declare …`") {
		t.Errorf("answer %d %s", w.Code, w.Body)
	}
	c.send("/slack/interactions", interactionOf(press("declare", "")))
	if len(c.told) != 1 || !strings.Contains(string(c.told[0].Body), "`/incident declare …`") {
		t.Errorf("told %+v", c.told)
	}
}

func TestAnotherTeamIsIgnored(t *testing.T) {
	c := newCounter(t)
	c.send("/slack/commands", strings.Replace(commandOf("list"), "T1", "T2", 1))
	c.send("/slack/events", strings.ReplaceAll(envelopeOf("Ev1", mentionEvent("<@UBOT> list")), "T1", "T2"))
	c.send("/slack/interactions", interactionOf(strings.Replace(press("list", ""), "T1", "T2", 1)))
	if got := c.desk.all(); len(got) > 0 {
		t.Errorf("the desk was asked %+v", got)
	}
	// A channel shared with another workspace: the event names theirs, and ours as the one it is meant for.
	c.send("/slack/events", strings.Replace(envelopeOf("Ev1", mentionEvent("<@UBOT> list")), `"team_id":"T1"`, `"team_id":"T2"`, 1))
	c.send("/slack/interactions", interactionOf(strings.Replace(press("list", ""), `{"id":"T1"}`, "null", 1)))
	if got := c.desk.all(); len(got) != 2 {
		t.Errorf("the desk was asked %+v", got)
	}
	// As long as we do not know who we are, nobody is turned away.
	c.c.self.Store(nil)
	c.send("/slack/commands", strings.Replace(commandOf("list"), "T1", "T2", 1))
	if got := c.desk.all(); len(got) != 3 {
		t.Errorf("the desk was asked %+v", got)
	}
}

func mentionEvent(text string) string {
	raw, _ := json.Marshal(map[string]any{
		"type": "app_mention", "user": "U1", "text": text, "ts": "1700000000.000100", "channel": "C1", "event_ts": "1700000000.000100",
	})
	return string(raw)
}

func press(action, value string) string {
	return fmt.Sprintf(`{"type":"block_actions","team":{"id":"T1"},"user":{"id":"U1"},"api_app_id":"A1","container":{"type":"message","message_ts":"1.2","channel_id":"C1"},
		"trigger_id":"1.2.abc","channel":{"id":"C1","name":"x"},"state":{"values":{}},"actions":[{"type":"button","action_id":%q,"value":%q,"action_ts":"17.2"}]}`, action, value)
}
