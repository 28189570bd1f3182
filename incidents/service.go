package incidents

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Service is the one way in for people's wishes and the one way back for what became of deliveries. It is safe for
// concurrent use.
type Service struct {
	store   Store
	now     func() time.Time
	wake    func(due time.Time)
	turn    func(Kind) time.Duration
	settle  time.Duration
	onlyOne bool
	// leasedAt is when the outbox was looked at last, in microseconds since 1970.
	leasedAt atomic.Int64
	without  map[Target]bool
	// onDemand is Options.PostOnDemand.
	onDemand bool
	// channels remembers whose channel is which: a channel never becomes another incident's.
	channels sync.Map // of string to int
	tell     []string
	outlets  []Outlet
	onCall   string
	// current is the protocol of incidents that are declared now, others are those that older ones were declared under.
	current atomic.Pointer[Protocol]
	read    func(text string) (*Protocol, error)
	zone    string
	others  sync.Map // of version to *Protocol
	// sentences are as in Before.
	sentences map[Sentence]string
	rights    Rights
	who       func(ctx context.Context, user string, groups []string) Person
	handlings sync.Pool // of *handling
}

// Options configures a Service.
type Options struct {
	// Now is the clock.
	Now func() time.Time
	// Wake is called after a commit that queued deliveries, with the instant when the first of them is due, so that the
	// Relay need not poll; it must not block.
	Wake func(due time.Time)
	// Turn says how long a new delivery of a kind has to wait because its service lets that be done only so often, and
	// keeps the turn for it; nil when nothing has to wait. It makes that a pace which is used up costs nothing for each
	// delivery that waits for it. A turn that is kept in vain costs the next one a moment.
	Turn func(Kind) time.Duration
	// SettleTime is how long to wait after an uncertain attempt before looking what came of it; 10 s when zero.
	SettleTime time.Duration
	// OnlyProcess says that no other process works on this store, so that what it finds leased at the start belongs to
	// nobody.
	OnlyProcess bool
	// Without names the services that are not set up: no cards without Trello, no pull requests without GitHub.
	Without map[Target]bool
	// PostOnDemand says that the post-mortem's pull request is opened only when somebody asks for it.
	PostOnDemand bool
	// Tell names the Slack channels, by id or name, in which stakeholders are told.
	Tell []string
	// OnCall is the Slack user group whose members are invited when an incident is declared; empty for none.
	OnCall string
	// Outlets are where else they are told.
	Outlets []Outlet
	// Protocol is what incidents are declared under; nil for none. ReadProtocol reads the text of an older one.
	Protocol     *Protocol
	ReadProtocol func(text string) (*Protocol, error)
	// Zone is the IANA name of the zone of working hours that name none; UTC when empty.
	Zone string
	// Sentences are what the bot says in timelines in other words than usual; see Before.
	Sentences map[Sentence]string
	// Rights say who may do what.
	Rights Rights
	// Who says what somebody (a Slack user id) is, and in which of the user groups. It must come back soon, whether Slack
	// answers or not. Nil: everybody is a member, and in no group.
	Who func(ctx context.Context, user string, groups []string) Person
}

// NewService returns a Service on a store.
func NewService(store Store, o Options) *Service {
	if o.Wake == nil {
		o.Wake = func(time.Time) {}
	}
	if o.Turn == nil {
		o.Turn = func(Kind) time.Duration { return 0 }
	}
	if o.SettleTime == 0 {
		o.SettleTime = 10 * time.Second
	}
	s := &Service{
		store: store, now: o.Now, wake: o.Wake, turn: o.Turn, settle: o.SettleTime, onlyOne: o.OnlyProcess, without: o.Without, onDemand: o.PostOnDemand,
		tell: o.Tell, outlets: o.Outlets, onCall: o.OnCall, read: o.ReadProtocol, zone: o.Zone,
		sentences: o.Sentences, rights: o.Rights, who: o.Who,
	}
	s.current.Store(s.placed(o.Protocol))
	return s
}

// OnlyProcess reports whether no other process works on the store.
func (s *Service) OnlyProcess() bool { return s.onlyOne }

// Request is a command on its way in.
type Request struct {
	// Event identifies what brought the command: the same event, coming again, is answered as before and does nothing.
	// Empty means that the command itself may be repeated without harm.
	Event    string
	By       Actor
	Incident int // 0 for Declare and Backfill
	Command  Command
	// Typed is what the person typed, kept with a refusal so that it can be offered back. KeepRefusal says that a
	// refusal is final for this event; a form, which can be corrected and sent again, leaves it false.
	Typed       string
	KeepRefusal bool
	// Say words what came of the command for the person, to be queued in the command's own transaction; nil when they are
	// told otherwise. It is called inside that transaction, perhaps more than once, so it only words; not for a refusal.
	Say func(Result) (Notice, error)
}

// conflicts is how often a change is decided again when somebody else was faster.
const conflicts = 8

// Handle carries out a command. When it returns nil, everything that the command did is on disk. It returns a *Refusal
// when the wish cannot be granted, and ErrNotDurable, wrapped, when it could not be recorded.
func (s *Service) Handle(ctx context.Context, r Request) (Result, error) {
	r.By = s.person(ctx, r.By, rightFor(r.Command), r.Incident)
	if read, ok := r.Command.(ReadBack); ok {
		r.Command = s.readable(ctx, read)
	}
	for attempt := 0; ; attempt++ {
		answer, due, err := s.handleOnce(ctx, r)
		if errors.Is(err, ErrConflict) && attempt < conflicts {
			continue
		}
		if errors.Is(err, ErrNotDurable) && r.Event != "" {
			// It may have been recorded when it came before, and must not be said to be not.
			if before, known, _ := s.Answered(ctx, r.Event); known {
				answer, err = before, nil
			}
		}
		if err != nil {
			return Result{}, fmt.Errorf("handle %T: %w", r.Command, err)
		}
		if !due.IsZero() {
			s.wake(due)
		}
		if answer.Refusal != nil {
			return answer.Result, answer.Refusal
		}
		return answer.Result, nil
	}
}

// Answered returns what was answered to an event before, if it is known.
func (s *Service) Answered(ctx context.Context, event string) (a Answer, known bool, err error) {
	err = s.store.View(ctx, func(r Reader) error {
		a, known, err = r.Answer(event)
		return err
	})
	return a, known, err
}

// Remember keeps an answer that was found without a command, so that it can be taken up later: which incident was
// meant, for example. An answer that is already there stays.
func (s *Service) Remember(ctx context.Context, event string, a Answer) error {
	return s.store.Update(ctx, func(tx Tx) error {
		_, err := tx.Remember(event, a, s.now().UTC())
		return err
	})
}

// Tell queues an answer to a person. The same notice, told again, is told once.
func (s *Service) Tell(ctx context.Context, n Notice) error {
	now := s.now().UTC()
	var due time.Time
	err := s.store.Update(ctx, func(tx Tx) (err error) {
		due, err = s.queueNotice(tx, n, now)
		return err
	})
	if err == nil {
		s.wake(due)
	}
	return err
}

// queueNotice queues a notice, and returns when it is due.
func (s *Service) queueNotice(tx Tx, n Notice, now time.Time) (due time.Time, err error) {
	payload, err := marshalNotice(n)
	if err != nil {
		return due, err
	}
	wish := []Wish{{Once: true, Delivery: Delivery{
		Key: "answer/" + n.Key, Target: Slack, Lane: "answer/" + n.Channel + "/" + n.User, Kind: KindAnswer, Payload: payload,
	}}}
	due = s.lineUp(wish, now)
	return due, tx.Enqueue(wish, now)
}

// Backlog counts what waits for each target now; see Reader.Backlog.
func (s *Service) Backlog(ctx context.Context) (all []Backlog, err error) {
	err = s.store.View(ctx, func(r Reader) error {
		all, err = r.Backlog(s.now().UTC())
		return err
	})
	return all, err
}

// Snapshot returns an incident with its timeline and what is still to be delivered, or ErrNotFound.
func (s *Service) Snapshot(ctx context.Context, number int) (snap Snapshot, err error) {
	snap.Taken = s.now().UTC()
	err = s.store.View(ctx, func(r Reader) error {
		if snap.Incident, err = s.incident(r, number); err != nil {
			return err
		}
		if snap.Entries, err = r.Entries(number); err != nil {
			return err
		}
		snap.Deliveries, err = r.Deliveries(number)
		return err
	})
	return snap, err
}

// History returns the versions of an entry, or with entry 0 those of all; see Reader.History.
func (s *Service) History(ctx context.Context, number, entry int) (all []Entry, err error) {
	err = s.store.View(ctx, func(r Reader) error {
		all, err = r.History(number, entry)
		return err
	})
	return all, err
}

// Incident returns the head of an incident, or ErrNotFound.
func (s *Service) Incident(ctx context.Context, number int) (in Incident, err error) {
	err = s.store.View(ctx, func(r Reader) error {
		in, err = s.incident(r, number)
		return err
	})
	return in, err
}

// Find returns the incidents that fit, newest first; see Reader.Find.
func (s *Service) Find(ctx context.Context, q Query) (found []Incident, err error) {
	err = s.store.View(ctx, func(r Reader) error {
		if found, err = r.Find(q); err != nil {
			return err
		}
		for i := range found {
			if err := s.complete(r, &found[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return found, err
}

// InChannel returns the number of the incident whose Slack channel it is, 0 for none.
func (s *Service) InChannel(ctx context.Context, channel string) (int, error) {
	if known, ok := s.channels.Load(channel); ok {
		return known.(int), nil
	}
	found, err := s.Find(ctx, Query{Channel: channel, Limit: 1})
	if err != nil || len(found) == 0 {
		return 0, err
	}
	s.channels.Store(channel, found[0].Number)
	return found[0].Number, nil
}
