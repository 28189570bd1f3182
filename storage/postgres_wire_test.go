package storage

import (
	"bytes"
	"net"
	"net/url"
	"sync"
	"testing"
)

// wire is what lies between a store and its server, and fails on demand.
type wire struct {
	*testing.T
	server string
	mu     sync.Mutex
	held   *sync.Cond // while stalled
	stall  bool
	refuse bool
	conns  map[net.Conn]bool
	// process is looked for in what is sent: the transaction that names it commits next, and loss is what befalls that.
	process string
	loss    loss
}

// loss is what becomes of a connection during a commit.
type loss int

const (
	lostBefore    loss = iota + 1 // the server does not see the commit
	lostAfter                     // it does, and its answer is lost
	lostMeanwhile                 // it may or may not
)

// newWire returns a wire to the server of a database URL, and the URL that leads through it.
func newWire(t *testing.T, databaseURL string) (*wire, string) {
	u, err := url.Parse(databaseURL)
	ok(t, err)
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	ok(t, err)
	w := &wire{T: t, server: u.Host, conns: map[net.Conn]bool{}}
	w.held = sync.NewCond(&w.mu)
	u.Host = l.Addr().String()
	var all sync.WaitGroup
	t.Cleanup(func() {
		_ = l.Close()
		w.set(func() { w.stall = false })
		w.cut()
		all.Wait()
	})
	all.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { w.carry(client) })
		}
	})
	return w, u.String()
}

// set changes what the wire does.
func (w *wire) set(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
	w.held.Broadcast()
}

// cut ends all connections.
func (w *wire) cut() {
	w.set(func() {
		for c := range w.conns {
			_ = c.Close()
		}
	})
}

// carry carries one connection.
func (w *wire) carry(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", w.server)
	if err != nil {
		return
	}
	defer server.Close()
	w.mu.Lock()
	refused := w.refuse
	w.conns[client], w.conns[server] = true, true
	w.mu.Unlock()
	if refused {
		return
	}
	end := func() { _ = client.Close(); _ = server.Close() }
	var silent bool // the answers are kept from the client
	var both sync.WaitGroup
	both.Go(func() {
		defer end()
		w.pass(server, func(b []byte) bool {
			w.mu.Lock()
			defer w.mu.Unlock()
			if silent {
				return false
			}
			_, err := client.Write(b)
			return err == nil
		})
	})
	defer both.Wait()
	defer end()
	marked := false
	w.pass(client, func(b []byte) bool {
		w.mu.Lock()
		var loss loss
		if marked { // this is the commit
			loss, w.loss = w.loss, 0
		}
		marked = w.process != "" && bytes.Contains(b, []byte(w.process))
		silent = silent || loss == lostAfter
		w.mu.Unlock()
		if loss == lostBefore {
			return false
		}
		_, err := server.Write(b)
		return err == nil && loss != lostMeanwhile
	})
}

// pass reads until to says no.
func (w *wire) pass(from net.Conn, to func([]byte) bool) {
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		w.mu.Lock()
		for w.stall {
			w.held.Wait()
		}
		w.mu.Unlock()
		if n > 0 && !to(buf[:n]) || err != nil {
			return
		}
	}
}
