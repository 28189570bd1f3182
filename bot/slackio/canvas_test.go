package slackio

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"watchbell/incidents"
	"watchbell/integrations/practice"
)

func TestTheCanvasIsEditedInPlace(t *testing.T) {
	w := newWorld(t)
	_, out := w.deliver(w.wish(incidents.KindSummary, ""), w.s)
	if !out.Canvas {
		t.Fatal("the card asks for no canvas")
	}
	d, _ := w.deliver(w.wish(incidents.KindCanvas, ""), w.s)
	d, _ = w.deliver(d, w.s)
	if got := w.rig.s.Canvas(w.s.Channel.ID).Edits; got != 0 {
		t.Errorf("%d edits to say the same again", got)
	}
	w.s.Title = "search"
	w.w.Faults.Add(practice.Fault{Service: "slack", Call: "canvases.edit", After: true, Cut: true, Times: 1})
	d.Tried++
	if out := w.out.Deliver(context.Background(), d, w.s); out.Verdict != incidents.Uncertain {
		t.Fatalf("outcome %+v", out)
	}
	d.Failures, w.s.Title = 1, "checkout" // what may be shown is not what should be
	d, _ = w.deliver(d, w.s)
	if got := w.rig.s.Canvas(w.s.Channel.ID).Markdown; got != "# Incident 1: checkout" {
		t.Errorf("canvas %q", got)
	}
	w.s.Title = "payments"
	w.deliver(d, w.s)
	if got := w.rig.s.Canvas(w.s.Channel.ID); !strings.HasSuffix(got.Markdown, "payments") {
		t.Errorf("canvas %+v", got)
	}
	w.valid()
}

// Somebody made the channel's canvas before we did: theirs is not touched.
func TestACanvasOfOthersIsLeftAlone(t *testing.T) {
	w := newWorld(t)
	api := slack.New(w.rig.s.BotToken(), slack.OptionAPIURL(w.url+"/"))
	_, err := api.CreateChannelCanvas(w.s.Channel.ID, markdownDocument("# Our notes"))
	w.must(err)
	d, _ := w.deliver(w.wish(incidents.KindCanvas, ""), w.s)
	w.s.Title = "search"
	before := w.w.Wire.Count("slack")
	w.deliver(d, w.s)
	if got := w.rig.s.Canvas(w.s.Channel.ID).Markdown; got != "# Our notes" || w.w.Wire.Count("slack") != before {
		t.Errorf("canvas %q, %d more calls", got, w.w.Wire.Count("slack")-before)
	}
}

// Where the plan has no canvases, the pinned card is what there is, and nobody is troubled again.
func TestNoCanvasWhereSlackHasNone(t *testing.T) {
	for _, reason := range []string{"team_tier_cannot_create_channel_canvases", "canvas_disabled_user_team", "missing_scope"} {
		t.Run(reason, func(t *testing.T) {
			w := newWorld(t)
			w.w.Faults.Add(practice.Fault{
				Service: "slack", Call: "conversations.canvases.create", Status: http.StatusOK, Body: `{"ok":false,"error":"` + reason + `"}`, Times: 1,
			})
			d, out := w.deliver(w.wish(incidents.KindCanvas, ""), w.s)
			if out.Verdict != incidents.Delivered || d.Receipt.ID != "" {
				t.Errorf("outcome %+v", out)
			}
			if _, out := w.deliver(w.wish(incidents.KindSummary, ""), w.s); out.Canvas {
				t.Error("the next card asks for a canvas again")
			}
			if !strings.Contains(w.logs.String(), reason) {
				t.Errorf("the log does not say why:\n%s", w.logs)
			}
		})
	}
}
