package incidents

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
)

// Captured is a message that was captured at some time, in the timeline or not.
type Captured struct {
	Source  Source
	Entry   *Entry    // nil while there is none
	Reasons []Capture // every reason, present or not
}

// Deleted reports whether the message is known to be deleted in Slack.
func (c Captured) Deleted() bool { return deleted(c.Reasons) }

// Reason returns one person's reason of one kind; zero when there is none.
func (c Captured) Reason(by, how string) Capture {
	for _, r := range c.Reasons {
		if r.By == by && r.How == how {
			return r
		}
	}
	return Capture{}
}

// Emoji returns the emoji of a reason that is a reaction, without colons.
func (c Capture) Emoji() (name string, ok bool) { return strings.CutPrefix(c.How, byReaction) }

// ReadBack says what Slack shows of a message that was read from the channel's history, where it differs from what was
// known when the reading began. An event that came in meanwhile is later than what was read, so it wins: what it has
// changed is left alone. That needs no clock.
type ReadBack struct {
	Source       Source
	Author, Text string // Text is mrkdwn; empty when only the reasons differ
	Files        []File
	EditedAt     time.Time
	// Was is the entry's EditedAt when the reading began.
	Was     time.Time
	Reasons []ReasonSeen
}

// ReasonSeen is a reason as Slack shows it.
type ReasonSeen struct {
	By, How string
	Present bool
	// At is when it was looked at; Was is the time of the reason known when the reading began, zero for none.
	At, Was time.Time
}

func (c ReadBack) about() Source { return c.Source }

func (d *decision) readBack(c ReadBack) error {
	known := Captured{Source: c.Source, Entry: d.before.Entry, Reasons: d.before.Captures}
	if known.Deleted() {
		d.Result.Unchanged = true
		return nil
	}
	reasons := d.readReasons(c, known)
	switch shown := anyPresent(reasons); {
	case known.Entry != nil:
		return d.readEntry(c, *known.Entry, shown)
	case shown && len(d.Captures) > 0:
		at, err := c.Source.Time()
		if err != nil {
			return err
		}
		d.enter(Entry{
			At: at, Text: c.Text, Format: Mrkdwn, Author: c.Author, Source: c.Source, EditedAt: utc(c.EditedAt),
			Files: c.Files,
		}, DeedCaptured)
		d.askAlt(nil, d.Entries[len(d.Entries)-1])
		d.want(KindTick, subject(c.Source))
		d.showCaptured()
	default:
		d.Result.Unchanged = true
	}
	return nil
}

// readReasons takes over the reasons that changed, and returns all that there are now.
func (d *decision) readReasons(c ReadBack, known Captured) []Capture {
	all := slices.Clone(known.Reasons)
	removed := known.Reason("", byRemoval).At
	for _, seen := range c.Reasons {
		was := known.Reason(seen.By, seen.How)
		switch {
		case !was.At.Equal(seen.Was) || was.Present == seen.Present:
			continue // an event came meanwhile, or nothing is new
		case seen.Present && !was.At.IsZero() && !was.At.After(removed):
			continue // still on the message, but a person has deleted the entry
		case seen.Present && d.before.Status == Closed:
			continue
		}
		now := Capture{Source: c.Source, By: seen.By, How: seen.How, At: after(seen.At, was.At), Present: seen.Present}
		d.Captures = append(d.Captures, now)
		all = slices.DeleteFunc(all, func(r Capture) bool { return r.By == now.By && r.How == now.How })
		all = append(all, now)
	}
	return all
}

// readEntry brings an entry in line with what was read of its message.
func (d *decision) readEntry(c ReadBack, e Entry, shown bool) error {
	news := c.Text != "" && e.EditedAt.Equal(c.Was) && e.Text != Forgotten
	if moved := len(d.Captures) > 0 && shown == e.Gone; !moved {
		d.Result.Unchanged = true
		if !news {
			return nil
		}
		return d.editMessage(EditMessage{Source: c.Source, Author: c.Author, Text: c.Text, Files: c.Files, EditedAt: after(c.EditedAt, e.EditedAt)})
	}
	if news && !e.Rewritten && e.Text != c.Text {
		e.Text, e.EditedAt, e.Author, e.Waiting = c.Text, after(c.EditedAt, e.EditedAt), c.Author, false
		e.takeFiles(c.Files)
	}
	deed := DeedCaptured
	if e.Gone = !shown; e.Gone {
		deed = DeedWithdrawn
	}
	d.write(e, deed)
	d.askAlt(d.filesBefore(), e)
	d.Result.Entry, d.Result.At = e.Number, e.At
	d.want(KindTick, subject(c.Source))
	d.showCaptured()
	return nil
}

// after is t, or just after before when t is not.
func after(t, before time.Time) time.Time {
	if t.After(before) {
		return t.UTC()
	}
	return before.Add(time.Microsecond).UTC()
}

// Captured returns every message of an incident that was ever captured, by channel and time.
func (s *Service) Captured(ctx context.Context, number int) (all []Captured, err error) {
	err = s.store.View(ctx, func(r Reader) error {
		all, err = r.Captured(number)
		return err
	})
	return all, err
}

// followFor is how long after its end an incident's channel is still read back: until the post is written.
const followFor = 14 * 24 * time.Hour

// Flooded is how long after Slack said that it drops events the channels are read back: it says so once a minute, while
// it goes on dropping.
const Flooded = 65 * time.Second

// ReadBack queues the reading back of the channels of all incidents that are open or were resolved lately, the oldest
// first, for after some time. It is called when events may have been lost: after a start, a broken connection, or when
// Slack says so.
func (s *Service) ReadBack(ctx context.Context, after time.Duration) error {
	now := s.now().UTC()
	err := s.store.Update(ctx, func(tx Tx) error {
		open, err := tx.Find(Query{Open: true, Limit: 1000})
		if err != nil {
			return err
		}
		recent, err := tx.Find(Query{})
		if err != nil {
			return err
		}
		for _, in := range recent {
			if !in.Status.Open() && in.ResolvedAt.After(now.Add(-followFor)) {
				open = append(open, in)
			}
		}
		slices.SortFunc(open, func(a, b Incident) int { return cmp.Compare(a.Number, b.Number) })
		var wishes []Wish
		for _, in := range open {
			if in.Channel.ID != "" {
				w := in.wish(KindReadBack, "")
				w.Delay, w.Debounce = after, max(after, w.Debounce)
				wishes = append(wishes, w)
			}
		}
		return tx.Enqueue(wishes, now)
	})
	if err == nil {
		s.wake(now)
	}
	return err
}
