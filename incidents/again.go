package incidents

import (
	"context"
	"slices"
	"time"
)

// keepsTrying is for how long what failed is tried again by itself.
const keepsTrying = 7 * 24 * time.Hour

// atATime is how many of those that failed are made ready in one transaction: with a database behind a network that takes
// some calls for each, and a transaction has two seconds.
const atATime = 50

// Again has what failed tried once more, for whatever made it fail may be over: a token was renewed, a right given, a channel
// brought back. Without all, that is only what was left alone for as long as it had been failing by then, so that it is
// tried less and less.
func (s *Service) Again(ctx context.Context, all bool) error {
	now := s.now().UTC()
	err := s.again(ctx, now, all)
	s.wake(now)
	return err
}

// Back follows that a conversation is within reach again: what failed is tried again, what an incident's channel shows is
// brought up to date, and what was said there meanwhile is read back.
func (s *Service) Back(ctx context.Context, channel string) error {
	now := s.now().UTC()
	err := s.again(ctx, now, true)
	if err == nil {
		err = s.store.Update(ctx, func(tx Tx) error {
			found, err := tx.Find(Query{Channel: channel})
			if err != nil {
				return err
			}
			var wishes []Wish
			for _, in := range found {
				wishes = append(in.views(wishes, true, true), in.wish(KindReadBack, ""))
			}
			return tx.Enqueue(wishes, now)
		})
	}
	s.wake(now)
	return err
}

func (s *Service) again(ctx context.Context, now time.Time, all bool) error {
	var failed []Delivery
	err := s.store.View(ctx, func(r Reader) (err error) {
		failed, err = r.Failed(now.Add(-keepsTrying))
		return err
	})
	failed = slices.DeleteFunc(failed, func(d Delivery) bool {
		return d.momentary() || !all && now.Sub(d.DueAt) < d.DueAt.Sub(d.FailingSince)
	})
	for some := range slices.Chunk(failed, atATime) {
		if err != nil {
			break
		}
		err = s.store.Update(ctx, func(tx Tx) error { return pendingAgain(tx, some, now) })
	}
	return err
}

// pendingAgain makes failed deliveries due, but for those that somebody has decided about since they were read.
func pendingAgain(tx Tx, failed []Delivery, now time.Time) error {
	for _, d := range failed {
		d, err := tx.Delivery(d.Key)
		if err != nil {
			return err
		}
		if d.State != Failed {
			continue
		}
		d.State, d.DueAt = Pending, now
		if err := tx.Settle(d); err != nil {
			return err
		}
	}
	return nil
}

// momentary reports whether a delivery says how things were when it was wished for. Whether that is still to be said when
// it failed, only people know.
func (d Delivery) momentary() bool {
	switch d.Kind {
	case KindAnswer, KindUpdate, KindWebhook, KindMail, KindNews, KindLine, KindReply:
		return true
	}
	return false
}
