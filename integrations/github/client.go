package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	gh "github.com/google/go-github/v60/github"

	"watchbell/incidents"
)

const (
	// callTimeout bounds each call; GitHub itself gives up after 10 seconds.
	callTimeout = 10 * time.Second
	// patience is how long a publication waits for its turn to write before it is put off.
	patience = 3 * time.Second
	// writeEvery is the pace of writes that GitHub asks for.
	// See https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api.
	writeEvery = time.Second
)

// Config says where the posts go.
type Config struct {
	// Token is a fine-grained token with the permissions "Contents: write" and "Pull requests: write", or a classic one
	// with the scope "repo". It is never printed.
	Token string
	// App stands in the place of the token where it is set.
	App App
	// BaseURL is the REST interface, with or without a last slash and used as given; empty for https://api.github.com.
	BaseURL string
	// Repo is the repository, "owner/site". Base is the branch that pull requests ask to be merged into; empty for the
	// repository's default branch.
	Repo, Base string
	// Fork is the account that holds the fork which branches are pushed to, "login" or "login/name"; empty when the token
	// may push to Repo. It needs a classic token: others do not reach both repositories. The fork is made when it is missing.
	Fork string
	// HTTP makes the calls; nil for a client of our own. Its time-out may be zero: each call has one anyway.
	HTTP *http.Client
	// Now is the clock; time.Now when nil.
	Now func() time.Time
	// WriteEvery is the least time between two writes; DefaultPace for GitHub itself, 0 for a local service.
	WriteEvery time.Duration
}

// DefaultPace is the WriteEvery for api.github.com.
const DefaultPace = writeEvery

// Client writes to one repository. It is safe for concurrent use.
type Client struct {
	api         *gh.Client
	token       string
	app         *tokens // nil for a token
	owner, repo string
	base        string
	head        fork // where the branches are; the repository itself without a fork
	now         func() time.Time
	every       time.Duration

	writing   chan struct{} // holds one token: whoever has it may write
	lastWrite time.Time     // of whoever holds the token

	mu sync.Mutex
	// noStatuses says that the token may not set the status of a commit.
	noStatuses bool
	blobs      map[string]bool // ids of those that were sent
	quiet      time.Time       // GitHub asked to be left alone until then
	noDrafts   bool            // the repository's plan has no draft pull requests
}

var (
	repoPattern   = regexp.MustCompile(`^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$`)
	branchPattern = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$`)
)

// New checks the configuration. It makes no call. Its errors are written for whoever runs the bot.
func New(cfg Config) (*Client, error) {
	token := strings.TrimSpace(cfg.Token)
	if !cfg.App.set() && token == "" || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, errors.New("GITHUB_TOKEN is empty or holds characters that no token has: set it to an access token")
	}
	// go-github does not escape these, so nothing else may get into a URL.
	owner, repo, _ := strings.Cut(cfg.Repo, "/")
	if !repoPattern.MatchString(cfg.Repo) || dots(owner) || dots(repo) {
		return nil, fmt.Errorf("github.repo is %q: write it as owner/repository", cfg.Repo)
	}
	if cfg.Base != "" && !validBranch(cfg.Base) {
		return nil, fmt.Errorf("github.base is %q: write the plain name of a branch, such as master", cfg.Base)
	}
	base, err := baseURL(cfg.BaseURL)
	if err != nil {
		return nil, err
	}
	head := fork{owner, repo}
	if cfg.Fork != "" {
		if head, err = readFork(cfg.Fork, owner, repo); err != nil {
			return nil, err
		}
		if cfg.App.set() {
			return nil, errors.New("github.fork cannot be used with a GitHub App, which reaches only its own repository: set GITHUB_TOKEN to a classic token")
		}
	}
	c := &Client{
		token: token, owner: owner, repo: repo, base: cfg.Base, head: head,
		now: cfg.Now, every: cfg.WriteEvery, writing: make(chan struct{}, 1),
	}
	if c.now == nil {
		c.now = time.Now
	}
	client := http.Client{}
	if cfg.HTTP != nil {
		client = *cfg.HTTP
	}
	next := client.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	client.CheckRedirect = stayHere
	credentials := &bearer{token: token, scheme: base.Scheme, host: base.Host, next: next}
	if cfg.App.set() {
		if c.app, err = newTokens(cfg.App, base, owner, repo, next, c.now); err != nil {
			return nil, err
		}
		credentials.app = c.app
	}
	client.Transport = credentials
	c.api = gh.NewClient(&client)
	c.api.BaseURL = base
	c.api.UserAgent = "watchbell"
	return c, nil
}

func baseURL(text string) (*url.URL, error) {
	if text == "" {
		text = "https://api.github.com/"
	}
	base, err := url.Parse(strings.TrimRight(text, "/") + "/")
	if err != nil || (base.Scheme != "https" && base.Scheme != "http") || base.Host == "" ||
		base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		// Not even the reason is repeated: it would quote what was typed, and that may hold a password.
		return nil, errors.New("GITHUB_API_URL is not a plain web address: write it like https://api.github.com")
	}
	return base, nil
}

func dots(name string) bool { return name == "." || name == ".." }

// validBranch is stricter than git is: these names need no escaping anywhere.
func validBranch(name string) bool {
	return branchPattern.MatchString(name) && len(name) <= 200 && !strings.Contains(name, "..") &&
		!strings.HasSuffix(name, ".") && !strings.HasSuffix(name, ".lock") && !strings.Contains(name, ".lock/") &&
		!strings.Contains(name, "./")
}

// name is the repository as people know it.
func (c *Client) name() string { return c.owner + "/" + c.repo }

// stayHere follows a redirect only within the host, which is how GitHub answers for a repository that was renamed. What
// another host says is not GitHub's answer, nor is what a write gets that became a read on the way.
func stayHere(r *http.Request, via []*http.Request) error {
	first := via[0]
	if r.URL.Host != first.URL.Host || r.URL.Scheme != first.URL.Scheme || r.Method != first.Method || len(via) >= mostRedirects {
		return http.ErrUseLastResponse
	}
	return nil
}

// mostRedirects is how often one call is sent on.
const mostRedirects = 5

// bearer adds the token to calls to the configured host, and to no other, wherever a call may lead.
type bearer struct {
	token, scheme, host string
	app                 *tokens // in the place of the token; nil for none
	next                http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (b *bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := incidents.StillLeased(r.Context()); err != nil {
		return nil, err
	}
	if r.URL.Host != b.host || r.URL.Scheme != b.scheme {
		return b.next.RoundTrip(r)
	}
	token := b.token
	if b.app != nil {
		granted, refused, err := b.app.get(r.Context())
		if refused != nil || err != nil {
			if refused != nil {
				refused.Request = r
			}
			return refused, err
		}
		token = granted
	}
	signed := r.Clone(r.Context())
	signed.Header.Set("Authorization", "Bearer "+token)
	resp, err := b.next.RoundTrip(signed)
	if b.app != nil && resp != nil && resp.StatusCode == http.StatusUnauthorized {
		b.app.drop(token)
	}
	if resp != nil {
		// Errors carry the response, and with it the request: that must be the one without the token.
		resp.Request = r
	}
	return resp, err
}

// asked remembers that GitHub wants to be left alone.
func (c *Client) asked(wait time.Duration) {
	until := c.now().Add(wait)
	c.mu.Lock()
	defer c.mu.Unlock()
	if until.After(c.quiet) {
		c.quiet = until
	}
}

// quietFor is how long GitHub wants to be left alone still. Calling while it is limiting us may get us banned.
func (c *Client) quietFor() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.quiet.Sub(c.now())
}

func (c *Client) drafts(wanted bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return wanted && !c.noDrafts
}

func (c *Client) withoutDrafts() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.noDrafts = true
}

// turn waits until this publication may write: writes are serial and keep the pace.
func (r *run) turn(ctx context.Context) error {
	if !r.holds {
		waiting := time.NewTimer(patience)
		defer waiting.Stop()
		select {
		case r.c.writing <- struct{}{}:
			r.holds = true
		case <-waiting.C:
			return &problem{verdict: incidents.Deferred, after: patience, say: "Other posts are being written to GitHub first."}
		case <-ctx.Done():
			return &problem{verdict: incidents.Deferred, say: "There was no time left to write to GitHub.", err: ctx.Err()}
		}
	}
	wait := r.c.lastWrite.Add(r.c.every).Sub(r.c.now())
	if wait <= 0 {
		return nil
	}
	if wait > patience {
		return &problem{verdict: incidents.Deferred, after: wait, say: "The next write to GitHub has to wait for our own pace."}
	}
	pause := time.NewTimer(wait)
	defer pause.Stop()
	select {
	case <-pause.C:
		return nil
	case <-ctx.Done():
		return &problem{verdict: incidents.Deferred, say: "There was no time left to write to GitHub.", err: ctx.Err()}
	}
}

func (r *run) release() {
	if r.holds {
		r.holds = false
		<-r.c.writing
	}
}

// read makes a call that changes nothing. what names it for the log.
func (r *run) read(ctx context.Context, what string, call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return r.c.judge(what, false, call(ctx))
}

// write makes a call that changes something, when it is our turn.
func (r *run) write(ctx context.Context, what string, call func(context.Context) error) error {
	if err := r.turn(ctx); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	r.wrote = true
	err := call(ctx)
	r.c.lastWrite = r.c.now()
	return r.c.judge(what, true, err)
}
