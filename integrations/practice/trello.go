package practice

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
)

// Limits of Trello's text fields in characters and of a whole URL in bytes.
// Source: developer.atlassian.com/cloud/trello, "Limits" and the parameters of POST /cards.
const (
	trelloTextMax = 16384
	trelloURLMax  = 8 << 10
)

// Trello is a local Trello: boards, lists and cards behind the REST interface that lives under /1 at api.trello.com.
// It is safe for concurrent use.
type Trello struct {
	// OnChange is called after each change, with no lock held. Set it before the first call.
	OnChange func()
	// WebURL begins the links to boards and cards; "https://trello.com" unless changed before the first call.
	WebURL string

	o       Options
	w       *Workspace
	mux     *http.ServeMux
	version atomic.Uint64
	courier *courier

	mu       sync.Mutex
	ids      ids
	me       string // id of the member that the bot's token belongs to
	boardID  string // the board that is there from the start
	members  []*TrelloMember
	boards   []*Board
	lists    []*List
	cards    []*Card
	labels   []*Label
	actions  []*trelloAction
	hooks    []*trelloHook
	unknown  []string
	inURL    int
	limits   bool
	requests map[string][]int64 // times of calls in Unix nanoseconds by "key …", "token …", "members …"
	pending  []delivery         // webhook calls of the request being answered
}

func newTrello(o Options, w *Workspace) *Trello {
	t := &Trello{
		o: o, w: w, WebURL: "https://trello.com", mux: http.NewServeMux(),
		courier: newCourier(o.Log), requests: make(map[string][]int64),
	}
	t.routes()
	t.seed()
	return t
}

// seed makes the bot's own member, three people and the board that everything starts from.
func (t *Trello) seed() {
	t.me = t.addMember("practicebot", "Practice Bot").ID
	t.addMember("ana", "Ana")
	t.addMember("ben", "Ben")
	t.addMember("chi", "Chi")
	board := t.addBoard("Practice", false)
	t.boardID = board.ID
	for _, m := range t.members {
		board.IDMembers = appendNew(board.IDMembers, m.ID)
	}
	for _, name := range []string{"Ideas", "Action items", "Doing", "Done"} {
		t.addList(board, name, "bottom")
	}
}

// Version counts the changes so far; a page that has seen the same number is up to date.
func (t *Trello) Version() uint64 { return t.version.Load() }

// Secret is the application secret, the key of the signature on webhook calls.
func (t *Trello) Secret() string { return "practice-trello-secret" }

// Unknown lists the calls, as "VERB /path", that no route fits.
func (t *Trello) Unknown() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]string(nil), t.unknown...)
}

// CredentialsInURL is the number of calls that carried a key or a token in their URL, where proxies and logs see it.
// Trello allows it; a careful client does not do it.
func (t *Trello) CredentialsInURL() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.inURL
}

// RateLimits switches Trello's limits on or off; they are off at the start. On, a token has 100 calls in 10 seconds, a
// key 300, and /members 100 calls in 15 minutes.
// Source: developer.atlassian.com/cloud/trello/guides/rest-api/rate-limits.
func (t *Trello) RateLimits(on bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.limits = on
	clear(t.requests)
}

// ServeHTTP answers one call of the REST interface; the path begins with /1/.
func (t *Trello) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if p := r.URL.Path; len(p) > 1 && strings.HasSuffix(p, "/") {
		r = r.Clone(r.Context())
		r.URL.Path, r.URL.RawPath = strings.TrimSuffix(p, "/"), ""
	}
	name, serve := r.Method+" "+strings.TrimPrefix(r.URL.Path, "/1"), t.notFound
	if _, pattern := t.mux.Handler(r); pattern != "" && r.URL.Path == cleaned(r.URL.Path) {
		_, path, _ := strings.Cut(pattern, " ")
		name, serve = r.Method+" "+strings.TrimPrefix(path, "/1"), t.mux.ServeHTTP
	}
	t.w.serve("trello", name, rw, r, serve)
}

func (t *Trello) notFound(rw http.ResponseWriter, r *http.Request) {
	t.mu.Lock()
	t.unknown = append(t.unknown, r.Method+" "+r.URL.Path)
	t.mu.Unlock()
	http.Error(rw, "Cannot "+r.Method+" "+r.URL.Path, http.StatusNotFound)
}

// trelloError is an answer other than 200. Trello's errors are plain text for the most part.
type trelloError struct {
	status int
	text   string
}

func (e *trelloError) Error() string { return fmt.Sprintf("trello: %d %s", e.status, e.text) }

var (
	errTrelloID      = &trelloError{http.StatusBadRequest, "invalid id"}
	errTrelloMissing = &trelloError{http.StatusNotFound, "The requested resource was not found."}
)

func trelloBad(format string, a ...any) *trelloError {
	return &trelloError{http.StatusBadRequest, fmt.Sprintf(format, a...)}
}

// trelloCall is one authorised call: its arguments and the ids in its path.
type trelloCall struct {
	args  map[string]string
	token string
	path  func(name string) string
}

// has says that the caller gave the argument, be it empty.
func (q *trelloCall) has(name string) bool { _, ok := q.args[name]; return ok }

// trelloHandler does one call with the lock held. What it returns is encoded before the lock is given up.
type trelloHandler func(q *trelloCall) (any, error)

// handle registers a call. Calls other than GET count as changes when they succeed.
func (t *Trello) handle(pattern string, h trelloHandler) {
	t.mux.HandleFunc(pattern, func(rw http.ResponseWriter, r *http.Request) {
		q, err := t.admit(r)
		if err != nil {
			err.write(rw)
			return
		}
		t.answer(rw, r, q, h)
	})
}

// answer runs a handler and writes what it returned.
func (t *Trello) answer(rw http.ResponseWriter, r *http.Request, q *trelloCall, h trelloHandler) {
	t.mu.Lock()
	value, err := h(q)
	var body []byte
	if err == nil {
		body, err = json.Marshal(onlyFields(value, q.args["fields"]))
	}
	t.flush()
	t.mu.Unlock()
	if err != nil {
		asTrelloError(err).write(rw)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		t.changed()
	}
	rw.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = rw.Write(body)
}

// changed tells whoever listens that something is different now.
func (t *Trello) changed() {
	t.version.Add(1)
	if t.OnChange != nil {
		t.OnChange()
	}
}

func asTrelloError(err error) *trelloError {
	if te := (*trelloError)(nil); errors.As(err, &te) {
		return te
	}
	return &trelloError{http.StatusInternalServerError, err.Error()}
}

func (e *trelloError) write(rw http.ResponseWriter) {
	kind := "text/plain; charset=utf-8"
	if strings.HasPrefix(e.text, "{") {
		kind = "application/json; charset=utf-8"
	}
	rw.Header().Set("Content-Type", kind)
	rw.WriteHeader(e.status)
	_, _ = rw.Write([]byte(e.text))
}
