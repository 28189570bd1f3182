package integrations_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"watchbell/incidents"
	"watchbell/integrations"
	"watchbell/storage"
)

// bench is a Relay on a real database, with services made of functions. It lives in a bubble, where time passes at once.
type bench struct {
	*incidents.Service
	t       *testing.T
	ahead   atomic.Int64 // how far the clock was set ahead, in nanoseconds
	relay   *integrations.Relay
	metrics *prometheus.Registry
	log     lines
	stop    context.CancelFunc
	stopped chan struct{}

	leases    atomic.Int64
	turn      atomic.Pointer[func(incidents.Kind) time.Duration]
	gate      atomic.Pointer[chan struct{}] // a look waits until it is closed
	leaseErr  atomic.Pointer[error]
	settleErr atomic.Pointer[error] // for one settlement
}

// lines is a log for tests.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

// with returns the lines that hold all the words.
func (l *lines) with(words ...string) (found []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(l.buf.String()) {
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(line, w) }) {
			found = append(found, line)
		}
	}
	return found
}

func (b *bench) now() time.Time { return time.Now().Add(time.Duration(b.ahead.Load())) }

// Lease, Settle and Snapshot make the bench an Outbox that can fail.
func (b *bench) Lease(ctx context.Context, limit int) ([]incidents.Delivery, time.Time, error) {
	b.leases.Add(1)
	if gate := b.gate.Load(); gate != nil {
		<-*gate
	}
	if err := b.leaseErr.Load(); err != nil {
		return nil, time.Time{}, *err
	}
	return b.Service.Lease(ctx, limit)
}

func (b *bench) Settle(ctx context.Context, d incidents.Delivery, o incidents.Outcome) error {
	if err := b.settleErr.Swap(nil); err != nil {
		return *err
	}
	return b.Service.Settle(ctx, d, o)
}

// inBubble runs a test on a running Relay.
func inBubble(t *testing.T, services map[incidents.Target]integrations.Deliver, test func(*bench)) {
	file := "sqlite:" + filepath.Join(t.TempDir(), "relay.db")
	synctest.Test(t, func(t *testing.T) {
		store, err := storage.Open(t.Context(), file, storage.Options{})
		if err != nil {
			t.Fatal(err)
		}
		b := &bench{t: t, metrics: prometheus.NewRegistry(), stopped: make(chan struct{})}
		b.relay = integrations.NewRelay(integrations.Options{
			Deliverers: services, Missing: map[incidents.Target]string{incidents.Trello: "Trello is not set up: do it."},
			Now: b.now, Log: slog.New(slog.NewTextHandler(&b.log, nil)), Metrics: b.metrics,
		})
		b.Service = incidents.NewService(store, incidents.Options{Now: b.now, Wake: b.relay.WakeFor, Turn: func(k incidents.Kind) time.Duration {
			if turn := b.turn.Load(); turn != nil {
				return (*turn)(k)
			}
			return 0
		}})
		var ctx context.Context
		ctx, b.stop = context.WithCancel(t.Context())
		go func() {
			b.relay.Run(ctx, b)
			close(b.stopped)
		}()
		defer func() { // also after a test that gave up
			b.stop()
			<-b.stopped
			synctest.Wait() // for workers that were given up on
			if err := store.Close(); err != nil {
				t.Error(err)
			}
		}()
		test(b)
	})
}

// tell queues an answer to a person; those to one person share a lane.
func (b *bench) tell(who string, n int) {
	b.t.Helper()
	err := b.Tell(b.t.Context(), incidents.Notice{Key: fmt.Sprintf("%s-%d", who, n), Channel: "C1", User: who, Body: []byte(`{}`)})
	if err != nil {
		b.t.Fatal(err)
	}
}

// do carries out a command.
func (b *bench) do(incident int, c incidents.Command) incidents.Result {
	b.t.Helper()
	r, err := b.Handle(b.t.Context(), incidents.Request{By: incidents.Actor{User: "U1", In: "C1"}, Incident: incident, Command: c})
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

// card queues a card for a past incident of its own, and returns its key.
func (b *bench) card() string {
	n := b.do(0, incidents.Backfill{Title: "an old one"}).Incident
	b.do(n, incidents.AddAction{Text: "do something about it", Card: true})
	return fmt.Sprintf("inc-%d/action-1/card", n)
}

func (b *bench) state(key string) incidents.Delivery {
	b.t.Helper()
	d, err := b.Delivery(b.t.Context(), key)
	if err != nil {
		b.t.Fatal(err)
	}
	return d
}

// works is a service where everything works at once.
func works(context.Context, incidents.Delivery, incidents.Snapshot) incidents.Outcome {
	return incidents.DeliveredAs(incidents.Receipt{ID: "x"})
}

// hangs is a service that never answers.
func hangs(ctx context.Context, _ incidents.Delivery, _ incidents.Snapshot) incidents.Outcome {
	<-ctx.Done()
	return incidents.Failing(incidents.Uncertain, "No answer.", ctx.Err())
}

// seen notes what a service was asked to do, in order.
type seen struct {
	mu   sync.Mutex
	list []incidents.Delivery
	busy map[string]bool // by lane
	t    *testing.T
}

func (s *seen) begin(d incidents.Delivery) (end func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy == nil {
		s.busy = map[string]bool{}
	}
	if s.busy[d.Lane] {
		s.t.Errorf("%s began while another one of its lane was under way", d.Key)
	}
	s.busy[d.Lane] = true
	s.list = append(s.list, d)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.busy[d.Lane] = false
	}
}

func (s *seen) all() []incidents.Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.list)
}

func TestLanesKeepTheirOrder(t *testing.T) {
	log := &seen{t: t}
	first := map[string]bool{}
	slack := func(_ context.Context, d incidents.Delivery, _ incidents.Snapshot) incidents.Outcome {
		defer log.begin(d)()
		time.Sleep(time.Duration(len(log.all())%7) * 30 * time.Millisecond)
		log.mu.Lock()
		defer log.mu.Unlock()
		if !first[d.Key] && strings.HasSuffix(d.Key, "3") {
			first[d.Key] = true
			return incidents.Failing(incidents.Refused, "Not now.", nil)
		}
		return incidents.DeliveredAs(incidents.Receipt{ID: "x"})
	}
	inBubble(t, map[incidents.Target]integrations.Deliver{incidents.Slack: slack}, func(b *bench) {
		people := []string{"UA", "UB", "UC", "UD", "UE"}
		for n := range 20 {
			for _, who := range people {
				b.tell(who, n)
			}
		}
		time.Sleep(time.Minute)
		for _, who := range people {
			last := -1
			for _, d := range log.all() {
				var n int
				if _, err := fmt.Sscanf(d.Key, "answer/"+who+"-%d", &n); err != nil {
					continue
				}
				if n != last+1 && n != last { // the same again after it was refused
					t.Errorf("%s got %d after %d", who, n, last)
				}
				last = n
			}
			if last != 19 {
				t.Errorf("%s got no more after %d", who, last)
			}
		}
	})
}

func TestOneServiceHangs(t *testing.T) {
	var atTrello, most atomic.Int64
	trello := func(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) incidents.Outcome {
		now := atTrello.Add(1)
		defer atTrello.Add(-1)
		for before := most.Load(); now > before && !most.CompareAndSwap(before, now); before = most.Load() {
		}
		return hangs(ctx, d, s)
	}
	var answered atomic.Int64
	slack := func(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) incidents.Outcome {
		time.Sleep(100 * time.Millisecond)
		answered.Add(1)
		return works(ctx, d, s)
	}
	services := map[incidents.Target]integrations.Deliver{incidents.Slack: slack, incidents.Trello: trello}
	inBubble(t, services, func(b *bench) {
		var keys []string
		for range 12 {
			keys = append(keys, b.card())
		}
		time.Sleep(5 * time.Second)
		for n := range 20 {
			b.tell(fmt.Sprint("U", n), 0)
			time.Sleep(time.Second)
			if got := answered.Load(); got != int64(n+1) {
				t.Fatalf("after %d seconds of telling %d answers were given", n+1, got)
			}
		}
		if most.Load() == 0 || most.Load() > 3 {
			t.Errorf("%d deliveries at once to the service that hangs", most.Load())
		}
		time.Sleep(8 * time.Minute)
		for _, key := range keys {
			if d := b.state(key); d.Failures == 0 {
				t.Errorf("%s never had its turn: %+v", key, d)
			}
		}
	})
}

func TestPanics(t *testing.T) {
	var times atomic.Int64
	trello := func(_ context.Context, d incidents.Delivery, now incidents.Snapshot) incidents.Outcome {
		times.Add(1)
		if d.Incident == 1 || times.Load() == 1 {
			var nobody *incidents.Snapshot
			_ = nobody.Title
		}
		return incidents.DeliveredAs(incidents.Receipt{ID: "x", URL: "https://example.org"})
	}
	inBubble(t, map[incidents.Target]integrations.Deliver{incidents.Trello: trello}, func(b *bench) {
		never, once := b.card(), b.card()
		time.Sleep(5 * time.Minute)
		if d := b.state(once); d.State != incidents.Done {
			t.Errorf("one panic: %+v", d)
		}
		d := b.state(never)
		if d.State != incidents.Failed || !strings.Contains(d.LastError, "card for action item 1") {
			t.Errorf("panics without end: %s %q", d.State, d.LastError)
		}
		if d.Attempt != 3 {
			t.Errorf("%d attempts that panic", d.Attempt)
		}
		if len(b.log.with("panicked", never, "relay_test.go")) == 0 {
			t.Error("the log does not say where")
		}
	})
}

// TestLateWorker sets the clock while an attempt is under way: its lease runs out, and its word no longer counts.
func TestLateWorker(t *testing.T) {
	log := &seen{t: t}
	trello := func(_ context.Context, d incidents.Delivery, _ incidents.Snapshot) incidents.Outcome {
		defer log.begin(d)()
		time.Sleep(5 * time.Second)
		return incidents.DeliveredAs(incidents.Receipt{ID: fmt.Sprint("made in attempt ", d.Attempt)})
	}
	inBubble(t, map[incidents.Target]integrations.Deliver{incidents.Trello: trello}, func(b *bench) {
		key := b.card()
		time.Sleep(time.Second)
		b.ahead.Add(int64(incidents.LeaseFor))
		time.Sleep(time.Minute)
		attempts := log.all()
		if len(attempts) != 2 || !attempts[1].MustLook() {
			t.Fatalf("attempts %+v, want a second one that looks first", attempts)
		}
		if d := b.state(key); d.State != incidents.Done || d.Receipt.ID != fmt.Sprint("made in attempt ", d.Attempt) {
			t.Errorf("%+v, want the receipt of the last attempt", d)
		}
		if late := b.log.with("another worker", "level=INFO", key); len(late) != 1 {
			t.Errorf("log of the late worker: %q", late)
		}
	})
}

// A worker that slept through its lease, as a suspended process does, begins nothing more: what it knew by having looked counts
// no longer. The next one does it all.
func TestSleepingWorker(t *testing.T) {
	var begun []int // attempts that got beyond the nap
	var refused error
	trello := func(ctx context.Context, d incidents.Delivery, _ incidents.Snapshot) incidents.Outcome {
		if d.Attempt == 1 {
			time.Sleep(5 * time.Second)
		}
		if err := incidents.StillLeased(ctx); err != nil {
			refused = err
			return incidents.Failing(incidents.Uncertain, "It was too late.", err)
		}
		begun = append(begun, d.Attempt)
		return incidents.DeliveredAs(incidents.Receipt{ID: fmt.Sprint("made in attempt ", d.Attempt)})
	}
	inBubble(t, map[incidents.Target]integrations.Deliver{incidents.Trello: trello}, func(b *bench) {
		key := b.card()
		time.Sleep(time.Second)
		b.ahead.Add(int64(incidents.LeaseFor))
		time.Sleep(time.Minute)
		if !errors.Is(refused, incidents.ErrStale) || len(begun) != 1 || begun[0] == 1 {
			t.Errorf("attempts %v went on; the one that slept was told %v", begun, refused)
		}
		if d := b.state(key); d.State != incidents.Done || d.Receipt.ID != fmt.Sprint("made in attempt ", d.Attempt) {
			t.Errorf("%+v", d)
		}
	})
}

func TestWaking(t *testing.T) {
	inBubble(t, map[incidents.Target]integrations.Deliver{incidents.Slack: works}, func(b *bench) {
		synctest.Wait()
		gate := make(chan struct{})
		b.gate.Store(&gate)
		before := b.leases.Load()
		for range 1000 {
			b.relay.Wake()
			synctest.Wait() // the look has begun, and stands at the gate
		}
		b.gate.Store(nil)
		close(gate)
		synctest.Wait()
		if looks := b.leases.Load() - before; looks != 2 {
			t.Errorf("1,000 wakes cost %d looks, want the one under way and one after it", looks)
		}
		before = b.leases.Load()
		time.Sleep(time.Hour)
		if looks := b.leases.Load() - before; looks < 3500 || looks > 3700 {
			t.Errorf("%d looks in an idle hour, want one a second", looks)
		}
		b.tell("UA", 1)
		synctest.Wait()
		if d := b.state("answer/UA-1"); d.State != incidents.Done {
			t.Errorf("told, and not at once: %+v", d)
		}
	})
}

func TestWhatIsDueLaterWakesNobody(t *testing.T) {
	inBubble(t, map[incidents.Target]integrations.Deliver{incidents.Slack: works}, func(b *bench) {
		synctest.Wait()
		before := b.leases.Load()
		for range 1000 {
			b.relay.WakeFor(b.now().Add(time.Minute))
			synctest.Wait()
		}
		if looks := b.leases.Load() - before; looks != 0 {
			t.Errorf("%d looks for what is due after the next look anyway", looks)
		}
		b.relay.WakeFor(b.now().Add(500 * time.Millisecond))
		synctest.Wait()
		if looks := b.leases.Load() - before; looks != 1 {
			t.Errorf("%d looks for what is due sooner than the next one, want one", looks)
		}
	})
}

func TestNewDeliveriesWaitForTheirTurn(t *testing.T) {
	var turns, attempts atomic.Int64
	slack := func(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) incidents.Outcome {
		attempts.Add(1)
		return works(ctx, d, s)
	}
	inBubble(t, map[incidents.Target]integrations.Deliver{incidents.Slack: slack}, func(b *bench) {
		b.turn.Store(new(func(incidents.Kind) time.Duration { return time.Duration(turns.Add(1)) * 3 * time.Second }))
		synctest.Wait()
		before := b.leases.Load()
		for n := range 10 {
			b.tell(fmt.Sprintf("U%d", n), 1)
			synctest.Wait()
		}
		if looks := b.leases.Load() - before; looks != 0 {
			t.Errorf("%d looks for deliveries that have to wait", looks)
		}
		for n := range 10 {
			if got := attempts.Load(); got != int64(n) {
				t.Fatalf("%d attempts after %d turns", got, n)
			}
			time.Sleep(3 * time.Second)
			synctest.Wait()
		}
		if got := attempts.Load(); got != 10 {
			t.Errorf("%d attempts in the end, want each once", got)
		}
	})
}

func TestClockIsSet(t *testing.T) {
	var tries atomic.Int64
	trello := func(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) incidents.Outcome {
		if tries.Add(1) == 1 {
			o := incidents.Failing(incidents.Refused, "Come back tomorrow.", nil)
			o.After = 24 * time.Hour
			return o
		}
		return works(ctx, d, s)
	}
	inBubble(t, map[incidents.Target]integrations.Deliver{incidents.Trello: trello}, func(b *bench) {
		key := b.card()
		time.Sleep(time.Hour)
		if tries.Load() != 1 {
			t.Fatalf("%d tries in the first hour", tries.Load())
		}
		b.ahead.Add(int64(24 * time.Hour))
		time.Sleep(2 * time.Second)
		if d := b.state(key); d.State != incidents.Done {
			t.Errorf("two seconds after the clock was set: %+v", d)
		}
	})
}

func TestFreshSnapshot(t *testing.T) {
	var titles []string
	trello := func(ctx context.Context, d incidents.Delivery, now incidents.Snapshot) incidents.Outcome {
		titles = append(titles, now.Actions[len(now.Actions)-1].Text)
		if len(titles) == 1 {
			return incidents.Failing(incidents.Refused, "Not now.", nil)
		}
		return works(ctx, d, now)
	}
	inBubble(t, map[incidents.Target]integrations.Deliver{incidents.Trello: trello}, func(b *bench) {
		b.card()
		synctest.Wait()
		b.do(1, incidents.AddAction{Text: "something else"})
		time.Sleep(time.Minute)
		if want := []string{"do something about it", "something else"}; !slices.Equal(titles, want) {
			t.Errorf("the service saw %q, want %q", titles, want)
		}
	})
}

func TestServiceThatIsNotSetUp(t *testing.T) {
	inBubble(t, nil, func(b *bench) {
		key := b.card()
		b.tell("UA", 1)
		time.Sleep(time.Second)
		if d := b.state(key); d.State != incidents.Failed || d.LastError != "Trello is not set up: do it." {
			t.Errorf("%s %q", d.State, d.LastError)
		}
		if d := b.state("answer/UA-1"); d.State != incidents.Failed || !strings.Contains(d.LastError, "slack") {
			t.Errorf("%s %q", d.State, d.LastError)
		}
	})
}

func TestAdapterWithoutVerdict(t *testing.T) {
	nothing := func(context.Context, incidents.Delivery, incidents.Snapshot) incidents.Outcome {
		return incidents.Outcome{}
	}
	inBubble(t, map[incidents.Target]integrations.Deliver{incidents.Trello: nothing}, func(b *bench) {
		key := b.card()
		time.Sleep(time.Second)
		if d := b.state(key); d.State != incidents.Pending || d.Failures != 1 || d.LastError == "" {
			t.Errorf("%+v", d)
		}
	})
}

func TestStoryInTheLogAndMetrics(t *testing.T) {
	var tries atomic.Int64
	trello := func(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) incidents.Outcome {
		time.Sleep(300 * time.Millisecond)
		if tries.Add(1) == 1 {
			return incidents.Failing(incidents.Uncertain, "No answer.", errors.New("the line was cut"))
		}
		return works(ctx, d, s)
	}
	inBubble(t, map[incidents.Target]integrations.Deliver{incidents.Trello: trello}, func(b *bench) {
		key := b.card()
		time.Sleep(time.Minute)
		first := b.log.with("incident=1", "delivery="+key, "kind=card", "attempt=1", "verdict=uncertain", "took=300ms", "the line was cut", "WARN")
		second := b.log.with("delivery="+key, "attempt=2", "verdict=delivered", "INFO")
		if len(first) != 1 || len(second) != 1 || len(b.log.with(key)) != 2 {
			t.Errorf("log: %q", b.log.with(""))
		}
		families, err := b.metrics.Gather()
		if err != nil {
			t.Fatal(err)
		}
		var total float64
		for _, f := range families {
			for _, m := range f.GetMetric() {
				switch f.GetName() {
				case "watchbell_deliveries_total":
					total += m.GetCounter().GetValue()
				case "watchbell_delivery_seconds":
					if h := m.GetHistogram(); h.GetSampleCount() != 2 || h.GetSampleSum() != 0.6 {
						t.Errorf("%d attempts of %g s together", h.GetSampleCount(), h.GetSampleSum())
					}
				}
			}
		}
		if total != 2 {
			t.Errorf("%g attempts counted", total)
		}
	})
}
