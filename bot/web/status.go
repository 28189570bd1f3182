package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"watchbell/bot/chat"
	"watchbell/incidents"
)

// ReadStatus is the right to see what waits for the services or has failed, without what it says, and to have it tried
// again or left out.
const ReadStatus Purpose = "status"

const statusPath = "/status"

// StatusURL is the address of the page that a token opens, below the address where Watchbell is reached.
func StatusURL(base, token string) string { return opens(base, token, statusPath) }

// Deliveries is what the page of whoever runs Watchbell shows and decides.
type Deliveries interface {
	// Backlog counts what waits, by service; see incidents.Reader.
	Backlog(ctx context.Context) ([]incidents.Backlog, error)
	// Unsettled returns the deliveries that wait, are under way or have failed, failed ones first, at most limit.
	Unsettled(ctx context.Context, limit int) ([]incidents.Delivery, error)
	// Decide has a delivery tried again, or left out. It returns incidents.ErrNotFound or a *incidents.Refusal.
	Decide(ctx context.Context, by incidents.Actor, key string, leaveOut bool) (incidents.Delivery, error)
}

// ProtocolStanding is how the protocol stands that is followed in a repository.
type ProtocolStanding struct {
	Place   string   // where it is, for people
	Version string   // what incidents are declared under now; empty for the default
	Away    string   // why the file could not be read; empty when it could
	Wrong   []string // mistakes in the file as it is now, which keep it from being used
}

// statusPage is how things stand with the services. It names no incident but by number, and no words.
type statusPage struct {
	Style, Title, Read, Ends, Said string
	Refresh                        int
	Other                          string // see steady
	Waiting, Failed                int
	Services                       []serviceRow
	Deliveries                     []deliveryRow
	More                           bool
	Protocol                       *ProtocolStanding
}

type serviceRow struct {
	Name            string
	Waiting, Failed int
	Oldest, Error   string
}

type deliveryRow struct {
	Key, What, State, Since, Error string
	Incident, Tried                int
	Failed                         bool
}

// services are those that have a row; unusual ones only while something waits for them or has failed.
var services = []struct {
	target  incidents.Target
	name    string
	unusual bool
}{
	{incidents.Slack, "Slack", false}, {incidents.Trello, "Trello", false}, {incidents.GitHub, "GitHub", false},
	{incidents.Web, "Webhooks", true}, {incidents.Mail, "E-mail", true},
}

// manyDeliveries is how many the page lists.
const manyDeliveries = 100

func (p *Pages) showStatus(w http.ResponseWriter, r *http.Request) {
	right, _, ok := p.right(w, r, ReadStatus)
	if !ok {
		return
	}
	page, err := p.status(r.Context())
	if err != nil {
		p.o.Log.Error("the deliveries could not be read", "error", err)
		p.say(w, http.StatusServiceUnavailable, "The database does not answer", "Nothing can be said or recorded right now.", "Look at the log of the process, and try again in a minute.")
		return
	}
	page.Ends, page.Said = right.Expires.Format("2 January 2006"), saidOf[r.URL.Query().Get("said")]
	if page.Said != "" {
		page.Refresh = 0 // it would be said again and again
	}
	page.Refresh, page.Other = steady(r, page.Refresh)
	p.render(w, http.StatusOK, "status.html", page)
}

// saidOf words what was decided on the page before.
var saidOf = map[string]string{"retry": "It is tried again now.", "skip": "It is left out. The incident goes on without it."}

func (p *Pages) status(ctx context.Context) (statusPage, error) {
	page := statusPage{Style: styleVersion, Title: "Status", Refresh: refreshEvery, Read: utcTime(p.o.Now())}
	backlog, err := p.o.Deliveries.Backlog(ctx)
	if err != nil {
		return page, err
	}
	found, err := p.o.Deliveries.Unsettled(ctx, manyDeliveries+1)
	if err != nil {
		return page, err
	}
	if p.o.Protocol != nil {
		standing := p.o.Protocol()
		page.Protocol = &standing
	}
	latest := map[incidents.Target]incidents.Delivery{} // the one with the last error
	for i, d := range found {
		if d.LastError != "" && !d.FailingSince.Before(latest[d.Target].FailingSince) {
			latest[d.Target] = d
		}
		if page.More = i == manyDeliveries; page.More {
			break
		}
		row := deliveryRow{
			Key: d.Key, What: d.Describe(), State: "waits", Incident: d.Incident, Tried: d.Attempt, Failed: d.State == incidents.Failed,
			Error: chat.Shorten(d.LastError, 300),
		}
		switch {
		case row.Failed:
			row.State = "failed"
		case d.State == incidents.Leased:
			row.State = "under way"
		case d.DueAt.After(p.o.Now()):
			row.State = "due " + utcTime(d.DueAt)
		}
		if !d.FailingSince.IsZero() {
			row.Since = utcTime(d.FailingSince)
		}
		page.Deliveries = append(page.Deliveries, row)
	}
	for _, service := range services {
		target := service.target
		row := serviceRow{Name: service.name, Error: chat.Shorten(latest[target].LastError, 200)}
		for _, b := range backlog {
			if b.Target != target {
				continue
			}
			row.Waiting, row.Failed = b.Waiting, b.Failed
			if !b.Since.IsZero() {
				row.Oldest = fmt.Sprintf("%s (%s)", p.o.Now().Sub(b.Since).Round(time.Second), utcTime(b.Since))
			}
		}
		if service.unusual && row.Waiting+row.Failed == 0 {
			continue
		}
		page.Waiting, page.Failed = page.Waiting+row.Waiting, page.Failed+row.Failed
		page.Services = append(page.Services, row)
	}
	return page, nil
}

// decideStatus has a delivery tried again or left out.
func (p *Pages) decideStatus(w http.ResponseWriter, r *http.Request) {
	_, token, ok := p.right(w, r, ReadStatus)
	if !ok {
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, mostTyped)
	if err := r.ParseForm(); err != nil {
		p.say(w, http.StatusBadRequest, "That cannot be read", "Nothing was changed.", "Go back and press the button again.")
		return
	}
	what := r.PostForm.Get("do")
	if saidOf[what] == "" {
		p.say(w, http.StatusBadRequest, "That cannot be done here", "A delivery can be tried again or left out.", "Go back and press one of the buttons.")
		return
	}
	_, err := p.o.Deliveries.Decide(r.Context(), incidents.Actor{User: incidents.Outsider("status page")}, r.PostForm.Get("key"), what == "skip")
	refused := incidents.AsRefusal(err)
	switch {
	case err == nil:
		w.Header().Set("Location", "?"+url.Values{linkParameter: {token}, "said": {what}}.Encode())
		w.WriteHeader(http.StatusSeeOther)
	case refused != nil:
		p.say(w, http.StatusConflict, "Nothing was changed", refused.Text, refused.Hint)
	case errors.Is(err, incidents.ErrNotFound):
		p.say(w, http.StatusNotFound, "There is no such delivery", "It may be settled and forgotten by now.", "Go back and reload the page.")
	default:
		p.o.Log.Error("a delivery could not be decided about", "error", err)
		p.say(w, http.StatusServiceUnavailable, "Nothing was changed", "The database cannot record anything right now; its disk may be full.", "Look at the log of the process, and try again in a minute.")
	}
}
