package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"watchbell/incidents"
)

// recorded is everything in the database that a request could change, and the number of calls that the bot has made.
func (s *story) recorded() string {
	s.Helper()
	var b strings.Builder
	s.must(s.bot.app.store.View(s.ctx, func(r incidents.Reader) error {
		found, err := r.Find(incidents.Query{})
		if err != nil {
			return err
		}
		for _, in := range found {
			if in, err = r.Incident(in.Number); err != nil {
				return err
			}
			entries, err := r.Entries(in.Number)
			if err != nil {
				return err
			}
			if err := json.NewEncoder(&b).Encode([]any{in, entries}); err != nil {
				return err
			}
		}
		return nil
	}))
	open, err := json.Marshal(s.deliveries())
	s.must(err)
	fmt.Fprintf(&b, "%s\ncalls: %d\n", open, s.Wire.Count(""))
	return b.String()
}

// request sends any request to the bot.
func (s *story) request(method, path string, header http.Header, body io.Reader) (int, string) {
	s.Helper()
	req, err := http.NewRequestWithContext(s.ctx, method, s.bot.url+path, body)
	s.must(err)
	for name, values := range header {
		req.Header[name] = values
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	s.must(err)
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	s.must(err)
	return resp.StatusCode, string(answer)
}

// command is the body of a slash command as Slack sends it.
func (s *story) command(who, channel, text, trigger string) []byte {
	return []byte(url.Values{
		"command": {"/incident"}, "text": {text}, "user_id": {s.Slack.User(who).ID}, "channel_id": {s.Slack.Channel(channel).ID},
		"team_id": {"T0PRACTICE"}, "trigger_id": {trigger},
	}.Encode())
}

// Requests that cannot be Slack's, or that nobody can read, get a 4xx and change nothing.
func TestStoryBadRequests(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	good := s.command("ana", "team", "declare a second incident", "1.1")
	signed := func(body []byte) http.Header { return s.Slack.Sign(s.clock.Now(), body) }
	with := func(h http.Header, name, value string) http.Header {
		h.Set(name, value)
		return h
	}
	huge := append(s.command("ana", "team", "declare ", "1.2"), bytes.Repeat([]byte("x"), 8<<20)...)
	zip := []byte("\x1f\x8b\x08\x00\x00\x00\x00\x00")
	before := s.recorded()
	for _, c := range []struct {
		name, method, path string
		header             http.Header
		body               io.Reader
		want               int
	}{
		{"unsigned", "POST", "/slack/commands", nil, bytes.NewReader(good), 401},
		{"no signature", "POST", "/slack/commands", with(signed(good), "X-Slack-Signature", ""), bytes.NewReader(good), 401},
		{"no timestamp", "POST", "/slack/commands", with(signed(good), "X-Slack-Request-Timestamp", ""), bytes.NewReader(good), 401},
		{"wrong signature", "POST", "/slack/commands", with(signed(good), "X-Slack-Signature", "v0="+strings.Repeat("0", 64)), bytes.NewReader(good), 401},
		{"another's signature", "POST", "/slack/commands", signed([]byte("other")), bytes.NewReader(good), 401},
		{"301 s old", "POST", "/slack/commands", s.Slack.Sign(s.clock.Now().Add(-301*time.Second), good), bytes.NewReader(good), 401},
		{"302 s ahead", "POST", "/slack/commands", s.Slack.Sign(s.clock.Now().Add(302*time.Second), good), bytes.NewReader(good), 401},
		{"unsigned event", "POST", "/slack/events", nil, strings.NewReader(`{"type":"url_verification","challenge":"x"}`), 401},
		{"unsigned press", "POST", "/slack/interactions", nil, strings.NewReader("payload={}"), 401},
		{"oversized", "POST", "/slack/commands", signed(huge), bytes.NewReader(huge), 413},
		{"oversized, length unknown", "POST", "/slack/commands", signed(huge), io.MultiReader(bytes.NewReader(huge)), 413},
		{"oversized event", "POST", "/slack/events", signed(huge), bytes.NewReader(huge), 413},
		{"no body", "POST", "/slack/commands", signed(nil), nil, 400},
		{"malformed form", "POST", "/slack/commands", signed([]byte("command=%zz;;")), strings.NewReader("command=%zz;;"), 400},
		{"binary", "POST", "/slack/commands", signed(zip), bytes.NewReader(zip), 400},
		{"command of nobody", "POST", "/slack/commands", signed([]byte("command=%2Fincident&text=declare+x")), strings.NewReader("command=%2Fincident&text=declare+x"), 400},
		{"malformed event", "POST", "/slack/events", signed([]byte("{")), strings.NewReader("{"), 400},
		{"event that is a list", "POST", "/slack/events", signed([]byte("[1]")), strings.NewReader("[1]"), 400},
		{"no payload", "POST", "/slack/interactions", signed([]byte("x=1")), strings.NewReader("x=1"), 400},
		{"malformed payload", "POST", "/slack/interactions", signed([]byte("payload=%7B")), strings.NewReader("payload=%7B"), 400},
		{"malformed options", "POST", "/slack/options", signed([]byte("payload=null")), strings.NewReader("payload=null"), 400},
		{"GET", "GET", "/slack/commands", signed(good), nil, 405},
		{"PUT", "PUT", "/slack/events", signed(good), bytes.NewReader(good), 405},
		{"POST to health", "POST", "/healthz", nil, nil, 405},
		{"nowhere", "POST", "/slack/nothing", signed(good), bytes.NewReader(good), 404},
	} {
		if got, answer := s.request(c.method, c.path, c.header, c.body); got != c.want {
			t.Errorf("%s: status %d, want %d: %s", c.name, got, c.want, answer)
		}
		if after := s.recorded(); after != before {
			t.Errorf("%s changed something:\n%s", c.name, difference(before, after))
			before = after
		}
	}
	s.quiet()
	s.types("ana", "#incident", "/incident log and the bot still works")
	s.quiet()
}

// Requests of Slack's that hold what nobody expects are acknowledged, change nothing and kill nothing.
func TestStoryOddRequests(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	before := s.recorded()
	for path, bodies := range map[string][]string{
		"/slack/events": {
			`{"type":"event_callback"}`, `{"type":"event_callback","event_id":"Ev1","event":null}`,
			`{"type":"event_callback","event_id":"Ev2","event":{"type":"message","channel":7,"text":{}}}`,
			`{"type":"event_callback","event_id":"Ev3","event":{"type":"reaction_added","item":"x"}}`,
			`{"type":"event_callback","event_id":"Ev4","event":{"type":"team_melted"}}`,
			`{"type":"something_new"}`, `{"type":"app_rate_limited"}`,
		},
		"/slack/interactions": {
			`{"type":"block_actions"}`, `{"type":"block_actions","user":{"id":"U1"},"actions":[{}]}`,
			`{"type":"view_submission","user":{"id":"U1"},"view":{"id":"V1","callback_id":"nothing","state":{"values":[]}}}`,
			`{"type":"view_submission","user":{"id":"U1"},"view":{"id":"V2","callback_id":"log","private_metadata":"{","state":{"values":[]}}}`,
			`{"type":"shortcut","user":{"id":"U1"}}`, `{"type":"message_action","user":{"id":"U1"},"callback_id":"add_to_timeline"}`,
			`{"type":"something_new","user":{"id":"U1"}}`,
		},
	} {
		for _, body := range bodies {
			sent := []byte(body)
			if path == "/slack/interactions" {
				sent = []byte(url.Values{"payload": {body}}.Encode())
			}
			if got, answer := s.request("POST", path, s.Slack.Sign(s.clock.Now(), sent), bytes.NewReader(sent)); got != 200 {
				t.Errorf("%s is answered by %d %s", body, got, answer)
			}
		}
	}
	s.quietBut(func(d incidents.Delivery) bool { return d.Kind == incidents.KindAnswer })
	facts := func(recorded string) string { head, _, _ := strings.Cut(recorded, "\n"); return head }
	if after := s.recorded(); facts(after) != facts(before) {
		t.Errorf("something changed:\n%s", difference(before, after))
	}
}

// A signed request that comes again is answered like the first and changes nothing; when its time is over it is refused.
func TestStoryReplay(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	for _, text := range []string{
		"declare checkout is down", "log #1 -5m something happened", "action #1 do something", "severity #1 purple", "log #1 23:50 not yet",
		"severity #1 severe", "resolve #1", "backfill an old one",
	} {
		body := s.command("ana", "team", text, "1."+text)
		header := s.Slack.Sign(s.clock.Now(), body)
		status, first := s.request("POST", "/slack/commands", header, bytes.NewReader(body))
		if status != 200 {
			t.Fatalf("%q: status %d", text, status)
		}
		s.quiet()
		before := s.recorded()
		for range 3 {
			status, again := s.request("POST", "/slack/commands", header, bytes.NewReader(body))
			if status != 200 || again != first {
				t.Errorf("%q is answered by\n%s\nand then by %d\n%s", text, first, status, again)
			}
		}
		s.quiet()
		if after := s.recorded(); after != before {
			t.Errorf("the replay of %q changed something:\n%s", text, difference(before, after))
		}
		s.clock.JumpTo(s.clock.Now().Add(302 * time.Second))
		if status, _ := s.request("POST", "/slack/commands", header, bytes.NewReader(body)); status != 401 {
			t.Errorf("%q, five minutes later: status %d", text, status)
		}
	}
}

// What people mistype is answered by a sentence that says what to do, it is shown to them again, and what is offered
// works.
func TestStoryTypingMistakes(t *testing.T) {
	t.Parallel()
	for _, socket := range []bool{false, true} {
		t.Run(wire(socket)[1:], func(t *testing.T) {
			t.Parallel()
			s := newStory(t, storyOptions{socket: socket})
			s.refused("dan", "#team", "/incident log nothing to log it to", "declare", "/incident log nothing to log it to")
			s.refused("dan", "#team", "/incident declar checkout is down", "/incident declare", "/incident declar checkout is down", "help")
			s.refused("dan", "#team", "/incident stauts identified", "/incident status")

			long := strings.TrimSpace(strings.Repeat("checkout ", 34))[:300]
			s.refused("dan", "#team", "/incident declare "+long, "300 characters", "200", long)
			if n := len(s.made()); n != 0 {
				t.Errorf("a title that was refused opened %d channels", n)
			}
			s.accepts("dan", "#team", "Declare it")
			s.quiet()
			s.holds("the card", s.summary, "#1 checkout", long)

			s.at("09:10")
			s.refused("dan", "#incident", "/incident log 09:05", "Write what happened")
			s.refused("dan", "#incident", "/incident log 23:50 the backup ran", "ahead", "/incident log 23:50 the backup ran")
			s.accepts("dan", "#incident", "I mean yesterday")
			s.refused("dan", "#incident", "/incident log 23:40 the maintenance window opens", "ahead")
			if got := s.accepts("dan", "#incident", "I do mean"); !strings.HasPrefix(got, "Logged at 23:40") {
				t.Errorf("what was meant was answered by %q", got)
			}
			s.refused("dan", "#incident", "/incident role comms", "Nobody is named", "/incident role communications @name")
			if got := s.accepts("dan", "#incident", "I take it"); !strings.Contains(got, "Communications") {
				t.Errorf("taking the role was answered by %q", got)
			}
			s.refused("dan", "#incident", "/incident role comms @nobody", "@nobody", "pick the person")
			s.refused("dan", "#incident", "/incident role cook @ana", "cook", "lead", "ops", "communications")
			s.refused("dan", "#incident", "/incident severity purple", "degradation", "severe", "downtime", "/incident severity purple")
			s.refused("dan", "#incident", "/incident status purple", "identified", "/incident status purple")
			s.refused("dan", "#incident", "/incident draft ending It was over.", "ending", "impact", "/incident draft ending It was over.")
			s.refused("dan", "#incident", "/incident resolve soon", "soon")
			s.refused("dan", "#incident", "/incident log #99 something", "no incident #99", "list")
			s.refused("dan", "#incident", "/incident close", "resolve")

			s.types("ana", "#team", "/incident declare search is slow")
			s.quiet()
			s.refused("dan", "#team", "/incident log restarted the index", "Which incident", "/incident log restarted the index")
			if got := s.accepts("dan", "#team", "#2 search is slow"); !strings.Contains(got, "of #2") {
				t.Errorf("choosing the incident was answered by %q", got)
			}
			s.quiet()
			s.holds("the second card", s.summary, "restarted the index")
			s.types("dan", "#team", "/incident resolve #1")
			s.quiet()
			post, _ := s.post()
			for _, line := range []string{"16/03/2026 23:50 - the backup ran", "17/03/2026 23:40 - the maintenance window opens"} {
				if strings.Count(post, line) != 1 {
					t.Errorf("%q is not once in the post:\n%s", line, post)
				}
			}
		})
	}
}

// The same in a thread, where people mention the bot, and in forms.
func TestStoryMistakesInThreadsAndForms(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("dan", "#team", "/incident declare checkout is down")
	s.quiet()
	channel := s.channel("#incident")
	ts, err := s.Slack.Say("dan", channel, "who looks?")
	s.must(err)
	told := func(text string) string {
		n := len(s.ephemerals("dan"))
		_, err := s.Slack.Reply("dan", channel, ts, text)
		s.must(err)
		return s.told("dan", n)
	}
	if got := told("@watchbell log"); !strings.HasPrefix(got, ":x:") || !strings.Contains(got, "Write what happened") {
		t.Errorf("an empty log is answered by %q", got)
	}
	if got := told("@watchbell lgo it works"); !strings.HasPrefix(got, ":x:") || !strings.Contains(got, "log") {
		t.Errorf("a mistyped log is answered by %q", got)
	}
	if got := told("@watchbell log it works"); !strings.HasPrefix(got, "Logged at") {
		t.Errorf("a log is answered by %q", got)
	}

	s.presses("dan", "#incident", "Add entry")
	complaints := s.fills("dan", "text", "not yet", "time", "23:50")
	if v := s.Slack.View("dan"); len(complaints) > 0 || v == nil || !strings.Contains(s.Slack.ViewText(v), "still ahead") || field(v, "text") != "not yet" {
		t.Errorf("a time ahead is answered by %q, the form is %+v", complaints, v)
	}
	if complaints = s.fills("dan", "time", "teatime"); !strings.Contains(complaints["time"], "14:05") {
		t.Errorf("a time that is none is answered by %q", complaints)
	}
	if complaints = s.fills("dan", "time", ""); len(complaints) != 0 {
		t.Errorf("the corrected form is answered by %q", complaints)
	}
	s.must(s.Slack.Shortcut(s.ctx, "dan", "declare"))
	if complaints = s.fills("dan", "title", strings.Repeat("x", 300)); !strings.Contains(complaints["title"], "200") {
		t.Errorf("a long title is answered by %q", complaints)
	}
	s.sends("dan", "title", "a shorter one")
	s.quiet()
	if n := len(s.made()); n != 2 {
		t.Errorf("there are %d channels", n)
	}
}
