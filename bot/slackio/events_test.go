package slackio

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"watchbell/bot/chat"
)

func at(micros int64) time.Time { return time.Unix(1700000000, micros*1000).UTC() }

// The events are those of the pages below https://docs.slack.dev/reference/events.
func TestEvents(t *testing.T) {
	for name, row := range map[string]struct {
		event string
		want  any // nil: the desk is not asked
	}{
		"a plain message": {event: `{"type":"message","channel":"C1","channel_type":"channel","user":"U1","text":"db &lt;down&gt;","ts":"1700000000.000100","client_msg_id":"9b1f",
			"blocks":[{"type":"rich_text","elements":[]}]}`},
		"a message that mentions the bot, which comes as a mention as well": {event: `{"type":"message","channel":"C1","channel_type":"channel","user":"U1","text":"<@UBOT> log x","ts":"1700000000.000100"}`},
		"an answer in a thread": {`{"type":"message","channel":"C1","channel_type":"channel","user":"U1","text":"nobody could pay","ts":"1700000001.000100","thread_ts":"1700000000.000100"}`,
			chat.Replied{Event: "event/Ev1", User: "U1", Channel: "C1", Thread: "1700000000.000100", TS: "1700000001.000100", Text: "nobody could pay"}},
		"an answer of ours in a thread":   {event: `{"type":"message","channel":"C1","channel_type":"channel","user":"UBOT","bot_id":"BBOT","app_id":"A1","text":"hi","ts":"1700000001.000100","thread_ts":"1700000000.000100"}`},
		"an answer that mentions the bot": {event: `{"type":"message","channel":"C1","channel_type":"channel","user":"U1","text":"<@UBOT> log x","ts":"1700000001.000100","thread_ts":"1700000000.000100"}`},
		"a mention": {mentionEvent("<@UBOT> log 14:05 see <https://x.io|x>"),
			chat.Said{Event: "event/Ev1", User: "U1", Channel: "C1", Text: "log 14:05 see <https://x.io|x>", Later: true}},
		"a mention in a thread": {`{"type":"app_mention","user":"U1","text":"<@UBOT|watchbell> log x","ts":"1700000001.000100","thread_ts":"1700000000.000100","channel":"C1"}`,
			chat.Said{Event: "event/Ev1", User: "U1", Channel: "C1", Thread: "1700000000.000100", Text: "log x", Later: true}},
		"a mention at the end":       {mentionEvent("log x <@UBOT>"), chat.Said{Event: "event/Ev1", User: "U1", Channel: "C1", Text: "log x", Later: true}},
		"a mention amid the words":   {mentionEvent("hey <@UBOT> log <@U2> left"), chat.Said{Event: "event/Ev1", User: "U1", Channel: "C1", Text: "log <@U2> left", Later: true}},
		"nothing but the mention":    {mentionEvent("<@UBOT>"), chat.Said{Event: "event/Ev1", User: "U1", Channel: "C1", Later: true}},
		"a mention by a bot":         {event: `{"type":"app_mention","user":"U3","bot_id":"B3","text":"<@UBOT> log x","ts":"1.2","channel":"C1"}`},
		"a mention of somebody like": {mentionEvent("<@UBOTTLE> log x"), chat.Said{Event: "event/Ev1", User: "U1", Channel: "C1", Text: "<@UBOTTLE> log x", Later: true}},
		"a direct message": {`{"type":"message","channel":"D1","channel_type":"im","user":"U1","text":"list","ts":"1.2"}`,
			chat.Said{Event: "event/Ev1", User: "U1", Channel: "D1", Text: "list", Later: true}},
		"the bot's own direct message": {event: `{"type":"message","channel":"D1","channel_type":"im","user":"UBOT","bot_id":"BBOT","app_id":"A1","text":"hi","ts":"1.2"}`},
		"a system line":                {event: `{"type":"message","subtype":"channel_join","channel":"C1","user":"U1","text":"joined","ts":"1.2"}`},
		"an edit": {`{"type":"message","subtype":"message_changed","hidden":true,"channel":"C1","ts":"1700000009.000300","event_ts":"1700000009.000300",
			"message":{"type":"message","user":"U1","text":"new","ts":"1700000000.000100","edited":{"user":"U1","ts":"1700000000.000900"}},
			"previous_message":{"type":"message","user":"U1","text":"old","ts":"1700000000.000100"}}`,
			chat.MessageChanged{Channel: "C1", TS: "1700000000.000100", Text: "new", EditedAt: at(9_000_300)}},
		"an edit that does not say when": {`{"type":"message","subtype":"message_changed","channel":"C1","ts":"1700000009.000300","event_ts":"1700000000.000300",
			"message":{"type":"message","user":"U1","text":"new","ts":"1700000000.000100"}}`,
			chat.MessageChanged{Channel: "C1", TS: "1700000000.000100", Text: "new", EditedAt: at(300)}},
		"a file taken off a message": {`{"type":"message","subtype":"message_changed","channel":"C1","event_ts":"1700000000.000300",
			"message":{"user":"U1","text":"see","ts":"1700000000.000100"},
			"previous_message":{"user":"U1","text":"see","ts":"1700000000.000100","files":[{"name":"g.png"}]}}`,
			chat.MessageChanged{Channel: "C1", TS: "1700000000.000100", Text: "see", EditedAt: at(300)}},
		"an unfolded link": {event: `{"type":"message","subtype":"message_changed","channel":"C1","message":{"user":"U1","text":"same","ts":"1.2","attachments":[{}]},
			"previous_message":{"user":"U1","text":"same","ts":"1.2"}}`},
		"an edit of our own": {event: `{"type":"message","subtype":"message_changed","channel":"C1","message":{"user":"UBOT","bot_id":"BBOT","app_id":"A1","text":"a","ts":"1.2"},
			"previous_message":{"user":"UBOT","text":"b","ts":"1.2"}}`},
		"a deletion": {`{"type":"message","subtype":"message_deleted","hidden":true,"channel":"C1","ts":"1700000010.000400","deleted_ts":"1700000000.000100",
			"previous_message":{"type":"message","user":"U1","text":"old","ts":"1700000000.000100"}}`,
			chat.MessageChanged{Channel: "C1", TS: "1700000000.000100", Deleted: true}},
		"a deletion of what others reply to": {`{"type":"message","subtype":"message_changed","channel":"C1","message":{"user":"USLACKBOT","subtype":"tombstone","text":"This message was deleted.","ts":"1700000000.000100"}}`,
			chat.MessageChanged{Channel: "C1", TS: "1700000000.000100", Deleted: true}},
		"a reaction": {`{"type":"reaction_added","user":"U1","reaction":"pushpin","item":{"type":"message","channel":"C1","ts":"1699999999.000100"},"item_user":"U2","event_ts":"1700000000.000800"}`,
			chat.Marked{Event: "event/Ev1", User: "U1", Channel: "C1", TS: "1699999999.000100", Emoji: "pushpin", At: at(800)}},
		"a reaction taken back": {`{"type":"reaction_removed","user":"U1","reaction":"pushpin","item":{"type":"message","channel":"C1","ts":"1699999999.000100"},"event_ts":"1700000000.000800"}`,
			chat.Marked{Event: "event/Ev1", User: "U1", Channel: "C1", TS: "1699999999.000100", Emoji: "pushpin", At: at(800), Removed: true}},
		"a reaction without its moment": {`{"type":"reaction_added","user":"U1","reaction":"pushpin","item":{"type":"message","channel":"C1","ts":"1699999999.000100"}}`,
			chat.Marked{Event: "event/Ev1", User: "U1", Channel: "C1", TS: "1699999999.000100", Emoji: "pushpin", At: at(0)}},
		"our own tick":          {event: `{"type":"reaction_added","user":"UBOT","reaction":"white_check_mark","item":{"type":"message","channel":"C1","ts":"1.2"},"event_ts":"1.2"}`},
		"a reaction to a file":  {event: `{"type":"reaction_added","user":"U1","reaction":"pushpin","item":{"type":"file","file":"F1"},"event_ts":"1.2"}`},
		"a reaction to nothing": {event: `{"type":"reaction_added","user":"U1","reaction":"pushpin","event_ts":"1.2"}`},
		"a pin": {`{"type":"pin_added","user":"U1","channel_id":"C1","item":{"type":"message","channel":"C1","created":1700000000,"created_by":"U1","message":{"user":"U2","text":"x","ts":"1699999999.000100"}},"event_ts":"1700000000.000800"}`,
			chat.Marked{Event: "event/Ev1", User: "U1", Channel: "C1", TS: "1699999999.000100", Pin: true, At: at(800)}},
		"a pin taken off": {`{"type":"pin_removed","user":"U3","channel_id":"C1","item":{"type":"message","message":{"user":"U2","ts":"1699999999.000100"}},"event_ts":"1700000000.000800"}`,
			chat.Marked{Event: "event/Ev1", User: "U3", Channel: "C1", TS: "1699999999.000100", Pin: true, At: at(800), Removed: true}},
		"our own pin":            {event: `{"type":"pin_added","user":"UBOT","channel_id":"C1","item":{"type":"message","message":{"user":"U2","ts":"1.2"}},"event_ts":"1.2"}`},
		"a pin on our card":      {event: `{"type":"pin_added","user":"U1","channel_id":"C1","item":{"type":"message","message":{"user":"UBOT","bot_id":"BBOT","ts":"1.2"}},"event_ts":"1.2"}`},
		"a pinned file":          {event: `{"type":"pin_added","user":"U1","channel_id":"C1","item":{"type":"file","file":{"id":"F1"}},"event_ts":"1.2"}`},
		"a word of Slackbot's":   {event: `{"type":"message","channel":"D9","channel_type":"im","user":"USLACKBOT","ts":"1.2","text":"You have been removed from #inc-1 by <@U1>"}`},
		"a renamed channel":      {event: `{"type":"channel_rename","channel":{"id":"C1","name":"inc-42","created":1700000000},"event_ts":"1.2"}`},
		"an app home":            {event: `{"type":"app_home_opened","user":"U1","channel":"D1","tab":"home","view":{"state":{"values":[]}},"event_ts":"1.2"}`},
		"of an unknown type":     {event: `{"type":"something_new","user":{"id":7},"channel":["C1"],"ts":12}`},
		"without a type":         {event: `{}`},
		"no object":              {event: `[1,2]`},
		"null":                   {event: `null`},
		"an edit of nothing":     {event: `{"type":"message","subtype":"message_changed","channel":"C1"}`},
		"a deletion of nothing":  {event: `{"type":"message","subtype":"message_deleted","channel":"C1"}`},
		"a mention by nobody":    {event: `{"type":"app_mention","channel":"C1","ts":"1.2","text":"x"}`},
		"a mention of odd kinds": {event: `{"type":"app_mention","user":{"id":"U1"},"channel":7,"ts":true,"text":["x"]}`},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCounter(t)
			if w := c.event(row.event); w.Code != 200 || w.Body.Len() > 0 {
				t.Errorf("answer %d %q", w.Code, w.Body)
			}
			var got any
			if all := c.desk.all(); len(all) > 0 {
				got = all[0]
			}
			if !reflect.DeepEqual(got, row.want) {
				t.Errorf("got  %+v\nwant %+v", got, row.want)
			}
		})
	}
}

func TestEventsBeforeWeKnowWhoWeAre(t *testing.T) {
	c := newCounter(t)
	c.c.self.Store(nil)
	c.event(mentionEvent("<@UBOT> list"))
	if got := c.desk.all(); len(got) != 1 || got[0].(chat.Said).Text != "list" {
		t.Errorf("got %+v", got)
	}
}

func TestRepliesToEventsGoToThePersonAlone(t *testing.T) {
	c := newCounter(t)
	c.desk.reply = chat.Reply{Message: &chat.Message{Text: ":x: No."}}
	c.event(`{"type":"app_mention","user":"U1","text":"<@UBOT> log x","ts":"2.1","thread_ts":"1.1","channel":"C1"}`)
	if len(c.told) != 1 {
		t.Fatalf("told %+v", c.told)
	}
	n := c.told[0]
	if n.Key != "event/Ev1" || n.Channel != "C1" || n.Thread != "1.1" || n.User != "U1" || !strings.Contains(string(n.Body), ":x: No.") {
		t.Errorf("told %+v", n)
	}
}

func TestAnEventThatIsNotRecordedIsSentAgain(t *testing.T) {
	lost := errors.New("database is gone")
	for name, event := range map[string]string{
		"mention":  mentionEvent("<@UBOT> log x"),
		"reaction": `{"type":"reaction_added","user":"U1","reaction":"pushpin","item":{"type":"message","channel":"C1","ts":"1.2"},"event_ts":"1700000000.1"}`,
		"deletion": `{"type":"message","subtype":"message_deleted","channel":"C1","deleted_ts":"1.2"}`,
	} {
		c := newCounter(t)
		c.desk.answer(chat.Reply{Message: &chat.Message{Text: ":x: Not recorded"}}, lost)
		if w := c.event(event); w.Code != 503 {
			t.Errorf("%s: %d", name, w.Code)
		}
		c.desk.panics = true
		if w := c.event(event); w.Code != 503 {
			t.Errorf("%s, panic: %d", name, w.Code)
		}
	}
	c := newCounter(t)
	c.tellErr = lost
	c.desk.reply = chat.Reply{Message: &chat.Message{Text: "Recorded."}}
	if w := c.event(mentionEvent("<@UBOT> log x")); w.Code != 503 {
		t.Errorf("a reply that could not be queued: %d", w.Code)
	}
}

func TestInstant(t *testing.T) {
	for ts, want := range map[string]time.Time{
		"1700000000.000100": at(100), "1700000000": at(0), "1700000000.5": at(500_000),
		"": {}, "x": {}, "-1.0": {}, "1700000000.1234567": {}, "1700000000.-1": {}, "99999999999999999": {}, "0": {},
	} {
		if got := instant(ts); !got.Equal(want) {
			t.Errorf("%q: %v, want %v", ts, got, want)
		}
	}
}
