package slackio

import (
	"context"
	"errors"
	"net/url"
	"strconv"

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
		err := o.eachOurs(ctx, channel, in, func(key, ts string) {
			found[key] = append(found[key], place{channel, ts}.String())
		})
		if err != nil {
			return found, inWords(err)
		}
	}
	return found, nil
}

// eachOurs calls do for every message in a channel that has our metadata, from the declaration of an incident on.
func (o *Outgoing) eachOurs(ctx context.Context, channel string, in incidents.Incident, do func(key, ts string)) error {
	args := url.Values{"channel": {channel}, "limit": {strconv.Itoa(pageSize)}, "include_all_metadata": {"true"}}
	if from := lookSince(incidents.Delivery{}, incidents.Snapshot{Incident: in}); !from.IsZero() {
		args.Set("oldest", strconv.FormatInt(from.Unix(), 10)+".000000")
	}
	for range markedPages {
		var page history
		if err := o.c.read(ctx, methodHistory, args, &page); err != nil {
			return err
		}
		for _, m := range page.Messages {
			if key := m.Meta.Payload.Key; m.Meta.EventType == metadataEvent && key != "" {
				do(key, m.TS)
			}
		}
		if page.Metadata.Next == "" {
			return nil
		}
		args.Set("cursor", page.Metadata.Next)
	}
	return nil
}

// plainError is an error whose text is for people; its chain is for the log.
type plainError struct {
	say string
	err error
}

func (e *plainError) Error() string { return e.say }
func (e *plainError) Unwrap() error { return e.err }

// inWords turns an error into the sentence that people are told about it.
func inWords(err error) error {
	if t := (*trouble)(nil); errors.As(err, &t) && t.Say != "" {
		return &plainError{t.Say, err}
	}
	return err
}
