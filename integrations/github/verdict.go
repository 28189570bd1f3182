package github

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	gh "github.com/google/go-github/v60/github"

	"watchbell/incidents"
)

// problem is a failure together with what it means for the delivery. say is for people, err for the log.
type problem struct {
	verdict incidents.Verdict
	after   time.Duration
	say     string
	status  int // of the answer; 0 without one
	err     error
}

// Error implements error.
func (p *problem) Error() string {
	if p.err != nil {
		return p.err.Error()
	}
	return p.say
}

// Unwrap gives the cause.
func (p *problem) Unwrap() error { return p.err }

// impossible is a problem that only a person can end.
func impossible(format string, args ...any) *problem {
	return &problem{verdict: incidents.Impossible, say: fmt.Sprintf(format, args...)}
}

// status is the HTTP status that an error stands for; 0 for none.
func status(err error) int {
	var p *problem
	if errors.As(err, &p) {
		return p.status
	}
	return 0
}

// says reports whether GitHub's own words hold one of the phrases, given in lower case.
func says(err error, phrases ...string) bool {
	var answer *gh.ErrorResponse
	if !errors.As(err, &answer) {
		return false
	}
	words := strings.ToLower(wordsOf(answer))
	for _, phrase := range phrases {
		if strings.Contains(words, phrase) {
			return true
		}
	}
	return false
}

// wordsOf is everything that an answer says about what is wrong.
func wordsOf(answer *gh.ErrorResponse) string {
	words := []string{answer.Message}
	for _, e := range answer.Errors {
		switch {
		case e.Message != "":
			words = append(words, e.Message)
		case e.Field != "" || e.Code != "":
			words = append(words, strings.TrimSpace(e.Field+" "+e.Code))
		}
	}
	return strings.Join(words, "; ")
}

// judge turns the error of a call into a problem; nil stays nil.
func (c *Client) judge(what string, write bool, err error) error {
	if err == nil {
		return nil
	}
	if known := (*problem)(nil); errors.As(err, &known) {
		return err
	}
	p := c.meaning(write, err)
	p.err = fmt.Errorf("github: %s: %w", what, err)
	return p
}

func (c *Client) meaning(write bool, err error) *problem {
	var (
		limit  *gh.RateLimitError
		abuse  *gh.AbuseRateLimitError
		factor *gh.TwoFactorAuthError
		answer *gh.ErrorResponse
	)
	switch {
	case errors.As(err, &limit):
		// Either GitHub's answer, or go-github itself that refuses to call before the limit ends.
		return c.limited(limit.Rate.Reset.Sub(c.now()))
	case errors.As(err, &abuse):
		if abuse.RetryAfter != nil {
			return c.limited(*abuse.RetryAfter)
		}
		return c.limited(0)
	case errors.As(err, &factor):
		return c.refusedToken()
	case errors.As(err, &answer) && answer.Response != nil:
		c.redact(answer)
		p := c.answered(write, answer)
		p.status = answer.Response.StatusCode
		return p
	case neverSent(err):
		return &problem{verdict: incidents.Refused, say: "GitHub cannot be reached just now."}
	case write:
		return &problem{verdict: incidents.Uncertain, say: "GitHub did not answer, so it is not known whether it did what we asked."}
	}
	return &problem{verdict: incidents.Refused, say: "GitHub did not answer."}
}

// neverSent reports whether the call did not get as far as a connection.
func neverSent(err error) bool {
	var op *net.OpError
	var dns *net.DNSError
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	return errors.As(err, &op) && op.Op == "dial" || errors.As(err, &dns) || errors.As(err, &unknown) || errors.As(err, &host)
}

// redact keeps an answer that echoes the token out of logs.
func (c *Client) redact(answer *gh.ErrorResponse) {
	token := c.token
	if c.app != nil {
		token = c.app.current()
	}
	if token == "" {
		return
	}
	answer.Message = strings.ReplaceAll(answer.Message, token, "…")
	for i, e := range answer.Errors {
		for _, field := range []*string{&e.Resource, &e.Field, &e.Code, &e.Message} {
			*field = strings.ReplaceAll(*field, token, "…")
		}
		answer.Errors[i] = e
	}
}

const (
	leastWait = time.Minute // what GitHub asks for when it names no time
	mostWait  = time.Hour   // the length of its longest limit; more is a clock that is wrong
)

func (c *Client) limited(wait time.Duration) *problem {
	wait = min(max(wait, leastWait), mostWait)
	c.asked(wait)
	return waiting(wait)
}

func waiting(wait time.Duration) *problem {
	minutes := int((wait + time.Minute - 1) / time.Minute)
	say := "GitHub asks us to wait for about a minute."
	if minutes > 1 {
		say = fmt.Sprintf("GitHub asks us to wait for about %d minutes.", minutes)
	}
	return &problem{verdict: incidents.Deferred, after: wait, say: say}
}

func (c *Client) refusedToken() *problem {
	if c.app != nil {
		return impossible("GitHub refused our App: check GITHUB_APP_ID and its private key, and that it is installed on %s, then press “Try again”.", c.name())
	}
	return impossible("GitHub refused our token: set GITHUB_TOKEN to one that is valid for %s, then press “Try again”.", c.name())
}

// answered says what a status other than 2xx means.
func (c *Client) answered(write bool, answer *gh.ErrorResponse) *problem {
	code, words := answer.Response.StatusCode, brief(wordsOf(answer))
	switch {
	case code >= 300 && code < 400:
		return impossible("GitHub points somewhere else (%d): set GITHUB_API_URL or github.repo to where %s is now, then "+
			"press “Try again”.", code, c.name())
	case code == http.StatusTooManyRequests:
		// go-github v60 has no type for these; it takes only 403 for a limit.
		return c.limited(c.retryAfter(answer.Response))
	case code == http.StatusUnauthorized:
		return c.refusedToken()
	case code == http.StatusForbidden:
		return c.forbidden(answer)
	case code == http.StatusNotFound && write:
		return impossible("GitHub does not let our token write to %s: give it the permissions \"Contents: write\" and "+
			"\"Pull requests: write\", then press “Try again”.", c.name())
	case code == http.StatusNotFound:
		return impossible("GitHub does not know %s, or our token may not see it: check github.repo and what the token "+
			"has access to, then press “Try again”.", c.name())
	case code == http.StatusConflict && says(answer, "is empty"):
		return impossible("The repository %s is empty: push a first commit, then press “Try again”.", c.name())
	case code == http.StatusConflict, code == http.StatusUnprocessableEntity && says(answer, "not a fast forward",
		"reference already exists", "pull request already exists", "head invalid", "reference does not exist"):
		// Somebody else was quicker, or one part of GitHub does not know yet what another one does.
		return &problem{verdict: incidents.Refused, say: "Something changed on GitHub at the same moment; we look again."}
	case code == http.StatusGone:
		return impossible("GitHub no longer offers what this version of Watchbell uses: bring Watchbell up to date.")
	case code >= 500 && write:
		return &problem{verdict: incidents.Uncertain, say: fmt.Sprintf("GitHub has trouble of its own (%d).", code)}
	case code >= 500:
		return &problem{verdict: incidents.Refused, say: fmt.Sprintf("GitHub has trouble of its own (%d).", code)}
	}
	return impossible("GitHub does not accept this (%d%s).", code, words)
}

func (c *Client) forbidden(answer *gh.ErrorResponse) *problem {
	header := answer.Response.Header
	switch {
	case header.Get("Retry-After") != "", says(answer, "rate limit", "abuse"):
		return c.limited(c.retryAfter(answer.Response))
	case says(answer, "archived"):
		return impossible("The repository %s is archived, so nobody can write to it: unarchive it or set github.repo to "+
			"another one.", c.name())
	case strings.HasPrefix(header.Get("X-GitHub-SSO"), "required"):
		return impossible("The organisation of %s wants the token to be authorised for its single sign-on: do that in "+
			"GitHub's token settings, then press “Try again”.", c.name())
	case header.Get("X-Accepted-GitHub-Permissions") != "":
		return impossible("GitHub does not let our token do this to %s: it needs the permission %s. Change that in "+
			"GitHub's token settings, then press “Try again”.", c.name(), oneLine(header.Get("X-Accepted-GitHub-Permissions"), 100))
	}
	return impossible("GitHub does not let our token do this to %s%s: it needs the permissions \"Contents: write\" and "+
		"\"Pull requests: write\".", c.name(), brief(wordsOf(answer)))
}

// retryAfter reads how long to wait; 0 when the answer does not say.
// See https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit.
func (c *Client) retryAfter(resp *http.Response) time.Duration {
	if text := resp.Header.Get("Retry-After"); text != "" {
		if seconds, err := strconv.Atoi(text); err == nil {
			return time.Duration(seconds) * time.Second
		}
		if at, err := http.ParseTime(text); err == nil {
			return at.Sub(c.now())
		}
	}
	if resp.Header.Get("X-RateLimit-Remaining") != "0" {
		return 0
	}
	seconds, err := strconv.ParseInt(resp.Header.Get("X-RateLimit-Reset"), 10, 64)
	if err != nil {
		return 0
	}
	return time.Unix(seconds, 0).Sub(c.now())
}

// brief is GitHub's own words as an addition to a sentence of ours.
func brief(words string) string {
	if words = oneLine(words, 200); words == "" {
		return ""
	}
	return ": " + strings.TrimRight(words, ".")
}
