package storagetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"watchbell/incidents"
)

var serviceTests = map[string]func(*testing.T, Harness){
	"64 people declare at once":          serviceDeclares,
	"an event that comes 20 times":       serviceOnce,
	"an incident from start to finish":   serviceStory,
	"everybody writes into one timeline": serviceTimeline,
	"an answer comes with its command":   serviceSays,
	"what failed is tried again":         serviceAgain,
	"many that failed are tried again":   serviceManyAgain,
	"the clock is set back":              serviceSetBack,
	"it is set back while nothing runs":  serviceStoppedSetBack,
}

// serviceOn is a service whose clock goes on a second each time that it is read, so that nothing waits for ever.
func serviceOn(s incidents.Store) *incidents.Service {
	var reads atomic.Int64
	return incidents.NewService(s, incidents.Options{Now: func() time.Time {
		return noon.Add(time.Duration(reads.Add(1)) * time.Second)
	}})
}

func serviceDeclares(t *testing.T, h Harness) {
	s := h.Open(t)
	service := serviceOn(s)
	const people, each = 64, 3
	numbers := make(chan int, people*each)
	var callers sync.WaitGroup
	for person := range people {
		callers.Go(func() {
			for i := range each {
				result, err := service.Handle(t.Context(), incidents.Request{
					Event: fmt.Sprintf("Ev-%d-%d", person, i), By: incidents.Actor{User: "U-ANA", In: "C-TEAM"},
					Command: incidents.Declare{Title: fmt.Sprintf("Trouble %d/%d", person, i)},
				})
				if err != nil {
					t.Error(err)
					return
				}
				numbers <- result.Incident
			}
		})
	}
	callers.Wait()
	close(numbers)
	got := slices.Sorted(func(yield func(int) bool) {
		for n := range numbers {
			if !yield(n) {
				return
			}
		}
	})
	for i, n := range got {
		if n != i+1 {
			t.Fatalf("the numbers given are %v", got)
		}
	}
	if len(got) != people*each {
		t.Errorf("%d were declared, %d numbers given", people*each, len(got))
	}
	for number := 1; number <= len(got); number++ {
		snap, err := service.Snapshot(t.Context(), number)
		if err != nil || len(snap.Entries) != 1 || len(snap.Deliveries) != 1 {
			t.Fatalf("incident %d: %+v, %v", number, snap, err)
		}
	}
}

func serviceSays(t *testing.T, h Harness) {
	s := h.Open(t)
	service := serviceOn(s)
	notice := incidents.Notice{Key: "Ev1", Channel: "C-TEAM", User: "U-ANA", Body: []byte(`"declared"`)}
	r := incidents.Request{
		Event: "Ev1", By: incidents.Actor{User: "U-ANA"}, Command: incidents.Declare{Title: "Checkout is down"},
		Say: func(incidents.Result) (incidents.Notice, error) { return notice, nil },
	}
	for i, told := range []bool{true, false, false} { // the same event again is told nothing again
		result, err := service.Handle(t.Context(), r)
		if err != nil || result.Incident != 1 || result.Told != told {
			t.Fatalf("time %d: %+v, %v", i+1, result, err)
		}
		if err := service.Tell(t.Context(), notice); err != nil {
			t.Fatal(err)
		}
	}
	answers := 0
	for _, d := range lease(t, s, after(3600), 10) {
		if d.Kind != incidents.KindAnswer {
			continue
		}
		answers++
		if n, err := d.Notice(); err != nil || string(n.Body) != `"declared"` || n.User != "U-ANA" {
			t.Errorf("the answer is %+v, %v", n, err)
		}
	}
	if answers != 1 {
		t.Errorf("%d answers", answers)
	}
	r.Event, r.Command = "Ev2", incidents.Declare{Title: "Another"}
	r.Say = func(incidents.Result) (incidents.Notice, error) { return notice, errors.New("no words") }
	if _, err := service.Handle(t.Context(), r); err == nil {
		t.Error("an answer without words is no error")
	}
	if _, err := service.Incident(t.Context(), 2); !errors.Is(err, incidents.ErrNotFound) {
		t.Errorf("the command was carried out without its answer: %v", err)
	}
}

func serviceOnce(t *testing.T, h Harness) {
	s := h.Open(t)
	service := serviceOn(s)
	results := make(chan incidents.Result, 20)
	var callers sync.WaitGroup
	for range cap(results) {
		callers.Go(func() {
			result, err := service.Handle(t.Context(), incidents.Request{
				Event: "Ev1", By: incidents.Actor{User: "U-ANA"}, Command: incidents.Declare{Title: "Checkout is down"},
			})
			if err != nil {
				t.Error(err)
			}
			results <- result
		})
	}
	callers.Wait()
	first := <-results
	for range cap(results) - 1 {
		same(t, <-results, first)
	}
	found, err := service.Find(t.Context(), incidents.Query{})
	if err != nil || len(found) != 1 {
		t.Errorf("%d incidents, %v", len(found), err)
	}
}

// serviceStory carries an incident through, answering every delivery as the services would.
func serviceStory(t *testing.T, h Harness) {
	s := h.Open(t)
	service := serviceOn(s)
	do := func(c incidents.Command) incidents.Result {
		t.Helper()
		result, err := service.Handle(t.Context(), incidents.Request{Incident: 1, By: incidents.Actor{User: "U-ANA", In: "C-1"}, Command: c})
		if err != nil {
			t.Fatalf("%T: %v", c, err)
		}
		return result
	}
	here := func(want int) {
		t.Helper()
		if number, err := service.InChannel(t.Context(), "C-1"); number != want || err != nil {
			t.Errorf("the channel is that of incident %d (%v), want %d", number, err, want)
		}
	}
	do(incidents.Declare{Title: "Checkout is down", Severity: incidents.Severe})
	here(0)
	done := drain(t, service)
	here(1)
	here(1) // remembered
	do(incidents.AddAction{Text: "Alert earlier", Owner: "U-BEN"})
	do(incidents.CaptureMessage{Source: incidents.Source{Channel: "C-1", TS: "1783511999.000100"}, Author: "U-BEN", Text: "it is the proxy", How: "reaction", At: noon})
	do(incidents.Draft{Section: incidents.SectionLead, Text: "On Wednesday."})
	do(incidents.Resolve{})
	for key, n := range drain(t, service) {
		done[key] += n
	}
	snap, err := service.Snapshot(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(snap.Deliveries) != 0 {
		t.Errorf("left over: %q", keys(snap.Deliveries))
	}
	if snap.Channel.ID != "C-1" || snap.Post.Number != 7 || snap.Status != incidents.Resolved || snap.Actions[0].CardURL == "" {
		t.Errorf("ended as %+v", snap.Incident)
	}
	var texts []string
	for _, e := range snap.Entries {
		texts = append(texts, e.Text)
	}
	same(t, texts, []string{"it is the proxy", "We declared the incident", "We declared the incident resolved"})
	for _, key := range []string{"inc-1/channel", "inc-1/announcement", "inc-1/summary", "inc-1/pin", "inc-1/action-1/card", "inc-1/post", "inc-1/bookmark"} {
		if done[key] == 0 {
			t.Errorf("%s never went out", key)
		}
	}
}

// drain carries out what waits, as if a day had passed, and counts what went out.
func drain(t *testing.T, service *incidents.Service) map[string]int {
	t.Helper()
	done := map[string]int{}
	for range 1000 {
		leased, next, err := service.Lease(t.Context(), 4)
		if err != nil {
			t.Fatal(err)
		}
		if len(leased) == 0 && next.IsZero() {
			return done
		}
		for _, d := range leased {
			done[d.Key]++
			o := incidents.DeliveredAs(incidents.Receipt{ID: d.Key, URL: "https://example.org/" + d.Key})
			o.Channel = incidents.Channel{ID: "C-1", Name: "inc-1"}
			o.PullRequest = incidents.PullRequest{Number: 7, URL: "https://git.example/7", Path: "_posts/a.md"}
			if err := service.Settle(t.Context(), d, o); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Fatal("there is no end to it")
	return nil
}

func serviceTimeline(t *testing.T, h Harness) {
	s := h.Open(t)
	service := serviceOn(s)
	declare(t, s, declared(1))
	const people = 32
	lengths := make([]bool, people+2)
	var mu sync.Mutex
	var callers sync.WaitGroup
	for range people {
		callers.Go(func() {
			result, err := service.Handle(t.Context(), incidents.Request{
				Incident: 1, By: incidents.Actor{User: "U-BEN"}, Command: incidents.Log{Text: "We looked"},
			})
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			// One that came a moment before another and is written after it stands before it: only the lengths are all different.
			if result.Of > people+1 || lengths[result.Of] || result.Place < 2 || result.Place > result.Of {
				t.Errorf("place %d of %d was given twice, or is none", result.Place, result.Of)
				return
			}
			lengths[result.Of] = true
		})
	}
	callers.Wait()
	if got := len(timeline(t, s, 1)); got != people+1 {
		t.Errorf("the timeline has %d entries, want %d", got, people+1)
	}
	_, err := service.Handle(t.Context(), incidents.Request{Incident: 2, By: incidents.Actor{User: "U-BEN"}, Command: incidents.Log{Text: "x"}})
	if refusal := incidents.AsRefusal(err); refusal == nil || refusal.Code != incidents.NotFound {
		t.Errorf("an unknown incident: %v", err)
	}
	if errors.Is(err, incidents.ErrNotDurable) {
		t.Error("a refusal is no failure of the store")
	}
}
