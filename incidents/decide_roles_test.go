package incidents

import (
	"slices"
	"testing"
	"time"
)

// roled is incident 1 with a channel and a protocol that lets only U-BEN and those of a group be Ops.
func roled() Incident {
	return Incident{
		Number: 1, Title: "Checkout is down", Status: Declared, DeclaredBy: "U-ANA", Channel: Channel{ID: "C1"},
		Holders: map[Role]string{Lead: "U-ANA"},
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
	if c, err := does("U-ANA", AssignRole{Role: Ops, User: "U-DAN", Member: true}); err != nil || wishes(c, KindHandover) != 1 || !in.Asked(Ops) {
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
	if in.Holders[Ops] != "U-DAN" || in.Holders[Communications] != "" || in.Mark("give").settled() {
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
	if c, err := does("U-DAN", AssignRole{Role: Communications, User: "U-DAN"}); err != nil || in.Asked(Communications) || c.Result.Unchanged {
		t.Errorf("taking what one is asked for: %v", err)
	}
	if c, err := does("U-ANA", AssignRole{Role: Communications, User: "U-ANA"}); err != nil || in.Asked(Communications) || wishes(c, KindHandover) != 0 {
		t.Errorf("who takes a role is asked: %v", err)
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
