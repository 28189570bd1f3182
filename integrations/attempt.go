package integrations

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"watchbell/incidents"
)

// carryOut makes one attempt at a delivery, settles it, and tells its story in one line of the log.
func (s *shift) carryOut(d incidents.Delivery) {
	began := s.o.Now()
	o := s.attempt(d)
	took := s.o.Now().Sub(began)
	s.metrics.record(d, o.Verdict, took)
	s.tell(d, o, took, s.settle(d, o))
}

// attempt reads the incident as it is now and lets the adapter do its work.
func (s *shift) attempt(d incidents.Delivery) (o incidents.Outcome) {
	defer func() {
		if problem := recover(); problem != nil {
			o = s.panicked(d, problem)
		}
	}()
	deliver := s.o.Deliverers[d.Target]
	if deliver == nil {
		return s.missing(d.Target)
	}
	ctx, cancel := context.WithTimeout(s.work, s.o.Timeout)
	defer cancel()
	if !d.LeasedUntil.IsZero() {
		ctx = incidents.UnderLease(ctx, d.LeasedUntil.Add(s.o.Timeout-incidents.LeaseFor), s.o.Now)
	}
	var now incidents.Snapshot
	if d.Incident != 0 {
		var err error
		if now, err = s.outbox.Snapshot(ctx, d.Incident); err != nil {
			return incidents.Failing(incidents.Refused, "The incident could not be read from the database.",
				fmt.Errorf("snapshot of incident %d: %w", d.Incident, err))
		}
	}
	if err := incidents.StillLeased(ctx); err != nil {
		return incidents.Outcome{Verdict: incidents.Deferred, Err: err}
	}
	if o = deliver(ctx, d, now); !known(o.Verdict) {
		return incidents.Failing(incidents.Uncertain, fmt.Sprintf("Nobody knows what came of %s.", d.Describe()),
			fmt.Errorf("the adapter for %s returned the verdict %q", d.Target, o.Verdict))
	}
	return o
}

func known(v incidents.Verdict) bool {
	switch v {
	case incidents.Delivered, incidents.Deferred, incidents.Refused, incidents.Uncertain, incidents.Impossible:
		return true
	}
	return false
}

func (s *shift) missing(t incidents.Target) incidents.Outcome {
	say := s.o.Missing[t]
	if say == "" {
		say = fmt.Sprintf("Watchbell is not connected to %s.", t)
	}
	return incidents.Failing(incidents.Impossible, say, fmt.Errorf("no adapter for %s", t))
}

// panics is how many attempts in a row may panic. The first may have been bad luck; after that only a person can help.
const panics = 3

func (s *shift) panicked(d incidents.Delivery, problem any) incidents.Outcome {
	s.o.Log.LogAttrs(s.work, slog.LevelError, "a delivery panicked", append(about(d),
		slog.Any("panic", problem), slog.String("stack", string(debug.Stack())))...)
	verdict := incidents.Uncertain // it may have happened after the service was asked
	if d.Failures+1 >= panics {
		verdict = incidents.Impossible
	}
	return incidents.Failing(verdict, fmt.Sprintf("A fault in Watchbell itself kept it from %s; the log says where.", d.Describe()),
		fmt.Errorf("panic: %v", problem))
}

// settle reports an outcome. A stop does not cut it short.
func (s *shift) settle(d incidents.Delivery, o incidents.Outcome) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.work), bookkeeping)
	defer cancel()
	return s.outbox.Settle(ctx, d, o)
}

// tell logs how an attempt went. When the outcome could not be settled, the lease runs out and the next attempt looks
// what this one did.
func (s *shift) tell(d incidents.Delivery, o incidents.Outcome, took time.Duration, settled error) {
	level := slog.LevelInfo
	switch o.Verdict {
	case incidents.Refused, incidents.Uncertain:
		level = slog.LevelWarn
	case incidents.Impossible:
		level = slog.LevelError
	}
	story := append(about(d), slog.String("verdict", string(o.Verdict)), slog.Duration("took", took))
	if o.Err != nil {
		story = append(story, slog.Any("error", o.Err))
	}
	if o.After > 0 {
		story = append(story, slog.Duration("after", o.After))
	}
	message := "delivery attempted"
	switch {
	case errors.Is(settled, incidents.ErrStale):
		message, level = "delivery attempted, but another worker has it now", slog.LevelInfo
	case settled != nil:
		message, level = "delivery attempted, but its outcome could not be recorded", slog.LevelError
		story = append(story, slog.Any("settle_error", settled))
	}
	s.o.Log.LogAttrs(s.work, level, message, story...)
}

// about names a delivery in the log.
func about(d incidents.Delivery) []slog.Attr {
	return []slog.Attr{
		slog.Int("incident", d.Incident), slog.String("delivery", d.Key), slog.String("target", string(d.Target)),
		slog.String("kind", string(d.Kind)), slog.Int("attempt", d.Attempt),
	}
}
