package chat

import (
	"context"
	"fmt"

	"watchbell/incidents"
)

// Lost is a channel in which the bot cannot act any more: somebody archived or deleted it, or took the bot out.
type Lost struct {
	Event, Channel string
	By             string // who did it; empty where Slack does not say
	// Archived or Deleted is what became of the channel; neither: the bot is not in it any more.
	Archived, Deleted bool
}

// Lost is what whoever leads is told when the channel of an incident that goes on is lost; nil for nothing. Nothing can be
// shown in the channel itself.
func (d *Desk) Lost(ctx context.Context, l Lost) (*incidents.Notice, *Message, error) {
	number, err := d.service.InChannel(ctx, l.Channel)
	if err != nil || number == 0 || l.Channel == "" {
		return nil, nil, err
	}
	s, err := d.service.Snapshot(ctx, number)
	if err != nil || !s.Status.Open() {
		return nil, nil, err
	}
	to := s.Holder(incidents.Lead)
	if _, outside := incidents.OutsiderName(to); outside || to == "" {
		to = l.By
	}
	if to == "" {
		to = s.DeclaredBy
	}
	m := drilled(s.Drill, lost(s, l, d.o.Command))
	return &incidents.Notice{Key: l.Event, User: to}, &m, nil
}

// Stale tells the lead that Slack takes no change of the card, and why.
func Stale(s incidents.Snapshot, why string) Message {
	text := fmt.Sprintf(":warning: The card of #%d *%s* in <#%s> does not show how things are any more: %s Whoever reads it there reads what was.",
		s.Number, inline(s.Title), s.Channel.ID, inline(Shorten(why, 300)))
	key := fmt.Sprintf("inc-%d/%s", s.Number, incidents.KindSummary)
	return drilled(s.Drill, *say(text, Button{Label: "Show how things are", Action: "show", Value: number(s.Incident)},
		Button{Label: "Try again", Action: "retry:" + key, Value: key}))
}

func lost(s incidents.Snapshot, l Lost, command string) Message {
	who := "somebody"
	if l.By != "" {
		who = "<@" + l.By + ">"
	}
	about := fmt.Sprintf("<#%s>, the channel of #%d *%s*, which is still open", l.Channel, s.Number, inline(s.Title))
	log := fmt.Sprintf("`%s log #%d …`", command, s.Number)
	if l.Deleted {
		return *say(fmt.Sprintf(":warning: %s has deleted the channel of #%d *%s*, which is still open. What is in the timeline is kept; "+
			"go on in another conversation, where %s and the other verbs work with the number.", who, s.Number, inline(s.Title), log))
	}
	if l.Archived {
		return *say(fmt.Sprintf(":warning: %s has archived %s. Nothing can be said or shown there any more. "+
			"Unarchive it, and it is brought up to date; meanwhile %s works in every other conversation.", who, about, log))
	}
	return *say(fmt.Sprintf(":warning: %s has taken me out of %s. What is pinned, edited or answered there does not reach me any more. "+
		"After `/invite` of me there I read it back; meanwhile %s works everywhere.", who, about, log))
}
