package main

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"time"

	"watchbell/bot/campaign"
	"watchbell/integrations/practice"
)

// befalls makes something go wrong.
func (a *arena) befalls(f *campaign.Fault) {
	switch f.Kind {
	case campaign.Kill, campaign.Suspend:
		a.mu.Lock()
		one := *f
		a.armed = append(a.armed, &one)
		a.mu.Unlock()
	case campaign.Service:
		a.fails(f)
	case campaign.Heal:
		a.Faults.Clear("")
		a.mu.Lock()
		a.halves = nil
		a.mu.Unlock()
		a.releases(0)
		a.disk("ok")
		a.rights()
	case campaign.Full:
		a.disk("full")
	case campaign.Broken:
		a.disk("broken")
	case campaign.Events:
		a.releases(f.Seed)
		a.Slack.Repeat(f.Count)
		a.Slack.Hold()
	case campaign.Leap:
		a.leap(time.Duration(f.Seconds) * time.Second)
	case campaign.Back:
		a.skews(f.Replica, -time.Duration(f.Seconds)*time.Second)
	case campaign.Sockets:
		if f.Count%2 == 0 {
			a.Slack.CutSockets()
		} else {
			a.Slack.Disconnect("refresh_requested")
		}
	case campaign.Drop:
		if a.drop != nil {
			a.drop()
		}
	case campaign.Crash:
		if a.crash != nil {
			a.killing.Lock() // a bot that starts without a database ends
			a.crash()
			a.killing.Unlock()
		}
	}
}

// fails has a service fail.
func (a *arena) fails(f *campaign.Fault) {
	fault := practice.Fault{
		Service: f.Service, Call: "*", After: f.After, Status: f.Status, Times: f.Count,
		RetryAfter: time.Duration(f.Seconds) * time.Second,
	}
	switch f.Status {
	case 0:
		fault.Cut = true
	case campaign.Slow:
		fault.Status, fault.Delay = 0, 300*time.Millisecond
	case http.StatusOK:
		one := *f
		a.mu.Lock()
		a.halves = append(a.halves, &one)
		a.mu.Unlock()
		return
	}
	a.Faults.Add(fault)
}

// releases lets go of the events that are held, as often as Slack was told to send each, in an order made up from seed.
func (a *arena) releases(seed uint64) {
	order := []int{}
	random := rand.New(rand.NewPCG(seed, 5))
	for i := range a.Slack.Held() {
		order = append(order, slices.Repeat([]int{i}, 1+random.IntN(2))...)
	}
	random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	if len(order) == 0 {
		order = nil
	}
	if err := a.Slack.Release(order); err != nil {
		a.Error(err)
	}
	a.Slack.Repeat(1)
}

// disk says what becomes of what the bot writes.
func (a *arena) disk(state string) {
	if a.plan.Postgres {
		return
	}
	a.killing.Lock()
	defer a.killing.Unlock()
	for _, one := range a.children {
		if one != nil {
			if state == "broken" {
				one.broken.Store(true)
			}
			_, _ = one.asked("disk " + state) // it may be dying
		}
	}
}

// watch replaces a process that ends without having been killed, as one must whose disk is broken.
func (a *arena) watch(i int, one *child) {
	<-one.ended
	a.mu.Lock()
	ours := a.children[i] != one
	a.mu.Unlock()
	if ours {
		return
	}
	if !one.broken.Load() {
		a.complain("a bot ended by itself: %v", one.err)
	}
	a.kill(i)
}

// due takes the kill whose moment has come, if there is one.
func (a *arena) due(moments ...campaign.Moment) *campaign.Fault {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i, f := range a.armed {
		if !slices.Contains(moments, f.When) {
			continue
		}
		if f.Count--; f.Count <= 0 {
			a.armed = append(a.armed[:i:i], a.armed[i+1:]...)
			return f
		}
		return nil
	}
	return nil
}

// kill kills a process and starts another in its place.
func (a *arena) kill(i int) {
	a.killing.Lock()
	defer a.killing.Unlock()
	a.mu.Lock()
	victim, ending := a.children[i], a.ending
	if ending || victim == nil {
		a.mu.Unlock()
		return
	}
	a.children[i] = nil
	a.mu.Unlock()
	a.kills.Add(1)
	_ = victim.cmd.Process.Kill()
	<-victim.ended
	_ = victim.stdin.Close()
	next := a.newReplica(i)
	if next == nil {
		a.dies()
		return
	}
	go a.watch(i, next)
	a.mu.Lock()
	a.children[i] = next
	close(a.born)
	a.born = make(chan struct{})
	a.mu.Unlock()
}

// around stands between the bot and the services: it kills and suspends at calls, and cuts answers in half.
func (a *arena) around(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		replica := replicaOf(r)
		if strings.HasSuffix(r.URL.Path, "/socket") {
			next.ServeHTTP(w, r)
			return
		}
		sleeping := a.naps(replica)
		fault, half := a.due(campaign.BeforeCall, campaign.AfterCall), a.half(r.URL.Path)
		if fault == nil && half == nil && sleeping == nil {
			next.ServeHTTP(w, r)
			return
		}
		answer := httptest.NewRecorder()
		if sleeping != nil || (fault != nil && fault.When == campaign.AfterCall) || (half != nil && half.After) {
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			func() {
				defer func() { _ = recover() }() // a fault cut it
				next.ServeHTTP(answer, r)
			}()
		}
		switch {
		case fault != nil && fault.Kind == campaign.Suspend:
			a.suspends(replica, fault, r.URL.Path)
		case fault != nil:
			a.kill(fault.Replica)
			panic(http.ErrAbortHandler)
		case sleeping != nil:
			<-sleeping.over
		}
		body := answer.Body.Bytes()
		if half == nil {
			if len(body) == 0 { // it was cut
				panic(http.ErrAbortHandler)
			}
			maps.Copy(w.Header(), answer.Header())
			w.WriteHeader(answer.Code)
			_, _ = w.Write(body)
			return
		}
		if len(body) == 0 {
			body = []byte(`{"ok": true, "id": "practice", "number": 1}`)
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body[:len(body)/2])
		panic(http.ErrAbortHandler)
	})
}

// half takes one of the answers that a service is to give by halves.
func (a *arena) half(path string) *campaign.Fault {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, f := range a.halves {
		if f.Count > 0 && strings.HasPrefix(path, fmt.Sprintf("/practice/%s/", f.Service)) {
			f.Count--
			return f
		}
	}
	return nil
}

// ServeHTTP is where Slack finds the bots: it hands a request to whoever's turn it is, and to the next one where it dies.
func (a *arena) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	for range a.plan.Replicas {
		one, err := a.someone(r.Context())
		if err != nil {
			return
		}
		again, err := http.NewRequestWithContext(r.Context(), r.Method, one.url+r.URL.Path, bytes.NewReader(body))
		if err != nil {
			break
		}
		again.Header = r.Header.Clone()
		resp, err := a.client.Do(again)
		if err != nil {
			continue
		}
		answer, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			continue
		}
		w.Header().Set("Content-Type", resp.Header.Get("Content-Type"))
		w.WriteHeader(resp.StatusCode)
		_, _ = w.Write(answer)
		return
	}
	w.WriteHeader(http.StatusBadGateway)
}
