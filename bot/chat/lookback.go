package chat

import (
	"fmt"
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
	if len(a.Well) == 0 {
		return *say(strings.Join(lines, "\n"))
	}
	lines = append(lines, "*Since when were users well again?* Nobody has said so; one press puts it into the timeline.")
	var row []Button
	for _, at := range a.Well {
		row = append(row, Button{
			Label: "Since " + at.UTC().Format("15:04") + " UTC", Value: number(s.Incident),
			Action: "log:" + at.UTC().Format("2006-01-02 15:04") + " UTC " + wellAgain,
		})
	}
	return *say(strings.Join(lines, "\n"), append(row, Button{Label: "Another time …", Action: "log", Value: number(s.Incident)})...)
}

// wellAgain is the entry that a press of the question makes.
const wellAgain = "Users were well again"
