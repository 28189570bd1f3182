package practice

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// wireBook collects answers and deliveries in the order in which they came, to be compared with a golden file: what a
// client that is not ours relies on, field by field.
type wireBook struct {
	r    *slackRig
	base string
	auth string
	out  bytes.Buffer
}

// noise is what differs between two runs.
var noise = regexp.MustCompile(`/hooks/[^"]+|\?ticket=[0-9a-f]+`)

func (b *wireBook) write(title string, raw []byte) any {
	b.r.t.Helper()
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		b.r.t.Fatalf("%s: %v in %s", title, err, raw)
	}
	pretty, err := json.MarshalIndent(value, "", "  ")
	b.r.must(err)
	text := strings.ReplaceAll(string(pretty), strings.TrimPrefix(b.r.url, "http"), "://practice.test")
	text = noise.ReplaceAllStringFunc(text, func(s string) string {
		if strings.HasPrefix(s, "?") {
			return "?ticket=…"
		}
		return "/hooks/…"
	})
	b.out.WriteString("== " + title + "\n" + text + "\n")
	return value
}

// call makes one call, writes its answer down and returns the value at a path such as "message.ts".
func (b *wireBook) call(verb, path string, body any, want string) string {
	b.r.t.Helper()
	raw, err := json.Marshal(body)
	b.r.must(err)
	req, err := http.NewRequestWithContext(b.r.t.Context(), verb, b.base+path, bytes.NewReader(raw))
	b.r.must(err)
	req.Header.Set("Authorization", b.auth)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	b.r.must(err)
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	b.r.must(err)
	value := b.write(verb+" "+path, answer)
	for key := range strings.SplitSeq(want, ".") {
		if object, ok := value.(map[string]any); ok {
			value = object[key]
		}
	}
	text, _ := value.(string)
	return text
}

func (b *wireBook) compare(name string) {
	b.r.t.Helper()
	file := filepath.Join("testdata", "wire", name)
	if *update {
		b.r.must(os.MkdirAll(filepath.Dir(file), 0o755))
		b.r.must(os.WriteFile(file, b.out.Bytes(), 0o644))
	}
	want, err := os.ReadFile(file)
	b.r.must(err)
	got, wanted := strings.Split(b.out.String(), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(got), len(wanted)) {
		g, w := "", ""
		if i < len(got) {
			g = got[i]
		}
		if i < len(wanted) {
			w = wanted[i]
		}
		if g != w {
			b.r.t.Fatalf("%s:%d: got\n%s\nwant\n%s\n(go test -run Wire -update writes it anew; read the difference)", file, i+1, g, w)
		}
	}
}

func TestWireOfSlack(t *testing.T) {
	r := newSlackRig(t)
	b := &wireBook{r: r, base: r.url + SlackPath, auth: "Bearer " + r.s.BotToken()}
	ana := r.id("ana")
	b.call("POST", "auth.test", nil, "")
	b.call("POST", "users.info", jsonObject{"user": ana}, "")
	b.call("POST", "users.info", jsonObject{"user": BotUser}, "")
	channel := b.call("POST", "conversations.create", jsonObject{"name": "inc-1"}, "channel.id")
	b.call("POST", "conversations.invite", jsonObject{"channel": channel, "users": ana}, "")
	b.call("POST", "conversations.setTopic", jsonObject{"channel": channel, "topic": "SEV1"}, "")
	b.call("POST", "conversations.open", jsonObject{"users": ana, "return_im": true}, "")
	button := jsonObject{"type": "button", "action_id": "resolve", "value": "1", "text": jsonObject{"type": "plain_text", "text": "Resolve"}}
	ts := b.call("POST", "chat.postMessage", jsonObject{
		"channel": channel, "text": "An incident", "metadata": jsonObject{"event_type": "check", "event_payload": jsonObject{"key": "k"}},
		"blocks": []any{jsonObject{"type": "actions", "block_id": "row", "elements": []any{button}}},
	}, "ts")
	b.call("POST", "chat.postMessage", jsonObject{"channel": channel, "text": "A reply", "thread_ts": ts}, "")
	b.call("POST", "conversations.replies", jsonObject{"channel": channel, "ts": ts, "include_all_metadata": true}, "")
	b.call("POST", "chat.update", jsonObject{"channel": channel, "ts": ts, "text": "Changed", "blocks": []any{
		jsonObject{"type": "actions", "block_id": "row", "elements": []any{button}}}}, "")
	b.call("POST", "pins.add", jsonObject{"channel": channel, "timestamp": ts}, "")
	b.call("POST", "pins.list", jsonObject{"channel": channel}, "")
	b.call("POST", "bookmarks.add", jsonObject{"channel_id": channel, "title": "Post", "type": "link", "link": "https://example.org"}, "")
	b.call("POST", "views.publish", jsonObject{"user_id": ana, "view": jsonObject{"type": "home", "blocks": []any{jsonObject{"type": "divider"}}}}, "")
	b.call("POST", "chat.postMessage", jsonObject{"channel": channel, "text": "x", "blocks": []any{jsonObject{"type": "section"}}}, "")
	b.call("POST", "conversations.create", jsonObject{"name": "inc-1"}, "")
	b.call("POST", "no.such", nil, "")
	r.delivered()
	before := len(r.bot.requests("/slack/events"))
	said := r.say("ana", "inc-1", "checkout is down, @watchbell")
	r.must(r.s.React("ana", "inc-1", said, "eyes"))
	r.must(r.s.Press(t.Context(), "ana", "inc-1", ts, "resolve"))
	_, err := r.s.Command(t.Context(), "ana", "inc-1", "/incident log @ben is here")
	r.must(err)
	r.must(r.s.MessageShortcut(t.Context(), "ana", "inc-1", said, "add_to_timeline"))
	r.delivered()
	for _, g := range r.bot.requests("/slack/events")[before:] {
		b.write("an event", g.body)
	}
	for _, g := range r.bot.requests("/slack/interactions") {
		b.write("an interaction", []byte(g.form.Get("payload")))
	}
	for _, g := range r.bot.requests("/slack/commands") {
		fields := map[string]string{}
		for key := range g.form {
			fields[key] = g.form.Get(key)
		}
		raw, err := json.Marshal(fields)
		r.must(err)
		b.write("a command", raw)
	}
	b.compare("slack.txt")
}

func TestWireOfTrello(t *testing.T) {
	r := newSlackRig(t)
	b := &wireBook{r: r, base: r.url + TrelloPath, auth: `OAuth oauth_consumer_key="practice-key", oauth_token="practice-token"`}
	board := r.w.Trello.Board()
	b.call("GET", "/boards/"+board.ShortLink, nil, "")
	list := b.call("POST", "/lists", jsonObject{"idBoard": board.ID, "name": "Tried", "pos": "bottom"}, "id")
	label := b.call("POST", "/labels", jsonObject{"idBoard": board.ID, "name": "inc-1", "color": "red"}, "id")
	card := b.call("POST", "/cards", jsonObject{
		"idList": list, "name": "Improve alerting", "desc": "so that we hear of it first", "due": "2026-11-14T12:00:00Z", "idLabels": label,
	}, "id")
	b.call("POST", "/cards/"+card+"/idMembers", jsonObject{"value": r.w.Trello.Members()[0].ID}, "")
	b.call("POST", "/cards/"+card+"/actions/comments", jsonObject{"text": "seen"}, "")
	b.call("POST", "/cards/"+card+"/attachments", jsonObject{"url": "https://example.org/pull/1", "name": "Post"}, "")
	checklist := b.call("POST", "/checklists", jsonObject{"idCard": card, "name": "Steps"}, "id")
	b.call("POST", "/checklists/"+checklist+"/checkItems", jsonObject{"name": "first"}, "")
	b.call("PUT", "/cards/"+card, jsonObject{"closed": true}, "")
	b.call("GET", "/cards/"+card+"?fields=name&members=true&checklists=all", nil, "")
	b.call("GET", "/search?query=Practice&modelTypes=boards&board_fields=name", nil, "")
	b.compare("trello.txt")
}

func TestWireOfGitHub(t *testing.T) {
	r := newSlackRig(t)
	b := &wireBook{r: r, base: r.url + GitHubPath + "repos/" + r.w.GitHub.Repo(), auth: "Bearer practice-token"}
	b.call("GET", "", nil, "")
	head := b.call("GET", "/git/ref/heads/master", nil, "object.sha")
	tree := b.call("GET", "/git/commits/"+head, nil, "tree.sha")
	blob := b.call("POST", "/git/blobs", jsonObject{"content": "A post\n", "encoding": "utf-8"}, "sha")
	next := b.call("POST", "/git/trees", jsonObject{"base_tree": tree, "tree": []any{
		jsonObject{"path": "_posts/2026-11-07-test.md", "mode": "100644", "type": "blob", "sha": blob}}}, "sha")
	commit := b.call("POST", "/git/commits", jsonObject{"message": "Add a post", "tree": next, "parents": []string{head}}, "sha")
	b.call("POST", "/git/refs", jsonObject{"ref": "refs/heads/post", "sha": commit}, "")
	b.call("GET", "/contents/_posts/2026-11-07-test.md?ref=post", nil, "")
	b.call("POST", "/pulls", jsonObject{"title": "A post", "head": "post", "base": "master", "body": "Missing: impact", "draft": true}, "")
	b.call("POST", "/issues/1/comments", jsonObject{"body": "Please read"}, "")
	b.call("POST", "/issues/1/labels", jsonObject{"labels": []string{"post-mortem"}}, "")
	b.call("GET", "/issues/1", nil, "")
	b.call("GET", "/pulls/1/files", nil, "")
	b.call("GET", "/compare/master...post", nil, "")
	b.call("POST", "/pulls", jsonObject{"title": "again", "head": "post", "base": "master"}, "")
	b.compare("github.txt")
}
