package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"watchbell/bot/campaign"
	"watchbell/incidents"
)

// arena is a story in which a plan is carried out: real processes that are killed, people who act at the same time, and
// everything that can fail failing.
type arena struct {
	*story
	plan      campaign.Plan
	front     *httptest.Server
	client    *http.Client
	counter   atomic.Int64 // what came before what
	kills     atomic.Int64
	suspended atomic.Int64
	alive     context.Context // ends when a process cannot be started again
	dies      context.CancelFunc

	mu       sync.Mutex
	children []*child      // nil while one is replaced
	born     chan struct{} // closed, and made anew, when there is another child
	turn     int
	armed    []*campaign.Fault // kills whose moment has not come
	halves   []*campaign.Fault // services that answer by halves
	slots    map[int]*slot
	history  campaign.History
	entries  map[int]int       // numbers of the entries that steps logged
	said     map[int]utterance // messages of steps
	wrong    []string
	killing  sync.Mutex // one at a time
	asleep   map[int]*nap
	ending   bool // nothing is killed any more
	// drop cuts all connections to the database server, crash has it die and come back; nil where that cannot be done.
	drop, crash func()
}

// slot is one of the plan's incidents.
type slot struct {
	declared chan struct{} // closed when its number is known, or never will be
	number   int
}

// utterance is a message that somebody said.
type utterance struct{ channel, ts, by string }

// newArena starts the plan's processes.
func newArena(t *testing.T, p campaign.Plan) *arena {
	t.Helper()
	a := &arena{
		plan: p, born: make(chan struct{}), slots: map[int]*slot{}, entries: map[int]int{}, said: map[int]utterance{},
		children: make([]*child, p.Replicas), asleep: map[int]*nap{},
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}},
	}
	o := storyOptions{asleep: true, socket: p.Socket, around: a.around}
	if p.Postgres {
		o.configure = onPostgres.configure(t)
	}
	a.story = newStory(t, o)
	if p.Postgres {
		a.config.database, a.drop = cuttable(t, a.config.database)
	}
	a.alive, a.dies = context.WithCancel(a.ctx)
	t.Cleanup(a.dies)
	a.Slack.RetryAfter = make([]time.Duration, 600)
	for i := range a.Slack.RetryAfter {
		a.Slack.RetryAfter[i] = 50 * time.Millisecond // until there is somebody to take it
	}
	a.front = httptest.NewServer(a)
	t.Cleanup(func() {
		a.client.CloseIdleConnections()
		a.front.Close()
		a.mu.Lock()
		a.ending = true
		a.mu.Unlock()
		for _, one := range a.lively() {
			if one != nil {
				_ = one.cmd.Process.Kill()
				<-one.ended
			}
		}
	})
	for i := range a.children {
		if a.children[i] = a.newReplica(i); a.children[i] == nil {
			t.FailNow()
		}
		go a.watch(i, a.children[i])
	}
	a.Slack.Connect(a.front.URL)
	return a
}

// tick is the next reading of the counter.
func (a *arena) tick() int { return int(a.counter.Add(1)) }

// complain notes what is wrong without being an operation of the history.
func (a *arena) complain(format string, args ...any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.wrong = append(a.wrong, fmt.Sprintf(format, args...))
}

// run carries the plan out, and returns what was asked and what was left.
func (a *arena) run() (campaign.History, campaign.State) {
	queues := map[string]chan campaign.Step{}
	var people sync.WaitGroup
	for _, who := range campaign.People {
		queue := make(chan campaign.Step, 2)
		queues[who] = queue
		people.Go(func() {
			for step := range queue {
				a.does(step)
			}
		})
	}
	for _, step := range a.plan.Steps {
		if step.Deed == campaign.Declare {
			a.mu.Lock()
			a.slots[step.Slot] = &slot{declared: make(chan struct{})}
			a.mu.Unlock()
		}
		if step.Deed == campaign.Wrong {
			at := a.tick()
			a.befalls(step.Fault)
			a.record(campaign.Op{Step: step, Began: at, Ended: a.tick()})
			continue
		}
		queues[step.Who] <- step
	}
	for _, queue := range queues {
		close(queue)
	}
	people.Wait()
	seconds := a.comesToRest()
	state := a.leaves()
	state.Seconds = seconds
	return a.history, state
}

func (a *arena) record(op campaign.Op) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.history = append(a.history, op)
}

// comesToRest ends everything that goes wrong, and waits until nothing is left to do. It returns how long that took by
// the bot's clock.
func (a *arena) comesToRest() (seconds int) {
	a.disk("ok")
	for i, one := range a.lively() {
		if one != nil && one.broken.Load() {
			a.kill(i) // it may have noticed, or not
		}
	}
	a.killing.Lock() // whoever is being replaced is there
	a.mu.Lock()
	a.armed, a.halves, a.ending = nil, nil, true
	a.mu.Unlock()
	a.killing.Unlock()
	a.Faults.Clear("")
	a.rights()
	a.releases(0)
	if a.alive.Err() != nil {
		a.complain("a bot did not start again")
		return 0
	}
	a.must(a.Slack.Delivered(a.ctx))
	for i := range a.children[1:] {
		a.retires(i + 1)
	}
	from := a.clock.Now()
	if a.plan.Postgres {
		a.leap(incidents.LeaseFor + time.Second) // what dead processes had leased
	}
	for range 2 {
		if err := a.orders("quiet"); err != nil {
			a.complain("it does not come to rest: %v", err)
			break
		}
		a.must(a.Slack.Delivered(a.ctx))
	}
	seconds = int(a.clock.Now().Sub(from) / time.Second)
	a.retires(0)
	return seconds
}

// lively are the processes; nil for one that is being replaced.
func (a *arena) lively() []*child {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.children)
}

// retires ends a process as an operator does.
func (a *arena) retires(i int) {
	one := a.children[i]
	a.mu.Lock()
	a.children[i] = nil
	a.mu.Unlock()
	_ = one.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-one.ended:
		if one.err != nil {
			a.complain("after SIGTERM a bot ended with %v", one.err)
		}
	case <-time.After(2 * stopWithinTime):
		_ = one.cmd.Process.Kill()
		<-one.ended
		a.complain("after SIGTERM a bot did not end")
	}
}

// orders has the first process do something, and takes its time over.
func (a *arena) orders(line string) error {
	one := a.children[0]
	answered := make(chan error, 1)
	go func() {
		nanos, err := one.asked(line)
		if err == nil {
			a.clock.JumpTo(time.Unix(0, nanos))
		}
		answered <- err
	}()
	select {
	case err := <-answered:
		return err
	case <-time.After(2 * patience):
		_ = one.cmd.Process.Kill()
		<-answered
		return errors.New("it is still at something")
	}
}

// asked gives a child an order and returns its time afterwards.
func (c *child) asked(line string) (nanos int64, err error) {
	if _, err := fmt.Fprintln(c.stdin, line); err != nil {
		return 0, err
	}
	answer, err := c.stdout.ReadString('\n')
	if err != nil {
		return 0, err
	}
	_, word, _ := strings.Cut(strings.TrimSpace(answer), " ")
	return strconv.ParseInt(word, 10, 64)
}

// someone waits for a process that lives, the next in turn.
func (a *arena) someone(ctx context.Context) (*child, error) {
	for {
		a.mu.Lock()
		a.turn++
		for i := range a.children {
			if one := a.children[(a.turn+i)%len(a.children)]; one != nil {
				a.mu.Unlock()
				return one, nil
			}
		}
		born := a.born
		a.mu.Unlock()
		select {
		case <-born:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
