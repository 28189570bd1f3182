//go:build browser

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"watchbell/integrations/practice"
)

// client is a bot of its own behind the page, so that everything which the page can draw is tried, whether Watchbell
// uses it or not. It answers with what on says and keeps what people chose.
type client struct {
	*browserRig
	server *httptest.Server

	mu    sync.Mutex
	chose []string
	on    func(kind, what string, p payload) (answer string)
}

// payload is what the client reads of an interaction or event.
type payload struct {
	Type    string
	Trigger string `json:"trigger_id"`
	User    struct{ ID string }
	View    struct {
		ID, CallbackID string
		Callback       string `json:"callback_id"`
		State          struct {
			Values map[string]map[string]map[string]any
		}
	}
	Actions []map[string]any
	Event   struct{ Type, User, Tab string }
}

func newClient(t *testing.T) *client {
	t.Helper()
	w := practice.New(practice.Options{})
	for _, who := range []string{"ana Ana", "ben Ben"} {
		name, real, _ := strings.Cut(who, " ")
		w.Slack.AddUser(name, real, "UTC")
	}
	c := &client{}
	mux := http.NewServeMux()
	mux.Handle("/practice/", w.Handler())
	mux.Handle("GET /{$}", w.Page())
	mux.Handle("/slack/", c)
	c.server = httptest.NewServer(mux)
	t.Cleanup(func() {
		w.Slack.Close()
		c.server.CloseClientConnections()
		c.server.Close()
	})
	w.Slack.Connect(c.server.URL)
	c.browserRig = &browserRig{t: t, p: &practising{workspace: w, url: c.server.URL}, browser: startBrowser(t)}
	return c
}

// call calls a method of Slack's Web API.
func (c *client) call(method string, args map[string]any) map[string]any {
	body, _ := json.Marshal(args)
	req, _ := http.NewRequest(http.MethodPost, c.server.URL+practice.SlackPath+method, bytes.NewReader(body))
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("Authorization", "Bearer "+c.p.workspace.Slack.BotToken())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Errorf("%s: %v", method, err)
		return nil
	}
	defer resp.Body.Close()
	var out map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil || out["ok"] != true {
		c.t.Errorf("%s: %v %v", method, out, err)
	}
	return out
}

func (c *client) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		r.Body = io.NopCloser(bytes.NewReader(raw))
		raw = []byte(r.FormValue("payload"))
	}
	var p payload
	if err := json.Unmarshal(raw, &p); err != nil {
		c.t.Errorf("a request that is no JSON: %s", raw)
		return
	}
	kind, what := p.Type, p.Event.Type
	if len(p.Actions) == 1 {
		a := p.Actions[0]
		what, _ = a["action_id"].(string)
		c.keep(what + " " + chosenIn(a))
	}
	if kind == "view_submission" {
		what = p.View.Callback
	}
	if answer := c.on(kind, what, p); answer != "" {
		rw.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(rw, answer)
	}
}

// chosenIn is what an action or an input holds.
func chosenIn(a map[string]any) string {
	for _, key := range []string{"selected_date", "selected_time", "selected_user", "value"} {
		if s, is := a[key].(string); is {
			return s
		}
	}
	if n, is := a["selected_date_time"].(float64); is {
		return time.Unix(int64(n), 0).UTC().Format("2006-01-02 15:04")
	}
	if o, is := a["selected_option"].(map[string]any); is {
		return fmt.Sprint(o["value"])
	}
	var all []string
	list, _ := a["selected_options"].([]any)
	for _, o := range list {
		all = append(all, fmt.Sprint(o.(map[string]any)["value"]))
	}
	return strings.Join(all, ",")
}

func (c *client) keep(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.chose = append(c.chose, strings.TrimSpace(what))
}

// got waits until the client has got something, and fails when it has got it more than once.
func (c *client) got(what string) {
	c.t.Helper()
	for deadline := time.Now().Add(browserWaits); ; time.Sleep(15 * time.Millisecond) {
		c.mu.Lock()
		n, all := 0, strings.Join(c.chose, ", ")
		for _, one := range c.chose {
			if one == what {
				n++
			}
		}
		c.mu.Unlock()
		switch {
		case n == 1:
			return
		case n > 1 || time.Now().After(deadline):
			c.t.Fatalf("the client got %q %d times; it got: %s", what, n, all)
		}
	}
}

// no says that it has not got anything that begins so.
func (c *client) no(what string) {
	c.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, one := range c.chose {
		if strings.HasPrefix(one, what) {
			c.t.Errorf("the client got %q", one)
		}
	}
}

// blocks reads blocks as Slack's documentation writes them.
func blocks(t *testing.T, text string) []any {
	t.Helper()
	var out []any
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	return out
}
