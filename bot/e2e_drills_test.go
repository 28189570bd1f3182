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
				report, err := s.Play(s.ctx, drill, practice.PlayOptions{Clock: s.clock, Within: patience})
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
