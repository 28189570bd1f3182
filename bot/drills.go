package main

import (
	"watchbell/bot/chat"
	"watchbell/incidents"
	"watchbell/integrations/practice"
)

// drills are the drills that ship with the bot, as far as they can be run in a Slack where nobody plays the cast: what
// its people say, when they say it.
func drills() []chat.Drill {
	var all []chat.Drill
	for _, name := range practice.Drills() {
		d, err := practice.ShippedDrill(name)
		if err != nil {
			continue // a test plays every one of them
		}
		called := map[string]string{}
		for _, a := range d.Cast {
			called[a.Name] = a.RealName
		}
		drill := chat.Drill{Name: name, Title: d.Title}
		for _, s := range d.Steps {
			if s.Do == "says" {
				drill.Lines = append(drill.Lines, incidents.DrillLine{After: s.At.Sub(d.Start), Who: called[s.Who], Text: s.Text})
			}
		}
		all = append(all, drill)
	}
	return all
}
