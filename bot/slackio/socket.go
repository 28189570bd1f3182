package slackio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// Socket takes in over Socket Mode what an Intake otherwise gets over HTTP.
// See https://docs.slack.dev/apis/events-api/using-socket-mode.
//
// It has one connection. When Slack announces that it will be closed, the next one is opened first and the old one is read
// until it ends, so that there is no gap; what Slack sent into a sudden one it sends again, for nothing is acknowledged
// before it is recorded.
type Socket struct {
	c      *Client
	in     *Intake
	log    *slog.Logger
	dialer websocket.Dialer
}

const (
	// maxFrame bounds a frame from Slack. maxReply is what Slack takes in return: it drops longer ones silently.
	maxFrame = 4 << 20
	maxReply = 20_000
	// pingEvery and silence find out that a connection is dead although nobody closed it.
	pingEvery = 10 * time.Second
	silence   = 30 * time.Second
	// drainFor is how long an announced end is waited for, and how long the bot's own stop waits for what is in hand.
	drainFor = 15 * time.Second
	stopFor  = 4 * time.Second
	// shortLife is how long a connection must live for the next one to be opened at once.
	shortLife   = 10 * time.Second
	longestWait = time.Minute
	// greetedWait is the wait after a short connection on which Slack had said hello: it lets us in, so there is no need
	// to hold back for as long as when it did not.
	greetedWait = time.Second
)

// NewSocket returns a Socket. Its Client needs an app-level token.
func NewSocket(c *Client, in *Intake, log *slog.Logger) *Socket {
	if log == nil {
		log = slog.Default()
	}
	return &Socket{c: c, in: in, log: log, dialer: websocket.Dialer{
		Proxy: http.ProxyFromEnvironment, HandshakeTimeout: callTimeout,
	}}
}

// Run keeps a connection open until the context ends; then it reads no more, brings what is in hand to its end and returns.
func (s *Socket) Run(ctx context.Context) {
	var connections sync.WaitGroup
	defer connections.Wait()
	broken := false
	for wait := time.Duration(0); ctx.Err() == nil; {
		if wait > 0 && !sleep(ctx, wait) {
			return
		}
		conn, err := s.dial(ctx)
		if err != nil {
			broken = true
			wait = min(max(2*wait, time.Second), longestWait)
			var t *trouble
			if errors.As(err, &t) {
				wait = max(wait, t.After)
			}
			if ctx.Err() == nil {
				s.log.Warn("no connection for Socket Mode; trying again", "in", wait, "error", err)
			}
			continue
		}
		opened := s.c.now()
		l := newLine(s, conn)
		if broken { // Slack had nobody to send to
			if err := s.in.gap(ctx, 0); err != nil {
				s.log.Error("the channels cannot be read back after a broken connection", "error", err)
			}
		}
		connections.Go(func() { l.serve(ctx) })
		select {
		case <-l.leaving:
			broken = !l.announced.Load()
		case <-ctx.Done():
			return
		}
		switch {
		case s.c.now().Sub(opened) >= shortLife:
			wait = 0
		case l.greeted.Load():
			wait = greetedWait
		default:
			wait = min(max(2*wait, time.Second/4), longestWait)
		}
	}
}

func (s *Socket) dial(ctx context.Context) (*websocket.Conn, error) {
	url := ""
	err := s.c.call(ctx, methodSocket, "", func(ctx context.Context) (err error) {
		_, url, err = s.c.api.StartSocketModeContext(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	conn, answer, err := s.dialer.DialContext(ctx, url, nil)
	if answer != nil {
		_ = answer.Body.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("open the socket: %w", err) // the address, which is a ticket, is not in it
	}
	return conn, nil
}

// line is one connection.
type line struct {
	s       *Socket
	conn    *websocket.Conn
	leaving chan struct{} // closed when another connection is needed
	leave   func()
	greeted atomic.Bool // Slack said hello
	// announced says that Slack told that it would end: then the next connection is open before this one is closed.
	announced atomic.Bool
	writing   sync.Mutex
	inHand    sync.WaitGroup
}

func newLine(s *Socket, conn *websocket.Conn) *line {
	l := &line{s: s, conn: conn, leaving: make(chan struct{})}
	l.leave = sync.OnceFunc(func() { close(l.leaving) })
	return l
}

// frame is what Slack sends.
type frame struct {
	Type       string          `json:"type"`
	Reason     string          `json:"reason"`
	EnvelopeID string          `json:"envelope_id"`
	Payload    json.RawMessage `json:"payload"`
}

// serve reads until the connection, or the bot, ends. Nothing in it waits for the Desk: a reader that does would miss
// Slack's pings. Deadlines of the network are on the machine's own clock.
func (l *line) serve(ctx context.Context) {
	defer func() { _ = l.conn.Close() }()
	defer l.leave()
	over := make(chan struct{})
	defer close(over)
	l.conn.SetReadLimit(maxFrame)
	alive := func(string) error { return l.conn.SetReadDeadline(time.Now().Add(silence)) }
	_ = alive("")
	l.conn.SetPongHandler(alive)
	answerPing := l.conn.PingHandler()
	l.conn.SetPingHandler(func(data string) error {
		_ = alive("")
		return answerPing(data)
	})
	go l.watch(ctx, over)
	for {
		_, data, err := l.conn.ReadMessage()
		if err != nil {
			if ctx.Err() == nil {
				l.s.log.Info("the Socket Mode connection ended", "error", err)
			}
			break
		}
		if ctx.Err() != nil {
			break // not acknowledged: Slack sends it again
		}
		_ = alive("")
		l.take(ctx, data)
	}
	l.finish(ctx)
}

// watch pings Slack, and ends the reading when the bot stops or an announced end does not come.
func (l *line) watch(ctx context.Context, over <-chan struct{}) {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	leaving := l.leaving
	var drained <-chan time.Time
	for {
		select {
		case <-over:
			return
		case <-ctx.Done():
			_ = l.conn.SetReadDeadline(time.Now())
			return
		case <-leaving:
			leaving, drained = nil, time.After(drainFor)
		case <-drained:
			_ = l.conn.SetReadDeadline(time.Now())
			return
		case <-tick.C:
			_ = l.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(callTimeout))
		}
	}
}

// finish waits for what is in hand, so that it is still acknowledged, and says good-bye.
func (l *line) finish(ctx context.Context) {
	done := make(chan struct{})
	go func() {
		l.inHand.Wait()
		close(done)
	}()
	timeout := time.NewTimer(stopFor)
	defer timeout.Stop()
	select {
	case <-done:
	case <-timeout.C:
		l.s.log.Warn("some of what came over Socket Mode is not acknowledged; Slack will send it again")
	}
	if ctx.Err() != nil {
		bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
		_ = l.conn.WriteControl(websocket.CloseMessage, bye, time.Now().Add(time.Second))
	}
}

// take handles one frame.
func (l *line) take(ctx context.Context, data []byte) {
	var f frame
	if odd, err := decode(data, &f); err != nil || (odd != nil && f.EnvelopeID == "") {
		l.s.in.count("socket", outcomeMalformed)
		l.s.log.Warn("Slack sent a frame that cannot be read", "bytes", len(data))
		return
	}
	in := l.s.in
	var handle func(context.Context) answer
	var kind string
	switch f.Type {
	case "hello":
		l.greeted.Store(true)
		l.s.log.Info("Socket Mode is connected")
		return
	case "disconnect":
		if f.Reason == "link_disabled" {
			l.s.log.Error("Socket Mode was switched off in the app's settings; switch it on, or remove SLACK_APP_TOKEN to use HTTP")
		}
		l.announced.Store(true)
		l.leave()
		return
	case "events_api":
		kind, handle = "event", func(ctx context.Context) answer { return in.event(ctx, f.Payload) }
	case "interactive":
		kind, handle = "interaction", func(ctx context.Context) answer { return in.interaction(ctx, f.Payload) }
	case "slash_commands":
		kind, handle = "command", func(ctx context.Context) answer { return in.commandJSON(ctx, f) }
	default:
		kind, handle = "socket", func(context.Context) answer {
			l.s.log.Info("Slack sent a frame of an unknown type", "type", f.Type)
			return ack(outcomeUnknown)
		}
	}
	if f.EnvelopeID == "" {
		in.count(kind, outcomeMalformed)
		return
	}
	ctx = context.WithoutCancel(ctx) // for an answer that takes the outbox
	l.inHand.Go(func() {
		a := in.guarded(kind, handle)
		if a.status == http.StatusServiceUnavailable {
			return // not recorded, so not acknowledged: Slack sends it again
		}
		l.acknowledge(ctx, f.EnvelopeID, a)
	})
}

// commandJSON answers a slash command that came over the socket.
func (in *Intake) commandJSON(ctx context.Context, f frame) answer {
	var c command
	if _, err := decode(f.Payload, &c); err != nil {
		return malformed()
	}
	return in.command(ctx, c, func() string { return f.EnvelopeID })
}

// receipt is an acknowledgement, with the answer where there is one.
type receipt struct {
	EnvelopeID string          `json:"envelope_id"`
	Payload    json.RawMessage `json:"payload,omitempty"`
}

func (l *line) acknowledge(ctx context.Context, envelope string, a answer) {
	r := receipt{EnvelopeID: envelope}
	switch {
	case a.says != nil:
		r.Payload = encode(a.says)
	case !a.plain && len(a.body) > 0:
		r.Payload = a.body
	}
	data := encode(r)
	if len(data) > maxReply {
		// Too long for the socket: the answer takes the outbox.
		r.Payload = nil
		data = encode(r)
		if err := l.s.in.queue(ctx, a.notice, a.message); err != nil {
			l.s.in.sayNow(ctx, a.notice, a.message)
		}
	}
	l.writing.Lock()
	defer l.writing.Unlock()
	_ = l.conn.SetWriteDeadline(time.Now().Add(callTimeout))
	if err := l.conn.WriteMessage(websocket.TextMessage, data); err != nil {
		l.s.log.Warn("an acknowledgement could not be sent; Slack will repeat what it was for", "error", err)
	}
}
