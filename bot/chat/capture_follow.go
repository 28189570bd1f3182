package chat

import (
	"context"
	"fmt"
	"strings"

	"watchbell/incidents"
)

// Marked follows a mark: the capture reaction on a message in an incident's channel, or a pin, puts it into the timeline,
// and takes it out again when it is removed. An error means that it was not recorded.
func (d *Desk) Marked(ctx context.Context, m Marked) (Reply, error) {
	how := incidents.ByPin
	if !m.Pin {
		emoji, _, _ := strings.Cut(m.Emoji, "::")
		if emoji != d.o.Reaction {
			return Reply{}, nil
		}
		how = incidents.ByReaction(emoji)
	}
	source := incidents.Source{Channel: m.Channel, TS: m.TS}
	var cmd incidents.Command = incidents.CaptureMessage{Source: source, How: how, At: m.At}
	if m.Removed {
		cmd = incidents.WithdrawCapture{Source: source, How: how, At: m.At}
	}
	result, refused, err := d.follow(ctx, m.Event, m.User, m.Channel, cmd)
	if refused != nil && !m.Removed {
		return Reply{Message: say(":x: " + d.spelled(refused.Error()))}, err
	}
	if said := stays(result); said != "" && err == nil {
		did := "Added to"
		if m.Removed {
			did = "Taken out of"
		}
		return Reply{Message: say(fmt.Sprintf("%s the timeline of #%d.%s", did, result.Incident, said))}, nil
	}
	return Reply{}, err
}

// Changed follows the edit or deletion of a message in an incident's channel. An error means that it was not recorded.
func (d *Desk) Changed(ctx context.Context, m MessageChanged) error {
	source := incidents.Source{Channel: m.Channel, TS: m.TS}
	var cmd incidents.Command = incidents.EditMessage{Source: source, Text: m.Text, Files: m.Files, EditedAt: m.EditedAt}
	if m.Deleted {
		cmd = incidents.DeleteMessage{Source: source}
	}
	if _, _, err := d.follow(ctx, "", "", m.Channel, cmd); err != nil {
		return err
	}
	return d.followAbroad(ctx, source, cmd)
}

// followAbroad carries out what became of a message for the incidents that it was brought into from a conversation that is
// not theirs.
func (d *Desk) followAbroad(ctx context.Context, source incidents.Source, cmd incidents.Command) error {
	found, err := d.service.Find(ctx, incidents.Query{Captured: source})
	for _, in := range found {
		if in.Channel.ID == source.Channel {
			continue
		}
		_, err := d.service.Handle(ctx, incidents.Request{By: incidents.Actor{In: in.Channel.ID}, Incident: in.Number, Command: cmd})
		if err != nil && incidents.AsRefusal(err) == nil {
			return err
		}
	}
	return err
}

// follow carries out a command that came from a message in a channel. Where the channel is no incident's there is
// nothing to do.
func (d *Desk) follow(ctx context.Context, event, user, channel string, cmd incidents.Command) (result incidents.Result, refused *incidents.Refusal, err error) {
	number, err := d.service.InChannel(ctx, channel)
	if err != nil || number == 0 {
		return result, nil, err
	}
	result, err = d.service.Handle(ctx, incidents.Request{
		Event: event, By: incidents.Actor{User: user, In: channel}, Incident: number, Command: cmd,
		KeepRefusal: true,
	})
	if refused = incidents.AsRefusal(err); refused != nil {
		return result, refused, nil
	}
	return result, nil, err
}

// Unfollowed says of an entry that it came from a conversation where the bot is not.
func Unfollowed(s incidents.Snapshot, e incidents.Entry) Message {
	return *say(fmt.Sprintf("Entry %d of #%d came from <#%s>, where I am not, so it stays as it is when the message is edited or deleted there. "+
		"After `/invite` of me there it follows, from then on.", e.Number, s.Number, e.Source.Channel))
}
