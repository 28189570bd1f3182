package practice

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"
)

// socketRig runs slack-go's Socket Mode client; the test reads its events.
func (r *slackRig) socketClient() *socketmode.Client {
	r.t.Helper()
	client := socketmode.New(r.api)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = client.RunContext(ctx)
	}()
	r.t.Cleanup(func() { cancel(); <-done })
	r.next(client, socketmode.EventTypeHello)
	return client
}

// next is the next event of a kind; others are passed over.
func (r *slackRig) next(c *socketmode.Client, kind socketmode.EventType) socketmode.Event {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for {
		select {
		case e := <-c.Events:
			if e.Type == kind {
				return e
			}
		case <-ctx.Done():
			r.t.Fatalf("no event of kind %s came", kind)
		}
	}
}

func TestSlackSocketEvents(t *testing.T) {
	r := newSlackRig(t)
	c := r.socketClient()
	r.say("ana", "team", "hello")
	e := r.next(c, socketmode.EventTypeEventsAPI)
	outer, ok := e.Data.(slackevents.EventsAPIEvent)
	if !ok {
		t.Fatalf("data %T", e.Data)
	}
	if m, ok := outer.InnerEvent.Data.(*slackevents.MessageEvent); !ok || m.Text != "hello" {
		t.Errorf("event %+v", outer.InnerEvent)
	}
	r.must(c.Ack(*e.Request))
	r.delivered()
	if got := len(r.bot.requests("/slack/events")); got != 0 {
		t.Errorf("while a socket is connected HTTP gets nothing, got %d", got)
	}
}

func TestSlackSocketRedelivery(t *testing.T) {
	r := newSlackRig(t)
	r.s.AckWithin = 50 * time.Millisecond
	c := r.socketClient()
	r.say("ana", "team", "hello")
	first := r.next(c, socketmode.EventTypeEventsAPI)
	again := r.next(c, socketmode.EventTypeEventsAPI)
	a, b := first.Data.(slackevents.EventsAPIEvent), again.Data.(slackevents.EventsAPIEvent)
	if again.Request.RetryAttempt != 1 || a.Data.(*slackevents.EventsAPICallbackEvent).EventID != b.Data.(*slackevents.EventsAPICallbackEvent).EventID {
		t.Errorf("redelivered %+v", again.Request)
	}
}

func TestSlackSocketCommandsAndForms(t *testing.T) {
	r := newSlackRig(t)
	c := r.socketClient()
	type result struct {
		answer CommandAnswer
		err    error
	}
	done := make(chan result, 1)
	go func() {
		a, err := r.s.Command(context.Background(), "ana", "team", "/incident list @ben")
		done <- result{a, err}
	}()
	e := r.next(c, socketmode.EventTypeSlashCommand)
	if cmd := e.Data.(slack.SlashCommand); cmd.Text != "list <@"+r.id("ben")+"|ben>" || cmd.TriggerID == "" {
		t.Errorf("command %+v", cmd)
	}
	r.must(c.Ack(*e.Request, map[string]any{"text": "nothing is open"}))
	if got := <-done; got.err != nil || got.answer.Text != "nothing is open" {
		t.Errorf("answer %+v", got)
	}
	pressed := make(chan error, 1)
	go func() { pressed <- r.s.Shortcut(context.Background(), "ana", "declare") }()
	e = r.next(c, socketmode.EventTypeInteractive)
	_, err := r.api.OpenView(e.Data.(slack.InteractionCallback).TriggerID, form())
	r.must(err)
	r.must(c.Ack(*e.Request))
	r.must(<-pressed)
	r.must(r.s.Fill("ana", "title", "db down"))
	r.must(r.s.Fill("ana", "severity", "degraded"))
	submitted := make(chan SubmitAnswer, 1)
	go func() {
		out, err := r.s.Submit(context.Background(), "ana")
		if err != nil {
			t.Error(err)
		}
		submitted <- out
	}()
	e = r.next(c, socketmode.EventTypeInteractive)
	r.must(c.Ack(*e.Request, slack.NewErrorsViewSubmissionResponse(map[string]string{"title": "too vague"})))
	if out := <-submitted; out.Errors["title"] != "too vague" {
		t.Errorf("submitted %+v", out)
	}
}

func TestSlackSocketReconnects(t *testing.T) {
	r := newSlackRig(t)
	c := r.socketClient()
	r.s.Disconnect("refresh_requested")
	r.next(c, socketmode.EventTypeHello)
	r.s.CutSockets()
	r.next(c, socketmode.EventTypeHello)
	r.say("ana", "team", "still here?")
	e := r.next(c, socketmode.EventTypeEventsAPI)
	r.must(c.Ack(*e.Request))
	r.delivered()
}

func TestSlackSocketTickets(t *testing.T) {
	r := newSlackRig(t)
	_, url, err := r.api.StartSocketModeContext(t.Context())
	r.must(err)
	if !strings.HasPrefix(url, "ws"+strings.TrimPrefix(r.url, "http")+"/practice/slack/socket?ticket=") {
		t.Fatalf("url %s", url)
	}
	conn, _, err := websocket.DefaultDialer.DialContext(t.Context(), url, nil)
	r.must(err)
	t.Cleanup(func() { _ = conn.Close() })
	if _, _, err := websocket.DefaultDialer.DialContext(t.Context(), url, nil); err == nil {
		t.Error("a ticket was good for two connections")
	}
	for i := range maxSockets {
		_, url, err := r.api.StartSocketModeContext(t.Context())
		r.must(err)
		conn, _, err := websocket.DefaultDialer.DialContext(t.Context(), url, nil)
		r.must(err)
		t.Cleanup(func() { _ = conn.Close() })
		var frame struct{ Type, Reason string }
		r.must(conn.ReadJSON(&frame))
		want := "hello "
		if i == maxSockets-1 {
			want = "disconnect too_many_websockets"
		}
		if got := frame.Type + " " + frame.Reason; got != want {
			t.Errorf("connection %d got %q, want %q", i+2, got, want)
		}
	}
	_, err = slack.New(r.s.BotToken(), slack.OptionAPIURL(r.url+SlackPath), slack.OptionAppLevelToken("xapp-other")).AuthTest()
	r.must(err)
	_, _, err = slack.New("", slack.OptionAPIURL(r.url+SlackPath), slack.OptionAppLevelToken("xapp-other")).StartSocketModeContext(t.Context())
	wantErr(t, "another app token", err, "invalid_auth")
}
