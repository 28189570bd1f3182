package protocol

import (
	"slices"
	"testing"
	"time"

	"watchbell/incidents"
)

// missing names the steps that should have been done by a gate.
func (g *played) missing(gate incidents.Status) (ids []string) {
	for _, s := range g.in.Missing(gate) {
		ids = append(ids, s.ID)
	}
	return ids
}

func (g *played) asks(gate incidents.Status, want ...string) {
	g.t.Helper()
	if got := g.missing(gate); !slices.Equal(got, want) {
		g.t.Errorf("at %s it asks about %q, want %q", gate, got, want)
	}
}

func TestResolveAsksWhatIsMissing(t *testing.T) {
	g := play(t, Default())
	g.do(incidents.SendUpdate{Text: "We are at it."})
	g.now = noon.Add(time.Hour)
	g.do(incidents.Resolve{})
	g.asks(incidents.Resolved, "well", "told")

	well := noon.Add(40 * time.Minute)
	g.do(incidents.SetStatus{Status: incidents.Monitoring, At: well})
	if g.in.Status != incidents.Resolved || !g.in.WellAt.Equal(well) {
		t.Errorf("said afterwards since when users are well, it is %s, well at %s", g.in.Status, g.in.WellAt)
	}
	g.asks(incidents.Resolved, "told")
	g.do(incidents.SkipStep{Step: "told", Reason: "nobody noticed"})
	g.asks(incidents.Resolved)
	if m := g.in.Mark("told"); m.Reason != "nobody noticed" || m.By != "U1" {
		t.Errorf("why it was left out is kept as %+v", m)
	}

	g.do(incidents.Reopen{})
	if !g.in.WellAt.IsZero() {
		t.Error("users are well in an incident that was taken up again")
	}
	g.do(incidents.SetStatus{Status: incidents.Monitoring})
	g.do(incidents.SetStatus{Status: incidents.Investigating})
	g.do(incidents.Resolve{})
	g.asks(incidents.Resolved, "well")
}

func TestUsersWhoWereToldAreNotAskedAbout(t *testing.T) {
	g := play(t, Default())
	g.do(incidents.SetStatus{Status: incidents.Monitoring})
	g.do(incidents.SendUpdate{Text: "It works again."})
	g.do(incidents.Resolve{})
	g.asks(incidents.Resolved)
}

func TestCloseIsNeverHeldUp(t *testing.T) {
	g := play(t, Default())
	g.do(incidents.AddAction{Text: "rotate the keys"})
	g.do(incidents.Resolve{})
	g.do(incidents.Close{})
	g.asks(incidents.Closed, "owners")
	g.do(incidents.SkipStep{Step: "owners", Reason: "the team has left"})
	g.asks(incidents.Closed)
	if _, err := g.try(incidents.SkipStep{Step: "severity", Reason: "x"}); err == nil {
		t.Error("a step that was no gate can be left out of a closed incident")
	}
	g.do(incidents.FinishAction{Number: 1})
	if len(g.in.OpenActions()) != 0 || g.in.Actions[0].DoneBy != "U1" {
		t.Errorf("after it is closed an action item cannot be done: %+v", g.in.Actions)
	}
	if _, err := g.try(incidents.FinishAction{Number: 2}); err == nil {
		t.Error("an action item that is not there was done")
	}
}

func TestADayThatIsOverIsQuestioned(t *testing.T) {
	g := play(t, Default())
	yesterday := noon.Truncate(24*time.Hour).AddDate(0, 0, -2)
	_, err := g.try(incidents.AddAction{Text: "rotate the keys", Due: yesterday})
	if r := incidents.AsRefusal(err); r == nil || r.Code != incidents.Past {
		t.Errorf("it is taken: %v", err)
	}
	g.do(incidents.AddAction{Text: "rotate the keys", Due: yesterday, Confirmed: true})
	g.do(incidents.AddAction{Text: "rotate the certificates", Due: noon.Truncate(24 * time.Hour)})
}
