package main

import (
	"testing"

	"watchbell/integrations/practice"
)

// Every drill that ships with the bot can be played to its end, over HTTP and over Socket Mode.
func TestStoryDrills(t *testing.T) {
	t.Parallel()
	for _, name := range practice.Drills() {
		for _, socket := range []bool{false, true} {
			t.Run(name+wire(socket), func(t *testing.T) {
				t.Parallel()
				drill, err := practice.ShippedDrill(name)
				if err != nil {
					t.Fatal(err)
				}
				s := newStory(t, storyOptions{start: drill.Start, socket: socket})
				report, err := s.Play(s.ctx, drill, practice.PlayOptions{Clock: s.clock, Within: patience, Idle: s.idle})
				s.must(err)
				for _, failed := range report.Failed {
					t.Error(failed)
				}
				if report.Post == "" {
					t.Error("there is no post at the end")
				}
				s.quiet()
			})
		}
	}
}

func wire(socket bool) string {
	if socket {
		return "/socket"
	}
	return "/http"
}

// A drill can be played again in the same workspace, on a later day, and another one after it: each is about the incident
// that it declares itself.
func TestStoryDrillsOneAfterAnother(t *testing.T) {
	t.Parallel()
	first, err := practice.ShippedDrill(practice.DefaultDrill)
	if err != nil {
		t.Fatal(err)
	}
	s := newStory(t, storyOptions{start: first.Start})
	for i, name := range []string{practice.DefaultDrill, practice.DefaultDrill, "dead-services"} {
		drill, err := practice.ShippedDrill(name)
		s.must(err)
		report, err := s.Play(s.ctx, drill, practice.PlayOptions{Clock: s.clock, Within: patience, Idle: s.idle, Shift: i > 0})
		s.must(err)
		for _, failed := range report.Failed {
			t.Errorf("play %d of %s: %s", i+1, name, failed)
		}
		for _, step := range report.Debrief.Steps {
			if step.Name == practice.StepResolved && step.At.Before(s.clock.Now().AddDate(0, 0, -1)) {
				t.Errorf("play %d of %s: the debrief tells of another day, %v", i+1, name, step.At)
			}
		}
		s.quiet()
	}
}
