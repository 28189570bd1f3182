package practice

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// serveEvents is a stream of server-sent events: one event says that something has changed, never what. Changes that
// follow each other closely share an event. A browser says by ?since= which version its page shows, and after a break by
// Last-Event-ID, so that no change falls between two looks.
// See https://html.spec.whatwg.org/multipage/server-sent-events.html.
func (p *page) serveEvents(rw http.ResponseWriter, r *http.Request) {
	seen := p.w.Slack.Version()
	for _, said := range []string{r.URL.Query().Get("since"), r.Header.Get("Last-Event-ID")} {
		if n, err := strconv.Atoi(said); err == nil {
			seen = n
		}
	}
	// A stream has no end, so the server's time limits are not for it. Where they cannot be lifted, the browser comes back.
	control := http.NewResponseController(rw)
	_ = control.SetReadDeadline(time.Time{})
	_ = control.SetWriteDeadline(time.Time{})
	changed, cancel := p.w.Slack.Subscribe()
	defer cancel()
	rw.Header().Set("Content-Type", "text/event-stream")
	if _, err := fmt.Fprint(rw, "retry: 1000\n\n"); err != nil {
		return
	}
	for {
		if version := p.w.Slack.Version(); version != seen {
			seen = version
			if _, err := fmt.Fprintf(rw, "id: %d\nevent: change\ndata: %d\n\n", version, version); err != nil {
				return
			}
			if control.Flush() != nil || !p.rest(r) {
				return
			}
			continue
		}
		if control.Flush() != nil {
			return
		}
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		case <-p.w.Slack.ctx.Done():
			return
		}
	}
}

// rest waits until the next event may be sent; false when the stream has ended.
func (p *page) rest(r *http.Request) bool {
	timer := time.NewTimer(p.every)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
	case <-p.w.Slack.ctx.Done():
	}
	return false
}
