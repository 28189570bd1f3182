package slackio

import (
	"context"
	"errors"

	"watchbell/incidents"
)

// markedPages bounds how far back a channel is read for messages that are there twice.
const markedPages = 25

// Marked returns where the bot's messages about these incidents are, in their channels and in the team channel, by the key in
// their metadata. Its errors are sentences for people.
func (o *Outgoing) Marked(ctx context.Context, open []incidents.Incident) (map[string][]string, error) {
	since := map[string]incidents.Incident{} // the oldest incident of each channel
	add := func(channel string, in incidents.Incident) {
		if was, ok := since[channel]; channel != "" && (!ok || in.DeclaredAt.Before(was.DeclaredAt)) {
			since[channel] = in
		}
	}
	team := ""
	for _, in := range open {
		add(in.Channel.ID, in)
		if team == "" && o.o.TeamChannel != "" && !in.Private {
			var err error
			if team, err = o.channelNamed(ctx, o.o.TeamChannel); err != nil {
				return nil, inWords(err)
			}
		}
		if !in.Private {
			add(team, in)
		}
	}
	found := map[string][]string{}
	for channel, in := range since {
		from := lookSince(incidents.Snapshot{Incident: in})
		err := o.eachOurs(ctx, channel, "", from, markedPages, func(key, ts string) (more bool) {
			found[key] = append(found[key], place{channel, ts}.String())
			return true
		})
		if err != nil {
			return found, inWords(err)
		}
	}
	return found, nil
}

// inWords turns an error into the sentence that people are told about it.
func inWords(err error) error {
	if t := (*trouble)(nil); errors.As(err, &t) && t.Say != "" {
		return incidents.InWords(t.Say, err)
	}
	return err
}
