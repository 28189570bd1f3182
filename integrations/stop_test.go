package integrations_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"watchbell/incidents"
	"watchbell/integrations"
)

func TestStop(t *testing.T) {
	forever := make(chan struct{}) // closed at the end, as nothing may outlive a bubble
	slow := func(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) incidents.Outcome {
		time.Sleep(2 * time.Second)
		return works(ctx, d, s)
	}
	deaf := func(context.Context, incidents.Delivery, incidents.Snapshot) incidents.Outcome {
		<-forever
		return incidents.DeliveredAs(incidents.Receipt{ID: "too late"})
	}
	for _, test := range []struct {
		name     string
		deliver  integrations.Deliver
		takes    time.Duration
		state    incidents.State
		failures int
	}{
		{"nothing to wait for", works, 0, incidents.Done, 0},
		{"work is finished", slow, 2 * time.Second, incidents.Done, 0},
		{"work is cut off, and settled", hangs, 5 * time.Second, incidents.Pending, 1},
		{"work cannot be cut off", deaf, 8 * time.Second, incidents.Leased, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, map[incidents.Target]integrations.Deliver{incidents.Slack: test.deliver}, func(b *bench) {
				forever = make(chan struct{})
				b.tell("UA", 1)
				b.tell("UA", 2) // waits in its lane
				synctest.Wait()
				leases := b.leases.Load()
				b.stop()
				began := time.Now()
				<-b.stopped
				if took := time.Since(began); took != test.takes {
					t.Errorf("stopped after %s, want %s", took, test.takes)
				}
				if d := b.state("answer/UA-1"); d.State != test.state || d.Failures != test.failures {
					t.Errorf("%s after %d failures, want %s after %d", d.State, d.Failures, test.state, test.failures)
				}
				if b.leases.Load() != leases {
					t.Error("it leased after it was told to stop")
				}
				if d := b.state("answer/UA-2"); test.takes > 0 && d.State != incidents.Pending {
					t.Errorf("the next in the lane is %s", d.State)
				}
				warned := len(b.log.with("level=WARN", "their leases run out")) == 1
				if warned != (test.state == incidents.Leased) {
					t.Errorf("log: %q", b.log.with(""))
				}
				close(forever)
			})
		})
	}
}

// TestStopHandsBackWhatWaits stops while deliveries are leased that nobody has begun: the next start can have them.
func TestStopHandsBackWhatWaits(t *testing.T) {
	inBubble(t, map[incidents.Target]integrations.Deliver{incidents.Trello: hangs}, func(b *bench) {
		var keys []string
		for range 8 {
			keys = append(keys, b.card())
		}
		synctest.Wait()
		b.stop()
		<-b.stopped
		tried := 0
		for _, key := range keys {
			d := b.state(key)
			if d.State != incidents.Pending {
				t.Errorf("%s is %s", key, d.State)
			}
			tried += d.Tried
		}
		if tried != 3 {
			t.Errorf("%d deliveries count as tried, 3 were", tried)
		}
	})
}

func TestOutboxIsAway(t *testing.T) {
	inBubble(t, map[incidents.Target]integrations.Deliver{incidents.Slack: works}, func(b *bench) {
		synctest.Wait()
		away := errors.New("disk on fire")
		b.leaseErr.Store(&away)
		before := b.leases.Load()
		time.Sleep(10 * time.Minute)
		if looks := b.leases.Load() - before; looks < 20 || looks > 30 {
			t.Errorf("%d looks in ten minutes, want them to become rare and not to end", looks)
		}
		if said := b.log.with("disk on fire"); len(said) != 1 {
			t.Errorf("it was said %d times", len(said))
		}
		b.leaseErr.Store(nil)
		time.Sleep(30 * time.Second)
		b.tell("UA", 1)
		synctest.Wait()
		if d := b.state("answer/UA-1"); d.State != incidents.Done {
			t.Errorf("%+v", d)
		}
		if said := b.log.with("can be read again"); len(said) != 1 {
			t.Errorf("that it is over was said %d times", len(said))
		}
	})
}

// TestOutcomeIsLost loses the record of an attempt that worked: the next one looks first.
func TestOutcomeIsLost(t *testing.T) {
	log := &seen{t: t}
	trello := func(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) incidents.Outcome {
		defer log.begin(d)()
		return works(ctx, d, s)
	}
	inBubble(t, map[incidents.Target]integrations.Deliver{incidents.Trello: trello}, func(b *bench) {
		lost := incidents.ErrNotDurable
		b.settleErr.Store(&lost)
		key := b.card()
		time.Sleep(incidents.LeaseFor + 2*time.Second)
		attempts := log.all()
		if len(attempts) != 2 || attempts[0].MustLook() || !attempts[1].MustLook() {
			t.Fatalf("attempts %+v, want a second one that looks first", attempts)
		}
		if d := b.state(key); d.State != incidents.Done {
			t.Errorf("%+v", d)
		}
		if said := b.log.with("could not be recorded", "level=ERROR", key); len(said) != 1 {
			t.Errorf("log: %q", said)
		}
	})
}
