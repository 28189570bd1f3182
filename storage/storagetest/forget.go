package storagetest

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"watchbell/incidents"
)

// forgetter is what a store can do for those who want to be forgotten, or to know.
type forgetter interface {
	incidents.Store
	ForgetGone(ctx context.Context, before time.Time, all bool) (int, error)
	Audit(ctx context.Context, after int) ([]incidents.Trace, int, error)
}

// forget tries what is forgotten in time, on the real Service.
func forget(t *testing.T, h Harness) {
	s, ok := h.Open(t).(forgetter)
	if !ok {
		t.Fatal("this store forgets nothing")
	}
	now := noon
	service := incidents.NewService(s, incidents.Options{Now: func() time.Time { return now }})
	do := func(by string, c incidents.Command) incidents.Result {
		t.Helper()
		result, err := service.Handle(t.Context(), incidents.Request{Incident: 1, By: incidents.Actor{User: by, In: "C-1"}, Command: c})
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
	do("U-ANA", incidents.Declare{Title: "Checkout is down"})
	source := incidents.Source{Channel: "C-1", TS: "1781000000.000100"}
	do("U-BEN", incidents.CaptureMessage{Source: source, Author: "U-BEN", Text: "zebra one", How: incidents.ByShortcut, At: now})
	do("U-BEN", incidents.EditMessage{Source: source, Text: "zebra two", EditedAt: now.Add(time.Second)})
	typed := do("U-BEN", incidents.Log{Text: "giraffe"})
	do("U-CLEO", incidents.RemoveEntry{Number: typed.Entry})
	do("U-CLEO", incidents.AddAction{Text: "rotate the keys"})
	do("U-CLEO", incidents.Draft{Section: incidents.SectionImpact, Text: "Nobody could pay."})
	do("", incidents.DeleteMessage{Source: source})
	all := func() string {
		history, err := service.History(t.Context(), 1, 0)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := json.Marshal(history)
		return string(text)
	}
	left := func(before time.Duration, all bool, want int) {
		t.Helper()
		if n, err := s.ForgetGone(t.Context(), now.Add(before), all); err != nil || n != want {
			t.Fatalf("%d entries are forgotten, %v; it should be %d", n, err, want)
		}
	}
	left(0, false, 0) // not yet
	left(time.Second, false, 1)
	left(time.Second, false, 0)
	if text := all(); strings.Contains(text, "zebra") || !strings.Contains(text, "giraffe") {
		t.Errorf("there is %s", text)
	}
	left(time.Second, true, 1)
	if text := all(); strings.Contains(text, "giraffe") {
		t.Errorf("there is %s", text)
	}
	_, err := service.Handle(t.Context(), incidents.Request{Incident: 1, By: incidents.Actor{User: "U-CLEO"}, Command: incidents.RestoreEntry{Number: typed.Entry}})
	if refused := incidents.AsRefusal(err); refused == nil || !strings.Contains(refused.Text, "forgotten") {
		t.Errorf("what is forgotten is brought back: %v", err)
	}

	traces, number, err := s.Audit(t.Context(), 0)
	if err != nil || number != 1 {
		t.Fatalf("incident %d, %v", number, err)
	}
	var said []string
	for _, trace := range traces {
		said = append(said, trace.By+" "+trace.Did+" "+trace.About)
	}
	text := strings.Join(said, "\n")
	for _, want := range []string{
		"U-ANA declared ", "U-BEN captured entry 2, version 1", "U-BEN logged entry 3, version 1", "U-CLEO deleted entry 3, version 2",
		"U-CLEO AddAction action item 1", "U-CLEO Draft section impact", " withdrawn entry 2, version 3",
	} {
		if strings.Count(text, want) != 1 {
			t.Errorf("%q is not once in\n%s", want, text)
		}
	}
	if _, number, err := s.Audit(t.Context(), 1); err != nil || number != 0 {
		t.Errorf("after the last one comes %d, %v", number, err)
	}
}
