package practice

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/slack-go/slack"
)

func TestSidePreviewsAPost(t *testing.T) {
	t.Parallel()
	v := drawPost("_posts/deployments/2026-11-07-sign-in.md", "---\r\nlayout: post\r\ntitle: \"Post-mortem: sign-in\"\r\ndate: 2026-11-07 09:30:00 +0000\r\n"+
		"category: deployments\r\n---\r\n\r\n# One\n\n| when | what |\n|:--|--:|\n| 09:30 | *down* |\n\n~~gone~~ <https://x.example/a> [mail](mailto:a@x.example)\n")
	if v.Title != "Post-mortem: sign-in" || v.Date != "7 November 2026, 09:30 UTC" || v.Category != "deployments" || v.Trouble != "" {
		t.Errorf("the front matter is read as %+v", v)
	}
	for _, part := range []string{
		"<h3>One</h3>", "<table>", `<td align="right"><em>down</em></td>`, "<del>gone</del>",
		`<a href="https://x.example/a" target="_blank" rel="noopener noreferrer">https://x.example/a</a>`, `<a href="mailto:a@x.example"`,
	} {
		if !strings.Contains(string(v.Body), part) {
			t.Errorf("the preview lacks %s:\n%s", part, v.Body)
		}
	}
	if v := drawPost("_posts/2026-11-07-x.md", "---\ntitle: x\n---\n"); v.Date != "7 November 2026" || v.Trouble != "" {
		t.Errorf("without a date of its own: %+v", v)
	}
	for text, trouble := range map[string]string{
		"no front matter":                  "has no front matter",
		"---\ntitle: open\n":               "has no front matter",
		"---\ntitle: a: b\n---\nx":         "the site could not be built",
		"---\nlayout: post\n---\nx":        "has no title",
		"---\n- a\n---\nx":                 "holds no fields",
		"---\n---\nx":                      "holds no fields",
		"---\ntitle: [a, b]\n---\n":        "",
		"---\ntitle: &a [*a, *a]\n---\n":   "",
		"---\ntitle: x\ncategories: [a]\n": "has no front matter",
	} {
		if v := drawPost("content/posts/x.md", text); !strings.Contains(v.Trouble, trouble) || (trouble == "") != (v.Trouble == "") {
			t.Errorf("%q: trouble is %q, want %q", text, v.Trouble, trouble)
		}
	}
	if v := drawPost("incidents/2026-11-07-x.md", "# Down\n\nFor an hour.\n"); v.Trouble != "" || v.Date != "7 November 2026" || !strings.Contains(string(v.Body), "<h3>Down</h3>") {
		t.Errorf("a file of no site: %+v", v)
	}
	long := drawPost("x.md", "---\ntitle: x\n---\n"+strings.Repeat("é word ", 60_000))
	if !long.Cut || len(long.Body) > 2*longestPost {
		t.Errorf("a long post is drawn with %d bytes, cut: %v", len(long.Body), long.Cut)
	}
}

var hostilePosts = []string{
	"<script>alert(1)</script>", "a <img src=x onerror=alert(1)> b", "<div onclick=alert(1)>\nx\n</div>", "<!-- --> <script>alert(1)</script>",
	"<!-- a -->\n\n<!-- b --> x -->", "<style>body{display:none}</style>", "<svg/onload=alert(1)>", "<iframe src=//evil.example>",
	"[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](java\tscript:alert(1))", "[x](&#106;avascript:alert(1))", "[x](vbscript:x)",
	"[x](data:text/html;base64,PHNjcmlwdD4=)", "[x](file:///etc/passwd)", "[x](//evil.example)", "[x](/practice/page/play)", "[x](#m-1)", "[x](?channel=x)",
	"<javascript:alert(1)>", "<data:text/html,x>", "![x](https://evil.example/a.png)", "![\"><script>](x \"onerror=\")", "[x](https://a.example/\"onmouseover=alert(1))",
	"[x](https://a.example 'title\" onmouseover=alert(1)')", "[a]: javascript:alert(1)\n\n[a]", "| a |\n|---|\n| <script>alert(1)</script> |",
	"```\n</code></pre><script>alert(1)</script>\n```", "```\"><script>alert(1)</script>\nx\n```", "&lt;script&gt;", "# <script>alert(1)</script>",
	"<a href=javascript:alert(1)>x</a>", "[x](http:\\\\evil)", "<http://a.example/<script>>", "[![x](javascript:1)](javascript:2)",
}

// tagForm is a tag that the preview may hold.
var tagForm = regexp.MustCompile(`^</?(?:p|h[3-6]|em|strong|del|code|pre|ul|li|ol|blockquote|table|thead|tbody|tr|hr|br|span)(?: start="\d+")?(?: class="(?:weak|picture|language-[^"<>]*)")?(?: /)?>$|` +
	`^<t[hd](?: align="(?:left|right|center)")?>$|^</(?:td|th|a)>$|^<a href="(?:https?://|mailto:)[^"<>]*" target="_blank" rel="noopener noreferrer">$`)

func harmless(t *testing.T, text string) {
	t.Helper()
	body := string(drawPost("x.md", "---\ntitle: x\n---\n"+text).Body)
	for _, tag := range regexp.MustCompile(`<[^>]*>?`).FindAllString(body, -1) {
		if !tagForm.MatchString(tag) {
			t.Errorf("%q is drawn with %s:\n%s", text, tag, body)
		}
	}
}

func TestSidePreviewLetsNothingThrough(t *testing.T) {
	t.Parallel()
	for _, text := range hostilePosts {
		harmless(t, text)
	}
	r := newPageRig(t)
	r.pull("post-mortem/inc-1", "---\ntitle: <script>alert(1)</script>\nlayout: \"</article><script>\"\n---\n\n"+strings.Join(hostilePosts, "\n\n"))
	page := r.look("")
	for _, part := range []string{"<script>alert", "<img src=x", "<svg", "<iframe", `href="javascript`, "<style", "</article><script"} {
		if strings.Contains(page, part) {
			t.Errorf("the page holds %s", part)
		}
	}
	r.shows(page, "<div onclick=alert(1)>", "Picture: x (https://evil.example/a.png)", "x (javascript:alert(1))")
}

// Nothing answers for the local services' addresses, so links to what the page shows stay on it.
func TestSideLinksStayHere(t *testing.T) {
	t.Parallel()
	r := newPageRig(t)
	r.card(url.Values{"name": {"Rotate the keys"}})
	card := r.w.Trello.Cards(r.w.Trello.Board().ID)[0].ShortLink
	r.pull("post-mortem/inc-1", "---\ntitle: x\n---\n\n[keys]("+r.w.Trello.WebURL+"/c/"+card+"/1-rotate) [docs](https://example.org/a?b=1&c=2)\n")
	page := r.look("")
	for _, want := range []string{`<a href="#card-` + card + `">keys</a>`, `<a href="https://example.org/a?b=1&amp;c=2" target="_blank" rel="noopener noreferrer">docs</a>`} {
		if !strings.Contains(page, want) {
			t.Errorf("the preview does not hold %s", want)
		}
	}
}

func FuzzSidePreview(f *testing.F) {
	for _, text := range hostilePosts {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		harmless(t, text)
		drawPost("x.md", text)
	})
}

// get fetches a part of the page.
func (r *pageRig) get(path string) (int, string) {
	r.t.Helper()
	answer, err := http.Get(r.page + path)
	r.must(err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	r.must(err)
	return answer.StatusCode, string(body)
}

func TestSideReadsTheWire(t *testing.T) {
	t.Parallel()
	r := newPageRig(t)
	if _, body := r.get("/practice/page/side/wire"); !strings.Contains(body, "No calls yet") {
		t.Errorf("an empty log reads %s", body)
	}
	token := r.s.BotToken()
	r.post("team", `[{"type":"section","text":{"type":"mrkdwn","text":"<script>alert(1)</script> & `+token+`"}}]`)
	r.card(url.Values{"name": {"a card"}, "key": {"practice-key"}, "token": {"practice-token"}})
	r.done("faults", fields("on", "trello-500-after"))
	newTrelloCaller(t, r.url).do(http.MethodPost, "/cards", url.Values{"name": {"x"}, "idList": {r.w.Trello.Lists(r.w.Trello.Board().ID)[0].ID}})
	r.done("faults", fields("on", "all-down"))
	newTrelloCaller(t, r.url).do(http.MethodGet, "/members/me", nil)
	_, err := r.api.AuthTest()
	if err == nil {
		t.Error("Slack answers while everything is down")
	}
	r.done("faults", fields("well", "1"))
	if _, err = r.api.GetPermalink(&slack.PermalinkParameters{Channel: "C404", Ts: "1.0"}); err == nil {
		t.Error("there is a message in a channel that is not there")
	}

	status, body := r.get("/practice/page/side/wire")
	if status != http.StatusOK {
		t.Fatalf("the log answers %d %s", status, body)
	}
	r.shows(body, "14:05:00 Slack 200 chat.postMessage done", "Trello 200 POST /cards done", "Trello 500 POST /cards made to fail after it was done",
		"Trello 503 GET /members/{id} made to fail; not done", "Slack 503 auth.test made to fail; not done", "Slack 200 chat.getPermalink refused: channel_not_found")
	if first, last := strings.Index(body, `id="call-1"`), strings.Index(body, `id="call-6"`); first < last || last < 0 {
		t.Error("the newest call is not the first one")
	}
	_, body = r.get("/practice/page/side/wire?service=trello")
	if strings.Contains(body, "auth.test") || !strings.Contains(body, "GET /members") {
		t.Errorf("Trello's calls are %s", words(body))
	}
	_, body = r.get("/practice/page/side/wire?trouble=1")
	if strings.Contains(body, `id="call-1"`) || !strings.Contains(body, "auth.test") {
		t.Errorf("the trouble is %s", words(body))
	}
	if status, body := r.get("/practice/page/side/wire?seen=6"); status != http.StatusNoContent || body != "" {
		t.Errorf("with nothing new: %d %s", status, body)
	}

	_, body = r.get("/practice/page/side/wire/1")
	r.shows(body, "blocks: [ {", `"type": "section"`, "token: …", `"ok": true`)
	if strings.Contains(body, "<script>") || strings.Contains(body, token) {
		t.Errorf("the call holds what it must not:\n%s", body)
	}
	_, body = r.get("/practice/page/side/wire/2")
	r.shows(body, "name: a card", "key: …", "token: …")
	for _, n := range []string{"0", "-1", "7", "99999999999999999999", "x"} {
		if status, _ := r.get("/practice/page/side/wire/" + n); status != http.StatusNotFound {
			t.Errorf("call %s: %d, want 404", n, status)
		}
	}
}

func TestSideWireShowsTheNewest(t *testing.T) {
	t.Parallel()
	r := newPageRig(t)
	for range wireKeeps + 10 {
		r.w.Wire.add(Call{Service: "slack", Name: "api.test", Status: 200, Applied: true})
	}
	_, body := r.get("/practice/page/side/wire")
	if n := strings.Count(body, "<li "); n != wireRows {
		t.Errorf("%d rows, want %d", n, wireRows)
	}
	if !strings.Contains(body, `id="call-10010"`) || strings.Contains(body, `id="call-9810"`) {
		t.Error("the rows are not the newest")
	}
	if status, _ := r.get("/practice/page/side/wire/10010"); status != http.StatusOK {
		t.Errorf("the newest call: %d", status)
	}
	if status, _ := r.get("/practice/page/side/wire/10"); status != http.StatusNotFound {
		t.Errorf("a forgotten call: %d, want 404", status)
	}
}

func TestWireBodiesAreLegible(t *testing.T) {
	t.Parallel()
	w := New(Options{})
	for _, c := range []struct{ service, body, want string }{
		{"slack", "", ""},
		{"slack", `{"a":1,"b":{"token":"xyz","x":"\u003cb>"}}`, "{\n  \"a\": 1,\n  \"b\": {\n    \"token\": \"…\",\n    \"x\": \"\\u003cb>\"\n  }\n}"},
		{"slack", `{"key":"inc-1/card","Token" : "a\"b"}`, "{\n  \"key\": \"inc-1/card\",\n  \"Token\": \"…\"\n}"},
		{"trello", `{"key":"abc"}`, "{\n  \"key\": \"…\"\n}"},
		{"slack", "text=a+b%0Ac&trigger_id=12.3&view=%7B%22a%22%3A1%7D&empty=", "empty: \ntext: \na b\nc\ntrigger_id: …\nview: \n{\n  \"a\": 1\n}"},
		{"trello", "key=abc&token=def&name=x", "key: …\nname: x\ntoken: …"},
		{"github", "plain = text, not a form", "plain = text, not a form"},
		{"github", "\xff\xfe", "2 bytes that are no text"},
		{"slack", `{"url":"ws://127.0.0.1/socket?ticket=abc-1"}`, "{\n  \"url\": \"ws://127.0.0.1/socket?…\"\n}"},
		{"slack", "Bearer " + w.Slack.BotToken() + " " + w.Slack.SigningSecret() + " xoxp-1-2", "Bearer … … …"},
		{"slack", "{broken", "{broken"},
	} {
		if got := w.legible(c.service, []byte(c.body)); got != c.want {
			t.Errorf("%s %q reads\n%q, want\n%q", c.service, c.body, got, c.want)
		}
	}
	if got := w.legible("slack", []byte(strings.Repeat("é ", wireBody))); len([]rune(got)) > wireBody+50 || !strings.HasSuffix(got, "not shown here") {
		t.Errorf("a long body reads %d characters", len([]rune(got)))
	}
}
