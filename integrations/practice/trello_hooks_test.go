package practice

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// hookReceiver keeps the webhook calls that it got.
type hookReceiver struct {
	mu     sync.Mutex
	verbs  []string
	bodies [][]byte
	heads  []http.Header
	status int
}

func (h *hookReceiver) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	h.verbs, h.bodies, h.heads = append(h.verbs, r.Method), append(h.bodies, body), append(h.heads, r.Header.Clone())
	if h.status != 0 {
		rw.WriteHeader(h.status)
	}
}

func TestTrelloWebhook(t *testing.T) {
	t.Parallel()
	w, base := serveAll(t, newTestClock())
	call := newTrelloCaller(t, base)
	got := &hookReceiver{}
	bot := httptest.NewServer(got)
	t.Cleanup(bot.Close)
	_, body := call.do("POST", "/cards", url.Values{"idList": {w.Trello.listNamed(t, "Action items")}, "name": {"Rotate the keys"}})
	var card struct{ ID string }
	if err := json.Unmarshal([]byte(body), &card); err != nil {
		t.Fatal(err)
	}
	callback := bot.URL + "/trello/webhook?a=b"
	hook := url.Values{"callbackURL": {callback}, "idModel": {w.Trello.Board().ID}}
	if status, body := call.do("POST", "/webhooks", hook); status != 200 || got.verbs[0] != "HEAD" {
		t.Fatalf("creating: %d %s, callback saw %v", status, body, got.verbs)
	}
	if status, body := call.do("POST", "/webhooks", hook); status != 400 || !strings.Contains(body, "already exists") {
		t.Errorf("creating twice: %d %s", status, body)
	}
	if err := w.Trello.MoveCard("ana", card.ID, "Done"); err != nil {
		t.Fatal(err)
	}
	if err := w.Trello.TickCard("ana", card.ID, true); err != nil {
		t.Fatal(err)
	}
	if err := w.Trello.Delivered(context.Background()); err != nil {
		t.Fatal(err)
	}
	got.mu.Lock()
	defer got.mu.Unlock()
	if strings.Join(got.verbs, " ") != "HEAD HEAD POST POST" {
		t.Fatalf("callback saw %v", got.verbs)
	}
	moved := struct {
		Action struct {
			Type          string
			MemberCreator struct{ Username string }
			Data          struct{ ListBefore, ListAfter struct{ Name string } }
		}
	}{}
	if err := json.Unmarshal(got.bodies[2], &moved); err != nil {
		t.Fatal(err)
	}
	if a := moved.Action; a.Type != "updateCard" || a.Data.ListBefore.Name != "Action items" || a.Data.ListAfter.Name != "Done" || a.MemberCreator.Username != "ana" {
		t.Errorf("move = %+v", a)
	}
	if !strings.Contains(string(got.bodies[3]), `"old":{"dueComplete":false}`) {
		t.Errorf("tick = %s", got.bodies[3])
	}
	if sig := got.heads[2].Get("X-Trello-Webhook"); sig != w.Trello.Sign(got.bodies[2], callback) || sig == "" {
		t.Errorf("signature = %q", sig)
	}
}

// The expected value was computed with openssl dgst -sha1 -hmac.
func TestTrelloSignature(t *testing.T) {
	t.Parallel()
	w := New(Options{})
	const want = "OS8AToi+JDN1KLfZrEP3iSKTjbw="
	if got := w.Trello.Sign([]byte("{}"), "https://bot.example.org/trello/webhook"); got != want {
		t.Errorf("signature = %q, want %q", got, want)
	}
}

func TestTrelloWebhookEnds(t *testing.T) {
	t.Parallel()
	w, base := serveAll(t, newTestClock())
	call := newTrelloCaller(t, base)
	got := &hookReceiver{}
	bot := httptest.NewServer(got)
	t.Cleanup(bot.Close)
	hook := url.Values{"callbackURL": {bot.URL}, "idModel": {w.Trello.Board().ID}}
	_, body := call.do("POST", "/webhooks", hook)
	var made struct{ ID string }
	if err := json.Unmarshal([]byte(body), &made); err != nil {
		t.Fatal(err)
	}
	got.status = http.StatusGone
	call.do("POST", "/lists", url.Values{"idBoard": {w.Trello.Board().ID}, "name": {"New"}})
	if err := w.Trello.Delivered(context.Background()); err != nil {
		t.Fatal(err)
	}
	if status, _ := call.do("GET", "/webhooks/"+made.ID, nil); status != 404 {
		t.Errorf("after 410 Gone the webhook is still there: %d", status)
	}
	got.status = http.StatusInternalServerError
	if status, body := call.do("POST", "/webhooks", hook); status != 400 || !strings.Contains(body, "did not return 200") {
		t.Errorf("a callback that fails: %d %s", status, body)
	}
}

func TestTrelloPeople(t *testing.T) {
	t.Parallel()
	w, base := serveAll(t, newTestClock())
	changes := 0
	w.Trello.OnChange = func() { changes++ }
	call := newTrelloCaller(t, base)
	_, body := call.do("POST", "/cards", url.Values{"idList": {w.Trello.listNamed(t, "Doing")}, "name": {"a"}})
	var card struct{ ID, ShortLink string }
	if err := json.Unmarshal([]byte(body), &card); err != nil {
		t.Fatal(err)
	}
	if err := w.Trello.EditCard("ben", card.ShortLink, map[string]string{"desc": "mine"}); err != nil {
		t.Error(err)
	}
	if err := w.Trello.ArchiveCard("ben", card.ShortLink); err != nil {
		t.Error(err)
	}
	if err := w.Trello.MoveCard("nobody", card.ID, "Done"); err == nil {
		t.Error("a person who is not there moved a card")
	}
	kept := w.Trello.Cards(w.Trello.Board().ID)[0]
	if kept.Desc != "mine" || !kept.Closed {
		t.Errorf("card = %+v", kept)
	}
	if changes != 3 || w.Trello.Version() != 3 {
		t.Errorf("%d changes told, version %d, want 3", changes, w.Trello.Version())
	}
	if err := w.Trello.DeleteCard("ben", card.ID); err != nil {
		t.Error(err)
	}
	if status, _ := call.do("GET", "/cards/"+card.ID, nil); status != 404 {
		t.Errorf("deleted card: %d", status)
	}
}
