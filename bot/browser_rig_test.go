//go:build browser

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"watchbell/integrations/practice"
)

// browserRig is a bot with its local services, as "watchbell practice" starts it, and a browser. The cast of the first
// drill is there.
type browserRig struct {
	t       *testing.T
	p       *practising
	browser context.Context
}

// browserWaits is how long a person would wait for anything, on a slow machine.
const browserWaits = 15 * time.Second

func newBrowserRig(t *testing.T) *browserRig {
	t.Helper()
	drill, err := practice.ShippedDrill(practice.DefaultDrill)
	if err != nil {
		t.Fatal(err)
	}
	p, err := startPractice(context.Background(), practiceFlags{listen: "127.0.0.1:0"}, drill, environment{stdout: io.Discard, stderr: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.stop)
	p.workspace.Offer(drill, p.clock)
	return &browserRig{t: t, p: p, browser: startBrowser(t)}
}

// startBrowser starts a browser that nobody has used.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	allocated, cancel := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))...)
	t.Cleanup(cancel)
	browser, cancel := chromedp.NewContext(allocated)
	t.Cleanup(cancel)
	if err := chromedp.Do(browser); err != nil {
		t.Fatalf("no browser could be started; install chromium, or leave out the build tag: %v", err)
	}
	return browser
}

// tab is a window of the browser in which one person looks at the page.
type tab struct {
	*browserRig
	ctx context.Context
	who string

	mu      sync.Mutex
	trouble []string
	excuse  string // trouble with this in it is expected
}

// open opens a window for a person, of so many pixels.
func (r *browserRig) open(who, query string, width, height int64) *tab {
	r.t.Helper()
	ctx, cancel := chromedp.NewContext(r.browser, chromedp.WithNewBrowserContext())
	r.t.Cleanup(cancel)
	b := &tab{browserRig: r, ctx: ctx, who: who}
	messages := chromedp.Console(ctx)
	go b.listen(messages)
	r.t.Cleanup(func() {
		b.mu.Lock()
		trouble := b.trouble
		b.mu.Unlock()
		for _, line := range trouble {
			r.t.Errorf("the console of %s: %s", who, line)
		}
	})
	b.do("open the page", chromedp.EmulateViewport(width, height), chromedp.Navigate(r.p.url+"/?as="+who+query))
	b.true("open the page", `document.body.dataset.as === "`+who+`"`)
	return b
}

// listen keeps whatever a browser complains about: errors, warnings, breaches of the page's policy.
func (b *tab) listen(messages func(func(chromedp.ConsoleMessage, error) bool)) {
	for m, err := range messages {
		if err != nil {
			return
		}
		b.mu.Lock()
		if bad := m.IsException() || m.Type == "error" || m.Type == "warning" || m.Type == "assert"; bad {
			if b.excuse == "" || !strings.Contains(m.Text, b.excuse) {
				b.trouble = append(b.trouble, m.String()+" "+m.URL)
			}
		}
		b.mu.Unlock()
	}
}

// do lets the browser do something within the time that a person would wait.
func (b *tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, browserWaits)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.fail(what, err)
	}
}

func (b *tab) fail(what string, err error) {
	b.t.Helper()
	b.picture("failed-" + b.who)
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("it took too long; the page says:\n%s", b.text("body"))
	}
	b.t.Fatalf("%s could not %s: %v", b.who, what, err)
}

// eval is what an expression is on the page.
func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, browserWaits)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.fail("evaluate "+expression, err)
	}
	return v
}

// true waits until an expression holds on the page.
func (b *tab) true(what, expression string) {
	b.t.Helper()
	deadline := time.Now().Add(browserWaits)
	for !eval[bool](b, "Boolean("+expression+")") {
		if time.Now().After(deadline) {
			b.fail(what, context.DeadlineExceeded)
		}
		b.do("wait", chromedp.Sleep(15*time.Millisecond))
	}
}

// clickable finds where to click on an element that can be seen and that nothing covers: given by css, or by the words on
// it after "=". Null as long as there is none. It notes in window.clickMet whether the next click meets that element.
const clickable = `((where) => {
	const words = where.startsWith("=") ? where.slice(1) : null;
	const text = (e) => e.innerText.replace(/\s+/g, " ").trim();
	const all = [...document.querySelectorAll(words === null ? where : "button, a, label, summary, [role=option]")];
	for (const e of all) {
		if (words !== null && text(e) !== words) continue;
		const seen = e.getClientRects().length > 0 && !e.disabled;
		if (!seen) continue;
		e.scrollIntoView({ block: "nearest", behavior: "instant" });
		const r = e.getClientRects()[0], x = r.left + r.width / 2, y = r.top + r.height / 2;
		const top = document.elementFromPoint(x, y);
		if (!top || !(e === top || e.contains(top) || top.contains(e))) continue;
		window.clickMet = false;
		removeEventListener("click", window.clickWatch, true);
		window.clickWatch = (c) => { window.clickMet = c.target === top || e.contains(c.target); };
		addEventListener("click", window.clickWatch, { capture: true, once: true });
		return [x, y];
	}
	return null;
})(%s)`

// click clicks with the mouse. What has moved away from under the mouse is looked for and clicked again, as a person does.
func (b *tab) click(where string) {
	b.t.Helper()
	quoted, _ := json.Marshal(where)
	find := fmt.Sprintf(clickable, quoted)
	deadline := time.Now().Add(browserWaits)
	for {
		if at := eval[[]float64](b, find); len(at) == 2 {
			b.do("click on "+where, chromedp.MouseEvent(chromedp.MouseMoved, at[0], at[1]), chromedp.MouseClickXY(at[0], at[1]))
			if eval[bool](b, "window.clickMet !== false") {
				return
			}
		}
		if time.Now().After(deadline) {
			b.fail("click on "+where, context.DeadlineExceeded)
		}
		b.do("wait", chromedp.Sleep(15*time.Millisecond))
	}
}

// visit goes to a channel by its link in the list. The link moves when one is invited, perhaps while it is aimed at.
func (b *tab) visit(link string) {
	b.t.Helper()
	there := fmt.Sprintf(`document.querySelector(%q)?.matches("[aria-current]") ?? false`, link)
	for deadline := time.Now().Add(browserWaits); ; {
		b.click(link)
		for soon := time.Now().Add(time.Second); time.Now().Before(soon); {
			if eval[bool](b, there) {
				return
			}
			b.do("wait", chromedp.Sleep(15*time.Millisecond))
		}
		if time.Now().After(deadline) {
			b.fail("go to "+link, context.DeadlineExceeded)
		}
	}
}

// keys presses keys wherever the focus is.
func (b *tab) keys(what string, with ...chromedp.Modifier) {
	b.t.Helper()
	b.do("press keys", chromedp.KeyEvent(what, chromedp.KeyModifiers(with...)))
}

// say types a line into the message box and sends it with Enter.
func (b *tab) say(line string) {
	b.t.Helper()
	b.click("#compose")
	b.keys(line + kb.Enter)
}

// sees waits until words are shown by an element.
func (b *tab) sees(where string, words ...string) {
	b.t.Helper()
	for _, w := range words {
		b.true("see “"+w+"” in "+where, showing(where, w))
	}
}

// gone waits until they are shown no more.
func (b *tab) gone(where, words string) {
	b.t.Helper()
	b.true("see “"+words+"” go", "!"+showing(where, words))
}

func showing(where, words string) string {
	return fmt.Sprintf(`[...document.querySelectorAll(%q)].some(e => e.innerText.replace(/\s+/g, " ").includes(%q))`, where, words)
}

// text is what an element says now.
func (b *tab) text(where string) string {
	ctx, cancel := context.WithTimeout(b.ctx, browserWaits)
	defer cancel()
	out, err := chromedp.Run(ctx, chromedp.Evaluate[string](fmt.Sprintf(`document.querySelector(%q)?.innerText ?? ""`, where)))
	if err != nil {
		return err.Error()
	}
	return out
}

// picture keeps a picture of the window in the folder that WATCHBELL_SCREENSHOTS names.
func (b *tab) picture(name string) {
	dir := os.Getenv("WATCHBELL_SCREENSHOTS")
	if dir == "" {
		return
	}
	ctx, cancel := context.WithTimeout(b.ctx, browserWaits)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644)
	}
	if err != nil {
		b.t.Logf("no picture %s: %v", name, err)
	}
}

// darken makes it night.
func (b *tab) darken() {
	b.t.Helper()
	night := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}}
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, night); err != nil {
		b.fail("make it dark", err)
	}
}
