package slackio

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"watchbell/bot/chat"
	"watchbell/incidents"
	"watchbell/integrations/practice"
)

// deliver carries a delivery out as the Relay does: attempt by attempt, keeping what the outcomes say, until it is
// delivered or cannot be.
func (r *rig) deliver(d incidents.Delivery, s incidents.Snapshot) (incidents.Delivery, incidents.Outcome) {
	r.t.Helper()
	for range 5 {
		d.Tried++
		d.Attempt++
		out := r.out.Deliver(context.Background(), d, s)
		if out.Err != nil && strings.Contains(out.Err.Error()+out.Say, r.s.BotToken()) {
			r.t.Errorf("the token is in an error: %v", out.Err)
		}
		switch out.Verdict {
		case incidents.Delivered:
			d.Failures = 0
			if out.Receipt.ID != "" {
				d.Receipt, d.Tried = out.Receipt, 0
			}
			r.done[d.Key] = d
			return d, out
		case incidents.Deferred:
			d.Tried--
			r.clock.add(out.After)
		case incidents.Impossible:
			return d, out
		default:
			d.Failures++
			if out.Say == "" || out.Err == nil {
				r.t.Errorf("a failure without words: %+v", out)
			}
		}
	}
	r.t.Fatalf("%s was not delivered", d.Key)
	return d, incidents.Outcome{}
}

// world is an incident with a channel in which the message "db is down" was captured, and ana's reply to it.
type world struct {
	*rig
	s     incidents.Snapshot
	ts    string
	reply string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	r := newRig(t)
	w := &world{rig: r}
	w.s = incidents.Snapshot{Incident: incidents.Incident{
		Number: 1, Title: "checkout", Status: incidents.Declared, DeclaredAt: epoch, DeclaredBy: r.id("ana"),
		Post: incidents.PullRequest{Number: 7, URL: "https://github.example/pull/7"},
	}}
	_, out := r.deliver(w.wish(incidents.KindChannel, ""), w.s)
	w.s.Channel = out.Channel
	r.must(r.s.Join("ana", w.s.Channel.ID))
	var err error
	w.ts, err = r.s.Say("ana", w.s.Channel.ID, "db is down")
	r.must(err)
	w.reply, err = r.s.Reply("ana", w.s.Channel.ID, w.ts, "restarting it")
	r.must(err)
	r.deliver(w.wish(incidents.KindSummary, ""), w.s)
	return w
}

func (w *world) wish(kind incidents.Kind, subject string) incidents.Delivery {
	return incidents.Delivery{Key: fmt.Sprintf("inc-1/%s", kind), Incident: 1, Target: incidents.Slack, Kind: kind, Subject: subject}
}

func (w *world) source(ts string) string {
	raw, _ := json.Marshal(incidents.Source{Channel: w.s.Channel.ID, TS: ts})
	return string(raw)
}

func (w *world) answer(channel, thread, user string) incidents.Delivery {
	body, _ := json.Marshal(chat.Message{Text: "Recorded."})
	payload, _ := json.Marshal(map[string]any{"channel": channel, "thread": thread, "user": user, "body": json.RawMessage(body)})
	d := w.wish(incidents.KindAnswer, "")
	d.Key, d.Payload = "answer/event/Ev1", payload
	return d
}

// texts counts the messages in a channel that the bot posted with a text.
func (w *world) texts(channel, text string) int {
	n := 0
	for _, m := range w.rig.s.Messages(channel) {
		if m.User == practice.BotUser && m.Text == text {
			n++
		}
	}
	return n
}

// deliveries are all kinds, each with the call that does its work and with what must be true in the end, however often
// and in whichever way it failed.
func deliveries(w *world) map[string]struct {
	d    incidents.Delivery
	call string
	ok   func() error
} {
	type row = struct {
		d    incidents.Delivery
		call string
		ok   func() error
	}
	count := func(what string, got, want int) error {
		if got != want {
			return fmt.Errorf("%d %s, want %d", got, what, want)
		}
		return nil
	}
	channel := w.s.Channel.ID
	w.s.Entries = []incidents.Entry{{Number: 1, Source: incidents.Source{Channel: channel, TS: w.ts}}}
	return map[string]row{
		"announcement": {w.wish(incidents.KindAnnouncement, ""), "chat.postMessage", func() error {
			return count("announcements", w.texts(practice.TeamChannel, "We have an incident: checkout"), 1)
		}},
		"pin": {w.wish(incidents.KindPin, ""), "pins.add", func() error {
			return count("pins", len(w.rig.s.Pins(channel)), 1)
		}},
		"topic": {w.wish(incidents.KindTopic, ""), "conversations.setTopic", func() error {
			if got := w.rig.s.Topic(channel); got != "declared: checkout" {
				return fmt.Errorf("topic %q", got)
			}
			return nil
		}},
		"canvas": {w.wish(incidents.KindCanvas, ""), "conversations.canvases.create", func() error {
			if got := w.rig.s.Canvas(channel).Markdown; got != "# Incident 1: checkout" {
				return fmt.Errorf("canvas %q", got)
			}
			return nil
		}},
		"invite": {w.wish(incidents.KindInvite, w.id("ben")), "conversations.invite", func() error {
			return count("members", len(w.rig.s.Channel(channel).Members), 3)
		}},
		"bookmark": {w.wish(incidents.KindBookmark, ""), "bookmarks.add", func() error {
			return count("bookmarks", len(w.rig.s.Bookmarks(channel)), 1)
		}},
		"tick": {w.wish(incidents.KindTick, w.source(w.ts)), "reactions.add", func() error {
			return count("ticks", len(w.rig.s.Message(channel, w.ts).Reactions), 1)
		}},
		"fetch": {w.wish(incidents.KindFetch, w.source(w.ts)), "conversations.replies", func() error { return nil }},
		"direct answer": {w.answer("", "", w.id("ben")), "chat.postMessage", func() error {
			return count("answers", w.texts("@ben", "Recorded."), 1)
		}},
		"answer in a direct conversation": {w.answer("D123", "", w.id("ben")), "conversations.open", func() error {
			return count("answers", w.texts("@ben", "Recorded."), 1)
		}},
		"answer to somebody outside": {w.answer(channel, "", w.id("ben")), "chat.postMessage", func() error {
			return count("answers", w.texts("@ben", "Recorded."), 1)
		}},
		"answer to all": {w.answer(channel, w.ts, ""), "chat.postMessage", func() error {
			return count("answers", w.texts(channel, "Recorded."), 1)
		}},
	}
}

func TestEveryDeliveryHappensOnce(t *testing.T) {
	faults := map[string]practice.Fault{
		"no fault":                           {Times: -1},
		"refused before":                     {Status: http.StatusInternalServerError, Times: 1},
		"failed after":                       {Status: http.StatusInternalServerError, After: true, Times: 1},
		"cut before":                         {Cut: true, Times: 1},
		"cut after":                          {Cut: true, After: true, Times: 1},
		"failed after, twice":                {Status: http.StatusBadGateway, Body: "<html>", After: true, Times: 2},
		"half an answer":                     {Status: http.StatusOK, Body: `{"ok":tr`, After: true, Times: 1},
		"asked to wait":                      {Status: http.StatusTooManyRequests, RetryAfter: 3 * time.Second, Times: 1},
		"asked to wait, not how long":        {Status: http.StatusTooManyRequests, Times: 1},
		"said to be unsure after all":        {Status: http.StatusOK, Body: `{"ok":false,"error":"fatal_error"}`, After: true, Times: 1},
		"too fast, in the body of an answer": {Status: http.StatusOK, Body: `{"ok":false,"error":"ratelimited"}`, Times: 1},
	}
	kinds := deliveries(newWorld(t))
	for kind := range kinds {
		for name, fault := range faults {
			t.Run(kind+"/"+name, func(t *testing.T) {
				w := newWorld(t)
				row := deliveries(w)[kind]
				if fault.Times > 0 {
					fault.Service, fault.Call = "slack", row.call
					w.w.Faults.Add(fault)
				}
				d, out := w.deliver(row.d, w.s)
				if out.Verdict != incidents.Delivered {
					t.Fatalf("outcome %+v", out)
				}
				if err := row.ok(); err != nil {
					t.Error(err)
				}
				if row.d.Kind != incidents.KindAnswer {
					w.deliver(d, w.s) // wished for again
				}
				if err := row.ok(); err != nil {
					t.Errorf("the second time: %v", err)
				}
				if fault.Times > 0 && w.w.Faults.Hits() == 0 {
					t.Error("the fault was not hit")
				}
				w.valid()
			})
		}
	}
}

func TestTheChannelIsMadeOnce(t *testing.T) {
	for name, fault := range map[string]practice.Fault{
		"refused before": {Status: 500, Times: 1}, "failed after": {Status: 500, After: true, Times: 1},
		"cut after": {Cut: true, After: true, Times: 2},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			fault.Service, fault.Call = "slack", "conversations.create"
			r.w.Faults.Add(fault)
			s := incidents.Snapshot{Incident: incidents.Incident{Number: 1, Title: "Checkout is DOWN!", DeclaredAt: epoch, Private: true}}
			_, out := r.deliver(incidents.Delivery{Key: "inc-1/channel", Kind: incidents.KindChannel}, s)
			if out.Channel.Name != "inc-1-checkout-is-down" || out.Receipt.ID != out.Channel.ID {
				t.Errorf("channel %+v", out.Channel)
			}
			if got := r.s.Channels(); len(got) != 2 || !got[1].IsPrivate {
				t.Errorf("channels %+v", got)
			}
			r.valid()
		})
	}
}

func TestATakenNameGetsANumber(t *testing.T) {
	r := newRig(t)
	long := strings.Repeat("x", 90)
	taken := "inc-1-" + strings.Repeat("x", 74)
	_, err := r.s.AddChannel(taken, false, "ana")
	r.must(err)
	s := incidents.Snapshot{Incident: incidents.Incident{Number: 1, Title: long, DeclaredAt: epoch}}
	d := incidents.Delivery{Key: "inc-1/channel", Kind: incidents.KindChannel}
	r.w.Faults.Add(practice.Fault{Service: "slack", Call: "users.conversations", Status: 503, Times: 1})
	for _, tried := range []int{0, 1} { // also when an earlier attempt may have made it: it did not make that one
		d.Tried = tried
		if _, out := r.deliver(d, s); out.Channel.Name == taken || !strings.HasPrefix(out.Channel.Name, "inc-1-xxx") || len(out.Channel.Name) > 80 {
			t.Errorf("channel %+v", out.Channel)
		}
	}
	if got := len(r.s.Channels()); got != 3 {
		t.Errorf("%d channels, want the team's, the one that was there and ours", got)
	}
	r.valid()
}

func TestWhatShowsStateIsEditedInPlace(t *testing.T) {
	w := newWorld(t)
	d, _ := w.deliver(w.wish(incidents.KindAnnouncement, ""), w.s)
	before := w.w.Wire.Count("slack")
	d, _ = w.deliver(d, w.s)
	if n := w.w.Wire.Count("slack") - before; n != 0 {
		t.Errorf("%d calls to say the same again", n)
	}
	w.s.Title = "checkout and search"
	d, _ = w.deliver(d, w.s)
	if w.texts(practice.TeamChannel, "We have an incident: checkout and search") != 1 || w.texts(practice.TeamChannel, "We have an incident: checkout") != 0 {
		t.Errorf("messages %+v", w.rig.s.Messages(practice.TeamChannel))
	}
	// An edit that may have been applied is followed by one that certainly is, even when nothing is different any more.
	w.w.Faults.Add(practice.Fault{Service: "slack", Call: "chat.update", After: true, Status: 500, Times: 1})
	was := w.s.Title
	w.s.Title = "only for a moment"
	d.Tried++
	if out := w.out.Deliver(context.Background(), d, w.s); out.Verdict != incidents.Uncertain {
		t.Fatalf("outcome %+v", out)
	}
	d.Failures, w.s.Title = 1, was
	w.deliver(d, w.s)
	if w.texts(practice.TeamChannel, "We have an incident: "+was) != 1 {
		t.Errorf("messages %+v", w.rig.s.Messages(practice.TeamChannel))
	}
	w.valid()
}

// What is shown may have been wanted in between alone: the process that showed it was killed before it could say so.
func TestWhatAKilledProcessShowedIsReplaced(t *testing.T) {
	w := newWorld(t)
	shown := map[incidents.Kind]func() bool{
		incidents.KindTopic:        func() bool { return w.rig.s.Topic(w.s.Channel.ID) == "declared: checkout" },
		incidents.KindSummary:      func() bool { return w.texts(w.s.Channel.ID, "Card: search") == 0 },
		incidents.KindAnnouncement: func() bool { return w.texts(practice.TeamChannel, "We have an incident: search") == 0 },
	}
	for kind, right := range shown {
		d, _ := w.deliver(w.wish(kind, ""), w.s)
		w.s.Title = "search"
		d.Tried++
		if out := w.out.Deliver(context.Background(), d, w.s); out.Verdict != incidents.Delivered || right() {
			t.Fatalf("%s: %+v", kind, out)
		}
		w.s.Title = "checkout"
		if w.deliver(d, w.s); !right() {
			t.Errorf("%s still shows what was wanted in between", kind)
		}
	}
	w.valid()
}

func TestADeletedCardComesBackPinned(t *testing.T) {
	w := newWorld(t)
	w.deliver(w.wish(incidents.KindPin, ""), w.s)
	at, _ := placeOf(w.done["inc-1/summary"].Receipt.ID)
	w.must(w.rig.s.DeleteMessage(practice.BotUser, at.channel, at.ts))
	w.s.Title = "search"
	w.deliver(w.done["inc-1/summary"], w.s)
	if pins := w.rig.s.Pins(at.channel); len(pins) != 1 || pins[0].Text != "Card: search" {
		t.Errorf("pins %+v", pins)
	}
	w.valid()
}

func TestTickFollowsTheTimeline(t *testing.T) {
	w := newWorld(t)
	d := w.wish(incidents.KindTick, w.source(w.ts))
	ticks := func() int { return len(w.rig.s.Message(w.s.Channel.ID, w.ts).Reactions) }
	w.deliver(d, w.s)
	if ticks() != 0 {
		t.Error("a message that is not in the timeline wears a tick")
	}
	w.s.Entries = []incidents.Entry{{Source: incidents.Source{Channel: w.s.Channel.ID, TS: w.ts}}}
	w.deliver(d, w.s)
	if ticks() != 1 {
		t.Error("no tick")
	}
	w.s.Entries = nil
	w.deliver(d, w.s)
	if ticks() != 0 {
		t.Error("the tick stays")
	}
	w.must(w.rig.s.DeleteMessage("ana", w.s.Channel.ID, w.reply))
	d.Subject = w.source(w.reply)
	if _, out := w.deliver(d, w.s); out.Verdict != incidents.Delivered {
		t.Errorf("a deleted message: %+v", out)
	}
}

func TestFetch(t *testing.T) {
	w := newWorld(t)
	w.clock.add(time.Minute)
	w.must(w.rig.s.EditMessage("ana", w.s.Channel.ID, w.ts, "db is down again"))
	for name, row := range map[string]struct {
		ts   string
		want incidents.FetchedMessage
	}{
		"in the channel": {w.ts, incidents.FetchedMessage{Found: true, Author: w.id("ana"), Text: "db is down again", EditedAt: epoch.Add(time.Minute)}},
		"in a thread":    {w.reply, incidents.FetchedMessage{Found: true, Author: w.id("ana"), Text: "restarting it"}},
		"nowhere":        {"1699999999.000100", incidents.FetchedMessage{}},
	} {
		_, out := w.deliver(w.wish(incidents.KindFetch, w.source(row.ts)), w.s)
		got := *out.Message
		got.EditedAt = got.EditedAt.Truncate(time.Second)
		if !reflect.DeepEqual(got, row.want) {
			t.Errorf("%s: %+v, want %+v", name, got, row.want)
		}
	}
	w.must(w.rig.s.DeleteMessage("ana", w.s.Channel.ID, w.ts))
	if _, out := w.deliver(w.wish(incidents.KindFetch, w.source(w.ts)), w.s); out.Message.Found {
		t.Errorf("a deleted message was found: %+v", out.Message)
	}
	w.valid()
}

func TestFetchNamesFilesAndSurvivesOddMessages(t *testing.T) {
	answer := `{"ok":true,"messages":[{"type":"message","user":"U1","ts":"1.000100","text":"see","blocks":{"odd":true},"edited":[],
		"files":[{"name":"a<b.png"},{"id":"F2"}]}]}`
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write([]byte(answer)) }))
	defer server.Close()
	out := NewOutgoing(NewClient(Options{Token: "xoxb-1", BaseURL: server.URL + "/api/", Now: func() time.Time { return epoch }}), OutgoingOptions{})
	got := out.Deliver(context.Background(), incidents.Delivery{
		Key: "k", Kind: incidents.KindFetch, Subject: `{"Channel":"C1","TS":"1.000100"}`,
	}, incidents.Snapshot{})
	if got.Message == nil || got.Message.Text != "see [file: a&lt;b.png]" || got.Message.Author != "U1" {
		t.Errorf("outcome %+v %+v", got, got.Message)
	}
}

func TestAnswersStayPrivate(t *testing.T) {
	w := newWorld(t)
	w.deliver(w.answer(w.s.Channel.ID, w.ts, w.id("ana")), w.s)
	seen := w.rig.s.Ephemerals("ana")
	if len(seen) != 1 || seen[0].Text != "Recorded." || seen[0].ThreadTS != w.ts || w.texts(w.s.Channel.ID, "Recorded.") != 0 {
		t.Errorf("ephemerals %+v", seen)
	}
	w.valid()
}
