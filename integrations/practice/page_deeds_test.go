package practice

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/slack-go/slack"
)

// deed does something on the page and returns the status and what the person is told.
func (r *pageRig) deed(name string, fields ...string) (int, string) {
	r.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	answer, err := http.PostForm(r.page+"/practice/page/do/"+name, form)
	r.must(err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	r.must(err)
	return answer.StatusCode, strings.TrimSpace(string(body))
}

func TestPageDeeds(t *testing.T) {
	t.Parallel()
	r := newPageRig(t)
	done := func(name string, fields ...string) {
		t.Helper()
		if status, text := r.deed(name, fields...); status != http.StatusNoContent {
			t.Errorf("%s: %d %s", name, status, text)
		}
	}
	done("say", "as", "ana", "channel", "team", "text", "Is it down?")
	ts := r.s.Messages("team")[len(r.s.Messages("team"))-1].TS
	done("say", "as", "ben", "channel", "team", "text", "Yes", "thread", ts)
	done("react", "as", "ben", "channel", "team", "ts", ts, "emoji", " :Eyes: ")
	done("edit", "as", "ana", "channel", "team", "ts", ts, "text", "Is checkout down?")
	done("pin", "as", "ben", "channel", "team", "ts", ts)
	r.shows(r.look("?as=ana"), "Ana Example 14:05 edited⋯", "👀 1 from Ben Example", "Pinned by Ana Example Is checkout down?", "Yes")
	done("unreact", "as", "ben", "channel", "team", "ts", ts, "emoji", "eyes")
	done("unpin", "as", "ben", "channel", "team", "ts", ts)
	done("delete", "as", "ana", "channel", "team", "ts", ts)
	done("leave", "as", "ben", "channel", "team")
	r.shows(r.look("?as=ben&channel=team"), "Not joined #team", "Ben Example is not in #team. Join #team")
	done("join", "as", "ben", "channel", "team")

	r.w.Install(App{Command: "/incident"})
	for _, tt := range []struct{ name, fields, says string }{
		{"command", "as=ana&channel=team&text=/incidents+log+x", "/incidents is not a valid command; there is /incident. To send it as a message, begin with a blank."},
		{"say", "as=ana&channel=team&text=+", "Ana typed nothing."},
		{"say", "as=nobody&channel=team&text=x", `There is nobody called "nobody".`},
		{"say", "as=ana&channel=nowhere&text=x", `There is no channel called "nowhere".`},
		{"edit", "as=ben&channel=team&ts=" + r.say("ana", "team", "mine") + "&text=x", "The message is not ben's."},
		{"react", "as=ana&channel=team&ts=1&emoji=no+emoji", `"no emoji" is not the name of an emoji; write one such as pushpin.`},
		{"view-submit", "as=ana&view=V1", "This form is no longer open."},
	} {
		answer, err := http.Post(r.page+"/practice/page/do/"+tt.name, "application/x-www-form-urlencoded", strings.NewReader(tt.fields))
		r.must(err)
		body, _ := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if got := strings.TrimSpace(string(body)); answer.StatusCode != http.StatusUnprocessableEntity || !strings.EqualFold(got, tt.says) {
			t.Errorf("%s %s: %d %q, want %q", tt.name, tt.fields, answer.StatusCode, got, tt.says)
		}
	}
}

// Every deed is refused to pages elsewhere and under other names of this machine.
func TestPageDeedsAreGuarded(t *testing.T) {
	t.Parallel()
	r := newPageRig(t)
	for name := range r.w.page.deeds() {
		for _, tt := range []struct{ host, header, value string }{
			{"evil.example", "Origin", "http://evil.example"},
			{"127.0.0.1:80", "Sec-Fetch-Site", "cross-site"},
			{"127.0.0.1:80", "Origin", "http://127.0.0.1:81"},
		} {
			req := httptest.NewRequest("POST", "http://"+tt.host+"/practice/page/do/"+name, nil)
			req.Header.Set(tt.header, tt.value)
			rw := httptest.NewRecorder()
			r.w.Handler().ServeHTTP(rw, req)
			if rw.Code != http.StatusForbidden {
				t.Errorf("%s from %s: %d", name, tt.value, rw.Code)
			}
		}
	}
}

// Every kind of element is drawn, holds what the bot has put in, and takes what a browser sends for it.
func TestPageFormTakesEveryInput(t *testing.T) {
	t.Parallel()
	r := newPageRig(t)
	ana := r.id("ana")
	input := func(id, element string) string {
		return fmt.Sprintf(`{"type":"input","block_id":%q,"optional":true,"label":{"type":"plain_text","text":"Field %s"},"element":{"action_id":"value",%s}}`, id, id, element)
	}
	options := `"options":[{"text":{"type":"plain_text","text":"One"},"value":"1"},{"text":{"type":"plain_text","text":"Two"},"value":"2"}]`
	view := `{"type":"modal","callback_id":"c","title":{"type":"plain_text","text":"All"},"submit":{"type":"plain_text","text":"Go"},"blocks":[` + strings.Join([]string{
		input("line", `"type":"plain_text_input","initial_value":"begun"`), input("lines", `"type":"plain_text_input","multiline":true`),
		input("choice", `"type":"static_select",`+options), input("radio", `"type":"radio_buttons",`+options),
		input("boxes", `"type":"checkboxes",`+options), input("who", `"type":"users_select","initial_user":"`+ana+`"`),
		input("day", `"type":"datepicker","initial_date":"2026-11-07"`), input("time", `"type":"timepicker"`), input("instant", `"type":"datetimepicker"`),
	}, ",") + `]}`
	r.s.mu.Lock()
	trigger := r.s.newTrigger(ana)
	r.s.mu.Unlock()
	answer, err := http.PostForm(r.url+SlackPath+"views.open", url.Values{"token": {r.s.BotToken()}, "trigger_id": {trigger}, "view": {view}})
	r.must(err)
	r.must(answer.Body.Close())
	open := r.s.View("ana")
	if open == nil {
		t.Fatal("no form is open")
	}
	page := r.look("?as=ana")
	for _, want := range []string{
		`name="f/line" value="begun" type="text"`, `<textarea id="e-` + open.ID + `-lines-value" name="f/lines"`, `<option value="2">Two</option>`,
		`<input type="radio"`, `<input type="checkbox"`, `<option value="` + ana + `" selected>Ana Example</option>`,
		`value="2026-11-07" type="date"`, `type="time"`, `type="datetime-local"`, `<label for="e-` + open.ID + `-line-value">Field line`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(r.look("?as=ben"), "Field line") {
		t.Error("Ben sees Ana's form")
	}
	status, text := r.deed("view-submit", "as", "ana", "view", open.ID, "f/line", "one", "f/lines", "a\r\nb", "f/choice", "2", "f/radio", "1",
		"f/boxes", "1", "f/boxes", "2", "f/who", r.id("ben"), "f/day", "2026-12-24", "f/time", "14:05", "f/instant", "2026-11-07T14:05:00Z")
	if status != http.StatusNoContent {
		t.Fatalf("submitting: %d %s", status, text)
	}
	var sent slack.InteractionCallback
	for _, g := range r.bot.requests("/slack/interactions") {
		r.must(json.Unmarshal([]byte(g.form.Get("payload")), &sent))
	}
	held := sent.View.State.Values
	got := fmt.Sprint(held["line"]["value"].Value, held["lines"]["value"].Value, held["choice"]["value"].SelectedOption.Value,
		held["radio"]["value"].SelectedOption.Value, len(held["boxes"]["value"].SelectedOptions), held["who"]["value"].SelectedUser,
		held["day"]["value"].SelectedDate, held["time"]["value"].SelectedTime, held["instant"]["value"].SelectedDateTime)
	if want := fmt.Sprint("one", "a\nb", "2", "1", 2, r.id("ben"), "2026-12-24", "14:05", 1794060300); got != want {
		t.Errorf("the bot got %s, want %s", got, want)
	}
}
