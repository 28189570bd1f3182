package practice

import (
	"net/http"
	"sync"
	"sync/atomic"
)

// Trello is a local Trello: boards, lists and cards behind the REST interface that lives under /1 at api.trello.com.
// It is safe for concurrent use.
type Trello struct {
	// OnChange is called after each change, with no lock held. Set it before the first call.
	OnChange func()

	o       Options
	w       *Workspace
	version atomic.Uint64

	mu      sync.Mutex
	unknown []string
}

func newTrello(o Options, w *Workspace) *Trello { return &Trello{o: o, w: w} }

// Version counts the changes so far; a page that has seen the same number is up to date.
func (t *Trello) Version() uint64 { return t.version.Load() }

// Unknown lists the calls, as "VERB /path", that no route fits.
func (t *Trello) Unknown() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]string(nil), t.unknown...)
}

// ServeHTTP answers one call of the REST interface; the path begins with /1/.
func (t *Trello) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	t.w.serve("trello", "unknown", rw, r, func(rw http.ResponseWriter, r *http.Request) {
		t.mu.Lock()
		t.unknown = append(t.unknown, r.Method+" "+r.URL.Path)
		t.mu.Unlock()
		http.Error(rw, "Cannot "+r.Method+" "+r.URL.Path, http.StatusNotFound)
	})
}
