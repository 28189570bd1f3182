package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"
)

// result is what one repetition came to.
type result struct {
	perSecond      float64
	p50, p99, p999 time.Duration
	cpu            time.Duration // of the server, for each request
	memory         int64         // bytes resident, the most that was seen while measuring
	acks           int           // acknowledged requests, the warm-up included
	others         float64       // the share of the processors that something else used
}

// caller sends one request after the other over one connection and waits for each answer.
type caller struct {
	signer *signer
	says   []byte
	conn   net.Conn
	in     *bufio.Reader
	took   []time.Duration // of the requests inside the window
	acks   int
	body   []byte
}

// drive has so many callers send requests of a kind to a server, warms up, and measures.
func drive(ctx context.Context, s *server, k kind, callers, incidents int, warm, window time.Duration) (result, error) {
	path, says := k.path, k.says
	if s.bolt {
		path, says = "/slack/events", ""
	}
	all := make([]*caller, callers)
	for i := range all {
		conn, err := net.Dial("tcp", s.addr)
		if err != nil {
			return result{}, err
		}
		defer func() { _ = conn.Close() }()
		all[i] = &caller{
			signer: newSigner(k, path, s.addr, i, incidents), says: []byte(says), conn: conn,
			in: bufio.NewReaderSize(conn, 4<<10), took: make([]time.Duration, 0, 1<<16),
		}
	}
	from := time.Now().Add(warm)
	until := from.Add(window)
	errs := make([]error, callers)
	var group sync.WaitGroup
	for i, c := range all {
		group.Go(func() { errs[i] = c.run(ctx, from, until) })
	}
	usage, err := s.watch(from, until)
	group.Wait()
	if err := errors.Join(append(errs, err)...); err != nil {
		return result{}, err
	}
	return sum(all, window, usage), nil
}

func sum(all []*caller, window time.Duration, u usage) result {
	var took []time.Duration
	r := result{memory: u.memory, others: u.others}
	for _, c := range all {
		took = append(took, c.took...)
		r.acks += c.acks
	}
	slices.Sort(took)
	at := func(per1000 int) time.Duration { return took[min(len(took)*per1000/1000, len(took)-1)] }
	r.p50, r.p99, r.p999 = at(500), at(990), at(999)
	r.perSecond = float64(len(took)) / window.Seconds()
	r.cpu = u.cpu / time.Duration(len(took))
	return r
}

// run is the closed loop. Every answer is checked: one that is not as it should be ends the whole measurement.
func (c *caller) run(ctx context.Context, from, until time.Time) error {
	for {
		began := time.Now()
		if began.After(until) || ctx.Err() != nil {
			return ctx.Err()
		}
		if _, err := c.conn.Write(c.signer.next(began)); err != nil {
			return err
		}
		status, err := c.answer()
		if err != nil {
			return fmt.Errorf("read an answer: %w", err)
		}
		if status != 200 || !bytes.Contains(c.body, c.says) {
			return fmt.Errorf("an answer is %d %.200q", status, c.body)
		}
		c.acks++
		if ended := time.Now(); !began.Before(from) && !ended.After(until) {
			c.took = append(c.took, ended.Sub(began))
		}
	}
}

var (
	contentLength = []byte("Content-Length: ")
	chunked       = []byte("Transfer-Encoding: chunked")
)

// answer reads an HTTP answer into c.body, with next to no work: the cores are shared with the server.
func (c *caller) answer() (status int, err error) {
	length, isChunked := 0, false
	for first := true; ; first = false {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		line = bytes.TrimRight(line, "\r\n")
		switch {
		case first && len(line) >= 12:
			status, err = strconv.Atoi(string(line[9:12]))
		case len(line) == 0:
			if isChunked {
				return status, c.chunks()
			}
			return status, c.read(length)
		case bytes.HasPrefix(line, contentLength):
			length, err = strconv.Atoi(string(line[len(contentLength):]))
		case bytes.HasPrefix(line, chunked):
			isChunked = true
		}
		if err != nil {
			return 0, err
		}
	}
}

// chunks reads a body of one chunk or none, which is all that an acknowledgement has.
func (c *caller) chunks() error {
	c.body = c.body[:0]
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		n, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 32)
		if err != nil {
			return err
		}
		if err := c.read(int(n)); err != nil {
			return err
		}
		if _, err := c.in.Discard(2); err != nil || n == 0 {
			return err
		}
	}
}

func (c *caller) read(n int) error {
	if cap(c.body) < n {
		c.body = make([]byte, n)
	}
	c.body = c.body[:n]
	for got := 0; got < n; {
		m, err := c.in.Read(c.body[got:])
		if err != nil {
			return err
		}
		got += m
	}
	return nil
}
