package incidents

import (
	"testing"
	"time"
)

// A condition that no incident can meet would leave its step undone for ever.
func TestEveryConditionCanBeMet(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 7, 8, 12, 0, 0, 0, time.UTC)
	in := Incident{
		Severity: "downtime", Status: Closed, Holders: map[Role][]string{Ops: {"UBEN"}}, WellAt: at,
		Update: Update{At: at, Status: Resolved}, Post: PullRequest{Number: 1, State: PullMerged}, Sections: map[Section]string{},
	}
	for _, s := range Sections {
		in.Sections[s] = "Written."
	}
	of := map[string]string{"": "", "role": string(Ops), "status": string(Resolved), "section": string(Sections[0])}
	for what, kind := range Conditions {
		if !in.meets(Condition{What: what, Of: of[kind]}) {
			t.Errorf("nothing meets the condition %q: add a case to Incident.meets, in next.go, and to this test what meets it", what)
		}
	}
}
