package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"watchbell/storage"
)

// herd is a story whose bots are processes on one database, killed one after the other.
type herd struct {
	*story
	mu       sync.Mutex
	children []*child
	turn     int
}

// ServeHTTP hands a request to the process whose turn it is, and to the next one where it dies.
func (h *herd) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		h.Error(err)
	}
	h.mu.Lock()
	h.turn++
	var urls []string
	for i := range h.children {
		urls = append(urls, h.children[(h.turn+i)%len(h.children)].url)
	}
	h.mu.Unlock()
	passAny(w, r, body, urls)
}

// kill kills a process and starts another in its place.
func (h *herd) kill(i int) {
	h.mu.Lock()
	victim := h.children[i]
	h.mu.Unlock()
	_ = victim.cmd.Process.Kill()
	<-victim.ended
	if next := h.newChild(); next != nil {
		h.mu.Lock()
		h.children[i] = next
		h.mu.Unlock()
	}
}

// Three processes on one database are killed again and again while people write. What was acknowledged is there once, and
// there is one of everything outside.
func TestStoryReplicasKilledOnPostgres(t *testing.T) {
	t.Parallel()
	h := &herd{story: newStory(t, storyOptions{asleep: true, configure: onPostgres.configure(t)})}
	h.Slack.RetryAfter = make([]time.Duration, 100)
	for i := range h.Slack.RetryAfter {
		h.Slack.RetryAfter[i] = 50 * time.Millisecond
	}
	for range 3 {
		one := h.newChild()
		if one == nil {
			t.FailNow()
		}
		h.children = append(h.children, one)
	}
	t.Cleanup(func() {
		for _, one := range h.children {
			_ = one.cmd.Process.Signal(syscall.SIGTERM)
			select {
			case <-one.ended:
				if one.err != nil {
					t.Errorf("after SIGTERM a bot ended with %v", one.err)
				}
			case <-time.After(stopWithinTime):
				_ = one.cmd.Process.Kill()
				t.Errorf("a bot did not stop within %v", stopWithinTime)
			}
		}
	})
	front := httptest.NewServer(h)
	t.Cleanup(front.Close)
	h.Slack.Connect(front.URL)
	h.types("ana", "#team", "/incident declare checkout is down")
	h.types("ana", "#team", "/incident action #1 Rotate the keys")
	const people, each, every = 3, 12, 5
	var acknowledged sync.Map
	lines := make(chan int, people*each)
	var writers sync.WaitGroup
	for p, who := range []string{"ana", "ben", "chloe"} {
		writers.Go(func() {
			for i := range each {
				answer, err := h.Slack.Command(h.ctx, who, "team", fmt.Sprintf("/incident log #1 line %d of %d", i, p))
				if err == nil && !strings.HasPrefix(answer.Text, ":x:") {
					acknowledged.Store([2]int{p, i}, true)
				}
				lines <- i
			}
		})
	}
	killed := 0
	for n := range people * each {
		<-lines
		if n%every == 0 {
			h.kill(killed % len(h.children))
			killed++
		}
	}
	writers.Wait()
	h.types("ana", "#team", "/incident resolve #1")
	h.must(h.Slack.Delivered(h.ctx))
	// What the dead had leased is taken up when the leases have run out: in real time, for each process has its own clock.
	store, err := storage.Open(h.ctx, h.config.database, storage.Options{Readers: 1})
	h.must(err)
	settled := func() bool {
		open, err := (&app{store: store}).deliveries(h.ctx)
		for _, d := range open {
			if !waits(d) || d.DueAt.Before(h.clock.Now().Add(30*time.Minute)) { // a reminder waits for an hour at least
				return false
			}
		}
		return err == nil
	}
	if h.wait(settled) != nil { // patience is as long as a lease
		err := h.wait(settled)
		if open, _ := (&app{store: store}).deliveries(h.ctx); err != nil {
			t.Errorf("at %v these are open: %+v", h.clock.Now(), open)
		}
		h.must(err)
	}
	h.must(store.Close())
	count := 0
	acknowledged.Range(func(any, any) bool { count++; return true })
	t.Logf("%d kills, %d of %d lines acknowledged", killed, count, people*each)
	if count < people*each/2 {
		t.Errorf("only %d of %d lines were acknowledged", count, people*each)
	}
	h.thereOnce(people, each, func(p, i int) bool { _, known := acknowledged.Load([2]int{p, i}); return known })
	for what, n := range map[string]int{
		"channels": len(h.made()), "announcements": len(h.texts("team")), "pull requests": len(h.GitHub.Pulls()), "cards": len(h.cards()),
	} {
		if n != 1 {
			t.Errorf("there are %d %s", n, what)
		}
	}
}
