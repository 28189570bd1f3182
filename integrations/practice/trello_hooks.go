package practice

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" // Trello signs with HMAC-SHA1
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// trelloAction is an entry of a board's history. The data is encoded when the action happens and stays as it was.
type trelloAction struct {
	id, kind, by, idBoard, idCard string
	at                            time.Time
	data                          jsonObject
}

// trelloHook is a webhook: Trello calls callback for each action on its model and below.
type trelloHook struct {
	id, token, callback, model, desc string
	active                           bool
	failures                         int
}

func (h *trelloHook) json() jsonObject {
	return jsonObject{
		"id": h.id, "description": h.desc, "idModel": h.model, "callbackURL": h.callback, "active": h.active,
		"consecutiveFailures": h.failures, "firstConsecutiveFailDate": nil,
	}
}

// act writes an action down and queues the webhook calls that belong to it.
func (t *Trello) act(kind, by string, board *Board, card *Card, data jsonObject) *trelloAction {
	if by == "" {
		by = t.me
	}
	if board != nil {
		data["board"] = jsonObject{"id": board.ID, "name": board.Name, "shortLink": board.ShortLink}
	}
	a := &trelloAction{id: t.newID(), kind: kind, by: by, at: t.o.Now(), data: data}
	if board != nil {
		a.idBoard = board.ID
	}
	if card != nil {
		a.idCard, card.Active = card.ID, a.at
	}
	t.actions = append(t.actions, a)
	for _, h := range t.hooks {
		if model := t.modelJSON(h.model, a); h.active && model != nil {
			t.pending = append(t.pending, t.hookCall(h, jsonObject{"action": t.actionJSON(a), "model": model}))
		}
	}
	return a
}

// modelJSON is the board, list or card that a webhook watches if the action concerns it, else nil.
func (t *Trello) modelJSON(model string, a *trelloAction) jsonObject {
	if b, err := t.board(model); err == nil && b.ID == a.idBoard {
		return t.boardJSON(b)
	}
	c, err := t.card(a.idCard)
	if err != nil {
		return nil
	}
	if l, err := t.list(model); err == nil && l.ID == c.IDList {
		return t.listJSON(l)
	}
	if model == c.ID {
		return t.cardJSON(c)
	}
	return nil
}

// hookCall signs a payload as Trello does: base64 of HMAC-SHA1 over the body followed by the callback URL.
func (t *Trello) hookCall(h *trelloHook, payload jsonObject) delivery {
	payload["webhook"] = h.json()
	body, err := json.Marshal(payload)
	if err != nil {
		t.o.Log.Error("practice: a webhook call could not be encoded", "err", err)
	}
	header := http.Header{"Content-Type": {"application/json"}, "X-Trello-Webhook": {t.Sign(body, h.callback)}}
	return delivery{url: h.callback, header: header, body: body, done: func(status int) { t.hookAnswered(h, status) }}
}

// Sign is the value of X-Trello-Webhook for a body sent to a callback URL.
// Source: developer.atlassian.com/cloud/trello/guides/rest-api/webhooks, "Webhook Signatures".
func (t *Trello) Sign(body []byte, callback string) string {
	mac := hmac.New(sha1.New, []byte(t.Secret()))
	mac.Write(body)
	mac.Write([]byte(callback))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// hookAnswered counts failures; 410 Gone ends the webhook.
func (t *Trello) hookAnswered(h *trelloHook, status int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case status == http.StatusGone:
		t.dropHook(h.id)
	case status >= 200 && status < 300:
		h.failures = 0
	default:
		h.failures++
	}
}

func (t *Trello) dropHook(id string) bool {
	for i, h := range t.hooks {
		if h.id == id {
			t.hooks = append(t.hooks[:i:i], t.hooks[i+1:]...)
			return true
		}
	}
	return false
}

// flush hands the webhook calls of the finished request to the courier. The lock is held.
func (t *Trello) flush() {
	t.courier.send(t.pending...)
	t.pending = nil
}

// Delivered returns when every webhook call for what happened so far has been answered or has failed.
func (t *Trello) Delivered(ctx context.Context) error { return t.courier.wait(ctx) }

func (t *Trello) hookRoutes() {
	t.mux.HandleFunc("POST /1/webhooks", t.createHook)
	t.handle("GET /1/webhooks/{id}", func(q *trelloCall) (any, error) {
		h, err := t.hook(q.path("id"))
		if err != nil {
			return nil, err
		}
		return h.json(), nil
	})
	t.handle("PUT /1/webhooks/{id}", func(q *trelloCall) (any, error) {
		h, err := t.hook(q.path("id"))
		if err != nil {
			return nil, err
		}
		if q.has("active") {
			h.active = q.args["active"] != "false"
		}
		if q.has("description") {
			h.desc = q.args["description"]
		}
		return h.json(), nil
	})
	t.handle("DELETE /1/webhooks/{id}", func(q *trelloCall) (any, error) {
		h, err := t.hook(q.path("id"))
		if err != nil {
			return nil, err
		}
		t.dropHook(h.id)
		return jsonObject{"_value": nil}, nil
	})
	t.handle("GET /1/tokens/{token}/webhooks", func(q *trelloCall) (any, error) {
		if q.path("token") != q.token {
			return nil, errTrelloMissing
		}
		return listOf(t.hooks, (*trelloHook).json), nil
	})
}

func (t *Trello) hook(id string) (*trelloHook, error) {
	return found(id, t.hooks, func(h *trelloHook) (string, string) { return h.id, "" })
}

// createHook asks the callback with HEAD, without holding the lock, before it makes the webhook.
func (t *Trello) createHook(rw http.ResponseWriter, r *http.Request) {
	q, refused := t.admit(r)
	if refused != nil {
		refused.write(rw)
		return
	}
	callback := q.args["callbackURL"]
	if u, err := url.Parse(callback); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		trelloBad("Invalid callback URL").write(rw)
		return
	}
	if status := t.courier.call(r.Context(), http.MethodHead, delivery{url: callback}); status != http.StatusOK {
		trelloBad("URL (%s) did not return 200 status code, got %d", callback, status).write(rw)
		return
	}
	t.answer(rw, r, q, func(q *trelloCall) (any, error) {
		model := q.args["idModel"]
		if _, err := t.model(model); err != nil {
			return nil, err
		}
		for _, h := range t.hooks {
			if h.callback == callback && h.model == model && h.token == q.token {
				return nil, trelloBad("A webhook with that callback, model, and token already exists")
			}
		}
		h := &trelloHook{
			id: t.newID(), token: q.token, callback: callback, model: model,
			desc: q.args["description"], active: q.args["active"] != "false",
		}
		t.hooks = append(t.hooks, h)
		return h.json(), nil
	})
}

// model checks that an id names something that a webhook can watch.
func (t *Trello) model(id string) (string, error) {
	if !trelloID.MatchString(id) {
		return "", errTrelloID
	}
	_, boardErr := t.board(id)
	_, listErr := t.list(id)
	_, cardErr := t.card(id)
	if boardErr != nil && listErr != nil && cardErr != nil {
		return "", errTrelloMissing
	}
	return id, nil
}
