package practice

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"
)

// pageRig is a workspace with a bot that keeps what it gets, and its page.
type pageRig struct {
	*slackRig
	page string // its address, with no slash at the end
}

func newPageRig(t *testing.T) *pageRig {
	t.Helper()
	r := newSlackRig(t)
	mux := http.NewServeMux()
	mux.Handle("/practice/", r.w.Handler())
	mux.Handle("GET /{$}", r.w.Page())
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return &pageRig{slackRig: r, page: server.URL}
}

// look gets the page and checks that a browser may show it.
func (r *pageRig) look(query string) string {
	r.t.Helper()
	answer, err := http.Get(r.page + "/" + query)
	r.must(err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	r.must(err)
	if answer.StatusCode != http.StatusOK || !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") {
		r.t.Fatalf("the page answers %s: %s", answer.Status, body)
	}
	if strings.Contains(string(body), "ZgotmplZ") {
		r.t.Errorf("the template took a name for an address:\n%s", regexp.MustCompile(`[^<]*ZgotmplZ[^>]*`).Find(body))
	}
	return string(body)
}

// words is the text of a page without its tags, with all white space made one blank.
func words(page string) string {
	page = regexp.MustCompile(`</?(p|div|li|ul|ol|h\d|summary|details|pre|button|span class="(who|note|face)[^>]*)>`).ReplaceAllString(page, " ")
	page = regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, "")
	page = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&#34;", `"`, "&#39;", "'", "&#43;", "+", "&amp;", "&").Replace(page)
	return strings.Join(strings.Fields(page), " ")
}

func (r *pageRig) shows(page string, parts ...string) {
	r.t.Helper()
	text := words(page)
	for _, part := range parts {
		if !strings.Contains(text, part) {
			r.t.Errorf("the page does not show %q; it shows:\n%s", part, text)
		}
	}
}

// post posts blocks and returns the message's ts.
func (r *pageRig) post(channel, blocks string) string {
	r.t.Helper()
	answer, err := http.PostForm(r.url+SlackPath+"chat.postMessage", url.Values{
		"token": {r.s.BotToken()}, "channel": {r.id(channel)}, "text": {"card"}, "blocks": {blocks},
	})
	r.must(err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	r.must(err)
	ts := regexp.MustCompile(`"ts":"([\d.]+)"`).FindSubmatch(body)
	if ts == nil {
		r.t.Fatalf("chat.postMessage answers %s", body)
	}
	return string(ts[1])
}

// card makes a card in the second list of the board.
func (r *pageRig) card(fields url.Values) {
	r.t.Helper()
	fields.Set("idList", r.w.Trello.Lists(r.w.Trello.Board().ID)[1].ID)
	if status, body := newTrelloCaller(r.t, r.url).do(http.MethodPost, "/cards", fields); status != http.StatusOK {
		r.t.Fatalf("POST /cards: %d %s", status, body)
	}
}

func TestPageShowsTheWorkspace(t *testing.T) {
	t.Parallel()
	r := newPageRig(t)
	first := r.say("ana", "team", "Is *checkout* down?\nI see `502`, @ben")
	_, err := r.s.Reply("ben", "team", first, "Yes, for me as well")
	r.must(err)
	r.must(r.s.React("ben", "team", first, "eyes"))
	card := r.post("team", `[{"type":"header","text":{"type":"plain_text","text":"#1 checkout :fire:"}},
		{"type":"section","fields":[{"type":"mrkdwn","text":"*Incident manager*\n<@`+r.id("ana")+`>"}]},
		{"type":"context","elements":[{"type":"mrkdwn","text":"since 14:05"}]},
		{"type":"actions","elements":[{"type":"button","action_id":"resolve","style":"primary","text":{"type":"plain_text","text":"Resolve"}},
			{"type":"button","action_id":"timeline:older","text":{"type":"plain_text","text":"Older"}},
			{"type":"overflow","action_id":"entry:1","options":[{"text":{"type":"plain_text","text":"Edit"},"value":"edit"}]}]}]`)
	r.must(r.s.Pin("ana", "team", card))
	_, err = r.api.PostEphemeral(r.id("team"), r.id("ben"), slack.MsgOptionText("Only Ben reads this", false))
	r.must(err)
	r.card(url.Values{"name": {"Alert when the disk is full"}, "desc": {"See https://example.com/why"}, "due": {"2026-11-13"}})
	a := newAuthor(t, r.url)
	a.branch("post-mortem/inc-1", post, "---\ntitle: Post-mortem\n---\n\n## Impact\n")
	_, err = a.open("post-mortem/inc-1", true)
	r.must(err)

	page := r.look("?channel=team&as=ben")
	r.shows(page,
		"#team", "Ana Example 14:05⋯ Is *checkout* down? I see 502, @ben", "Ben Example 14:05⋯ Yes, for me as well",
		"👀 1 from Ben Example", "📌 Pinned by Watchbell #1 checkout 🔥 Incident manager @ana since 14:05 Resolve Older ⋯ Edit",
		"only visible to you Dismiss Only Ben reads this", "15:05 · Berlin", "09:05 · New York",
		"Trello Practice", "Action items 1 Alert when the disk is full by Fri 13 Nov", "See https://example.com/why",
		"GitHub owner/site Draft Post-mortem #1", "practice-bot wants to merge post-mortem/inc-1 into master", post,
		"--- title: Post-mortem --- ## Impact", "@@ -0,0 +1,5 @@", "+## Impact", "Still missing: impact", "1 commit",
	)
	for _, part := range []string{
		`data-deed="resolve">Resolve</button>`, `data-deed="timeline:older">Older</button>`, `data-deed="entry:1"`, `aria-label="Message #team as Ben Example"`, `<strong>Incident manager</strong>`, `<code>502</code>`,
		`<a href="https://example.com/why">`, `aria-current="page"`,
	} {
		if !strings.Contains(page, part) {
			t.Errorf("the page lacks %s", part)
		}
	}
	if strings.Contains(r.look("?channel=team&as=ana"), "Only Ben reads this") {
		t.Error("Ana sees what was for Ben alone")
	}
	r.nothingRefused()
}

// What is local is shown here, and no link to the real services is left.
func TestPageLinksStayHere(t *testing.T) {
	t.Parallel()
	r := newPageRig(t)
	team := r.id("team")
	r.post("team", `[{"type":"section","text":{"type":"mrkdwn","text":"<https://trello.com/c/abcd1234|card> <https://github.com/owner/site/pull/1|pull> `+
		`<https://slack.com/app_redirect?channel=`+team+`|channel> <https://practice.slack.com/archives/`+team+`/p1773738720000001|message> <#`+team+`>"}}]`)
	page := r.look("")
	for _, want := range []string{
		`href="#card-abcd1234"`, `href="#pull-1"`, `href="/?channel=team"`, `href="/?channel=team#m-1773738720.000001"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(page, `href="https://`) {
		t.Error("a link leads away from the page")
	}
}

func TestPageOpensTheNewestIncident(t *testing.T) {
	t.Parallel()
	r := newPageRig(t)
	r.shows(r.look(""), "#team 3 members", "Nobody has said anything here yet.")
	_, err := r.api.CreateConversation(slack.CreateConversationParams{ChannelName: "inc-1-checkout"})
	r.must(err)
	r.shows(r.look(""), "#inc-1-checkout 1 members")
	r.shows(r.look("?channel=team"), "#team 3 members")
	r.shows(r.look("?channel=nowhere"), "There is no channel nowhere. This is #inc-1-checkout.")
	r.shows(r.look(""), "This page needs JavaScript to do anything", "Go to the message box")
	r.shows(r.look("?channel=@watchbell&tab=home&as=ana"), "Go to the Home tab")
	if before := len(r.s.Channels()); before != 2 {
		t.Errorf("%d channels after looking", before)
	}
	r.look("?channel=@ana")
	if after := len(r.s.Channels()); after != 2 {
		t.Errorf("looking made a channel: %d", after)
	}
}

// Hostile text in every place that strangers can write to adds no tag, no attribute and no dangerous link to the page:
// the page with it has exactly the tags of the page with plain words.
func TestPageHostileTextStaysText(t *testing.T) {
	t.Parallel()
	tags := func(text, link string) []string {
		r := newPageRig(t)
		text64 := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text)
		r.s.AddUser("eve", text, "UTC")
		ts := r.say("ana", "team", text)
		r.must(r.s.React("ana", "team", ts, "<"+text+">"))
		r.must(r.s.EditMessage("ana", "team", ts, text+" edited"))
		r.post("team", `[{"type":"section","text":{"type":"mrkdwn","text":"`+text64+` <`+link+`|press>"}},
			{"type":"header","text":{"type":"plain_text","text":"`+text64+`"}},
			{"type":"actions","elements":[{"type":"button","action_id":"a","text":{"type":"plain_text","text":"`+text64+`"}}]}]`)
		_, err := r.api.SetTopicOfConversation(r.id("team"), text)
		r.must(err)
		r.card(url.Values{"name": {text}, "desc": {text + " " + link}})
		a := newAuthor(t, r.url)
		a.branch("post", "_posts/x.md", text+"\n")
		_, err = a.open("post", true)
		r.must(err)
		r.must(r.w.GitHub.Comment(1, text, text))
		page := r.look("?channel=" + url.QueryEscape(text))
		if !strings.Contains(words(page), strings.Join(strings.Fields(text), " ")) {
			t.Errorf("the page does not show %q", text)
		}
		if bad := regexp.MustCompile(`(?i)(href|src|action)="?\s*(javascript|data|vbscript):`).FindString(page); bad != "" {
			t.Errorf("the page holds %s", bad)
		}
		// The preview of the post draws Markdown, which hostile text may be; a test of its own is about that.
		page = regexp.MustCompile(`(?s)<article class="panel rendered".*?</article>`).ReplaceAllString(page, "")
		var names []string
		for _, tag := range regexp.MustCompile(`</?[a-zA-Z]+[^>]*>`).FindAllString(page, -1) {
			names = append(names, regexp.MustCompile(`"[^"]*"`).ReplaceAllString(tag, `""`))
		}
		return names
	}
	want := tags("plain words", "javascript:void")
	for _, text := range []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `</pre></details><form action=//evil>`,
		`{{.Version}} {{template "page.html"}}`, `&lt;script&gt;`, `<!-- hidden`, `]]><svg/onload=alert(1)>`,
	} {
		for _, link := range []string{"javascript:alert(1)", " JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "//evil.example"} {
			got := tags(text, link)
			if a, b := strings.Join(want, "\n"), strings.Join(got, "\n"); a != b {
				t.Errorf("%s with %s changes the tags of the page: %s", text, link, differ(a, b))
			}
		}
	}
}

func TestPageHeadersAndGuards(t *testing.T) {
	t.Parallel()
	r := newPageRig(t)
	began := time.Now().UTC()
	lasting := Drill{Name: "none", Start: began, Steps: []Step{{At: began.Add(time.Hour), Do: "hint"}}}
	r.w.Offer(lasting, NewClock(began))
	call := func(verb, path, host string, header ...string) *http.Response {
		req := httptest.NewRequest(verb, "http://"+host+path, nil)
		for i := 0; i+1 < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		rw := httptest.NewRecorder()
		if path == "/" {
			r.w.Page().ServeHTTP(rw, req)
		} else {
			r.w.Handler().ServeHTTP(rw, req)
		}
		return rw.Result()
	}
	for _, path := range []string{"/", "/practice/page/page.css", "/practice/page/page.js", "/practice/page/icon.svg"} {
		answer := call("GET", path, "127.0.0.1:8080")
		h := answer.Header
		if answer.StatusCode != 200 || h.Get("Cache-Control") != "no-store" || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("GET %s: %s, %v", path, answer.Status, h)
		}
		policy := h.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("GET %s: the policy is %q", path, policy)
		}
	}
	const play = "/practice/page/play"
	for _, tt := range []struct {
		what, verb, path, host string
		header                 []string
		status                 int
	}{
		{"a name that leads here", "GET", "/", "evil.example:8080", nil, 403},
		{"a POST under such a name", "POST", play, "evil.example", []string{"Origin", "http://evil.example"}, 403},
		{"a form on another page", "POST", play, "127.0.0.1:8080", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"another origin", "POST", play, "localhost:8080", []string{"Origin", "http://localhost:9090"}, 403},
		{"an origin that hides", "POST", play, "localhost:8080", []string{"Origin", "null"}, 403},
		{"a link", "GET", play, "127.0.0.1:8080", nil, 405},
		{"something else", "GET", "/practice/page/", "127.0.0.1:8080", nil, 404},
		{"the button", "POST", play, "[::1]:8080", []string{"Sec-Fetch-Site", "same-origin"}, 303},
		{"the button again", "POST", play, "localhost", []string{"Origin", "http://localhost"}, 409},
	} {
		if got := call(tt.verb, tt.path, tt.host, tt.header...).StatusCode; got != tt.status {
			t.Errorf("%s: %d, want %d", tt.what, got, tt.status)
		}
	}
}

func TestPageTellsOfAChange(t *testing.T) {
	t.Parallel()
	r := newPageRig(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	version := r.s.Version()
	req, err := http.NewRequestWithContext(ctx, "GET", fmt.Sprintf("%s/practice/page/events?since=%d", r.page, version), nil)
	r.must(err)
	answer, err := http.DefaultClient.Do(req)
	r.must(err)
	defer answer.Body.Close()
	if kind := answer.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Fatalf("the stream is %q", kind)
	}
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() && lines.Text() != "" { // how soon to come back
	}
	r.w.GitHub.AddPerson("somebody")
	var event []string
	for lines.Scan() && lines.Text() != "" {
		event = append(event, lines.Text())
	}
	if got, want := strings.Join(event, " "), fmt.Sprintf("id: %d event: change data: %d", version+1, version+1); got != want {
		t.Errorf("the event is %q, want %q", got, want)
	}
	r.s.Close() // practice stops, and no open page keeps it from stopping
	for lines.Scan() {
		t.Errorf("after the end: %q", lines.Text())
	}
	if err := lines.Err(); err != nil {
		t.Errorf("the stream ended with %v", err)
	}
}

// Two hundred changes a second cost a browser four looks a second, and the last look comes after the last change.
func TestPageCoalescesChanges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := New(Options{Log: slog.New(slog.DiscardHandler)})
		ctx, cancel := context.WithCancel(t.Context())
		rw, ended := httptest.NewRecorder(), make(chan struct{})
		go func() {
			defer close(ended)
			w.Page().ServeHTTP(rw, httptest.NewRequest("GET", "http://localhost/practice/page/events", nil).WithContext(ctx))
		}()
		synctest.Wait()
		for range 400 {
			w.page.changed()
			time.Sleep(5 * time.Millisecond)
		}
		time.Sleep(time.Second)
		cancel()
		<-ended
		w.Slack.Close()
		body := rw.Body.String()
		if n := strings.Count(body, "event: change"); n < 7 || n > 10 {
			t.Errorf("%d events in two seconds", n)
		}
		if last := fmt.Sprintf("id: %d\nevent: change\n", w.Slack.Version()); !strings.Contains(body, last) {
			t.Error("the last change is missing")
		}
	})
}

func TestPageShowsTheNewestMessages(t *testing.T) {
	t.Parallel()
	r := newPageRig(t)
	r.s.Hold()
	for i := range 250 {
		r.say("ana", "team", fmt.Sprintf("message %d.", i))
	}
	page := r.look("")
	r.shows(page, "50 earlier messages are not shown", "message 50.", "message 249.")
	if text := words(page); strings.Contains(text, "message 49.") {
		t.Error("an old message is shown")
	}
}

const pageDrill = `title: A small drill
start: 2026-03-17 09:12
-- story.md --
Something is wrong.
-- cast --
ana Ana UTC
dora Dora Europe/Paris
-- script --
09:12 ana says in #team: Is it down?
09:13 dora says in #team: *Yes*
      expect #team: Yes
      expect #team: never said
`

func TestPagePlaysTheDrillOnOffer(t *testing.T) {
	t.Parallel()
	r := newPageRig(t)
	drill, err := ParseDrill("small", []byte(pageDrill))
	r.must(err)
	r.w.Offer(drill, NewClock(time.Time{}))
	r.shows(r.look(""), "Play the first drill", "Dora", "Drill A small drill Something is wrong.")
	r.w.page.offer.options.Pause, r.w.page.offer.options.Within = 0, 1
	answer, err := http.Post(r.page+"/practice/page/play", "", nil) // follows to the page
	r.must(err)
	r.must(answer.Body.Close())
	if answer.StatusCode != http.StatusOK || answer.Request.URL.Path != "/" {
		t.Fatalf("the button answers %s at %s", answer.Status, answer.Request.URL)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	r.must(r.w.WaitFor(ctx, func() bool { return r.w.page.drill().Result != "" }))
	page := r.look("")
	r.shows(page, "A small drill: 4 steps, 1 of the expectations not met", "09:12 ana in #team: Is it down?", "09:13 dora in #team: Yes",
		"✓ #team: Yes", "✗ line 4: expected #team: never said")
	if strings.Contains(page, "Play the first drill") {
		t.Error("a drill that was played is still on offer")
	}
}

func TestDrillOn(t *testing.T) {
	t.Parallel()
	drill, err := ParseDrill("small", []byte(pageDrill+"-- post.md --\nx\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ what, now, start string }{
		{"a start ahead stays", "2026-03-17 09:00", "2026-03-17 09:12"},
		{"so does one right now", "2026-03-17 09:12", "2026-03-17 09:12"},
		{"a minute late is a day late", "2026-03-17 09:13", "2026-03-18 09:12"},
		{"today, when it is still early", "2026-11-22 03:00", "2026-11-22 09:12"},
		{"winter again: typed times keep their meaning", "2026-07-01 12:00", "2026-10-25 09:12"},
	} {
		now, _ := time.Parse("2006-01-02 15:04", tt.now)
		got := drill.On(now)
		if s := got.Start.Format("2006-01-02 15:04"); s != tt.start {
			t.Errorf("%s: %s begins at %s, want %s", tt.what, tt.now, s, tt.start)
		}
		moved := got.Start.Sub(drill.Start)
		if (got.Post == "") != (moved != 0) {
			t.Errorf("%s: the post is %q", tt.what, got.Post)
		}
		for i, s := range got.Steps {
			if s.At.Sub(drill.Steps[i].At) != moved {
				t.Errorf("%s: step %d is at %s", tt.what, i, s.At)
			}
		}
	}
}
