package practice

import (
	"context"
	"errors"
	"io"
	"net"
	"net/textproto"
	"strings"
	"sync"
)

// Letter is an e-mail as it was taken: who it is from and to on its envelope, and all of its lines.
type Letter struct {
	From string
	To   []string
	Text string
}

// Mailbox is a server that takes e-mail as RFC 5321 says, without TLS and without asking who calls: it is for this machine
// alone. Addresses that begin with "nobody@" are refused.
type Mailbox struct {
	mu      sync.Mutex
	letters []Letter
	calls   sync.WaitGroup
}

// Letters is what was taken so far.
func (m *Mailbox) Letters() []Letter {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]Letter(nil), m.letters...)
}

// Serve takes e-mail until the context ends.
func (m *Mailbox) Serve(ctx context.Context, listener net.Listener) error {
	stop := context.AfterFunc(ctx, func() { _ = listener.Close() })
	defer stop()
	defer m.calls.Wait()
	for {
		conn, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) && ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		m.calls.Go(func() {
			end := context.AfterFunc(ctx, func() { _ = conn.Close() })
			defer end()
			defer func() { _ = conn.Close() }()
			m.talk(conn)
		})
	}
}

// talk is one call. What its caller does wrong is answered, and ends when they hang up.
func (m *Mailbox) talk(conn io.ReadWriteCloser) {
	text := textproto.NewConn(conn)
	say := func(line string) bool { return text.PrintfLine("%s", line) == nil }
	var letter Letter
	for ok := say("220 practice ready"); ok; {
		line, err := text.ReadLine()
		if err != nil {
			return
		}
		verb, rest, _ := strings.Cut(line, " ")
		switch strings.ToUpper(verb) {
		case "EHLO", "HELO":
			ok = say("250-practice") && say("250 8BITMIME")
		case "MAIL":
			letter = Letter{From: address(rest)}
			ok = say("250 ok")
		case "RCPT":
			if to := address(rest); strings.HasPrefix(to, "nobody@") {
				ok = say("550 5.1.1 nobody is called so here")
			} else {
				letter.To = append(letter.To, to)
				ok = say("250 ok")
			}
		case "DATA":
			if len(letter.To) == 0 {
				ok = say("503 who is it for?")
				continue
			}
			ok = say("354 go on") && m.data(text, letter) && say("250 taken")
		case "RSET", "NOOP":
			ok = say("250 ok")
		case "QUIT":
			say("221 bye")
			return
		default:
			ok = say("502 not known here")
		}
	}
}

// data reads the lines of a letter.
func (m *Mailbox) data(text *textproto.Conn, letter Letter) bool {
	lines, err := text.ReadDotLines()
	if err != nil {
		return false
	}
	letter.Text = strings.Join(lines, "\n")
	m.mu.Lock()
	defer m.mu.Unlock()
	m.letters = append(m.letters, letter)
	return true
}

// address is what stands between the angle brackets.
func address(s string) string {
	_, s, _ = strings.Cut(s, "<")
	s, _, _ = strings.Cut(s, ">")
	return s
}
