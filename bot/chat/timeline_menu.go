package chat

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"watchbell/incidents"
)

// maxMenu is how many choices Slack lets an overflow menu have.
const maxMenu = 5

// deed is something that can be done with an entry: label for people, word in the menu, typed as people would type it with %d
// for the entry.
type deed struct{ label, word, typed string }

// deeds are what can be done with an entry that stands among others.
func deeds(e incidents.Entry, among []incidents.Entry) []deed {
	var all []deed
	if e.Gone {
		all = append(all, deed{"Restore", "restore", "restore:%d"})
	} else {
		all = append(all, deed{"Edit", "edit", "edit:%d"})
		i := slices.IndexFunc(among, func(o incidents.Entry) bool { return o.Number == e.Number })
		sameMinute := func(j int) bool {
			return j >= 0 && j < len(among) && !among[j].Gone &&
				among[j].At.Truncate(time.Minute).Equal(e.At.Truncate(time.Minute))
		}
		if sameMinute(i - 1) {
			all = append(all, deed{"Move up", "up", "move:%d up"})
		}
		if sameMinute(i + 1) {
			all = append(all, deed{"Move down", "down", "move:%d down"})
		}
		if e.Internal {
			all = append(all, deed{"Make public", "public", "public:%d"})
		} else {
			all = append(all, deed{"Make internal", "internal", "internal:%d"})
		}
		all = append(all, deed{"Delete", "delete", "delete:%d"})
	}
	if e.Version > 1 {
		all = append(all, deed{"History", "history", "restore:%d"})
	}
	return all
}

// moreDeeds is the word of the menu's last choice when there are more deeds than it holds.
const moreDeeds = "more"

// entryMenu is what can be done with an entry. What has no room is a press further.
func (t *turn) entryMenu(e incidents.Entry, among []incidents.Entry, v timelineView) *Menu {
	all := deeds(e, among)
	if len(all) > maxMenu {
		all = append(all[:maxMenu-1:maxMenu-1], deed{label: "More …", word: moreDeeds})
	}
	m := &Menu{Action: entryAction(strconv.Itoa(e.Number), v)}
	for _, d := range all {
		m.Options = append(m.Options, Option{Value: d.word + " #" + strconv.Itoa(t.number), Label: d.label})
	}
	return m
}

// allDeeds shows an entry with a button for everything that can be done with it.
func (t *turn) allDeeds(incident, entry string) (Reply, error) {
	if n, is, err := incidentNumber(incident); err != nil || !is {
		return Reply{}, t.unknown(incident, "")
	} else if err := t.which(n); err != nil {
		return Reply{}, err
	}
	all, err := t.entriesFor("")
	if err != nil {
		return Reply{}, err
	}
	i := slices.IndexFunc(all, func(e incidents.Entry) bool { return strconv.Itoa(e.Number) == entry })
	if i < 0 {
		return Reply{}, incidents.Refuse(incidents.TooLate, "Entry %s is not in the timeline any more.", inline(entry)).
			Next("`restore %s` brings it back.", inline(entry))
	}
	var row []Button
	for _, d := range deeds(all[i], all) {
		row = append(row, Button{Label: d.label, Action: fmt.Sprintf(d.typed, all[i].Number), Value: strconv.Itoa(t.number)})
	}
	return Reply{Message: say(fmt.Sprintf("*%d*  %s", all[i].Number, entryLines(*t.incident, all[i:i+1])[0]), row...)}, nil
}
