package practice

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// trainingRig is a page with a drill on offer and the clock that a session needs. Nobody answers for the bot.
func trainingRig(t *testing.T) *pageRig {
	t.Helper()
	clock := NewClock(time.Date(2026, 11, 7, 14, 5, 0, 0, time.UTC))
	w := New(Options{Now: clock.Now})
	mux := http.NewServeMux()
	mux.Handle("/practice/", w.Handler())
	mux.Handle("GET /{$}", w.Page())
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	t.Cleanup(w.Slack.Close)
	drill, err := ShippedDrill(DefaultDrill)
	if err != nil {
		t.Fatal(err)
	}
	w.Offer(drill, clock)
	return &pageRig{slackRig: &slackRig{t: t, w: w, s: w.Slack, url: server.URL}, page: server.URL}
}

// until waits until the session is in a state.
func (r *pageRig) until(what string, is func(*sessionView) bool) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 20*time.Second)
	defer cancel()
	if err := r.w.WaitFor(ctx, func() bool { v := r.w.page.sessionView(); return v != nil && is(v) }); err != nil {
		r.t.Fatalf("%s: %v; the session is %+v", what, err, r.w.page.sessionView())
	}
}

func TestSideTrainsAPerson(t *testing.T) {
	t.Parallel()
	r := trainingRig(t)
	r.shows(r.look(""), "Take part in", "Play the first drill")
	r.refused("session", fields("do", "pause"), "No drill is going on")
	r.refused("train", fields("drill", "../../etc/passwd"), "There is no drill")
	r.done("train", fields("drill", "dead-services"))
	r.until("begin", func(v *sessionView) bool { return v.Running && v.Steps > 0 })
	r.shows(r.look(""), "When the helpers fail too", "You are Nora; the others act by themselves.", "watch in #team: Lockers: 214 of 230", "4× life · 1 of 60 events · next at 13:01")
	r.refused("train", fields("drill", DefaultDrill), "is going on already")
	answer, err := http.Post(r.page+"/practice/page/play", "", nil)
	r.must(err)
	answer.Body.Close()
	if answer.StatusCode != http.StatusConflict {
		t.Errorf("playing the drill on offer meanwhile: %d, want 409", answer.StatusCode)
	}

	r.done("session", fields("do", "pause"))
	r.until("pause", func(v *sessionView) bool { return v.Paused })
	r.shows(r.look(""), "Paused.", "Go on")
	r.done("session", fields("do", "skip"))
	r.until("skip", func(v *sessionView) bool { return v.Steps > 1 && v.Paused })
	r.shows(r.look(""), "The drill has asked for these:", "GitHub answers 503: every call")
	r.done("session", fields("do", "slower"))
	r.done("session", fields("do", "slower"))
	r.until("slower", func(v *sessionView) bool { return v.Pace == "as in life" })
	r.done("session", fields("do", "faster"))
	r.until("faster", func(v *sessionView) bool { return v.Pace == "2× life" })
	r.done("session", fields("do", "resume"))
	r.until("resume", func(v *sessionView) bool { return v.Running })
	r.done("session", fields("do", "skip"))
	r.until("hint", func(v *sessionView) bool {
		return len(v.Lines) > 0 && v.Lines[len(v.Lines)-1].Kind == LineHint
	})
	r.shows(r.look(""), "Hint Parcels are locked in. Declare it.")
	r.refused("session", fields("do", "<script>"), "nothing else")

	r.done("session", fields("do", "end"))
	r.until("end", func(v *sessionView) bool { return v.Over })
	page := r.look("")
	r.shows(page, "When the helpers fail too is over.", "The protocol", "declared left out", "The debrief as Markdown", "# Debrief: When the helpers fail too")
	if !strings.Contains(page, "<table>") || strings.Contains(page, "Pace of the drill") {
		t.Error("the debrief is not drawn, or the drill can still be steered")
	}
}
