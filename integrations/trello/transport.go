package trello

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	adlio "github.com/adlio/trello"

	"watchbell/incidents"
)

// call makes one call with adlio. Its errors are dropped for our own: they print the whole URL, and hide their cause.
func (s *session) call(what string, do func(*adlio.Client) error) error {
	ctx, cancel := context.WithTimeout(s.ctx, callTimeout)
	defer cancel()
	w := &wire{Client: s.Client, ctx: ctx}
	// Without credentials adlio puts none into the URL. Each call has a client of its own because the limiter inside
	// would slow down a delivery and know nothing of the others.
	api := adlio.NewClient("", "").WithContext(ctx)
	api.BaseURL = s.base
	api.Client = &http.Client{Transport: w}
	err := do(api)
	if err == nil {
		return nil
	}
	failure := w.failure
	if failure == nil {
		failure = w.failed("", 0, errors.New("the answer is not what Trello's interface says"))
		failure.sent = true
	}
	return fmt.Errorf("%s: %w", what, failure)
}

// callError is a call that did not work. It holds neither key nor token.
type callError struct {
	method, path string
	status       int           // 0 when there was no answer
	after        time.Duration // how long Trello asked to wait; 0 when it did not
	body         string        // the beginning of the answer
	sent         bool          // the request may have reached Trello
	err          error         // why there was no answer; nil when there was one
}

func (e *callError) Error() string {
	if e.err != nil {
		return fmt.Sprintf("%s %s: %v", e.method, e.path, e.err)
	}
	return fmt.Sprintf("%s %s: status %d: %q", e.method, e.path, e.status, e.body)
}

// Unwrap returns why there was no answer.
func (e *callError) Unwrap() error { return e.err }

// writes reports whether the call was to change something.
func (e *callError) writes() bool { return e.method != http.MethodGet }

// statusOf reports whether an error is an answer with one of these statuses.
func statusOf(err error, any ...int) bool {
	var e *callError
	if !errors.As(err, &e) {
		return false
	}
	for _, status := range any {
		if e.status == status {
			return true
		}
	}
	return false
}

// waitError says that it is not our turn: nothing was sent.
type waitError struct{ after time.Duration }

func (e *waitError) Error() string { return fmt.Sprintf("our turn at Trello comes in %s", e.after) }

// wire is the transport of one call.
type wire struct {
	*Client
	ctx     context.Context // of the call: adlio gives writes none
	method  string
	path    string
	failure *callError
}

// The most that is read of an answer, and of an answer that is an error.
const (
	mostAnswer = 32 << 20
	mostError  = 200
)

// RoundTrip sends a call of adlio's the way Trello likes it, and returns an answer only if it is good.
func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	w.method, w.path = req.Method, w.redact(strings.TrimPrefix(req.URL.EscapedPath(), pathOf(w.base)))
	if wait := w.myTurn(); wait > 0 {
		return nil, w.failed("", 0, &waitError{wait})
	}
	if err := incidents.StillLeased(w.ctx); err != nil {
		return nil, w.failed("", 0, err)
	}
	var sent atomic.Bool
	ctx := httptrace.WithClientTrace(w.ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { sent.Store(true) },
	})
	res, err := w.transport.RoundTrip(w.rewritten(ctx, req))
	if err != nil {
		failure := w.failed("", 0, err)
		failure.sent = sent.Load()
		return nil, failure
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, mostAnswer))
	if res.StatusCode < 200 || res.StatusCode > 299 {
		failure := w.failed(string(body[:min(len(body), 4*mostError)]), res.StatusCode, nil)
		failure.after = retryAfter(res.Header.Get("Retry-After"), w.c.Now())
		if res.StatusCode == http.StatusTooManyRequests {
			failure.after = max(failure.after, hush)
			w.quiet.until(w.c.Now().Add(failure.after))
		}
		return nil, failure
	}
	if err != nil { // it was cut off in the middle
		failure := w.failed("", 0, err)
		failure.sent = true
		return nil, failure
	}
	if string(bytes.TrimSpace(body)) == "null" {
		// adlio would trip over it, and we would take it for an empty list.
		failure := w.failed("", 0, errors.New("the answer is null"))
		failure.sent = true
		return nil, failure
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	return res, nil
}

// rewritten is the request with credentials in the header and, for a write, the arguments in the body: URLs get logged,
// and a long description does not fit into one.
func (w *wire) rewritten(ctx context.Context, req *http.Request) *http.Request {
	out := req.Clone(ctx)
	out.Header.Set("Authorization", fmt.Sprintf(`OAuth oauth_consumer_key="%s", oauth_token="%s"`, w.c.Key, w.c.Token))
	if req.Method == http.MethodPost || req.Method == http.MethodPut {
		form := req.URL.RawQuery
		u := *req.URL
		u.RawQuery, u.ForceQuery = "", false
		out.URL = &u
		out.Body = io.NopCloser(strings.NewReader(form))
		out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(form)), nil }
		out.ContentLength = int64(len(form))
		out.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return out
}

// failed notes why the call did not work.
func (w *wire) failed(body string, status int, err error) *callError {
	if inside := (*url.Error)(nil); errors.As(err, &inside) {
		err = inside.Err
	}
	if err != nil && w.redact(err.Error()) != err.Error() {
		err = errors.New(w.redact(err.Error())) // its cause would tell, so it has none
	}
	body = strings.ToValidUTF8(w.redact(body), "")
	if runes := []rune(body); len(runes) > mostError {
		body = string(runes[:mostError]) + "…"
	}
	w.failure = &callError{method: w.method, path: w.path, status: status, body: body, err: err}
	return w.failure
}

// redact cuts the credentials out of a text.
func (c *Client) redact(text string) string {
	for _, secret := range []string{c.c.Token, c.c.Key} {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "…")
			text = strings.ReplaceAll(text, url.QueryEscape(secret), "…")
		}
	}
	return text
}

// myTurn keeps our own pace. It returns how long to stay away when the wait would be too long to stand there.
func (w *wire) myTurn() time.Duration {
	now := w.c.Now()
	if left := w.quiet.left(now); left > 0 {
		return left
	}
	turn := w.limit.ReserveN(now, 1)
	wait := turn.DelayFrom(now)
	if wait > longestWait {
		turn.CancelAt(now)
		return wait
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-w.ctx.Done(): // the transport says so
	}
	return 0
}

// hush is how long we say nothing after Trello said that it was too much; it names no time itself.
// Source: developer.atlassian.com/cloud/trello/guides/rest-api/rate-limits.
const hush = 10 * time.Second

// quiet is a time during which nobody calls. Who goes on calling is shut out for longer.
type quiet struct {
	mu  sync.Mutex
	end time.Time
}

func (q *quiet) until(end time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if end.After(q.end) {
		q.end = end
	}
}

func (q *quiet) left(now time.Time) time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	left := q.end.Sub(now)
	if left > longestHush {
		return 0 // the clock was set back meanwhile
	}
	return left
}

// longestHush bounds what a Retry-After may ask for.
const longestHush = 15 * time.Minute

// retryAfter reads a Retry-After header: seconds or a date, 0 when there is none.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(header); err == nil {
		return time.Duration(min(max(seconds, 0), int(longestHush/time.Second))) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return min(max(at.Sub(now), 0), longestHush)
	}
	return 0
}

func pathOf(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return ""
	}
	return strings.TrimRight(u.EscapedPath(), "/")
}
