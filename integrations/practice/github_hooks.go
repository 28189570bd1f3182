package practice

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// githubHook is a webhook of the repository.
type githubHook struct {
	id                int
	url, secret, kind string // kind is the content type: "json", or "form" as GitHub has it without a word
	events            []string
	active            bool
}

// HookDelivery is one webhook call: what was sent and how it was answered. GitHub does not try again by itself; people
// do, with Redeliver.
type HookDelivery struct {
	// GUID is the value of X-GitHub-Delivery; a redelivery carries the same.
	GUID, Event, Action string
	// Status is the answer's; 0 while there is none.
	Status int
}

// sentHook is a delivery with all that is needed to make it again.
type sentHook struct {
	HookDelivery
	delivery
}

// hookRoutes registers the calls for webhooks. Source: docs.github.com/rest/repos/webhooks.
func (g *GitHub) hookRoutes() {
	const hooks = "/repos/{owner}/{repo}/hooks"
	g.handle("GET "+hooks, func(q *githubCall) *githubReply {
		return githubOK(listOf(g.hooks, func(h *githubHook) jsonObject { return h.json(q) }))
	})
	g.handle("POST "+hooks, g.createHook)
	g.handle("DELETE "+hooks+"/{id}", func(q *githubCall) *githubReply {
		left := slices.DeleteFunc(slices.Clone(g.hooks), func(h *githubHook) bool { return strconv.Itoa(h.id) == q.path("id") })
		if len(left) == len(g.hooks) {
			return githubFail(http.StatusNotFound, "Not Found")
		}
		g.hooks = left
		return &githubReply{status: http.StatusNoContent}
	})
}

func (h *githubHook) json(q *githubCall) jsonObject {
	config := jsonObject{"url": h.url, "content_type": h.kind, "insecure_ssl": "0"}
	if h.secret != "" {
		config["secret"] = "********" // GitHub never shows a secret again
	}
	return jsonObject{
		"type": "Repository", "id": h.id, "name": "web", "active": h.active, "events": h.events, "config": config,
		"url": q.api("/hooks/" + strconv.Itoa(h.id)),
	}
}

func (g *GitHub) createHook(q *githubCall) *githubReply {
	var in struct {
		Name   string
		Active *bool
		Events []string
		Config struct {
			URL, Secret string
			ContentType string `json:"content_type"`
		}
	}
	if bad := q.decode(&in); bad != nil {
		return bad
	}
	hookFault := func(field, code, message string) githubFault {
		return githubFault{Resource: "Hook", Field: field, Code: code, Message: message}
	}
	u, err := url.Parse(in.Config.URL)
	switch {
	case in.Name != "" && in.Name != "web":
		return githubInvalid(hookFault("name", "invalid", ""))
	case err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https"):
		return githubInvalid(hookFault("url", "invalid", "url is missing a scheme or a host"))
	}
	if in.Config.ContentType == "" {
		in.Config.ContentType = "form"
	}
	if len(in.Events) == 0 {
		in.Events = []string{"push"}
	}
	for _, h := range g.hooks {
		if h.url == in.Config.URL && slices.Equal(h.events, in.Events) {
			return githubInvalid(hookFault("", "custom", "Hook already exists on this repository"))
		}
	}
	h := &githubHook{
		id: g.ids.next(), url: in.Config.URL, secret: in.Config.Secret, kind: in.Config.ContentType, events: in.Events,
		active: in.Active == nil || *in.Active,
	}
	g.hooks = append(g.hooks, h)
	g.queue(h, "ping", "", jsonObject{"zen": "Practice makes permanent.", "hook_id": h.id, "hook": h.json(q)})
	return githubCreated(h.json(q))
}

// event queues a webhook call for every hook that asked for it.
func (g *GitHub) event(name, action, by string, payload jsonObject) {
	payload["sender"] = g.userJSON(by)
	if action != "" {
		payload["action"] = action
	}
	payload["repository"] = g.repoJSON(&githubCall{base: g.WebURL})
	for _, h := range g.hooks {
		if h.active && (slices.Contains(h.events, name) || slices.Contains(h.events, "*")) {
			g.queue(h, name, action, payload)
		}
	}
}

func (g *GitHub) pullEvent(action string, p *Pull, by string) {
	if len(g.hooks) == 0 {
		return
	}
	o := g.pullWhole(&githubCall{base: g.WebURL}, p)
	g.event("pull_request", action, by, jsonObject{"number": p.Number, "pull_request": o})
}

// pushEvent tells of a reference that was moved. Source: docs.github.com/webhooks/webhook-events-and-payloads#push.
func (g *GitHub) pushEvent(ref, before, after, by string) {
	if len(g.hooks) > 0 {
		g.event("push", "", by, jsonObject{"ref": ref, "before": before, "after": after, "created": before == "", "deleted": false})
	}
}

func (g *GitHub) commentEvent(p *Pull, c PullComment) {
	q := &githubCall{base: g.WebURL}
	g.event("issue_comment", "created", c.By, jsonObject{"issue": g.issueJSON(q, p), "comment": g.commentJSON(q, p, c)})
}

// queue signs a payload for a hook: hexadecimal HMAC-SHA256 of the raw body with the hook's secret.
// Source: docs.github.com/webhooks, "Validating webhook deliveries".
func (g *GitHub) queue(h *githubHook, event, action string, payload jsonObject) {
	body, err := json.Marshal(payload)
	if err != nil {
		g.o.Log.Error("practice: a webhook call could not be encoded", "err", err)
		return
	}
	kind := "application/json"
	if h.kind != "json" {
		kind, body = "application/x-www-form-urlencoded", []byte(url.Values{"payload": {string(body)}}.Encode())
	}
	s := &sentHook{HookDelivery: HookDelivery{Event: event, Action: action}}
	s.GUID = fmt.Sprintf("00000000-0000-4000-8000-%012d", g.ids.next())
	header := http.Header{
		"Content-Type": {kind}, "User-Agent": {"GitHub-Hookshot/practice"}, "X-GitHub-Event": {event},
		"X-GitHub-Delivery": {s.GUID}, "X-GitHub-Hook-ID": {strconv.Itoa(h.id)},
	}
	if h.secret != "" {
		mac := hmac.New(sha256.New, []byte(h.secret))
		mac.Write(body)
		header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	}
	s.delivery = delivery{url: h.url, header: header, body: body, done: func(status int) {
		g.mu.Lock()
		defer g.mu.Unlock()
		s.Status = status
	}}
	g.sent = append(g.sent, s)
	g.pending = append(g.pending, s.delivery)
}

// flush hands the webhook calls of the finished request to the courier. The lock is held.
func (g *GitHub) flush() {
	if g.parent != nil {
		g.parent.flush()
		return
	}
	g.courier.send(g.pending...)
	g.pending = nil
}

// Deliveries lists the webhook calls so far, oldest first.
func (g *GitHub) Deliveries() []HookDelivery {
	g.mu.Lock()
	defer g.mu.Unlock()
	out := make([]HookDelivery, 0, len(g.sent))
	for _, s := range g.sent {
		out = append(out, s.HookDelivery)
	}
	return out
}

// Redeliver makes a webhook call again, unchanged, as people do on GitHub's page of recent deliveries.
func (g *GitHub) Redeliver(guid string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, s := range g.sent {
		if s.GUID == guid {
			g.courier.send(s.delivery)
			return nil
		}
	}
	return fmt.Errorf("practice: there was no webhook delivery %q", guid)
}

// Delivered returns when every webhook call for what happened so far has been answered or has failed.
func (g *GitHub) Delivered(ctx context.Context) error { return g.courier.wait(ctx) }
