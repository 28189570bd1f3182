package main

import (
	"strings"
	"testing"
	"time"
)

// A few dozen entries of published timelines, typed over the real wire in every way that people have, stand in the pull
// request with their instants and texts.
func TestStoryPublishedTimelinesAreTyped(t *testing.T) {
	t.Parallel()
	all := timelines(t)
	for _, name := range []string{"2020-04-08-post-mortem.md", "2023-02-06-post-mortem.md", "2023-06-20-post-mortem.md"} {
		timeline := all[name]
		if len(timeline) == 0 {
			t.Errorf("%s has no timeline", name)
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, storyOptions{})
			zone := slackZone(t, "Europe/Berlin") // Ana's
			s.types("ana", "#team", "/incident backfill The timeline of "+name)
			for i, e := range timeline {
				local := e.at.In(zone)
				sameDay := i > 0 && timeline[i-1].at.In(zone).Format(time.DateOnly) == local.Format(time.DateOnly)
				typed := typings[(i+3)%len(typings)].ranged(e, zone, sameDay) + e.text
				if said := s.types("ana", "#team", "/incident log "+typed); !strings.HasPrefix(said, "Logged at ") {
					t.Errorf("%q: %s", typed, said)
				}
			}
			s.types("ana", "#team", "/incident postmortem")
			s.quiet()
			text, _ := s.post()
			sameLines(t, timelineLines(text), wantLines(timeline, time.UTC))
		})
	}
}
