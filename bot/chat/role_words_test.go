package chat

import (
	"strings"
	"testing"
	"time"

	"watchbell/incidents"
)

// However a role stands, there is a sentence for it with the names, and one without any.
func TestHowARoleStands(t *testing.T) {
	noon := time.Date(2026, 3, 17, 12, 0, 0, 0, time.UTC)
	asked := func(who string) incidents.Handover {
		return incidents.Handover{Role: incidents.Ops, To: who, By: "U1", At: noon}
	}
	for name, c := range map[string]struct {
		lead, ops     []string
		handovers     []incidents.Handover
		want, outside string
	}{
		"nobody leads":     {nil, nil, nil, "nobody", "open"},
		"never given":      {[]string{"U1"}, nil, nil, "<@U1> (with the lead)", "with whoever leads"},
		"one":              {[]string{"U1"}, []string{"U2"}, nil, "<@U2>", "taken"},
		"one who is asked": {[]string{"U1"}, []string{"U2"}, []incidents.Handover{asked("U2")}, "<@U2> (asked)", "asked"},
		"two":              {[]string{"U1"}, []string{"U2", "U3"}, nil, "<@U2>, <@U3>", "taken by 2"},
		"one of two asked": {[]string{"U1"}, []string{"U2", "U3"}, []incidents.Handover{asked("U3")}, "<@U2>, <@U3> (asked)", "taken by 1, 1 more asked"},
		"both asked":       {[]string{"U1"}, []string{"U2", "U3"}, []incidents.Handover{asked("U2"), asked("U3")}, "<@U2> (asked), <@U3> (asked)", "2 are asked"},
		"given up": {
			[]string{"U1"}, nil, []incidents.Handover{{Role: incidents.Ops, To: "U2", Until: noon}},
			"nobody since 12:00 (with the lead, <@U1>)", "open, with whoever leads",
		},
	} {
		in := incidents.Incident{Status: incidents.Declared, Handovers: c.handovers, Holders: map[incidents.Role][]string{incidents.Ops: c.ops}}
		if c.lead != nil {
			in.Holders[incidents.Lead] = c.lead
		}
		n := naming{inSlack.person, func(at time.Time) string { return at.Format("15:04") }}
		if got := n.held(in, incidents.Ops); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if got := HeldBySomebody(in, incidents.Ops); got != c.outside || strings.Contains(got, "U") {
			t.Errorf("%s: outside %q, want %q", name, got, c.outside)
		}
	}
}

// What others did to a list while somebody had it open in a form stays.
func TestListsAreMerged(t *testing.T) {
	for name, c := range map[string]struct{ now, saw, sent, want string }{
		"added":                       {"a b", "a b", "a b c", "a b c"},
		"taken out":                   {"a b", "a b", "b", "b"},
		"emptied":                     {"a", "a", "", ""},
		"somebody came meanwhile":     {"a d", "a", "a b", "a d b"},
		"somebody left meanwhile":     {"b", "a b", "a b c", "b c"},
		"both added the same one":     {"a c", "a", "a c", "a c"},
		"nothing was there, one came": {"", "", "a", "a"},
	} {
		got := strings.Join(merged(strings.Fields(c.now), strings.Fields(c.saw), strings.Fields(c.sent)), " ")
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
