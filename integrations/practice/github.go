package practice

import (
	"net/http"
	"sync"
	"sync/atomic"
)

// GitHub is a local GitHub with one repository behind the REST interface of api.github.com. It is safe for concurrent
// use.
type GitHub struct {
	// OnChange is called after each change, with no lock held. Set it before the first call.
	OnChange func()

	o       Options
	w       *Workspace
	version atomic.Uint64

	mu      sync.Mutex
	unknown []string
}

func newGitHub(o Options, w *Workspace) *GitHub { return &GitHub{o: o, w: w} }

// Version counts the changes so far; a page that has seen the same number is up to date.
func (g *GitHub) Version() uint64 { return g.version.Load() }

// Unknown lists the calls, as "VERB /path", that no route fits.
func (g *GitHub) Unknown() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]string(nil), g.unknown...)
}

// ServeHTTP answers one call of the REST interface.
func (g *GitHub) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	g.w.serve("github", "unknown", rw, r, func(rw http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		g.unknown = append(g.unknown, r.Method+" "+r.URL.Path)
		g.mu.Unlock()
		http.Error(rw, `{"message":"Not Found"}`, http.StatusNotFound)
	})
}
