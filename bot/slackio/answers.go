package slackio

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"

	"watchbell/incidents"
)

// maxAnswer bounds what is read of an answer, in bytes. The longest that Slack gives us, a page of its channels, has about
// two million.
const maxAnswer = 8 << 20

// errNoAnswer is an answer with status 200 that is none of Slack's: a proxy's, or one cut short. Nobody knows what became
// of the request.
var errNoAnswer = errors.New("not an answer as Slack gives it")

// lacking says that an answer lacks what it is asked for, unless that is there.
func lacking(what string, have ...string) error {
	for _, s := range have {
		if s == "" {
			return fmt.Errorf("%w: it has no %s", errNoAnswer, what)
		}
	}
	return nil
}

// answers checks what comes back before anybody believes it. slack-go takes an answer that says neither "ok" nor an error
// for a success, and reads without an end.
type answers struct{ next http.RoundTripper }

// RoundTrip makes one request. An answer with status 200 says "ok" or why not; see
// https://docs.slack.dev/apis/web-api/#responses.
func (a answers) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := incidents.StillLeased(req.Context()); err != nil {
		return nil, err
	}
	resp, err := a.next.RoundTrip(req)
	if err != nil || resp.StatusCode != http.StatusOK {
		return resp, err // nobody reads the body of another status
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	_ = resp.Body.Close()
	if err == nil {
		err = believable(body)
	} else {
		err = fmt.Errorf("%w: %w", errNoAnswer, err)
	}
	if err != nil {
		return nil, err
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return resp, nil
}

func believable(body []byte) error {
	if len(body) > maxAnswer {
		return fmt.Errorf("%w: it is longer than %d bytes", errNoAnswer, maxAnswer)
	}
	ok, why := false, ""
	r := reader{data: body}
	r.object(func(name []byte) {
		switch string(name) {
		case "ok":
			ok = r.space() == 't'
			r.skip()
		case "error":
			why = r.text()
		default:
			r.skip()
		}
	})
	if r.bad {
		return fmt.Errorf("%w: it cannot be read", errNoAnswer)
	}
	if !ok && why == "" {
		return fmt.Errorf("%w: it says neither ok nor why not", errNoAnswer)
	}
	return nil
}
