package incidents

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestRights(t *testing.T) {
	running := Incident{Number: 7, Status: Declared, DeclaredBy: "U1", Channel: Channel{ID: "C7"}, Holders: map[Role][]string{Lead: {"U1"}, Ops: {"U2"}}}
	private, opening := running, running
	private.Private = true
	opening.Private, opening.Channel = true, Channel{}
	guests := Rights{Guests: AllowInvited, Strangers: AllowNothing}
	lists := Rights{Declare: []string{"U8", "S1"}, Resolve: []string{"S1"}, See: []string{"S1"}}
	member := func(user, in string, groups ...string) Actor {
		return Actor{User: user, In: in, Person: Person{Standing: Member, Groups: groups}}
	}
	as := func(s Standing, a Actor) Actor { a.Person.Standing = s; return a }
	for name, c := range map[string]struct {
		rights Rights
		by     Actor
		wants  Right
		in     Incident
		want   string // part of the refusal; empty: allowed
	}{
		"everybody declares":                  {Rights{}, member("U9", "C0"), ToDeclare, Incident{}, ""},
		"nobody said who they are":            {guests, Actor{User: "U9", In: "C0"}, ToDeclare, Incident{}, ""},
		"guests declare nothing":              {guests, as(Guest, member("U9", "C0")), ToDeclare, Incident{}, "Guests may not declare"},
		"guests who count as members":         {Rights{}, as(Guest, member("U9", "C0")), ToDeclare, Incident{}, ""},
		"strangers may do nothing":            {guests, as(Stranger, member("U9", "C7")), ToSee, running, "People of other organisations may not use"},
		"but take back what they did":         {guests, as(Stranger, member("U9", "C7")), ToFollow, running, ""},
		"guests see from elsewhere nothing":   {guests, as(Guest, member("U9", "C0")), ToSee, running, "#7 is none of them"},
		"guests see where they are":           {guests, as(Guest, member("U9", "C7")), ToSee, running, ""},
		"guests see what they have a part in": {guests, as(Guest, member("U2", "C0")), ToSee, running, ""},
		"guests end nothing":                  {guests, as(Guest, member("U9", "C7")), ToResolve, running, "Ask <@U1>, who leads"},
		"but for guests who lead":             {guests, as(Guest, member("U1", "C7")), ToResolve, running, ""},
		"a listed person declares":            {lists, member("U8", "C0"), ToDeclare, Incident{}, ""},
		"a group declares":                    {lists, member("U9", "C0", "S1"), ToDeclare, Incident{}, ""},
		"another group does not":              {lists, member("U9", "C0", "S2"), ToDeclare, Incident{}, "Only <@U8>, <!subteam^S1> may declare"},
		"Slack does not say: declare":         {lists, Actor{User: "U9", Person: Person{Unsure: true}}, ToDeclare, Incident{}, ""},
		"Slack does not say: end":             {lists, Actor{User: "U9", In: "C7", Person: Person{Unsure: true}}, ToResolve, running, ""},
		"Slack does not say: see":             {lists, Actor{User: "U9", In: "C0", Person: Person{Unsure: true}}, ToSee, running, "#7 is none of them"},
		"the group sees":                      {lists, member("U9", "C0", "S1"), ToSee, running, ""},
		"others do not":                       {lists, member("U9", "C0"), ToSee, running, "#7 is none of them"},
		"nor what is not there":               {lists, member("U9", "C0"), ToSee, Incident{Number: 7}, "#7 is none of them"},
		"others where they are":               {lists, member("U9", "C7"), ToSee, running, ""},
		"others end nothing":                  {lists, member("U9", "C7"), ToResolve, running, "Only <!subteam^S1> and whoever leads"},
		"the lead ends it":                    {lists, member("U1", "C7"), ToResolve, running, ""},
		"private to others":                   {Rights{}, member("U9", "C0"), ToSee, private, "There is no incident #7"},
		"private to its channel":              {Rights{}, member("U9", "C7"), ToSee, private, ""},
		"private to a holder":                 {Rights{}, member("U2", "C0"), ToSee, private, ""},
		"private to a listed group":           {lists, member("U9", "C0", "S1"), ToSee, private, "There is no incident #7"},
		"private, its channel opening":        {Rights{}, member("U9", ""), ToSee, opening, "There is no incident #7"},
		"private to the bot's own following":  {Rights{}, Actor{In: "C7"}, ToFollow, private, ""},
		"a link to a private one":             {lists, Actor{User: "outside:Ana", Outside: true}, ToSee, private, ""},
		"a link for a stranger":               {guests, Actor{User: "U9", Outside: true, Person: Person{Standing: Stranger}}, ToSee, running, "may not use"},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.rights.Refuse(c.by, c.wants, c.in)
			switch {
			case c.want == "" && got != nil:
				t.Errorf("refused: %s", got)
			case c.want != "" && (got == nil || !strings.Contains(got.Error(), c.want)):
				t.Errorf("%v, it should say %q", got, c.want)
			case got != nil && got.Hint == "":
				t.Errorf("%q does not say what to do", got)
			}
		})
	}
}

// Whatever the rights are, somebody with no part in a private incident who does not stand in its channel is answered as
// if it were not there.
func TestNoRightOpensAPrivateIncident(t *testing.T) {
	ids := []string{"U1", "U2", "U3", "S1", "S2"}
	some := func(t *rapid.T, name string) []string {
		if rapid.Bool().Draw(t, name+" are everybody") {
			return nil
		}
		return rapid.SliceOfN(rapid.SampledFrom(ids), 1, 3).Draw(t, name)
	}
	rapid.Check(t, func(t *rapid.T) {
		r := Rights{
			Declare: some(t, "declare"), Resolve: some(t, "resolve"), See: some(t, "see"),
			Guests: rapid.SampledFrom(Allowances).Draw(t, "guests"), Strangers: rapid.SampledFrom(Allowances).Draw(t, "strangers"),
		}
		by := Actor{User: "U3", In: rapid.SampledFrom([]string{"", "C0", "C9"}).Draw(t, "in"), Person: Person{
			Standing: rapid.SampledFrom([]Standing{"", Member, Guest, Stranger}).Draw(t, "standing"),
			Groups:   rapid.SliceOf(rapid.SampledFrom([]string{"S1", "S2"})).Draw(t, "groups"), Unsure: rapid.Bool().Draw(t, "unsure"),
		}}
		in := Incident{
			Number: 7, Status: rapid.SampledFrom([]Status{Declared, Resolved, Closed}).Draw(t, "status"), Private: true, DeclaredBy: "U1",
			Channel: Channel{ID: rapid.SampledFrom([]string{"", "C7"}).Draw(t, "channel")}, Holders: map[Role][]string{Lead: {"U1"}, Ops: {"U2"}},
		}
		for _, wants := range []Right{ToSee, ToResolve} {
			there, nowhere := r.Refuse(by, wants, in), r.Refuse(by, wants, Incident{Number: 7})
			if there == nil || there.Error() != nowhere.Error() {
				t.Fatalf("%s: %v, and of one that is not there %v", wants, there, nowhere)
			}
		}
	})
}
