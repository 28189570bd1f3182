package practice

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
)

// The vector of https://docs.slack.dev/authentication/verifying-requests-from-slack.
func TestSlackSignatureVector(t *testing.T) {
	const body = `token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c`
	const want = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
	if got := signSlack("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", []byte(body)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// now is real time here, because slack-go compares with the wall clock.
func TestSlackSignatureIsWhatSlackGoVerifies(t *testing.T) {
	r := newSlackRig(t)
	body := []byte(`{"type":"event_callback"}`)
	for at, ok := range map[time.Time]bool{time.Now(): true, time.Now().Add(-301 * time.Second): false} {
		v, err := slack.NewSecretsVerifier(r.s.Sign(at, body), r.s.SigningSecret())
		if err == nil {
			_, _ = v.Write(body)
			err = v.Ensure()
		}
		if (err == nil) != ok {
			t.Errorf("signed at %s: %v", at, err)
		}
	}
}

// inner is the kind and subtype of an event that came over HTTP.
func inner(t *testing.T, g gotten) (id, kind string, event map[string]any) {
	t.Helper()
	var e struct {
		ID    string         `json:"event_id"`
		Event map[string]any `json:"event"`
	}
	if err := json.Unmarshal(g.body, &e); err != nil {
		t.Fatal(err)
	}
	kind, _ = e.Event["type"].(string)
	if sub, _ := e.Event["subtype"].(string); sub != "" {
		kind += "/" + sub
	}
	return e.ID, kind, e.Event
}

func (r *slackRig) events() []string {
	r.t.Helper()
	r.delivered()
	var kinds []string
	for _, g := range r.bot.requests("/slack/events") {
		_, kind, _ := inner(r.t, g)
		kinds = append(kinds, kind)
	}
	return kinds
}

func TestSlackEventsOfPeople(t *testing.T) {
	r := newSlackRig(t)
	ts := r.say("ana", "team", "db <down>, see https://x.io/a?b=1&c=2. @watchbell look")
	r.must(r.s.EditMessage("ana", "team", ts, "db is back"))
	r.must(r.s.React("ben", "team", ts, "pushpin"))
	r.must(r.s.React("ben", "team", ts, "pushpin"))
	r.must(r.s.Unreact("ben", "team", ts, "pushpin"))
	r.must(r.s.Pin("ben", "team", ts))
	reply, err := r.s.Reply("ben", "team", ts, "thanks")
	r.must(err)
	r.must(r.s.DeleteMessage("ben", "team", reply))
	r.must(r.s.Leave("ben", "team"))
	want := "message app_mention message/message_changed reaction_added reaction_removed pin_added message message/message_deleted " +
		"message/channel_leave member_left_channel"
	if got := strings.Join(r.events(), " "); got != want {
		t.Errorf("events\n%s\nwant\n%s", got, want)
	}
	list := r.bot.requests("/slack/events")
	_, _, event := inner(t, list[0])
	wantText := "db &lt;down&gt;, see <https://x.io/a?b=1&amp;c=2>. <@" + BotUser + "> look"
	if event["text"] != wantText || event["ts"] != ts || event["channel_type"] != "channel" {
		t.Errorf("message event %v", event)
	}
	for _, g := range list {
		if _, err := slackevents.ParseEvent(g.body, slackevents.OptionNoVerifyToken()); err != nil {
			t.Errorf("slack-go cannot read %s: %v", g.body, err)
		}
		want := signSlack(r.s.SigningSecret(), g.header.Get("X-Slack-Request-Timestamp"), g.body)
		if g.header.Get("X-Slack-Signature") != want {
			t.Error("an event is not signed")
		}
	}
	if id0, _, _ := inner(t, list[0]); id0 == "" {
		t.Error("an event without id")
	}
	_, _, mention := inner(t, list[1])
	if mention["ts"] != ts {
		t.Error("the mention has the message's ts")
	}
	_, _, deleted := inner(t, list[7])
	if deleted["deleted_ts"] != reply || deleted["ts"] == reply || deleted["hidden"] != true {
		t.Errorf("deletion %v", deleted)
	}
}

func TestSlackNoEventsWithoutTheBot(t *testing.T) {
	r := newSlackRig(t)
	_, err := r.s.AddChannel("ops", false, "ana", "ben")
	r.must(err)
	ts := r.say("ana", "ops", "not for @watchbell")
	r.must(r.s.React("ben", "ops", ts, "eyes"))
	if got := r.events(); len(got) > 0 {
		t.Errorf("the bot is not in the channel and got %v", got)
	}
	r.must(r.s.Invite("ana", "ops", BotName))
	r.say("ana", "ops", "now it is")
	if got := strings.Join(r.events(), " "); got != "message/channel_join member_joined_channel message" {
		t.Errorf("events %s", got)
	}
	if _, err := r.s.Say("watchbell", "secret", "x"); err == nil {
		t.Error("a channel that is not there was spoken in")
	}
}

func TestSlackOwnMessagesComeBack(t *testing.T) {
	r := newSlackRig(t)
	_, ts, err := r.api.PostMessage(r.id("team"), slack.MsgOptionText("hello", false))
	r.must(err)
	r.delivered()
	_, kind, event := inner(t, r.bot.requests("/slack/events")[0])
	if kind != "message" || event["bot_id"] != slackBot || event["user"] != BotUser || event["ts"] != ts {
		t.Errorf("own message %v", event)
	}
}

func TestSlackRetries(t *testing.T) {
	for _, c := range []struct {
		name    string
		answer  func(n int32, rw http.ResponseWriter)
		reasons string
		lost    int
	}{
		{"taken", func(int32, http.ResponseWriter) {}, "", 0},
		{"twice an error", func(n int32, rw http.ResponseWriter) {
			if n <= 2 {
				rw.WriteHeader(http.StatusInternalServerError)
			}
		}, "1 http_error, 2 http_error", 0},
		{"always an error", func(_ int32, rw http.ResponseWriter) { rw.WriteHeader(http.StatusServiceUnavailable) },
			"1 http_error, 2 http_error, 3 http_error", 1},
		{"no retry asked for", func(_ int32, rw http.ResponseWriter) {
			rw.Header().Set("X-Slack-No-Retry", "1")
			rw.WriteHeader(http.StatusBadRequest)
		}, "", 1},
		{"cut", func(n int32, _ http.ResponseWriter) {
			if n == 1 {
				panic(http.ErrAbortHandler)
			}
		}, "1 connection_failed", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newSlackRig(t)
			var n atomic.Int32
			r.bot.reply(func(rw http.ResponseWriter, _ gotten) { c.answer(n.Add(1), rw) })
			r.say("ana", "team", "hello")
			r.delivered()
			var reasons []string
			ids := map[string]bool{}
			for _, g := range r.bot.requests("/slack/events") {
				id, _, _ := inner(t, g)
				ids[id] = true
				if num := g.header.Get("X-Slack-Retry-Num"); num != "" {
					reasons = append(reasons, num+" "+g.header.Get("X-Slack-Retry-Reason"))
				}
			}
			if got := strings.Join(reasons, ", "); got != c.reasons {
				t.Errorf("retries %q, want %q", got, c.reasons)
			}
			if len(ids) != 1 {
				t.Errorf("a retry keeps the event's id: %v", ids)
			}
			if got := len(r.s.Undelivered()); got != c.lost {
				t.Errorf("%d events lost, want %d", got, c.lost)
			}
		})
	}
}

func TestSlackTimeouts(t *testing.T) {
	r := newSlackRig(t)
	r.s.AckWithin = 50 * time.Millisecond
	release := make(chan struct{})
	var n atomic.Int32
	r.bot.reply(func(http.ResponseWriter, gotten) {
		if n.Add(1) == 1 {
			<-release
		}
	})
	t.Cleanup(func() { close(release) })
	r.say("ana", "team", "hello")
	r.delivered()
	if list := r.bot.requests("/slack/events"); len(list) != 2 || list[1].header.Get("X-Slack-Retry-Reason") != "http_timeout" {
		t.Errorf("%d deliveries", len(list))
	}
	n.Store(0)
	_, err := r.s.Command(context.Background(), "ana", "team", "/incident list")
	if err == nil || !strings.Contains(err.Error(), "operation_timeout") {
		t.Errorf("a slow command: %v", err)
	}
	if got := len(r.bot.requests("/slack/commands")); got != 1 {
		t.Errorf("a command is never repeated, was sent %d times", got)
	}
}

func TestSlackRepeatHoldRelease(t *testing.T) {
	r := newSlackRig(t)
	r.s.Repeat(3)
	r.say("ana", "team", "hello")
	r.delivered()
	list := r.bot.requests("/slack/events")
	if len(list) != 3 || list[0].header.Get("X-Slack-Retry-Num") != "" || list[2].header.Get("X-Slack-Retry-Num") != "2" {
		t.Fatalf("repeated %d times", len(list))
	}
	r.s.Repeat(1)
	r.s.Hold()
	for i := range 4 {
		r.say("ana", "team", fmt.Sprint("held ", i))
	}
	if held := r.s.Held(); len(held) != 4 || held[0].Type != "message" {
		t.Fatalf("held %v", held)
	}
	if err := r.s.Release([]int{9}); err == nil {
		t.Error("an index that is not there was taken")
	}
	r.must(r.s.Release([]int{3, 1, 3, 0})) // 2 is lost, 3 comes twice
	r.delivered()
	var got []string
	for _, g := range r.bot.requests("/slack/events")[3:] {
		_, _, event := inner(t, g)
		got = append(got, fmt.Sprint(event["text"]))
	}
	if strings.Join(got, ",") != "held 3,held 1,held 3,held 0" {
		t.Errorf("released %v", got)
	}
	r.say("ana", "team", "free")
	if n := len(r.events()); n != 8 {
		t.Errorf("after Release nothing is held: %d events", n)
	}
}

func TestSlackRawRequests(t *testing.T) {
	r := newSlackRig(t)
	r.bot.reply(func(rw http.ResponseWriter, g gotten) {
		if g.header.Get("X-Slack-Signature") == "" {
			rw.WriteHeader(http.StatusUnauthorized)
		}
	})
	status, _, _, err := r.s.Post(context.Background(), "/slack/events", http.Header{}, []byte(`{}`))
	r.must(err)
	if status != http.StatusUnauthorized {
		t.Errorf("status %d", status)
	}
	status, _, _, err = r.s.Post(context.Background(), "/slack/events", r.s.Sign(r.clock.now(), []byte(`{}`)), []byte(`{}`))
	r.must(err)
	if status != http.StatusOK {
		t.Errorf("status %d", status)
	}
	id, err := r.s.Emit(json.RawMessage(`{"type":"comet_seen","colour":"green"}`))
	r.must(err)
	r.delivered()
	list := r.bot.requests("/slack/events")
	if got, kind, _ := inner(t, list[len(list)-1]); got != id || kind != "comet_seen" {
		t.Errorf("emitted %s, got %s %s", id, got, kind)
	}
}
