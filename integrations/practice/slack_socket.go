package practice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// maxSockets is how many connections one app may have, pingEvery the pace of the server's pings (clients give up
// after 30 s of silence).
const (
	maxSockets = 10
	pingEvery  = 10 * time.Second
)

// socketState is the open connections of Socket Mode. It has a lock of its own, which is only ever taken last.
type socketState struct {
	mu      sync.Mutex
	tickets map[string]bool
	open    []*socket
	waiting map[string]chan json.RawMessage // by envelope id
	turn    int
	sent    int
}

type socket struct {
	conn  *websocket.Conn
	write sync.Mutex
	gone  chan struct{}
	// leaving: told to reconnect, gets nothing new.
	leaving bool
}

func newSocketState() *socketState {
	return &socketState{tickets: map[string]bool{}, waiting: map[string]chan json.RawMessage{}}
}

func (st *socketState) count() int {
	st.mu.Lock()
	defer st.mu.Unlock()
	n := 0
	for _, c := range st.open {
		if !c.leaving {
			n++
		}
	}
	return n
}

// Sockets is the number of connections that get envelopes.
func (s *Slack) Sockets() int { return s.sockets.count() }

func (c *slackCall) connectionsOpen() (slackAnswer, error) {
	ticket := randomHex(16)
	st := c.s.sockets
	st.mu.Lock()
	st.tickets[ticket] = true
	st.mu.Unlock()
	url := c.s.baseURL() + "/socket?ticket=" + ticket
	return slackAnswer{"url": "ws" + strings.TrimPrefix(url, "http")}, nil
}

// serveSocket takes one connection and reads acknowledgements from it until it ends.
func (s *Slack) serveSocket(rw http.ResponseWriter, r *http.Request) {
	st := s.sockets
	ticket := r.URL.Query().Get("ticket")
	st.mu.Lock()
	known := st.tickets[ticket]
	delete(st.tickets, ticket)
	st.mu.Unlock()
	if !known {
		http.Error(rw, "the ticket is unknown or used", http.StatusForbidden)
		return
	}
	up := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := up.Upgrade(rw, r, nil)
	if err != nil {
		return // the upgrader has answered
	}
	defer func() { _ = conn.Close() }()
	c := &socket{conn: conn, gone: make(chan struct{})}
	n := s.attach(c)
	if n > maxSockets {
		_ = c.send(slackAnswer{"type": "disconnect", "reason": "too_many_websockets", "debug_info": slackAnswer{"host": "practice"}})
		s.detach(c)
		return
	}
	defer s.detach(c)
	hello := slackAnswer{
		"type": "hello", "num_connections": n, "connection_info": slackAnswer{"app_id": slackApp},
		"debug_info": slackAnswer{"host": "practice", "approximate_connection_time": 3600},
	}
	if c.send(hello) != nil {
		return
	}
	go c.ping(s.ctx)
	s.read(c)
}

func (s *Slack) attach(c *socket) int {
	st := s.sockets
	st.mu.Lock()
	st.open = append(st.open, c)
	n := len(st.open)
	st.mu.Unlock()
	s.changed()
	return n
}

func (s *Slack) detach(c *socket) {
	st := s.sockets
	st.mu.Lock()
	for i, other := range st.open {
		if other == c {
			st.open = append(st.open[:i:i], st.open[i+1:]...)
			close(c.gone)
			break
		}
	}
	st.mu.Unlock()
	s.changed()
}

func (s *Slack) changed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bump()
}

// read hands acknowledgements to whoever waits for them.
func (s *Slack) read(c *socket) {
	for {
		var ack struct {
			EnvelopeID string          `json:"envelope_id"`
			Payload    json.RawMessage `json:"payload"`
		}
		_, raw, err := c.conn.ReadMessage()
		if err != nil {
			return
		}
		// Slack drops answers of 20 KiB and more without a word.
		if len(raw) >= 20<<10 || json.Unmarshal(raw, &ack) != nil {
			s.complain(fmt.Sprintf("socket: an acknowledgement of %d bytes was dropped", len(raw)))
			continue
		}
		st := s.sockets
		st.mu.Lock()
		wait := st.waiting[ack.EnvelopeID]
		delete(st.waiting, ack.EnvelopeID)
		st.mu.Unlock()
		if wait != nil {
			wait <- ack.Payload // has room for one
		}
	}
}

func (s *Slack) complain(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused = append(s.refused, line)
	s.invalid = append(s.invalid, line)
	s.bump()
}

func (c *socket) send(frame any) error {
	c.write.Lock()
	defer c.write.Unlock()
	_ = c.conn.SetWriteDeadline(time.Now().Add(10 * time.Second))
	return c.conn.WriteJSON(frame)
}

func (c *socket) ping(ctx context.Context) {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		select {
		case <-c.gone:
			return
		case <-ctx.Done():
			return
		case <-tick.C:
			c.write.Lock()
			err := c.conn.WriteControl(websocket.PingMessage, []byte("practice"), time.Now().Add(10*time.Second))
			c.write.Unlock()
			if err != nil {
				return
			}
		}
	}
}

// pick chooses the connections in turn and notes who waits for the answer.
func (st *socketState) pick() (*socket, string, chan json.RawMessage) {
	st.mu.Lock()
	defer st.mu.Unlock()
	for range st.open {
		c := st.open[st.turn%len(st.open)]
		st.turn++
		if c.leaving {
			continue
		}
		st.sent++
		id := fmt.Sprintf("00000000-0000-4000-8000-%012x", st.sent)
		wait := make(chan json.RawMessage, 1)
		st.waiting[id] = wait
		return c, id, wait
	}
	return nil, "", nil
}

// sendSocket delivers one envelope and waits for its acknowledgement.
func (s *Slack) sendSocket(ctx context.Context, p parcel) (reply, error) {
	st := s.sockets
	c, id, wait := st.pick()
	if c == nil {
		return reply{}, &deliveryError{reason: "connection_failed", err: errors.New("no socket is connected")}
	}
	defer func() {
		st.mu.Lock()
		delete(st.waiting, id)
		st.mu.Unlock()
	}()
	payload := p.payload
	if payload == nil {
		payload = p.body
	}
	frame := slackAnswer{
		"envelope_id": id, "type": p.envelope, "accepts_response_payload": p.envelope != "events_api",
		"payload": json.RawMessage(payload), "retry_attempt": p.retry, "retry_reason": p.reason,
	}
	if err := c.send(frame); err != nil {
		return reply{}, &deliveryError{reason: "connection_failed", err: err}
	}
	timer := time.NewTimer(s.AckWithin)
	defer timer.Stop()
	select {
	case answer := <-wait:
		return reply{contentType: "application/json", body: ackBody(answer)}, nil
	case <-c.gone:
		return reply{}, &deliveryError{reason: "connection_failed", err: errors.New("the socket closed before the acknowledgement")}
	case <-timer.C:
		return reply{}, &deliveryError{reason: "timeout", err: errors.New("no acknowledgement in time")}
	case <-ctx.Done():
		return reply{}, &deliveryError{reason: "timeout", err: ctx.Err()}
	}
}

// ackBody is the payload of an acknowledgement as an HTTP answer would hold it.
func ackBody(payload json.RawMessage) []byte {
	if len(payload) == 0 || string(payload) == "null" {
		return nil
	}
	return payload
}

// Disconnect tells every connection to reconnect, with Slack's reason: "warning" goes ahead of the end, after
// "refresh_requested" and "link_disabled" nothing more is sent to them.
func (s *Slack) Disconnect(reason string) {
	st := s.sockets
	st.mu.Lock()
	open := append([]*socket(nil), st.open...)
	for _, c := range open {
		c.leaving = c.leaving || reason != "warning"
	}
	st.mu.Unlock()
	for _, c := range open {
		_ = c.send(slackAnswer{"type": "disconnect", "reason": reason, "debug_info": slackAnswer{"host": "practice"}})
	}
	s.changed()
}

// CutSockets ends every connection without a word, as a broken network does.
func (s *Slack) CutSockets() {
	st := s.sockets
	st.mu.Lock()
	open := append([]*socket(nil), st.open...)
	st.mu.Unlock()
	for _, c := range open {
		_ = c.conn.Close()
	}
}
