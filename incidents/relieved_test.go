package incidents

import (
	"slices"
	"testing"
	"time"
)

// Whoever loses a role by what somebody else does is told, once of several changes, and nobody else is.
func TestWhoLosesARoleIsTold(t *testing.T) {
	start := time.Date(2026, 3, 17, 9, 0, 0, 0, time.UTC)
	now, in, told := start, roled(), map[string]Delivery{}
	in.Protocol = &Protocol{Roles: []RoleRule{{Role: Lead}, {Role: Ops, Several: true}, {Role: Communications}}}
	does := func(who string, c Command) {
		t.Helper()
		change, err := Decide(Before{Incident: in}, Actor{User: who, In: "C1"}, c, now)
		if err != nil {
			t.Fatalf("%T: %v", c, err)
		}
		in = change.Incident
		for _, w := range change.Wishes {
			if w.Kind == KindRelieved {
				told[w.Key] = w.Delivery
				if !w.Delivery.Explained() || !w.At.After(now) || w.At.After(now.Add(gatherRoles)) {
					t.Errorf("%s: due at %s", w.Key, w.At)
				}
			}
		}
	}
	tells := func(step string, want map[string][]Shift) {
		t.Helper()
		if len(told) > len(want) {
			t.Errorf("%s: %d are told: %v", step, len(told), told)
		}
		got := map[string][]Shift{}
		for _, d := range told {
			if who, shifts := in.Relieved(d); len(shifts) > 0 {
				got[who] = shifts
			}
		}
		for _, who := range []string{"U-ANA", "U-BEN", "U-DAN", "U-EVE"} {
			if !slices.Equal(got[who], want[who]) {
				t.Errorf("%s: %s is told %+v, want %+v", step, who, got[who], want[who])
			}
		}
		now, told = now.Add(time.Minute), map[string]Delivery{}
	}

	does("U-ANA", AssignRoles{To: map[Role][]string{Ops: {"U-BEN", "U-DAN"}, Communications: {"U-BEN"}}})
	does("U-DAN", LeaveRole{Role: Ops})
	does("U-ANA", AssignRole{Role: Lead, User: "U-EVE"})
	tells("what people give up themselves", nil)

	does("U-EVE", AssignRoles{To: map[Role][]string{Ops: nil, Communications: {"U-DAN"}}})
	does("U-ANA", AssignRole{Role: Lead, User: "U-ANA"})
	tells("taking", map[string][]Shift{
		"U-BEN": {{Role: Ops, By: "U-EVE"}, {Role: Communications, By: "U-EVE", To: "U-DAN"}},
		"U-EVE": {{Role: Lead, By: "U-ANA", To: "U-ANA"}},
	})

	does("U-DAN", AnswerRole{})
	tells("declining", map[string][]Shift{"U-BEN": {{Role: Communications, By: "U-DAN", Back: true}}})

	does("U-ANA", AssignRole{Role: Communications, User: "U-DAN"})
	now = now.Add(time.Second)
	does("U-DAN", AnswerRole{})
	tells("and back at once", map[string][]Shift{"U-BEN": nil})

	in.Absences = []Absence{{User: "U-BEN", Gone: true}}
	does("U-ANA", AssignRole{Role: Communications, User: "U-ANA"})
	tells("who is in Slack no more", nil)
}
