package main

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"time"

	"watchbell/bot/campaign"
	"watchbell/incidents"
	"watchbell/integrations/practice"
)

// newReplica starts the process in the i-th place. The way to the services that it is given says who calls.
func (a *arena) newReplica(i int) *child {
	return a.newChild(func(in *childConfig) {
		in.Disk = true
		in.Services += fmt.Sprint(replicaPath, i)
	})
}

const replicaPath = "/replica-"

// replicaOf is which process calls, -1 for a call that does not say. It takes what says so off the path.
func replicaOf(r *http.Request) int {
	i := -1
	if rest, ok := strings.CutPrefix(r.URL.Path, replicaPath); ok {
		if n, _ := fmt.Sscanf(rest, "%d/", &i); n == 1 {
			r.URL.Path = strings.TrimPrefix(rest, fmt.Sprint(i))
			r.URL.RawPath = strings.TrimPrefix(r.URL.RawPath, fmt.Sprint(replicaPath, i))
		}
	}
	return i
}

// nap is how a suspended process sleeps. What it had asked for before has its effect, and is answered when it is over.
type nap struct {
	over   chan struct{}
	called chan struct{} // others get a token for each call that they make meanwhile, as long as there is room
	// waking says that it runs again and has not been told the time.
	waking bool
}

// naps is the nap of the process that calls, nil for none. The nap of another one is told of the call. A process that has just
// woken up reaches nobody before it knows what time it is: its machine's network comes back later than its clock.
func (a *arena) naps(replica int) *nap {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i, n := range a.asleep {
		if i != replica {
			select {
			case n.called <- struct{}{}:
			default:
			}
		}
	}
	n := a.asleep[replica]
	if n != nil && n.waking {
		panic(http.ErrAbortHandler)
	}
	return n
}

// othersCalls is how many calls the others make, at most, before a suspended process goes on.
const othersCalls = 12

// suspends stops a process for longer than a lease, as when its machine sleeps, and has it go on after the others have done
// some of what it was at. Where the fault has a Status, the first of the others to call that service is sent away
// with it.
func (a *arena) suspends(i int, f *campaign.Fault, path string) {
	if i < 0 || a.plan.Replicas < 2 {
		return
	}
	a.killing.Lock()
	defer a.killing.Unlock()
	n := &nap{over: make(chan struct{}), called: make(chan struct{}, othersCalls)}
	a.mu.Lock()
	one := a.children[i]
	if a.ending || one == nil {
		a.mu.Unlock()
		return
	}
	a.children[i], a.asleep[i] = nil, n
	a.mu.Unlock()
	if err := one.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		a.complain("a process cannot be suspended: %v", err)
	}
	a.suspended.Add(1)
	if service, _, ok := strings.Cut(strings.TrimPrefix(path, "/practice/"), "/"); ok && f.Status != 0 {
		a.Faults.Add(practice.Fault{Service: service, Call: "*", Status: f.Status, Times: 1})
	}
	a.leapAll(incidents.LeaseFor + time.Second)
	enough := time.After(patience / 20) // nobody may have anything to do
	for range othersCalls {
		select {
		case <-n.called:
			continue
		case <-enough:
		}
		break
	}
	a.mu.Lock()
	n.waking = true
	a.mu.Unlock()
	err := one.cmd.Process.Signal(syscall.SIGCONT)
	_, late := one.asked(fmt.Sprint("leap ", a.clock.Now().UnixNano()))
	if err := errors.Join(err, late); err != nil {
		a.complain("a suspended process does not go on: %v", err)
	}
	a.mu.Lock()
	delete(a.asleep, i)
	a.children[i] = one
	close(a.born)
	a.born = make(chan struct{})
	a.mu.Unlock()
	close(n.over)
}

// leap sets everybody's clock forward, whatever they are at.
func (a *arena) leap(d time.Duration) {
	a.killing.Lock()
	defer a.killing.Unlock()
	a.leapAll(d)
}

// leapAll is leap for whoever holds killing.
func (a *arena) leapAll(d time.Duration) {
	a.clock.JumpTo(a.clock.Now().Add(d))
	for _, one := range a.lively() {
		if one != nil {
			_, _ = one.asked(fmt.Sprint("leap ", a.clock.Now().UnixNano())) // it may be dying
		}
	}
}

// skews sets the clock of a process apart from everybody's; one that is replaced has the right time again.
func (a *arena) skews(i int, by time.Duration) {
	a.killing.Lock()
	defer a.killing.Unlock()
	if one := a.lively()[i]; one != nil {
		_, _ = one.asked(fmt.Sprint("skew ", by.Nanoseconds())) // it may be dying
	}
}

// rights sets all clocks right.
func (a *arena) rights() {
	for i := range a.lively() {
		a.skews(i, 0)
	}
}
