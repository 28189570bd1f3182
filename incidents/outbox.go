package incidents

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// LeaseFor is how long a worker has a delivery for itself. A worker bounds its own work well below that.
const LeaseFor = 30 * time.Second

// keepAnswers is how long the answer to an event is kept: Slack repeats events for up to 24 hours.
const keepAnswers = 48 * time.Hour

// Recover makes ready what the last run left: it is called once, before the Relay starts. What failed is due at once,
// for whatever made it fail may be over. What was under way when the last run died may still be happening at the
// service, so it is looked for after the settle time.
func (s *Service) Recover(ctx context.Context) error {
	now := s.now().UTC()
	err := s.store.Update(ctx, func(tx Tx) error {
		at, err := tx.LastEvent()
		if err != nil {
			return err
		}
		if back := at.Sub(now); back > setBack {
			if err := tx.Rewind(back, now.Add(LeaseFor)); err != nil {
				return err
			}
		}
		if s.onlyOne {
			if err := tx.Reclaim(now.Add(s.settle)); err != nil {
				return err
			}
		}
		return tx.MakeAllDue(now)
	})
	if err != nil {
		return err
	}
	return s.again(ctx, now, true)
}

// Tidy forgets the answers to events that cannot come again.
func (s *Service) Tidy(ctx context.Context) error {
	return s.store.Update(ctx, func(tx Tx) error {
		return tx.Forget(s.now().UTC().Add(-keepAnswers))
	})
}

// setBack is by how much the clock must be behind an earlier look at the outbox, or behind the last event, to have been set:
// what was to be done in a moment would otherwise wait for as long as it was set back.
const setBack = 10 * time.Second

// Lease gives out at most limit deliveries that are due, and says when the next one will be (zero for never).
func (s *Service) Lease(ctx context.Context, limit int) (leased []Delivery, next time.Time, err error) {
	now := s.now().UTC()
	before := s.leasedAt.Swap(now.UnixMicro())
	back := time.UnixMicro(before).Sub(now)
	err = s.store.Update(ctx, func(tx Tx) error {
		if back > setBack {
			if err := tx.Rewind(back, now.Add(LeaseFor)); err != nil {
				return err
			}
		}
		if leased, err = tx.Lease(now, now.Add(LeaseFor), limit); err != nil {
			return err
		}
		next, err = tx.NextDue()
		return err
	})
	if err != nil && back > setBack {
		s.leasedAt.CompareAndSwap(now.UnixMicro(), before)
	}
	if !s.onlyOne {
		for i := range leased {
			leased[i].LeasedUntil = now.Add(LeaseFor)
		}
	}
	return leased, next, err
}

// Settle records what became of a delivery and queues what follows from it. A report on an attempt that was given to
// another worker meanwhile changes nothing and returns ErrStale.
func (s *Service) Settle(ctx context.Context, d Delivery, o Outcome) error {
	// Looked up here: the declaration does not wait for it, nor does the transaction. Dying in between, it is settled anew.
	alike := d.Kind == KindChannel && o.Verdict == Delivered && s.anyAlike(ctx, d.Incident)
	for attempt := 0; ; attempt++ {
		due, err := s.settleOnce(ctx, d, o, alike)
		if errors.Is(err, ErrConflict) && attempt < conflicts {
			continue
		}
		if err != nil {
			return fmt.Errorf("settle %s: %w", d.Key, err)
		}
		if !due.IsZero() {
			s.wake(due)
		}
		return nil
	}
}

func (s *Service) settleOnce(ctx context.Context, d Delivery, o Outcome, alike bool) (due time.Time, err error) {
	now := s.now().UTC()
	err = s.store.Update(ctx, func(tx Tx) error {
		due = time.Time{}
		if err := tx.Settle(d.after(o, now, s.settle)); err != nil {
			return err
		}
		if d.Incident == 0 {
			return nil
		}
		incident, err := s.incident(tx, d.Incident)
		if err != nil {
			return err
		}
		var entry *Entry
		if d.Kind == KindFetch {
			if entry, _, err = tx.EntryOf(d.Incident, d.SubjectSource()); err != nil {
				return err
			}
		}
		change := settled(incident, entry, d, o, now)
		if alike { // behind the invitations, so that who declared it is in the channel
			w := incident.wish(KindBefore, "")
			w.Once = true
			change.Wishes = append(change.Wishes, w)
		}
		if change.empty(incident) {
			return nil
		}
		due = s.lineUp(change.Wishes, now)
		return tx.Apply(change, now)
	})
	return due, err
}

// Delivery returns a delivery by its key, or ErrNotFound.
func (s *Service) Delivery(ctx context.Context, key string) (d Delivery, err error) {
	err = s.store.Update(ctx, func(tx Tx) error {
		d, err = tx.Delivery(key)
		return err
	})
	return d, err
}

// Retry makes a failed delivery due again. It refuses when there is nothing to retry.
func (s *Service) Retry(ctx context.Context, by Actor, key string) (Delivery, error) {
	d, err := s.change(ctx, Trace{By: by.User, Did: "Retry", About: key}, func(d *Delivery, now time.Time) {
		d.State, d.Failures, d.FailingSince, d.DueAt = Pending, 0, time.Time{}, now
	})
	s.wake(s.now())
	return d, err
}

// Skip gives a failed delivery up for good. It refuses when there is nothing to skip.
func (s *Service) Skip(ctx context.Context, by Actor, key string) (Delivery, error) {
	d, err := s.change(ctx, Trace{By: by.User, Did: "Skip", About: key}, func(d *Delivery, _ time.Time) { d.State = Skipped })
	s.wake(s.now())
	return d, err
}

// change alters a delivery that a person decides about, and has the summary show it.
func (s *Service) change(ctx context.Context, t Trace, alter func(*Delivery, time.Time)) (d Delivery, err error) {
	now := s.now().UTC()
	err = s.store.Update(ctx, func(tx Tx) error {
		d, err = tx.Delivery(t.About)
		if errors.Is(err, ErrNotFound) {
			return Refuse(NotFound, "There is nothing waiting under that name any more.")
		}
		if err != nil {
			return err
		}
		if d.State == Leased || d.State == Done || d.State == Skipped {
			return Refuse(TooLate, "That is already settled: it is %s.", d.State)
		}
		alter(&d, now)
		if err := tx.Settle(d); err != nil {
			return err
		}
		t.At, t.Incident = now, d.Incident
		if err := tx.Leave(t); err != nil || d.Incident == 0 {
			return err
		}
		incident, err := tx.Incident(d.Incident)
		if err != nil {
			return err
		}
		return tx.Enqueue(incident.views(nil, false, false), now)
	})
	return d, err
}

// ShowAgain has everything that shows incidents brought in line with what is recorded now, for those that are not over and
// done with. It is for a database that was put back: the services show what came after it.
func (s *Service) ShowAgain(ctx context.Context) error {
	now := s.now().UTC()
	return s.store.Update(ctx, func(tx Tx) error {
		last, err := tx.LastNumber()
		if err != nil {
			return err
		}
		found, err := tx.Find(Query{Limit: max(last, 1)})
		if err != nil {
			return err
		}
		for _, in := range found {
			if in.Status == Closed || in.Status == CalledOff {
				continue
			}
			if err := tx.Enqueue(in.views(nil, true, true), now); err != nil {
				return err
			}
		}
		return nil
	})
}

// storedNotice is a Notice as it is kept in a delivery's payload. Fields may be added, never renamed: a row written by
// an older version is still to be delivered.
type storedNotice struct {
	Channel string          `json:"channel"`
	Thread  string          `json:"thread,omitempty"`
	User    string          `json:"user,omitempty"`
	Body    json.RawMessage `json:"body"`
}

func marshalNotice(n Notice) ([]byte, error) {
	payload, err := json.Marshal(storedNotice{Channel: n.Channel, Thread: n.Thread, User: n.User, Body: n.Body})
	if err != nil {
		return nil, fmt.Errorf("notice %s: %w", n.Key, err)
	}
	return payload, nil
}

// Notice returns the answer that a KindAnswer delivery carries.
func (d Delivery) Notice() (Notice, error) {
	var s storedNotice
	if err := json.Unmarshal(d.Payload, &s); err != nil {
		return Notice{}, fmt.Errorf("delivery %s: %w", d.Key, err)
	}
	return Notice{Key: d.Key, Channel: s.Channel, Thread: s.Thread, User: s.User, Body: s.Body}, nil
}
