package practice

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// GitHub is a local GitHub with one repository behind the REST interface of api.github.com. Its objects are git's
// own, so a branch can be read back, or exported into a real repository. It is safe for concurrent use.
type GitHub struct {
	// OnChange is called after each change, with no lock held. Set it before the first call.
	OnChange func()
	// WebURL begins the links to pull requests; "https://github.com" unless changed before the first call.
	WebURL string

	o       Options
	w       *Workspace
	mux     *http.ServeMux
	version atomic.Uint64
	answers atomic.Uint64
	courier *courier

	mu            *sync.Mutex // one for the repository and its fork
	owner, name   string
	fork, parent  *GitHub   // either is nil where there is none
	noPush        bool      // the token may not write here
	forkDelay     int       // the next fork's empty
	made          time.Time // when a fork was made
	empty         int       // how many calls find a new fork empty still
	ids           ids
	store         gitStore
	refs          map[string]string // full name ("refs/heads/master") to commit
	pulls         []*Pull
	collaborators []string
	statuses      []CommitStatus
	noStatuses    bool       // the token may not set any
	noThreads     bool       // nor resolve a thread
	app           *githubApp // nil while there is none
	hooks         []*githubHook
	sent          []*sentHook
	pending       []delivery
	unknown       []string
	limit, used   int
	reset         time.Time // when used starts again at nothing
}

// The one repository, its default branch and the account that the bot's token belongs to.
const (
	githubOwner  = "owner"
	githubRepo   = "site"
	githubBase   = "master"
	githubLogin  = "practice-bot"
	githubLimit  = 5000 // calls in an hour for a user's token; docs.github.com, "Rate limits for the REST API"
	githubPerOne = 30   // items on a page unless per_page asks for more
)

func newGitHub(o Options, w *Workspace) *GitHub {
	g := &GitHub{
		o: o, w: w, WebURL: "https://github.com", mux: http.NewServeMux(), courier: newCourier(o.Log),
		mu: new(sync.Mutex), owner: githubOwner, name: githubRepo, forkDelay: 1,
		store: gitStore{objects: make(map[string]gitObject)}, refs: make(map[string]string), limit: githubLimit,
		collaborators: []string{githubLogin, "ana", "ben", "chi"},
	}
	g.routes()
	g.seed()
	return g
}

// Repo is the repository's full name, "owner/site".
func (g *GitHub) Repo() string { return g.owner + "/" + g.name }

// Version counts the changes so far; a page that has seen the same number is up to date.
func (g *GitHub) Version() uint64 { return g.version.Load() }

// SetRateLimit sets how many calls an hour the token has, 5000 at the start, and begins a new hour.
func (g *GitHub) SetRateLimit(calls int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.limit, g.used, g.reset = calls, 0, time.Time{}
}

// Unknown lists the calls, as "VERB /path", that no route fits.
func (g *GitHub) Unknown() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]string(nil), g.unknown...)
}

// GitHub has both /issues/comments/{id} and /issues/{n}/comments, which http.ServeMux cannot tell apart. The first goes by
// another name in here.
const (
	issueComments       = "/issues/comments/"
	issueCommentsInside = "/issue-comments/"
)

// ServeHTTP answers one call of the REST interface.
func (g *GitHub) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	for known, inside := range map[string]string{issueComments: issueCommentsInside, lineComments: lineCommentsInside} {
		if strings.Contains(r.URL.Path, known) {
			r = r.Clone(r.Context())
			r.URL.Path = strings.Replace(r.URL.Path, known, inside, 1)
			r.URL.RawPath = ""
			r.RequestURI = strings.Replace(r.RequestURI, known, inside, 1)
		}
	}
	name, serve, mux := r.Method+" "+r.URL.Path, g.notFound, g.serving(r).mux
	if _, pattern := mux.Handler(r); pattern != "" && strings.TrimSuffix(r.URL.Path, "/") == cleaned(r.URL.Path) {
		_, path, _ := strings.Cut(pattern, " ")
		path = strings.Replace(strings.ReplaceAll(path, "...}", "}"), issueCommentsInside, issueComments, 1)
		path = strings.Replace(path, lineCommentsInside, lineComments, 1)
		if parts := strings.Split(r.URL.Path, "/"); len(parts) > 3 && parts[1] == "repos" {
			path = strings.Replace(path, "{owner}/{repo}", parts[2]+"/"+parts[3], 1)
		}
		name, serve = r.Method+" "+path, mux.ServeHTTP
	}
	g.w.serve("github", name, rw, r, serve)
}

func (g *GitHub) notFound(rw http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	g.unknown = append(g.unknown, r.Method+" "+r.URL.Path)
	g.mu.Unlock()
	g.write(rw, r, githubFail(http.StatusNotFound, "Not Found"))
}

// githubCall is one authorised call.
type githubCall struct {
	body  []byte
	path  func(name string) string
	query url.Values
	raw   bool   // the caller wants a file's bytes, not JSON
	diff  bool   // the caller wants a pull request as a diff
	base  string // URL under which this GitHub is being called, without a last slash
	repo  string // the repository that the call is about
}

// decode reads the JSON body; an empty one counts as {}.
func (q *githubCall) decode(into any) *githubReply {
	if len(q.body) == 0 {
		return nil
	}
	if err := json.Unmarshal(q.body, into); err != nil {
		return githubFail(http.StatusBadRequest, "Problems parsing JSON")
	}
	return nil
}

// githubText is an answer in plain text.
type githubText string

// githubReply is an answer. A list ([]jsonObject) is cut into pages; []byte and githubText are sent as they are; nil
// sends no body.
type githubReply struct {
	status int
	body   any
}

func githubOK(body any) *githubReply { return &githubReply{http.StatusOK, body} }

func githubCreated(body any) *githubReply { return &githubReply{http.StatusCreated, body} }

// githubFault is one entry of the list "errors" of a validation failure.
type githubFault struct {
	Resource string `json:"resource"`
	Field    string `json:"field,omitempty"`
	Code     string `json:"code"`
	Message  string `json:"message,omitempty"`
}

// githubFail is an error in GitHub's form.
func githubFail(status int, message string, faults ...githubFault) *githubReply {
	body := jsonObject{"message": message, "documentation_url": "https://docs.github.com/rest", "status": strconv.Itoa(status)}
	if len(faults) > 0 {
		body["errors"] = faults
	}
	return &githubReply{status, body}
}

// githubInvalid is the usual 422.
func githubInvalid(faults ...githubFault) *githubReply {
	return githubFail(http.StatusUnprocessableEntity, "Validation Failed", faults...)
}

// handle registers a call: authorised, of the one repository, with the lock held while it runs.
func (g *GitHub) handle(pattern string, h func(q *githubCall) *githubReply) {
	g.mux.HandleFunc(pattern, func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			g.write(rw, r, githubFail(http.StatusBadRequest, "Problems parsing JSON"))
			return
		}
		q := &githubCall{body: body, path: r.PathValue, query: r.URL.Query(), base: baseOf(r), repo: g.Repo()}
		q.raw = strings.Contains(r.Header.Get("Accept"), "raw")
		q.diff = strings.Contains(r.Header.Get("Accept"), "diff")
		changes := r.Method != http.MethodGet && r.Method != http.MethodHead
		g.mu.Lock()
		reply := g.home().admit(r, g.Repo())
		if reply == nil {
			reply = g.refusedHere(r)
		}
		if reply == nil {
			reply = h(q)
		}
		limits := g.home().limitHeaders()
		g.flush()
		g.mu.Unlock()
		if changes && reply.status < 300 {
			g.changed()
		}
		for name, value := range limits {
			rw.Header().Set(name, value)
		}
		g.write(rw, r, reply)
	})
}

// admit checks credentials and the hourly limit and that the repository exists. It returns nil when all is well.
func (g *GitHub) admit(r *http.Request, repo string) *githubReply {
	kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if token == "" {
		return githubFail(http.StatusUnauthorized, "Requires authentication")
	}
	if strings.EqualFold(kind, "bearer") && asApp(r.URL.Path) {
		return g.admitApp(token)
	}
	if g.tokenEnded(token) {
		return githubFail(http.StatusUnauthorized, "Bad credentials")
	}
	if (!strings.EqualFold(kind, "bearer") && !strings.EqualFold(kind, "token")) || !strings.HasPrefix(token, "practice-") {
		return githubFail(http.StatusUnauthorized, "Bad credentials")
	}
	if now := g.o.Now(); !now.Before(g.reset) {
		g.used, g.reset = 0, now.Add(time.Hour)
	}
	if r.URL.Path != "/rate_limit" { // asking is free
		if g.used >= g.limit {
			return githubFail(http.StatusForbidden, "API rate limit exceeded for user "+githubLogin+".")
		}
		g.used++
	}
	if owner := r.PathValue("owner"); owner != "" && !strings.EqualFold(owner+"/"+r.PathValue("repo"), repo) {
		return githubFail(http.StatusNotFound, "Not Found")
	}
	return nil
}

func (g *GitHub) limitHeaders() map[string]string {
	return map[string]string{
		"X-RateLimit-Limit": strconv.Itoa(g.limit), "X-RateLimit-Remaining": strconv.Itoa(max(0, g.limit-g.used)),
		"X-RateLimit-Used": strconv.Itoa(g.used), "X-RateLimit-Reset": strconv.FormatInt(g.reset.Unix(), 10),
		"X-RateLimit-Resource": "core",
	}
}

// baseOf is the URL under which the service was reached.
func baseOf(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	whole, _, _ := strings.Cut(r.RequestURI, "?")
	return scheme + "://" + r.Host + strings.TrimSuffix(whole, r.URL.EscapedPath())
}

// write sends an answer, as pages when it is a list, with an ETag, and 304 when the caller has it already.
func (g *GitHub) write(rw http.ResponseWriter, r *http.Request, reply *githubReply) {
	rw.Header().Set("X-GitHub-Request-Id", fmt.Sprintf("PRAC:%04X", g.answers.Add(1)))
	rw.Header().Set("X-GitHub-Media-Type", "github.v3; format=json")
	rw.Header().Set("X-GitHub-Api-Version-Selected", "2022-11-28")
	if reply.body == nil {
		rw.WriteHeader(reply.status)
		return
	}
	if text, is := reply.body.(githubText); is {
		rw.Header().Set("Content-Type", "application/vnd.github.diff; charset=utf-8")
		rw.WriteHeader(reply.status)
		_, _ = io.WriteString(rw, string(text))
		return
	}
	if raw, is := reply.body.([]byte); is {
		rw.Header().Set("Content-Type", "application/vnd.github.raw+json; charset=utf-8")
		rw.WriteHeader(reply.status)
		_, _ = rw.Write(raw)
		return
	}
	value := reply.body
	if list, is := value.([]jsonObject); is {
		value = githubPage(rw, r, list)
	}
	body, err := json.Marshal(value)
	if err != nil {
		g.o.Log.Error("practice: a GitHub answer could not be encoded", "err", err)
		http.Error(rw, `{"message":"Server Error"}`, http.StatusInternalServerError)
		return
	}
	sum := sha256.Sum256(body)
	etag := `"` + hex.EncodeToString(sum[:16]) + `"`
	rw.Header().Set("Content-Type", "application/json; charset=utf-8")
	if r.Method == http.MethodGet && reply.status == http.StatusOK {
		rw.Header().Set("ETag", etag)
		if r.Header.Get("If-None-Match") == etag {
			rw.WriteHeader(http.StatusNotModified)
			return
		}
	}
	rw.WriteHeader(reply.status)
	_, _ = rw.Write(body)
}

// githubPage cuts the part out of a list that page and per_page ask for and links to the others.
func githubPage(rw http.ResponseWriter, r *http.Request, list []jsonObject) []jsonObject {
	query := r.URL.Query()
	number, size := 1, githubPerOne
	if n, err := strconv.Atoi(query.Get("page")); err == nil && n > 0 {
		number = n
	}
	if n, err := strconv.Atoi(query.Get("per_page")); err == nil && n > 0 {
		size = min(n, 100)
	}
	start, end := min(len(list), (number-1)*size), min(len(list), number*size)
	link := func(n int, rel string) string {
		query.Set("page", strconv.Itoa(n))
		return "<" + baseOf(r) + r.URL.EscapedPath() + "?" + query.Encode() + `>; rel="` + rel + `"`
	}
	var links []string
	if number > 1 {
		links = append(links, link(number-1, "prev"))
	}
	if end < len(list) {
		links = append(links, link(number+1, "next"), link((len(list)+size-1)/size, "last"))
	}
	if number > 1 {
		links = append(links, link(1, "first"))
	}
	if len(links) > 0 {
		rw.Header().Set("Link", strings.Join(links, ", "))
	}
	return list[start:end]
}

// changed tells whoever listens that something is different now.
func (g *GitHub) changed() {
	if g.parent != nil {
		g.parent.changed()
		return
	}
	g.version.Add(1)
	if g.OnChange != nil {
		g.OnChange()
	}
}
