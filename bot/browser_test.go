//go:build browser

package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// The incident's channel in the list, once one is in it, and before.
const (
	incidentLink = `.places:not(.others) a[href*="inc-1-"]`
	othersLink   = `.others a[href*="inc-1-"]`
)

// A whole incident in a browser, from the first word to the merged post, by mouse and keyboard alone.
func TestBrowserWholeIncident(t *testing.T) {
	r := newBrowserRig(t)
	ana := r.open("ana", "&channel=team", 1280, 860)
	ana.picture("01-start")

	ana.click("=Declare an incident")
	ana.sees("dialog[open] h2", "Declare an incident")
	ana.keys(kb.Enter) // nothing is filled in
	ana.sees("dialog[open] .error", "Please complete this required field.")
	ana.true("be at the wrong field", `document.activeElement.name === "f/title"`)
	ana.picture("02-declare")
	ana.keys("checkout is down" + kb.Tab + "do") // the severity is reached and chosen by keys
	ana.true("choose downtime", `document.activeElement.value === "downtime"`)
	ana.keys(kb.Enter, chromedp.ModifierCtrl)
	ana.true("leave the form", `!document.querySelector("dialog[open]")`)
	ana.sees(".log", "We have an incident going on")
	ana.sees(".places .unread", "inc-1-checkout-is-down")
	ana.visit(incidentLink)
	ana.sees(".pinned", "#1 checkout is down", "Incident manager @ana", "downtime")
	ana.picture("03-channel")

	ana.logsAndCaptures()
	ana.steers()
	ana.resolves()
}

// logsAndCaptures fills the timeline in all four ways: by command, by form, by reaction and by shortcut.
func (ana *tab) logsAndCaptures() {
	ana.t.Helper()
	ana.click("#compose")
	ana.keys("/incident lo")
	ana.sees("#hints", "/incident log [time] text")
	ana.picture("04-hints")
	ana.keys(kb.Tab + "-5m deployed the order queue" + kb.Enter) // Tab takes the suggestion
	ana.sees(".pinned", "deployed the order queue")

	ana.click("=Add entry")
	ana.sees("dialog[open] h2", "Add to the timeline")
	ana.keys("The *primary's* disk is full")
	ana.click("dialog[open] [data-submit]")
	ana.sees(".pinned", "disk is full")

	ana.say("I see 502s since *noon*, @ben")
	ana.sees(".message", "I see 502s since *noon*, @ben")
	ana.menuOf("I see 502s")
	ana.picture("05-menu")
	ana.keys(kb.Enter) // the first is the pushpin
	ana.sees(".reactions", "📌 1")
	ana.sees(".pinned", "I see 502s since")

	ana.say("The old segments are deleted")
	ana.menuOf("The old segments")
	ana.click("=Add to the timeline")
	ana.sees("dialog[open] h2", "Add to the timeline")
	ana.click("dialog[open] [data-submit]")
	ana.sees(".pinned", "old segments are deleted")
}

// menuOf opens the menu of a message by the keyboard: from the message box one goes back to the messages.
func (ana *tab) menuOf(words string) {
	ana.t.Helper()
	ana.sees(".log .message", words)
	ana.click("#compose")
	ana.keys(kb.Tab, chromedp.ModifierShift)
	for range 5 {
		if eval[bool](ana, `document.activeElement.matches("[data-more]")`) {
			break
		}
		ana.keys(kb.Tab, chromedp.ModifierShift)
	}
	ana.keys(kb.End) // the newest
	for range 40 {
		if eval[bool](ana, fmt.Sprintf(`document.activeElement.matches("[data-more]") && document.activeElement.closest(".message").innerText.includes(%q)`, words)) {
			ana.keys(kb.Enter)
			ana.true("open the menu", `document.activeElement.closest("#menu")`)
			return
		}
		ana.keys(kb.ArrowUp)
	}
	ana.t.Fatalf("the menu of %q is not reached; the focus is on %s", words, eval[string](ana, `document.activeElement.outerHTML`))
}

// steers gives an action item, the status, the severity and the roles.
func (ana *tab) steers() {
	ana.t.Helper()
	ana.click("=Action item")
	ana.sees("dialog[open] h2", "Add an action item")
	ana.keys("Alert when the disk is 80% full" + kb.Tab + "Chl")
	ana.click("dialog[open] [data-submit]")
	ana.sees(".board", "Alert when the disk is 80% full")
	ana.say("/incident actions")
	ana.sees(".private", "Alert when the disk is 80% full", "@chloe")

	ana.say("/incident status identified The queue filled the disk")
	ana.sees(".pinned", "identified", "The queue filled the disk")
	ana.say("/incident severity severe")
	ana.sees(".pinned", "severe")

	ana.say("/incident role")
	ana.sees("dialog[open] h2", "Who does what?")
	ana.keys(kb.Tab + "Chl" + kb.Tab + "Be")
	ana.picture("06-roles")
	ana.click("dialog[open] [data-submit]")
	ana.sees(".pinned", "Ops @chloe", "Communications @ben")

	ana.say("/incident update")
	ana.sees("dialog[open]", "This is how it looks", "It goes to")
	ana.true("choose all of it", `(document.querySelector("dialog[open] textarea").select(), true)`)
	ana.keys("Half of the carts fail.")
	ana.sees("dialog[open] .b-text", "Half of the carts fail.")
	ana.true("go on writing", `document.activeElement.name === "f/text" && document.activeElement.value === "Half of the carts fail."`)
	ana.click("dialog[open] [data-submit]")
	ana.sees(".message", "The users are told")
}

// resolves ends the incident, writes the post and merges its pull request.
func (ana *tab) resolves() {
	ana.t.Helper()
	ana.say("/incident resolve")
	ana.sees(".pinned", "resolved")
	ana.click("=Write the post")
	ana.sees("dialog[open] h2", "Write the post")
	ana.keys("Nobody could pay for *ten* minutes.")
	ana.picture("07-draft")
	ana.click("dialog[open] [data-submit]")
	ana.true("leave the form", `!document.querySelector("dialog[open]")`)
	ana.sees(".pull", "checkout is down")
	ana.true("find the sentence in the post", `document.querySelector(".pulls").textContent.includes("Nobody could pay for *ten* minutes.")`)
	for n := eval[int](ana, `document.querySelectorAll("[data-dismiss]").length`); n > 0; n-- {
		ana.click("[data-dismiss]")
		ana.true("be rid of an answer", fmt.Sprintf(`document.querySelectorAll("[data-dismiss]").length < %d`, n))
	}
	ana.picture("08-post")
	ana.click("=Ready for review")
	ana.sees(".pull .state", "Open")
	ana.click("=Merge …")
	ana.click("=Yes, merge #1")
	ana.sees(".pull .state", "Merged")
}

// Two people in two windows see what the other one does at once, and lose nothing of what they are typing.
func TestBrowserTwoPeople(t *testing.T) {
	r := newBrowserRig(t)
	ana := r.open("ana", "&channel=team", 1280, 800)
	ben := r.open("ben", "&channel=team", 1280, 800)
	ben.click("#compose")
	ben.keys("I am about to say")
	ana.say("Who has the keys to checkout?")
	sent := time.Now()
	ben.sees(".log", "Who has the keys to checkout?")
	t.Logf("Ben sees Ana's message after %v", time.Since(sent))
	ben.keys(" yes")
	ben.true("keep what he types", `document.activeElement.id === "compose" && document.activeElement.value === "I am about to say yes"`)
	ben.keys(kb.Enter)
	sent = time.Now()
	ana.sees(".log", "I am about to say yes")
	t.Logf("Ana sees Ben's message after %v", time.Since(sent))

	// A look that fails, as on a laptop that has just woken, is tried again by itself.
	ana.true("lose the line once", `(window.whole = fetch, window.fetch = () => { window.fetch = window.whole; return Promise.reject(new TypeError("cut")); }, true)`)
	ben.say("Did you hear that?")
	ana.sees(".log", "Did you hear that?")

	// What is for Ben alone is on his window alone.
	ben.say("/incident help")
	ben.sees(".private", "only visible to you")
	ana.gone(".log", "only visible to you")

	// A form that is open stays as it is while the others talk.
	ben.click("=Declare an incident")
	ben.sees("dialog[open] h2", "Declare an incident")
	ben.keys("half a tit")
	for i := range 20 {
		ana.say(fmt.Sprintf("message %d.", i))
	}
	ben.sees(".log", "message 19.")
	ben.keys("le")
	ben.true("keep the form", `document.activeElement.value === "half a title"`)
	ben.keys(kb.Escape)
	ben.true("close the form", `!document.querySelector("dialog[open]")`)

	// In one window one can become somebody else, and come back.
	ben.click(`[data-person="chloe"]`)
	ben.true("be Chloe", `document.body.dataset.as === "chloe" && document.querySelector("#compose").ariaLabel === "Message #team as Chloe"`)
	ben.gone(".log", "only visible to you")
	ben.say("Chloe speaks")
	ana.sees(".message .by", "Chloe")

	ana.menuOf("message 19.")
	ana.click("=Edit")
	ana.keys(" And more.")
	ana.keys(kb.Enter)
	ben.sees(".message", "message 19. And more.", "edited")
	ana.menuOf("message 18.")
	ana.click("=Delete")
	ana.sees("dialog[open] h2", "Delete the message?")
	ana.click("#ask-yes")
	ben.gone(".message", "message 18.")
	ana.menuOf("message 17.")
	ana.click("=Reply in thread")
	ana.sees(".mode", "Reply in the thread of Ana")
	ana.keys("in the thread" + kb.Enter)
	ben.sees(".thread", "in the thread")
}

// What somebody presses stays under the mouse until they let go, however much happens meanwhile; and the focus stays.
func TestBrowserLosesNoClick(t *testing.T) {
	r := newBrowserRig(t)
	ana := r.open("ana", "&channel=team", 1280, 800)
	ana.say("look at this")
	ana.menuOf("look at this")
	ana.keys(kb.Enter)
	ana.sees(".reactions", "📌 1")
	at := eval[[]float64](ana, fmt.Sprintf(clickable, `".reactions button"`))
	ana.do("press", chromedp.MouseEvent(chromedp.MousePressed, at[0], at[1], chromedp.ButtonLeft, chromedp.ClickCount(1)))
	for i := range 5 {
		if _, err := r.p.workspace.Slack.Say("ben", "team", fmt.Sprintf("so I see %d.", i)); err != nil {
			t.Fatal(err)
		}
	}
	ana.do("wait", chromedp.Sleep(time.Second)) // longer than the page takes to look again
	ana.do("let go", chromedp.MouseEvent(chromedp.MouseReleased, at[0], at[1], chromedp.ButtonLeft, chromedp.ClickCount(1)))
	ana.sees(".log", "so I see 4.")
	ana.gone(".reactions", "📌 1")

	ana.menuOf("look at this")
	ana.keys(kb.Escape)
	ana.true("be at the message", `document.activeElement.matches("[data-more]")`)
	if _, err := r.p.workspace.Slack.Say("ben", "team", "one more"); err != nil {
		t.Fatal(err)
	}
	ana.sees(".log", "one more")
	ana.true("still be there", `document.activeElement.closest(".message")?.innerText.includes("look at this")`)
}

// Text that means harm, or is only large, is text.
func TestBrowserHostileText(t *testing.T) {
	r := newBrowserRig(t)
	ana := r.open("ana", "&channel=team", 1280, 800)
	long := strings.Repeat("The quick brown fox. ", 40_000/21+1)[:40_000]
	for _, text := range []string{
		`<script>document.title = "broken"</script>`, `"><img src=x onerror=document.title="broken">`, "abc \u202egnp.exe\u202c def",
		`<style>body{display:none}</style>`, `</li></ol><form action=//evil><button>`, "*bold* `code` ~not~", long,
	} {
		if _, err := r.p.workspace.Slack.Say("ben", "team", text); err != nil {
			t.Fatal(err)
		}
	}
	ana.sees(".log", `<script>document.title = "broken"</script>`, `"><img src=x onerror=document.title="broken">`, "gnp.exe", "<style>")
	ana.true("see all of a long text", `[...document.querySelectorAll(".b-text")].some(e => e.textContent.length === 40000)`)
	ana.say(`</textarea><script>document.title = "broken"</script>`)
	ana.sees(".log", "</textarea><script>")
	ana.menuOf("</textarea><script>")
	ana.click("=Edit")
	ana.true("edit what was typed", `document.activeElement.value === '</textarea><script>document.title = "broken"</script>'`)
	ana.picture("09-hostile")
	if title := eval[string](ana, "document.title"); title != "#team · Watchbell practice" {
		t.Errorf("the title is %q", title)
	}
	if n := eval[int](ana, `document.querySelectorAll(".log script, .log img, .log style, .log form").length`); n != 0 {
		t.Errorf("%d elements came from text", n)
	}
}

// On a telephone and in the dark the same things are there, and nothing is wider than the screen.
func TestBrowserSmallAndDark(t *testing.T) {
	r := newBrowserRig(t)
	small := r.open("ana", "&channel=team", 390, 844)
	small.click("=Declare an incident")
	small.sees("dialog[open] h2", "Declare an incident")
	small.picture("10-small-form")
	small.keys("checkout is down" + kb.Enter)
	small.sees(".log", "We have an incident going on")
	small.visit(incidentLink)
	small.sees(".pinned", "#1 checkout is down")
	small.say("on my way")
	small.sees(".log", "on my way")
	small.picture("11-small")
	if wide := eval[int](small, "document.documentElement.scrollWidth"); wide > 390 {
		t.Errorf("the page is %d pixels wide", wide)
	}
	if high := eval[int](small, `document.querySelector(".log").clientHeight`); high < 200 {
		t.Errorf("of the messages %d pixels are left beside the card", high)
	}
	dark := r.open("ben", "&channel=team", 1280, 800)
	dark.darken()
	dark.sees(".log", "We have an incident going on")
	dark.visit(othersLink)
	dark.click("#join")
	dark.sees(".log", "@ben has joined the channel")
	dark.menuOf("on my way")
	dark.picture("12-dark")
}

// While two hundred messages a second come in, one can type, and what came last is seen at once: for five seconds, or as
// long as WATCHBELL_LOAD says ("1m").
func TestBrowserKeepsUp(t *testing.T) {
	long := 5 * time.Second
	if said := os.Getenv("WATCHBELL_LOAD"); said != "" {
		var err error
		if long, err = time.ParseDuration(said); err != nil {
			t.Fatalf("WATCHBELL_LOAD: %v", err)
		}
	}
	r := newBrowserRig(t)
	ana := r.open("ana", "&channel=team", 1280, 800)
	ana.click("#compose")
	last := int(long / (5 * time.Millisecond))
	said := make(chan error, 1)
	begin := time.Now()
	go func() {
		every := time.NewTicker(5 * time.Millisecond)
		defer every.Stop()
		for i := range last {
			<-every.C
			if _, err := r.p.workspace.Slack.Say("ben", "team", fmt.Sprintf("noise %d.", i+1)); err != nil {
				said <- err
				return
			}
		}
		said <- nil
	}()
	typed, slowest := 0, time.Duration(0)
	for running := true; running; {
		asked := time.Now()
		ana.keys("typing ")
		typed++
		ana.true("see what is typed", fmt.Sprintf(`document.activeElement.value.length === %d`, typed*len("typing ")))
		slowest = max(slowest, time.Since(asked))
		select {
		case err := <-said:
			if err != nil {
				t.Fatal(err)
			}
			running = false
		case <-time.After(500 * time.Millisecond):
		}
	}
	sent, took := time.Now(), time.Since(begin)
	ana.sees(".log", fmt.Sprintf("noise %d.", last))
	t.Logf("%d messages in %v; a word of seven letters took at most %v to type; the last message was seen after %v",
		last, took.Round(time.Millisecond), slowest.Round(time.Millisecond), time.Since(sent).Round(time.Millisecond))
	if heap := eval[int](ana, `document.querySelectorAll("*").length`); heap > 20_000 {
		t.Errorf("the page has grown to %d elements", heap)
	}
}
