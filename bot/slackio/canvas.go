package slackio

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"

	"github.com/slack-go/slack"

	"watchbell/bot/chat"
	"watchbell/incidents"
)

// notOurs is the receipt where the channel's canvas is somebody else's, or was deleted: it is left alone from then on.
const notOurs = "not ours"

// canvasLess are the answers by which Slack says that there are no canvases for us here: the plan, the administrators, or
// the app's scopes. See https://docs.slack.dev/reference/methods/conversations.canvases.create.
var canvasLess = []string{
	"team_tier_cannot_create_channel_canvases", "free_team_canvas_tab_already_exists", "free_teams_cannot_create_non_tabbed_canvases",
	"canvas_disabled_user_team", "canvas_tab_creation_failed", "missing_scope", "not_allowed_token_type", "unknown_method",
}

// wantsCanvas reports whether an incident's channel may have a canvas. A channel that was there before the incident has
// one of its own, if any.
func (o *Outgoing) wantsCanvas(s incidents.Snapshot) bool {
	return o.o.Canvas && !s.InPlace() && !o.canvasLess.Load()
}

// canvas has the channel's canvas say how things stand. It is one more view: where it cannot be, the pinned card and the
// page say the same, so nobody is troubled with it.
func (o *Outgoing) canvas(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) (incidents.Outcome, error) {
	if !o.wantsCanvas(s) || d.Receipt.ID == notOurs {
		return incidents.DeliveredAs(d.Receipt), nil
	}
	text := o.o.Render.Canvas(s)
	sum := sha256.Sum256([]byte(text))
	shown := incidents.Receipt{ID: d.Receipt.ID, Note: hex.EncodeToString(sum[:8])}
	if d.Stands() && d.Receipt == shown {
		return incidents.DeliveredAs(shown), nil
	}
	var err error
	if shown.ID == "" {
		shown.ID, err = o.makeCanvas(ctx, s, text)
	} else {
		err = o.editCanvas(ctx, shown.ID, text)
	}
	switch {
	case isCode(err, canvasLess...):
		o.canvasLess.Store(true)
		o.log.Info("no canvas is kept in the channels, for Slack does not allow it here; slack.canvas: false leaves it out", "reason", code(err))
		return incidents.DeliveredAs(d.Receipt), nil
	case d.Receipt.ID != "" && isCode(err, "canvas_not_found", "access_denied") && o.outside(ctx, s.Channel.ID):
		// It is there, but we are not: it must not go on showing what was when the bot is invited again.
		return incidents.Failing(incidents.Impossible, sentences["not_in_channel"], err), nil
	case isCode(err, "canvas_not_found", "canvas_deleted", "restricted_action", "access_denied"):
		shown.ID, err = notOurs, nil
	}
	if err != nil {
		return incidents.Outcome{}, err
	}
	return incidents.DeliveredAs(shown), nil
}

// outside reports whether Slack says that the bot is not in a channel.
func (o *Outgoing) outside(ctx context.Context, channel string) bool {
	var c *slack.Channel
	err := o.c.call(ctx, methodInfo, "", func(ctx context.Context) (err error) {
		c, err = o.c.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: channel})
		return err
	})
	return isCode(err, "channel_not_found") || err == nil && !c.IsMember
}

// makeCanvas makes the channel's canvas and returns its id. One that is there already is ours when its heading says so: a
// lost attempt made it.
func (o *Outgoing) makeCanvas(ctx context.Context, s incidents.Snapshot, text string) (id string, err error) {
	err = o.c.call(ctx, methodCanvasMake, "", func(ctx context.Context) (err error) {
		id, err = o.c.api.CreateChannelCanvasContext(ctx, s.Channel.ID, markdownDocument(text))
		return err
	})
	if !isCode(err, "channel_canvas_already_exists") {
		return cmp.Or(id, notOurs), err // one whose id Slack keeps to itself cannot be edited
	}
	var c *slack.Channel
	err = o.c.call(ctx, methodInfo, "", func(ctx context.Context) (err error) {
		c, err = o.c.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: s.Channel.ID})
		return err
	})
	if err != nil {
		return "", err
	}
	if c.Properties == nil || c.Properties.Canvas.FileId == "" {
		return notOurs, nil
	}
	id = c.Properties.Canvas.FileId
	var ours []slack.CanvasSection
	err = o.c.call(ctx, methodCanvasLook, "", func(ctx context.Context) (err error) {
		ours, err = o.c.api.LookupCanvasSectionsContext(ctx, slack.LookupCanvasSectionsParams{
			CanvasID: id, Criteria: slack.LookupCanvasSectionsCriteria{SectionTypes: []string{"h1"}, ContainsText: chat.CanvasTitle(s.Incident)},
		})
		return err
	})
	if err != nil {
		return "", err
	}
	if len(ours) == 0 {
		return notOurs, nil
	}
	return id, o.editCanvas(ctx, id, text)
}

// editCanvas replaces all of a canvas: one change a call is what Slack takes.
func (o *Outgoing) editCanvas(ctx context.Context, id, text string) error {
	return o.c.call(ctx, methodCanvasEdit, "", func(ctx context.Context) error {
		return o.c.api.EditCanvasContext(ctx, slack.EditCanvasParams{
			CanvasID: id, Changes: []slack.CanvasChange{{Operation: "replace", DocumentContent: markdownDocument(text)}},
		})
	})
}

func markdownDocument(text string) slack.DocumentContent {
	return slack.DocumentContent{Type: "markdown", Markdown: text}
}
