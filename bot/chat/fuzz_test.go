package chat_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"watchbell/bot/chat"
	"watchbell/incidents"
	"watchbell/storage"
)

// fuzzedDesk is a Desk with an incident, for targets that ask it many things.
func fuzzedDesk(f *testing.F) *chat.Desk {
	f.Helper()
	store, err := storage.Open(context.Background(), "sqlite:"+filepath.Join(f.TempDir(), "watchbell.db"), storage.Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = store.Close() })
	noon := time.Date(2026, 3, 17, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return noon }
	service := incidents.NewService(store, incidents.Options{Now: clock, OnlyProcess: true})
	desk := chat.NewDesk(service, chat.DeskOptions{
		Command: "/incident", Reaction: "pushpin", Now: clock, Zone: func(context.Context, string) *time.Location { return berlin },
	})
	if _, err := desk.Said(context.Background(), chat.Said{Event: "first", User: "UANA", Channel: "C1", Text: "declare checkout is down"}); err != nil {
		f.Fatal(err)
	}
	return desk
}

// answered checks what anybody may rely on: there is an answer, and it pings nobody whom the text named.
func answered(t *testing.T, reply chat.Reply, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("it could not be recorded: %v", err)
	}
	if reply.Message == nil {
		return // a form, or errors beside its fields
	}
	text := reply.Message.Text
	if strings.TrimSpace(text) == "" && len(reply.Message.Blocks) == 0 {
		t.Error("the answer is empty")
	}
	for _, ping := range []string{"<!channel", "<!here", "<!everyone"} {
		if strings.Contains(text, ping) {
			t.Errorf("the answer pings: %q", text)
		}
	}
}

var asked atomic.Int64

// somebody asks for the n-th time; one person alone would soon ask too much.
func somebody() (event, user string) {
	n := asked.Add(1)
	return fmt.Sprint("fuzz/", n), fmt.Sprintf("U%04d", n%5000)
}

// FuzzSaid types anything.
func FuzzSaid(f *testing.F) {
	for _, seed := range []string{
		"", "help", "log #1 14:05 see <https://x.io|it>", "declare --private x", "role #1 ops <@U1>", "action #1 x @ana by friday link https://x.io",
		"status #1 monitoring", "edit #1 1", "undo #1", "draft #1 impact ```", "find \"x", "stats 2026-13", "snooze #1 9999999h", "resolve #1 -1m",
		"severity #999999999999999999999 x", "timeline #1 x y", "lgo #1 x", "log #1 <!channel> burns", "\x00", "log since 25:99",
	} {
		f.Add(seed)
	}
	desk := fuzzedDesk(f)
	f.Fuzz(func(t *testing.T, text string) {
		event, user := somebody()
		reply, err := desk.Said(t.Context(), chat.Said{Event: event, User: user, Channel: "C1", Text: text, CanOpenForm: len(text)%2 == 0})
		answered(t, reply, err)
	})
}

// FuzzSubmitted sends any form with anything in two of its fields.
func FuzzSubmitted(f *testing.F) {
	for _, verb := range []string{"declare", "log", "action", "status", "severity", "role", "draft", "resolve", "update", "mitigated", "edit_entry", "gather", "skip", "snooze", "alt", "add_to_timeline", "none"} {
		f.Add(verb, "text", "It *burns*", "time", "14:05")
	}
	f.Add("declare", "title", "x", "started_at", "yesterday 25:00")
	f.Add("action", "text", "x", "due", "2026-02-30")
	f.Add("role", "lead", "U1,U2", "ops", "no id")
	f.Add("draft", "impact", "---\nlayout: x", "lead", "{% raw %}")
	desk := fuzzedDesk(f)
	f.Fuzz(func(t *testing.T, verb, field, value, other, second string) {
		event, user := somebody()
		for _, context := range []chat.FormContext{{Incident: 1, Channel: "C1"}, {Entry: -1, Image: 1 << 30}} {
			reply, err := desk.Submitted(t.Context(), chat.Submitted{
				Event: event, User: user, Verb: verb, Context: context, Values: map[string]string{field: value, other: second},
			})
			answered(t, reply, err)
		}
	})
}
