package storagetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"watchbell/incidents"
)

var answerTests = map[string]func(*testing.T, Harness){
	"an answer is kept":               answerKept,
	"old answers are forgotten":       answerForgotten,
	"answers that went out, likewise": answerDeliveryForgotten,
	"known while nothing is written":  answerKnownWhileFull,
}

// fullDisk is a store on a disk that is full.
type fullDisk struct{ incidents.Store }

func (fullDisk) Update(context.Context, func(incidents.Tx) error) error {
	return incidents.ErrNotDurable
}

// What was recorded is not said to be not recorded when it comes again and nothing can be written.
func answerKnownWhileFull(t *testing.T, h Harness) {
	s := h.Open(t)
	declare(t, s, declared(1))
	options := incidents.Options{Now: func() time.Time { return noon }}
	log := func(s incidents.Store, event string) (incidents.Result, error) {
		return incidents.NewService(s, options).Handle(t.Context(), incidents.Request{
			Event: event, Incident: 1, By: incidents.Actor{User: "U-BEN"}, Command: incidents.Log{Text: "We looked"},
		})
	}
	first, err := log(s, "Ev1")
	if err != nil {
		t.Fatal(err)
	}
	again, err := log(fullDisk{s}, "Ev1")
	if err != nil {
		t.Errorf("the event that is known: %v", err)
	}
	same(t, again, first)
	if _, err := log(fullDisk{s}, "Ev2"); !errors.Is(err, incidents.ErrNotDurable) {
		t.Errorf("the event that is not: %v", err)
	}
}

func answerKept(t *testing.T, h Harness) {
	s := h.Open(t)
	answers := map[string]incidents.Answer{
		"Ev1": {Result: incidents.Result{
			Incident: 4, Title: "Checkout \"down\"", Entry: 2, At: after(1), Until: after(2), Place: 1, Of: 3, Action: 1, Card: true, Unchanged: true,
		}},
		"Ev2": {Refusal: incidents.Refuse(incidents.Future, "That is ahead.").Next("Confirm it.").In("time"), Typed: "log 23:59 x"},
		"Ev3": {},
	}
	update(t, s, func(tx incidents.Tx) error {
		for event, a := range answers {
			if known, err := tx.Remember(event, a, noon); known || err != nil {
				return err
			}
		}
		if known, err := tx.Remember("Ev1", answers["Ev2"], noon); !known || err != nil {
			t.Errorf("an answer that is there: known %v, %v", known, err)
		}
		_, known, err := tx.Answer("Ev1")
		if !known {
			t.Error("an update does not see what it remembers")
		}
		return err
	})
	view(t, s, func(r incidents.Reader) error {
		for event, want := range answers {
			got, known, err := r.Answer(event)
			if err != nil || !known {
				t.Errorf("%s: known %v, %v", event, known, err)
			}
			same(t, got, want)
		}
		for _, event := range []string{"Ev4", "ev1", "", "Ev"} {
			if _, known, err := r.Answer(event); known || err != nil {
				t.Errorf("%q: known %v, %v", event, known, err)
			}
		}
		return nil
	})
}

func answerForgotten(t *testing.T, h Harness) {
	s := h.Open(t)
	update(t, s, func(tx incidents.Tx) error {
		for i, event := range []string{"old", "on the second", "new"} { // as time goes
			if _, err := tx.Remember(event, incidents.Answer{}, after(i-1)); err != nil {
				return err
			}
		}
		return tx.Forget(after(0))
	})
	view(t, s, func(r incidents.Reader) error {
		for event, want := range map[string]bool{"old": false, "on the second": true, "new": true} {
			if _, known, err := r.Answer(event); known != want || err != nil {
				t.Errorf("%s: known %v, %v", event, known, err)
			}
		}
		return nil
	})
}

func answerDeliveryForgotten(t *testing.T, h Harness) {
	s := h.Open(t)
	update(t, s, func(tx incidents.Tx) error {
		var wishes []incidents.Wish
		for _, key := range []string{"done/1", "failed/1", "pending/1"} {
			w := wish(key)
			w.Incident, w.Kind = 0, incidents.KindAnswer
			wishes = append(wishes, w)
		}
		return tx.Enqueue(append(wishes, wish("card/1")), after(0))
	})
	for _, d := range lease(t, s, after(0), 10) {
		switch d.Lane {
		case "done", "card":
			settle(t, s, d, incidents.Done, after(1))
		case "failed":
			settle(t, s, d, incidents.Failed, after(1))
		}
	}
	forget := func(before time.Time) {
		update(t, s, func(tx incidents.Tx) error { return tx.Forget(before) })
	}
	forget(after(1))
	get(t, s, "done/1") // as long as the event may come again, it must not be answered again
	forget(after(2))
	for key, want := range map[string]bool{"done/1": false, "failed/1": true, "pending/1": true, "card/1": true} {
		err := s.Update(t.Context(), func(tx incidents.Tx) error {
			_, err := tx.Delivery(key)
			return err
		})
		if (err == nil) != want {
			t.Errorf("%s: %v", key, err)
		}
	}
}
