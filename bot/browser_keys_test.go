//go:build browser

package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// goes presses Tab until the focus is on an element that begins with these words, on it or as its name.
func (b *tab) goes(words string) {
	b.t.Helper()
	at := fmt.Sprintf(`(() => {
		const e = document.activeElement, clean = (s) => (s || "").replace(/\s+/g, " ").trim();
		return e !== document.body && [e.innerText, e.ariaLabel, e.labels?.[0]?.innerText].some((s) => clean(s).startsWith(%q));
	})()`, words)
	for deadline := time.Now().Add(2 * browserWaits); !eval[bool](b, at); {
		if time.Now().After(deadline) {
			b.t.Fatalf("%s does not reach %q with the Tab key; the focus is on %s", b.who, words, eval[string](b, `document.activeElement.outerHTML.slice(0, 300)`))
		}
		b.keys(kb.Tab)
	}
}

// A whole incident without a mouse: from the first Tab to the merged post.
func TestBrowserKeyboardAlone(t *testing.T) {
	r := newBrowserRig(t)
	ana := r.open("ana", "&channel=team", 1280, 860)
	ana.keys(kb.Tab)
	ana.true("be able to skip the list", `document.activeElement.matches(".skip")`)
	ana.goes("Declare an incident")
	ana.keys(kb.Enter)
	ana.sees("dialog[open] h2", "Declare an incident")
	ana.keys("checkout is down" + kb.Enter)
	ana.sees(".places:not(.others)", "inc-1-checkout-is-down")
	ana.true("be back where it began", `document.activeElement.innerText === "Declare an incident"`)
	ana.goes("# inc-1-checkout-is-down")
	ana.keys(kb.Enter)
	ana.sees(".pinned", "#1 checkout is down")
	ana.goes("Message #inc-1-checkout-is-down as Ana")
	ana.keys("/incident log -2m the queue is full" + kb.Enter)
	ana.sees(".pinned", "the queue is full")
	ana.keys("I look at the disk" + kb.Enter)
	ana.menuOf("I look at the disk")
	ana.keys(kb.Enter)
	ana.sees(".pinned", "I look at the disk")
	ana.goes("Message #inc-1-checkout-is-down as Ana")
	ana.keys("/incident action Alert on a full disk" + kb.Enter)
	ana.sees(".card", "Alert on a full disk")
	ana.keys("/incident status monitoring The disk is free" + kb.Enter)
	ana.sees(".pinned", "monitoring")
	ana.keys("/incident resolve" + kb.Enter)
	ana.sees(".pinned", "resolved")
	ana.sees(".pull", "checkout is down")
	ana.goes("Open the card Alert on a full disk")
	ana.keys(kb.Enter)
	ana.goes("✓ Done")
	ana.keys(kb.Enter)
	ana.sees(".card.done", "Alert on a full disk")
	ana.goes("Ready for review")
	ana.keys(kb.Enter)
	ana.sees(".pull .state", "Open")
	ana.goes("Merge …")
	ana.keys(kb.Enter)
	ana.goes("Yes, merge #1")
	ana.keys(kb.Enter)
	ana.sees(".pull .state", "Merged")
	ana.named()
}

// named checks that everything one can reach has a name for those who hear the page.
func (b *tab) named() {
	b.t.Helper()
	tree, err := chromedp.Call(b.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		b.fail("read the page as a screen reader does", err)
	}
	roles := map[string]int{}
	for _, n := range tree.Nodes {
		if n.Ignored || n.Role == nil {
			continue
		}
		role, name := fmt.Sprint(n.Role.Value), ""
		if n.Name != nil {
			name = fmt.Sprint(n.Name.Value)
		}
		switch role {
		case `"button"`, `"link"`, `"textbox"`, `"combobox"`, `"checkbox"`, `"radio"`, `"listbox"`, `"menuitem"`, `"log"`, `"dialog"`, `"navigation"`, `"complementary"`, `"DisclosureTriangle"`:
			roles[role]++
			if name == "" || name == `""` {
				b.t.Errorf("a %s has no name: %+v", role, n)
			}
		}
	}
	for _, role := range []string{`"button"`, `"link"`, `"log"`, `"navigation"`} {
		if roles[role] == 0 {
			b.t.Errorf("the page has no %s; it has %v", role, roles)
		}
	}
}

// A drill with long lines, at both widths and by day and night: nothing is wider than the screen.
func TestBrowserDrillFits(t *testing.T) {
	r := newBrowserRig(t)
	ana := r.open("ana", "&channel=team", 1280, 800)
	ana.click("=Begin")
	ana.sees("#drill", "You are")
	for range 4 {
		ana.click("=Skip ahead")
	}
	ana.true("be told what to do", `document.querySelector(".drill-line b")`)
	small := r.open("ana", "&channel=team", 390, 844)
	small.darken()
	for _, b := range []*tab{ana, small} {
		width := eval[int](b, "innerWidth")
		if wide := eval[int](b, "document.documentElement.scrollWidth"); wide > width {
			t.Errorf("the page is %d pixels wide, %d are there", wide, width)
		}
		if high := eval[int](b, "document.documentElement.scrollHeight"); width > 1100 && high > eval[int](b, "innerHeight") {
			t.Errorf("the page scrolls as a whole: it is %d pixels high", high)
		}
		if high := eval[string](b, `[...document.querySelectorAll("button, .button")].filter((e) => e.offsetHeight > 60).map((e) => e.innerText).join(", ")`); high != "" {
			t.Errorf("these buttons are squeezed: %s", high)
		}
		b.named()
	}
	ana.picture("40-drill")
	small.picture("41-drill-small-dark")
	ana.darken()
	ana.click("=End …")
	ana.click("=Yes, end the drill")
	ana.sees("#debrief", "The protocol")
	ana.picture("42-debrief-dark")
	small.true("see the debrief", `document.querySelector("#debrief")`)
	if wide := eval[int](small, "document.documentElement.scrollWidth"); wide > 390 {
		t.Errorf("the debrief is %d pixels wide", wide)
	}
}
