package practice

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
)

// payload is the interaction in a request.
func payload(t *testing.T, g gotten) slack.InteractionCallback {
	t.Helper()
	var ic slack.InteractionCallback
	if err := json.Unmarshal([]byte(g.form.Get("payload")), &ic); err != nil {
		t.Fatalf("slack-go cannot read %s: %v", g.form.Get("payload"), err)
	}
	return ic
}

func plainText(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject("plain_text", s, false, false)
}

// form is a modal with an input of most kinds.
func form() slack.ModalViewRequest {
	input := func(id string, optional bool, e slack.BlockElement) slack.Block {
		b := slack.NewInputBlock(id, plainText(id), nil, e)
		b.Optional = optional
		return b
	}
	title := slack.NewPlainTextInputBlockElement(nil, "value")
	title.MaxLength, title.MinLength = 20, 3
	return slack.ModalViewRequest{
		Type: slack.VTModal, Title: plainText("Declare"), Submit: plainText("Go"), CallbackID: "declare", PrivateMetadata: "k",
		NotifyOnClose: true,
		Blocks: slack.Blocks{BlockSet: []slack.Block{
			input("title", false, title),
			input("severity", false, slack.NewOptionsSelectBlockElement("static_select", nil, "value",
				slack.NewOptionBlockObject("downtime", plainText("Downtime"), nil), slack.NewOptionBlockObject("degraded", plainText("Degraded"), nil))),
			input("lead", true, slack.NewOptionsSelectBlockElement("users_select", nil, "value")),
			input("due", true, slack.NewDatePickerBlockElement("value")),
			input("at", true, slack.NewDateTimePickerBlockElement("value")),
			input("private", true, slack.NewCheckboxGroupsBlockElement("value", slack.NewOptionBlockObject("private", plainText("Private"), nil))),
		}},
	}
}

func TestSlackCommandArrivesEscaped(t *testing.T) {
	r := newSlackRig(t)
	secret, err := r.s.AddChannel("secret", true, "ana")
	r.must(err)
	r.bot.reply(func(rw http.ResponseWriter, _ gotten) { _, _ = rw.Write([]byte("done <@" + r.id("ben") + ">")) })
	answer, err := r.s.Command(context.Background(), "ana", "team", "/incident action a < b & c @ben #team #secret #nowhere mail@ben https://x.io/a?b=1&c=2, ok")
	r.must(err)
	if answer.Text != "done @ben" || answer.InChannel {
		t.Errorf("answer %+v", answer)
	}
	if list := r.s.Ephemerals("ana"); len(list) != 1 || len(r.s.Ephemerals("ben")) != 0 {
		t.Errorf("the answer is ana's alone: %v", list)
	}
	f := r.bot.requests("/slack/commands")[0].form
	want := "action a &lt; b &amp; c <@" + r.id("ben") + "|ben> <#" + r.id("team") + "|team> <#" + secret.ID + "|> #nowhere mail@ben " +
		"<https://x.io/a?b=1&amp;c=2>, ok"
	if f.Get("text") != want || f.Get("command") != "/incident" || f.Get("user_id") != r.id("ana") || f.Get("channel_name") != "team" {
		t.Errorf("got %q\nwant %q\n%v", f.Get("text"), want, f)
	}
	_, err = r.s.Command(context.Background(), "ana", "secret", "/incident list")
	r.must(err)
	if name := r.bot.requests("/slack/commands")[1].form.Get("channel_name"); name != "privategroup" {
		t.Errorf("channel name %q", name)
	}
	r.bot.reply(func(rw http.ResponseWriter, _ gotten) { rw.WriteHeader(500) })
	if _, err = r.s.Command(context.Background(), "ana", "team", "/incident x"); err == nil || !strings.Contains(err.Error(), "dispatch_failed") {
		t.Errorf("a command answered with 500: %v", err)
	}
}

func TestSlackResponseURL(t *testing.T) {
	r := newSlackRig(t)
	_, err := r.s.Command(context.Background(), "ana", "team", "/incident list")
	r.must(err)
	hookURL := r.bot.requests("/slack/commands")[0].form.Get("response_url")
	post := func(body string) int {
		t.Helper()
		resp, err := http.Post(hookURL, "application/json", bytes.NewReader([]byte(body)))
		r.must(err)
		r.must(resp.Body.Close())
		return resp.StatusCode
	}
	// The commands come before any call of the Web API, so the URL is next to the bot until the first call.
	if !strings.HasPrefix(hookURL, "http://") {
		t.Fatalf("response_url %q", hookURL)
	}
	_, err = r.api.AuthTest()
	r.must(err)
	_, err = r.s.Command(context.Background(), "ana", "team", "/incident list")
	r.must(err)
	hookURL = r.bot.requests("/slack/commands")[1].form.Get("response_url")
	for i, body := range []string{
		`{"text":"for you","blocks":null,"metadata":{"event_type":"","event_payload":null},"replace_original":false}`,
		`{"text":"for all","response_type":"in_channel"}`, `{"text":"3"}`, `{"text":"4"}`, `{"text":"5"}`, `{"text":"6"}`,
	} {
		want := http.StatusOK
		if i == 5 {
			want = http.StatusNotFound
		}
		if got := post(body); got != want {
			t.Errorf("post %d: %d, want %d", i+1, got, want)
		}
	}
	if list := r.s.Ephemerals("ana"); len(list) != 4 || list[0].Text != "for you" {
		t.Errorf("ephemerals %v", list)
	}
	if list := r.s.Messages("team"); len(list) != 1 || list[0].Text != "for all" {
		t.Errorf("messages %v", list)
	}
	_, err = r.s.Command(context.Background(), "ana", "team", "/incident list")
	r.must(err)
	hookURL = r.bot.requests("/slack/commands")[2].form.Get("response_url")
	r.clock.add(31 * time.Minute)
	if got := post(`{"text":"late"}`); got != http.StatusNotFound {
		t.Errorf("after half an hour: %d", got)
	}
}

func TestSlackButtons(t *testing.T) {
	r := newSlackRig(t)
	ctx := context.Background()
	ok := slack.NewButtonBlockElement("role:lead", "inc-1", plainText("Take the lead"))
	menu := slack.NewOptionsSelectBlockElement("static_select", plainText("Which?"), "pick", slack.NewOptionBlockObject("1", plainText("#1"), nil))
	_, ts, err := r.api.PostMessage(r.id("team"), slack.MsgOptionText("x", false), slack.MsgOptionBlocks(slack.NewActionBlock("b1", ok, menu)))
	r.must(err)
	r.must(r.s.Press(ctx, "ben", "team", ts, "role:lead"))
	ic := payload(t, r.bot.requests("/slack/interactions")[0])
	a := ic.ActionCallback.BlockActions[0]
	if ic.Type != "block_actions" || a.Value != "inc-1" || a.BlockID != "b1" || ic.Message.Timestamp != ts || ic.User.ID != r.id("ben") ||
		ic.Container.IsEphemeral || ic.Channel.Name != "team" {
		t.Errorf("press %+v", ic)
	}
	r.must(r.s.Choose(ctx, "ben", "team", ts, "pick", "#1"))
	ic = payload(t, r.bot.requests("/slack/interactions")[1])
	if v := ic.ActionCallback.BlockActions[0].SelectedOption.Value; v != "1" || ic.BlockActionState.Values["b1"]["pick"].SelectedOption.Value != "1" {
		t.Errorf("choice %q", v)
	}
	_, err = r.api.PostEphemeral(r.id("team"), r.id("ana"), slack.MsgOptionText("y", false), slack.MsgOptionBlocks(slack.NewActionBlock("b", ok)))
	r.must(err)
	r.must(r.s.PressLabel(ctx, "ana", "team", "", "Take the lead"))
	ic = payload(t, r.bot.requests("/slack/interactions")[2])
	if !ic.Container.IsEphemeral || ic.Message.Timestamp != "" {
		t.Errorf("press on an ephemeral message %+v", ic.Container)
	}
	_, _, err = r.api.PostMessage("", slack.MsgOptionReplaceOriginal(ic.ResponseURL), slack.MsgOptionText("taken", false))
	r.must(err)
	if list := r.s.Ephemerals("ana"); len(list) != 1 || list[0].Text != "taken" {
		t.Errorf("replaced %v", list)
	}
	_, _, err = r.api.PostMessage("", slack.MsgOptionDeleteOriginal(ic.ResponseURL))
	r.must(err)
	if list := r.s.Ephemerals("ana"); len(list) != 0 {
		t.Errorf("deleted %v", list)
	}
	if err := r.s.Press(ctx, "ben", "team", ts, "nothing"); err == nil || !strings.Contains(err.Error(), "role:lead") {
		t.Errorf("a button that is not there: %v", err)
	}
	r.nothingRefused()
}

func TestSlackTriggers(t *testing.T) {
	r := newSlackRig(t)
	ctx := context.Background()
	trigger := func() string {
		t.Helper()
		r.must(r.s.Shortcut(ctx, "ana", "declare"))
		list := r.bot.requests("/slack/interactions")
		return payload(t, list[len(list)-1]).TriggerID
	}
	first := trigger()
	_, err := r.api.OpenView("nonsense", form())
	wantErr(t, "a made-up trigger", err, "invalid_trigger_id")
	_, err = r.api.OpenView(first, form())
	wantErr(t, "a fresh trigger", err, "")
	_, err = r.api.OpenView(first, form())
	wantErr(t, "a used trigger", err, "exchanged_trigger_id")
	late := trigger()
	r.clock.add(3*time.Second + time.Millisecond)
	_, err = r.api.OpenView(late, form())
	wantErr(t, "after three seconds", err, "expired_trigger_id")
	for want, code := range []string{"", "", "push_limit_reached"} {
		_, err = r.api.PushView(trigger(), form())
		wantErr(t, fmt.Sprintf("push %d", want+1), err, code)
	}
	v := r.s.View("ana")
	_, err = r.api.UpdateView(form(), "", "170.stale", v.ID)
	wantErr(t, "an old hash", err, "hash_conflict")
	_, err = r.api.UpdateView(form(), "", v.Hash, v.ID)
	wantErr(t, "the right hash", err, "")
	_, err = r.api.UpdateView(form(), "", v.Hash, v.ID)
	wantErr(t, "the same hash again", err, "hash_conflict")
	_, err = r.api.UpdateView(form(), "", "", "V404")
	wantErr(t, "a view that is closed", err, "not_found")
}

// openForm lets ana start a shortcut on which the bot opens the form.
func (r *slackRig) openForm() {
	r.t.Helper()
	r.must(r.s.Shortcut(context.Background(), "ana", "declare"))
	list := r.bot.requests("/slack/interactions")
	_, err := r.api.OpenView(payload(r.t, list[len(list)-1]).TriggerID, form())
	r.must(err)
}

func TestSlackForm(t *testing.T) {
	r := newSlackRig(t)
	ctx := context.Background()
	r.openForm()
	out, err := r.s.Submit(ctx, "ana")
	r.must(err)
	if len(out.Errors) != 2 || out.Errors["title"] == "" || out.Errors["severity"] == "" {
		t.Errorf("Slack itself asks for what is missing: %v", out.Errors)
	}
	for block, wrong := range map[string]string{
		"title": strings.Repeat("x", 21), "severity": "horrible", "lead": "nobody", "due": "tomorrow", "at": "noon", "nothing": "x",
	} {
		if err := r.s.Fill("ana", block, wrong); err == nil {
			t.Errorf("%s took %q", block, wrong)
		}
	}
	for block, right := range map[string]string{
		"title": "db down", "severity": "Downtime", "lead": "ben", "due": "2026-11-08", "at": "2026-11-07T13:00:00Z", "private": "private",
	} {
		r.must(r.s.Fill("ana", block, right))
	}
	sent := len(r.bot.requests("/slack/interactions"))
	r.bot.reply(func(rw http.ResponseWriter, g gotten) {
		rw.Header().Set("Content-Type", "application/json")
		_, _ = rw.Write([]byte(`{"response_action":"errors","errors":{"title":"too vague"}}`))
	})
	out, err = r.s.Submit(ctx, "ana")
	r.must(err)
	if out.Errors["title"] != "too vague" || out.View == nil || r.s.View("ana").Inputs()[0].Error != "too vague" {
		t.Errorf("errors of the bot %+v", out)
	}
	ic := payload(t, r.bot.requests("/slack/interactions")[sent])
	got := ic.View.State.Values
	if ic.Type != "view_submission" || ic.View.CallbackID != "declare" || ic.View.PrivateMetadata != "k" || got["title"]["value"].Value != "db down" ||
		got["severity"]["value"].SelectedOption.Value != "downtime" || got["lead"]["value"].SelectedUser != r.id("ben") ||
		got["due"]["value"].SelectedDate != "2026-11-08" || got["at"]["value"].SelectedDateTime != 1794056400 ||
		got["private"]["value"].SelectedOptions[0].Value != "private" {
		t.Errorf("submitted %+v", got)
	}
	r.bot.reply(nil)
	out, err = r.s.Submit(ctx, "ana")
	r.must(err)
	if out.View != nil || r.s.View("ana") != nil {
		t.Error("an empty answer closes the form")
	}
}

func TestSlackUntouchedInputsAreNull(t *testing.T) {
	r := newSlackRig(t)
	r.openForm()
	r.must(r.s.Fill("ana", "title", "db down"))
	r.must(r.s.Fill("ana", "severity", "degraded"))
	_, err := r.s.Submit(context.Background(), "ana")
	r.must(err)
	list := r.bot.requests("/slack/interactions")
	var raw struct {
		View struct {
			State struct {
				Values map[string]map[string]map[string]any `json:"values"`
			} `json:"state"`
		} `json:"view"`
	}
	r.must(json.Unmarshal([]byte(list[len(list)-1].form.Get("payload")), &raw))
	values := raw.View.State.Values
	for block, field := range map[string]string{"lead": "selected_user", "due": "selected_date", "at": "selected_date_time"} {
		if v, there := values[block]["value"][field]; !there || v != nil {
			t.Errorf("%s: %v", block, values[block])
		}
	}
	if v, _ := values["private"]["value"]["selected_options"].([]any); v == nil || len(v) != 0 {
		t.Errorf("checkboxes: %v", values["private"])
	}
}

func TestSlackFormStack(t *testing.T) {
	r := newSlackRig(t)
	ctx := context.Background()
	r.openForm()
	r.must(r.s.Fill("ana", "title", "kept"))
	r.must(r.s.Fill("ana", "severity", "degraded"))
	respond := func(action string, v *slack.ModalViewRequest) SubmitAnswer {
		t.Helper()
		r.bot.reply(func(rw http.ResponseWriter, _ gotten) {
			rw.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(rw).Encode(map[string]any{"response_action": action, "view": v})
		})
		out, err := r.s.Submit(ctx, "ana")
		r.must(err)
		return out
	}
	next := form()
	out := respond("update", &next)
	if out.View == nil || out.View.Inputs()[0].Value != "kept" {
		t.Errorf("what was typed survives an update: %+v", out.View)
	}
	confirm := slack.ModalViewRequest{Type: slack.VTModal, Title: plainText("Sure?"), Submit: plainText("Yes"), Blocks: slack.Blocks{BlockSet: []slack.Block{}}}
	if out = respond("push", &confirm); out.View == nil || out.View.Title != "Sure?" || out.View.PreviousID == "" {
		t.Errorf("pushed %+v", out.View)
	}
	if out = respond("clear", nil); out.View != nil {
		t.Errorf("cleared %+v", out.View)
	}
	r.openForm()
	r.bot.reply(func(rw http.ResponseWriter, _ gotten) {
		rw.Header().Set("Content-Type", "application/json")
		_, _ = rw.Write([]byte(`{"response_action":"errors","errors":{"elsewhere":"x"}}`))
	})
	r.must(r.s.Fill("ana", "title", "kept"))
	r.must(r.s.Fill("ana", "severity", "degraded"))
	if _, err := r.s.Submit(ctx, "ana"); err == nil || len(r.s.Invalid()) != 1 {
		t.Errorf("an error under an input that is not there: %v, %v", err, r.s.Invalid())
	}
	r.bot.reply(nil)
	r.must(r.s.CloseView(ctx, "ana"))
	list := r.bot.requests("/slack/interactions")
	if ic := payload(t, list[len(list)-1]); ic.Type != "view_closed" || ic.View.CallbackID != "declare" {
		t.Errorf("closing %+v", ic)
	}
	if r.s.View("ana") != nil {
		t.Error("the form is still open")
	}
}

func TestSlackMessageShortcut(t *testing.T) {
	r := newSlackRig(t)
	ts := r.say("ben", "team", "root cause found")
	r.must(r.s.MessageShortcut(context.Background(), "ana", "team", ts, "add_to_timeline"))
	ic := payload(t, r.bot.requests("/slack/interactions")[0])
	if ic.Type != "message_action" || ic.CallbackID != "add_to_timeline" || ic.Message.Text != "root cause found" ||
		ic.Message.User != r.id("ben") || ic.MessageTs != ts || ic.ResponseURL == "" {
		t.Errorf("shortcut %+v", ic)
	}
}

func TestSlackHomeOpened(t *testing.T) {
	r := newSlackRig(t)
	r.must(r.s.OpenHome("ana"))
	r.delivered()
	_, kind, event := inner(t, r.bot.requests("/slack/events")[0])
	if kind != "app_home_opened" || event["tab"] != "home" || event["user"] != r.id("ana") {
		t.Errorf("event %v", event)
	}
}

func TestSlackTypedText(t *testing.T) {
	r := newSlackRig(t)
	for typed, want := range map[string]string{
		"plain":                       "plain",
		"a & b < c":                   "a &amp; b &lt; c",
		"ask @ben in #team.":          "ask <@" + r.id("ben") + "> in <#" + r.id("team") + "|>.",
		"not a name: x@ben, @nobody":  "not a name: x@ben, @nobody",
		"<!channel> all":              "&lt;!channel&gt; all",
		"see (https://x.io/a).":       "see (<https://x.io/a>).",
		"run `a < b`":                 "run `a &lt; b`",
		"https://x.io and @ana":       "<https://x.io> and <@" + r.id("ana") + ">",
		"line one\nline two :tada:":   "line one\nline two :tada:",
		"```code @ben <x>``` after":   "```code @ben &lt;x&gt;``` after",
		"@watchbell log 14:05 it & I": "<@" + BotUser + "> log 14:05 it &amp; I",
	} {
		ts := r.say("ana", "team", typed)
		m := r.s.Message("team", ts)
		if m.Text != want {
			t.Errorf("typed %q\ngot  %q\nwant %q", typed, m.Text, want)
		}
		var blocks slack.Blocks
		if err := json.Unmarshal(m.Blocks, &blocks); err != nil || len(blocks.BlockSet) != 1 {
			t.Errorf("blocks of %q: %v", typed, err)
		}
		shown := strings.NewReplacer("`", "").Replace(typed)
		if got := strings.ReplaceAll(strings.ReplaceAll(r.s.MessageText(*m), "\n", " "), "  ", " "); got != strings.ReplaceAll(shown, "\n", " ") {
			t.Errorf("%q reads as %q", typed, got)
		}
	}
}

func TestSlackMessageText(t *testing.T) {
	r := newSlackRig(t)
	m := Message{Blocks: json.RawMessage(`[
		{"type":"header","text":{"type":"plain_text","text":"Checkout & co"}},
		{"type":"section","text":{"type":"mrkdwn","text":"Lead <@` + r.id("ana") + `>, see <https://x.io|the post> &amp; <#` + r.id("team") + `>"}},
		{"type":"context","elements":[{"type":"mrkdwn","text":"since <!date^1700000000^{time}|14:05 UTC>"},{"type":"plain_text","text":"SEV"}]},
		{"type":"actions","elements":[{"type":"button","action_id":"a","text":{"type":"plain_text","text":"Resolve"}}]}]`)}
	want := "Checkout & co\nLead @ana, see the post (https://x.io) & #team\nsince 14:05 UTC SEV\n[Resolve]"
	if got := r.s.MessageText(m); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := r.s.MessageText(Message{Text: "a &lt;b&gt; <!here>"}); got != "a <b> @here" {
		t.Errorf("got %q", got)
	}
	if b := m.Buttons(); len(b) != 1 || b[0].Label != "Resolve" {
		t.Errorf("buttons %v", b)
	}
}

func TestSlackWaitFor(t *testing.T) {
	r := newSlackRig(t)
	done := make(chan error, 1)
	go func() {
		done <- r.s.WaitFor(t.Context(), func() bool { return len(r.s.Messages("team")) == 2 })
	}()
	r.say("ana", "team", "one")
	r.say("ana", "team", "two")
	r.must(<-done)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.s.WaitFor(ctx, func() bool { return false }); err == nil {
		t.Error("waiting went on after the context ended")
	}
}

func TestSlackDirectMessages(t *testing.T) {
	r := newSlackRig(t)
	_, _, err := r.api.PostMessage(r.id("ana"), slack.MsgOptionText("for you", false))
	r.must(err)
	r.say("ana", "@watchbell", "thank you @watchbell")
	if list := r.s.Messages("@ana"); len(list) != 2 || list[1].Text != "thank you <@"+BotUser+">" {
		t.Errorf("conversation %v", list)
	}
	if got := strings.Join(r.events(), " "); got != "message message" {
		t.Errorf("no mention in a direct conversation: %s", got)
	}
	ch, _, _, err := r.api.OpenConversation(&slack.OpenConversationParameters{Users: []string{r.id("ana")}})
	r.must(err)
	if !strings.HasPrefix(ch.ID, "D") {
		t.Errorf("conversation %s", ch.ID)
	}
}
