package slackio

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"watchbell/bot/chat"
	"watchbell/integrations/practice"
)

// The payloads are those of https://docs.slack.dev/reference/interaction-payloads.
func TestInteractions(t *testing.T) {
	form := `{"type":"view_submission","team":{"id":"T1"},"user":{"id":"U1"},"view":{"id":"V1","callback_id":"declare","private_metadata":"{\"channel\":\"C1\",\"incident\":4}","state":{"values":{
		"title":{"value":{"type":"plain_text_input","value":"DB down"}},"severity":{"value":{"type":"static_select","selected_option":{"value":"downtime"}}},
		"summary":{"value":{"type":"plain_text_input","value":null}},"owner":{"value":{"type":"users_select","selected_user":"U2"}},
		"due":{"value":{"type":"datepicker","selected_date":"2026-11-08"}},"private":{"value":{"type":"checkboxes","selected_options":[{"value":"true"}]}},
		"other":{"value":{"type":"checkboxes","selected_options":[]}},"none":{"value":{"type":"static_select","selected_option":null}}}}}}`
	for name, row := range map[string]struct {
		payload string
		want    any
	}{
		"a press": {press("resolve", "42"),
			chat.Pressed{Event: "press/1.2.abc17.2", User: "U1", Channel: "C1", Action: "resolve", Value: "42", CanOpenForm: true}},
		"a press of the second of two like buttons": {press("pick:inc~2", "42"),
			chat.Pressed{Event: "press/1.2.abc17.2", User: "U1", Channel: "C1", Action: "pick:inc", Value: "42", CanOpenForm: true}},
		"a press with an odd state": {strings.Replace(press("resolve", "42"), `{"values":{}}`, `{"values":[]}`, 1),
			chat.Pressed{Event: "press/1.2.abc17.2", User: "U1", Channel: "C1", Action: "resolve", Value: "42", CanOpenForm: true}},
		"a press without a team": {strings.Replace(press("resolve", "42"), `{"id":"T1"}`, "null", 1),
			chat.Pressed{Event: "press/1.2.abc17.2", User: "U1", Channel: "C1", Action: "resolve", Value: "42", CanOpenForm: true}},
		"a link":            {payload: press("link", "")},
		"no button":         {payload: `{"type":"block_actions","user":{"id":"U1"},"actions":[]}`},
		"a press by nobody": {payload: strings.Replace(press("resolve", "42"), `{"id":"U1"}`, "{}", 1)},
		"a form": {form, chat.Submitted{
			Event: "form/V1", User: "U1", Verb: "declare", Context: chat.FormContext{Channel: "C1", Incident: 4},
			Values: map[string]string{"title": "DB down", "severity": "downtime", "summary": "", "owner": "U2", "due": "2026-11-08",
				"private": "true", "other": "", "none": ""},
		}},
		"a form with an odd state": {`{"type":"view_submission","user":{"id":"U1"},"view":{"id":"V1","callback_id":"declare","private_metadata":"no json","state":{"values":[]}}}`,
			chat.Submitted{Event: "form/V1", User: "U1", Verb: "declare", Values: map[string]string{}}},
		"a form without a name": {payload: `{"type":"view_submission","user":{"id":"U1"},"view":{"id":"V1"}}`},
		"a closed form":         {payload: `{"type":"view_closed","team":{"id":"T1"},"user":{"id":"U1"},"view":{"id":"V1"},"is_cleared":true}`},
		"a shortcut on a message": {`{"type":"message_action","callback_id":"add_to_timeline","trigger_id":"1.2.abc","message_ts":"1.5","user":{"id":"U1"},"channel":{"id":"C1"},"team":{"id":"T1"},
			"message":{"type":"message","user":"U2","ts":"1.5","text":"root cause found","files":[{"name":"g.png"}]},"action_ts":"1700000002.000300","is_enterprise_install":"false"}`,
			chat.UsedShortcut{Event: "shortcut/1.2.abc", User: "U1", Callback: "add_to_timeline", Channel: "C1", TS: "1.5", Author: "U2", Text: "root cause found [file: g.png]"}},
		"a global shortcut": {`{"type":"shortcut","callback_id":"declare","action_ts":"1700000002.000300","team":null,"user":{"id":"U1"},"enterprise":null}`,
			chat.UsedShortcut{Event: "shortcut/1700000002.000300", User: "U1", Callback: "declare"}},
		"a shortcut on nothing": {payload: `{"type":"message_action","callback_id":"add_to_timeline","trigger_id":"1","user":{"id":"U1"}}`},
		"something unknown":     {payload: `{"type":"workflow_step_edit","user":{"id":"U1"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCounter(t)
			if w := c.send("/slack/interactions", interactionOf(row.payload)); w.Code != 200 || w.Body.Len() > 0 {
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

const twoInputs = `{"type":"view_submission","user":{"id":"U1"},"view":{"id":"V1","callback_id":"declare","private_metadata":"{\"channel\":\"C1\",\"thread\":\"1.1\"}",
	"blocks":[{"type":"section","block_id":"intro"},{"type":"input","block_id":"title"},{"type":"input","block_id":"started_at"}],"state":{"values":{}}}}`

func TestWhatCannotBeUsedIsShownBesideItsField(t *testing.T) {
	for name, row := range map[string]struct {
		errors map[string]string
		want   map[string]string
	}{
		"known fields":    {map[string]string{"title": "Too long.", "started_at": "Ahead."}, map[string]string{"title": "Too long.", "started_at": "Ahead."}},
		"an unknown one":  {map[string]string{"nowhere": "Odd."}, map[string]string{"title": "Odd."}},
		"both":            {map[string]string{"title": "Too long.", "intro": "Odd."}, map[string]string{"title": "Odd. Too long."}},
		"a long sentence": {map[string]string{"title": strings.Repeat("x", 5000)}, map[string]string{"title": strings.Repeat("x", maxError-1) + "…"}},
	} {
		c := newCounter(t)
		c.desk.reply = chat.Reply{Errors: row.errors}
		w := c.send("/slack/interactions", interactionOf(twoInputs))
		var got struct {
			Action string            `json:"response_action"`
			Errors map[string]string `json:"errors"`
		}
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || got.Action != "errors" || !reflect.DeepEqual(got.Errors, row.want) {
			t.Errorf("%s: %v %s", name, err, w.Body)
		}
	}
}

// What cannot be read is neither taken for nothing nor thrown away: the form stays open, and a press is answered.
func TestWhatCannotBeReadIsSaid(t *testing.T) {
	filled := strings.Replace(twoInputs, `"values":{}`, `"values":{"title":{"value":{"type":"plain_text_input","value":"DB down"}},"started_at":{"value":VALUE}}`, 1)
	for name, payload := range map[string]string{
		"a value of another kind":  strings.Replace(filled, "VALUE", `{"type":"plain_text_input","value":7}`, 1),
		"a field of another kind":  strings.Replace(filled, "VALUE", `"14:05"`, 1),
		"a state of another kind":  strings.Replace(twoInputs, `{"values":{}}`, `"title=DB+down"`, 1),
		"a name of another kind":   strings.Replace(twoInputs, `"declare"`, `["declare"]`, 1),
		"a number of another kind": strings.Replace(twoInputs, `"V1"`, `1`, 1),
	} {
		c := newCounter(t)
		w := c.send("/slack/interactions", interactionOf(payload))
		if w.Code != 200 || !strings.Contains(w.Body.String(), `"title":":x: Not recorded`) || len(c.desk.all()) != 0 {
			t.Errorf("%s: answer %d %s, the desk got %v", name, w.Code, w.Body, c.desk.all())
		}
	}
	for name, payload := range map[string]string{
		"presses of another kind":  strings.Replace(press("resolve", "42"), `"actions":[`, `"actions":"resolve","other":[`, 1),
		"a button of another kind": strings.Replace(press("resolve", "42"), `"resolve"`, `7`, 1),
		"a shortcut's name":        `{"type":"shortcut","callback_id":7,"trigger_id":"1.2.abc","user":{"id":"U1"}}`,
		"a form without a field":   `{"type":"view_submission","trigger_id":"1.2.abc","user":{"id":"U1"},"view":{"id":"V1","callback_id":"declare","blocks":"none","state":7}}`,
	} {
		c := newCounter(t)
		w := c.send("/slack/interactions", interactionOf(payload))
		if w.Code != 200 || len(c.told) != 1 || c.told[0].User != "U1" || !strings.Contains(string(c.told[0].Body), "Nothing was done") || len(c.desk.all()) != 0 {
			t.Errorf("%s: answer %d %s, told %+v, the desk got %v", name, w.Code, w.Body, c.told, c.desk.all())
		}
	}
}

func TestAFormsReplyGoesWhereItWasOpened(t *testing.T) {
	c := newCounter(t)
	c.desk.reply = chat.Reply{Message: &chat.Message{Text: "Declared."}}
	if w := c.send("/slack/interactions", interactionOf(twoInputs)); w.Body.Len() > 0 {
		t.Errorf("the form stays open: %s", w.Body)
	}
	if len(c.told) != 1 || c.told[0].Key != "form/V1" || c.told[0].Channel != "C1" || c.told[0].Thread != "1.1" || c.told[0].User != "U1" {
		t.Errorf("told %+v", c.told)
	}
}

func TestAFormThatIsNotRecordedStaysOpen(t *testing.T) {
	c := newCounter(t)
	c.desk.answer(chat.Reply{Message: &chat.Message{Text: ":x: Not recorded: disk full."}}, errors.New("disk full"))
	if w := c.send("/slack/interactions", interactionOf(twoInputs)); w.Code != 200 || !strings.Contains(w.Body.String(), `"title":":x: Not recorded: disk full."`) {
		t.Errorf("answer %d %s", w.Code, w.Body)
	}
}

// What was recorded is not shown as an error because the words about it could not be queued.
func TestARecordedFormClosesThoughNothingCanBeSaid(t *testing.T) {
	c := newCounter(t)
	c.tellErr = errors.New("disk full")
	c.desk.reply = chat.Reply{Message: &chat.Message{Text: "Logged at 09:04 UTC."}}
	if w := c.send("/slack/interactions", interactionOf(twoInputs)); w.Code != 200 || w.Body.Len() > 0 {
		t.Errorf("answer %d %s", w.Code, w.Body)
	}
}

func TestAPressThatIsNotRecordedIsSaidWithoutTheOutbox(t *testing.T) {
	r := newRig(t)
	channel := r.id(practice.TeamChannel)
	at, err := r.out.post(context.Background(), channel, "", "k", fit(chat.Message{Text: "x", Blocks: []chat.Block{
		{Kind: chat.Actions, Buttons: []chat.Button{{Label: "Resolve", Action: "resolve", Value: "1"}}},
	}}))
	r.must(err)
	r.desk.answer(chat.Reply{Message: &chat.Message{Text: ":x: Not recorded."}}, errors.New("disk full"))
	r.must(r.s.Press(context.Background(), "ana", practice.TeamChannel, at.ts, "resolve"))
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	r.in.Close(ctx)
	if seen := r.s.Ephemerals("ana"); len(seen) != 1 || seen[0].Text != ":x: Not recorded." {
		t.Errorf("ana sees %+v", seen)
	}
	r.valid()
}

// everyField is a form with one field of each kind, filled in.
var everyField = chat.Form{
	Verb: "declare", Title: "Declare an incident, at length", Submit: "Declare", Intro: "Fill *this* in.",
	Context: chat.FormContext{Incident: 3, Channel: "C0001"},
	Fields: []chat.Field{
		{Name: "title", Label: "Title", Kind: chat.TextField, Value: "checkout", Placeholder: "In a few words"},
		{Name: "text", Label: "Text", Kind: chat.LongField, Hint: "Markdown", Optional: true},
		{Name: "severity", Label: "Severity", Kind: chat.ChoiceField, Value: "b", Options: []chat.Option{{Value: "a", Label: "A"}, {Value: "b", Label: "B"}}},
		{Name: "owner", Label: "Owner", Kind: chat.PersonField, Optional: true},
		{Name: "due", Label: "Due", Kind: chat.DateField, Value: "2026-11-08"},
		{Name: "private", Label: "Private", Kind: chat.CheckField, Value: "true", Options: []chat.Option{{Value: "true", Label: "Keep it private"}}},
		{Name: "lead", Label: "Lead", Kind: chat.LongField, Value: strings.Repeat("long ", 700)},
		{Name: "lead", Label: "The same again", Kind: chat.TextField},
		{Name: "empty", Label: "No choice", Kind: chat.ChoiceField},
	},
}

func TestAFormComesBackAsItWasFilledIn(t *testing.T) {
	for _, socket := range []bool{false, true} {
		r := newRig(t)
		if socket {
			r.connect()
		}
		ctx := context.Background()
		r.desk.answer(chat.Reply{Form: &everyField}, nil)
		answer, err := r.s.Command(ctx, "ana", practice.TeamChannel, "/incident declare")
		r.must(err)
		if answer.Text != "" {
			t.Errorf("answer %+v", answer)
		}
		if v := r.s.View("ana"); v == nil || !strings.Contains(r.s.ViewText(v), "3500 characters") {
			t.Fatalf("no form, or none that says what it cannot hold: %+v", v)
		}
		r.must(r.s.Fill("ana", "text", "line one\nline two"))
		r.must(r.s.Fill("ana", "owner", "ben"))
		r.desk.answer(chat.Reply{Errors: map[string]string{"title": "Taken."}}, nil)
		sent, err := r.s.Submit(ctx, "ana")
		r.must(err)
		if sent.Errors["title"] != "Taken." || sent.View == nil {
			t.Errorf("sent %+v", sent)
		}
		r.desk.answer(chat.Reply{Message: &chat.Message{Text: "Declared."}}, nil)
		sent, err = r.s.Submit(ctx, "ana")
		r.must(err)
		if sent.View != nil {
			t.Error("the form stays open")
		}
		got := r.desk.all()
		last := got[len(got)-1].(chat.Submitted)
		want := map[string]string{"title": "checkout", "text": "line one\nline two", "severity": "b", "owner": r.id("ben"), "due": "2026-11-08", "private": "true"}
		if !reflect.DeepEqual(last.Values, want) || !reflect.DeepEqual(last.Context, everyField.Context) || last.Verb != "declare" || !strings.HasPrefix(last.Event, "form/") {
			t.Errorf("submitted %+v", last)
		}
		// C0001 is nowhere, so the answer goes to her directly.
		if seen := r.s.Messages("@ana"); len(seen) != 1 || seen[0].Text != "Declared." {
			t.Errorf("ana sees %+v", seen)
		}
		r.valid()
	}
}

func TestShortcutsOpenForms(t *testing.T) {
	r := newRig(t)
	r.desk.answer(chat.Reply{Form: &everyField}, nil)
	r.must(r.s.Shortcut(context.Background(), "ana", "declare"))
	if r.s.View("ana") == nil {
		t.Error("no form")
	}
	r.valid()
}

func TestARepeatedCommandDoesNotComplainThatItsFormIsOpen(t *testing.T) {
	r := newRig(t)
	r.desk.answer(chat.Reply{Form: &everyField}, nil)
	r.w.Faults.Add(practice.Fault{Service: "slack", Call: "views.open", Status: 200, Body: `{"ok":false,"error":"exchanged_trigger_id"}`, Times: 1})
	answer, err := r.s.Command(context.Background(), "ana", practice.TeamChannel, "/incident declare")
	r.must(err)
	if answer.Text != "" {
		t.Errorf("answer %+v", answer)
	}
}

func TestZone(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	for range 3 {
		if got := r.c.Zone(ctx, r.id("ana")).String(); got != "Europe/Berlin" {
			t.Errorf("zone %s", got)
		}
	}
	if n := r.calls("users.info"); n != 1 {
		t.Errorf("%d calls for one person", n)
	}
	r.clock.add(time.Hour)
	r.w.Faults.Add(practice.Fault{Service: "slack", Call: "users.info", Status: 500})
	for range 3 {
		if got := r.c.Zone(ctx, r.id("ana")).String(); got != "Europe/Berlin" {
			t.Errorf("what was known is forgotten: %s", got)
		}
		if got := r.c.Zone(ctx, r.id("ben")); got != nil {
			t.Errorf("unknown: %s", got)
		}
	}
	if n := r.calls("users.info"); n != 3 {
		t.Errorf("%d calls while Slack is away, want one more for each", n)
	}
}
