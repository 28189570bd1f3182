package incidents

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// vigil is an incident on a clock of its own, whose wishes are carried out by the test.
type vigil struct {
	*testing.T
	in  Incident
	now time.Time
	due time.Time // when the next look is due; zero for never
	// asked are the people who were asked to take over since the last look at them, "everybody" for the channel.
	asked []string
}

func newVigil(t *testing.T) *vigil {
	v := &vigil{T: t, in: roled(), now: time.Date(2026, 3, 17, 9, 0, 0, 0, time.UTC)}
	v.in.DeclaredAt, v.in.Channel = v.now, Channel{}
	v.in.Protocol = &Protocol{Roles: []RoleRule{{Role: Lead, Quiet: 45 * time.Minute}, {Role: Ops, Several: true}, {Role: Communications}}}
	v.take(settled(v.in, nil, Delivery{Kind: KindChannel}, Outcome{Verdict: Delivered, Channel: Channel{ID: "C1"}}, v.now))
	return v
}

func (v *vigil) take(c Change) {
	v.in = c.Incident
	for _, w := range c.Wishes {
		switch w.Kind {
		case KindQuiet:
			v.due = w.At
		case KindTakeOver:
			_, who, _ := strings.Cut(w.Subject, "/")
			if who == "" {
				who = "everybody"
			}
			if s, to, ok := v.in.TakeOver(w.Delivery); !ok || (to != who && to != "") || !v.in.Has(s.Role, s.User) {
				v.Errorf("nothing is to be asked by %q", w.Subject)
			}
			v.asked = append(v.asked, who)
		}
	}
}

func (v *vigil) does(who string, c Command) {
	v.Helper()
	change, err := Decide(Before{Incident: v.in}, Actor{User: who, In: "C1"}, c, v.now)
	if err != nil {
		v.Fatalf("%s, %+v: %v", who, c, err)
	}
	v.take(change)
}

// looks lets the time pass until the look that is due, and has it see these signs: of each person, how long ago.
func (v *vigil) looks(anybody time.Duration, signs ...Sign) {
	v.Helper()
	if v.due.IsZero() {
		v.Fatal("nobody looks")
	}
	if v.now.Before(v.due) {
		v.now = v.due
	}
	v.due = time.Time{}
	v.take(settled(v.in, nil, Delivery{Kind: KindQuiet, Subject: string(Lead)}, Outcome{Verdict: Delivered, Signs: signs, Heard: v.now.Add(-anybody)}, v.now))
}

func (v *vigil) wants(asked ...string) {
	v.Helper()
	if !slices.Equal(v.asked, asked) {
		v.Errorf("at %s %v were asked, want %v", v.now.Format("15:04"), v.asked, asked)
	}
	v.asked = nil
}

// Others are asked to lead once nothing was heard of the lead for 45 minutes, each once, until they are heard again.
func TestALeadWhoIsSilentIsNoticed(t *testing.T) {
	v := newVigil(t)
	began := v.now
	v.does("U-ANA", AssignRoles{To: map[Role][]string{Ops: {"U-BEN", "U-DAN"}, Communications: {"U-BEN"}}})
	v.looks(0, Sign{User: "U-ANA", At: began.Add(20 * time.Minute)})
	v.wants()
	if want := began.Add(65 * time.Minute); !v.due.Equal(want) {
		t.Fatalf("the next look is due %v, want %v", v.due, want)
	}
	silent := Sign{User: "U-ANA", At: began.Add(20 * time.Minute)}
	v.looks(0, silent, Sign{User: "U-BEN", At: began})
	v.wants("U-BEN", "U-DAN")
	for range 3 {
		v.looks(0, silent)
		v.wants()
	}
	silent.At = v.now.Add(-time.Minute) // heard again
	v.looks(0, silent)
	v.looks(0, silent)
	v.wants("U-BEN", "U-DAN")
	// A clock that is set back asks nobody anew.
	v.now = v.now.Add(-2 * time.Hour)
	v.take(settled(v.in, nil, Delivery{Kind: KindQuiet, Subject: string(Lead)}, Outcome{Verdict: Delivered, Signs: []Sign{silent}}, v.now))
	v.wants()
}

func TestWhoIsAskedToLead(t *testing.T) {
	quiet := func(v *vigil) Sign { return Sign{User: "U-ANA", At: v.in.DeclaredAt} }
	t.Run("everybody, where nobody has another role", func(t *testing.T) {
		v := newVigil(t)
		v.looks(time.Minute, quiet(v))
		v.wants("everybody")
	})
	t.Run("nobody, where nobody speaks at all", func(t *testing.T) {
		v := newVigil(t)
		v.looks(24*time.Hour, quiet(v))
		v.wants()
	})
	t.Run("nobody who is away", func(t *testing.T) {
		v := newVigil(t)
		v.does("U-ANA", AssignRoles{To: map[Role][]string{Ops: {"U-BEN", "U-DAN"}}})
		v.does("", Left{User: "U-DAN"})
		v.looks(0, quiet(v))
		v.wants("U-BEN")
	})
	t.Run("nobody once users are well, and again when they are not", func(t *testing.T) {
		v := newVigil(t)
		v.does("U-ANA", AssignRole{Role: Ops, User: "U-BEN"})
		v.does("U-BEN", SetStatus{Status: Monitoring})
		v.looks(0, quiet(v))
		v.wants()
		if !v.due.IsZero() {
			t.Error("somebody goes on looking")
		}
		v.does("U-BEN", SetStatus{Status: Investigating})
		v.looks(0, quiet(v))
		v.wants("U-BEN")
	})
	t.Run("not before the new lead had the time", func(t *testing.T) {
		v := newVigil(t)
		v.now = v.now.Add(40 * time.Minute)
		v.does("U-ANA", AssignRole{Role: Lead, User: "U-BEN"})
		if want := v.now.Add(45 * time.Minute); !v.due.Equal(want) {
			t.Errorf("the look is due %v, want %v", v.due, want)
		}
		v.looks(0, Sign{User: "U-BEN", At: v.now})
		v.wants("everybody")
	})
}

// Who has a role and is not there is noted until they are, and somebody is told.
func TestWhoHasARoleAndIsNotThere(t *testing.T) {
	v := newVigil(t)
	v.does("U-ANA", AssignRole{Role: Ops, User: "U-BEN"})
	v.does("", Left{User: "U-DAN"}) // who has none
	v.does("", Left{User: "U-BEN"})
	if !v.in.Deserted(Ops) || len(v.in.Absences) != 1 {
		t.Errorf("ben left: %+v", v.in.Absences)
	}
	v.does("U-BEN", Came{User: "U-BEN"})
	if v.in.Deserted(Ops) || len(v.in.Absences) != 0 {
		t.Errorf("ben came back: %+v", v.in.Absences)
	}
	v.does("", Left{User: "U-BEN"})
	v.does("U-BEN", Log{Text: "I write from home"})
	if len(v.in.Absences) != 0 {
		t.Errorf("ben is heard of: %+v", v.in.Absences)
	}
	v.looks(0, Sign{User: "U-ANA", At: v.now}, Sign{User: "U-BEN", At: v.now, Gone: true})
	if a, absent := v.in.Absent("U-BEN"); !absent || !a.Gone {
		t.Errorf("ben's account is closed: %+v", v.in.Absences)
	}
}
