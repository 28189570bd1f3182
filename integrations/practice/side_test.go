package practice

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// do posts a form to the right-hand side as the page's script does, and returns status and answer.
func (r *pageRig) do(name string, fields url.Values, headers ...string) (int, string) {
	r.t.Helper()
	req, err := http.NewRequest(http.MethodPost, r.page+"/practice/page/side/"+name, strings.NewReader(fields.Encode()))
	r.must(err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	for i := 0; i < len(headers); i += 2 {
		if req.Header.Set(headers[i], headers[i+1]); headers[i] == "Host" {
			req.Host = headers[i+1]
		}
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(req)
	r.must(err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	r.must(err)
	if answer.StatusCode == http.StatusSeeOther {
		body = []byte(answer.Header.Get("Location"))
	}
	return answer.StatusCode, string(body)
}

// done posts a form that must succeed.
func (r *pageRig) done(name string, fields url.Values) {
	r.t.Helper()
	if status, body := r.do(name, fields); status != http.StatusNoContent {
		r.t.Fatalf("%s %v: %d %s", name, fields, status, body)
	}
}

// refused posts a form that must be refused with a sentence that holds these words.
func (r *pageRig) refused(name string, fields url.Values, words string) {
	r.t.Helper()
	status, body := r.do(name, fields)
	if status != http.StatusUnprocessableEntity || !strings.Contains(body, words) {
		r.t.Errorf("%s %v: %d %q, want 422 with %q", name, fields, status, body, words)
	}
	if body = strings.TrimSpace(body); body == "" || body[:1] != strings.ToUpper(body[:1]) || !strings.HasSuffix(body, ".") || strings.Contains(body, "practice:") {
		r.t.Errorf("%s %v: %q is no sentence for a person", name, fields, body)
	}
}

func fields(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

func TestSideMovesCards(t *testing.T) {
	t.Parallel()
	r := newPageRig(t)
	r.s.AddUser("zoe", "Zoe Example", "UTC")
	board := r.w.Trello.Board().ID
	lists := r.w.Trello.Lists(board)
	r.card(url.Values{"name": {`Rotate "><img src=x onerror=alert(1)> the keys`}, "due": {"2026-11-13"}})
	link := r.w.Trello.Cards(board)[0].ShortLink
	card := func() Card { return r.w.Trello.Cards(board)[0] }

	r.done("card", fields("card", link, "do", "move", "list", lists[2].ID, "as", "zoe"))
	if card().IDList != lists[2].ID {
		t.Errorf("the card is in list %s, want %s", card().IDList, lists[2].ID)
	}
	if !slices.ContainsFunc(r.w.Trello.Members(), func(m TrelloMember) bool { return m.Username == "zoe" && m.FullName == "Zoe Example" }) {
		t.Error("Zoe moved a card and is nobody on Trello")
	}
	r.done("card", fields("card", link, "do", "tick"))
	if !card().DueComplete {
		t.Error("the card is not done")
	}
	page := r.look("")
	r.shows(page, `Rotate "><img src=x onerror=alert(1)> the keys ✓ by Fri 13 Nov`)
	if strings.Contains(page, "<img src=x") {
		t.Error("the card's name is markup on the page")
	}
	r.done("card", fields("card", link, "do", "untick"))
	if card().DueComplete {
		t.Error("the card is still done")
	}
	r.done("card", fields("card", link, "do", "archive"))
	r.shows(r.look(""), "1 archived")
	if !card().Closed {
		t.Error("the card is not archived")
	}
	r.done("card", fields("card", link, "do", "restore"))
	if card().Closed {
		t.Error("the card is still archived")
	}

	hostile := "<script>alert(1)</script>"
	r.refused("card", fields("card", link, "do", "move", "list", hostile), "no list")
	r.refused("card", fields("card", hostile, "do", "tick"), "The card stays as it is")
	r.refused("card", fields("card", link, "do", hostile), "nothing else")
	r.refused("card", fields("card", link, "do", "tick", "as", hostile), "Nobody here is called")
	r.refused("card", fields("card", link, "do", "tick", "as", "watchbell"), "Nobody here is called")
}

// pull opens a pull request with one post and returns the SHA of the post's content.
func (r *pageRig) pull(branch, text string) string {
	r.t.Helper()
	a := newAuthor(r.t, r.url)
	a.branch(branch, post, text)
	_, err := a.open(branch, true)
	r.must(err)
	return r.seen(1)
}

func (r *pageRig) seen(n int) string {
	r.w.GitHub.mu.Lock()
	defer r.w.GitHub.mu.Unlock()
	return r.w.GitHub.pullChanges(r.w.GitHub.pull(n))[0].sha
}

func TestSideReviewsAPullRequest(t *testing.T) {
	t.Parallel()
	r := newPageRig(t)
	g := r.w.GitHub
	seen := r.pull("post-mortem/inc-1", "---\ntitle: Sign-in was down\n---\n\nOld.\n")

	r.done("pull", fields("pull", "1", "do", "comment", "text", " Who noticed?\r\nAnd when? <b>\r\n", "as", "ben"))
	if c := g.Pulls()[0].Comments; len(c) != 1 || c[0].By != "ben" || c[0].Body != "Who noticed?\nAnd when? <b>" {
		t.Errorf("comments = %+v", c)
	}
	r.refused("pull", fields("pull", "1", "do", "comment", "text", " \n"), "empty")
	r.refused("pull", fields("pull", "1", "do", "comment", "text", strings.Repeat("é", 65537)), "too long")

	edit := fields("pull", "1", "path", post, "seen", seen, "text", "---\r\ntitle: Sign-in was down\r\n---\r\n\r\nNew.\r\n", "as", "ben")
	r.done("file", edit)
	if text, _ := g.File("post-mortem/inc-1", post); text != "---\ntitle: Sign-in was down\n---\n\nNew.\n" {
		t.Errorf("the file holds %q", text)
	}
	if log := g.Log("post-mortem/inc-1"); log[0].Author != "ben" || log[0].Message != "Update "+post {
		t.Errorf("the commit is %+v", log[0])
	}
	r.refused("file", edit, "Somebody has changed the file")
	edit.Set("seen", r.seen(1))
	r.refused("file", edit, "changed nothing")
	edit.Set("path", "../../etc/passwd")
	r.refused("file", edit, "does not change")
	edit.Set("path", "_config.yml")
	r.refused("file", edit, "does not change")
	r.shows(r.look(""), "Sign-in was down", "New.", "Who noticed? And when? <b>", "2 commits", "Update "+post+" ben, 14:05")

	r.done("pull", fields("pull", "1", "do", "ready", "as", "ben"))
	if g.Pulls()[0].Draft {
		t.Error("the pull request is still a draft")
	}
	r.done("pull", fields("pull", "1", "do", "merge", "as", "ben"))
	if p := g.Pulls()[0]; !p.Merged || p.MergedBy != "ben" {
		t.Errorf("merged %v by %q", p.Merged, p.MergedBy)
	}
	if _, there := g.File("master", post); !there {
		t.Error("the post is not on master")
	}
	r.shows(r.look(""), "Merged Post-mortem #1", "ben merged post-mortem/inc-1 into master")
	r.refused("pull", fields("pull", "1", "do", "merge"), "cannot be merged")
	r.refused("pull", fields("pull", "1", "do", "close"), "closed already")
	r.refused("file", edit, "is closed")
	for _, n := range []string{"", "0", "-1", "99", "1 OR 1", "<script>"} {
		r.refused("pull", fields("pull", n, "do", "merge"), "no")
		r.refused("file", fields("pull", n, "path", post), "no")
	}
	r.refused("pull", fields("pull", "1", "do", "delete"), "nothing else")
}

func TestSideClosesAPullRequest(t *testing.T) {
	t.Parallel()
	r := newPageRig(t)
	r.pull("post-mortem/inc-1", "text\n")
	r.done("pull", fields("pull", "1", "do", "close", "as", "ana"))
	if p := r.w.GitHub.Pulls()[0]; p.State != "closed" || p.Merged {
		t.Errorf("state %s, merged %v", p.State, p.Merged)
	}
	r.shows(r.look(""), "Closed Post-mortem #1")
}

// What another page, another machine's name or a program without manners sends does nothing.
func TestSideIsForThisPageAlone(t *testing.T) {
	t.Parallel()
	r := newPageRig(t)
	r.pull("post-mortem/inc-1", "text\n")
	for name, deed := range map[string]url.Values{
		"card": fields("do", "archive"), "pull": fields("pull", "1", "do", "merge"), "file": fields("pull", "1"),
		"faults": fields("on", "all-down"), "train": fields("drill", DefaultDrill), "session": fields("do", "end"),
	} {
		for _, headers := range [][]string{
			{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"},
			{"Sec-Fetch-Site", "", "Origin", "https://evil.example"}, {"Host", "evil.example"}, {"Host", "10.0.0.1:80"},
		} {
			if status, _ := r.do(name, deed, headers...); status != http.StatusForbidden {
				t.Errorf("%s with %v: %d, want 403", name, headers, status)
			}
		}
		answer, err := http.Get(r.page + "/practice/page/side/" + name + "?" + deed.Encode())
		r.must(err)
		answer.Body.Close()
		if answer.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("GET %s: %d, want 405", name, answer.StatusCode)
		}
	}
	if status, body := r.do("file", fields("text", strings.Repeat("x", 3<<20))); status != http.StatusRequestEntityTooLarge {
		t.Errorf("3 MB: %d %s", status, body)
	}
	if len(r.w.Faults.Active()) > 0 || r.w.GitHub.Pulls()[0].Merged {
		t.Error("somebody else's page had its way")
	}
}

// A browser without scripts gets the page again, as the same person in the same channel.
func TestSideGoesBackToThePage(t *testing.T) {
	t.Parallel()
	r := newPageRig(t)
	for referer, want := range map[string]string{
		"": "/", r.page + "/?as=ben&channel=team": "/?as=ben&channel=team", "https://evil.example/?x=1": "/", r.page + "/": "/",
	} {
		status, at := r.do("faults", fields("well", "1"), "Sec-Fetch-Mode", "navigate", "Referer", referer)
		if status != http.StatusSeeOther || at != want {
			t.Errorf("from %q: %d to %q, want %q", referer, status, at, want)
		}
	}
}

// answers sends one call to a service and says what came back: a status, or 0 for a cut line.
func (r *pageRig) answers(verb, address, auth string, form url.Values) int {
	r.t.Helper()
	req, err := http.NewRequest(verb, r.url+address, strings.NewReader(form.Encode()))
	r.must(err)
	req.Header.Set("Authorization", auth)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	client := http.Client{Timeout: 10 * time.Second}
	answer, err := client.Do(req)
	if err != nil {
		return 0
	}
	answer.Body.Close()
	return answer.StatusCode
}

func TestSideSwitchesFaults(t *testing.T) {
	t.Parallel()
	r := newPageRig(t)
	list := r.w.Trello.Lists(r.w.Trello.Board().ID)[0].ID
	cards := func() int { return len(r.w.Trello.Cards(r.w.Trello.Board().ID)) }
	messages := func() int { return len(r.w.Slack.Messages("team")) }
	branches := func() int { return len(r.w.GitHub.Branches()) }
	trello := func() int {
		return r.answers("POST", TrelloPath+"/cards", `OAuth oauth_consumer_key="practice-key", oauth_token="practice-token"`,
			fields("idList", list, "name", "x"))
	}
	slack := func() int {
		return r.answers("POST", SlackPath+"chat.postMessage", "Bearer "+r.s.BotToken(), fields("channel", r.id("team"), "text", "hello"))
	}
	made := 0
	github := func() int {
		made++
		req, err := http.NewRequest("POST", r.url+GitHubPath+"repos/owner/site/git/refs",
			strings.NewReader(`{"ref":"refs/heads/b`+strings.Repeat("x", made)+`","sha":"`+r.w.GitHub.Log("master")[0].SHA+`"}`))
		r.must(err)
		req.Header.Set("Authorization", "Bearer practice-token")
		answer, err := http.DefaultClient.Do(req)
		if err != nil {
			return 0
		}
		answer.Body.Close()
		return answer.StatusCode
	}
	for _, c := range []struct {
		name   string
		call   func() int
		count  func() int
		status int
		done   int
	}{
		{"trello-500", trello, cards, 500, 0}, {"trello-500-after", trello, cards, 500, 1}, {"trello-down", trello, cards, 503, 0},
		{"github-down", github, branches, 503, 0}, {"github-cut", github, branches, 0, 1},
		{"slack-limited", slack, messages, 429, 0}, {"slack-500-after", slack, messages, 500, 1},
		{"all-down", trello, cards, 503, 0}, {"all-down", github, branches, 503, 0}, {"all-down", slack, messages, 503, 0},
	} {
		r.done("faults", fields("on", c.name))
		if page := r.look(""); !strings.Contains(page, `value="`+c.name+`" aria-pressed="true"`) {
			t.Errorf("%s: the switch does not show that it is on", c.name)
		}
		before := c.count()
		if status := c.call(); status != c.status || c.count() != before+c.done {
			t.Errorf("%s: status %d and %d done, want %d and %d", c.name, status, c.count()-before, c.status, c.done)
		}
		r.done("faults", fields("off", c.name))
		before = c.count()
		if status := c.call(); status >= 300 || status == 0 || c.count() != before+1 {
			t.Errorf("%s off: status %d, %d done", c.name, status, c.count()-before)
		}
	}
}

func TestSideSwitchesExcludeEachOther(t *testing.T) {
	t.Parallel()
	r := newPageRig(t)
	on := func() string {
		var names []string
		for _, s := range r.w.faultsView().Switches {
			if s.On {
				names = append(names, s.Name)
			}
		}
		return strings.Join(names, " ")
	}
	r.w.Faults.Add(Fault{Service: "github", Call: "POST *", Status: 502, Times: 2})
	for _, step := range []struct{ press, name, want string }{
		{"on", "trello-down", "trello-down"}, {"on", "trello-500", "trello-500"}, {"on", "trello-500", "trello-500"},
		{"on", "github-slow", "trello-500 github-slow"}, {"on", "all-down", "all-down"}, {"on", "slack-limited", "slack-limited"},
		{"off", "trello-down", "slack-limited"}, {"off", "slack-limited", ""}, {"off", "slack-limited", ""},
	} {
		r.done("faults", fields(step.press, step.name))
		if got := on(); got != step.want {
			t.Errorf("%s %s: %q is on, want %q", step.press, step.name, got, step.want)
		}
	}
	r.shows(r.look(""), "The drill has asked for these: GitHub answers 502: POST *, 2 more")
	r.done("faults", fields("on", "trello-down"))
	r.done("faults", fields("well", "1"))
	if n := len(r.w.Faults.Active()); n > 0 || on() != "" {
		t.Errorf("all is well, and %d faults are on", n)
	}
	for _, v := range []url.Values{fields("on", "x"), fields("off", "<script>"), fields()} {
		r.refused("faults", v, "no such switch")
	}
}

// GitHub's slowness is a fault that only delays.
func TestSideSlowGitHub(t *testing.T) {
	t.Parallel()
	r := newPageRig(t)
	r.done("faults", fields("on", "github-slow"))
	f, hit := r.w.Faults.take("github", "GET /repos/owner/site")
	if !hit || f.Delay != 30*time.Second || !f.onlyDelays() {
		t.Errorf("the fault is %+v", f)
	}
	if _, hit := r.w.Faults.take("trello", "GET /boards/{id}"); hit {
		t.Error("Trello is slow as well")
	}
}

func TestSideCutsTheSocket(t *testing.T) {
	t.Parallel()
	r := newPageRig(t)
	r.shows(r.look(""), "No socket is open: the bot gets its events over HTTP.")
	_, address, err := r.api.StartSocketModeContext(t.Context())
	r.must(err)
	conn, _, err := websocket.DefaultDialer.DialContext(t.Context(), address, nil)
	r.must(err)
	defer conn.Close()
	if _, _, err = conn.ReadMessage(); err != nil { // Slack's hello
		t.Fatal(err)
	}
	r.shows(r.look(""), "The connection is gone, and a new one is refused.")
	r.done("faults", fields("on", "slack-socket"))
	for {
		if _, _, err := conn.ReadMessage(); err != nil {
			break
		}
	}
	if _, _, err := r.api.StartSocketModeContext(t.Context()); err == nil {
		t.Error("a new socket is to be had while it is cut")
	}
	r.done("faults", fields("off", "slack-socket"))
	if _, _, err := r.api.StartSocketModeContext(t.Context()); err != nil {
		t.Errorf("no socket is to be had after it was cut: %v", err)
	}
}
