package practice

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// control calls a deed, or GETs the state when the body is nil, and returns the answer.
func (r *slackRig) control(name string, body any) (int, map[string]any) {
	r.t.Helper()
	method, sent := http.MethodPost, []byte(nil)
	if body == nil {
		method = http.MethodGet
	} else {
		var err error
		sent, err = json.Marshal(body)
		r.must(err)
	}
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.url+ControlPath+name, bytes.NewReader(sent))
	r.must(err)
	req.Header.Set("X-Practice", "1")
	resp, err := http.DefaultClient.Do(req)
	r.must(err)
	defer func() { _ = resp.Body.Close() }()
	var out map[string]any
	r.must(json.NewDecoder(resp.Body).Decode(&out))
	return resp.StatusCode, out
}

// does expects a deed to succeed.
func (r *slackRig) does(name string, body any) map[string]any {
	r.t.Helper()
	status, out := r.control(name, body)
	if status != http.StatusOK || out["ok"] != true {
		r.t.Fatalf("%s %v: %d %v", name, body, status, out)
	}
	return out
}

func TestControlDoesWhatPeopleDo(t *testing.T) {
	r := newSlackRig(t)
	r.bot.reply(func(rw http.ResponseWriter, g gotten) {
		if g.path == "/slack/commands" {
			_, _ = io.WriteString(rw, "heard "+g.form.Get("text"))
		}
	})
	ts := r.does("say", jsonObject{"who": "ana", "channel": "team", "text": "checkout is slow"})["ts"].(string)
	r.does("say", jsonObject{"who": "ben", "channel": "team", "text": "looking", "thread": ts})
	r.does("react", jsonObject{"who": "ben", "channel": "team", "ts": ts, "emoji": "eyes"})
	r.does("pin", jsonObject{"who": "ben", "channel": "team", "ts": ts})
	if got := r.does("command", jsonObject{"who": "ana", "channel": "team", "text": "/incident list"})["text"]; got != "heard list" {
		t.Errorf("answer to the command: %v", got)
	}
	r.does("delivered", jsonObject{})
	state := r.does("state?channel=team", nil)
	channels := state["channels"].([]any)
	if len(channels) != 1 {
		t.Fatalf("%d channels, want the one asked for", len(channels))
	}
	messages := channels[0].(map[string]any)["messages"].([]any)
	first, last := messages[0].(map[string]any), messages[len(messages)-1].(map[string]any)
	if first["shown"] != "checkout is slow" || last["thread"] != ts {
		t.Errorf("messages %v", messages)
	}
	if reactions := first["reactions"].([]any); len(reactions) != 1 {
		t.Errorf("reactions %v", reactions)
	}
}

func TestControlFillsForms(t *testing.T) {
	r := newSlackRig(t)
	opened := make(chan error, 1)
	r.bot.reply(func(rw http.ResponseWriter, g gotten) {
		var in struct {
			Type    string
			Trigger string `json:"trigger_id"`
		}
		_ = json.Unmarshal([]byte(g.form.Get("payload")), &in)
		switch in.Type {
		case "shortcut":
			_, err := r.api.OpenView(in.Trigger, form())
			opened <- err
		case "view_submission":
			rw.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(rw, `{"response_action":"errors","errors":{"title":"Say what is broken."}}`)
		}
	})
	r.does("shortcut", jsonObject{"who": "ana", "callback": "declare"})
	r.must(<-opened)
	r.does("fill", jsonObject{"who": "ana", "block": "title", "value": "db down"})
	r.does("fill", jsonObject{"who": "ana", "block": "severity", "value": "degraded"})
	out := r.does("submit", jsonObject{"who": "ana"})
	if errs := out["errors"].(map[string]any); errs["title"] != "Say what is broken." {
		t.Errorf("errors %v", errs)
	}
	inputs := out["view"].(map[string]any)["inputs"].([]any)
	if in := inputs[0].(map[string]any); in["block"] != "title" || in["value"] != "db down" || in["error"] == "" {
		t.Errorf("input %v", in)
	}
	r.does("close", jsonObject{"who": "ana"})
	if status, out := r.control("submit", jsonObject{"who": "ana"}); status != http.StatusUnprocessableEntity || out["error"] == "" {
		t.Errorf("submitting nothing: %d %v", status, out)
	}
}

func TestControlIsForThisMachineAlone(t *testing.T) {
	r := newSlackRig(t)
	h := r.w.Handler()
	for _, c := range []struct {
		name   string
		change func(*http.Request)
		want   int
	}{
		{"a program here", func(*http.Request) {}, http.StatusOK},
		{"no header", func(q *http.Request) { q.Header.Del("X-Practice") }, http.StatusForbidden},
		{"from elsewhere", func(q *http.Request) { q.RemoteAddr = "192.0.2.7:4711" }, http.StatusForbidden},
		{"a foreign name for this machine", func(q *http.Request) { q.Host = "evil.example" }, http.StatusForbidden},
		{"a page elsewhere", func(q *http.Request) { q.Header.Set("Sec-Fetch-Site", "cross-site") }, http.StatusForbidden},
		{"its own page", func(q *http.Request) { q.Header.Set("Sec-Fetch-Site", "same-origin") }, http.StatusOK},
		{"an unknown field", func(q *http.Request) {
			q.Body = io.NopCloser(strings.NewReader(`{"person":"ana"}`))
		}, http.StatusBadRequest},
		{"an unknown deed", func(q *http.Request) { q.URL.Path = ControlPath + "shout" }, http.StatusNotFound},
	} {
		body := strings.NewReader(`{"who":"ana","channel":"team","text":"hello"}`)
		q := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1"+ControlPath+"say", body)
		q.RemoteAddr = "127.0.0.1:4711"
		q.Header.Set("X-Practice", "1")
		c.change(q)
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, q)
		if rec.Code != c.want {
			t.Errorf("%s: status %d, want %d: %s", c.name, rec.Code, c.want, rec.Body)
		}
	}
}

func TestSlackVerifiesARequestURL(t *testing.T) {
	r := newSlackRig(t)
	for _, c := range []struct {
		name, kind, answer string
		good               bool
	}{
		{"plain text", "text/plain", "%s", true},
		{"a form", "application/x-www-form-urlencoded", "challenge=%s", true},
		{"JSON", "application/json", `{"challenge":"%s"}`, true},
		{"nothing", "text/plain", "", false},
		{"another", "application/json", `{"challenge":"x%s"}`, false},
	} {
		r.bot.reply(func(rw http.ResponseWriter, g gotten) {
			var in struct{ Type, Challenge string }
			if json.Unmarshal(g.body, &in) != nil || in.Type != "url_verification" || g.header.Get("X-Slack-Signature") == "" {
				t.Errorf("%s: got %s", c.name, g.body)
			}
			rw.Header().Set("Content-Type", c.kind)
			_, _ = io.WriteString(rw, strings.ReplaceAll(c.answer, "%s", in.Challenge))
		})
		if err := r.s.Verify(t.Context()); (err == nil) != c.good {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestSlackSendsEverythingToOneURL(t *testing.T) {
	r := newSlackRig(t)
	server := httptest.NewServer(r.bot)
	t.Cleanup(server.Close)
	r.s.Connect(server.URL + "/bolt/in/")
	r.say("ana", "team", "hello")
	_, err := r.s.Command(t.Context(), "ana", "team", "/incident")
	r.must(err)
	r.must(r.s.Shortcut(t.Context(), "ana", "declare"))
	r.delivered()
	if got := r.bot.requests("/bolt/in"); len(got) != 3 {
		t.Errorf("%d requests at the one URL, want 3", len(got))
	}
}
