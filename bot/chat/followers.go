package chat

import (
	"cmp"
	"fmt"
	"strconv"

	"watchbell/incidents"
)

func runFollow(t *turn) (Reply, error)   { return t.follow(incidents.Follow{}) }
func runUnfollow(t *turn) (Reply, error) { return t.follow(incidents.Follow{Stop: true}) }

func (t *turn) follow(cmd incidents.Follow) (Reply, error) {
	return t.reply(cmd, func(r incidents.Result) *Message {
		n := strconv.Itoa(t.number)
		if cmd.Stop {
			return say(fmt.Sprintf("You do not follow #%s any more.", n), Button{Label: "Follow", Action: "follow", Value: n})
		}
		said := "You follow #%s now: updates, and where it stands, come to you by direct message."
		if r.Unchanged {
			said = "You follow #%s already: updates, and where it stands, come to you by direct message."
		}
		return say(fmt.Sprintf(said, n), Button{Label: "Unfollow", Action: "unfollow", Value: n})
	})
}

// runAsk asks for an update. Whoever asks second is told so: one request is enough.
func runAsk(t *turn) (Reply, error) {
	wanted := t.incident.Wanted
	return t.reply(incidents.AskForUpdate{}, func(r incidents.Result) *Message {
		who := "whoever leads"
		if id := t.incident.Holder(incidents.Communications); id != "" {
			who = "<@" + id + ">"
		}
		text := fmt.Sprintf("An update on #%d is asked for; %s is told. It will be posted, and you get it by direct message if you follow.", r.Incident, who)
		if r.Unchanged && !wanted.At.IsZero() {
			text = fmt.Sprintf("An update on #%d was asked for already, %s; %s knows.", r.Incident, clock(wanted.At), who)
		}
		if t.incident.Follows(t.user) {
			return say(text)
		}
		return say(text, Button{Label: "Follow", Action: "follow", Value: strconv.Itoa(t.number)})
	})
}

// Asked tells whoever owes an update that somebody waits for it; false when nobody does any more.
func Asked(s incidents.Snapshot) (Message, bool) {
	if s.Wanted.At.IsZero() || !s.Status.Open() {
		return Message{}, false
	}
	text := fmt.Sprintf(":speech_balloon: <@%s> asks for an update on #%d *%s*.", s.Wanted.By, s.Number, inline(s.Title))
	if _, outside := incidents.OutsiderName(s.Wanted.By); outside || s.Wanted.By == "" {
		text = fmt.Sprintf(":speech_balloon: Somebody asks for an update on #%d *%s*.", s.Number, inline(s.Title))
	}
	if u := s.Update; u.Number > 0 {
		text += " The last one was at " + clock(u.At) + "."
	}
	return *say(text, Button{Label: "Tell the users", Action: "update", Value: number(s.Incident), Style: "primary"}), true
}

// News is what somebody who follows an incident is told.
func News(s incidents.Snapshot, n incidents.News) Message {
	var m Message
	if n.Update.Number > 0 {
		m = UpdateMessage(s, n.Update)
	} else {
		text := fmt.Sprintf("%s *#%d %s* is now *%s*", statusEmoji(n.Status), s.Number, inline(s.Title), cmp.Or(string(n.Status), string(s.Status)))
		if s.Channel.ID != "" {
			text += " · <#" + s.Channel.ID + ">"
		}
		m = *say(text)
	}
	m.Blocks = append(m.Blocks, Block{Kind: Actions, Buttons: []Button{{Label: "Unfollow", Action: "unfollow", Value: number(s.Incident)}}})
	return m
}
