package slackio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"

	"watchbell/incidents"
)

const (
	// callTimeout bounds one call of the Web API. It is well below the time that a delivery is leased for.
	callTimeout = 10 * time.Second
	// patience is how long a delivery may wait for our own pace before it is put off instead.
	patience = 2 * time.Second
)

// Options configures a Client.
type Options struct {
	// Token is the bot's token (xoxb-…); AppToken the app-level one (xapp-…), needed for Socket Mode alone.
	Token, AppToken string
	// BaseURL is where the Web API is served, with or without a last slash; empty for https://slack.com/api/.
	BaseURL string
	// Transport makes the calls; nil for a transport of its own.
	Transport http.RoundTripper
	// Now is the clock; time.Now when nil.
	Now func() time.Time
	// Back is called when Slack answers again after it had not for some time; it must not block. Nil: nothing is done.
	Back func()
	// Log gets what happens in the background; slog.Default when nil.
	Log *slog.Logger
}

// Client calls Slack's Web API. It is safe for concurrent use.
type Client struct {
	api    *slack.Client
	http   *http.Client
	hooks  *http.Client // for response URLs
	base   string
	token  string
	now    func() time.Time
	log    *slog.Logger
	pace   *pace
	self   atomic.Pointer[Identity]
	people memory[known]
	groups memory[[]string] // members of user groups
	names  memory[string]   // of channels
	back   func()
	// silentSince is when Slack stopped answering, in microseconds since 1970; 0 while it answers.
	silentSince atomic.Int64
}

// Identity is who we are at Slack.
type Identity struct {
	Team, Enterprise string // ids; Enterprise is empty outside Enterprise Grid
	TeamName         string
	User, Bot        string // the bot's user id and its bot id
}

// NewClient returns a Client. It calls nobody yet.
func NewClient(o Options) *Client {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Transport == nil {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.MaxIdleConnsPerHost = 16
		o.Transport = t
	}
	base := slack.APIURL
	if o.BaseURL != "" {
		base = strings.TrimRight(o.BaseURL, "/") + "/"
	}
	c := &Client{
		http: &http.Client{
			Transport: answers{o.Transport}, Timeout: callTimeout,
			// Slack's API redirects nobody. Whoever does would get the token, and what they answer would be believed.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		hooks: &http.Client{
			Transport: o.Transport, Timeout: callTimeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		base: base, token: o.Token, now: o.Now, log: o.Log, pace: newPace(), back: o.Back,
	}
	c.api = slack.New(o.Token, slack.OptionAPIURL(base), slack.OptionHTTPClient(c.http), slack.OptionAppLevelToken(o.AppToken))
	return c
}

// Identity returns who we are, and whether that is known yet.
func (c *Client) Identity() (Identity, bool) {
	if id := c.self.Load(); id != nil {
		return *id, true
	}
	return Identity{}, false
}

// Check asks Slack who we are and remembers it.
func (c *Client) Check(ctx context.Context) (Identity, error) {
	s, err := c.whoAmI(ctx)
	if err != nil {
		return Identity{}, err
	}
	id := Identity{Team: s.TeamID, Enterprise: s.EnterpriseID, TeamName: s.Team, User: s.UserID, Bot: s.BotID}
	c.self.Store(&id)
	if p := incidents.ClockProof("Slack", s.at, c.now()); p.Wrong != "" {
		c.log.Warn("the clock is wrong", "reason", p.Wrong, "mend", p.Mend)
	}
	return id, nil
}

// ClockAhead asks Slack for the time and says by how much our clock is ahead of it; negative when it is behind.
func (c *Client) ClockAhead(ctx context.Context) (time.Duration, error) {
	s, err := c.whoAmI(ctx)
	if err == nil && s.at.IsZero() {
		err = errNoTime
	}
	if err != nil {
		return 0, err
	}
	return c.now().Sub(s.at), nil
}

var errNoTime = errors.New("the answer of Slack bears no time")

// self is the answer of auth.test with what its headers say.
type self struct {
	OK           bool   `json:"ok"`
	Code         string `json:"error"`
	Team         string `json:"team"`
	TeamID       string `json:"team_id"`
	EnterpriseID string `json:"enterprise_id"`
	User         string `json:"user"`
	UserID       string `json:"user_id"`
	BotID        string `json:"bot_id"`
	scopes       []string
	at           time.Time // zero where it was not said
}

// whoAmI asks auth.test by hand: what the token may do is in a header, which slack-go does not show.
func (c *Client) whoAmI(ctx context.Context) (s self, err error) {
	err = c.call(ctx, methodAuthTest, "", func(ctx context.Context) error {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+methodAuthTest.name, nil)
		if err != nil {
			return err
		}
		r.Header.Set("Authorization", "Bearer "+c.token)
		answer, err := c.http.Do(r)
		if err != nil {
			return err
		}
		defer func() { _ = answer.Body.Close() }()
		if err := badStatus(answer); err != nil {
			return err
		}
		if err := json.NewDecoder(answer.Body).Decode(&s); err != nil {
			return err
		}
		if !s.OK {
			return slack.SlackErrorResponse{Err: s.Code}
		}
		s.scopes = strings.FieldsFunc(answer.Header.Get("X-Oauth-Scopes"), func(r rune) bool { return r == ',' || r == ' ' })
		s.at, _ = http.ParseTime(answer.Header.Get("Date"))
		return lacking("team and user", s.TeamID, s.UserID)
	})
	return s, err
}

// Identify asks Slack who we are until Slack says so, or the context ends.
func (c *Client) Identify(ctx context.Context) {
	for wait := time.Second; ; wait = min(2*wait, time.Minute) {
		id, err := c.Check(ctx)
		if err == nil {
			c.log.Info("connected to Slack", "team", id.TeamName, "team_id", id.Team)
			return
		}
		if ctx.Err() != nil {
			return
		}
		say := ""
		if t := (*trouble)(nil); errors.As(err, &t) {
			say = t.Say
		}
		c.log.Warn("Slack does not say who we are; trying again", "in", wait, "reason", say, "error", err)
		if !sleep(ctx, wait) {
			return
		}
	}
}

// sleep waits and reports whether the time has passed; false: the context ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// call makes one call of a method at the pace that Slack asks for, and judges what went wrong. channel is where a message
// goes, empty for other calls. The error is a *trouble.
func (c *Client) call(ctx context.Context, m method, channel string, f func(context.Context) error) error {
	for now, waited := c.now(), time.Duration(0); ; {
		wait := c.pace.take(m, channel, now)
		if wait == 0 {
			break
		}
		if waited += wait; waited > patience {
			return tooFast(m, c.pace.putOff(m, now, wait))
		}
		if !sleep(ctx, wait) {
			return judge(m, false, ctx.Err())
		}
		now = now.Add(wait)
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var sent atomic.Bool
	err := f(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }}))
	if err == nil {
		c.heard(true)
		return nil
	}
	t := judge(m, sent.Load(), err)
	if ctx.Err() == nil || errors.Is(ctx.Err(), context.DeadlineExceeded) {
		c.heard(t.Code != "" || t.Verdict == incidents.Deferred)
	}
	if t.After > 0 {
		c.pace.block(m, channel, c.now().Add(t.After))
	}
	return t
}

// outage is how long Slack must have been silent for events to be lost: it repeats them after a moment and a minute.
const outage = 30 * time.Second

// heard notes whether Slack answered, and calls back when it does after an outage.
func (c *Client) heard(answered bool) {
	now := c.now()
	if !answered {
		c.silentSince.CompareAndSwap(0, now.UnixMicro())
		return
	}
	since := c.silentSince.Swap(0)
	if since != 0 && c.back != nil && now.Sub(time.UnixMicro(since)) >= outage {
		c.back()
	}
}

// badStatus is the error of an answer that is not OK, as slack-go has it.
func badStatus(r *http.Response) error {
	switch r.StatusCode {
	case http.StatusOK:
		return nil
	case http.StatusTooManyRequests:
		seconds, _ := time.ParseDuration(r.Header.Get("Retry-After") + "s")
		return &slack.RateLimitedError{RetryAfter: seconds}
	}
	return slack.StatusCodeError{Code: r.StatusCode, Status: r.Status}
}

// read calls a method whose answer holds other people's messages. slack-go gives up the whole answer when one block of one
// message is not as it expects; this reads only what we need.
func (c *Client) read(ctx context.Context, m method, args url.Values, answer interface{ trouble() error }) error {
	return c.call(ctx, m, "", func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+m.name, strings.NewReader(args.Encode()))
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Authorization", "Bearer "+c.token)
		resp, err := c.http.Do(req)
		if err != nil {
			return err
		}
		defer func() { _ = resp.Body.Close() }()
		if err := badStatus(resp); err != nil {
			return err
		}
		err = json.NewDecoder(resp.Body).Decode(answer)
		if wrong := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrong) {
			err = nil // a field of another kind than expected; the rest was read
		}
		if err != nil {
			return fmt.Errorf("read the answer: %w", err)
		}
		return answer.trouble()
	})
}
