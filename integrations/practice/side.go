package practice

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// side is what the right-hand side of the page keeps for itself.
type side struct {
	mu       sync.Mutex
	offer    *offer
	training *Session
}

// sidePath is where the right-hand side's deeds are posted.
const sidePath = "/practice/page/side/"

// sideMost bounds what a deed may send: an edited file.
const sideMost = 2 << 20

// routeSide lets in what people do on the right-hand side.
func (p *page) routeSide() {
	p.route("POST /practice/page/play", p.servePlay)
	for name, do := range map[string]func(sideCall) error{
		"card": p.onCard, "pull": p.onPull, "file": p.onFile, "faults": p.onFaults, "train": p.onTrain, "session": p.onSession, "clock": p.onClock,
	} {
		p.route("POST "+sidePath+name, sideDeed(do))
	}
	p.mux.HandleFunc("GET "+sidePath+"wire", p.serveWire)
	p.mux.HandleFunc("GET "+sidePath+"wire/{n}", p.serveCall)
}

// sideCall is what a form of the right-hand side sends.
type sideCall struct{ *http.Request }

func (c sideCall) field(name string) string {
	return strings.ToValidUTF8(c.PostFormValue(name), "\uFFFD")
}

// text is a field of several lines. A browser sends the ends of lines as CR LF.
func (c sideCall) text(name string) string { return strings.ReplaceAll(c.field(name), "\r\n", "\n") }

// sideDeed answers a form: nothing for a script, the page for a browser without one, and a sentence with 422 for what
// cannot be done.
func sideDeed(do func(sideCall) error) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(rw, r.Body, sideMost)
		if err := r.ParseForm(); err != nil {
			var long *http.MaxBytesError
			if errors.As(err, &long) {
				http.Error(rw, "That is too long; 2 MB is the most.", http.StatusRequestEntityTooLarge)
				return
			}
			http.Error(rw, "The form cannot be read.", http.StatusBadRequest)
			return
		}
		if err := do(sideCall{r}); err != nil {
			http.Error(rw, sentence(err), http.StatusUnprocessableEntity)
			return
		}
		if r.Header.Get("Sec-Fetch-Mode") == "navigate" {
			http.Redirect(rw, r, cameFrom(r), http.StatusSeeOther)
			return
		}
		rw.WriteHeader(http.StatusNoContent)
	}
}

// cameFrom is the page as the person had it, with who they are and what they look at.
func cameFrom(r *http.Request) string {
	if u, err := url.Parse(r.Referer()); err == nil && u.Host == r.Host && u.RawQuery != "" {
		return "/?" + u.RawQuery
	}
	return "/"
}

// sentence makes an error into what a person reads.
func sentence(err error) string {
	text := strings.ReplaceAll(err.Error(), "practice: ", "")
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + strings.TrimRight(text[size:], ".") + "."
}

// actor is the person who does something on the page: the one that the form names, or the first one here.
func (p *page) actor(in sideCall) (User, error) {
	who := in.field("as")
	for _, u := range p.w.Slack.Users() {
		if !u.IsBot && (who == "" || u.Name == who || u.ID == who) {
			return u, nil
		}
	}
	if who == "" {
		return User{}, errors.New("nobody is here yet who could do that")
	}
	return User{}, errors.New("nobody here is called " + strconv.Quote(who))
}

// sideView is what the right-hand side shows.
type sideView struct {
	Board   boardView
	Repo    string
	Pulls   []pullView
	Drill   *drillView
	Session *sessionView
	Faults  faultsView
	Clock   *clockView // nil: it cannot be set now
	// Calls is how many calls the wire log has had.
	Calls int
}

// sideView begins a look while nothing is locked.
func (p *page) sideView() sideView {
	return sideView{
		Repo: p.w.GitHub.Repo(), Drill: p.drill(), Session: p.sessionView(),
		Faults: p.w.faultsView(), Clock: p.clockView(), Calls: p.w.Wire.Count(""),
	}
}

// read goes on with it while all three services are locked.
func (v *sideView) read(w *Workspace, r reader) {
	if v.Drill != nil {
		v.Drill.mark(r)
	}
	if v.Session != nil {
		v.Session.mark(r)
	}
	v.Board = w.Trello.boardView(r)
	v.Pulls = w.GitHub.pullViews(r)
}
