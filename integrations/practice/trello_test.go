package practice

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adlio/trello"
)

// testClock is a clock that a test moves by hand.

type testClock struct {
	mu sync.Mutex
	at time.Time
}

func newTestClock() *testClock { return &testClock{at: time.Date(2026, 7, 8, 1, 46, 0, 0, time.UTC)} }

func (c *testClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *testClock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// serveAll starts a workspace on a loopback port and returns it with its base URL.
func serveAll(t *testing.T, clock *testClock) (*Workspace, string) {
	t.Helper()
	w := New(Options{Now: clock.now, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	srv := httptest.NewServer(w.Handler())
	t.Cleanup(srv.Close)
	return w, srv.URL
}

// trelloCaller makes single Trello calls with credentials in the header, as a careful client does.
type trelloCaller struct {
	t    *testing.T
	base string
	auth string
}

func newTrelloCaller(t *testing.T, base string) *trelloCaller {
	return &trelloCaller{
		t: t, base: base + TrelloPath,
		auth: `OAuth oauth_consumer_key="practice-key", oauth_token="practice-token"`,
	}
}

// do sends a form (or a query for GET) and returns status and body.
func (c *trelloCaller) do(verb, path string, form url.Values) (int, string) {
	c.t.Helper()
	target := c.base + path
	var body io.Reader
	if verb == http.MethodGet || verb == http.MethodDelete {
		target += "?" + form.Encode()
	} else {
		body = strings.NewReader(form.Encode())
	}
	return c.send(verb, target, "application/x-www-form-urlencoded", body)
}

func (c *trelloCaller) send(verb, target, kind string, body io.Reader) (int, string) {
	c.t.Helper()
	req, err := http.NewRequest(verb, target, body)
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	if c.auth != "" {
		req.Header.Set("Authorization", c.auth)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

func (t *Trello) listNamed(tb testing.TB, name string) string {
	tb.Helper()
	for _, l := range t.Lists(t.Board().ID) {
		if l.Name == name {
			return l.ID
		}
	}
	tb.Fatalf("the board has no list %q", name)
	return ""
}

func TestTrelloWithItsUsualClient(t *testing.T) {
	t.Parallel()
	w, base := serveAll(t, newTestClock())
	client := trello.NewClient("practice-key", "practice-token")
	client.BaseURL = base + TrelloPath

	board, err := client.GetBoard(w.Trello.Board().ShortLink)
	if err != nil || board.Name != "Practice" {
		t.Fatalf("GetBoard = %+v, %v", board, err)
	}
	list, err := board.CreateList("Post-mortem", trello.Arguments{"pos": "bottom"})
	if err != nil {
		t.Fatal(err)
	}
	label := &trello.Label{Name: "inc-42", Color: "red"}
	if err := board.CreateLabel(label); err != nil {
		t.Fatal(err)
	}
	due := time.Date(2026, 7, 20, 12, 0, 0, 0, time.UTC)
	card := &trello.Card{Name: "Rotate the keys", Desc: "Why\nwatchbell:inc-42/action-1/card", IDLabels: []string{label.ID}, Due: &due}
	if err := list.AddCard(card, trello.Arguments{"pos": "bottom"}); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(card.ShortURL, "https://trello.com/c/") || card.ID == "" {
		t.Fatalf("card = %+v", card)
	}
	if made, err := trello.IDToTime(card.ID); err != nil || !made.Equal(newTestClock().now()) {
		t.Errorf("the id says %v, %v", made, err)
	}
	if err := card.AddURLAttachment(&trello.Attachment{Name: "incident", URL: "https://example.org/incidents/42"}); err != nil {
		t.Error(err)
	}
	if _, err := card.AddComment("done by Friday"); err != nil {
		t.Error(err)
	}
	if err := card.Update(trello.Arguments{"dueComplete": "true"}); err != nil {
		t.Error(err)
	}
	members, err := board.GetMembers()
	if err != nil || len(members) != 4 {
		t.Fatalf("GetMembers = %v, %v", members, err)
	}
	if _, err := card.AddMemberID(members[1].ID); err != nil {
		t.Error(err)
	}
	got, err := client.GetCard(card.ShortLink)
	if err != nil {
		t.Fatal(err)
	}
	if got.Desc != card.Desc || !got.DueComplete || !got.Due.Equal(due) || got.IDMembers[0] != members[1].ID || got.Labels[0].Name != "inc-42" {
		t.Errorf("card read back = %+v", got)
	}
	cards, err := list.GetCards()
	if err != nil || len(cards) != 1 {
		t.Errorf("GetCards = %v, %v", cards, err)
	}
	if w.Trello.CredentialsInURL() == 0 {
		t.Error("this client puts key and token into the URL, and nobody noticed")
	}
	if u := w.Trello.Unknown(); len(u) > 0 {
		t.Errorf("unknown calls: %v", u)
	}
	kept := w.Trello.Cards(w.Trello.Board().ID)
	if len(kept) != 1 || len(kept[0].Comments) != 1 || len(kept[0].Attachments) != 1 {
		t.Errorf("kept = %+v", kept)
	}
}

func TestTrelloBoardCardsArePaged(t *testing.T) {
	t.Parallel()
	w, base := serveAll(t, newTestClock())
	call := newTrelloCaller(t, base)
	list := w.Trello.listNamed(t, "Done")
	for _, name := range []string{"a", "b", "c"} {
		call.do("POST", "/cards", url.Values{"idList": {list}, "name": {name}})
	}
	client := trello.NewClient("practice-key", "practice-token")
	client.BaseURL = base + TrelloPath
	board, err := client.GetBoard(w.Trello.Board().ID)
	if err != nil {
		t.Fatal(err)
	}
	cards, err := board.GetCards(trello.Arguments{"limit": "2"})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range cards {
		names = append(names, c.Name)
	}
	if got := strings.Join(names, " "); got != "b c a" {
		t.Errorf("cards = %q, want the newest page first", got)
	}
}

func TestTrelloTakesArgumentsFromBodies(t *testing.T) {
	t.Parallel()
	w, base := serveAll(t, newTestClock())
	call := newTrelloCaller(t, base)
	list := w.Trello.listNamed(t, "Action items")
	ana := w.Trello.AddPerson("ana", "Ana").ID

	status, body := call.do("POST", "/cards", url.Values{"idList": {list}, "name": {"by form"}, "desc": {strings.Repeat("x", 16384)}})
	if status != 200 {
		t.Fatalf("form: %d %s", status, body)
	}
	asJSON := `{"idList":"` + list + `","name":"by JSON","idMembers":["` + ana + `"],"due":"2026-07-20T12:00:00Z","dueComplete":true}`
	status, body = call.send("POST", call.base+"/cards", "application/json", strings.NewReader(asJSON))
	if status != 200 {
		t.Fatalf("JSON: %d %s", status, body)
	}
	var card struct {
		ID, Name  string
		IDMembers []string
	}
	if err := json.Unmarshal([]byte(body), &card); err != nil {
		t.Fatal(err)
	}
	if card.Name != "by JSON" || len(card.IDMembers) != 1 {
		t.Errorf("card = %+v", card)
	}
	status, body = call.send("PUT", call.base+"/cards/"+card.ID, "application/json", strings.NewReader(`{"due":null}`))
	if status != 200 || !strings.Contains(body, `"due":null`) {
		t.Errorf("clearing the due date: %d %s", status, body)
	}
	if n := w.Trello.CredentialsInURL(); n != 0 {
		t.Errorf("%d calls had credentials in the URL", n)
	}
}

func TestTrelloRefuses(t *testing.T) {
	t.Parallel()
	w, base := serveAll(t, newTestClock())
	list := w.Trello.listNamed(t, "Action items")
	missing := strings.Repeat("0", 24)
	for _, tc := range []struct {
		name, auth, verb, path string
		form                   url.Values
		status                 int
		says                   string
	}{
		{"no credentials", "-", "GET", "/members/me", nil, 401, "invalid key"},
		{"a real token", `OAuth oauth_consumer_key="practice-k", oauth_token="abc"`, "GET", "/members/me", nil, 401, "invalid token"},
		{"malformed id", "", "GET", "/cards/not-an-id", nil, 400, "invalid id"},
		{"no such card", "", "GET", "/cards/" + missing, nil, 404, "The requested resource was not found."},
		{"no list", "", "POST", "/cards", url.Values{"name": {"x"}}, 400, "invalid value for idList"},
		{"name too long", "", "POST", "/cards", url.Values{"idList": {list}, "name": {strings.Repeat("ä", 16385)}}, 400, "invalid value for name"},
		{"desc too long", "", "POST", "/cards", url.Values{"idList": {list}, "desc": {strings.Repeat("x", 16385)}}, 400, "invalid value for desc"},
		{"a stranger as member", "", "POST", "/cards", url.Values{"idList": {list}, "idMembers": {missing}}, 400, "invalid value for idMembers"},
		{"bad date", "", "POST", "/cards", url.Values{"idList": {list}, "due": {"soon"}}, 400, "invalid date"},
		{"bad colour", "", "POST", "/labels", url.Values{"idBoard": {w.Trello.Board().ID}, "color": {"beige"}}, 400, "invalid value for color"},
		{"long URL", "", "GET", "/search", url.Values{"query": {strings.Repeat("x", 8200)}}, 414, "Request-URI Too Large"},
		{"no such call", "", "GET", "/enterprises/1", nil, 404, "Cannot GET"},
	} {
		call := newTrelloCaller(t, base)
		switch tc.auth {
		case "":
		case "-":
			call.auth = ""
		default:
			call.auth = tc.auth
		}
		status, body := call.do(tc.verb, tc.path, tc.form)
		if status != tc.status || !strings.Contains(body, tc.says) {
			t.Errorf("%s: %d %.80q, want %d %q", tc.name, status, body, tc.status, tc.says)
		}
	}
	if cards := w.Trello.Cards(w.Trello.Board().ID); len(cards) != 0 {
		t.Errorf("refused calls made cards: %+v", cards)
	}
	if u := w.Trello.Unknown(); len(u) != 1 || u[0] != "GET /1/enterprises/1" {
		t.Errorf("unknown = %v", u)
	}
}

func TestTrelloFailsAfterMakingTheCard(t *testing.T) {
	t.Parallel()
	w, base := serveAll(t, newTestClock())
	call := newTrelloCaller(t, base)
	list := w.Trello.listNamed(t, "Action items")
	form := url.Values{"idList": {list}, "name": {"once"}, "desc": {"watchbell:inc-1/action-1/card"}}

	w.Faults.Add(Fault{Service: "trello", Call: "POST /cards", Times: 1})
	if status, _ := call.do("POST", "/cards", form); status != 500 {
		t.Errorf("before: %d", status)
	}
	if n := len(w.Trello.Cards(w.Trello.Board().ID)); n != 0 {
		t.Errorf("a call that failed before its work left %d cards", n)
	}
	w.Faults.Add(Fault{Service: "trello", Call: "POST /cards", After: true, Times: 1})
	if status, _ := call.do("POST", "/cards", form); status != 500 {
		t.Errorf("after: %d", status)
	}
	if n := len(w.Trello.Cards(w.Trello.Board().ID)); n != 1 {
		t.Errorf("a call that failed after its work left %d cards", n)
	}
	if _, body := call.do("GET", "/search", url.Values{"query": {"once"}}); !strings.Contains(body, `"cards":[]`) {
		t.Errorf("search shows a card at once: %s", body)
	}
	if _, body := call.do("GET", "/boards/"+w.Trello.Board().ShortLink+"/cards/all", url.Values{"fields": {"desc"}}); !strings.Contains(body, "inc-1/action-1") {
		t.Errorf("the board does not list the card: %s", body)
	}
}

func TestTrelloSearchLags(t *testing.T) {
	t.Parallel()
	clock := newTestClock()
	w, base := serveAll(t, clock)
	call := newTrelloCaller(t, base)
	call.do("POST", "/cards", url.Values{"idList": {w.Trello.listNamed(t, "Done")}, "name": {"Rotate the keys"}})
	clock.move(2 * time.Minute)
	if _, body := call.do("GET", "/search", url.Values{"query": {"rotate KEYS"}}); !strings.Contains(body, "Rotate the keys") {
		t.Errorf("search = %s", body)
	}
}

func TestTrelloRateLimits(t *testing.T) {
	t.Parallel()
	clock := newTestClock()
	w, base := serveAll(t, clock)
	call := newTrelloCaller(t, base)
	path := "/boards/" + w.Trello.Board().ID
	w.Trello.RateLimits(true)
	for i := range 100 {
		if status, body := call.do("GET", path, nil); status != 200 {
			t.Fatalf("call %d: %d %s", i+1, status, body)
		}
	}
	if status, body := call.do("GET", path, nil); status != 429 || !strings.Contains(body, "API_TOKEN_LIMIT_EXCEEDED") {
		t.Errorf("call 101: %d %s", status, body)
	}
	clock.move(10 * time.Second)
	if status, _ := call.do("GET", path, nil); status != 200 {
		t.Errorf("after ten seconds: %d", status)
	}
}
