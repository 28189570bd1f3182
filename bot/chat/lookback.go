package chat

import (
	"fmt"
	"slices"
	"strings"

	"watchbell/incidents"
)

// LookBack tells the lead in private how the protocol was followed, and asks since when users are well where nobody has
// said so. It is never published.
func LookBack(s incidents.Snapshot) Message {
	a := s.Adherence()
	lines := []string{fmt.Sprintf("*#%d is resolved. How it went by the protocol*, for you alone:", s.Number)}
	if a.Done > 0 {
		lines = append(lines, "• "+count(a.Done, "step", "steps")+" done in time")
	}
	for _, step := range a.Late {
		lines = append(lines, "• late by "+lasted(step.Mark.Late)+": "+inline(step.Say))
	}
	for _, step := range a.Skipped {
		lines = append(lines, "• skipped: "+inline(step.Say)+", because “"+inline(Shorten(step.Mark.Reason, 200))+"”")
	}
	for _, step := range a.Left {
		lines = append(lines, "• not done: "+inline(step.Say))
	}
	if a.Silence > 0 {
		lines = append(lines, "• declared "+lasted(a.Silence)+" after the first sign")
	}
	if len(a.Well) == 0 || asksWell(s) {
		return drilled(s.Drill, *say(strings.Join(lines, "\n")))
	}
	lines = append(lines, "*Since when were users well again?* Nobody has said so; one press puts it into the timeline.")
	return drilled(s.Drill, *say(strings.Join(lines, "\n"), wellButtons(s)...))
}

// asksWell reports whether whoever resolved it was asked since when users are well.
func asksWell(s incidents.Snapshot) bool {
	return slices.ContainsFunc(s.Missing(incidents.Resolved), func(step incidents.Step) bool { return step.Done.What == incidents.WhenWell })
}
