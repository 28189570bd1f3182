package incidents

import (
	"slices"
	"testing"
)

// A channel that an attempt made which nobody heard of has been there for a while when it is found: what people did there is read
// back. Of one that was made just now there is nothing to read.
func TestChannelThatIsFoundIsReadBack(t *testing.T) {
	for tried, want := range map[int]bool{1: false, 2: true} {
		s := newStory(t)
		s.do(Declare{Title: "checkout is down"})
		d := s.incident.wish(KindChannel, "").Delivery
		d.Tried = tried
		c := settled(s.incident, nil, d, Outcome{Verdict: Delivered, Channel: Channel{ID: "C1", Name: "inc-42"}}, s.now)
		if got := slices.ContainsFunc(c.Wishes, func(w Wish) bool { return w.Kind == KindReadBack }); got != want {
			t.Errorf("after %d attempts, it is read back: %v", tried, got)
		}
	}
}

// While Slack is away an incident may be over, and its post asked for, before it has a channel. What is asked in the channel at
// such a moment is asked when the channel is there, and of an incident that goes on nothing.
func TestResolvedBeforeThereIsAChannel(t *testing.T) {
	later := []Kind{KindSections, KindReview, KindLookBack}
	for _, c := range []struct {
		name     string
		commands []Command
		want     []Kind
	}{
		{"it goes on", nil, nil},
		{"over", []Command{Resolve{}}, later},
		{"over and taken up again", []Command{Resolve{}, Reopen{}}, []Kind{KindSections, KindReview}},
		{"its post is wanted", []Command{AskForPost{}}, []Kind{KindReview}},
		{"called off", []Command{CallOff{}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStory(t)
			s.do(Declare{Title: "checkout is down"})
			s.incident.Protocol = &Protocol{}
			for _, cmd := range c.commands {
				s.do(cmd)
			}
			for _, kind := range later {
				if slices.Contains(s.wishes, s.incident.wish(kind, "").Key) {
					t.Errorf("%s is wished for and cannot be shown", kind)
				}
			}
			s.settle(KindChannel, "", Outcome{Verdict: Delivered, Channel: Channel{ID: "C1", Name: "inc-42"}})
			for _, kind := range later {
				n := 0
				for _, key := range s.wishes {
					if key == s.incident.wish(kind, "").Key {
						n++
					}
				}
				if want := slices.Contains(c.want, kind); n != map[bool]int{true: 1}[want] {
					t.Errorf("%s is wished for %d times once the channel is there, want it: %v", kind, n, want)
				}
			}
		})
	}
}
