package web

import (
	"context"
	"errors"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"watchbell/incidents"
	"watchbell/storage"
)

// rig is the form on a real database, at noon, with incident 1.
type rig struct {
	*testing.T
	service *incidents.Service
	links   *Links
	pages   *Pages
	broken  error // what the database answers, nil for its own answer
	now     time.Time
}

func (r *rig) Handle(ctx context.Context, request incidents.Request) (incidents.Result, error) {
	if r.broken != nil {
		return incidents.Result{}, r.broken
	}
	return r.service.Handle(ctx, request)
}

func (r *rig) Snapshot(ctx context.Context, number int) (incidents.Snapshot, error) {
	return r.service.Snapshot(ctx, number)
}

func newRig(t *testing.T) *rig {
	t.Helper()
	store, err := storage.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "watchbell.db"), storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	r := &rig{T: t, links: links(t, secret), now: noon}
	clock := func() time.Time { return r.now }
	r.service = incidents.NewService(store, incidents.Options{Now: clock})
	r.pages = New(Options{
		Statistics: func(ctx context.Context, from, to time.Time) (incidents.Statistics, error) {
			return r.service.Statistics(ctx, "", from, to)
		},
		Timeline: r, Links: r.links, Now: clock, Log: slog.New(slog.DiscardHandler),
		Zone: func(_ context.Context, user string) *time.Location {
			if user != "U1" {
				return nil
			}
			berlin, _ := time.LoadLocation("Europe/Berlin")
			return berlin
		},
	})
	r.does(incidents.Declare{Title: "Checkout <is> down", Private: true}, 0)
	return r
}

func (r *rig) does(c incidents.Command, number int) {
	r.Helper()
	if _, err := r.service.Handle(r.Context(), incidents.Request{By: incidents.Actor{User: "U1", In: "C1"}, Incident: number, Command: c}); err != nil {
		r.Fatal(err)
	}
}

func (r *rig) link(person string) string {
	return LogURL("https://watchbell.example.org/", r.links.Sign(Right{Purpose: WriteLog, Incident: 1, Person: person, Expires: noon.Add(time.Hour)}))
}

func (r *rig) asks(method, address string, form url.Values) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, address, strings.NewReader(form.Encode()))
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	r.pages.Handler().ServeHTTP(w, request)
	return w
}

var formField = regexp.MustCompile(`name="form" value="([A-Z0-9]+)"`)

// sends opens the form and sends it. fields are names and values in turn.
func (r *rig) sends(link string, fields ...string) *httptest.ResponseRecorder {
	r.Helper()
	page := r.asks("GET", link, nil)
	found := formField.FindStringSubmatch(page.Body.String())
	if page.Code != http.StatusOK || found == nil {
		r.Fatalf("the form: %d\n%s", page.Code, page.Body)
	}
	return r.asks("POST", link, values(append(fields, "form", found[1])...))
}

func values(fields ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		v.Set(fields[i], fields[i+1])
	}
	return v
}

func (r *rig) entries() []incidents.Entry {
	r.Helper()
	snap, err := r.service.Snapshot(r.Context(), 1)
	if err != nil {
		r.Fatal(err)
	}
	return snap.Entries
}

func TestFormRecords(t *testing.T) {
	r := newRig(t)
	link := r.link("U1")
	if page := r.asks("GET", link, nil).Body.String(); !strings.Contains(page, `value="Europe/Berlin"`) || strings.Contains(page, `name="name"`) || !strings.Contains(page, "Checkout &lt;is&gt; down") {
		t.Errorf("the form is\n%s", page)
	}
	w := r.sends(link, "text", "we called\r\nthe <b>provider</b>", "time", "12:30")
	if w.Code != http.StatusSeeOther {
		t.Fatalf("%d\n%s", w.Code, w.Body)
	}
	entries := r.entries()
	e := entries[0]
	if len(entries) != 2 || e.Text != "we called\nthe <b>provider</b>" || !e.At.Equal(noon.Add(-30*time.Minute)) || e.Author != "U1" {
		t.Errorf("the entries are %+v", entries)
	}
	back := r.asks("GET", "/log"+w.Header().Get("Location"), nil).Body.String()
	if strings.Contains(back, "U1") {
		t.Errorf("a user id is shown on\n%s", back)
	}
	for _, want := range []string{"Recorded at 11:30 UTC = 12:30 CET, now entry 1 of 2.", "the &lt;b&gt;provider&lt;/b&gt;", "<time datetime=\"2026-03-17T11:30:00Z\">11:30</time>"} {
		if !strings.Contains(back, want) {
			t.Errorf("%q is not on\n%s", want, back)
		}
	}
}

func TestFormIsTakenOnce(t *testing.T) {
	r := newRig(t)
	form := values("form", "ABCDEFGHIJKLMNOPQRST", "text", "once", "name", " Ana ")
	first, second := r.asks("POST", r.link(""), form), r.asks("POST", r.link(""), form)
	if first.Code != http.StatusSeeOther || first.Header().Get("Location") != second.Header().Get("Location") {
		t.Errorf("%d %s, then %d %s", first.Code, first.Header().Get("Location"), second.Code, second.Header().Get("Location"))
	}
	if entries := r.entries(); len(entries) != 2 || entries[1].Author != incidents.Outsider("Ana") {
		t.Errorf("the entries are %+v", entries)
	}
}

// Whatever is wrong, the person sees why and keeps the text.
func TestFormRefuses(t *testing.T) {
	r := newRig(t)
	for name, c := range map[string]struct {
		fields []string
		broken error
		status int
		says   string
	}{
		"no text":       {[]string{"text", " "}, nil, 422, "nothing to add to the timeline"},
		"no time":       {[]string{"text", "kept text", "time", "soonish"}, nil, 422, "“soonish” is not a time"},
		"no such time":  {[]string{"text", "kept text", "time", "25:10"}, nil, 422, "There is no 25:10 in a day"},
		"text behind":   {[]string{"text", "kept text", "time", "14:05 restarted"}, nil, 422, "is not a time"},
		"no zone":       {[]string{"text", "kept text", "zone", "Mars"}, nil, 422, "“Mars” is not a time zone"},
		"too long":      {[]string{"text", "kept text" + strings.Repeat("x", incidents.MaxEntry)}, nil, 422, "10000 is the most"},
		"much too long": {[]string{"text", strings.Repeat("x", mostTyped)}, nil, 413, "at most 10000 characters"},
		"disk full":     {[]string{"text", "kept text"}, errors.Join(incidents.ErrNotDurable), 503, "Not recorded"},
	} {
		t.Run(name, func(t *testing.T) {
			r.broken = c.broken
			defer func() { r.broken = nil }()
			w := r.sends(r.link(""), c.fields...)
			page := html.UnescapeString(w.Body.String())
			if w.Code != c.status || !strings.Contains(page, c.says) {
				t.Errorf("%d\n%s", w.Code, page)
			}
			if strings.HasPrefix(c.fields[1], "kept") && !strings.Contains(page, ">kept text") {
				t.Errorf("the text is lost:\n%s", page)
			}
		})
	}
	if n := len(r.entries()); n != 1 {
		t.Errorf("there are %d entries", n)
	}
}

var choiceField = regexp.MustCompile(`name="at" value="([^"]+)">([^<]+)<`)

// A time that is ahead, or that the clocks showed twice, is asked about, and one press answers.
func TestFormAsks(t *testing.T) {
	for name, c := range map[string]struct {
		now           time.Time
		typed, chosen string
	}{
		"ahead":        {noon, "13:30", "I mean 12:30 UTC = 13:30 CET"},
		"shown twice":  {time.Date(2026, 10, 25, 6, 0, 0, 0, time.UTC), "02:30", "I mean 01:30 UTC = 02:30 CET"},
		"ranged twice": {time.Date(2026, 10, 25, 6, 0, 0, 0, time.UTC), "02:30-02:40", "I mean 01:30 UTC = 02:30 CET"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.now = c.now
			link := LogURL("https://watchbell.example.org/", r.links.Sign(Right{Purpose: WriteLog, Incident: 1, Person: "U1", Expires: c.now.Add(time.Hour)}))
			w := r.sends(link, "text", "kept text", "time", c.typed)
			choices := choiceField.FindAllStringSubmatch(html.UnescapeString(w.Body.String()), -1)
			if w.Code != http.StatusUnprocessableEntity || len(choices) == 0 {
				t.Fatalf("%d\n%s", w.Code, w.Body)
			}
			for _, choice := range choices {
				if choice[2] != c.chosen {
					continue
				}
				w = r.sends(link, "text", "kept text", "time", c.typed, "at", choice[1])
				entries := r.entries()
				if w.Code != http.StatusSeeOther || len(entries) != 2 {
					t.Fatalf("%d, entries %+v", w.Code, entries)
				}
				e := entries[1]
				if e.At.Format(time.RFC3339) != choice[1] || (strings.Contains(c.typed, "-") && e.Until.Sub(e.At) != 10*time.Minute) {
					t.Errorf("the entry is %+v", e)
				}
				return
			}
			t.Errorf("%q is not among %q", c.chosen, choices)
		})
	}
}

func TestBadLinksGetAPage(t *testing.T) {
	r := newRig(t)
	good := r.links.Sign(Right{Purpose: WriteLog, Incident: 1, Expires: noon.Add(time.Hour)})
	for name, c := range map[string]struct {
		token  string
		status int
		says   string
	}{
		"none":        {"", 403, "This page needs a link"},
		"tampered":    {good[:10] + "x" + good[11:], 403, "This link is not valid"},
		"expired":     {r.links.Sign(Right{Purpose: WriteLog, Incident: 1, Expires: noon}), 403, "It was good until 17 March 2026 12:00 UTC"},
		"no incident": {r.links.Sign(Right{Purpose: WriteLog, Incident: 9, Expires: noon.Add(time.Hour)}), 404, "There is no such incident"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, method := range []string{"GET", "POST"} {
				w := r.asks(method, LogURL("https://watchbell.example.org/", c.token), values("text", "x"))
				if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) || strings.Contains(w.Body.String(), "Checkout") {
					t.Errorf("%s: %d\n%s", method, w.Code, w.Body)
				}
			}
		})
	}
}

func TestEveryAnswerIsGuarded(t *testing.T) {
	r := newRig(t)
	for _, w := range []*httptest.ResponseRecorder{
		r.asks("GET", r.link(""), nil), r.asks("GET", "/log", nil), r.asks("POST", r.link(""), values("text", "x")), r.asks("PUT", "/log", nil),
	} {
		h := w.Header()
		if !strings.HasPrefix(h.Get("Content-Security-Policy"), "default-src 'none'; style-src 'self'; form-action 'self'") ||
			h.Get("Referrer-Policy") != "no-referrer" || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Cache-Control") != "no-store" {
			t.Errorf("%d: %v", w.Code, h)
		}
		if body := w.Body.String(); strings.Contains(body, "<script") || strings.Contains(body, "style=") || strings.Contains(body, "http") {
			t.Errorf("the page loads or runs something:\n%s", body)
		}
	}
	w := r.asks("GET", "/log/style.css?v=1", nil)
	if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/css") || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("the style: %d %v", w.Code, w.Header())
	}
}

func TestClosedIncidentsOfferNoForm(t *testing.T) {
	r := newRig(t)
	r.does(incidents.Resolve{}, 1)
	r.does(incidents.Close{}, 1)
	if page := r.asks("GET", r.link(""), nil).Body.String(); strings.Contains(page, "<form") || !strings.Contains(page, "is closed") {
		t.Errorf("the page is\n%s", page)
	}
	if w := r.asks("POST", r.link(""), values("form", "ABCDEFGHIJKLMNOPQRST", "text", "x")); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("%d\n%s", w.Code, w.Body)
	}
}
