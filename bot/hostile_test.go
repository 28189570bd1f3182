package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"watchbell/incidents"
)

// hostile makes requests as somebody would who means harm.
type hostile struct {
	*story
	random *rand.Rand
	// taken are requests that were carried out, to be replayed.
	taken [][]byte
}

const hostileRequests = 10_000

// footprint is what the bot takes up: the goroutines of its story, and the bytes on the heap that are in use, but for the log that
// the test keeps. The heap is everybody's: it is looked at only where no other test runs, as with -run '^TestHostileRequests$'.
type footprint struct{ goroutines, heap int }

func (h *hostile) footprint() footprint {
	h.quietBut(func(d incidents.Delivery) bool { return d.Kind == incidents.KindAnswer })
	var f footprint
	for _, stack := range strings.Split(labelled(h.label), "\n\n") {
		n := 0 // goroutines that stand at the same place
		_, _ = fmt.Sscanf(stack, "%d @", &n)
		f.goroutines += n
	}
	if only := flag.Lookup("test.run"); only != nil && only.Value.String() == "^TestHostileRequests$" {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		f.heap = int(m.HeapAlloc) - len(h.log.text())
	}
	return f
}

// TestHostileRequests sends requests that are unsigned, stale, replayed, oversized, malformed, deeply nested or of the
// wrong types at every address. None makes the bot fail, changes a fact, or learns a secret.
func TestHostileRequests(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{configure: func(c *Config) {
		c.PublicURL = "https://watch.example.org"
		c.secrets.githubHook = "a secret of GitHub's webhook"
		c.Limits.PerAddress = 60 // few, for a slow machine sends few in a minute
	}})
	s.types("ana", "#team", "/incident declare zebrawords leaked")
	s.types("ana", "#team", "/incident log #1 zebrawords")
	h := &hostile{story: s, random: rand.New(rand.NewPCG(1, 2))}
	handler := s.bot.app.handler()
	statuses := map[int]int{}
	answers := func(d incidents.Delivery) bool { return d.Kind == incidents.KindAnswer }
	send := func(r *http.Request) string {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		statuses[w.Code]++
		if w.Code >= 500 {
			t.Errorf("%s %s is answered by %d: %.200s", r.Method, r.URL.Path, w.Code, w.Body)
		}
		return w.Body.String()
	}
	for _, line := range []string{"log #1 once", "status #1 identified", "action #1 tell the customers"} {
		body := s.command("ana", "team", line, "9."+line)
		send(h.signed("/slack/commands", body, s.clock.Now()))
		h.taken = append(h.taken, body)
	}
	s.quiet()
	facts := func() string { head, _, _ := strings.Cut(s.recorded(), "\n"); return head }
	before, secrets := facts(), []string{
		s.config.secrets.slackBot, s.config.secrets.slackSigning, s.config.secrets.trelloKey, s.config.secrets.trelloToken,
		s.config.secrets.github, s.config.secrets.githubHook, "zebrawords",
	}
	var small footprint
	for i := range hostileRequests {
		if i == hostileRequests/5 { // what is kept for later, and as much as a bound allows, is there by then
			small = h.footprint()
		}
		r, mayEcho := h.request(i)
		answer := send(r)
		for _, secret := range secrets {
			if secret != "" && !mayEcho && strings.Contains(answer, secret) {
				t.Fatalf("%s %s learns %q: %.300s", r.Method, r.URL.Path, secret, answer)
			}
		}
	}
	s.quietBut(answers)
	// The test itself keeps the bot's log, and what Slack's stand-in was told.
	large := h.footprint()
	t.Logf("after %d requests %+v, after %d %+v", hostileRequests/5, small, hostileRequests, large)
	if large.goroutines > small.goroutines+20 || large.heap > small.heap+16<<20 {
		t.Error("it grows")
	}
	if after := facts(); after != before {
		t.Errorf("something changed:\n%s", difference(before, after))
	}
	if strings.Contains(s.log.text(), "zebrawords") {
		t.Error("the log holds what people wrote")
	}
	for _, status := range []int{200, 400, 401, 403, 404, 405, 413, 415, 429} {
		if statuses[status] == 0 {
			t.Errorf("nothing was answered by %d: %v", status, statuses)
		}
	}
	s.types("ana", "#incident", "/incident log and the bot still works")
	s.quietBut(answers)
}

func (h *hostile) signed(path string, body []byte, at time.Time) *http.Request {
	r := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body))
	r.Header = h.Slack.Sign(at, body)
	return r
}

func pick[T any](h *hostile, of ...T) T { return of[h.random.IntN(len(of))] }

// request is the next request; mayEcho says that it is that of somebody who may read what they wrote.
func (h *hostile) request(i int) (r *http.Request, mayEcho bool) {
	now := h.clock.Now()
	path := pick(h, "/slack/commands", "/slack/events", "/slack/interactions", "/slack/options")
	harmful := h.command("dan", "team", fmt.Sprintf("declare harm %d", i), fmt.Sprintf("7.%d", i))
	switch i % 12 {
	case 0: // unsigned
		return httptest.NewRequest(http.MethodPost, path, bytes.NewReader(harmful)), false
	case 1: // signed with nothing, or too early or late
		r = h.signed(path, harmful, now.Add(pick(h, -301*time.Second, 302*time.Second, -time.Hour*24*365*50)))
		if h.random.IntN(3) == 0 {
			r = h.signed(path, harmful, now)
			r.Header.Set(pick(h, "X-Slack-Signature", "X-Slack-Request-Timestamp"), pick(h, "", "v0=", "v0="+strings.Repeat("0", 64), "9223372036854775807", "-1", "\x00"))
		}
		return r, false
	case 2: // replayed
		return h.signed("/slack/commands", pick(h, h.taken...), now), true
	case 3: // oversized
		if i%120 != 3 {
			r = httptest.NewRequest(http.MethodPost, path, http.NoBody)
			r.ContentLength = 1 << 40
			return r, false
		}
		body := append(harmful, bytes.Repeat([]byte("x"), 1<<20)...)
		return h.signed(path, body, now), false
	case 4: // malformed, and signed
		return h.signed(path, h.broken(harmful), now), false
	case 5: // deeply nested
		return h.signed(path, h.nested(path), now), false
	case 6, 7: // of the wrong types
		return h.signed(path, h.mistyped(path, i), now), false
	case 8: // of the wrong kind
		r = h.signed(path, harmful, now)
		r.Header.Set("Content-Type", pick(h, "text/plain", "multipart/form-data; boundary=x", "application/xml", ";;;", "image/png"))
		return r, false
	case 9: // pages
		return h.page(), false
	case 10: // GitHub's way in
		r = httptest.NewRequest(http.MethodPost, "/github/webhook", bytes.NewReader(h.nested("/slack/events")))
		r.Header.Set("X-Hub-Signature-256", pick(h, "", "sha256=", "sha256="+strings.Repeat("0", 64), "zz"))
		return r, false
	}
	r = httptest.NewRequest(pick(h, "PUT", "DELETE", "PATCH", "OPTIONS", "GET", "TRACE"), pick(h, path, "/metrics/../slack", "/%2e%2e/etc/passwd", "/healthz", "/debug/pprof/", "/slack"), bytes.NewReader(harmful))
	return r, false
}

func (h *hostile) page() *http.Request {
	path := pick(h, "/log", "/incidents/1", "/incidents/-1", "/incidents/999999999999999999999", "/log/style.css", "/status")
	link := pick(h, "", "x", "e30.e30", strings.Repeat("A", 5000), "eyJwIjoibG9nIiwibiI6MX0.AAAA", "%00", "'\"<script>")
	r := httptest.NewRequest(pick(h, "GET", "POST"), path, strings.NewReader("text=harm&form=x&time=now"))
	r.URL.RawQuery = url.Values{"link": {link}, "zone": {pick(h, "", "../../etc/passwd", "Local")}, "said": {"-1"}}.Encode()
	r.Header.Set("Content-Type", pick(h, "application/x-www-form-urlencoded", "application/json", ""))
	return r
}

// broken is a body with bytes changed, taken out or put in, so that it names no person any more.
func (h *hostile) broken(body []byte) []byte {
	body = bytes.ReplaceAll(bytes.Clone(body), []byte("user_id="), []byte("user_ix="))
	for range 1 + h.random.IntN(10) {
		at := h.random.IntN(len(body))
		switch h.random.IntN(3) {
		case 0:
			body[at] = byte(h.random.IntN(256))
		case 1:
			body = append(body[:at], body[at+1:]...)
		default:
			body = append(body[:at], append([]byte(pick(h, "%", "%zz", "\x00", "{", "\xff\xfe", "&&&", "=")), body[at:]...)...)
		}
	}
	return body
}

func (h *hostile) nested(path string) []byte {
	deep := 100 + h.random.IntN(20_000)
	open, end := pick(h, "[", `{"event":`, `{"a":`), ""
	if h.random.IntN(2) == 0 {
		end = strings.Repeat(map[string]string{"[": "]"}[open[:1]]+map[string]string{"{": "}"}[open[:1]], deep)
	}
	text := `{"type":"event_callback","event_id":"E","event":` + strings.Repeat(open, deep) + end
	if path == "/slack/events" {
		return []byte(text)
	}
	return []byte(url.Values{"payload": {text}}.Encode())
}

// mistyped is a payload of Slack's in which something that the bot needs is of another type.
func (h *hostile) mistyped(path string, i int) []byte {
	odd := func() any {
		return pick[any](h, nil, true, 0, -1.5e300, "", "x", []any{}, map[string]any{}, []any{[]any{nil}}, map[string]any{"id": map[string]any{}}, strings.Repeat("U", 3000))
	}
	payload := pick(h,
		map[string]any{"type": "event_callback", "event_id": fmt.Sprintf("Eh%d", i), "team_id": odd(), "event": map[string]any{"type": pick(h, "message", "app_mention", "reaction_added", "pin_added", "app_home_opened", "member_joined_channel"), "channel": odd(), "user": odd(), "text": odd(), "ts": odd(), "item": odd(), "reaction": odd()}},
		map[string]any{"type": "block_actions", "trigger_id": odd(), "user": odd(), "actions": []any{map[string]any{"action_id": odd(), "value": odd(), "type": odd()}}},
		map[string]any{"type": "view_submission", "user": map[string]any{"id": odd()}, "view": map[string]any{"id": odd(), "callback_id": pick[any](h, "log", "role", "draft", odd()), "private_metadata": odd(), "state": odd()}},
		map[string]any{"type": pick[any](h, "shortcut", "message_action", odd()), "callback_id": odd(), "user": odd(), "message": odd(), "channel": odd()},
	)
	text, err := json.Marshal(payload)
	h.must(err)
	if path == "/slack/events" {
		return text
	}
	return []byte(url.Values{"payload": {string(text)}}.Encode())
}

// A service, or whoever stands in its way, that sends the bot elsewhere is not followed: nobody else gets a call, let alone
// a token.
func TestStoryRedirectsLeadNowhere(t *testing.T) {
	t.Parallel()
	var elsewhere, sent atomic.Int64
	trap := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer trap.Close()
	var on atomic.Bool
	s := newStory(t, storyOptions{around: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if on.Load() {
				sent.Add(1)
				http.Redirect(w, r, trap.URL+r.URL.Path, http.StatusTemporaryRedirect)
				return
			}
			next.ServeHTTP(w, r)
		})
	}})
	on.Store(true)
	s.types("ana", "#team", "/incident declare checkout is down")
	s.types("ana", "#team", "/incident action #1 rotate the keys")
	s.types("ana", "#team", "/incident postmortem #1")
	s.until("Slack, Trello and GitHub were called", func() bool {
		failed := map[incidents.Target]bool{}
		for _, d := range s.deliveries() {
			failed[d.Target] = failed[d.Target] || d.Failures > 0
		}
		return len(failed) == 3 && failed[incidents.Slack] && failed[incidents.Trello] && failed[incidents.GitHub]
	})
	on.Store(false)
	if elsewhere.Load() != 0 || sent.Load() == 0 {
		t.Errorf("%d of %d redirects were followed", elsewhere.Load(), sent.Load())
	}
}

// FuzzConcerns reads what whoever knows the webhook's secret may send in GitHub's place.
func FuzzConcerns(f *testing.F) {
	for _, seed := range []string{
		`{"ref":"refs/heads/post-mortem/inc-1"}`, `{"ref":"refs/heads/post-mortem/inc--1"}`, `{"pull_request":{"number":1e99}}`, `{"pull_request":[]}`,
		`{"issue":{"number":-1}}`, `null`, `[]`, ``, `{"ref":7}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if is := concerns(body); is != nil && is(incidents.Incident{}) {
			t.Errorf("%q concerns an incident that is none", body)
		}
	})
}
