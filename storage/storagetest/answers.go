package storagetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	for name, c := range map[string]struct {
		at     []int // when the events come, one after the other
		before int
		want   []int // which are known then
	}{
		"as time goes":                  {at: []int{4, 5, 6}, before: 5, want: []int{5, 6}},
		"all are old":                   {at: []int{1, 2, 3}, before: 5},
		"none is old":                   {at: []int{6, 7, 8}, before: 5, want: []int{6, 7, 8}},
		"there is none":                 {before: 5},
		"the clock was set forward":     {at: []int{1, 90, 2, 6}, before: 5, want: []int{90, 2, 6}},
		"until it is that time":         {at: []int{1, 90, 2, 6, 91}, before: 91, want: []int{91}},
		"the clock was set back":        {at: []int{3, 4, 1, 2, 6}, before: 5, want: []int{6}},
		"back behind one that is not":   {at: []int{1, 7, 2, 8}, before: 5, want: []int{7, 2, 8}},
		"back, until all of it is gone": {at: []int{7, 2, 8, 3}, before: 9},
	} {
		t.Run(name, func(t *testing.T) {
			id := func(at int) string { return fmt.Sprint("Ev", at) }
			update(t, s, func(tx incidents.Tx) error {
				for _, at := range c.at {
					if known, err := tx.Remember(id(at), incidents.Answer{}, after(at)); known || err != nil {
						return fmt.Errorf("%d: known %v, %w", at, known, err)
					}
				}
				return tx.Forget(after(c.before))
			})
			view(t, s, func(r incidents.Reader) error {
				for _, at := range c.at {
					_, known, err := r.Answer(id(at))
					if want := slices.Contains(c.want, at); known != want || err != nil {
						t.Errorf("that of %d: known %v, %v", at, known, err)
					}
				}
				return nil
			})
			update(t, s, func(tx incidents.Tx) error { return tx.Forget(after(100)) })
		})
	}
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
		switch lane(d) {
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
