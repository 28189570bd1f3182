package main

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// cuttable is a database URL that leads to the same server over connections that can be cut, and what cuts them.
func cuttable(t *testing.T, databaseURL string) (through string, cut func()) {
	t.Helper()
	u, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	server := u.Host
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u.Host = listener.Addr().String()
	var mu sync.Mutex
	open := map[net.Conn]bool{}
	cut = func() {
		mu.Lock()
		defer mu.Unlock()
		for c := range open {
			_ = c.Close()
		}
	}
	var all sync.WaitGroup
	carry := func(from, to net.Conn) {
		_, _ = io.Copy(to, from)
		_ = to.Close()
		mu.Lock()
		defer mu.Unlock()
		delete(open, from)
	}
	all.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			behind, err := net.Dial("tcp", server)
			if err != nil {
				_ = client.Close()
				continue
			}
			mu.Lock()
			open[client], open[behind] = true, true
			mu.Unlock()
			all.Go(func() { carry(client, behind) })
			all.Go(func() { carry(behind, client) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		cut()
		all.Wait()
	})
	return u.String(), cut
}
