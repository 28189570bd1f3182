package incidents

import (
	"context"
	"errors"
	"time"
)

// handleOnce also returns when the first of the deliveries that it queued is due; zero when it queued none.
func (s *Service) handleOnce(ctx context.Context, r Request) (answer Answer, due time.Time, err error) {
	h, _ := s.handlings.Get().(*handling)
	if h == nil {
		h = &handling{Service: s}
		h.update = h.decide
	}
	h.Request, h.now = r, s.now().UTC()
	err = s.store.Update(ctx, h.update)
	answer, due = h.answer, h.due
	*h = handling{Service: s, update: h.update}
	s.handlings.Put(h)
	return answer, due, err
}

// handling is a request in its transaction, and what comes of it. It is used again for other requests: there is one for each.
type handling struct {
	*Service
	Request
	now    time.Time
	answer Answer
	due    time.Time
	update func(Tx) error // decide
}

// decide carries the request out. It may run more than once.
func (h *handling) decide(tx Tx) error {
	h.answer, h.due = Answer{}, time.Time{}
	if h.Event != "" && !h.starts() {
		before, known, err := tx.Answer(h.Event)
		if err != nil || known {
			h.answer = before
			return err
		}
	}
	before, err := h.load(tx, h.Request)
	if err != nil {
		return err
	}
	before.PostOnDemand = h.onDemand
	before.Without, before.Sentences, before.Tell, before.Rights = h.without, h.sentences, h.tell, h.rights
	before.Outlets, before.OnCall = h.outlets, h.onCall
	change, err := Decide(before, h.By, h.Command, h.now)
	if refusal := AsRefusal(err); refusal != nil {
		h.answer = Answer{Refusal: refusal, Typed: h.Typed, Result: Result{Incident: before.Number}}
		_, err := h.remember(tx)
		return err
	}
	if err != nil {
		return err
	}
	if h.starts() {
		h.answer = Answer{Result: change.Result}
		if known, err := h.remember(tx); err != nil || known {
			return err
		}
	}
	if err := h.apply(tx, before, change); err != nil {
		return err
	}
	switch h.Command.(type) {
	case Log, EditEntry, MoveEntry, RestoreEntry, Undo:
		change.Result.Place, change.Result.Of, err = tx.Rank(before.Number, change.Result.Entry)
		if err != nil {
			return err
		}
	}
	if !h.starts() {
		h.answer = Answer{Result: change.Result}
		if _, err := h.remember(tx); err != nil {
			return err
		}
	}
	return h.tellPerson(tx, change.Result)
}

// apply writes what was decided.
func (h *handling) apply(tx Tx, before Before, change Change) error {
	if err := h.keepProtocol(tx, change); err != nil {
		return err
	}
	if !change.Result.Unchanged || !change.empty(before.Incident) {
		h.due = h.lineUp(change.Wishes, h.now)
		if err := tx.Apply(change, h.now); err != nil {
			return err
		}
	}
	c, relates := h.Command.(Relate)
	if !relates || change.Result.Unchanged {
		return nil
	}
	back, err := h.relateBack(tx, h.Request, c, change.Incident, h.now)
	h.dueBy(back)
	return err
}

// tellPerson queues what came of it for the person, where the request asks for that.
func (h *handling) tellPerson(tx Tx, result Result) error {
	if h.Say == nil {
		return nil
	}
	notice, err := h.Say(result)
	if err != nil {
		return err
	}
	told, err := h.queueNotice(tx, notice, h.now)
	h.dueBy(told)
	h.answer.Result.Told = true
	return err
}

// dueBy notes when a delivery is due; zero for none.
func (h *handling) dueBy(at time.Time) {
	if !at.IsZero() && (h.due.IsZero() || at.Before(h.due)) {
		h.due = at
	}
}

// lineUp has wishes wait for their turns, and returns when the first of them is due; zero when there is none.
func (s *Service) lineUp(wishes []Wish, now time.Time) (due time.Time) {
	for i := range wishes {
		w := &wishes[i]
		turn := s.turn(w.Kind)
		w.Delay, w.Debounce = max(w.Delay, turn), max(w.Debounce, turn)
		first := now.Add(min(w.Delay, w.Debounce))
		if !w.At.IsZero() {
			first = w.At
		}
		if due.IsZero() || first.Before(due) {
			due = first
		}
	}
	return due
}

// load reads what a command is decided on.
func (s *Service) load(tx Tx, r Request) (Before, error) {
	switch r.Command.(type) {
	case Declare, Backfill, StartDrill:
		last, err := tx.LastNumber()
		in := Incident{Number: last + 1}
		if p := s.current.Load(); p != nil {
			in.Protocol, in.ProtocolVersion = p, p.Version
		}
		return Before{Incident: in}, err
	}
	incident, err := s.incident(tx, r.Incident)
	if errors.Is(err, ErrNotFound) {
		if refused := s.rights.Refuse(r.By, rightFor(r.Command), Incident{Number: r.Incident}); refused != nil {
			return Before{}, refused
		}
		return Before{}, noSuchIncident(r.Incident)
	}
	if err != nil {
		return Before{}, err
	}
	before := Before{Incident: incident}
	switch c := r.Command.(type) {
	case Relate:
		if before.Other, err = s.incident(tx, c.To); errors.Is(err, ErrNotFound) {
			return before, noSuchIncident(c.To)
		}
	case SetStatus:
		if c.Sentence != "" && c.Status == incident.Status {
			before.Timeline, err = tx.Entries(r.Incident)
		}
	case FollowPost:
		err = before.readPosted(tx, c)
	case AnswerSuggestion:
		err = before.readAbout(tx, incident.key(KindSuggestion, c.ID))
	case AnswerRemark:
		err = before.readAbout(tx, incident.key(KindRemark, c.Remark))
	case Undo:
		before.History, err = tx.History(r.Incident, 0)
	case byNumber:
		err = before.read(tx, c)
	default:
		if s := c.about(); s != (Source{}) {
			before.Entry, before.Captures, err = tx.EntryOf(r.Incident, s)
		}
	}
	return before, err
}

// read reads what a command about an entry is decided on.
func (b *Before) read(tx Tx, c byNumber) (err error) {
	if b.History, err = tx.History(b.Number, c.entry()); err != nil || len(b.History) == 0 {
		return err
	}
	b.Entry = &b.History[len(b.History)-1]
	if b.Entry.Captured() {
		if _, b.Captures, err = tx.EntryOf(b.Number, b.Entry.Source); err != nil {
			return err
		}
	}
	if _, moves := c.(MoveEntry); moves {
		b.Timeline, err = tx.Entries(b.Number)
	}
	return err
}

// starts reports whether the command makes an incident. Then it is decided on nothing that is in the database, so that its
// answer can be kept first: that finds out whether the event was answered before, without a question of its own.
func (r Request) starts() bool {
	switch r.Command.(type) {
	case Declare, Backfill, StartDrill:
		return true
	}
	return false
}

// remember keeps the answer to the event. Where one is kept already it takes that instead, and says so.
func (h *handling) remember(tx Tx) (known bool, err error) {
	if h.Event == "" {
		return false, nil
	}
	if h.answer.Refusal == nil || h.KeepRefusal {
		if known, err = tx.Remember(h.Event, h.answer, h.now); err != nil || !known {
			return known, err
		}
	} else if !h.starts() {
		return false, nil // it was asked for
	}
	before, known, err := tx.Answer(h.Event)
	if known {
		h.answer = before
	}
	return known, err
}
