package practice

import (
	"bytes"
	"embed"
	"html/template"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"path"
	"strings"
	"time"
)

//go:embed page
var pageFiles embed.FS

// pageEvery is the least time between two events of a stream: a burst of changes costs a browser four looks a second.
const pageEvery = 250 * time.Millisecond

// page shows people what is in the workspace. It is one HTML page, drawn anew for every look; a stream of events tells a
// browser when to look again. Looking changes nothing; what does is a POST, see route.
type page struct {
	w        *Workspace
	now      func() time.Time
	log      *slog.Logger
	every    time.Duration
	mux      *http.ServeMux
	template *template.Template
	run      string
	room     roomState
	side
}

func newPage(o Options, w *Workspace) *page {
	p := &page{
		w: w, now: o.Now, log: o.Log, every: pageEvery, mux: http.NewServeMux(), run: randomHex(4),
		template: template.Must(template.ParseFS(pageFiles, "page/*.html")),
	}
	p.mux.HandleFunc("GET /{$}", p.serveLook)
	p.mux.HandleFunc("GET /practice/page/events", p.serveEvents)
	p.routeRoom()
	p.routeSide()
	p.routeFiles()
	p.mux.HandleFunc("GET /practice/page/picture/{id}", p.servePicture)
	return p
}

// routeFiles serves what the page loads: its styles, scripts and pictures.
func (p *page) routeFiles() {
	kinds := map[string]string{
		".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
	}
	files, err := fs.Glob(pageFiles, "page/*.*")
	if err != nil {
		panic("practice: the embedded page cannot be listed: " + err.Error())
	}
	for _, file := range files {
		kind := kinds[path.Ext(file)]
		if kind == "" {
			continue
		}
		data, err := pageFiles.ReadFile(file)
		if err != nil {
			panic("practice: the embedded page cannot be read: " + err.Error())
		}
		p.mux.HandleFunc("GET /practice/"+file, func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Type", kind)
			_, _ = rw.Write(data)
		})
	}
}

// shownTypes are the pictures that the page shows. See https://docs.slack.dev/reference/block-kit/blocks/image-block.
var shownTypes = map[string]bool{"image/png": true, "image/jpeg": true, "image/gif": true}

func (p *page) servePicture(rw http.ResponseWriter, r *http.Request) {
	s := p.w.Slack
	s.mu.Lock()
	f := s.files[r.PathValue("id")]
	s.mu.Unlock()
	if f == nil || !shownTypes[f.Type] {
		http.NotFound(rw, r)
		return
	}
	rw.Header().Set("Content-Type", f.Type)
	_, _ = rw.Write(f.Data)
}

// Page serves the page for people at "/"; what it needs beside is served by Handler. It answers only who calls this
// machine by its loopback name, so that no page elsewhere can read it under a name of its own.
func (w *Workspace) Page() http.Handler { return w.page }

// pagePolicy lets the page load its own style and script, call its own server, and nothing else.
const pagePolicy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func (p *page) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	h := rw.Header()
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	if !isLoopback(r.Host) {
		http.Error(rw, "Practice is for this machine alone. Open it by its own address, which begins with http://127.0.0.1.", http.StatusForbidden)
		return
	}
	p.mux.ServeHTTP(rw, r)
}

// isLoopback reports whether a Host header names this machine itself.
func isLoopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.Trim(host, "[]")
	addr, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || (err == nil && addr.IsLoopback())
}

// route lets a deed of people in: a POST that no page elsewhere has sent.
func (p *page) route(pattern string, serve http.HandlerFunc) {
	p.mux.Handle(pattern, http.NewCrossOriginProtection().Handler(serve))
}

func (p *page) serveLook(rw http.ResponseWriter, r *http.Request) {
	var out bytes.Buffer
	asked := r.URL.Query()
	if err := p.template.ExecuteTemplate(&out, "page.html", p.look(asked.Get("as"), asked.Get("channel"), asked.Get("tab"))); err != nil {
		p.log.Error("practice: the page could not be drawn", "error", err)
		http.Error(rw, "The page could not be drawn; the log says why.", http.StatusInternalServerError)
		return
	}
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = rw.Write(out.Bytes())
}
