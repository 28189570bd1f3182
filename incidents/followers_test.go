package incidents

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// news are what followers were told, in order: who and what.
func news(c Change) (told []string) {
	for _, w := range c.Wishes {
		if w.Kind != KindNews {
			continue
		}
		n, user, err := w.News()
		if err != nil {
			return []string{err.Error()}
		}
		told = append(told, user+" "+n.Update.Text+string(n.Status))
	}
	return told
}

func TestFollowersHearWhatIsNew(t *testing.T) {
	s := newStory(t)
	s.do(Declare{Title: "checkout is down"})
	s.do(Follow{})
	if r := s.do(Follow{}); !r.Unchanged {
		t.Error("somebody follows twice")
	}
	if _, err := s.try(Actor{User: "U2", In: "C9"}, Follow{}); err != nil {
		t.Fatal(err)
	}
	decide := func(cmd Command) Change {
		c, err := Decide(Before{Incident: s.incident}, ana, cmd, s.now)
		if err != nil {
			t.Fatal(err)
		}
		s.apply(c)
		return c
	}
	if got := news(decide(SendUpdate{Text: "We roll back."})); !slices.Equal(got, []string{"U1 We roll back.", "U2 We roll back."}) {
		t.Errorf("of the update they hear %q", got)
	}
	if got := news(decide(SetSeverity{Severity: Severe})); got != nil {
		t.Errorf("of a severity they hear %q", got)
	}
	if got := news(decide(SetStatus{Status: Monitoring})); !slices.Equal(got, []string{"U1 monitoring", "U2 monitoring"}) {
		t.Errorf("of the status they hear %q", got)
	}
	s.do(Follow{Stop: true})
	if got := news(decide(Resolve{})); !slices.Equal(got, []string{"U2 resolved"}) {
		t.Errorf("of the end they hear %q", got)
	}
	if _, err := s.try(ana, Follow{}); err == nil {
		t.Error("what is over can be followed")
	}
}

func TestFollowersAreBounded(t *testing.T) {
	s := newStory(t)
	s.do(Declare{Title: "checkout is down"})
	for n := range maxFollowers {
		if _, err := s.try(Actor{User: fmt.Sprint("U", n), In: "C9"}, Follow{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.try(Actor{User: "UONEMORE", In: "C9"}, Follow{}); err == nil || !strings.Contains(err.Error(), "is the most") {
		t.Errorf("one more: %v", err)
	}
}

func TestOneRequestForAnUpdateIsOpen(t *testing.T) {
	s := newStory(t)
	s.do(Declare{Title: "checkout is down"})
	s.incident.Channel.ID = "C9"
	s.do(AskForUpdate{})
	first := s.incident.Wanted
	s.now = noon.Add(time.Minute)
	if r, err := s.try(Actor{User: "U2", In: "C9"}, AskForUpdate{}); err != nil || !r.Unchanged || s.incident.Wanted != first {
		t.Errorf("asked twice it is %+v, %v", s.incident.Wanted, err)
	}
	asked := 0
	for _, key := range s.wishes {
		if key == "inc-42/asked" {
			asked++
		}
	}
	if asked != 1 {
		t.Errorf("whoever owes it is told %d times", asked)
	}
	s.do(SendUpdate{Text: "We are at it."})
	if s.incident.Wanted != (UpdateRequest{}) {
		t.Error("the update does not answer the request")
	}
	s.incident.Private = true
	if _, err := s.try(ana, AskForUpdate{}); err == nil {
		t.Error("an update on a private incident can be asked for")
	}
}
