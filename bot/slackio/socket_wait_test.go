package slackio

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
)

// pipes is a listener whose connections never leave the process, so that a test's clock runs with them.
type pipes struct {
	conns chan net.Conn
	over  chan struct{}
}

func (p pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.over:
		return nil, errors.New("closed")
	}
}

func (p pipes) Close() error   { close(p.over); return nil }
func (p pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

func (p pipes) dial(context.Context, string, string) (net.Conn, error) {
	here, there := net.Pipe()
	p.conns <- there
	return here, nil
}

func TestAGreetingEndsTheLongWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const away = 7 // calls that fail: by then a minute lies between two
		calls := 0
		c := NewClient(Options{AppToken: "xapp-1", Now: time.Now, Log: slog.New(slog.DiscardHandler), Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			calls++
			resp := &http.Response{StatusCode: http.StatusServiceUnavailable, Body: http.NoBody, Header: http.Header{}, Request: r}
			if calls > away {
				resp.StatusCode = http.StatusOK
				resp.Body = io.NopCloser(strings.NewReader(`{"ok":true,"url":"ws://slack.example/link"}`))
			}
			return resp, nil
		})})
		ctx, cancel := context.WithCancel(context.Background())
		opened := make(chan time.Time, 100)
		p := pipes{conns: make(chan net.Conn), over: make(chan struct{})}
		up := websocket.Upgrader{}
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			conn, err := up.Upgrade(w, r, nil)
			if err != nil {
				return
			}
			opened <- time.Now()
			_ = conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"hello"}`))
			_ = conn.Close() // cut at once
		})}
		go func() { _ = server.Serve(p) }()
		s := NewSocket(c, NewIntake(c, &desk{}, nil, IntakeOptions{}), slog.New(slog.DiscardHandler))
		s.dialer.NetDialContext, s.dialer.Proxy = p.dial, nil
		done := make(chan struct{})
		go func() { defer close(done); s.Run(ctx) }()
		first, second := <-opened, <-opened
		if gap := second.Sub(first); gap > 2*time.Second {
			t.Errorf("nothing is heard for %v after a connection that worked", gap)
		}
		cancel()
		<-done
		_ = server.Close()
	})
}
