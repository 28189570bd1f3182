package practice

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"sync"
)

// WebhookPath is where Handler takes what is posted to stakeholders outside Slack; any name may follow.
const WebhookPath = "/practice/webhook/"

// Posted is what was posted to one address of the Webhooks.
type Posted struct{ Name, ID, Body string }

// Webhooks take signed JSON, as https://www.standardwebhooks.com describes it, and refuse what is not signed right.
type Webhooks struct {
	w        *Workspace
	mu       sync.Mutex
	taken    []Posted
	repeated int
}

// Secret signs what is posted.
func (h *Webhooks) Secret() string { return "practice-webhook-secret-of-some-length" }

// Taken is what was posted, once for each address and id, in the order in which it came first. Repeated counts what came
// again.
func (h *Webhooks) Taken() (taken []Posted, repeated int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append(taken, h.taken...), h.repeated
}

// ServeHTTP takes one call.
func (h *Webhooks) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	h.w.serve("webhook", r.Method, rw, r, h.take)
}

func (h *Webhooks) take(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
		http.Error(rw, "only JSON can be posted here", http.StatusBadRequest)
		return
	}
	id, at := r.Header.Get("Webhook-Id"), r.Header.Get("Webhook-Timestamp")
	mac := hmac.New(sha256.New, []byte(h.Secret()))
	mac.Write([]byte(id + "." + at + "." + string(body)))
	want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	if id == "" || at == "" || !hmac.Equal([]byte(want), []byte(r.Header.Get("Webhook-Signature"))) {
		http.Error(rw, "the signature is not right", http.StatusUnauthorized)
		return
	}
	one := Posted{strings.TrimPrefix(r.URL.Path, "/"), id, string(body)}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, before := range h.taken {
		if before.Name == one.Name && before.ID == one.ID {
			h.repeated++
			return
		}
	}
	h.taken = append(h.taken, one)
}
