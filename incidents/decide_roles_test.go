package incidents

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// roled is incident 1 with a channel and a protocol that lets only U-BEN and those of a group be Ops.
func roled() Incident {
	return Incident{
		Number: 1, Title: "Checkout is down", Status: Declared, DeclaredBy: "U-ANA", Channel: Channel{ID: "C1"},
		Holders: map[Role][]string{Lead: {"U-ANA"}},
		Protocol: &Protocol{
			Roles: []RoleRule{{Role: Lead}, {Role: Ops, Holders: []string{"U-BEN", "S1"}}, {Role: Communications}},
			Steps: []StepRule{{ID: "give", Role: Lead, Done: Condition{What: WhenRole, Of: string(Communications)}}},
		},
	}
}

func TestRolesChangeHands(t *testing.T) {
	now := time.Date(2026, 3, 17, 9, 0, 0, 0, time.UTC)
	in := roled()
	does := func(who string, c Command) (Change, error) {
		t.Helper()
		change, err := Decide(Before{Incident: in}, Actor{User: who, In: "C1"}, c, now)
		if err == nil {
			in = change.Incident
		}
		return change, err
	}
	wishes := func(c Change, k Kind) int {
		n := 0
		for _, w := range c.Wishes {
			if w.Kind == k {
				n++
			}
		}
		return n
	}
	for _, c := range []AssignRole{{Role: Ops, User: "U-DAN"}, {Role: "captain", User: "U-DAN"}, {Role: Ops}} {
		if _, err := does("U-ANA", c); AsRefusal(err) == nil {
			t.Errorf("%+v is taken: %v", c, err)
		}
	}
	if c, err := does("U-ANA", AssignRole{Role: Ops, User: "U-DAN", Member: true}); err != nil || wishes(c, KindHandover) != 1 || !in.Asked(Ops, "U-DAN") {
		t.Fatalf("a member of the group is not asked: %v", err)
	}
	// Somebody else is asked meanwhile: the first answer comes too late.
	if _, err := does("U-ANA", AssignRole{Role: Ops, User: "U-BEN"}); err != nil {
		t.Fatal(err)
	}
	if _, err := does("U-DAN", AnswerRole{Accept: true}); AsRefusal(err) == nil {
		t.Errorf("who is no longer asked is taken at their word: %v", err)
	}
	// One answer is for all that a person was asked.
	if _, err := does("U-ANA", AssignRole{Role: Communications, User: "U-BEN"}); err != nil || !in.Mark("give").settled() {
		t.Fatalf("giving the role ticks no step: %v", err)
	}
	if got := in.AskedOf("U-BEN"); !slices.Equal(got, []Role{Ops, Communications}) {
		t.Errorf("asked of ben: %v", got)
	}
	c, err := does("U-BEN", AnswerRole{})
	if err != nil || wishes(c, KindReturned) != 1 {
		t.Fatalf("declining: %v, %v", c.Wishes, err)
	}
	if !slices.Equal(in.Holders[Ops], []string{"U-DAN"}) || len(in.Holders[Communications]) != 0 || in.Mark("give").settled() {
		t.Errorf("after declining: %v, %v", in.Holders, in.Marks)
	}
	for _, w := range c.Wishes {
		if w.Kind == KindReturned && len(in.Returned(w.Delivery)) != 2 {
			t.Errorf("the giver is told of %v", in.Returned(w.Delivery))
		}
	}
	// Whoever takes a role is asked nothing, and taking what one is asked for is accepting it.
	if _, err := does("U-ANA", AssignRole{Role: Communications, User: "U-DAN"}); err != nil {
		t.Fatal(err)
	}
	if c, err := does("U-DAN", AssignRole{Role: Communications, User: "U-DAN"}); err != nil || in.Asked(Communications, "U-DAN") || c.Result.Unchanged {
		t.Errorf("taking what one is asked for: %v", err)
	}
	if c, err := does("U-ANA", AssignRole{Role: Communications, User: "U-ANA"}); err != nil || in.Asked(Communications, "U-ANA") || wishes(c, KindHandover) != 0 {
		t.Errorf("who takes a role is asked: %v", err)
	}
}

// Whatever people do with roles, somebody leads, one person at a time unless several may, and the record says of each who
// has a role since when, and of nobody else.
func TestRolesAndTheirRecordAgree(t *testing.T) {
	people := []string{"U-ANA", "U-BEN", "U-DAN", "U-EVE"}
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, 3, 17, 9, 0, 0, 0, time.UTC)
		in := roled()
		in.Protocol = &Protocol{Roles: []RoleRule{{Role: Lead}, {Role: Ops, Several: true}, {Role: Communications}}, Steps: in.Protocol.Steps}
		some := rapid.SliceOfN(rapid.SampledFrom(people), 0, 4)
		for range rapid.IntRange(1, 30).Draw(t, "deeds") {
			now = now.Add(time.Minute)
			role, who := rapid.SampledFrom(Roles).Draw(t, "role"), rapid.SampledFrom(people).Draw(t, "who")
			cmd := rapid.SampledFrom([]Command{
				AssignRole{Role: role, User: rapid.SampledFrom(people).Draw(t, "whom")}, AssignRole{Role: role, User: who, Also: true},
				AssignRoles{To: map[Role][]string{role: some.Draw(t, "whom")}},
				LeaveRole{Role: role}, AnswerRole{Accept: true}, AnswerRole{},
			}).Draw(t, "deed")
			change, err := Decide(Before{Incident: in}, Actor{User: who, In: "C1"}, cmd, now)
			if err != nil {
				if AsRefusal(err) == nil {
					t.Fatalf("%T: %v", cmd, err)
				}
				continue
			}
			in = change.Incident
			if len(in.Holders[Lead]) != 1 {
				t.Fatalf("%v lead", in.Holders[Lead])
			}
			for r, has := range in.Holders {
				rule, _ := in.Protocol.Role(r)
				if once := slices.Compact(slices.Sorted(slices.Values(has))); len(has) == 0 || len(once) != len(has) || (len(has) > 1 && !rule.Several) {
					t.Fatalf("%s: %v", r, has)
				}
			}
			open := map[[2]string]int{}
			for _, h := range in.Handovers {
				if h.Until.IsZero() {
					open[[2]string{string(h.Role), h.To}]++
				}
				if h.Until.IsZero() && !in.Has(h.Role, h.To) {
					t.Fatalf("on record as having it: %+v; it is with %v", h, in.Holders[h.Role])
				}
				if h.Answer == RoleDeclined && h.Until.IsZero() {
					t.Fatalf("declined, and still theirs: %+v", h)
				}
			}
			for key, n := range open {
				if n > 1 {
					t.Fatalf("%v has it %d times", key, n)
				}
			}
			if at, vacated := in.Vacated(role); vacated && (at.After(now) || len(in.Holders[role]) > 0) {
				t.Fatalf("%s: nobody has it since %v, and %v have", role, at, in.Holders[role])
			}
		}
	})
}

// Who comes to help stands beside those who have the role; who declines or leaves goes alone.
func TestSeveralOnOneRole(t *testing.T) {
	now := time.Date(2026, 3, 17, 9, 0, 0, 0, time.UTC)
	in := roled()
	in.Protocol.Roles[1] = RoleRule{Role: Ops, Several: true}
	does := func(who string, c Command, ops ...string) Change {
		t.Helper()
		now = now.Add(time.Minute)
		change, err := Decide(Before{Incident: in}, Actor{User: who, In: "C1"}, c, now)
		if err != nil {
			t.Fatalf("%+v: %v", c, err)
		}
		if in = change.Incident; !slices.Equal(in.Holders[Ops], ops) {
			t.Fatalf("%+v: ops are %v, want %v", c, in.Holders[Ops], ops)
		}
		return change
	}
	does("U-ANA", AssignRoles{To: map[Role][]string{Ops: {"U-BEN", "U-DAN", "U-BEN"}}}, "U-BEN", "U-DAN")
	does("U-EVE", AssignRole{Role: Ops, User: "U-EVE", Also: true}, "U-BEN", "U-DAN", "U-EVE")
	if c := does("U-EVE", AssignRole{Role: Ops, User: "U-EVE", Also: true}, "U-BEN", "U-DAN", "U-EVE"); !c.Result.Unchanged {
		t.Error("who helps already comes once more")
	}
	does("U-DAN", AnswerRole{}, "U-BEN", "U-EVE")
	does("U-BEN", AnswerRole{Accept: true}, "U-BEN", "U-EVE")
	does("U-BEN", LeaveRole{Role: Ops}, "U-EVE")
	if _, vacated := in.Vacated(Ops); vacated {
		t.Error("eve counts for nobody")
	}
	does("U-EVE", LeaveRole{Role: Ops})
	if at, vacated := in.Vacated(Ops); !vacated || !at.Equal(now) || in.Holder(Ops) != "U-ANA" {
		t.Errorf("nobody has it since %v; it falls to %s", at, in.Holder(Ops))
	}
	// It is given to one instead of two: declining brings both back.
	does("U-ANA", AssignRoles{To: map[Role][]string{Ops: {"U-BEN", "U-DAN"}}}, "U-BEN", "U-DAN")
	does("U-ANA", AssignRole{Role: Ops, User: "U-EVE"}, "U-EVE")
	does("U-EVE", AnswerRole{}, "U-BEN", "U-DAN")
	if in.Asked(Ops, "U-BEN") {
		t.Error("who has it again is asked anew")
	}
	for _, c := range []Command{
		AssignRole{Role: Communications, User: "U-EVE", Also: true}, AssignRoles{To: map[Role][]string{Lead: {}}},
		AssignRoles{To: map[Role][]string{Lead: {"U-BEN", "U-DAN"}}}, LeaveRole{Role: Communications}, LeaveRole{Role: Lead},
	} {
		in.Holders[Communications] = []string{"U-ANA"}
		if _, err := Decide(Before{Incident: in}, Actor{User: "U-EVE", In: "C1"}, c, now); AsRefusal(err) == nil {
			t.Errorf("%+v is taken: %v", c, err)
		}
	}
}

func TestShareable(t *testing.T) {
	in := Incident{}
	text := "<@U1> saw ben@example.org log in from 10.1.2.3 at db1.corp with password=hunter22secret"
	want := "someone saw [left out: an e-mail address] log in from [left out: an IP address] at [left out: an internal host name] with password=[left out: a password or token]"
	if got := in.Shareable(text, []string{"corp"}); got != want {
		t.Errorf("%s\nis shared as\n%s", text, got)
	}
	in.Cleared = []string{findingID("10.1.2.3")}
	if got := in.Shareable("from 10.1.2.3", nil); got != "from 10.1.2.3" {
		t.Errorf("what was cleared is left out: %s", got)
	}
}
