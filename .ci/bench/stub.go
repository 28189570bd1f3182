package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// stub is the least of a Slack that both bots can work with. Below /answers/ it grants every call at once; below /waits/
// it asks every call to wait for an hour, as Slack does when it is called too often.
type stub struct {
	url    string
	server *http.Server
	n      atomic.Int64
	calls  atomic.Int64

	mu   sync.Mutex
	said map[string][]string // ts of the messages that were asked for one by one, by channel
}

func newStub() (*stub, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &stub{said: map[string][]string{}, url: "http://" + listener.Addr().String()}
	mux := http.NewServeMux()
	mux.HandleFunc("/answers/api/{method}", s.grant)
	mux.HandleFunc("/waits/api/{method}", func(w http.ResponseWriter, _ *http.Request) {
		s.calls.Add(1)
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	s.server = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.server.Serve(listener) }() // it ends with close
	return s, nil
}

func (s *stub) close() { _ = s.server.Close() }

func (s *stub) grant(w http.ResponseWriter, r *http.Request) {
	s.calls.Add(1)
	_ = r.ParseMultipartForm(1 << 20) // a form of either kind; what is not one has no fields
	n := s.n.Add(1)
	channel := func(id, name string) map[string]any {
		return map[string]any{"id": id, "name": name, "name_normalized": name, "creator": botUser, "created": time.Now().Unix()}
	}
	answer := map[string]any{"ok": true}
	switch method := r.PathValue("method"); {
	case method == "auth.test":
		answer["team_id"], answer["team"], answer["user_id"], answer["bot_id"] = teamID, "Example", botUser, "B0BENCH01"
	case method == "conversations.create":
		answer["channel"] = channel(fmt.Sprintf("C9%06d", n), r.FormValue("name"))
	case method == "users.conversations":
		answer["channels"] = []any{channel("C0TEAM001", "team")}
	case method == "users.info":
		answer["user"] = map[string]any{"id": r.FormValue("user"), "tz": "Europe/Berlin", "tz_label": "CET", "tz_offset": 3600}
	case method == "conversations.canvases.create":
		answer["canvas_id"] = fmt.Sprintf("F9%06d", n)
	case strings.HasPrefix(method, "chat."):
		ts := fmt.Sprintf("1750000000.%06d", n)
		answer["channel"], answer["ts"], answer["message_ts"] = r.FormValue("channel"), ts, ts
	case method == "conversations.history", method == "conversations.replies":
		answer["messages"] = s.messages(r.FormValue("channel"), r.FormValue("oldest"), cmp.Or(r.FormValue("latest"), r.FormValue("ts")))
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer) // whoever hung up does not need it
}

// messages are those of a channel from the oldest to the latest. Whoever asks for a single one was told of it by an event,
// so it is there from then on, and wears the reaction that it was captured by.
func (s *stub) messages(channel, oldest, latest string) []any {
	s.mu.Lock()
	defer s.mu.Unlock()
	if (oldest == latest || oldest == "") && latest != "" && !slices.Contains(s.said[channel], latest) {
		s.said[channel] = append(s.said[channel], latest)
	}
	all := []any{}
	for _, ts := range slices.Backward(s.said[channel]) {
		if ts >= oldest && (latest == "" || ts <= latest) {
			all = append(all, map[string]any{
				"type": "message", "user": "U0000007", "text": "The queue is full again.", "ts": ts,
				"reactions": []any{map[string]any{"name": "pushpin", "count": 1, "users": []string{"U0000007"}}},
			})
		}
	}
	return all
}
