// Package practice is a local Slack, Trello and GitHub behind their real wire.
//
// The bot talks to them with its ordinary clients over HTTP and WebSocket; nothing in the bot knows that it is
// practising. The services are strict where the real ones are (signatures, limits, one-shot triggers, rate limits,
// unknown methods), they keep state, and they fail on demand in both ways: an error without the effect, and an error
// with the effect. The end-to-end tests and the drills run against this package.
//
// The package imports nothing else of this module: it knows only the wire.
package practice

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Options configures a Workspace. The zero value works.
type Options struct {
	// Now is the clock of all three services; time.Now when nil.
	Now func() time.Time
	// Log receives what goes wrong inside the services themselves; slog.Default when nil.
	Log *slog.Logger
}

// Workspace is one local Slack workspace, Trello account and GitHub server.
type Workspace struct {
	Slack  *Slack
	Trello *Trello
	GitHub *GitHub
	// Webhooks take what is posted to stakeholders outside Slack.
	Webhooks *Webhooks
	// Faults are the misbehaviours asked for; they apply to all three services.
	Faults *Faults
	// Wire is the log of every call that the services got.
	Wire *Wire

	page    *page
	serving atomic.Int64 // calls that are being answered now
}

// New returns a workspace with nothing in it but a team channel and the bot.
func New(o Options) *Workspace {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	w := &Workspace{Faults: &Faults{}, Wire: &Wire{now: o.Now}}
	w.Slack = newSlack(o, w)
	w.Trello = newTrello(o, w)
	w.GitHub = newGitHub(o, w)
	w.Webhooks = &Webhooks{w: w}
	w.page = newPage(o, w)
	bump := func() {
		w.Slack.mu.Lock()
		defer w.Slack.mu.Unlock()
		w.Slack.bump()
	}
	w.Trello.OnChange, w.GitHub.OnChange = bump, bump
	return w
}

// WaitFor returns when cond holds, and looks again after each change of any of the three services. It fails with the
// context.
func (w *Workspace) WaitFor(ctx context.Context, cond func() bool) error {
	return w.Slack.WaitFor(ctx, cond)
}

// Paths under which Handler serves the three services. A service's base URL is the scheme and host of the listener
// followed by the path: SLACK_API_URL=http://127.0.0.1:PORT/practice/slack/api/ and so on.
const (
	SlackPath  = "/practice/slack/api/"
	TrelloPath = "/practice/trello/1"
	GitHubPath = "/practice/github/"
)

// Handler serves the three services under SlackPath, TrelloPath and GitHubPath, the control interface under
// ControlPath, and what Page needs.
func (w *Workspace) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/practice/slack/", http.StripPrefix("/practice/slack", w.Slack))
	mux.Handle("/practice/trello/", http.StripPrefix("/practice/trello", w.Trello))
	mux.Handle("/practice/page/", w.page)
	mux.Handle(WebhookPath, http.StripPrefix(strings.TrimSuffix(WebhookPath, "/"), w.Webhooks))
	mux.Handle(ControlPath, newControl(w))
	mux.Handle("/practice/github/", http.StripPrefix("/practice/github", w.GitHub))
	return mux
}

// ids hands out readable identifiers in order, so that two runs of one drill look the same.
type ids struct {
	mu sync.Mutex
	n  int
}

func (i *ids) next() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.n++
	return i.n
}
