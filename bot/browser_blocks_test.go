//go:build browser

package main

import (
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

const (
	optionsOf   = `[{"text": {"type": "plain_text", "text": "Edit"}, "value": "edit"}, {"text": {"type": "plain_text", "text": "Remove"}, "value": "remove"}]`
	surely      = `{"title": {"type": "plain_text", "text": "Are you sure?"}, "text": {"type": "plain_text", "text": "It is gone for good."}, "confirm": {"type": "plain_text", "text": "Do it"}, "deny": {"type": "plain_text", "text": "Leave it"}, "style": "danger"}`
	rowOf       = `{"type": "section", "text": {"type": "mrkdwn", "text": "*14:05* the primary is full"}, "accessory": {"type": "overflow", "action_id": "row", "options": ` + optionsOf + `, "confirm": ` + surely + `}}`
	allElements = `[` + rowOf + `, {"type": "actions", "elements": [
		{"type": "button", "action_id": "drop:1", "style": "danger", "text": {"type": "plain_text", "text": "Drop it"}, "confirm": ` + surely + `},
		{"type": "static_select", "action_id": "pick", "placeholder": {"type": "plain_text", "text": "Pick one"}, "options": ` + optionsOf + `},
		{"type": "datepicker", "action_id": "day", "placeholder": {"type": "plain_text", "text": "Which day"}},
		{"type": "timepicker", "action_id": "clock", "placeholder": {"type": "plain_text", "text": "What time"}},
		{"type": "datetimepicker", "action_id": "instant"}]},
		{"type": "actions", "elements": [
		{"type": "checkboxes", "action_id": "boxes", "options": ` + optionsOf + `},
		{"type": "radio_buttons", "action_id": "radios", "options": ` + optionsOf + `},
		{"type": "users_select", "action_id": "person", "placeholder": {"type": "plain_text", "text": "Who"}},
		{"type": "button", "action_id": "open", "text": {"type": "plain_text", "text": "Open a form"}}]}]`
)

// Every element is drawn in a message and tells the bot what was chosen, once: by mouse and by keyboard.
func TestBrowserBlocks(t *testing.T) {
	c := newClient(t)
	c.on = func(string, string, payload) string { return "" }
	ana := c.open("ana", "&channel=team", 1280, 860)
	c.call("conversations.join", map[string]any{"channel": c.p.workspace.Slack.Channel("team").ID})
	c.call("chat.postMessage", map[string]any{"channel": c.p.workspace.Slack.Channel("team").ID, "text": "card", "blocks": blocks(t, allElements)})
	ana.sees(".message", "the primary is full")

	ana.click(".message [data-overflow]")
	ana.picture("30-overflow")
	ana.keys(kb.ArrowDown + kb.Enter)
	ana.sees("dialog[open]", "Are you sure?", "It is gone for good.")
	ana.picture("31-confirm")
	ana.keys(kb.Escape)
	ana.true("be back at the menu", `document.activeElement.matches("[data-overflow]")`)
	c.no("row")
	ana.keys(kb.Enter)
	ana.keys(kb.ArrowDown + kb.Enter)
	ana.click("=Do it")
	c.got("row remove")

	ana.click("=Drop it")
	ana.click("=Leave it")
	c.no("drop:1")
	ana.click("=Drop it")
	ana.keys(kb.Enter) // the button that has the focus
	c.got("drop:1")

	ana.click(`[aria-label="Pick one"]`)
	ana.keys("Rem" + kb.Enter)
	c.got("pick remove")
	focus := func(what string) {
		ana.true("reach it", `(document.querySelector('`+what+`').focus(), true)`)
	}
	focus(`[aria-label="Which day"]`)
	ana.keys("07082026" + kb.Tab + kb.Tab)
	c.got("day 2026-07-08")
	focus(`[aria-label="What time"]`)
	ana.keys("0205PM" + kb.Enter)
	c.got("clock 14:05")
	focus(`input[type="datetime-local"]`)
	ana.keys("07082026" + kb.Tab + "0205PM" + kb.Enter)
	c.got("instant 2026-07-08 14:05")
	ana.click(`.message input[type=checkbox][value=edit]`)
	c.got("boxes edit")
	ana.click(`.message input[type=radio][value=remove]`)
	c.got("radios remove")
	focus(`[aria-label="Who"]`)
	ana.keys("Ben" + kb.Enter)
	c.got("person " + c.p.workspace.Slack.User("ben").ID)
	ana.picture("32-elements")
}

const (
	loading = `[{"type": "section", "text": {"type": "mrkdwn", "text": "Loading …"}}]`
	asking  = `[{"type": "input", "block_id": "title", "label": {"type": "plain_text", "text": "Title"}, "element": {"type": "plain_text_input", "action_id": "value"}},
		{"type": "input", "block_id": "day", "label": {"type": "plain_text", "text": "Day"}, "hint": {"type": "plain_text", "text": "In UTC"}, "element": {"type": "datepicker", "action_id": "value"}},
		{"type": "input", "block_id": "clock", "label": {"type": "plain_text", "text": "Time"}, "element": {"type": "timepicker", "action_id": "value"}},
		{"type": "input", "block_id": "who", "optional": true, "label": {"type": "plain_text", "text": "Who"}, "element": {"type": "multi_users_select", "action_id": "value"}},
		{"type": "actions", "block_id": "more", "elements": [{"type": "button", "action_id": "more", "text": {"type": "plain_text", "text": "More …"}}]}]`
	deeper = `[{"type": "input", "block_id": "why", "label": {"type": "plain_text", "text": "Why"}, "element": {"type": "plain_text_input", "multiline": true, "action_id": "value"}},
		{"type": "actions", "elements": [{"type": "button", "action_id": "deepest", "text": {"type": "plain_text", "text": "Even more …"}}]}]`
)

func modal(t *testing.T, callback, title, content string) map[string]any {
	plain := func(s string) map[string]any { return map[string]any{"type": "plain_text", "text": s} }
	v := map[string]any{"type": "modal", "callback_id": callback, "title": plain(title), "close": plain("Back"), "blocks": blocks(t, content)}
	if callback != "loading" {
		v["submit"] = plain("Save")
	}
	return v
}

// atMost waits for something, as long as a bot may take to answer.
func atMost(happened <-chan struct{}) {
	select {
	case <-happened:
	case <-time.After(2500 * time.Millisecond):
	}
}

// Forms load, lie on each other, complain in place, and keep what is typed.
func TestBrowserForms(t *testing.T) {
	c := newClient(t)
	loaded, used := make(chan bool), make(chan struct{})
	use := sync.OnceFunc(func() { close(used) })
	c.on = func(kind, what string, p payload) string {
		switch what {
		case "open":
			view := c.call("views.open", map[string]any{"trigger_id": p.Trigger, "view": modal(t, "loading", "A form", loading)})["view"].(map[string]any)
			go func() {
				<-loaded
				c.call("views.update", map[string]any{"view_id": view["id"], "view": modal(t, "first", "A form", asking)})
			}()
		case "more":
			c.call("views.push", map[string]any{"trigger_id": p.Trigger, "view": modal(t, "second", "More", deeper)})
			atMost(used) // the form on top can be used while the one below still waits for the bot
		case "deepest":
			c.call("views.push", map[string]any{"trigger_id": p.Trigger, "view": modal(t, "third", "Even more", loading)})
		case "second":
			use()
			if v := p.View.State.Values["why"]["value"]["value"]; v != "because" {
				return `{"response_action": "errors", "errors": {"why": "Say because."}}`
			}
		case "first":
			v := p.View.State.Values
			c.keep("saved " + chosenIn(v["title"]["value"]) + " " + chosenIn(v["day"]["value"]) + " " + chosenIn(v["clock"]["value"]))
		}
		return ""
	}
	ana := c.open("ana", "&channel=team", 390, 844)
	c.call("conversations.join", map[string]any{"channel": c.p.workspace.Slack.Channel("team").ID})
	c.call("chat.postMessage", map[string]any{"channel": c.p.workspace.Slack.Channel("team").ID, "text": "card", "blocks": blocks(t, allElements)})
	ana.click("=Open a form")
	ana.sees("dialog[open]", "A form", "Loading …")
	ana.picture("33-loading")
	loaded <- true
	ana.true("be in the first field", `document.activeElement.name === "f/title"`)
	ana.keys("Half a" + kb.Tab + "07082026" + kb.Tab + kb.Tab + "0205PM")
	ana.click("=More …")
	ana.sees("dialog[open]", "More", "Why")
	ana.click("=Save")
	ana.sees("dialog[open] .error", "Please complete this required field.")
	ana.keys("no idea")
	ana.keys(kb.Enter, chromedp.ModifierCtrl)
	ana.sees("dialog[open] .error", "Say because.")
	ana.picture("34-stacked")
	ana.click("=Even more …")
	ana.sees("dialog[open] h2", "Even more")
	ana.keys(kb.Escape)
	ana.sees("dialog[open] h2", "More")
	ana.true("find what was typed", `document.querySelector("dialog[open] textarea").value === "no idea"`)
	ana.true("choose all of it", `(document.querySelector("dialog[open] textarea").select(), true)`)
	ana.keys("because")
	ana.keys(kb.Enter, chromedp.ModifierCtrl)
	ana.sees("dialog[open] h2", "A form")
	ana.true("find what was typed", `document.querySelector("dialog[open] [name='f/title']").value === "Half a"`)
	ana.picture("35-first-again")
	ana.click("=Save")
	c.got("saved Half a 2026-07-08 14:05")
	ana.true("be back", `!document.querySelector("dialog[open]")`)
	if wide := eval[int](ana, "document.documentElement.scrollWidth"); wide > 390 {
		t.Errorf("the page is %d pixels wide", wide)
	}
}

// The Home tab is drawn for the person who opens it, and what stands there can be used.
func TestBrowserHome(t *testing.T) {
	c := newClient(t)
	found := make(chan struct{})
	c.on = func(_, what string, p payload) string {
		if what == "row" {
			atMost(found) // a slow answer to one press holds up no other
		}
		if what == "app_home_opened" && p.Event.Tab == "home" {
			c.keep("home of " + p.Event.User)
			c.call("views.publish", map[string]any{"user_id": p.Event.User, "view": map[string]any{"type": "home", "blocks": blocks(t,
				`[{"type": "header", "text": {"type": "plain_text", "text": "Your incidents"}}, `+rowOf+`, `+rowOf+`,
				{"type": "input", "block_id": "filter", "label": {"type": "plain_text", "text": "Filter"}, "element": {"type": "plain_text_input", "action_id": "value"}},
				{"type": "actions", "elements": [{"type": "button", "action_id": "find", "text": {"type": "plain_text", "text": "Find"}}]}]`)}})
		}
		if what == "find" {
			c.keep("looked for " + chosenIn(p.View.State.Values["filter"]["value"]))
			close(found)
		}
		return ""
	}
	ana := c.open("ana", "&channel=team", 1280, 860)
	ana.click("=Watchbell")
	ana.click("=Home")
	ana.sees(".home", "Your incidents", "the primary is full")
	c.got("home of " + c.p.workspace.Slack.User("ana").ID)
	ana.click(".home .b-beside:nth-of-type(2) [data-overflow]")
	ana.click("=Edit")
	ana.click("=Do it")
	c.got("row edit")
	ana.click(".home input")
	ana.keys("disk" + kb.Enter)
	ana.click("=Find")
	c.got("looked for disk")
	ana.picture("36-home")
	ana.click("=Messages")
	ana.sees(".log", "Nobody has said anything here yet")
	ana.click(`[data-person="ben"]`)
	ana.true("be Ben", `document.body.dataset.as === "ben"`)
	ana.click("=Watchbell")
	ana.click("=Home")
	c.got("home of " + c.p.workspace.Slack.User("ben").ID)
	ana.sees(".home", "Your incidents")
}
