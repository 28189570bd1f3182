// Package web serves the pages that people use without Slack: the form that adds to a timeline while Slack
// is away, the page that shows how an incident stands to those who are not in its channel, the one that draws how long incidents
// took, and the one that shows whoever runs Watchbell what waits for the services.
//
// Whoever opens a page shows a signed link (see Links). The link is the right: there are no accounts, no cookies and no
// sessions, so no other site can use a right that a browser happens to hold. The link names its purpose, the incident, the
// person it was made for, and when it ends. The pages work without JavaScript, and their Content-Security-Policy allows
// none; nothing is loaded from elsewhere.
package web

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"watchbell/bot/chat"
	"watchbell/incidents"
)

// Timeline is where the form writes; *incidents.Service is one.
type Timeline interface {
	// Handle carries out a command; see incidents.Service.
	Handle(ctx context.Context, r incidents.Request) (incidents.Result, error)
	// Snapshot returns an incident as it is now, or incidents.ErrNotFound.
	Snapshot(ctx context.Context, number int) (incidents.Snapshot, error)
}

// Options configures Pages. Timeline and Links must be set.
type Options struct {
	Timeline Timeline
	Links    *Links
	// Deliveries are what the page of whoever runs Watchbell shows; nil for no such page.
	Deliveries Deliveries
	// Protocol says how the protocol stands that is followed in a repository; nil for none.
	Protocol func() ProtocolStanding
	// Statistics counts the incidents of a period that anybody may see; nil for no page about them.
	Statistics func(ctx context.Context, from, to time.Time) (incidents.Statistics, error)
	// Zone returns the time zone of a Slack user, nil when it is not known. It must come back soon while Slack is away.
	Zone func(ctx context.Context, user string) *time.Location
	// DefaultZone is the zone of whoever has none; nil for UTC.
	DefaultZone *time.Location
	// InternalHosts are the endings of host names that should stay inside.
	InternalHosts []string
	// PerMinute is how many pages one address may ask for within a minute; 0: there is no bound.
	PerMinute int
	// Now is the clock; time.Now when nil.
	Now func() time.Time
	// Log gets what went wrong; slog.Default when nil.
	Log *slog.Logger
}

// Pages serves /log, /incidents, /statistics and /status, and what they need.
type Pages struct {
	o    Options
	pace *chat.Throttle
}

// New returns the pages.
func New(o Options) *Pages {
	if o.Zone == nil {
		o.Zone = func(context.Context, string) *time.Location { return nil }
	}
	if o.DefaultZone == nil {
		o.DefaultZone = time.UTC
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return &Pages{o, chat.NewThrottle(o.PerMinute)}
}

const (
	logPath   = "/log"
	stylePath = "/log/style.css"
	statePath = "/incidents/"
)

// LogURL is the address of the form that a token opens, below the address where Watchbell is reached.
func LogURL(base, token string) string {
	return opens(base, token, logPath)
}

// opens is the address of a page with the token that opens it.
func opens(base, token string, path ...string) string {
	u, err := url.Parse(base)
	if err != nil {
		return ""
	}
	u = u.JoinPath(path...)
	u.RawQuery = url.Values{linkParameter: {token}}.Encode()
	return u.String()
}

//go:embed assets
var assets embed.FS

var (
	pages = template.Must(template.ParseFS(assets, "assets/*.html"))
	style = func() []byte {
		text, err := assets.ReadFile("assets/style.css")
		if err != nil {
			panic(err) // it is embedded
		}
		return text
	}()
	styleVersion = func() string {
		sum := sha256.Sum256(style)
		return hex.EncodeToString(sum[:6])
	}()
)

// Handler serves the pages.
func (p *Pages) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+logPath, p.showLog)
	mux.HandleFunc("POST "+logPath, p.writeLog)
	mux.HandleFunc("GET "+statePath+"{number}", p.showState)
	if p.o.Deliveries != nil {
		mux.HandleFunc("GET "+statusPath, p.showStatus)
		mux.HandleFunc("POST "+statusPath, p.decideStatus)
	}
	if p.o.Statistics != nil {
		mux.HandleFunc("GET "+statisticsPath, p.showStatistics)
	}
	for _, path := range []string{stylePath, statePath + "log/style.css"} { // pages name it from where they are
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/css; charset=utf-8")
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(style))
		})
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer") // the address is the right
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("X-Robots-Tag", "noindex")
		h.Set("Cache-Control", "no-store")
		if ok, _ := p.pace.Take(address(r), p.o.Now()); !ok {
			h.Set("Retry-After", "60")
			p.say(w, http.StatusTooManyRequests, "That is too much at once", "So many pages were asked for from your address that this one has to wait. Nothing was recorded.", "Wait a minute and send it again.")
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// plain is a page that says one thing and the next step.
type plain struct {
	Title, Text, Next, Style string
	Refresh                  int
}

func (p *Pages) say(w http.ResponseWriter, status int, title, text, next string) {
	p.render(w, status, "plain.html", plain{Title: title, Text: text, Next: next, Style: styleVersion})
}

func (p *Pages) render(w http.ResponseWriter, status int, name string, data any) {
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, name, data); err != nil {
		p.o.Log.Error("a page could not be made", "page", name, "error", err)
		http.Error(w, "This page could not be made.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

// newForm names a form, so that it is taken once however often it is sent.
func newForm() string { return rand.Text() }
